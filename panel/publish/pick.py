"""The pick: which tool to take, when to take each, and where the panel divides."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from panel.domain.ballot import Decision
from panel.domain.comparison import Comparison, most_confident
from panel.domain.disagreement import decisive
from panel.domain.wording import listed, spelled
from panel.publish.cards import Card
from panel.publish.columns import BADGES, ONE_SOURCE, Column

_NOBODY = "nobody yet"
_SPELLED = 3  # dissents of a pair that are printed in full
_PAIR = 2
_MOST_SPELLED = 4  # tools with which a dissent is still spelled out
_DECIDED = ("ship", "skip", "split")


@dataclass(frozen=True)
class Advice:
    """One line of advice: `Take` a tool `when` the words of a reviewer say; no words, no advice."""

    verb: str
    column: Column
    when: str = ""
    words: str | None = None
    card: Card | None = None
    lacks: str = ""


@dataclass(frozen=True)
class Dissent:
    """A reviewer against the others of its panel: its vote, the criterion that carries it, its turn.

    `anchor` is what the persona's file says of the score that it gave.
    """

    column: Column
    card: Card
    verdict: Decision
    label: str
    score: int
    anchor: str
    flips_if: str

    @property
    def place(self) -> str:
        """Where it stands on the page."""
        return f"turn-{self.column.mark.key}-{self.card.key}"


@dataclass(frozen=True)
class Pick:
    """The block that a page begins with.

    `spelled` are the dissents that are printed, `folded` those that are named and folded, by tool.
    `agreed` tells that the reviewers of each tool vote alike.
    """

    kicker: str
    picked: bool
    reason: str | None
    advice: tuple[Advice, ...]
    spelled: tuple[Dissent, ...]
    folded: tuple[tuple[Dissent, ...], ...]
    agreed: bool
    reviewed: bool


def pick_of_comparison(comparison: Comparison, columns: Sequence[Column]) -> Pick:
    """Return the pick of a comparison, by its rules: the picked tool first, the others in order."""
    taken = {when.slug: when.reviewer for when in comparison.take_when}
    ordered = sorted(columns, key=lambda column: column.run.slug != comparison.pick)
    picked = comparison.pick is not None
    spelled, folded = _choose([dissents(column) for column in columns], picked=picked)
    return Pick(
        kicker="The pick" if picked else "No pick",
        picked=picked,
        reason=_lead(comparison.reason),
        advice=tuple(_take(column, taken[column.run.slug]) for column in ordered),
        spelled=spelled,
        folded=folded,
        agreed=all(_agree(column) for column in columns),
        reviewed=bool(comparison.rows),
    )


def _lead(reason: str) -> str:
    """Return the reason of the rule without the words that the kicker says already."""
    lead, _, rest = reason.partition(": ")
    return f"{rest[:1].upper()}{rest[1:]}" if lead == "No pick" else reason


def pick_of_tool(column: Column) -> Pick:
    """Return whom one tool is for, who should leave it, and who of its panel disagrees."""
    cards = [card.scorecard for card in column.cards.values() if card.scorecard]
    advice = []
    if column.lead is not None:
        return _signals(column)
    if column.override == "skip":
        advice.append(_take(column, None))
    elif cards and column.badge in _DECIDED:
        ships = [card for card in cards if card.verdict == "ship"]
        skips = [card for card in cards if card.verdict == "skip"]
        for_it, against = most_confident(ships or skips), most_confident(skips or ships)
        advice.append(_take(column, for_it.reviewer))
        if advice[0].words and not _is_for_nobody(column.cards[for_it.reviewer]):
            words = against.ballot.avoid_if.rstrip(".")
            card = column.cards[against.reviewer]
            advice.append(Advice("Leave", column, "when", words, card))
    found = dissents(column)
    return Pick(
        kicker="The verdict" if column.badge in _DECIDED else "No verdict",
        picked=column.badge == "ship",
        reason=_standing(column),
        advice=tuple(advice),
        spelled=found,
        folded=(),
        agreed=_agree(column),
        reviewed=bool(cards),
    )


def _signals(column: Column) -> Pick:
    """Return the block of a checklist, which is no jury: its signals counted, and no advice."""
    return Pick(
        kicker="Signals",
        picked=False,
        reason=f"{column.lead}. {ONE_SOURCE}.",
        advice=(),
        spelled=(),
        folded=(),
        agreed=False,
        reviewed=True,
    )


def _take(column: Column, reviewer: str | None) -> Advice:
    if column.lead is not None:
        return Advice("", column, lacks=f"{column.lead}. A checklist recommends nothing.")
    if column.override == "skip":
        panel = BADGES[column.panel_badge].lower()
        return Advice("", column, lacks=f"The editor skips it. The panel’s verdict: {panel}.")
    card = column.cards.get(reviewer) if reviewer else None
    if card is None or card.scorecard is None:
        return Advice("", column, lacks="No reviewer gave a valid review.")
    if column.badge == "none":
        return Advice("", column, lacks="There are too few reviews for a verdict.")
    ballot = card.scorecard.ballot
    if _is_for_nobody(card):
        return Advice("Leave", column, "unless", ballot.flips_if.rstrip("."), card)
    return Advice("Take", column, "when", ballot.best_for.rstrip("."), card)


def _is_for_nobody(card: Card) -> bool:
    """Tell whether a reviewer that skips a tool can think of nobody to take it."""
    if card.scorecard is None or card.verdict != "skip":
        return False
    return card.scorecard.ballot.best_for.casefold().strip(" .") == _NOBODY


def dissents(column: Column) -> tuple[Dissent, ...]:
    """Return the smaller side of a panel, of an even one those who skip.

    The most confident comes first, and one in whose review checks found a fault after the others.
    """
    verdict = column.run.verdict
    if column.lead is not None or verdict is None:
        return ()
    found = [_dissent(column, column.cards[key]) for key in verdict.minority if key in column.cards]
    return tuple(sorted(filter(None, found), key=_surest_first))


def _surest_first(dissent: Dissent) -> tuple[bool, float, str]:
    card = dissent.card.scorecard
    confidence = card.ballot.confidence if card else 0.0
    return bool(dissent.card.faults), -confidence, dissent.card.key


def _dissent(column: Column, card: Card) -> Dissent | None:
    if card.scorecard is None:
        return None
    finding = decisive(card.scorecard)
    scored = next(score for score in card.scores if score.key == finding.criterion)
    return Dissent(
        column=column,
        card=card,
        verdict=card.scorecard.verdict,
        label=scored.label,
        score=scored.step,
        anchor=scored.anchor,
        flips_if=card.scorecard.ballot.flips_if.rstrip("."),
    )


def _choose(
    found: Sequence[tuple[Dissent, ...]], *, picked: bool
) -> tuple[tuple[Dissent, ...], tuple[tuple[Dissent, ...], ...]]:
    """Return which dissents of a comparison are spelled out, and the others by tool.

    Of two tools all up to three, else the most confident on each; of three or four the one of all where
    there is a pick; of five none. A phone has to show the pick in its first screen.
    """
    every = [one for tool in found for one in tool]
    if len(found) <= _PAIR:
        spelled = every if len(every) <= _SPELLED else [tool[0] for tool in found if tool]
    elif len(found) <= _MOST_SPELLED and picked and every:
        spelled = [min(every, key=_surest_first)]
    else:
        spelled = []
    rest = (tuple(one for one in tool if one not in spelled) for tool in found)
    return tuple(spelled), tuple(filter(None, rest))


def _agree(column: Column) -> bool:
    """Tell whether the panel has a verdict, of more reviewers than one, and all vote alike."""
    votes = [card.verdict for card in column.cards.values() if card.verdict]
    return (
        column.lead is None
        and column.panel_badge in _DECIDED
        and len(votes) > 1
        and len(set(votes)) == 1
    )


def _standing(column: Column) -> str | None:
    """Return who votes how; None without a verdict: a banner says why there is none."""
    verdict = column.run.verdict
    if verdict is None:
        return None
    if verdict.decision is None:
        return "Too few reviewers answered."
    if verdict.skips and verdict.ships:
        names = {key: card.name.lower() for key, card in column.cards.items()}
        return f"{_side(verdict.ships, names, 'ship')}; {_side(verdict.skips, names, 'skip')}."
    verb, who = ("ship" if verdict.ships else "skip"), len(verdict.ships or verdict.skips)
    return f"All {spelled(who)} reviewers {verb} it." if who > 1 else f"One reviewer {verb}s it."


def _side(keys: Sequence[str], names: Mapping[str, str], verb: str) -> str:
    who = listed([names.get(key, key) for key in keys])
    said = f"{who} {verb}{'s' if len(keys) == 1 else ''}"
    return said if verb == "skip" else f"{said[:1].upper()}{said[1:]}"


def quoted_words(pick: Pick) -> Iterator[tuple[tuple[str, str, str], str]]:
    """Yield tool, reviewer and field of every text that the pick prints, and the id where it stands.

    What the pick prints is not printed again.
    """
    for advice in pick.advice:
        if advice.card and advice.words:
            field = {"when": "best_for", "unless": "flips_if"}[advice.when]
            field = "avoid_if" if advice.verb == "Leave" and advice.when == "when" else field
            yield (advice.column.mark.key, advice.card.key, field), "verdict"
    for one in (*pick.spelled, *(one for tool in pick.folded for one in tool)):
        yield (one.column.mark.key, one.card.key, "flips_if"), one.place
