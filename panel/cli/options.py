"""Options that several commands share."""

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, TypeVar

import click

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_MOST_USD = 1_000_000_000
_MOST_YEARS = 100
_MOST_S = _MOST_YEARS * 365 * 86_400
_MOST_DIGITS = 10  # Python refuses to read some thousands of them
_SHOWN = 40
F = TypeVar("F", bound=Callable[..., Any])


class Dollars(click.ParamType[Decimal]):
    """An amount in US dollars, exact."""

    name = "usd"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Decimal:
        """Return the amount; anything else than a number from 0 to a billion is a usage error."""
        text = str(value)
        try:
            amount = Decimal(text.removeprefix("$"))
        except InvalidOperation:
            self.fail(f"{text[:_SHOWN]!r} is not an amount", param, ctx)
        if not amount.is_finite() or not 0 <= amount <= _MOST_USD:
            self.fail(f"{text[:_SHOWN]!r} is not an amount from 0 to a billion", param, ctx)
        return amount


class Duration(click.ParamType[float]):
    """A length of time in seconds, given with its unit: `90m`, `2h`, `45s`, `30d`."""

    name = "time"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return the seconds, up to 100 years of them; anything else is a usage error."""
        if isinstance(value, float):
            return value
        text = str(value).strip().casefold()
        number, unit = text[:-1], _SECONDS.get(text[-1:], 0)
        is_number = number.isascii() and number.isdigit() and len(number) <= _MOST_DIGITS
        seconds = int(number) * unit if is_number else 0
        if not 0 < seconds <= _MOST_S:
            what = f"no length of time up to {_MOST_YEARS} years"
            self.fail(f"{text[:_SHOWN]!r} is {what}; write 90m, 2h or 45s", param, ctx)
        return float(seconds)


def root_option(command: F) -> F:
    """Add --root to a command."""
    return click.option(
        "--root",
        type=click.Path(path_type=Path, file_okay=False),
        help="The workspace; else the nearest shipskip.toml upward, else the built-in one.",
    )(command)


def json_option(command: F) -> F:
    """Add --json to a command."""
    return click.option(
        "--json", "as_json", is_flag=True, help="One JSON document on standard output."
    )(command)


def model_option(command: F) -> F:
    """Add --model to a command."""
    return click.option(
        "--model",
        "models",
        multiple=True,
        metavar="REF",
        help="Who answers: SERVICE:MODEL (like openai:MODEL), local:PATH.gguf, manual or checklist. "
        "Given twice, the personas take turns.",
    )(command)


def answered_by_option(command: F) -> F:
    """Add --answered-by to a command."""
    return click.option(
        "--answered-by",
        metavar="NAME",
        help="Who wrote the answers that are given by hand; the recording says so.",
    )(command)


def out_option(command: F) -> F:
    """Add --out and --open to a command."""
    opened = click.option("--open", "open_page", is_flag=True, help="Open the page in a browser.")
    return pages_option(opened(command))


def pages_option(command: F) -> F:
    """Add --out to a command."""
    return click.option(
        "--out",
        type=click.Path(path_type=Path, file_okay=False),
        help="Where pages go (default: site/ in the workspace).",
    )(command)


def events_option(command: F) -> F:
    """Add --jsonl with a file to a command."""
    return click.option(
        "--jsonl",
        type=click.Path(dir_okay=False, allow_dash=True),
        metavar="FILE",
        help="Each event as a JSON line, added to FILE, or - for standard output.",
    )(command)


def split_keys(text: str | None) -> tuple[str, ...]:
    """Return the keys of a comma-separated option."""
    return tuple(key.strip() for key in (text or "").split(",") if key.strip())
