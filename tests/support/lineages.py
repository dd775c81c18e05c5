"""Lineages to be exported."""

from __future__ import annotations

from graphtracker import GraphTracker, Lineage


def of_texts(texts: list[str]) -> Lineage:
    """A store where each text is the id, the artifact, the path, the metadata and the source of a run."""
    with GraphTracker(":memory:") as tracker:
        with tracker.batch() as batch:
            for number, text in enumerate(texts):
                batch.record(text, metadata={text: text, "text": text})
                batch.add_artifact(text, text, text, {text: text})
                batch.add_source(text, texts[number - 1], texts[number - 1])
        return tracker.graph()
