"""What pipeline, application and batch ask of models, stores and clocks: protocols."""

from collections.abc import Callable, Collection, Container, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path, PurePath
from typing import Any, Protocol

from panel.domain.batch_report import FeedLine
from panel.domain.decision import Draft, EditorialDecision, SiteBuild
from panel.domain.exchange import Completion, Exchange, Request
from panel.domain.feed import Entry, Validators
from panel.domain.job import Announced, Batch, Job, JobState, Outcome, ReviewerResult, Transition
from panel.domain.mailing import DigestApproval
from panel.domain.prediction import ClaimsTaken, NumberedClaims, NumberedResolution, Resolution
from panel.domain.run import Run
from panel.domain.run_document import Changes, Damaged, Recording
from panel.domain.submitted_batch import Collected, SubmittedBatch, Underway
from panel.domain.usage import Paid, PaidQuestion
from panel.domain.watched_page import FlipCheck, PageChange, PageText, WatchedPage


class Provider(Protocol):
    """Anything that completes requests."""

    async def complete(self, request: Request) -> Completion:
        """Return the answer to `request`.

        Raises a ProviderError where there is none, and Waiting where a person has to give it.
        """
        ...


class BatchService(Protocol):
    """A provider's own batch service: half the price, answers within a day."""

    async def submit(self, requests: Sequence[Request]) -> str:
        """Return the service's id of a batch of `requests`, which are of one model: see `bundle`.

        A batch of the same requests that the service has already, under way or completed, is taken
        for it: after a crash between the two they are not paid for twice. Raises a ProviderError
        where the service did not take them.
        """
        ...

    async def collect(self, id: str, requests: Sequence[Request]) -> Collected | Underway:  # noqa: A002 - its word
        """Return what came of the batch `id`, which `requests` were submitted as, all of them.

        Raises a ProviderError where the service does not say. It may be asked again at any time.
        """
        ...


class ExchangeLog(Protocol):
    """The exchanges of one run, on disk before they are used."""

    async def append(self, exchange: Exchange) -> None:
        """Write one exchange so that it outlives the process, in the order of the calls.

        It is safe when this returns; other calls go on meanwhile. Raises StoreError.
        """
        ...

    def find(self, request: Request) -> Exchange | None:
        """Return the recorded exchange of exactly this request, if there is one."""
        ...

    @property
    def exchanges(self) -> Sequence[Exchange]:
        """The exchanges in the order in which they ended."""
        ...


class OpenRun(ExchangeLog, Protocol):
    """One run with this process as its one writer: the log of its exchanges, and itself."""

    @property
    def path(self) -> PurePath:
        """Its place in the store."""
        ...

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """The exchanges in the order in which they ended."""
        ...

    def save(self, run: Run) -> None:
        """Keep the run as it is now, whole or not at all. It waits for the disk. Raises StoreError."""
        ...


class RunWatch(Protocol):
    """Tells what has changed in a store of runs. It is for one thread at a time."""

    def poll(self, settled: Container[PurePath] = ()) -> Changes:
        """Return what has changed since the last call; the first has every run as changed.

        Of `settled` runs only those that are gone need be told. Raises StoreError.
        """
        ...


