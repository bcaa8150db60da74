"""Facts without a model: only what one plain sentence says; the rest is not read."""

import re
from collections.abc import Mapping

from panel.checklist.licences import find_licences
from panel.checklist.matcher import Match, SignalMatcher
from panel.checklist.prices import find_prices
from panel.checklist.prose import Prose
from panel.domain.intake import Facts, FoundEntry, FoundPrice
from panel.domain.tool import FACTS, EntryTerms

_PLAN = re.compile(r"\b(?:plan|tier|trial|up|days?|edition|version|account|first)\b")
_PAID = re.compile(
    r"\bpaid (?:plan|tier|edition|version|account|add-?on|subscription|licen[cs]e)s?\b"
    r"|\b(?:plan|tier|edition|version|cloud|subscription|rest)s? (?:is|are) paid\b",
    re.IGNORECASE,
)
_FOR_SOME = re.compile(  # not for good, and not for all
    r"\bfree(?: of charge)? (?:(?:for|to)(?! (?:ever|everyone|everybody|anyone|all|any|good|life|use"
    r"|download|try|start)\b)|during|until|while|as long as) |\bfor up to\b|^For ",
    re.IGNORECASE,
)
_FREEDOM = re.compile(r"\bfree as in\b", re.IGNORECASE)


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
        entry=_find_entry(prose, found.get("free_start"), prices),
        licence=tuple(find_licences(prose, matcher)),
        prices=prices,
    )
    return facts.model_copy(update={"not_read": tuple(f for f in FACTS if not getattr(facts, f))})


def _find_entry(
    prose: Prose, free: Match | None, prices: tuple[FoundPrice, ...]
) -> FoundEntry | None:
    """Return what it takes to begin: free where the text says so, paid where it has a price.

    What is free as a plan, for some people or for some time, or beside something paid, is freemium.
    """
    if free is None or _FREEDOM.search(free.sentence.text):
        return FoundEntry(value="paid", evidence=prices[0].evidence) if prices else None
    evidence = free.sentence.quote(free.start)
    before = free.sentence.text[: free.start].rpartition(",")[2]
    is_part = (
        prices
        or any(_PLAN.search(words) for words in (before, free.words))
        or _FOR_SOME.search(free.sentence.text)
        or any(_PAID.search(sentence.text) for sentence in prose.sentences)
    )
    value: EntryTerms = "freemium" if is_part else "free"
    return FoundEntry(value=value, evidence=evidence) if evidence else None
