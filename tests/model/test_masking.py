"""The command line that a run is remembered by: readable, and without the secrets in it."""

from __future__ import annotations

import shlex
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphtracker.model.masking import command_text

SECRET = "hunter2"  # noqa: S105  # of these tests


def shown(*arguments: str) -> str:
    return command_text(["train.py", *arguments]).removeprefix("train.py ")


@pytest.mark.parametrize(
    ("argument", "masked"),
    [
        ("--password=hunter2", "--password=***"),
        ("--apiKey=hunter2", "--apiKey=***"),
        ("-Dpassword=hunter2", "-Dpassword=***"),
        ("-Dkey=hunter2", "-Dkey=***"),
        ("WANDB_API_KEY=hunter2", "WANDB_API_KEY=***"),
        ("PGPASSWORD=hunter2", "PGPASSWORD=***"),
        ("db.password=hunter2", "db.password=***"),
        ("+trainer.auth.token=hunter2", "+trainer.auth.token=***"),
        ("~db/login@secret=hunter2", "'~db/login@secret=***'"),
        ("--passphrase=hunter2 and more of it", "--passphrase=***"),
        ("--env=HF_TOKEN=hunter2", "--env=HF_TOKEN=***"),
        ("A=1,HF_TOKEN=hunter2,B=2", "A=1,HF_TOKEN=***,B=2"),
        ("db={host:h,password:hunter2,port:3}", "'db={host:h,password:***,port:3}'"),
        ('{"api_key": "hunter2", "lr": 0.1}', """'{"api_key": ***, "lr": 0.1}'"""),
        ("{'lr': 0.1, 'credentials': ['hunter2', 'b']}", None),
        (r'{"sent": "{\"token\": \"hunter2\", \"lr\": 1}"}', None),
        ("X-Api-Key: hunter2", "'X-Api-Key: ***'"),
        ("Authorization: Bearer hunter2", "'Authorization: ***'"),
        ("--header=Proxy-Authorization: Basic hunter2", "'--header=Proxy-Authorization: ***'"),
        ("http://h/?token=hunter2&a=1", "'http://h/?token=***&a=1'"),
        ("host=h password=hunter2 user=ada", "'host=h password=*** user=ada'"),
        ("neo4j://ada:hunter2@h:7687", "neo4j://ada:***@h:7687"),
        ("neo4j://ada:hunter2@hunter2/@h", "neo4j://ada:***@h"),
        ("export HF_TOKEN=hunter2; python t.py", "'export HF_TOKEN=***; python t.py'"),
        ("python t.py --password hunter2 --lr 1", "'python t.py --password *** --lr 1'"),
        ("""curl -H "Authorization: Bearer hunter2" h""", """'curl -H "Authorization: ***" h'"""),
        ("login(api_key='hunter2', lr=1)", "'login(api_key=***, lr=1)'"),
        ('os.environ["HF_TOKEN"] = "hunter2"; y = 3', """'os.environ["HF_TOKEN"] = ***; y = 3'"""),
        ("lr: 1\npassword: hunter2 hunter2\nseed: 3", None),
        ("tokens=hunter2", "tokens=***"),
    ],
)
def test_the_value_of_a_secret_name_is_masked(argument: str, masked: str | None) -> None:
    text = shown(argument)
    assert SECRET not in text
    assert "***" in text
    assert masked in (None, text)


@pytest.mark.parametrize("option", ["--password", "--api-key", "-token", "--clientSecret", "--credentials"])
def test_the_argument_behind_a_secret_option_is_its_value(option: str) -> None:
    assert shown(option, "a secret", "--lr", "0.1") == f"{option} *** --lr 0.1"


@pytest.mark.parametrize(
    "argument",
    [
        "--tokenizer=bert",
        "--monkey=x",
        "--keyboard=qwerty",
        "--max-tokens=4096",
        "--n_keys=1e6",
        "max_tokens=300_000",
        "{'max_tokens': 4096}",
        "keyring: x",
        "ssh://git@github.com/a.git",
        "s3://bucket/a:b@c",
        "http://h/?page=1&a=2",
    ],
)
def test_what_is_no_secret_stays(argument: str) -> None:
    assert shlex.split(shown(argument)) == [argument]


