"""A DOT says what its lineage says, whatever the names: each is read back with Graphviz itself."""

from __future__ import annotations

import json
import re
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

import pytest

from graphtracker import Artifact, GraphTracker, GraphTrackerError, InvalidInput, Lineage, MissingExtra
from graphtracker.api import TrackerArtifact, TrackerSource
from graphtracker.cli.demo_pipeline import record_demo
from graphtracker.drawing.cell import fitted
from graphtracker.drawing.style import LONGEST_LABEL
from graphtracker.formats import FORMATS
from graphtracker.model.display import printable, shorten
from tests.support.hostile import HOSTILE, obeyed, random_texts
from tests.support.oracle import Call, Logs, Names, Node, Reports, tell
from tests.support.six_jobs import record_six_jobs
from tests.support.svg import texts_of
from tests.support.tools import dot_program, exported, run  # noqa: F401  # a fixture

NewUrl = Callable[[], str]
_SVG = "{http://www.w3.org/2000/svg}"
_TOOLTIP = "{http://www.w3.org/1999/xlink}title"


class Picture(NamedTuple):
    """What Graphviz read: name → attributes of each node, the edges, and the attributes of the graph."""

    nodes: dict[str, dict[str, Any]]
    edges: list[dict[str, Any]]
    graph: dict[str, Any]


def read(dot: str, texts: Sequence[str]) -> list[Picture]:
    """The DOTs as Graphviz reads them, in one process; its warnings are failures too."""
    done = subprocess.run([dot, "-Tjson"], input="".join(texts), capture_output=True, encoding="utf-8")
    assert (done.returncode, done.stderr) == (0, "")
    pictures = [_picture(graph) for graph in _documents(done.stdout)]
    assert len(pictures) == len(texts)
    return pictures


def read_one(dot: str, lineage: Lineage) -> Picture:
    [picture] = read(dot, [lineage.to_dot()])
    return picture


def _documents(text: str) -> Iterator[dict[str, Any]]:
    decoder, place = json.JSONDecoder(), 0
    while text[place:].strip():
        document, place = decoder.raw_decode(text, len(text) - len(text[place:].lstrip()))
        yield document


def _picture(graph: dict[str, Any]) -> Picture:
    nodes = {item["_gvid"]: item for item in graph.get("objects", [])}
    edges = [
        {**_without_room(edge), "tail": nodes[edge["tail"]]["name"], "head": nodes[edge["head"]]["name"]}
        for edge in graph.get("edges", [])
    ]
    assert len({item["name"] for item in nodes.values()}) == len(nodes)
    return Picture({item["name"]: item for item in nodes.values()}, edges, graph)


def _without_room(edge: dict[str, Any]) -> dict[str, Any]:
    """The edge, of whose label the spaces that keep it from its line are no part."""
    texts = [stroke for stroke in edge.get("_ldraw_", []) if stroke["op"] == "T"]
    assert all(stroke["text"][0] == stroke["text"][-1] == " " for stroke in texts)
    return {**edge, "_ldraw_": [{**stroke, "text": stroke["text"][1:-1]} for stroke in texts]}


def drawn(item: dict[str, Any]) -> str:
    """The text that Graphviz would draw for this node, edge or graph."""
    return "\n".join(stroke["text"] for stroke in item.get("_ldraw_", []) if stroke["op"] == "T")


def tooltips(svg: str) -> dict[str, str]:
    """Node name → tooltip, of an SVG that is well-formed XML."""
    found = {}
    for group in ElementTree.fromstring(svg).iter(f"{_SVG}g"):  # noqa: S314  # our own picture
        if group.get("class") == "node":
            title, link = group.find(f"{_SVG}title"), group.find(f".//{_SVG}a")
            assert title is not None
            found[title.text or ""] = "" if link is None else link.get(_TOOLTIP, "")
    return found


# -- what a lineage must look like -------------------------------------------------------------------------------------


def folded(lineage: Lineage) -> set[tuple[str, str]]:
    """The artifacts that are drawn as labels of edges: an external's, used in the answer, and not the start."""
    used = {(source.source_run_id, source.artifact_name) for source in lineage.sources}
    return {key for key in lineage.artifacts if lineage.runs[key[0]].external and key in used and key != lineage.start}


