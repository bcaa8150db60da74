"""Intake: the facts that the editor did not give, read from the description with their spans."""

import re
from decimal import Decimal
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, Field, StringConstraints, ValidationError

from panel.domain.ballot import read_passages
from panel.domain.flag import Flag
from panel.domain.grounding import Missing, is_verbatim, locate, numbers
from panel.domain.json_answer import UnreadableError, first_fault, read_object
from panel.domain.json_schema import Schema, strict_object
from panel.domain.tool import (
    FACTS,
    MOST_DECIMALS,
    MOST_OF_A_LINE,
    Entry,
    FactName,
    Line,
    Price,
    Tool,
)
from panel.domain.value import Value

SCHEMA_NAME = "intake"
MOST_POINTS, MOST_PRICES = 5, 30
_WORD = re.compile(r"\w+")
_TELLING = 3
_ENTRIES = ("free", "freemium", "paid", "contact")
_READABLE: tuple[Literal["tagline", "category", "vendor", "licence"], ...] = (
    "tagline",
    "category",
    "vendor",
    "licence",
)


class Found(Value):
    """A fact and the passage that it stands on."""

    value: Line
    evidence: Line


class FoundEntry(Value):
    """What it takes to begin, and the passage that says so."""

    value: Entry
    evidence: Line


class FoundPrice(Value):
    """A price as its reader wrote it down."""

    label: Line
    amount: Annotated[
        float,
        Field(ge=0, le=1_000_000_000, allow_inf_nan=False),
        AfterValidator(lambda amount: round(amount, MOST_DECIMALS)),
    ]
    currency: Annotated[
        str, StringConstraints(strip_whitespace=True, to_upper=True, pattern=r"^[A-Za-z]{3}$")
    ]
    unit: Line
    evidence: Line


class Facts(Value):
    """All that intake found. None and the empty tuple mean that the text does not say it.

    `addressed` has the passages that speak to reviewers or to a model, as intake copied them. What
    `not_read` names was not looked for well enough to say that the text lacks it; no model is asked
    for this field, the checklist fills it in.
    """

    is_tool: bool
    reason: Line
    tagline: Found | None = None
    category: Found | None = None
    vendor: Found | None = None
    entry: FoundEntry | None = None
    licence: Found | None = None
    prices: tuple[FoundPrice, ...] = ()
    open_points: tuple[Line, ...] = ()
    addressed: tuple[str, ...] = ()
    not_read: tuple[FactName, ...] = ()


class ReadFacts(Value):
    """The facts that could be read, and those that could not: what each was, and why.

    `unread` maps a fact to the reason in plain words; such a fact is unknown, and not "not stated".
    """

    facts: Facts
    unread: dict[FactName, str]


def intake_schema() -> Schema:
    """Return the wire schema of `Facts`, inside what strict mode takes."""
    text = {"type": "string"}
    found = {"anyOf": [strict_object(value=text, evidence=text), {"type": "null"}]}
    entry = {"type": "string", "enum": list(_ENTRIES)}
    price = strict_object(
        label=text, amount={"type": "number"}, currency=text, unit=text, evidence=text
    )
    return strict_object(
        is_tool={"type": "boolean"},
        reason=text,
        tagline=found,
        category=found,
        vendor=found,
        entry={"anyOf": [strict_object(value=entry, evidence=text), {"type": "null"}]},
        licence=found,
        prices={"type": "array", "items": price},
        open_points={"type": "array", "items": text},
        addressed={"type": "array", "items": text},
    )


def read_facts(text: str) -> ReadFacts:
    """Return the facts that `text` is, read one by one: a bad one costs itself and no other.

    Raises UnreadableError with a plain reason where it is no JSON object, or does not say whether this
    is a tool. Example: the entry "open-source" is unread, and the vendor beside it is kept.
    """
    document = read_object(text)
    if not isinstance(document.get("is_tool"), bool):
        raise UnreadableError("is_tool: true or false is asked for")
    unread: dict[FactName, str] = {}
    read: dict[str, Any] = {}
    for fact in _READABLE:
        read[fact] = _read_one(Found, fact, document, unread)
    read["entry"] = _read_one(FoundEntry, "entry", document, unread)
    facts = Facts(
        is_tool=document["is_tool"],
        reason=_line(document.get("reason")) or "intake gave no reason",
        prices=_read_prices(document.get("prices"), unread),
        open_points=tuple(filter(None, map(_line, _listed(document.get("open_points"))))),
        addressed=read_passages(_listed(document.get("addressed"))),
        not_read=tuple(fact for fact in FACTS if fact in _listed(document.get("not_read"))),
        **read,
    )
    return ReadFacts(facts=facts, unread=unread)


_Fact = TypeVar("_Fact", Found, FoundEntry)


