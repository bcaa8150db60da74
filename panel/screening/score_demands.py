"""Rules for text that asks its reviewers for a score or a verdict."""

from collections.abc import Iterator

from panel.screening.folding import listed
from panel.screening.meanings import (
    ALL,
    APPROVE,
    FAVOUR,
    GIVE,
    GRADE,
    LEAD,
    LINK,
    NOT,
    REVEAL,
    REVIEWER,
    RUBRIC,
    SCORE,
    SHIP,
    SKIP,
    TEN,
    THIS,
    TOP,
    VERDICT,
    VOTE,
    YOUR,
)
from panel.screening.phrasing import Passage, Phrasing

_POINTERS = listed("this it us our the everything")
_TOOLS = listed("tool product app application entry submission listing service name")
_DUTIES = listed(
    "must should shall deserves deserve needs need has ought will verdient soll muss mérite"
    " doit merece debe merita deve moet заслуживает должен devez devi deves debes müssen musst"
)
_ELSEWHERE = listed("store play producthunt hunt g2 capterra trustpilot marketplace")
_VOTES = listed(
    "return output answer respond reply vote choose select recommend mark label classify conclude"
    " say write report confirm declare give issue submit enter state set record decide"
)
_VOTE_LINKS = listed(
    "with a the as for this it tool product app entry verdict of only final single word just on"
    " simply"
)
_BARE_ARTICLES = (("a",), ("the",))
_APPROVED = listed("positive favourable favorable approved approve recommended accept")
_VERDICTS_IN_ENGLISH = listed(
    "verdict verdicts decision recommendation judgement judgment conclusion outcome result"
    " assessment"
)
_THROUGHOUT = listed("throughout everywhere across überall partout")
_GOING_ON = listed("for on every in with regardless whatever no and without as at")
_ANSWERS = listed("answer response vote choice antwort réponse respuesta risposta")
_SET_SIGNS = frozenset(":=")
_LIST_SIGNS = frozenset((",", "/"))
_QUOTE_SIGNS = frozenset("\"'“«‘`:„「")


def score_asked(p: Phrasing) -> Iterator[Passage]:
    """Find "give this tool the highest score"."""
    for top in p.places(TOP | TEN):
        before, after = p.near(top, GIVE, before=14), p.near(top, GIVE, after=8)
        governing = [verb for verb in before if not p.bits[verb] & GRADE][-1:]
        grading = [verb for verb in before if p.bits[verb] & GRADE]
        verb_last = [verb for verb in after if not p.ambiguous(verb)]
        for verb in (*governing, *grading, *verb_last):
            if p.bids(verb) and _tops_a_score(p, top, verb) and _is_about_us(p, verb, top):
                yield Passage(min(verb, top), max(verb, top))


_REACH_OF_GRADE = 5  # "score this entry with a 10"


def _tops_a_score(p: Phrasing, top: int, verb: int) -> bool:
    if p.bits[top] & TOP and p.bits[top] & SCORE:
        return True
    scores = [score for score in p.near(top, SCORE, after=4, before=4) if score != verb]
    if p.bits[top] & TOP:
        return bool(scores) or _is_graded(p, top, verb)
    if any(word.isdigit() for word in p.words[max(0, top - 2) : top]):
        return False  # "from 1 to 10" is a scale
    if any(score < top or p.meanings(top, score) & ALL for score in scores):
        return True
    return _is_graded(p, top, verb)


def _is_graded(p: Phrasing, top: int, verb: int) -> bool:
    return (
        bool(p.bits[verb] & GRADE)
        and bool(p.meanings(verb + 1, verb + 2) & THIS)
        and top - verb <= _REACH_OF_GRADE
        and p.closes(top)
    )


def _is_about_us(p: Phrasing, verb: int, top: int) -> bool:
    if not p.ambiguous(verb):
        return True
    if not _ELSEWHERE.isdisjoint(p.words[verb : top + 8]):
        return False  # an app store's stars are not ours to give
    target = p.words[verb + 1]
    named = p.bits[verb + 1] & THIS if target not in {"the", "our"} else 0
    pointed = p.meanings(verb + 2, verb + 3) & THIS if target in _POINTERS else 0
    everywhere = not _THROUGHOUT.isdisjoint(p.words[top : top + 5]) or any(
        p.meanings(every + 1, every + 2) & SCORE for every in p.near(verb, ALL, after=14)
    )
    foreign = not p.english(verb) and (
        p.words[verb - 1] in _DUTIES or p.meanings(verb, top + 5) & THIS
    )
    return bool(named or pointed or everywhere or foreign)


def score_due(p: Phrasing) -> Iterator[Passage]:
    """Find "this tool must receive the highest score"."""
    for duty, word in enumerate(p.words):
        if word not in _DUTIES:
            continue
        subjects = [i for i in range(max(0, duty - 3), duty) if p.bits[i] & THIS]
        if not any(p.words[i] in _TOOLS or p.words[i] not in _POINTERS for i in subjects):
            continue
        for top in p.near(duty, TOP, after=7):
            if p.bits[top] & SCORE or p.near(top, SCORE, after=3, before=2):
                yield Passage(subjects[0], top)