@pytest.mark.parametrize(
    "arguments",
    [
        ["--tokenizer", "bert"],
        ["--monkey", "x"],
        ["--max-tokens", "4096"],
        ["--use-token", "--lr", "0.1"],
        ["--password"],
        ["***", "a b", "it's", "", "$HOME"],
    ],
)
def test_a_shell_reads_the_arguments_again(arguments: list[str]) -> None:
    assert shlex.split(shown(*arguments)) == arguments


def test_the_command_of_this_process_can_be_said() -> None:
    assert shlex.split(command_text(sys.orig_argv))[0] == sys.orig_argv[0]


def test_bytes_that_are_no_text_are_escaped() -> None:
    assert shown("caf\udce9") == r"'caf\udce9'"


def test_a_long_command_is_cut() -> None:
    text = shown(*["word"] * 5000)
    assert len(text) < 8000
    assert text.endswith("…")


@pytest.mark.parametrize("begun", ["postgres://ada:", "--password=", "http://h/?token="])
def test_a_secret_that_is_longer_than_what_is_shown_is_masked(begun: str) -> None:
    text = shown(begun + SECRET * 10_000)
    assert SECRET not in text
    assert text.strip("'").startswith(begun + "***")


# Whatever the secret: where it may end, its form says (a space ends a variable in the midst of a text).
_words = st.sampled_from(["password", "passwd", "passphrase", "token", "secret", "apikey", "key", "credential"])
_names = st.builds(
    lambda before, word, after, join: join(before, word, after),
    st.sampled_from(["", "my", "DB"]),
    _words,
    st.sampled_from(["", "s", "1"]),
    st.sampled_from([
        lambda before, word, after: "_".join(part for part in (before, word) if part) + after,
        lambda before, word, after: "-".join(part for part in (before, word.upper()) if part),
        lambda before, word, after: before.lower() + word.capitalize() + after,
        lambda before, word, after: ".".join(part for part in (before, word) if part),
    ]),
)  # fmt: skip
_any = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20)
_bare = st.text("abcXYZ019_-+/.~!%^*|<$é", min_size=1, max_size=20)
_forms = st.sampled_from([
    (_any, "--{name}={secret}"),
    (_any, "{name}={secret}"),
    (_any, "+a.{name}={secret}"),
    (_any, "-D{name}={secret}"),
    (_any, "{name}: {secret}"),
    (_any, "--env={name}={secret}"),
    (_bare, "x {name}={secret} --lr 1"),
    (_bare, "run --{name} {secret} --lr 1"),
    (_bare, "http://h/?{name}={secret}&a=1"),
    (_bare, "http://h/?a=1&{name}={secret}"),
    (_bare, '{{"{name}": "{secret}"}}'),
    (_bare, "{{'{name}':'{secret}', 'a': 1}}"),
    (_bare, "f(1, {name}='{secret}')"),
    (_bare, "curl -H '{name}: {secret}' h"),
    (_bare, "{{a: 1, {name}: {secret}}}"),
    (_bare, "x Bearer {secret} y"),
    (_bare, "neo4j://ada:{secret}@h"),
    (_bare, "go neo4j://ada:{secret}@h now"),
])  # fmt: skip


@given(st.data(), _names, _forms)
def test_a_secret_is_in_no_text(data: st.DataObject, name: str, form: tuple[st.SearchStrategy[str], str]) -> None:
    letters, text = form
    assert "§" not in shown(text.format(name=name, secret=f"§{data.draw(letters)}§"))


@given(_names, _any)
def test_a_secret_argument_is_in_no_text(name: str, secret: str) -> None:
    assert shown("--" + name, "§" + secret) == f"--{name} ***"


@given(st.lists(st.text(max_size=30), max_size=8))
def test_any_arguments_have_a_text(arguments: list[str]) -> None:
    text = command_text(arguments)
    assert len(text) <= 8000
    text.encode()


PIECES = ["a", "key", "://a:", "token=", "token:", "token='", "'\"", "\\", ",", " ", 'key:\\"', "--password ", "key=[",
          "a=:", "a: ", "{", "@"]  # fmt: skip


@pytest.mark.parametrize("piece", PIECES)
@pytest.mark.parametrize("after", PIECES)
def test_hostile_arguments_take_linear_time(piece: str, after: str) -> None:
    command_text([piece * 4000 + after * 4000])  # in quadratic time, minutes
