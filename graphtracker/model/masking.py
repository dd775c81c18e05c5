"""The command line as text, with the secrets in it masked."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence

MASK = "***"
_LONGEST = 8000  # characters of the text
_LONGEST_ARGUMENT = 4 * _LONGEST  # characters of one argument that are looked at

# Words are split where letters end, and in camelCase. Some join theirs in lower case: PGPASSWORD, authtoken, secretkey.
_LETTERS = re.compile(r"[A-Za-z]+")
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_SECRET = re.compile(
    r"[a-z]*(?:password|passwd|passphrase|token|secret|apikey|credential)|(?:access|auth|private|secret)?key"
)
_OF_HEADERS = re.compile(r"(?i)[^a-z]*(?:(?:proxy-)?authorization|bearer)[^a-z]*")
_COUNTED = re.compile(r"(?i)tokens|keys")
_COUNT = re.compile(r"[-+]?[0-9][0-9_]*(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?")

# No pattern can give what one repetition took to another: the time is linear for any text.
_OPTION = re.compile(r"-{1,2}[^\s=:\"']+")
_ASSIGNED = re.compile(r"[^\s\"'{}()\[\]=?&,;:]*=")
_HEADER = re.compile(r"[\w.\-]+:(?!//)\s*")
_NAME = re.compile(r"[\w.\-]+")
_SEPARATOR = re.compile(r"[\\\"'\]]*\s*(?::(?!//)|=)[=>]?\s*")
_GAP = re.compile(r"[\\\"']*\s+(?![\s\-])")
_SCHEME = re.compile(r"(?i)(?:bearer|basic|digest|negotiate|token)\s+")
_QUOTE = re.compile(r"[bfruBFRU]{0,2}(\\*(?:\"{3}|'{3}|[\"']))")
_CLOSED = {mark: re.compile(rf"(?:[^{mark}\\]|\\.)*{mark}", re.DOTALL) for mark in "\"'"}
_NEXT = r"[,;)}\]](?=[,;)}\]\"'&]|\s*(?:$|[\\\"']*[\w.\-]+[\\\"']*\s*[:=]))"
_END = re.compile(r"[\s&\"']|\\[\"']|[,;)}\]](?=\s)|" + _NEXT)
_END_OF_LINE = re.compile(r"[\n\"']|\\[\"']|" + _NEXT)
_BARE = re.compile(r"\S+")
_USER = re.compile(r"[^\s/?#@:]*:")


def command_text(arguments: Sequence[str]) -> str:
    """The arguments as a shell reads them again, at most 8,000 characters, with ``***`` for each secret.

    Secret is the value of an option, a variable, a header or a key whose name has a word password, passwd, passphrase,
    token, secret, apikey, key or credential, and the password of a URL. A number of tokens or keys is none.

    >>> command_text(["train.py", "--api-key", "X", "--max-tokens", "4096", "db=neo4j://ada:X@db"])
    'train.py --api-key *** --max-tokens 4096 db=neo4j://ada:***@db'
    """
    parts: list[str] = []
    length, name = 0, ""
    for argument in arguments:
        text = argument[:_LONGEST_ARGUMENT].encode("utf-8", "backslashreplace").decode()
        if len(argument) > _LONGEST_ARGUMENT:
            text += "@"  # never shown: with it, a URL that is cut within its password has one
        is_value = bool(name) and not text.startswith("-") and not _is_count(name, text)
        parts.append(MASK if is_value else _quoted(text, _secrets(text)))
        name = text if _OPTION.fullmatch(text) and _is_secret(text) else ""
        length += len(parts[-1]) + 1
        if length > _LONGEST:
            break
    command = " ".join(parts)
    return command if len(command) <= _LONGEST else command[: _LONGEST - 1] + "…"


def _quoted(text: str, secrets: Sequence[tuple[int, int]]) -> str:
    """The text for a shell, with the mask in the place of each secret; a mask alone needs no quotes."""
    shown: list[str] = []
    place = 0
    for start, end in secrets:
        shown.append(text[place:start])
        place = end
    shown.append(text[place:])
    rest = "".join(shown)
    bare = bool(secrets) and (not rest or shlex.quote(rest) == rest)
    return MASK.join(shown) if bare else shlex.quote(MASK.join(shown))


def _is_secret(name: str) -> bool:
    """Whether a name says that its value is secret; that of ``-Dkey`` may be ``key``."""
    names = [name, name[2:]] if name[:1] == "-" and name[1:2] != "-" else [name]
    words = (word.lower().rstrip("s") for each in names for word in _LETTERS.findall(each) + _WORDS.findall(each))
    return any(map(_SECRET.fullmatch, words)) or _OF_HEADERS.fullmatch(name) is not None


def _is_count(name: str, value: str) -> bool:
    """Whether the value is how many tokens or keys there are."""
    return _COUNTED.search(name) is not None and _COUNT.fullmatch(value) is not None


def _secrets(text: str) -> list[tuple[int, int]]:
    """Where in an argument secrets stand, in order and apart."""
    found: list[tuple[int, int]] = []
    for start, end in sorted([*_named(text), *_passwords(text)]):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return found


def _named(text: str) -> Iterator[tuple[int, int]]:
    """The values of secret names: to its end where the argument begins with the name, else as far as a value goes."""
    place = 0
    while begun := _ASSIGNED.match(text, place) or _HEADER.match(text, place):
        place = begun.end()
        if _is_secret(begun[0]) and not _is_count(begun[0], text[place:]):
            yield place, len(text)
            return
    while name := _NAME.search(text, place):
        place = name.end()
        separator = _separator(text, name) if _is_secret(name[0]) else None
        if separator is not None:
            start, place = separator.end(), _value_end(text, separator)
            if not _is_count(name[0], text[start:place].strip("\"'")):
                yield start, place


def _separator(text: str, name: re.Match[str]) -> re.Match[str] | None:
    """What stands between a name in the midst of a text and its value, if one follows."""
    separator = _SEPARATOR.match(text, name.end())
    if separator is None and (name[0].startswith("-") or name[0].lower() == "bearer"):
        return _GAP.match(text, name.end())
    return separator


def _value_end(text: str, separator: re.Match[str]) -> int:
    """Where the value behind the separator ends: quoted parts as a whole; what brackets begin goes to the end."""
    place = separator.end()
    if text[place : place + 1] in ("[", "{", "("):
        return len(text)
    is_line = ":" in separator[0]  # as in YAML and headers, where a value may have spaces
    if scheme := _SCHEME.match(text, place):
        place = scheme.end()
    while quote := _QUOTE.match(text, place):
        place, is_line = _closed(text, quote), False
    end = (_END_OF_LINE if is_line else _END).search(text, place)
    return end.start() if end else len(text)


def _closed(text: str, quote: re.Match[str]) -> int:
    """Where a text in quotes ends, which an escaped quote does not end; at the end of all where nothing closes it."""
    mark = quote[1]
    if mark in _CLOSED:
        closed = _CLOSED[mark].match(text, quote.end())
        return closed.end() if closed else len(text)
    end = text.find(mark, quote.end())
    return len(text) if end < 0 else end + len(mark)


def _passwords(text: str) -> Iterator[tuple[int, int]]:
    """The passwords in URLs, which may hold any character that is no space: they end at the last ``@``."""
    for bare in _BARE.finditer(text):
        at = text.rfind("@", *bare.span())
        place = text.find("://", *bare.span())
        while -1 < place < at:
            user = _USER.match(text, place + 3)
            if user and user.end() <= at:
                yield user.end(), at
                break
            place = text.find("://", place + 3, at)
