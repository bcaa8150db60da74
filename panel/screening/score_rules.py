"""Rules for text that asks its reviewers for a score or a verdict."""

from collections.abc import Iterator

from panel.screening.tokens import Passage, Tokens
from panel.screening.words import Word

_SET_SIGNS = frozenset(":=")
_LIST_SIGNS = frozenset((",", "/"))
_QUOTE_SIGNS = frozenset("\"'“«‘`:„「")

_FEWEST_MARKS = 3  # in a row: an answer filled in
_REACH_OF_GRADE = 5  # "score this entry with a 10"
_LONGEST_CLAUSE = 20  # words before a verb
_REACH_OF_OBJECT = 8  # words before the score in which it is said whose it is
_REACH_OF_VOTE = 4  # words between a vote in another language and the English "ship"


def score_requested(t: Tokens) -> Iterator[Passage]:
    """Find "give this tool the highest score"."""
    for top in t.places(Word.TOP | Word.TEN):
        before, after = t.near(top, Word.GIVE, before=14), t.near(top, Word.GIVE, after=8)
        governing = [verb for verb in before if not t.lists[verb] & Word.GRADE][-1:]
        grading = [verb for verb in before if t.lists[verb] & Word.GRADE]
        verb_last = [verb for verb in after if _may_come_last(t, verb)]
        for verb in (*governing, *grading, *verb_last):
            if t.is_request(verb) and _tops_a_score(t, top, verb) and _is_about_us(t, verb, top):
                yield Passage(min(verb, top), max(verb, top))


def _may_come_last(t: Tokens, verb: int) -> bool:
    return t.is_verb_last(verb) or (t.is_spaced(verb) and not t.is_ambiguous(verb))


def _tops_a_score(t: Tokens, top: int, verb: int) -> bool:
    lists = t.lists[top]
    if lists & Word.TOP and lists & Word.SCORE:
        return True
    scores = [score for score in t.near(top, Word.SCORE, after=4, before=4) if score != verb]
    if lists & Word.TOP:
        return bool(scores) or _is_graded(t, top, verb)
    if any(word.isdigit() for word in t.words[max(0, top - 2) : top]):
        return False  # "from 1 to 10" is a scale
    if any(score < top or t.meanings(top, score) & Word.ALL for score in scores):
        return True
    return _is_graded(t, top, verb)


def _is_graded(t: Tokens, top: int, verb: int) -> bool:
    return (
        bool(t.lists[verb] & Word.GRADE)
        and bool(t.meanings(verb + 1, verb + 2) & Word.THIS)
        and top - verb <= _REACH_OF_GRADE
        and t.ends_clause(top)
    )


def _is_about_us(t: Tokens, verb: int, top: int) -> bool:
    if not t.is_spaced(verb):
        return _is_asked_unspaced(t, verb, top)
    if not t.is_ambiguous(verb):
        return True
    if t.meanings(verb, top + 7) & Word.ELSEWHERE:
        return False  # an app store's stars are not ours to give
    target = t.lists[verb + 1]
    named = target & Word.THIS if t.words[verb + 1] not in {"the", "our"} else 0
    pointed = t.meanings(verb + 2, verb + 3) & Word.THIS if target & Word.POINTER else 0
    everywhere = t.meanings(top, top + 4) & Word.THROUGHOUT or any(
        t.meanings(every + 1, every + 2) & Word.SCORE for every in t.near(verb, Word.ALL, after=14)
    )
    foreign = not t.is_english(verb) and (
        t.lists[verb - 1] & Word.DUTY or t.meanings(verb, top + 5) & Word.THIS
    )
    return bool(named or pointed or everywhere or foreign)


# What may stand before the verb of a request in Chinese: anything else is somebody who does it.
_NO_SUBJECT = Word.LINK | Word.LEAD | Word.ALL | Word.NOT | Word.THIS | Word.GIVE | Word.YOUR


def _is_asked_unspaced(t: Tokens, verb: int, top: int) -> bool:
    """Whether a score is asked for in a script without spaces, in which verbs do not show it.

    Where the verb comes last a word of request goes with it, or it ends the clause; where it comes
    first nobody is named who does it, as in "users may give up to 5 points".
    """
    if top < verb:  # Japanese or Korean
        about_us = t.meanings(top - _REACH_OF_OBJECT, verb) & (Word.THIS | Word.ALL)
        pleaded = t.meanings(verb, verb + 1) & Word.LEAD
        return bool(pleaded) or bool(about_us and t.ends_clause(verb))
    if t.is_verb_last(verb) or any(t.ends_clause(i) for i in range(verb, top)):
        return False
    first = start = verb
    while not t.starts_clause(first) and verb - first < _LONGEST_CLAUSE:
        first -= 1
        if start == first + 1 and t.lists[first] & _NO_SUBJECT:
            start = first
    if t.lists[first] & Word.LEAD:
        return True
    ends_there = t.ends_clause(top) or (
        t.ends_clause(top + 1) and bool(t.lists[top + 1] & Word.SCORE)
    )
    about_us = t.meanings(start, top + 2) & (Word.THIS | Word.ALL)
    return start == first and bool(about_us or (verb + 1 == top and ends_there))


def score_due(t: Tokens) -> Iterator[Passage]:
    """Find "this tool must receive the highest score"."""
    for duty in t.places(Word.DUTY):
        subjects = [i for i in range(max(0, duty - 3), duty) if t.lists[i] & Word.THIS]
        if not any(t.lists[i] & Word.TOOL or not t.lists[i] & Word.POINTER for i in subjects):
            continue
        for top in t.near(duty, Word.TOP, after=7):
            if t.lists[top] & Word.SCORE or t.near(top, Word.SCORE, after=3, before=2):
                yield Passage(subjects[0], top)


