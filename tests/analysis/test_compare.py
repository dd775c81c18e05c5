"""What differs between two lineages: the rules by example, every answer is the model's, the laws hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import pairwise, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphtracker import MISSING, Difference, GraphTracker, InvalidInput, Lineage, NotFound
from graphtracker.analysis.fingerprint import fingerprints
from tests.support.difference_oracle import disagreements, expected, mirrored
from tests.support.oracle import Call, Logs, Model, Names, Node, Reports, tell
from tests.support.strategies import histories

SOME = settings(max_examples=40, deadline=None)


@contextmanager
def holding(*calls: Call) -> Iterator[GraphTracker]:
    """A store in which these calls were made."""
    with GraphTracker(":memory:") as tracker:
        tell(tracker, calls)
        yield tracker


def upstream(tracker: GraphTracker, node: Node, depth: int | None = None) -> Lineage:
    run_id, name = (node, None) if isinstance(node, str) else node
    return tracker.lineage(run_id, artifact_name=name, direction="upstream", depth=depth)


def between(*calls: Call, ignore: Iterable[str] = (), paths: bool = False) -> Difference:
    """The difference of the runs x and y."""
    with holding(*calls) as tracker:
        return tracker.diff("x", "y", ignore=ignore, paths=paths)


def ids(difference: Difference) -> list[tuple[str, str]]:
    return [(pair.run_id, pair.other_run_id) for pair in difference.pairs]


# -- which runs stand beside each other --------------------------------------------------------------------------------


def test_runs_stand_beside_each_other_by_their_roles_and_not_by_their_ids() -> None:
    found = between(
        Names("x", "clean 1", "rows"),
        Names("x", "base", None),
        Names("clean 1", "raw", "csv"),
        Names("y", "clean 2", "rows"),
        Names("y", "base", None),
        Names("clean 2", "raw", "csv"),
    )
    assert [(pair.run_id, pair.other_run_id, pair.role, pair.distance) for pair in found.pairs] == [
        ("x", "y", (), 0),
        ("base", "base", (None,), 1),
        ("clean 1", "clean 2", ("rows",), 1),
        ("raw", "raw", ("rows", "csv"), 2),
    ]
    assert (found.same, found.changed, found.origins) == (True, (), ())


def test_of_several_under_a_label_those_with_equal_ids_stand_together_first() -> None:
    found = between(*(Names(run, source, "rows") for run, source in [("x", "a"), ("x", "c"), ("y", "b"), ("y", "c")]))
    assert ids(found) == [("x", "y"), ("a", "b"), ("c", "c")]


def test_then_those_that_came_from_the_same() -> None:
    found = between(
        *(Reports(run_id, {"fold": fold}) for run_id, fold in {"a": 1, "b": 2, "c": 2, "d": 1}.items()),
        *(Names(run, source, "part") for run, source in [("x", "a"), ("x", "b"), ("y", "c"), ("y", "d")]),
    )
    assert ids(found) == [("x", "y"), ("a", "d"), ("b", "c")]
    assert found.same


def test_of_runs_alike_each_stands_beside_the_one_whose_artifact_says_the_same() -> None:
    parts = {"a": 1, "b": 2, "c": 2, "d": 1}
    found = between(
        *(Logs(run_id, "part", "/part", {"fold": fold}) for run_id, fold in parts.items()),
        *(Names(run, source, "part") for run, source in [("x", "a"), ("x", "b"), ("y", "c"), ("y", "d")]),
    )
    assert ids(found) == [("x", "y"), ("a", "d"), ("b", "c")]
    assert found.same


def test_then_those_of_equal_shape() -> None:
    """Which labels the sources have, how many, and which artifacts."""
    found = between(
        *(Reports(run_id, {"at": place}) for place, run_id in enumerate("abcd")),
        *(Names(run, source, None) for run, source in [("x", "a"), ("x", "b"), ("y", "c"), ("y", "d")]),
        Names("a", "raw", "csv"),
        Names("d", "raw", "csv"),
    )
    assert ids(found)[:3] == [("x", "y"), ("a", "d"), ("b", "c")]


def test_an_external_has_the_shape_of_its_id_alone() -> None:
    found = between(
        *(Names(run, source, None) for run, source in [("x", "a"), ("x", "s3://b"), ("y", "c"), ("y", "s3://d")]),
        Reports("a", {"at": 1}),
        Reports("c", {"at": 2}),
    )
    assert ids(found) == [("x", "y"), ("a", "c"), ("s3://b", "s3://d")]
    assert [pair.external for pair in found.pairs] == [False, False, True]


def test_the_rest_stand_together_in_the_order_of_ids_and_what_is_left_has_no_match() -> None:
    found = between(
        *(Reports(run_id, {"at": place}) for place, run_id in enumerate("abcde")),
        *(Names("x", source, "rows") for source in "ab"),
        *(Names("y", source, "rows") for source in "cde"),
        Names("x", "lone", None),
    )
    assert ids(found) == [("x", "y"), ("a", "c"), ("b", "d")]
    assert (found.pairs[0].only, found.pairs[0].other_only) == (((None, "lone"),), (("rows", "e"),))


def test_a_run_stands_beside_one_other_that_of_its_nearest_role() -> None:
    """x made b and used it with a; y used d in both places."""
    found = between(
        *(Names(*each) for each in [("x", "a", "rows"), ("x", "b", "more"), ("y", "d", "rows"), ("y", "d", "more")])
    )
    assert ids(found) == [("x", "y"), ("b", "d")]
    assert found.pairs[0].crossed == (("rows", "a", "d"),)


def test_who_of_equals_comes_first_does_not_depend_on_the_side() -> None:
    """Of x both parts were made from one run, which can stand beside one alone."""
    calls: list[Call] = [
        *(Reports(run_id, {"fold": fold}) for run_id, fold in {"p1": 1, "p2": 2, "q1": 2, "q2": 1}.items()),
        *(Names(run, source, "part") for run, source in [("x", "p1"), ("x", "p2"), ("y", "q1"), ("y", "q2")]),
        *(Names(*each, None) for each in [("p1", "s"), ("p2", "s"), ("q1", "t"), ("q2", "u")]),
        *(Reports(run_id, {}) for run_id in "stu"),
    ]
    with holding(*calls) as tracker:
        assert ids(tracker.diff("x", "y")) == [("x", "y"), ("p1", "q2"), ("p2", "q1"), ("s", "u")]
        assert ids(tracker.diff("y", "x")) == [("y", "x"), ("q1", "p2"), ("q2", "p1"), ("u", "s")]


def test_a_lineage_of_a_cycle_is_compared_as_any_other() -> None:
    found = between(
        *(Names(*each, "m") for each in [("x", "a"), ("a", "x"), ("y", "b"), ("b", "y"), ("x", "x"), ("y", "y")]),
        Reports("a", {"lr": 1}),
        Reports("b", {"lr": 2}),
    )
    assert ids(found) == [("x", "y"), ("a", "b")]
    assert [pair.crossed for pair in found.pairs] == [(), ()]


# -- what a pair differs in --------------------------------------------------------------------------------------------


def test_metadata_differs_by_its_flattened_keys_and_what_a_side_has_not_is_missing() -> None:
    [pair] = between(
        Reports("x", {"lr": 1, "optim": {"name": "adam", "eps": None}, "same": 1, "nan": float("nan")}),
        Reports("y", {"lr": True, "optim": {"name": "sgd"}, "same": 1.0, "nan": float("nan"), "new": []}),
    ).pairs
    assert dict(pair.metadata) == {
        "lr": (1, True),
        "new": (MISSING, []),
        "optim.eps": (None, MISSING),
        "optim.name": ("adam", "sgd"),
    }
    assert list(pair.metadata) == sorted(pair.metadata)
    assert pair.to_dict()["metadata"]["new"] == {"other": []}
    assert pair.to_dict()["metadata"]["optim.eps"] == {"value": None}


def test_artifacts_differ_where_they_were_used_by_name_through_the_pair() -> None:
    used: list[Call] = [Names(run, source, "rows") for run, source in (("x", "a"), ("y", "b"))]
    logged = [Logs(run, name, f"/{run}", {"of": run}) for run in "ab" for name in ("rows", "unused")]
    found = between(*used, *logged)
    assert {name: dict(changes) for name, changes in found.pairs[1].artifacts.items()} == {"rows": {"of": ("a", "b")}}
    whole = between(*(Names(run, source, None) for run, source in (("x", "a"), ("y", "b"))), *logged)
    assert whole.same


def test_places_differ_only_where_they_are_compared() -> None:
    calls: list[Call] = [
        *(Names(run, source, "rows") for run, source in (("x", "a"), ("y", "b"))),
        *(Logs(run, "rows", f"/{run}", None) for run in "ab"),
    ]
    assert between(*calls).same
    assert dict(between(*calls, paths=True).pairs[1].artifacts["rows"]) == {"": ("/a", "/b")}


def test_what_is_ignored_is_no_difference() -> None:
    calls: list[Call] = [
        *(Names(run, source, "rows") for run, source in (("x", "a"), ("y", "b"))),
        *(Logs(run, "rows", "/rows", {"n": run}) for run in "ab"),
        *(Reports(run, {"optim": {"seed": run}, "n": 1}) for run in "xy"),
    ]
    assert len(between(*calls).changed) == 2
    assert len(between(*calls, ignore=["optim.*"]).changed) == 1
    assert between(*calls, ignore=["*.seed", "rows.n"]).same
    assert between(*calls, ignore=["*"]).same


def test_what_is_no_difference() -> None:
    """Ids, names, times, artifacts that nobody used, and whether what was used was logged."""
    calls: list[Call] = [
        *(Names(run, f"cluster-{run}://train/same", "rows") for run in "xy"),
        Logs("cluster-x://train/same", "rows", "/rows", None),
        Logs("cluster-x://train/same", "log", "/log", {"n": 1}),
        *(Reports(f"cluster-{run}://train/same", {}) for run in "xy"),
        *(Logs(run, "model", f"/{run}", {"of": run}) for run in "xy"),
    ]
    assert between(*calls).same


def test_an_externals_id_is_what_it_is() -> None:
    found = between(*(Names(run, f"s3://{run}", "csv") for run in "xy"))
    assert [(pair.run_id, pair.external) for pair in found.origins] == [("s3://x", True)]


def test_of_artifacts_that_are_asked_about_their_own_metadata_is_compared() -> None:
    calls: list[Call] = [Logs(run, name, "/m", {"of": f"{run}{name}"}) for run in "xy" for name in ("model", "log")]
    with holding(*calls) as tracker:
        found = tracker.diff("x", "y", artifact_name="model")
        runs = tracker.diff("x", "y")
        wider = tracker.lineage("x").diff(tracker.lineage("y"))
        odd = upstream(tracker, ("x", "model")).diff(upstream(tracker, ("y", "log")))
        mixed = upstream(tracker, ("x", "model")).diff(upstream(tracker, "y"))
    assert (found.start, found.other) == (("x", "model"), ("y", "model"))
    assert {name: dict(changes) for name, changes in found.pairs[0].artifacts.items()} == {
        "model": {"of": ("xmodel", "ymodel")}
    }
    assert runs.same
    assert set(wider.pairs[0].artifacts) == {"log", "model"}
    assert {name: dict(changes)[""] for name, changes in odd.pairs[0].artifacts.items()} == {
        "log": (MISSING, "/m"),
        "model": ("/m", MISSING),
    }
    assert mixed.same


# -- where it begins ---------------------------------------------------------------------------------------------------


def test_the_first_differences_are_those_with_none_upstream_of_them() -> None:
    chain = [Names(later + run, earlier + run, None) for run in "xy" for later, earlier in ("dc", "cb", "ba")]
    found = between(
        *(Names(run, f"d{run}", None) for run in "xy"),
        *chain,
        *(Reports(f"{place}{run}", {"of": run}) for place in "bd" for run in "xy"),
        *(Reports(f"a{run}", {}) for run in "xy"),
    )
    assert [pair.run_id for pair in found.origins] == ["bx"]
    assert [pair.run_id for pair in found.changed] == ["dx", "bx"]
    assert {pair.run_id: pair.follows for pair in found.pairs} == {
        "x": True, "dx": True, "cx": True, "bx": False, "ax": False,
    }  # fmt: skip
    assert found.same is False


def test_on_a_cycle_each_that_differs_is_first_and_none_follows() -> None:
    cycle = [Names(one + run, other + run, None) for run in "xy" for one, other in ("ab", "bc", "ca")]
    found = between(
        *(Names(run, f"a{run}", None) for run in "xy"),
        *cycle,
        *(Reports(f"{place}{run}", {"of": run}) for place in "ab" for run in "xy"),
    )
    assert [pair.run_id for pair in found.origins] == ["ax", "bx"]
    assert {pair.run_id: pair.follows for pair in found.pairs} == {"x": True, "ax": False, "bx": False, "cx": False}


def test_what_is_below_a_cycle_follows_whichever_of_it_differs() -> None:
    found = between(
        *(Names(run, f"a{run}", None) for run in "xy"),
        *(Names(one + run, other + run, None) for run in "xy" for one, other in ("ab", "ba")),
        *(Reports(f"b{run}", {"of": run}) for run in "xy"),
    )
    assert {pair.run_id: pair.follows for pair in found.pairs} == {"x": True, "ax": False, "bx": False}


# -- whether it is whole -----------------------------------------------------------------------------------------------


def test_sameness_is_not_told_of_what_is_not_whole_and_a_difference_stands() -> None:
    calls = [
        Names(later, earlier, None) for later, earlier in (("x", "a"), ("a", "s3://1"), ("y", "b"), ("b", "s3://1"))
    ]
    with holding(*calls, Reports("c", {}), Names("z", "c", None), Reports("z", {"lr": 1})) as tracker:
        cut = tracker.diff("x", "y", depth=1)
        assert (cut.same, cut.complete, set(cut.reasons)) == (None, False, {"depth"})
        assert tracker.diff("x", "z", depth=1).same is False
        one_side = upstream(tracker, "x", 1).unsynced().diff(upstream(tracker, "z"))
        assert one_side.reasons == {"depth", "unsynced"}
        assert tracker.diff("x", "y", depth=2).same is True


def test_a_lineage_without_a_start_or_without_an_upstream_is_refused() -> None:
    with holding(Reports("x", {})) as tracker:
        with pytest.raises(NotFound):
            tracker.lineage("x").diff(tracker.graph())
        with pytest.raises(InvalidInput, match="downstream"):
            tracker.lineage("x").diff(tracker.lineage("x", direction="downstream"))


# -- all of it ---------------------------------------------------------------------------------------------------------


@settings(max_examples=20, deadline=None)  # each is a hundred differences
@given(histories, histories, st.sampled_from([(), ("lr",), ("*",), ("model.*",)]), st.booleans())
def test_every_answer_is_the_models_and_that_of_the_other_way_round(
    calls: list[Call], others: list[Call], ignore: tuple[str, ...], paths: bool
) -> None:
    """Of each two runs of a store, and of a run in two; of artifacts, and of answers that are cut."""
    problems: list[str] = []
    with holding(*calls) as tracker, holding(*others) as another:
        runs, theirs = sorted(Model.of(calls).nodes, key=repr), sorted(Model.of(others).nodes, key=repr)
        asked = [(upstream(tracker, one), upstream(tracker, two)) for one, two in product(runs[:6], runs[:6])]
        asked += [(upstream(tracker, one), upstream(another, two)) for one in runs[-3:] for two in theirs[:3]]
        asked += [(upstream(tracker, one, 1), upstream(another, two)) for one in runs[:2] for two in theirs[-2:]]
        asked += [
            (tracker.lineage(one), upstream(another, two)) for one in runs[:2] for two in theirs if isinstance(one, str)
        ]
    for one, two in asked:
        difference = one.diff(two, ignore=ignore, paths=paths)
        about = f"{one.start!r} and {two.start!r}"
        problems += [
            f"{about}: {line}" for line in disagreements(expected(one, two, ignore=ignore, paths=paths), difference)
        ]
        turned = two.diff(one, ignore=ignore, paths=paths)
        if [pair.to_dict() for pair in turned.pairs] != mirrored(difference):
            problems.append(f"{about}: {turned.pairs} is no mirror of {difference.pairs}")
        if difference.complete:
            problems += fingerprints_and_differences(one, two, ignore)
    assert not problems, "\n".join(problems[:10])


def fingerprints_and_differences(one: Lineage, two: Lineage, ignore: Iterable[str]) -> Iterator[str]:
    """No difference means equal fingerprints, but where a run of two stores is external in one, by the same id; in one
    store equal ones mean that nothing but crosses can differ."""
    prints = [fingerprints(each, ignore=ignore, sha256=False)[str(each.start_run)] for each in (one, two)]
    difference = one.diff(two, ignore=ignore)
    own = difference.pairs[0].artifacts  # of the starts, which no fingerprint is over
    elsewhere = [pair for pair in difference.changed if pair is not difference.pairs[0]]
    both_know = all(one.runs[run_id].external == two.runs[run_id].external for run_id in {*one.runs} & {*two.runs})
    if difference.same and both_know and prints[0] != prints[1]:
        yield f"{one.start!r} and {two.start!r} do not differ, but their fingerprints do"
    in_one_store = all(two.runs.get(run_id, run) == run for run_id, run in one.runs.items())
    if prints[0] == prints[1] and in_one_store:
        for pair in difference.changed:
            others = pair.metadata or pair.only or pair.other_only or pair.external
            if others or (pair.artifacts and pair in elsewhere) or (pair.artifacts and not own):
                yield f"{one.start!r} and {two.start!r} have one fingerprint, but differ in {pair}"


@SOME
@given(histories)
def test_a_renamed_copy_whose_ids_keep_their_order_is_the_same(calls: list[Call]) -> None:
    reported = {call.run_id for call in calls}
    renamed = [_renamed(call, {run_id: f"{run_id} again" for run_id in reported}) for call in calls]
    with holding(*calls, *renamed) as tracker:
        for run_id in sorted(reported):
            found = tracker.diff(run_id, f"{run_id} again", paths=True)
            assert found.same, found.changed


def _renamed(call: Call, names: dict[str, str]) -> Call:
    if isinstance(call, Names):
        return call._replace(run_id=names[call.run_id], source_run_id=names.get(call.source_run_id, call.source_run_id))
    return call._replace(run_id=names[call.run_id])


@SOME
@given(histories, st.data())
def test_one_planted_change_is_the_one_first_difference(calls: list[Call], data: st.DataObject) -> None:
    unambiguous = list({(call.run_id, call.artifact_name): call for call in calls if isinstance(call, Names)}.values())
    others = [call for call in calls if not isinstance(call, Names)]
    start = data.draw(st.sampled_from(sorted({call.run_id for call in calls})))
    reported = {call.run_id for call in calls}
    names = {run_id: f"{run_id} again" for run_id in reported}
    kept = [*others, *unambiguous]
    copy = [_renamed(call, names) for call in kept]
    with holding(*kept, Reports(start, {}), *copy, Reports(f"{start} again", {})) as tracker:
        lineage = upstream(tracker, start)
        changed = data.draw(st.sampled_from(sorted(run_id for run_id, run in lineage.runs.items() if not run.external)))
        tracker.add_metadata(names[changed], planted="here")
        found = tracker.diff(start, f"{start} again")
    [origin] = found.origins
    assert (origin.run_id, origin.other_run_id, dict(origin.metadata)) == (
        changed,
        names[changed],
        {"planted": (MISSING, "here")},
    )
    assert found.changed == (origin,)


def test_a_long_chain_and_a_ladder_are_ordinary() -> None:
    length = 3000
    calls: list[Call] = []
    for run in "xy":
        ids = [run, *(f"{run}{place}" for place in range(length))]
        for later, earlier in pairwise(ids):
            calls += [Names(later, earlier, "m"), Names(later, earlier, None), Names(later, earlier, "n")]
    calls.append(Reports(f"y{length - 1}", {"lr": 1}))
    found = between(*calls)
    assert len(found.pairs) == length + 1
    assert [pair.run_id for pair in found.origins] == [f"x{length - 1}"]
    assert len(found.origins[0].role) == length
    assert len(found.to_dict()["pairs"][-1]["role"]) == 100
