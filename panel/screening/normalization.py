"""The form in which screening compares texts."""

import re
import unicodedata

_ACCENTS = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u20d0-\u20f0\u3099\u309a\ufe20-\ufe2f]++"
)


def normalize(text: str) -> str:
    """Return the text as it is compared: no case, no accents, one form for each letter.

    `normalize("Élan")` is "elan". The length may change.
    """
    if text.isascii():
        return text.lower()
    plain = text.casefold().replace("ı", "i")
    plain = plain.replace("\ufdfa", " ").replace("\ufdfb", " ")  # they would grow eighteenfold
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", plain))
    return unicodedata.normalize("NFC", bare).casefold()
