"""The fields of a run that an editor may change, by name, and the run with what was changed.

    name, tagline, category, vendor, url, entry, licence      facts of the tool
    price.2                                                   a stated price, as one line
    builder.take.3                                            a sentence of a reviewer's take
    builder.take.3.basis, builder.take.3.evidence             what it stands on
    builder.best_for, builder.avoid_if, builder.flips_if      the reviewer's three conditions

A fact without a value is "not stated". A price without one is taken out, and the number after the last
adds one: `Team: 11 USD per editor a month (billed annually; minimum 3 editors)`.
"""

import re
from collections.abc import Iterable
from typing import Any, get_args

from pydantic import ValidationError

from panel.domain.addresses import require_public
from panel.domain.ballot import BASES, Ballot, Sentence
from panel.domain.cleaning import clean
from panel.domain.decision import Change
from panel.domain.grounding import is_verbatim
from panel.domain.review import Scorecard
from panel.domain.run import Run
from panel.domain.tool import FACTS, EntryTerms, Price, Tool
from panel.domain.validation import first_fault_of
from panel.domain.wording import counted
from panel.editorial.price_line import FORM, parse_price, print_price
from panel.errors import AddressRefused, ConfigError

FACT_FIELDS = ("name", "tagline", "category", "vendor", "url", "entry", "licence")
CONDITIONS = ("best_for", "avoid_if", "flips_if")
_PRICE = re.compile(r"price\.([1-9]\d?)")
_OF_A_REVIEW = re.compile(r"([a-z0-9_-]+)\.(.+)")
_OF_A_TAKE = re.compile(r"take\.([1-9]\d?)(?:\.(basis|evidence))?")


def read_field(run: Run, field: str) -> str | None:
    """Return what a field of `run` says; None where it says nothing. Raises ConfigError."""
    if field in FACT_FIELDS:
        value = getattr(run.tool, field)
        return None if value is None else str(value)
    if (found := _PRICE.fullmatch(field)) is not None:
        prices = run.tool.prices
        number = int(found[1])
        if number <= len(prices) + 1:
            return print_price(prices[number - 1]) if number <= len(prices) else None
    elif (found := _OF_A_REVIEW.fullmatch(field)) is not None:
        return _read_review(run, field, found[1], found[2])
    raise _no_field(run, field)


def field_text(run: Run, field: str) -> str:
    """Return what a field of `run` says; nothing where it says nothing, or there is no such field."""
    try:
        return read_field(run, field) or ""
    except ConfigError:
        return ""


def _whole_text(tool: Tool) -> str:
    """Return the text of `tool` as its page has it, also where reviewers were shown less."""
    return clean(tool.as_shown()).text


def change_of(run: Run, field: str, value: str | None, found: str | None = None) -> Change:
    """Return the change of a field of `run` to `value`; None says that it is not stated.

    Raises ConfigError where there is no such field, the value does not fit it, or is there already.
    """
    before = read_field(run, field)
    try:
        change = Change(field=field, before=before, after=value or None, found=found or None)
    except ValidationError as error:
        raise _no_value(field, error) from error
    if change.after == before and not (before is None and _is_open(run.tool, field)):
        said = before or "not stated"
        raise ConfigError(f"{field}: it says that already ({said}), so nothing was written.")
    if field == "url" and change.after is not None:
        _require_public(change.after)
    changed = apply(run, [change])
    if change.after is None:  # of a price that is taken out, the next one has the number now
        return change
    if (of_a_price := _PRICE.fullmatch(field)) is not None:
        _require_range(field, changed.tool.prices[int(of_a_price[1]) - 1])
    return change.model_copy(update={"after": read_field(changed, field)})


def _is_open(tool: Tool, field: str) -> bool:
    """Tell whether nobody has said yet that a fact which has no value is not stated."""
    fact = "prices" if _PRICE.fullmatch(field) else field
    return fact in FACTS and not getattr(tool, fact) and fact not in tool.not_stated


def _require_public(url: str) -> None:
    """Raise ConfigError for what is no public web address; one of an older decision stays."""
    try:
        require_public(url)
    except AddressRefused as error:
        why = str(error).rpartition(". ")[0]
        raise ConfigError(
            f"url: {why}. Name a public http or https address with --value."
        ) from error


def _require_range(field: str, price: Price) -> None:
    """Raise ConfigError for an upper end that is not above; one of an older decision stays."""
    if price.up_to is not None and price.up_to <= price.amount:
        raise ConfigError(
            f"{field}: up to {price.up_to} is no upper end of a range that begins at {price.amount}. "
            "Name another with --value."
        )


def apply(run: Run, changes: Iterable[Change]) -> Run:
    """Return `run` with the changes, in order: what the public reads. The verdict stays the panel's.

    Raises ConfigError where one does not fit the run.
    """
    for change in changes:
        run = _applied(run, change)
    return run


