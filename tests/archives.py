"""Archives of runs whose figures are known: drawn from a seed, with what a test plants in them."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from panel.domain.ballot import Sentence
from panel.domain.review import Agreement, Scorecard
from panel.domain.run import Run
from tests.factories import (
    CRITERIA,
    REVIEWERS,
    a_ballot,
    a_finding,
    a_run,
    a_scorecard,
    a_tool,
    some_inputs,
)

BEGAN = datetime(2026, 3, 1, 3, 30, tzinfo=UTC)
_SYLLABLES = "ba de fi go lu ma ne pi ro su ta ve wi xo zu ka".split()
MODELS = ("gpt-test", "mistral-test", "claude-test", "gemini-test")


@dataclass(frozen=True)
class Drawn:
    """The draw of one tool: its place, its vendor, and what each reviewer makes of it."""

    number: int
    vendor: str
    ships: dict[str, bool]
    steps: dict[str, tuple[int, ...]]
    takes: dict[str, tuple[Sentence, ...]]
    agreements: dict[str, Agreement | None] = field(default_factory=dict)


Plant = Callable[[Drawn, random.Random], None]


def an_archive(
    tools: int,
    *,
    seed: int = 1,
    plants: Sequence[Plant] = (),
    vendors: Sequence[str] = ("Quill Works",),
    shared: float = 0.3,
) -> list[Run]:
    """Return a run for each of `tools`, the newest first.

    Votes are right for the tool with a probability that rises with `shared`, each reviewer by itself.
    Each plant changes the draw of each tool.
    """
    chance = random.Random(seed)
    return [
        _run(_draw(number, vendors[number % len(vendors)], plants, shared, chance))
        for number in reversed(range(tools))
    ]


def _draw(
    number: int, vendor: str, plants: Sequence[Plant], shared: float, chance: random.Random
) -> Drawn:
    quality = chance.random() < 0.5
    drawn = Drawn(number, vendor, {}, {}, {})
    for key in REVIEWERS:
        ships = quality if chance.random() < shared else chance.random() < 0.5
        drawn.ships[key] = ships
        drawn.steps[key] = steps(ships, chance)
        drawn.takes[key] = a_take(chance)
    for plant in plants:
        plant(drawn, chance)
    return drawn


def steps(ships: bool, chance: random.Random) -> tuple[int, ...]:
    """Return a step for each criterion that fits the vote."""
    return tuple(chance.choice((3, 4, 5) if ships else (1, 2, 3)) for _ in CRITERIA)


def a_take(chance: random.Random) -> tuple[Sentence, ...]:
    """Return three sentences of made-up words, so that nothing recurs by itself."""

    def word() -> str:
        return "".join(chance.choice(_SYLLABLES) for _ in range(4))

    texts = [" ".join(word() for _ in range(chance.randint(6, 14))) for _ in range(3)]
    evidence = ("notes in plain files", None, None)
    return tuple(
        Sentence(
            text=f"{text.capitalize()}.", basis="quoted" if passage else "judged", evidence=passage
        )
        for text, passage in zip(texts, evidence, strict=True)
    )


def _run(drawn: Drawn) -> Run:
    cards = tuple(
        _card(key, MODELS[place % len(MODELS)], drawn) for place, key in enumerate(REVIEWERS)
    )
    words = f"tool number {drawn.number} " * (1 + drawn.number % 7)
    tool = a_tool(f"Tool {drawn.number}", vendor=drawn.vendor, description=words.strip())
    return a_run(
        id=f"tool-{drawn.number}-{drawn.number:08x}",
        inputs=some_inputs(tool),
        reviews=cards,
        started=BEGAN + timedelta(hours=drawn.number),
    )


def _card(key: str, model: str, drawn: Drawn) -> Scorecard:
    ships = drawn.ships[key]
    ballot = a_ballot(
        "ship" if ships else "skip",
        findings=tuple(
            a_finding(criterion, step)
            for criterion, step in zip(CRITERIA, drawn.steps[key], strict=True)
        ),
        take=drawn.takes[key],
    )
    return a_scorecard(
        key,
        ballot=ballot,
        provider="openrouter",
        model=model,
        agreement=drawn.agreements.get(key),
    )
