"""Colours as pictures have them, and as a browser tells them."""

from __future__ import annotations


def channels(colour: str) -> list[int]:
    """Red, green and blue, each of 255."""
    digits = {"white": "ffffff"}.get(colour, colour.lstrip("#"))
    return [int(digits[place : place + 2], 16) for place in (0, 2, 4)]


def css(colour: str) -> str:
    """What a browser says of it as a computed style."""
    return f"rgb({', '.join(map(str, channels(colour)))})"
