"""A model's raw text, read as one JSON object or refused with a plain reason."""

import json
import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from pydantic import ValidationError

from panel.domain.cleaning import clean

MOST_BYTES = 64_000
MOST_DEPTH = 12

_FENCE = "```"
_OPENING = re.compile(rf"{_FENCE}[a-zA-Z]*\s*?\n")
# Possessive, and an open string ends with the text: else 64 kB of \" would take a minute.
_STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)
_KEY = re.compile(r"[a-z0-9_]{1,40}", re.ASCII)
_BRACKET = re.compile(r"[][{}]")


class UnreadableError(ValueError):
    """Text that is not one clean JSON object; its message is the plain reason."""


def first_fault(error: ValidationError) -> str:
    """Return the first fault as one line: its place, and what is wrong there."""
    fault = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(named_key(step) for step in fault["loc"])
    more = error.error_count() - 1
    return f"{place}: {fault['msg']}" + (f" (and {more} more)" if more else "")


def named_key(step: object) -> str:
    """Return a key as it may stand in a prompt: one that a model made up could say anything."""
    text = str(step)
    return text if _KEY.fullmatch(text) else "(another key)"


def repeated(keys: Iterable[str]) -> str | None:
    """Return the first of `keys` that stands there again, None where each stands once."""
    return next((key for key, times in Counter(keys).items() if times > 1), None)


def read_object(text: str) -> dict[str, Any]:
    """Return the JSON object that `text` is.

    One Markdown fence around it is taken off; prose around it is not: who answers with prose is
    asked again. Hidden characters and chat control tokens are taken out of its strings. Refused are
    more than 64,000 bytes, more than 12 levels, a key that stands twice, NaN and Infinity. Raises
    UnreadableError.
    """
    if len(text) > MOST_BYTES or len(text.encode("utf-8", "replace")) > MOST_BYTES:
        raise UnreadableError(f"the answer is longer than {MOST_BYTES:,} bytes")
    if not text.strip():
        raise UnreadableError("the answer is empty")
    body = _unfenced(text)
    _refuse_depth(body)
    try:
        document = json.loads(
            body, object_pairs_hook=_unique, parse_constant=_no_constant, parse_int=_short_int
        )
    except json.JSONDecodeError as error:
        raise UnreadableError(
            f"the answer is not one JSON object: {error.msg} at character {error.pos}"
        ) from error
    if not isinstance(document, dict):
        raise UnreadableError("the answer is JSON, but not an object")
    cleaned: dict[str, Any] = _cleaned(document)
    return cleaned


def _unfenced(text: str) -> str:
    """Return what stands in the Markdown fence that `text` is, else `text`."""
    block = text.strip()
    opening = _OPENING.match(block)
    if opening is None or not block.endswith(_FENCE, opening.end()):
        return text
    return block[opening.end() : -len(_FENCE)].strip()


def _refuse_depth(body: str) -> None:
    depth = 0
    for bracket in _BRACKET.findall(_STRING.sub("", body)):
        depth += 1 if bracket in "{[" else -1
        if depth > MOST_DEPTH:
            raise UnreadableError(f"the answer is nested deeper than {MOST_DEPTH} levels")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = named_key(repeated(key for key, _ in pairs))
        raise UnreadableError(f"the key {twice} stands twice")
    return found


def _no_constant(name: str) -> None:
    raise UnreadableError(f"{name} is not a number")


def _short_int(digits: str) -> int:
    if len(digits) > 20:  # noqa: PLR2004 - no number of a ballot comes near
        raise UnreadableError("a number has more than 20 digits")
    return int(digits)


def _cleaned(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return `value` without the hidden characters in its strings; the depth is bounded already."""
    if isinstance(value, str):
        return clean(value).text
    if isinstance(value, list):
        return [_cleaned(item) for item in value]
    if isinstance(value, dict):
        return {key: _cleaned(item) for key, item in value.items()}
    return value
