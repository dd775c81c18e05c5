"""An SVG picture that is light or dark as its reader's screen is."""

from __future__ import annotations

import re
from functools import cache

from graphtracker.drawing import style

_CLASS = b"graphtracker"
_ROOT = re.compile(rb"<svg ([^>]*)>")


def follows_scheme(svg: bytes) -> bytes:
    """The picture that Graphviz drew light, with a style that changes its colours where the reader's scheme is dark.

    It says nothing of anything else on a page that holds the picture.
    """
    return _ROOT.sub(rb'<svg class="%b" \1><style>%b</style>' % (_CLASS, scheme_css().encode()), svg, count=1)


@cache
def scheme_css() -> str:
    """The style sheet: the colours that Graphviz wrote into attributes, over which any style wins."""
    root = f"svg.{_CLASS.decode()}"
    rules = [
        f'{root} [{attribute}="{light}"]{{{attribute}:{dark}}}'
        for light, dark in style.DARK.items()
        for attribute in ("fill", "stroke")
    ]
    return f"@media (prefers-color-scheme: dark){{{''.join(rules)}}}"
