"""Files that ml-metadata itself has written, in its own environment."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from tests.support.peers import python

_SCRIPT = Path(__file__).with_name("ml_metadata_script.py")


def written(path: Path, **said: Any) -> dict[str, int]:
    """The id of each thing that ml-metadata wrote into a file, as the script beside this one is told."""
    command = [str(python("ml-metadata")), str(_SCRIPT), str(path)]
    done = subprocess.run(command, input=json.dumps(said), capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    ids: dict[str, int] = json.loads(done.stdout)
    return ids


def execution(key: str, kind: str = "train", **more: Any) -> dict[str, Any]:
    """An execution (or context) for the script."""
    return {"key": key, "type": kind, **more}


def artifact(key: str, kind: str = "Model", **more: Any) -> dict[str, Any]:
    """An artifact for the script, at a path of its key."""
    return {"key": key, "type": kind, "uri": f"/data/{key}", **more}
