"""Exports: each format by its name and suffix, the same for equal lineages, piece by piece."""

from __future__ import annotations

import json
import struct
import tracemalloc
from pathlib import Path

import pytest

from graphtracker import GraphTracker, InvalidInput, Lineage
from graphtracker.export import FORMATS, SUFFIXES, TEXTS, export, format_of
from tests.support.six_jobs import START
from tests.support.tools import exported

TEXT = sorted(TEXTS)


def test_equal_lineages_give_equal_text(six_jobs: GraphTracker) -> None:
    restored = Lineage.from_dict(json.loads(exported(six_jobs.graph(), "json")))
    for format in TEXT:
        assert exported(six_jobs.graph(), format) == exported(restored, format)
        assert exported(Lineage(), format)


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
        assert width > height > 400


def test_a_suffix_names_a_format() -> None:
    assert {format_of(f"a{suffix}") for suffix in SUFFIXES} == set(FORMATS)
    assert format_of("x.MMD") == "mermaid"
    with pytest.raises(InvalidInput, match=r"\.dot, \.graphml, \.html, \.json, \.mmd, \.pdf, \.png, \.svg"):
        format_of("picture.tar")
    with pytest.raises(InvalidInput):
        format_of(str(Path("a") / "mermaid"))