def numbered(lineage: Lineage) -> dict[Node, str]:
    """Node → its name n0, n1, …: runs, then artifacts, each by id; those that are drawn as edges use up a number."""
    hidden = folded(lineage)
    nodes: list[Node] = [*sorted(lineage.runs), *sorted(lineage.artifacts)]
    return {node: f"n{number}" for number, node in enumerate(nodes) if node not in hidden}


def label(text: str) -> str:
    return printable(shorten(text, LONGEST_LABEL))


def artifact_lines(artifact: Artifact) -> list[str]:
    """The lines of its tooltip."""
    lines = [artifact.name if artifact.path is None else f"{artifact.name}: {artifact.path}"]
    lines += [f"place: {artifact.place}"] if artifact.place != artifact.path else []
    lines += [f"logged_at: {artifact.logged_at:%Y-%m-%d %H:%M:%S}Z"] if artifact.logged_at else []
    again = artifact.updated_at and artifact.updated_at != artifact.logged_at
    return lines + ([f"updated_at: {artifact.updated_at:%Y-%m-%d %H:%M:%S}Z"] if again else [])


def expected_nodes(lineage: Lineage) -> dict[str, tuple[str, str]]:
    """Name → label and tooltip. Runs of one name are labelled with their ids, none has a context."""
    runs = Counter(item.name for item in lineage.runs.values())
    expected = {}
    for node, called in numbered(lineage).items():
        if isinstance(node, str):
            name = lineage.runs[node].name
            words = label(name if runs[name] == 1 else node), printable(node)
        else:
            lines = artifact_lines(lineage.artifacts[node])
            words = label(node[1]), "\n".join(map(printable, lines))
        expected[called] = words
    return expected


def expected_edges(lineage: Lineage) -> Counter[tuple[str, str, str]]:
    """Tail, head and label of the edges, with the data."""
    name = numbered(lineage)
    hidden = folded(lineage)
    edges = [(name[key[0]], name[key], "") for key in lineage.artifacts if key not in hidden]
    named = {(source.run_id, source.source_run_id) for source in lineage.sources if source.artifact_name is not None}
    for source in lineage.sources:
        consumer, source_id, artifact = name[source.run_id], source.source_run_id, source.artifact_name
        if artifact is None:
            if (source.run_id, source_id) not in named:
                edges.append((name[source_id], consumer, ""))
        elif (source_id, artifact) in hidden:
            edges.append((name[source_id], consumer, label(artifact)))
        else:
            edges.append((name[source_id, artifact], consumer, ""))
    return Counter(edges)


def stubs(picture: Picture) -> set[str]:
    return {name for name in picture.nodes if name.startswith("cut")}


def assert_says(picture: Picture, lineage: Lineage) -> None:
    """The picture's nodes, labels, tooltips and edges are those of the lineage, stubs aside."""
    ends = stubs(picture)
    nodes = {name: drawn(item) for name, item in picture.nodes.items() if name not in ends}
    assert nodes == {name: words for name, (words, _) in expected_nodes(lineage).items()}
    edges = Counter((edge["tail"], edge["head"], drawn(edge)) for edge in picture.edges)
    assert Counter({edge: count for edge, count in edges.items() if not {*edge[:2]} & ends}) == expected_edges(lineage)
    assert bool(ends) == bool(lineage.frontier)


def assert_tooltips(svg: str, lineage: Lineage) -> None:
    """The tooltips are the ids, paths and times, but for spaces: of several Graphviz makes no-break spaces.

    It cannot read strings of 16,384 bytes: of a text that grows to more by its escapes long lines lost their middles.
    """
    found = tooltips(svg)
    expected = {name: tooltip for name, (_, tooltip) in expected_nodes(lineage).items()}
    wrong = {name: (found[name], words) for name, words in expected.items() if not _same(found[name], words)}
    assert not wrong


def _same(found: str, words: str) -> bool:
    found, words = (text.replace("\u00a0", " ") for text in (found, words))
    escaped = words.replace("\\", "\\" * 4).replace('"', '\\"')
    if len(escaped.encode()) < 16_000:
        return found == words
    pairs = list(zip(found.split("\n"), words.split("\n"), strict=True))
    return len(found) > 1_000 and all(_is_shortened(line, whole) for line, whole in pairs)


