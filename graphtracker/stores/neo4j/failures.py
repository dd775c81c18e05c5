"""What a failure of the driver or the server means: to a user, for another try."""

from __future__ import annotations

import errno
from collections.abc import Iterator

from neo4j.exceptions import (
    ConfigurationError,
    ConnectionAcquisitionTimeoutError,
    DriverError,
    IncompleteCommit,
    Neo4jError,
    WriteServiceUnavailable,
)

from graphtracker.errors import AccessDenied, GraphTrackerError, InvalidInput, StoreError, StoreUnavailable, TooLarge
from graphtracker.model.display import quoted
from graphtracker.stores.neo4j.url import Neo4jURL
from graphtracker.stores.urls import without_password

_AWAY = 4.0  # seconds at most for which a server that is away is tried again
_UNEXPECTED = 2.0  # seconds for which the server's own faults are: they pass at once, or not at all

# What a cluster says while a leader moves, or while one of its members comes or goes.
_MOVING = (
    "Neo.ClientError.Cluster.",
    "Neo.ClientError.Routing.",
    "Neo.TransientError.Cluster.",
    "Neo.TransientError.General.DatabaseUnavailable",
    "Neo.TransientError.Transaction.LeaderSwitch",
    "Neo.TransientError.Transaction.LeaseExpired",
)
_BEHIND = "Neo.TransientError.Transaction.BookmarkTimeout"

_FULL = (
    "Neo.TransientError.Request.NoThreadsAvailable",
    "Neo.TransientError.Transaction.MaximumTransactionLimitReached",
)

# The beginning of an error code → what it means, and what to do. Codes, because the driver's classes are too coarse.
_MEANINGS: tuple[tuple[str, type[StoreError], str], ...] = (
    (
        "Neo.ClientError.Security.CredentialsExpired",
        AccessDenied,
        "the password has expired; change it (ALTER CURRENT USER SET PASSWORD, in the system database), "
        "then give the new one",
    ),
    (
        "Neo.ClientError.Security.AuthenticationRateLimit",
        AccessDenied,
        "too many wrong passwords; wait some seconds, then give the right one",
    ),
    (
        "Neo.ClientError.Security.",
        AccessDenied,
        "wrong user name, password or rights; give them in NEO4J_USERNAME and NEO4J_PASSWORD, or in the URL",
    ),
    (
        "Neo.ClientError.Database.DatabaseNotFound",
        StoreUnavailable,
        "there is no such database on this server; name another in NEO4J_DATABASE, or ?database= in the URL",
    ),
    (
        "Neo.ClientError.General.WriteOnReadOnlyAccessDatabase",
        AccessDenied,
        "the database is read-only; name another, or make it writable",
    ),
    (
        "Neo.ClientError.General.ForbiddenOnReadOnlyDatabase",
        AccessDenied,
        "the database is read-only; name another, or make it writable",
    ),
    (
        "Neo.ClientError.Cluster.NotALeader",
        StoreUnavailable,
        "it is not the leader of its cluster, which alone is written to; a neo4j:// URL finds the leader, once there "
        "is one",
    ),
    (_BEHIND, StoreUnavailable, "it does not have yet what this process has written; try again later"),
    *(
        (code, StoreUnavailable, "its cluster is changing, or its database is not up; try again later")
        for code in _MOVING
    ),
    ("Neo.TransientError.", StoreUnavailable, "it is too busy; try again later"),
)

# Both server generations use these codes, the older one with the GQL status of anything unexpected.
_MEMORY = frozenset(
    [
        "Neo.TransientError.General.MemoryPoolOutOfMemoryError",
        "Neo.TransientError.General.OutOfMemoryError",
        "Neo.TransientError.General.StackOverFlowError",
        "Neo.TransientError.General.TransactionMemoryLimit",
        "Neo.ClientError.General.TransactionOutOfMemoryError",
    ]
)
_OF_ONE_TRANSACTION = "db.memory.transaction.max"  # in the server's words: no other transaction had a part in it

# Faults of the server itself: of an execution that met another one, or of its disk. All that we write is a merge, which
# may be written again, also where it is not known whether it was.
_PASSING = (
    "Neo.DatabaseError.General.UnknownError",
    "Neo.DatabaseError.Statement.ExecutionFailed",
    "Neo.DatabaseError.Statement.RemoteExecutionFailed",
    "Neo.DatabaseError.Transaction.",
)

