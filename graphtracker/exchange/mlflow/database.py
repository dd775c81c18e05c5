"""Whether a database holds an MLflow store of just the version that the installed MLflow reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

from graphtracker.errors import GraphTrackerError, InvalidInput, MissingExtra, StoreUnavailable
from graphtracker.exchange.extras import library
from graphtracker.exchange.given import FILE, given, naming
from graphtracker.exchange.mlflow.server import shown
from graphtracker.exchange.raised import reason
from graphtracker.exchange.sqlite_files import reading
from graphtracker.model.signals import pass_on

_WHAT = "reading an MLflow database"
_WANTED = "give sqlite:///PATH of an MLflow store"


def check_database(uri: str) -> None:
    """Raises InvalidInput where MLflow itself would make tables, migrate them or add to them when it opens it.

    Of a database that it cannot reach raises StoreUnavailable, and MissingExtra where what it needs is not installed.
    """
    sqlalchemy = library("sqlalchemy", "mlflow", _WHAT)
    migration, script = (library(f"alembic.{name}", "mlflow", _WHAT) for name in ("migration", "script"))
    mlflow = library("mlflow", "mlflow", _WHAT)
    url = _read_only(sqlalchemy, uri)
    try:
        engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.pool.NullPool)
        with engine.connect() as connection:
            tables = set(sqlalchemy.inspect(connection).get_table_names())
            versions = set(migration.MigrationContext.configure(connection).get_current_heads())
            _check_version(uri, tables, versions, script.ScriptDirectory(_migrations_of(mlflow)))
            _check_whole(uri, tables)
            first = connection.execute(sqlalchemy.text("SELECT 1 FROM experiments WHERE experiment_id = 0")).first()
    except GraphTrackerError:
        raise
    except ImportError as error:
        raise MissingExtra(
            f"reading MLflow at {shown(uri)} needs {error.name or 'a driver'}; pip install it"
        ) from error
    except Exception as error:
        pass_on(error)
        kind = InvalidInput if url.get_backend_name() == "sqlite" else StoreUnavailable
        raise kind(f"the database {shown(uri)} cannot be read: {reason(error)}") from error
    if first is None:
        raise InvalidInput(
            f"the MLflow store at {shown(uri)} lacks its default experiment, which MLflow would write into it; "
            "open it with MLflow first"
        )


def _read_only(sqlalchemy: Any, uri: str) -> Any:
    """The URL that it is looked at by; raises InvalidInput for what is none, or a file that is not there."""
    try:
        url = sqlalchemy.engine.make_url(uri)
        backend = url.get_backend_name()
    except (sqlalchemy.exc.ArgumentError, ValueError) as error:
        raise InvalidInput(f"{shown(uri)} is no URL of a database; give one such as sqlite:///mlflow.db") from error
    if backend != "sqlite":
        return url
    name = url.database or ""
    if name in ("", ":memory:") or name.startswith("file:"):
        raise InvalidInput(f"{shown(uri)} names no file; {_WANTED}")
    path = given(name, FILE, _WANTED)
    with naming(name, FILE, _WANTED):
        read_only = {**reading(path), "uri": "true"}
    return url.set(database=f"file:{quote(str(path.absolute()))}", query=read_only)


def _check_version(uri: str, tables: set[str], versions: set[str], known: Any) -> None:
    if not {"alembic_version", "experiments", "runs"} <= tables:
        raise InvalidInput(f"the database {shown(uri)} holds no MLflow store; name another, or its file")
    wanted = set(known.get_heads())
    if versions == wanted:
        return
    older = all(_is_known(known, version) for version in versions)
    way_out = (
        "copy it and run 'mlflow db upgrade' on the copy, which an import never does"
        if older
        else "install the MLflow that wrote it"
    )
    found, reads = (", ".join(sorted(each)) or "none" for each in (versions, wanted))
    raise InvalidInput(
        f"the MLflow store at {shown(uri)} is of {'an older' if older else 'another'} version (its schema is "
        f"{shown(found)}, the installed MLflow reads {reads}); {way_out}"
    )


def _is_known(known: Any, version: str) -> bool:
    try:
        return known.get_revision(version) is not None
    except Exception as error:  # noqa: BLE001  # alembic has a kind of its own for each way of not knowing it
        pass_on(error)
        return False


def _check_whole(uri: str, tables: set[str]) -> None:
    library("mlflow.store.db.utils", "mlflow", _WHAT)  # has all tables declared
    wanted = set(library("mlflow.store.db.base_sql_model", "mlflow", _WHAT).Base.metadata.tables)
    if missing := sorted(wanted - tables):
        raise InvalidInput(
            f"the MLflow store at {shown(uri)} lacks tables, such as {missing[0]}; run 'mlflow db upgrade' on a copy"
        )


def _migrations_of(mlflow: Any) -> str:
    return str(Path(mlflow.__file__).parent / "store" / "db_migrations")
