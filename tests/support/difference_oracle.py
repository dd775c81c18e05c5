"""The reference model of what differs between two lineages, by the rules, one run at a time."""

from __future__ import annotations

import fnmatch
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import networkx as nx

from graphtracker import Difference, Lineage
from graphtracker.analysis.fingerprint import fingerprints

Label = str | None
Ids = tuple[str, str]


@dataclass
class Beside:
    """Two runs that stand beside each other, with what the rules say of them."""

    role: tuple[Label, ...]
    used: set[str] = field(default_factory=set)
    sources: list[Ids] = field(default_factory=list)
    metadata: set[str] = field(default_factory=set)
    artifacts: dict[str, set[str]] = field(default_factory=dict)
    only: set[tuple[Label, str]] = field(default_factory=set)
    other_only: set[tuple[Label, str]] = field(default_factory=set)
    crossed: set[tuple[Label, str, str]] = field(default_factory=set)
    external: bool = False
    follows: bool = False

    @property
    def differs(self) -> bool:
        """Whether the two differ in themselves."""
        links = self.only or self.other_only or self.crossed
        return bool(self.metadata or self.artifacts or links or self.external)


def expected(one: Lineage, other: Lineage, *, ignore: Iterable[str] = (), paths: bool = False) -> dict[Ids, Beside]:
    """All pairs; which runs have equal fingerprints the product says."""
    sides = (one, other)
    prints = [fingerprints(side, ignore=ignore, sha256=False) for side in sides]
    start = (str(one.start_run), str(other.start_run))
    found = {start: Beside(())}
    found[start].used = _of_starts(one, other)
    for ids in _growing(found):
        labels = {label for side, run_id in zip(sides, ids, strict=True) for label in _sources(side, run_id)}
        for label in sorted(labels, key=lambda each: (each is not None, str(each))):
            theirs = [set(_sources(side, run_id).get(label, ())) for side, run_id in zip(sides, ids, strict=True)]
            for match in _matches(sides, prints, theirs, label, ignore):
                theirs[0].discard(match[0])
                theirs[1].discard(match[1])
                _meet(found, ids, label, match)
            found[ids].only |= {(label, run_id) for run_id in theirs[0]}
            found[ids].other_only |= {(label, run_id) for run_id in theirs[1]}
    for ids, beside in found.items():
        _compare(sides, ids, beside, ignore, paths)
    _tell_what_follows(found)
    return found


def _growing(found: dict[Ids, Beside]) -> Iterable[Ids]:
    done = 0
    while done < len(found):
        yield list(found)[done]
        done += 1


def _of_starts(one: Lineage, other: Lineage) -> set[str]:
    asked = [side.start[1] for side in (one, other) if isinstance(side.start, tuple)]
    if len(asked) == 2:
        return set(asked)
    held = [{name for run_id, name in side.artifacts if run_id == side.start_run} for side in (one, other)]
    return held[0] & held[1]


def _sources(side: Lineage, run_id: str) -> dict[Label, list[str]]:
    found: dict[Label, list[str]] = {}
    for source in side.sources:
        if source.run_id == run_id:
            found.setdefault(source.artifact_name, []).append(source.source_run_id)
    return found


def _matches(
    sides: tuple[Lineage, Lineage],
    prints: list[dict[str, str]],
    runs: list[set[str]],
    label: Label,
    ignore: Iterable[str],
) -> list[Ids]:
    """One after the other, by the first rule that finds some, equal ones by their ids."""

    def use(place: int, run_id: str) -> object:
        artifact = None if label is None else sides[place].artifacts[run_id, label]
        said = {} if artifact is None else _flat(artifact.metadata, ignore, artifact.name)
        return prints[place][run_id], frozenset((key, _canonical(value)) for key, value in said.items())

    def shape(place: int, run_id: str) -> object:
        sources = _sources(sides[place], run_id)
        if sides[place].runs[run_id].external and not sources:
            return run_id
        counts = {(named, len(run_ids)) for named, run_ids in sources.items()}
        return frozenset(counts), frozenset(name for owner, name in sides[place].artifacts if owner == run_id)

    rules: list[Callable[[int, str], object]] = [
        lambda place, run_id: run_id,
        use,
        lambda place, run_id: prints[place][run_id],
        shape,
        lambda place, run_id: None,
    ]
    left = [sorted(each) for each in runs]
    found: list[Ids] = []
    for rule in rules:
        now: list[Ids] = []
        for run_id in list(left[0]):
            equals = [other for other in left[1] if rule(1, other) == rule(0, run_id)]
            if equals:
                now.append((run_id, equals[0]))
                left[0].remove(run_id)
                left[1].remove(equals[0])
        found += sorted(now, key=sorted)
    return found


def _meet(found: dict[Ids, Beside], ids: Ids, label: Label, match: Ids) -> None:
    if match not in found:
        if any(match[0] == run_id or match[1] == other for run_id, other in found):
            found[ids].crossed.add((label, *match))
            return
        found[match] = Beside((*found[ids].role, label))
    found[ids].sources.append(match)
    if label is not None:
        found[match].used.add(label)


