"""Whether a tracking URI names an MLflow that can be read as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from graphtracker.errors import InvalidInput, MissingExtra
from graphtracker.exchange.extras import library
from graphtracker.exchange.given import FOLDER, given, naming
from graphtracker.exchange.mlflow.database import check_database
from graphtracker.exchange.mlflow.server import Server, shown
from graphtracker.exchange.raised import reason
from graphtracker.model.limits import checked_text
from graphtracker.model.signals import pass_on

WHAT = "reading an MLflow store"
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9.-]+)(?:\+[A-Za-z0-9_.-]+)?:")
_DATABASES = frozenset({"mssql", "mysql", "postgresql", "sqlite"})
_WAYS = "give a folder, a database as sqlite:///PATH or by another URL, or the http:// address of a server"


def checked_uri(uri: object) -> str:
    """The URI, if it is text that can be one; raises InvalidInput."""
    text = checked_text("tracking URI of MLflow", uri)
    if not text or "\0" in text:
        raise InvalidInput(f"{shown(text)} is no tracking URI of MLflow; {_WAYS}")
    return text


@contextmanager
def opened(uri: str) -> Iterator[Server]:
    """The MLflow behind a tracking URI.

    Raises InvalidInput where there is none that can be read without writing into it, and MissingExtra.
    """
    match = _SCHEME.match(uri)
    scheme = match[1].lower() if match else ""
    if scheme in _DATABASES:
        check_database(uri)
    if scheme in ("", "file"):
        folder = _folder(uri, scheme)
        with _without_trash(folder):
            yield Server(uri, _client(uri), keeps_files=True, has_registry=(folder / "models").is_dir())
    else:
        yield Server(uri, _client(uri), keeps_files=False)


def _client(uri: str) -> object:
    client = library("mlflow", "mlflow", WHAT).MlflowClient
    try:
        return client(tracking_uri=uri, registry_uri=uri)
    except ImportError as error:  # a database's driver
        missing = error.name or "more"
        raise MissingExtra(f"reading MLflow at {shown(uri)} needs {missing}; pip install it") from error
    except Exception as error:
        pass_on(error)
        raise InvalidInput(f"no MLflow can be read at {shown(uri)}: {reason(error)}; {_WAYS}") from error


def _folder(uri: str, scheme: str) -> Path:
    """The folder of a store of files."""
    with naming(uri, FOLDER, _WAYS):
        folder = given(url2pathname(urlsplit(uri).path) if scheme else uri, FOLDER, _WAYS)
        if not any((each / "meta.yaml").is_file() for each in folder.iterdir()):
            raise InvalidInput(f"the folder {shown(uri)} holds no MLflow store: no meta.yaml of an experiment; {_WAYS}")
        return folder


@contextmanager
def _without_trash(folder: Path) -> Iterator[None]:
    """MLflow makes the folder of what was deleted where there is none, if only to look into it: takes it away again."""
    trash = folder / ".trash"
    had = trash.exists()
    try:
        yield
    finally:
        if not had:
            with suppress(OSError):
                trash.rmdir()
