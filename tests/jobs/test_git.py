"""What is known of the git work tree of a program, whatever lies in the place of one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from graphtracker.jobs import git as jobs_git
from graphtracker.jobs.git import work_tree


def git(folder: Path, *arguments: str) -> str:
    """Runs git there as somebody who has set up nothing; returns what it prints."""
    own = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "PATH": os.environ["PATH"]}
    person = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "protocol.file.allow=always"]
    command = ["git", *person, "-c", "init.defaultBranch=main", *arguments]
    return subprocess.run(command, cwd=folder, env=own, capture_output=True, check=True, text=True).stdout.strip()


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine changes no answer."""
    monkeypatch.setattr(jobs_git, "_PATIENCE", 30.0)


def made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    git(folder, "init")
    (folder / "train.py").write_text("lr = 0.1\n", encoding="utf-8")
    git(folder, "add", "train.py")
    git(folder, "commit", "-m", "First")
    return folder


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A work tree with one commit and no changes."""
    return made(tmp_path / "project")


def head(folder: Path) -> str:
    return git(folder, "rev-parse", "HEAD")


# -- what there is to know ---------------------------------------------------------------------------------------------


def test_a_work_tree_has_a_commit_and_a_branch(tree: Path) -> None:
    assert work_tree(str(tree)) == {"commit": head(tree), "dirty": False, "branch": "main"}


def test_a_folder_in_it_has_the_same(tree: Path) -> None:
    (tree / "a" / "b").mkdir(parents=True)
    assert work_tree(str(tree / "a" / "b")) == work_tree(str(tree))


def test_a_changed_file_makes_it_dirty_and_a_new_one_does_not(tree: Path) -> None:
    (tree / "notes.txt").write_text("new", encoding="utf-8")
    assert work_tree(str(tree))["dirty"] is False
    (tree / "train.py").write_text("lr = 0.2\n", encoding="utf-8")
    assert work_tree(str(tree))["dirty"] is True


def test_a_file_that_is_staged_or_gone_makes_it_dirty(tree: Path) -> None:
    (tree / "train.py").unlink()
    assert work_tree(str(tree))["dirty"] is True
    git(tree, "rm", "train.py")
    assert work_tree(str(tree))["dirty"] is True


def test_thousands_of_changes_are_not_read(tree: Path) -> None:
    for number in range(2000):
        (tree / f"a_file_with_a_long_name_{number:06}").touch()
    git(tree, "add", ".")
    assert work_tree(str(tree)) == {"commit": head(tree), "dirty": True, "branch": "main"}


@pytest.mark.parametrize("branch", ["fix/a-b", "größe", "a.b", "x" * 200])
def test_any_name_of_a_branch_is_its_name(tree: Path, branch: str) -> None:
    git(tree, "switch", "--create", branch)
    assert work_tree(str(tree)) == {"commit": head(tree), "dirty": False, "branch": branch}


def test_branches_that_are_packed_are_found_among_others(tree: Path) -> None:
    for branch in ("mai", "main2", "a/main"):
        git(tree, "branch", branch)
    git(tree, "commit", "--allow-empty", "-m", "Second")
    git(tree, "tag", "-a", "v1", "-m", "First tag")
    git(tree, "pack-refs", "--all")
    assert not (tree / ".git" / "refs" / "heads" / "main").exists()
    assert work_tree(str(tree)) == {"commit": head(tree), "dirty": False, "branch": "main"}


def test_a_detached_head_has_no_branch(tree: Path) -> None:
    git(tree, "switch", "--detach", "main")
    assert work_tree(str(tree)) == {"commit": head(tree), "dirty": False}


def test_a_repository_without_commits_has_a_branch(tmp_path: Path) -> None:
    git(tmp_path, "init")
    assert work_tree(str(tmp_path)) == {"dirty": False, "branch": "main"}


def test_a_branch_may_be_another_name_of_one(tree: Path) -> None:
    git(tree, "symbolic-ref", "refs/heads/alias", "refs/heads/main")
    git(tree, "symbolic-ref", "HEAD", "refs/heads/alias")
    assert work_tree(str(tree)) == {"commit": head(tree), "dirty": False, "branch": "alias"}


def test_a_further_work_tree_has_its_own_commit_and_branch(tree: Path, tmp_path: Path) -> None:
    git(tree, "worktree", "add", "-b", "further", str(tmp_path / "further"))
    git(tmp_path / "further", "commit", "--allow-empty", "-m", "Second")
    assert head(tmp_path / "further") != head(tree)
    assert work_tree(str(tmp_path / "further")) == {
        "commit": head(tmp_path / "further"), "dirty": False, "branch": "further",
    }  # fmt: skip


def test_a_submodule_has_its_own_commit(tree: Path, tmp_path: Path) -> None:
    library = made(tmp_path / "library")
    git(library, "commit", "--allow-empty", "-m", "Second")
    git(tree, "submodule", "add", str(library), "library")
    assert work_tree(str(tree / "library")) == {"commit": head(library), "dirty": False, "branch": "main"}
    git(tree, "commit", "-m", "With a library")
    (tree / "library" / "train.py").write_text("changed", encoding="utf-8")
    assert work_tree(str(tree))["dirty"] is False  # what is changed there is changed there
    assert work_tree(str(tree / "library"))["dirty"] is True


def test_a_longer_hash_is_a_commit(tmp_path: Path) -> None:
    git(tmp_path, "init", "--object-format=sha256")
    git(tmp_path, "commit", "--allow-empty", "-m", "First")
    assert work_tree(str(tmp_path)) == {"commit": head(tmp_path), "dirty": False, "branch": "main"}
    assert len(head(tmp_path)) == 64


def test_git_is_told_nothing_by_the_variables_of_the_job(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = made(tmp_path / "other")
    (other / "train.py").write_text("changed", encoding="utf-8")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / ".git" / "index"))
    assert work_tree(str(tree)) == {"commit": head(tree), "dirty": False, "branch": "main"}


def test_what_the_repository_names_as_a_monitor_is_not_started(tree: Path, tmp_path: Path) -> None:
    git(tree, "config", "core.fsmonitor", f"touch {tmp_path / 'started'}; false")
    assert work_tree(str(tree))["dirty"] is False
    assert not (tmp_path / "started").exists()


def test_nothing_is_written(tree: Path) -> None:
    os.utime(tree / "train.py", (0, 0))  # which the index is not told
    before = (tree / ".git" / "index").read_bytes()
    assert work_tree(str(tree))["dirty"] is False
    assert (tree / ".git" / "index").read_bytes() == before


# -- git itself that does not answer -----------------------------------------------------------------------------------


def program(folder: Path, text: str) -> None:
    """A git that does this."""
    folder.mkdir()
    (folder / "git").write_text(f"#!{sys.executable} -IS\n{text}", encoding="utf-8")
    (folder / "git").chmod(0o755)


def test_without_git_the_files_tell(tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit = head(tree)
    monkeypatch.setenv("PATH", str(tmp_path / "nowhere"))
    assert work_tree(str(tree)) == {"commit": commit, "branch": "main"}


@pytest.mark.parametrize(
    "text",
    [
        "raise SystemExit(128)",
        "print('# branch.oid abc')\nprint('# branch.head')\nraise SystemExit(1)",
        "import sys; sys.stdout.buffer.write(bytes(range(256)))",
        "while True: print('#' * 1000)",
        "print('# branch.oid x\\n# branch.head ../../x\\n#', 'x' * 5000)",
    ],
)
def test_a_git_that_fails_or_babbles_tells_nothing(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    commit = head(tree)
    program(tmp_path / "bin", text)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    known = work_tree(str(tree))
    assert known.pop("dirty", None) in (None, False)
    assert known == {"commit": commit, "branch": "main"}


def test_a_git_that_takes_its_time_is_ended(tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit = head(tree)
    program(tmp_path / "bin", "import os\nos.fork()\nopen(os.environ['ALIVE'], 'w').close()\nwhile True: os.read(3, 1)")
    pipe = tmp_path / "alive"
    os.mkfifo(pipe)
    monkeypatch.setenv("ALIVE", str(pipe))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(jobs_git, "_PATIENCE", 0.01)
    monkeypatch.setattr(jobs_git, "_PARTING", 60)  # however busy the machine is
    started: list[int] = []
    spawn = os.posix_spawnp

    def spawned(*given: Any, **more: Any) -> int:
        started.append(spawn(*given, **more))
        return started[-1]

    monkeypatch.setattr(os, "posix_spawnp", spawned)
    assert work_tree(str(tree)) == {"commit": commit, "branch": "main"}
    with pytest.raises(OSError, match="No such device"):
        os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)  # nobody is left to read
    with pytest.raises(ChildProcessError):  # it has been waited for
        os.waitpid(started[0], os.WNOHANG)


def test_git_is_started_once(tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path / "bin", f"open({str(tmp_path / 'starts')!r}, 'a').write('x')")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    work_tree(str(tree))
    assert (tmp_path / "starts").read_text(encoding="utf-8") == "x"
    work_tree(str(tmp_path))  # no work tree
    assert (tmp_path / "starts").read_text(encoding="utf-8") == "x"


def test_refs_that_are_in_no_files_are_gits_to_tell(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tree / ".git" / "HEAD").write_text("ref: refs/heads/.invalid\n", encoding="utf-8")
    program(tmp_path / "bin", f"print('# branch.oid {'a' * 40}'); print('# branch.head kept/in/tables')")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert work_tree(str(tree)) == {"commit": "a" * 40, "dirty": False, "branch": "kept/in/tables"}


def test_a_repository_of_somebody_else_has_a_commit(tree: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder to somebody else")
    for path in (tree, tree / ".git", *tree.rglob("*")):
        os.chown(path, 12345, 12345)
    known = work_tree(str(tree))
    for path in (tree, tree / ".git", *tree.rglob("*")):
        os.chown(path, 0, 0)
    assert known == {"commit": head(tree), "branch": "main"}


# -- what is no work tree ----------------------------------------------------------------------------------------------


def test_no_work_tree_has_nothing(tmp_path: Path) -> None:
    assert work_tree(str(tmp_path)) == {}
    assert work_tree(str(tmp_path / "gone")) == {}
    assert work_tree("/dev/null") == {}
    assert work_tree("nul\0") == {}


def test_a_bare_repository_is_none(tmp_path: Path) -> None:
    git(tmp_path, "init", "--bare")
    assert work_tree(str(tmp_path)) == {}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "ref:",
        "ref: ../../etc/passwd",
        "ref: refs/heads/../../../secret",
        "ref: refs/heads/a\x1b[31m",
        "ref: refs/heads/" + "x" * 3000,
        "ref: refs/heads/main\nref: refs/heads/other",
        "ref: /etc/passwd",
        "A" * 40,
        "a" * 41,
        "a" * 40 + " main",
        "ref: refs/heads/nul\0",
        "x" * 100_000_000,
    ],
)
def test_an_odd_head_says_nothing(tree: Path, text: str) -> None:
    (tree / ".git" / "HEAD").write_text(text, encoding="utf-8")
    assert set(work_tree(str(tree))) <= {"dirty"}


def test_bytes_that_are_no_text_say_nothing(tree: Path) -> None:
    (tree / ".git" / "HEAD").write_bytes(b"ref: refs/heads/\xff\n")
    assert set(work_tree(str(tree))) <= {"dirty"}


def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs_git, "_PATIENCE", 0.01)  # for git waits for it
    for name in ("HEAD", "commondir", "packed-refs"):
        (tree / ".git" / name).unlink(missing_ok=True)
        os.mkfifo(tree / ".git" / name)
        assert set(work_tree(str(tree))) <= {"dirty", "branch"}


def test_refs_in_a_circle_end(tree: Path) -> None:
    (tree / ".git" / "refs" / "heads" / "main").write_text("ref: refs/heads/main\n", encoding="utf-8")
    assert work_tree(str(tree))["branch"] == "main"


@pytest.mark.parametrize("text", ["", "gitdir:", "gitdir: ../nowhere", "gitdir: .", "x" * 10_000, "gitdir: \0"])
def test_a_link_to_no_repository_is_no_work_tree(tree: Path, text: str) -> None:
    (tree / "part").mkdir()
    (tree / "part" / ".git").write_text(text, encoding="utf-8")
    assert work_tree(str(tree / "part")) == {}


def test_an_empty_folder_of_that_name_is_passed_over(tree: Path) -> None:
    (tree / "part" / ".git").mkdir(parents=True)
    assert work_tree(str(tree / "part")) == work_tree(str(tree))
