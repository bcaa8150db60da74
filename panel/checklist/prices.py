"""Prices: what one plain sentence says that the tool costs, and no other sum of money."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import islice

from panel.checklist.matcher import SignalMatcher
from panel.checklist.prose import Prose, Sentence
from panel.checklist.wording import read_wording, root
from panel.domain.currency import MONEY, is_ambiguous, read_money, sign_of
from panel.domain.intake import MOST_PRICES, FoundPrice
from panel.domain.price_terms import SIDES

NO_LABEL = "price"
_ANY_PRICE = frozenset((NO_LABEL, "prices", "pricing"))
_HIGHEST = 1_000_000_000
_MOST_WORDS = 3  # of a label
_NEAR = 30  # characters before a sum
_ENDS_UNIT = (
    "per|an?|each|every|and|or|with|on|in|for|to|of|at|but|that|which|is|are|plus|from|when|while|if|as|up"
    "|only|where|you|we|after|until|than|billed|excl|excluding|incl|including|minimum"
)
_UNIT = (
    rf"(?:(?!(?:{_ENDS_UNIT})\b)(?:\d+(?:[.,]\d+)*+\w*|[^\W\d][\w-]*)\s?){{1,3}}"  # "100,000 rows "
    r"(?:(?:/\s?|(?:a|per|each|every)\s)(?:month|mo|year|yr|week|day)\b)?"  # "a month"
)
_PRICE = re.compile(
    rf"(?P<money>{MONEY})(?:(?:\s?[-–—]\s?|\sto\s)(?P<most>{MONEY}))?\s?"
    r"(?:(?P<once>once|one[- ]time|for life)\b"
    rf"|(?P<adverb>(?:month|year)ly|annually)\b|(?:/|(?:per|an?|each|every)\s)\s?(?P<unit>{_UNIT})"
    r"|(?P<ends>$|[.,;)]|and\b))"
)
_CLAUSE = re.compile(r"[,;:(–—\x1f\s]\s?(?:(?:and|or|then|plus|but)\s)+|[,;:(–—\x1f]\s?")
_COSTS, _OFFERS = frozenset("cost costs is are it's run".split()), frozenset("at for from".split())
_FROM = re.compile(r"\b(?:from|starts? at|starting at)\s\Z", re.IGNORECASE)
_COUNT = re.compile(r"\b(\d{1,4} [a-z]{2,20}) for\s\Z")
_FOR = re.compile(r"\s?(for \d{1,3}(?:,\d{3}){0,2} [a-z]{2,20})\b")
_CONDITION = re.compile(
    r"\s?\(([^()\x1f]{2,60})\)|,?\s?\b((?:if|when|on) [^,.;:()\x1f]{3,60})"
    r"|,?\s?(plus (?:VAT|GST|tax(?:es)?)|excl(?:uding)? (?:VAT|GST|tax)"
    r"|billed (?:yearly|annually|monthly)"
    r"|(?:minimum|at least)(?: of)? \d{1,4} (?:seats|users|members))\b",
    re.IGNORECASE,
)
_NOT_ITS_OWN = frozenset(
    "would could might was were to which who competitors rivals others other another most many some "
    "any anything typical average similar comparable".split()
)
_PRONOUNS = frozenset("it this that we you there they all everything".split())
_DETERMINERS = frozenset("the a an one each every our its".split())
_PLANS = frozenset(
    "plan tier licence license edition version package subscription seat pack bundle".split()
)
_THINGS = _PLANS | frozenset(
    "price prices pricing plans input output hosting seats usage more setup fee overage".split()
)
_METERED = frozenset(  # what software is sold by, besides seats
    "credit token request call page image minute project message query document".split()
)
_SINGLES = frozenset("a an one each every".split())
_MORE = frozenset("extra additional further".split())
_OF_MACHINES = re.compile(  # units by which nobody but a program is paid
    r"\b(?:[kmgt]i?b|tokens?|requests?|credits?|quer(?:y|ies)|rows?|vectors?|builds?)\b",
    re.IGNORECASE,
)
_WAGES = re.compile(r"(?:hour|day)s?\b")  # what people and machines are paid by


class _Text:
    """A description as far as it tells which sums are prices of its tool."""

    def __init__(self, prose: Prose) -> None:
        self.prose = prose
        self.own = read_wording(prose.name).words

    def speaks_of(self, noun: str) -> bool:
        """Tell whether more than one sentence has the word: what is priced was spoken of before."""
        return self._sentences_with[root(noun.casefold())] > 1

    @cached_property
    def _sentences_with(self) -> Counter[str]:
        return Counter(
            word
            for sentence in self.prose.sentences
            for word in set(read_wording(sentence.text).roots.split())
        )


def find_prices(prose: Prose, matcher: SignalMatcher) -> tuple[FoundPrice, ...]:
    """Return the prices of the tool that plain sentences state, each once, in their order.

    "The Team plan costs $12 per seat a month" is one: a subject, a verb, a sum and a unit. A sum that
    stands otherwise, with another product's name, or of something that the text has not spoken of, is
    none.
    """
    text = _Text(prose)
    found = {
        (price.label, price.amount, price.currency, price.unit): price
        for sentence in prose.sentences
        for price in _prices(sentence, text, matcher)
    }
    return tuple(found.values())[:MOST_PRICES]


def _prices(sentence: Sentence, text: _Text, matcher: SignalMatcher) -> Iterator[FoundPrice]:
    is_clear = True  # no sum before it in the sentence was no price
    follows = False  # one of them was a price
    for match in islice(_PRICE.finditer(sentence.text), MOST_PRICES):  # no plain sentence has more
        unit = "once" if match["once"] else match["adverb"] or match["unit"]
        amount, (currency, *_) = read_money(match["money"])
        most = read_money(match["most"]).amount if match["most"] else None
        before = sentence.text[: match.start()]
        count = _COUNT.search(before[-_NEAR:])
        if count and unit:
            unit, before = f"{count[1]} a {unit}", before[: -len(count[0])]
        label = _label(before, text, unit=unit or "", is_clear=is_clear, follows=follows)
        is_clear = is_clear and label is not None
        follows = follows or label is not None
        if label is None or amount > _HIGHEST or _is_unclear(match):
            continue
        evidence = sentence.quote(match.start())
        if evidence and not matcher.is_denied(sentence, match.start(), match.end("money")):
            yield FoundPrice(
                label=_side(label, unit or "") or label,
                amount=float(amount),
                up_to=float(most) if most and amount < most <= _HIGHEST else None,
                currency=currency or sign_of(match["money"]),
                unit=" ".join(unit.split()) if unit else None,
                terms=_terms("" if most else before, sentence.text, match.end()),
                evidence=evidence,
            )


def _is_unclear(match: re.Match[str]) -> bool:
    """Tell whether an end may be thousands or thousandths, or the two ends have different currencies.

    The upper end is clear where it is above the lower one only as thousands: "€900 to €1.500".
    """
    if is_ambiguous(match["money"]):
        return True
    if not match["most"]:
        return False
    low, high = read_money(match["money"]), read_money(match["most"])
    is_either = is_ambiguous(match["most"]) and high.amount / 1000 > low.amount
    return is_either or {*low.currencies}.isdisjoint(high.currencies)


def _side(label: str, unit: str) -> str | None:
    """Return input or output where a label says no more than that a sum is their price."""
    names = [word.casefold() for word in (label, *unit.split())]
    if names[0] not in SIDES and names[0] not in _ANY_PRICE:
        return None
    return next((SIDES[name] for name in names if name in SIDES), None)


def _terms(before: str, text: str, end: int) -> tuple[str, ...]:
    """Return the conditions right before and behind a sum: "from", "plus VAT", "if you pay yearly"."""
    start = ["from"] if _FROM.search(before[-_NEAR:]) else []
    for pattern in (_FOR, _CONDITION):
        if condition := pattern.match(text, end):
            start.append(next(filter(None, condition.groups())).strip())
            end = condition.end()
    return tuple(start)


def _label(before: str, text: _Text, *, unit: str, is_clear: bool, follows: bool) -> str | None:
    """Return what a price is of, by the words of its clause before it; None where it is no price."""
    words = _CLAUSE.split(before)[-1].split()
    if not words:
        opens = before.rstrip().endswith(("(", "–", "—"))
        return NO_LABEL if unit and is_clear and not opens else None
    if unit and is_clear and (bare := _bare_label(words, follows=follows)):
        return bare
    *subject, verb = words
    is_said = verb.casefold() in _COSTS or (verb in _OFFERS and unit)
    if not is_said or _is_of_another(words, text.own, begins=len(words) == len(before.split())):
        return None
    named = [word for word in subject if word.casefold() not in _DETERMINERS]
    if not named or verb in _OFFERS or _is_tool(named, text.own):
        return NO_LABEL
    if not (follows or _is_sold(subject, named, text, unit)):
        return None
    return " ".join(named) if len(named) <= _MOST_WORDS else NO_LABEL


def _is_tool(named: Sequence[str], own: Sequence[str]) -> bool:
    """Tell whether a subject is the tool, by its name or as "it", and not "typing it by hand"."""
    words = [word.casefold() for word in named]
    is_it = words[0] in _PRONOUNS or (words[-1] in _PRONOUNS and not words[0].endswith("ing"))
    return is_it or not {*own}.isdisjoint(words)


def _is_of_another(words: Sequence[str], own: Sequence[str], *, begins: bool) -> bool:
    """Tell whether the words up to a verb name another product, or only some thing by the way."""
    subject = words[:-1]
    for number, (word, following) in enumerate(zip(subject, words[1:], strict=True)):
        # The first word of a sentence has a capital anyway; right before the verb it may be a name.
        may_be_name = word[0].isupper() and (number or not begins or following in _COSTS)
        is_place = number > 0 and subject[number - 1].casefold() == "in"
        is_plain = is_place or word.casefold() in {*own, *_THINGS, *_PRONOUNS, *_DETERMINERS}
        is_relative = word == "that" and 0 < number == len(subject) - 1  # "a card that costs $300"
        if (
            is_relative
            or word.casefold() in _NOT_ITS_OWN
            or (may_be_name and not is_plain and following not in _PLANS)
        ):
            return True
    return False


def _is_sold(subject: Sequence[str], named: Sequence[str], text: _Text, unit: str) -> bool:
    """Tell whether what is priced is the tool's: a plan, what is metered, or known from the text."""
    noun = named[-1].casefold()
    if any(word.casefold() in _THINGS for word in named) or _OF_MACHINES.search(unit):
        return True
    if _WAGES.match(unit):
        return False
    is_metered = noun.removesuffix("s") in _METERED or noun.removesuffix("ies") + "y" in _METERED
    is_one = subject[0].casefold() in _SINGLES
    if (is_one or is_metered) and all(word.casefold() in _MORE for word in named[:-1]):
        return True
    return text.speaks_of(noun)


def _bare_label(words: Sequence[str], *, follows: bool) -> str | None:
    """Return the label of a price without a verb: "and output $80 per million tokens".

    "in Canada CA$25 a month" is one where another price of the tool precedes it (`follows`).
    """
    if len(words) > _MOST_WORDS:
        return None
    if words[-1].casefold() in _THINGS:
        return " ".join(words)
    return NO_LABEL if follows and words[0] == "in" else None
