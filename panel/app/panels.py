"""Panels: how a run begins or is resumed, is convened by one process alone, and is stored."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property, lru_cache, partial
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Protocol, TypeVar

from panel.app.assignments import choose_assignments, choose_substitutes
from panel.app.costs import rate_of
from panel.app.providers import Providers
from panel.app.recent_reviews import RecentReviews
from panel.app.versions import versions
from panel.app.workspace import Workspace
from panel.domain.context_window import LEAST_TEXT
from panel.domain.exchange import Exchange, digest
from panel.domain.passage_redaction import redact
from panel.domain.prompts import text_room
from panel.domain.run import Assignment, CallSettings, Inputs, Release, Run
from panel.domain.tool import Tool
from panel.domain.usage import spend
from panel.errors import ConfigError, PanelError, StoreError
from panel.pipeline.recording import RecordingProvider
from panel.ports import Listener, OpenRun, Provider
from panel.providers.manual import corrections
from panel.providers.middleware.cost_cap import Budget
from panel.providers.price_list import PriceList

if TYPE_CHECKING:
    from panel.pipeline.graph import PanelGraph

T = TypeVar("T")
BY_HAND = "answers given by hand"
"""Who answers by hand is called where nobody says."""
_NOTHING = Decimal(0)
_ANY_TOOL = Tool(name="any tool", description="any description")
_MOST_SAMPLES, _MOST_CALLS, _MOST_USD = 20, 1_000, 1_000_000_000
_MOST_RUNS_A_DAY = 1_000_000


@dataclass(frozen=True)
class ReviewOptions:
    """How a tool is to be reviewed; what is empty is taken from the workspace's settings.

    `models` are model references that the personas take in turn (`openai:MODEL`, `ollama:MODEL`,
    `local:PATH.gguf`, `manual`, `checklist`), `personas` the keys of those who review, `samples` how
    often each is asked. `max_cost` is in US dollars; `concurrency` counts calls in flight.
    `answered_by` is who gives answers by hand, and `accepted` the keys of those whose first readable
    answer by hand stands with its faults. Raises ConfigError for a number that no review can keep to.

    >>> from panel import ReviewOptions
    >>> ReviewOptions(models=("checklist",), samples=3).samples
    3
    """

    models: tuple[str, ...] = ()
    personas: tuple[str, ...] = ()
    samples: int | None = None
    max_cost: Decimal | None = None
    concurrency: int | None = None
    answered_by: str = BY_HAND
    accepted: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check the numbers, which the command line has checked in words of its own."""
        for name, number, most in (
            ("samples", self.samples, _MOST_SAMPLES),
            ("concurrency", self.concurrency, _MOST_CALLS),
        ):
            if number is not None and not (isinstance(number, int) and 1 <= number <= most):
                raise ConfigError(f"{name} is {number!r}. Give a whole number from 1 to {most:,}.")
        if self.max_cost is not None and not _is_amount(self.max_cost):
            raise ConfigError(
                f"max_cost is {self.max_cost!r}. Give a Decimal from 0 to a billion dollars."
            )


def _is_amount(cost: object) -> bool:
    return isinstance(cost, Decimal) and cost.is_finite() and 0 <= cost <= _MOST_USD


@dataclass(frozen=True)
class StoredRun:
    """A run and its place in the store; `resumed` tells whether it was begun before.

    `exchanges` are there once it was convened.
    """

    run: Run
    path: PurePath
    resumed: bool = False
    exchanges: tuple[Exchange, ...] = ()

    @property
    def was_interrupted(self) -> bool:
        """Whether a process ended while it convened this run, with calls under way."""
        return self.resumed and (self.run.state == "open" or self.run.spending.at_least)


@dataclass(frozen=True)
class Around:
    """What else a thread does that opens a run and that closes it: it is not handed on for it.

    `before` comes before the run is opened, `after` once it is saved and let go, where its panel came
    to an end of whatever kind. What they raise, convening raises.
    """

    before: Callable[[], None]
    after: Callable[[StoredRun], None]


@dataclass(slots=True)
class _Opened:
    """A run at work: its log, the run as it is to be saved in the end, and what is returned."""

    open_run: OpenRun
    last: Run | None = None
    done: StoredRun | None = None


