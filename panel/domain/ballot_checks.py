"""What the code checks on a readable ballot, and how a fault is named to its writer.

By its place and never in the writer's words: the names go into a prompt, outside the fence, and what
a model wrote may be the vendor's.
"""

from collections.abc import Iterator
from datetime import date
from fractions import Fraction

from panel.domain.ballot import Ballot, Sentence
from panel.domain.grounding import foreign_numbers, is_verbatim, ungrounded_numbers, wrong_sums
from panel.domain.persona import Persona
from panel.domain.scale import weighted_mean

FEWEST_WORDS, MOST_WORDS = 40, 90
_SLACK = 5  # words that are not worth a repair
NO_SHIP_UNDER, NO_SKIP_OVER = Fraction(27, 10), Fraction(33, 10)
_SOONEST, _LATEST = 80, 740  # days: 3 to 24 months with some slack


def check(ballot: Ballot, *, persona: Persona, shown: str, today: date) -> tuple[str, ...]:
    """Return every fault of `ballot`, named so that its writer can mend it; empty where it is sound.

    `shown` is the text that its writer saw, front matter included; `today` the run's date.
    """
    return (
        *_questions(ballot, persona),
        *_evidence(ballot, shown),
        *_sentences(ballot, shown),
        *_length(ballot),
        *_date(ballot, today),
        *_contradiction(ballot, persona),
    )


def _contradiction(ballot: Ballot, persona: Persona) -> Iterator[str]:
    """Yield the contradiction between the verdict and the weighted scores, if there is one."""
    scores = {key: score.score for key, score in ballot.scores.items()}
    steps = weighted_mean(scores, persona.weights)
    if ballot.verdict == "ship" and steps < NO_SHIP_UNDER:
        yield f"the verdict is ship, but the scores weigh {float(steps):.2f} of 5 (2.7 is the least)"
    if ballot.verdict == "skip" and steps > NO_SKIP_OVER:
        yield f"the verdict is skip, but the scores weigh {float(steps):.2f} of 5 (3.3 is the most)"


def _questions(ballot: Ballot, persona: Persona) -> Iterator[str]:
    asked = [answer.question for answer in ballot.answers]
    for key in persona.questions:
        if asked.count(key) != 1:
            yield f"the question {key} is answered {asked.count(key)} times, once is asked for"
    for key in asked:
        if key not in persona.questions:
            yield "an answer is to none of the questions"


def _evidence(ballot: Ballot, shown: str) -> Iterator[str]:
    passages = [(f"scores.{key}", score.evidence) for key, score in ballot.scores.items()]
    passages += [(f"take sentence {n}", s.evidence) for n, s in enumerate(ballot.take, start=1)]
    for place, passage in passages:
        if passage is not None and not is_verbatim(passage, shown):
            yield f"{place}: the evidence does not stand in the description word for word"


def _sentences(ballot: Ballot, shown: str) -> Iterator[str]:
    for number, sentence in enumerate(ballot.take, start=1):
        for fault in _sentence(sentence, shown):
            yield f"take sentence {number}: {fault}"


def _sentence(sentence: Sentence, shown: str) -> Iterator[str]:
    if sentence.basis in ("quoted", "computed") and sentence.evidence is None:
        yield f"its basis is {sentence.basis}, which needs evidence"
    if sentence.basis in ("absent", "known") and sentence.evidence is not None:
        yield f"its basis is {sentence.basis}, which has no evidence in the description"
    if sentence.basis == "quoted":
        for number in foreign_numbers(sentence.text, shown):
            yield f"the number {number} does not stand in the description"
    if sentence.basis == "computed":
        for number in ungrounded_numbers(sentence.text, shown):
            yield f"the number {number} is neither in the description nor shown as a sum"
        if wrong_sums(sentence.text):
            yield "a sum does not come out"


def _length(ballot: Ballot) -> Iterator[str]:
    words = ballot.words
    if not FEWEST_WORDS - _SLACK <= words <= MOST_WORDS + _SLACK:
        yield f"the take has {words} words, {FEWEST_WORDS} to {MOST_WORDS} are asked for"


def _date(ballot: Ballot, today: date) -> Iterator[str]:
    day = ballot.prediction.day
    if day is None:
        yield "prediction.by is no day of the form YYYY-MM-DD"
    elif not _SOONEST <= (day - today).days <= _LATEST:
        yield f"prediction.by is {day}, not 3 to 24 months from {today}"
