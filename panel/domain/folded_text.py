"""Text folded for comparison, each character of it with its place in the source.

Two forms. The plain one makes Unicode forms, quotes, dashes and white space alike and leaves out what
nobody sees. The rendered one reads Markdown besides, as it looks on a page: no emphasis, no link
targets, no table bars, no list marks. Both depend only on what stands next to a character, never on
what opened far before it, so that a passage folds the same alone and within its text. Each takes one
scan, in time that grows with the length.
"""

import html
import re
import unicodedata
from array import array
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

_ALIKE: Final = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′", "'"),
        **dict.fromkeys("“”„«»″", '"'),
        **dict.fromkeys("‐‑‒–—−", "-"),
        "×": "x",
        "…": "...",
    }
)
_INVISIBLE: Final = (
    "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u0600-\u0605\u061c\u06dd\u070f\u180e\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0001\U000e0020-\U000e007f"
)
_FULL_WIDTH: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_OTHER: Final = rf"[^\x00-\x7f\s{_INVISIBLE}…]"
# A character folds together with the marks on it: the one before a run of others belongs to it.
_PLAIN: Final = re.compile(
    rf"(?P<copied>(?:[!-~]++[ ](?=[!-~]))++|[!-~]+(?!{_OTHER}))"
    rf"|(?P<space>\s+)|(?P<ellipsis>…)|(?P<nothing>[{_INVISIBLE}]+)"
    rf"|(?P<folded>[!-~]?(?:{_OTHER}++(?:[ ](?={_OTHER}))?+)++)"
)

_SIGN: Final = r"[a-zA-Z0-9.,;/$%'()?@^{}]"
_JOINER: Final = r"(?<=[a-zA-Z0-9])[-_:](?=[a-zA-Z0-9])"
_WORD: Final = rf"{_SIGN}++(?:{_JOINER}{_SIGN}++)*+"
_LETTER: Final = rf"[^\x00-\x7f\s{_INVISIBLE}…—―]"
# Before a letter it gives back one character: were it read again from each, time would be quadratic.
_LAST_WORD: Final = rf"{_SIGN}+(?:{_JOINER}{_SIGN}+)*(?!{_LETTER})"
_LIST_MARKS: Final = r"[ \t]*(?:(?:>+|[-*+•]|\d{1,9}[.)]|\#{1,6})(?=\s)[ \t]*)++"
_RENDERED: Final = re.compile(
    rf"""
    (?P<start>\A{_LIST_MARKS})
  | (?P<copied>(?:{_WORD}[ ](?={_SIGN}))++|{_LAST_WORD})
  | (?P<space>
        \s*\n{_LIST_MARKS}
      | \s+
      | (?<!\S)(?:[-*+•>|=:–—]+|\#{{1,6}})(?!\S)
      | \| | -{{2,}} | [—―]
    )
  | (?P<nothing>
        [{_INVISIBLE}]+
      | \*+(?![0-9]) | (?<![0-9])\*+
      | (?:(?<=\n)|\A)[ \t]*(?:`{{3,}}|~{{3,}})[^\n`]{{0,200}}
      | `+ | ~~+
      | (?:(?<=\n)|\A)[ ]{{0,3}}\[(?!\^)[^\]\n]{{1,200}}\]:[ \t]*\S[^\n]{{0,2000}}
      | \[\^[^\]\s]{{1,60}}\]:?
      | \[[ xX]\](?=\s)
      | !?\[
      | \]\((?:[^()\s\\]|\\.|\([^()\s]{{0,500}}\)){{0,2000}}
        (?:\s+(?:"[^"]{{0,300}}"|'[^']{{0,300}}'))?\s*\)
      | \]\[[^\[\]\n]{{0,200}}\]
      | \]
      | (?<=[a-zA-Z0-9])_+(?=\Z|[^a-zA-Z0-9_]) | (?<![a-zA-Z0-9_])_+
      | <!--(?:[^-]|-(?!->))*+(?:-->|\Z)
    )
  | (?P<folded>[!-~]?(?:{_LETTER}++(?:[ ](?={_LETTER}))?+)++)
  | (?P<ellipsis>…)
  | (?P<tag><(?:/?[a-zA-Z][^<>]{{0,2000}})>)
  | (?P<entity>&(?:\#[0-9]{{1,7}}|\#[xX][0-9a-fA-F]{{1,6}}|[a-zA-Z][a-zA-Z0-9]{{1,31}});)
  | (?P<inside>(?<=[a-zA-Z0-9])\\_(?=[a-zA-Z0-9]))
  | (?P<escape>\\[!-/:-@\[-`{{-~])
  | (?P<sign>[!-~])
    """,
    re.VERBOSE | re.DOTALL,
)
_INLINE: Final = frozenset(
    "a abbr b bdi code del em font i ins kbd mark q s small span strong sub sup tt u var wbr".split()
)
_TAG_NAME: Final = re.compile(r"/?([a-zA-Z][a-zA-Z0-9]*)")
_MARKUP: Final = frozenset("*_`~|#[]")
_SPACED: Final = frozenset("—―|\u00a0\u2002\u2003\u2009\u202f")
PANELS_UNDER_WAY: Final = 32
"""Of how many texts the folded form is kept: a panel has one, and its answers come minutes apart."""