def _read_one(
    form: type[_Fact], fact: FactName, document: dict[str, Any], unread: dict[FactName, str]
) -> _Fact | None:
    if document.get(fact) is None:
        return None
    try:
        return form.model_validate(document[fact])
    except ValidationError as error:
        unread[fact] = first_fault(error)
        return None


def _read_prices(items: object, unread: dict[FactName, str]) -> tuple[FoundPrice, ...]:
    """Return the prices that can be read, at most 30; the reason of the first other one is kept."""
    found: list[FoundPrice] = []
    if items is not None and not isinstance(items, list):
        unread["prices"] = "it is no list"
    for number, item in enumerate(_listed(items), start=1):
        if len(found) == MOST_PRICES:
            unread.setdefault("prices", f"there are more than {MOST_PRICES}")
            break
        try:
            found.append(FoundPrice.model_validate(item))
        except ValidationError as error:
            unread.setdefault("prices", f"price {number}: {first_fault(error)}")
    return tuple(found)


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _line(value: object) -> str | None:
    """Return a text as one line of at most 400 characters, None where it is none."""
    return (value.strip()[:MOST_OF_A_LINE].strip() or None) if isinstance(value, str) else None


def unread_flag(read: ReadFacts) -> Flag | None:
    """Return the flag that names the facts that could not be read; None where all could."""
    if not read.unread:
        return None
    named = "; ".join(f"{fact} ({why})" for fact, why in read.unread.items())
    return Flag(
        kind="intake_facts",
        message=f"Intake gave facts that cannot be read, so they are left out: {named}.",
        holds=False,
    )


def complete_tool(tool: Tool, read: ReadFacts, shown: str) -> Tool:
    """Return `tool` with the facts that it lacks, as far as they stand verbatim in `shown`.

    What the editor gave is never replaced. A fact whose evidence is not in the text, or does not say
    it, is dropped and counts as not stated, like one that was not found. One that could not be read,
    or whose evidence is there in another form only, stays unknown.
    """
    lacking, facts = tool.lacks(), read.facts
    changes: dict[str, Any] = {}
    evidence: dict[FactName, str] = {}
    for fact in (*_READABLE, "entry"):
        found: Found | FoundEntry | None = getattr(facts, fact)
        if fact in lacking and found and _stands(fact, found, shown):
            changes[fact] = found.value
            evidence[fact] = found.evidence
    prices = _prices(facts, shown) if "prices" in lacking else ()
    if prices:
        changes["prices"] = prices
        passages = "; ".join(dict.fromkeys(price.evidence or "" for price in prices))
        evidence["prices"] = passages[:MOST_OF_A_LINE].rstrip()
    known = {*changes, *read.unread, *facts.not_read}
    missing = tuple(
        fact
        for fact in FACTS
        if fact in lacking and fact not in known and not _is_unmatched(fact, facts, shown)
    )
    return tool.model_copy(
        update={
            **changes,
            "evidence": {**tool.evidence, **evidence},
            "not_stated": (*tool.not_stated, *missing),
            "open_points": tool.open_points or facts.open_points[:MOST_POINTS],
        }
    )


def _is_unmatched(fact: FactName, facts: Facts, shown: str) -> bool:
    """Return whether the reader found a fact whose passage is in `shown` in another form only."""
    found = facts.prices if fact == "prices" else (getattr(facts, fact),)
    return any(locate(one.evidence, shown) is Missing.UNMATCHED for one in found if one)


def _prices(facts: Facts, shown: str) -> tuple[Price, ...]:
    return tuple(
        Price(
            label=price.label,
            amount=Decimal(str(price.amount)),
            currency=price.currency,
            unit=price.unit,
            evidence=price.evidence,
        )
        for price in facts.prices
        if is_verbatim(price.evidence, shown) and _has_amount(price)
    )


def _stands(fact: FactName, found: Found | FoundEntry, shown: str) -> bool:
    """Tell whether a fact has its passage in `shown`, and the passage says it as far as code can see.

    A vendor stands in the text by name. A licence shares a word with its passage. Nothing is free by
    a passage that names a sum and not the word.
    """
    if not is_verbatim(found.evidence, shown):
        return False
    said = found.evidence.casefold()
    if fact == "vendor":
        return is_verbatim(found.value.casefold(), shown.casefold())
    if fact == "licence":
        return not _words(found.value).isdisjoint(_words(said))
    if fact == "entry" and found.value in ("free", "freemium"):
        return "free" in said or not any(numbers(said))
    return True


def _words(text: str) -> set[str]:
    """Return the words of `text` that tell something: three signs or more, or with a digit."""
    words = _WORD.findall(text.casefold())
    return {word for word in words if len(word) >= _TELLING or not word.isalpha()}


def _has_amount(price: FoundPrice) -> bool:
    """Tell whether the amount is one of the passage's figures, in whole units or in cents."""
    stated, amount = numbers(price.evidence), Decimal(str(price.amount))
    if amount in stated or amount * 100 in stated:
        return True
    return not amount and (not stated or "free" in price.evidence.casefold())
