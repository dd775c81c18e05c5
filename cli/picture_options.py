"""The options of pictures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

import typer

from graphtracker.cli.output import tell
from graphtracker.drawing.options import SIZES, PictureOptions, options_of


@dataclass(frozen=True)
class HowDrawn:
    """How any picture looks."""

    size: Annotated[
        str | None,
        typer.Option("--size", metavar="SIZE", help=f"Fit it to {', '.join(SIZES)} or WxH in pixels (1200x800)."),
    ] = None
    vertical: Annotated[
        bool | None,
        typer.Option("--vertical/--horizontal", help="From top to bottom, or left to right; else what fits."),
    ] = None
    bare: Annotated[bool, typer.Option("--bare", help="Without title and legend.")] = False
    dark: Annotated[bool, typer.Option("--dark", help="Light on dark.")] = False

    @property
    def options(self) -> PictureOptions:
        """Raises InvalidInput."""
        return options_of(bare=self.bare, dark=self.dark, vertical=self.vertical, size=self.size)


@dataclass(frozen=True)
class PictureChoices(HowDrawn):
    """What a picture of a lineage shows, and how."""

    everything: Annotated[
        bool, typer.Option("--all", help="Draw all of a large lineage, not the neighbourhood of the start.")
    ] = False
    expand: Annotated[
        bool, typer.Option("--expand", help="Draw each run of a sweep and each artifact, not stacks of them.")
    ] = False
    labels: Annotated[
        str | None,
        typer.Option("--labels", metavar="KEY,…", help="Write these metadata keys into the nodes (nested: optim.lr)."),
    ] = None

    @property
    def options(self) -> PictureOptions:
        """Raises InvalidInput."""
        keys = [] if self.labels is None else [key.strip() for key in self.labels.split(",") if key.strip()]
        return options_of(
            everything=self.everything,
            expand=self.expand,
            labels=keys,
            bare=self.bare,
            dark=self.dark,
            vertical=self.vertical,
            size=self.size,
        )


def teller(options: PictureOptions) -> Callable[[str], None]:
    """What says on stderr what a picture leaves out, or with --all what is too much, each with the way out."""
    way_out = "without --all a part is drawn" if options.everything else "--all draws all"
    return lambda what: tell(f"{what}; {way_out}")
