"""Passwords in URLs of others: none is kept, and nothing else is lost with them."""

from __future__ import annotations

import pytest

from graphtracker.exchange.history import History
from graphtracker.exchange.report import Report
from graphtracker.exchange.secrets import masked
from graphtracker.model.events import ArtifactLogged, ContextSet, MetadataSet, SourceNamed

NOON = 1_700_000_000 * 10**9

WITH_ONE = {
    "s3://ada:secret@host/rows": "s3://ada:***@host/rows",
    "s3://:secret@host": "s3://:***@host",
    "s3://ada:secret@host/model@2": "s3://ada:***@host/model@2",
    "s3://ada:secret@host/a\u200fb@2": "s3://ada:***@host/a\u200fb@2",
    "s3://ada:sec@ret@host/rows": "s3://ada:***@host/rows",
    "postgresql://ada:sec/ret@host/db": "postgresql://ada:***@host/db",
    "https://ada:sec?ret@host/rows": "https://ada:***@host/rows",
    "jdbc:mysql://ada:secret@host/db": "jdbc:mysql://ada:***@host/db",
    "zip://a@1::https://ada:secret@host/x@2": "zip://a@1::https://ada:***@host/x@2",
    "jdbc:sqlserver://host;user=ada;password=secret;a=1": "jdbc:sqlserver://host;user=ada;password=***;a=1",
    "https://host/rows?X-Amz-Security-Token=secret&part=1#top": "https://host/rows?X-Amz-Security-Token=***&part=1#top",
    "https://host/rows?sv=1&SIG=secret": "https://host/rows?sv=1&SIG=***",
}

WITH_NONE = [
    "",
    "/data/ada:rows@2",
    "ada:rows@lab",
    "hdfs://node:8020/ada@lab/rows",
    "http://host:5000/ada@lab",
    "http://host:5000?by=ada@lab",
    "http://[::1]:5000/ada@lab",
    "s3://ada@host/rows",
    "s3://bucket/rows@2",
    "wandb-artifact:///team/digits/model:v1@2",
    "docker://host:5000/image:tag@sha256:abc",
    "https://host/rows?max_tokens=5&tokenizer=bert&key=rows",
    "token=secret",
]


@pytest.mark.parametrize("text", WITH_ONE)
def test_a_password_is_masked_and_nothing_else(text: str) -> None:
    assert masked(text) == WITH_ONE[text]
    assert masked(masked(text)) == WITH_ONE[text]


@pytest.mark.parametrize("text", WITH_NONE)
def test_what_has_none_stays_as_it_is(text: str) -> None:
    assert masked(text) == text


def test_no_history_keeps_one_but_in_values() -> None:
    url = "s3://ada:secret@host/rows"
    history = History(url, Report())
    history.context({"command": f"git+{url}"}, NOON)
    history.artifact(url, url, {}, NOON)
    history.source(url, url, NOON)
    history.metadata({"params.data": url}, NOON)
    said = {type(event): event for event in history.events()}
    context, artifact, source, metadata = (
        said[kind] for kind in (ContextSet, ArtifactLogged, SourceNamed, MetadataSet)
    )
    assert isinstance(context, ContextSet)
    assert isinstance(artifact, ArtifactLogged)
    assert isinstance(source, SourceNamed)
    assert isinstance(metadata, MetadataSet)
    shown = "s3://ada:***@host/rows"
    assert history.run_id == shown
    assert context.values == {"command": f"git+{shown}"}
    assert (artifact.run_id, artifact.name, artifact.path, artifact.place) == (shown,) * 4
    assert (source.run_id, source.source_run_id, source.artifact_name) == (shown,) * 3
    assert metadata.value == url


def test_what_is_too_long_without_it_is_left_out_and_counted() -> None:
    report = Report()
    history = History("train", report)
    longest = "s3://ada:x@host/"
    assert not history.source(longest + "a" * (4000 - len(longest)), None, NOON)
    assert report.unmapped == {"sources whose id or name cannot be stored": 1}
