"""Redaction: a tool's text without the passages that speak to its reviewers."""

from collections.abc import Iterable, Sequence
from typing import Final

from panel.domain.grounding import Place, copies_of, locate
from panel.domain.tool import Tool
from panel.domain.value import Value
from panel.domain.witness import says_something

_MOST_FORMS: Final = 20  # in which one passage stands in a text: spaced, quoted or marked otherwise
_EDGES: Final = "\"'“”‘’.,;:!?… \t\n"
_FIELDS: Final = ("tagline", "category", "vendor", "url", "licence")


class Redacted(Value):
    """A tool without some passages, and those that were found and taken out.

    `tool` is None where nothing would be left of its description.
    """

    tool: Tool | None
    without: tuple[str, ...]


def redact(tool: Tool, passages: Sequence[str]) -> Redacted:
    """Return `tool` without `passages`, wherever each stands word for word in what reviewers see.

    A passage over several lines is looked for as a whole, then line by line, as far as a line says
    something. A field that has nothing left is not given any more. Prices and the name stay as they
    are.
    """
    texts: dict[str, str] = {"description": tool.description}
    texts |= {field: value for field in _FIELDS if (value := getattr(tool, field))}
    without = []
    for passage in passages:
        lines = filter(says_something, passage.splitlines())
        if _cut_each(texts, dict.fromkeys((passage, *lines))):
            without.append(passage)
    description = texts.pop("description").strip()
    if not any(sign.isalnum() for sign in description):
        return Redacted(tool=None, without=tuple(without))
    fields = {field: text.strip() or None for field, text in texts.items()}
    redacted = tool.model_copy(update={**fields, "description": description, "original": None})
    return Redacted(tool=redacted, without=tuple(without))


def _cut_each(texts: dict[str, str], passages: Iterable[str]) -> bool:
    """Cut `passages` out of each of `texts`, and tell whether any of them stood there."""
    before = dict(texts)
    for passage in passages:
        texts |= {field: _cut(text, passage) for field, text in texts.items()}
    return texts != before


def _cut(text: str, passage: str) -> str:
    head = passage[: len(passage) - len(passage.lstrip(_EDGES))]
    tail = passage[len(passage.rstrip(_EDGES)) :]
    for _ in range(_MOST_FORMS):
        place = locate(passage, text)
        if not isinstance(place, Place):
            break
        # The signs at the edges of a passage do not count when it is looked for, but go with it.
        start = place.start - (len(head) if text[: place.start].endswith(head) else 0)
        end = place.end + (len(tail) if text.startswith(tail, place.end) else 0)
        text = _without(text, start, end)
    return text


def _without(text: str, start: int, end: int) -> str:
    """Return `text` without its part from `start` to before `end` and without later copies of that."""
    cut, parts, done = text[start:end], [text[:start]], end
    for at in copies_of(cut, text, end):
        parts.append(text[done:at])
        done = at + len(cut)
    return " ".join(filter(None, (part.strip(" ") for part in (*parts, text[done:]))))
