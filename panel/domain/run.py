"""A run: one convened panel, from its inputs to its verdict."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from panel.domain.ballot import Decision
from panel.domain.criterion import Text
from panel.domain.exchange import Effort, Usage, digest
from panel.domain.flag import OF_THE_PANEL, Flag
from panel.domain.persona import Persona
from panel.domain.repetition import MOST_TAKES, RecentTakes
from panel.domain.review import CHECKLIST, MANUAL, Review, Scorecard
from panel.domain.template import Template
from panel.domain.tool import Tool
from panel.domain.value import Value, is_empty, is_none
from panel.domain.verdict import Rules, Verdict
from panel.domain.witness import Testimony
from panel.domain.wording import counted

_Day = date  # a class with a field `date` needs another name for its kind

State = Literal["open", "waiting", "stopped", "set_aside", "finished"]
"""`open`: under way or interrupted; `waiting` for answers by hand; `stopped` by key, quota, cap or
a price; `set_aside`: not a tool; `finished`. All but the last two can be resumed."""


class Assignment(Value):
    """Who answers as one persona: the provider and the model that was asked for.

    `own_maker` is the maker's name where it is the tool's vendor and nobody else could be assigned.
    `instead_of` is the reference of the model that failed, where a substitute answered.
    """

    persona: str
    provider: str
    model: str
    own_maker: str | None = None
    instead_of: str | None = Field(default=None, exclude_if=is_none)

    @property
    def ref(self) -> str:
        """The model reference, `provider:model`, or the provider alone."""
        return f"{self.provider}:{self.model}" if self.model != self.provider else self.provider


class CallSettings(Value):
    """What is asked of every model in the run.

    A persona is told how its `recent_reviews` opened, and asked again where it repeats one of them.
    """

    recent_reviews: Annotated[int, Field(ge=0, le=MOST_TAKES)] = MOST_TAKES
    samples: Annotated[int, Field(ge=1, le=20)] = 1
    max_output_tokens: Annotated[int, Field(ge=200, le=100_000)] = 4000
    effort: Effort | None = None


class Inputs(Value):
    """All that decides the requests of a run. A resumed run keeps its first ones.

    `assignments` are as asked for, one a persona in its order; `fallbacks` has the model references
    that the vendor-conflict rule may choose instead, `substitutes` those of which a persona whose model
    gave no review is asked on the next, once. `window` is the smallest context window among all these
    models, in tokens, where it is known: the text is cut to it. `intake` reads the facts that the
    editor did not give. `recent` is what each persona wrote lately, which it is not to repeat.
    `accepted` are the reviewers whose first readable answer stands with its faults, as the editor
    decided. `facts_read` is the day on which somebody read what `tool` says, its prices too; None
    where that is `date`: a panel that is convened again on the facts of an earlier run reads none anew.
    """

    tool: Tool
    date: date
    personas: tuple[Persona, ...]
    prompts: tuple[Template, ...]
    assignments: tuple[Assignment, ...]
    fallbacks: tuple[str, ...] = ()
    substitutes: tuple[str, ...] = Field(default=(), exclude_if=is_empty)
    window: int | None = Field(default=None, exclude_if=is_none)
    intake: Assignment
    rules: Rules = Rules()
    calls: CallSettings = CallSettings()
    recent: tuple[RecentTakes, ...] = ()
    accepted: tuple[str, ...] = ()
    facts_read: _Day | None = Field(default=None, exclude_if=is_none)

    @property
    def refs(self) -> tuple[str, ...]:
        """The references of all models that may be asked, each once."""
        assigned = (assignment.ref for assignment in (*self.assignments, self.intake))
        return tuple(dict.fromkeys((*assigned, *self.fallbacks, *self.substitutes)))

    def persona(self, key: str) -> Persona:
        """Return the persona of that key. Raises KeyError."""
        return {persona.key: persona for persona in self.personas}[key]

    def recent_takes(self, persona: str) -> RecentTakes | None:
        """Return what a persona wrote lately; None where nothing is known of it."""
        return next((takes for takes in self.recent if takes.persona == persona), None)

    def prompt(self, name: str) -> Template:
        """Return the prompt of that name. Raises KeyError."""
        return {prompt.name: prompt for prompt in self.prompts}[name]

    @property
    def task(self) -> str:
        """A digest of what the editor asked for: tool, assignments, samples.

        The same task on an unfinished run resumes it; the date, the prompts and the personas'
        texts are not part of it, so it holds over midnight and over an edited persona.
        """
        return digest(
            {
                "tool": self.tool.model_dump(mode="json"),
                "assignments": [
                    assignment.model_dump(mode="json") for assignment in self.assignments
                ],
                "samples": self.calls.samples,
            }
        )


class Spending(Value):
    """What a run used and what that cost.

    `usage` is None where nobody counted. `cost_usd` is None there, and where a price is unknown:
    `unpriced` names the models. `priced_by` is the catalogue and its version. `at_least`: calls may
    have been paid for that are in no sum, because a process ended or an answer broke off under them.
    """

    calls: int = 0
    usage: Usage | None = None
    cost_usd: Annotated[Decimal, Field(ge=0)] | None = None
    unpriced: tuple[str, ...] = ()
    priced_by: str = ""
    at_least: bool = Field(default=False, exclude_if=lambda value: not value)


class Pending(Value):
    """A reviewer, or `intake`, whose answer is not there, and why: to be given by hand, or stopped."""

    reviewer: str
    reason: str
    cause: Literal["answer", "key", "quota", "address", "cap", "price"]


class Release(Value):
    """An editor's decision to let a held tool go on, with its reason.

    `editor` is None where the journal of the batch has the name, or none was asked for. `run` is the
    run that was held, and `stands` tells whether the run with this decision is to stand as it is.
    `without` has the passages that were taken out before the panel was convened again, and `before`
    the verdict of the held run, so that a page can say whether it moved: None where it had none, and
    where the facts differ too, as editors corrected them. `former` is the decision to take them out,
    where the panel reported others and an editor let that run stand.
    """

    reason: Text
    editor: Text | None = Field(default=None, exclude_if=is_none)
    at: datetime
    run: str
    stands: bool = True
    without: tuple[str, ...] = ()
    before: Verdict | None = None
    former: "Release | None" = Field(default=None, exclude_if=is_none)


class Run(Value):
    """One convened panel.

    `id` is `<slug>-<8 hex>`; `tool` has the facts that intake found, `assignments` who really answered.
    `testimony` has the passages that speak to the reviewers, as they and intake reported them. Runs of
    version 1 were of a panel with one rubric for all: see `recording`.

    >>> from panel import ReviewOptions, review
    >>> by_checklist = ReviewOptions(models=("checklist",))
    >>> found = review("examples/tools/rowboat-sync.md", by_checklist)
    >>> found.run.state, found.run.is_final, found.run.engine
    ('finished', True, 'checklist')
    """

    v: Literal[2] = 2
    id: str
    state: State
    started: datetime
    inputs: Inputs
    versions: dict[str, str]
    tool: Tool
    assignments: tuple[Assignment, ...] = ()
    reviews: tuple[Review, ...] = ()
    verdict: Verdict | None = None
    flags: tuple[Flag, ...] = ()
    testimony: Testimony = Testimony()
    release: Release | None = None
    pending: tuple[Pending, ...] = ()
    reason: str | None = None
    spending: Spending = Spending()

    @property
    def slug(self) -> str:
        """The slug that its tool was reviewed under: a name that is corrected later moves no page."""
        return self.inputs.tool.slug

    @property
    def scorecards(self) -> tuple[Scorecard, ...]:
        """The reviews without the abstentions, in their order."""
        return tuple(review for review in self.reviews if isinstance(review, Scorecard))

    @property
    def is_final(self) -> bool:
        """Tell whether nothing more will come of it: it cannot be resumed."""
        return self.state in ("finished", "set_aside")

    @property
    def waits_by_hand(self) -> bool:
        """Tell whether it waits for answers that a person gives."""
        who = (*self.inputs.assignments, self.inputs.intake)
        return self.state == "waiting" and any(one.provider == MANUAL for one in who)

    @property
    def decision(self) -> Decision | None:
        """The panel's ship or skip; None where it is not finished, or below the quorum."""
        return self.verdict.decision if self.verdict else None

    @property
    def is_decided(self) -> bool:
        """Tell whether it has a verdict of ship or skip."""
        return self.decision is not None

    @property
    def is_held(self) -> bool:
        """Tell whether a flag holds the tool for a person who has not let it go on.

        A panel that was convened without some passages is held anew by what it reports itself.
        """
        holding = [flag for flag in self.flags if flag.holds]
        if self.release is not None:
            holding = [flag for flag in holding if flag.kind in OF_THE_PANEL]
        return bool(holding) and not (self.release and self.release.stands)

    @property
    def has_moved(self) -> bool | None:
        """Whether its verdict is another one than with the passages that were taken out.

        None where none were, or where one of the two came to no decision.
        """
        before = self.release.before if self.release else None
        if before is None or self.verdict is None or not self.release or not self.release.without:
            return None
        if before.decision is None or self.verdict.decision is None:
            return None
        return before.decision != self.verdict.decision

    @property
    def caveats(self) -> tuple[str, ...]:
        """Why its ship is not a plain one, a sentence each: a reviewer is missing, or a flag."""
        if self.verdict is None or self.verdict.decision != "ship":
            return ()
        missing, flags = len(self.verdict.abstentions), len(self.flags)
        flags += sum(len(card.flags) for card in self.scorecards)
        found = []
        if missing:
            found.append(f"{missing} of {len(self.reviews)} reviewers gave no valid review.")
        if flags:
            found.append(f"{counted(flags, 'flag')} to look at.")
        return tuple(found)

    @property
    def engine(self) -> str:
        """Who was asked: one model reference, several joined by a comma, or `checklist`."""
        return ", ".join(
            dict.fromkeys(
                assignment.ref for assignment in self.assignments or self.inputs.assignments
            )
        )

    @property
    def is_checklist(self) -> bool:
        """Tell whether all of it is the checklist's, whose score is no judgement and is not shown."""
        return self.engine == CHECKLIST

    @property
    def has_checklist_part(self) -> bool:
        """Tell whether any part of it was written by the checklist, which is no model."""
        return any(
            assignment.provider == CHECKLIST
            for assignment in self.assignments or self.inputs.assignments
        )