def _is_shortened(found: str, words: str) -> bool:
    start, cut, end = found.partition("…")
    return words.startswith(start) and words.endswith(end) if cut else found == words


# -- calls -------------------------------------------------------------------------------------------------------------

EVERY_KIND: list[Call] = [
    Names("prepare", "s3://data/raw", "raw.csv"),  # an external's declared artifact
    Names("prepare", "s3://data/extra", None),  # a whole external
    Reports("prepare", {"seed": 7}),
    Logs("prepare", "rows", "/data/rows", {"n": 1}),
    Names("train", "prepare", "rows"),
    Names("train", "prepare", "stats"),  # declared by a consumer, of a run that reported
    Logs("train", "model", "/data/model", None),
    Logs("train", "log", "/data/log", None),
    Names("evaluate", "train", "model"),
    Names("evaluate", "train", None),
    Names("evaluate", "prepare", None),
]
TANGLED: list[Call] = [
    Names("a", "b", "x"),
    Names("b", "c", None),
    Names("c", "a", "y"),  # a cycle
    Names("a", "a", "z"),  # a self-loop by artifact
    Names("b", "b", None),  # and one as a whole
    Names("a", "b", None),  # beside a named one
    Names("job://1/same", "job://2/same", "x"),  # two runs of one name
    Names("c", "job://1/same", "a name that two artifacts share"),
    Names("c", "job://2/same", "a name that two artifacts share"),
]


@pytest.fixture
def known(tracker: GraphTracker) -> GraphTracker:
    """A tracker that was told calls of every kind."""
    tell(tracker, EVERY_KIND)
    return tracker


@pytest.fixture
def hostile(tracker: GraphTracker) -> GraphTracker:
    """A tracker that was told every hostile text as everything, and 2,000 random ones as something each."""
    with tracker.batch() as batch:
        for text in HOSTILE.values():
            batch.record(
                text, artifacts=[TrackerArtifact(text, text, None)], sources=[TrackerSource(f"x{text}"[:1000], text)]
            )
            batch.add_source(f"y{text}"[:1000], text, text)
        texts = iter(random_texts(7, 2000))
        for first, name, path, external, declared in zip(*[texts] * 5, strict=True):
            batch.record(
                first,
                artifacts=[TrackerArtifact(name, path, None)],
                sources=[TrackerSource(external, declared)],
            )
    return tracker


def every_question(tracker: GraphTracker) -> list[Lineage]:
    """The whole store, and the lineage of each run and artifact in every direction, whole and cut."""
    whole = tracker.graph()
    starts = [(run_id, None) for run_id in whole.runs] + list(whole.artifacts)
    bounds: list[dict[str, Any]] = [{}, {"depth": 0}, {"depth": 1}, {"max_runs": 2}]
    return [whole] + [
        tracker.lineage(run_id, artifact_name=name, direction=direction, **bound)
        for run_id, name in starts
        for direction in ("both", "upstream", "downstream")
        for bound in bounds
    ]


# -- nodes, edges and labels -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("calls", [EVERY_KIND, TANGLED], ids=["every kind", "tangled"])
def test_the_picture_says_what_the_lineage_says(dot: str, tracker: GraphTracker, calls: list[Call]) -> None:
    tell(tracker, calls)
    lineages = every_question(tracker)
    for picture, lineage in zip(read(dot, [item.to_dot() for item in lineages]), lineages, strict=True):
        assert_says(picture, lineage)


def test_an_empty_lineage_is_an_empty_picture(dot: str) -> None:
    picture = read_one(dot, Lineage())
    assert (picture.nodes, picture.edges) == ({}, [])
    assert tooltips(exported(Lineage(), "svg")) == {}


def test_hostile_texts_are_only_text(dot: str, hostile: GraphTracker) -> None:
    whole = hostile.graph()
    text = whole.to_dot()
    assert not obeyed(text.replace("\n\t", "\n"))  # the graphviz library indents with tabs
    assert_says(read_one(dot, whole), whole)


def test_hostile_texts_make_a_well_formed_svg_with_whole_tooltips(dot: str, hostile: GraphTracker) -> None:
    whole = hostile.graph()
    svg = exported(whole, "svg")
    assert not obeyed(svg)
    assert_tooltips(svg, whole)


