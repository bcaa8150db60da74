"""A model's raw text, read as one JSON object or refused with a plain reason."""

import json
import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from pydantic import ValidationError

from panel.domain.cleaning import clean_text, without_hidden
from panel.domain.reasoning import find_objects

MOST_BYTES = 64_000
MOST_DEPTH = 12

# Possessive, and an open string ends with the text: else 64 kB of \" would take a minute.
_STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)
_KEY = re.compile(r"[a-z0-9_]{1,40}", re.ASCII)
_BRACKET = re.compile(r"[][{}]")


class UnreadableAnswerError(ValueError):
    """Text that is not one clean JSON object; its message is the plain reason."""


def fault_line(error: ValidationError) -> str:
    """Return the first fault as a line for a prompt: its place, and what is wrong there."""
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
    found = list(keys)
    if len(set(found)) == len(found):
        return None
    return next(key for key, times in Counter(found).items() if times > 1)


def read_object(text: str) -> dict[str, Any]:
    """Return the one JSON object that stands in `text`.

    Reasoning before it, a greeting around it and a Markdown fence are passed over; hidden characters
    and chat control tokens are taken out of its strings. Nothing is guessed: two different objects are
    refused, and so are one that is broken, more than 64,000 bytes, more than 12 levels, a key that
    stands twice, NaN and Infinity. Raises UnreadableAnswerError.

    Example: `read_object('<think>{"a": 0}?</think> Here: {"a": 1}')` is `{"a": 1}`.
    """
    if len(text) > MOST_BYTES or len(text.encode("utf-8", "replace")) > MOST_BYTES:
        raise UnreadableAnswerError(f"the answer is longer than {MOST_BYTES:,} bytes")
    body = without_hidden(text).strip()
    if not body:
        raise UnreadableAnswerError("the answer is empty")
    try:
        document = _loads(body)
    except json.JSONDecodeError as error:
        document = _the_one(body, error)
    if not isinstance(document, dict):
        raise UnreadableAnswerError("the answer is JSON, but not an object")
    cleaned: dict[str, Any] = _cleaned(document)
    return cleaned


def _the_one(body: str, error: json.JSONDecodeError) -> dict[str, Any]:
    """Return the object in `body`, which is not JSON as a whole: `error` says why."""
    found = find_objects(body, _object_at)
    objects = [one for place, one in enumerate(found.objects) if one not in found.objects[:place]]
    if len(objects) > 1:
        raise UnreadableAnswerError(
            f"the answer is not one JSON object: it holds {len(objects)} different ones"
        )
    if objects and found.broken is None:
        return objects[0]
    if found.broken is not None and not isinstance(found.broken, json.JSONDecodeError):
        raise UnreadableAnswerError(str(found.broken)) from found.broken
    if found.only_reasoning:
        raise UnreadableAnswerError(
            "the answer is not one JSON object: it is reasoning, and nothing comes after it"
        )
    why = found.broken or error
    raise UnreadableAnswerError(
        f"the answer is not one JSON object: {why.msg} at character {why.pos}"
    ) from why


def _loads(text: str) -> Any:  # noqa: ANN401 - any JSON value
    if text.startswith("{"):
        _refuse_depth(text)
    try:
        return _DECODER.decode(text)
    except RecursionError as error:
        raise _too_deep() from error


def _object_at(text: str, start: int) -> tuple[dict[str, Any], int]:
    """Return the object that begins at `start`, and where it ends. Raises as json, and ours."""
    try:
        document, end = _DECODER.raw_decode(text, start)
    except RecursionError as error:
        raise _too_deep() from error
    _refuse_depth(text[start:end])
    return document, end


def _refuse_depth(body: str) -> None:
    if body.count("{") + body.count("[") <= MOST_DEPTH:  # as in most ballots
        return
    depth = 0
    for bracket in _BRACKET.findall(_STRING.sub("", body)):
        depth += 1 if bracket in "{[" else -1
        if depth > MOST_DEPTH:
            raise _too_deep()


def _too_deep() -> UnreadableAnswerError:
    return UnreadableAnswerError(f"the answer is nested deeper than {MOST_DEPTH} levels")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = named_key(repeated(key for key, _ in pairs))
        raise UnreadableAnswerError(f"the key {twice} stands twice")
    return found


def _no_constant(name: str) -> None:
    raise UnreadableAnswerError(f"{name} is not a number")


def _short_int(digits: str) -> int:
    if len(digits) > 20:  # noqa: PLR2004 - no number of a ballot comes near
        raise UnreadableAnswerError("a number has more than 20 digits")
    return int(digits)


def _cleaned(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return `value` without the hidden characters in its strings; the depth is bounded already."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, list):
        return [_cleaned(item) for item in value]
    if isinstance(value, dict):
        return {key: _cleaned(item) for key, item in value.items()}
    return value


_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique,
    parse_constant=_no_constant,
    parse_int=_short_int,
    strict=False,  # a raw line end inside a string is no reason to lose an answer
)
