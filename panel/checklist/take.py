"""The take of a checklist: what stands in the text and what does not, in 40 to 90 words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from zlib import crc32

from panel.checklist.sentences import Sentences
from panel.checklist.signals import Sighting, Signal
from panel.domain.ballot import Decision, Sentence
from panel.domain.ballot_checks import FEWEST_WORDS, MOST_WORDS
from panel.domain.grounding import foreign_numbers
from panel.domain.persona import Persona

_QUOTED_WORDS = 16
_FEWEST_SENTENCES, _MOST_SENTENCES = 3, 5


@dataclass(frozen=True)
class Points:
    """What the signals come to for one persona, the weightiest first of each kind."""

    favour: tuple[Sighting, ...]
    against: tuple[Sighting, ...]
    missing: tuple[Signal, ...]


@dataclass(frozen=True)
class Manner:
    """How a checklist puts things: frames for what it found, in order, and for its verdict."""

    favour: tuple[str, str, str]
    against: tuple[str, str]
    close: dict[Decision, str]


_MANNERS = (
    Manner(
        favour=(
            "One can point to {says}: “{quote}”.",
            "There is also {says}: “{quote}”.",
            "It adds {says}: “{quote}”.",
        ),
        against=(
            "What weighs against it is {says}: “{quote}”.",
            "Then there is {says}: “{quote}”.",
        ),
        close={
            "ship": "For the {who}'s list that is enough.",
            "skip": "For the {who}'s list it falls short.",
        },
    ),
    Manner(
        favour=(
            "What is here: {says}, “{quote}”.",
            "Also here: {says}, “{quote}”.",
            "And {says}: “{quote}”.",
        ),
        against=("Not so good: {says}, “{quote}”.", "Also not good: {says}, “{quote}”."),
        close={"ship": "Good enough for the {who}.", "skip": "Not good enough for the {who}."},
    ),
    Manner(
        favour=(
            "It gives {says}: “{quote}”.",
            "With it comes {says}: “{quote}”.",
            "Then there is {says}: “{quote}”.",
        ),
        against=("Marked down here: {says}, “{quote}”.", "Likewise {says}: “{quote}”."),
        close={
            "ship": "So the {who}'s checklist says ship.",
            "skip": "So the {who}'s checklist says skip.",
        },
    ),
    Manner(
        favour=(
            "On the credit side: {says}, “{quote}”.",
            "Next to it {says}: “{quote}”.",
            "Credited too: {says}, “{quote}”.",
        ),
        against=("On the debit side: {says}, “{quote}”.", "Debited too: {says}, “{quote}”."),
        close={"ship": "In credit, by the {who}'s list.", "skip": "In debit, by the {who}'s list."},
    ),
    Manner(
        favour=(
            "{Says} stands in writing: “{quote}”.",
            "So does {says}: “{quote}”.",
            "Beside them stands {says}: “{quote}”.",
        ),
        against=("Against it counts {says}: “{quote}”.", "Another mark: {says}, “{quote}”."),
        close={
            "ship": "The {who}'s list comes out in its favour.",
            "skip": "The {who}'s list comes out against it.",
        },
    ),
)
_NO_SIGN = "The text shows no sign of {says}."
_NO_MODEL = (
    "No model was asked: a list of signals was held against the text, and whether its claims are "
    "true was not looked into."
)
_NO_MORE = "Nothing else was read into it, so this is a first sieve and not an opinion."


def write_take(
    persona: Persona, sentences: Sentences, points: Points, verdict: Decision
) -> tuple[Sentence, ...]:
    """Return three to five sentences, each with what it stands on, the verdict first."""
    manner = _MANNERS[crc32(persona.key.encode()) % len(_MANNERS)]
    close = _judged(_close(persona, manner, verdict))
    room = MOST_WORDS - _count(close)
    body = _fitting(_candidates(sentences, points, manner, verdict), room)
    if _is_short(body, close):
        body = _fitting([*body, *_unnamed(points)], room)
    if _is_short(body, close):
        filler = [_judged(_NO_MODEL), _judged(_NO_MORE)]
        room -= sum(map(_count, filler))
        body = [*_fitting(body, room, _MOST_SENTENCES - 1 - len(filler)), *filler]
    return (*_opened([close], sentences), *body)


def _is_short(body: list[Sentence], close: Sentence) -> bool:
    words = sum(map(_count, (*body, close)))
    return words < FEWEST_WORDS or len(body) < _FEWEST_SENTENCES - 1


def _fitting(
    sentences: Iterator[Sentence] | Sequence[Sentence], room: int, most: int = _MOST_SENTENCES - 1
) -> list[Sentence]:
    """Return the first `most` sentences that fit into `room` words."""
    chosen: list[Sentence] = []
    for sentence in sentences:
        if len(chosen) < most and _count(sentence) <= room:
            chosen.append(sentence)
            room -= _count(sentence)
    return chosen


def _candidates(
    sentences: Sentences, points: Points, manner: Manner, verdict: Decision
) -> Iterator[Sentence]:
    """Yield what may be said, in order: for a ship what speaks for it comes first."""
    used: set[int] = set()
    missing = _missing(points)
    if verdict == "ship":
        room = 2 if points.against else 3
        yield from islice(_shown(points.favour, sentences, manner.favour, used), room)
        yield from islice(_shown(points.against, sentences, manner.against, used), 1)
        yield from missing
    else:
        first = 1 if points.favour and points.against else 2
        yield from islice(_shown(points.against, sentences, manner.against, used), 2)
        yield from missing[:first]
        yield from islice(_shown(points.favour, sentences, manner.favour, used), 1)
        yield from missing[first:]


def _missing(points: Points) -> list[Sentence]:
    """Return what a text ought to have and this one lacks, each once."""
    texts = dict.fromkeys(signal.absent for signal in points.missing if signal.absent)
    return [_absent(text) for text in texts]


def _unnamed(points: Points) -> list[Sentence]:
    """Return what a text may well do without, said to be missing where there is little to say."""
    return [
        _absent(_NO_SIGN.format(says=as_clause(s.says))) for s in points.missing if not s.absent
    ]


def _shown(
    seen: Sequence[Sighting], sentences: Sentences, frames: tuple[str, ...], used: set[int]
) -> Iterator[Sentence]:
    """Yield what was seen with its quotation, no sentence and no criterion twice."""
    criteria: set[str] = set()
    turn = iter(frames)
    for sighting in seen:
        place = sighting.place
        if place is None or sentences.place(place) in used or sighting.signal.criterion in criteria:
            continue
        quote = sentences.quote(place, _QUOTED_WORDS)
        text = quote and _framed(next(turn, frames[-1]), sighting.signal, quote, sentences, place)
        if text and not foreign_numbers(text, sentences.folded):
            used.add(sentences.place(place))
            criteria.add(sighting.signal.criterion)
            yield Sentence(text=text, basis="quoted", evidence=quote)


def _framed(frame: str, signal: Signal, quote: str, sentences: Sentences, place: int) -> str:
    says = as_clause(signal.says)
    rest = sentences.lines[sentences.place(place)].partition(quote)[2]
    cut = " …" if any(char.isalnum() for char in rest) else ""
    return frame.format(says=says, Says=says[:1].upper() + says[1:], quote=quote + cut)


def _close(persona: Persona, manner: Manner, verdict: Decision) -> str:
    name = " ".join(persona.name.split()[:4])
    who = name if name.isupper() else name[:1].lower() + name[1:]
    return manner.close[verdict].format(who=who)


def _opened(body: list[Sentence], sentences: Sentences) -> list[Sentence]:
    """Return `body` opening neither with "The" nor with the tool's name."""
    first = body[0]
    barred = {"the", *(sentences.name or "").casefold().split()[:1]}
    if first.text.casefold().split()[0] not in barred:
        return body
    lead = "On paper" if "on" not in barred else "By its text"
    text = f"{lead}: {first.text[:1].lower()}{first.text[1:]}"
    return [first.model_copy(update={"text": text}), *body[1:]]


def as_clause(text: str) -> str:
    """Return `text` to stand inside a sentence: one line, no full stop at its end."""
    return " ".join(text.split()).rstrip(".")


def _absent(text: str) -> Sentence:
    return Sentence(text=text, basis="absent", evidence=None)


def _judged(text: str) -> Sentence:
    return Sentence(text=text, basis="judged", evidence=None)


def _count(sentence: Sentence) -> int:
    return len(sentence.text.split())
