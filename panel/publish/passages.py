"""Passages: the text that the reviewers were given, with what they cited marked in it."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from panel.domain.grounding import fold
from panel.domain.tool import Tool

_EDGES = " \t\n\"'.,;:!?…"
_RUN = re.compile(r"\s+|\S+")
_BREAK = re.compile(r"[ \t\r]*\n\s*(?P<item>[-*•#>|]|\d{1,3}[.)])?")


@dataclass(frozen=True)
class Span:
    """A piece of the text; a cited one has the number of its passage, `first` where it begins."""

    text: str
    number: int | None = None
    first: bool = False


@dataclass(frozen=True)
class GivenText:
    """What the reviewers saw: the fields that the editor gave, then the description.

    `numbers` maps an evidence, as a reviewer copied it, to the number of its passage; what cannot
    be found in the text has none.
    """

    fields: tuple[tuple[Span, ...], ...]
    description: tuple[Span, ...]
    numbers: dict[str, int]


def mark_passages(tool: Tool, evidence: Iterable[str]) -> GivenText:
    """Return the text of `tool` with every passage of `evidence` marked and numbered in its order.

    Passages that overlap are one. The text is the original; passages are looked for as grounding
    does: Unicode forms, quotes, white space and invisible characters do not count.
    """
    shown = tool.as_shown()
    wanted = list(dict.fromkeys(evidence))
    found = _locate(shown, wanted)
    merged = _merge(found.values())
    numbers = {
        text: next(n for n, (start, end) in enumerate(merged, 1) if start <= at[0] < end)
        for text, at in found.items()
    }
    begin = len(shown) - len(tool.description.strip())
    lines, start = [], 0
    for line in shown[:begin].rstrip("\n").split("\n"):
        lines.append(_cut(line, start, merged))
        start += len(line) + 1
    return GivenText(tuple(lines), _cut(_unwrapped(shown[begin:]), begin, merged), numbers)


def _unwrapped(text: str) -> str:
    """Return `text` with the line ends of wrapped prose as spaces; its length stays.

    The end of a paragraph stays as an empty line, and a list item or heading begins its line.
    """
    return _BREAK.sub(_rebreak, text)


def _rebreak(found: re.Match[str]) -> str:
    item = found["item"] or ""
    room = len(found[0]) - len(item)
    ends = 2 if found[0].count("\n") > 1 else int(bool(item))
    return "\n" * ends + " " * (room - ends) + item


def _locate(shown: str, wanted: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Return where each wanted passage stands in `shown`, as start and end."""
    folded, places = _fold_with_places(shown)
    found = {}
    for text in wanted:
        needle = _fold(text).strip(_EDGES)
        at = _find(needle, folded)
        if at is not None:
            found[text] = (places[at], places[at + len(needle) - 1] + 1)
    return found


def _find(needle: str, folded: str) -> int | None:
    """Return where `needle` begins and ends at the border of a word, or None."""
    if not any(char.isalnum() for char in needle):
        return None
    at = folded.find(needle)
    while at >= 0:
        end = at + len(needle)
        if not (_joins(folded, at - 1) or _joins(folded, end - 1)):
            return at
        at = folded.find(needle, at + 1)
    return None


def _joins(text: str, left: int) -> bool:
    pair = text[max(left, 0) : left + 2] if left >= 0 else ""
    return len(pair) == 2 and all(  # noqa: PLR2004 - a pair
        char.isalnum() and unicodedata.category(char) != "Lo" for char in pair
    )


def _fold(text: str) -> str:
    """Return `text` folded as grounding folds it, without white space at its ends."""
    plain = " ".join(text.split())
    if plain.isascii() and plain.isprintable():
        return plain
    return _fold_with_places(text)[0].strip()


def _fold_with_places(text: str) -> tuple[str, list[int]]:
    """Return `text` folded as grounding folds it, and the place that each character came from."""
    pieces: list[str] = []
    places: list[int] = []
    for run in _RUN.finditer(text):
        word = run[0]
        if word.isspace():
            pieces.append(" ")
            places.append(run.start())
        elif word.isascii() and word.isprintable():
            pieces.append(word)
            places.extend(range(run.start(), run.end()))
        else:
            for cluster, at in _clusters(word):
                folded = fold(cluster)
                pieces.append(folded)
                places.extend([run.start() + at] * len(folded))
    return "".join(pieces), places


def _clusters(word: str) -> Iterable[tuple[str, int]]:
    """Yield each letter with the marks on it and where it begins; invisible characters are left out."""
    cluster, begin = "", 0
    for at, char in enumerate(word):
        if cluster and unicodedata.combining(char):
            cluster += char
            continue
        if cluster:
            yield cluster, begin
        cluster, begin = ("" if unicodedata.category(char) in ("Cf", "Cc") else char), at
    if cluster:
        yield cluster, begin


def _merge(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _cut(text: str, offset: int, marked: Sequence[tuple[int, int]]) -> tuple[Span, ...]:
    """Return `text`, which begins at `offset`, in spans along the `marked` ones."""
    spans, at, stop = [], offset, offset + len(text)
    for number, (start, end) in enumerate(marked, 1):
        low, high = max(start, at), min(end, stop)
        if low >= high:
            continue
        if at < low:
            spans.append(Span(text[at - offset : low - offset]))
        spans.append(Span(text[low - offset : high - offset], number, first=low == start))
        at = high
    if at < stop:
        spans.append(Span(text[at - offset :]))
    return tuple(spans)
