"""Which run a text means: an id, a name or a beginning or ending of it that only one run has, or another handle."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from graphtracker.errors import InvalidInput, RunNotFound
from graphtracker.model.display import printable, quoted
from graphtracker.model.handles import reported_as
from graphtracker.model.times import to_the_second
from graphtracker.model.values import run_name
from graphtracker.stores.filters.selection import Selection
from graphtracker.stores.snapshot import Known, Snapshot

_MOST_LISTED = 10
_MOST_COUNTED = 10_000
_LONGEST_COMPARED = 200  # characters of a name
_MOST_COMPARED = 1_000
"""Runs whose names are compared with a text that names none: the newest, and those that begin as it does."""


class NamedRun(NamedTuple):
    """The run that an id or a name names; ``new`` where there is none yet; ``others`` have this id as their name."""

    run_id: str
    new: bool
    others: list[str]


def find_run(snapshot: Snapshot, text: str, url: str, place: Callable[[], str], *, latest: bool = False) -> str:
    """The id of the run, external ones too, that has this id, else this name, else a name that begins so, else an id
    that ends so.

    A handle as `torchx run` prints it is the id that its job has. ``latest`` takes the newest that reported of several.
    ``url`` is how messages name the store, ``place`` returns that of the text, taken as a path. Raises RunNotFound that
    says what is near, and InvalidInput that lists them with their times, newest first, where there are several.
    """
    known = _known(snapshot, text)
    if known is not None:
        return known
    for how, found in _ways(snapshot, text):
        if len(found) == 1 or (found and latest and not found[0].external):
            return found[0].run_id
        if found:
            more = "" if latest else ", or take the newest by latest=True (--latest)"
            raise InvalidInput(f"{quoted(text)} {how} of several runs; give more of it{more}:{_listed(found)}")
    raise RunNotFound(f"no run in {url} has the id or name {quoted(text)}, nor one that begins or ends so; "
                      f"{_way_out(snapshot, text, place)}")  # fmt: skip


def _ways(snapshot: Snapshot, text: str) -> Iterator[tuple[str, list[Known]]]:
    """How a text may mean runs, each way with those that it means, the latest first; no more than can be listed."""
    most = _MOST_LISTED + 1
    yield "is the name", snapshot.named(text, beginning=False, limit=most)
    yield "is the beginning of the name", snapshot.named(text, beginning=True, limit=most)
    yield "is the ending of the id", snapshot.containing(text, lambda run_id: run_id.endswith(text), most)


def _way_out(snapshot: Snapshot, text: str, place: Callable[[], str]) -> str:
    """What to do about a text that names no run."""
    if snapshot.find_artifacts(place()):
        return f"an artifact lies at that path: find_artifacts(), or on the command line --path {quoted(text)}"
    import difflib  # for messages only

    newest = snapshot.run_ids(Selection(limit=_MOST_COMPARED))
    alike = [known.run_id for known in snapshot.named(text[:3], beginning=True, limit=_MOST_COMPARED)]
    names = list(dict.fromkeys(run_name(run_id)[:_LONGEST_COMPARED] for run_id in [*newest, *alike]))
    wanted = run_name(text)[:_LONGEST_COMPARED]
    begins = {name[: len(wanted)]: name for name in reversed(names)}  # TorchX's names end at random
    near = difflib.get_close_matches(wanted, names, n=5)
    near = near or [begins[found] for found in difflib.get_close_matches(wanted, begins, n=5)]
    return f"near it: {', '.join(map(quoted, near))}" if near else "run_ids() (or `graphtracker runs`) lists them"


def named_run(snapshot: Snapshot, text: str) -> NamedRun:
    """The run, external ones too, that has this id, else the only one that has this name, else a new one of this id.

    Beginnings and endings are not tried: a new run may be called as another begins. Raises InvalidInput that lists the
    ids where several runs have the name.
    """
    known = _known(snapshot, text)
    found = [] if "/" in text else snapshot.named(text, beginning=False, limit=_MOST_LISTED + 2)
    named = [each for each in found if each.run_id != text][: _MOST_LISTED + 1]
    if known is not None:
        return NamedRun(known, False, sorted(each.run_id for each in named))
    if len(named) > 1:
        raise InvalidInput(f"{quoted(text)} is the name of several runs; give the id of one:{_listed(named)}")
    return NamedRun(named[0].run_id, False, []) if named else NamedRun(text, True, [])


def names_of_others(snapshot: Snapshot) -> list[tuple[str, str]]:
    """Ids that are the name of another run, too, each with the id of one such run."""
    named: dict[str, str] = {}

    def note(run_id: str) -> bool:
        named.setdefault(run_name(run_id), run_id)
        return False

    snapshot.containing("/", note, 1)
    found = snapshot.containing("", lambda run_id: run_id in named and "/" not in run_id, _MOST_COUNTED)
    return sorted((each.run_id, named[each.run_id]) for each in found)


def _known(snapshot: Snapshot, text: str) -> str | None:
    """The id that the text is, or the one under which the job of this handle reported; None where neither is known."""
    handles = dict.fromkeys([text, reported_as(text)])
    return next((run_id for run_id in handles if snapshot.run(run_id) is not None), None)


def printed_handles(snapshot: Snapshot) -> list[tuple[str, str]]:
    """Externals that are only another handle of a run that reported, each with that run's id."""
    found = snapshot.containing("://", lambda run_id: reported_as(run_id) != run_id, _MOST_COUNTED)
    pairs = sorted((printed.run_id, reported_as(printed.run_id)) for printed in found)
    return [(printed, own) for printed, own in pairs if _reported(snapshot, own) and not _reported(snapshot, printed)]


def _reported(snapshot: Snapshot, run_id: str) -> bool:
    run = snapshot.run(run_id)
    return run is not None and not run.external


def _listed(found: list[Known]) -> str:
    """A line for each, the newest first, with its time."""
    newest = sorted(found[:_MOST_LISTED], key=lambda each: each.created_at, reverse=True)
    listed = [f"{to_the_second(each.created_at)}  {printable(each.run_id)}" for each in newest]
    return "".join(f"\n  {line}" for line in (*listed, *(["and more"] if len(found) > _MOST_LISTED else [])))
