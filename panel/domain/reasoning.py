"""Where in a model's answer its JSON objects stand, its reasoning passed over."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

MOST_TRIED = 50
"""The places of one answer at which an object is looked for."""

_TAG = re.compile(
    r"<\|channel\|>\s?(?P<channel>[a-z]{1,20})(?:[^<>{}]|<\|constrain\|>){0,80}<\|message\|>"
    r"|[<◁]\|?\s?(?P<slash>/?)\|?(?P<name>[a-z][\w:.-]{0,40})(?:\s[^<>{}]{0,80})?\|?[>▷]"
    r"|\[(?P<slash2>/?)(?P<name2>[a-z][\w:.-]{0,40})\]",  # Mistral
    re.IGNORECASE,
)
_REASONS = re.compile(r"think|thought|reason|reflect|analy[sz]|scratch|ponder|deliberat")
_PLACE = re.compile(r"[<\[◁{]")
_OBJECT = re.compile(r"\{\s{0,200}[\"}]")

ObjectAt = Callable[[str, int], tuple[dict[str, Any], int]]
"""Returns the object that begins at a place and where it ends; raises ValueError."""


@dataclass
class FoundObjects:
    """What stands in an answer outside its reasoning.

    `broken` is the error of the first thing that begins like an object and is none. `has_open_heading`
    tells that a tag in square brackets was met behind which none closes, so that none is looked for
    behind later ones.
    """

    objects: list[dict[str, Any]] = field(default_factory=list)
    broken: ValueError | None = None
    has_reasoning: bool = False
    has_open_heading: bool = False

    @property
    def only_reasoning(self) -> bool:
        """Whether there was reasoning and no object, sound or broken, outside it."""
        return self.has_reasoning and not self.objects and self.broken is None


def find_objects(text: str, object_at: ObjectAt) -> FoundObjects:
    """Return the outermost objects of `text`, as `object_at` reads them.

    Reasoning is what stands in an element whose name says so, `<think>` to `</think>` in any kind of
    brackets and any case; what stands before a closing tag alone, as chat templates leave it that open
    the element themselves; and all of an element that is not closed. Tags inside an object are its own.
    """
    found, tried, place = FoundObjects(), 0, 0
    while (at := _PLACE.search(text, place)) is not None and tried < MOST_TRIED:
        place = at.end()
        if at.group() != "{":
            place = _after_tag(text, at.start(), found) or place
            continue
        if not _OBJECT.match(text, at.start()):
            continue
        tried += 1
        try:
            document, place = object_at(text, at.start())
        except ValueError as error:
            found.broken = found.broken or error
        else:
            # What lies inside a broken object is a part of it.
            found.objects += [] if isinstance(found.broken, json.JSONDecodeError) else [document]
    if tried == MOST_TRIED:
        found.broken = found.broken or ValueError(f"the answer holds {MOST_TRIED} objects or more")
    return found


def _after_tag(text: str, start: int, found: FoundObjects) -> int | None:
    """Return where to go on after the reasoning tag at `start`, None where there is none."""
    tag = _TAG.match(text, start)
    if tag is None or not _is_reasoning(tag):
        return None
    if _closes(tag):
        found.objects, found.broken, found.has_reasoning = [], None, True
        return tag.end()
    if tag["name2"] and found.has_open_heading:
        return None
    for later in _TAG.finditer(text, tag.end()):
        in_kind = bool(later["name2"]) == bool(tag["name2"])
        if in_kind and _is_reasoning(later) and _closes(later):
            found.has_reasoning = True
            return later.end()
    if tag["name2"]:  # a heading in brackets is closed by nothing
        found.has_open_heading = True
        return None
    found.has_reasoning = True
    return len(text)


def _is_reasoning(tag: re.Match[str]) -> bool:
    return tag["channel"] is not None or bool(_REASONS.search(_name(tag)))


def _closes(tag: re.Match[str]) -> bool:
    if tag["channel"] is not None:
        return tag["channel"].casefold() == "final"
    return bool(tag["slash"] or tag["slash2"]) or _name(tag).startswith("end_")


def _name(tag: re.Match[str]) -> str:
    return (tag["name"] or tag["name2"]).casefold()
