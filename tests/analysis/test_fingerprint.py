"""A fingerprint is equal for equal provenance, and for nothing else."""

from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphtracker import GraphTracker, Lineage
from graphtracker.analysis.fingerprint import fingerprints, fingerprints_of
from graphtracker.analysis.ignoring import Ignored
from graphtracker.model.question import Answer
from tests.support.oracle import Call, tell
from tests.support.provenance import Graph, Provenance
from tests.support.strategies import histories

# -- what it is: literal values, which no version, platform or store may change ----------------------------------------

EVERY_VALUE: dict[str, object] = {
    "text": "a\0ä\U0001f600",
    "none": None,
    "bools": [True, False],
    "yes": True,
    "one": 1,
    "half": 0.5,
    "odd": 0.1,
    "huge": 2**200 + 1,
    "decimal": Decimal("0.10"),
    "nan": math.nan,
    "infinite": -math.inf,
    "bytes": b"\0\xff",
    "day": date(2026, 3, 1),
    "time": datetime(2026, 3, 1, 12, 30, 1, 7, tzinfo=timezone(timedelta(hours=2))),
    "long": timedelta(days=1, microseconds=1),
    "id": UUID(int=7),
    "set": {"b", "a", 3},
    "list": [1, 1.0, "x", {"k": None}],
    "optim": {"lr": 0.01, "betas": [0.9, 0.999], "inner": {}},
    "numbers": {1: "a", 2.5: "b", None: "c"},
}


def golden() -> Graph:
    """A graph with one of everything: an external, a declared artifact, a whole run, a cycle, a run on itself."""
    return Graph(
        {"s3://bucket/raw": None, "clean": EVERY_VALUE, "train": {"lr": 0.1}, "a": {}, "b": {"n": 1}, "self": {}},
        {
            ("s3://bucket/raw", "part"): {},
            ("clean", "rows"): {"rows": 48_000},
            ("clean", "unused"): {"x": 1},
            ("a", "out"): {"sha256": "ab" * 32},
            ("b", "out"): {},
        },
        {
            ("clean", "s3://bucket/raw", None),
            ("clean", "s3://bucket/raw", "part"),
            ("train", "clean", "rows"),
            ("train", "clean", None),
            ("b", "a", "out"),
            ("a", "b", "out"),
            ("self", "self", None),
            ("train", "self", None),
        },
    )


def test_the_value_is_this_for_ever() -> None:
    answer = golden().answer()
    with_sha256 = {
        "a": "gt1:325cc24be3411b88529dfbd272790197c2e8479e84d2cf5a271534bb29596b60",
        "b": "gt1:2dc31674aeda25ab7b988ecd1d79bf52c440591df61d70f87cf08b55b4dd0532",
        "clean": "gt1:91ce80bc6a2edc8e1095e653135aa51ea2a813ea5df571c095a59c5674c2e33e",
        "s3://bucket/raw": "gt1:b249bfeba2f3eb2b64384685654fdfa4baac8baa88bcdde732150014916cfe10",
        "self": "gt1:d8539c27b2a03d07004a2aefae12a9d243020923865f4d3f81e92f85ffb64d86",
        "train": "gt1:192b899d0038181dca7f97d88f4dff9cc6b3f6c8f8bf3e03ad9f77ecc078c1e1",
    }
    on_the_cycle = {
        "a": "gt1:fca22f5d99bae36214fefe4f62a783a3e7d179261bdaede74d716d0aaa4e1087",
        "b": "gt1:2ed73b5cfd1803f93a065be73c6028dc5ec011c92d743b31accf69ace7369940",
    }
    assert fingerprints(answer) == with_sha256
    assert fingerprints(answer, sha256=False) == {**with_sha256, **on_the_cycle}
    assert fingerprints_of(answer, ["train", ("clean", "rows"), ("a", "out")]) == [
        with_sha256["train"],
        "gt1:8940fab8edb36ba27acf747f3924c73ffa32c0e65f334cf5bbd0e6ffb93864f0",
        "gt1:45911ec408df7e6ad73637a2ab09df8d36358070558ba95d790eb5897c9baa62",
    ]