def _applied(run: Run, change: Change) -> Run:
    field, value = change.field, change.after
    try:
        if field in FACT_FIELDS:
            return run.model_copy(update={"tool": _with_fact(run.tool, change)})
        if (found := _PRICE.fullmatch(field)) is not None:
            return run.model_copy(update={"tool": _with_price(run, int(found[1]), change)})
        if (found := _OF_A_REVIEW.fullmatch(field)) is not None:
            return _with_review(run, field, found[1], found[2], value)
    except ValidationError as error:
        raise _no_value(field, error) from error
    raise _no_field(run, field)


def _with_fact(tool: Tool, change: Change) -> Tool:
    field, value = change.field, change.after
    if field == "entry" and value is not None and value not in get_args(EntryTerms):
        raise ConfigError(
            f"entry: it is one of {', '.join(get_args(EntryTerms))}, and not {value!r}."
        )
    given = dict(tool)
    given[field] = value
    return _tool(given, tool, field, change)


def _with_price(run: Run, number: int, change: Change) -> Tool:
    prices = list(run.tool.prices)
    adds_nothing = number > len(prices) and change.after is None
    if number > len(prices) + 1 or (adds_nothing and not _is_open(run.tool, change.field)):
        raise _no_field(run, change.field)
    made = () if change.after is None else (_read_price(change, run.tool),)
    prices[number - 1 : number] = made
    return _tool({**dict(run.tool), "prices": tuple(prices)}, run.tool, "prices", change)


def _tool(given: dict[str, Any], tool: Tool, fact: str, change: Change) -> Tool:
    """Return the tool as `given`; an editor's fact stands on no passage but the one that is named."""
    evidence = {name: span for name, span in tool.evidence.items() if name != fact}
    if fact in FACTS and change.found and is_verbatim(change.found, _whole_text(tool)):
        evidence[fact] = change.found
    unstated = [name for name in tool.not_stated if name != fact]
    if fact in FACTS and not given[fact]:
        unstated.append(fact)
    unread = tuple(name for name in tool.not_read if name != fact)
    told = {"evidence": evidence, "not_stated": tuple(unstated), "not_read": unread}
    return Tool(**{**given, **told})


def _read_price(change: Change, tool: Tool) -> Price:
    span = change.found if change.found and is_verbatim(change.found, _whole_text(tool)) else None
    price = parse_price(change.after or "", span)
    if price is None:
        raise ConfigError(
            f"{change.field}: it is not label, amount, currency, unit and terms. Write it as {FORM}."
        )
    return price


def _read_review(run: Run, field: str, reviewer: str, rest: str) -> str | None:
    ballot = _card(run, field, reviewer).ballot
    if rest in CONDITIONS:
        return str(getattr(ballot, rest))
    number, part = _place(run, field, rest, ballot)
    value = getattr(ballot.take[number - 1], part or "text")
    return None if value is None else str(value)


def _with_review(run: Run, field: str, reviewer: str, rest: str, value: str | None) -> Run:
    card = _card(run, field, reviewer)
    if value is None and not rest.endswith(".evidence"):
        raise ConfigError(f"{field}: it has to say something. Name a text with --value.")
    if rest in CONDITIONS:
        ballot = Ballot(**{**dict(card.ballot), rest: value})
    else:
        ballot = _with_sentence(run, field, rest, value, card.ballot)
    changed = card.model_copy(update={"ballot": ballot})
    reviews = tuple(changed if one is card else one for one in run.reviews)
    return run.model_copy(update={"reviews": reviews})


def _with_sentence(run: Run, field: str, rest: str, value: str | None, ballot: Ballot) -> Ballot:
    number, part = _place(run, field, rest, ballot)
    if part == "basis" and value not in BASES:
        raise ConfigError(f"{field}: it is one of {', '.join(BASES)}, and not {value!r}.")
    take = list(ballot.take)
    take[number - 1] = Sentence(**{**dict(take[number - 1]), part or "text": value})
    return Ballot(**{**dict(ballot), "take": tuple(take)})


def _place(run: Run, field: str, rest: str, ballot: Ballot) -> tuple[int, str | None]:
    found = _OF_A_TAKE.fullmatch(rest)
    if found is None or int(found[1]) > len(ballot.take):
        raise _no_field(run, field)
    return int(found[1]), found[2]


def _card(run: Run, field: str, reviewer: str) -> Scorecard:
    card = next((one for one in run.scorecards if one.reviewer == reviewer), None)
    if card is None:
        raise _no_field(run, field)
    return card


def _no_field(run: Run, field: str) -> ConfigError:
    keys = ", ".join(f"{card.reviewer}.take.1" for card in run.scorecards[:1])
    known = ", ".join(filter(None, (*FACT_FIELDS, "price.1", keys)))
    prices = len(run.tool.prices)
    which = " to ".join(dict.fromkeys(("price.1", f"price.{prices}"))) if prices else ""
    there = f"{counted(prices, 'price')}{which and f', {which}'}; price.{prices + 1} adds one"
    return ConfigError(
        f"{field}: {run.id} has no such field. It has {known} and the like. It has {there}."
    )


def _no_value(field: str, error: ValidationError) -> ConfigError:
    _, why = first_fault_of(error)
    return ConfigError(f"{field}: {why}. Name another with --value.")
