"""Open points: what a run leaves open, each in words that an editor can answer with one press."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from panel.app.decisions import RunPublication
from panel.app.run_summary import RunSummary
from panel.domain.flag import FlagKind
from panel.domain.wording import counted
from panel.editorial.gates import NAMESAKE, Gate, GateName, known_by
from panel.editorial.open_points import known_sentences, raised_flags
from panel.editorial.stale_reviews import stale_reviews

_STANDS: Final = "It may stand."
_SPEAKS: Final = (
    "The text speaks to its reviewers",
    (
        "No instruction to a reviewer: the text may stand.",
        "An instruction, and no review followed it.",
        "The maker quotes it as an example.",
    ),
)
_OF_FLAGS: Final[Mapping[FlagKind, tuple[str, tuple[str, ...]]]] = {
    "addresses_reviewers": _SPEAKS,
    "witnessed": _SPEAKS,
    "canary": _SPEAKS,
    "encoded_instruction": _SPEAKS,
    "control_tokens": _SPEAKS,
    "hidden_text": (
        "The text hides something",
        (
            "Left over from formatting: it changes nothing.",
            "Hidden on purpose, and no review followed it.",
        ),
    ),
    "screening_limit": (
        "The text was too long to screen whole",
        ("Read whole by an editor: nothing in it speaks to reviewers.",),
    ),
    "name_mismatch": (
        "Title and text name it differently: which is right?",
        ("The title is right.", "The text is right; the name is corrected.", "Both are in use."),
    ),
    "own_maker": (
        "A reviewer's model is by the tool's own maker",
        ("It may stand; the page says so.",),
    ),
    "intake_failed": (
        "No machine could read the facts: are they right as printed?",
        ("Checked by hand against the text.",),
    ),
    "intake_facts": (
        "A fact was read in two ways: which is right?",
        ("Right as printed.", "Corrected in the facts."),
    ),
    "text_cut": (
        "The reviewers read a part of the text: does the rest change anything?",
        ("Read whole by an editor: the rest changes nothing.",),
    ),
    "prompt_cut": (
        "A model server did not read the text whole: does that review stand?",
        ("Read against the whole text: it stands.",),
    ),
    "substitute": (
        "Another model answered than the one that was asked",
        ("It may stand; the page says so.",),
    ),
    "ballot": ("A review has a fault", (_STANDS, "Mended in the review.")),
}
_SENTENCE: Final = (
    "Nobody has checked this sentence",
    ("Read; it may stand as unchecked.",),
)
_STALE: Final = (
    "Written before a fact was corrected: does the review stand?",
    ("It stands with the fact as corrected.", "What it says of the fact was corrected too."),
)
_NAMESAKE: Final = (
    "Another tool is public at its address: is it the same tool?",
    "It is the same tool, under another name or link.",
)
SHORT_FLAGS: Final[Mapping[FlagKind, str]] = {
    "addresses_reviewers": "speaks to panel",
    "witnessed": "speaks to panel",
    "canary": "speaks to panel",
    "encoded_instruction": "encoded",
    "control_tokens": "control tokens",
    "hidden_text": "hidden text",
    "screening_limit": "too long",
    "name_mismatch": "name",
    "own_maker": "own maker",
    "intake_failed": "facts unread",
    "intake_facts": "facts",
    "text_cut": "text cut",
    "prompt_cut": "prompt cut",
    "substitute": "substitute",
    "ballot": "review fault",
}
GATE_TITLES: Final[Mapping[GateName, str]] = {
    "checklist": "A model answered",
    "unchanged": "The run is as it was read",
    "quorum": "Enough valid reviews",
    "namesake": "Its address is its own",
    "addressed": "Nobody speaks to the reviewers unanswered",
    "flags": "Every flag answered",
    "quoted": "Quotes stand in the text",
    "known": "Unchecked sentences read",
    "stale": "Reviews know the facts as printed",
}


@dataclass(frozen=True)
class DeskPoint:
    """An open point of a run, by its id; `answer` is what an editor said to it, None so far."""

    id: str
    title: str
    text: str
    quote: str | None
    reviewer: str | None
    answers: tuple[str, ...]
    answer: str | None

    @property
    def is_sentence(self) -> bool:
        """Whether it is a sentence to be read."""
        return is_sentence(self.id)

    @property
    def kind(self) -> str:
        """What it is about: a flag, an unchecked sentence, a name, or a review of an old fact."""
        if self.is_sentence:
            return "sentence"
        if self.id == NAMESAKE:
            return "name"
        return "flag" if self.id.startswith("flag-") else "review"


def is_sentence(point: str) -> bool:
    """Tell whether an open point is a sentence to be read, by its id: `builder.take.4`."""
    return ".take." in point


def list_open_points(found: RunPublication) -> list[DeskPoint]:
    """Return the flags, the unchecked sentences and the stale reviews of a run, its namesake first."""
    publication = found.publication
    points = []
    if found.namesake is not None:
        title, same = _NAMESAKE
        answer = publication.answers.get(NAMESAKE)
        other = known_by(found.namesake)
        points.append(DeskPoint(NAMESAKE, title, other, None, None, (same,), answer))
    for one in sorted(raised_flags(found.run), key=lambda one: not one.flag.holds):
        title, answers = _OF_FLAGS[one.flag.kind]
        answer = publication.answers.get(one.id)
        if one.is_answered_by_release and found.run.release is not None:
            answer = answer or found.run.release.reason
        points.append(
            DeskPoint(
                one.id, title, one.flag.message, one.flag.excerpt, one.reviewer, answers, answer
            )
        )
    for sentence in known_sentences(found.public):
        title, answers = _SENTENCE
        answer = answers[0] if sentence.id in publication.read else None
        points.append(
            DeskPoint(sentence.id, title, "", sentence.text, sentence.reviewer, answers, answer)
        )
    for review in stale_reviews(found.run, publication):
        title, answers = _STALE
        shifts = "; ".join(review.facts)
        points.append(
            DeskPoint(
                review.id, title, shifts, review.words, review.reviewer, answers, review.answer
            )
        )
    return points


def need_of(row: RunSummary) -> str | None:
    """Return what a run needs from an editor beyond a reading, None where nothing stands in its way."""
    if row.state != "finished":
        return _unfinished(row)
    if row.publication == "held":
        return "On hold: approve or reject"
    for gate, words in _OF_GATES:
        if (closed := row.gate(gate)) is not None:
            return words(row, closed)
    missing = len(row.votes) - row.cards
    if missing:
        return f"Publish on {row.cards}, {missing} missing?"
    if row.is_split:
        return f"A tie counts as {row.panel}: stands?"
    return None


def _unfinished(row: RunSummary) -> str:
    if row.state == "waiting":
        by_hand = "Paste the answers by hand"
        return by_hand if row.waits_by_hand else "Waits for the batch service"
    return "It was stopped: run it again" if row.state == "stopped" else "Watch the run"


def _flags(row: RunSummary, gate: Gate) -> str:
    if len(gate.missing) > 1:
        return f"Answer {len(gate.missing)} flags"
    kind = next((flag for flag in row.flags if flag in _ONE), None)
    return _ONE.get(kind or "", "Answer a flag")


_ONE: Final = {
    "name_mismatch": "Title or text: which name?",
    "own_maker": "Own maker reviews: stands?",
    "intake_failed": "Are the facts right?",
    "intake_facts": "Two readings of a fact: which?",
    "ballot": "A review has a fault: stands?",
}
_OF_GATES: Final[tuple[tuple[GateName, Callable[[RunSummary, Gate], str]], ...]] = (
    ("checklist", lambda *_: "Convene a panel of models"),
    ("unchanged", lambda *_: "Changed since: read it again"),
    ("quorum", lambda row, _: f"No verdict, {row.cards} of {len(row.votes)}: run it again"),
    ("namesake", lambda *_: "Another tool has its address: the same?"),
    ("addressed", lambda *_: "It speaks to the panel: stands?"),
    ("flags", _flags),
    (
        "quoted",
        lambda _, gate: f"{counted(len(gate.missing), 'quote')} not in the text",
    ),
    ("stale", lambda _, gate: f"{counted(len(gate.missing), 'review')} of the old fact: stands?"),
)
GATE_ORDER: Final = tuple(gate for gate, _ in _OF_GATES)
"""The gates that need an editor, what blocks most first."""
