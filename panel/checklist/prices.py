"""Prices: what one plain sentence says that the tool costs, and no other sum of money."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from panel.checklist.matcher import SignalMatcher
from panel.checklist.prose import Prose, Sentence
from panel.checklist.wording import MONEY, read_wording
from panel.domain.intake import FoundPrice

NO_UNIT, NO_LABEL = "unit not stated", "price"
_MOST_PRICES = 30
_HIGHEST = 1_000_000_000
_MOST_WORDS = 3  # of a label
_ENDS_UNIT = (
    "per|an?|each|every|and|or|with|on|in|for|to|of|at|but|that|which|is|are|plus|from|when|while|if|as|up"
    "|only|where|you|we|after|until|than"
)
_UNIT = (
    rf"(?:(?!(?:{_ENDS_UNIT})\b)(?:\d+(?:[.,]\d+)*+\w*|[^\W\d][\w-]*)\s?){{1,3}}"  # "100,000 rows "
    r"(?:(?:/\s?|(?:a|per|each|every)\s)(?:month|mo|year|yr|week|day)\b)?"  # "a month"
)
_PRICE = re.compile(
    rf"(?P<money>{MONEY})\s?(?:(?P<once>once|one[- ]time|for life)\b"
    rf"|(?P<adverb>(?:month|year)ly|annually)\b|(?:/|(?:per|an?|each|every)\s)\s?(?P<unit>{_UNIT})"
    r"|(?P<ends>$|[.,;)]|and\b))"
)
_CLAUSE = re.compile(r"[,;:(–—\x1f\s]\s?(?:(?:and|or|then|plus|but)\s)+|[,;:(–—\x1f]\s?")
_COSTS, _OFFERS = frozenset("cost costs is are it's".split()), frozenset("at for from".split())
_NOT_ITS_OWN = frozenset(
    "would could might was were to which who competitors rivals others other".split()
)
_PRONOUNS = frozenset("it this that we you there they all everything".split())
_DETERMINERS = frozenset("the a an one each every our".split())
_PLANS = frozenset("plan tier licence license edition version package subscription seat".split())
_THINGS = _PLANS | frozenset(
    "price prices pricing plans input output hosting seats usage more".split()
)
_CURRENCIES = {
    "$": "USD", "us$": "USD", "a$": "AUD", "au$": "AUD", "c$": "CAD", "ca$": "CAD", "nz$": "NZD",
    "hk$": "HKD", "s$": "SGD", "r$": "BRL", "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR",
    "dollar": "USD", "euro": "EUR", "pound": "GBP", "rupee": "INR", "franc": "CHF", "yen": "JPY",
    "cent": "USD", "¢": "USD",
}  # fmt: skip


def find_prices(prose: Prose, matcher: SignalMatcher) -> tuple[FoundPrice, ...]:
    """Return the prices of the tool that plain sentences state, each once, in their order.

    "The Team plan costs $12 per seat a month" is one: a subject, a verb, a sum and a unit. A sum that
    stands otherwise, or with another product's name, is none.
    """
    own = read_wording(prose.name).words
    found = {
        (price.label, price.amount, price.currency, price.unit): price
        for sentence in prose.sentences
        for price in _prices(sentence, own, matcher)
    }
    return tuple(found.values())[:_MOST_PRICES]


def _prices(sentence: Sentence, own: Sequence[str], matcher: SignalMatcher) -> Iterator[FoundPrice]:
    is_clear = True  # no sum before it in the sentence was no price
    for match in _PRICE.finditer(sentence.text):
        unit = "once" if match["once"] else match["adverb"] or match["unit"]
        amount, currency = read_money(match["money"])
        label = _label(sentence.text[: match.start()], own, is_clear=is_clear, has_unit=bool(unit))
        evidence = sentence.quote(match.start())
        denied = matcher.is_denied(sentence, match.start(), match.end("money"))
        is_clear = is_clear and label is not None
        if label and evidence and amount <= _HIGHEST and not denied:
            yield FoundPrice(
                label=label,
                amount=float(amount),
                currency=currency,
                unit=" ".join((unit or NO_UNIT).split()),
                evidence=evidence,
            )


def read_money(text: str) -> tuple[Decimal, str]:
    """Return the amount and the ISO currency of a sum: "$1,200.50" is 1200.50 and USD."""
    sign = re.sub(r"[\d.,\s]", "", text.casefold())
    sign = sign if sign in _CURRENCIES else sign.removesuffix("s")
    digits = re.sub(r"[^\d.,]", "", text)
    if re.search(r",\d{1,2}$", digits):  # a comma for cents
        digits = digits.replace(".", "").replace(",", ".")
    plain = digits.replace(",", "")
    amount = Decimal(plain if plain.count(".") <= 1 else plain.replace(".", ""))
    return amount / 100 if sign in ("cent", "¢") else amount, _CURRENCIES.get(sign, sign.upper())


def _label(before: str, own: Sequence[str], *, is_clear: bool, has_unit: bool) -> str | None:
    """Return what a price is of, by the words of its clause before it; None where it is no price."""
    words = _CLAUSE.split(before)[-1].split()
    if not words:
        opens = before.rstrip().endswith(("(", "–", "—"))
        return NO_LABEL if has_unit and is_clear and not opens else None
    if has_unit and is_clear and len(words) <= _MOST_WORDS and words[-1].casefold() in _THINGS:
        return " ".join(words)  # "and output $80 per million tokens"
    *subject, verb = words
    if not (verb.casefold() in _COSTS or (verb in _OFFERS and has_unit)):
        return None
    begins = len(words) == len(before.split())
    for number, (word, following) in enumerate(zip(subject, words[1:], strict=True)):
        # The first word of a sentence has a capital anyway; right before the verb it may be a name.
        may_be_name = word[0].isupper() and (number or not begins or following in _COSTS)
        is_plain = word.casefold() in {*own, *_THINGS, *_PRONOUNS, *_DETERMINERS}
        if word.casefold() in _NOT_ITS_OWN or (
            may_be_name and not is_plain and following not in _PLANS
        ):
            return None
    named = [word for word in subject if word.casefold() not in _DETERMINERS]
    is_label = verb in _COSTS and 0 < len(named) <= _MOST_WORDS
    if not is_label or any(word.casefold() in {*own, *_PRONOUNS} for word in named):
        return NO_LABEL
    return " ".join(named)
