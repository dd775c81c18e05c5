"""The git work tree around a folder: its commit, its branch, whether it has changes."""

from __future__ import annotations

import os
import re
import select
import signal
import stat
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

from graphtracker import environment

_PATIENCE = 0.015  # seconds that git itself is waited for, from its start
_PARTING = 0.003  # seconds beyond that for the end of what has closed its output, or was ended
_FARTHEST = 100  # folders up
_LONGEST_FILE = 4096  # bytes of a file that holds one name
_LONGEST_PACKED = 1 << 24  # bytes of packed-refs, some 200,000 branches and tags
_LONGEST_NAME = 1000  # bytes of the name of a ref
_COMMAND = ["git", "--no-optional-locks", "-c", "core.fsmonitor=false"]
_STATUS = ["status", "--porcelain=v2", "--branch", "--no-ahead-behind", "--no-renames", "--untracked-files=no"]
_STATUS += ["--ignore-submodules=dirty"]

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_NO_REF = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|//|@\{")  # of git-check-ref-format(1)
_BRANCHES = "refs/heads/"
_ELSEWHERE = _BRANCHES + ".invalid"  # HEAD of a repository whose refs are in no files but in reftables


def work_tree(folder: str) -> dict[str, object]:
    """What is known of the git work tree that the folder lies in: ``commit``, ``dirty``, ``branch``.

    Each is left out where it is not known: ``branch`` of a detached head, ``commit`` where there is none yet, ``dirty``
    (a change of a tracked file) where git does not say so within 15 ms. Commit and branch are read from the files, git
    is started once at most, and nothing is raised.
    """
    try:
        folder = os.path.abspath(folder)
        found = next(_repositories(folder), None)
        if found is None:
            return {}
        status = _Status(folder)
        try:
            head = _head(found)
        finally:
            answer = status.answer()
        commit, branch = head or answer.head
        known = {"commit": commit, "dirty": answer.dirty, "branch": branch}
        return {name: value for name, value in known.items() if value is not None}
    except (OSError, ValueError):
        return {}


class _Repository(NamedTuple):
    """The folder of a work tree, and the one that all work trees of its repository share."""

    own: str
    shared: str


class _Head(NamedTuple):
    """What HEAD says, each part None where it says nothing of it."""

    commit: str | None = None
    branch: str | None = None


class _Answer(NamedTuple):
    """What git says, each part None where it did not say it."""

    head: _Head = _Head()
    dirty: bool | None = None


# -- the files ---------------------------------------------------------------------------------------------------------


def _repositories(folder: str) -> Iterator[_Repository]:
    """Those of the folder and of the folders above it; what is none is passed over."""
    for _ in range(_FARTHEST):
        place = os.path.join(folder, ".git")
        if os.path.isdir(place):
            yield from _repository(place)
        elif os.path.isfile(place):  # of a further work tree, or of a submodule
            label, _, target = (_read(place) or "").rstrip("\r\n").partition(": ")
            if label == "gitdir":
                yield from _repository(os.path.join(folder, target))
            return
        above = os.path.dirname(folder)
        if above == folder:
            return
        folder = above


def _repository(own: str) -> Iterator[_Repository]:
    shared = (_read(os.path.join(own, "commondir")) or ".").rstrip("\r\n")
    if os.path.lexists(os.path.join(own, "HEAD")):
        yield _Repository(own, os.path.join(own, shared))


def _head(repository: _Repository) -> _Head | None:
    """The commit and the branch of HEAD; None where the files do not hold them."""
    head = os.path.join(repository.own, "HEAD")
    said = f"ref: {os.readlink(head)}" if os.path.islink(head) else _read(head)
    ref = _named_in(said)
    if ref is None:
        return _Head(_commit(said))
    if ref == _ELSEWHERE:
        return None
    branch = ref.removeprefix(_BRANCHES) if ref.startswith(_BRANCHES) else None
    return _Head(_resolved(repository, ref), branch)


def _resolved(repository: _Repository, ref: str) -> str | None:
    """The commit of a ref, which may be another name of one."""
    for _ in range(5):
        said = _read(os.path.join(repository.own, ref)) or _read(os.path.join(repository.shared, ref))
        named = _named_in(said)
        if named is None:
            return _commit(said) or _packed(repository, ref)
        ref = named
    return None


