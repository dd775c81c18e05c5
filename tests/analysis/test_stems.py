"""What of a name is only its own."""

from __future__ import annotations

import random
import string
import uuid

import pytest

from graphtracker.analysis.stems import NOTHING, first_word, made_up, stem


@pytest.mark.parametrize(
    "names",
    [
        ["train-1", "train-02", "train-x7mw", "train-fk3zr1pqb9wd2", "train-hn7cvdkmw", "train-a", "train-lr0.1-3"],
        ["train1", "train22"],
        ["2026-01-02-load", "2026-11-30-load", "7-load"],
        ["train-resnet50", "train-resnet101"],
        ["gentle-fox-412", "gentle-fox-7"],
        ["تدريب-1", "تدريب-\u0662"],
        ["训练1", "训练20"],
        ["प्रशिक्षण-1", "प्रशिक्षण-2"],
    ],
)
def test_names_that_differ_in_numbers_or_random_ends_have_one_stem(names: list[str]) -> None:
    [only] = {stem(name) for name in names}
    assert only != NOTHING
    assert first_word(only)


@pytest.mark.parametrize(
    "names",
    [
        ["clean", "evaluate", "report"],
        ["load-users", "load-orders", "load-clicks"],
        ["csv2json", "json2csv", "word2vec", "s3", "k8s", "h2o"],
        ["a", "b", "c"],
        ["a1", "b1"],
        ["train-resnet50", "train-vit16"],
        ["deadbeef", "effaced"],
        ["تنظيف", "تقييم", "تقرير"],
        ["清洗", "评估", "报告"],
        ["सफाई", "रिपोर्ट"],
        ["🔥", "🚀"],
        ["---", "***"],
    ],
)
def test_words_that_differ_have_stems_that_do(names: list[str]) -> None:
    assert len({stem(name) for name in names}) == len(names)
    assert NOTHING not in map(stem, names)


@pytest.mark.parametrize(
    "name",
    [
        "4711",
        "\u0664\u0667",
        "2026-01-02T03:04:05",
        "4716ca68",
        "9F86D081884C7D65",
        "d41d8cd98f00b204e9800998ecf8427e",
        str(uuid.UUID(int=1 << 127 | 0xDEAD << 64)),
        str(uuid.UUID("deadbeef-dead-4ace-beef-facadefacade")).upper(),
    ],
)
def test_numbers_hashes_and_uuids_say_nothing(name: str) -> None:
    assert stem(name) == NOTHING
    assert first_word(NOTHING) == ""


def test_ids_of_letters_and_digits_are_told_by_those_beside_them() -> None:
    chance = random.Random(1)
    ids = {"".join(chance.choices(string.ascii_lowercase + string.digits, k=8)) for _ in range(200)}
    assert any(map(str.isalpha, ids))
    assert made_up([*ids, "clean", "evaluation"]) == ids
    assert made_up(["csv2json", "json2csv", "xml2json", "word2vec", "evaluate", "decorate"]) == set()
    assert made_up(["resnet50", "resnet18", "densenet"]) == set()


@pytest.mark.parametrize("part", ["a", "1", "-", "1-", "a1-", "f", "-f", "…-", "-abc1", "bcd", "é", "\ud800", "\n"])
def test_the_longest_names_have_stems(part: str) -> None:
    name = part * (4000 // len(part))
    assert len(stem(name)) <= len(name)
    assert first_word(stem(name)) in stem(name)
