"""Exports: each format by its name and suffix, the same for equal lineages, piece by piece."""

from __future__ import annotations

import json
import struct
import tracemalloc
from dataclasses import fields, replace
from pathlib import Path

import pytest

from graphtracker import GraphTracker, InvalidInput, Lineage
from graphtracker.drawing.options import PLAIN, PictureOptions, Size
from graphtracker.export import export, export_difference
from graphtracker.formats import BINARY, DATA, DIFFERENCES, FOLDERS, FORMATS, LOOKS, SUFFIXES, format_of
from graphtracker.model.gc_paused import gc_paused
from tests.support.six_jobs import START
from tests.support.tools import exported

TEXT = sorted({*DATA} - BINARY)


def test_equal_lineages_give_equal_text(six_jobs: GraphTracker) -> None:
    restored = Lineage.from_dict(json.loads(exported(six_jobs.graph(), "json")))
    for format in TEXT:
        assert exported(six_jobs.graph(), format) == exported(restored, format)
        assert exported(Lineage(), format) or format == "openlineage"  # no run, no event


def test_json_is_what_to_dict_gives(six_jobs: GraphTracker) -> None:
    for lineage in (six_jobs.graph(), six_jobs.lineage(START, depth=1), Lineage()):
        written = json.dumps(lineage.to_dict(), ensure_ascii=False, indent=1) + "\n"
        assert exported(lineage, "json") == written


@pytest.mark.parametrize("format", TEXT)
def test_a_large_text_is_made_piece_by_piece(format: str) -> None:
    with GraphTracker(":memory:") as tracker:
        with tracker.batch() as batch:
            for number in range(3000):
                batch.add_metadata(f"run-{number}", lr=number / 7, note="x" * 200)
                batch.add_artifact(f"run-{number}", "model", f"s3://bucket/{number}/" + "y" * 200)
                batch.add_source(f"run-{number}", f"run-{number - 1}", "model")
        lineage = tracker.graph()
    total = sum(map(len, export(lineage, format)))
    with gc_paused():  # as a command has it: no cycle of garbage may be left behind each piece
        tracemalloc.start()
        largest = max(map(len, export(lineage, format)))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert largest < 100_000
    assert peak < total / 3


@pytest.mark.usefixtures("dot")
@pytest.mark.parametrize("format", ["png", "pdf"])
def test_pictures_are_drawn(six_jobs: GraphTracker, format: str) -> None:
    drawn = b"".join(export(six_jobs.graph(), format))
    if format == "pdf":
        assert drawn.startswith(b"%PDF-")
        assert drawn.rstrip().endswith(b"%%EOF")
    else:
        assert drawn.startswith(b"\x89PNG\r\n")
        width, height = struct.unpack(">II", drawn[16:24])
        assert min(width, height) > 400


def test_a_suffix_names_a_format() -> None:
    assert {format_of(f"a{suffix}") for suffix in SUFFIXES} | {*FOLDERS} == set(FORMATS)
    assert format_of("x.MMD") == "mermaid"
    with pytest.raises(InvalidInput, match=r"\.dot, \.graphml, \.html, \.json, \.mmd, .*\.pdf, \.png, .*\.svg"):
        format_of("picture.tar")
    with pytest.raises(InvalidInput):
        format_of(str(Path("a") / "mermaid"))


@pytest.mark.parametrize("format", FOLDERS)
def test_a_format_of_several_files_is_a_folder(format: str, six_jobs: GraphTracker, tmp_path: Path) -> None:
    for path in (tmp_path / "folder", str(tmp_path / "text"), bytes(tmp_path / "bytes"), tmp_path / "x.json"):
        six_jobs.graph().save(path, format=format)
    written = [{file.name: file.read_bytes() for file in folder.iterdir()} for folder in tmp_path.iterdir()]
    assert len(written) == 4
    assert all(files == written[0] and files for files in written)
    if format not in DATA:
        with pytest.raises(InvalidInput, match=f"{format} is several files; name a folder"):
            export(six_jobs.graph(), format)
    with pytest.raises(InvalidInput, match=f"{format} takes no 'dark'"):
        six_jobs.graph().save(tmp_path / "dark", format=format, dark=True)
    with pytest.raises(InvalidInput, match="names no format"):
        six_jobs.graph().save(tmp_path / "folder")
    assert not (tmp_path / "dark").exists()


# -- options -----------------------------------------------------------------------------------------------------------

ASKED = PictureOptions(labels=("lr",), bare=True, dark=True, vertical=False, size=Size(3.0, 3.0))
UNDATED = sorted({*FORMATS} - {"pdf"})


def looking(look: str) -> PictureOptions:
    """Nothing is asked for but this."""
    return replace(PLAIN, **{look: getattr(ASKED, look)})


def unlike(look: str) -> PictureOptions:
    """Asks for something else; by itself a picture may have either direction."""
    return PictureOptions(vertical=not ASKED.vertical) if look == "vertical" else PLAIN


def test_every_option_is_of_how_a_picture_looks_or_of_how_much_it_shows() -> None:
    assert {field.name for field in fields(PictureOptions)} == {*LOOKS, "everything", "expand"}


@pytest.mark.usefixtures("dot")
@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("format", UNDATED)
def test_a_look_is_seen_or_refused(format: str, look: str, six_jobs: GraphTracker) -> None:
    lineage = six_jobs.lineage(START)
    if format in LOOKS[look]:
        assert [*export(lineage, format, looking(look))] != [*export(lineage, format, unlike(look))]
    else:
        with pytest.raises(InvalidInput, match=rf"{format} takes no '{look}', which is an option of .*svg; leave it"):
            export(lineage, format, looking(look))


@pytest.mark.usefixtures("dot")
@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("format", sorted({*DIFFERENCES, "json"} - {"pdf"}))
def test_a_look_of_a_difference_is_seen_or_refused(format: str, look: str, six_jobs: GraphTracker) -> None:
    difference = six_jobs.diff(START, "local_cwd://torchx/prepare-k3v9")
    if format in LOOKS[look] and look != "labels":
        drawn = [*export_difference(difference, format, looking(look))]
        assert drawn != [*export_difference(difference, format, unlike(look))]
    else:
        with pytest.raises(InvalidInput, match=f"{format} takes no '{look}', which is an option of"):
            export_difference(difference, format, looking(look))


@pytest.mark.parametrize("format", [*TEXT, "dot"])
def test_what_is_whole_anyway_may_be_asked_for_whole(format: str, six_jobs: GraphTracker) -> None:
    whole = PictureOptions(everything=True, expand=True)
    assert [*export(six_jobs.graph(), format, whole)] == [*export(six_jobs.graph(), format)]


def test_a_file_takes_the_options_of_its_format(six_jobs: GraphTracker, tmp_path: Path) -> None:
    for name, look in (("x.json", {"dark": True}), ("x.graphml", {"labels": ["lr"]}), ("x.html", {"size": "a4"})):
        with pytest.raises(InvalidInput, match=f"takes no '{next(iter(look))}'"):
            six_jobs.graph().save(tmp_path / name, **look)
    assert not list(tmp_path.iterdir())
