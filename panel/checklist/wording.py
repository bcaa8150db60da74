"""Wording: the words of a sentence in one form, so that plain phrases can be looked for in them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from panel.domain.currency import MONEY

_IS_COUNTED = (  # "9 GLM to join", and not "9 SQL queries"
    r"(?=\W{0,3}(?:\Z|[,.;:)]|(?:a|and|as|at|each|for|has|if|in|is|of|on|only|or|per|to|until|when|while)"
    r"\b))"
)
_WORD = re.compile(
    rf"(?P<price>{MONEY})|(?P<number>\d+(?:[.,]\d+)*+)"
    rf"|(?P<coin>(?:(?<=\d )|(?<=per )|\$)[A-Z]{{3,5}}\b{_IS_COUNTED})"
    r"|(?P<word>[^\W\d_]+(?:['’][^\W\d_]+)?)"
    r"|[,;:()?!%&/—–\x1f]"
)
_SPELT = frozenset(
    "two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty fifty "
    "sixty ninety hundred thousand million billion".split()
)
_SIGNS = {"%": "percent", "/": "per", "&": "and"}
_PRONOUNS = frozenset("it that this there here what who which he she".split())
_STEM = 3  # letters that stay of a word whose ending is taken off
_NOTES = frozenset("note notes noted noting".split())  # no form of "not", which denies


@dataclass(frozen=True)
class Wording:
    """The words and marks of a sentence, where each begins, and their roots in one line.

    `roots` has a space before and behind each word, {price} for a sum of money, {number} for a
    number, {coin} for a name in capitals that is counted, as "500 GLM": " it cost {price} per month ,
    not {price} " for "It costs $5/month, not $9".
    """

    words: tuple[str, ...]
    starts: tuple[int, ...]
    roots: str

    def number(self, at: int) -> int:
        """Return the number of the word behind the space at `at` of `roots`."""
        return self.roots.count(" ", 0, at)


def read_wording(sentence: str) -> Wording:
    """Return the wording of a sentence. "isn't" is "is not", "it's" is "it is", "/" is "per"."""
    found = [
        (word, form, match.start())
        for match in _WORD.finditer(sentence)
        for word, form in _read(match)
    ]
    return Wording(
        words=tuple(word for word, _, _ in found),
        starts=tuple(start for _, _, start in found),
        roots=f" {' '.join(form for _, form, _ in found)} ",
    )


def _read(match: re.Match[str]) -> Iterator[tuple[str, str]]:
    text = match[0].casefold().replace("’", "'")
    if match["price"]:
        yield text, "{price}"
    elif match["number"] or text in _SPELT:
        yield text, "{number}"
    elif match["coin"]:
        yield text, "{coin}"
    elif match["word"]:
        yield from ((word, root(word)) for word in _words(text))
    else:
        text = _SIGNS.get(text, text)
        yield text, text


def _words(text: str) -> Iterator[str]:
    """Yield the words of a short form: `does`, `not` of "doesn't", `it`, `is` of "it's"."""
    stem, _, ending = text.partition("'")
    if text == "cannot" or (ending == "t" and stem.endswith("n")):
        yield from (text[:3], "not") if text == "cannot" else (stem[:-1], "not")
    elif ending == "s" and stem in _PRONOUNS:
        yield from (stem, "is")
    else:
        yield stem


@lru_cache(maxsize=4096)
def root(word: str) -> str:
    """Return `word` without -s, -ed, -ing, so that the forms of a word are alike.

    Example: "measures", "measured" and "measuring" all give "measur".
    """
    if word in _NOTES:
        return "note"
    if word.endswith("s") and not word.endswith("ss") and len(word) > _STEM:
        word = word[:-3] + "y" if word.endswith("ies") else word[:-1]
    for ending in ("ing", "ed"):
        if word.endswith(ending) and len(word) >= _STEM + len(ending):
            word = word[: -len(ending)]
            break
    if word.endswith("e") and len(word) > _STEM:
        word = word[:-1]
    return word[:-1] if len(word) > _STEM and word[-1] == word[-2] else word
