"""The pages of the votes service, in the look of the site, without script."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from panel.app.settings import VoteSettings
from panel.domain.community import KEPT_DAYS, VotableTool, VoteCount
from panel.domain.reader_vote_rules import RULE_NAMES
from panel.domain.wording import counted
from panel.publish.community import too_few
from panel.store.sql.votes import StoredVote
from panel.web.pages import page_style, page_templates

_HOME: Final = Path(__file__).parent / "templates"
_REFUSALS: Final = {
    "unknown": ("No such tool", "This site has no tool of that name that takes votes."),
    "withdrawn": ("Not counted: voting is closed", "The page of this tool was withdrawn."),
    "network": (
        "Not counted: too many from this network today",
        "Try again tomorrow. A vote that was counted before stays.",
    ),
    "token": (
        "Not counted: this form is not yours",
        "Go back, load the page again, and press the button there.",
    ),
    "form": ("Not counted: no vote in it", "Go back and press one of the two buttons."),
    "database": (
        "Not counted: the votes cannot be reached",
        "Nothing was changed. Try again in a minute.",
    ),
}
_OTHER: Final = ("Nothing is here", "Go back to the page that you came from.")


@dataclass(frozen=True)
class VotedTool:
    """A tool with its count, and the reader's own vote where there is one."""

    tool: VotableTool
    count: VoteCount
    own: StoredVote | None


class VotePages:
    """The templates, read once."""

    def __init__(self, settings: VoteSettings, *, publication: str) -> None:
        environment = page_templates(
            _HOME, style="/vote.css", site=settings.site, publication=publication
        )
        environment.globals.update(
            kept_days=KEPT_DAYS,
            counted=counted,
            rule_names=RULE_NAMES,
            rules=[settings.rules.explain(rule) for rule in RULE_NAMES],
            too_few=too_few,
        )
        self._tool = environment.get_template("vote.j2")
        self._refusal = environment.get_template("refusal.j2")
        self.style = page_style()

    def render(
        self, shown: Sequence[VotedTool], *, done: str | None, token: str | None, back: str | None
    ) -> str:
        """Return the page of one tool and of those beside it.

        `done` is what the reader has just done with the first; `back` the path of a page of the site.
        """
        return self._tool.render(
            title=_title(shown[0], done),
            is_news=done is not None,
            shown=shown,
            slugs=[one.tool.slug for one in shown],
            token=token,
            back=back,
        )

    def refuse(self, why: str) -> str:
        """Return the page for a request that was not answered."""
        title, text = _REFUSALS.get(why, _OTHER)
        return self._refusal.render(title=title, text=text)


def _title(voted: VotedTool, done: str | None) -> str:
    """Return what just happened, by what the database says rather than by the address."""
    own, name = voted.own, voted.tool.name
    if own is not None and own.rule is not None and done is not None:
        return f"Set aside: your vote on {name}"
    if own is not None and done in ("counted", "changed"):
        return f"{done.capitalize()}: you {own.choice} {name}"
    if own is None and done == "gone":
        return "Your vote is gone"
    return f"Readers’ vote on {name}"
