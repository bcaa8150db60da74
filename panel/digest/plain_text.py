"""A letter as plain text of 72 columns, complete without the HTML."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from panel.digest.issue import IssueLead, IssueVerdict
from panel.digest.wording import CLOSING, DISCLOSURE, due_in_words, told, week_in_words
from panel.publish.cells import cut, pad, plain, wrap
from panel.publish.figures import long_date

if TYPE_CHECKING:
    from panel.digest.letter import Letter  # which is written with this

WIDTH: Final = 72
_NAME_CELLS, _VOTE_CELLS = 22, 12


def text_lines(letter: "Letter") -> Iterator[str]:
    """Yield the lines, without the part about the reader, which goes after them."""
    issue = letter.issue
    yield from wrapped(f"{issue.title.upper()}   {week_in_words(issue.week)}")
    yield ""
    yield from wrapped(f"{issue.headline}.")
    yield ""
    yield from wrapped(f"{DISCLOSURE} {letter.approval}")
    yield issue.url
    if issue.lead:
        yield from _lead_lines(letter, issue.lead)
    if letter.verdicts:
        yield from ("", "", letter.heading.upper())
        for one in letter.verdicts:
            yield from _verdict_lines(one)
    if issue.changed:
        yield from ("", "", "JUST CHANGED")
    for change in issue.changed:
        yield ""
        yield from wrapped(f"{change.title}: {change.name}. {change.reason} {change.stands}")
        yield change.url
    if issue.due:
        yield from ("", "", "A PREDICTION CAME DUE", "")
        yield from wrapped(f"“{issue.due.claim}”")
        yield from wrapped(f"{due_in_words(issue.due)} {issue.due.tool}.")
        yield issue.due.url
        if issue.due.source:
            yield f"Where to see it: {issue.due.source}"
    yield from ("", "", "-- ")
    yield from wrapped(CLOSING)
    yield from wrapped(f"What is machine-made: {issue.url}about-ai/")
    yield from wrapped(f"Corrections: {issue.url}corrections/")
    if letter.postal:
        yield from wrapped(f"{issue.title}, {letter.postal}")


def wrapped(text: str) -> list[str]:
    """Return `text` in lines of 72 columns; a word that is longer (an address) stays whole."""
    return wrap(text, "", "", WIDTH)


def _lead_lines(letter: "Letter", lead: IssueLead) -> Iterator[str]:
    yield from ("", "", (lead.tag or "This week").upper(), "")
    yield from wrapped(" vs ".join(lead.names))
    yield ""
    if lead.names[1:]:
        yield _row("", _columns(lead.names))
    yield _row("panel ship", [f"{share}%" if share else "-" for share in lead.shares])
    for one in lead.crossings:
        yield _row(one.name, [vote or "no review" for vote in one.votes])
    yield ""
    for advice in lead.advice:
        yield from wrapped(f"{advice.opening} {advice.words}")
    yield lead.url
    for more in letter.issue.more:
        yield ""
        yield from wrapped(f"Also: {more.title}")
        yield more.url


def _columns(names: Sequence[str]) -> list[str]:
    """Return the names as heads of columns; numbers where two would look the same."""
    short = [cut(name, _VOTE_CELLS - 1) for name in names]
    if len(set(short)) == len(short):
        return short
    return [f"tool {number}" for number, _ in enumerate(names, 1)]


def _verdict_lines(one: IssueVerdict) -> Iterator[str]:
    yield ""
    when = f" ({long_date(one.day)})" if one.day else ""
    yield from wrapped(f"{one.name}{when}")
    said = f"{told(one)}: {one.standing}."
    if one.words:
        said += f" {one.who}: “{one.words}”"
    yield from wrap(said, "  ", "  ", WIDTH)
    yield f"  {one.url}"


def _row(name: str, values: Sequence[str]) -> str:
    cells = "".join(pad(one, _VOTE_CELLS) for one in values)
    return (pad(plain(name), _NAME_CELLS) + cells).rstrip()
