"""Places: the canonical form of a path, by which paths are compared.

A path as written, and its place where the working folder is ``/jobs``:

===================================  ============================  ==================================================
path                                 place                         because
===================================  ============================  ==================================================
``model.pt``, ``./a/..//model.pt``   ``/jobs/model.pt``            relative to the working folder of who names it
``~/m.pt``                           ``/jobs/~/m.pt``              a ``~`` is the shell's
``//srv/a/./b/``                     ``/srv/a/b``                  dots and slashes, by the text: no link is followed
``file:///a%20b``, ``file:/a%20b``   ``/a b``                      and so ``file://localhost/a%20b``
``file:///a?b#c``                    ``/a?b#c``                    a file's name has no query
``file:a%20b``                       ``/jobs/a b``                 relative, too
``file://NAS/a%20b/``                ``file://nas/a%20b``          another machine's stays a URL
``S3A://Bucket/a//../b/``            ``s3://bucket/a//../b``       in an object store ``//`` and ``..`` are names
``s3:/bucket/b``                     ``s3://bucket/b``             what pathlib makes of that URL
``gcs://bucket/b``                   ``gs://bucket/b``             one store by two names
``HTTP://Ada@Host:80/a/../b/?q#f``   ``http://Ada@host:80/b?q#f``  user, port, query, fragment and ``%20`` stay
``hf://Qwen/Qwen3/``                 ``hf://Qwen/Qwen3``           the Hub's first part is a name and no host
``dbfs:/a//b``                       ``dbfs:/a/b``                 a URL without a host
``hdfs:///a//b``                     ``hdfs:///a/b``               its two slashes stay
``data:,x``, ``arn:aws:s3:::b/k``    as written                    names in whole, by the table ``_NAMES`` below
``model:v1``                         ``/jobs/model:v1``            any other colon is part of a file's name
``C:\\x``, ``C:/x``, ``\\\\srv\\x``  as written                    from the root of a system that is not this one
``-``, and no text at all            as written                    no file; ``./-`` is one
===================================  ============================  ==================================================
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from urllib.parse import unquote

_OBJECT_STORES = frozenset({
    "abfs", "abfss", "adl", "az", "b2", "bos", "cos", "cosn", "gs", "ks3", "minio", "obs", "oci", "oss", "r2", "s3",
    "swift", "tos", "wasb", "wasbs",
})  # fmt: skip
_KEPT_AS = {"gcs": "gs", "s3a": "s3", "s3n": "s3"}
_NAMES = frozenset({"ark", "arn", "azureml", "data", "doi", "magnet", "pkg", "swh", "urn"})  # with anything behind
_NO_HOST = frozenset({"hf"})

# Most paths: in ASCII, from the root without detours, or in an object store.
_PLAIN = re.compile(
    rf"(?:/(?!\.\.?(?:/|\Z))[\0-.0-\x7f]+)+|(?:{'|'.join(sorted(_OBJECT_STORES))})://[a-z0-9.-]+/[\0-\x7f]*[\0-.0-\x7f]"
).fullmatch
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+._-]+):")  # one letter is a drive
_AFTER_HOST, _AFTER_PATH = re.compile(r"[/?#]"), re.compile(r"[?#]")
_NOT_HERE = re.compile(r"-\Z|[A-Za-z]:[\\/]|\\\\")


def place_of(path: str, folder: Callable[[], str]) -> str:
    """The place of a path as written, which is its own place; any text has one, and it can be stored.

    ``folder`` is called for a relative path only: it returns the working folder, or raises OSError where that is gone;
    the place is then the path itself, without its detours. Bytes of a folder's name or of a ``file:`` URL that are no
    UTF-8 are written with a backslash.

    >>> place_of("models/../latest.pt", lambda: "/jobs"), place_of("S3A://Bucket/latest.pt", lambda: "/jobs")
    ('/jobs/latest.pt', 's3://bucket/latest.pt')
    """
    return path if _PLAIN(path) else _composed(_place(_composed(path), folder))


def _composed(text: str) -> str:
    """The text in Unicode's NFC, lone surrogates written with a backslash."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", text).encode(errors="backslashreplace").decode()


def _place(text: str, folder: Callable[[], str]) -> str:
    if not text or _NOT_HERE.match(text):
        return text
    if not (found := _SCHEME.match(text)):
        return _local(text, folder)
    scheme, rest = found[1].lower(), text[found.end() :]
    if scheme in _NAMES:
        return f"{scheme}:{rest}"
    if scheme == "file" and (path := _path_of_file(rest)) is not None:
        return _local(unquote(path, errors="surrogateescape"), folder)
    if not rest.startswith("/"):
        return _local(text, folder)
    scheme = _KEPT_AS.get(scheme, scheme)
    return _object(scheme, rest) if scheme in _OBJECT_STORES else _url(scheme, rest)


def _local(path: str, folder: Callable[[], str]) -> str:
    if path.startswith("/"):
        return _resolved(path)
    try:
        return _resolved(f"{folder()}/{path}")
    except OSError:
        resolved = _resolved(path) or "."
        is_other = _NOT_HERE.match(resolved) or _SCHEME.match(resolved)
        return f"./{resolved}" if is_other else resolved


def _resolved(path: str) -> str:
    """Without empty parts and dots, by the text alone (``os.path.normpath`` cuts at a NUL, and keeps two slashes)."""
    rooted = path.startswith("/")
    kept: list[str] = []
    for part in path.split("/"):
        if part != "..":
            if part not in ("", "."):
                kept.append(part)
        elif kept and kept[-1] != "..":
            kept.pop()
        elif not rooted:
            kept.append(part)
    return "/" * rooted + "/".join(kept)


def _path_of_file(rest: str) -> str | None:
    """The path in a ``file:`` URL, from what follows the colon; None where it is another machine's."""
    if not rest.startswith("//"):
        return rest
    host, _, path = rest[2:].partition("/")
    return f"/{path}" if host.lower() in ("", "localhost") else None


def _object(scheme: str, rest: str) -> str:
    bucket, key = _cut(rest.removeprefix("/").removeprefix("/"), _AFTER_HOST)
    return f"{scheme}://{(_host(bucket) + key).rstrip('/')}"


def _url(scheme: str, rest: str) -> str:
    path, query = _cut(rest, _AFTER_PATH)
    if not path.startswith("//"):
        return f"{scheme}:{_resolved(path)}{query}"
    authority, path = _cut(path[2:], _AFTER_HOST)
    host = authority if scheme in _NO_HOST else _host(authority)
    return f"{scheme}://{host}{_resolved(path).rstrip('/')}{query}"


def _cut(text: str, before: re.Pattern[str]) -> tuple[str, str]:
    found = before.search(text)
    end = found.start() if found else len(text)
    return text[:end], text[end:]


def _host(authority: str) -> str:
    user, at, host = authority.rpartition("@")
    return user + at + host.lower()
