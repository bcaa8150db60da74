"""Marks: how a reader tells the tools of a page apart, by place, shape and colour."""

from collections.abc import Sequence
from dataclasses import dataclass

_LOW, _HIGH = 2.0, 10.0  # the lowest and highest score, twice 1 and twice 5
_EDGE = 1.5  # per cent of the width that a mark at either end needs
_CLOSE = 0.35  # points under which two marks would hide each other
AXIS = (2, 4, 6, 8, 10)


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


def place(points: float) -> str:
    """Return where a score stands on the axis, as per cent of its width."""
    inside = min(max(points, _LOW), _HIGH)
    return f"{_EDGE + (100 - 2 * _EDGE) * (inside - _LOW) / (_HIGH - _LOW):.2f}%"


@dataclass(frozen=True)
class Tick:
    """One reviewer's score: `x` on the axis, `shift` in pixels beside others on the same score."""

    x: str
    shift: int


def ticks(scores: Sequence[int]) -> tuple[Tick, ...]:
    """Return a tick for each score from 1 to 5, those of one step side by side."""
    found = []
    for step in sorted(set(scores)):
        many = scores.count(step)
        found += [Tick(place(step * 2), 4 * n - 2 * (many - 1)) for n in range(many)]
    return tuple(found)


@dataclass(frozen=True)
class Lane:
    """What one tool has in a row of a chart: its mark, its ticks and their heights in pixels."""

    mark: Mark
    x: str | None
    y: int
    filled: bool
    ticks: tuple[Tick, ...] = ()
    ticks_y: int = 0


@dataclass(frozen=True)
class Strip:
    """The drawing of one row: its height, its lanes and, between two marks, a bar."""

    height: int
    lanes: tuple[Lane, ...]
    bar: tuple[str, str, int, int] | None


@dataclass(frozen=True)
class Point:
    """What is to be drawn for one tool: the score, if there is one, and the reviewers' steps."""

    mark: Mark
    score: float | None
    filled: bool = True
    steps: tuple[int, ...] = ()


def strip(points: Sequence[Point]) -> Strip:
    """Return the drawing of a row: two tools share a line, any other number has one each."""
    with_ticks = any(point.steps for point in points)
    if len(points) != 2:  # noqa: PLR2004 - a pair is drawn as a dumbbell
        return _stacked(points)
    middle = 26 if with_ticks else 20
    apart = 6 if _hide_each_other(points) else 0
    heights = (middle - apart, middle + apart)
    tick_heights = (middle - 15, middle + 15)
    lanes = tuple(
        Lane(p.mark, _at(p.score), y, p.filled, ticks(p.steps), at)
        for p, y, at in zip(points, heights, tick_heights, strict=True)
    )
    ends = [lane.x for lane in lanes]
    bar = (ends[0], ends[1], *heights) if ends[0] and ends[1] else None
    return Strip(2 * middle, lanes, bar)


def small_strip(points: Sequence[Point]) -> Strip:
    """Return the drawing of a row in small: the marks alone, one below the other."""
    gap = 6
    first = 8 - gap * (len(points) - 1) // 2 if len(points) > 1 else 8
    lanes = tuple(
        Lane(p.mark, _at(p.score), first + gap * n, p.filled) for n, p in enumerate(points)
    )
    return Strip(16, lanes, None)


def _stacked(points: Sequence[Point]) -> Strip:
    """Return one lane a tool; ticks on a lane of several are left out where they would be hidden."""
    if len(points) == 1 and points[0].steps:
        (p,) = points
        return Strip(42, (Lane(p.mark, _at(p.score), 27, p.filled, ticks(p.steps), 11),), None)
    lanes = tuple(
        Lane(p.mark, _at(p.score), y, p.filled, ticks(p.steps) if len(set(p.steps)) > 1 else (), y)
        for y, p in zip(range(18, 18 + 20 * len(points), 20), points, strict=True)
    )
    return Strip(16 + 20 * len(points), lanes, None)


def _at(score: float | None) -> str | None:
    return None if score is None else place(score)


def _hide_each_other(points: Sequence[Point]) -> bool:
    first, second = (point.score for point in points)
    return first is not None and second is not None and abs(first - second) < _CLOSE
