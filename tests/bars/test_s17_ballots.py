"""S17, ballots: ten thousand texts, and the parser refuses each in its own words or reads it right."""

import json
import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from panel.domain.ballot import read_ballot
from panel.domain.reading import MOST_BYTES, UnreadableError
from tests.bars.conftest import Show
from tests.bars.rooms import sound, voice

EACH = 3400
BALLOT = sound(voice().personas[0]).model_dump_json()
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
seen: Counter[str] = Counter()


def hold(text: str) -> None:
    """Read `text`; nothing but UnreadableError may come of it, and no score that is not in it."""
    try:
        ballot = read_ballot(text, voice().rubric)
    except UnreadableError as error:
        seen["refused in a line" if 0 < len(str(error)) < 400 else "refused oddly"] += 1
        return
    seen["read"] += 1
    document = json.loads(text[text.index("{") : text.rindex("}") + 1])
    assert {key: score.score for key, score in ballot.scores.items()} == {
        key: score["score"] for key, score in document["scores"].items()
    }
    assert ballot.verdict == document["verdict"]


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
    return items if kind == 7 else {chance.choice((*PIECES, "scores")): item for item in items}


def enough(test: Callable[..., None]) -> Callable[..., None]:
    return settings(
        max_examples=EACH,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )(test)


@enough
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=12).map("".join))
def test_s17_arbitrary_text_is_read_or_refused(text: str) -> None:
    hold(text)


@enough
@given(st.integers(0, 2**64))
def test_s17_arbitrary_json_is_read_or_refused(number: int) -> None:
    chance = random.Random(number)
    value = any_json(chance)
    hold(json.dumps(value) if number % 2 else filled(number // 2, value))


@enough
@given(st.integers(0, 2**64), st.sampled_from(PIECES))
def test_s17_a_mutated_ballot_is_read_or_refused(number: int, piece: str) -> None:
    hold(mutated(number, piece))


@pytest.mark.parametrize("size", [MOST_BYTES - 1, MOST_BYTES, MOST_BYTES + 1, 10**6])
@pytest.mark.parametrize(
    "unit", ["[", '{"a":', '"', "\\", "```\n", "{" * 3 + "}" * 3, "9", " ", "é"]
)
def test_s17_a_long_text_is_refused(unit: str, size: int) -> None:
    hold(unit * (size // len(unit)))


def test_s17_the_figures(show: Show) -> None:
    if "read" not in seen:
        pytest.skip("no case has run before it")
    show(
        f"S17, ballot parser: {seen.total():,} cases of text, JSON and mutated ballots: "
        f"{seen['read']:,} read with the very scores that stand in them, "
        f"{seen['refused in a line']:,} refused in a line, other errors 0",
        "     (limiter and budget have their cases in tests/property)",
    )
    assert seen.total() >= 10_000
    assert seen["refused oddly"] == 0
    assert min(seen["read"], seen["refused in a line"]) > 300
