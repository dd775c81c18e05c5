"""The library laid out as it is installed: in a checkout ``cli/`` and ``cypher/`` stand beside it, and the part of
``torchx_plugins`` in it.
"""

from __future__ import annotations

import shutil
from pathlib import Path

ROOT = Path(__file__).parents[2]


def as_installed(folder: Path) -> Path:
    """Copies the library into the folder as a wheel would; returns the folder."""
    left_out = shutil.ignore_patterns("__pycache__")
    for name, place in (
        ("graphtracker", ""),
        ("cli", "graphtracker"),
        ("cypher", "graphtracker"),
    ):
        shutil.copytree(ROOT / name, folder / place / name, ignore=left_out, dirs_exist_ok=True)
    (folder / "graphtracker" / "torchx_plugins").replace(folder / "torchx_plugins")
    return folder
