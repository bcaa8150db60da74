"""The letter: an issue in HTML, in plain text of 72 columns and in Markdown, without its reader."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import css_inline
from jinja2 import Template
from markupsafe import Markup

from panel.digest.issue import Issue, IssueVerdict
from panel.digest.markdown import markdown_lines
from panel.digest.plain_text import text_lines
from panel.digest.wording import CLOSING, DISCLOSURE, due_in_words, told, week_in_words
from panel.domain.exchange import digest
from panel.domain.wording import plural, spelled
from panel.publish.cells import plain
from panel.publish.environment import escaping_environment
from panel.publish.figures import long_date

READER: Final = "<!--reader-->"
"""Where the part about the reader stands in the HTML."""
_HOME: Final = Path(__file__).parent / "templates"
_MARKS: Final = ("●", "◆", "■", "▲", "▼")


@dataclass(frozen=True)
class Letter:
    """An issue as it is written for readers of `categories`; None are all of them."""

    issue: Issue
    approved_by: str | None = None
    categories: tuple[str, ...] | None = None
    postal: str | None = None

    @property
    def subject(self) -> str:
        """The line by which a mailbox shows it."""
        return plain(self.issue.headline)

    @property
    def verdicts(self) -> tuple[IssueVerdict, ...]:
        """The verdicts in the reader's categories."""
        if self.categories is None:
            return self.issue.verdicts
        return tuple(one for one in self.issue.verdicts if one.category in self.categories)

    @property
    def approval(self) -> str:
        """Who approved it, in a sentence."""
        if self.approved_by is None:
            return "Not approved yet: a draft."
        return f"Approved by {plain(self.approved_by)}, editor."

    @cached_property
    def html(self) -> str:
        """The HTML, with READER where the part about the reader goes."""
        page = _template().render(
            issue=self.issue,
            verdicts=self.verdicts,
            verdicts_heading=self.heading,
            week=week_in_words(self.issue.week),
            disclosure=DISCLOSURE,
            approval=self.approval,
            summary=self._summary,
            legend=_legend(self.verdicts),
            due=due_in_words(self.issue.due) if self.issue.due else "",
            closing=CLOSING,
            postal=self.postal,
            css=_style("mail.css"),
            dark=_style("dark.css"),
            marks=_MARKS,
            long_date=long_date,
            told=told,
        )
        inliner = css_inline.CSSInliner(keep_style_tags=True, load_remote_stylesheets=False)
        return inliner.inline(page).rstrip() + "\n"

    @cached_property
    def text(self) -> str:
        """The plain text, without the part about the reader, which goes after it."""
        return "\n".join(text_lines(self)) + "\n"

    @cached_property
    def markdown(self) -> str:
        """The Markdown. What others wrote is escaped: it is text, never markup."""
        return "\n".join(markdown_lines(self)) + "\n"

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of all that an editor approves: the issue as it is written."""
        draft = Letter(self.issue, postal=self.postal)
        return digest([self.issue.model_dump(mode="json"), draft.html, draft.text, draft.markdown])

    @property
    def heading(self) -> str:
        """What stands over the verdicts."""
        return "This week’s verdicts" if self.issue.is_week else "Latest verdicts"

    @property
    def _summary(self) -> str:
        told = [one.told for one in self.verdicts]
        kinds = [
            f"{spelled(told.count(kind))} {kind}"
            for kind in ("ship", "split", "skip")
            if kind in told
        ]
        number = f"{spelled(len(told))} {plural(len(told), 'verdict')}"
        return f"{number.capitalize()}: {', '.join(kinds)}." if kinds else self.issue.headline


def _style(name: str) -> Markup:
    return Markup((_HOME / name).read_text(encoding="utf-8"))  # noqa: S704 - a file of our own


def _template() -> Template:
    return escaping_environment(_HOME, made_by=Path(__file__)).get_template("mail.j2")


def _legend(verdicts: Sequence[IssueVerdict]) -> str:
    names = dict.fromkeys((vote.letter, vote.name) for one in verdicts for vote in one.votes)
    return ", ".join(f"{letter} {name}" for letter, name in names) + "."
