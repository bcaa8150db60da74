"""The figures of a batch's report: its tools, its calls, its cost, and a row for each tool."""

from collections import Counter
from decimal import Decimal
from statistics import median
from typing import Any, Final, Literal

from panel.domain.ballot import Decision
from panel.domain.drift import Tallies, Tally
from panel.domain.exchange import Count
from panel.domain.job import Announced, Job, JobState, Outcome
from panel.domain.model_cost import Dollars
from panel.domain.review import Points
from panel.domain.value import Value

RowState = Literal["in_review", "set_aside", "held", "failed", "waiting", "left"]

_SHOWN: Final[dict[JobState, RowState]] = {
    "queued": "left",
    "running": "left",
    "waiting": "waiting",
    "in_review": "in_review",
    "set_aside": "set_aside",
    "held": "held",
    "failed": "failed",
}
_SUMMED: Final = ("calls", "retries", "exchanges", "invalid", "evidence", "verbatim")
_TOKENS: Final = ("tokens_in", "tokens_cached", "tokens_out")
_SHOWN_AS_THEY_ARE: Final = tuple(
    "flags decision ships scorecards seats mean split calls retries ms".split()
)


class ToolLine(Value):
    """One tool of the report. Figures are None where there was no run to count.

    `ships` of `scorecards` ship, of `seats` asked; `cost_usd` is None also where it is not known.
    `carried` says that an earlier batch announced it, `revised` that it is a new text of a known tool,
    `retryable` that it failed and asking again may do better.
    """

    job: str
    tool: str
    slug: str
    state: RowState
    run: str | None = None
    reason: str | None = None
    flags: tuple[str, ...] = ()
    carried: bool = False
    revised: bool = False
    retryable: bool = False
    decision: Decision | None = None
    ships: Count | None = None
    scorecards: Count | None = None
    seats: Count | None = None
    mean: Points | None = None
    split: tuple[str, ...] = ()
    calls: Count | None = None
    retries: Count | None = None
    cost_usd: Decimal | None = None
    ms: Count | None = None

    @property
    def abstentions(self) -> int:
        """How many of the reviewers that were asked gave no scorecard."""
        return (self.seats or 0) - (self.scorecards or 0)

    @property
    def needs_attention(self) -> bool:
        """Whether an editor should see this tool before others of its state."""
        return bool(self.flags or self.abstentions or self.split)


class Tools(Value):
    """How many tools. What was seen and carried over is what the other figures but `revised` add up to.

    `carried` were announced by an earlier batch; `revised` are new texts of tools that were known.
    """

    seen: Count = 0
    carried: Count = 0
    revised: Count = 0
    reviewed: Count = 0
    duplicates: Count = 0
    set_aside: Count = 0
    held: Count = 0
    failed: Count = 0
    waiting: Count = 0
    left: Count = 0


class Calls(Value):
    """What was asked of models. `calls` are HTTP calls, `exchanges` requests with their outcome.

    `invalid` are exchanges without a usable answer. Of these `recovered` were repaired: all of a
    panel in which every reviewer answered in the end. Where `at_least`, a panel with an abstention
    may have repaired some more. `scorecards` of `seats` came in. Token counts are None where nobody
    counted.
    """

    calls: Count = 0
    retries: Count = 0
    exchanges: Count = 0
    invalid: Count = 0
    recovered: Count = 0
    at_least: bool = False
    seats: Count = 0
    scorecards: Count = 0
    tokens_in: Count | None = None
    tokens_cached: Count | None = None
    tokens_out: Count | None = None


class Cost(Value):
    """What the runs of the batch cost, in US dollars; those of tools carried over whole.

    `known` is the sum of what is known, None where nothing is; `unknown` counts the tools whose cost
    is not, and `unpriced` names the models without a price. `median` and `highest` are of the tools
    for which a call was made. `by_model` has the panels whose reviewers were all of one model; what
    the others cost is in no line of it. `cap` is what might be spent, `yesterday` what the batch
    before cost.
    """

    known: Dollars | None = None
    unknown: Count = 0
    unpriced: tuple[str, ...] = ()
    median: Dollars | None = None
    highest: Dollars | None = None
    by_model: tuple[tuple[str, Dollars], ...] = ()
    cap: Dollars | None = None
    yesterday: Dollars | None = None

    @property
    def total(self) -> Decimal | None:
        """What the batch cost; None where any part of it is not known."""
        return None if self.unknown else self.known


class PersonaLine(Value):
    """What the reviews of one persona add up to in the batch."""

    persona: str
    tally: Tally


