"""The form in which texts are compared: no case, no accents, one form for each letter."""

import re
import unicodedata

_MARKS = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u20d0-\u20f0\u3099\u309a\ufe20-\ufe2f]"
)

_BEFORE_FOLDING = {ord("ı"): "i", 0xFDFA: " ", 0xFDFB: " "}  # the latter two grow eighteenfold


def folded(text: str) -> str:
    """Return the text as it is compared: no case, no accents, one form for each letter."""
    if text.isascii():
        return text.lower()
    spread = unicodedata.normalize("NFKD", text.casefold().translate(_BEFORE_FOLDING))
    return unicodedata.normalize("NFC", _MARKS.sub("", spread)).casefold()


def listed(words: str) -> frozenset[str]:
    """Return the words of a list, folded, to look words up in."""
    return frozenset(folded(words).split())
