"""Prices by rules: an amount with its currency, what it is charged by, and what it is for."""

import re
from collections.abc import Iterator
from itertools import islice

from panel.domain.checklist.sentences import Sentences
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
_SCALED = re.compile(r"\s?(?:[mk]\b|bn\b|million|billion)", re.IGNORECASE)
_NO_PRICE = re.compile(
    r"\b(?:rais(?:es?|ed|ing)|sav(?:es?|ed|ing)|worth|valued|valuation|revenue|funding|invested"
    r"|fined|budget of|earn(?:s|ed)?|refund(?:s|ed)?|instead of|weigh(?:s|ing)?)\b[^.;]{0,24}$"
    r"|\b(?:not|was|were) (?:just |only )?$",
    re.IGNORECASE,
)
_NUMBER = (
    r"(?:\d[\d,.]*\s?(?:(?:thousand|million|billion|k|m)\b)?"
    r"|(?:one |a )?(?:hundred|thousand|million|billion))"
)
_UNIT = re.compile(
    r"\s?,?\s?(?:(?:flat|only|usd|plus vat|excl\.? vat)\s)?"
    r"(?:(?P<once>once|one-time|one-off|one time|lifetime|for life|a single time)\b"
    r"|(?P<adverb>monthly|yearly|annually|weekly|daily|hourly)\b"
    r"|(?:/|(?:per|a|an|each|every|for each|for every|for(?=\s(?:\d|one\b|an?\b)))\s)\s?"
    rf"(?P<count>{_NUMBER}(?=[\s-]?[a-z]))?[\s-]?"
    r"(?P<thing>[a-z][\w'-]*(?:\s(?!(?:a|an|per|and|or|with|on|in|for|to|of|after|at|but|that|which"
    r"|is|are|plus|from|when|while|if|as|then|until|up|monthly|yearly|annually|beyond|above|below"
    r"|over|without|including|paid|billed|where|you|we|public|all|no|only)\b)[a-z][\w'-]*){0,2})"
    r"(?P<rest>(?:\s?/\s?|\s(?:per|a|an|each|every)\s)(?:month|mo|year|yr|day|week|hour|minute)\b"
    r"|\s(?:monthly|yearly|annually))?)",
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
_TOKENS = re.compile(r"\b(cached input|input|output|prompt|completion)\b", re.IGNORECASE)
_PLAN = re.compile(
    r"\b((?:(?!One |The |Our |An? |Each |Every )[A-Z][\w-]+"
    r"|free|hosted|paid|private|team|basic|cloud|personal) "
    r"(?:plans?|tier|edition|version|licen[cs]e|projects?|service))\b"
)
_IS_PLAN = re.compile(r"\b(?:plan|tier|edition)$", re.IGNORECASE)
_PLAN_AFTER = re.compile(
    r"^[^.;,]{0,30}?\bfor (?:the |an? )?([A-Z]\w+(?: (?:plan|tier|edition))?)\b"
)
_SUBJECT = re.compile(
    r"(?P<subject>(?:[\w'-]+ ){1,4})(?:is |are |now )?(?:costs?|start(?:s|ing)? (?:at|from)|priced at"
    r"|goes for|sells for|available for|for|at|is|are)\s(?:a |an |only |just |about |from )*$",
    re.IGNORECASE,
)
_ARTICLE = re.compile(
    r"^(?:(?:the|a|an|and|our|one|each|it|then|or|but|which|that|this|is)\s)+", re.IGNORECASE
)
_VERB = re.compile(
    r"\b(?:buys?|gets?|offers?|sells?|charges?|starts?(?=\s*$)|pays?)\s", re.IGNORECASE
)
_MOST_LABEL = 40
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
        if evidence is None or _SCALED.match(after) or _NO_PRICE.search(before):
            continue
        if amount <= _HIGHEST:
            lot = _LOT.search(before)
            label = "price" if lot else _label(before, after)
            unit = lot["lot"] if lot else _unit(after, label)
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


def _unit(after: str, label: str) -> str:
    """Return what a price is charged by, as `seat a month`, `1M tokens` or `once`."""
    found = _UNIT.match(after)
    if not found:
        return "plan" if _IS_PLAN.search(label) else NO_UNIT
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


def _label(before: str, after: str) -> str:
    """Return what a price is for in the words around it, or `price`."""
    clause = re.split(r"[;:(]|, (?=and |or |then )|\band (?=output|input)", before)[-1]
    tokens = _TOKENS.findall(clause)
    if tokens:
        return str(tokens[-1]).casefold()
    plans = _PLAN.findall(clause)
    if plans:
        return str(plans[-1])[:_MOST_LABEL]
    plan = _PLAN_AFTER.match(after)
    if plan:
        return plan[1][:_MOST_LABEL]
    subject = _SUBJECT.search(clause)
    words = _ARTICLE.sub("", _VERB.split(subject["subject"])[-1]).strip() if subject else ""
    return words if 0 < len(words) <= _MOST_LABEL else "price"
