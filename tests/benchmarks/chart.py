"""The chart of a run of the benchmarks, as SVG."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks.field.environments import COLUMNS
from tests.benchmarks.field.side_by_side import Figure


class _Panel(NamedTuple):
    title: str
    measure: str
    shape: str
    across: str


_PANELS = (
    _Panel("A process's first lineage, of 100 runs", "first lineage", "islands", "runs in the store"),
    _Panel("Its later ones", "lineage, p50", "islands", "runs in the store"),
    _Panel("Lineage of a whole chain", "lineage, p50", "chain", "runs in the answer"),
    _Panel("Recording one run", "record one run, p50", "islands", "runs in the store"),
)
# Okabe and Ito's colours, which people with any colour vision can tell apart; a mark of its own for each besides.
_LOOKS = {
    "graphtracker": ("#0072B2", "o"),
    "bare SQL": ("#777777", "x"),
    "FsspecTracker": ("#E69F00", "s"),
    "NetworkX pickle": ("#009E73", "^"),
    "ml-metadata": ("#CC79A7", "D"),
    "MLflow": ("#D55E00", "v"),
    "prov": ("#56B4E9", "P"),
    "OpenLineage file": ("#000000", "*"),
}


def draw(figures: Sequence[Figure], path: Path, caption: str) -> None:
    """Writes the chart; raises ImportError where the extra ``benchmark`` is not installed."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams.update({"svg.hashsalt": "graphtracker", "font.size": 9, "axes.spines.top": False})
    matplotlib.rcParams.update({"axes.spines.right": False, "font.family": "DejaVu Sans"})
    from matplotlib import pyplot

    picture, places = pyplot.subplots(2, 2, figsize=(9, 6.6), layout="constrained")
    for panel, axes in zip(_PANELS, places.flat, strict=True):
        for column in (column.name for column in COLUMNS):
            colour, mark = _LOOKS[column]
            points = _points(figures, panel, column)
            first = column == "graphtracker"
            axes.plot(
                [runs for runs, _ in points],
                [value for _, value in points],
                color=colour,
                marker=mark,
                markersize=5,
                linewidth=2.4 if first else 1.3,
                linestyle=":" if column == "bare SQL" else "-",
                zorder=3 if first else 2,
                label=column,
            )
        if not axes.dataLim.minposx < float("inf"):  # nothing to show, of which there is no logarithm
            axes.set_axis_off()
            continue
        axes.set(xscale="log", yscale="log", title=panel.title, xlabel=panel.across, ylabel="ms")
        axes.grid(color="#dddddd", linewidth=0.6)
    handles, labels = places.flat[0].get_legend_handles_labels()
    picture.legend(handles, labels, loc="outside lower center", ncols=4, frameon=False)
    picture.suptitle(caption, fontsize=8, color="#555555")
    picture.savefig(path, format="svg", metadata={"Title": caption, "Date": None, "Creator": None}, facecolor="white")
    pyplot.close(picture)


def _points(figures: Iterable[Figure], panel: _Panel, column: str) -> list[tuple[int, float]]:
    return [
        (each.runs, each.value)
        for each in figures
        if (each.column, each.measure, each.shape) == (column, panel.measure, panel.shape) and each.value is not None
    ]
