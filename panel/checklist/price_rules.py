"""Prices by rules: an amount with its currency and what it is charged by."""

import re
from collections.abc import Iterator
from itertools import islice

from panel.checklist.price_clauses import NO_LABEL, is_own_price, read_label
from panel.checklist.sentences import Sentences
from panel.domain.intake import FoundPrice

_SYMBOLS = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR"}
_WORDS = {
    "dollar": "USD",
    "buck": "USD",
    "euro": "EUR",
    "pound": "GBP",
    "yen": "JPY",
    "rupee": "INR",
    "franc": "CHF",
    "cent": "USD",
}
_CODES = "USD|EUR|GBP|CHF|JPY|CAD|AUD|SEK|NOK|DKK|PLN|INR|CNY"
_AMOUNT = (
    r"[1-9]\d{0,2}(?:\.\d{3})+,\d{2}|\d{1,3}(?:,\d{3})+(?:\.\d+)?"
    r"|\d{1,12}(?:,\d{1,2}(?!\d)|\.\d{1,9})?"
)
_SPELT = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30,
    "forty": 40, "fifty": 50, "hundred": 100,
}  # fmt: skip
_PRICE = re.compile(
    rf"(?P<symbol>[$€£¥₹])\s?(?P<amount>{_AMOUNT})(?![.,]?\d)"
    rf"|\b(?P<code>{_CODES})\s?(?P<coded>{_AMOUNT})(?![.,]?\d)"
    rf"|(?<![\w.,])(?P<worded>{_AMOUNT}|(?i:{'|'.join(_SPELT)}))\s?"
    rf"(?:(?P<after>(?-i:{_CODES})\b|[€£])|-?(?P<word>(?i:{'|'.join(_WORDS)})s?)\b)"
)
_NUMBER = (
    r"(?:\d[\d,.]*\s?(?:(?:thousand|million|billion|k|m)\b)?"
    r"|(?:one |a )?(?:hundred|thousand|million|billion))"
)
_WORD = (
    r"(?!(?:a|an|per|and|or|with|on|in|for|to|of|after|at|but|that|which|is|are|plus|from|when|while|if"
    r"|as|then|until|up|monthly|yearly|annually|beyond|above|below|over|without|including|paid|billed"
    r"|where|you|we|public|all|no|only)\b)[a-z][\w'-]*"
)
_UNIT = re.compile(
    r"\s?,?\s?(?:(?:flat|only|usd|plus vat|excl\.? vat)\s)?"
    r"(?:(?P<once>once|one-time|one-off|one time|lifetime|for life|a single time)\b"
    r"|(?P<adverb>monthly|yearly|annually|weekly|daily|hourly)\b"
    r"|(?:/|(?:per|(?P<loose>an?)(?!\s(?:hundred|thousand|million))|an?|each|every|for each|for every"
    r"|for(?=\s(?:\d|one\b)))\s)\s?"
    rf"(?P<count>{_NUMBER}(?=[\s-]?[a-z]))?[\s-]?(?P<thing>{_WORD}(?:\s{_WORD}){{0,2}})"
    r"(?P<rest>(?:\s?/\s?|\s(?:per|a|an|each|every)\s)(?:month|mo|year|yr|day|week|hour|minute)\b"
    r"|\s(?:monthly|yearly|annually))?)",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"(?:seat|user|person|head|member|developer|employee|editor|site|team|project|device|month|mo|year|yr"
    r"|day|week|hour|minute|second|page|picture|image|photo|file|document|row|record|request|call|token"
    r"|message|mail|run|test|build|report|video|song|word|character|licen[cs]e|copy|piece|pop)\b",
    re.IGNORECASE,
)
_LOT = re.compile(
    rf"(?:^|[,;:(] ?)(?P<lot>{_NUMBER} [\w ]{{3,30}}?) (?:for|at|cost|costs) $", re.IGNORECASE
)
_PERIODS = {
    "mo": "month",
    "yr": "year",
    "monthly": "month",
    "yearly": "year",
    "annually": "year",
    "weekly": "week",
    "daily": "day",
    "hourly": "hour",
}
_PERIOD = re.compile(r"(month|mo|year|yr|day|week|hour|minute)(?:\s.*)?", re.IGNORECASE)
_COUNTS = {"hundred": "100", "thousand": "1,000", "million": "1M", "billion": "1B"}
_SHORT = {"thousand": "K", "k": "K", "million": "M", "m": "M", "billion": "B"}
_MOST_PRICES = 30
_MOST_AMOUNTS = 100  # amounts that are looked at
_AROUND = 160  # characters that are read on either side of an amount
_HIGHEST = 1_000_000_000
NO_UNIT = "unit not stated"