@pytest.mark.parametrize("text", ["<b>x</b>", "<<b>x</b>>", "<>", "<not closed", "a <b> c", "C:\\New\\Group", "a\\\\b"])
def test_angles_are_not_html_and_backslashes_no_escapes(dot: str, tracker: GraphTracker, text: str) -> None:
    tracker.add_artifact(text, text, text)
    whole = tracker.graph()
    assert_says(read_one(dot, whole), whole)
    assert_tooltips(exported(whole, "svg"), whole)


def test_nodes_are_named_in_the_order_of_ids_runs_first(known: GraphTracker) -> None:
    lines = known.graph().to_dot().splitlines()
    names = [line.split()[0] for line in lines if line.startswith("\tn") and "->" not in line and "node [" not in line]
    assert names == list(numbered(known.graph()).values())
    words = known.graph().to_dot()
    assert words.index("evaluate") < words.index("prepare") < words.index("train") < words.index("/data/log")


def test_ids_stand_only_in_labels_and_tooltips(tracker: GraphTracker) -> None:
    tracker.add_source("local_cwd://torchx/consumer", "local_cwd://torchx/producer", "artifact")
    text = re.sub(r'(label|tooltip)="[^"]*"', "", tracker.graph().to_dot())
    assert not [word for word in ("consumer", "producer", "artifact", "torchx") if word in text]


@pytest.mark.parametrize("length", [LONGEST_LABEL - 1, LONGEST_LABEL, LONGEST_LABEL + 1, 500])
def test_long_labels_lose_their_middle_and_tooltips_keep_it(dot: str, tracker: GraphTracker, length: int) -> None:
    name = ("begin" + "-" * length)[: length - 3] + "end"
    tracker.add_artifact(f"job://x/{name}", name, f"/{name}")
    whole = tracker.graph()
    for item in read_one(dot, whole).nodes.values():
        words = drawn(item)
        assert words.startswith("begin")
        assert words.endswith("end")
        assert len(words) == min(length, LONGEST_LABEL)
        assert ("…" in words) == (length > LONGEST_LABEL)
    (first, *_), (second, *_) = (words.split("\n") for words in tooltips(exported(whole, "svg")).values())
    assert (first, second) == (f"job://x/{name}", f"{name}: /{name}")


# -- externals and declared artifacts ----------------------------------------------------------------------------------


def artifact_nodes(dot: str, lineage: Lineage) -> set[str]:
    return {drawn(item) for name, item in read_one(dot, lineage).nodes.items() if item["shape"] == "note"}


def test_the_declared_artifact_of_an_external_is_the_label_of_an_edge(dot: str, known: GraphTracker) -> None:
    whole = known.graph()
    assert artifact_nodes(dot, whole) == {"rows", "stats", "model", "log"}
    [edge] = [edge for edge in read_one(dot, whole).edges if drawn(edge)]
    names = numbered(whole)
    assert (edge["tail"], edge["head"], drawn(edge)) == (names["s3://data/raw"], names["prepare"], "raw.csv")


def test_but_it_is_a_node_where_it_is_the_start(dot: str, known: GraphTracker) -> None:
    lineage = known.lineage("s3://data/raw", artifact_name="raw.csv")
    assert "raw.csv" in artifact_nodes(dot, lineage)


def test_and_where_nobody_in_the_answer_uses_it(dot: str, known: GraphTracker) -> None:
    assert "raw.csv" in artifact_nodes(dot, known.lineage("s3://data/raw", depth=0))


def test_the_declared_artifact_of_a_run_that_reported_is_a_node(dot: str, known: GraphTracker) -> None:
    assert "stats" in artifact_nodes(dot, known.lineage("train", direction="upstream"))


# -- looks -------------------------------------------------------------------------------------------------------------

_COLOURS = ("color", "fillcolor", "fontcolor")


def look(item: dict[str, Any]) -> tuple[Any, ...]:
    """How a node or an edge looks to somebody who sees no colours."""
    return tuple(item.get(key, "") for key in ("shape", "style", "arrowhead", "penwidth"))


