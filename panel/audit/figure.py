"""A figure of the audit: an estimate with its cases, or the reason why there is none."""

import re
from collections.abc import Mapping
from decimal import Decimal
from math import inf
from typing import Annotated, Final, Literal

from pydantic import Field

from panel.domain.exchange import Count
from panel.domain.value import Value
from panel.domain.wording import counted, small_dollars

_PLURAL: Final = re.compile(r"s\b")
Unit = Literal["share", "points", "number", "correlation", "seconds", "usd"]
BOUNDS: Final[Mapping[Unit, tuple[float, float]]] = {
    "share": (0, 1),
    "points": (0, 10),
    "correlation": (-1, 1),
    "seconds": (0, inf),
    "usd": (0, inf),
}
"""The least and the most that a figure of a unit can be; a unit without bounds has none."""
FEWEST_REVIEWS: Final = 20
"""From so many reviews on a rate or a mean is said."""
FEWEST_TOOLS: Final = 30
"""From so many tools on agreement, effective votes and correlations are said."""
FEWEST_REPEATED: Final = 10
"""From so many texts that were answered more than once on flips are said."""

CONFIDENCE_ENDS: Final = (0.6, 0.7, 0.8, 0.9)
"""Where groups of like confidence end."""


class Estimate(Value):
    """A figure: its value, its 95 % interval where it has one, and how many cases it stands on.

    `of` says what a case is. `runs` names the list of runs in the report that it was computed from.
    """

    kind: Literal["estimate"] = "estimate"
    key: str
    label: str
    unit: Unit
    value: float
    low: float | None = None
    high: float | None = None
    cases: Count
    of: str
    runs: str
    note: str = ""


class Silent(Value):
    """A figure that is not said: `why`, and how many cases there were.

    `fewest` is how many it needs, 0 where more cases would not help.
    """

    kind: Literal["silent"] = "silent"
    key: str
    label: str
    why: str
    cases: Count
    of: str
    runs: str
    fewest: Count = 0


Figure = Annotated[Estimate | Silent, Field(discriminator="kind")]


class FigureSubject(Value):
    """What a figure is about: its key, its words, what a case is, and the list of its runs."""

    key: str
    label: str
    of: str
    runs: str

    def estimate(
        self,
        unit: Unit,
        value: float,
        cases: int,
        interval: tuple[float, float] | None = None,
        note: str = "",
    ) -> Estimate:
        """Return the figure with its value."""
        low, high = interval or (None, None)
        return Estimate(
            **dict(self), unit=unit, value=value, low=low, high=high, cases=cases, note=note
        )

    def silent(self, why: str, cases: int, fewest: int = 0) -> Silent:
        """Return that the figure is not said, and why."""
        return Silent(**dict(self), why=why, cases=cases, fewest=fewest)

    def too_few(self, cases: int, fewest: int) -> Silent:
        """Return that there are fewer cases than the figure needs."""
        return self.silent(
            f"{say_cases(cases, self.of)}; from {fewest} on it is said", cases, fewest
        )


_DIGITS: dict[Unit, str] = {
    "points": "{:.1f}",
    "number": "{:.2f}",
    "correlation": "{:.2f}",
    "seconds": "{:.1f}",
}


def say_value(unit: Unit, value: float) -> str:
    """Return a value as it is shown. Example: `"63%"` for a share of 0.634."""
    if unit == "usd":
        return small_dollars(Decimal(str(value)))
    return f"{value:.0%}" if unit == "share" else _DIGITS[unit].format(value)


def say_interval(figure: Estimate) -> str:
    """Return the interval as it is shown, nothing where there is none. Example: `"48% to 75%"`."""
    if figure.low is None or figure.high is None:
        return ""
    return " to ".join(say_value(figure.unit, end) for end in (figure.low, figure.high))


def say_cases(cases: int, of: str) -> str:
    """Return how many cases there are of what `of` names, its first plural being what is counted.

    `say_cases(1, "reviews")` is "1 review", `say_cases(1, "runs of makers")` "1 run of makers".
    """
    return counted(cases, _PLURAL.sub("", of, count=1), of)


def say_figure(figure: Figure) -> str:
    """Return a figure in words: its value, its interval, its cases; or why it is not said."""
    if not isinstance(figure, Estimate):
        return f"not said: {figure.why}"
    said = say_value(figure.unit, figure.value)
    if interval := say_interval(figure):
        said += f" (likely {interval})"
    note = f"; {figure.note}" if figure.note else ""
    return f"{said}, {say_cases(figure.cases, figure.of)}{note}"