def digest(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(len(part).to_bytes(8, "big") + part for part in parts)).digest()


def test_it_is_sha256_over_parts_that_are_each_after_their_length() -> None:
    graph = Graph({"x": {"b": "B", "a": True}, "y": {}}, {("y", "m"): {"n": "1"}}, {("x", "y", "m"), ("x", "y", None)})
    source = digest(b"run", digest(b"metadata"))
    use = digest(b"use", digest(b"artifact", b"m", b"n", b"text:1"), source)
    run = digest(b"run", digest(b"metadata", b"a", b"True", b"b", b"text:B"), *sorted([use, source]))
    assert fingerprints(graph.answer()) == {"x": f"gt1:{run.hex()}", "y": f"gt1:{source.hex()}"}


# -- the model: equal exactly where all of the provenance, compared at length, is --------------------------------------

KEYS = ["lr", "sha256", "optim"]
VALUES: list[Any] = [1, 1.0, True, "1", None, math.nan, [1], {"lr": 1}, {}, "x"]


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """A few runs with few values, so that many have equal provenance, and any shape of sources between them."""
    metadata = st.dictionaries(st.sampled_from(KEYS), st.sampled_from(VALUES), max_size=1)
    ids = "abcdef"[: draw(st.integers(2, 6))]
    keys = [(run_id, name) for run_id in ids for name in "mn"]
    return Graph(
        {run_id: draw(metadata) for run_id in ids},
        {key: draw(metadata) for key in keys},
        draw(
            st.sets(
                st.tuples(st.sampled_from(ids), st.sampled_from(ids), st.sampled_from(["m", "n", None])), max_size=9
            )
        ),
    )


def same_groups(found: dict[str, str], wanted: dict[str, int]) -> bool:
    """Whether two ways of telling apart tell the same apart."""
    return len(set(found.values())) == len(set(wanted.values())) == len({(found[key], wanted[key]) for key in wanted})


IGNORED = [[], ["lr"], ["*.lr"], ["m.*"], ["sha256"], ["*"]]


@settings(max_examples=300)
@given(st.lists(graphs(), min_size=2, max_size=3), st.sampled_from(IGNORED), st.booleans())
def test_runs_have_one_fingerprint_exactly_where_their_provenance_is_equal(
    several: list[Graph], ignore: list[str], sha256: bool
) -> None:
    model = Provenance(ignore, sha256=sha256)
    found: dict[str, str] = {}
    wanted: dict[str, int] = {}
    for number, graph in enumerate(several):
        answer = graph.answer()
        hashes = fingerprints(answer, ignore=ignore, sha256=sha256)
        found |= {f"{number}{run_id}": value for run_id, value in hashes.items()}
        wanted |= {f"{number}{run_id}": value for run_id, value in model.of(answer).items()}
    assert same_groups(found, wanted)


@settings(max_examples=25)
@given(st.lists(histories, min_size=2, max_size=2), st.booleans())
def test_and_so_in_whatever_was_recorded(several: list[list[Call]], sha256: bool) -> None:
    model = Provenance(sha256=sha256)
    found: dict[str, str] = {}
    wanted: dict[str, int] = {}
    for number, calls in enumerate(several):
        with GraphTracker(":memory:") as tracker:
            tell(tracker, calls)
            answer = tracker.graph()
        found |= {f"{number}{run_id}": value for run_id, value in answer.fingerprints(sha256=sha256).items()}
        wanted |= {f"{number}{run_id}": value for run_id, value in model.of(answer).items()}
    assert same_groups(found, wanted)


# -- renamed copies and planted changes --------------------------------------------------------------------------------


