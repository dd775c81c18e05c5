"""The runs of a project of Weights & Biases, on a server or in an offline folder.

===================================  ===================================================================================
W&B                                  graphtracker
===================================  ===================================================================================
run                                  run, id ``wandb://<entity>/<project>/<run id>``; offline without an entity
                                     ``wandb:///<project>/<run id>``
config; summary                      metadata ``config.<key>``; ``summary.<key>``
display name, group, job type, tags  metadata ``wandb.name``, ``wandb.group``, ``wandb.job_type``, ``wandb.tags``; so
notes, sweep                         ``wandb.notes``, ``wandb.sweep``
created at; heartbeat or last time   ``at`` of sources; of all else, which changes while a run goes on; context's times
state or exit code, user, host,      context; of a command the values of options that are secrets are ``***``
program, arguments, git commit
logged artifact                      artifact ``<name>:<version>`` at ``wandb-artifact:///<entity>/<project>/<name>:v0``;
                                     offline, where no version is known yet, ``<name>``, a second ``<name>@<digest>``;
                                     one that only refers to a file: at that file (offline)
used artifact                        source: the run that logged it, and its artifact; where nobody is known to have
                                     logged it, the external run of its ``wandb-artifact:///…``
type, digest, aliases, size …        metadata ``wandb.type`` … of the artifact, beside that which the user gave
metric histories, system metrics,    not mapped, counted
media, files, logs, links
===================================  ===================================================================================

What changes after a run's end has no time in W&B: no import tells which of two notes is newer.

A path that exists is a folder or a run file, anything else ``ENTITY/PROJECT``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from graphtracker.errors import InvalidInput
from graphtracker.exchange.report import Report
from graphtracker.exchange.wandb.offline import offline_events
from graphtracker.exchange.wandb.project import Project
from graphtracker.model.display import quoted
from graphtracker.model.events import Event

_PROJECT = re.compile(r"[^/]+/[^/]+")


def events(source: str, report: Report | None = None) -> Iterator[list[Event]]:
    """The events of a project's runs, oldest first, or of an offline folder's, a run at a time.

    Raises InvalidInput for what is neither, or cannot be read, StoreError where W&B does not answer, MissingExtra.
    """
    report = report or Report()
    if os.path.exists(source):
        yield from offline_events(source, report)
        return
    if not _PROJECT.fullmatch(source):
        raise InvalidInput(
            f"{quoted(source)} is no W&B project, and no folder; give ENTITY/PROJECT, or an offline folder"
        )
    project = Project(source, report)
    for run in project.runs():
        yield from project.events_of(run)
