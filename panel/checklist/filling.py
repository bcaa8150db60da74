"""The checklist: a ballot filled in by rules, from signals that stand in the text or do not.

No model is asked and nobody thinks. A score starts at START, moves by every signal of its criterion
that the text has, and stays between 1 and 5; the verdict is ship from a weighted mean of LINE on.
"""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction
from zlib import crc32

from panel.checklist.sentences import Sentences
from panel.checklist.signals import Sighting, Signal, Sought
from panel.checklist.take import Points, as_clause, write_take
from panel.domain.ballot import Ballot, Decision, Finding, Prediction
from panel.domain.criterion import HIGHEST, LOWEST, Criterion
from panel.domain.persona import Persona
from panel.domain.scale import mean

START = 2  # an average announcement is a skip
LINE = Fraction(3)
_UNSAID = "The text does not say."
_REASON_WORDS = 20
_CLAUSE_WORDS = 16
_NATURE = re.compile(r"\bwhat (?:is it|does it do)\b", re.IGNORECASE)
_WORD = re.compile(r"[a-z]{4,}")
_STEM = 5
_COMMON = frozenset(
    "about already could does doing else every from have into mean more most name named nothing only "
    "other over really same says some still text than that them then there these they this what "
    "when where which will with within without would your".split()
)
_SHARED = 2  # words that a question and a signal have in common before one answers the other
_HORIZONS = (547, 273, 365, 456, 182)  # days
_LEAST_SURE, _MOST_SURE = 0.5, 0.7


def fill_in(persona: Persona, sentences: Sentences, sought: Sought, *, today: date) -> Ballot:
    """Return the ballot of `persona`: the same for the same text, persona and day."""
    findings = tuple(_find(criterion, sentences, sought) for criterion in persona.criteria)
    weighed = mean(Fraction(finding.score) for finding in findings)
    verdict: Decision = "ship" if weighed >= LINE else "skip"
    points = _points(sought)
    gap = _gap(points)
    return Ballot(
        findings=findings,
        take=write_take(persona, sentences, points, verdict),
        best_for=_best_for(points, verdict),
        avoid_if=_avoid_if(points, gap),
        flips_if=_flips_if(points, verdict, gap),
        prediction=_predict(persona, sentences, points, gap, today),
        addressed=(),
        verdict=verdict,
        confidence=_sureness(weighed),
    )


def _find(criterion: Criterion, sentences: Sentences, sought: Sought) -> Finding:
    found = [s for s in sought.found if s.signal.criterion == criterion.key and s.signal.moves]
    found.sort(key=lambda sighting: -abs(sighting.signal.moves))
    steps = START + sum(sighting.signal.moves for sighting in found)
    return Finding(
        criterion=criterion.key,
        finding=_reason(criterion, found, sought),
        evidence=_first_quote(found, sentences),
        score=min(max(steps, LOWEST), HIGHEST),
    )


def _first_quote(found: Sequence[Sighting], sentences: Sentences) -> str | None:
    """Return the quotation for the first of `found` that can be quoted."""
    for sighting in found:
        quote = None if sighting.place is None else sentences.quote(sighting.place)
        if quote:
            return quote
    return None


def _reason(criterion: Criterion, found: Sequence[Sighting], sought: Sought) -> str:
    """Return the signals of the criterion by name, or what is missing, in at most 20 words."""
    if found:
        return _sentence("; ".join(_fitting([s.signal.says for s in found], _REASON_WORDS)))
    missing = [
        signal.absent
        for signal in sought.lacking
        if signal.criterion == criterion.key and signal.absent
    ]
    if missing:
        return " ".join(_fitting(missing, _REASON_WORDS))
    return f"No signal for “{' '.join(criterion.label.split()[:5])}” was recognised in the text."


def _fitting(texts: Sequence[str], most: int) -> list[str]:
    """Return the texts that fit into `most` words, in order, and at least the first one, cut."""
    chosen = [" ".join(texts[0].split()[:most])]
    room = most - len(chosen[0].split())
    for text in texts[1:]:
        words = len(text.split())
        if words <= room:
            chosen.append(text)
            room -= words
    return chosen


def _points(sought: Sought) -> Points:
    """Return what speaks for and against, and what is missing, the weightiest first."""

    def weight(signal: Signal) -> int:
        return -abs(signal.moves)

    ranked = sorted(sought.found, key=lambda sighting: weight(sighting.signal))
    wanted = [signal for signal in sought.lacking if signal.moves > 0]
    return Points(
        favour=tuple(sighting for sighting in ranked if sighting.signal.moves > 0),
        against=tuple(sighting for sighting in ranked if sighting.signal.moves < 0),
        missing=tuple(sorted(wanted, key=weight)),
    )


def _gap(points: Points) -> str | None:
    """Return the weightiest thing that is missing, of those that a text ought to have."""
    named = [signal for signal in points.missing if signal.absent] or points.missing
    return as_clause(named[0].says) if named else None


def _best_for(points: Points, verdict: Decision) -> str:
    if verdict == "skip":
        return "nobody yet"
    return " ".join(as_clause(points.favour[0].signal.says).split()[:_CLAUSE_WORDS])


def _avoid_if(points: Points, gap: str | None) -> str:
    if points.against:
        return f"{as_clause(points.against[0].signal.says)} is more than you can live with"
    return f"you cannot do without {gap}" if gap else "you need more than the maker's word"


def _flips_if(points: Points, verdict: Decision, gap: str | None) -> str:
    if verdict == "ship":
        return f"a later text takes back {as_clause(points.favour[0].signal.says)}"
    return f"a later text has {gap}" if gap else "a later text drops what counts against it here"


def _predict(
    persona: Persona, sentences: Sentences, points: Points, gap: str | None, today: date
) -> Prediction:
    """Return a claim that can be looked up: that the gap is closed, or that nothing was taken back."""
    name = " ".join((sentences.name or "the tool").split()[:8])[:80]
    name = name if name.isprintable() else "the tool"
    by = today + timedelta(days=_HORIZONS[crc32(persona.key.encode()) % len(_HORIZONS)])
    if gap:
        claim, probability = f"A public page by the maker of {name} shows {gap}.", 0.35
    else:
        kept = as_clause(points.favour[0].signal.says) if points.favour else "a date of this year"
        claim, probability = f"A public page by the maker of {name} still shows {kept}.", 0.7
    return Prediction(claim=claim, by=by.isoformat(), probability=probability)


def _sureness(weighed: Fraction) -> float:
    """Return a low confidence that grows with the distance from the line: words are not judgement."""
    distance = float(abs(weighed - LINE))
    return round(min(_MOST_SURE, _LEAST_SURE + distance / 5), 2)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _sentence(text: str) -> str:
    return _capital(text).rstrip(".") + "."
