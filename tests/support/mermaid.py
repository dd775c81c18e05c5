"""Mermaid itself, from the npm registry into the user's cache once."""

from __future__ import annotations

import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

import platformdirs

from tests.support.needs import missing

VERSION = "11.17.2"


def script() -> Path:
    """The file of the whole library; the test is skipped without npm."""
    there = Path(platformdirs.user_cache_dir("graphtracker")) / "mermaid" / VERSION / "mermaid.min.js"
    if there.exists():
        return there
    if shutil.which("npm") is None:
        missing("no npm on the PATH; install npm to test what Mermaid makes of a lineage")
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            ["npm", "pack", "--silent", f"mermaid@{VERSION}"], cwd=folder, capture_output=True, text=True, timeout=300
        )
        if done.returncode:
            missing(f"npm cannot fetch mermaid: {done.stderr.strip()[-300:]}")
        there.parent.mkdir(parents=True, exist_ok=True)
        with tarfile.open(next(Path(folder).glob("*.tgz"))) as package:
            member = package.extractfile("package/dist/mermaid.min.js")
            assert member is not None
            partial = there.with_suffix(f".{Path(folder).name}")
            partial.write_bytes(member.read())
            partial.replace(there)
    return there