class RunStore(Protocol):
    """All runs. A place is a folder, or `<date>/<id>` where a database has them.

    Each method may wait for a disk or a server, and may be called from any thread.
    """

    @property
    def name(self) -> str:
        """What an error calls the store: its folder, or its address without a password."""
        ...

    def place(self, run: Run) -> PurePath:
        """Return the place of `run`, whether it was saved or not."""
        ...

    def beside(self, path: PurePath) -> Path:
        """Return the folder for what a person writes to a run by hand; it may not be there yet."""
        ...

    def find(self, day: date, id: str) -> PurePath | None:  # noqa: A002 - its word
        """Return the place of the run of that date and id, if it was ever saved."""
        ...

    def at(self, name: str) -> PurePath | None:
        """Return the place that is written as `name`, if a run was saved there."""
        ...

    def paths(self) -> Sequence[PurePath]:
        """Return the places of all runs, oldest date first."""
        ...

    def watch(self) -> RunWatch:
        """Return what tells which runs have changed, without reading them."""
        ...

    def version(self, path: PurePath) -> str:
        """Return what is another text once the run in a place, or its exchanges, have changed."""
        ...

    def load(self, path: PurePath) -> Recording:
        """Return the recording in a place. Raises StoreError, and Tampered by name."""
        ...

    def read(self, path: PurePath) -> Run:
        """Return the run in a place without its exchanges. Raises as `load` does."""
        ...

    def read_with_digest(self, path: PurePath) -> tuple[Run, str]:
        """Return the run in a place, and the digest of the document that it was read from."""
        ...

    def missing(self) -> tuple[Damaged, ...]:
        """Return the runs that were recorded and are gone (Missing), and damage of the list of them."""
        ...

    def remove(self, path: PurePath, at: datetime, archive: str | None = None) -> None:
        """Delete a run, which is not missing from then on; `archive` names a copy of it.

        One that is gone already is no error. Raises Busy where another process is at work on it, and
        StoreError.
        """
        ...

    def finish_removals(self) -> None:
        """Delete what is left of runs whose removal was cut off."""
        ...

    def set_aside(self, path: PurePath) -> PurePath:
        """Return where what is damaged of the run in `path` lies from now on.

        The run counts as never saved; its sound exchanges stay for whoever begins it anew under the
        same id. Raises Busy and StoreError.
        """
        ...

    def damaged(self) -> Sequence[PurePath]:
        """Return the places of what was set aside of runs, oldest date first."""
        ...

    def unfinished(self, task: str) -> PurePath | None:
        """Return the newest run of the same task that can go on, if there is one.

        One that is damaged is passed over.
        """
        ...

    def lock(self, run: Run) -> AbstractContextManager[OpenRun]:
        """Have this process be the one writer of `run` for a while.

        Raises Busy where another process is, and StoreError.
        """
        ...

    def is_at_work(self, path: PurePath) -> bool:
        """Tell whether a process is the writer of the run in a place at this moment."""
        ...


class Clock(Protocol):
    """The time, so that a test or a replay can hold it still."""

    def now(self) -> datetime:
        """Return the present moment with its zone."""
        ...

    def monotonic(self) -> float:
        """Return seconds from some fixed point; never goes back."""
        ...


class Batches(Protocol):
    """The batches of a ledger."""

    def cap_of_waiting(self) -> Decimal | None:
        """Return the cost cap of the newest batch that has one and whose answers are waited for."""
        ...

    def open(self, day: date, at: datetime, engine: str, max_cost: Decimal | None = None) -> Batch:
        """Return the batch that was begun and has not ended, `resumed`, or a new one of `day`.

        It has the cost cap `max_cost` from now on, where one is given.
        """
        ...

    def end(self, id: str, at: datetime, exit: int) -> Batch:  # noqa: A002 - their words
        """Return the batch with its end written down. Raises KeyError."""
        ...

    def last(self) -> Batch | None:
        """Return the batch that began last, if there was one."""
        ...


class Entries(Protocol):
    """What feeds announced, and what the ledger made of it."""

    def announce(
        self, batch: str, source: str, entries: Sequence[Entry], at: datetime
    ) -> tuple[Announced, ...]:
        """Return what each entry is, in order; a new and a revised one is a queued job from now on.

        An entry that this batch has announced before, under the same source and id, is what it was
        then: a batch that is resumed counts nothing twice.
        """
        ...

    def of_batch(self, batch: str) -> tuple[Announced, ...]:
        """Return all that the batch has announced, in order."""
        ...


