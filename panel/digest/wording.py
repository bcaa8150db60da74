"""Sentences of the mail that are the same in HTML, in text and in Markdown."""

from typing import Final

from panel.digest.issue import IssuePrediction, IssueVerdict
from panel.domain.calibration import COIN, brier_score
from panel.domain.mailing import Week
from panel.publish.figures import long_date

DISCLOSURE: Final = "AI reviewers read the makers’ own words; nobody here has run the tools."
CLOSING: Final = (
    "No pictures, no tracking: we do not know whether you opened it. The reviews are by AI models, "
    "chosen by rule, and a person approved the mail before it was sent."
)


def told(one: IssueVerdict) -> str:
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


def due_in_words(due: IssuePrediction) -> str:
    """Return what came of a prediction and how sure its reviewer was, up to the name of the tool."""
    day = long_date(due.by)
    if due.came_true is None:
        said = f"The {due.reviewer} gave it {due.percent}%; its day was {day}."
        return f"{said} Nobody has looked it up yet. From the review of"
    came = "It came true." if due.came_true else "It did not come true."
    penalty = brier_score([(due.percent / 100, due.came_true)])
    return (
        f"{came} {due.note or ''} The {due.reviewer} gave it {due.percent}% by {day}: a penalty of "
        f"{penalty:.2f}, where a coin toss has {COIN}. From the review of"
    )
