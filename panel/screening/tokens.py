"""A text as words: what they can mean, and which of them stand together."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import cache, cached_property
from typing import NamedTuple, Self

from panel.screening.folding import fold
from panel.screening.words import Word, lexicon

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
_UNSPACED_SIGNS = "\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff"
_UNSPACED = re.compile(f"[{_UNSPACED_SIGNS}]")
_ASCII_WORD = r"[^\W_]++"
_WORD = rf"(?:[^\W_]++[{_POINTS}]*+)++"
_WORD_BESIDE_UNSPACED = rf"(?:[^\W_{_UNSPACED_SIGNS}]++[{_POINTS}]*+)++"
_ASCII_WORDS = re.compile(_ASCII_WORD)
_WORDS = re.compile(_WORD)
_ASCII_TOKEN = re.compile(rf"(?=[15tf]){_FULL_MARKS}|{_ASCII_WORD}")
_TOKEN = re.compile(rf"(?=[15tf]){_FULL_MARKS}|{_WORD}")
_MAYBE_FULL_MARKS = re.compile(rf"(?:{_SCALE_END})(?:\s?(?:{_OUT_OF})|[ -]stars?)")
_SENTENCE_END = re.compile(r"[.!?](?=[\s\"'”»)]|$)|[。！？]|\n[^\S\n]*+\n")
_QUOTED = re.compile(
    r"\"[^\"]{3,300}+\"|“[^“”]{3,300}+”|«[^«»]{3,300}+»|„[^„“]{3,300}+“|‘[^‘’]{3,300}+’"
    r"|`[^`]{3,300}+`|「[^「」]{3,300}+」|(?<!\w)'[^']{3,300}+'(?!\w)"
)
_PLAIN_GAPS = frozenset(("", " ", "-"))


class Passage(NamedTuple):
    """The first and the last word of what a rule found, by their index."""

    first: int
    last: int


class FoldedText(NamedTuple):
    """A folded text, its different words, and the lists that some word of it stands in."""

    text: str
    words: frozenset[str]
    lists: int

    @classmethod
    def of(cls, text: str) -> Self:
        """Return `text` folded: `FoldedText.of("Rate it").words` has "rate" and "it"."""
        folded = fold(text)
        words = frozenset(words_in(folded))
        lists = lists_of(words)
        if lists & Word.TEN and _MAYBE_FULL_MARKS.search(folded):
            lists |= Word.TOP | Word.SCORE
        return cls(folded, words, lists)


def words_in(text: str) -> Iterable[str]:
    """Return the words of a folded text in their order."""
    if text.isascii():
        return _ASCII_WORDS.findall(text)
    if not _UNSPACED.search(text):
        return _WORDS.findall(text)
    return (match.group() for match in _unspaced_token().finditer(text))


def lists_of(words: Iterable[str]) -> int:
    """Return every list that one of the words stands in."""
    found, lists = 0, lexicon().lists
    for word in lists.keys() & words:
        found |= lists[word]
    return found


@cache
def _unspaced_token() -> re.Pattern[str]:
    """Return what a token is where words are not set apart: a term, or else a single character."""
    by_first: dict[str, list[str]] = {}
    for term in sorted(lexicon().terms, key=len, reverse=True):
        by_first.setdefault(term[0], []).append(term[1:])
    terms = "|".join(f"{first}(?:{'|'.join(ends)})" for first, ends in by_first.items())
    return re.compile(
        rf"(?=[15tf]){_FULL_MARKS}|(?=[{''.join(by_first)}])(?:{terms})"
        rf"|[{_UNSPACED_SIGNS}]|{_WORD_BESIDE_UNSPACED}"
    )


def _token(text: str) -> re.Pattern[str]:
    if text.isascii():
        return _ASCII_TOKEN
    return _unspaced_token() if _UNSPACED.search(text) else _TOKEN


class Tokens:
    """A folded text as words: `words[i]` stands in the lists `lists[i]` and at `spans[i]`.

    `own` are the words of the tool's own name, which stand for "this tool". Distances are counted in
    words, in scripts without spaces in terms and characters.
    """

    def __init__(self, text: str, own: frozenset[str] = frozenset()) -> None:
        matches = list(_token(text).finditer(text))
        known = lexicon().lists
        self.text = text
        self.words = tuple([match.group() for match in matches])
        self.spans = [match.span() for match in matches]
        self.lists = [known.get(word, 0) for word in self.words]
        self._present = 0
        for index, match in enumerate(matches):
            if match.lastgroup:
                self.lists[index] = Word.TOP | Word.SCORE
            elif self.words[index] in own:
                self.lists[index] |= Word.THIS
        for found in set(self.lists):
            self._present |= found

    @cached_property
    def _sentences(self) -> list[int]:
        stops = [match.start() for match in _SENTENCE_END.finditer(self.text)]
        numbers: list[int] = []
        number = 0
        for start, _ in self.spans:
            while number < len(stops) and stops[number] <= start:
                number += 1
            numbers.append(number)
        return numbers

    @cached_property
    def _quotes(self) -> list[tuple[int, int]]:
        return [match.span() for match in _QUOTED.finditer(self.text)]

    def places(self, lists: int) -> Iterator[int]:
        """Yield the index of each word that stands in one of the lists."""
        if not self._present & lists:
            return iter(())
        return (index for index, found in enumerate(self.lists) if found & lists)

    def near(self, index: int, lists: int, *, after: int = 0, before: int = 0) -> list[int]:
        """Return the words of these lists in the same sentence, so many words around this one."""
        if not self._present & lists:
            return []
        first, sentence = max(0, index - before), self._sentences[index]
        return [
            other
            for other, found in enumerate(self.lists[first : index + after + 1], first)
            if found & lists and other != index and self._sentences[other] == sentence
        ]

    def meanings(self, first: int, last: int) -> int:
        """Return the lists of every word from the first to the last, both included."""
        found = 0
        for lists in self.lists[max(0, first) : last + 1]:
            found |= lists
        return found

    def sentence(self, index: int) -> int:
        """Return the number of the sentence in which a word stands."""
        return self._sentences[index]

    def gap(self, index: int) -> str:
        """Return what stands between a word and the one after it; after the last, a line end."""
        if index + 1 == len(self.spans):
            return "\n"
        return self.text[self.spans[index][1] : self.spans[index + 1][0]]

    def starts_clause(self, index: int) -> bool:
        """Whether nothing, a sign or a line end comes before this word."""
        return index == 0 or self.gap(index - 1) not in _PLAIN_GAPS

    def ends_clause(self, index: int) -> bool:
        """Whether nothing, a sign or a line end comes after this word."""
        return self.gap(index) not in _PLAIN_GAPS

    def is_english(self, index: int) -> bool:
        """Whether the word is an English verb: what it governs comes after it."""
        return bool(self.lists[index] & Word.ENGLISH_VERB)

    def is_spaced(self, index: int) -> bool:
        """Whether the word is of a language that sets its words apart."""
        return not _UNSPACED.match(self.words[index])

    def is_ambiguous(self, index: int) -> bool:
        """Whether the form of the verb leaves open if it asks for something or tells of it."""
        return bool(self.lists[index] & (Word.ENGLISH_VERB | Word.AMBIGUOUS_VERB))

    def is_request(self, index: int) -> bool:
        """Whether the verb asks somebody to do it, and does not tell what somebody does."""
        if not self.is_ambiguous(index) or self.starts_clause(index):
            return True
        if self.words[index - 1] == "to":
            around = self.meanings(index - 7, index - 2)
            return bool(around & (Word.REVIEWER | Word.INFINITIVE_LEAD))
        return bool(self.lists[index - 1] & Word.LEAD)

    def quote_around(self, index: int) -> tuple[int, int] | None:
        """Return the span of the quotation in which a word stands, marks included."""
        place = self.spans[index][0]
        number = bisect_right(self._quotes, (place, place)) - 1
        if number < 0 or place >= self._quotes[number][1]:
            return None
        return self._quotes[number]
