"""The description as sentences, and quotations cut from them at word borders."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from panel.checklist.language import is_english
from panel.domain.folded_text import fold
from panel.domain.grounding import is_verbatim

MOST_WORDS = 25
_MOST_CHARACTERS = 240
_FEWEST_WORDS = 4
_BORDERS = ",;:).!?"
_LOOSE = frozenset(
    "a an the and or of to for in on at by with from that which is are was it its your our as but so "
    "into than between under over per what when where who if then while because".split()
)
_FIELD = re.compile(r"(?P<key>name|tagline|category|vendor|url|entry|licence|price): (?P<value>.+)")
_UNSAID = frozenset({"name", "category", "vendor", "url"})  # fields that claim nothing
_ITEM = re.compile(r"[ \t]*(?:[-*+•·#>|]+|\d{1,2}[.)])[ \t]+")
_BLANK = re.compile(r"\n[ \t]*\n")
_END = re.compile(
    r"(?<![Ee]\.g\.)(?<![Ii]\.e\.)(?<!\bvs\.)(?<!\bInc\.)(?<!\bLtd\.)(?<!\bDr\.)(?<!\bapprox\.)"
    r"(?:(?<=[.!?…])|(?<=[.!?…][\"'”’)\]]))\s+(?=[\"'“‘(\[]?[^\Wa-z_]|[`$€£]|[a-z]+[A-Z\d])"
    r"|(?<=[。！？।])"
)
_HIDDEN = frozenset({"Cc", "Cf", "Cs"})
_JOINERS = "\u200c\u200d"  # scripts and emoji need them
_TRIMMED = " \t.,;:!?…。！？।-–—"
_OPENERS = (("(", ")"), ("[", "]"), ("“", "”"))


@dataclass(frozen=True)
class Sentences:
    """A description cut into sentences, as written and folded.

    `folded` holds the folded sentences, one a line, so that a rule with `.` stays inside one, and
    `lowered` the same in small letters, character for character; the sentence that starts at
    `starts[n]` is `lines[n]`. Fields of the front matter come first, a
    line each; `body` is the number of the first sentence of the description itself. `legible` says
    whether the text is English enough for rules made of English words.
    """

    name: str | None
    lines: tuple[str, ...]
    folded: str
    lowered: str
    starts: tuple[int, ...]
    body: int
    legible: bool

    def place(self, position: int) -> int:
        """Return the number of the sentence that `position` of `folded` lies in."""
        return bisect_right(self.starts, position) - 1

    def quote(self, start: int, most: int = MOST_WORDS) -> str | None:
        """Return the sentence around `start` in `folded`, cut to `most` words, or None.

        None stands for a place that cannot be quoted: without a letter or digit, or with a hidden
        character in it. What is returned stands verbatim in the description.
        """
        number = self.place(start)
        first = self.starts[number]
        before = self.folded[first:start].split(" ")
        whole = self.folded[first:].split("\n", 1)[0].split(" ")
        words = self.lines[number].split()
        if len(words) != len(whole):
            words = whole
        cut = _window(words, len(before) - 1, most)
        return cut if cut and is_verbatim(cut, self.lines[number]) else None


@lru_cache(maxsize=32)
def read_sentences(shown: str) -> Sentences:
    """Return `shown`, the text that reviewers see, as sentences."""
    head, body = _fields(shown)
    fields = dict(reversed(head))
    spoken = [
        value if key == "tagline" else f"{key}: {value}"
        for key, value in head
        if key not in _UNSAID and fold(value)
    ]
    written = (*spoken, *_sentences(body))
    lines = [fold(line) for line in written]
    starts, at = [], 0
    for line in lines:
        starts.append(at)
        at += len(line) + 1
    folded = "\n".join(lines)
    return Sentences(
        name=fields.get("name"),
        lines=written,
        folded=folded,
        lowered=_lower(folded),
        starts=tuple(starts),
        body=len(spoken),
        legible=is_english("\n".join(lines[len(spoken) :])),
    )


def _fields(shown: str) -> tuple[list[tuple[str, str]], str]:
    """Return the fields at the top, in order, and the rest of the text."""
    head, _, body = shown.partition("\n\n")
    fields = [_FIELD.fullmatch(line) for line in head.split("\n")]
    found = [(field["key"], " ".join(field["value"].split())) for field in fields if field]
    return (found, body) if len(found) == len(fields) else ([], shown)


def _sentences(text: str) -> Iterator[str]:
    """Yield the sentences of `text`, each on one line; a list item begins a sentence of its own."""
    for block in _BLANK.split(text):
        for paragraph in _paragraphs(block):
            for sentence in _END.split(paragraph):
                line = " ".join(sentence.split())
                if fold(line):
                    yield line


def _paragraphs(block: str) -> Iterator[str]:
    lines: list[str] = []
    for line in block.split("\n"):
        item = _ITEM.match(line)
        if item and lines:
            yield " ".join(lines)
            lines = []
        lines.append(line[item.end() :] if item else line)
    yield " ".join(lines)


def _window(words: list[str], at: int, most: int) -> str:
    """Return at most `most` of `words` around number `at`.

    That is the part between semicolons that it stands in, cut to a clause's borders where they lie
    near enough.
    """
    ends = [n for n, word in enumerate(words, start=1) if word[-1] == ";"]
    start = max((n for n in ends if n <= at), default=0)
    stop = min((n for n in ends if n > at), default=len(words))
    if stop - start > most:
        start, stop = _nearest(words, start, stop, at, most)
    chosen = words[start:stop]
    while len(chosen) > 1 and len(" ".join(chosen)) > _MOST_CHARACTERS:
        chosen.pop()
    if stop < len(words) and words[stop - 1][-1] not in _BORDERS:
        while len(chosen) > _FEWEST_WORDS and chosen[-1].casefold() in _LOOSE:
            chosen.pop()
    return _tidy(" ".join(chosen))


def _nearest(words: list[str], start: int, stop: int, at: int, most: int) -> tuple[int, int]:
    """Return a span of at most `most` words within `start` and `stop` that holds number `at`."""
    borders = [start, *(n for n in range(start + 1, stop) if words[n - 1][-1] in _BORDERS), stop]
    first = max(n for n in borders if n <= at)
    if at - first >= most:
        first = at - most // 2
    last = max((n for n in borders if at < n <= first + most), default=first + most)
    return first, last


def _tidy(text: str) -> str:
    """Return `text` short enough to print, without loose ends; empty where something is hidden."""
    text = text if len(text) <= _MOST_CHARACTERS else text[: _MOST_CHARACTERS // 3]
    text = text.strip(_TRIMMED)
    for opener, closer in _OPENERS:
        if text.startswith(opener) and closer not in text:
            text = text[1:]
        if text.endswith(closer) and opener not in text:
            text = text[:-1]
    if text.isascii():
        return text if text.isprintable() else ""
    hidden = (char for char in text if unicodedata.category(char) in _HIDDEN)
    return "" if any(char not in _JOINERS for char in hidden) else text


def _lower(text: str) -> str:
    if text.isascii():
        return text.lower()
    return "".join(low if len(low := char.lower()) == 1 else char for char in text)
