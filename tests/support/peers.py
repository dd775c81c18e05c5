"""Other systems whose packages do not go together with ours: each in a virtual environment in the user's cache.

``python -m tests.support.peers`` makes all of them.
"""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import sys
import venv
from hashlib import sha256
from pathlib import Path

import platformdirs

from tests.support.needs import missing

PEERS = {
    "ml-metadata": ["ml-metadata==1.17.1"],  # wants a protobuf of years ago
    "roc-validator": ["roc-validator==0.13.0"],  # wants an RDF library, and SHACL
    "spark": ["pyspark==4.3.0"],  # 450 MB, and a Java that is started for it alone
    "torchx-nightly": ["torchx-nightly==2026.10.26", "platformdirs>=4.2"],  # the next release, in the place of torchx
}


class NotInstalled(Exception):
    """The environment cannot be had here; the message says why."""


def python(name: str) -> Path:
    """The Python of a peer's environment; the test is skipped where it cannot be installed."""
    try:
        return made(name)
    except NotInstalled as error:
        missing(f"no {name} to test with: {error}")


def made(name: str) -> Path:
    """The Python of a peer's environment, which is made where it is not there; raises NotInstalled."""
    requirements = PEERS[name]
    key = sha256(repr((requirements, sys.version_info[:2])).encode()).hexdigest()[:12]
    cache = platformdirs.user_cache_path("graphtracker", appauthor=False) / "peers"
    cache.mkdir(parents=True, exist_ok=True)
    folder, done = cache / f"{name}-{key}", cache / f"{name}-{key}.done"
    with (cache / f"{name}-{key}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another test run may be making it
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            venv.create(folder, with_pip=True, symlinks=True)
            pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            installed = subprocess.run([*pip, *requirements], capture_output=True, text=True, timeout=1200)
            if installed.returncode:
                raise NotInstalled(installed.stderr.strip()[-300:])
            done.touch()
    return folder / "bin" / "python"


if __name__ == "__main__":
    for peer in PEERS:
        try:
            print(made(peer))
        except NotInstalled as error:
            print(f"no {peer}: {error}", file=sys.stderr)
