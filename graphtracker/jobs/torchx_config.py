"""What TorchX reads in ``.torchxconfig`` of the trackers of its jobs.

As TorchX 0.7.0 does it (``torchx/runner/config.py``; ``get_configured_trackers`` in ``torchx/runner/api.py``): it reads
the file that TORCHXCONFIG names, else those of the home folder and of the folder that it is started in, never one of a
folder above. What both say, the home folder says. The keys of ``[torchx:tracker]`` are the trackers' names, or
TORCHX_TRACKERS has them; ``config`` in ``[tracker:NAME]`` is what a tracker is given, or TORCHX_TRACKER_<NAME>_CONFIG.
"""

from __future__ import annotations

import configparser
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from graphtracker import environment
from graphtracker.api import tracker_config_env_var_name
from graphtracker.model.display import quoted
from graphtracker.stores.urls import without_password

NAME = ".torchxconfig"
NAMES = "torchx:tracker"
"""The section whose keys are the names of the trackers."""
SETTINGS = "tracker:"
"""How a section begins that holds the ``config`` of the tracker whose name follows."""

_MOST_BYTES = 65_536
_LONGEST_LINE = 8_192  # characters: configparser takes a quarter of a second for some, and four times that for twice it
_MOST_REFERENCES = 1_000  # in the values of a file: ten of them, each made of a hundred of the next, would never end


@dataclass(frozen=True)
class Trouble:
    """Why the trackers of a file are not known.

    TorchX ``fails`` on it and starts nothing, or it has ``skipped`` the file; ``unknown`` is what nobody looked into.
    ``why`` is said of the file, with the way out.
    """

    effect: Literal["fails", "skipped", "unknown"]
    why: str


@dataclass(frozen=True)
class ConfigFile:
    """A file with its sections, name → key → value; ``trouble`` with the file, or with the values of a section."""

    path: str
    sections: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    trouble: Trouble | None = None
    troubles: Mapping[str, Trouble] = field(default_factory=dict)


@dataclass(frozen=True)
class TorchXConfig:
    """The files that TorchX finds where it is started, the one that outweighs the other first."""

    files: tuple[ConfigFile, ...]

    @property
    def named(self) -> tuple[str, ...]:
        """The trackers that ``[torchx:tracker]`` names."""
        return tuple(self._section(NAMES))

    @property
    def trackers(self) -> dict[str, str | None]:
        """The trackers that a job gets, name → what they are given, where ``troubles`` has nothing to say."""
        return {name: self._config(name) for name in trackers_of_environment() or self.named}

    def _config(self, name: str) -> str | None:
        given = environment.read(tracker_config_env_var_name(name))
        return given if given is not None else self._section(SETTINGS + name).get("config") if name else None

    def _section(self, name: str) -> dict[str, str]:
        merged: dict[str, str] = {}
        for file in self.files:
            merged = {**merged, **file.sections.get(name, {}), **merged}
        return merged

    def troubles(self) -> Iterator[tuple[ConfigFile, Trouble]]:
        """What keeps TorchX, or us, from knowing the trackers: each file that it lies in."""
        some = bool(trackers_of_environment() or self.named)
        for file in self.files:
            if file.trouble is not None:
                yield file, file.trouble
            for section, trouble in file.troubles.items():
                if some or not section.startswith(SETTINGS):  # it looks for settings once there are names
                    yield file, trouble


def trackers_of_environment() -> list[str] | None:
    """The names in TORCHX_TRACKERS, None where it is not set."""
    names = environment.read(environment.TORCHX_TRACKERS)
    return None if names is None else names.split(",")


def torchx_config(folder: str) -> TorchXConfig:
    """What TorchX finds where it is started in this folder."""
    chosen = environment.read(environment.TORCHXCONFIG)
    if chosen is not None:
        return TorchXConfig((_chosen(os.path.join(folder, chosen)),))
    places = [os.path.join(place, NAME) for place in (os.path.expanduser("~"), folder)]
    return TorchXConfig(tuple(_found(path) for path in dict.fromkeys(places) if os.path.lexists(path)))


def _chosen(path: str) -> ConfigFile:
    if os.path.exists(path):
        return read_config(path)
    return ConfigFile(path, trouble=Trouble("fails", f"is not there; correct or unset {environment.TORCHXCONFIG}"))


def _found(path: str) -> ConfigFile:
    if os.access(path, os.R_OK):
        return read_config(path)
    return ConfigFile(path, trouble=Trouble("skipped", "cannot be read by this user; make it readable, or remove it"))


