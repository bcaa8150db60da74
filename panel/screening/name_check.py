"""Whether a text is about a tool of another name than its title says."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from panel.screening.normalization import normalize

_WORD = re.compile(r"[^\W_]{1,40}+(?:[.-][^\W_]{1,40}+){0,4}+")
_DIGITS = re.compile(r"\d+")
_COMPARING = frozenset(
    "than beats beat unlike vs versus from over replaces replace like against before after and or"
    " compared successor predecessor with to alongside".split()
)
_DISTINCT_LENGTH = 4
_NAME_LENGTH = 5


class OtherName(NamedTuple):
    """A word of the title, and what stands for it in the text."""

    titled: str
    texted: str


def other_name(name: str, texts: Iterable[str]) -> OtherName | None:
    """Return the name under which one of the texts knows the tool, if it is not the title's.

    Found are a word of the same shape with other digits ("8x24B" and "8x22B") that is distinct or
    stands beside the same or nearly the same word, and a capitalised word one or two letters away
    from a word of the title. A text that has the title's own word is not doubted, and a name that
    something is compared with is not taken for the tool's.
    """
    titled = _WORD.findall(name)
    for text in texts:
        normalized = normalize(text)
        absent = [place for place, word in enumerate(titled) if normalize(word) not in normalized]
        if not any(_may_be_told(titled[place], text) for place in absent):
            continue
        texted = _WORD.findall(text)
        words = normalize("\n".join(texted)).split("\n")
        numbered = _other_number(titled, absent, texted, words)
        if found := numbered or _other_spelling(titled, absent, texted, words):
            return found
    return None


def _may_be_told(word: str, text: str) -> bool:
    """Tell whether a text may have a word of the title in another form: few long texts do."""
    if _DIGITS.search(word) and _DIGITS.search(text):
        return True
    is_name = len(normalize(word)) >= _NAME_LENGTH and word[0].isupper()
    return is_name and re.search(rf"{word[0]}[\w.-]{{2}}", text) is not None


def _other_number(
    titled: list[str], absent: list[int], texted: list[str], words: list[str]
) -> OtherName | None:
    numbered = [place for place in absent if _DIGITS.search(titled[place])]
    shapes = _DIGITS.sub("0", "\n".join(words)).split("\n") if numbered else []
    for place in numbered:
        own = normalize(titled[place])
        shape = _DIGITS.sub("0", own)
        distinct = len(own) >= _DISTINCT_LENGTH and not own.replace(".", "").isdigit()
        before = normalize(titled[place - 1]) if place else ""
        others = [other for other, found in enumerate(shapes) if found == shape]
        for other in others:
            if _is_compared(words, other):
                continue
            if (
                before
                and other
                and (before == words[other - 1] or _is_near(before, words[other - 1]))
            ):
                return OtherName(
                    f"{titled[place - 1]} {titled[place]}", f"{texted[other - 1]} {texted[other]}"
                )
            if distinct:
                return OtherName(titled[place], texted[other])
    return None


def _other_spelling(
    titled: list[str], absent: list[int], texted: list[str], words: list[str]
) -> OtherName | None:
    for place in absent:
        own, first = normalize(titled[place]), titled[place][0]
        if len(own) < _NAME_LENGTH or not first.isupper():
            continue
        for other, word in enumerate(words):
            if texted[other][0] == first and _is_near(own, word) and not _is_compared(words, other):
                return OtherName(titled[place], texted[other])
    return None


def _is_compared(words: list[str], place: int) -> bool:
    return not _COMPARING.isdisjoint(words[max(0, place - 3) : place])


def _is_near(one: str, other: str) -> bool:
    """Whether two words differ in a letter or two, and not only by an ending."""
    if (
        abs(len(one) - len(other)) > 1
        or one[:1] != other[:1]
        or min(len(one), len(other)) < _NAME_LENGTH
    ):
        return False
    if one.startswith(other[:-1]) or other.startswith(one[:-1]):
        return False
    return _is_within(one, other, 1 if len(one) < 2 * _NAME_LENGTH - 2 else 2)


def _is_within(one: str, other: str, edits: int) -> bool:
    """Whether so many letters put in, left out or changed make one word of the other."""
    pairs = enumerate(zip(one, other, strict=False))
    same = next((at for at, (left, right) in pairs if left != right), min(len(one), len(other)))
    one, other = one[same:], other[same:]
    if not edits or not one or not other:
        return max(len(one), len(other)) <= edits
    ways = ((one[1:], other[1:]), (one[1:], other), (one, other[1:]))
    return any(_is_within(left, right, edits - 1) for left, right in ways)
