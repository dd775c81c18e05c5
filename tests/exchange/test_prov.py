"""PROV: what the library prov reads of it is what the lineage says, and what prov writes of that is what we wrote."""

from __future__ import annotations

import base64
import json
import tracemalloc
from datetime import date, datetime, timedelta, timezone
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jsonschema
import networkx as nx
import pytest

from graphtracker import GraphTracker, Lineage
from graphtracker.exchange.dicts import asked_to_dict
from graphtracker.export import export
from graphtracker.formats import UNSAID
from graphtracker.model.encoding import dumps, loads
from tests.support.hostile import HOSTILE, obeyed, random_texts
from tests.support.lineages import of_texts
from tests.support.needs import missing
from tests.support.remembered import CONTEXT, OLD, PREPARE, TRAINED, record_remembered
from tests.support.six_jobs import START
from tests.support.tools import exported
from tests.support.values_of_note import BY_HAND

try:
    import prov.graph
    import prov.model
    from prov.model.records import canonical_xsd_datatype
    from prov.serializers.provn_lexer import tokenize
except ImportError:
    missing("no prov to test with")

FORMATS = {"prov-json": {"format": "json"}, "prov-n": {"format": "provn", "profile": "strict"}}
"""Our format → how prov reads it, by the Recommendation alone."""

EDGES = {
    prov.model.PROV_USAGE: "used",
    prov.model.PROV_COMMUNICATION: "derived",
    prov.model.PROV_GENERATION: "generated",
}
"""Type of a relation → key of an edge."""

BOUNDS: dict[str, object] = {
    **{f"2**{bits} + {more}": 2**bits + more for bits in (31, 63) for more in (-1, 0)},
    **{f"-2**{bits} - {more}": -(2**bits) - more for bits in (31, 63) for more in (0, 1)},
    "farthest zone of XSD": datetime(2024, 1, 1, tzinfo=timezone(-timedelta(hours=14))),
    "one that is farther": datetime(2024, 1, 1, tzinfo=timezone(timedelta(hours=14, minutes=1))),
    "in the fold of no zone": datetime(2024, 10, 27, 2, 30, fold=1),
    "in the fold of UTC": datetime(2024, 10, 27, 2, 30, tzinfo=timezone.utc, fold=1),
}
"""Values beside what XSD's types hold."""

Said = dict[str, Any]


def read(text: str, format: str) -> Any:
    return prov.model.ProvDocument.deserialize(content=text, **FORMATS[format])


def meant_by(text: str, format: str) -> object:
    """What the text is to a reader, with the order of its records, but for white space and escapes."""
    return json.loads(text) if format == "prov-json" else [(token.kind, token.value) for token in tokenize(text)]


def node_of(name: Any) -> Any:
    """The run, artifact or user that a name stands for."""
    parts = [unquote(part, errors="strict") for part in name.localpart.split("#")]
    return tuple(parts) if len(parts) == 2 else parts[0]


def value_of(literal: Any) -> object:
    """The value that a literal was made of."""
    if not isinstance(literal, prov.model.Literal):
        return literal
    datatype: Any = literal.datatype
    kind = datatype.localpart
    if kind == "json":
        return loads(literal.value)
    if kind == "base64Binary":
        return base64.b64decode(literal.value, validate=True)
    if kind == "date":
        return date.fromisoformat(literal.value)
    assert datatype == canonical_xsd_datatype(int(literal.value)), literal
    return int(literal.value)


def said_of(record: Any) -> dict[str, Said]:
    """Prefix → name → value of each attribute of the record."""
    found: dict[str, Said] = {}
    for name, literal in record.attributes:
        prefix, key = name.namespace.prefix, unquote(name.localpart, errors="strict")
        assert key not in found.setdefault(prefix, {}), "each attribute stands once"
        found[prefix][key] = value_of(literal)
    return found


def graph_of(document: Any) -> Any:
    """What prov makes a graph of, with our nodes, pointing with the data; without the answer and agents."""
    graph: Any = nx.MultiDiGraph()
    read: Any = prov.graph.prov_to_graph(document)
    for record in read:
        if record.identifier.namespace.prefix in ("run", "artifact"):
            graph.add_node(node_of(record.identifier))
    for consumer, source, data in read.edges(data=True):
        if data["relation"].get_type() in EDGES:
            ends = node_of(source.identifier), node_of(consumer.identifier)
            graph.add_edge(*ends, key=EDGES[data["relation"].get_type()])
    return graph


def same(one: object, other: object) -> bool:
    """Whether they are the same, types, nan and zones included."""
    return dumps(one) == dumps(other)