def random_graph(chance: random.Random, *, acyclic: bool) -> Graph:
    """A dozen runs, most with metadata and artifacts, some external, each with a few sources."""
    ids = [f"r{number:02}" for number in range(chance.randrange(2, 13))]
    runs: dict[str, dict[str, Any] | None] = {run_id: {"n": chance.randrange(4)} for run_id in ids}
    artifacts = {(run_id, name): {"rows": chance.randrange(3)} for run_id in ids for name in "mn"}
    sources: set[tuple[str, str, str | None]] = set()
    for place, run_id in enumerate(ids[1:], 1):
        for _ in range(chance.randrange(1, 4)):
            sources.add((run_id, ids[chance.randrange(place)], chance.choice(["m", "n", None])))
    if not acyclic:
        for _ in range(chance.randrange(1, 4)):
            sources.add((chance.choice(ids), chance.choice(ids), chance.choice(["m", None])))
    consumers = {source[0] for source in sources}
    for run_id in ids:
        if run_id not in consumers and chance.random() < 0.7:
            runs[run_id] = None
    return Graph(runs, artifacts, sources)


def renamed(graph: Graph, chance: random.Random) -> tuple[Graph, dict[str, str]]:
    """A copy under other ids, in another order, but for externals, whose ids are what they are."""
    own = [run_id for run_id, metadata in graph.runs.items() if metadata is not None]
    names = dict(zip(own, chance.sample([f"q{number}" for number in range(100)], len(own)), strict=True))
    copy = graph.renamed(names)
    items = list(copy.runs.items())
    chance.shuffle(items)
    copy.runs = dict(items)
    return copy, names


def change_of_metadata(graph: Graph, upstream: list[str], chance: random.Random) -> None:
    run_id = chance.choice([run_id for run_id in upstream if graph.runs[run_id] is not None])
    graph.runs[run_id] = {**(graph.runs[run_id] or {}), chance.choice(["n", "new"]): "changed"}


def change_of_an_artifact(graph: Graph, upstream: list[str], chance: random.Random) -> None:
    used = sorted((source, name) for run_id, source, name in graph.sources if run_id in upstream and name is not None)
    graph.artifacts[chance.choice(used)] = {"rows": None}


def change_of_a_name(graph: Graph, upstream: list[str], chance: random.Random) -> None:
    run_id, source, name = chance.choice(sorted(each for each in graph.sources if each[0] in upstream and each[2]))
    graph.artifacts[source, "other"] = graph.artifacts[source, name or ""]
    graph.sources.remove((run_id, source, name))
    graph.sources.add((run_id, source, "other"))


def one_source_more(graph: Graph, upstream: list[str], chance: random.Random) -> None:
    graph.runs["more"] = {}
    graph.sources.add((chance.choice([run_id for run_id in upstream if graph.runs[run_id] is not None]), "more", None))


def one_source_less(graph: Graph, upstream: list[str], chance: random.Random) -> None:
    graph.sources.remove(chance.choice(sorted((each for each in graph.sources if each[0] in upstream), key=repr)))


def another_external(graph: Graph, upstream: list[str], chance: random.Random) -> None:
    external = chance.choice([run_id for run_id in upstream if graph.runs[run_id] is None])
    changed = graph.renamed({external: "another"})
    graph.runs, graph.artifacts, graph.sources = changed.runs, changed.artifacts, changed.sources


CHANGES = [
    change_of_metadata,
    change_of_an_artifact,
    change_of_a_name,
    one_source_more,
    one_source_less,
    another_external,
]


def trials(count: int) -> Iterator[tuple[random.Random, Graph, str, list[str]]]:
    """Random graphs, every other one with cycles, each with a run of it and all upstream of that."""
    for seed in range(count):
        chance = random.Random(seed)
        graph = random_graph(chance, acyclic=bool(seed % 2))
        start = chance.choice([run_id for run_id, metadata in graph.runs.items() if metadata is not None] or ["r01"])
        yield chance, graph, start, sorted(graph.upstream(start))


