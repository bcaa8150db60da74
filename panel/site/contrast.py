"""Contrast: the colours of a stylesheet's two schemes against one another, by WCAG 2.2."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

_COLOUR: Final = re.compile(r"--([a-z0-9]{1,12}):(#[0-9a-f]{6})\b")
_DARK: Final = "@media (prefers-color-scheme:dark){:root{"
_LINEAR: Final = 0.04045  # shares up to it are not raised to a power
_TEXT, _MARKS = 4.5, 3.0
_PAIRS: Final = (
    *((ink, "paper", _TEXT) for ink in ("ink", "ink2", "a", "b", "c", "d", "e")),
    ("warn", "warnb", _TEXT),
    ("ink", "mark", _TEXT),
    *(("paper", mark, _MARKS) for mark in ("a", "b", "c", "d", "e")),
)


@dataclass(frozen=True)
class ContrastPair:
    """Two colours of a scheme, their contrast and the least that is asked of them."""

    scheme: str
    ink: str
    paper: str
    ratio: float
    least: float


def list_contrasts(style: str) -> Iterator[ContrastPair]:
    """Yield the contrast of each pair of colours in which the style sets text or marks."""
    light_part, _, dark_part = style.partition(_DARK)
    light = dict(_COLOUR.findall(light_part))
    dark = light | dict(_COLOUR.findall(dark_part.partition("}}")[0]))
    for scheme, colours in (("light", light), ("dark", dark)):
        for ink, paper, least in _PAIRS:
            yield ContrastPair(scheme, ink, paper, _ratio(colours, ink, paper), least)


def _ratio(colours: Mapping[str, str], one: str, other: str) -> float:
    """Return the contrast of two colours, from 1 to 21; 0 where one is not set."""
    if one not in colours or other not in colours:
        return 0.0
    darker, lighter = sorted((luminance(colours[one]), luminance(colours[other])))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    """Return the relative luminance of `#rrggbb`, from 0 to 1 (WCAG 2.2, definition)."""
    shares = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        share / 12.92 if share <= _LINEAR else ((share + 0.055) / 1.055) ** 2.4 for share in shares
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
