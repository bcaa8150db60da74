"""Posting: the reviews of a batch by the makers' own batch services, at half the price."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from panel.app.panels import PanelRunner, ReviewOptions, StoredRun
from panel.app.providers import Providers
from panel.batch.stop import StopReason
from panel.domain.exchange import Request
from panel.domain.job import Batch, Job
from panel.domain.money import worst_cost
from panel.domain.rate_limit import prompt_tokens
from panel.domain.run import Inputs
from panel.domain.submitted_batch import Collected, SubmittedBatch, Underway, bundle, exchanges
from panel.errors import ProviderError, Refused, Stopped
from panel.ports import Ledger, Provider
from panel.providers.middleware.budget import admit_unpriced
from panel.providers.middleware.deferred import DeferredProvider
from panel.providers.price_list import PriceList


class DeferredProviders:
    """The providers of a sitting whose reviews are posted: only what cannot wait is asked live.

    `outbox` has the requests that were held back, by their keys. Without `live_too` all of them are.
    """

    def __init__(self, live: Providers, *, live_too: bool) -> None:
        self.outbox: dict[str, Request] = {}
        self._live = live
        self._live_too = live_too

    @property
    def prices(self) -> PriceList:
        """What models charge."""
        return self._live.prices

    def of(self, inputs: Inputs, manual: Path, answered_by: str) -> dict[str, Provider]:
        """Return who answers each model reference of a run."""
        live = self._live.of(inputs, manual, answered_by)
        return {
            ref: DeferredProvider(self.outbox, live=one if self._live_too else None)
            for ref, one in live.items()
        }


@dataclass(frozen=True)
class PendingJob:
    """A job that waits, its run, and the requests that it waits for."""

    job: Job
    stored: StoredRun
    requests: Mapping[str, Request]


class ProviderBatches:
    """Hands requests to the makers' services, and brings their answers to the runs.

    What a job waits for is found by convening it once more, without a call: so nothing but the keys
    of a batch is kept, and a sitting that dies between two steps does them again. The services know
    a batch that they have already.
    """

    def __init__(
        self,
        panels: PanelRunner,
        ledger: Ledger,
        providers: Providers,
        options: ReviewOptions,
        stop_reason: StopReason,
    ) -> None:
        self._panels = panels
        self._workspace = panels.workspace
        self._ledger = ledger
        self._providers = providers
        self._wish = options
        self._halt = stop_reason

    async def envelopes(self, batch: Batch) -> list[PendingJob]:
        """Return the jobs that wait for a service, oldest first."""
        ids = self._ledger.jobs.ids(frozenset({"waiting"}))
        return [await self._open(self._ledger.jobs.get(id_), batch) for id_ in ids]

    async def post(self, envelopes: Iterable[PendingJob]) -> None:
        """Hand in every request that no service has yet, as far as the cost cap allows."""
        there = {key for posted in self._ledger.submitted.open() for key in posted.request_keys}
        wanted = [
            request
            for envelope in envelopes
            for key, request in envelope.requests.items()
            if key not in there
        ]
        for requests in bundle(wanted):
            await self._submit(requests)

    async def collect(self, envelopes: Iterable[PendingJob]) -> tuple[str, ...]:
        """Bring what has come back to the runs; return the jobs that wait no longer, in order."""
        waiting = list(envelopes)
        requests = {key: r for one in waiting for key, r in one.requests.items()}
        missing = set(requests)
        for posted in self._ledger.submitted.open():
            collected = await self._fetch(posted, requests)
            if collected is None:
                continue
            for envelope in waiting:
                await self._record(envelope, posted, collected)
            missing -= set(posted.request_keys)
            reason = collected.reason or f"{len(collected.outcomes)} answers"
            self._ledger.submitted.close(posted, self._workspace.clock.now(), reason)
        return tuple(one.job.id for one in waiting if not missing & set(one.requests))

    async def _open(self, job: Job, batch: Batch) -> PendingJob:
        run = (job.run_date, job.run) if job.run_date and job.run else None
        stored = self._panels.begin_job(job.tool, self._wish, batch.date, run)
        mute = DeferredProviders(self._providers, live_too=False)
        stored = await self._panels.convene(stored, mute, self._wish)
        return PendingJob(job, stored, mute.outbox)

    async def _submit(self, requests: tuple[Request, ...]) -> None:
        first = requests[0]
        try:
            await self._reserve(requests)
            id_ = await self._providers.batch_service(first.provider).submit(requests)
        except Stopped as error:
            self._halt.stop(error.cause, str(error))
        except ProviderError as error:
            self._halt.stop("provider", f"the batch service of {first.provider}: {error}")
        else:
            self._ledger.submitted.add(
                SubmittedBatch(
                    id=id_,
                    provider=first.provider,
                    model=first.model,
                    request_keys=tuple(request.key for request in requests),
                    at=self._workspace.clock.now(),
                )
            )

    async def _reserve(self, requests: Iterable[Request]) -> None:
        """Count the worst case of `requests` as spent. Raises Stopped where the cap forbids it."""
        budget, worst = self._providers.budget, Decimal(0)
        for request in requests:
            rate = self._providers.prices.rate(request.provider, request.model, service="batch")
            if rate is None:
                admit_unpriced(budget, request)
            else:
                worst += worst_cost(prompt_tokens(request), request.max_output_tokens, rate)
        reservation = await budget.reserve(worst)
        budget.settle(reservation, worst)

    async def _fetch(
        self, posted: SubmittedBatch, requests: Mapping[str, Request]
    ) -> Collected | None:
        """Return what a service has of a batch, None where it is under way or does not say."""
        service = self._providers.batch_service(posted.provider)
        mine = [requests[key] for key in posted.request_keys if key in requests]
        try:
            found = await service.collect(posted.id, mine)
        except Refused as error:  # it has gone: its requests are posted anew
            self._ledger.submitted.close(posted, self._workspace.clock.now(), str(error))
            return None
        except ProviderError as error:
            self._halt.stop("provider", f"the batch service of {posted.provider}: {error}")
            return None
        return None if isinstance(found, Underway) else found

    async def _record(
        self, envelope: PendingJob, posted: SubmittedBatch, collected: Collected
    ) -> None:
        mine = [envelope.requests[key] for key in posted.request_keys if key in envelope.requests]
        took = self._workspace.clock.now() - posted.at
        ms = max(0, round(took.total_seconds() * 1000))
        await self._panels.record(envelope.stored.run, exchanges(mine, collected.outcomes, ms))
