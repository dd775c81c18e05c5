"""Where in a value something is refused, whatever the value's own code does, and what then stands in its place."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from enum import Enum
from typing import Any

import pytest

from graphtracker import GraphTracker, InvalidInput
from graphtracker.model.plain import mended, plain

# -- the place ---------------------------------------------------------------------------------------------------------


@dataclass
class Optim:
    betas: tuple[object, ...]


PLACES: dict[str, object] = {
    "key": 1j,
    "key[1]": [1, 1j],
    "key.optim.betas[1]": {"optim": {"betas": [0.9, 1j]}},
    "key.optim.betas[0]": argparse.Namespace(optim=Optim((1j,))),
    "key[7].name": {7: {"name": 1j}},
    "key[None][True][0.5]": {None: {True: {0.5: 1j}}},
    "key[0xf4240f4240f4240]": {0xF4240F4240F4240: 1j},
    "key.tags": {"tags": {1j}},
    "key.tags[0]": {"tags": {(1j,)}},
}


@pytest.mark.parametrize("place", PLACES)
def test_a_refusal_names_the_place_and_the_type(place: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        plain(PLACES[place], "key")
    assert str(caught.value).startswith(f"metadata '{place}' has a value of type complex, which cannot be stored")


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"a": {(1,): 2}}, "metadata 'key.a' has a key of type tuple"),
        ({"a": {10**5000: 1j}}, "metadata 'key.a[0x"),
        ({"a": ["\ud800"]}, "metadata 'key.a[0]' has a value of type str, which holds a lone surrogate (at 0)"),
        (datetime, "metadata 'key' has a value of type type"),
        (type("Red\x1b[31m", (), {})(), r"of type Red\u001b[31m, which"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_refusal_says_what_is_wrong(value: object, told: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        plain(value, "key")
    assert told in str(caught.value)


# -- the value's own code ----------------------------------------------------------------------------------------------


class Missing(Exception):
    """An error of some library's."""


def fail(*_: object) -> Any:
    raise Missing


class Lies:
    __class__ = property(fail)


class NoType(type):
    def __eq__(cls, other: object) -> bool:
        raise Missing

    __hash__ = fail


class OfNoType(metaclass=NoType):
    pass


class NoItems(Mapping[str, object]):
    __getitem__ = __iter__ = __len__ = fail


class Unmapped(Mapping[str, object]):
    """A config one value of which was never given, as OmegaConf's."""

    def __getitem__(self, key: str) -> object:
        if key == "lr":
            raise Missing
        return key.upper()

    def __iter__(self) -> Iterator[str]:
        return iter(["seed", "lr", "name"])

    def __len__(self) -> int:
        return 3


class Unlisted(Sequence[Any]):
    def __getitem__(self, place: Any) -> Any:
        if place == 1:
            raise Missing
        return place

    def __len__(self) -> int:
        return 3


class NoList(Sequence[Any]):
    __getitem__ = __len__ = __iter__ = fail


class Endless(Sequence[int]):
    def __getitem__(self, place: Any) -> Any:
        return 1

    def __len__(self) -> int:
        return 3

    def __iter__(self) -> Iterator[int]:
        while True:
            yield 1


class EndlessKeys(Mapping[int, int]):
    def __getitem__(self, key: int) -> int:
        return key

    def __iter__(self) -> Iterator[int]:
        key = 0
        while True:
            yield (key := key + 1)

    def __len__(self) -> int:
        return 1


class OddPairs(dict[str, int]):
    def items(self) -> Any:
        return [1, 2]

    keys = fail


class NoPath(os.PathLike[str]):
    __fspath__ = fail


class NoZone(tzinfo):
    utcoffset = dst = tzname = fail


class NoModel:
    model_dump = fail


class GivesItself:
    def model_dump(self) -> object:
        return self


class GivesItselfLater:
    def model_dump(self) -> object:
        return {"again": [self]}


class GivesAnother:
    def item(self) -> object:
        return type(self)()


class NoItem:
    item = fail


class NoArray:
    tolist = fail


class ShapeOfText:
    shape = "wide"

    def tolist(self) -> list[int]:
        return [1]


class OfMeta:
    """A tensor without data."""

    shape = (10**6, 10**6)
    tolist = fail


class Series:
    """As those of pandas."""

    shape = (1,)

    def keys(self) -> list[str]:
        return ["mean"]

    def tolist(self) -> list[float]:
        return [0.5]


