"""Any text is data to the command line too: it records, finds and prints it, and no terminal obeys."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import pytest

from graphtracker import GraphTracker, Lineage
from graphtracker.api import TrackerArtifact, TrackerSource
from graphtracker.model.display import printable
from tests.support.command import Done, command
from tests.support.hostile import HOSTILE, REFUSED, obeyed, record
from tests.support.stores import STORES
from tests.support.tools import run


def well(done: Done) -> str:
    """What a command printed, after it went well and wrote nothing that acts."""
    assert (done.code, done.err) == (0, "")
    assert not obeyed(done.out.replace("\n\t", "\n"))  # DOT is indented with tabs
    return done.out


def tabled(done: Done) -> list[list[str]]:
    """The cells of the lines that ``runs`` printed, as many in each, after it went well and wrote nothing that acts."""
    cells = [line.split("\t") for line in done.out.splitlines()]
    assert len({len(row) for row in cells}) == 1
    assert not obeyed(well(done._replace(out=done.out.replace("\t", ""))))
    return cells


def written_in_a_filter(text: str) -> str:
    """The text as a filter has it; a short one for what is longer than filters are."""
    return json.dumps(text if len(text) < 1000 else "key", ensure_ascii=False)


def harmless(done: Done, code: int) -> None:
    assert done.code == code, done
    assert not obeyed(done.out + done.err)
    assert "Traceback" not in done.err


@pytest.fixture(params=HOSTILE.values(), ids=list(HOSTILE))
def text(request: pytest.FixtureRequest) -> str:
    chosen: str = request.param
    return chosen


@pytest.fixture
def store(tmp_path: Path) -> str:
    """A new, empty store in a file: what the command line makes of a text does not depend on where it is kept."""
    return STORES["sqlite"](tmp_path)


@pytest.fixture
def recorded(store: str, text: str) -> str:
    """A store that was told the hostile text in every place."""
    with GraphTracker(store) as tracker:
        record(tracker, text)
    return store


def read_as_value(text: str) -> object:
    """What the command line takes a value for: JSON where it reads as JSON, else the text."""
    with suppress(ValueError):
        return json.loads(text)
    return text


def test_the_command_line_records_it(store: str, text: str) -> None:
    pairs = [] if "=" in text else [f"{text}={text}"]  # a key ends at the first "="
    options = [f"--metadata={pair}" for pair in pairs]
    harmless(command("add-artifact", "--store", store, *options, "--", text, text, text), 0)
    harmless(command("add-metadata", "--store", store, "--", text, f"key={text}", *pairs), 0)
    harmless(command("add-source", "--store", store, f"--artifact={text}", "--", "consumer", text), 0)
    harmless(command("add-source", "--store", store, "--", text, "producer"), 0)
    value = read_as_value(text)
    named = {text: value} if pairs else {}
    with GraphTracker(store) as tracker:
        assert tracker.artifacts(text) == {text: TrackerArtifact(text, text, named or None)}
        assert tracker.metadata(text) == {"key": value, **named}
        assert tracker.sources("consumer") == [TrackerSource(text, text)]
        assert tracker.sources(text) == [TrackerSource("producer", None)]


def test_the_command_line_prints_it_as_json(recorded: str, text: str) -> None:
    with GraphTracker(recorded) as tracker:
        whole = tracker.lineage(text)
        graph = tracker.graph()
    listed = json.loads(well(command("runs", "--json", "--store", recorded)))
    assert {item["run_id"] for item in listed} == {text, "consumer"}
    card = json.loads(well(command("show", "--json", "--store", recorded, "--", text)))
    assert (card["run_id"], [item["path"] for item in card["artifacts"]]) == (text, [text])
    [consumer] = card["consumers"]
    assert consumer.pop("created_at") is not None
    assert consumer == {"run_id": "consumer", "source_run_id": text, "artifact_name": text}
    printed = well(command("lineage", "--json", "--store", recorded, "--", text))
    assert Lineage.from_dict(json.loads(printed)) == whole
    assert well(command("export", "--format=json", "--store", recorded, "--", text)) == printed
    assert json.loads(well(command("export", "--format=json", "--store", recorded))) == graph.to_dict()


def test_the_command_line_prints_it_for_people_and_no_terminal_obeys(recorded: str, text: str) -> None:
    shown = printable(text)
    assert shown in [row[0] for row in tabled(command("runs", "--store", recorded, "--ids"))]
    found = well(command("find", "--store", recorded, "--", text))
    assert len(found.splitlines()) >= 2  # the run, its artifact
    assert well(command("show", "--store", recorded, "--", text)).startswith(f"{shown}\n")
    tree = well(command("lineage", "--store", recorded, "--", text))
    assert len(tree.splitlines()) == 5  # the start, two headings, a source, a product
    shared = well(command("contrast", "--store", recorded, "--bad=consumer", "--all")).splitlines()
    assert len(shared) == 3  # a heading, a cause, what was compared
    assert f", {shown} = [" in shared[1]
    assert "digraph" in well(command("export", "--dot", "--store", recorded, "--", text))
    assert "digraph" in well(command("export", "--store", recorded))
    assert well(command("diff", "--store", recorded, "--", text, text)).endswith("2 pairs of runs: 2 same\n")


def test_the_command_line_asks_by_it(recorded: str, text: str) -> None:
    key = f"metadata[{written_in_a_filter(text)}]"
    for question in (
        ["runs", "--json", f"--where=key={text}"],
        ["runs", "--json", f"--parent={text}"],
        ["runs", "--json", f"--where={key}", f"--sort=-{key}"],
        ["runs", f"--columns={key},{f'artifact{key[8:]}.path' if len(text) < 1000 else 'id'}"],
        ["find", "--json", "--", text],
        ["lineage", f"--artifact={text}", "--", text],
        ["lineage", f"--path={text}"],
        ["export", f"--path={text}"],
        ["contrast", "--json", f"--bad-where={key}", f"--ignore={text}"],
        ["export", f"--artifact={text}", "--downstream", "--", text],
        ["fingerprint", f"--artifact={text}", f"--ignore={text}", "--", text],
        ["verify", "--", text],
        ["verify", f"--path={text}"],
        ["lineage", f"--from={text}", "--", "consumer"],
        ["export", f"--from-path={text}", "--", "consumer"],
        ["impact", f"--artifact={text}", "--", text],
        ["impact", f"--path={text}", "--commands"],
        ["impact", f"--where=metadata[{written_in_a_filter(text)}]", "--json", "--", text],
        ["stale", "--", text],
    ):
        done = command("--store", recorded, *question)
        assert tabled(done) if "--columns" in question[-1] else well(done)


def test_the_command_line_forgets_it(recorded: str, text: str) -> None:
    harmless(command("forget", "--store", recorded, "--", text), 2)  # a plan, and nobody to ask
    with GraphTracker(recorded) as tracker:
        had = tracker.forget(text, dry_run=True)
    assert (had.runs, had.artifacts, had.consumers) == ((text,), ((text, text),), ("consumer",))
    for asked in (["forget", "--", text], ["prune", f"--where=key={text}", "--older-than=0m"]):
        told = command("--store", recorded, asked[0], "--dry-run", "--json", *asked[1:])
        harmless(told, 0)
        assert json.loads(told.out) == json.loads(json.dumps(had.to_dict()))
    done = command("forget", "--yes", "--store", recorded, "--", text)
    harmless(done, 0)
    assert done.out == f"{printable(had.paths[0])}\n"
    with GraphTracker(recorded) as tracker:
        assert tracker.run_ids() == ["consumer"]
        assert (tracker.run(text).forgotten, tracker.metadata(text)) == (True, {})


def test_no_message_of_the_command_line_is_obeyed(text: str, store: str, tmp_path: Path) -> None:
    command("add-metadata", "--store", store, "a")
    harmless(command("show", "--store", store, "--", text), 1)
    harmless(command("lineage", "--store", store, f"--path={text}"), 1)
    harmless(command("lineage", "--store", store, f"--artifact={text}", "a"), 1)
    harmless(command("fingerprint", "--store", store, "--", "a", text), 1)
    harmless(command("fingerprint", "--store", store, f"--artifact={text}", "a"), 1)
    harmless(command("verify", "--store", store, "--", text), 1)
    harmless(command("verify", "--store", store, f"--path={text}"), 1)
    harmless(command("add-artifact", "--store", store, "--sha256", "--", "a", "b", f"{tmp_path}/none/{text}"), 2)
    harmless(command("lineage", "--store", store, f"--from={text}", "a"), 1)
    harmless(command("lineage", "--store", store, f"--from-path={text}", "a"), 1)
    harmless(command("lineage", "--store", store, "--from=a", f"--artifact={text}", "a"), 1)
    harmless(command("impact", "--store", store, f"--path={text}"), 1)
    harmless(command("impact", "--store", store, f"--artifact={text}", "a"), 1)
    harmless(command("stale", "--store", store, "--", text), 1)
    harmless(command("lineage", "--store", store, f"--depth={text}", "a"), 2)
    harmless(command("forget", "--yes", "--store", store, "--", "a", text), 1)
    harmless(command("prune", "--store", store, f"--older-than={text}"), 2)
    harmless(command("lineage", "--store", store, f"--as-of={text}", "a"), 2)
    harmless(command("--store", store, text), 2)
    harmless(command("runs", "--store", store, "--", text), 2)
    harmless(command("runs", "--store", store, f"--after={text}"), 1)
    harmless(command("runs", "--store", store, f"--since={text}"), 2)
    harmless(command("runs", "--store", store, f"--where=metadata[{written_in_a_filter(text)}]"), 0)
    harmless(command("find", "--store", store, "--", f"nothing {text}"), 1)
    harmless(command("contrast", "--store", store, f"--bad={text}"), 1)
    harmless(command("contrast", "--store", store, f"--bad-where=metadata[{written_in_a_filter(text)}]"), 2)
    harmless(command("runs", "--store", store, f"--x{text}"), 2)
    harmless(command("export", "--store", store, f"--format={text}"), 2)
    harmless(command("diff", "--store", store, "--", "a", text), 1)
    harmless(command("diff", "--store", store, f"--artifact={text}", "a", "a"), 1)
    harmless(command("diff", "--store", store, f"--output={text}/x.tar", "a", "a"), 2)
    harmless(command("diff", "--store", store, f"--ignore={text}", "a", "a"), 0)
    harmless(command("export", "--store", store, f"--output={text}/x.tar", "a"), 2)
    harmless(command("runs", "--store", f"redis://{text}"), 2)
    harmless(command("runs", "--store", f"{tmp_path}/none/x{text}"), 3)
    harmless(command("add-metadata", "--store", f"{tmp_path}/none/x{text}", "a"), 3)
    harmless(command("doctor", "--store", f"{tmp_path}/none/x{text}"), 3)


@pytest.mark.parametrize("text", [text for text in REFUSED.values() if "\0" not in text])  # no argument can hold a NUL
def test_the_command_line_refuses_what_the_library_refuses(text: str, store: str) -> None:
    harmless(command("add-metadata", "--store", store, "--", text, "a=1"), 2)
    harmless(command("add-metadata", "--store", store, "--", "a", f"{text}=1"), 2)
    harmless(command("add-artifact", "--store", store, "--", "a", text, "/path"), 2)
    harmless(command("add-source", "--store", store, "--", "a", text), 2)
    with GraphTracker(store) as tracker:
        assert len(tracker.graph()) == 0
        tracker.add_metadata("a")
        harmless(command("forget", "--store", store, "--yes", "--", "a", text), 2)
        assert tracker.run_ids() == ["a"]


@pytest.mark.parametrize("kind", sorted(STORES))
def test_what_each_store_holds_is_asked_and_printed_likewise(kind: str, tmp_path: Path) -> None:
    """All texts in one store: of what stands above, only what it is asked for and gives back can differ."""
    url = STORES[kind](tmp_path)
    harmless(command("add-metadata", "--store", url, "a"), 0)
    for text in HOSTILE.values():
        harmless(command("show", "--store", url, "--", text), 1)
        harmless(command("lineage", "--store", url, f"--artifact={text}", "a"), 1)
    with GraphTracker(url) as tracker:
        with tracker.batch() as batch:
            for text in HOSTILE.values():
                record(batch, text)
        graph = tracker.graph()
    tabled(command("--store", url, "runs"))
    for arguments in (["lineage", "consumer", "--all"], ["show", "consumer"], ["export", "--dot"]):
        well(command("--store", url, *arguments))
    assert json.loads(well(command("--store", url, "export", "--format=json"))) == graph.to_dict()
    for text in HOSTILE.values():
        card = json.loads(well(command("show", "--json", "--store", url, "--", text)))
        assert (card["run_id"], [item["path"] for item in card["artifacts"]]) == (text, [text])
        assert text in {
            item["run_id"]
            for item in json.loads(well(command("runs", "--json", "--store", url, f"--where=key={text}")))
        }
        printed = well(command("lineage", "--json", "--store", url, f"--artifact={text}", "--", text))
        assert Lineage.from_dict(json.loads(printed)).start == (text, text)
        harmless(command("forget", "--yes", "--keep-links", "--store", url, "--", text), 0)


def test_a_real_process_takes_hostile_ids_and_bytes_that_are_no_text(tmp_path: Path) -> None:
    with GraphTracker(tmp_path / "all.db") as tracker, tracker.batch() as batch:
        for text in HOSTILE.values():
            record(batch, text)
    for arguments in (["runs"], ["lineage", "consumer", "--all"], ["show", "consumer"], ["export"]):
        done = run(tmp_path, "graphtracker", "--store", "all.db", *arguments)
        assert not obeyed(done.stdout.replace("\t", ""))
        assert done.stderr == ""
    refused = run(tmp_path, "graphtracker", "--store", "all.db", "show", "a\udcff", code=2)
    assert refused.stdout == ""
    assert refused.stderr.count("\n") == 1