def test_a_renamed_copy_has_the_same_fingerprints() -> None:
    differing = []
    for chance, graph, _, _ in trials(1000):
        copy, names = renamed(graph, chance)
        before, after = fingerprints(graph.answer()), fingerprints(copy.answer())
        differing += [run_id for run_id in before if before[run_id] != after[names.get(run_id, run_id)]]
    assert differing == []


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_upstream_changes_the_fingerprint(change: Callable[[Graph, list[str], random.Random], None]) -> None:
    made, same = 0, []
    for chance, graph, start, upstream in trials(500):
        changed = graph.copy()
        try:
            change(changed, upstream, chance)
        except IndexError:  # nothing there that could be changed so
            continue
        made += 1
        copy, names = renamed(changed, chance)
        if fingerprints(graph.answer())[start] == fingerprints(copy.answer())[names[start]]:
            same.append((graph, start))
    assert same == []
    assert made > 250


def test_a_change_elsewhere_does_not() -> None:
    differing = []
    for _, graph, start, upstream in trials(500):
        changed = graph.copy()
        changed.runs["elsewhere"] = {"n": 1}
        changed.sources.add(("elsewhere", start, None))
        used = {(source, name) for run_id, source, name in graph.sources if run_id in upstream}
        for key in changed.artifacts:
            if key not in used:
                changed.artifacts[key] = {"rows": "changed"}
        for run_id in changed.runs:
            if run_id not in upstream and changed.runs[run_id] is not None:
                changed.runs[run_id] = {"n": "changed"}
        if fingerprints(graph.answer())[start] != fingerprints(changed.answer())[start]:
            differing.append((graph, start))
    assert differing == []


# -- by example --------------------------------------------------------------------------------------------------------


def of(graph: Graph, start: str = "x", **how: Any) -> str:
    return fingerprints(graph.answer(), **how)[start]


def test_as_many_uses_of_equal_runs_as_there_are_count() -> None:
    one = Graph({"x": {}, "a": {}}, {}, {("x", "a", None)})
    two = Graph({"x": {}, "a": {}, "b": {}}, {}, {("x", "a", None), ("x", "b", None)})
    three = Graph({"x": {}, "a": {}, "b": {}, "c": {}}, {}, {("x", "a", None), ("x", "b", None), ("x", "c", None)})
    assert len({of(one), of(two), of(three)}) == 3


def test_a_whole_run_beside_an_artifact_of_it_counts() -> None:
    metadata: dict[str, dict[str, Any] | None] = {"x": {}, "a": {}}
    named = Graph(metadata, {("a", "m"): {}}, {("x", "a", "m")})
    both = Graph(metadata, {("a", "m"): {}}, {("x", "a", "m"), ("x", "a", None)})
    whole = Graph(metadata, {("a", "m"): {}}, {("x", "a", None)})
    assert len({of(named), of(both), of(whole)}) == 3


def test_an_artifact_of_a_run_that_was_used_as_a_whole_is_no_part_of_it() -> None:
    without = Graph({"x": {}, "a": {}}, {}, {("x", "a", None)})
    assert of(without) == of(Graph({"x": {}, "a": {}}, {("a", "m"): {"rows": 1}}, {("x", "a", None)}))


def test_an_external_is_its_id_and_no_reported_run_without_anything_is_one() -> None:
    externals = [of(Graph({"x": {}, name: None}, {}, {("x", name, None)})) for name in ("s3://a", "s3://b")]
    reported = [of(Graph({"x": {}, name: {}}, {}, {("x", name, None)})) for name in ("s3://a", "s3://b")]
    assert len({*externals, *reported}) == 3
    assert reported[0] == reported[1]


def known(sha256: object, above: int, **more: object) -> Graph:
    metadata = {"sha256": sha256, **more}
    return Graph({"x": {}, "a": {"n": above}, "b": {}}, {("a", "m"): metadata}, {("x", "a", "m"), ("a", "b", None)})