def read_config(path: str) -> ConfigFile:
    """The file at this path as TorchX reads it."""
    try:
        text = _text(path)
    except OSError as error:
        return ConfigFile(path, trouble=Trouble("fails", f"cannot be read ({error.strerror}); mend or remove it"))
    except UnicodeDecodeError as error:
        return ConfigFile(path, trouble=Trouble("fails", f"is no text in {error.encoding}; write it anew"))
    if text is None:
        return ConfigFile(path, trouble=Trouble("fails", "is no plain file; put one there, or remove it"))
    if len(text) > _MOST_BYTES or max(map(len, text.split("\n"))) > _LONGEST_LINE:
        return ConfigFile(path, trouble=Trouble("unknown", "is too large to be looked into; make it smaller"))
    parser = _Parser(interpolation=_BoundedInterpolation())
    try:
        parser.read_string(text)
    except configparser.Error as error:
        return ConfigFile(path, trouble=Trouble("fails", _syntax(error)))
    return _with_values(path, parser)


def _text(path: str) -> str | None:
    """What is in the file, at least its beginning; None where it is no plain file."""
    # Without an encoding, since TorchX names none; and a pipe must not keep us waiting.
    with open(path, opener=lambda path, flags: os.open(path, flags | os.O_NONBLOCK)) as file:
        return file.read(_MOST_BYTES + 1) if stat.S_ISREG(os.fstat(file.fileno()).st_mode) else None


def _with_values(path: str, parser: configparser.ConfigParser) -> ConfigFile:
    sections: dict[str, dict[str, str]] = {}
    troubles = {}
    for name in parser.sections():
        try:
            sections[name] = dict(parser.items(name, raw=not _is_read(name)))
        except configparser.InterpolationError as error:
            why = (
                f"has a `%` that TorchX cannot follow, in {shown(error.option)} of {bracketed(name)}; write `%%` for it"
            )
            troubles[name] = Trouble("fails", why)
        except _TooManyReferences:
            troubles[name] = Trouble(
                "unknown", f"refers too often with `%` in {bracketed(name)}; write out what it means"
            )
    return ConfigFile(path, sections, troubles=troubles)


def _is_read(section: str) -> bool:
    """Whether it is a section of trackers, which TorchX looks into."""
    kind, _, name = section.partition(":")
    return kind in ("torchx", "tracker") and bool(name)


def _syntax(error: configparser.Error) -> str:
    """What is wrong, without the text of a line: there may be a password in it."""
    if isinstance(error, configparser.DuplicateSectionError):
        return f"has {bracketed(error.section)} twice, in line {error.lineno}; make them one"
    if isinstance(error, configparser.DuplicateOptionError):
        return f"has {shown(error.option)} twice in {bracketed(error.section)}, in line {error.lineno}; remove one"
    if isinstance(error, configparser.MissingSectionHeaderError):
        return f"does not begin with a [section], in line {error.lineno}; write [{NAMES}] above it"
    lines = ", ".join(str(line) for line, _ in getattr(error, "errors", [])[:5])
    return f"has no `key = value` in line {lines}; write `graphtracker =` where there is no value"


def shown(text: object) -> str:
    """Text of these files in quotes, safe to show: quoted, without passwords."""
    return quoted(without_password(str(text)))


def bracketed(section: object) -> str:
    """A section as it stands in a file, safe to show."""
    return f"[{shown(section)[1:-1]}]"


class _TooManyReferences(Exception):
    """More than anybody writes."""


class _Parser(configparser.ConfigParser):
    """TorchX's: capitals in keys are kept."""

    def optionxform(self, optionstr: str) -> str:
        """The key itself."""
        return optionstr


class _BoundedInterpolation(configparser.BasicInterpolation):
    """What configparser makes of ``%(name)s``, where a file has not too many of them."""

    def __init__(self) -> None:
        self.left = _MOST_REFERENCES

    def before_get(self, parser: Any, section: Any, option: str, value: str, defaults: Any) -> str:
        """The value with its references followed."""
        return super().before_get(parser, section, option, value, _Counted(defaults, self))  # type: ignore[arg-type]


class _Counted:
    """The values that one may refer to, by name; each look-up counts."""

    def __init__(self, values: Mapping[str, str], bound: _BoundedInterpolation) -> None:
        self._values = values
        self._bound = bound

    def __getitem__(self, name: str) -> str:
        self._bound.left -= 1
        if self._bound.left < 0:
            raise _TooManyReferences
        return self._values[name]
