"""What the code checks on a readable ballot, and how a fault is named to its writer."""

from collections.abc import Iterator
from datetime import date
from fractions import Fraction

from panel.domain.ballot import Ballot, Sentence
from panel.domain.copying import MOST_COPIED, copied_share
from panel.domain.fault import Fault
from panel.domain.grounding import foreign_numbers, is_verbatim
from panel.domain.repetition import RecentTakes, repeated_words
from panel.domain.scale import mean
from panel.domain.sums import read_sums

# What the prompts ask for, and what is let pass: a word too many is no reason to pay twice.
FEWEST_WORDS, MOST_WORDS, WORDS_OFF = 40, 80, 10
FEWEST_SENTENCES, MOST_SENTENCES, SENTENCES_OFF = 3, 4, 1
MOST_WORDS_OF = {
    "first sentence": (14, 18),
    "best_for": (16, 20),
    "avoid_if": (16, 20),
    "flips_if": (22, 27),
    "finding": (30, 45),
}
NO_SHIP_UNDER, NO_SKIP_OVER = Fraction(27, 10), Fraction(33, 10)
LEAST_PROBABLE, MOST_PROBABLE = 0.1, 0.9
_SOONEST, _LATEST = 80, 740  # days: 3 to 24 months with some slack
_WITH_EVIDENCE = frozenset({"quoted", "computed", "harm"})
_WITHOUT_EVIDENCE = frozenset({"absent", "known"})


def check(
    ballot: Ballot, *, shown: str, today: date, recent: RecentTakes | None = None
) -> tuple[Fault, ...]:
    """Return every fault of `ballot`, named so that its writer can mend it; empty where it is sound.

    `shown` is the text that its writer saw, front matter included; `today` the run's date; `recent`
    what the same persona wrote lately.
    """
    flaws = (
        *_evidence(ballot, shown),
        *_sentences(ballot, shown),
        *_lengths(ballot),
        *_prediction(ballot, today),
        *_contradiction(ballot),
    )
    return (*map(_flaw, flaws), *_copied(ballot, shown), *_repeated(ballot, recent, shown))


def unchecked_sentences(ballot: Ballot, shown: str) -> tuple[int, ...]:
    """Return the computed sentences of the take, by number from 1, whose sums code cannot follow.

    One that has no sum is among them. It is no fault: it is published, marked as unchecked.
    """
    return tuple(
        number
        for number, sentence in enumerate(ballot.take, start=1)
        if sentence.basis == "computed" and not _is_followed(sentence, shown)
    )


def _is_followed(sentence: Sentence, shown: str) -> bool:
    sums = read_sums(sentence.text, shown, sentence.evidence)
    return sums.has_sum and not sums.unproved


def _flaw(message: str) -> Fault:
    return Fault(message=message)


def _contradiction(ballot: Ballot) -> Iterator[str]:
    """Yield the contradiction between the verdict and the scores, if there is one.

    A tool that wrongs people is a skip whatever its scores, and only that.
    """
    steps = mean(ballot.scores.values())
    scored = f"but the scores have a mean of {float(steps):.2f} of 5"
    if ballot.says_harm:
        if ballot.verdict == "ship":
            yield "the verdict is ship, but a sentence of the take has the basis harm"
    elif ballot.verdict == "ship" and steps < NO_SHIP_UNDER:
        yield f"the verdict is ship, {scored} ({float(NO_SHIP_UNDER)} is the least)"
    elif ballot.verdict == "skip" and steps > NO_SKIP_OVER:
        yield f"the verdict is skip, {scored} ({float(NO_SKIP_OVER)} is the most)"


def _evidence(ballot: Ballot, shown: str) -> Iterator[str]:
    passages = [(f"findings {one.criterion}", one.evidence) for one in ballot.findings]
    passages += [(f"take sentence {n}", s.evidence) for n, s in enumerate(ballot.take, start=1)]
    for place, passage in passages:
        if passage is not None and not is_verbatim(passage, shown):
            yield f"{place}: the evidence does not stand in the description word for word"


def _sentences(ballot: Ballot, shown: str) -> Iterator[str]:
    for number, sentence in enumerate(ballot.take, start=1):
        for fault in _sentence(sentence, shown):
            yield f"take sentence {number}: {fault}"


def _sentence(sentence: Sentence, shown: str) -> Iterator[str]:
    if sentence.basis in _WITH_EVIDENCE and sentence.evidence is None:
        yield f"its basis is {sentence.basis}, which needs evidence"
    if sentence.basis in _WITHOUT_EVIDENCE and sentence.evidence is not None:
        yield f"its basis is {sentence.basis}, which has no evidence in the description"
    if sentence.basis == "quoted":
        for number in foreign_numbers(sentence.text, shown):
            yield f"the number {number} does not stand in the description"
    if sentence.basis == "computed":
        for result in read_sums(sentence.text, shown, sentence.evidence).false:
            yield f"the sum that is said to give {result.stated} comes to {result.comes_to}"


def _lengths(ballot: Ballot) -> Iterator[str]:
    if not FEWEST_WORDS - WORDS_OFF <= ballot.words <= MOST_WORDS + WORDS_OFF:
        yield f"the take has {ballot.words} words, {FEWEST_WORDS} to {MOST_WORDS} are asked for"
    sentences = len(ballot.take)
    if not FEWEST_SENTENCES - SENTENCES_OFF <= sentences <= MOST_SENTENCES + SENTENCES_OFF:
        yield f"the take has {sentences} sentences, 3 or 4 are asked for"
    texts = [("first sentence", "the first sentence of the take", ballot.take[0].text)]
    texts += [(name, name, getattr(ballot, name)) for name in ("best_for", "avoid_if", "flips_if")]
    texts += [("finding", f"findings {one.criterion}", one.finding) for one in ballot.findings]
    for kind, place, text in texts:
        asked, most = MOST_WORDS_OF[kind]
        words = len(text.split())
        if words > most:
            yield f"{place} has {words} words, at most {asked} are asked for"


def _prediction(ballot: Ballot, today: date) -> Iterator[str]:
    day = ballot.prediction.day
    if day is None:
        yield "prediction.by is no day of the form YYYY-MM-DD"
    elif not _SOONEST <= (day - today).days <= _LATEST:
        yield f"prediction.by is {day}, not 3 to 24 months from {today}"
    if not LEAST_PROBABLE <= ballot.prediction.probability <= MOST_PROBABLE:
        yield "prediction.probability is not from 0.1 to 0.9"


def _copied(ballot: Ballot, shown: str) -> Iterator[Fault]:
    prediction = ballot.prediction.claim
    texts = [one.finding for one in ballot.findings] + [one.text for one in ballot.take]
    texts += [ballot.best_for, ballot.avoid_if, ballot.flips_if, prediction]
    share = copied_share(texts, shown)
    if share > MOST_COPIED:
        yield Fault(
            message=f"{float(share):.0%} of its words are copied from the description: write it in "
            "your own words",
            kind="copied",
        )


def _repeated(ballot: Ballot, recent: RecentTakes | None, shown: str) -> Iterator[Fault]:
    for words in repeated_words(ballot.take, recent, shown):
        yield Fault(
            message=f"the take says “{words}”, as one of your recent reviews does: put it otherwise",
            kind="repetitive",
        )