def test_an_artifact_with_a_sha256_stands_for_all_above_it() -> None:
    assert of(known("ab", 1)) == of(known("ab", 2))
    assert of(known("ab", 1)) != of(known("cd", 1))
    assert of(known("ab", 1)) != of(known("ab", 1, rows=7))  # what it says of itself counts, as of any other
    assert of(known("ab", 1), sha256=False) != of(known("ab", 2), sha256=False)
    assert fingerprints_of(known("ab", 1).answer(), [("a", "m")]) == fingerprints_of(
        known("ab", 2).answer(), [("a", "m")]
    )


@pytest.mark.parametrize("value", ["", None, 7, ["ab"], b"ab"])
def test_a_sha256_that_is_no_text_does_not(value: object) -> None:
    assert of(known(value, 1)) != of(known(value, 2))


@pytest.mark.parametrize("pattern", ["sha256", "m.sha256", "sha*", "*"])
def test_nor_does_one_that_is_ignored(pattern: str) -> None:
    one, other = known("ab", 1), known("cd", 1)
    assert of(one, ignore=[pattern]) == of(other, ignore=[pattern])
    deeper = known("ab", 1)
    deeper.sources.discard(("a", "b", None))
    assert of(one, ignore=[pattern]) != of(deeper, ignore=[pattern])


def test_a_sha256_on_a_cycle_opens_it() -> None:
    """What stands above it is not told from anything, on the way round either."""

    def ring(above: int) -> Graph:
        return Graph(
            {"x": {}, "a": {"n": above}, "b": {}},
            {("a", "m"): {"sha256": "ab"}, ("x", "m"): {}},
            {("x", "a", "m"), ("b", "x", "m"), ("a", "b", None)},
        )

    assert of(ring(1)) == of(ring(2))
    assert of(ring(1), sha256=False) != of(ring(2), sha256=False)
    assert of(ring(1), "a") != of(ring(2), "a")


def test_ignored_keys_are_those_of_runs_and_of_artifacts_by_their_names() -> None:
    def with_values(seed: int, lr: float, rows: int) -> Graph:
        runs: dict[str, dict[str, Any] | None] = {"x": {"optim": {"seed": seed, "lr": lr}}, "a": {}}
        return Graph(runs, {("a", "m"): {"rows": rows}}, {("x", "a", "m")})

    one = with_values(1, 0.1, 7)
    assert of(one) != of(with_values(2, 0.1, 7))
    assert of(one, ignore=["*.seed"]) == of(with_values(2, 0.1, 7), ignore=["*.seed"])
    assert of(one, ignore=["optim"]) != of(with_values(2, 0.1, 7), ignore=["optim"])
    assert of(one, ignore=["m.rows"]) == of(with_values(1, 0.1, 8), ignore=["m.rows"])
    assert of(one, ignore=["n.rows"]) != of(with_values(1, 0.1, 8), ignore=["n.rows"])
    assert of(one, ignore="rows") == of(one, ignore=Ignored(["rows"]))


def test_equal_values_of_other_types_make_no_difference() -> None:
    alike: list[dict[str, Any]] = [
        {"a": 1, "b": {"c": -0.0}},
        {"b.c": 0, "a": 1.0},
        {"b.c": Decimal(0), "a": Decimal("1.0")},
    ]
    assert len({of(Graph({"x": metadata})) for metadata in alike}) == 1
    assert of(Graph({"x": {"a": 1}})) != of(Graph({"x": {"a": True}}))


def test_a_run_and_a_use_of_an_artifact_are_told_apart() -> None:
    graph = Graph({"x": {}}, {("x", "m"): {}})
    assert len(set(fingerprints_of(graph.answer(), ["x", ("x", "m")]))) == 2


def test_an_empty_answer_has_none() -> None:
    assert fingerprints(Answer()) == {}
    assert Lineage().fingerprints() == {}


# -- cycles ------------------------------------------------------------------------------------------------------------


def ring(values: list[object]) -> Graph:
    """Each run is made from the one before it, the first from the last."""
    ids = [f"r{number:05}" for number in range(len(values))]
    sources: set[tuple[str, str, str | None]] = {(run_id, ids[place - 1], None) for place, run_id in enumerate(ids)}
    return Graph({run_id: {"n": value} for run_id, value in zip(ids, values, strict=True)}, {}, sources)


