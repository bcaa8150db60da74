"""Grounding: passages that really stand in the text, and numbers that stand there."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from panel.domain.folded_text import (
    PANELS_UNDER_WAY,
    FoldedText,
    fold,
    fold_plain,
    fold_rendered,
)

_EDGES = " \t\n\"'.,;:!?…"
_WORD = re.compile(r"\w+")
_NEARLY_ALL = 0.8
_FOLDINGS = (fold_plain, fold_rendered)
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
# Whatever space stands between the groups, folding has made it a plain one.
_SPACED = re.compile(r"(?<![\d.,])\d{1,3}(?: \d{3})++(?![.,]?\d)")
# Possessive: else a long row of digits is tried from each of them. The words in ASCII: else a Turkish
# i counts as one of theirs, and the word that is found is none of _SCALES.
_SCALED = re.compile(
    r"(?<![\d.,])(\d++(?:[.,]\d++)*+)"
    r"(?a:[\s-]?(hundred|thousand|million|billion)|\s?([km]))\b",
    re.IGNORECASE,
)
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_SCALES = {
    "hundred": 100,
    "thousand": 1000,
    "k": 1000,
    "million": 10**6,
    "m": 10**6,
    "billion": 10**9,
}


class Place(NamedTuple):
    """Where a passage stands in a text: from `start` to before `end`."""

    start: int
    end: int


class Missing(Enum):
    """Why a passage has no place in a text.

    `UNMATCHED`: nearly all of its words are there, in another order or form. Who wrote it has read
    the text, so what it stands for is not "not stated". `ABSENT`: the text does not say it.
    """

    UNMATCHED = "unmatched"
    ABSENT = "absent"


def locate(passage: str, text: str) -> Place | Missing:
    """Return where `passage` stands word for word in `text`, or why it has no place there.

    It may be copied from the source or from what a page makes of it: Unicode forms, quotes, dashes,
    white space and Markdown do not count. Quotation marks and punctuation at its edges do not either;
    it begins and ends at the border of a word and has a letter or digit.

    `locate("Team $12", "| **Team** | $12 |")` is `Place(4, 16)`.
    """
    for folding in _FOLDINGS:
        folded = _folded(folding, text)
        wanted = folding(passage).text.strip(_EDGES)
        if any(map(str.isalnum, wanted)):
            at = next(copies_of(wanted, folded.text), None)
            if at is not None:
                return Place(*folded.span(at, at + len(wanted)))
    said = _words(passage)
    known = sum(word in _vocabulary(text) for word in said)
    return Missing.UNMATCHED if said and known >= _NEARLY_ALL * len(said) else Missing.ABSENT


def is_verbatim(passage: str, text: str) -> bool:
    """Return whether `passage` stands word for word in `text`, as `locate` has it."""
    return isinstance(locate(passage, text), Place)


def copies_of(wanted: str, text: str, start: int = 0) -> Iterator[int]:
    """Yield where `wanted` stands in `text` from `start` on, character for character.

    It begins and ends at the border of a word. `copies_of("now", "now, or nowhere")` yields 0 alone.
    """
    at, literal = text.find(wanted, start), None
    while at >= 0:
        if not (_joins(text, at - 1) or _joins(text, at + len(wanted) - 1)):
            yield at
            at = text.find(wanted, at + len(wanted))
            continue
        # Among many near misses each `find` would prepare for a long passage anew, in quadratic time.
        literal = literal or re.compile(re.escape(wanted))
        start = at + 1
        while _joins(text, start - 1):  # no passage begins inside a word
            start += 1
        found = literal.search(text, start)
        at = found.start() if found else -1


def _joins(text: str, left: int) -> bool:
    """Return whether the characters at `left` and after it belong to one word."""
    return 0 <= left < len(text) - 1 and _goes_on(text[left]) and _goes_on(text[left + 1])


def _goes_on(char: str) -> bool:
    """Return whether a word may go on at `char`: not in scripts that put no spaces between words."""
    return char.isalnum() and unicodedata.category(char) != "Lo"


@lru_cache(maxsize=len(_FOLDINGS) * PANELS_UNDER_WAY)
def _folded(folding: Callable[[str], FoldedText], text: str) -> FoldedText:
    return folding(text)


@lru_cache(maxsize=PANELS_UNDER_WAY)
def _vocabulary(text: str) -> frozenset[str]:
    return frozenset(_words(text))


def _words(text: str) -> list[str]:
    return _WORD.findall(fold_rendered(text).text.casefold())


@lru_cache(maxsize=PANELS_UNDER_WAY)
def numbers(text: str) -> frozenset[Decimal]:
    """Return the numbers that stand in `text`; 1,000 and 1 000 are a thousand, 0,5 is a half.

    One with a word of scale stands for both, and so does one in groups with spaces between them:
    `9 million` is 9 and 9,000,000.
    """
    return frozenset(value for value, _ in _read_numbers(fold(text)))


def follows_number(number: Decimal, text: str) -> Iterator[str]:
    """Yield what stands behind each place of a number in `text`, which is folded.

    `follows_number(Decimal(10), "up to 10 users")` yields " users".
    """
    shown = fold(text)
    return (shown[end:] for value, end in _read_numbers(shown) if value == number)


def _read_numbers(shown: str) -> Iterator[tuple[Decimal, int]]:
    """Yield the value of each number in a folded text, and where it ends."""
    for pattern, read in ((_NUMBER, _plain_number), (_SCALED, _scaled), (_SPACED, _grouped)):
        for found in pattern.finditer(shown):
            yield read(found), found.end()


def _plain_number(found: re.Match[str]) -> Decimal:
    return _as_number(found[0])


def _grouped(found: re.Match[str]) -> Decimal:
    return Decimal(found[0].replace(" ", "")).normalize()


def _scaled(found: re.Match[str]) -> Decimal:
    return (_as_number(found[1]) * _SCALES[(found[2] or found[3]).casefold()]).normalize()


def _as_number(digits: str) -> Decimal:
    if _GROUPED.fullmatch(digits):
        return Decimal(digits.replace(",", "")).normalize()
    whole, _, fraction = digits.replace(",", ".").partition(".")
    parts = [part for part in fraction.split(".") if part]
    if len(parts) > 1:
        return Decimal(whole + "".join(parts)).normalize()
    return Decimal(f"{whole}.{fraction}").normalize()


def foreign_numbers(sentence: str, text: str) -> tuple[str, ...]:
    """Return the numbers of a `quoted` sentence that `text` does not hold, in order.

    A word of scale is part of its number: from `9` in the text comes no `9 million`.
    """
    known, shown = numbers(text), fold(sentence)
    scaled = {found.start(): found for found in _SCALED.finditer(shown)}
    grouped = [found.span() for found in _SPACED.finditer(shown) if _grouped(found) in known]
    return tuple(
        match[0]
        for match in _NUMBER.finditer(shown)
        if not _is_known(match[0], scaled.get(match.start()), known)
        and not any(start <= match.start() < end for start, end in grouped)
    )


def _is_known(digits: str, scaled: re.Match[str] | None, known: frozenset[Decimal]) -> bool:
    if scaled and _scaled(scaled) in known:
        return True
    return not (scaled and scaled[2]) and _as_number(digits) in known
