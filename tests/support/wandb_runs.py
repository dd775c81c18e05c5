"""Offline runs that W&B itself makes; as a program: those of a folder."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.support.hostile import HOSTILE
from tests.support.tools import environment

OFF = {"WANDB_MODE": "offline", "WANDB_SILENT": "true", "WANDB_ERROR_REPORTING": "false", "WANDB_CONSOLE": "off"}
VALUES: dict[str, object] = {
    "none": None,
    "flag": True,
    "int": 7,
    "large": 2**70,
    "float": 0.1,
    "nan": float("nan"),
    "inf": float("-inf"),
    "text": "x",
    "list": [1, 2.5, None, ["a"]],
    "dict": {"a": {"b": [True]}, "c": "d"},
    "tuple": (1, 2),
}
KEYS = {name: text for name, text in HOSTILE.items() if len(text) < 200}


def make(folder: Path) -> Path:
    """Makes the runs ``trained``, ``broken`` and ``hostile``; returns the folder in which W&B's is."""
    own = {"WANDB_DATA_DIR": "data", "WANDB_CACHE_DIR": "cache", "WANDB_CONFIG_DIR": "config"}
    surroundings = environment(folder, {**OFF, **{name: str(folder / where) for name, where in own.items()}})
    surroundings["PYTHONPATH"] = str(Path(__file__).parents[2])
    command = [sys.executable, "-m", "tests.support.wandb_runs", str(folder), "--token", "hunter2"]
    done = subprocess.run(command, cwd=folder, env=surroundings, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return folder


def _runs(folder: Path) -> None:
    import wandb

    def begin(run_id: str, **more: Any) -> Any:
        return wandb.init(id=run_id, entity="team", project="digits", dir=folder, reinit="finish_previous", **more)

    data = folder / "data.csv"
    data.write_text("1,2", encoding="utf-8")
    run = begin("trained", name="first", group="g", job_type="train", tags=["a", "b"], notes="note", config=VALUES)
    run.config.update({"later": 1, "flag": False}, allow_val_change=True)
    for step in range(3000):
        run.log({"loss": 1 / (step + 1), "deep/er": {"acc": step}})
    run.summary["best"] = 3
    run.summary["picture"] = wandb.Table(columns=["a"], data=[[1]])
    for version in range(2):
        model = wandb.Artifact("model", "model", description="it", metadata={"k": version, "nested": {"a": [1]}})
        with model.new_file("weights.pt") as file:
            file.write(str(version))
        run.log_artifact(model, aliases=["best"])
    elsewhere = wandb.Artifact("elsewhere", "dataset")
    elsewhere.add_reference(data.as_uri())
    run.log_artifact(elsewhere)
    run.finish()
    begin("broken").finish(exit_code=3)
    begin("hostile", name="n\x1b[31m", config={text: text for text in KEYS.values()}).finish()


if __name__ == "__main__":
    _runs(Path(sys.argv[1]))
