"""graphtracker.api beside torchx.tracker.api: the same names, signatures, answers and log."""

from __future__ import annotations

import dataclasses
import inspect
import logging
import sys
import types
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, is_dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import fsspec
import pytest
import torchx.tracker.api as torchx_api
from torchx.tracker.backend.fsspec import FsspecTracker

from graphtracker import GraphTracker, Lineage, api

BOTH = [torchx_api, api]
VALUES = ["TrackerSource", "TrackerArtifact", "AppRunTrackableSource", "AppRun"]
CLASSES = [*VALUES, "TrackerBase"]
FUNCTIONS = [
    "tracker_config_env_var_name",
    "_extract_tracker_name_and_config_from_environ",
    "build_trackers",
    "trackers_from_environ",
    "load_group",
    "load_module",
]
HERE = __name__
ADDED = {"AppRun": {"lineage"}}  # what graphtracker's classes have beyond torchx's


# -- factories, which the entry points below name ----------------------------------------------------------------------


@dataclass
class Kept:
    """A tracker that keeps what it is told."""

    config: str | None
    told: list[Any] = field(default_factory=list)

    def add_metadata(self, *args: object, **kwargs: object) -> None:
        self.told.append(("add_metadata", args, kwargs))

    def add_artifact(self, *args: object, **kwargs: object) -> None:
        self.told.append(("add_artifact", args, kwargs))

    def add_source(self, *args: object, **kwargs: object) -> None:
        self.told.append(("add_source", args, kwargs))

    def sources(self, *args: object, **kwargs: object) -> Iterator[api.TrackerSource]:
        self.told.append(("sources", args, kwargs))
        yield api.TrackerSource("prepare", "rows")
        yield api.TrackerSource("s3://bucket/data", None)


def kept(config: str | None) -> Kept:
    """A factory as torchx wants one."""
    return Kept(config)


def refusing(config: str | None) -> Kept:
    """A factory that fails."""
    raise ValueError(f"cannot use {config}")


def nothing(config: str | None) -> None:
    """A factory that returns no tracker."""


CONSTANT = 7

ENTRY_POINTS = f"""
[torchx.tracker]
kept = {HERE}:kept
kept_class = {HERE}:Kept
refusing = {HERE}:refusing
nothing = {HERE}:nothing
constant = {HERE}:CONSTANT
module = {HERE}
absent_attribute = {HERE}:no_such_function
absent_module = no_such_module:make

[contract.others]
join = posixpath:join
path = posixpath
"""


