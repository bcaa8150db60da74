"""Whether a text gives its reviewers an instruction, and which."""

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from panel.screening import injection_rules, score_rules
from panel.screening.tokens import Passage, Tokens, Vocabulary, lists_of
from panel.screening.words import Word


class Instruction(NamedTuple):
    """What a text tells its reviewers, and where in the normalized text it does."""

    what: str
    start: int
    end: int


_Find = Callable[[Tokens], Iterator[Passage]]

_SCORES = "asks for a verdict or a score"
_ORDERS = "tells them to ignore their instructions"
_PROMPT = "asks for their prompt"
_CALLS = "calls on them"
_CRITICISM = "says what must not count against the tool"
_ANYONE = Word.REVIEWER | Word.MACHINE
_JUDGED = Word.REVIEWER | Word.RUBRIC
_VOTES = Word.VERDICT | Word.GIVE | Word.REVEAL | Word.VOTE | Word.ANSWER | _JUDGED | Word.LEAD
_INSTRUCTIONS = Word.ORDERS | Word.RUBRIC | Word.MATTER

# A rule, what it finds, and combinations: it is tried where a text has a word for every part of one.
_RULES: tuple[tuple[_Find, str, tuple[tuple[int, ...], ...]], ...] = (
    (
        score_rules.score_requested,
        _SCORES,
        ((Word.GIVE, Word.TOP, Word.SCORE), (Word.GIVE, Word.TEN, Word.SCORE | Word.GRADE)),
    ),
    (
        score_rules.ship_requested,
        _SCORES,
        ((Word.SHIP, _VOTES), (Word.APPROVED, Word.VERDICT)),
    ),
    (
        score_rules.all_full,
        _SCORES,
        ((Word.ALL, Word.SCORE | Word.RUBRIC, Word.TOP | Word.TEN),),
    ),
    (score_rules.marks_filled_in, _SCORES, ((Word.TEN, Word.SHIP),)),
    (score_rules.score_due, _SCORES, ((Word.DUTY, Word.THIS, Word.TOP, Word.SCORE),)),
    (
        injection_rules.orders_dismissed,
        _ORDERS,
        (
            (Word.DISMISS, _INSTRUCTIONS),
            (Word.OBEY, Word.NOT, Word.ORDERS | Word.RUBRIC),
            (Word.OBEY, Word.NOT, Word.MATTER, Word.PRIOR),
        ),
    ),
    (
        injection_rules.prompt_requested,
        _PROMPT,
        ((Word.REVEAL, Word.ORDERS), (Word.REVEAL, Word.SECRET, _ANYONE, Word.YOUR)),
    ),
    (
        injection_rules.reviewers_called,
        _CALLS,
        (
            (_ANYONE, Word.DISMISS, _INSTRUCTIONS),
            (_ANYONE, Word.GIVE, Word.TOP | Word.FAVOUR | Word.TEN),
            (_ANYONE, Word.SHIP | Word.APPROVE | Word.FAVOUR),
        ),
    ),
    (
        injection_rules.criticism_forbidden,
        _CRITICISM,
        ((Word.NOT, Word.BLAME, Word.FLAW), (Word.DISMISS, Word.FLAW, Word.THIS)),
    ),
    (
        injection_rules.criticism_forbidden_abroad,
        _CRITICISM,
        ((Word.NOT, Word.BLAME, Word.FLAW),),
    ),
    (
        injection_rules.answer_dictated,
        "dictates their answer",
        ((Word.COPYING, Word.UNCHANGED, Word.VERDICT | Word.RUBRIC),),
    ),
    (
        injection_rules.decoding_requested,
        "tells them to decode and obey",
        ((Word.DECODE, Word.OBEY),),
    ),
)

_STRONG_HINTS = (Word.DISMISS, Word.ORDERS | Word.RUBRIC, Word.VERDICT, Word.SHIP, Word.REVIEWER)
_WEAK_HINTS = (Word.GIVE, Word.TOP, Word.SCORE, Word.REVEAL)
_MOST_BY_CHANCE = 2


@lru_cache(maxsize=4096)
def _rules_for(present: int, new: int) -> tuple[tuple[_Find, str], ...]:
    """Return the rules that can find something in a text with words of these lists, one of them new."""
    return tuple(
        (find, what)
        for find, what, combinations in _RULES
        if any(
            all(present & part for part in combination) and any(new & part for part in combination)
            for combination in combinations
        )
    )


def find_instruction(
    text: Vocabulary, own: frozenset[str] = frozenset(), *, new: int = ~0
) -> Instruction | None:
    """Return the first thing that a text tells its reviewers, or None.

    `own` holds the normalized words of the tool's name: "give Rowboat the top score" is about us. `new`
    are the lists of the words that an instruction must have one of.
    """
    rules = _rules_for(text.lists | (Word.THIS if own else 0), new)
    if not rules:
        return None
    tokens = Tokens(text.text, own)
    found = (
        Instruction(what, tokens.start(passage.first), tokens.end(passage.last))
        for find, what in rules
        for passage in islice(find(tokens), 1)
    )
    return min(found, key=lambda instruction: instruction.start, default=None)


def hints_at_instruction(words: Iterable[str]) -> bool:
    """Whether words that somebody took the trouble to hide are those of an instruction."""
    present = lists_of(words)
    strong = sum(bool(present & hint) for hint in _STRONG_HINTS)
    weak = sum(bool(present & hint) for hint in _WEAK_HINTS)
    return strong > 1 or strong + weak > _MOST_BY_CHANCE
