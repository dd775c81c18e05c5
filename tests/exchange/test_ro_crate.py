"""Process Run Crates: what the library rocrate, and a validator of the profile, make of them."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from graphtracker import GraphTracker, Lineage, MissingExtra
from graphtracker.exchange.ro_crate.ids import fragment
from graphtracker.export import export
from graphtracker.model.encoding import dumps, loads
from graphtracker.model.events import ContextSet, least_stamp
from tests.support.hostile import HOSTILE, random_texts
from tests.support.lineages import of_texts
from tests.support.needs import missing
from tests.support.peers import python
from tests.support.remembered import (
    CONTEXT,
    FAILED,
    FAILURE,
    GONE,
    PREPARE,
    RAW,
    RUNNING,
    TRAINED,
    record_remembered,
)
from tests.support.six_jobs import START
from tests.support.values_of_note import BY_HAND

try:
    import rocrate
    from rocrate.rocrate import ROCrate
except ImportError:
    missing("no rocrate to test with; install the extra rocrate")

FILE = "ro-crate-metadata.json"


def crate_of(lineage: Lineage, folder: Path) -> Any:
    """What rocrate reads of the crate's folder."""
    lineage.save(folder / "crate", format="ro-crate")
    assert [path.name for path in (folder / "crate").iterdir()] == [FILE]
    return ROCrate(folder / "crate")


def all_of(entity: Any, name: str) -> list[Any]:
    """The values of a property, none, one or several."""
    value = entity.get(name, [])
    return value if isinstance(value, list) else [value]


def properties_of(entity: Any) -> dict[str, dict[str, object]]:
    """Metadata and context of what has additional properties."""
    found: dict[str, dict[str, object]] = {"metadata": {}, "context": {}}
    for item in all_of(entity, "additionalProperty"):
        assert item.type == "PropertyValue"
        _, _, kind, *encoded = item["propertyID"].split(":")
        found[kind][item["name"]] = loads(item["value"]) if encoded else item["value"]
    return found


def same(one: object, other: object) -> bool:
    """Whether they are the same, types and nan included."""
    return dumps(one) == dumps(other)


def assert_crate_says(crate: Any, lineage: Lineage) -> None:
    actions = {action["identifier"]: action for action in crate.get_by_type("CreateAction")}
    assert set(actions) == {run.run_id for run in lineage.runs.values() if not run.external}
    works = {each["identifier"]: each for each in crate.get_by_type("CreativeWork") if "identifier" in each}
    assert set(works) == {run.run_id for run in lineage.runs.values() if run.external}
    files = files_of(actions, works, crate)
    assert set(files) == set(lineage.artifacts)
    for key, artifact in lineage.artifacts.items():
        assert_file(files[key], artifact)
    nodes = {**actions, **works, **files}
    for run_id, action in actions.items():
        wanted = {nodes[source.node].id for source in lineage.sources if source.run_id == run_id}
        assert {each.id for each in all_of(action, "object")} == wanted
        assert same(properties_of(action)["metadata"], dict(lineage.runs[run_id].metadata))
    assert {each.id for each in all_of(crate.root_dataset, "mentions")} == {action.id for action in actions.values()}


def files_of(actions: dict[str, Any], works: dict[str, Any], crate: Any) -> dict[tuple[str, str], Any]:
    """(Run id, name) → the file that is a result of the run, or a part of the external."""
    files = {(run_id, file["name"]): file for run_id, action in actions.items() for file in all_of(action, "result")}
    runs = {work.id: run_id for run_id, work in works.items()}
    parts = [file for file in crate.get_by_type("File") if "isPartOf" in file]
    return files | {(runs[file["isPartOf"].id], file["name"]): file for file in parts}


def assert_file(file: Any, artifact: Any) -> None:
    assert (file["name"], file.get("alternateName")) == (artifact.name, artifact.path)
    for name, at in (("dateCreated", artifact.logged_at), ("dateModified", artifact.updated_at)):
        assert (datetime.fromisoformat(file[name]) if name in file else None) == at
    assert same(properties_of(file)["metadata"], dict(artifact.metadata))


