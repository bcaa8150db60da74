"""Checks on facts: what a reader found counts as far as its passage stands in the text and says it."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, Final
from urllib.parse import unquote

from panel.domain.code_blocks import lines_with_code
from panel.domain.currency import (
    find_money,
    has_money,
    named_currencies,
    read_currency,
    short_sums,
    starts_with_currency,
)
from panel.domain.flag import Flag
from panel.domain.grounding import Missing, Place, follows_number, is_verbatim, locate, numbers
from panel.domain.intake import Facts, FoundEntry, FoundFact, FoundLicence, FoundPrice, ReadFacts
from panel.domain.licence import (
    LicenceTable,
    is_delayed,
    is_named,
    read_licences,
    with_exception,
    write_licences,
)
from panel.domain.tool import FACTS, MOST_OF_A_LINE, FactName, Price, Tool
from panel.domain.value import Value

MOST_POINTS = 5
_ONE: Final[tuple[FactName, ...]] = ("tagline", "category", "vendor", "entry")
_WORD: Final = re.compile(r"\w+")
_TELLING: Final = 3
_SENTENCE_END: Final = re.compile(r"[.!?]\s|\n\s*\n")
_RIDER: Final = re.compile(r"\bcommons[ -]clause\b", re.IGNORECASE)
_BEFORE: Final = 300  # characters of a sentence before a passage
_NOT_SAID: Final = "its passage does not say it"
_WHY: Final = {
    Missing.UNMATCHED: "its passage stands in the text in another form only",
    Missing.ABSENT: "its passage is not in the text",
}
_NO_SUM: Final = "its passage has no such sum"
_NO_CURRENCY: Final = "its currency stands neither in its passage nor beside it"
_PARAGRAPH: Final = re.compile(r"\n\s*\n")
_MOST_BESIDE: Final = 2_000  # characters before a passage: of a table up to its head
_GOES_ON: Final = re.compile(  # behind a figure that counts no thing of its own
    r"\s?(?:\Z|[^\w\s%°]|\d)|\s(?:per|an?|each|every|for|in|out|or|to|and|by|on|at|plus|with|without|from|if|once"
    r"|only|flat|billed|(?:month|year|annual|week|dai)ly"
    r"|(?-i:(?:pro|je|im)(?= [A-Z])|par|por|al|za|na))\b",  # "per" in the languages of _FREE
    re.IGNORECASE,
)
_FOREIGN: Final = re.compile(r"\s?[a-zA-Z]{0,20}(?![\x00-\x7f])[^\W\d_]")
_WHOLE: Final = ("all", "everything", "the whole tool")
_FREE: Final = re.compile(  # not "ad-free"; and the word in languages that screening knows as well
    r"(?<![\w-])free(?:ly|mium|ware)?\b|\bnothing\b|gr[aá]tis|gratuit|kostenlos|kostenfrei|бесплатн|безкоштовн|darmo|zdarma|ücretsiz|مجان"
    r"|मुफ़्त|मुफ्त|免费|免費|無料|무료|ฟรี",
    re.IGNORECASE,
)
_STRUCK: Final = re.compile(
    r"~~[^~\n]{1,300}~~|<(?P<tag>s|del|strike)(?:\s[^<>\n]{0,100})?>[^<\n]{1,300}</(?P=tag)>",
    re.IGNORECASE,
)


class CompletedTool(Value):
    """A tool with the facts that hold, and in plain words what was corrected or left out."""

    tool: Tool
    corrections: tuple[str, ...] = ()


def complete_tool(tool: Tool, read: ReadFacts, shown: str, table: LicenceTable) -> CompletedTool:
    """Return `tool` with the facts that it lacks, as far as they stand verbatim in `shown`.

    What the editor gave is never replaced. A fact whose evidence is not in the text, or does not say
    it, is dropped and counts as not stated, like one that was not found. Named in `not_read` is one
    that could not be read, that the answer has no field for, or whose evidence is there in another
    form only, and a price where the text has sums of money and none was read.
    """
    lacking, facts = tool.lacks(), read.facts
    notes: list[str] = []
    changes: dict[str, Any] = {}
    evidence: dict[FactName, str] = {}
    for fact in _ONE:
        found: FoundFact | FoundEntry | None = getattr(facts, fact)
        if fact not in lacking or found is None:
            continue
        place = locate(found.evidence, shown)
        if isinstance(place, Place) and _is_borne_out(fact, found, shown):
            changes[fact] = found.value
            evidence[fact] = found.evidence
        else:
            why = _NOT_SAID if isinstance(place, Place) else _WHY[place]
            notes.append(f"The {fact} {found.value} is left out: {why}.")
    if "licence" in lacking and (licences := list(_licences(facts.licence, shown, table, notes))):
        changes["licence"] = write_licences([(one.value, _covered(one)) for one in licences])
        evidence["licence"] = _joined(one.evidence for one in licences)
    if "prices" in lacking and (prices := tuple(_prices(facts.prices, shown, notes))):
        changes["prices"] = prices
        evidence["prices"] = _joined(price.evidence or "" for price in prices)
    missing = [fact for fact in FACTS if fact in lacking and fact not in changes]
    not_read = tuple(fact for fact in missing if _is_unread(fact, read, shown))
    return CompletedTool(
        tool=tool.model_copy(
            update={
                **changes,
                "evidence": {**tool.evidence, **evidence},
                "not_stated": (*tool.not_stated, *(f for f in missing if f not in not_read)),
                "not_read": not_read,
                "open_points": tool.open_points or facts.open_points[:MOST_POINTS],
            }
        ),
        corrections=tuple(notes),
    )


def facts_flag(read: ReadFacts, corrections: Sequence[str]) -> Flag | None:
    """Return the flag that names the facts that could not be read, and what was corrected; or None."""
    named = "; ".join(f"{fact} ({why})" for fact, why in read.unread.items())
    unread = (
        f"Intake gave facts that cannot be read, so they are left out: {named}." if named else ""
    )
    said = " ".join(filter(None, (unread, *corrections)))
    return Flag(kind="intake_facts", message=said, holds=False) if said else None


def _is_unread(fact: FactName, read: ReadFacts, shown: str) -> bool:
    """Tell whether the text may state a fact that it is without."""
    facts = read.facts
    if fact in (*read.unread, *read.absent, *facts.not_read) or _is_unmatched(fact, facts, shown):
        return True
    if fact == "licence":
        return any(_holds_later(one, shown) for one in facts.licence)
    return fact == "prices" and (has_money(shown) or any(map(_lacks_currency, facts.prices)))


def _lacks_currency(found: FoundPrice) -> bool:
    return _sum_fault(found, found.evidence, beside="") == _NO_CURRENCY


def _is_unmatched(fact: FactName, facts: Facts, shown: str) -> bool:
    """Return whether the reader found a fact whose passage is in `shown` in another form only."""
    found = getattr(facts, fact)
    several = found if isinstance(found, tuple) else (found,)
    return any(locate(one.evidence, shown) is Missing.UNMATCHED for one in several if one)


def _joined(passages: Iterator[str]) -> str:
    return "; ".join(dict.fromkeys(passages))[:MOST_OF_A_LINE].rstrip()


def _covered(found: FoundLicence) -> str | None:
    covers = found.covers
    return None if covers is None or covers.casefold() in _WHOLE else covers


def _licences(
    found: Sequence[FoundLicence], shown: str, table: LicenceTable, notes: list[str]
) -> Iterator[FoundLicence]:
    """Yield the licences that their passages name and that hold today."""
    for one in found:
        place = locate(one.evidence, shown)
        if not isinstance(place, Place):
            notes.append(f"Licence {one.value} is left out: {_WHY[place]}.")
        elif _holds_later(one, shown):
            notes.append(
                f"Licence {one.value} is left out: it only follows the one that holds today."
            )
        elif _is_said(one, table):
            yield _with_rider(one)
        else:
            notes.append(f"Licence {one.value} is left out: {_NOT_SAID}.")


def _with_rider(found: FoundLicence) -> FoundLicence:
    """Return a licence with the Commons Clause, or the exception, where its passage adds it to it."""
    value = with_exception(found.value, found.evidence)
    if _RIDER.search(found.evidence) and not _RIDER.search(value):
        value = f"{value} with Commons Clause"
    return found if value == found.value else found.model_copy(update={"value": value})


def _holds_later(found: FoundLicence, shown: str) -> bool:
    """Tell whether a licence stands in `shown` as the one that another turns into."""
    place = locate(found.evidence, shown)
    is_later = isinstance(place, Place) and is_delayed(_with_sentence(place, shown))
    return is_later and not is_delayed(found.value)


def _with_sentence(place: Place, shown: str) -> str:
    """Return a passage with what stands before it in its sentence."""
    before = shown[max(0, place.start - _BEFORE) : place.start]
    return _SENTENCE_END.split(before)[-1] + shown[place.start : place.end]


def _is_said(found: FoundLicence, table: LicenceTable) -> bool:
    """Tell whether a passage names its licence; of one in its own words, whether they share a word."""
    if any(one.category for one in read_licences(found.value, table)):
        return is_named(found.value, _in_words(found.evidence))
    return not _words(found.value).isdisjoint(_words(found.evidence.casefold()))


def _in_words(passage: str) -> str:
    """Return a passage with the words of an address as words: a badge has its licence there only."""
    return unquote(passage).replace("_", " ") if "://" in passage else passage


def _prices(found: Sequence[FoundPrice], shown: str, notes: list[str]) -> Iterator[Price]:
    """Yield the prices whose passage stands, not as code or struck out, with the amount as a figure."""
    prose = "\n".join(line for line, is_code in lines_with_code(shown) if not is_code)
    prose = _STRUCK.sub(" ", prose)
    for one in found:
        said = _STRUCK.sub(" ", one.evidence)
        fault = _fault(one, said, prose, shown)
        if fault is None:
            yield _price(one, said, notes)
        else:
            notes.append(f"Price {one.label} is left out: {fault}.")


def _fault(found: FoundPrice, said: str, prose: str, shown: str) -> str | None:
    """Return why a price does not count, None where it does.

    `said` is its passage and `prose` is `shown`, both without what is struck out, `prose` also without
    code.
    """
    place = locate(said, prose)
    if isinstance(place, Place):
        return _sum_fault(found, said, _beside(place, prose))
    is_there = is_verbatim(found.evidence, shown)
    return "it only stands in a block of code, or struck out" if is_there else _WHY[place]


def _price(found: FoundPrice, said: str, notes: list[str]) -> Price:
    amount = Decimal(str(found.amount))
    currency = read_currency(found.currency, amount, said)
    claimed = (found.currency or "").upper()
    if currency and claimed.isalpha() and len(claimed) == len(currency) and claimed != currency:
        notes.append(f"Price {found.label} is in {currency} by its passage, not in {claimed}.")
    up_to = None if found.up_to is None else Decimal(str(found.up_to))
    if up_to is not None and (up_to <= amount or not _has_end(up_to, currency, said)):
        notes.append(
            f"Price {found.label}: its upper end {found.up_to:.12g} is not in its passage."
        )
        up_to = None
    return Price(
        label=found.label,
        amount=amount,
        up_to=up_to,
        currency=currency,
        counted_in=None if currency else found.currency,
        unit=found.unit,
        terms=found.terms,
        evidence=found.evidence,
    )


def _has_end(up_to: Decimal, currency: str | None, said: str) -> bool:
    """Tell whether the upper end of a price stands in its passage, in its currency."""
    meant = [one.currencies for one in find_money(said) if one.amount == up_to]
    if meant:
        return currency is None or any(currency in one for one in meant)
    return up_to not in short_sums(said) and _is_bare_sum(up_to, currency, said)


def _is_borne_out(fact: FactName, found: FoundFact | FoundEntry, shown: str) -> bool:
    """Tell whether the passage of a fact says it, as far as code can see.

    A vendor stands in the text by name. Nothing is free by a passage that names a sum and not the
    word.
    """
    if fact == "vendor":
        return is_verbatim(found.value.casefold(), shown.casefold())
    if fact == "entry" and found.value in ("free", "freemium"):
        return _says_free(found.evidence) or not any(numbers(found.evidence))
    return True


def _words(text: str) -> set[str]:
    """Return the words of `text` that tell something: three signs or more, or with a digit."""
    words = _WORD.findall(text.casefold())
    return {word for word in words if len(word) >= _TELLING or not word.isalpha()}


def _sum_fault(found: FoundPrice, said: str, beside: str) -> str | None:
    """Return why an amount is no sum of money by its passage and what stands beside it; or None.

    "$1.2k" has 1,200 and not 1.2. Without a sign of its own, a figure that counts something else ("10
    users") is no sum, and the currency stands in the passage or beside it. An amount of zero needs a
    zero in the passage, or a word for free.
    """
    amount = Decimal(str(found.amount))
    if not amount:
        return None if amount in numbers(said) or _says_free(said) else _NO_SUM
    if any(one.amount == amount for one in find_money(said)):
        return None
    if amount in short_sums(said) or not _is_bare_sum(amount, found.currency, said):
        return _NO_SUM
    if found.currency is None or any(map(_FOREIGN.match, follows_number(amount, said))):
        return None
    is_counted = _is_counted_in(found.currency, f"{said}\n{beside}")
    return None if is_counted else _NO_CURRENCY


def _is_bare_sum(amount: Decimal, currency: str | None, said: str) -> bool:
    """Tell whether an amount stands in a passage as a figure that counts no other thing.

    What a word of another script behind it counts cannot be told.
    """
    unit = (currency or "").casefold().removesuffix("s")
    return any(
        _GOES_ON.match(behind)
        or _FOREIGN.match(behind)
        or (unit and behind.lstrip().casefold().startswith(unit))
        or starts_with_currency(behind)
        for behind in follows_number(amount, said)
    )


def _is_counted_in(currency: str, text: str) -> bool:
    """Tell whether `text` names a currency, or another unit that a price is counted in."""
    claimed = named_currencies(currency)
    if claimed:
        return not claimed.isdisjoint(named_currencies(text))
    return currency.casefold().removesuffix("s") in text.casefold()


def _beside(place: Place, prose: str) -> str:
    """Return what stands beside a passage: the paragraph that it is in, and the one before."""
    before = _PARAGRAPH.split(prose[max(0, place.start - _MOST_BESIDE) : place.start])
    behind = _PARAGRAPH.split(prose[place.end : place.end + _BEFORE])
    return " ".join((*before[-2:], behind[0]))


def _says_free(passage: str) -> bool:
    return _FREE.search(passage) is not None
