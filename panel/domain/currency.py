"""Sums of money in running text: how much, and in which currency as far as the sign tells."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final, NamedTuple

from panel.domain.folded_text import fold

_OF_SIGN: Final[dict[str, tuple[str, ...]]] = {
    "$": tuple("USD AUD CAD NZD SGD HKD TWD MXN".split()),
    "us$": ("USD",), "a$": ("AUD",), "au$": ("AUD",), "c$": ("CAD",), "ca$": ("CAD",),
    "nz$": ("NZD",), "hk$": ("HKD",), "s$": ("SGD",), "sg$": ("SGD",), "r$": ("BRL",),
    "mx$": ("MXN",), "nt$": ("TWD",), "€": ("EUR",), "£": ("GBP",), "¥": ("JPY", "CNY"),
    "₹": ("INR",), "₩": ("KRW",), "₽": ("RUB",), "₺": ("TRY",), "₴": ("UAH",), "₪": ("ILS",),
    "₫": ("VND",), "฿": ("THB",), "₱": ("PHP",), "₦": ("NGN",), "zł": ("PLN",), "kč": ("CZK",),
    "kr": ("", "SEK", "NOK", "DKK", "ISK"), "¢": ("USD", "AUD", "CAD", "EUR"),
    "cent": ("USD", "AUD", "CAD", "EUR"), "dollar": tuple("USD AUD CAD NZD SGD HKD".split()),
    "euro": ("EUR",), "pound": ("GBP",), "rupee": ("INR",), "franc": ("CHF",), "yen": ("JPY",),
    "円": ("JPY",), "元": ("CNY",), "원": ("KRW",), "ft": ("HUF",), "tl": ("TRY",),
}  # fmt: skip
"""The currencies that a sign or word may mean, the usual one first; "" where none is usual."""
_OF_WORD: Final[dict[str, tuple[str, ...]]] = {
    "krona": ("SEK", "ISK"), "kronor": ("SEK",), "krónur": ("ISK",), "krone": ("", "NOK", "DKK"),
    "kroner": ("", "NOK", "DKK"), "kronen": ("", "SEK", "NOK", "DKK", "ISK", "CZK"),
    "koruna": ("CZK",), "koruny": ("CZK",), "korun": ("CZK",), "forint": ("HUF",), "lei": ("RON",),
    "zloty": ("PLN",), "złoty": ("PLN",), "złote": ("PLN",), "złotych": ("PLN",), "euroa": ("EUR",),
    "evro": ("EUR",), "евро": ("EUR",), "ευρώ": ("EUR",), "franken": ("CHF",), "franchi": ("CHF",),
    "dólare": ("USD",), "dolare": ("USD",), "доллар": ("USD",), "долларов": ("USD",),
    "рубль": ("RUB",), "рубля": ("RUB",), "рублей": ("RUB",), "руб": ("RUB",), "rubel": ("RUB",),
    "ruble": ("RUB",), "rouble": ("RUB",), "hryvnia": ("UAH",), "гривень": ("UAH",),
    "гривні": ("UAH",), "грн": ("UAH",), "lira": ("TRY",), "shekel": ("ILS",), "reai": ("BRL",),
    "peso": ("", *"MXN ARS CLP COP PHP".split()), "yuan": ("CNY",), "renminbi": ("CNY",),
    "rmb": ("CNY",), "baht": ("THB",), "rupiah": ("IDR",), "ringgit": ("MYR",), "rand": ("ZAR",),
    "naira": ("NGN",), "dirham": ("AED",), "riyal": ("SAR",), "rs": ("INR",),
}  # fmt: skip
"""What else currencies are called, in the languages of the countries that pay in them, without an s."""
_AT_SUMS: Final = {**_OF_SIGN, **_OF_WORD}
CODES: Final = frozenset(
    "USD EUR GBP CHF JPY CAD AUD NZD SEK NOK DKK ISK PLN CZK HUF RON INR CNY KRW BRL MXN SGD HKD TWD "
    "THB VND IDR MYR PHP ILS TRY UAH RUB ZAR NGN KES EGP AED SAR ARS CLP COP".split()
)
_CODE: Final = "|".join(sorted(CODES))
_AMOUNT: Final = r"\d{1,12}(?:[.,'’\u2009\u202f]\d{1,12}){0,4}+(?![.,]?\d)"
_HARD_SPACE: Final = "[\u00a0\u2009\u202f]"  # one that ends no line, and so no figure
_GROUPED: Final = r"\d{{1,3}}(?:{}\d{{3}}){{1,3}}(?:[.,]\d{{1,2}})?(?![.,]?\d)"
_HARD_SPACED: Final = _GROUPED.format(_HARD_SPACE)
_SPACED: Final = _GROUPED.format(rf"(?: |{_HARD_SPACE})")  # "2 500 Kč"
_BEHIND: Final = "|".join(  # without Rs: "the 3 Rs" are none
    sorted({*_OF_WORD, *"dollar euro pound rupee franc cent yen".split()} - {"rs"})
)
_SPACING: Final = frozenset("CZK HUF NOK PLN RUB SEK UAH".split())
"""Currencies whose own countries write 1 500: "Team 5 100 EUR" is no sum of 5,100."""
_SPACED_BEHIND: Final = "|".join(
    sorted(name for name, codes in _OF_WORD.items() if not _SPACING.isdisjoint(codes))
)
MONEY: Final = (
    rf"(?:(?:\b(?:US|AU?|CA?|NZ|HK|SG?|R|MX|NT))?\$|[€£¥₹₩₽₺₴₪₫฿₱₦]|\b(?:{_CODE})\b|\bRs\.?)\s?"
    rf"{_AMOUNT}"
    rf"|(?<![\d.,])(?:{_HARD_SPACED}|{_AMOUNT})\s?(?:[€£¢₽₺₴₪₫円元원]"
    rf"|(?:{_CODE}|zł|Kč|kr|Ft|TL|(?i:{_BEHIND})s?)\b)"
    rf"|(?<![\d.,]){_SPACED}\s?(?:[₽₴]"
    rf"|(?:{'|'.join(sorted(_SPACING))}|zł|Kč|kr|Ft|(?i:{_SPACED_BEHIND})s?)\b)"
)
"""The one pattern for a sum of money: an amount with its currency before or behind it."""
_MONEY: Final = re.compile(MONEY)
_HARD_THOUSANDS: Final = re.compile(rf"(?<=\d){_HARD_SPACE}(?=\d{{3}}(?!\d))")
_RANGE: Final = re.compile(  # in "$0.95-$3.00" and "$5-10" the first sign holds for both
    rf"(?P<money>{MONEY})(?:-|\sto\s)(?P<most>{_AMOUNT})(?![%\w])"
)
_SHORT: Final = re.compile(
    rf"(?P<money>{MONEY})\s?(?:(?P<sign>[kKmM])|(?P<word>thousand|million|billion))\b"
)
_SCALES: Final = {"k": 10**3, "thousand": 10**3, "m": 10**6, "million": 10**6, "billion": 10**9}
_CENTS: Final = ("cent", "¢")
_POINT_FOR_THOUSANDS: Final = frozenset(  # currencies whose own countries write 1.500,00
    "EUR SEK NOK DKK ISK PLN CZK HUF RON BRL VND IDR TRY UAH RUB ARS CLP COP".split()
)
_THOUSANDS: Final = re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+")
_OF_NAME: Final[dict[str, tuple[str, ...]]] = {
    "leu": ("RON",), "won": ("KRW",), "real": ("BRL",), "dong": ("VND",), "shilling": ("KES",),
}  # fmt: skip
"""What else the currencies of `CODES` are called; too like other words to tell a sum by."""
_BY_NAME: Final = {**_AT_SUMS, **_OF_NAME}
_LETTER: Final = r"[^\W\d_]"
_SIGNS: Final = "|".join(
    re.escape(sign) for sign in sorted(_OF_SIGN, key=len, reverse=True) if not sign.isalpha()
)
_WORDS: Final = "|".join(sorted({name for name in _BY_NAME if name.isalpha()} - {"ft", "tl"}))
_NAMED: Final = re.compile(
    rf"(?<!{_LETTER})(?P<code>{_CODE})(?!{_LETTER})"
    rf"|(?<!{_LETTER})(?P<word>(?i:{_WORDS}))(?i:s)?(?!{_LETTER})|(?P<sign>(?i:{_SIGNS}))"
)
_TURKISH_I: Final = str.maketrans("ıİ", "ii")  # a pattern that ignores case takes each for an i
_ADJECTIVE: Final = re.compile(r"\A[A-Za-z]{2,12}\s")  # of "US dollars", "Swiss francs"
_NO_SIGN: Final = re.compile(r"[\d.,'’\s]")


class Money(NamedTuple):
    """A sum as it stands in a text: in whole units, and the currencies that its sign may mean."""

    amount: Decimal
    currencies: tuple[str, ...]


def read_money(text: str) -> Money:
    """Return the one sum that `text` is: `read_money("A$1,200.50")` is 1200.50 in AUD.

    The first of its currencies is the usual one: of `$` the US dollar. "€1.500" is fifteen hundred,
    as those who count in euros write it, and "$1.500" is one and a half.
    """
    sign = sign_of(text).translate(_TURKISH_I).casefold()
    is_known = sign in _AT_SUMS or sign.upper() in CODES
    sign = sign if is_known else sign.removesuffix("s")
    digits = _digits_of(text)
    currencies = _AT_SUMS.get(sign, (sign.upper(),))
    if _THOUSANDS.fullmatch(digits) and _may_point_thousands(currencies):
        digits = digits.replace(".", "")
    elif re.search(r",\d{1,2}$", digits):  # a comma for cents
        digits = digits.replace(".", "").replace(",", ".")
    plain = digits.replace(",", "")
    amount = Decimal(plain if plain.count(".") <= 1 else plain.replace(".", ""))
    if sign in _CENTS:
        amount /= 100
    return Money(amount, currencies)


def is_ambiguous(text: str) -> bool:
    """Tell whether a sum may be thousands or thousandths: "€1.500" is either, by who wrote it."""
    is_thousands = _THOUSANDS.fullmatch(_digits_of(text)) is not None
    return is_thousands and _may_point_thousands(read_money(text).currencies)


def _digits_of(text: str) -> str:
    return re.sub(r"[^\d.,]", "", text).lstrip(".")  # the point of "Rs."


def sign_of(text: str) -> str:
    """Return the sign, code or word of a currency in the sum that `text` is: "A$" of "A$1,200.50"."""
    return _NO_SIGN.sub("", text)


def _may_point_thousands(currencies: tuple[str, ...]) -> bool:
    usual = next(filter(None, currencies), "")
    return usual in _POINT_FOR_THOUSANDS


def find_money(text: str) -> Iterator[Money]:
    """Yield the sums of money that stand in `text`, the upper end of a range among them.

    "$1.2k" is one of 1,200.
    """
    folded = _fold_sums(text)
    short = {found.start(): found for found in _SHORT.finditer(folded)}
    for found in _MONEY.finditer(folded):
        scaled = short.get(found.start())
        one = read_money(found[0])
        scale = _SCALES[(scaled["sign"] or scaled["word"]).casefold()] if scaled else 1
        yield Money(one.amount * scale, one.currencies)
    for found in _RANGE.finditer(folded):
        yield read_money(f"{sign_of(found['money'])}{found['most']}")


def short_sums(text: str) -> frozenset[Decimal]:
    """Return the figures of the sums that a scale goes with: 1.2 of "$1.2k", which is no sum itself."""
    return frozenset(
        read_money(found["money"]).amount for found in _SHORT.finditer(_fold_sums(text))
    )


def has_money(text: str) -> bool:
    """Tell whether a sum of money stands in `text`."""
    return _MONEY.search(_fold_sums(text)) is not None


def _fold_sums(text: str) -> str:
    """Return `text` folded, with the no-break spaces for thousands told from plain ones."""
    return fold(_HARD_THOUSANDS.sub("'", text))


def named_currencies(text: str) -> frozenset[str]:
    """Return all currencies that the signs, codes and words in `text` may mean, beside a sum or not.

    `named_currencies("Price (EUR)")` has EUR alone, and "in dollars" has each dollar.
    """
    return frozenset(code for found in _NAMED.finditer(fold(text)) for code in _meant_by(found))


def starts_with_currency(text: str) -> bool:
    """Tell whether folded text begins with a currency: "€ a month", or "US dollars"."""
    first = _NAMED.match(text.lstrip())
    second = _NAMED.match(_ADJECTIVE.sub("", text.lstrip(), count=1))
    return first is not None or (second is not None and second["word"] is not None)


def _meant_by(named: re.Match[str]) -> tuple[str, ...]:
    if named["code"]:
        return (named["code"],)
    return _BY_NAME[(named["word"] or named["sign"]).translate(_TURKISH_I).casefold()]


def read_currency(claimed: str | None, amount: Decimal, passage: str) -> str | None:
    """Return the ISO code of the currency of `amount` in `passage`; None where nothing tells it.

    The sign at the sum decides: a reader's `claimed` code counts only as far as that sign may mean
    it. Without a sign the claimed code stands. Example: "USD" for 29 in "A$29 a month" gives AUD.
    """
    code = (claimed or "").upper()
    if code not in CODES:
        code = _AT_SUMS.get((claimed or "").casefold(), ("",))[0]
    meant = next((one.currencies for one in find_money(passage) if one.amount == amount), ())
    return (code if not meant or code in meant else meant[0]) or None
