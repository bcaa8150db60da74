"""What changed between two runs of a tool, in sentences for editors and readers."""

from collections.abc import Iterator

from panel.domain.difference import (
    Difference,
    PriceChange,
    TermChange,
    TextChange,
    Vote,
    VoteChange,
)
from panel.domain.tool import Price
from panel.domain.wording import counted
from panel.publish.fact_words import say_value
from panel.publish.figures import price_in_words, sum_of

_VOTES: dict[Vote, str] = {"ship": "ship", "skip": "skip", "none": "no valid review"}
_ANY_PRICE = frozenset(("price", "prices", "pricing"))


def describe_changes(found: Difference) -> tuple[str, ...]:
    """Return a sentence without a full stop for each change: prices, terms, verdict, votes, text.

    >>> from decimal import Decimal
    >>> from panel.domain.difference import tool_difference
    >>> from panel.domain.tool import Tool
    >>> old, new = (
    ...     Tool(
    ...         name="My Tool",
    ...         description="My Tool keeps notes.",
    ...         prices=(Price(label="price", amount=Decimal(sum), currency="USD", unit="month"),),
    ...     )
    ...     for sum in (8, 10)
    ... )
    >>> describe_changes(tool_difference(old, new))
    ('price $10 per month, was $8',)
    """
    return (*_facts_and_votes(found), *_text(found.text))


def in_short(found: Difference) -> str:
    """Return the weightiest changes in one line: "price $10 per month, was $8; 2 more".

    The text is named only where no price, term, verdict or vote changed. Empty where nothing did.
    """
    said = tuple(_facts_and_votes(found))
    if not said:
        return _extent(found.text)
    return said[0] if len(said) == 1 else f"{said[0]}; {len(said) - 1} more"


def _facts_and_votes(found: Difference) -> Iterator[str]:
    yield from map(_changed_price, found.prices.changed)
    yield from (f"{_named(price)}, new" for price in found.prices.new)
    yield from (f"{_named(price)} is gone" for price in found.prices.gone)
    yield from map(_term, found.terms)
    if found.verdict is not None:
        before, after = found.verdict.before or "none", found.verdict.after or "none"
        yield f"verdict {after}, was {before}"
    yield from map(_vote, found.votes)


def _changed_price(change: PriceChange) -> str:
    was, now = change.before, change.after
    is_sum = (was.unit, was.terms) == (now.unit, now.terms)
    return f"{_named(now)}, was {sum_of(was) if is_sum else price_in_words(was)}"


def _named(price: Price) -> str:
    label = "" if price.label.casefold() in _ANY_PRICE else f"{price.label} "
    return f"{label}price {price_in_words(price)}"


def _term(change: TermChange) -> str:
    before, after = (
        say_value(change.term, value) or "not stated" for value in (change.before, change.after)
    )
    return f"{change.term} {after}, was {before}"


def _vote(change: VoteChange) -> str:
    if change.after is None:
        return f"{change.name} is no longer on the panel"
    was = "new on the panel" if change.before is None else f"was {_VOTES[change.before]}"
    return f"{change.name}: {_VOTES[change.after]}, {was}"


def _text(change: TextChange) -> Iterator[str]:
    yield from (f"new: “{passage}”" for passage in change.new)
    yield from (f"gone: “{passage}”" for passage in change.gone)
    if change.left_out:
        yield f"{counted(change.left_out, 'more passage')} new or gone"


def _extent(change: TextChange) -> str:
    if change.left_out:
        number = len(change.new) + len(change.gone) + change.left_out
        return f"text: {counted(number, 'passage')} new or gone"
    sides = ((change.new, "new"), (change.gone, "gone"))
    parts = [f"{counted(len(side), 'passage')} {how}" for side, how in sides if side]
    return f"text: {', '.join(parts)}" if parts else ""