@pytest.fixture
def _entry_points(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A distribution on sys.path whose entry points name the factories of this file."""
    folder = tmp_path / "site" / "contract-1.0.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: contract\nVersion: 1.0\n", encoding="utf-8")
    (folder / "entry_points.txt").write_text(ENTRY_POINTS, encoding="utf-8")
    monkeypatch.setattr(sys, "path", [*sys.path, str(folder.parent)])


@pytest.fixture(autouse=True)
def _forgotten_runs() -> Iterator[None]:
    """No test gets the run that another has cached."""
    yield
    for module in BOTH:
        module.AppRun.run_from_env.cache_clear()


# -- side by side ------------------------------------------------------------------------------------------------------


def plain(answer: object) -> object:
    """An answer whose classes, torchx's or ours, no longer matter."""
    if is_dataclass(answer) and not isinstance(answer, type):
        return type(answer).__name__, {f.name: plain(getattr(answer, f.name)) for f in dataclasses.fields(answer)}
    if isinstance(answer, (list, tuple)):
        return [plain(item) for item in answer]
    return answer


class Observed(NamedTuple):
    """What one of the two modules answers or raises, and what it logs at INFO and above: level and message."""

    answer: Any
    log: list[tuple[str, str]]


def observed(module: ModuleType, ask: Callable[[Any], object], caplog: pytest.LogCaptureFixture) -> Observed:
    caplog.clear()
    module.AppRun.run_from_env.cache_clear()
    with caplog.at_level(logging.INFO):
        try:
            answer = plain(ask(module))
        except Exception as error:  # noqa: BLE001  # any error is an answer here
            answer = type(error), str(error)
    log = [(record.levelname, record.getMessage()) for record in caplog.records if record.name == module.__name__]
    return Observed(answer, log)


def same(ask: Callable[[Any], object], caplog: pytest.LogCaptureFixture) -> Observed:
    """The answer and the log, which both modules agree on."""
    theirs, ours = (observed(module, ask, caplog) for module in BOTH)
    assert ours == theirs
    return ours


# -- names, signatures, fields -----------------------------------------------------------------------------------------


def test_it_has_every_name_of_torchx_and_no_other() -> None:
    def is_their_own(value: object) -> bool:
        return isinstance(value, (str, logging.Logger)) or (getattr(value, "__module__", None) or "").startswith(
            "torchx"
        )

    names = {name for name, value in vars(torchx_api).items() if not name.startswith("__") and is_their_own(value)}
    assert {*api.__all__, "logger"} == names
    assert api.__all__ == sorted(api.__all__)


@pytest.mark.parametrize("name", [name for name in api.__all__ if name.startswith("ENV_")])
def test_the_variables_have_torchx_names(name: str) -> None:
    assert getattr(api, name) == getattr(torchx_api, name)


def spelled(annotation: Any) -> str:
    """An annotation without its spelling: Optional[X] is X | None, and typing.Mapping collections.abc.Mapping."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (typing.Union, types.UnionType):
        return " | ".join(sorted(map(spelled, arguments)))
    if origin is not None:
        return f"{origin.__name__}[{', '.join(map(spelled, arguments))}]"
    return getattr(annotation, "__name__", str(annotation))


def signature(function: Callable[..., object]) -> list[tuple[object, ...]]:
    return [(item.name, item.kind, item.default) for item in inspect.signature(function).parameters.values()]


def hints(function: Callable[..., object]) -> dict[str, str]:
    return {name: spelled(hint) for name, hint in typing.get_type_hints(function).items()}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_have_the_same_signatures(name: str) -> None:
    ours, theirs = getattr(api, name), getattr(torchx_api, name)
    assert signature(ours) == signature(theirs)
    if name not in ("load_group", "load_module"):  # torchx annotates the one in part, and ours returns Any of the other
        assert hints(ours) == hints(theirs)


def verbs(kind: type) -> set[str]:
    return {name for name, value in vars(kind).items() if callable(value) and not name.startswith("_")}


@pytest.mark.parametrize("name", CLASSES)
def test_methods_have_the_same_signatures(name: str) -> None:
    ours, theirs = getattr(api, name), getattr(torchx_api, name)
    assert verbs(ours) == verbs(theirs) | ADDED.get(name, set())
    for verb in verbs(theirs):
        assert (verb, signature(getattr(ours, verb))) == (verb, signature(getattr(theirs, verb)))
        assert (verb, hints(getattr(ours, verb))) == (verb, hints(getattr(theirs, verb)))
        assert isinstance(vars(ours)[verb], staticmethod) == isinstance(vars(theirs)[verb], staticmethod)


@pytest.mark.parametrize("name", VALUES)
def test_values_are_the_same_dataclasses(name: str) -> None:
    def described(kind: Any) -> list[object]:
        fields = [(f.name, f.default, f.default_factory, f.init, f.repr, f.compare) for f in dataclasses.fields(kind)]
        switches = kind.__dataclass_params__
        return [fields, hints(kind), switches.eq, switches.order, switches.frozen, signature(kind)]

    assert described(getattr(api, name)) == described(getattr(torchx_api, name))


@pytest.mark.parametrize("module", BOTH, ids=lambda module: module.__name__)
def test_values_are_mutable_and_compare_by_what_they_hold(module: Any) -> None:
    artifact = module.TrackerArtifact("model", "/model", None)
    assert artifact == module.TrackerArtifact(name="model", path="/model", metadata=None)
    artifact.metadata = {"format": "onnx"}
    assert artifact != module.TrackerArtifact("model", "/model", None)
    assert repr(artifact) == "TrackerArtifact(name='model', path='/model', metadata={'format': 'onnx'})"
    source = module.TrackerSource("prepare", None)
    source.artifact_name = "rows"
    assert repr(source) == "TrackerSource(source_run_id='prepare', artifact_name='rows')"
    with pytest.raises(TypeError):
        hash(source)
    with pytest.raises(TypeError):
        module.TrackerArtifact("model", "/model")


@pytest.mark.parametrize("module", BOTH, ids=lambda module: module.__name__)
def test_a_tracker_needs_every_verb(module: Any) -> None:
    missing = type("Incomplete", (module.TrackerBase,), {"add_source": lambda self: None})
    with pytest.raises(TypeError, match="abstract"):
        missing()


def test_the_abstract_verbs_are_the_same_eight() -> None:
    assert api.TrackerBase.__abstractmethods__ == torchx_api.TrackerBase.__abstractmethods__
    assert len(api.TrackerBase.__abstractmethods__) == 8
    assert issubclass(GraphTracker, api.TrackerBase)


# -- from names to trackers --------------------------------------------------------------------------------------------

# What TORCHX_TRACKERS names → the configurations of the trackers that this makes.
NAMES: dict[str, list[str | None]] = {
    "kept": [None],
    "kept_class": [None],
    "kept,kept_class": [None, None],
    "kept,kept": [None],
    f"{HERE}:kept": [None],
    f"{HERE}:kept:more": [None],
    f"kept,no_such_tracker,{HERE}:Kept": [None, None],
    "no_such_tracker": [],
    "no_such_module:make": [],
    f"{HERE}:no_such_function": [],
    f"{HERE}:no_such_function,kept": [None],
    "": [],
    ",kept,": [None],
    "kept, kept_class": [None],
    "KEPT": [],
    ".": [],
}


@pytest.mark.usefixtures("_entry_points")
@pytest.mark.parametrize("names", NAMES)
def test_names_give_the_same_trackers(
    names: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("TORCHX_TRACKERS", names)
    trackers, _ = same(lambda module: module.trackers_from_environ(), caplog)
    assert trackers == [plain(Kept(config)) for config in NAMES[names]]


@pytest.mark.usefixtures("_entry_points")
@pytest.mark.parametrize("config", ["/data/lineage.db", "", " ", "a=b;c", "{braces}", "100%"])
@pytest.mark.parametrize("name", ["kept", f"{HERE}:kept"])
def test_a_configuration_reaches_its_factory(
    name: str, config: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("TORCHX_TRACKERS", name)
    monkeypatch.setenv(api.tracker_config_env_var_name(name), config)
    trackers, log = same(lambda module: module.trackers_from_environ(), caplog)
    assert trackers == [plain(Kept(config))]
    told = f"Tracker config found for `{name}` as `{config}`" if config else f"No tracker config specified for `{name}`"
    assert log == [("INFO", f"Trackers: TORCHX_TRACKERS={name}"), ("INFO", told)]


@pytest.mark.usefixtures("_entry_points")
@pytest.mark.parametrize("name", ["refusing", "nothing"])
def test_what_a_factory_does_is_its_own_affair(
    name: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("TORCHX_TRACKERS", name)
    answer, _ = same(lambda module: module.trackers_from_environ(), caplog)
    assert answer == {"refusing": (ValueError, "cannot use None"), "nothing": [None]}[name]


@pytest.mark.usefixtures("_entry_points")
@pytest.mark.parametrize("name", ["absent_attribute", "absent_module"])
def test_an_entry_point_that_cannot_be_loaded_raises(
    name: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("TORCHX_TRACKERS", name)
    (error, _), _ = same(lambda module: module.trackers_from_environ(), caplog)
    assert issubclass(error, (AttributeError, ModuleNotFoundError))


def test_without_trackers_nothing_is_set_up(caplog: pytest.LogCaptureFixture) -> None:
    answer, log = same(lambda module: module.trackers_from_environ(), caplog)
    assert (answer, log) == ([], [("INFO", "No trackers were configured, skipping setup.")])
    answer, log = same(lambda module: module._extract_tracker_name_and_config_from_environ(), caplog)
    assert (answer, log) == ({}, [("INFO", "No trackers were configured, skipping setup.")])


def test_names_and_configurations_are_read_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("TORCHX_TRACKERS", "one,two,three")
    monkeypatch.setenv("TORCHX_TRACKER_TWO_CONFIG", "two.db")
    monkeypatch.setenv("TORCHX_TRACKER_THREE_CONFIG", "")
    answer, log = same(lambda module: module._extract_tracker_name_and_config_from_environ(), caplog)
    assert answer == {"one": None, "two": "two.db", "three": ""}
    assert log == [("INFO", "Trackers: TORCHX_TRACKERS=one,two,three")]


@pytest.mark.parametrize("found", [None, {}])
def test_no_entry_points_at_all_is_a_warning_and_module_paths_work(
    found: dict[str, Any] | None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for module in BOTH:
        monkeypatch.setattr(module, "load_group", lambda group: found)
    wanted = {"no_such_tracker": "x.db", f"{HERE}:kept": "y.db"}
    answer, log = same(lambda module: module.build_trackers(wanted), caplog)
    assert answer == [plain(Kept("y.db"))]
    assert [level for level, _ in log] == ["WARNING", "WARNING", "INFO"]
    assert log[0][1] == "No 'torchx.tracker' entry_points are defined."
    assert log[1][1].startswith("No tracker factory `no_such_tracker` found in entry_points or modules.")


@pytest.mark.usefixtures("_entry_points")
def test_nothing_asked_for_is_nothing_built(caplog: pytest.LogCaptureFixture) -> None:
    assert same(lambda module: module.build_trackers({}), caplog) == ([], [])


@pytest.mark.parametrize("name", ["fsspec", "a:b", "Ünder", ""])
def test_the_variable_of_a_configuration(name: str, caplog: pytest.LogCaptureFixture) -> None:
    answer, _ = same(lambda module: module.tracker_config_env_var_name(name), caplog)
    assert answer == f"TORCHX_TRACKER_{name.upper()}_CONFIG"


# -- how plug-ins are found --------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("_entry_points")
def test_load_group_gives_functions_that_load_when_called() -> None:
    for module in BOTH:
        found = module.load_group("torchx.tracker")
        assert {"kept", "module", "constant", "absent_module", "graphtracker", "fsspec"} <= set(found)
        assert found["kept"]("x.db") == Kept("x.db")
        assert found["kept"](config="x.db") == Kept("x.db")
        assert found["module"]() is found["module"]("any", arguments=True) is sys.modules[HERE]
        with pytest.raises(TypeError, match="not callable"):
            found["constant"]("x.db")
        with pytest.raises(ModuleNotFoundError):
            found["absent_module"]("x.db")


@pytest.mark.usefixtures("_entry_points")
@pytest.mark.parametrize("group", ["contract.others", "no.such.group", ""])
@pytest.mark.parametrize("default", [None, {}, {"mine": len}])
def test_load_group_finds_the_same_names(group: str, default: dict[str, Any] | None) -> None:
    theirs, ours = (module.load_group(group, default) for module in BOTH)
    if group == "contract.others":
        assert set(ours) == set(theirs) == {"join", "path"}
        assert ours["join"]("a", "b") == theirs["join"]("a", "b") == "a/b"
    else:
        assert ours is theirs is default


MODULE_PATHS = [
    "posixpath", "posixpath:join", "posixpath:", "os.path", "os.path:join", "os.path:join:more",
    "xml.etree.ElementTree", "no_such_module", "os.no_such_module", "no_such_module.path",
    "posixpath:no_such_function", "os:path.join", "posixpath :join", "os/path", "🚀",
    "", ":", ":join", ".", ".os", "os.", "os..path",
]  # fmt: skip


@pytest.mark.parametrize("path", MODULE_PATHS)
def test_load_module_finds_the_same(path: str) -> None:
    assert api.load_module(path) is torchx_api.load_module(path)


@pytest.mark.parametrize(
    "broken", ["1 / 0", "raise KeyError('at import')", "import no_such_module", "this is no Python"]
)
def test_a_module_that_fails_at_import_is_absent(broken: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "broken_plugin.py").write_text(broken, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    assert api.load_module("broken_plugin:make") is torchx_api.load_module("broken_plugin:make") is None


# -- the two stated differences ----------------------------------------------------------------------------------------


@pytest.mark.usefixtures("_entry_points")
@pytest.mark.parametrize("name", ["constant", "module", HERE, f"{HERE}:CONSTANT", "os.path:sep"])
def test_a_factory_that_is_not_callable_is_skipped_with_a_warning(name: str, caplog: pytest.LogCaptureFixture) -> None:
    wanted = {name: "x.db", "kept": "y.db"}
    ours = observed(api, lambda module: module.build_trackers(wanted), caplog)
    assert ours.answer == [plain(Kept("y.db"))]
    (level, told), (_, of_kept) = ours.log
    assert level == "WARNING"
    assert f"`{name}`" in told
    assert "not callable" in told
    assert of_kept == "Tracker config found for `kept` as `y.db`"
    if name != "module":  # torchx takes the module itself for a tracker
        theirs = observed(torchx_api, lambda module: module.build_trackers(wanted), caplog)
        assert theirs.answer[0] is TypeError


@pytest.mark.usefixtures("_entry_points")
@pytest.mark.parametrize(
    ("config", "shown"),
    [
        ("neo4j://ada:secret@db.example:7687", "neo4j://ada:***@db.example:7687"),
        ("bolt+s://ada:se/c@ret@db.example", "bolt+s://ada:***@db.example"),
        ("neo4j://:secret@db.example", "neo4j://:***@db.example"),
        ("https://db.example/?user=ada&password=secret", "https://db.example/?user=ada&password=***"),
    ],
)
def test_a_password_reaches_the_factory_but_not_the_log(
    config: str, shown: str, caplog: pytest.LogCaptureFixture
) -> None:
    theirs, ours = (observed(module, lambda module: module.build_trackers({"kept": config}), caplog) for module in BOTH)
    assert ours.answer == theirs.answer == [plain(Kept(config))]
    assert theirs.log == [("INFO", f"Tracker config found for `kept` as `{config}`")]
    assert ours.log == [("INFO", f"Tracker config found for `kept` as `{shown}`")]


# -- AppRun ------------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("_entry_points")
@pytest.mark.parametrize(
    ("variables", "run_id", "told"),
    [
        ({}, "<UNDEFINED>", []),
        ({"TORCHX_JOB_ID": "local://torchx/a"}, "local://torchx/a", []),
        ({"TORCHX_JOB_ID": ""}, "", []),
        ({"TORCHX_PARENT_RUN_ID": "parent"}, "<UNDEFINED>", []),
        ({"TORCHX_TRACKERS": "kept"}, "<UNDEFINED>", [[]]),
        ({"TORCHX_TRACKERS": "kept", "TORCHX_PARENT_RUN_ID": "parent"}, "<UNDEFINED>", [["parent"]]),
        ({"TORCHX_TRACKERS": "kept", "TORCHX_JOB_ID": "a", "TORCHX_PARENT_RUN_ID": ""}, "a", [[""]]),
        (
            {"TORCHX_TRACKERS": "kept,absent,kept_class", "TORCHX_JOB_ID": "a", "TORCHX_PARENT_RUN_ID": "parent"},
            "a",
            [["parent"], ["parent"]],
        ),
        ({"TORCHX_TRACKERS": "absent", "TORCHX_JOB_ID": "a", "TORCHX_PARENT_RUN_ID": "parent"}, "a", []),
    ],
)
def test_run_from_env(
    variables: Mapping[str, str],
    run_id: str,
    told: list[list[str]],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    answer, _ = same(lambda module: module.AppRun.run_from_env(), caplog)
    calls = [[("add_source", (run_id, parent), {"artifact_name": None}) for parent in parents] for parents in told]
    backends: list[Any] = [Kept(None, each) for each in calls]
    assert answer == plain(api.AppRun(run_id, backends))


@pytest.mark.parametrize("module", BOTH, ids=lambda module: module.__name__)
def test_run_from_env_is_made_once(module: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    module.AppRun.run_from_env.cache_clear()
    monkeypatch.setenv("TORCHX_JOB_ID", "first")
    first = module.AppRun.run_from_env()
    monkeypatch.setenv("TORCHX_JOB_ID", "second")
    assert module.AppRun.run_from_env() is first
    module.AppRun.run_from_env.cache_clear()
    assert module.AppRun.run_from_env().job_id() == "second"


@pytest.mark.parametrize("backends", [0, 1, 2])
@pytest.mark.parametrize(
    "ask",
    [
        lambda run: run.job_id(),
        lambda run: run.add_metadata(),
        lambda run: run.add_metadata(lr=0.01, id="x", name="y"),
        lambda run: run.add_metadata(run_id="z"),
        lambda run: run.add_artifact("model", "/model"),
        lambda run: run.add_artifact("model", "/model", {"format": "onnx"}),
        lambda run: run.add_artifact(metadata=None, path="/model", name="model"),
        lambda run: run.add_artifact("model"),
        lambda run: run.add_source("prepare"),
        lambda run: run.add_source("prepare", "rows"),
        lambda run: run.add_source(artifact_name="rows", source_id="prepare"),
        lambda run: run.sources(),
    ],
)
def test_the_verbs_of_a_run_reach_every_tracker(
    ask: Callable[[Any], object], backends: int, caplog: pytest.LogCaptureFixture
) -> None:
    def asked(module: Any) -> object:
        trackers = [Kept(str(number)) for number in range(backends)]
        try:
            answer = ask(module.AppRun("train", trackers))
        except TypeError as error:
            answer = str(error)
        return [answer, trackers]

    same(asked, caplog)


def test_the_sources_of_a_run_are_runs_of_the_same_trackers() -> None:
    trackers: list[Any] = [Kept("first"), Kept("second")]
    sources = list(api.AppRun("train", trackers).sources())
    assert [(source.parent.id, source.artifact_name) for source in sources] == [
        ("prepare", "rows"),
        ("s3://bucket/data", None),
    ]
    assert all(source.parent.backends is trackers for source in sources)
    assert (trackers[0].told, trackers[1].told) == ([("sources", ("train",), {})], [])


# -- what torchx leaves empty ------------------------------------------------------------------------------------------


def test_a_run_without_trackers_has_no_children_and_an_empty_whole_lineage() -> None:
    run = api.AppRun("train", [])
    assert list(run.children()) == []
    lineage = run.lineage()
    assert (len(lineage), lineage.complete, lineage.start, lineage.reasons) == (0, True, None, frozenset())
    assert lineage == api.Lineage()
    assert api.Lineage is Lineage


def test_torchx_leaves_children_empty() -> None:
    assert torchx_api.AppRun("train", []).children() is None


def test_the_children_of_a_run_by_torchx_own_tracker(tmp_path: Path) -> None:
    tracker = FsspecTracker(fsspec.filesystem("file"), str(tmp_path))
    tracker.add_metadata("prepare", rows=3)
    tracker.add_source("train", "prepare")
    tracker.add_source("evaluate", "prepare", "rows")
    tracker.add_source("deploy", "train")
    run = api.AppRun("prepare", [tracker])
    children = list(run.children())
    assert sorted(child.id for child in children) == ["evaluate", "train"]
    assert all(child.backends is run.backends for child in children)
    assert [child.id for child in api.AppRun("train", run.backends).children()] == ["deploy"]
    with pytest.raises(NotImplementedError):
        run.lineage()  # the tracker's answer, which torchx leaves open


def test_the_children_and_lineage_of_a_run_by_graphtracker() -> None:
    with GraphTracker(":memory:") as tracker:
        run = api.AppRun("prepare", [tracker])
        run.add_artifact("rows", "/rows")
        api.AppRun("train", [tracker]).add_source("prepare", "rows")
        assert [child.id for child in run.children()] == ["train"]
        assert run.lineage() == tracker.lineage("prepare")
        assert set(run.lineage().runs) == {"prepare", "train"}


def test_only_the_first_tracker_is_asked() -> None:
    with GraphTracker(":memory:") as first, GraphTracker(":memory:") as second:
        second.add_source("train", "prepare")
        run = api.AppRun("prepare", (first, second))
        first.add_metadata("prepare")
        assert list(run.children()) == []
        assert set(run.lineage().runs) == {"prepare"}


# -- what torchx's own tests assert ------------------------------------------------------------------------------------


@dataclass
class Told:
    """What a tracker was told of one run."""

    artifacts: dict[str, api.TrackerArtifact] = field(default_factory=dict)
    metadata: dict[str, object] = field(default_factory=dict)
    sources: list[api.TrackerSource] = field(default_factory=list)


class InMemory(api.TrackerBase):
    """A tracker that a user of the contract might write."""

    def __init__(self, config: str | None = None) -> None:
        self.config = config
        self.runs: dict[str, Told] = {}

    def _run(self, run_id: str) -> Told:
        return self.runs.setdefault(run_id, Told())

    def add_artifact(self, run_id: str, name: str, path: str, metadata: Mapping[str, object] | None = None) -> None:
        self._run(run_id).artifacts[name] = api.TrackerArtifact(name, path, metadata)

    def artifacts(self, run_id: str) -> Mapping[str, api.TrackerArtifact]:
        return self._run(run_id).artifacts

    def add_metadata(self, run_id: str, **kwargs: object) -> None:
        self._run(run_id).metadata.update(kwargs)

    def metadata(self, run_id: str) -> Mapping[str, object]:
        return self._run(run_id).metadata

    def add_source(self, run_id: str, source_id: str, artifact_name: str | None = None) -> None:
        self._run(run_id).sources.append(api.TrackerSource(source_id, artifact_name))

    def sources(self, run_id: str, artifact_name: str | None = None) -> Iterable[api.TrackerSource]:
        return list(self._run(run_id).sources)

    def lineage(self, run_id: str) -> api.Lineage:
        return api.Lineage()

    def run_ids(self, **kwargs: str) -> Iterable[str]:
        return list(self.runs)


@pytest.fixture(params=[InMemory, lambda: GraphTracker(":memory:")], ids=["written by a user", "graphtracker"])
def backend(request: pytest.FixtureRequest) -> api.TrackerBase:
    made: api.TrackerBase = request.param()
    return made


def test_a_run_logs_artifacts_with_and_without_metadata(backend: api.TrackerBase) -> None:
    run = api.AppRun("run_id", [backend])
    run.add_artifact("plain", "/directory")
    run.add_artifact("dated", "/directory", {"date": "2020/01/01"})
    logged = backend.artifacts("run_id")
    assert (logged["plain"].path, logged["plain"].metadata) == ("/directory", None)
    assert logged["dated"].metadata == {"date": "2020/01/01"}


def test_a_run_updates_its_metadata_key_by_key(backend: api.TrackerBase) -> None:
    run = api.AppRun("run_id", [backend])
    run.add_metadata(lr=0.01, bs=25)
    assert backend.metadata("run_id") == {"lr": 0.01, "bs": 25}
    run.add_metadata(bs=10)
    assert backend.metadata("run_id") == {"lr": 0.01, "bs": 10}


def test_a_run_names_a_source(backend: api.TrackerBase) -> None:
    run = api.AppRun("run_id", [backend])
    run.add_source("parent_model_run")
    (source,) = run.sources()
    assert (source.parent.id, source.artifact_name) == ("parent_model_run", None)
    assert source.parent.backends == run.backends


def test_a_tracker_answers_for_its_runs(backend: api.TrackerBase) -> None:
    backend.add_metadata("run_id", lr=0.01)
    assert list(backend.run_ids()) == ["run_id"]
    assert isinstance(backend.lineage("run_id"), api.Lineage)


def test_a_launched_run_gets_its_tracker_and_its_parent_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "load_group", lambda group: {"tracker1": InMemory})
    monkeypatch.setenv("TORCHX_TRACKERS", "tracker1")
    monkeypatch.setenv("TORCHX_TRACKER_TRACKER1_CONFIG", "myconfig.txt")
    monkeypatch.setenv("TORCHX_PARENT_RUN_ID", "parent_run_id")
    monkeypatch.setenv("TORCHX_JOB_ID", "run_id")
    run = api.AppRun.run_from_env()
    (tracker,) = run.backends
    assert isinstance(tracker, InMemory)
    assert (run.job_id(), tracker.config) == ("run_id", "myconfig.txt")
    assert tracker.sources("run_id") == [api.TrackerSource("parent_run_id", None)]


def test_a_tracker_is_built_from_its_entry_point(monkeypatch: pytest.MonkeyPatch) -> None:
    groups: list[str] = []

    def found(group: str) -> dict[str, Any]:
        groups.append(group)
        return {"tracker1": InMemory}

    monkeypatch.setattr(api, "load_group", found)
    (tracker,) = api.build_trackers({"tracker1": "myconfig.txt"})
    assert isinstance(tracker, InMemory)
    assert (tracker.config, groups) == ("myconfig.txt", ["torchx.tracker"])
    assert list(api.build_trackers({})) == []


def test_a_tracker_is_built_from_a_module_path(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def found(path: str) -> type[InMemory]:
        asked.append(path)
        return InMemory

    monkeypatch.setattr(api, "load_group", lambda group: None)
    monkeypatch.setattr(api, "load_module", found)
    (tracker,) = api.build_trackers({"some.module:create": "myconfig.txt"})
    assert isinstance(tracker, InMemory)
    assert (tracker.config, asked) == ("myconfig.txt", ["some.module:create"])


def test_an_entry_point_goes_before_a_module_of_the_same_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def unasked(path: str) -> None:
        raise AssertionError(path)

    monkeypatch.setattr(api, "load_group", lambda group: {"tracker1": InMemory})
    monkeypatch.setattr(api, "load_module", unasked)
    assert len(list(api.build_trackers({"tracker1": None}))) == 1


@pytest.mark.parametrize("found", [None, {}])
def test_a_tracker_that_nobody_provides_is_left_out(
    found: dict[str, Any] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "load_group", lambda group: found)
    monkeypatch.setenv("TORCHX_TRACKERS", "tracker1")
    assert list(api.trackers_from_environ()) == []
