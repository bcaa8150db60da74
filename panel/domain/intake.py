"""Intake: the facts that the editor did not give, read from the description with their spans."""

import re
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints, ValidationError

from panel.domain.grounding import is_verbatim, numbers
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
MOST_POINTS = 5
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
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    unit: Line
    evidence: Line


class Facts(Value):
    """All that intake found. None and the empty tuple mean that the text does not say it."""

    is_tool: bool
    reason: Line
    tagline: Found | None
    category: Found | None
    vendor: Found | None
    entry: FoundEntry | None
    licence: Found | None
    prices: Annotated[tuple[FoundPrice, ...], Field(max_length=30)]
    open_points: Annotated[tuple[Line, ...], Field(max_length=20)]


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
    )


def read_facts(text: str) -> Facts:
    """Return the facts that `text` is. Raises UnreadableError with a plain reason."""
    document = read_object(text)
    arrays = {key: tuple(value) for key, value in document.items() if isinstance(value, list)}
    try:
        return Facts.model_validate({**document, **arrays})
    except ValidationError as error:
        raise UnreadableError(first_fault(error)) from error


def complete_tool(tool: Tool, facts: Facts, shown: str) -> Tool:
    """Return `tool` with the facts that it lacks, as far as they stand verbatim in `shown`.

    What the editor gave is never replaced. A fact whose evidence is not in the text, or does not say
    it, is dropped and counts as not stated, like one that was not found.
    """
    lacking = tool.lacks()
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
    missing = tuple(fact for fact in FACTS if fact in lacking and fact not in changes)
    return tool.model_copy(
        update={
            **changes,
            "evidence": {**tool.evidence, **evidence},
            "not_stated": (*tool.not_stated, *missing),
            "open_points": tool.open_points or facts.open_points[:MOST_POINTS],
        }
    )


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
