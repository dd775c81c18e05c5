"""What somebody wrote in ``.torchxconfig`` for graphtracker that TorchX takes no notice of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from graphtracker.environment import TORCHX_TRACKERS
from graphtracker.jobs.torchx_config import NAMES, SETTINGS, TorchXConfig, bracketed, shown, trackers_of_environment
from graphtracker.jobs.tracker_names import OURS, TrackerNames, resembles_ours
from graphtracker.model.display import listed

_ELSEWHERE = ("component", "cli")  # of the arguments of commands, which may well name us


def mistakes(config: TorchXConfig, names: TrackerNames) -> Iterator[str]:
    """A line for each, with the way out."""
    for file in config.files:
        for section, values in file.sections.items():
            for mistake in _of_section(section, values, config, names):
                yield f"{shown(file.path)} {mistake}"
    yield from _of_environment(config, names)


def _of_section(section: str, values: Mapping[str, str], config: TorchXConfig, names: TrackerNames) -> Iterator[str]:
    kind, _, name = section.partition(":")
    if section == NAMES:
        yield from _of_names(values, config, names)
    elif kind == "tracker" and names.ours([name]):
        yield from _of_settings(name, values, config)
    elif kind == "tracker" and names.may_be_found(name):
        return  # another's
    elif kind not in _ELSEWHERE and _is_meant(section, values):
        yield f"has {bracketed(section)}, which TorchX does not look into; write {_right(section)}"


def _of_names(values: Mapping[str, str], config: TorchXConfig, names: TrackerNames) -> Iterator[str]:
    if trackers_of_environment() is not None:
        return  # which TorchX takes instead
    ours = names.ours(values)
    for name, value in values.items():
        if name not in ours and resembles_ours(name) and not names.may_be_found(name):
            yield f"names the tracker {shown(name)}, which nobody has; write `{OURS} =`"
        elif name in ours and value and config.trackers[name] is None:
            right = f"`config = …` under {bracketed(SETTINGS + name)}"
            yield f"says what TorchX does not read behind {shown(name)} in {bracketed(NAMES)}; write {right}"


def _of_settings(name: str, values: Mapping[str, str], config: TorchXConfig) -> Iterator[str]:
    section = bracketed(SETTINGS + name)
    if name not in config.trackers:
        yield f"has {section}, but no tracker of that name; write `{shown(name)[1:-1]} =` under {bracketed(NAMES)}"
    elif values and config.trackers[name] is None:
        yield f"says {listed(map(shown, values))} in {section}, where TorchX reads `config`; write `config = …`"


def _of_environment(config: TorchXConfig, names: TrackerNames) -> Iterator[str]:
    chosen = trackers_of_environment() or []
    ours = names.ours(chosen)
    for name in chosen:
        if name not in ours and resembles_ours(name) and not names.may_be_found(name):
            yield f"{TORCHX_TRACKERS} names {shown(name)}, which nobody has; write {OURS}, without spaces around it"
    wanted = names.ours(config.named)
    if chosen and wanted and not ours:
        files = listed(shown(file.path) for file in config.files if wanted[0] in file.sections.get(NAMES, ()))
        yield f"{TORCHX_TRACKERS} names {listed(map(shown, chosen))}, and outweighs {files}; add ,{wanted[0]} to it"


def _is_meant(section: str, values: Mapping[str, str]) -> bool:
    """Whether a section that TorchX does not take for ours is about graphtracker."""
    words = {word for value in values.values() for word in re.split(r"[,\s]+", value)}
    return _names_us(section) or OURS in values or OURS in words


def _names_us(section: str) -> bool:
    return any(resembles_ours(word) for word in re.split(r"[:.\s/]+", section))


def _right(section: str) -> str:
    return f"[{SETTINGS}{OURS}]" if _names_us(section) else f"[{NAMES}] with `{OURS} =` under it"
