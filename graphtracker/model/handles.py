"""One run, two handles: ``torchx run`` prints another than the one that the job calls itself by.

On some schedulers TorchX builds the app id that it prints from more than the ``${app_id}`` that it puts into the job's
environment (``schedule`` and ``macros.app_id`` in ``torchx/schedulers/*_scheduler.py``, TorchX 0.7.0):

=================  ===========================================  =========================
scheduler          printed                                      in the job
=================  ===========================================  =========================
kubernetes         ``kubernetes://session/namespace:name``      ``kubernetes://session/name``
kubernetes_mcad    ``kubernetes_mcad://session/namespace:name`` ``kubernetes_mcad://session/name``
aws_batch          ``aws_batch://session/queue:name``           ``aws_batch://session/name``
gcp_batch          ``gcp_batch://session/project:location:name`` ``gcp_batch://session/name``
ray                ``ray://session/host:port-name``             ``ray://session/name``
=================  ===========================================  =========================
"""

from __future__ import annotations

import re

# Scheduler → what stands before the job's own app id in the printed one.
_BEFORE = {
    "kubernetes": re.compile(r"[^:/]*:"),
    "kubernetes_mcad": re.compile(r"[^:/]*:"),
    "aws_batch": re.compile(r"[^:/]*:"),
    "gcp_batch": re.compile(r"[^:/]*:[^:/]*:"),
    "ray": re.compile(r"(?:.*?:\d+|\d+\.\d+\.\d+\.\d+)-", re.DOTALL),  # an address, or the IP of a cluster's head
}
_HANDLE = re.compile(r"([a-z_]+)://([^/]*)/(.+)", re.DOTALL)


def reported_as(handle: str) -> str:
    """The id under which the job of this handle reports; any other id as it is.

    >>> reported_as("kubernetes://torchx/default:train-x7k"), reported_as("local_cwd://torchx/train-x7k")
    ('kubernetes://torchx/train-x7k', 'local_cwd://torchx/train-x7k')
    """
    parts = _HANDLE.fullmatch(handle)
    before = _BEFORE.get(parts[1]) if parts else None
    found = before.match(parts[3]) if parts and before else None
    if not parts or not found or found.end() == len(parts[3]):
        return handle
    return f"{parts[1]}://{parts[2]}/{parts[3][found.end() :]}"


def same_run(run_id: str, other: str) -> bool:
    """Whether two ids name one run: equal, or the handle that ``torchx run`` printed and the one that the job has.

    >>> same_run("aws_batch://torchx/queue:train-x7k", "aws_batch://torchx/train-x7k")
    True
    """
    return run_id == other or reported_as(run_id) == reported_as(other)