class ProviderSource(Protocol):
    """Who answers a run: the providers of a process, or those of a batch service."""

    @property
    def prices(self) -> PriceList:
        """What models charge."""
        ...

    def of(self, inputs: Inputs, manual: Path, answered_by: str) -> dict[str, Provider]:
        """Return who answers each model reference of a run. Raises ConfigError."""
        ...


class PanelRunner:
    """Begins runs in a workspace, resumes them and convenes their panels, any number at a time."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._recent = RecentReviews(workspace.runs)
        # A night's panels differ in their tool alone.
        self._any_inputs = lru_cache(maxsize=1)(partial(panel_inputs, workspace, _ANY_TOOL))

    @cached_property
    def _graph(self) -> "PanelGraph":
        """The compiled panel, made once for all runs."""
        from panel.pipeline.graph import PanelGraph  # noqa: PLC0415 - langgraph takes 1 to 2 s

        return PanelGraph()

    def begin(self, tool: Tool, options: ReviewOptions) -> StoredRun:
        """Return the unfinished run of the same task to resume, or a new one, not yet on disk."""
        workspace = self.workspace
        inputs = panel_inputs(workspace, tool, options, workspace.today)
        path = workspace.runs.unfinished(inputs.task)
        if path is not None:
            run = workspace.runs.read(path)
            accepted = tuple(dict.fromkeys((*run.inputs.accepted, *inputs.accepted)))
            kept = run.inputs.model_copy(update={"accepted": accepted})
            return StoredRun(run.model_copy(update={"inputs": kept}), path, resumed=True)
        return self._new(inputs)

    def begin_job(
        self, tool: Tool, options: ReviewOptions, day: date, run: tuple[date, str] | None
    ) -> StoredRun:
        """Return the run of that date and id to resume, where it was saved, or a new one of `day`.

        A finished run is resumed as well: what failed in it is asked again. One whose assignments
        are not those of today is not. Raises ConfigError and StoreError.
        """
        runs, inputs = self.workspace.runs, self._any_inputs(options, day)
        inputs = inputs.model_copy(update={"tool": tool})
        if run is not None and (path := runs.find(*run)) is not None:
            there = runs.read(path)
            if not there.is_final or there.inputs.assignments == inputs.assignments:
                return StoredRun(there, path, resumed=True)
        return self._new(inputs)

    def begin_without_passages(self, held: Run, editor: str, reason: str) -> StoredRun:
        """Return a run of the same panel on the text of `held` without the passages reported there.

        An unfinished one is resumed. Raises ConfigError where no passage can be taken out, or nothing
        would be left of the description.
        """
        runs, clock = self.workspace.runs, self.workspace.clock
        redacted = redact(held.inputs.tool, [one.text for one in held.testimony.passages])
        if not redacted.without or redacted.tool is None:
            why = "it is the whole description" if redacted.without else "none was reported"
            raise ConfigError(
                f"{held.id}: no passage can be taken out, {why}. Release it as it is, or edit the "
                "tool and review it again."
            )
        release = Release(
            reason=reason,
            editor=editor,
            at=clock.now(),
            run=held.id,
            stands=False,
            without=redacted.without,
            before=held.verdict,
        )
        read = held.inputs.facts_read or held.inputs.date
        inputs = self._inputs_again(held, redacted.tool, read)
        path = runs.unfinished(inputs.task)
        if path is not None and (there := runs.read(path)).release is not None:
            return StoredRun(there, path, resumed=True)
        return self._new(inputs, release)

    def begin_corrected(self, run: Run, tool: Tool, prices_read: date) -> StoredRun:
        """Return a run of the panel of `run` on `tool`, which is its tool as editors corrected it.

        An unfinished one is resumed. Passages that were taken out of the text stay said, and the day
        on which its prices were read stays that.
        """
        runs, inputs = self.workspace.runs, self._inputs_again(run, tool, prices_read)
        path = runs.unfinished(inputs.task)
        if path is not None:
            return StoredRun(runs.read(path), path, resumed=True)
        release = (run.release.former or run.release) if run.release else None
        if release is None or not release.without:
            return self._new(inputs)
        # On other facts, too, nobody can say that a verdict moved for want of the passages.
        return self._new(inputs, release.model_copy(update={"before": None}))

    def _inputs_again(self, run: Run, tool: Tool, read: date) -> Inputs:
        """Return the inputs of `run` for another panel of today, on `tool` as it was read on a day."""
        today = self.workspace.today
        facts_read = None if read == today else read
        changes = {
            "tool": tool,
            "date": today,
            "recent": (),
            "accepted": (),
            "facts_read": facts_read,
        }
        return run.inputs.model_copy(update=changes)

    async def convene(
        self,
        stored: StoredRun,
        providers: ProviderSource,
        options: ReviewOptions,
        listener: Listener | None = None,
        around: Around | None = None,
    ) -> StoredRun:
        """Return the run as far as it came, saved. Raises Busy, ConfigError and StoreError.

        `listener` is called with each event, `around` in the threads that wait for the disk.
        """
        run, prices, workspace = stored.run, providers.prices, self.workspace
        manual = workspace.manual_folder(stored.path)
        inner = providers.of(run.inputs, manual, options.answered_by)
        if not run.versions:  # a run may have been saved before its panel was convened
            used = versions(run.inputs, workspace.settings, prices)
            run = run.model_copy(update={"versions": used})
        opening = self._open(run, is_new=not stored.resumed, around=around)
        async with _in_threads(opening) as opened:
            open_run = opened.open_run
            for corrected in corrections(manual, open_run.exchanges, options.answered_by):
                await open_run.append(corrected)
            recorded = {
                ref: RecordingProvider(one, open_run, workspace.clock) for ref, one in inner.items()
            }
            is_partial = True  # a call that is broken off may be paid for and is not recorded
            try:
                run = await self._graph.convene(run, recorded, listener)
                is_partial = stored.was_interrupted
            finally:
                spent = spend(
                    open_run.exchanges,
                    rate_of(workspace, prices),
                    prices.catalogue,
                    at_least=is_partial,
                )
                opened.last = run = run.model_copy(update={"spending": spent})
            # Before the run is let go: it has no exchanges then.
            done = replace(stored, run=run, path=open_run.path, exchanges=open_run.exchanges)
            opened.done = done
        self._recent.add(run)
        return done

    async def record(self, run: Run, exchanges: Iterable[Exchange]) -> None:
        """Keep `exchanges` that came in by another way than a call. Raises Busy and StoreError."""
        async with _in_threads(self.workspace.runs.lock(run)) as open_run:
            for exchange in exchanges:
                if open_run.find(exchange.request) is None:
                    await open_run.append(exchange)

    @contextmanager
    def _open(self, run: Run, *, is_new: bool, around: Around | None) -> Iterator[_Opened]:
        """Yield `run` with this process as its one writer, saved where it `is_new`, and in the end."""
        if around is not None:
            around.before()
        with self.workspace.runs.lock(run) as open_run:
            if is_new:
                open_run.save(run)
            opened = _Opened(open_run)
            yield opened
            if opened.last is not None:
                open_run.save(opened.last)
        if around is not None and opened.done is not None:
            around.after(opened.done)

    def _new(self, inputs: Inputs, release: Release | None = None) -> StoredRun:
        """Return a new run of `inputs` under an id that no run of that day has.

        A folder without its run.json is one that another process has just begun, or never got to: it
        is named again, and the lock on it decides.
        """
        runs, started = self.workspace.runs, self.workspace.clock.now()
        inputs = inputs.model_copy(update={"recent": self._recent.of(inputs)})
        for number in range(_MOST_RUNS_A_DAY):
            name = digest([inputs.model_dump(mode="json"), number])[:8]
            run = Run(
                id=f"{inputs.tool.slug}-{name}",
                state="open",
                started=started,
                inputs=inputs,
                versions={},
                tool=inputs.tool,
                release=release,
            )
            if runs.find(inputs.date, run.id) is None:
                return StoredRun(run, runs.place(run))
        raise StoreError(f"{runs.name}: a million runs of one tool on one day. Move some.")


@asynccontextmanager
async def _in_threads(opened: AbstractContextManager[T]) -> AsyncIterator[T]:
    """Yield what `opened` does, entered and left in a thread: other calls run while it waits.

    It is left as after a block that came to its end, whatever became of this one.
    """
    entering = asyncio.ensure_future(asyncio.to_thread(opened.__enter__))
    try:
        entered = await asyncio.shield(entering)
    except asyncio.CancelledError:
        with suppress(PanelError):
            await entering
            await asyncio.to_thread(opened.__exit__, None, None, None)
        raise
    try:
        yield entered
    finally:
        await asyncio.shield(asyncio.to_thread(opened.__exit__, None, None, None))


def load_panel() -> None:
    """Import what convening a panel needs: a second or two, for which no event loop should wait."""
    import panel.pipeline.graph  # noqa: F401, PLC0415


def panel_inputs(workspace: Workspace, tool: Tool, options: ReviewOptions, day: date) -> Inputs:
    """Return what a new run of `tool` on `day` would be convened with. Raises ConfigError."""
    settings, persona_set = workspace.settings, workspace.persona_set
    assignments, fallbacks, intake = choose_assignments(
        settings, persona_set, options.personas, options.models
    )
    calls = settings.calls
    if options.samples:
        calls = CallSettings.model_validate({**calls.model_dump(), "samples": options.samples})
    inputs = Inputs(
        tool=tool,
        date=day,
        personas=persona_set.choose(options.personas),
        prompts=persona_set.prompts,
        assignments=assignments,
        fallbacks=fallbacks,
        substitutes=choose_substitutes(settings, assignments),
        intake=intake,
        rules=settings.verdict,
        calls=calls,
        accepted=tuple(persona.key for persona in persona_set.choose(options.accepted))
        if options.accepted
        else (),
    )
    return _with_window(workspace, inputs)


def _with_window(workspace: Workspace, inputs: Inputs) -> Inputs:
    """Return `inputs` with the smallest window of their models.

    Raises ConfigError where it holds nothing of a text.
    """
    catalogue, models = workspace.prices, workspace.settings.models
    known = {
        ref: size
        for ref in inputs.refs
        if (size := models.window_of(ref) or catalogue.window(*_named(ref)))
    }
    if not known:
        return inputs
    ref, window = min(known.items(), key=lambda item: item[1])
    inputs = inputs.model_copy(update={"window": window})
    if (text_room(inputs) or 0) < LEAST_TEXT:
        raise ConfigError(
            f"{ref}: its window of {window:,} tokens has no room for a text beside the prompt and "
            f"an answer of {inputs.calls.max_output_tokens:,}. Set [calls] max_output_tokens lower, or "
            "name another model."
        )
    return inputs


def _named(ref: str) -> tuple[str, str]:
    provider, _, model = ref.partition(":")
    return provider, model


def panel_assignments(workspace: Workspace, options: ReviewOptions) -> tuple[Assignment, ...]:
    """Return who would answer, intake last, before the vendor-conflict rule.

    Raises ConfigError for all that no tool could be reviewed with: also where too few would answer
    for a verdict, or a window holds nothing of a text.
    """
    inputs = panel_inputs(workspace, _ANY_TOOL, options, workspace.today)
    if fault := quorum_fault(len(inputs.assignments), workspace.settings.verdict.quorum):
        raise ConfigError(fault)
    return *inputs.assignments, inputs.intake


def quorum_fault(reviewers: int, quorum: int) -> str | None:
    """Return why so many reviewers can come to no verdict; None where they can.

    >>> from panel.app.panels import quorum_fault
    >>> quorum_fault(4, 3) is None
    True
    """
    if reviewers >= quorum:
        return None
    few = "1 persona" if reviewers == 1 else f"{reviewers} personas"
    return (
        f"{few} cannot reach the quorum of {quorum}, so no tool would get a verdict. Name more "
        "personas, or set [verdict] quorum lower in shipskip.toml."
    )


def open_providers(
    workspace: Workspace,
    options: ReviewOptions,
    *,
    leader_first: bool | None = None,
    spent: Decimal = _NOTHING,
    budget: Budget | None = None,
) -> Providers:
    """Return the providers of this process. Call it inside the event loop, and close them there.

    `leader_first` goes before the setting of that name; `spent` counts towards the cap; `budget` is
    one that is shared with other processes.
    """
    return Providers(
        workspace.settings,
        workspace.clock,
        max_cost=options.max_cost,
        concurrency=options.concurrency,
        leader_first=leader_first,
        spent=spent,
        budget=budget,
    )
