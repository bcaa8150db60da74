"""A text as words: what they can mean, and which of them stand together."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from functools import cache, cached_property, lru_cache, reduce
from itertools import accumulate
from operator import or_
from typing import NamedTuple, Self

from panel.screening.normalization import normalize
from panel.screening.words import Word, lexicon

_OUT_OF = r"(?:/|out of|of|von|sur|de|su|van|uit|из)"
_FULL_MARKS = (
    "(?:"
    + "|".join(rf"{top}\s?{_OUT_OF}\s?{top}" for top in ("100", "10", "5", "ten", "five"))
    # Each choice begins with a letter of its own: so the engine looks for one of four signs at once.
    + r"|5[ -]stars?|five[ -]stars?)(?![^\W_])"
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
_NO_ASCII_LETTER = re.compile(rf"[^\W\x00-\x7f]|[{_POINTS}{_UNSPACED_SIGNS}]")
_VERB_LAST = re.compile("[\u3040-\u30ff\uac00-\ud7a3]")
_ASCII_WORD = r"[^\W_]++"
_WORD = rf"(?:[^\W_]++[{_POINTS}]*+)++"
_WORD_BESIDE_UNSPACED = rf"(?:[^\W_{_UNSPACED_SIGNS}]++[{_POINTS}]*+)++"
_NO_ASCII_WORD = str.maketrans({sign: " " for sign in map(chr, range(128)) if not sign.isalnum()})
_ASCII_WORDS_APART = re.compile(r"([0-9A-Za-z]++)")
_WORDS = re.compile(_WORD)
_WORDS_APART = re.compile(f"({_WORD})")
_ONE_FULL_MARKS = re.compile(_FULL_MARKS)
_ASCII_TOKEN = re.compile(rf"((?=[15tf]){_FULL_MARKS}|{_ASCII_WORD})")
_TOKEN = re.compile(rf"((?=[15tf]){_FULL_MARKS}|{_WORD})")
_SENTENCE_END = re.compile(r"[.!?](?=[\s\"'”»)]|$)|[。！？]|\n[^\S\n]*+\n")
_QUOTED = re.compile(
    r"\"[^\"]{3,300}+\"|“[^“”]{3,300}+”|«[^«»]{3,300}+»|„[^„“]{3,300}+“|‘[^‘’]{3,300}+’"
    r"|`[^`]{3,300}+`|「[^「」]{3,300}+」|(?<!\w)'[^']{3,300}+'(?!\w)"
)
_BEGINNING = 300  # signs by which most texts in other scripts are told
_PLAIN_GAPS = frozenset(("", " ", "-"))


class Passage(NamedTuple):
    """The first and the last word of what a rule found, by their index."""

    first: int
    last: int


class Vocabulary(NamedTuple):
    """A normalized text, its different words, and the lists that some word of it stands in."""

    text: str
    words: frozenset[str]
    lists: int

    @classmethod
    @lru_cache(maxsize=2)  # a reading is looked at by who made it and by who asked for it
    def of(cls, text: str) -> Self:
        """Return that of a text: `Vocabulary.of("Rate it").words` has "rate" and "it"."""
        normalized = normalize(text)
        words = frozenset(words_in(normalized))
        lists = lists_of(words)
        if lists & Word.TEN and _ONE_FULL_MARKS.search(normalized):
            lists |= Word.TOP | Word.SCORE
        return cls(normalized, words, lists)


def words_in(text: str) -> Iterable[str]:
    """Return the words of a normalized text in their order."""
    if not text.isascii() and _has_ascii_letters_only(text):
        text = text.encode("ascii", "replace").decode("ascii")
    if text.isascii():
        return text.translate(_NO_ASCII_WORD).split()  # four times as fast as a pattern
    if not _UNSPACED.search(text):
        return _WORDS.findall(text)
    return _unspaced_token().findall(text)


def _has_ascii_letters_only(text: str) -> bool:
    """Tell whether what is more than ASCII in a text is quotes, dashes and the like."""
    beginning = _NO_ASCII_LETTER.search(text, 0, _BEGINNING)
    return beginning is None and _NO_ASCII_LETTER.search("".join(set(text))) is None


def lists_of(words: Iterable[str]) -> int:
    """Return every list that one of the words stands in."""
    found, lists = 0, lexicon().lists
    for word in lexicon().listed.intersection(words):
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
        rf"((?=[15tf]){_FULL_MARKS}|(?=[{''.join(by_first)}])(?:{terms})"
        rf"|[{_UNSPACED_SIGNS}]|{_WORD_BESIDE_UNSPACED})"
    )


def _token(text: str, *, has_full_marks: bool) -> re.Pattern[str]:
    if text.isascii():
        return _ASCII_TOKEN if has_full_marks else _ASCII_WORDS_APART
    if _UNSPACED.search(text):
        return _unspaced_token()
    return _TOKEN if has_full_marks else _WORDS_APART


class Tokens:
    """A normalized text as words: `words[i]` stands in the lists `lists[i]`.

    `own` are the words of the tool's own name, which stand for "this tool". Distances are counted in
    words, in scripts without spaces in terms and characters.
    """

    def __init__(self, text: str, own: frozenset[str] = frozenset()) -> None:
        # In turn: what stands before the first word, a word, what stands after it, ...
        has_full_marks = _ONE_FULL_MARKS.search(text) is not None
        self._parts = _token(text, has_full_marks=has_full_marks).split(text)
        self._gaps = self._parts[2::2]
        self.text = text
        self.words = tuple(self._parts[1::2])
        known = lexicon().lists
        self.lists = [known.get(word, 0) for word in self.words]
        if has_full_marks:
            for index, word in enumerate(self.words):
                if word[0] in "15tf" and _ONE_FULL_MARKS.fullmatch(word):
                    self.lists[index] = Word.TOP | Word.SCORE
        if not own.isdisjoint(self.words):
            for index, word in enumerate(self.words):
                if word in own:
                    self.lists[index] |= Word.THIS
        self._present = reduce(or_, set(self.lists), 0)
        self._places: dict[int, list[int]] = {}

    @cached_property
    def _sentences(self) -> list[int]:
        # A word follows: a full stop at the end of a gap ends no sentence, as in "example.org".
        ends = {gap: bool(_SENTENCE_END.search(f"{gap}x")) for gap in set(self._gaps)}
        return [0, *accumulate(ends[gap] for gap in self._gaps)]

    @cached_property
    def _starts(self) -> list[int]:
        return list(accumulate(map(len, self._parts)))[::2]

    @cached_property
    def _quotes(self) -> list[tuple[int, int]]:
        return [match.span() for match in _QUOTED.finditer(self.text)]

    def places(self, lists: int) -> Sequence[int]:
        """Return the index of each word that stands in one of the lists."""
        if not self._present & lists:
            return ()
        if lists not in self._places:
            self._places[lists] = [at for at, found in enumerate(self.lists) if found & lists]
        return self._places[lists]

    def near(self, index: int, lists: int, *, after: int = 0, before: int = 0) -> list[int]:
        """Return the words of these lists in the same sentence, so many words around this one."""
        places = self.places(lists)
        if not places:
            return []
        sentence = self._sentences[index]
        first = bisect_left(places, index - before)
        return [
            other
            for other in places[first : bisect_right(places, index + after, first)]
            if other != index and self._sentences[other] == sentence
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
        return self._gaps[index] if index + 1 < len(self.words) else "\n"

    def start(self, index: int) -> int:
        """Return where in the text a word begins."""
        return self._starts[index]

    def end(self, index: int) -> int:
        """Return where in the text a word ends."""
        return self._starts[index] + len(self.words[index])

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

    def is_verb_last(self, index: int) -> bool:
        """Whether the word is Japanese or Korean: what a verb governs comes before it."""
        return _VERB_LAST.search(self.words[index]) is not None

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
        place = self.start(index)
        number = bisect_right(self._quotes, (place, place)) - 1
        if number < 0 or place >= self._quotes[number][1]:
            return None
        return self._quotes[number]
