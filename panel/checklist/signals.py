"""Signals: what the checklist looks for, read from `signals.yaml`."""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal, Self

import yaml
from pydantic import (
    BeforeValidator,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails

from panel.checklist.phrases import compile_phrases
from panel.domain.criterion import Key
from panel.domain.validation import describe_fault
from panel.domain.value import Value
from panel.errors import ConfigError
from panel.yaml_loader import load_yaml

SIGNALS = Path(__file__).with_name("signals.yaml")


def _read_phrases(text: object) -> tuple[str, ...]:
    phrases = tuple(phrase.strip() for phrase in str(text).split(","))
    compile_phrases(phrases)
    return phrases


Phrases = Annotated[tuple[str, ...], BeforeValidator(_read_phrases)]
"""Phrases, written as one text with commas between them."""
Words = Annotated[frozenset[str], BeforeValidator(lambda text: frozenset(str(text).split()))]
_AFTER_SLASH = re.compile(r"/\s+")
_NAME = re.compile(r"\{[a-z]+\}")
Side = Literal["for", "against"]
Clause = Annotated[str, StringConstraints(pattern=r"^[a-z][^.;:\d]{2,119}$")]
"""What is said of a tool behind "it": no digit, and no mark by which clauses are told apart."""


class Pair(Value):
    """Words that count only where some of `beside` stand in the same sentence or in one next to it."""

    words: Phrases
    beside: Phrases


class Signal(Value):
    """Words that a description may hold, what they speak for and which criteria they bear on.

    `present` and `absent` say of the tool that it has the signal or lacks it. `rules_out` makes every
    reviewer skip a tool that has it; with `subject` tool the words count only of the tool itself, with
    service of what serves its users, with offer of it or of a plan of it. Words do not count inside
    those of `unless`. Where `traces` stand in the text, or `words` in a table or in code, nobody says
    that the tool lacks the signal.
    """

    name: Key
    speaks: Side
    criteria: tuple[Key, ...] = ()
    rules_out: bool = False
    subject: Literal["tool", "service", "offer", "any"] = "any"
    words: Phrases = ()
    pair: Pair | None = None
    unless: Phrases = ()
    traces: Phrases = ()
    present: Clause
    absent: Clause | None = None

    @model_validator(mode="after")
    def _has_words(self) -> Self:
        if not (self.words or self.pair):
            raise ValueError("it needs `words` or `pair`")
        return self

    def bears_on(self, criteria: Sequence[str]) -> bool:
        """Tell whether it bears on any of these criteria; what rules a tool out bears on all."""
        return self.rules_out or any(key in self.criteria for key in criteria)


class Negations(Value):
    """Words that deny a signal: before it or behind it, or only of what speaks one way."""

    before: Phrases
    behind: Phrases
    before_for: Phrases
    behind_for: Phrases
    before_against: Phrases
    behind_against: Phrases
    idioms: Phrases


class Signals(Value):
    """All signals, and the words that the rules need beside them."""

    signals: Annotated[tuple[Signal, ...], Field(min_length=1)]
    negations: Negations
    no_tool: Phrases
    english: Words
    not_english: Words


def load_signals(path: Path = SIGNALS) -> Signals:
    """Return the signals in a YAML file. Raises ConfigError with its name and the faulty key."""
    try:
        fields = _spell_out(load_yaml(path.read_text(encoding="utf-8")))
        return Signals.model_validate_json(json.dumps(fields))
    except (OSError, UnicodeDecodeError, yaml.YAMLError, TypeError) as error:
        reason = " ".join(str(error).split())[:160]
        raise ConfigError(f"{path}: cannot be read: {reason}. Restore the file.") from error
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False)
        raise ConfigError("\n".join(f"{path}: {_named(fault)}" for fault in faults)) from error


def _spell_out(fields: object) -> object:
    """Return the fields of the file with each {name} of a list of words in its place."""
    if not isinstance(fields, dict):
        return fields
    lists = fields.pop("lists", {})
    if not isinstance(lists, dict) or not all(isinstance(words, str) for words in lists.values()):
        raise TypeError("`lists` is no mapping of names to texts")
    named = {f"{{{name}}}": _AFTER_SLASH.sub("/", words) for name, words in lists.items()}
    return _replace(fields, named)


def _replace(value: object, named: Mapping[str, str]) -> object:
    if isinstance(value, str):
        return _NAME.sub(lambda found: named.get(found[0], found[0]), value)
    if isinstance(value, list):
        return [_replace(one, named) for one in value]
    if isinstance(value, dict):
        return {key: _replace(one, named) for key, one in value.items()}
    return value


def _named(fault: ErrorDetails) -> str:
    place = ".".join(map(str, fault["loc"])) or "the file"
    return f"{place}: {describe_fault(fault)}"
