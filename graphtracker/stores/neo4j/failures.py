"""What a failure of the driver or the server means to a user."""

from __future__ import annotations

from neo4j.exceptions import ConfigurationError, Neo4jError

from graphtracker.errors import AccessDenied, StoreError, StoreUnavailable
from graphtracker.model.display import quoted
from graphtracker.stores.neo4j.url import Neo4jURL
from graphtracker.stores.urls import without_password

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
    ("Neo.TransientError.", StoreUnavailable, "it is too busy; try again later"),
)


def meaning(error: Exception, url: Neo4jURL) -> StoreError:
    """The error of ours that says so."""
    place = f"the Neo4j at {quoted(url.shown)}"
    code = (error.code if isinstance(error, Neo4jError) else None) or ""
    said = without_password(" ".join(str(getattr(error, "message", None) or error).split()))
    for beginning, kind, advice in _MEANINGS:
        if code.startswith(beginning):
            named = f" (database {quoted(url.database)})" if "Database" in beginning else ""
            return kind(f"{place}{named} cannot be used: {advice}")
    if isinstance(error, (ConfigurationError, ValueError)):
        return StoreError(f"{place} cannot be used: {said}")
    if code:
        return StoreError(f"{place} refused a statement: {said} ({code}); `graphtracker doctor` may say more")
    return StoreUnavailable(
        f"{place} does not answer: {said}; is it running there, and is it a Bolt address? `graphtracker doctor` tells"
    )