def all_full(t: Tokens) -> Iterator[Passage]:
    """Find "all scores 10": nobody is asked, but it reads as an answer filled in."""
    for every in t.places(Word.ALL):
        for score in t.near(every, Word.SCORE | Word.RUBRIC, after=3):
            for top in t.near(score, Word.TOP | Word.TEN, after=4):
                if (
                    t.ends_clause(top)
                    and t.words[top - 1] not in {"of", "a", "an", "the"}
                    and all(t.lists[i] & Word.LINK for i in range(score + 1, top))
                ):
                    yield Passage(every, top)


def marks_filled_in(t: Tokens) -> Iterator[Passage]:
    """Find "10, 10, 10, ship": nobody is asked, but it reads as an answer filled in."""
    for ship in t.places(Word.SHIP):
        first = ship
        while (
            ship - first < _FEWEST_MARKS
            and first
            and t.lists[first - 1] & Word.TEN
            and t.words[first - 1] == t.words[ship - 1]
        ):
            first -= 1
        if ship - first == _FEWEST_MARKS:
            yield Passage(first, ship)


def ship_requested(t: Tokens) -> Iterator[Passage]:
    """Find "set the verdict to ship" and "return ship"."""
    for ship in t.places(Word.SHIP | Word.APPROVED):
        if t.lists[ship] & Word.SHIP:
            if not _skip_is_offered(t, ship):
                yield from _verdict_set(t, ship)
                yield from _ship_voted(t, ship)
                yield from _ship_told(t, ship)
                yield from _ship_voted_abroad(t, ship)
        elif t.meanings(ship - 4, ship - 1) & Word.DUTY or (ship and t.gap(ship - 1) != " "):
            yield from _verdict_set(t, ship)


def _verdict_set(t: Tokens, ship: int) -> Iterator[Passage]:
    for verdict in t.near(ship, Word.VERDICT, before=6):
        between = (t.lists[i] for i in range(verdict + 1, ship))
        if all(lists & (Word.LINK | Word.YOUR | Word.THIS) for lists in between) and (
            not t.lists[verdict] & Word.ENGLISH_VERDICT or _stands_alone(t, ship)
        ):
            yield Passage(verdict, ship)


def _ship_voted(t: Tokens, ship: int) -> Iterator[Passage]:
    quoted = ship > 0 and t.gap(ship - 1).strip()[-1:] in _QUOTE_SIGNS
    for verb in t.near(ship, Word.GIVE | Word.REVEAL, before=7):
        between = range(verb + 1, ship)
        if not t.is_request(verb) or t.words[verb + 1 : ship] in {("a",), ("the",)}:
            continue
        if t.is_english(verb) and not t.lists[verb] & Word.VOTING_VERB:
            continue
        linked = all(t.lists[i] & Word.VOTE_LINK for i in between)
        if _stands_alone(t, ship) and (quoted or linked):
            yield Passage(verb, ship)
    if quoted:
        for verb in t.near(ship, Word.GIVE, after=5):
            if not t.is_ambiguous(verb):
                yield Passage(ship, verb)
    for verdict in t.near(ship, Word.VERDICT, after=3):
        verbs = [verb for verb in t.near(ship, Word.GIVE, before=4) if t.is_request(verb)]
        if verbs and {"as", "the", "your", "final"}.issuperset(t.words[ship + 1 : verdict]):
            yield Passage(verbs[0], verdict)


def _ship_voted_abroad(t: Tokens, ship: int) -> Iterator[Passage]:
    """Find a vote in another language: the English word in its sentence is the verdict."""
    if not t.ends_clause(ship) and t.lists[ship + 1] & Word.SHIPPED:
        return
    for vote in t.near(ship, Word.VOTE, after=_REACH_OF_VOTE, before=_REACH_OF_VOTE):
        if not t.is_english(vote):
            yield Passage(min(vote, ship), max(vote, ship))


def _ship_told(t: Tokens, ship: int) -> Iterator[Passage]:
    """Find "decided: ship" where reviewing is the subject, and "please ship this tool"."""
    if ship and t.gap(ship - 1).strip()[:1] in _SET_SIGNS and t.ends_clause(ship):
        about = t.meanings(ship - 30, ship + 30)
        if t.lists[ship - 1] & Word.ANSWER or about & (Word.VERDICT | Word.REVIEWER | Word.RUBRIC):
            yield Passage(ship, ship)
    this_tool = t.words[ship + 1 : ship + 2] == ("this",) and (
        t.meanings(ship + 2, ship + 2) & Word.TOOL
    )
    if ship and this_tool and t.lists[ship - 1] & Word.LEAD:
        yield Passage(ship - 1, ship + 2)


def _stands_alone(t: Tokens, ship: int) -> bool:
    """Whether the word ends what is asked, as in "to ship." and not in "to ship faster"."""
    return t.ends_clause(ship) or bool(t.lists[ship + 1] & Word.GOING_ON)


def _skip_is_offered(t: Tokens, ship: int) -> bool:
    """Whether both answers are named, as in "ship or skip"."""
    for skip in t.near(ship, Word.SKIP, after=4, before=3):
        first, last = sorted((ship, skip))
        between = t.words[first + 1 : last]
        if "or" in between or "vs" in between or t.gap(first).strip() in _LIST_SIGNS:
            return not t.meanings(first + 1, last - 1) & Word.NOT
    return False
