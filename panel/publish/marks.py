"""Marks: how a reader tells the tools of a page apart, by place, shape and colour."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from panel.domain.criterion import HIGHEST, LOWEST, STEPS

_EDGE = 9.0  # per cent of the width on either side of the axis
_APART = 14  # pixels between two marks of one step, of three tools and more: less
_CLOSER = 11


@dataclass(frozen=True)
class Mark:
    """The letter, the colour class and the outline (around 0, 0) of one place on a page."""

    letter: str
    key: str
    outline: str


MARKS = (
    Mark("A", "a", "M-6 0a6 6 0 1 0 12 0a6 6 0 1 0-12 0Z"),
    Mark("B", "b", "M0-7.3 7.3 0 0 7.3-7.3 0Z"),
    Mark("C", "c", "M-5.4-5.4H5.4V5.4H-5.4Z"),
    Mark("D", "d", "M0-6.8 7 5.4H-7Z"),
    Mark("E", "e", "M-2.3-6.6H2.3V-2.3H6.6V2.3H2.3V6.6H-2.3V2.3H-6.6V-2.3H-2.3Z"),
)
"""Circle, diamond, square, triangle, cross."""


def place(step: int) -> str:
    """Return where a step from 1 to 5 stands on the axis, as per cent of its width."""
    inside = (step - LOWEST) / (HIGHEST - LOWEST)
    return f"{_EDGE + (100 - 2 * _EDGE) * inside:.1f}%"


AXIS = tuple(place(step) for step in STEPS)


@dataclass(frozen=True)
class Point:
    """One tool's step on a criterion; `filled` where its reviewer ships it."""

    mark: Mark
    step: int
    filled: bool


@dataclass(frozen=True)
class PlacedMark:
    """A mark to draw: `x` on the axis, `shift` in pixels beside others on the same step."""

    mark: Mark
    x: str
    shift: float
    filled: bool


@dataclass(frozen=True)
class Dumbbell:
    """The drawing of a criterion: a mark for each tool, and the bar between the outermost two."""

    marks: tuple[PlacedMark, ...]
    bar: tuple[str, str] | None
    small: bool


def dumbbell(points: Sequence[Point]) -> Dumbbell:
    """Return the drawing of `points` on one axis; marks of one step stand side by side."""
    many, seen = Counter(point.step for point in points), Counter[int]()
    small = len(points) > 2  # noqa: PLR2004 - more than a pair has less room
    apart = _CLOSER if small else _APART
    marks = []
    for point in points:
        shift = (seen[point.step] - (many[point.step] - 1) / 2) * apart
        seen[point.step] += 1
        marks.append(PlacedMark(point.mark, place(point.step), shift, point.filled))
    steps = sorted(many)
    bar = (place(steps[0]), place(steps[-1])) if len(steps) > 1 else None
    return Dumbbell(tuple(marks), bar, small)