def test_a_crate_has_what_the_lineage_has(six_jobs: GraphTracker, tmp_path: Path) -> None:
    for number, lineage in enumerate((six_jobs.graph(), six_jobs.lineage(START, depth=1), Lineage())):
        (tmp_path / str(number)).mkdir()
        crate = crate_of(lineage, tmp_path / str(number))
        assert_crate_says(crate, lineage)
        assert crate.root_dataset["conformsTo"].id == "https://w3id.org/ro/wfrun/process/0.5"
        assert crate.root_dataset["conformsTo"].type == "CreativeWork"


def test_a_run_is_told_by_what_it_is_remembered_by(tmp_path: Path) -> None:
    with GraphTracker(":memory:") as tracker:
        record_remembered(tracker)
        whole = tracker.graph()
    crate = crate_of(whole, tmp_path)
    assert_crate_says(crate, whole)
    prepare, train, failed, running = (crate.get(fragment("run", name)) for name in (PREPARE, TRAINED, FAILED, RUNNING))
    times = {"startTime": CONTEXT["started_at"], "endTime": CONTEXT["ended_at"]}
    assert {name: datetime.fromisoformat(prepare[name]) for name in times} == times
    assert prepare["description"] == CONTEXT["command"]
    assert (prepare["agent"].type, prepare["agent"]["name"]) == ("Person", "ada")
    instrument = prepare["instrument"]
    said = (instrument.type, instrument["name"], instrument["softwareVersion"])
    assert said == ("SoftwareApplication", "python prepare.py", CONTEXT["commit"])
    rest = {key: CONTEXT[key] for key in ("host", "directory", "commit", "dirty", "branch", "python")}
    assert properties_of(prepare)["context"] == rest
    assert prepare["actionStatus"] == train["actionStatus"] == "http://schema.org/CompletedActionStatus"
    assert failed["actionStatus"] == "http://schema.org/FailedActionStatus"
    assert failed["error"] == FAILURE.removeprefix("failed: ")
    assert running["actionStatus"] == "http://schema.org/ActiveActionStatus"
    assert train["agent"].id == failed["agent"].id
    assert crate.get(fragment("run", RAW)).type == crate.get(fragment("run", GONE)).type == "CreativeWork"


def test_a_file_is_called_by_where_it_is(tmp_path: Path) -> None:
    paths = {
        "/data/a b.csv": "file:///data/a%20b.csv",
        "s3://bucket/a%b/": "s3://bucket/a%25b",
        "https://host/a?b#c": "https://host/a?b#c",
        "https://w3id.org/ro/wfrun/process/0.5": None,
        "model#1#2": None,
    }
    with GraphTracker(":memory:") as tracker:
        for number, path in enumerate(paths):
            tracker.add_artifact("run", f"a{number}", path)
        lineage = tracker.graph()
        crate = crate_of(lineage, tmp_path)
    files = {file["name"]: file for file in crate.get_by_type("File")}
    assert_crate_says(crate, lineage)
    for number, (path, uri) in enumerate(paths.items()):
        if path != "model#1#2":
            assert files[f"a{number}"].id == (uri or fragment("artifact", "run", f"a{number}"))
    assert files["a4"].id.endswith("/model%231%232")
    assert {each.id for each in all_of(crate.root_dataset, "hasPart")} == {
        file.id for file in files.values() if not file.id.startswith("#")
    }


def test_two_artifacts_at_one_place_are_two(tmp_path: Path) -> None:
    with GraphTracker(":memory:") as tracker:
        tracker.add_artifact("first", "model", "/latest.pt")
        tracker.add_source("use", "first", "model")
        tracker.add_artifact("second", "model", "/latest.pt")
        for number, path in enumerate(("s3://b/x y", "s3://b/x%20y", "s3://b/z")):
            tracker.add_artifact("third", str(number), path)
        lineage = tracker.graph()
    crate = crate_of(lineage, tmp_path)
    assert_crate_says(crate, lineage)
    assert crate.get("s3://b/z")["name"] == "2"


def test_every_value_comes_back(tmp_path: Path) -> None:
    with GraphTracker(":memory:") as tracker:
        tracker.record("run", metadata={**BY_HAND, "flag": True, "exact": 2**53, "more": 2**53 + 1, "one": 1.0})
        tracker.add_artifact("run", "values", "/values", BY_HAND)
        lineage = tracker.graph()
    assert_crate_says(crate_of(lineage, tmp_path), lineage)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_comes_back(name: str, tmp_path: Path) -> None:
    lineage = of_texts([HOSTILE[name], "other"])
    assert_crate_says(crate_of(lineage, tmp_path), lineage)


