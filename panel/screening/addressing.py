"""Whether a text speaks to its reviewers: who is addressed, and what is asked of them."""

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from panel.screening import order_demands, score_demands
from panel.screening.lexicon import MEANINGS
from panel.screening.meanings import (
    ALL,
    APPROVE,
    BLAME,
    COPYING,
    DECODE,
    DISMISS,
    FAVOUR,
    FLAW,
    GIVE,
    GRADE,
    MACHINE,
    MATTER,
    NOT,
    OBEY,
    ORDERS,
    PRIOR,
    REVEAL,
    REVIEWER,
    RUBRIC,
    SCORE,
    SECRET,
    SHIP,
    TEN,
    THIS,
    TOP,
    UNCHANGED,
    VERDICT,
    YOUR,
)
from panel.screening.phrasing import Passage, Phrasing, Worded


class Demand(NamedTuple):
    """What a text asks of its reviewers, and where in the folded text it does."""

    what: str
    start: int
    end: int


_Find = Callable[[Phrasing], Iterator[Passage]]

_SCORES = "asks for a verdict or a score"
_ORDERS = "tells them to drop their orders"
_PROMPT = "asks for their prompt"
_CALLS = "calls on them"
_ANYONE = REVIEWER | MACHINE
_TOLD = ORDERS | RUBRIC | MATTER

# A rule, what it finds, and sets of meanings: it is tried where a text has all those of one set.
_RULES: tuple[tuple[_Find, str, tuple[tuple[int, ...], ...]], ...] = (
    (score_demands.score_asked, _SCORES, ((GIVE, TOP, SCORE), (GIVE, TEN, SCORE | GRADE))),
    (
        score_demands.ship_asked,
        _SCORES,
        ((SHIP,), (APPROVE | FAVOUR, VERDICT)),
    ),
    (score_demands.all_full, _SCORES, ((ALL, SCORE | RUBRIC, TOP | TEN),)),
    (score_demands.marks_filled_in, _SCORES, ((TEN, SHIP),)),
    (score_demands.score_due, _SCORES, ((THIS, TOP, SCORE),)),
    (
        order_demands.orders_dropped,
        _ORDERS,
        ((DISMISS, _TOLD), (OBEY, NOT, ORDERS | RUBRIC), (OBEY, NOT, MATTER, PRIOR)),
    ),
    (order_demands.prompt_asked, _PROMPT, ((REVEAL, ORDERS), (REVEAL, SECRET, _ANYONE, YOUR))),
    (
        order_demands.reviewers_called,
        _CALLS,
        (
            (_ANYONE, DISMISS, _TOLD),
            (_ANYONE, GIVE, TOP | FAVOUR | TEN),
            (_ANYONE, SHIP | APPROVE | FAVOUR),
        ),
    ),
    (
        order_demands.blame_forbidden,
        "says what must not count against the tool",
        ((NOT, BLAME, FLAW), (DISMISS, FLAW, THIS)),
    ),
    (
        order_demands.blame_forbidden_abroad,
        "says what must not count against the tool",
        ((NOT, BLAME, FLAW),),
    ),
    (order_demands.answer_dictated, "dictates their answer", ((COPYING, UNCHANGED),)),
    (order_demands.decoding_asked, "tells them to decode and obey", ((DECODE, OBEY),)),
)

_STRONG_HINTS = (DISMISS, ORDERS | RUBRIC, VERDICT, SHIP, REVIEWER)
_WEAK_HINTS = (GIVE, TOP, SCORE, REVEAL)
_MOST_BY_CHANCE = 2


@lru_cache(maxsize=4096)
def _rules_for(present: int) -> tuple[tuple[_Find, str], ...]:
    """Return the rules that can find something in a text with these meanings."""
    return tuple(
        (find, what)
        for find, what, sets in _RULES
        if any(all(present & meaning for meaning in needed) for needed in sets)
    )


def find_demand(worded: Worded, own: frozenset[str] = frozenset()) -> Demand | None:
    """Return the first thing that a text asks of its reviewers, or None.

    `own` holds the folded words of the tool's name: "give Rowboat the top score" is about us.
    """
    rules = _rules_for(worded.meanings | (THIS if own else 0))
    if not rules:
        return None
    phrasing = Phrasing(worded.text, own)
    demands = (
        Demand(what, phrasing.spans[found.first][0], phrasing.spans[found.last][1])
        for find, what in rules
        for found in islice(find(phrasing), 1)
    )
    return min(demands, key=lambda demand: demand.start, default=None)


def hints_at_demand(words: Iterable[str]) -> bool:
    """Whether words that somebody took the trouble to hide are those of a request to reviewers."""
    present = 0
    for word in words:
        present |= MEANINGS.get(word, 0)
    strong = sum(bool(present & hint) for hint in _STRONG_HINTS)
    weak = sum(bool(present & hint) for hint in _WEAK_HINTS)
    return strong > 1 or strong + weak > _MOST_BY_CHANCE
