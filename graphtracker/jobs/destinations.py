"""Where the TorchX jobs that are started here record, or why nowhere."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from graphtracker import environment
from graphtracker.api import tracker_config_env_var_name
from graphtracker.environment import TORCHX_TRACKERS, TORCHXCONFIG
from graphtracker.jobs.given_store import Told, given_store
from graphtracker.jobs.mistakes import mistakes
from graphtracker.jobs.torchx_config import (
    NAME,
    NAMES,
    SETTINGS,
    TorchXConfig,
    read_config,
    shown,
    torchx_config,
    trackers_of_environment,
)
from graphtracker.jobs.tracker_names import OURS, TrackerNames, resembles_ours
from graphtracker.model.display import listed

_EFFECTS = {
    "fails": "nothing, since TorchX fails",
    "skipped": "nothing that this file says",
    "unknown": "what graphtracker cannot tell",
}


def of_jobs() -> Iterator[Told]:
    """What the jobs record to that TorchX starts in the working folder: a line for each tracker of ours, or why none.

    No line where there is neither TorchX nor anything that was written for it.
    """
    try:
        folder = os.getcwd()
    except OSError:
        yield Told("nothing, since none can be started: the working folder is gone; go to one that is there", None)
        return
    config = torchx_config(folder)
    known = True
    for file, trouble in config.troubles():
        known = known and trouble.effect == "skipped"
        ok = None if trouble.effect == "unknown" else False
        yield Told(f"{_EFFECTS[trouble.effect]}: {shown(file.path)} {trouble.why}", ok)
    if known:
        yield from _of_config(config, folder)


def of_processes() -> Iterator[Told]:
    """What a process that is started here records to by ``AppRun.run_from_env()``; no line outside of jobs."""
    chosen = trackers_of_environment()
    job = environment.read(environment.TORCHX_JOB_ID)
    if chosen is not None:
        names = TrackerNames()
        ours = names.ours(chosen)
        for name in ours:
            yield _told(name, environment.read(tracker_config_env_var_name(name)), TorchXConfig(()))
        if not ours:
            wrong = any(resembles_ours(name) and not names.may_be_found(name) for name in chosen)
            way_out = f"{TORCHX_TRACKERS} names {listed(map(shown, chosen))}; write {OURS}, without spaces around it"
            yield Told(f"nothing: {way_out if wrong else _other_names(chosen)}", False if wrong else None)
    elif job is not None:
        yield Told(f"nothing: the job {shown(job)} was given no tracker by the {NAME} where it was started", None)


def _of_config(config: TorchXConfig, folder: str) -> Iterator[Told]:
    names = TrackerNames()
    trackers = config.trackers
    ours = names.ours(trackers)
    wrong = list(mistakes(config, names))
    for name in ours:
        yield _told(name, trackers[name], config)
    if ours:
        yield from (Told(f"not what was meant: {mistake}", False) for mistake in wrong)
    elif wrong:
        yield Told(f"nothing: {'; '.join(wrong)}", False)
    elif config.files or trackers or find_spec("torchx"):
        yield Told(f"nothing: {_why_nothing(config, names, folder)}", None)
    for name in trackers:
        if not resembles_ours(name) and not names.may_be_found(name):
            yield Told(f"nothing by the tracker {shown(name)}, which TorchX does not find in this environment", None)


def _told(name: str, config: str | None, torchx: TorchXConfig) -> Told:
    text, ok = given_store(config)
    return Told(f"{text}{'' if name == OURS else f', by the tracker {shown(name)}'}, {_according_to(torchx, name)}", ok)


def _according_to(config: TorchXConfig, name: str) -> str:
    """What names the tracker, or what it is given."""
    of_name, of_config = TORCHX_TRACKERS, tracker_config_env_var_name(name)
    variables = [variable for variable in (of_name, of_config) if environment.read(variable) is not None]
    files = [
        shown(file.path)
        for file in config.files
        if (of_name not in variables and name in file.sections.get(NAMES, ()))
        or (of_config not in variables and "config" in file.sections.get(SETTINGS + name, ()))
    ]
    return f"according to {listed(variables + files)}"


def _why_nothing(config: TorchXConfig, names: TrackerNames, folder: str) -> str:
    """The way out where nobody has tried to name graphtracker."""
    chosen = trackers_of_environment()
    if chosen is not None:
        return _other_names(chosen)
    write, here = f"write `{OURS} =` under [{NAMES}]", shown(os.path.join(folder, NAME))
    above = _above(folder, names)
    if above is not None:
        way_out = f"start them in {shown(os.path.dirname(above))}, or set {TORCHXCONFIG} to that file"
        return f"{shown(above)} names {OURS}, but TorchX looks in no folder above, only for {here}; {way_out}"
    if not config.files:
        return f"there is no {here}; make it, and {write} there"
    files, named = listed(shown(file.path) for file in config.files), listed(map(shown, config.named)) or "no tracker"
    return f"{files} names {named}; {write}"


def _other_names(chosen: list[str]) -> str:
    way_out = f"add ,{OURS} to it" if any(chosen) else f"set it to {OURS}, or unset it"
    return f"{TORCHX_TRACKERS} names {listed(map(shown, chosen))}; {way_out}"


def _above(folder: str, names: TrackerNames) -> str | None:
    """The nearest file in a folder above by which the jobs would be recorded."""
    paths = (os.path.join(parent, NAME) for parent in Path(folder).parents)
    files = (read_config(path) for path in paths if os.path.lexists(path))
    return next((file.path for file in files if names.ours(TorchXConfig((file,)).named)), None)
