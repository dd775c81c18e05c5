"""Texts that break what reads them as anything but data: a list by hand, and a seeded generator of more."""

from __future__ import annotations

import random
import re

from graphtracker import GraphTracker

LONGEST = 4000
"""Bytes of UTF-8 that an id, an artifact name or a metadata key may have."""

HOSTILE: dict[str, str] = {
    # quoting
    "double quote": '"',
    "single quote": "it's",
    "quotes": "\"'`\u00b4\u201c\u201d",
    "odd backslashes": "\\\\\\",
    "backslash quote": 'a\\"b',
    "ends in a backslash": "a\\",
    "windows path": "C:\\new\\table\\run",
    # white space and controls
    "newline": "two\nlines",
    "carriage return": "over\rwritten\r\n",
    "only newlines": "\n\n",
    "tab": "a\tb",
    "surrounding spaces": "  a  ",
    "one space": " ",
    "every C0 control": "".join(map(chr, range(1, 32))),
    "delete and every C1 control": "".join(map(chr, range(0x7F, 0xA0))),
    "line separators": "a\u2028b\u2029c\x85d",
    "ANSI colour": "\x1b[31mred\x1b[0m",
    "ANSI that clears the screen": "\x1b[2J\x1b[H",
    "OSC window title": "\x1b]0;pwned\x07",
    "OSC hyperlink": "\x1b]8;;http://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "C1 colour": "\x9b31mred",
    "backspaces": "rm -rf /\b\b\b\b\b\b\b\bls",
    # Graphviz
    "HTML label": "<b>x</b>",
    "HTML label in angles": "<<b>x</b>>",
    "HTML table": "<<table><tr><td>x</td></tr></table>>",
    "broken HTML label": "<<b>",
    "angles alone": "<>",
    "edge": "a --> b -> c -- d",
    "end of an attribute list": '"];',
    "end of a graph": '"]; } digraph evil { x [label="y',
    "node with a port": "local_cwd://torchx/a:port",
    "compass point": "a:n:s",
    "record label": "{a|<f0> b}|c",
    "escapes of DOT": "\\N \\G \\E \\T \\H \\L \\n \\l \\r",
    "our own escape": "\\u001b",
    "node name": "n0",
    "stub name": "cut0",
    "keyword node": "node",
    "keyword strict digraph": "strict digraph",
    "comment": "/* a */ // b # c",
    # XML and HTML
    "entity lt": "&lt;",
    "entity amp": "&amp;",
    "entity by number": "&#38;",
    "entity by hex number": "&#x26;",
    "entity of nothing": "&nonsense; &",
    "entity of a control": "&#27;[31m",
    "entity twice": "&amp;lt;",
    "cdata": "<![CDATA[x]]>",
    "end of a comment": "<!-- a -->",
    "script": "<script>alert(1)</script>",
    "javascript link": "javascript:alert(1)",
    # markup, formatting, encodings of ours
    "rich markup": "[red]x[/red]",
    "rich closing tag": "[/]",
    "rich emoji": ":smile:",
    "percent": "%s %d %(a)s %",
    "format": "{0} {a} {",
    "dollar": "$HOME $(id) `id`",
    "type tag": "$type",
    "json prefix": "json:x",
    "json": 'json:{"$type": "bytes"}',
    "our property": "graphtracker.clock",
    "escaped property": "metadata.name",
    "run_id": "run_id",
    "self": "self",
    "words of Python": "None",
    # languages that stores speak
    "SQL": "'; DROP TABLE run; --",
    "SQL union": "x' UNION SELECT * FROM sqlite_master --",
    "SQL wildcards": "%_%",
    "glob": "*?[a-z]",
    "Cypher": "' DETACH DELETE n //",
    "Cypher map": "a}) MATCH (n) DETACH DELETE n RETURN ({b: '",
    "Cypher quoted name": "a` = 1 SET n.`b",
    "Cypher parameter": "$run_id",
    # the command line
    "option": "--store",
    "long option with a value": "--depth=1",
    "short option": "-o",
    "dash": "-",
    "two dashes": "--",
    "response file": "@file",
    "equals": "a=b=c",
    "slashes": "///",
    "ends in a slash": "a/",
    "query": "s3://bucket/a?version=1#part",
    # Unicode
    "right to left": "שלום עליכם",
    "arabic": "السلام عليكم",
    "bidi override": "a\u202egpj.exe",
    "bidi controls": "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069",
    "emoji": "\U0001f600",
    "emoji in a ZWJ sequence": "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466",
    "emoji flag": "\U0001f1e9\U0001f1ea",
    "emoji with a skin tone": "\U0001f44d\U0001f3fd",
    "normalised": "caf\u00e9",
    "unnormalised": "cafe\u0301",
    "combining alone": "\u0301",
    "stacked combining": "Z" + "\u0300\u0327\u0489" * 20,
    "zero width": "a\u200bb\u2060c",
    "byte order mark": "\ufeffa",
    "last of the plane": "\uffff",
    "not a character": "\ufffe\ufdd0\U0001ffff",
    "highest": "\U0010ffff",
    "private": "\ue000",
    "replacement": "\ufffd",
    "interlinear": "a\ufff9b\ufffac\ufffb",
    "tags": "\U000e0041\U000e007f",
    "wide": "漢字かな",
    "no-break space": "\u00a0\u3000",
    "soft hyphen": "a\u00adb",
    # size
    "4,000 bytes": "x" * LONGEST,
    "4,000 bytes of two": "é" * (LONGEST // 2),
    "4,000 bytes of four": "\U0001f600" * (LONGEST // 4),
    "4,000 bytes of quotes": '\\"' * (LONGEST // 2),
    "4,000 bytes of controls": "\x1b" * LONGEST,
}

REFUSED: dict[str, str] = {
    "empty": "",
    "NUL": "\0",
    "NUL inside": "a\0b",
    "lone surrogate": "a\ud800",
    "low surrogate": "\udcff",
    "surrogates in the wrong order": "\udc00\ud800",
    "4,001 bytes": "x" * (LONGEST + 1),
    "4,002 bytes of two": "é" * (LONGEST // 2 + 1),
    "very long": "x" * 1_000_000,
}
"""What is no id, no artifact name and no metadata key."""

# C0 but newline, C1, and what reorders or breaks a line: a terminal obeys these. Written from Unicode's tables
# (Bidi_Control, Zl, Zp), not from the product's.
_OBEYED = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def obeyed(text: str) -> list[str]:
    """The characters in it that a terminal would obey, as code points; newlines are fine."""
    return sorted({f"U+{ord(character):04X}" for character in _OBEYED.findall(text)})


def record(tracker: GraphTracker, text: str) -> None:
    """The text in every place that takes one: run id, artifact name, path, metadata key and value, source."""
    with tracker.batch() as batch:
        batch.add_artifact(text, text, text, {text: text})
        batch.add_metadata(text, **{text: [text, {text: text}]})
        batch.add_metadata(text, key=text)
        batch.add_source("consumer", text, text)
        batch.add_source(text, "producer", text)


def metadata_of(text: str) -> dict[str, object]:
    """The metadata of the run that ``record`` records."""
    return {text: [text, {text: text}], "key": text}


def random_texts(seed: int, count: int) -> list[str]:
    """Different hostile texts, the same for the same seed; each may be an id."""
    source = random.Random(seed)
    texts: dict[str, None] = {}
    while len(texts) < count:
        text = "".join(_piece(source) for _ in range(source.randint(1, 8)))
        if len(text.encode()) <= LONGEST:
            texts[text] = None
    return list(texts)


_SHORT = [text for text in HOSTILE.values() if len(text) < 50]
_RANGES = [(0x01, 0x7F), (0x01, 0x100), (0x2000, 0x2070), (0x01, 0xD800), (0xE000, 0x10000), (0x10000, 0x110000)]


def _piece(source: random.Random) -> str:
    if source.random() < 0.4:
        text = source.choice(_SHORT)
        begin = source.randrange(len(text))
        return text[begin : source.randint(begin + 1, len(text))]
    return "".join(chr(source.randrange(*source.choice(_RANGES))) for _ in range(source.randint(1, 4)))
