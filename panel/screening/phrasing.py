"""The words of a text with what they can mean, and which of them stand together."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import NamedTuple, Self

from panel.screening.folding import folded, listed
from panel.screening.lexicon import MEANINGS, TERMS
from panel.screening.meanings import (
    LEAD,
    REVIEWER,
    SCORE,
    TEN,
    THIS,
    TOP,
)

_SCALE_END = r"10|5|100|ten|five"
_OUT_OF = r"/|out of|of|von|sur|de|su|van|uit|из"
_FULL_MARKS = (
    rf"(?P<full>(?:(?P<end>{_SCALE_END})\s?(?:{_OUT_OF})\s?(?P=end)"
    r"(?![^\W_])|(?:5|five)[ -]stars?(?![^\W_])))"
)
# Vowel signs and points, which are no letters to `\w` and yet stand inside words.
_POINTS = (
    "\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc"
    "\u0900-\u0903\u093a-\u094f\u0951-\u0957\u0962\u0963\u0981-\u0983\u09bc-\u09cd\u09d7\u09e2\u09e3"
    "\u0a01-\u0a03\u0a3c-\u0a51\u0a70\u0a71\u0a75\u0a81-\u0a83\u0abc-\u0acd\u0ae2\u0ae3"
    "\u0b82\u0bbe-\u0bcd\u0bd7\u0c00-\u0c04\u0c3c-\u0c56\u0c81-\u0c83\u0cbc-\u0cd6\u0d00-\u0d03\u0d3b-\u0d4d"
)
_ANY_WORD = rf"(?:[^\W_]+[{_POINTS}]*)+"
_WORD = re.compile(_ANY_WORD)
_ASCII_WORD = re.compile(r"[^\W_]+")
_MAYBE_FULL_MARKS = re.compile(rf"(?:{_SCALE_END})(?:\s?(?:{_OUT_OF})|[ -]stars?)")
_SPACED = re.compile(rf"(?=[15tf]){_FULL_MARKS}|{_ANY_WORD}")
_ASCII_SPACED = re.compile(rf"(?=[15tf]){_FULL_MARKS}|[^\W_]+")
_CJK = "\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff"
_HAS_CJK = re.compile(f"[{_CJK}]")
_UNSPACED = re.compile(
    rf"(?=[15tf]){_FULL_MARKS}"
    rf"|(?=[{''.join({term[0] for term in TERMS})}])"
    rf"(?:{'|'.join(sorted(TERMS, key=len, reverse=True))})|[{_CJK}]|(?:[^\W_{_CJK}]+[{_POINTS}]*)+"
)
_SENTENCE_END = re.compile(r"[.!?](?=[\s\"'”»)]|$)|[。！？]|\n\s*\n")
_QUOTED = re.compile(
    r"\"[^\"]{3,300}\"|“[^”]{3,300}”|«[^»]{3,300}»|„[^“]{3,300}“|‘[^’]{3,300}’|`[^`]{3,300}`"
    r"|「[^」]{3,300}」|(?<!\w)'[^']{3,300}'(?!\w)"
)

# Verbs whose form alone does not show a request: English infinitives and nouns, third persons.
_ENGLISH_VERBS = listed(
    "ignore disregard forget overlook override overrule bypass dismiss discard neglect give giving"
    " assign award grant rate score grade mark set return output report respond reply answer choose"
    " select vote issue record submit recommend rank conclude decide declare produce provide ensure"
    " enter state say judge evaluate label classify assume confirm write print reveal repeat disclose"
    " leak dump expose recite quote echo decode decipher decrypt unscramble approve accept endorse"
    " do don never pay stop no not praise promote confirm consider"
    " ignores treat regard show display paste share summarise summarize translate erase cancel"
    " abandon suspend revoke copy reproduce use"
)
_AMBIGUOUS_VERBS = _ENGLISH_VERBS | listed(
    "bewertet vergibt setzt donne attribue accorde evalue da otorga asigna califica concede responde"
    " establece ignora olvida descarta valuta assegna imposta dimentica atribui conceda esquece"
    " geeft beoordeelt negeert vergeet geben vergeben bewerten setzen erteilen antworten donner"
    " attribuer mettre otorgar asignar poner dare assegnare atribuir geven note"
)
_INFINITIVE_LEADS = listed("you sure remember careful required instructed ordered")
_PLAIN_GAPS = frozenset(("", " ", "-"))


class Passage(NamedTuple):
    """The first and the last word of a find, by their index."""

    first: int
    last: int


class Worded(NamedTuple):
    """A text folded for comparison, and the different words in it, with their lengths."""

    text: str
    words: frozenset[str]
    lengths: frozenset[int]
    meanings: int

    @classmethod
    def of(cls, text: str) -> Self:
        """Return a text, folded, with its words and every meaning that one of them can have."""
        plain = folded(text)
        words = frozenset(words_in(plain))
        meanings = 0
        for word in words & MEANINGS.keys():
            meanings |= MEANINGS[word]
        if meanings & TEN and _MAYBE_FULL_MARKS.search(plain):
            meanings |= TOP | SCORE
        return cls(plain, words, frozenset(map(len, words)), meanings)


def words_in(text: str) -> Iterable[str]:
    """Return the words of a folded text in their order."""
    if text.isascii():
        return _ASCII_WORD.findall(text)
    if not _HAS_CJK.search(text):
        return _WORD.findall(text)
    return (match.group() for match in _UNSPACED.finditer(text))


def meanings_in(text: str) -> int:
    """Return every meaning that some word of a folded text can have."""
    found = 0
    for word in words_in(text):
        found |= MEANINGS.get(word, 0)
    return found


def _pattern_for(text: str) -> re.Pattern[str]:
    if text.isascii():
        return _ASCII_SPACED
    return _UNSPACED if _HAS_CJK.search(text) else _SPACED


class Phrasing:
    """A folded text as words: `words[i]` has the meanings `bits[i]` and stands at `spans[i]`.

    `own` are the words of the tool's own name. Distances are counted in words, for Chinese, Japanese
    and Korean in terms and characters.
    """

    def __init__(self, text: str, own: frozenset[str] = frozenset()) -> None:
        matches = list(_pattern_for(text).finditer(text))
        self.text = text
        self.words = tuple([match.group() for match in matches])
        self.spans = [match.span() for match in matches]
        self.bits = [MEANINGS.get(word, 0) for word in self.words]
        for index, match in enumerate(matches):
            if match.lastgroup:
                self.bits[index] = TOP | SCORE
            elif self.words[index] in own:
                self.bits[index] |= THIS

    @cached_property
    def _stops(self) -> list[int]:
        return [match.start() for match in _SENTENCE_END.finditer(self.text)]

    @cached_property
    def _quotes(self) -> list[tuple[int, int]]:
        return [match.span() for match in _QUOTED.finditer(self.text)]

    def passage(self, span: tuple[int, int]) -> Passage:
        """Return the words that stand in a span of the text, or the one that comes after it."""
        ends = [end for _, end in self.spans]
        first = min(bisect_right(ends, span[0]), len(ends) - 1)
        last = min(bisect_left(ends, span[1]), len(ends) - 1)
        return Passage(first, max(first, last))

    def places(self, meaning: int) -> Iterator[int]:
        """Yield the index of each word that can have one of the meanings."""
        return (index for index, bits in enumerate(self.bits) if bits & meaning)

    def near(self, index: int, meaning: int, *, after: int = 0, before: int = 0) -> list[int]:
        """Return the words of this meaning in the same sentence, so many words around this one."""
        sentence = self.sentence(index)
        return [
            other
            for other in range(max(0, index - before), min(len(self.bits), index + after + 1))
            if self.bits[other] & meaning and other != index and self.sentence(other) == sentence
        ]

    def meanings(self, first: int, last: int) -> int:
        """Return every meaning that occurs from the first to the last word, both included."""
        found = 0
        for bits in self.bits[max(0, first) : last + 1]:
            found |= bits
        return found

    def sentence(self, index: int) -> int:
        """Return the number of the sentence in which a word stands."""
        return bisect_right(self._stops, self.spans[index][0])

    def gap(self, index: int) -> str:
        """Return what stands between a word and the one after it; after the last, a line end."""
        if index + 1 == len(self.spans):
            return "\n"
        return self.text[self.spans[index][1] : self.spans[index + 1][0]]

    def opens(self, index: int) -> bool:
        """Whether a clause begins with this word: nothing, a sign or a line end comes before it."""
        return index == 0 or self.gap(index - 1) not in _PLAIN_GAPS

    def closes(self, index: int) -> bool:
        """Whether a clause ends with this word."""
        return self.gap(index) not in _PLAIN_GAPS

    def english(self, index: int) -> bool:
        """Whether the word is an English verb: what it governs comes after it."""
        return self.words[index] in _ENGLISH_VERBS

    def spaced(self, index: int) -> bool:
        """Whether the word is of a language that sets its words apart."""
        return not _HAS_CJK.match(self.words[index])

    def ambiguous(self, index: int) -> bool:
        """Whether the form of the verb leaves open if it asks for something or tells of it."""
        return self.words[index] in _AMBIGUOUS_VERBS

    def bids(self, index: int) -> bool:
        """Whether the verb asks somebody to do it, and does not tell what somebody does."""
        if not self.ambiguous(index) or self.opens(index):
            return True
        if self.words[index - 1] == "to":
            first = max(0, index - 7)
            return bool(self.meanings(first, index - 2) & REVIEWER) or not (
                _INFINITIVE_LEADS.isdisjoint(self.words[first : index - 1])
            )
        return bool(self.bits[index - 1] & LEAD)

    def quote_around(self, index: int) -> tuple[int, int] | None:
        """Return the span of the quotation in which a word stands, marks included."""
        place = self.spans[index][0]
        number = bisect_right(self._quotes, (place, place)) - 1
        if number < 0 or place >= self._quotes[number][1]:
            return None
        return self._quotes[number]
