"""The checklist: a ballot filled in by rules, from signals that stand in the text or do not.

No model is asked and nobody thinks. A criterion scores 2; with one signal for it 3, with two or more 4;
with any against it 2. The verdict is ship from a mean of LINE on. What a signal cannot tell is
not made up: questions stay unanswered, and nothing is advised.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, timedelta
from fractions import Fraction

from panel.checklist.matcher import Match
from panel.checklist.signals import Signal, Signals
from panel.checklist.tally import SignalTally, write_reason
from panel.domain.ballot import Ballot, DatedClaim, Finding, Sentence
from panel.domain.ballot_checks import MOST_WORDS, MOST_WORDS_OF
from panel.domain.grounding import foreign_numbers
from panel.domain.persona import Persona
from panel.domain.scale import mean

LEAST, MOST = 2, 4  # a list of words bears neither scorn nor praise
LINE = Fraction(3)
_YEAR = timedelta(days=365)
_QUOTED_WORDS = 12
_MOST_OF_A_NAME = 80
_MOST_QUOTED, _MOST_BETWEEN = 2, 3  # sentences between the count and the close
_MARKUP = re.compile(r"`|\*\*")  # marks of code and of bold print
_CLOSE = (
    "No model was asked: a list of signals was held against the text, and whether its claims are true "
    "was not looked into."
)


def fill_in(
    persona: Persona,
    signals: Signals,
    found: Mapping[str, Match],
    unclear: AbstractSet[str] = frozenset(),
    *,
    name: str,
    today: date,
) -> Ballot:
    """Return the ballot of `persona`: the same for the same text, persona and day.

    `found` has what was found of `signals` in the description of the tool called `name`, and `unclear`
    names those that it cannot be said to lack.
    """
    bearing = [one for one in signals.signals if one.bears_on(persona.criterion_keys)]
    findings = tuple(
        _find(key, [one for one in bearing if one.bears_on([key])], found, unclear)
        for key in persona.criterion_keys
    )
    # Never for a tool that is ruled out: each of its scores is LEAST.
    ships = mean(one.score for one in findings) >= LINE
    return Ballot(
        findings=findings,
        take=_write_take(bearing, found, unclear),
        best_for="whoever goes through its signals" if ships else "nobody yet",
        avoid_if="you want a judgement, which the checklist is not",
        flips_if="a later text has other signals",
        prediction=DatedClaim(
            claim=f"The public page of {name[:_MOST_OF_A_NAME].strip() or 'the tool'} says the same.",
            by=(today + _YEAR).isoformat(),
            probability=0.5,
        ),
        addressed=(),
        verdict="ship" if ships else "skip",
        confidence=0.5,
    )


def _tally(
    signals: Sequence[Signal], found: Mapping[str, Match], unclear: AbstractSet[str]
) -> SignalTally:
    present = [one for one in signals if one.name in found]
    missing = [one for one in signals if one.absent and one.name not in found]
    return SignalTally(
        in_favour=tuple(one.present for one in present if one.speaks == "for"),
        against=tuple(one.present for one in present if one.speaks == "against"),
        absent=tuple(one.absent for one in missing if one.absent and one.name not in unclear),
        unclear=tuple(one.present for one in missing if one.name in unclear),
    )


def _find(
    key: str, signals: Sequence[Signal], found: Mapping[str, Match], unclear: AbstractSet[str]
) -> Finding:
    """Return the finding on a criterion by the signals that bear on it, with a passage of the text."""
    tally = _tally(signals, found, unclear)
    side = "against" if tally.against else "for"
    matches = [found[one.name] for one in signals if one.name in found and one.speaks == side]
    quotes = filter(None, (match.sentence.quote(match.start) for match in matches))
    return Finding(
        criterion=key,
        finding=_fit(tally),
        evidence=next(quotes, None),
        score=LEAST if tally.against else min(LEAST + len(tally.in_favour), MOST),
    )


def _fit(tally: SignalTally) -> str:
    """Return the text of a finding, without the last signals that are missing where it is too long."""
    _, most = MOST_WORDS_OF["finding"]
    text = write_reason(tally)
    fewest = 0 if tally.against else 1
    while len(text.split()) >= most and (
        tally.unclear or tally.absent or len(tally.in_favour) > fewest
    ):
        side = "unclear" if tally.unclear else "absent" if tally.absent else "in_favour"
        tally = tally.model_copy(update={side: getattr(tally, side)[:-1]})
        text = write_reason(tally)
    return text


def _write_take(
    signals: Sequence[Signal], found: Mapping[str, Match], unclear: AbstractSet[str]
) -> tuple[Sentence, ...]:
    """Return three to five sentences: the count, what was found and what not, how it was made."""
    tally = _tally(signals, found, unclear)
    first, close = (
        Sentence(text=text, basis="judged", evidence=None)
        for text in (f"Checklist: {tally.counts}.", _CLOSE)
    )
    missing = (Sentence(text=f"It {text}.", basis="absent", evidence=None) for text in tally.absent)
    chosen: list[Sentence] = []
    room = MOST_WORDS - _words(first) - _words(close)
    for sentence in (*_quoted(signals, found), *missing):
        if len(chosen) < _MOST_BETWEEN and _words(sentence) <= room:
            chosen.append(sentence)
            room -= _words(sentence)
    return (first, *chosen, close)


def _quoted(signals: Sequence[Signal], found: Mapping[str, Match]) -> Iterator[Sentence]:
    """Yield sentences with their passages, each once: what speaks against the tool comes first."""
    present = sorted((one for one in signals if one.name in found), key=lambda one: one.speaks)
    quoted: dict[str, Sentence] = {}
    for signal in present:
        match = found[signal.name]
        quote = match.sentence.quote(match.start, _QUOTED_WORDS)
        text = f"It {signal.present}: “{_MARKUP.sub('', quote or '')}”."
        if quote and not foreign_numbers(text, match.sentence.text):
            quoted.setdefault(quote, Sentence(text=text, basis="quoted", evidence=quote))
    yield from list(quoted.values())[:_MOST_QUOTED]


def _words(sentence: Sentence) -> int:
    return len(sentence.text.split())
