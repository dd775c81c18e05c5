"""What the command line writes to be pasted is one word to a shell, and means the text that it was made of."""

from __future__ import annotations

import shlex
import shutil
import subprocess

import pytest

from graphtracker.cli.shell_words import shell_line, shell_word
from graphtracker.model.display import printable
from tests.support.hostile import HOSTILE

SHELLS = [shell for shell in ("bash", "zsh", "ksh") if shutil.which(shell)]


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("locale", ["C.UTF-8", "C"])
def test_a_shell_reads_every_text_back(shell: str, locale: str) -> None:
    texts = [*HOSTILE.values(), "two\nlines!!", "3\x1b3", "\\012", "a\udcff\n"]
    done = subprocess.run(
        [shell, "-c", f"printf '%s\\0' {shell_line(texts)}"],
        env={"LC_ALL": locale, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        check=True,
    )
    assert done.stdout.decode("utf-8", "surrogateescape").split("\0")[:-1] == texts


def test_no_two_texts_are_written_alike_and_none_acts() -> None:
    texts = ["a\nb", "a\\u000ab", "a\\nb", "a\\012b", "$'a\\012b'", *HOSTILE.values()]
    words = [shell_word(text) for text in dict.fromkeys(texts)]
    assert len(set(words)) == len(words)
    assert words == [*map(printable, words)]


@pytest.mark.parametrize(
    "text", ["train", "local_cwd://torchx/train-x7k", "s3://bucket/a b", "it's", "\u043c\u0438\u0440"]
)
def test_what_does_not_act_is_written_as_ever(text: str) -> None:
    assert shell_word(text) == shlex.quote(text)
