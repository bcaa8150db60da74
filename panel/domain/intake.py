"""Intake: the facts that the editor did not give, read from the description with their spans."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal, TypeVar, get_args

from pydantic import AfterValidator, Field, ValidationError

from panel.domain.ballot import read_passages
from panel.domain.fault import Fault
from panel.domain.grounding import numbers
from panel.domain.json_answer import UnreadableAnswerError, fault_line, read_object
from panel.domain.json_schema import Schema, strict_object
from panel.domain.tool import FACTS, MOST_DECIMALS, MOST_OF_A_LINE, EntryTerms, FactName, Line
from panel.domain.value import Value

SCHEMA_NAME = "intake"
MOST_PRICES, MOST_LICENCES, MOST_TERMS = 30, 6, 6
_ONE: tuple[Literal["tagline", "category", "vendor"], ...] = ("tagline", "category", "vendor")


class FoundFact(Value):
    """A fact and the passage that it stands on."""

    value: Line
    evidence: Line


class FoundEntry(Value):
    """What it takes to begin, and the passage that says so."""

    value: EntryTerms
    evidence: Line


class FoundLicence(Value):
    """A licence, what it covers (None: the whole tool), and the passage that says so."""

    value: Line
    covers: Line | None = None
    evidence: Line


Sum = Annotated[
    float,
    Field(ge=0, le=1_000_000_000, allow_inf_nan=False),
    AfterValidator(lambda amount: round(amount, MOST_DECIMALS)),
]


class FoundPrice(Value):
    """A price as its reader wrote it down: `currency` is a code, a sign or a word of the text."""

    label: Line
    amount: Sum
    up_to: Sum | None = None
    currency: Line | None = None
    unit: Line | None = None
    terms: tuple[Line, ...] = ()
    evidence: Line


class Facts(Value):
    """All that intake found. None and the empty tuple mean that the text does not say it.

    `addressed` has the passages that speak to reviewers or to a model, as intake copied them. What
    `not_read` names was not looked for well enough to say that the text lacks it; no model is asked
    for this field, the checklist fills it in.
    """

    is_tool: bool
    reason: Line
    tagline: FoundFact | None = None
    category: FoundFact | None = None
    vendor: FoundFact | None = None
    entry: FoundEntry | None = None
    licence: tuple[FoundLicence, ...] = ()
    prices: tuple[FoundPrice, ...] = ()
    open_points: tuple[Line, ...] = ()
    addressed: tuple[str, ...] = ()
    not_read: tuple[FactName, ...] = ()


class ReadFacts(Value):
    """The facts that could be read, and those that could not: what each was, and why.

    `unread` maps a fact to the reason in plain words; such a fact is unknown, and not "not stated". So
    is one that is `absent`: the answer has no field of its name, not even null.
    """

    facts: Facts
    unread: dict[FactName, str]
    absent: tuple[FactName, ...] = ()


def intake_schema() -> Schema:
    """Return the wire schema of `Facts`, inside what strict mode takes."""
    text = {"type": "string"}
    found = {"anyOf": [strict_object(value=text, evidence=text), {"type": "null"}]}
    entry = {"type": "string", "enum": list(get_args(EntryTerms))}
    number = {"type": "number"}
    price = strict_object(
        label=text,
        amount=number,
        up_to={"anyOf": [number, {"type": "null"}]},
        currency=text,
        unit=text,
        terms={"type": "array", "items": text},
        evidence=text,
    )
    licence = strict_object(value=text, covers=text, evidence=text)
    return strict_object(
        is_tool={"type": "boolean"},
        reason=text,
        tagline=found,
        category=found,
        vendor=found,
        entry={"anyOf": [strict_object(value=entry, evidence=text), {"type": "null"}]},
        licence={"type": "array", "items": licence},
        prices={"type": "array", "items": price},
        open_points={"type": "array", "items": text},
        addressed={"type": "array", "items": text},
    )


def read_facts(text: str) -> ReadFacts:
    """Return the facts that `text` is, read one by one: a bad one costs itself and no other.

    Raises UnreadableAnswerError with a plain reason where it is no JSON object, or does not say
    whether this is a tool. Example: the entry "open-source" is unread, and the vendor beside it is
    kept.
    """
    document = read_object(text)
    if not isinstance(document.get("is_tool"), bool):
        raise UnreadableAnswerError("is_tool: true or false is asked for")
    unread: dict[FactName, str] = {}
    read: dict[str, Any] = {fact: _read_one(FoundFact, fact, document, unread) for fact in _ONE}
    read["entry"] = _read_one(FoundEntry, "entry", document, unread)
    read["licence"] = _read_list(FoundLicence, "licence", document, unread, most=MOST_LICENCES)
    read["prices"] = _read_list(FoundPrice, "prices", document, unread, most=MOST_PRICES)
    facts = Facts(
        is_tool=document["is_tool"],
        reason=_line(document.get("reason")) or "intake gave no reason",
        open_points=tuple(filter(None, map(_line, _listed(document.get("open_points"))))),
        addressed=read_passages(_listed(document.get("addressed"))),
        not_read=tuple(fact for fact in FACTS if fact in _listed(document.get("not_read"))),
        **read,
    )
    absent = tuple(fact for fact in FACTS if fact not in document)
    return ReadFacts(facts=facts, unread=unread, absent=absent)


def answer_faults(read: ReadFacts, asked: Sequence[FactName]) -> tuple[Fault, ...]:
    """Return the fault of an answer that lacks most of the facts which were `asked`; else nothing.

    A server that leaves out fields which are null is let pass as long as it gives half of them. What is
    no tool needs no facts.
    """
    absent = [fact for fact in asked if fact in read.absent]
    if not read.facts.is_tool or 2 * len(absent) <= len(asked):
        return ()
    return (
        Fault(
            message=f"it has no {', '.join(absent)}: give every field, null or an empty list where the "
            "description does not say it"
        ),
    )


_One = TypeVar("_One", FoundFact, FoundEntry)
_Item = TypeVar("_Item", FoundLicence, FoundPrice)


def _read_one(
    form: type[_One], fact: FactName, document: dict[str, Any], unread: dict[FactName, str]
) -> _One | None:
    if document.get(fact) is None:
        return None
    try:
        return form.model_validate(_fields(form, document[fact]))
    except ValidationError as error:
        unread[fact] = fault_line(error)
        return None


def _read_list(
    form: type[_Item],
    fact: FactName,
    document: dict[str, Any],
    unread: dict[FactName, str],
    *,
    most: int,
) -> tuple[_Item, ...]:
    """Return the items that can be read, at most `most`; the reason of the first other one is kept.

    A single object stands for a list of one.
    """
    items = document.get(fact)
    if isinstance(items, dict):
        items = [items]
    if items is not None and not isinstance(items, list):
        unread[fact] = "it is no list"
    found: list[_Item] = []
    for number, item in enumerate(_listed(items), start=1):
        if len(found) == most:
            unread.setdefault(fact, f"there are more than {most}")
            break
        try:
            found.append(form.model_validate(_fields(form, item)))
        except ValidationError as error:
            which = (
                f"{fact.removesuffix('s')} {number}: " if isinstance(document[fact], list) else ""
            )
            unread.setdefault(fact, f"{which}{fault_line(error)}")
    return tuple(found)


def _fields(form: type[Value], item: object) -> object:
    """Return what `form` knows of an object: an empty text is None, a number may be a text."""
    if not isinstance(item, dict):
        return item
    fields = {name: item[name] for name in form.model_fields if name in item}
    for name, value in fields.items():
        if name in ("amount", "up_to"):
            fields[name] = _number(value)
        elif name == "terms":
            fields[name] = tuple(filter(None, map(_line, _listed(value))))[:MOST_TERMS]
        elif name in ("currency", "unit", "covers") and isinstance(value, str):
            fields[name] = _line(value)
        elif form is FoundEntry and name == "value" and isinstance(value, str):
            fields[name] = value.strip().casefold()
    return fields


def _number(value: object) -> object:
    """Return the one number that a text has, "$1,200" as 1200.0; any other value as it is."""
    stated = numbers(value) if isinstance(value, str) else frozenset()
    return float(next(iter(stated))) if len(stated) == 1 else value


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _line(value: object) -> str | None:
    """Return a text as one line of at most 400 characters, None where it is none."""
    return (value.strip()[:MOST_OF_A_LINE].strip() or None) if isinstance(value, str) else None