def _packed(repository: _Repository, ref: str) -> str | None:
    """The commit of a ref among those that git has gathered in one file, a line each."""
    lines = "\n" + (_read(os.path.join(repository.shared, "packed-refs"), _LONGEST_PACKED) or "")
    line = lines.find(f" {ref}\n")
    return _commit(lines[lines.rfind("\n", 0, line) + 1 : line]) if line > 0 else None


def _commit(text: str | None) -> str | None:
    text = (text or "").strip()
    return text if _COMMIT.fullmatch(text) else None


def _named_in(text: str | None) -> str | None:
    """The ref that a file names; None where it names none."""
    label, colon, name = (text or "").partition(":")
    return _ref(name.strip()) if colon and label == "ref" else None


def _ref(name: str) -> str | None:
    """The name of a ref as git allows it."""
    fits = name.startswith("refs/") and len(name) <= _LONGEST_NAME and not name.endswith(("/", "."))
    return name if fits and _NO_REF.search(name) is None else None


def _read(path: str, longest: int = _LONGEST_FILE) -> str | None:
    """The text of a file; None where it is none, is not there, or is too long. A pipe is not waited for."""
    try:
        number = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    except OSError:
        return None
    with open(number, "rb") as file:
        known = os.fstat(number)
        if not stat.S_ISREG(known.st_mode) or known.st_size > longest:
            return None
        text = file.read(longest)
    with suppress(UnicodeDecodeError):
        return text.decode()
    return None


# -- git itself --------------------------------------------------------------------------------------------------------


class _Status:
    """git, asked for the status of a work tree; while it works, its answer is not waited for."""

    def __init__(self, folder: str) -> None:
        self._until = time.monotonic() + _PATIENCE
        self._pid = 0
        self._output, output = os.pipe()
        try:
            self._pid = self._started(folder, output)
        except OSError:  # there is no git
            pass
        finally:
            os.close(output)

    def _started(self, folder: str, output: int) -> int:
        command = [*_COMMAND, "-C", folder, *_STATUS]
        files = [
            (os.POSIX_SPAWN_DUP2, output, 1),
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
        ]
        # A tenth of what subprocess takes, whose import alone takes 8 ms. In a group of its own, with what it starts.
        return os.posix_spawnp(
            command[0], command, environment.for_git(), file_actions=files, setpgroup=0, setsigdef=[signal.SIGPIPE]
        )

    def answer(self) -> _Answer:
        """What it says in time; then it is ended."""
        said, is_whole = b"", False
        try:
            if self._pid:
                said, is_whole = self._said()
        finally:
            os.close(self._output)
            succeeded = self._ended(is_whole)
        return _answer(said.decode(errors="replace"), is_whole and succeeded)

    def _said(self) -> tuple[bytes, bool]:
        """What it has written in time, up to the first change; and whether that is all."""
        said = b""
        output = select.poll()
        output.register(self._output, select.POLLIN)
        while output.poll(max(0.0, self._until - time.monotonic()) * 1000):
            part = os.read(self._output, _LONGEST_FILE)
            if not part:
                return said, True
            said += part
            if _has_change(said) or len(said) > 4 * _LONGEST_FILE:
                break
        return said, False

    def _ended(self, is_whole: bool) -> bool:
        """Whether it has ended well; a job that waits for its children may have learned that in our place."""
        if not self._pid:
            return False
        with suppress(OSError):
            if not is_whole:
                os.killpg(self._pid, signal.SIGKILL)
            pid, status = os.waitpid(self._pid, os.WNOHANG)
            while pid == 0 and time.monotonic() < self._until + _PARTING:
                time.sleep(0.0001)
                pid, status = os.waitpid(self._pid, os.WNOHANG)
            return pid == self._pid and status == 0
        return False


def _has_change(said: bytes) -> bool:
    lines = said.split(b"\n")
    return any(not line.startswith(b"#") for line in lines[:-1]) or not b"#".startswith(lines[-1][:1])


def _answer(said: str, is_all: bool) -> _Answer:
    known = dict(line[2:].split(" ", 1) for line in said.splitlines() if re.match("# branch\\.[a-z]+ ", line))
    branch = _ref(_BRANCHES + known.get("branch.head", ""))
    detached = known.get("branch.head") == "(detached)"
    head = _Head(_commit(known.get("branch.oid")), None if detached or not branch else branch.removeprefix(_BRANCHES))
    has_change = _has_change(said.encode())
    return _Answer(head, True if known and has_change else False if known and is_all else None)