def test_random_texts_have_ids_of_their_own(tmp_path: Path) -> None:
    lineage = of_texts(random_texts(seed=9, count=500))
    assert_crate_says(crate_of(lineage, tmp_path), lineage)


def test_one_file_or_a_folder_says_the_same(six_jobs: GraphTracker, tmp_path: Path) -> None:
    whole = six_jobs.graph()
    restored = Lineage.from_dict(whole.to_dict())
    assert b"".join(export(whole, "ro-crate")) == b"".join(export(restored, "ro-crate"))
    whole.save(tmp_path / "six.ro-crate.zip")
    whole.save(tmp_path / "six", format="ro-crate")
    with zipfile.ZipFile(tmp_path / "six.ro-crate.zip") as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [FILE]
        assert archive.read(FILE) == (tmp_path / "six" / FILE).read_bytes()
    assert_crate_says(ROCrate(tmp_path / "six.ro-crate.zip"), whole)
    assert unquote(json.loads((tmp_path / "six" / FILE).read_bytes())["@graph"][0]["@id"]) == "./"


@pytest.mark.parametrize("status", ["aborted", "Failed: late", "", "failed: ", "succeeded: with warnings", "\x1b[31m"])
def test_a_status_of_another_word_is_a_property(status: str, tmp_path: Path) -> None:
    with GraphTracker(":memory:") as tracker:
        tracker.copy_from([[ContextSet("train", {"status": status}, least_stamp(0))]])
        crate = crate_of(tracker.graph(), tmp_path)
    (action,) = (entity for entity in crate.get_entities() if entity.type == "CreateAction")
    assert "actionStatus" not in action
    assert properties_of(action)["context"] == {"status": status}


def test_a_crate_says_that_it_does_not_say_what_was_cut(six_jobs: GraphTracker) -> None:
    told: list[str] = []
    b"".join(export(six_jobs.lineage(START, depth=0), "ro-crate", tell=told.append))
    assert "what was asked, that not all is there" in told[0]


def test_it_is_told_what_a_crate_cannot_say(six_jobs: GraphTracker) -> None:
    told: list[str] = []
    b"".join(export(six_jobs.lineage(START), "ro-crate", tell=told.append))
    assert told == [
        "a Process Run Crate does not say what was asked, when runs were recorded and when sources were named"
    ]
    told.clear()
    with GraphTracker(":memory:") as tracker:
        record_remembered(tracker)
        b"".join(export(tracker.graph(), "ro-crate", tell=told.append))
    assert "that runs are forgotten" in told[0]
    told.clear()
    b"".join(export(Lineage(), "ro-crate", tell=told.append))
    assert told == []


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rocrate.rocrate", None)
    with pytest.raises(MissingExtra, match=r"needs rocrate.*pip install 'graphtracker\[rocrate\]'"):
        b"".join(export(Lineage(), "ro-crate"))


# The context of RO-Crate comes from the web, but for tests, as rocrate brings it; checks 3.1 and 3.2 are whether the
# web has it.
VALIDATION = """
import json, logging, sys
from rocrate_validator import models, services
from rocrate_validator.utils import document_loader
logging.disable()
context = json.load(open(sys.argv[1]))
document_loader._fetch_json_ld = lambda url: context
result = services.validate(services.ValidationSettings(
    rocrate_uri=sys.argv[2], profile_identifier="process-run-crate-0.5", skip_availability_check=True,
    requirement_severity=models.Severity.REQUIRED, skip_checks=["ro-crate-1.1_3.1", "ro-crate-1.1_3.2"],
))
print(json.dumps([f"{issue.check.identifier} {issue.message}" for issue in result.get_issues()]))
"""


def test_the_validator_of_the_profile_finds_no_fault(tmp_path: Path) -> None:
    with GraphTracker(":memory:") as tracker:
        record_remembered(tracker)
        tracker.record("train", metadata={"lr": 0.1, "nan": float("nan"), "tags": ["a"]})
        tracker.graph().save(tmp_path / "crate", format="ro-crate")
    context = Path(rocrate.__file__).parent / "data" / "ro-crate.jsonld"
    command = [str(python("roc-validator")), "-c", VALIDATION, str(context), str(tmp_path / "crate")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=300)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == []
