"""Cases: what the audit keeps of a run, so that ten thousand of them fit into little memory."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from panel.domain.ballot import Sentence
from panel.domain.conflict_of_interest import maker_of, makers_named
from panel.domain.last_audit import panel_key
from panel.domain.repetition import opening, phrases, word_runs
from panel.domain.review import Scorecard
from panel.domain.run import Run

MOST_TAKES = 200
"""Of each reviewer the wording of its newest takes is compared, of so many at most."""

_CLOCKS_DIFFER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class TakeWords:
    """The words of a take that may recur: its first three, its phrases, its runs of five of any kind.

    A phrase is three words that carry meaning. What the tool's text has too is left out.
    """

    opening: str | None
    phrases: frozenset[str]
    word_runs: frozenset[str]


@dataclass(frozen=True, slots=True)
class CaseVote:
    """What the audit keeps of a scorecard; `agree` of `samples` came to its verdict."""

    reviewer: str
    maker: str | None
    ref: str
    ships: bool
    score: float
    confidence: float
    sentences: int
    backed: int
    faults: int
    words: int
    agree: int
    samples: int
    wording: TakeWords | None


@dataclass(frozen=True, slots=True)
class Case:
    """What the audit keeps of a finished run: `text` is the digest of what the reviewers read."""

    run: str
    slug: str
    text: str
    words: int
    started: datetime
    votes: tuple[CaseVote, ...]
    abstentions: int
    vendors: frozenset[str]
    cost_usd: float | None

    def vote(self, reviewer: str) -> CaseVote | None:
        """Return the vote of a reviewer; None where it gave none."""
        return next((one for one in self.votes if one.reviewer == reviewer), None)


@dataclass(frozen=True, slots=True)
class PanelCases:
    """The cases of one set of personas, newest first."""

    key: str
    reviewers: tuple[tuple[str, str], ...]
    cases: tuple[Case, ...]

    @property
    def newest(self) -> list[Case]:
        """The newest case of each text: a tool that was reviewed twice counts once."""
        found: dict[tuple[str, str], Case] = {}
        for case in self.cases:
            found.setdefault((case.slug, case.text), case)
        return list(found.values())


class Archive:
    """Takes runs, the newest first, and keeps their cases apart by the set of personas.

    A run counts once, however many copies of it there are, and not where it began more than a day
    after `now`: by its time it is known which run of a text is the newest.
    """

    def __init__(self, now: datetime | None = None) -> None:
        self._end = None if now is None else now + _CLOCKS_DIFFER
        self._ids: set[str] = set()
        self.left_out: Counter[str] = Counter()
        self._panels: dict[str, tuple[tuple[tuple[str, str], ...], list[Case]]] = {}
        self._takes: Counter[tuple[str, str]] = Counter()

    def add(self, run: Run) -> None:
        """Keep what the audit needs of `run`, or count why it is left out."""
        if (why := self._unfit(run)) is not None:
            self.left_out[why] += 1
        else:
            self._ids.add(run.id)
            key = panel_key(run.inputs.personas)
            reviewers = tuple((one.key, one.name) for one in run.inputs.personas)
            _, cases = self._panels.setdefault(key, (reviewers, []))
            cases.append(self._case(key, run))

    def _unfit(self, run: Run) -> str | None:
        """Return why a run is in no figure, None where it is."""
        if run.state != "finished":
            return "set aside" if run.state == "set_aside" else "unfinished"
        if run.has_checklist_part:
            return "by the checklist, which is no model"
        if run.id in self._ids:
            return "with the id of another run, which is counted"
        if self._end is not None and run.started > self._end:
            return "begun after today, by a clock that was wrong"
        return None

    def panels(self) -> list[PanelCases]:
        """Return the panels, the one with the most cases first."""
        found = [
            PanelCases(
                key, reviewers, tuple(sorted(cases, key=lambda case: case.started, reverse=True))
            )
            for key, (reviewers, cases) in self._panels.items()
        ]
        return sorted(found, key=lambda panel: -len(panel.cases))

    def _case(self, panel: str, run: Run) -> Case:
        shown = run.inputs.tool.as_shown()
        cards = run.scorecards
        cost = run.spending.cost_usd
        return Case(
            run=run.id,
            slug=run.slug,
            text=run.inputs.tool.text_digest,
            words=len(run.inputs.tool.description.split()),
            started=run.started,
            votes=tuple(self._vote(panel, card, shown) for card in cards),
            abstentions=len(run.reviews) - len(cards),
            vendors=makers_named(run.tool.vendor),
            cost_usd=None if cost is None else float(cost),
        )

    def _vote(self, panel: str, card: Scorecard, shown: str) -> CaseVote:
        take, agreement = card.ballot.take, card.agreement
        wording = None
        if self._takes[panel, card.reviewer] < MOST_TAKES:
            self._takes[panel, card.reviewer] += 1
            wording = _wording(take, shown)
        return CaseVote(
            reviewer=card.reviewer,
            maker=maker_of(card.provider, card.model),
            ref=f"{card.provider}:{card.model}",
            ships=card.verdict == "ship",
            score=card.score,
            confidence=card.ballot.confidence,
            sentences=len(take),
            backed=sum(one.evidence is not None for one in take),
            faults=len(card.flags),
            words=card.ballot.words,
            agree=agreement.agree if agreement else 1,
            samples=agreement.of if agreement else 1,
            wording=wording,
        )


def _wording(take: Sequence[Sentence], shown: str) -> TakeWords:
    known_phrases, known_runs = _known_words(shown)
    return TakeWords(
        opening(take),
        frozenset(one for sentence in take for one in phrases(sentence.text)) - known_phrases,
        frozenset(one for sentence in take for one in word_runs(sentence.text)) - known_runs,
    )


@lru_cache(maxsize=1)  # all takes of a run are on one text
def _known_words(shown: str) -> tuple[frozenset[str], frozenset[str]]:
    return frozenset(phrases(shown)), frozenset(word_runs(shown))
