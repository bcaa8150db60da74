"""The last audit in words: what pages say of how alike a panel votes, and what that does not show."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from panel.domain.last_audit import LastAudit, ShownFigure
from panel.domain.scale import percent
from panel.domain.wording import counted, spelled
from panel.publish.figures import long_date

Unit = Literal["share", "votes"]


@dataclass(frozen=True)
class AuditedFigure:
    """A figure of the page on the method: its value, what it is of, what it means and does not show."""

    label: str
    value: str
    of: str
    means: str
    limits: str


@dataclass(frozen=True)
class ShipRate:
    """How often a reviewer ships by the last audit; `share` is in per cent, None below the minimum."""

    name: str
    share: int | None
    says: str


def panel_sentences(audit: LastAudit) -> tuple[str, ...]:
    """Return what the page of a tool says of its panel: how often it is unanimous, and its votes."""
    return (_unanimous(audit), _effective(audit))


def audited_figures(audit: LastAudit) -> Iterator[AuditedFigure]:
    """Yield the figures of the page on the method; one with too few cases says so."""
    many = spelled(len(audit.reviewers))
    yield AuditedFigure(
        "All vote alike",
        *_stated(audit.unanimous, "of", "tool", "share"),
        f"The share of tools on which all {many} reviewers gave the same vote.",
        "It does not show that they were right.",
    )
    yield AuditedFigure(
        "Independent votes",
        *_stated(audit.effective_votes, "on", "tool", "votes"),
        f"How many votes that know nothing of each other the {many} are worth, by how theirs go "
        "together. Reviewers who always agree are worth one.",
        "It is a lower bound: where all are right they agree too, and that lowers it.",
    )
    if audit.votes_on_errors is not None and audit.controls_made is not None:
        yield AuditedFigure(
            "Independent votes, by errors",
            *_stated(audit.votes_on_errors, "on", "control", "votes"),
            "The same, by the errors that they share on texts whose right votes are known, as of "
            f"{long_date(audit.controls_made.date())}.",
            "Such texts are written for the purpose. Real ones are harder.",
        )
    yield AuditedFigure(
        "Flips when asked again",
        *_stated(audit.flips, "on", "text", "share"),
        "The share of pairs of votes that differ, on the same text by the same model. The same "
        "question should get the same vote.",
        "It is measured only where a text was put more than once.",
    )


def ship_rates(audit: LastAudit) -> list[ShipRate]:
    """Return how often each reviewer ships, in the order of the panel."""
    return [
        ship_rate(name, figure)
        for name, figure in zip(audit.reviewers, audit.ship_rates.values(), strict=True)
    ]


def ship_rate(name: str, figure: ShownFigure) -> ShipRate:
    """Return how often one reviewer ships, its interval and cases in words."""
    share = None if figure.value is None else percent(figure.value)
    lacks = "; too few for a rate" if share is None else ""
    return ShipRate(
        name, share, f"of {counted(figure.cases, 'review')}{_likely(figure, 'share')}{lacks}"
    )


def _unanimous(audit: LastAudit) -> str:
    figure, many = audit.unanimous, spelled(len(audit.reviewers))
    if figure.value is None:
        return f"How often all {many} vote alike is not said: {_lacks(figure, 'tool')}."
    cases = counted(figure.cases, "tool")
    return (
        f"On {percent(figure.value)}% of {cases} all {many} reviewers voted alike"
        f"{_likely(figure, 'share')}."
    )


def _effective(audit: LastAudit) -> str:
    figure, many = audit.effective_votes, spelled(len(audit.reviewers))
    if figure.value is None:
        return f"How many independent votes the {many} are worth is not said: {_lacks(figure, 'tool')}."
    return (
        f"By how their votes go together, the {many} are worth at least {figure.value:.1f} independent "
        f"ones{_likely(figure, 'votes')}."
    )


def _stated(figure: ShownFigure, place: str, what: str, unit: Unit) -> tuple[str, str]:
    """Return a figure and what it stands on, as `of 214 tools`; that it is not said, and why."""
    if figure.value is None:
        return "Not said", _lacks(figure, what)
    value = f"{percent(figure.value)}%" if unit == "share" else f"{figure.value:.1f}"
    return value, f"{place} {counted(figure.cases, what)}{_likely(figure, unit)}"


def _lacks(figure: ShownFigure, what: str) -> str:
    """Return in words why a figure is not said."""
    if figure.fewest:
        were = {0: "were none", 1: "was one"}.get(figure.cases, f"were {figure.cases:,}")
        return f"it takes {counted(figure.fewest, what)}, and there {were}"
    return f"on {counted(figure.cases, what)} all gave the same vote every time"


def _likely(figure: ShownFigure, unit: Unit) -> str:
    """Return the interval in words, nothing where there is none."""
    if figure.low is None or figure.high is None:
        return ""
    if unit == "votes":
        return f" (likely {figure.low:.1f} to {figure.high:.1f})"
    return f" (likely {percent(figure.low)} to {percent(figure.high)})"
