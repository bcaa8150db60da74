"""Signals: a persona's words to look for, made ready, and where a text has them."""

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import Field, TypeAdapter

from panel.checklist.sentences import Sentences
from panel.domain.criterion import Key, Text
from panel.domain.value import Value

SIGNALS = Path(__file__).with_name("signals.yaml")
_ESCAPE = re.compile(r"\\.")


class Signal(Value):
    """Words that the checklist looks for, and the score that a criterion moves to by them."""

    criterion: Key
    looks_for: Annotated[tuple[Text, ...], Field(min_length=1)]
    moves: Annotated[int, Field(ge=-4, le=4)]
    says: Text
    absent: Text | None = None


@lru_cache(maxsize=1)
def load_signals() -> dict[str, tuple[Signal, ...]]:
    """Return the signals by persona."""
    fields = yaml.safe_load(SIGNALS.read_text(encoding="utf-8"))
    return TypeAdapter(dict[str, tuple[Signal, ...]]).validate_json(json.dumps(fields))


@dataclass(frozen=True)
class Sighting:
    """A signal that a text has, and the place in the folded text that shows it.

    `place` is None for a pattern that takes no character: it says that something is missing.
    """

    signal: Signal
    place: int | None


@dataclass(frozen=True)
class Sought:
    """What a text has of a persona's signals and what it lacks, each in the persona's order."""

    found: tuple[Sighting, ...]
    lacking: tuple[Signal, ...]


@dataclass(frozen=True)
class Wanted:
    """A pattern ready to search: in the lowered text where it has no capital letter of its own.

    That is the same as ignoring case, and half the work.
    """

    pattern: re.Pattern[str]
    lowered: bool

    def place(self, sentences: Sentences) -> tuple[int, int] | None:
        """Return where the first match begins and ends, or None."""
        return _span(self.pattern, sentences.lowered if self.lowered else sentences.folded)


@dataclass(frozen=True)
class Lookout:
    """A persona's signals with their patterns compiled once."""

    signals: tuple[tuple[Signal, tuple[Wanted, ...]], ...]

    def look(self, sentences: Sentences) -> Sought:
        """Return what stands in `sentences` and what does not."""
        found, lacking = [], []
        for signal, wanted in self.signals:
            sighting = _sight(signal, wanted, sentences)
            if sighting:
                found.append(sighting)
            else:
                lacking.append(signal)
        return Sought(found=tuple(found), lacking=tuple(lacking))


def lookout(persona: str) -> Lookout:
    """Return the signals of `persona`, ready to look."""
    return Lookout(
        tuple(
            (signal, tuple(_compile(pattern) for pattern in signal.looks_for))
            for signal in load_signals().get(persona, ())
        )
    )


def _compile(pattern: str) -> Wanted:
    letters = _ESCAPE.sub("", pattern)
    if letters == letters.lower() and "(?-i" not in letters:
        return Wanted(re.compile(pattern, re.MULTILINE), lowered=True)
    return Wanted(re.compile(pattern, re.MULTILINE | re.IGNORECASE), lowered=False)


def _sight(signal: Signal, wanted: tuple[Wanted, ...], sentences: Sentences) -> Sighting | None:
    """Return the place of the first pattern that is found."""
    for pattern in wanted:
        span = pattern.place(sentences)
        if span:
            return Sighting(signal, span[0] if span[0] < span[1] else None)
    return None


@lru_cache(maxsize=2048)
def _span(pattern: re.Pattern[str], text: str) -> tuple[int, int] | None:
    """Return the first match; remembered, because personas share patterns and texts."""
    match = pattern.search(text)
    return match.span() if match else None
