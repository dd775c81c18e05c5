"""What this process has seen of a database: a member of a cluster that is behind catches up before it is read."""

from __future__ import annotations

from collections.abc import Collection

from neo4j.api import BookmarkManager

from graphtracker.stores.neo4j.url import Neo4jURL


class Bookmarks(BookmarkManager):
    """The bookmarks of one database, of all trackers and threads of this process, and of forked children.

    Changed without a lock, by steps that are each done at once: a call may come in the middle of another one's.
    """

    def __init__(self) -> None:
        self._seen: dict[str, None] = {}

    def update_bookmarks(self, previous_bookmarks: Collection[str], new_bookmarks: Collection[str]) -> None:
        """Takes new ones in the place of those that came before them."""
        for bookmark in new_bookmarks:
            self._seen[bookmark] = None
        for bookmark in set(previous_bookmarks).difference(new_bookmarks) if new_bookmarks else ():
            self._seen.pop(bookmark, None)

    def get_bookmarks(self) -> Collection[str]:
        """Those that a server must have before it is read."""
        return list(self._seen)

    def forget(self) -> None:
        """Demands nothing any more."""
        self._seen.clear()


_of_database: dict[tuple[str, str], Bookmarks] = {}


def bookmarks_of(url: Neo4jURL) -> Bookmarks:
    """Those of the database of this URL."""
    place = url.address.partition("://")[2]
    return _of_database.setdefault((place, url.database), Bookmarks())
