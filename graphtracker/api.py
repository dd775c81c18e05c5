"""TorchX's tracker contract, complete, without importing torchx.

The names, signatures and behaviour are those of ``torchx.tracker.api`` in TorchX 0.7.0
(https://github.com/pytorch/torchx/blob/v0.7.0/torchx/tracker/api.py), with two differences: a factory that is not
callable is skipped with a warning, and a password in a configuration string is not logged. ``AppRun.children`` and
``AppRun.lineage``, which TorchX leaves empty, answer here.

TorchX's main branch keeps all of it but for three things: ``build_trackers`` asks a registry, which knows plug-ins
without an entry point, too, and skips what is not callable itself; the names of the variables moved to
``torchx.settings``, ``load_group`` to ``torchx.util.entrypoints``; lines of log are worded anew.
"""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Optional

from graphtracker import environment
from graphtracker.entry_points import is_callable, load_group, load_module
from graphtracker.lineage import Lineage
from graphtracker.stores.urls import without_password

__all__ = [
    "AppRun",
    "AppRunTrackableSource",
    "ENV_TORCHX_JOB_ID",
    "ENV_TORCHX_PARENT_RUN_ID",
    "ENV_TORCHX_TRACKERS",
    "Lineage",
    "TrackerArtifact",
    "TrackerBase",
    "TrackerSource",
    "_extract_tracker_name_and_config_from_environ",
    "build_trackers",
    "load_group",
    "load_module",
    "tracker_config_env_var_name",
    "trackers_from_environ",
]

logger: logging.Logger = logging.getLogger(__name__)

ENV_TORCHX_TRACKERS = environment.TORCHX_TRACKERS
ENV_TORCHX_PARENT_RUN_ID = environment.TORCHX_PARENT_RUN_ID
ENV_TORCHX_JOB_ID = environment.TORCHX_JOB_ID


@dataclass
class TrackerSource:
    """A source as a tracker returns it: the id of a run or of something external, and the artifact it names, if any."""

    source_run_id: str
    artifact_name: Optional[str]


@dataclass
class TrackerArtifact:
    """An artifact as a tracker returns it; ``metadata`` is None when there is none."""

    name: str
    path: str
    metadata: Optional[Mapping[str, object]]


@dataclass
class AppRunTrackableSource:
    """A source as an ``AppRun`` returns it: the run that it came from, and the artifact it names, if any."""

    parent: AppRun
    artifact_name: Optional[str]


class TrackerBase(ABC):
    """What a tracker does; ``graphtracker.GraphTracker`` does all of it."""

    @abstractmethod
    def add_artifact(
        self,
        run_id: str,
        name: str,
        path: str,
        metadata: Optional[Mapping[str, object]] = None,
    ) -> None:
        """Records an artifact of a run, with its path and any metadata."""

    @abstractmethod
    def artifacts(self, run_id: str) -> Mapping[str, TrackerArtifact]:
        """The artifacts of a run, by name."""

    @abstractmethod
    def add_metadata(self, run_id: str, **kwargs: object) -> None:
        """Records metadata of a run."""

    @abstractmethod
    def metadata(self, run_id: str) -> Mapping[str, object]:
        """The metadata of a run, by key."""

    @abstractmethod
    def add_source(
        self,
        run_id: str,
        source_id: str,
        artifact_name: Optional[str] = None,
    ) -> None:
        """Records what a run was made from: another run, or one artifact of it."""

    @abstractmethod
    def sources(
        self,
        run_id: str,
        artifact_name: Optional[str] = None,
    ) -> Iterable[TrackerSource]:
        """The sources of a run; a name keeps only those that name this artifact."""

    @abstractmethod
    def lineage(self, run_id: str) -> Lineage:
        """What the run came from and what was made from it."""

    @abstractmethod
    def run_ids(self, **kwargs: str) -> Iterable[str]:
        """The ids of runs, filtered by keyword."""


def tracker_config_env_var_name(entrypoint_key: str) -> str:
    """The name of the environment variable that holds the configuration of this tracker."""
    return f"TORCHX_TRACKER_{entrypoint_key.upper()}_CONFIG"


def _extract_tracker_name_and_config_from_environ() -> Mapping[str, Optional[str]]:
    names = environment.read(ENV_TORCHX_TRACKERS)
    if names is None:
        logger.info("No trackers were configured, skipping setup.")
        return {}
    logger.info(f"Trackers: {ENV_TORCHX_TRACKERS}={names}")
    return {name: environment.read(tracker_config_env_var_name(name)) for name in names.split(",")}


