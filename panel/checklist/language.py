"""Whether a text is English: by the share of its Latin letters and by its function words."""

import re
from collections.abc import Set as AbstractSet

_WORD = re.compile(r"[^\W\d_]+")
_LATIN_SHARE = 4, 5
_FUNCTION_SHARE = 20  # one function word among so many
_FEW_WORDS = 25


def is_english(text: str, english: AbstractSet[str], others: AbstractSet[str]) -> bool:
    """Tell whether rules made of English words can read `text`.

    Four letters in five are plain Latin ones, and the function words of `english` outnumber those of
    `others`. A short text may do without any, where its letters are all plain; a long one may not.
    Words in capitals are names: MIT is a licence, and no German.
    """
    letters = [char for char in text if char.isalpha()]
    plain = sum(char.isascii() for char in letters)
    part, whole = _LATIN_SHARE
    if not letters or whole * plain < part * len(letters):
        return False
    words = [word.casefold() for word in _WORD.findall(text) if not word.isupper()]
    known = sum(word in english for word in words)
    foreign = sum(word in others for word in words)
    if len(words) >= _FEW_WORDS and _FUNCTION_SHARE * known < len(words):
        return False
    return known > foreign or (foreign == 0 and plain == len(letters))
