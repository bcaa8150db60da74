"""Signals: a persona's words to look for, made ready, and where a text has them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from panel.checklist.sentences import Sentences
from panel.domain.persona import Persona, Signal

_ESCAPE = re.compile(r"\\.")


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


def lookout(persona: Persona) -> Lookout:
    """Return the signals of `persona`, ready to look. Raises re.error; `signal_faults` names it."""
    return Lookout(
        tuple(
            (signal, tuple(_compile(pattern) for pattern in signal.looks_for))
            for signal in persona.signals
        )
    )


def signal_faults(persona: Persona) -> tuple[str, ...]:
    """Return what is wrong with the patterns of `persona`, as `signals[2].looks_for: why` lines."""
    return tuple(_faults(persona))


def _faults(persona: Persona) -> Iterator[str]:
    for number, signal in enumerate(persona.signals):
        for pattern in signal.looks_for:
            try:
                _compile(pattern)
            except (re.error, OverflowError, RecursionError) as error:
                yield f"signals[{number}].looks_for: {pattern[:60]!r} cannot be read: {error}"


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
