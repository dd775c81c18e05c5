"""Datasets are called as OpenLineage's own client calls them, and found again by these names."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphtracker.exchange.history import place
from graphtracker.exchange.openlineage.naming import dataset_at, path_of
from tests.support.needs import missing

try:
    from openlineage.client.naming import dataset as theirs
except ImportError:
    missing("openlineage is not installed")


def place_at(namespace: str, name: str) -> str:
    return place(path_of(namespace, name))


THEIRS: dict[str, Any] = {
    "/data/rows": theirs.LocalFileSystem(path="/data/rows"),
    "file://nas/data/rows": theirs.RemoteFileSystem(host="nas", path="/data/rows"),
    "hdfs://node:8020/data/rows": theirs.HDFS(namenode_host="node", namenode_port="8020", path="/data/rows"),
    "dbfs://workspace/data/rows": theirs.DBFS(workspace="workspace", path="/data/rows"),
    "s3://bucket/a/rows": theirs.S3(bucket_name="bucket", object_key="a/rows"),
    "gs://bucket/a/rows": theirs.GCS(bucket_name="bucket", object_key="a/rows"),
    "abfss://box@host.dfs.core.windows.net/a/rows": theirs.ABFSS(container="box", service="host", path="a/rows"),
    "postgres://host:5432/db.public.t": theirs.Postgres(
        host="host", port="5432", database="db", schema="public", table="t"
    ),
    "kafka://host:9092/topic": theirs.Kafka(bootstrap_server_host="host", port="9092", topic="topic"),
}


@pytest.mark.parametrize("place", THEIRS)
def test_a_dataset_is_called_as_openlineage_calls_it(place: str) -> None:
    dataset = THEIRS[place]
    assert dataset_at(place) == (dataset.get_namespace(), dataset.get_name())


@pytest.mark.parametrize(
    ("namespace", "name", "place"),
    [
        ("file", "/a//b/", "/a/b"),
        ("file", "rows", "rows"),
        ("file://", "/a/b", "/a/b"),
        ("s3a://bucket", "a/rows", "s3://bucket/a/rows"),
        ("s3://bucket/", "a/rows", "s3://bucket/a/rows"),
        ("s3://bucket", "/a/rows", "s3://bucket/a/rows"),
        ("bigquery", "project.data.rows", "bigquery/project.data.rows"),
        ("inmemory://", "rows", "inmemory://rows"),
        ("hdfs://", "/rows", "hdfs:///rows"),
    ],
)
def test_a_dataset_lies_at_the_place_of_its_names(namespace: str, name: str, place: str) -> None:
    assert place_at(namespace, name) == place


PATHS = [
    *(
        "/a/b",
        "/",
        "rows",
        "file://nas/a",
        "s3://bucket",
        "s3://bucket/a//../b",
        "gs://b/a?x#y",
        "hdfs:///a",
        "hdfs://n",
    ),
    *("dbfs:/a/b", "http://ada@host:80/b?q#f", "http://host?q", "hf://owner/name", "urn:a/b", "arn:aws:s3:::b/k"),
    *("C:\\a\\b", "\\\\srv\\x", "-", "data:,x", "/a%20b", "x:y/z"),
]


@pytest.mark.parametrize("path", PATHS)
def test_a_place_is_found_again_by_the_names_of_its_dataset(path: str) -> None:
    there = place(path)
    assert place_at(*dataset_at(there)) == there


@given(st.lists(st.sampled_from([*"ab:/.?#@ -é\\%", "s3", "file", "hdfs", "://"]), min_size=1).map("".join))
def test_names_are_never_empty(path: str) -> None:
    there = place(path)
    assert all(dataset_at(there))
