"""Whether a text is about a tool of another name than its title says."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from panel.screening.folding import folded, listed

_TEXTS = ("tagline", "description")
_WORD = re.compile(r"[^\W_]{1,40}(?:[.-][^\W_]{1,40}){0,4}")
_DIGITS = re.compile(r"\d+")
_COMPARING = listed(
    "than beats beat unlike vs versus from over replaces replace like against before after and or"
    " compared successor predecessor with to alongside"
)
_DISTINCT_LENGTH = 4
_NAME_LENGTH = 5
_NEAR = 2


class OtherName(NamedTuple):
    """A word of the title, and what stands for it in the text."""

    titled: str
    texted: str


def other_name(name: str, fields: Mapping[str, str]) -> OtherName | None:
    """Return the name under which tagline or description know the tool, if it is not the title's.

    Found are a word of the same shape with other digits ("8x24B" and "8x22B") that is distinct or
    stands beside the same or nearly the same word, and a capitalised word one or two letters away
    from a word of the title. A text that has the title's own word is not doubted, and a name that
    something is compared with is not taken for the tool's.
    """
    titled = _WORD.findall(name)
    for field in _TEXTS:
        text = fields.get(field, "")
        plain = folded(text)
        absent = [place for place, word in enumerate(titled) if folded(word) not in plain]
        if text and absent:
            texted = _WORD.findall(text)
            for place in absent:
                if found := _other_number(titled, place, texted):
                    return found
            for place in absent:
                if found := _other_spelling(titled[place], texted):
                    return found
    return None


def _other_number(titled: list[str], place: int, texted: list[str]) -> OtherName | None:
    own = folded(titled[place])
    if not _DIGITS.search(own):
        return None
    shape = _DIGITS.sub("0", own)
    distinct = len(own) >= _DISTINCT_LENGTH and not own.replace(".", "").isdigit()
    before = folded(titled[place - 1]) if place else ""
    for other, found in enumerate(texted):
        if _DIGITS.sub("0", folded(found)) != shape or _is_compared(texted, other):
            continue
        beside = bool(place and other) and _is_near(
            before, folded(texted[other - 1]), also_same=True
        )
        if beside:
            return OtherName(f"{titled[place - 1]} {titled[place]}", f"{texted[other - 1]} {found}")
        if distinct:
            return OtherName(titled[place], found)
    return None


def _other_spelling(word: str, texted: list[str]) -> OtherName | None:
    own = folded(word)
    if len(own) < _NAME_LENGTH or not word[0].isupper():
        return None
    for place, found in enumerate(texted):
        if (
            found[0] == word[0]
            and _is_near(own, folded(found), also_same=False)
            and not _is_compared(texted, place)
        ):
            return OtherName(word, found)
    return None


def _is_compared(words: list[str], place: int) -> bool:
    return not _COMPARING.isdisjoint(folded(word) for word in words[max(0, place - 3) : place])


def _is_near(one: str, other: str, *, also_same: bool) -> bool:
    """Whether two words differ in a letter or two, and not only by an ending."""
    if one == other:
        return also_same
    if (
        abs(len(one) - len(other)) > 1
        or one[:1] != other[:1]
        or min(len(one), len(other)) < _NAME_LENGTH
    ):
        return False
    if one.startswith(other[:-1]) or other.startswith(one[:-1]):
        return False
    return _distance(one, other) <= (1 if len(one) < 2 * _NAME_LENGTH - 2 else _NEAR)


def _distance(one: str, other: str) -> int:
    """Return the edit distance of two words (Wagner and Fischer, 1974)."""
    row = list(range(len(other) + 1))
    for i, left in enumerate(one, 1):
        above, row[0] = row[0], i
        for j, right in enumerate(other, 1):
            above, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, above + (left != right))
    return row[-1]