def build_trackers(factory_and_config: Mapping[str, Optional[str]]) -> Iterable[TrackerBase]:
    """The trackers that the named factories make of their configurations.

    A name is an entry point of the group ``torchx.tracker``, or a module path ``pkg.mod:function``. One that is neither
    is skipped with a warning.
    """
    trackers: list[TrackerBase] = []
    factories: Mapping[str, Any] = load_group("torchx.tracker") or {}
    if not factories:
        logger.warning("No 'torchx.tracker' entry_points are defined.")
    for name, config in factory_and_config.items():
        factory: Any = factories.get(name) or load_module(name)
        if not factory:
            logger.warning(
                f"No tracker factory `{name}` found in entry_points or modules. "
                "See https://pytorch.org/torchx/main/tracker.html#module-torchx.tracker"
            )
            continue
        if not is_callable(factory):
            logger.warning(f"Tracker factory `{name}` is not callable and is skipped; name a function instead.")
            continue
        if config:
            logger.info(f"Tracker config found for `{name}` as `{without_password(config)}`")
        else:
            logger.info(f"No tracker config specified for `{name}`")
        trackers.append(factory(config))
    return trackers


def trackers_from_environ() -> Iterable[TrackerBase]:
    """The trackers that ``TORCHX_TRACKERS`` names, each with its ``TORCHX_TRACKER_<NAME>_CONFIG``."""
    names_and_configs = _extract_tracker_name_and_config_from_environ()
    return build_trackers(names_and_configs) if names_and_configs else []


@dataclass
class AppRun:
    """The run that this process is part of, and the trackers that record it."""

    id: str
    backends: Iterable[TrackerBase]

    @staticmethod
    @lru_cache(maxsize=1)
    def run_from_env() -> AppRun:
        """The run that the environment names, the same object at every call.

        Outside a launch its id is ``<UNDEFINED>`` and it has no trackers. Where ``TORCHX_PARENT_RUN_ID`` is set, the
        run gets that source.
        """
        job_id = environment.read(ENV_TORCHX_JOB_ID)
        if job_id is None:
            job_id = environment.UNDEFINED
        trackers = trackers_from_environ()
        parent_run_id = environment.read(ENV_TORCHX_PARENT_RUN_ID)
        if parent_run_id is not None:
            logger.info(f"Tracker parent run ID: '{parent_run_id}'")
            for tracker in trackers:
                tracker.add_source(job_id, parent_run_id, artifact_name=None)
        return AppRun(id=job_id, backends=trackers)

    def add_metadata(self, **kwargs: object) -> None:
        """Records metadata of this run in every tracker."""
        for backend in self.backends:
            backend.add_metadata(self.id, **kwargs)

    def add_artifact(self, name: str, path: str, metadata: Optional[Mapping[str, object]] = None) -> None:
        """Records an artifact of this run in every tracker."""
        for backend in self.backends:
            backend.add_artifact(self.id, name, path, metadata)

    def job_id(self) -> str:
        """The id of this run."""
        return self.id

    def add_source(self, source_id: str, artifact_name: Optional[str] = None) -> None:
        """Records a source of this run, or one artifact of that source, in every tracker."""
        for backend in self.backends:
            backend.add_source(self.id, source_id, artifact_name)

    def sources(self) -> Iterable[AppRunTrackableSource]:
        """The sources of this run, by the first tracker; empty without one."""
        backend = self._first_backend()
        if backend is None:
            return []
        return [
            AppRunTrackableSource(AppRun(source.source_run_id, backends=self.backends), source.artifact_name)
            for source in backend.sources(self.id)
        ]

    def children(self) -> Iterable[AppRun]:
        """The runs that name this one as a source, by the first tracker; empty without one."""
        backend = self._first_backend()
        if backend is None:
            return []
        return [AppRun(run_id, backends=self.backends) for run_id in backend.run_ids(parent_run_id=self.id)]

    def lineage(self) -> Lineage:
        """The lineage of this run, by the first tracker; empty without one."""
        backend = self._first_backend()
        return Lineage() if backend is None else backend.lineage(self.id)

    def _first_backend(self) -> Optional[TrackerBase]:
        return next(iter(self.backends), None)
