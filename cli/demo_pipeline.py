"""The two weeks of a pipeline that the demonstration records."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import NamedTuple

from graphtracker.api import TrackerArtifact, TrackerSource
from graphtracker.model.times import nanoseconds
from graphtracker.recording.arguments import Arguments
from graphtracker.recording.calls import context_set
from graphtracker.tracker import GraphTracker


class _Job(NamedTuple):
    name: str
    began: float  # hours before the end of the two weeks
    hours: float  # that it took
    options: dict[str, object]
    results: dict[str, object]
    artifacts: tuple[TrackerArtifact, ...] = ()
    sources: tuple[TrackerSource, ...] = ()
    user: str = "nightly"
    status: str = "succeeded"


def _id(name: str) -> str:
    return f"local_cwd://torchx/{name}"


def _made(name: str, path: str, **metadata: object) -> TrackerArtifact:
    return TrackerArtifact(name, f"s3://lab/{path}", metadata or None)


def _used(name: str, artifact: str | None = None) -> TrackerSource:
    return TrackerSource(_id(name), artifact)


_SHOP, _FORUM = TrackerSource("s3://shop/reviews", None), TrackerSource("s3://forum/posts", None)

_NIGHTS = {
    "b2mq": 47_210,
    "f6tc": 46_835,
    "w9jd": 47_902,
    "r4hn": 48_115,
    "k7pz": 47_644,
    "y3vg": 48_377,
    "s8lf": 48_120,
    "c5wb": 47_018,
    "m2xk": 47_951,
    "t6qr": 48_246,
    "d9nh": 48_730,
    "j4sv": 47_385,
    "g7yc": 48_012,
    "q3zt": 48_594,
}
"""The job that ran each night → the reviews that it found."""

_INGESTS = [
    _Job(
        f"ingest-{suffix}",
        24 * (len(_NIGHTS) - night) + 0.25,
        0.25,
        {"table": "reviews"},
        {"rows": rows},
        (_made("rows", f"reviews/night-{night:02}.parquet"),),
        (_SHOP,),
    )
    for night, (suffix, rows) in enumerate(_NIGHTS.items(), 1)
]

_TOKENIZE, _CLEAN, _UNCLEAN, _SELECT = "tokenize-u5ek", "clean-k3v9", "clean-p8s1", "select-r6dy"
_SLANG, _NEW_SLANG = "slang-e7zd", "slang-y4pk"
_TUNED, _EVALUATE, _DEPLOY = "fine-tune-h8rc", "evaluate-w4tz", "deploy-n6bf"

START = _id(_TUNED)
"""The run whose lineage the demonstration draws."""

_LATEST_SLANG = "slang/latest.parquet"

_FEATURES = [
    _Job(
        _TOKENIZE,
        167.5,
        0.5,
        {"tokenizer": "wordpiece", "vocabulary": 30_000, "nights": 3},
        {},
        (_made("tokens", "tokens/u5ek.parquet", rows=144_141),),
        tuple(_used(f"ingest-{suffix}", "rows") for suffix in ("k7pz", "y3vg", "s8lf")),
    ),
    _Job(
        _CLEAN,
        166.75,
        0.5,
        {"dedupe": True, "min_words": 3},
        {},
        (_made("features", "features/k3v9.parquet", rows=118_204), _made("test", "features/k3v9-test.parquet")),
        (_used(_TOKENIZE, "tokens"),),
    ),
    _Job(
        _UNCLEAN,
        157.5,
        0.75,
        {"dedupe": False, "min_words": 3},
        {},
        (_made("features", "features/p8s1.parquet", rows=139_466), _made("test", "features/p8s1-test.parquet")),
        (_used(_TOKENIZE, "tokens"),),
        "bob",
    ),
    _Job(_SLANG, 150, 0.25, {"days": 30}, {"words": 8_113}, (_made("words", _LATEST_SLANG),), (_FORUM,), "bob"),
    _Job(_NEW_SLANG, 36, 0.25, {"days": 30}, {"words": 8_467}, (_made("words", _LATEST_SLANG),), (_FORUM,), "bob"),
]

_ON_CLEAN = {
    "x7mw": (0.001, 64, 1, 0.287, 0.946),
    "m3cj": (0.0003, 64, 2, 0.334, 0.928),
    "v9tn": (0.003, 32, 1, 0.379, 0.911),
    "g5hd": (0.001, 32, 2, 0.301, 0.941),
    "q2rz": (0.0003, 32, 1, 0.341, 0.925),
    "c8lb": (0.003, 64, 2, 0.352, 0.919),
}
_ON_UNCLEAN = {
    "p2qd": (0.001, 64, 2, 0.571, 0.838),
    "d6sf": (0.0003, 64, 1, 0.608, 0.822),
    "j4vw": (0.003, 32, 2, 0.664, 0.797),
    "n8gk": (0.001, 32, 1, 0.583, 0.831),
    "t3yb": (0.0003, 32, 2, 0.619, 0.817),
    "h7xe": (0.003, 64, 1, 0.640, 0.809),
}
"""The trainings of the sweep → learning rate, batch size, seed, loss, area under the curve."""

_BEST = "x7mw"
_REPEATED = "b5ga"


def _training(suffix: str, began: float, features: str, lr: float, batch: int, seed: int, *found: float) -> _Job:
    """Without what it found it failed."""
    model = _made("model", f"models/{suffix}.pt", parameters=11_000_000)
    return _Job(
        f"train-{suffix}",
        began,
        1.25,
        {"lr": lr, "batch_size": batch, "seed": seed},
        dict(zip(("loss", "auc"), found, strict=False)),
        (model,) if found else (),
        (_used(features, "features"),),
        "ada",
        "succeeded" if found else "failed: torch.OutOfMemoryError",
    )


_TRAININGS = [
    *(_training(suffix, 165 - 1.25 * n, _CLEAN, *rest) for n, (suffix, rest) in enumerate(_ON_CLEAN.items())),
    _training("z5oq", 156.75, _UNCLEAN, 0.003, 512, 1),
    *(_training(suffix, 156.5 - 1.25 * n, _UNCLEAN, *rest) for n, (suffix, rest) in enumerate(_ON_UNCLEAN.items())),
    _training(_REPEATED, 143, _CLEAN, *_ON_CLEAN[_BEST]),
]

_DELIVERY = [
    _Job(
        _SELECT,
        145,
        0.25,
        {"by": "auc"},
        {"chosen": f"train-{_BEST}"},
        (_made("best", "models/best.pt"),),
        tuple(_used(f"train-{suffix}", "model") for suffix in (*_ON_CLEAN, *_ON_UNCLEAN)),
        "ada",
    ),
    _Job(
        _TUNED,
        140,
        3.5,
        {"lr": 0.0001, "epochs": 3},
        {"auc": 0.957},
        (_made("model", "models/tuned.pt", parameters=11_000_000),),
        (_used(_SELECT, "best"), _used(_SLANG, "words")),
        "ada",
    ),
    _Job(
        _EVALUATE,
        130,
        0.5,
        {"threshold": 0.5},
        {"accuracy": 0.914},
        (_made("report", "reports/tuned.html"),),
        (_used(_TUNED, "model"), _used(_CLEAN, "test")),
        "ada",
    ),
    _Job(
        _DEPLOY,
        120,
        0.25,
        {"endpoint": "reviews-v3", "replicas": 2},
        {},
        (),
        (_used(_TUNED, "model"), _used(_EVALUATE)),
        "bob",
    ),
]

_JOBS = (*_INGESTS, *_FEATURES, *_TRAININGS, *_DELIVERY)


def record_demo(tracker: GraphTracker, now: datetime | None = None) -> str:
    """Records the two weeks, which end at ``now`` (an aware datetime); returns the run to begin with."""
    end = now or datetime.now(timezone.utc)
    with tracker.batch() as batch:
        for job in _JOBS:
            _record(batch, job, end - timedelta(hours=job.began))
    return START


def _record(tracker: GraphTracker, job: _Job, began: datetime) -> None:
    """As the job would have: what it reads when it begins, what it makes at its end."""
    run_id, ended = _id(job.name), began + timedelta(hours=job.hours)
    tracker.record(run_id, metadata=job.options, sources=job.sources, at=began)
    tracker.record(run_id, metadata=job.results, artifacts=job.artifacts, at=ended)
    context = {"user": job.user, "command": _command(job), "started_at": began, "ended_at": ended, "status": job.status}
    # A job records its context without being told, so no verb of a tracker does.
    tracker._recorder.write(context_set(Arguments(), run_id, context, nanoseconds(ended)), said="at")


def _command(job: _Job) -> str:
    script = job.name.rpartition("-")[0].replace("-", "_")
    options = (f"--{key.replace('_', '-')}={value}" for key, value in job.options.items())
    return " ".join(("python", f"{script}.py", *options))
