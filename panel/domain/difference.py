"""What changed between two runs of one tool: its prices, its terms, its votes, its text."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Container, Hashable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import StringConstraints

from panel.domain.ballot import Decision
from panel.domain.cleaning import clean_text
from panel.domain.exchange import Count
from panel.domain.folded_text import fold
from panel.domain.licence import fold_name
from panel.domain.price_terms import read_terms
from panel.domain.tool import FactName, Price, Tool
from panel.domain.value import Value

if TYPE_CHECKING:  # a ledger is opened without all that a run is made of
    from panel.domain.review import Review
    from panel.domain.run import Run

Vote = Literal["ship", "skip", "none"]
"""What a reviewer said; `none` where it gave no valid review."""

MOST_PASSAGES: Final = 20
MOST_OF_A_PASSAGE: Final = 400
# The tagline and the category are words of whoever read the text, which differ without a change.
_TERMS: Final[tuple[FactName, ...]] = ("licence", "entry", "vendor")
_BORDER: Final = re.compile(r"\n+|(?<=[.!?])\s+|(?<=[。！？])")
_MARKS: Final = " \t*-•#>|_`\"'.:;,!"

Passage = Annotated[str, StringConstraints(min_length=1, max_length=MOST_OF_A_PASSAGE)]


class PriceChange(Value):
    """A price that is another one, and what it was."""

    before: Price
    after: Price


class PriceChanges(Value):
    """The prices that are another one, those that are new and those that are gone."""

    changed: tuple[PriceChange, ...] = ()
    new: tuple[Price, ...] = ()
    gone: tuple[Price, ...] = ()


class TermChange(Value):
    """A term that is another one: licence, vendor or how one begins. None: the text states none."""

    term: FactName
    before: str | None
    after: str | None


class VoteChange(Value):
    """What a reviewer said and says now; None where it was not on the panel."""

    reviewer: str
    name: str
    before: Vote | None
    after: Vote | None


class VerdictChange(Value):
    """The verdict and what it was; None is no verdict."""

    before: Decision | None
    after: Decision | None


class TextChange(Value):
    """The passages of a text that are new and those that are gone, in the order of the texts.

    At most 20 of each are kept, each cut to 400 characters; `left_out` counts the others. A passage
    that has moved, or is written with other white space, marks or capitals, is none of them.
    """

    new: tuple[Passage, ...] = ()
    gone: tuple[Passage, ...] = ()
    left_out: Count = 0

    @property
    def is_empty(self) -> bool:
        """Whether both texts say the same."""
        return self == TextChange()


class Difference(Value):
    """What changed between two runs, or two texts, of one tool."""

    prices: PriceChanges = PriceChanges()
    terms: tuple[TermChange, ...] = ()
    votes: tuple[VoteChange, ...] = ()
    verdict: VerdictChange | None = None
    text: TextChange = TextChange()

    @property
    def is_empty(self) -> bool:
        """Whether nothing changed."""
        return self == Difference()


def difference(before: "Run", after: "Run") -> Difference:
    """Return what changed from one run to a later one of the same tool.

    Prices and terms are compared where they were looked for in both runs: what nobody read has not
    changed. What a reader does not see, such as cost and models, is no difference. Votes and verdict of
    a checklist are not compared with those of a panel of models.

    >>> from panel import ReviewOptions, review
    >>> run = review("examples/tools/rowboat-sync.md", ReviewOptions(models=("checklist",))).run
    >>> difference(run, run).is_empty
    True
    """
    was = before.decision
    now = after.decision
    of_tool = tool_difference(before.tool, after.tool)
    if before.has_checklist_part != after.has_checklist_part:
        return of_tool
    return of_tool.model_copy(
        update={
            "votes": tuple(_vote_changes(before.reviews, after.reviews)),
            "verdict": None if was == now else VerdictChange(before=was, after=now),
        }
    )


def tool_difference(before: Tool, after: Tool) -> Difference:
    """Return what changed in the description of a tool and in the facts that were read from it."""
    both_known = _is_known(before, "prices") and _is_known(after, "prices")
    return Difference(
        prices=_price_changes(before.prices, after.prices) if both_known else PriceChanges(),
        terms=tuple(_term_changes(before, after)),
        text=text_change(before.description, after.description),
    )


def text_change(before: str, after: str, others: Sequence[str] = ()) -> TextChange:
    """Return which sentences of two texts are new and which are gone, in time linear in all.

    `others` are what was read in the place of `after` at other times. A sentence that is not in each
    of them is not new: it passes, as a counter does, a date, or a quotation that is drawn by lot. What
    stood in its place before is not gone.

    >>> change = text_change("Hi. Day 1. Bye.", "Hi. Day 2. New. Bye.", ["Hi. Day 3. New. Bye."])
    >>> change.new, change.gone
    (('New.',), ())
    """
    old, new = _passages(before), _passages(after)
    elsewhere = [_passages(text) for text in others]
    added: list[str] = []
    passing: set[str | None] = set()
    for key, place in _places(new, old):
        if all(key in other for other in elsewhere):
            added.append(new[key])
        else:
            passing.add(place)
    lost = [
        old[key]
        for key, place in _places(old, new)
        if place not in passing and not any(key in other for other in elsewhere)
    ]
    return TextChange(
        new=tuple(added[:MOST_PASSAGES]),
        gone=tuple(lost[:MOST_PASSAGES]),
        left_out=len(added[MOST_PASSAGES:]) + len(lost[MOST_PASSAGES:]),
    )


def share_of_passages(text: str, other: str) -> float:
    """Return the share of the sentences of `text` that stand in `other` too; 0 where it has none."""
    own, there = _passages(text), _passages(other)
    return sum(key in there for key in own) / len(own) if own else 0.0


def _passages(text: str) -> dict[str, str]:
    """Return the sentences of a text, cut to the most that is kept, by what they are compared by."""
    found: dict[str, str] = {}
    for sentence in _BORDER.split(clean_text(text)):
        key = fold(sentence).casefold().strip(_MARKS)
        if any(map(str.isalnum, key)):
            found.setdefault(key, _cut(" ".join(sentence.split())))
    return found


def _places(passages: Iterable[str], shared: Container[str]) -> Iterator[tuple[str, str | None]]:
    """Yield those of `passages` that are not `shared`, each with the last one before it that is."""
    place: str | None = None
    for key in passages:
        if key in shared:
            place = key
        else:
            yield key, place


def _cut(sentence: str) -> str:
    if len(sentence) <= MOST_OF_A_PASSAGE:
        return sentence
    return f"{sentence[: MOST_OF_A_PASSAGE - 1].rstrip()}…"


def _is_known(tool: Tool, fact: FactName) -> bool:
    return bool(getattr(tool, fact)) or fact in tool.not_stated


def _term_changes(before: Tool, after: Tool) -> Iterator[TermChange]:
    for term in _TERMS:
        if not (_is_known(before, term) and _is_known(after, term)):
            continue
        was, now = getattr(before, term), getattr(after, term)
        if _term_key(term, was) != _term_key(term, now):
            yield TermChange(term=term, before=was, after=now)


def _term_key(term: FactName, value: str | None) -> str:
    """Return what the spellings of a term share; that of a licence is the same for "MIT License"."""
    said = value or ""
    return (fold_name(said) if term == "licence" else "") or fold(said).casefold()


def _price_changes(before: Sequence[Price], after: Sequence[Price]) -> PriceChanges:
    """Return what changed from some prices to others.

    A price is found again by its label and by what it is charged for. Another label on the same sum
    for the same thing is no change: it may be a reader's word for it.
    """
    old, new = list(before), list(after)
    changed: list[tuple[Price, Price]] = []
    _take_pairs(old, new, lambda price: (_label(price), _charge(price), _sum(price)))
    changed += _take_pairs(old, new, lambda price: (_label(price), _charge(price)))
    _take_pairs(old, new, lambda price: (_charge(price), _sum(price)))
    changed += _take_pairs(old, new, _label)
    changed += _take_pairs(old, new, _charge, alone=True)
    return PriceChanges(
        changed=tuple(PriceChange(before=was, after=now) for was, now in changed),
        new=tuple(new),
        gone=tuple(old),
    )


def _take_pairs(
    old: list[Price], new: list[Price], key: Callable[[Price], Hashable], *, alone: bool = False
) -> list[tuple[Price, Price]]:
    """Return prices of both lists that share a key, in the order of `new`, and take them out.

    With `alone` only those whose key no other price of their list has.
    """
    by_key: dict[Hashable, list[Price]] = defaultdict(list)
    for price in old:
        by_key[key(price)].append(price)
    wanted = Counter(map(key, new))
    pairs, rest = [], []
    for price in new:
        found = by_key[key(price)]
        if found and not (alone and (found[1:] or wanted[key(price)] > 1)):
            pairs.append((found.pop(0), price))
        else:
            rest.append(price)
    old[:] = [price for prices in by_key.values() for price in prices]
    new[:] = rest
    return pairs


def _label(price: Price) -> str:
    return fold(price.label).casefold()


def _charge(price: Price) -> Hashable:
    """Return what a price is charged for: the thing, how much of it, how often, in which money."""
    terms = read_terms(price)
    thing = terms.kind if terms.kind == "seats" else terms.thing
    money = price.currency or price.counted_in
    return thing, terms.quantity, terms.period, terms.side, money


def _sum(price: Price) -> Hashable:
    said = frozenset(fold(term).casefold() for term in price.terms)
    return price.amount, price.up_to, said


def _vote_changes(before: Sequence["Review"], after: Sequence["Review"]) -> Iterator[VoteChange]:
    old = {review.reviewer: review for review in before}
    new = {review.reviewer: review for review in after}
    for reviewer, last in {**old, **new}.items():
        was, now = _vote(old.get(reviewer)), _vote(new.get(reviewer))
        if was != now:
            yield VoteChange(reviewer=reviewer, name=last.name, before=was, after=now)


def _vote(review: "Review | None") -> Vote | None:
    if review is None:
        return None
    return review.verdict if review.kind == "scorecard" else "none"