class Jobs(Protocol):
    """The jobs of a ledger, one for each tool."""

    def get(self, id: str) -> Job:  # noqa: A002 - its word
        """Return one job. Raises KeyError."""
        ...

    def ids(self, states: Collection[JobState], batch: str | None = None) -> tuple[str, ...]:
        """Return the jobs in one of `states`, of one batch or of all.

        Those whose panel was begun come before the others, and older ones before newer ones.
        """
        ...

    def of_batch(self, batch: str) -> Iterator[Job]:
        """Yield the jobs that a batch worked on, in the order of their announcement."""
        ...

    def known(self, ids: Collection[str]) -> frozenset[str]:
        """Return those of `ids` that are jobs."""
        ...

    def namesakes(self, slug: str) -> tuple[str, ...]:
        """Return the id of every job whose tool has that slug, oldest first."""
        ...

    def transition(
        self,
        id: str,  # noqa: A002 - its word
        to: JobState,
        at: datetime,
        *,
        actor: str,
        batch: str | None = None,
        run: tuple[date, str] | None = None,
        reason: str | None = None,
        outcome: Outcome | None = None,
        seen: Job | None = None,
        only_from: JobState | None = None,
    ) -> Job:
        """Return the job in its new state; `batch` takes over a job that an earlier one left.

        What is None stays as it was, the reason excepted. `seen` is the job as the caller last saw it:
        it is read again only where it was moved since. Raises KeyError, ValueError where TRANSITIONS
        has none of that kind, or the job is in another state than `only_from`, and Busy where it
        cannot go on because another process has moved it since it was `seen`.
        """
        ...


class Feeds(Protocol):
    """The feeds of a ledger."""

    def record(self, batch: str, lines: Sequence[FeedLine]) -> None:
        """Keep what feeds of the batch gave; of one that was read before, what it gives now."""
        ...

    def of_batch(self, batch: str) -> tuple[FeedLine, ...]:
        """Return what the feeds of the batch gave, in the order in which they were first read."""
        ...

    def validators(self) -> Mapping[str, Validators]:
        """Return what to ask the servers of feeds with, by the feed's name."""
        ...

    def remember(self, source: str, validators: Validators) -> None:
        """Keep what the server of a feed wants to be asked with next time."""
        ...


class Results(Protocol):
    """What the reviewers of finished jobs came to."""

    def between(self, since: datetime, until: datetime) -> Iterator[ReviewerResult]:
        """Yield what reviewers came to between two moments, `until` excluded."""
        ...


class SubmittedBatches(Protocol):
    """Batches at providers' batch services. To add or to close one is idempotent."""

    def add(self, submitted: SubmittedBatch) -> None:
        """Keep a batch that a service has taken, until it is closed."""
        ...

    def open(self) -> tuple[SubmittedBatch, ...]:
        """Return the batches that are not closed, oldest first."""
        ...

    def close(self, submitted: SubmittedBatch, at: datetime, reason: str) -> None:
        """Write down how a batch ended: its answers are in their runs by now."""
        ...


class Decisions(Protocol):
    """The decisions of the editors, and the builds of the public site that they went into."""

    def add(self, draft: Draft, seen: int) -> EditorialDecision:
        """Return the decision, written after the one that its editor saw last on the tool.

        `seen` is the number of that one, 0 where there was none. Raises Overtaken where there is a
        newer one by now: nothing is written then.
        """
        ...

    def of_tool(self, slug: str) -> tuple[EditorialDecision, ...]:
        """Return the decisions on the runs of one tool, oldest first."""
        ...

    def after(self, number: int = 0) -> Iterator[EditorialDecision]:
        """Yield the decisions on all tools after the one of that number, oldest first."""
        ...

    def record_build(self, build: SiteBuild) -> None:
        """Write down a build of the public site: what it has cannot be undone any more."""
        ...

    def last_build(self) -> SiteBuild | None:
        """Return the last build of the public site, if there was one."""
        ...

    def approve_digest(self, approval: DigestApproval) -> None:
        """Write down that an editor approved the weekly mail."""
        ...

    def digest_approval(self, week: str) -> DigestApproval | None:
        """Return the last approval of a week's mail, if there was one."""
        ...


class Predictions(Protocol):
    """The dated claims of reviewers, and what editors found on them."""

    def take(self, taken: ClaimsTaken, at: datetime) -> None:
        """Write down the claims of runs. Two processes may write the same: a claim has one id."""
        ...

    def taken(self, after: int = 0) -> tuple[NumberedClaims, ...]:
        """Return the claims that were written down after the row of that number, oldest first."""
        ...

    def resolve(self, resolution: Resolution, seen: int) -> NumberedResolution:
        """Return the resolution, written after the one that its editor saw last on the claim.

        `seen` is the number of that one, 0 where there was none. Raises Overtaken where there is a
        newer one by now: nothing is written then.
        """
        ...

    def resolutions(self) -> tuple[NumberedResolution, ...]:
        """Return all resolutions, oldest first."""
        ...