class Figures:
    """Adds up a batch, one announcement and one job at a time; none of them is kept."""

    def __init__(self) -> None:
        self.sums: Counter[str] = Counter()
        self._new: set[str] = set()
        self._states: Counter[RowState] = Counter()
        self._tallies = Tallies()
        self._costs: list[Decimal] = []
        self._by_model: dict[str, Decimal] = {}
        self._unpriced: set[str] = set()

    def announce(self, announced: Announced) -> None:
        """Count what the ledger made of one entry."""
        self.sums["seen"] += 1
        self.sums["duplicates"] += announced.seen == "duplicate"
        if announced.seen != "duplicate":
            self._new.add(announced.job)

    def add(self, job: Job) -> ToolLine:
        """Return the row of one job after counting it; every announcement comes before."""
        row = _row(job, carried=job.id not in self._new)
        self._states[row.state] += 1
        self.sums["carried"] += row.carried
        self.sums["revised"] += row.revised
        if job.outcome is not None:
            self._count(row, job.outcome)
        return row

    def tools(self) -> Tools:
        """Return how many tools there were of each kind."""
        return Tools(
            seen=self.sums["seen"],
            carried=self.sums["carried"],
            revised=self.sums["revised"],
            reviewed=self._states["in_review"],
            duplicates=self.sums["duplicates"],
            set_aside=self._states["set_aside"],
            held=self._states["held"],
            failed=self._states["failed"],
            waiting=self._states["waiting"],
            left=self._states["left"],
        )

    def calls(self) -> Calls:
        """Return what was asked of models."""
        sums = self.sums
        tokens = {name: sums[name] if sums["tokens_in"] else None for name in _TOKENS}
        return Calls(
            calls=sums["calls"],
            retries=sums["retries"],
            exchanges=sums["exchanges"],
            invalid=sums["invalid"],
            recovered=sums["recovered"],
            at_least=bool(sums["unsure"]),
            seats=sums["seats"],
            scorecards=sums["scorecards"],
            **tokens,
        )

    def cost(self, cap: Decimal | None, yesterday: Decimal | None) -> Cost:
        """Return what it cost, beside the cap and the batch before."""
        costs, unknown = self._costs, self.sums["cost unknown"]
        return Cost(
            known=sum(costs, Decimal(0)) if costs or not unknown else None,
            unknown=unknown,
            unpriced=tuple(sorted(self._unpriced)),
            median=median(costs) if costs else None,
            highest=max(costs, default=None),
            by_model=tuple(sorted(self._by_model.items())),
            cap=cap,
            yesterday=yesterday,
        )

    def personas(self) -> tuple[PersonaLine, ...]:
        """Return what each persona's reviews add up to, in alphabetical order."""
        return tuple(
            PersonaLine(persona=name, tally=tally) for name, tally in self._tallies.read().items()
        )

    def _count(self, row: ToolLine, outcome: Outcome) -> None:
        for name in (*_SUMMED, *_TOKENS):
            self.sums[name] += getattr(outcome, name)
        if row.state in ("in_review", "failed"):
            self.sums["seats"] += outcome.seats
            self.sums["scorecards"] += outcome.scorecards
            for result in outcome.voices:
                self._tallies.add(result)
        if row.state == "set_aside" or (row.state == "in_review" and not row.abstentions):
            self.sums["recovered"] += outcome.invalid
        else:
            self.sums["unsure"] += outcome.invalid
        self._unpriced |= {*outcome.unpriced}
        if outcome.calls and outcome.cost_usd is None:
            self.sums["cost unknown"] += 1
        elif outcome.calls and outcome.cost_usd is not None:
            self._costs.append(outcome.cost_usd)
            models = {result.model for result in outcome.voices}
            if len(models) == 1:
                (model,) = models
                self._by_model[model] = self._by_model.get(model, Decimal(0)) + outcome.cost_usd


def _row(job: Job, *, carried: bool) -> ToolLine:
    given = job.outcome
    figures: dict[str, Any] = {}
    if given is not None:
        figures = {name: getattr(given, name) for name in _SHOWN_AS_THEY_ARE}
        figures["cost_usd"] = given.cost_usd if given.calls else None
    return ToolLine(
        job=job.id,
        tool=job.tool.name,
        slug=job.tool.slug,
        state=_SHOWN[job.state],
        run=job.run,
        reason=job.reason,
        carried=carried,
        revised=job.revises is not None,
        retryable=job.state == "failed" and (given is None or given.retryable),
        **figures,
    )