def assert_prov_says(text: str, format: str, lineage: Lineage) -> None:
    document = read(text, format)
    assert meant_by(document.serialize(format=FORMATS[format]["format"]), format) == meant_by(text, format)
    found, wanted = graph_of(document), lineage.graph
    assert set(found) == set(wanted)
    assert sorted(map(str, found.edges(keys=True))) == sorted(map(str, wanted.edges(keys=True)))
    elements = {record.identifier: record for record in document.get_records(prov.model.ProvElement)}
    for name, record in elements.items():
        said = said_of(record)
        if name.namespace.prefix == "run":
            assert_run(said, lineage.runs[node_of(name)])
        elif name.namespace.prefix == "artifact":
            assert_artifact(said, lineage.artifacts[node_of(name)])
    times = {
        (node_of(record.args[0]), node_of(record.args[1])): record.args[2]
        for record in document.get_records(prov.model.ProvUsage)
    }
    assert times == {
        (source.run_id, source.node): source.created_at for source in lineage.sources if source.artifact_name
    }
    asked = said_of(elements[document.valid_qualified_name("graphtracker:answer")])["graphtracker"]
    assert asked == {
        key: value for key, value in asked_to_dict(lineage).items() if value is not None and key != "graphtracker"
    }


def assert_run(said: dict[str, Said], run: Any) -> None:
    own = said["graphtracker"]
    for name in ("run_id", "name", "created_at", "reported_at", "updated_at"):
        assert own.get(name) == getattr(run, name)
    assert (own.get("external"), own.get("forgotten")) == (run.external or None, run.forgotten or None)
    for prefix in ("metadata", "context"):
        assert same(dict(sorted(said.get(prefix, {}).items())), dict(sorted(getattr(run, prefix).items())))
    for name, key in (("startTime", "started_at"), ("endTime", "ended_at")):
        assert said["prov"].get(name) == run.context.get(key)


def assert_artifact(said: dict[str, Said], artifact: Any) -> None:
    own = said["graphtracker"]
    for name in ("run_id", "name", "place", "created_at", "logged_at", "updated_at"):
        assert own.get(name) == getattr(artifact, name)
    assert own.get("declared") == (artifact.declared or None)
    assert (said["prov"]["label"], said["prov"].get("location")) == (artifact.name, artifact.path)
    assert same(said.get("metadata", {}), dict(artifact.metadata))


@pytest.mark.parametrize("format", FORMATS)
def test_prov_has_what_the_lineage_has(six_jobs: GraphTracker, format: str) -> None:
    for lineage in (six_jobs.graph(), six_jobs.lineage(START, depth=1, direction="upstream"), Lineage()):
        assert_prov_says(exported(lineage, format), format, lineage)
    assert format not in UNSAID


def test_both_formats_are_one_document(six_jobs: GraphTracker) -> None:
    whole = six_jobs.graph()
    in_json, in_n = (read(exported(whole, format), format) for format in FORMATS)
    assert in_json == in_n
    assert len(in_json.records) == len(in_n.records) > len(whole.runs)


def test_prov_json_is_as_its_schema_says() -> None:
    schema = json.loads((files("prov.tests") / "schemas" / "prov-json.schema.json").read_text(encoding="utf-8"))
    with GraphTracker(":memory:") as tracker:
        record_remembered(tracker)
        tracker.add_metadata("run", **BY_HAND)
        document = json.loads(exported(tracker.graph(), "prov-json"))
    assert document.keys() >= {"prefix", "entity", "activity", "agent", "wasAssociatedWith", "wasGeneratedBy", "used"}
    jsonschema.Draft4Validator(schema).validate(document)


@pytest.mark.parametrize("format", FORMATS)
def test_prov_reaches_what_the_lineage_reaches(six_jobs: GraphTracker, format: str) -> None:
    whole = six_jobs.graph()
    found = graph_of(read(exported(whole, format), format))
    for node in whole.graph:
        assert nx.ancestors(found, node) == nx.ancestors(whole.graph, node)
        assert nx.descendants(found, node) == nx.descendants(whole.graph, node)


@pytest.mark.parametrize("format", FORMATS)
def test_users_are_agents_of_their_runs(format: str) -> None:
    with GraphTracker(":memory:") as tracker:
        record_remembered(tracker)
        whole = tracker.graph()
    text = exported(whole, format)
    assert_prov_says(text, format, whole)
    document = read(text, format)
    agents = [node_of(agent.identifier) for agent in document.get_records(prov.model.ProvAgent)]
    assert agents == ["ada", "bob"]
    associations = document.get_records(prov.model.ProvAssociation)
    users = {node_of(each.args[0]): node_of(each.args[1]) for each in associations}
    assert users == {run.run_id: run.context["user"] for run in whole.runs.values() if "user" in run.context}
    assert (users[PREPARE], users[TRAINED]) == (CONTEXT["user"], "bob")
    assert OLD not in users