def _compare(sides: tuple[Lineage, Lineage], ids: Ids, beside: Beside, ignore: Iterable[str], paths: bool) -> None:
    runs = [side.runs[run_id] for side, run_id in zip(sides, ids, strict=True)]
    beside.metadata = _unequal(*(_flat(run.metadata, ignore) for run in runs))
    alone = [run.external and not _sources(side, run.run_id) for side, run in zip(sides, runs, strict=True)]
    beside.external = ids[0] != ids[1] and any(alone)
    for name in beside.used:
        there = [side.artifacts.get((run_id, name)) for side, run_id in zip(sides, ids, strict=True)]
        changed = _unequal(*({} if item is None else _flat(item.metadata, ignore, name) for item in there))
        if None in there or (paths and len({item.place for item in there if item is not None}) == 2):
            changed |= {""}
        if changed:
            beside.artifacts[name] = changed


def _flat(metadata: Mapping[str, Any], ignore: Iterable[str], name: str | None = None) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in metadata.items():
        if isinstance(value, dict) and value:
            found |= {f"{key}.{inner}": item for inner, item in _flat(value, ()).items()}
        else:
            found[key] = value
    spellings = {key: [key, *([] if name is None else [f"{name}.{key}"])] for key in found}
    return {
        key: value
        for key, value in found.items()
        if not any(fnmatch.fnmatchcase(text, pattern) for text in spellings[key] for pattern in ignore)
    }


def _unequal(values: dict[str, Any], others: dict[str, Any]) -> set[str]:
    texts = [{key: _canonical(value) for key, value in side.items()} for side in (values, others)]
    return {key for key in {*values, *others} if texts[0].get(key) != texts[1].get(key)}


def _canonical(value: Any) -> object:
    """Of None, bools, numbers, texts and lists of these: the same for equal ones alone."""
    if isinstance(value, list):
        return ("list", *((type(item).__name__, item) for item in value))
    if isinstance(value, float) and math.isnan(value):
        return "nan"
    return ("number" if type(value) in (int, float) else type(value).__name__, value)


def _tell_what_follows(found: dict[Ids, Beside]) -> None:
    graph: nx.DiGraph[Any] = nx.DiGraph()
    graph.add_nodes_from(found)
    graph.add_edges_from((ids, source) for ids, beside in found.items() for source in beside.sources)
    upstream = {ids: nx.descendants(graph, ids) for ids in found}
    for ids, beside in found.items():
        beside.follows = any(found[each].differs and ids not in upstream[each] for each in upstream[ids])


def disagreements(want: dict[Ids, Beside], difference: Difference) -> list[str]:
    """What a difference says otherwise than the model; empty where it is right."""
    got = {(pair.run_id, pair.other_run_id): pair for pair in difference.pairs}
    found = [f"pairs: {sorted(got)}, must be {sorted(want)}"] if set(got) != set(want) else []
    for ids in sorted(set(got) & set(want)):
        pair, beside = got[ids], want[ids]
        told: list[tuple[str, Any, Any]] = [
            ("role", pair.role, beside.role),
            ("distance", pair.distance, len(beside.role)),
            ("metadata", set(pair.metadata), beside.metadata),
            ("artifacts", {name: set(changes) for name, changes in pair.artifacts.items()}, beside.artifacts),
            ("only", sorted(pair.only, key=repr), sorted(beside.only, key=repr)),
            ("other_only", sorted(pair.other_only, key=repr), sorted(beside.other_only, key=repr)),
            ("crossed", sorted(pair.crossed, key=repr), sorted(beside.crossed, key=repr)),
            ("external", pair.external, beside.external),
            ("follows", pair.follows, beside.follows),
        ]
        found += [f"{what} of {ids} is {has}, must be {must}" for what, has, must in told if has != must]
    firsts = {ids for ids, beside in want.items() if beside.differs and not beside.follows}
    origins = {(pair.run_id, pair.other_run_id) for pair in difference.origins}
    return found + ([f"origins are {origins}, must be {firsts}"] if origins != firsts else [])


def mirrored(difference: Difference) -> list[dict[str, Any]]:
    """Its pairs as the difference of the other way round must have them, in its order."""
    turned = [_turned(pair.to_dict()) for pair in difference.pairs]
    return sorted(turned, key=lambda pair: (pair["distance"], pair["run_id"]))


def _turned(pair: dict[str, Any]) -> dict[str, Any]:
    def values(changes: dict[str, Any]) -> dict[str, Any]:
        names = {"value": "other", "other": "value"}
        return {key: {names[side]: value for side, value in both.items()} for key, both in changes.items()}

    crossed = [(each["artifact_name"], each["other_run_id"], each["run_id"]) for each in pair["crossed"]]
    crossed.sort(key=lambda each: (each[0] or "", *each[1:]))
    return {
        **pair,
        "run_id": pair["other_run_id"],
        "other_run_id": pair["run_id"],
        "metadata": values(pair["metadata"]),
        "artifacts": {name: values(changes) for name, changes in pair["artifacts"].items()},
        "only": pair["other_only"],
        "other_only": pair["only"],
        "crossed": [dict(zip(("artifact_name", "run_id", "other_run_id"), each, strict=True)) for each in crossed],
    }
