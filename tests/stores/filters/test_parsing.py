"""The text of a filter: what it says, and what its writer is told where it is none."""

from __future__ import annotations

import math
from datetime import datetime, timezone

import pytest

from graphtracker import InvalidInput
from graphtracker.stores.filters.conditions import (
    ArtifactKey,
    ArtifactPath,
    Comparison,
    ContextKey,
    Every,
    Field,
    HasArtifact,
    MetadataKey,
    Not,
    Own,
    Place,
    Some,
    Wanted,
)
from graphtracker.stores.filters.parsing import condition, field
from graphtracker.stores.filters.syntax import LONGEST

NOW = datetime(2026, 3, 8, 12, tzinfo=timezone.utc)
LR = MetadataKey((Place("lr"),))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("lr", LR),
        (" lr ", LR),
        ("été", MetadataKey((Place("été"),))),
        ("\ufb01eld", MetadataKey((Place("\ufb01eld"),))),  # which Python takes for "field"
        ("a.\u210c.b", MetadataKey((Place("a.\u210c.b"), Place("a.\u210c", ("b",)), Place("a", ("\u210c", "b"))))),
        ("artifact.\u210c.path", ArtifactPath("\u210c")),
        ("a.b", MetadataKey((Place("a.b"), Place("a", ("b",))))),
        ("a.b.c", MetadataKey((Place("a.b.c"), Place("a.b", ("c",)), Place("a", ("b", "c"))))),
        ("a.b[0].c", MetadataKey((Place("a.b", (0, "c")), Place("a", ("b", 0, "c"))))),
        ("a[-1]", MetadataKey((Place("a", (-1,)),))),
        ('a["any key"]', MetadataKey((Place("a", ("any key",)),))),
        ('metadata["a.b"]', MetadataKey((Place("a.b"),))),
        ('metadata["created"]', MetadataKey((Place("created"),))),
        ('metadata["a b"].c[2]', MetadataKey((Place("a b", ("c", 2)),))),
        ("id", Own("id")),
        ("updated", Own("updated")),
        ("context.user", ContextKey("user")),
        ("artifact.model", HasArtifact("model")),
        ('artifact["a b"]', HasArtifact("a b")),
        ("artifact.model.path", ArtifactPath("model")),
        ('artifact["model.pt"].path', ArtifactPath("model.pt")),
        ('artifact.model["path"]', ArtifactKey("model", (Place("path"),))),
        ("artifact.model.loss", ArtifactKey("model", (Place("loss"),))),
        ("artifact.model.a.b", ArtifactKey("model", (Place("a.b"), Place("a", ("b",))))),
        ('artifact.model["a.b"].c', ArtifactKey("model", (Place("a.b", ("c",)),))),
    ],
)
def test_a_field_is_a_key_or_what_the_run_is(text: str, expected: Field) -> None:
    assert field(text) == expected
    assert condition(text) == Comparison(expected, "has")


@pytest.mark.parametrize(
    ("text", "operator", "wanted"),
    [
        ("lr == 0.1", "==", [0.1]),
        ("lr < 1", "<", [1]),
        ("1 < lr", ">", [1]),
        ("-1e-3 <= lr", ">=", [-0.001]),
        ("lr != None", "!=", [None]),
        ("lr in [1, 'a', None]", "in", [1, "a", None]),
        ("lr not in (1, True)", "not in", [1, True]),
        ("lr in []", "in", []),
        ("'a' in lr", "holds", ["a"]),
        ("3 not in lr", "lacks", [3]),
        ("lr is None", "is None", []),
        ("lr is not None", "is not None", []),
        ("lr == [1, {'a': (2,)}]", "==", [[1, {"a": [2]}]]),
        ("lr == {1, 2}", "==", [{1, 2}]),
        ("lr == -inf", "==", [-math.inf]),
        (r"lr == 'a\d'", "==", [r"a\d"]),
    ],
)
def test_a_comparison_is_of_a_field_with_values(text: str, operator: str, wanted: list[object]) -> None:
    assert condition(text) == Comparison(LR, operator, tuple(map(Wanted, wanted)))  # type: ignore[arg-type]


def test_comparisons_are_joined_chained_and_negated() -> None:
    low, high = Comparison(LR, ">", (Wanted(0.1),)), Comparison(LR, "<=", (Wanted(1),))
    assert condition("0.1 < lr <= 1") == Every((low, high))
    assert condition("0.1 < lr and not lr <= 1 or lr") == Some((Every((low, Not(high))), Comparison(LR, "has")))


def test_a_flag_alone_means_that_it_is_so() -> None:
    assert condition("forgotten") == Comparison(Own("forgotten"), "==", (Wanted(True),))
    assert condition("not external") == Not(Comparison(Own("external"), "==", (Wanted(True),)))


def test_times_are_dates_times_and_ages() -> None:
    week_ago = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
    day = datetime(2026, 3, 1, tzinfo=timezone.utc)
    assert condition("created > '-7d'", NOW) == Comparison(Own("created"), ">", (Wanted(week_ago),))
    assert condition("context.ended_at < '2026-03-01'") == Comparison(ContextKey("ended_at"), "<", (Wanted(day),))
    assert condition("lr < '2026-03-01'") == Comparison(LR, "<", (Wanted("2026-03-01", day),))
    assert condition("lr < 'soon'") == Comparison(LR, "<", (Wanted("soon"),))


