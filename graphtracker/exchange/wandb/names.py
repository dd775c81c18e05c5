"""What Weights & Biases' runs, artifacts, programs are called here."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from graphtracker.model.masking import command_text

NO_PROJECT = "uncategorized"
"""Where W&B puts a run that names no project."""


def run_id(entity: str, project: str, run: str) -> str:
    """The id of a run: that of the same run, read from a server or from an offline folder that names its entity.

    >>> run_id("team", "digits", "4ki3qnvh"), run_id("", "", "4ki3qnvh")
    ('wandb://team/digits/4ki3qnvh', 'wandb:///uncategorized/4ki3qnvh')
    """
    return "wandb://" + "/".join(quote(part, safe="") for part in (entity, project or NO_PROJECT, run))


def artifact_uri(entity: str, project: str, name: str) -> str:
    """Where an artifact lies, as W&B writes it where a job takes one.

    >>> artifact_uri("team", "digits", "model:v3")
    'wandb-artifact:///team/digits/model:v3'
    """
    parts = (quote(entity, safe=""), quote(project or NO_PROJECT, safe=""), quote(name, safe=":@"))
    return "wandb-artifact:///" + "/".join(parts)


def command_of(program: object, arguments: Iterable[object]) -> str | None:
    """The command line of a run, secrets masked; None where no program is known. A module is one word, ``-m train``."""
    if not program:
        return None
    words = str(program)
    first = words.split(" ", 1) if words.startswith("-m ") else [words]
    return command_text([*first, *map(str, arguments)])


def used_uri(entity: str, project: str, name: str) -> str:
    """The URI of an artifact that a run of this project names in full or in short.

    >>> used_uri("team", "digits", "data:v0"), used_uri("team", "digits", "lab/shared/data:v0")
    ('wandb-artifact:///team/digits/data:v0', 'wandb-artifact:///lab/shared/data:v0')
    """
    parts = name.split("/", 2)
    owner, within, short = [*[entity, project][: 3 - len(parts)], *parts]
    return artifact_uri(owner, within, short)