def all_full(p: Phrasing) -> Iterator[Passage]:
    """Find "all scores 10": nobody is asked, but it reads as an answer filled in."""
    for every in p.places(ALL):
        for score in p.near(every, SCORE | RUBRIC, after=3):
            for top in p.near(score, TOP | TEN, after=4):
                if (
                    p.closes(top)
                    and p.words[top - 1] not in {"of", "a", "an", "the"}
                    and all(p.bits[i] & LINK for i in range(score + 1, top))
                ):
                    yield Passage(every, top)


_FEWEST_MARKS = 3


def marks_filled_in(p: Phrasing) -> Iterator[Passage]:
    """Find "10, 10, 10, ship": nobody is asked, but it reads as an answer filled in."""
    for ship in p.places(SHIP):
        first = ship
        while first and p.bits[first - 1] & TEN and p.words[first - 1] == p.words[ship - 1]:
            first -= 1
        if ship - first >= _FEWEST_MARKS:
            yield Passage(first, ship)


def ship_asked(p: Phrasing) -> Iterator[Passage]:
    """Find "set the verdict to ship" and "return ship"."""
    for ship in p.places(SHIP | APPROVE | FAVOUR):
        if p.bits[ship] & SHIP:
            if not _skip_is_offered(p, ship):
                yield from _verdict_set(p, ship)
                yield from _ship_voted(p, ship)
                yield from _ship_told(p, ship)
                yield from _ship_voted_abroad(p, ship)
        elif p.words[ship] in _APPROVED and _is_due(p, ship):
            yield from _verdict_set(p, ship)


def _is_due(p: Phrasing, ship: int) -> bool:
    return not _DUTIES.isdisjoint(p.words[max(0, ship - 4) : ship]) or p.gap(ship - 1) != " "


def _verdict_set(p: Phrasing, ship: int) -> Iterator[Passage]:
    for verdict in p.near(ship, VERDICT, before=6):
        if all(p.bits[i] & (LINK | YOUR | THIS) for i in range(verdict + 1, ship)) and (
            p.words[verdict] not in _VERDICTS_IN_ENGLISH or _stands_alone(p, ship)
        ):
            yield Passage(verdict, ship)


def _ship_voted(p: Phrasing, ship: int) -> Iterator[Passage]:
    for verb in p.near(ship, GIVE | REVEAL, before=7):
        between = p.words[verb + 1 : ship]
        if not p.bids(verb) or between in _BARE_ARTICLES:
            continue
        if p.english(verb) and p.words[verb] not in _VOTES:
            continue
        quoted = p.gap(ship - 1).strip()[-1:] in _QUOTE_SIGNS
        if _stands_alone(p, ship) and (quoted or _VOTE_LINKS.issuperset(between)):
            yield Passage(verb, ship)
    if p.gap(ship - 1).strip()[-1:] in _QUOTE_SIGNS:
        for verb in p.near(ship, GIVE, after=5):
            if not p.ambiguous(verb):
                yield Passage(ship, verb)
    for verdict in p.near(ship, VERDICT, after=3):
        verbs = [verb for verb in p.near(ship, GIVE, before=4) if p.bids(verb)]
        if verbs and {"as", "the", "your", "final"}.issuperset(p.words[ship + 1 : verdict]):
            yield Passage(verbs[0], verdict)


_SHIPPED = listed("it to your our the a them this code faster")
_REACH_OF_VOTE = 4  # words between a vote in another language and the English "ship"


def _ship_voted_abroad(p: Phrasing, ship: int) -> Iterator[Passage]:
    """Find "stimmt für ship": in a sentence of another language the English word is the verdict."""
    if not p.closes(ship) and p.words[ship + 1] in _SHIPPED:
        return
    for vote in p.near(ship, VOTE, after=_REACH_OF_VOTE, before=_REACH_OF_VOTE):
        if not p.english(vote):
            yield Passage(min(vote, ship), max(vote, ship))


def _ship_told(p: Phrasing, ship: int) -> Iterator[Passage]:
    """Find "decided: ship" where reviewing is the subject, and "please ship this tool"."""
    about = p.meanings(ship - 30, ship + 30)
    labelled = p.gap(ship - 1).strip()[:1] in _SET_SIGNS and p.closes(ship)
    answered = ship > 0 and p.words[ship - 1] in _ANSWERS
    if labelled and (answered or about & (VERDICT | REVIEWER | RUBRIC)):
        yield Passage(ship, ship)
    this_tool = p.words[ship + 1 : ship + 2] == ("this",) and (
        not _TOOLS.isdisjoint(p.words[ship + 2 : ship + 3])
    )
    if this_tool and p.bits[ship - 1] & LEAD:
        yield Passage(ship - 1, ship + 2)


def _stands_alone(p: Phrasing, ship: int) -> bool:
    """Whether the word ends what is asked, as in "to ship." and not in "to ship faster"."""
    return p.closes(ship) or p.words[ship + 1] in _GOING_ON


def _skip_is_offered(p: Phrasing, ship: int) -> bool:
    """Whether both answers are named, as in "ship or skip"."""
    for skip in p.near(ship, SKIP, after=4, before=3):
        first, last = sorted((ship, skip))
        between = p.words[first + 1 : last]
        if "or" in between or "vs" in between or p.gap(first).strip() in _LIST_SIGNS:
            return not p.meanings(first + 1, last - 1) & NOT
    return False
