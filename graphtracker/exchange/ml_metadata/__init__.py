"""What an ml-metadata keeps in SQLite, as it does for Kubeflow Pipelines or TFX.

=====================================  ===============================================================================
ml-metadata                            graphtracker
=====================================  ===============================================================================
execution                              run ``<type>/<name, else id>``; a second of that name: ``<that>@<id>``
its type, state, external id           metadata ``type`` (``type_version``), ``state``, ``external_id``
its state, times                       context ``status``, ``started_at``, ``ended_at``; times of what is said of it
properties                             metadata ``properties.<key>``, ``custom_properties.<key>``; a Struct is a dict,
                                       another message a dict of its ``type_url`` and its bytes
its contexts, and their parents        metadata ``contexts.<type>``: the name, or a list where there are several; their
                                       properties as ``contexts.<type>.properties.<key>``: the value, or a dict by name
OUTPUT, DECLARED_OUTPUT,               artifact of the run, at its uri: by its name, else the event's path key (and
INTERNAL_OUTPUT                        index, from the second on), else ``<type>-<id>``; a second of that name in the
                                       run: ``<that>@<id>``. Metadata as of executions
the same artifact put out again        an artifact of that run, too (a cached execution passes on what another one
                                       made), with the artifact of the run before it as a source
INPUT, DECLARED_INPUT, INTERNAL_INPUT  source: the artifact in the run that put it out last before this event (else
                                       first, but never the run itself)
an artifact that nobody else put out   source: the external run called as the place of its uri, else
                                       ``ml-metadata:/<type>/<name, else id>``; its own properties are not mapped
PENDING_OUTPUT                         not mapped: tentative, until an OUTPUT says that it is there
=====================================  ===============================================================================

Internal events are those of an orchestrator's own steps (the beginning of a subpipeline puts out what it was given):
lineage goes through them. The artifact's path is as of its event, its metadata as of its last update.
"""

from __future__ import annotations

from collections.abc import Iterator

from graphtracker.exchange.ml_metadata.file import opened
from graphtracker.exchange.ml_metadata.reading import histories
from graphtracker.exchange.report import Report
from graphtracker.model.events import Event


def events(source: str, report: Report | None = None) -> Iterator[list[Event]]:
    """The events of ml-metadata's SQLite file, a run at a time, in the order of executions.

    Raises InvalidInput for what is no such file, or one of a version that cannot be read; StoreUnavailable where
    another program holds it, StoreError where it cannot be read.
    """
    report = report or Report()
    with opened(source) as connection:
        for history in histories(connection, report):
            yield history.events()
