"""Passages: the text that the reviewers were given, with what they cited marked in it."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from panel.domain.grounding import Place, locate
from panel.domain.tool import Tool

# A run of blanks is looked at once, from its beginning: the time grows with the text alone.
_BREAK = re.compile(r"(?<![ \t\r])[ \t\r]*+\n\s*+(?P<item>[-*•#>|]|\d{1,3}[.)])?")


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

    Passages that overlap are one. The text is the original; passages are located as grounding does.
    """
    shown = tool.as_shown()
    located = {passage: locate(passage, shown) for passage in evidence}
    found = {passage: place for passage, place in located.items() if isinstance(place, Place)}
    merged = _merge(found.values())
    numbers = {
        passage: next(n for n, (start, end) in enumerate(merged, 1) if start <= place.start < end)
        for passage, place in found.items()
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
