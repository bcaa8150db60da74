"""Numbers with what is counted, and lists, in English."""

from collections.abc import Sequence

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