def test_rings_are_equal_where_one_is_the_other_turned() -> None:
    values: list[object] = [1, 2, 1, 1, 2, 3]
    hashes = fingerprints(ring(values).answer())
    turned = fingerprints(ring(values[2:] + values[:2]).answer())
    assert [*hashes.values()][2:] + [*hashes.values()][:2] == [*turned.values()]
    assert len(set(hashes.values())) == 6
    assert set(hashes.values()).isdisjoint(fingerprints(ring([1, 2, 1, 2, 1, 3]).answer()).values())


def test_rings_of_equal_runs_differ_by_how_many_they_are() -> None:
    rings = [fingerprints(ring([1] * size).answer()) for size in range(1, 8)]
    assert [len(set(hashes.values())) for hashes in rings] == [1] * 7
    assert len({value for hashes in rings for value in hashes.values()}) == 7


def test_what_is_furthest_away_on_a_ring_still_counts() -> None:
    """Also where all are told apart at first sight, so that nothing has to be passed on."""
    before, after = ring(list(range(50))), ring([*range(25), "changed", *range(26, 50)])
    assert set(fingerprints(before.answer()).values()).isdisjoint(fingerprints(after.answer()).values())


def test_which_way_round_a_ring_goes_counts() -> None:
    one, other = ring([1, 2, 3]), ring([3, 2, 1])
    assert set(fingerprints(one.answer()).values()).isdisjoint(fingerprints(other.answer()).values())


# -- sizes, and what is made to collide --------------------------------------------------------------------------------


def chain(length: int) -> Answer:
    ids = [f"r{number:06}" for number in range(length)]
    return Graph(
        {run_id: {} for run_id in ids}, {}, {(later, earlier, None) for earlier, later in pairwise(ids)}
    ).answer()


def test_a_chain_of_a_hundred_thousand_runs_is_walked() -> None:
    assert len(set(fingerprints(chain(100_000)).values())) == 100_000


def test_a_long_ring_is_told_apart_from_one_run_on() -> None:
    """Where each round tells but one more run apart, all rounds together look at each run a few times only."""
    graph = ring(["marked", *[1] * 9_999])
    graph.sources |= {("r00005", run_id, None) for run_id in graph.runs}
    assert len(set(fingerprints(graph.answer()).values())) == 10_000


def test_a_ladder_of_very_many_paths_is_one_pass() -> None:
    ids = [f"{place:03}{side}" for place in range(1000) for side in "ab"]
    sources = {
        (f"{place + 1:03}{one}", f"{place:03}{other}", name)
        for place in range(999)
        for one in "ab"
        for other in "ab"
        for name in ("m", None)
    }
    graph = Graph({run_id: {} for run_id in ids}, {(run_id, "m"): {} for run_id in ids}, set(sources))
    assert len(set(fingerprints(graph.answer()).values())) == 1000


def test_no_two_ways_to_cut_texts_into_keys_and_values_collide() -> None:
    """Texts that look like lengths, kinds and ends of others, cut at any place into any number of keys and values."""
    chance = random.Random(7)
    length = (1).to_bytes(8, "big").decode()
    pieces = ["a", "aa", "text:", "text:a", "\0", length, length + "a", '"', "metadata", "run", ".", "a.a"]
    told: dict[frozenset[tuple[str, str]], None] = {}
    while len(told) < 100_000:
        text = [chance.choice(pieces) for _ in range(chance.randrange(2, 9))]
        cut = chance.randrange(1, len(text))
        keys = ["".join(text[:cut]), "".join(text[cut:])]
        values = {keys[0]: keys[1]} if chance.random() < 0.4 else {keys[0]: "a", keys[1]: "".join(text[:1])}
        told[frozenset(values.items())] = None
    graph = Graph({str(number): dict(items) for number, items in enumerate(told)})
    assert len(set(fingerprints(graph.answer()).values())) == 100_000
