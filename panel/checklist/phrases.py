"""Phrases: plain words to look for, made into patterns over the roots of a sentence."""

import re
from collections.abc import Sequence
from functools import cache

from panel.checklist.wording import read_wording, root

_GAP = "..."
_AUXILIARIES = "{be}"
_MONTHS = (
    "january february march april may june july august september october november december".split()
)
_SPANS = (
    "monday tuesday wednesday thursday friday saturday sunday day week month quarter year spring "
    "summer autumn winter".split()
)
_THE = "the|end|of|early|late|mid|this|next|last|that|coming"
_BEFORE_A_YEAR = "in since until till by from".split()
_VERBS = (
    "will|is|are|was|were|be|been|being|has|have|had|get|got|now|then|also|all|to|going|finally"
)


def _any_of(words: Sequence[str]) -> str:
    return "|".join(map(root, words))


_DATE = (  # a day of the calendar, and no time of day, or day or span that comes back
    rf"(?:(?:(?:{_THE}|{{number}}) ){{0,5}}(?:{_any_of(_MONTHS)})(?: {{number}})?"
    rf"|(?:(?:{_THE}) ){{0,4}}(?:this|next|that|coming) (?:{_any_of(_SPANS)})|today|tomorrow"
    rf"|(?:{'|'.join(f'(?<= {root(word)} )' for word in _BEFORE_A_YEAR)})(?:{{number}}|then)"
    r"(?= [,;:()?!—–\x1f]| (?:and|but) | $))"
)
_PLACES = {
    "{price}": re.escape("{price}"),
    "{number}": re.escape("{number}"),
    "{coin}": re.escape("{coin}"),
    "{date}": _DATE,
}
_BE = f"(?:(?:{'|'.join(sorted({root(verb) for verb in _VERBS.split('|')}))}) ){{0,5}}"
_BETWEEN = r"(?:(?!(?:no|not|never|nobody|nothing|without) )[^ ;()?!\x1f]+ ){0,5}?"


@cache  # where phrases are read they are tried, and compiled again where they are looked for
def compile_phrases(phrases: tuple[str, ...]) -> re.Pattern[str]:
    """Return a pattern that finds any of `phrases` in `Wording.roots`: a space, group 1 ahead.

    A phrase is words with spaces between them; `a/b` is either word, `...` up to five words in which
    nothing is denied, {price} a sum of money, {number} a number. Raises ValueError for a phrase that
    begins or ends with a gap, and for an `a/b` of several words.
    """
    return re.compile(f" (?=({'|'.join(_compile(phrase) for phrase in phrases)}) )")


def _compile(phrase: str) -> str:
    pieces = phrase.split()
    if not pieces or not {_GAP, _AUXILIARIES}.isdisjoint((pieces[0], pieces[-1])):
        raise ValueError(f"{phrase!r} has to begin and end with a word")
    words = " ".join(map(_piece, pieces))
    return words.replace(f"{_GAP} ", _BETWEEN).replace(f"{_AUXILIARIES} ", _BE)


def _piece(piece: str) -> str:
    if piece in (_GAP, _AUXILIARIES):
        return piece
    choices = [_PLACES.get(p) or re.escape(_root_of(p)) for p in piece.split("/")]
    if not all(choices) or (len(choices) > 1 and any("\\ " in choice for choice in choices)):
        raise ValueError(f"{piece!r}: on either side of a / stands one word")
    return f"(?:{'|'.join(choices)})"


def _root_of(word: str) -> str:
    if "{" in word:
        raise ValueError(f"{word!r} is no list of words and no place")
    return read_wording(word).roots.strip()
