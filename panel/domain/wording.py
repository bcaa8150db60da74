"""Numbers with what is counted, sums of dollars, and lists, in English."""

from collections.abc import Sequence
from decimal import Decimal

_PLACES = 4
_SPELT = "no one two three four five six seven eight nine ten eleven twelve".split()


def plural(number: int, one: str, many: str | None = None) -> str:
    """Return the noun that stands after `number`: `plural(2, "retry", "retries")` is "retries".

    `many` is needed where the plural is more than an s.
    """
    return one if number == 1 else many or f"{one}s"


def counted(number: int, one: str, many: str | None = None) -> str:
    """Return a number with what is counted: `counted(1200, "tool")` is "1,200 tools"."""
    return f"{number:,} {plural(number, one, many)}"


def listed(names: Sequence[str]) -> str:
    """Return names as a sentence has them: `listed(["a", "b", "c"])` is "a, b and c"."""
    return " and ".join((", ".join(names[:-1]), names[-1])) if len(names) > 1 else "".join(names)


def in_one_line(*said: str | None) -> str:
    """Return notes as one line, joined by semicolons: a full stop stays after the last one only.

    `in_one_line("It is an advert.", None, "seen before")` is "It is an advert; seen before".
    """
    notes = [note for note in said if note]
    return "; ".join([*(note.removesuffix(".") for note in notes[:-1]), *notes[-1:]])


def spelled(number: int) -> str:
    """Return a small number as a word, a large one in figures: `spelled(3)` is "three"."""
    return _SPELT[number] if number < len(_SPELT) else str(number)


def dollars(amount: Decimal) -> str:
    """Return `amount` for a message: in cents, or as `small_dollars` where cents would hide it."""
    exact_in_cents = amount >= 1 or amount == amount.quantize(Decimal("0.01"))
    return f"${amount:.2f}" if exact_in_cents else small_dollars(amount)


def small_dollars(amount: Decimal) -> str:
    """Return `amount` with four places, or as many as its first digit takes: `$0.0123`, `$0.00004`."""
    if not amount:
        return "$0.00"
    return f"${amount:.{max(_PLACES, -amount.adjusted())}f}"
