"""An MLflow that is asked through its client."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from graphtracker.errors import StoreError
from graphtracker.exchange.raised import raising
from graphtracker.model.display import quoted
from graphtracker.stores.urls import without_password

ALL = 3
"""MLflow's ViewType of what there is and what was deleted."""

_PAGE = {
    "search_experiments": 1000,
    "search_logged_models": 100,  # no server refuses its own default
    "search_model_versions": 1000,
    "search_registered_models": 100,
    "search_runs": 500,
}
_WHOLE = 50_000  # a store of files reads all of it for each page
_WHOLE_OF = {"search_registered_models": 1000}


@dataclass(frozen=True)
class Server:
    """What stands behind a tracking URI."""

    uri: str
    client: Any
    keeps_files: bool
    """A store of files, whose searches return whole runs; those of others leave a run's model inputs out."""
    has_registry: bool = True

    def ask(self, verb: str, *arguments: object, **options: object) -> Any:
        """What a verb of the client answers; raises StoreError where it fails."""
        return asked(self.uri, verb, getattr(self.client, verb), *arguments, **options)

    def search(self, verb: str, **options: object) -> Iterator[Any]:
        """All that a searching verb of the client finds, page by page."""
        most = _WHOLE_OF.get(verb, _WHOLE) if self.keeps_files else _PAGE[verb]
        token = None
        while True:
            page = self.ask(verb, max_results=most, page_token=token, **options)
            yield from page
            token = page.token
            if not token:
                return


def asked(uri: str, verb: str, function: Callable[..., Any], *arguments: object, **options: object) -> Any:
    """What the function answers; raises StoreError, without passwords, where it fails."""
    with raising(lambda reason: StoreError(f"MLflow at {shown(uri)} fails at {verb}(): {reason}")):
        return function(*arguments, **options)


def shown(uri: str) -> str:
    """The URI in quotes, safe to show: without its password."""
    return quoted(without_password(uri))
