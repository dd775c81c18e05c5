"""The context of a launch, which its first rank records without being told."""

from __future__ import annotations

from graphtracker import environment, logs
from graphtracker.errors import reason_of
from graphtracker.jobs.context import ended, process_started, started
from graphtracker.jobs.ending import watch
from graphtracker.jobs.rank import first_rank
from graphtracker.model.signals import pass_on
from graphtracker.recording.arguments import Arguments
from graphtracker.recording.calls import context_set
from graphtracker.recording.recorder import Recorder

_remembered: set[tuple[str, str]] = set()  # the runs whose context this process has recorded, with their stores


def remember(run_id: str, recorder: Recorder) -> None:
    """Records the context of the run of this process, and at the end of this process how it ended.

    That is done once, by the first rank, unless the environment says ``off``; nothing is raised.
    """
    if (run_id, recorder.url) in _remembered or not environment.records_context() or not first_rank():
        return
    _remembered.add((run_id, recorder.url))
    try:
        _record(run_id, recorder, started(process_started()))
        # After that: what is registered later is called earlier, while the store is still there.
        watch(lambda status: _record(run_id, recorder, ended(status)))
    except Exception as error:  # noqa: BLE001  # nothing raises into a job
        pass_on(error)
        logs.warning("graphtracker does not record the context of this run: %s", reason_of(error))


def _record(run_id: str, recorder: Recorder, context: dict[str, object]) -> None:
    recorder.write(context_set(Arguments(), run_id, context), said="now")
