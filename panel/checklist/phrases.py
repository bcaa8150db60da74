"""Phrases: plain words to look for, made into patterns over the roots of a sentence."""

import re
from functools import cache

from panel.checklist.wording import read_wording

_GAP = "..."
_PLACES = ("{price}", "{number}")
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
    if not pieces or _GAP in (pieces[0], pieces[-1]):
        raise ValueError(f"{phrase!r} has to begin and end with a word")
    return " ".join(map(_piece, pieces)).replace(f"{_GAP} ", _BETWEEN)


def _piece(piece: str) -> str:
    if piece == _GAP:
        return piece
    choices = [p if p in _PLACES else read_wording(p).roots.strip() for p in piece.split("/")]
    if not all(choices) or (len(choices) > 1 and any(" " in choice for choice in choices)):
        raise ValueError(f"{piece!r}: on either side of a / stands one word")
    return f"(?:{'|'.join(map(re.escape, choices))})"
