"""A letter as Markdown; what others wrote is escaped: it is text, never markup."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from panel.digest.issue import IssueLead, IssueVerdict
from panel.digest.wording import CLOSING, DISCLOSURE, due_in_words, told, week_in_words
from panel.publish.batch_markdown import escape
from panel.publish.figures import long_date

if TYPE_CHECKING:
    from panel.digest.letter import Letter  # which is written with this


def markdown_lines(letter: "Letter") -> Iterator[str]:
    """Yield the lines, without the part about the reader."""
    issue = letter.issue
    yield from (f"# {escape(issue.headline)}", "")
    opening = f"{issue.title}, {week_in_words(issue.week)}. {DISCLOSURE} {letter.approval}"
    yield from (escape(opening), "")
    if issue.lead:
        yield from _lead_lines(letter, issue.lead)
    if letter.verdicts:
        yield from (f"## {letter.heading}", "")
        for one in letter.verdicts:
            yield from _verdict_lines(one)
        yield ""
    if issue.changed:
        yield from ("## Just changed", "")
        for change in issue.changed:
            said = f"{escape(change.reason)} {escape(change.stands)}"
            yield f"- **{escape(change.title)}: {_link(change.name, change.url)}.** {said}"
        yield ""
    if issue.due:
        yield from ("## A prediction came due", "", f"“{escape(issue.due.claim)}”", "")
        seen = f" {_link('Where to see it', issue.due.source)}" if issue.due.source else ""
        said = f"{escape(due_in_words(issue.due))} {_link(issue.due.tool, issue.due.url)}."
        yield from (f"{said}{seen}", "")
    about, corrections = f"{issue.url}about-ai/", f"{issue.url}corrections/"
    yield f"{CLOSING} [What is machine-made]({about}), [corrections]({corrections})."
    if letter.postal:
        yield from ("", escape(f"{issue.title}, {letter.postal}"))


def _lead_lines(letter: "Letter", lead: IssueLead) -> Iterator[str]:
    title = _link(" vs ".join(lead.names), lead.url)
    yield from (f"## {lead.tag}: {title}" if lead.tag else f"## {title}", "")
    yield _row(("", *map(escape, lead.names)))
    yield _row(["---"] * (len(lead.names) + 1))
    yield _row(("panel ship", *(f"{share}%" if share else "-" for share in lead.shares)))
    for one in lead.crossings:
        yield _row((escape(one.name), *(vote or "no review" for vote in one.votes)))
    yield ""
    for advice in lead.advice:
        yield from (f"**{escape(advice.opening)}** {escape(advice.words)}", "")
    for more in letter.issue.more:
        yield from (f"Also: {_link(more.title, more.url)}", "")


def _verdict_lines(one: IssueVerdict) -> Iterator[str]:
    when = f" ({long_date(one.day)})" if one.day else ""
    yield f"- **{_link(one.name, one.url)}**{when} {told(one)}: {escape(one.standing)}."
    if one.words:
        yield f"  {escape(one.who or '')}: “{escape(one.words)}”"


def _link(title: str, url: str) -> str:
    return f"[{escape(title)}]({url.replace('(', '%28').replace(')', '%29')})"


def _row(values: Sequence[str]) -> str:
    return f"| {' | '.join(values)} |"
