"""What would turn the reviewers of a published run: a model is asked about each text that changed."""

import asyncio
from collections.abc import Callable, Collection
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from panel.app.costs import rate_of
from panel.app.panels import ReviewOptions, open_providers, panel_inputs
from panel.app.providers import Providers
from panel.app.settings import FILE
from panel.app.workspace import Workspace, built_in
from panel.domain.exchange import Exchange, Request
from panel.domain.flips import PROMPT, VARIABLES, FlipClause, clauses_of, flips_request, read_flips
from panel.domain.prompts import brief
from panel.domain.review import CHECKLIST
from panel.domain.template import Template
from panel.domain.usage import PaidQuestion, RateOf, pay
from panel.domain.watched_page import FlipCheck, PageChange
from panel.errors import (
    ConfigError,
    ExitCode,
    PanelError,
    ProviderError,
    Stopped,
    StoreError,
    Waiting,
)
from panel.pipeline.question import ask
from panel.pipeline.recording import RecordingProvider
from panel.ports import Clock, Ledger
from panel.store.persona_files import load_prompt

_FOLDER: Final = "watch"


@dataclass(frozen=True)
class AskedFlips:
    """What came of asking about one changed page: a `check`, or the error that stands in for it."""

    change: PageChange
    check: FlipCheck | None = None
    error: PanelError | None = None

    @property
    def exit_code(self) -> ExitCode:
        """What the command ends with because of it."""
        if self.error is None:
            return ExitCode.DONE
        is_passing = isinstance(self.error, ProviderError) and not isinstance(self.error, Stopped)
        return ExitCode.SOME_FAILED if is_passing else self.error.exit_code


async def ask_flips(
    workspace: Workspace,
    tools: Collection[str],
    options: ReviewOptions,
    on_asked: Callable[[AskedFlips], None] = lambda _: None,
) -> tuple[AskedFlips, ...]:
    """Return what a model says on the conditions of each tool whose page changed since it was asked.

    One request a tool, to the model that would do the intake by `options`. `tools` are slugs, empty for
    all. Answers may be given by hand: the prompts lie in `watch/` then. After a Stopped nobody else is
    asked. Raises ConfigError where no model can be asked, and StoreError.
    """
    prompt = load_prompt(_prompt_file(workspace), VARIABLES)
    asked: list[AskedFlips] = []
    with workspace.ledger() as ledger:
        changes = [one for one in ledger.watched.unasked() if not tools or one.tool in tools]
        async with aclosing(open_providers(workspace, options)) as providers:
            asking = _Asking(workspace, ledger, providers, options, prompt, rate_of(workspace))
            for change in changes:
                found = await asking.ask(change)
                if found is None:
                    continue
                asked.append(found)
                on_asked(found)
                if isinstance(found.error, Stopped):
                    break
    return tuple(asked)


@dataclass(frozen=True)
class _Asking:
    """Asks about one change after the other, and keeps the answers in the ledger."""

    workspace: Workspace
    ledger: Ledger
    providers: Providers
    options: ReviewOptions
    prompt: Template
    rates: RateOf

    async def ask(self, change: PageChange) -> AskedFlips | None:
        """Return what came of asking about a change; None where no reviewer said what would turn it."""
        clauses = await asyncio.to_thread(self._clauses, change)
        if not clauses:
            return None
        try:
            check = await self._answer(change, clauses)
        except (ProviderError, Waiting) as error:
            return AskedFlips(change, error=error)
        await asyncio.to_thread(self.ledger.watched.add_flip_check, check)
        return AskedFlips(change, check)

    def _clauses(self, change: PageChange) -> tuple[FlipClause, ...]:
        runs = self.workspace.runs
        path = runs.find(change.day, change.run)
        try:
            return clauses_of(runs.read(path)) if path is not None else ()
        except StoreError:
            return ()

    async def _answer(self, change: PageChange, clauses: tuple[FlipClause, ...]) -> FlipCheck:
        """Return the answer of the model. Raises ProviderError and Waiting."""
        workspace, now = self.workspace, self.workspace.clock.now()
        job = await asyncio.to_thread(self.ledger.jobs.get, change.job)
        inputs = panel_inputs(workspace, job.tool, self.options, now.date())
        if inputs.intake.provider == CHECKLIST:
            raise ConfigError(
                "the checklist cannot say what a text means. Name a model: --ask-model "
                "openai:MODEL, or manual to paste the question into any chat."
            )
        folder = workspace.root / _FOLDER / change.tool
        chain = self.providers.of(inputs, folder, self.options.answered_by)
        shown = brief(inputs).shown
        costs = _CostRecorder(workspace.clock, self.ledger, change.tool, self.rates)
        try:
            asked = await ask(
                RecordingProvider(chain[inputs.intake.ref], costs, workspace.clock),
                flips_request(inputs, self.prompt, shown, clauses),
                lambda text: read_flips(text, clauses, shown),
                inputs,
            )
        except Waiting as error:
            raise Waiting(f"{folder}: {error}") from error
        return FlipCheck(
            tool=change.tool,
            job=change.job,
            at=now,
            model=asked.completion.model,
            conditions=asked.value,
        )


@dataclass(frozen=True)
class _CostRecorder:
    """A log that keeps what each exchange cost, and not the exchange: an answer is a FlipCheck."""

    clock: Clock
    ledger: Ledger
    tool: str
    rates: RateOf

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """None are kept."""
        return ()

    def find(self, request: Request) -> Exchange | None:  # noqa: ARG002 - the port's
        """Return None: nothing is answered from here."""
        return None

    async def append(self, exchange: Exchange) -> None:
        """Keep what an exchange cost, where a call was made for it. Raises StoreError."""
        if not exchange.outcome.calls:
            return
        now = self.clock.now()
        paid = pay(f"{_FOLDER}/{self.tool}", now.date(), exchange, self.rates)
        question = PaidQuestion(tool=self.tool, at=now, paid=paid)
        await asyncio.to_thread(self.ledger.watched.add_cost, question)


def _prompt_file(workspace: Workspace) -> Path:
    """Return the file of the question: the workspace's own, else the one of the package."""
    own = workspace.root / "prompts" / f"{PROMPT}.md"
    is_laid_out = (workspace.root / FILE).is_file() and own.is_file()
    return own if is_laid_out else built_in() / "prompts" / own.name
