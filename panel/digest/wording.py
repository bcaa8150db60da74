"""Sentences of the mail that are the same in HTML, in text and in Markdown."""

from typing import Final

from panel.digest.issue import Due, Verdict
from panel.domain.mailing import Week
from panel.publish.figures import long_date

DISCLOSURE: Final = "AI reviewers read the makers’ own words; nobody here has run the tools."
CLOSING: Final = (
    "No pictures, no tracking: we do not know whether you opened it. The reviews are by AI models, "
    "chosen by rule, and a person approved the mail before it was sent."
)


def told(one: Verdict) -> str:
    """Return the verdict in a word or a few: `Ship, 75%`, `Editor: skip; the panel: split, 50%`."""
    share = f", {one.share}%" if one.share else ""
    if one.panel:
        return f"Editor: {_word(one.told)}; the panel: {_word(one.panel)}{share}"
    return f"{_word(one.told).capitalize()}{share}"


def _word(badge: str) -> str:
    return "no verdict" if badge == "none" else badge


def week_in_words(name: str) -> str:
    """Return a week with its days."""
    week = Week.named(name)
    first, last = long_date(week.monday), long_date(week.sunday)
    if week.monday.month == week.sunday.month:
        first = first.partition(" ")[0]
    return f"week {week.number}, {first} to {last}"


def due_in_words(due: Due) -> str:
    """Return what was predicted, up to the name of the tool."""
    day = long_date(due.by)
    return f"The {due.reviewer} gave it {due.percent}%; its day was {day}. From the review of"
