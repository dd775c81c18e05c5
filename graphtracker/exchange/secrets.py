"""Texts of other systems that become ids or paths, without the passwords that stand in them."""

from __future__ import annotations

import re

from graphtracker.model.masking import MASK

# A host ends at the first slash: what has an @ behind it, as in hdfs://node:8020/ada@lab, has no password.
_PASSWORD = re.compile(r"(://[^\s/?#@:\[]*:)[^/?#]*@")
# But people write passwords with slashes, too: no port begins so.
_WITH_SLASHES = re.compile(r"(://[^\s/?#@:\[]*:)(?!\d*(?:[/?#]|\Z)|[^/?#]*@)\S*@")
_OPTION = re.compile(
    r"([?&;](?:[\w.-]*(?:passwd|password|secret|token|credential|signature)|sig)=)(?!\*\*\*)[^&;#\s]*", re.IGNORECASE
)


def masked(text: str) -> str:
    """The text, with ``***`` for the password of each URL in it and for the values of options that are secrets.

    All else stays as it is: what differs elsewhere is another thing.

    >>> masked("s3://ada:secret@host/model@2"), masked("hdfs://node:8020/ada@lab")
    ('s3://ada:***@host/model@2', 'hdfs://node:8020/ada@lab')
    >>> masked("https://host/rows?sig=secret&part=1")
    'https://host/rows?sig=***&part=1'
    """
    if "://" not in text:
        return text
    if "@" in text:
        text = _PASSWORD.sub(rf"\1{MASK}@", text)
        slashed = _WITH_SLASHES.match(text, text.index("://"))  # of the first host alone: it may look through all of it
        if slashed:
            text = f"{text[: slashed.end(1)]}{MASK}@{text[slashed.end() :]}"
    return _OPTION.sub(rf"\1{MASK}", text) if "=" in text else text
