"""How a process ended, told at its end: exact, or not at all."""

from __future__ import annotations

import inspect
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from graphtracker.jobs import ending

WATCH = """\
import os, signal, sys, threading
from graphtracker.jobs.ending import watch
watch(lambda how: print(how, flush=True))
"""


def told(tmp_path: Path, program: str, *options: str, before: str = WATCH) -> list[str]:
    """What is told of a program that watches how it ends."""
    (tmp_path / "program.py").write_text(before + program, encoding="utf-8")
    command = [sys.executable, *options, *([] if options else ["program.py"])]
    return subprocess.run(command, cwd=tmp_path, capture_output=True, check=False, text=True).stdout.splitlines()


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (None, "succeeded"),
        (SystemExit(), "succeeded"),
        (SystemExit(0), "succeeded"),
        (SystemExit(3), "failed: SystemExit"),
        (SystemExit("text"), "failed: SystemExit"),
        (ValueError("text"), "failed: ValueError"),
        (KeyboardInterrupt(), "failed: KeyboardInterrupt"),
    ],
)
def test_an_exception_has_a_status(error: BaseException | None, status: str) -> None:
    assert ending.status_of(error) == status


EXIT = "def main(): sys.exit(3)\n"


@pytest.mark.parametrize(
    "program",
    [
        "",
        "def main():\n    return 3\nmain()",
        "sys.exit()",
        "sys.exit(0)",
        "sys.exit(None)",
        "sys.exit(False)",
        "sys.exit(main())\n",
        "try: main()\nexcept SystemExit: pass",
        "try: main()\nexcept SystemExit: sys.exit(0)",
        "try: main()\nfinally: sys.exit(0)",
        "try: 1 / 0\nexcept ZeroDivisionError as error: sys.last_value = sys.last_exc = error",
        "try: 1 / 0\nexcept ZeroDivisionError: sys.exit()",
        "import code\ncode.InteractiveInterpreter().runsource('1 / 0')",
        "with open('/dev/null') as file:\n    for line in file: pass",
        "threading.Thread(target=lambda: 1 / 0).start()",
        "threading.Thread(target=main).start()",
        "threading.Thread(target=lambda: [watch, main()]).start()",
        "import atexit\natexit.register(lambda: 1 / 0)",
        "import asyncio\nasync def run(): pass\nasyncio.run(run())",
        "sys.excepthook = sys.settrace = print",
    ],
)
def test_what_runs_to_its_end_or_exits_without_a_code_has_succeeded(tmp_path: Path, program: str) -> None:
    main = "def main(): return 0\n" if "sys.exit(main())" in program else EXIT
    assert told(tmp_path, program, before=WATCH + main) == ["succeeded"]