class WatchedPages(Protocol):
    """The pages that published runs came from, what was found there, and what changed."""

    def upto(self) -> int:
        """Return the number of the last decision that the pages were taken from, 0 for none."""
        ...

    def follow(self, pages: Sequence[WatchedPage]) -> None:
        """Have the pages of these tools be those of the runs that are published now.

        What was found on a page stays, where its address is the same. A page that was taken from a
        newer decision stays as it is.
        """
        ...

    def all(self) -> tuple[WatchedPage, ...]:
        """Return the pages of all tools that were ever published, in the order of their slugs.

        One whose row cannot be read has its slug alone, and the answer `damaged` with what to do.
        """
        ...

    def forget(self, tool: str) -> bool:
        """Let go of what was found on the page of a tool; False where nothing is kept of it."""
        ...

    def text(self, tool: str) -> PageText | None:
        """Return what the page of a tool says; None before it could be read."""
        ...

    def keep(
        self,
        before: WatchedPage,
        after: WatchedPage,
        text: PageText | None,
        change: PageChange | None,
    ) -> bool:
        """Keep what a look found, and the change with it; a `text` of None leaves the last one.

        `before` is the page as it was when the look began: where another look has ended since, or
        another run was published, nothing is kept and the answer is False.
        """
        ...

    def changes(self, tool: str) -> tuple[PageChange, ...]:
        """Return what the page of a tool has said otherwise, oldest first."""
        ...

    def unasked(self) -> tuple[PageChange, ...]:
        """Return the last change of each tool's page, where no model was asked about it yet."""
        ...

    def add_flip_check(self, check: FlipCheck) -> None:
        """Keep what a model said on the conditions of a tool's reviewers."""
        ...

    def add_cost(self, question: PaidQuestion) -> None:
        """Keep what a call that asked about a page cost."""
        ...

    def costs(self) -> tuple[Paid, ...]:
        """Return what all such calls cost, oldest first."""
        ...

    def flip_checks(self, tool: str) -> tuple[FlipCheck, ...]:
        """Return what models said on the conditions of a tool's reviewers, oldest first."""
        ...


class Transitions(Protocol):
    """The journal of a ledger: a row for each change, none ever changed."""

    def last(self) -> int:
        """Return the number of the newest row, 0 where there is none."""
        ...

    def rows(self, after: int = 0) -> Iterator[Transition]:
        """Yield every row after the one of that number, oldest first.

        Raises Tampered at a row that cannot be read.
        """
        ...

    def verify(self) -> int:
        """Return how many rows there are. Raises Tampered, which names the first bad one."""
        ...


class Ledger(Protocol):
    """What batches have seen, how far each tool has come and what editors decided, by its parts.

    Each method of a part is one transaction and may be called from any thread. Each raises StoreError.
    """

    @property
    def batches(self) -> Batches:
        """The batches."""
        ...

    @property
    def entries(self) -> Entries:
        """What feeds announced."""
        ...

    @property
    def jobs(self) -> Jobs:
        """The jobs."""
        ...

    @property
    def feeds(self) -> Feeds:
        """The feeds."""
        ...

    @property
    def results(self) -> Results:
        """What reviewers came to."""
        ...

    @property
    def submitted(self) -> SubmittedBatches:
        """The batches at providers' batch services."""
        ...

    @property
    def decisions(self) -> Decisions:
        """The decisions of the editors."""
        ...

    @property
    def predictions(self) -> Predictions:
        """The predictions of the reviewers."""
        ...

    @property
    def watched(self) -> WatchedPages:
        """The pages of published tools."""
        ...

    @property
    def journal(self) -> Transitions:
        """The journal of every change."""
        ...

    def try_writing(self) -> None:
        """Return where a batch could write here, with nothing changed. Raises Busy too."""
        ...

    def lock(self) -> AbstractContextManager[None]:
        """Be the one batch on this ledger for a while. Raises Busy where another is."""
        ...


Event = Mapping[str, Any]
Listener = Callable[[Event], None]