def test_kinds_are_told_apart_without_colours_and_without_reading(dot: str, known: GraphTracker) -> None:
    picture = read_one(dot, known.graph())
    by_label = {drawn(item): look(item) for item in picture.nodes.values()}
    kinds = [by_label[words] for words in ("prepare", "raw", "rows", "stats")]  # run, external, artifact, declared
    assert len(set(kinds)) == 4
    assert by_label["prepare"] == by_label["train"] == by_label["evaluate"]
    assert by_label["rows"] == by_label["model"]


def test_a_source_that_is_a_whole_run_is_drawn_in_another_style(dot: str, known: GraphTracker) -> None:
    picture = read_one(dot, known.graph())
    shapes = {name: item["shape"] for name, item in picture.nodes.items()}
    whole = {look(edge) for edge in picture.edges if "note" not in (shapes[edge["tail"]], shapes[edge["head"]])}
    named = {look(edge) for edge in picture.edges if "note" in (shapes[edge["tail"]], shapes[edge["head"]])}
    assert len(named) == 1
    assert len(whole - named) == 1


@pytest.mark.parametrize(("run_id", "name"), [("train", None), ("train", "model"), ("s3://data/raw", None)])
def test_the_start_is_marked(dot: str, known: GraphTracker, run_id: str, name: str | None) -> None:
    lineage = known.lineage(run_id, artifact_name=name)
    nodes = read_one(dot, lineage).nodes
    start: Node = run_id if name is None else (run_id, name)
    marked = nodes.pop(numbered(lineage)[start])
    assert look(marked) not in {look(item) for item in nodes.values()}
    assert marked["shape"] in {item["shape"] for item in read_one(dot, known.graph()).nodes.values()}


def test_a_whole_store_marks_nothing(dot: str, known: GraphTracker) -> None:
    picture = read_one(dot, known.graph())
    assert len({item["penwidth"] for item in picture.nodes.values()}) == 1


def test_the_picture_reads_left_to_right_with_the_data(dot: str, tracker: GraphTracker) -> None:
    record_demo(tracker)
    picture = read_one(dot, tracker.graph())
    assert picture.edges
    for edge in picture.edges:
        tail, head = (float(picture.nodes[edge[end]]["pos"].split(",")[0]) for end in ("tail", "head"))
        assert tail < head


def test_it_is_drawn_on_white(dot: str, known: GraphTracker) -> None:
    assert read_one(dot, known.graph()).graph["bgcolor"] == "white"


# -- cuts --------------------------------------------------------------------------------------------------------------


def test_a_cut_answer_has_a_stub_where_it_was_cut_and_says_so(dot: str, known: GraphTracker) -> None:
    lineage = known.lineage("train", depth=1)
    assert lineage.frontier == {"prepare": {"upstream"}}
    picture = read_one(dot, lineage)
    [stub] = stubs(picture)
    [edge] = [edge for edge in picture.edges if stub in (edge["tail"], edge["head"])]
    assert (edge["tail"], edge["head"]) == (stub, numbered(lineage)["prepare"])
    assert "not the whole lineage" in drawn(picture.graph)
    assert "depth" in drawn(picture.graph)


@pytest.mark.parametrize(("depth", "max_runs"), [(0, None), (None, 1), (None, 2), (1, 2)])
def test_every_side_of_the_frontier_has_its_stub_and_every_reason_its_word(
    dot: str, known: GraphTracker, depth: int | None, max_runs: int | None
) -> None:
    lineage = known.lineage("train", depth=depth, max_runs=max_runs)
    picture = read_one(dot, lineage)
    names = {called: node for node, called in numbered(lineage).items()}
    ends = stubs(picture)
    found = [(names[edge["head"]], "upstream") for edge in picture.edges if edge["tail"] in ends]
    found += [(names[edge["tail"]], "downstream") for edge in picture.edges if edge["head"] in ends]
    expected = [(run_id, direction) for run_id, directions in lineage.frontier.items() for direction in directions]
    assert sorted(map(str, found)) == sorted(map(str, expected))
    assert len(ends) == len(expected) > 0
    assert all(reason in drawn(picture.graph) for reason in lineage.reasons)