@dataclass
class NoField:
    lr: float = field(init=False)


class NoValue(Enum):
    A = 1

    value = property(fail)


class Fine(datetime):
    """A time to the nanosecond, as pandas'."""

    nanosecond = 1


class FineSpan(timedelta):
    nanoseconds = 1


class Everything:
    """Has whatever it is asked for, as mocks and clients of services have."""

    def __getattr__(self, name: str) -> Any:
        return lambda *_: self


FAILING: dict[str, Callable[[], object]] = {
    kind.__name__: kind
    for kind in (
        Lies, OfNoType, NoItems, Unmapped, Unlisted, NoList, Endless, EndlessKeys, NoPath, NoModel, GivesItself,
        GivesItselfLater, GivesAnother, NoItem, NoArray, ShapeOfText, OfMeta, Series, NoField, Everything,
    )
} | {
    "OddPairs": lambda: OddPairs(a=1),
    "NoZone": lambda: datetime(2024, 1, 1, tzinfo=NoZone()),
    "NoValue": lambda: NoValue.A,
    "Fine": lambda: Fine(2024, 1, 1),
    "FineSpan": lambda: FineSpan(1),
}  # fmt: skip


@pytest.mark.parametrize("name", FAILING)
def test_whatever_a_values_own_code_does_is_a_refusal_that_names_the_place(name: str) -> None:
    value = FAILING[name]()
    places = {"key": value, "key.a[1]": {"a": [0, value]}, "key.b": argparse.Namespace(b=value)}
    with GraphTracker(":memory:") as tracker:
        for place, given in places.items():
            with pytest.raises(InvalidInput) as caught:
                tracker.add_metadata("run", before=1, key=given)
            assert f"metadata '{place}" in str(caught.value)
        assert tracker.run_ids() == []


@pytest.mark.parametrize("metadata", [NoItems(), OddPairs(a=1), Unmapped()], ids=lambda item: type(item).__name__)
def test_metadata_that_cannot_be_read_is_refused(metadata: Any) -> None:
    with GraphTracker(":memory:") as tracker:
        with pytest.raises(InvalidInput, match="metadata"):
            tracker.record("run", metadata=metadata)
        with pytest.raises(InvalidInput, match="metadata"):
            tracker.add_artifact("run", "model", "/m", metadata)
        assert tracker.run_ids() == []


def test_a_path_whose_own_code_fails_is_refused() -> None:
    path: Any = NoPath()
    with GraphTracker(":memory:") as tracker:
        with pytest.raises(InvalidInput, match="NoPath"):
            tracker.add_artifact("run", "model", path)
        assert tracker.run_ids() == []


def test_what_only_says_that_it_has_a_method_is_none_of_those() -> None:
    with pytest.raises(InvalidInput, match="Everything, which cannot be stored"):
        plain(Everything(), "key")


def test_a_caller_far_down_is_told_of_the_depth() -> None:
    value: list[object] = []
    for _ in range(150):
        value = [value]

    def call(further: int) -> object:
        return call(further - 1) if further else plain(value, "key")

    with pytest.raises(InvalidInput, match="levels deep"):
        _ = [call(further) for further in range(300, 900, 50)]


def test_what_is_met_twice_does_not_hold_itself() -> None:
    shared = [1]
    assert plain({"a": shared, "b": [shared, shared]}, "key") == {"a": [1], "b": [[1], [1]]}


# -- something else in its place ---------------------------------------------------------------------------------------


def test_what_is_mended_stands_where_the_odd_part_stood() -> None:
    seen: list[str] = []

    def mend(value: object, refusal: InvalidInput) -> object:
        seen.append(str(refusal).split("'")[1])
        return value if isinstance(value, str) else f"a {type(value).__name__}"

    value = {"a": [1, 1j], "b": Unmapped(), "c": {(1,): 2}, "d": {1j}, "e": Unlisted()}
    assert mended(value, "key", mend) == {
        "a": [1, "a complex"],
        "b": {"seed": "SEED", "lr": "<Missing>", "name": "NAME"},
        "c": {"a tuple": 2},
        "d": {"a complex"},
        "e": [0, "<Missing>", 2],
    }
    assert seen == ["key.a[1]", "key.b.lr", "key.c", "key.d", "key.e[1]"]