@lru_cache(maxsize=16)  # the sentences of one ballot; nothing lasts longer
def fold(text: str) -> str:
    """Return `text` with Unicode forms, quotes, dashes and white space made alike. Case stays.

    `fold("It’s 5 × 2")` is `"It's 5 x 2"`.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).translate(_ALIKE)
    return " ".join(text.split())


@dataclass(frozen=True, slots=True)
class FoldedText:
    """A folded text and where it came from.

    Piece by piece, `starts` says where it begins in `text`, `begins` and `ends` where in the source it
    begins and ends. In a piece of the same length in both, each character has its own place; any other
    stands for its source as a whole. Plain arrays, because a text may have as many pieces as characters
    and the texts of all panels under way are kept.
    """

    text: str
    starts: "array[int]"
    begins: "array[int]"
    ends: "array[int]"

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return where the characters from `start` to before `end` stand in the source."""
        return self._place(start)[0], self._place(end - 1)[1]

    def _place(self, at: int) -> tuple[int, int]:
        number = bisect_right(self.starts, at) - 1
        start, begin, end = self.starts[number], self.begins[number], self.ends[number]
        after = self.starts[number + 1] if number + 1 < len(self.starts) else len(self.text)
        if after - start != end - begin:
            return begin, end
        return begin + at - start, begin + at - start + 1


def fold_plain(source: str) -> FoldedText:
    """Return `source` as `fold` has it, without invisible characters, and with its places."""
    return _scan(source, _PLAIN)


def fold_rendered(source: str) -> FoldedText:
    """Return `source`, which may be Markdown, as a page shows it, and with its places.

    `fold_rendered("**Team** | [$12](/buy)").text` is `"Team $12"`. A sign that may be text or markup
    is left out, and double quotes become single ones: what is compared is folded on both sides.
    """
    return _scan(source, _RENDERED)


def _scan(source: str, pattern: re.Pattern[str]) -> FoldedText:
    """Return the text of what `pattern` finds, with single spaces and none at its start."""
    texts: list[str] = []
    starts, begins, ends = array("L"), array("L"), array("L")
    length, spaced = 0, True
    for found in pattern.finditer(source):
        kind, text = found.lastgroup, found[0]
        start, end = found.span()
        read: tuple[tuple[str, int, int], ...]
        if kind == "copied":
            read = ((text, start, end),)
        elif kind == "space":
            read = ((" ", start, end),)
        elif kind == "folded":
            read = _fold_run(text, start, single=pattern is _RENDERED)
        else:
            read = ((_read_mark(kind, text), start, end),)
        for folded, begin, after in read:
            if shown := folded.lstrip(" ") if spaced else folded:
                texts.append(shown)
                starts.append(length)
                begins.append(begin)
                ends.append(after)
                length += len(shown)
                spaced = shown[-1] == " "
    return FoldedText("".join(texts), starts, begins, ends)


def _read_mark(kind: str | None, text: str) -> str:
    """Return what a page shows of a tag, a character reference, an escape or a single sign."""
    if kind in ("start", "nothing"):
        return ""
    if kind == "ellipsis":
        return "..."
    if kind == "tag":
        return _read_tag(text[1:-1])
    if kind == "entity":
        shown = html.unescape(text)
        return " " if shown in _SPACED else fold(shown).replace('"', "'")
    sign = text[-1]
    if kind == "escape" and sign in _MARKUP:
        return ""
    return "'" if sign == '"' else sign


def _read_tag(inside: str) -> str:
    """Return an address between angle brackets, else the space that a block makes."""
    if "://" in inside and not any(sign.isspace() for sign in inside):
        return inside
    name = _TAG_NAME.match(inside)
    return "" if name and name[1].casefold() in _INLINE else " "


def _fold_run(run: str, start: int, *, single: bool) -> tuple[tuple[str, int, int], ...]:
    """Return a run that is more than ASCII in pieces as small as its folding allows.

    With `single`, double quotes become single ones.
    """
    run = run.translate(_FULL_WIDTH)
    whole = _fold_letters(run, single)
    if len(whole) == len(run) and unicodedata.is_normalized("NFKC", run):
        return ((whole, start, start + len(run)),)
    bounds = [at for at, sign in enumerate(run) if not at or not unicodedata.combining(sign)]
    letters = tuple(
        (_fold_letters(run[a:b], single), start + a, start + b)
        for a, b in pairwise((*bounds, len(run)))
    )
    if "".join(text for text, _, _ in letters) == whole:
        return letters
    return ((whole, start, start + len(run)),)


def _fold_letters(run: str, single: bool) -> str:
    folded = unicodedata.normalize("NFKC", run).translate(_ALIKE)
    return folded.replace('"', "'") if single else folded