@pytest.mark.parametrize(
    ("text", "column", "why"),
    [
        ("lr=0.1", 3, "write == for ="),
        ("  lr=0.1 and x < 1", 5, "write == for ="),
        ("name == 'a=b' and lr = 1", 22, "write == for ="),
        ("é < 1 = 2", 7, "write == for ="),
        ("a < 1 && b > 2", 7, "write and for &&"),
        ("a < 1 || b > 2", 7, "write or for ||"),
        ("a < 1 & b > 2", 5, "write and between two comparisons"),
        ("(a < 1) | (b > 2)", 1, "write or between two comparisons"),
        ("a < 1 AND b > 2", 7, "write and for AND"),
        ("!lr", 1, "write not for !"),
        ("a <> 1", 3, "write != for <>"),
        ("lr => 0.1", 4, "write >= for =>"),
        ("lr =< 0.1", 4, "write <= for =<"),
        ("lr < 0.1, loss < 0.2", 1, "write and between two comparisons"),
        ("optimizer like 'ad%'", 11, 'like is written as "text" in key'),
        ("lr between 0.1 and 0.2", 4, "between is written as low <= key <= high"),
        ("lr == '\\ud800'", 7, "text has no lone surrogates"),
        ("a === 1", 3, "write == for ==="),
        ("debug == true", 10, "write True for true"),
        ("lr == null", 7, "write None for null"),
        ("x == [true]", 7, "write True for true"),
        ("optimizer == adam", 14, 'text needs quotes: "adam"'),
        ("lr < loss", 6, "not with another key"),
        ("0.1 < 1", 1, "two values compare to nothing"),
        ("'lr' < 0.1", 1, 'if "lr" is a key, write lr without quotes'),
        ("'eval/loss' < 0.1", 1, 'write metadata["eval/loss"]'),
        ("eval/loss < 0.1", 1, 'metadata["eval/loss"]'),
        ("learning-rate < 0.1", 1, 'metadata["learning-rate"]'),
        ("lambda < 0.1", 1, 'metadata["lambda"]'),
        ("optim.lambda < 0.1", 7, 'metadata["optim.lambda"]'),
        ("created > 'soon'", 11, "'soon' is no time; give a date or time such as 2026-03-01"),
        ("created == 3", 12, "a time is compared with text such as"),
        ("name.first == 'a'", 1, 'metadata["name"]'),
        ("metadata.lr", 1, 'metadata needs a key: metadata["any key"]'),
        ("metadata[0]", 1, "metadata needs a key"),
        ("context.lr == 1", 1, "context has user, host"),
        ("artifact", 1, "artifact needs a name"),
        ("artifact.model[0]", 1, "a key is expected in the brackets"),
        ("lr[1:2] == 1", 4, "the number of an item, or a key in quotes"),
        ("lr in 'abc'", 7, "in needs a list"),
        ("lr is 3", 7, "is asks for None alone; write =="),
        ("True", 1, "a value alone says nothing"),
        ("lr == {**x}", 7, "a value is expected here"),
        ("lr == ...", 7, "a value is expected here"),
        ("lr == 1j", 7, "a value is expected here"),
        ("lr == {[1]: 2}", 8, "a plain value is expected here"),
        ("len(x) == 3", 1, "nothing is called here"),
        ("lr == 0.1 extra", 11, "invalid syntax"),
        ("a.0 == 1", 2, "invalid syntax"),
    ],
)
def test_what_is_no_filter_is_pointed_at_with_what_would_be(text: str, column: int, why: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        condition(text)
    assert f"is no filter, column {column}: " in str(caught.value)
    assert why in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        *("", "   ", "#", "lr;lr", "lr\n<\n1", "lambda: 1", "[x for x in y]", "a if b else c", "(a := 3)", "f'{x}'"),
        *("__import__('os').system('true')", "lr.__class__.__mro__()", "lr < 1); DROP TABLE run; --", "yield", "*a"),
        *("a\0b", "lr == '\0", "'" * 7, "lr < " + "9" * 5000, "a" * 10_000, "lr < 1 or " * 999),
        *("('\u2028\xe9a' == x or\n lr+1)", "'\x85' == x and x()", "metadata['\\ud800']", "artifact['\\ud800'] == 1"),
        *("(" * 500 + "lr" + ")" * 500, "not " * 500 + "lr", "-" * 500 + "lr", "lr == " + "[" * 500 + "]" * 500),
        *("not " * 1900 + "lr", "-" * 7900 + "1", "(" * 7900, "a." * 3900 + "a", "a" + "[0]" * 2600, "1" + " < 1" * 99),
    ],
)  # fmt: skip
def test_nothing_else_is_one_and_nothing_is_evaluated(text: str) -> None:
    with pytest.raises(InvalidInput):
        condition(text)


def test_the_longest_filters_are_read() -> None:
    many = " or ".join(f"x == {number}" for number in range(600))
    assert len(many) < LONGEST
    assert len(condition(many).conditions) == 600  # type: ignore[union-attr]
