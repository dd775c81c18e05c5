"""The verbs that ask whether something is the same as something else: where runs came from, what files hold."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

from graphtracker.errors import InvalidInput
from graphtracker.model.question import Answer, JointQuestion
from graphtracker.model.values import Artifact, Node
from graphtracker.question_verbs import QuestionVerbs
from graphtracker.stores.snapshot import Snapshot
from graphtracker.torchx_verbs import AnyRun

if TYPE_CHECKING:
    from graphtracker.recording.verification import Verification


class SamenessVerbs(QuestionVerbs):
    """A tracker on one store, with what tells whether provenance, or a file, is the same."""

    def fingerprint(
        self,
        run_id: AnyRun,
        *,
        artifact_name: str | None = None,
        ignore: Iterable[str] = (),
        sha256: bool = True,
    ) -> str:
        """The fingerprint of where a run, or an artifact of it, came from: equal for equal provenance, in any store.

        It is over metadata (without the keys that ``ignore`` has patterns of) and the names of what was used, not over
        ids, paths, times or context; with ``sha256`` an artifact that carries one in its metadata stands for all above
        it. ``gt1:`` with 64 hexadecimal digits. Raises IncompleteLineage where the lineage is not whole, RunNotFound,
        ArtifactNotFound.
        """
        return self.fingerprints([run_id], artifact_name=artifact_name, ignore=ignore, sha256=sha256)[0]

    def fingerprints(
        self,
        run_ids: AnyRun | Iterable[AnyRun],
        *,
        artifact_name: str | None = None,
        ignore: Iterable[str] = (),
        sha256: bool = True,
    ) -> list[str]:
        """The fingerprints of several runs, or of the artifact of this name of each, in their order."""
        from graphtracker.analysis.fingerprint import fingerprints_of  # for those who ask

        name = self._arguments.optional_name(artifact_name)
        checked = self._run_ids(run_ids)
        starts: tuple[Node, ...] = tuple(run_id if name is None else (run_id, name) for run_id in checked)
        question = self._joint(starts, None)
        lineage = self._recorder.read(lambda snapshot: self._joined(snapshot, question))
        self._check_whole(lineage, "there is no fingerprint of a part")
        return fingerprints_of(lineage, starts, ignore=ignore, sha256=sha256)

    def verify(
        self,
        run_id: AnyRun | None = None,
        *,
        artifact_name: str | None = None,
        path: str | os.PathLike[str] | None = None,
    ) -> Verification:
        """Whether the files of artifacts are what was recorded of them.

        Asked about are the artifacts that a run logged (or the one of this name), every one that was last logged at a
        path, or without both every one that the store has. A file is compared with the
        ``sha256`` in the artifact's metadata, as ``file_metadata`` makes it (of a folder too), without one with its
        ``size`` and ``mtime``. Nothing that is not on this machine is read. Raises RunNotFound, ArtifactNotFound.

        >>> import tempfile, graphtracker
        >>> with tempfile.NamedTemporaryFile() as file, graphtracker.GraphTracker(":memory:") as tracker:
        ...     tracker.add_artifact("train", "model", file.name, graphtracker.file_metadata(file.name))
        ...     before = tracker.verify("train")
        ...     size = file.write(b"something else") + file.truncate()
        ...     [(item.artifact_name, item.verdict) for item in (*before.artifacts, *tracker.verify("train").artifacts)]
        [('model', 'matches'), ('model', 'differs')]
        """
        from graphtracker.recording.verification import verification  # for those who ask

        if run_id is not None and path is not None:
            raise InvalidInput("verify() is about a run, or about what lies at a path; give one of run_id and path")
        if run_id is None and artifact_name is not None:
            raise InvalidInput("an artifact is one of a run; give run_id, too, or leave artifact_name out")
        question = None
        if run_id is not None:
            question = self._question(run_id, artifact_name, "downstream", 0, None, None)

        def read(snapshot: Snapshot) -> tuple[Answer, Iterable[Artifact]]:
            if path is not None:
                starts, _ = self._all_at(snapshot, path, None)
                answer = snapshot.lineages(JointQuestion(starts, "downstream", 0))
                wanted = frozenset(starts)
                return answer, (item for key, item in answer.artifacts.items() if key in wanted)
            answer = snapshot.graph() if question is None else self._answered(snapshot, question)
            named = artifact_name is not None
            return answer, (item for item in answer.artifacts.values() if named or not item.declared)

        answer, artifacts = self._recorder.read(read)
        return verification(artifacts, answer.reasons - {"depth"})