@pytest.mark.parametrize("format", FORMATS)
def test_every_value_comes_back(format: str) -> None:
    values = {key: value for key, value in BY_HAND.items() if value is not None}
    with GraphTracker(":memory:") as tracker:
        tracker.record("run", metadata={**BY_HAND, **BOUNDS, "flag": True, "no": False})
        tracker.add_artifact("run", "values", "/values", BY_HAND)
        lineage = tracker.graph()
    assert set(values) < set(lineage.runs["run"].metadata)
    assert_prov_says(exported(lineage, format), format, lineage)


@pytest.mark.parametrize("format", FORMATS)
def test_a_value_has_the_type_that_holds_it(format: str) -> None:
    kinds = {"flag": True, "count": 7, "rate": 0.5, "text": "x", "when": datetime(2024, 1, 2, 3, 4, 5)}
    kinds["far"] = BOUNDS["farthest zone of XSD"]
    with GraphTracker(":memory:") as tracker:
        tracker.add_metadata("run", **kinds, day=date(2024, 1, 2), raw=b"x", many=[1])
        text = exported(tracker.graph(), format)
    (run,) = read(text, format).get_records(prov.model.ProvActivity)
    literals = {name.localpart: literal for name, literal in run.extra_attributes}
    assert {key: (literals[key], type(literals[key])) for key in kinds} == {
        key: (value, type(value)) for key, value in kinds.items()
    }
    typed = {key: str(literals[key].datatype) for key in ("day", "raw", "many")}
    assert typed == {"day": "xsd:date", "raw": "xsd:base64Binary", "many": "graphtracker:json"}


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_comes_back(name: str, format: str) -> None:
    lineage = of_texts([HOSTILE[name], "other"])
    text = exported(lineage, format)
    assert_prov_says(text, format, lineage)
    assert not obeyed(text)


@pytest.mark.parametrize("format", FORMATS)
def test_dots_and_hyphens_stand_anywhere_in_a_name(format: str) -> None:
    texts = [".", "-", "..", "--", ".a", "-a", "a.", "a-", "a.b-c", "./.", "-/-", "a:.", ":-"]
    lineage = of_texts(texts)
    assert_prov_says(exported(lineage, format), format, lineage)


@pytest.mark.parametrize("format", FORMATS)
def test_random_texts_have_names_of_their_own(format: str) -> None:
    texts = random_texts(seed=8, count=1500)
    lineage = of_texts(texts)
    text = exported(lineage, format)
    assert_prov_says(text, format, lineage)
    assert not obeyed(text)


@pytest.mark.parametrize("format", FORMATS)
def test_a_run_and_an_artifact_of_like_names_are_two(format: str) -> None:
    with GraphTracker(":memory:") as tracker:
        for run_id, name in (("a", "b#c"), ("a#b", "c"), ("a%23b", "c"), ("a", "b%23c")):
            tracker.add_artifact(run_id, name, "/p")
        tracker.add_metadata("a#b#c")
        lineage = tracker.graph()
    assert_prov_says(exported(lineage, format), format, lineage)


@pytest.mark.parametrize("format", FORMATS)
def test_a_large_document_is_made_piece_by_piece(format: str) -> None:
    with GraphTracker(":memory:") as tracker:
        with tracker.batch() as batch:
            for number in range(3000):
                batch.add_artifact(f"run-{number}", "model", f"s3://bucket/{number}/" + "y" * 1000)
                batch.add_source(f"run-{number}", f"run-{number - 1}", "model")
        lineage = tracker.graph()
    total = sum(map(len, export(lineage, format)))
    tracemalloc.start()
    sum(map(len, export(lineage, format)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < total / 10
    document = read(exported(lineage, format), format)
    assert len([*document.get_records(prov.model.ProvUsage)]) == 3000


def test_a_file_says_by_its_suffix_which_it_is(six_jobs: GraphTracker, tmp_path: Path) -> None:
    for name in ("x.prov.json", "x.provn", "x.json"):
        six_jobs.graph().save(tmp_path / name)
    assert (tmp_path / "x.prov.json").read_text(encoding="utf-8") == exported(six_jobs.graph(), "prov-json")
    assert (tmp_path / "x.provn").read_text(encoding="utf-8") == exported(six_jobs.graph(), "prov-n")
    assert (tmp_path / "x.json").read_text(encoding="utf-8") == exported(six_jobs.graph(), "json")
