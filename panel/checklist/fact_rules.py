"""Facts by rules: what intake finds in a description without a model, each with its passage."""

import re
from itertools import islice

from panel.checklist.fact_words import (
    ADVERT,
    CATEGORIES,
    CLOSED_LICENCES,
    CONTACT,
    FREE,
    FREE_PLAN,
    LICENCES,
    NEWS,
    PAID,
    PRODUCT,
    TOPICS,
)
from panel.checklist.price_rules import find_prices
from panel.checklist.sentences import Sentences
from panel.domain.intake import MOST_POINTS, Facts, Found, FoundEntry, FoundPrice
from panel.domain.tool import Entry

_TAGLINE_WORDS = 20
_READ_WORDS = 40  # what is longer than a tagline with its "X is a" is seen to be cut
_FEWEST_WORDS = 5
_RELATIVE = frozenset("that which who whose so because when while where".split())
_NAME = r"[A-Z][\w&.'-]*(?: (?:& )?[A-Z][\w&'-]*){0,3}"
_VENDORS = (
    re.compile(
        r"\b(?:made|built|developed|created|released|published|offered|sold|maintained|put out) by "
        rf"(?:the (?:company|team|people|start-?up) )?(?P<vendor>{_NAME})"
    ),
    re.compile(
        rf"^(?P<vendor>{_NAME}) (?:(?:has|have) (?:today |just |now )?(?:put out|opened|published"
        r"|released|launched|announced|introduced|unveiled|open-sourced)"
        r"|releases|launch(?:ed|es)|announce[ds]|introduce[ds]|unveil(?:ed|s)|open-sourced)\b",
        re.MULTILINE,
    ),
    re.compile(
        r"\b(?P<vendor>(?:[A-Z][\w&'-]{0,40} ){1,3}(?:GmbH|Inc|Ltd|BV|LLC|AG|SAS|Oy|AB|PLC|Corp))\b"
    ),
)
_COMPANY_DOES = "raises|acquires|appoints|closes|secures|joins"
_NOT_VENDORS = frozenset(
    "it we our they the this today you i a an new version people researchers users results".split()
)


def find_facts(sentences: Sentences) -> Facts:
    """Return the facts of the description; what its words do not show is None or missing."""
    prices = find_prices(sentences)
    licence = _licence(sentences)
    aside = _set_aside(sentences, prices)
    return Facts(
        is_tool=aside is None,
        reason=aside or "Its text describes something that a reader could use.",
        tagline=_tagline(sentences),
        category=_category(sentences),
        vendor=_vendor(sentences),
        entry=_entry(sentences, prices, licence),
        licence=licence,
        prices=prices,
        open_points=_open_points(sentences),
    )


def _has_body(sentences: Sentences) -> bool:
    return sentences.body < len(sentences.lines)


def _search(pattern: re.Pattern[str], sentences: Sentences) -> re.Match[str] | None:
    """Return the first match in the description itself, its front matter left out."""
    if not _has_body(sentences):
        return None
    return pattern.search(sentences.folded, sentences.starts[sentences.body])


def _found(value: str, at: int, sentences: Sentences) -> Found | None:
    evidence = sentences.quote(at)
    return Found(value=value, evidence=evidence) if evidence else None


def _licence(sentences: Sentences) -> Found | None:
    for name, pattern in LICENCES:
        match = _search(pattern, sentences)
        if match:
            return _found(name, match.start(), sentences)
    return None


def _entry(
    sentences: Sentences, prices: tuple[FoundPrice, ...], licence: Found | None
) -> FoundEntry | None:
    """Return what it takes to begin: by its prices, else by its words, else by an open licence."""
    is_open = licence is not None and licence.value not in CLOSED_LICENCES
    plan = _search(FREE_PLAN, sentences)
    if prices:
        if plan:
            return _found_entry("freemium", plan.start(), sentences)
        kind: Entry = "freemium" if is_open else "paid"
        return FoundEntry(value=kind, evidence=prices[0].evidence)
    rules: tuple[tuple[Entry, re.Match[str] | None], ...] = (
        ("contact", _search(CONTACT, sentences)),
        ("freemium", plan),
        ("free", _search(FREE, sentences)),
        ("paid", _search(PAID, sentences)),
    )
    for value, match in rules:
        if match:
            return _found_entry(value, match.start(), sentences)
    return FoundEntry(value="free", evidence=licence.evidence) if licence and is_open else None


