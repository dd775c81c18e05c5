"""What any TorchX tracker holds, read through the interface that TorchX defines.

===========================  ===========================================================================
the tracker's                graphtracker
===========================  ===========================================================================
``run_ids()``                runs, reported
``metadata(run)``            metadata
``artifacts(run)``           artifacts with their paths and metadata
``sources(run)``             sources; an empty artifact name means the whole run, as TorchX's None does
===========================  ===========================================================================

The interface knows no times: all of it is of 1970-01-01, so that it overwrites nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphtracker.entry_points import is_callable, load_group, load_module
from graphtracker.errors import GraphTrackerError, InvalidInput, StoreError
from graphtracker.exchange.history import BEFORE_ALL, History
from graphtracker.exchange.report import Report
from graphtracker.model.display import quoted
from graphtracker.model.events import Event
from graphtracker.model.signals import pass_on

GROUP = "torchx.tracker"


def events(source: Any, report: Report) -> Iterator[list[Event]]:
    """The events of a TorchX tracker, a run at a time, or of the one that ``ENTRYPOINT[=CONFIG]`` names.

    Raises InvalidInput where nothing of that name makes a tracker, and StoreError where the tracker cannot be read.
    """
    tracker = _made(source) if isinstance(source, str) else source
    for run_id in _asked(tracker, "run_ids"):
        history = _history(tracker, run_id, report)
        if history is not None:
            report.add("runs")
            yield history.events()


def _history(tracker: Any, run_id: Any, report: Report) -> History | None:
    try:
        history = History(run_id, report)
    except InvalidInput:
        report.leave_out("runs whose id cannot be stored")
        return None
    history.reported(BEFORE_ALL)
    history.metadata(_asked(tracker, "metadata", run_id), BEFORE_ALL)
    for name, artifact in _asked(tracker, "artifacts", run_id).items():
        report.add("artifacts")
        history.artifact(name, artifact.path, artifact.metadata or {}, BEFORE_ALL)
    for source in _asked(tracker, "sources", run_id):
        report.add("sources")
        history.source(source.source_run_id, source.artifact_name, BEFORE_ALL)
    return history


def _asked(tracker: Any, verb: str, *arguments: object) -> Any:
    """What a verb of the tracker answers; raises StoreError where it fails."""
    try:
        return getattr(tracker, verb)(*arguments)
    except GraphTrackerError:
        raise
    except Exception as error:
        pass_on(error)
        raised = f"{type(error).__name__}: {quoted(str(error))}"
        raise StoreError(f"the tracker {quoted(type(tracker).__name__)} fails at {verb}(): {raised}") from error


def _made(name: str) -> Any:
    """The tracker of ``ENTRYPOINT[=CONFIG]``: an entry point of TorchX's group, or ``module:function``."""
    key, _, config = name.partition("=")
    factories = load_group(GROUP) or {}
    factory: Any = factories.get(key) or load_module(key)
    if not factory or not is_callable(factory):
        known = ", ".join(sorted(factories)) or "none is installed"
        raise InvalidInput(
            f"no TorchX tracker is called {quoted(key)}; name an entry point ({known}) or a function as module:function"
        )
    return _asked_factory(factory, config or None)


def _asked_factory(factory: Any, config: str | None) -> Any:
    try:
        return factory(config)
    except Exception as error:
        pass_on(error)
        raise InvalidInput(f"no tracker could be made: {type(error).__name__}: {quoted(str(error))}") from error