def find_prices(sentences: Sentences) -> tuple[FoundPrice, ...]:
    """Return every price of the description in its order, each once."""
    prices: dict[tuple[object, ...], FoundPrice] = {}
    for price in _prices(sentences):
        prices.setdefault((price.label, price.amount, price.currency, price.unit), price)
    return tuple(prices.values())[:_MOST_PRICES]


def _prices(sentences: Sentences) -> Iterator[FoundPrice]:
    if sentences.body >= len(sentences.lines):
        return
    text = sentences.folded
    for found in islice(_PRICE.finditer(text, sentences.starts[sentences.body]), _MOST_AMOUNTS):
        before = text[max(0, found.start() - _AROUND) : found.start()].rpartition("\n")[2]
        after = text[found.end() : found.end() + _AROUND].partition("\n")[0]
        evidence = sentences.quote(found.start())
        amount, currency = _money(found)
        if evidence is None or not is_own_price(before, after, sentences.name):
            continue
        if amount <= _HIGHEST:
            lot = _LOT.search(before)
            label = NO_LABEL if lot else read_label(before, after, sentences.name)
            unit = lot["lot"] if lot else _unit(after)
            yield FoundPrice(
                label=label, amount=amount, currency=currency, unit=unit, evidence=evidence
            )


def _money(found: re.Match[str]) -> tuple[float, str]:
    """Return the amount and its ISO currency."""
    digits = found["amount"] or found["coded"] or found["worded"]
    spelt = _SPELT.get(digits.casefold())
    amount = float(_plain(digits)) if spelt is None else float(spelt)
    if found["word"]:
        word = found["word"].casefold().rstrip("s")
        return (amount / 100 if word == "cent" else amount), _WORDS[word]
    sign = found["symbol"] or found["code"] or found["after"]
    return amount, _SYMBOLS.get(sign, sign)


def _plain(digits: str) -> str:
    """Return `digits` with a point for its fraction and nothing between its thousands."""
    whole, comma, fraction = digits.rpartition(",")
    if comma and "." not in fraction and len(fraction) < 3:  # noqa: PLR2004 - a comma for cents
        return f"{whole.replace('.', '')}.{fraction}"
    return digits.replace(",", "")


def _unit(after: str) -> str:
    """Return what a price is charged by, as `seat a month`, `1M tokens` or `once`."""
    found = _UNIT.match(after)
    if not found or (found["loose"] and not _COUNTED.match(found["thing"])):
        return NO_UNIT
    if found["once"]:
        return "once"
    if found["adverb"]:
        return _PERIODS[found["adverb"].casefold()]
    period = _PERIOD.fullmatch(found["thing"])
    thing = found["thing"].split()
    if period:
        thing = [_PERIODS.get(period[1].casefold(), period[1].casefold())]
    words = [_count(found["count"]), *thing]
    if found["rest"]:
        word = found["rest"].replace("/", " ").split()[-1].casefold()
        words += ["a", _PERIODS.get(word, word)]
    return " ".join(word for word in words if word)[:80]


def _count(text: str | None) -> str:
    """Return a count as digits: `million` is 1M, `100 thousand` is 100K."""
    if not text:
        return ""
    words = text.casefold().split()
    if words[-1] in _COUNTS and not words[0][0].isdigit():
        return _COUNTS[words[-1]]
    number = re.fullmatch(r"(?P<digits>\d[\d,.]*)(?P<scale>[a-z]*)", "".join(words))
    scale = _SHORT.get(number["scale"], "") if number else ""
    return f"{number['digits']}{scale}" if number else text