def _found_entry(value: Entry, at: int, sentences: Sentences) -> FoundEntry | None:
    evidence = sentences.quote(at)
    return FoundEntry(value=value, evidence=evidence) if evidence else None


def _vendor(sentences: Sentences) -> Found | None:
    name = (sentences.name or "").casefold()
    for pattern in _VENDORS:
        match = _search(pattern, sentences)
        if not match:
            continue
        vendor = match["vendor"].strip(" .,'&-")
        if vendor.casefold() != name and vendor.split()[0].casefold() not in _NOT_VENDORS:
            return _found(vendor, match.start("vendor"), sentences)
    return None


def _category(sentences: Sentences) -> Found | None:
    """Return the category whose words stand there most often; of equals the more special one."""
    if not _has_body(sentences):
        return None
    start = sentences.starts[sentences.body]
    best, most, at = "", 0, 0
    for name, pattern in CATEGORIES:
        places = [match.start() for match in pattern.finditer(sentences.folded, start)]
        if len(places) > most:
            best, most, at = name, len(places), places[0]
    return _found(best, at, sentences) if most else None


def _tagline(sentences: Sentences) -> Found | None:
    """Return the first sentence without its "X is a", whole or as far as it makes sense."""
    if not _has_body(sentences):
        return None
    evidence = sentences.quote(sentences.starts[sentences.body], _READ_WORDS)
    if not evidence:
        return None
    return Found(value=_shortened(_core(evidence, sentences.name)), evidence=evidence)


def _core(sentence: str, name: str | None) -> str:
    """Return what stands behind "NAME is a", or the sentence where it is built otherwise."""
    begins = "|".join(re.escape(text) for text in (name, *(name or "").split()[:1]) if text)
    found = re.match(
        rf"(?:{begins or 'It'}|It|This)(?:,[^,]{{1,60}},)? (?:is|are) (?:now )?(?:an? |the )?(?=\w)",
        sentence,
    )
    return sentence[found.end() :] if found else sentence


def _shortened(text: str) -> str:
    """Return `text`, or of a long one the part before a comma or a relative clause, else with "…"."""
    words = text.split()
    if len(words) <= _TAGLINE_WORDS:
        return text
    ends = [
        n
        for n in range(_FEWEST_WORDS, _TAGLINE_WORDS + 1)
        if words[n - 1][-1] in ",;:" or words[n].casefold() in _RELATIVE
    ]
    kept = " ".join(words[: ends[-1] if ends else _TAGLINE_WORDS]).strip(" ,;:.")
    return kept if ends else f"{kept} …"


def _set_aside(sentences: Sentences, prices: tuple[FoundPrice, ...]) -> str | None:
    """Return why the text is no tool, or None; in doubt it is one.

    Only a title or a beginning that reads as something else counts, and only where nothing in the
    text points to a product.
    """
    title = sentences.name or ""
    body = sentences.folded[sentences.starts[sentences.body] :] if _has_body(sentences) else ""
    for pattern, reason in (
        (ADVERT, "It reads as a job advert, and no product is described."),
        (NEWS, "It reads as news or opinion, and no product is described."),
    ):
        if (pattern.search(title) or pattern.search(body)) and not (
            prices or PRODUCT.search(sentences.folded) or _acts(sentences, title)
        ):
            return reason
    return None


def _acts(sentences: Sentences, title: str) -> bool:
    """Tell whether a sentence says what the thing of that name does: "Rowboat keeps ..."."""
    name = title.split(maxsplit=1)[0] if title.split() else ""
    if not name or name.casefold() in _NOT_VENDORS:
        return False
    does = rf"^{re.escape(name)}(?: [A-Z]\w*)? (?!{_COMPANY_DOES})[a-z]+s\b"
    return _search(re.compile(does, re.MULTILINE), sentences) is not None


def _open_points(sentences: Sentences) -> tuple[str, ...]:
    """Return at most five things that the text does not mention, facts left out: they are listed."""
    points = (point for point, pattern in TOPICS if not _search(pattern, sentences))
    return tuple(islice(points, MOST_POINTS))
