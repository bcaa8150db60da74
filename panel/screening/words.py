"""The words that the rules ask for, by what they can mean and by the part that they play."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, auto
from functools import cache
from pathlib import Path
from typing import Any

from panel.screening.normalization import normalize
from panel.yaml_loader import load_yaml

_FILE = Path(__file__).with_name("lexicon.yaml")


class Word(IntEnum):
    """A list of `lexicon.yaml`, which says what is in it.

    Each is one bit, because a word may stand in several lists: `bits & (Word.GIVE | Word.GRADE)`.
    """

    @staticmethod
    def _generate_next_value_(
        name: str,  # noqa: ARG004 - the signature is the enumeration's
        start: int,  # noqa: ARG004
        count: int,
        last_values: list[Any],  # noqa: ARG004
    ) -> int:
        return 1 << count

    DISMISS = auto()
    ORDERS = auto()
    RUBRIC = auto()
    MATTER = auto()
    PRIOR = auto()
    ALL = auto()
    YOUR = auto()
    GIVE = auto()
    GRADE = auto()
    TOP = auto()
    SCORE = auto()
    TEN = auto()
    THIS = auto()
    VERDICT = auto()
    SHIP = auto()
    SKIP = auto()
    REVIEWER = auto()
    MACHINE = auto()
    REVEAL = auto()
    SECRET = auto()
    OBEY = auto()
    NOT = auto()
    LINK = auto()
    APPROVE = auto()
    DECODE = auto()
    DEFENCE = auto()
    FLAW = auto()
    BLAME = auto()
    FAVOUR = auto()
    LEAD = auto()
    COPYING = auto()
    UNCHANGED = auto()
    VOTE = auto()

    ENGLISH_VERB = auto()
    AMBIGUOUS_VERB = auto()
    INFINITIVE_LEAD = auto()
    CHANGING_VERB = auto()
    PASSIVE = auto()
    MODAL = auto()
    TELLER = auto()
    LOOSE_PRIOR = auto()
    WHAT_STANDS_ABOVE = auto()
    PROMPT = auto()
    SYSTEM = auto()
    LEAKING_VERB = auto()
    WHOLE = auto()
    CALLING = auto()
    CALLED_TO = auto()
    URGING = auto()
    GENEROUS = auto()
    ENGLISH_BLAME = auto()
    PRONOUN = auto()
    POINTER = auto()
    TOOL = auto()
    DUTY = auto()
    ELSEWHERE = auto()
    VOTING_VERB = auto()
    VOTE_LINK = auto()
    APPROVED = auto()
    ENGLISH_VERDICT = auto()
    THROUGHOUT = auto()
    GOING_ON = auto()
    ANSWER = auto()
    SHIPPED = auto()


@dataclass(frozen=True)
class Lexicon:
    """What `lexicon.yaml` holds, normalized.

    `lists` maps a word to the lists that it stands in, as `Word` bits; `listed` are its words. `known`
    are the words that can mean something to a reviewer; of those, `terms` are found without a space
    before or after them. `telltales` and `ay_words` are for texts in code.
    """

    lists: Mapping[str, int]
    listed: frozenset[str]
    known: frozenset[str]
    terms: frozenset[str]
    telltales: frozenset[str]
    ay_words: frozenset[str]


@cache
def lexicon() -> Lexicon:
    """Return the words, read at the first call."""
    data = load_yaml(_FILE.read_text(encoding="utf-8"))
    meanings, roles = _by_word(data["meanings"]), _by_word(data["roles"])
    terms = _by_word(data["terms"])
    lists: dict[str, int] = {}
    for found in (meanings, terms, roles):
        for word, bits in found.items():
            lists[word] = lists.get(word, 0) | bits
    return Lexicon(
        lists=lists,
        listed=frozenset(lists),
        known=frozenset(meanings) | frozenset(terms),
        terms=frozenset(terms),
        telltales=frozenset(normalize(data["codes"]["telltales"]).split()),
        ay_words=frozenset(normalize(data["codes"]["ay_words"]).split()),
    )


def _by_word(lists: Mapping[str, str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for name, words in lists.items():
        for word in normalize(words).split():
            found[word] = found.get(word, 0) | Word[name.upper()]
    return found