_REFUSED_VALUES = (
    "Neo.ClientError.Statement.TypeError",
    "Neo.ClientError.Statement.ArgumentError",
    "Neo.ClientError.Schema.TokenLengthError",
    "Neo.ClientError.Schema.TokenNameError",
)
_TOO_LONG = "too large to index"  # the server has no code of its own for it


def worth_another_try(error: Exception, url: Neo4jURL, since_call: float, since_failure: float) -> bool:
    """Whether the same may go well now, seconds after the call began, and after it first failed."""
    code = _code(error)
    if code in _MEMORY:
        return _OF_ONE_TRANSACTION not in str(error) and since_failure < min(_UNEXPECTED, url.timeout)
    if _is_away(error, code):
        first_of_several = url.routed and since_failure == 0 and since_call < url.connection_timeout
        return first_of_several or since_call < min(_AWAY, url.connection_timeout / 2)
    if code.startswith("Neo.TransientError."):
        return since_call < url.timeout
    passing = code.startswith(_PASSING) and _TOO_LONG not in str(error)
    return passing and since_failure < min(_UNEXPECTED, url.timeout)


def _is_away(error: Exception, code: str) -> bool:
    """Whether nobody was there to do it, or to tell that it was done: a merge may be done twice."""
    if isinstance(error, (ConnectionAcquisitionTimeoutError, IncompleteCommit)) or code.startswith(_MOVING):
        return True
    busy = code.startswith("Neo.TransientError.")
    return not busy and isinstance(error, (DriverError, Neo4jError)) and error.is_retryable()


def is_behind(error: Exception) -> bool:
    """Whether the server waited in vain for what this process has seen elsewhere."""
    return _code(error) == _BEHIND


def is_full(error: Exception) -> bool:
    """Whether the server has as many transactions as it takes at once."""
    return _code(error) in _FULL


def patience_left(error: Exception, url: Neo4jURL, since_call: float) -> float:
    """Seconds that the next try waits for a connection, so that servers that are away do not add up."""
    return max(1.0, url.connection_timeout - since_call) if _is_away(error, _code(error)) else url.patience


def meaning(error: Exception, url: Neo4jURL, *, writing: bool) -> GraphTrackerError:
    """The error of ours that says so."""
    place = f"the Neo4j at {quoted(url.shown)}"
    code = _code(error)
    said = without_password(" ".join(str(getattr(error, "message", None) or error).split()))
    if code in _MEMORY:
        return (TooLarge if writing else StoreError)(
            f"{place} has too little memory for so much at once: {said}; raise db.memory.transaction.max, "
            "dbms.memory.transaction.total.max or server.memory.heap.max_size in its neo4j.conf, or "
            + ("write less at once" if writing else "ask for less at once")
        )
    if writing and (code in _REFUSED_VALUES or _TOO_LONG in said):
        return InvalidInput(f"{place} refuses a value: {said}; nothing of it was stored")
    for beginning, kind, advice in _MEANINGS:
        if code.startswith(beginning):
            named = f" (database {quoted(url.database)})" if "Database" in beginning else ""
            return kind(f"{place}{named} cannot be used: {advice}")
    return _other(error, code, place, said)


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error with all that led to it."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _other(error: Exception, code: str, place: str, said: str) -> StoreError:
    if isinstance(error, (ConfigurationError, ValueError)):
        return StoreError(f"{place} cannot be used: {said}")
    if code.startswith("Neo.DatabaseError."):
        return StoreUnavailable(f"{place} failed by a fault of its own: {said} ({code}); its logs say more")
    if code:
        return StoreError(f"{place} refused a statement: {said} ({code}); `graphtracker doctor` may say more")
    if any(isinstance(cause, OSError) and cause.errno in (errno.EMFILE, errno.ENFILE) for cause in causes(error)):
        return StoreUnavailable(
            f"{place} cannot be reached: this process, or this machine, has too many open files for one more "
            "connection; close some, or raise the limit (ulimit -n)"
        )
    return StoreUnavailable(
        f"{place} does not answer: {said}; is it running there, and is it a Bolt address? `graphtracker doctor` tells"
    )


def _code(error: BaseException) -> str:
    """What the server called it; "" where the driver alone is the one that failed."""
    if isinstance(error, WriteServiceUnavailable) and error.__context__ is not None:
        return _code(error.__context__)  # how the driver puts it that the one server of a bolt:// URL takes no writes
    return (error.code if isinstance(error, Neo4jError) else None) or ""
