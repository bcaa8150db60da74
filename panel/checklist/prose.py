"""Prose: the sentences of a description, without what is not read as words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from panel.domain.code_blocks import lines_with_code
from panel.domain.grounding import is_verbatim

MOST_QUOTED = 20
_LONGEST_QUOTE = 240
_LONGEST_SENTENCE = 1_000  # what goes on without a full stop is cut there
_CLAIMS = frozenset({"tagline", "entry", "licence", "price"})
_FIELD = re.compile(r"(?P<key>name|tagline|category|vendor|url|entry|licence|price): (?P<value>.+)")
_GAP = "\x1f"  # stands for what is taken out; cleaned text has no such character
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_INLINE = re.compile(
    r"!\[(?P<caption>[^\]\n]{0,200})\](?:\([^)\n]{0,500}\))?"  # a picture
    r"|\]\([^)\n]{0,500}\)|\]\[[^\]\n]{0,200}\]"  # where a link leads
    r"|<[/a-zA-Z][^<>]{0,1000}>"  # a tag
    r"|\b(?:https?://|www\.)[^\s<>\[\]]++"
    r"|[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64}){1,5}",
)
_CODE_SPAN = re.compile(r"`[^`\n]{0,200}`")
_INDENTED = re.compile(r"(?: {4}|\t)")
_MARK = re.compile(r"(?:#{1,6}|[-*+•·]|\d{1,3}[.)])[ \t]+")
_TABLE_OR_REFERENCE = re.compile(r"[^|\n]*\|[^|\n]*\|| {0,3}\[[^\]\n]{1,200}\]:[ \t]")
_ABBREVIATION = "".join(
    rf"(?<!\b{short}\.)" for short in (r"e\.g", r"i\.e", "vs", "Inc", "Ltd", "approx", "min", "max")
)
_END = re.compile(
    rf"(?<=[.!?…]){_ABBREVIATION}[\"'”’)\]*_]*+\s++(?![a-z]{{1,30}}\b)|(?<=[。！？।])"
)
_EDGES = " \"'.,;:!?*_-–—([|"
_CLAUSE_ENDS = ",;:)"


@dataclass(frozen=True)
class Sentence:
    """A sentence with gaps for what was taken out of it; a heading names a thing and says nothing."""

    text: str
    is_heading: bool = False

    def quote(self, at: int, most: int = MOST_QUOTED) -> str | None:
        """Return at most `most` words around offset `at`, word for word; None where that cannot be.

        Example: "It is $5 a month" of the sentence "It is $5 a month." for any offset in it.
        """
        begin = self.text.rfind(_GAP, 0, at) + 1
        run = self.text[begin:].partition(_GAP)[0]
        words = run.split()
        if len(words) > most:
            place = len(run[: at - begin + 1].split()) - 1
            borders = [n for n, word in enumerate(words, start=1) if word[-1] in _CLAUSE_ENDS]
            earliest = max(0, place - most // 2)
            first = next((n for n in (0, *borders) if earliest <= n <= place), earliest)
            last = max((n for n in borders if place < n <= first + most), default=first + most)
            words = words[first:last]
        text = " ".join(words)[:_LONGEST_QUOTE].strip(_EDGES)
        return text if is_verbatim(text, self.text) else None


@dataclass(frozen=True)
class Prose:
    """A description as sentences; `claims` are those of its fields, as "licence: MIT".

    `unread` has the text that is no prose: rows of tables, lines of code, captions of pictures.
    """

    name: str
    claims: tuple[Sentence, ...]
    sentences: tuple[Sentence, ...]
    unread: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """The text of its sentences without fields, code and addresses, to tell its language by."""
        return " ".join(_CODE_SPAN.sub(" ", sentence.text) for sentence in self.sentences)

    @property
    def says_something(self) -> bool:
        """Whether there is a sentence beside headings, which name a thing and say nothing of it."""
        return any(not sentence.is_heading for sentence in self.sentences)


def read_prose(shown: str) -> Prose:
    """Return the prose of a description as reviewers see it.

    Code blocks, tables, comments, pictures, tags and addresses are no words and are left out, and so
    are questions, which say nothing.
    """
    head, _, body = shown.partition("\n\n")
    fields = [_FIELD.fullmatch(line) for line in head.split("\n")]
    known = [field for field in fields if field]
    if len(known) < len(fields):
        known, body = [], shown
    body = _COMMENT.sub(_GAP, body)
    captions = [found["caption"] or "" for found in _INLINE.finditer(body)]
    body = _INLINE.sub(_GAP, body)
    rest = [line for line, is_prose in _lines(body) if not is_prose]
    return Prose(
        name=next((field["value"].strip() for field in known if field["key"] == "name"), ""),
        claims=tuple(Sentence(field[0]) for field in known if field["key"] in _CLAIMS),
        sentences=tuple(_sentences(body)),
        unread=tuple(part for line in (*captions, *rest) if line.strip() for part in _cut(line)),
    )


def _sentences(body: str) -> Iterator[Sentence]:
    for block, is_heading in _blocks(body):
        for sentence in _cut(block):
            asks = sentence.rstrip("\"'”’)*_ \n").endswith("?")
            if not asks and any(char.isalnum() for char in sentence):
                yield Sentence(sentence.strip(), is_heading)


def _cut(block: str) -> Iterator[str]:
    start = 0
    for end in (*(match.end() for match in _END.finditer(block)), len(block)):
        while end - start > _LONGEST_SENTENCE:
            space = block.rfind(" ", start + 1, start + _LONGEST_SENTENCE)
            stop = space if space > 0 else start + _LONGEST_SENTENCE
            yield block[start:stop]
            start = stop
        yield block[start:end]
        start = end


def _blocks(body: str) -> Iterator[tuple[str, bool]]:
    """Yield each paragraph, list item and heading, and whether it is a heading."""
    lines: list[str] = []
    for line, is_prose in _lines(body):
        mark, text = _split(line if is_prose else "")
        if lines and (mark or not text.strip()):
            yield "\n".join(lines), False
            lines = []
        if "#" in mark:
            yield text, True
        elif text.strip():
            is_quoted = lines and line.lstrip().startswith(">")  # its mark stands between the words
            lines.append(f"{_GAP}{text}" if is_quoted else text)
    if lines:
        yield "\n".join(lines), False


def _split(line: str) -> tuple[str, str]:
    """Return the mark of a list item or a heading, or nothing, and the text behind it."""
    quoted = line.lstrip(" \t>\x1f")
    mark = _MARK.match(quoted)
    return (mark[0], quoted[mark.end() :]) if mark else ("", quoted)


def _lines(body: str) -> Iterator[tuple[str, bool]]:
    """Yield the lines of `body`, and whether each is prose: none of a code block or a table is."""
    in_list, after_gap = False, True
    for line, is_fenced in lines_with_code(body):
        is_code = is_fenced or bool(after_gap and not in_list and _INDENTED.match(line))
        if line.strip() and not is_code:
            in_list = bool(_split(line)[0]) or (in_list and line[0] in " \t")
        after_gap = is_code or not line.strip()
        yield line, not is_code and not _TABLE_OR_REFERENCE.match(line)
