"""What any TorchX tracker holds, read through the interface that TorchX defines.

===========================  ===========================================================================
the tracker's                graphtracker
===========================  ===========================================================================
``run_ids()``                runs, reported; one that is listed twice is one
``metadata(run)``            metadata
``artifacts(run)``           artifacts by their own name (else by their key), with paths and metadata
``sources(run)``             sources; an empty artifact name means the whole run, as TorchX's None does
``lineage(run)``             not asked: it follows from the sources
===========================  ===========================================================================

The interface knows no times: all of it is of 1970-01-01, so that it overwrites nothing. A verb that a tracker leaves
open (it raises NotImplementedError, or returns None), or answers with what TorchX does not know, is counted as left
out. A tracker of graphtracker's own is no matter of the interface: its events are read, stamps and all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any

from graphtracker import logs
from graphtracker.entry_points import is_callable, load_group, load_module
from graphtracker.errors import InvalidInput, StoreError
from graphtracker.exchange.history import BEFORE_ALL, History
from graphtracker.exchange.raised import raising, reason
from graphtracker.exchange.report import Report
from graphtracker.model.display import quoted
from graphtracker.model.events import Event
from graphtracker.model.limits import checked_run_id
from graphtracker.model.signals import pass_on

GROUP = "torchx.tracker"

_Artifact = tuple[str, Any, Any]  # name, path, metadata
_Source = tuple[Any, Any]  # run id, artifact name


def events(source: Any, report: Report | None = None) -> Iterator[list[Event]]:
    """The events of a TorchX tracker, a run at a time, or of the one that ``ENTRYPOINT[=CONFIG]`` names.

    Raises InvalidInput where nothing of that name makes a tracker, and StoreError where the tracker cannot be read.
    """
    report = report or Report()
    if not isinstance(source, str):
        yield from _events(source, report)
        return
    tracker = _made(source)
    try:
        yield from _events(tracker, report)
    finally:
        if callable(getattr(tracker, "close", None)):
            tracker.close()


def events_told(tracker: Any) -> Iterator[list[Event]]:
    """As ``events``, for who asks for no report: what is left out is logged."""
    report = Report()
    try:
        yield from events(tracker, report)
    finally:
        if +report.unmapped:
            logs.warning("graphtracker cannot copy all of the tracker %s: %s", _name(tracker), report.sentence())


def _events(tracker: Any, report: Report) -> Iterator[list[Event]]:
    own = getattr(tracker, "_every_event", None)  # GraphTracker's, which stands layers above
    return _through_the_interface(tracker, report) if own is None else _counted(own(), report)


def _counted(batches: Iterable[list[Event]], report: Report) -> Iterator[list[Event]]:
    for batch in batches:
        report.add("events", len(batch))
        yield batch


def _through_the_interface(tracker: Any, report: Report) -> Iterator[list[Event]]:
    seen: set[str] = set()
    for each in _run_ids(tracker):
        try:
            run_id = checked_run_id(each)
            history = History(run_id, report)
        except InvalidInput:
            report.leave_out("runs whose id cannot be stored")
            continue
        if run_id not in seen:
            seen.add(run_id)
            report.add("runs")
            _tell(history, _Asking(tracker, run_id, report), report)
            yield history.events()


def _run_ids(tracker: Any) -> Iterator[Any]:
    """The ids of all runs, as the tracker comes to them; raises StoreError where it fails."""
    with _failing(tracker, "run_ids()"):
        yield from tracker.run_ids()


def _tell(history: History, ask: _Asking, report: Report) -> None:
    """Puts what the tracker tells of a run into its history."""
    history.reported(BEFORE_ALL)
    history.metadata(dict(ask.told("metadata", Mapping, lambda found: list(dict(found).items()))), BEFORE_ALL)
    for name, path, metadata in ask.told("artifacts", Mapping, _artifacts):
        if not isinstance(metadata, Mapping):
            report.leave_out("metadata of artifacts that is no mapping")
            metadata = {}
        report.add("artifacts", history.artifact(name, path, metadata, BEFORE_ALL))
    for source_id, name in ask.told("sources", Iterable, _sources):
        report.add("sources", history.source(source_id, name, BEFORE_ALL))


class _Asking:
    """The questions about one run to a tracker that may answer anything."""

    def __init__(self, tracker: Any, run_id: str, report: Report) -> None:
        self._tracker, self._run_id, self._report = tracker, run_id, report

    def told(self, verb: str, kind: type, take: Callable[[Any], list[Any]]) -> list[Any]:
        """What a verb answers, as ``take`` takes it out; nothing of another kind, which is counted.

        Raises StoreError where the tracker fails.
        """
        answer = None
        with _failing(self._tracker, f"{verb}() of run {quoted(self._run_id)}"):
            try:
                answer = getattr(self._tracker, verb)(self._run_id)
                if isinstance(answer, kind):
                    return take(answer)
            except NotImplementedError:
                answer = None
        why = "the tracker does not tell" if answer is None else "are of a type that TorchX does not know"
        self._report.leave_out(f"runs whose {verb} {why}")
        return []


def _artifacts(found: Mapping[Any, Any]) -> list[_Artifact]:
    return [
        (getattr(item, "name", None) or key, getattr(item, "path", None), getattr(item, "metadata", None) or {})
        for key, item in found.items()
    ]


def _sources(found: Iterable[Any]) -> list[_Source]:
    return [(getattr(item, "source_run_id", None), getattr(item, "artifact_name", None)) for item in found]


def _failing(tracker: Any, what: str) -> AbstractContextManager[None]:
    """Raises StoreError for whatever the tracker raises within."""
    way_out = "once that is mended there, the same again reads the rest"
    return raising(lambda reason: StoreError(f"the tracker {_name(tracker)} fails at {what}: {reason}; {way_out}"))


def _made(source: str) -> Any:
    """The tracker of ``ENTRYPOINT[=CONFIG]``: a plug-in of TorchX, or ``module:function``."""
    key, _, config = source.partition("=")
    factories = _factories()
    factory: Any = factories.get(key) or load_module(key)
    if not factory or not is_callable(factory):
        known = ", ".join(map(quoted, sorted(factories))) or "none is installed"
        raise InvalidInput(
            f"no TorchX tracker is called {quoted(key)}; name an entry point ({known}) or a function as module:function"
        )
    try:
        tracker = factory(config or None)
    except Exception as error:
        pass_on(error)
        why = "" if config else "; it may want a configuration: ENTRYPOINT=CONFIG"
        raise InvalidInput(f"{quoted(key)} makes no tracker: {reason(error)}{why}") from error
    if not callable(getattr(tracker, "run_ids", None)):
        raise InvalidInput(f"{quoted(key)} makes no tracker but {_name(tracker)}; name what makes one")
    return tracker


def _factories() -> dict[str, Any]:
    """What makes trackers, by name: the entry points, and what TorchX's registry knows in the releases that have it."""
    found = load_group(GROUP) or {}
    try:
        from torchx.plugins import PluginType, registry

        return {**registry().get(PluginType.TRACKER), **found}
    except ImportError:
        return found
    except Exception as error:  # a registry that is told nonsense by the environment
        pass_on(error)
        raise InvalidInput(f"TorchX cannot look for its plug-ins: {reason(error)}") from error


def _name(tracker: Any) -> str:
    return quoted(type(tracker).__name__)
