"""An answer as a Process Run Crate (https://w3id.org/ro/wfrun/process/0.5), whose files stay where they are.

====================================  ==================================================================================
graphtracker                          RO-Crate
====================================  ==================================================================================
run that reported                     ``CreateAction``; ``identifier`` is its id
external run                          ``CreativeWork``, of which its declared artifacts are parts
artifact                              ``File``, ``result`` of its run; the URI of its place where no other is there
source                                ``object``: the file, or the action (or work) where it is a whole run
``started_at``, ``ended_at``          ``startTime``, ``endTime``
``status``                            ``actionStatus``, and ``error`` of what failed; else as the rest
``command`` and ``commit``            ``instrument``, a ``SoftwareApplication``, and ``description``
``user``                              ``agent``, a ``Person``
path, first and last log              ``alternateName``, ``dateCreated``, ``dateModified``
metadata and the rest of the context  ``additionalProperty``: a ``PropertyValue`` each
====================================  ==================================================================================

Where a ``propertyID`` ends in ``:json`` the value is JSON as in ``model.encoding``. All else is not said: ``unsaid``.
The library holds the whole crate in memory.
"""

from __future__ import annotations

from collections.abc import Iterator

from graphtracker.exchange.ro_crate.crate import json_ld
from graphtracker.exchange.ro_crate.zipped import zipped
from graphtracker.model.display import listed, printable_json
from graphtracker.model.encoding import compact
from graphtracker.model.question import Answer

_FILE = "ro-crate-metadata.json"


def folder(answer: Answer) -> Iterator[tuple[str, Iterator[bytes]]]:
    """The one file of the crate: it names all others by their URIs. Raises MissingExtra."""
    yield _FILE, _metadata(answer)


def archive(answer: Answer) -> Iterator[bytes]:
    """The crate as one zip file, the same for equal answers. Raises MissingExtra."""
    return zipped(_FILE, _metadata(answer))


def unsaid(answer: Answer) -> str | None:
    """What of the answer a Process Run Crate has no terms for; None where that is nothing."""
    kinds = {
        "what was asked": answer.question is not None or answer.as_of is not None,
        "that not all is there": not answer.complete,
        "when runs were recorded": any(run.reported_at for run in answer.runs.values()),
        "when sources were named": bool(answer.sources),
        "that runs are forgotten": any(run.forgotten for run in answer.runs.values()),
    }
    missing = listed(kind for kind, there in kinds.items() if there)
    return f"a Process Run Crate does not say {missing}" if missing else None


def _metadata(answer: Answer) -> Iterator[bytes]:
    written = json_ld(answer)
    yield f'{{"@context": {compact(written["@context"])},\n "@graph": ['.encode()
    comma = ""
    for entity in written["@graph"]:
        yield printable_json(f"{comma}\n  {compact(entity)}").encode()
        comma = ","
    yield b"\n]}\n"
