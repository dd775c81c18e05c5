"""How OpenLineage names the dataset at a place (https://openlineage.io/docs/spec/naming).

==========================  ========================  ==============
place                       namespace                 name
==========================  ========================  ==============
``/data/rows``, ``rows``    ``file``                  as it is
``file://nas/data/rows``    ``file://nas``            ``/data/rows``
``hdfs://node:8020/rows``   ``hdfs://node:8020``      ``/rows``
``s3://bucket/a/rows``      ``s3://bucket``           ``a/rows``
``postgres://host:5432/t``  ``postgres://host:5432``  ``t``
``s3://bucket``             ``s3://bucket``           ``/``
``urn:rows``                ``urn:``                  ``rows``
==========================  ========================  ==============
"""

from __future__ import annotations

import re

Dataset = tuple[str, str]
"""A dataset: its namespace, its name."""

OURS = "graphtracker"
"""The namespace of what has no place."""

_FILE_SYSTEMS = frozenset({"dbfs", "file", "hdfs", "viewfs", "webhdfs"})  # names are paths from the root
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+._-]+):")
_URL = re.compile(r"([^:]+)(://[^/?#]*)(.*)", re.DOTALL)


def dataset_at(place: str) -> Dataset:
    """The dataset at a place, which is not empty.

    >>> dataset_at("/data/rows"), dataset_at("s3://bucket/a/rows")
    (('file', '/data/rows'), ('s3://bucket', 'a/rows'))
    """
    found = _SCHEME.match(place)
    if not found:
        return "file", place
    url = _URL.fullmatch(place)
    if not url:
        return found[0], place[found.end() :] or "/"
    scheme, host, path = url.groups()
    return scheme + host, (path if scheme in _FILE_SYSTEMS else path.removeprefix("/")) or "/"


def path_of(namespace: str, name: str) -> str:
    """The path of a dataset, neither of whose names is empty: ``<namespace>/<name>`` with one slash between.

    >>> path_of("file", "/data/rows"), path_of("s3://bucket", "a/rows"), path_of("bigquery", "project.data.rows")
    ('/data/rows', 's3://bucket/a/rows', 'bigquery/project.data.rows')
    """
    if namespace == "file":
        return name
    before = namespace if namespace.endswith("://") else namespace.rstrip("/")
    return before + name if before.endswith((":", "/")) or name.startswith("/") else f"{before}/{name}"
