"""The store of a tracker that was given none."""

from __future__ import annotations

from graphtracker import environment


def default_url() -> tuple[str, bool]:
    """``GRAPHTRACKER_URL``, else a file in the per-user data folder; and whether nobody chose it."""
    chosen = environment.read(environment.URL)
    if chosen:
        return chosen, False
    import platformdirs  # 20 ms, which a tracker with a store of its own need not pay

    return str(platformdirs.user_data_path("graphtracker", appauthor=False) / "graphtracker.db"), True
