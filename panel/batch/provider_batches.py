"""The reviews of a batch by the providers' own batch services, at half the price."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from panel.app.deferred import DeferredProviders, submit_within
from panel.app.panels import PanelRunner, ReviewOptions
from panel.app.providers import Providers
from panel.batch.stop import StopReason
from panel.domain.exchange import Failure, Request
from panel.domain.job import Batch, Job
from panel.domain.run import Run
from panel.domain.submitted_batch import (
    Collected,
    Ending,
    SubmittedBatch,
    Underway,
    bundle,
    exchanges,
)
from panel.errors import ProviderError, Refused, Stopped, Tampered
from panel.ports import Ledger

_ENDINGS: Final[dict[Ending, str]] = {
    "completed": "is completed",
    "failed": "failed",
    "expired": "expired",
    "cancelled": "was cancelled",
}


@dataclass(frozen=True)
class PendingJob:
    """A job that waits, and the requests that it waits for.

    `run` is None where its recording is damaged: it waits for nothing, and its runner sets it aside.
    """

    job: Job
    run: Run | None
    requests: Mapping[str, Request]


class ProviderBatches:
    """Submits requests to the providers' batch services, and records their answers in the runs.

    What a job waits for is found by convening it once more, without a call: so nothing but the keys
    of a batch is stored, and a process that dies between two steps repeats them. The services
    recognise a batch that they have already. `on_notice` hears of each batch of a service that did
    not complete.
    """

    def __init__(
        self,
        panels: PanelRunner,
        ledger: Ledger,
        providers: Providers,
        options: ReviewOptions,
        stop_reason: StopReason,
        *,
        on_notice: Callable[[str], None],
    ) -> None:
        self._panels = panels
        self._clock = panels.workspace.clock
        self._ledger = ledger
        self._providers = providers
        self._options = options
        self._stop_reason = stop_reason
        self._on_notice = on_notice

    async def submit(self, batch: Batch) -> None:
        """Submit every request of waiting jobs that no service has yet, as far as the cost cap allows.

        After a signal no more is submitted than is under way.
        """
        submitted = {key for one in self._ledger.submitted.open() for key in one.request_keys}
        missing = [
            request
            for one in await self._pending_jobs(batch)
            for key, request in one.requests.items()
            if key not in submitted
        ]
        for requests in bundle(missing):
            if self._stop_reason.reason == "signal":
                return
            await self._submit(requests)

    async def collect(self, batch: Batch) -> tuple[str, ...]:
        """Record what has come back in the runs; return the jobs that wait no longer, in order."""
        waiting = await self._pending_jobs(batch)
        requests = {key: r for one in waiting for key, r in one.requests.items()}
        missing = set(requests)
        for submitted in self._ledger.submitted.open():
            collected = await self._fetch(submitted, requests)
            if collected is None:
                continue
            for one in waiting:
                await self._record(one, submitted, collected)
            missing -= set(submitted.request_keys)
            self._report_ending(submitted, collected)
            reason = collected.reason or f"{len(collected.outcomes)} answers"
            self._ledger.submitted.close(submitted, self._clock.now(), reason)
        return tuple(one.job.id for one in waiting if not missing & set(one.requests))

    async def _pending_jobs(self, batch: Batch) -> list[PendingJob]:
        """Return the jobs that wait for a service, oldest first."""
        ids = self._ledger.jobs.ids(frozenset({"waiting"}))
        return [await self._open(self._ledger.jobs.get(id_), batch) for id_ in ids]

    async def _open(self, job: Job, batch: Batch) -> PendingJob:
        run = (job.run_date, job.run) if job.run_date and job.run else None
        offline = DeferredProviders(self._providers, live_too=False)
        try:
            stored = self._panels.begin_job(job.tool, self._options, batch.date, run)
            stored = await self._panels.convene(stored, offline, self._options)
        except Tampered:
            return PendingJob(job, None, {})
        return PendingJob(job, stored.run, offline.outbox)

    async def _submit(self, requests: tuple[Request, ...]) -> None:
        first, providers = requests[0], self._providers
        try:
            service = providers.batch_service(first.provider)
            id_ = await submit_within(requests, service, providers.prices, providers.budget)
        except Stopped as error:
            self._stop_reason.stop(error.cause, str(error))
        except ProviderError as error:
            self._stop_reason.stop("provider", f"the batch service of {first.provider}: {error}")
        else:
            self._ledger.submitted.add(
                SubmittedBatch(
                    id=id_,
                    provider=first.provider,
                    model=first.model,
                    request_keys=tuple(request.key for request in requests),
                    at=self._clock.now(),
                )
            )

    async def _fetch(
        self, submitted: SubmittedBatch, requests: Mapping[str, Request]
    ) -> Collected | None:
        """Return what a service has of a batch, None where it is under way or does not say."""
        service = self._providers.batch_service(submitted.provider)
        mine = [requests[key] for key in submitted.request_keys if key in requests]
        try:
            found = await service.collect(submitted.id, mine)
        except Refused as error:  # the service has it no longer: its requests are submitted anew
            self._ledger.submitted.close(submitted, self._clock.now(), str(error))
            self._on_notice(
                f"{_name(submitted)} is gone: {error}. Its {len(mine)} requests are submitted again"
            )
            return None
        except ProviderError as error:
            what = f"the batch service of {submitted.provider}: {error}"
            self._stop_reason.stop("provider", what)
            return None
        return None if isinstance(found, Underway) else found

    async def _record(
        self, pending: PendingJob, submitted: SubmittedBatch, collected: Collected
    ) -> None:
        mine = [pending.requests[key] for key in submitted.request_keys if key in pending.requests]
        if pending.run is None or not mine:
            return
        took = self._clock.now() - submitted.at
        ms = max(0, round(took.total_seconds() * 1000))
        await self._panels.record(pending.run, exchanges(mine, collected.outcomes, ms))

    def _report_ending(self, submitted: SubmittedBatch, collected: Collected) -> None:
        """Say which lines of a batch were odd, and how many answers it lacks: these are asked live."""
        if collected.oddities:
            self._on_notice(f"{_name(submitted)}: {'; '.join(collected.oddities)}")
        answers = collected.outcomes.values()
        lost = sum(isinstance(outcome, Failure) for outcome in answers)
        if collected.ending == "completed" and not lost:
            return
        why = f" ({collected.reason})" if collected.reason else ""
        ending = f"{_name(submitted)} {_ENDINGS[collected.ending]}{why}"
        asked = f"{lost} of its {len(collected.outcomes)} requests have no answer"
        self._on_notice(f"{ending}: {asked} and are asked live, at the full price")


def _name(submitted: SubmittedBatch) -> str:
    return f"the batch {submitted.id} at {submitted.provider}"
