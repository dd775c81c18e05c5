"""The fields of a card's front matter, whoever wrote it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import inf
from pathlib import Path
from typing import Any

from graphtracker.errors import InvalidInput
from graphtracker.exchange.extras import library
from graphtracker.exchange.history import place
from graphtracker.exchange.raised import reason
from graphtracker.exchange.report import Report
from graphtracker.model.display import quoted
from graphtracker.model.signals import pass_on
from graphtracker.model.unpacking import MOST

_LARGEST = 1 << 20  # characters of front matter: reading YAML takes seconds for each million, of hostile one minutes
_LARGEST_FILE = 16 << 20  # bytes, as the library reads all of it
_MOST_ALIASES = 8  # beside merge keys, by which each may double all that it stands for

_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,95}(?:/[A-Za-z0-9_][A-Za-z0-9_.-]{0,95})?")
_ON_THE_HUB = re.compile(r"https?://(?:www\.)?(?:huggingface\.co|hf\.co)/(datasets/)?([^/?#]+(?:/[^/?#]+)?)")
_ABSOLUTE = re.compile(r"/|[A-Za-z][A-Za-z0-9+.-]+://")
_INSIDE = ("/tree", "/blob", "/resolve", "/raw", "/commit")  # of a model with no owner, in an address


def is_id(text: str) -> bool:
    """Whether it may be the id of a model or a dataset on the Hub: ``owner/name``, or the name of an early one."""
    return bool(_ID.fullmatch(text)) and "--" not in text and ".." not in text and text[-1] not in ".-"


def run_of(kind: str, text: str) -> str | None:
    """The run that stands for a model or a dataset (``kind`` is the plural); None for what could be anything."""
    found = _ON_THE_HUB.match(text)
    if found:
        kind = "datasets" if found[1] else kind
        text = found[2]
        if text.endswith(_INSIDE):
            text = text.rpartition("/")[0]
    if is_id(text):
        return f"hf://{kind}/{text}"
    return place(text) if _ABSOLUTE.match(text) and not found else None


def texts(value: object) -> Iterator[str]:
    """The entries of a field that is text or a list of it; what is none of these as text that is nothing."""
    for entry in value if isinstance(value, list) else [] if value is None else [value]:
        yield entry.strip() if isinstance(entry, str) else ""


def name_in(fields: dict[Any, Any]) -> str | None:
    """The id or name that the front matter itself gives the model."""
    index = fields.get("model-index")
    first = index[0] if isinstance(index, list) and index else None
    for name in (fields.get("model_name"), first.get("name") if isinstance(first, dict) else None):
        if isinstance(name, str) and is_id(name):
            return name
    return None


def front_matter(hub: Any, path: Path, report: Report, *, named: bool) -> dict[Any, Any] | None:
    """The fields of a file; None for one without, or too large, which is counted. ``hub`` is the library.

    One that cannot be read is counted, too; of the one file that was ``named``, InvalidInput says why.
    """
    try:
        if path.stat().st_size > _LARGEST_FILE:
            report.leave_out("files larger than 16 MiB")
            return None
        block = hub.REGEX_YAML_BLOCK.search(path.read_text(encoding="utf-8-sig"))
        large = bool(block) and (len(block[2]) > _LARGEST or _may_double(block[2]))
        fields: dict[Any, Any] | None = hub.metadata_load(path) if block and not large else None
        large = large or _values(fields, {}) > MOST
    except Exception as error:  # of the file system, of its encoding, of what others wrote in YAML
        pass_on(error)
        if named:
            raise InvalidInput(
                f"the front matter of {quoted(str(path))} cannot be read ({reason(error)}); mend it"
            ) from error
        report.leave_out("files whose front matter cannot be read")
        return None
    if large:
        report.leave_out("files whose front matter is larger than 1 MiB, or 1,000,000 values with its references")
        return None
    if not fields:
        report.leave_out("files without front matter")
    return fields


def _may_double(block: str) -> bool:
    """Whether reading it may make more of it than memory holds: maps that are merged are copied."""
    if "*" not in block or ("<<" not in block and "merge" not in block):
        return False
    yaml = library("yaml", "huggingface_hub", "reading model cards")
    return sum(type(event) is yaml.AliasEvent for event in yaml.parse(block)) > _MOST_ALIASES


def _values(value: object, known: dict[int, float]) -> float:
    """How many values it is in all, what it refers to counted each time; without end where that is itself."""
    if not isinstance(value, (dict, list)):
        return 1
    if id(value) not in known:
        known[id(value)] = inf
        inside = value.values() if isinstance(value, dict) else value
        known[id(value)] = 1 + sum(_values(one, known) for one in inside)
    return known[id(value)]
