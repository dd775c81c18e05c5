"""The metadata keys that a filter is about, as patterns of keys that are to be ignored."""

from __future__ import annotations

from collections.abc import Iterator
from glob import escape
from itertools import takewhile

from graphtracker.stores.filters.conditions import ArtifactKey, Condition, MetadataKey, comparisons_of


def patterns(condition: Condition | None) -> list[str]:
    """Patterns, as of ``fnmatch.fnmatchcase``, of the flattened keys of all metadata that is compared, and of what is
    nested in it.

    >>> from graphtracker.stores.filters.parsing import condition
    >>> patterns(condition("loss > 0.5 and artifact.model.size"))
    ['loss', 'loss.*', 'model.size', 'model.size.*']
    """
    return [] if condition is None else [each for key in dict.fromkeys(_keys(condition)) for each in (key, f"{key}.*")]


def _keys(condition: Condition) -> Iterator[str]:
    for comparison in comparisons_of(condition):
        field = comparison.field
        if isinstance(field, (MetadataKey, ArtifactKey)):
            before = (field.artifact_name,) if isinstance(field, ArtifactKey) else ()
            key, path = field.places[0]  # the others are written alike
            inside = takewhile(lambda step: isinstance(step, str), path)  # the items of a list are one value
            yield escape(".".join((*before, key, *map(str, inside))))
