"""Lists of what was found, which notebooks show as tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, SupportsIndex, TypeVar, overload

from graphtracker.model.counted import counted
from graphtracker.model.html_table import html_list
from graphtracker.model.times import to_the_second
from graphtracker.model.values import Artifact, Run

if TYPE_CHECKING:
    import pandas
    from typing_extensions import Self

Node = TypeVar("Node", bound=Run | Artifact)


class Found(list[Node]):
    """A list like any other, of runs, of artifacts, or of both; a slice of it is one, too."""

    @overload
    def __getitem__(self, at: SupportsIndex) -> Node: ...

    @overload
    def __getitem__(self, at: slice) -> Self: ...

    def __getitem__(self, at: SupportsIndex | slice) -> Node | Self:
        return type(self)(super().__getitem__(at)) if isinstance(at, slice) else super().__getitem__(at)

    def _repr_html_(self) -> str:
        kinds = [("run", sum(isinstance(node, Run) for node in self))]
        kinds.append(("artifact", len(self) - kinds[0][1]))
        counts = [counted(count, kind) for kind, count in kinds if count]
        return html_list(", ".join(counts) or "nothing", self, lambda node: (_said(node), node.metadata))


class Runs(Found[Run]):
    """Runs in the order in which they were asked for."""

    def to_pandas(self) -> pandas.DataFrame:
        """A DataFrame with a row a run and a column a metadata key, nested ones dotted; raises MissingExtra.

        ``exchange.frames`` says how columns are called and of which types they are.
        """
        from graphtracker.exchange.frames import runs_frame  # pandas, for those who analyse

        return runs_frame(self)


class Artifacts(Found[Artifact]):
    """Artifacts in the order in which they were asked for."""

    def to_pandas(self) -> pandas.DataFrame:
        """A DataFrame as that of ``Runs``, with a row an artifact; raises MissingExtra."""
        from graphtracker.exchange.frames import artifacts_frame  # pandas, for those who analyse

        return artifacts_frame(self)


def _said(node: Run | Artifact) -> Mapping[str, str]:
    """What tells it from others."""
    if isinstance(node, Run):
        status = node.context.get("status")
        said = {"run_id": node.run_id, "created_at": to_the_second(node.created_at)}
        return said if status is None else {**said, "status": str(status)}
    said = {"run_id": node.run_id, "name": node.name}
    if node.path is not None:
        said["path"] = node.path
    return said if node.updated_at is None else {**said, "updated_at": to_the_second(node.updated_at)}