def test_stubs_look_like_no_run_or_artifact(dot: str, known: GraphTracker) -> None:
    picture = read_one(dot, known.lineage("train", depth=0))
    ends = stubs(picture)
    assert ends
    looks = {name: look(item) for name, item in picture.nodes.items()}
    assert not {looks[name] for name in ends} & {looks[name] for name in looks.keys() - ends}


def test_a_bound_that_leaves_nothing_out_is_not_mentioned(dot: str, known: GraphTracker) -> None:
    lineage = known.lineage("train", depth=9, max_runs=99)
    picture = read_one(dot, lineage)
    assert not stubs(picture)
    assert drawn(picture.graph) == ""
    assert lineage.to_dot() == known.lineage("train").to_dot()


def test_an_answer_that_lacks_unsynced_events_says_so(dot: str, known: GraphTracker) -> None:
    assert "unsynced" in drawn(read_one(dot, known.lineage("train").unsynced()).graph)


# -- determinism -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("calls", [EVERY_KIND, TANGLED], ids=["every kind", "tangled"])
def test_equal_lineages_are_the_same_bytes(new_url: NewUrl, calls: list[Call]) -> None:
    with GraphTracker(new_url()) as one, GraphTracker(new_url()) as other:
        tell(one, calls)
        events = [event for part in one._recorder.store.events() for event in part]
        for event in reversed(events):
            other._recorder.store.write([event])
        pairs = zip(every_question(one), every_question(other), strict=True)
        assert all(left.to_dot() == right.to_dot() for left, right in pairs)


def test_processes_with_other_hashes_give_the_same_bytes(tmp_path: Path) -> None:
    with GraphTracker(tmp_path / "lineage.db") as tracker:
        tell(tracker, TANGLED)
    asked = ["graphtracker", "--store", "lineage.db", "export", "c", "--depth", "0"]
    texts = {run(tmp_path, *asked, env={"PYTHONHASHSEED": seed}).stdout for seed in ("1", "2", "3")}
    assert len(texts) == 1


def test_every_way_to_the_dot_is_the_same(known: GraphTracker) -> None:
    for lineage in (known.graph(), known.lineage("train", depth=1)):
        restored = Lineage.from_dict(json.loads(json.dumps(lineage.to_dict())))
        assert exported(lineage, "dot") == lineage.to_dot() == restored.to_dot()


def test_drawing_asks_for_no_graph_view(known: GraphTracker) -> None:
    lineage = known.lineage("train")
    lineage.to_dot()
    assert "graph" not in vars(lineage)  # the networkx view is built on first use


# -- SVG ---------------------------------------------------------------------------------------------------------------


def test_the_svg_is_the_drawn_dot(dot: str, tracker: GraphTracker) -> None:
    lineage = tracker.lineage(record_six_jobs(tracker))
    svg = exported(lineage, "svg")
    assert_tooltips(svg, lineage)
    assert {"prepare-k3v9", "fine-tune-h8rc", "model", "reviews-2026.csv"} <= set(texts_of(svg))
    assert lineage._repr_svg_() == fitted(svg)


@pytest.mark.usefixtures("no_pygraphviz")
def test_without_graphviz_the_error_says_what_to_install_and_dot_is_there(
    known: GraphTracker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingExtra, match=r"install.*graphviz") as caught:
        exported(known.graph(), "svg")
    assert "DOT" in str(caught.value)
    assert isinstance(caught.value, ImportError)
    assert known.graph().to_dot().startswith("digraph")
    assert known.graph()._repr_svg_() is None


@pytest.mark.usefixtures("no_pygraphviz")
@pytest.mark.parametrize("runs", [1, 2000])  # 2,000 runs are more text than a pipe holds
def test_a_graphviz_that_fails_is_reported(
    known: GraphTracker, runs: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with known.batch() as batch:
        for number in range(runs):
            batch.add_metadata(f"run-{number}")
    program = tmp_path / "dot"
    program.write_text("#!/bin/sh\necho out of memory >&2\nexit 1\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GraphTrackerError, match="out of memory"):
        exported(known.graph(), "svg")


def test_an_unknown_format_is_refused_and_the_known_ones_are_listed(known: GraphTracker) -> None:
    with pytest.raises(InvalidInput, match=", ".join(FORMATS)):
        exported(known.graph(), "tar")
