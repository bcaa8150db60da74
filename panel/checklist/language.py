"""Whether a text is English: by the share of its Latin letters and by its function words."""

import re

_WORD = re.compile(r"[^\W\d_]+")
_ENGLISH = frozenset(
    "the and of is to with for it its that your are you from by or not be which this we our an at can "
    "have when they their into than but what will who how if without every each between any all".split()
)
_FOREIGN = frozenset(
    # German, Dutch, Swedish and Danish
    "der die das und ist nicht ein eine einen einem einer mit für von zu auf dem den des sich es "
    "sie wir ihr ihre auch oder kein keine kann im nach aus wird werden sind ohne het een voor "
    "niet op aan dat uw je naar zijn bij ook och det som att är på av för og er til ikke "
    # French, Spanish, Italian, Portuguese, Romanian
    "le la les un une du et est sont pour avec dans sur par qui que vous votre vos nous notre ne "
    "pas ce cette ces au aux en il elle qu los las y con por su sus del al como más se lo uno una "
    "para di gli che sono della dei nel alla più um uma da os não em seu sua ao și este pentru cu "
    # Polish, Czech, Turkish, Hungarian, Indonesian
    "na nie się jest dla oraz že pro ve bir için ile bu és egy az nem dan yang untuk dengan ini".split()
)
_LATIN_SHARE = 4, 5
_FUNCTION_SHARE = 12  # one function word among so many
_FEW_WORDS = 25


def is_english(text: str) -> bool:
    """Tell whether rules made of English words can read `text`.

    Four letters in five are plain Latin ones, and English function words outnumber those of other
    languages. A short text may do without any, where its letters are all plain; a long one may not.
    Words in capitals are names: MIT is a licence, and no German.
    """
    letters = [char for char in text if char.isalpha()]
    plain = sum(char.isascii() for char in letters)
    part, whole = _LATIN_SHARE
    if not letters or whole * plain < part * len(letters):
        return False
    words = [word.casefold() for word in _WORD.findall(text) if not word.isupper()]
    english = sum(word in _ENGLISH for word in words)
    foreign = sum(word in _FOREIGN for word in words)
    if len(words) >= _FEW_WORDS and _FUNCTION_SHARE * english < len(words):
        return False
    return english > foreign or (foreign == 0 and plain == len(letters))