@pytest.mark.parametrize(
    ("program", "name"),
    [
        ("1 / 0", "ZeroDivisionError"),
        ("class Own(Exception): pass\nraise Own('x')", "Own"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("os.kill(os.getpid(), signal.SIGINT)\nwhile True: pass", "KeyboardInterrupt"),
        ("sys.excepthook = lambda *_: None\n1 / 0", "ZeroDivisionError"),
        ("sys.excepthook = lambda *_: 1 / 0\nraise KeyError", "KeyError"),
        ("try: main()\nexcept SystemExit: 1 / 0", "ZeroDivisionError"),
        ("try: main()\nfinally: 1 / 0", "ZeroDivisionError"),
        ("import asyncio\nasync def run(): 1 / 0\nasyncio.run(run())", "ZeroDivisionError"),
        ("main()", "SystemExit"),
        ("sys.exit('text')", "SystemExit"),
        ("sys.exit('')", "SystemExit"),
        ("sys.exit(256)", "SystemExit"),
        ("sys.exit((0, 1))", "SystemExit"),
        ("sys.exit(main())", "SystemExit"),
        ("try: main()\nfinally: print(end='')", "SystemExit"),
        ("try: main()\nexcept SystemExit: raise", "SystemExit"),
        ("try: sys.exit(0)\nexcept SystemExit: main()", "SystemExit"),
        ("signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))\nsignal.raise_signal(signal.SIGTERM)", "SystemExit"),
        ("threading.Thread(target=sys.exit).start()\nmain()", "SystemExit"),
    ],
)
def test_what_an_exception_ends_has_failed_by_its_type(tmp_path: Path, program: str, name: str) -> None:
    assert told(tmp_path, program, before=WATCH + EXIT) == [f"failed: {name}"]


@pytest.mark.parametrize(
    "program",
    [
        "raise SystemExit(3)",
        "raise SystemExit",
        "exit(3)",
        "try: main()\nexcept SystemExit: pass\nraise SystemExit(0)",
        "os._exit(0)",
        "os.kill(os.getpid(), signal.SIGTERM)",
        "os.kill(os.getpid(), signal.SIGKILL)",
        "os.execv(sys.executable, [sys.executable, '-c', ''])",
        "sys.ps1 = '> '",
    ],
)
def test_where_nothing_tells_nothing_is_told(tmp_path: Path, program: str) -> None:
    assert told(tmp_path, program, before=WATCH + EXIT) == []


@pytest.mark.parametrize("options", [["-m", "program"], ["-X", "dev", "program.py"], ["-O", "program.py"]])
def test_a_program_may_be_started_in_any_way(tmp_path: Path, options: list[str]) -> None:
    assert told(tmp_path, "", *options) == ["succeeded"]
    assert told(tmp_path, "1 / 0", *options) == ["failed: ZeroDivisionError"]
    assert told(tmp_path, "sys.exit(3)", *options) == ["failed: SystemExit"]
    assert told(tmp_path, "raise SystemExit(3)", *options) == []


def test_a_program_may_be_a_folder_or_text(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "__main__.py").write_text(WATCH, encoding="utf-8")
    assert told(tmp_path, "", "folder") == ["succeeded"]
    assert told(tmp_path, "", "-c", WATCH + "1 / 0") == ["failed: ZeroDivisionError"]


def test_a_thread_may_be_the_first_to_watch(tmp_path: Path) -> None:
    program = "thread = threading.Thread(target=watch, args=[print])\nthread.start()\nthread.join()\n"
    before = WATCH.replace("watch(", "(lambda _: None)(")
    assert told(tmp_path, program, before=before) == ["succeeded"]
    assert told(tmp_path, program + "1 / 0", before=before) == ["failed: ZeroDivisionError"]
    assert told(tmp_path, program + "sys.exit(3)", before=before) == ["failed: SystemExit"]


def test_a_program_that_is_talked_to_tells_nothing(tmp_path: Path) -> None:
    assert told(tmp_path, "", "-i", "program.py") == []
    done = subprocess.run([sys.executable, "-i"], input=WATCH, capture_output=True, check=True, text=True)
    assert done.stdout == ""


@pytest.mark.parametrize(
    "child",
    [
        "if os.fork() == 0: sys.exit(5)\nos.wait()",
        "if os.fork() == 0: 1 / 0\nos.wait()",
        "if os.fork() == 0: os._exit(0)\nos.wait()",
        "import multiprocessing\nfork = multiprocessing.get_context('fork')\n"
        "process = fork.Process(target=sys.exit, args=[3])\nprocess.start()\nprocess.join()",
    ],
)
def test_a_forked_child_tells_nothing(tmp_path: Path, child: str) -> None:
    assert told(tmp_path, child) == ["succeeded"]
    assert told(tmp_path, child + "\nsys.exit(3)") == ["failed: SystemExit"]


def test_everybody_who_watches_is_told_once(tmp_path: Path) -> None:
    assert told(tmp_path, "watch(print)\nimport atexit\natexit._run_exitfuncs()", before=WATCH) == []
    assert told(tmp_path, "watch(print)") == ["succeeded"] * 2


def test_what_a_caught_exit_came_through_is_freed(tmp_path: Path) -> None:
    program = (
        "class Held:\n    def __del__(self): print('freed')\n"
        "def main():\n    held = Held()\n    sys.exit(3)\n"
        "try: main()\nexcept SystemExit: pass\nprint('after')"
    )
    assert told(tmp_path, program) == ["freed", "after", "succeeded"]


def test_sys_exit_is_what_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    signature, name = inspect.signature(sys.exit), repr(sys.exit.__name__)
    monkeypatch.setattr(sys, "exit", sys.exit)
    ending._note_exits()
    noted = sys.exit
    ending._note_exits()
    assert sys.exit is noted
    assert inspect.signature(sys.exit) == signature
    assert (repr(sys.exit.__name__), sys.exit.__module__) == (name, "sys")
    assert pickle.loads(pickle.dumps(sys.exit)) is noted  # noqa: S301  # ours
    with pytest.raises(SystemExit) as raised:
        sys.exit(3)
    assert (type(raised.value), raised.value.args, raised.value.code) == (SystemExit, (3,), 3)
    copied = pickle.loads(pickle.dumps(raised.value))  # noqa: S301  # ours
    assert (type(copied), copied.code) == (SystemExit, 3)
    with pytest.raises(TypeError, match="expected at most 1 argument"):
        sys.exit(1, 2)  # type: ignore[call-arg]
