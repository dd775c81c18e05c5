"""The answer to a lineage question, which can be walked, drawn, written."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from graphtracker.analysis.distances import downstream, in_order, upstream
from graphtracker.analysis.graph import multidigraph
from graphtracker.analysis.links import links, reached, turned
from graphtracker.errors import GraphTrackerError, NotFound
from graphtracker.exchange.dicts import to_dict
from graphtracker.exchange.from_dicts import from_dict
from graphtracker.model.counted import counted
from graphtracker.model.display import quoted
from graphtracker.model.question import Answer, asked_in_words, check_bound
from graphtracker.model.values import Node

if TYPE_CHECKING:
    import networkx
    import pandas
    from typing_extensions import Self

    from graphtracker.difference import Difference
    from graphtracker.drawing.cell import PageInCell


class Lineage(Answer):
    """Runs, artifacts and the sources between them, with what was left out.

    Everything is sorted by id. ``Lineage()`` is empty and complete. A node is a run id, or ``(run id, name)`` for an
    artifact; ``len`` counts both, ``in`` looks for either.

    >>> lineage = Lineage()
    >>> lineage.complete, len(lineage)
    (True, 0)
    """

    @classmethod
    def from_answer(cls, answer: Answer) -> Self:
        """The lineage that holds what a store answered."""
        lineage = cls.__new__(cls)
        lineage.__dict__.update(answer.__dict__)  # what stands in an answer is never changed, and so may be shared
        return lineage

    @cached_property
    def graph(self) -> networkx.MultiDiGraph[Node]:
        """The answer as a ``networkx.MultiDiGraph`` that points with the data, built on first use.

        Nodes carry ``kind``, ``name``, ``metadata``, ``created_at``, and ``external``, ``forgotten``, ``context`` or
        ``declared``, ``path``, ``place``; edge keys are ``generated`` (run → artifact), ``used`` (artifact → run) and
        ``derived`` (run → run), the latter two with ``created_at``.

        Pickle and NetworkX's ``node_link_data`` and ``adjacency_data`` take it as it is. Its writers of files do not:
        ``write_graphml``, ``write_gexf`` and ``write_gml`` refuse times and metadata; ``write_adjlist``,
        ``write_multiline_adjlist`` and ``write_edgelist`` write what nothing reads back, since artifacts are tuples.
        Call ``save("x.graphml")`` instead, and for another format write what ``read_graphml`` makes of it;
        ``to_dict`` for JSON, ``to_dot`` for Graphviz.
        """
        return multidigraph(self)

    @cached_property
    def _steps(self) -> dict[Node, list[Node]]:
        return links(self)

    @cached_property
    def _steps_back(self) -> dict[Node, list[Node]]:
        return turned(self._steps)

    def ancestors(self, node: Node | None = None) -> frozenset[Node]:
        """What the node (None: the start) came from, in this answer, without itself; raises NotFound."""
        return reached(self._steps_back, self._node(node))

    def descendants(self, node: Node | None = None) -> frozenset[Node]:
        """What was made from the node (None: the start), in this answer, without itself; raises NotFound."""
        return reached(self._steps, self._node(node))

    def distances(self, node: Node | None = None) -> dict[Node, int]:
        """Node → sources walked to it from the node (None: the start), either way, the least of both; itself is at 0.

        All ancestors and descendants are in it, nearest first, then by run id and name; artifacts in between do not
        count, and an artifact that is used is as far as its run. Raises NotFound.
        """
        start = self._node(node)
        down = downstream(self._steps, [start])
        for other, distance in upstream(self._steps_back, [start]).items():
            down[other] = min(distance, down.get(other, distance))
        return dict(sorted(down.items(), key=lambda each: (each[1], in_order(each[0]))))

    def between(self, source: Node, target: Node | None = None) -> Self:
        """Every path from a node to another (None: the start): what lies on them, with the artifacts' own runs.

        Empty where the target does not descend from the source, or is it and lies on no cycle: then it is alone.
        Raises NotFound.
        """
        from graphtracker.analysis.paths import between  # for those who ask

        return self.from_answer(between(self, self._node(source), self._node(target)))

    def path(self, source: Node, target: Node | None = None) -> tuple[Node, ...]:
        """A shortest path with the data from a node to another (None: the start), both included; empty without one.

        Of equally short ones, counted in nodes, it is the least by run id and name. Raises NotFound.
        """
        from graphtracker.analysis.paths import path  # for those who ask

        return path(self._steps, self._node(source), self._node(target))

    def common(self, *nodes: Node) -> frozenset[Node]:
        """The nearest that all these nodes came from, or are: those of which no other common one descends, but for
        those on a cycle with it. Raises NotFound."""
        from graphtracker.analysis.paths import common  # for those who ask

        return common(self._steps_back, [self._node(node) for node in nodes])

    def diff(self, other: Lineage, *, ignore: Iterable[str] = (), paths: bool = False) -> Difference:
        """What differs upstream between this and another lineage, of another store, time or run, and where that begins.

        As ``GraphTracker.diff``, of which this is the part that asks no store. Raises NotFound where one has no start.
        """
        from graphtracker.difference import difference  # for those who ask

        for one in (self, other):
            one._node(None)
        return difference(self, other, ignore=ignore, paths=paths)

    def fingerprints(self, *, ignore: Iterable[str] = (), sha256: bool = True) -> dict[str, str]:
        """Run id → the fingerprint of where it came from, as ``GraphTracker.fingerprint`` has it.

        Of each run of which all that it came from is here: of the start with its ancestors, or of a whole store; what
        was made from the start has other sources, too. Raises IncompleteLineage where the lineage is not whole.
        """
        from graphtracker.analysis.fingerprint import fingerprints  # for those who ask

        if not self.complete:
            raise IncompleteLineage(f"there is no fingerprint of a part: the lineage is {self.cut_note()}", self)
        if self.question is not None and self.question.begin is not None:
            said = asked_in_words(self, quoted, quoted)
            raise IncompleteLineage(f"there is no fingerprint of a part: this is {said} alone", self)
        found = fingerprints(self, ignore=ignore, sha256=sha256)
        if self.start is None:
            return found
        whole = {self.start_run, *self.ancestors()} if self.direction != "downstream" else set[Node | None]()
        return {run_id: value for run_id, value in found.items() if run_id in whole}

    def _node(self, node: Node | None) -> Node:
        node = self.start if node is None else node
        if node is None:
            raise NotFound("this lineage has no start; name a run id or (run id, artifact name)")
        if not isinstance(node, (str, tuple)) or node not in self:
            raise NotFound(f"{quoted(node)} is not in this lineage; its nodes are in runs and artifacts")
        return node

    def to_dict(self) -> dict[str, Any]:
        """The answer in plain JSON types, in a stable order: equal answers give equal JSON text, but for the keys of
        mappings inside of values, which stay in the order in which they were written."""
        return to_dict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The lineage that ``to_dict`` wrote; raises InvalidInput where it is something else."""
        return cls.from_answer(from_dict(data))

    def to_dot(self) -> str:
        """The picture of this lineage in Graphviz's DOT language."""
        return b"".join(self._exported("dot")).decode()

    def save(
        self,
        path: str | bytes | os.PathLike[str],
        *,
        format: str | None = None,
        everything: bool = False,
        expand: bool = False,
        labels: Iterable[str] | None = None,
        bare: bool = False,
        dark: bool = False,
        vertical: bool | None = None,
        size: str | None = None,
    ) -> None:
        """Writes it to a file, whole or not at all, in the format that the suffix names, a picture or data.

        ``format`` names it where the suffix does not, as for a folder of files. Of pictures: ``everything`` draws all
        of a large lineage, not the neighbourhood of the start; ``expand`` each run of a sweep and each artifact, not
        stacks of them; ``labels`` are metadata keys whose values stand in the nodes; ``bare`` leaves out title and
        legend; ``dark`` is light on dark; ``vertical`` (False: horizontal) is by itself what fits; ``size`` is
        ``"a4"``, ``"slide"`` or ``"WxH"`` in pixels, which it is fitted to. Raises InvalidInput, also for what the
        format does not take, and MissingExtra where a tool is missing.
        """
        from graphtracker.drawing.options import options_of  # drawing, for those who look
        from graphtracker.export import save
        from graphtracker.files import file_name

        options = options_of(
            everything=everything,
            expand=expand,
            labels=labels,
            bare=bare,
            dark=dark,
            vertical=vertical,
            size=size,
        )
        save(self, file_name(path), format, options)

    def tree(self, columns: int | None = None, *, expand: bool = False, everything: bool = False) -> str:
        """The lineage as a tree of text, as the command line prints it, fitted to so many columns, if any.

        Runs that are alike are one line, unless ``expand``; of what is too much to read that which is nearest to the
        start is shown, and the rest as a number, unless ``everything``. Of a whole store it shows what was made from
        the runs without a source. Raises InvalidInput.

        >>> Lineage().tree()
        'nothing'
        """
        from graphtracker.drawing.tree import tree  # for those who look
        from graphtracker.model.styled import plain

        check_bound("columns", columns, 1)
        return "\n".join(map(plain, tree(self, expand=expand, everything=everything).lines(columns)))

    def to_pandas(self) -> tuple[pandas.DataFrame, pandas.DataFrame]:
        """Its runs and its artifacts as a DataFrame each, with a column a metadata key, nested ones dotted.

        ``exchange.frames`` says how columns are called and of which types they are. Raises MissingExtra.
        """
        from graphtracker.exchange.frames import artifacts_frame, runs_frame  # pandas, for those who analyse

        return runs_frame(self.runs.values()), artifacts_frame(self.artifacts.values())

    def page(
        self,
        *,
        everything: bool = False,
        expand: bool = False,
        labels: Iterable[str] | None = None,
        vertical: bool | None = None,
    ) -> PageInCell:
        """The page to explore it in, which a notebook shows in its cell; ``save`` writes the same page as HTML.

        What is drawn is asked for as for ``save``. Raises InvalidInput, MissingExtra where Graphviz is missing.
        """
        from graphtracker.drawing.cell import PageInCell  # drawing, for those who look
        from graphtracker.drawing.options import options_of
        from graphtracker.export import export

        options = options_of(everything=everything, expand=expand, labels=labels, vertical=vertical)
        return PageInCell(b"".join(export(self, "html", options)).decode())

    def _repr_svg_(self) -> str | None:
        from graphtracker.drawing.cell import fitted  # drawing, for those who look

        try:
            return fitted(b"".join(self._exported("svg")).decode())
        except GraphTrackerError:
            return None

    def _exported(self, format: str) -> Iterator[bytes]:
        from graphtracker.export import export  # drawing, for those who look

        return export(self, format)

    def __len__(self) -> int:
        return len(self.runs) + len(self.artifacts)

    def __bool__(self) -> bool:
        return True

    def __contains__(self, node: object) -> bool:
        return node in self.runs or node in self.artifacts

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Lineage):
            return NotImplemented
        return self is other or self.to_dict() == other.to_dict()

    __hash__ = None  # type: ignore[assignment]  # like every container that compares by what it holds

    def __repr__(self) -> str:
        counts = ", ".join(
            counted(count, thing)
            for thing, count in (
                ("run", len(self.runs)),
                ("artifact", len(self.artifacts)),
                ("source", len(self.sources)),
            )
        )
        return f"<Lineage of {asked_in_words(self, quoted, quoted)}: {counts}, {self.cut_note() or 'complete'}>"


class IncompleteLineage(GraphTrackerError):
    """The answer is not whole and ``strict=True`` refuses such answers; ``lineage`` is the answer all the same."""

    def __init__(self, message: str, lineage: Lineage) -> None:
        super().__init__(message, lineage)
        self.lineage = lineage

    def __str__(self) -> str:
        return str(self.args[0])
