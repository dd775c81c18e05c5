"""A process of another program, which ends when ours does."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence

if sys.platform == "linux":
    import fcntl


class NotStarted(Exception):
    """The program could not be started; ``reason`` is why."""

    def __init__(self, reason: OSError) -> None:
        super().__init__(reason)
        self.reason = reason


def run(command: Sequence[str], text: Iterator[str]) -> subprocess.CompletedProcess[bytes]:
    """What the command does with the text as its input, in UTF-8; raises NotStarted, and whatever making the text does.

    It is started before the text is made, so that both take their time at once. When this returns or raises,
    KeyboardInterrupt included, the process is gone.
    """
    leash, our_end = _pipe()
    try:
        with _started(command, leash) as process:
            try:
                _tie(process.pid, leash)
                out, err = process.communicate("".join(text).encode())
            except BaseException:
                process.kill()
                process.wait()  # after a KeyboardInterrupt the with block does not
                raise
    finally:
        os.close(leash)
        os.close(our_end)
    return subprocess.CompletedProcess(command, process.returncode, out, err)


def _pipe() -> tuple[int, int]:
    try:
        return os.pipe()
    except OSError as error:
        raise NotStarted(error) from error


def _started(command: Sequence[str], leash: int) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(  # noqa: S603  # our own words
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, pass_fds=[leash]
        )
    except OSError as error:
        raise NotStarted(error) from error


def _tie(pid: int, leash: int) -> None:
    """Has the system end the process once nobody holds our end of the pipe: also where ours was killed.

    The signal of a pipe that closes ends a program that does not expect it, on Linux alone; elsewhere the process ends
    where it writes its answer.
    """
    if sys.platform == "linux":
        fcntl.fcntl(leash, fcntl.F_SETOWN, pid)
        fcntl.fcntl(leash, fcntl.F_SETFL, fcntl.fcntl(leash, fcntl.F_GETFL) | os.O_ASYNC)
