"""The store that a tracker is given, told before anything is recorded."""

from __future__ import annotations

import os
import re
from typing import NamedTuple
from urllib.parse import unquote

from graphtracker import environment
from graphtracker.errors import GraphTrackerError
from graphtracker.model.display import quoted
from graphtracker.recording.default_store import DefaultFile
from graphtracker.spool.file import SUFFIX
from graphtracker.stores.opening import SPOOL_FOLDER, is_spool, open_store
from graphtracker.stores.sqlite.file import sqlite_file
from graphtracker.stores.sqlite.filesystems import network_file_system
from graphtracker.stores.urls import MEMORY, StoreURL, parse

_SQLITE = "sqlite:///"


class Told(NamedTuple):
    """A line about something that is well (True), wrong (False), or only worth telling (None)."""

    text: str
    ok: bool | None


def given_store(config: str | None) -> Told:
    """Where a job records whose tracker is given this configuration, and is started in the working folder.

    A file is looked at, a server is not asked. Without a configuration it is the default store.
    """
    try:
        if config:
            return _named(config)
        url, default = environment.default_url()
        if not default:
            text, ok = _named(url)
            return Told(f"{text} (the store that {environment.URL} names here)", ok)
        DefaultFile(url).check_folder()
        return Told(f"{quoted(url)} (the default store of a user on a machine; `config = …` names another)", None)
    except GraphTrackerError as error:
        return Told(f"no store, and what they record waits in a spool: {error}", False)


def _named(config: str) -> Told:
    store = open_store(config)  # raises for what names none; connects to nothing
    try:
        if "\n" in config:
            return Told(
                f"{quoted(store.url)}, of two lines, as the second is indented; begin that at the margin", False
            )
        if re.search(r"\s[#;]", config):
            return Told(f"{quoted(store.url)}, comment included; give the comment a line of its own", False)
        parsed = parse(config)
        if parsed.scheme != "sqlite":
            return Told(f"{quoted(store.url)}, which is not asked now (`graphtracker --store URL doctor` does)", True)
        if parsed.rest == MEMORY:
            return Told("the memory of each process, and is gone with it; name a file", False)
        if is_spool(parsed.rest):
            return _spools(config, parsed)
        kind = network_file_system(parsed.rest)
        if kind is not None:
            where = quoted(parsed.rest)
            return Told(f"the spool folder {quoted(parsed.rest + SPOOL_FOLDER)}, since {where} lies on {kind}", None)
        store.read(lambda snapshot: None)  # raises for what is no store of this version
        return _file(config, parsed)
    finally:
        store.close()


def _spools(config: str, url: StoreURL) -> Told:
    if url.rest.endswith(SUFFIX):
        return Told(f"nothing: {quoted(url.shown)} is the spool of one process; name a folder, as lineage.spool", False)
    return _placed(config, url)


def _file(config: str, url: StoreURL) -> Told:
    obstacle = sqlite_file(url).obstacle()
    if obstacle is not None:
        return Told(f"no store yet, and what they record waits in a spool: {obstacle}", False)
    return _placed(config, url)


def _placed(config: str, url: StoreURL) -> Told:
    if not _is_relative(config):
        return Told(quoted(url.rest), True)
    of = "relative to the working folder of each job"
    return Told(f"{quoted(url.shown)}, {of}: {quoted(url.rest)} where that is this folder", None)


def _is_relative(config: str) -> bool:
    path = unquote(config[len(_SQLITE) :]) if config[: len(_SQLITE)].lower() == _SQLITE else config
    return not os.path.isabs(os.path.expanduser(path))
