"""Texts that a model may send in place of a ballot, and what the parser may make of them."""

import json
import random
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from hypothesis import strategies as st

from panel.domain.ballot import Ballot, read_ballot
from panel.domain.cleaning import without_hidden
from panel.domain.json_answer import UnreadableAnswerError
from tests.bars.rooms import sound
from tests.workspaces import persona_set

PERSONA = persona_set().personas[0]
BALLOT = sound(PERSONA).model_dump_json()
PIECES = (
    *'{}[]:,"\\ \n\t0159.-+eE',
    "NaN",
    "-Infinity",
    "null",
    "true",
    '"score":5',
    '"score":1e0',
    "1" * 25,
    "```json\n",
    "\n```",
    "\\u202e",
    "\\ud800",
    "\ud800",
    "\u202e",
    "\x00",
    "\U000e0041",
    "[" * 20,
    '{"a":' * 14,
    '"verdict":"ship",',
    "é🐢",
)


def check_text(text: str) -> bool:
    """Return whether `text` was read as a ballot; fail where a score is not the one that stands there.

    What is refused is refused in one printable line, and by UnreadableAnswerError.
    """
    try:
        ballot = read_ballot(text, PERSONA.criterion_keys)
    except UnreadableAnswerError as error:
        said = str(error)
        assert said.isprintable()
        assert 0 < len(said) < 400
        return False
    assert any(_says(document, ballot) for document in _objects(text))
    return True


def _objects(text: str) -> Iterator[dict[str, Any]]:
    """Yield the object that begins at each brace, where one does."""
    shown = without_hidden(text)
    for place, sign in enumerate(shown):
        if sign == "{":
            with suppress(ValueError):
                yield json.JSONDecoder(strict=False).raw_decode(shown, place)[0]


def _says(document: dict[str, Any], ballot: Ballot) -> bool:
    findings = document.get("findings")
    return (
        isinstance(findings, list)
        and str(document.get("verdict")).strip().casefold() == ballot.verdict
        and ballot.scores == {one["criterion"]: float(one["score"]) for one in findings}
    )


def mutated(number: int, piece: str) -> str:
    """Return the ballot with a few of its bytes cut, doubled, moved or replaced, as `number` says."""
    chance = random.Random(number)
    text = BALLOT
    for _ in range(chance.randint(1, 3)):
        text = _once(text, piece, chance) or "{}"
    return text


def _once(text: str, piece: str, chance: random.Random) -> str:
    start, there = chance.randrange(len(text)), chance.randrange(len(text))
    end = min(len(text), start + chance.choice((0, 1, 1, 2, 10, 200)))
    return chance.choice(
        (
            text[:start] + text[end:],
            text[:end] + text[start:],
            text[:start] + piece + text[end:],
            text[:there] + text[start:end] + text[there:],
            text.replace(chance.choice('{}",:5'), piece, 1),
        )
    )


def filled(path: int, value: Any) -> str:
    """Return the ballot with another value at one of its places."""
    document = json.loads(BALLOT)
    places: list[tuple[Any, Any]] = []
    waiting: list[Any] = [document]
    while waiting:
        inner = waiting.pop()
        keys = inner.keys() if isinstance(inner, dict) else range(len(inner))
        for key in keys:
            places.append((inner, key))
            if isinstance(inner[key], dict | list):
                waiting.append(inner[key])
    inner, key = places[path % len(places)]
    inner[key] = value
    return json.dumps(document)


def any_json(chance: random.Random, depth: int = 0) -> Any:
    """Return some JSON value; drawn from one number it takes a tenth of the time of a strategy."""
    kind = chance.randrange(9 if depth < 4 else 7)
    if kind < 7:
        return (
            None,
            chance.random() < 0.5,
            chance.choice((0, 1, 5, 6, -1, 10**30, 2**53)),
            chance.choice((0.5, 4.0, 1e308, -0.0, float("nan"), float("inf"))),
            chance.choice(PIECES),
            "".join(chance.choices(PIECES, k=3)),
            "builder",
        )[kind]
    items = [any_json(chance, depth + 1) for _ in range(chance.randrange(4))]
    return items if kind == 7 else {chance.choice((*PIECES, "findings")): item for item in items}


def odd_json(number: int) -> str:
    """Return any JSON, or the ballot with any JSON at one of its places, as `number` says."""
    value = any_json(random.Random(number))
    return json.dumps(value) if number % 2 else filled(number // 2, value)


# Hypothesis draws and shrinks one number faster than a document.
NUMBERS = st.integers(0, 2**64)
ANY_TEXT = st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=12).map("".join)
ODD_JSON = NUMBERS.map(odd_json)
MUTATED = st.builds(mutated, NUMBERS, st.sampled_from(PIECES))
