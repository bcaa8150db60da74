"""Facts without a model: only what one plain sentence says; the rest is not read."""

import re
from collections.abc import Iterator, Mapping

from panel.checklist.matcher import Match, SignalMatcher
from panel.checklist.prices import find_prices
from panel.checklist.prose import Prose
from panel.domain.intake import Facts, FoundEntry, FoundLicence, FoundPrice
from panel.domain.tool import FACTS, EntryTerms

_PLAN = re.compile(r"\b(?:plan|tier|trial|up|days?|edition|version|account|first)\b")
_KNOWN = (
    r"(?:Apache(?:[- ]Licen[cs]e,?)?(?:[- ](?:Version )?v?2(?:\.0)?)?|MIT|ISC|SSPL(?:-?v?1(?:\.0)?)?"
    r"|proprietary|BSD(?:-[23]-Clause)?"
    r"|(?:GNU )?[AL]?GPL(?:[- ]?v?[23](?:\.[01])?)?(?:-or-later|-only|\+)?"
    r"|BU?SL[- ]1\.1|FSL(?:-1\.1)?(?:-MIT|-Apache-2\.0)?|MPL(?:[- ]2\.0)?"
    r"|CC0|CC[- ]BY(?:-(?:NC|SA|ND)){0,2}(?:[- ]4\.0)?)(?!\w|-(?![Ll]icen))"
)
_NO_NAME = r"(?! (?!Licen[cs]e|LICEN[CS]E|OR |AND |WITH )[A-Z])"  # not of "Apache Kafka"
_JOINED = rf"(?:(?:/| or | and )(?:the )?{_KNOWN})?(?: with (?:the )?Commons Clause)?"
_OWN = (
    r"[A-Z][\w.-]{0,30} (?:(?:[A-Z][\w.-]{0,30}|\d[\d.]{0,5}) ){0,4}(?:LICEN[CS]E|Licen[cs]e)"
    r"(?: v?\d(?:\.\d)?)?"
)
_LICENCE = re.compile(
    r"\b(?:[Uu]nder|[Ll]icen[cs]ed|[Ll]icen[cs]e(?: is|:)?) (?:under )?(?:the |an? )?"
    r"(?:terms of (?:the )?)?[\[*_`\"“(]{0,4}"
    rf"(?P<under>{_KNOWN}{_NO_NAME}{_JOINED}|commercial(?= licen)|{_OWN})"
    rf"|(?<![\w.-])(?P<named>{_KNOWN}{_JOINED})[- ][Ll]icen[cs]ed?\b"
)
_HEADING = re.compile(r"\W*licen[cs](?:e|ing)\W*", re.IGNORECASE)
_BELOW = re.compile(rf"[\s\[*_`(]{{0,4}}(?P<under>{_KNOWN}{_NO_NAME}{_JOINED}|{_OWN})(?P<named>)")
_PART = r"(?:code|source|weights|models?|data|dataset|docs|documentation|clients?|server|core)"
_COVERED = re.compile(
    rf"\b({_PART}(?:\s(?:and\s)?{_PART})?)\s(?:[\w-]{{1,20}}\s){{0,4}}\Z", re.IGNORECASE
)


def find_facts(prose: Prose, found: Mapping[str, Match], matcher: SignalMatcher) -> Facts:
    """Return the facts of a description; `found` has its signals by name.

    What is missing was not read, which is not to say that the text does not state it. An advert or a
    piece of news is no tool, unless something in it speaks for one.
    """
    prices = find_prices(prose, matcher)
    is_tool = any(m.signal.speaks == "for" for m in found.values()) or not matcher.is_no_tool(prose)
    facts = Facts(
        is_tool=is_tool,
        reason="It describes something to use." if is_tool else "It reads as an advert or as news.",
        entry=_find_entry(found.get("free_start"), prices),
        licence=tuple(find_licences(prose, matcher)),
        prices=prices,
    )
    return facts.model_copy(update={"not_read": tuple(f for f in FACTS if not getattr(facts, f))})


def find_licences(prose: Prose, matcher: SignalMatcher) -> Iterator[FoundLicence]:
    """Yield the licences of the tool, as written, that plain sentences state, each once.

    "It is MIT licensed" and "under the Apache 2.0 licence" state one; "a thesis at MIT" does not. Where
    several are stated, each has to say what it covers: which of them is the tool's takes a reader.
    """
    found: dict[str, FoundLicence] = {}
    below = False  # right under the heading of a section about the licence
    for sentence in prose.sentences:
        bare = _BELOW.match(sentence.text) if below else None
        below = sentence.is_heading and _HEADING.fullmatch(sentence.text) is not None
        for match in filter(None, (bare, *_LICENCE.finditer(sentence.text))):
            name = match["under"] or match["named"]
            if name in found:
                continue
            evidence = sentence.quote(match.start())
            if evidence and not matcher.is_denied(sentence, *match.span()):
                covers = _COVERED.search(sentence.text[: match.start()])
                covered = covers[1].casefold() if covers else None
                found[name] = FoundLicence(value=name, covers=covered, evidence=evidence)
    if len(found) == 1 or all(one.covers for one in found.values()):
        yield from found.values()


def _find_entry(free: Match | None, prices: tuple[FoundPrice, ...]) -> FoundEntry | None:
    """Return what it takes to begin: free where the text says so, paid where it has a price."""
    if free is None:
        return FoundEntry(value="paid", evidence=prices[0].evidence) if prices else None
    evidence = free.sentence.quote(free.start)
    value: EntryTerms = "freemium" if prices or _PLAN.search(free.words) else "free"
    return FoundEntry(value=value, evidence=evidence) if evidence else None
