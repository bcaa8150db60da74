"""Recording: each exchange is on disk before it is used, and a recorded answer is not asked again."""

from panel.domain.exchange import INTAKE, Completion, Exchange, Failure, Request
from panel.domain.failure import error_of, failure_of
from panel.errors import ProviderError, Stopped
from panel.ports import Clock, Journal, Provider


class RecordingProvider:
    """A provider that answers from the journal first and writes down what it had to ask for.

    A recorded failure is asked again under the next `attempt`, so a resumed run may do better and
    its first failure stays readable. An answer by hand that was corrected stands there as the next
    attempt, and the last one counts. A failed intake stands: the panel went on without it, and facts
    that came later could assign other models than those whose answers are paid for. Where a batch
    service failed, the panel waited, so it is asked again. So stands the failure of a model for which a
    substitute was asked since: else two models would answer for one persona. `Stopped` is not an
    outcome of the request and is not written.
    """

    def __init__(self, inner: Provider, journal: Journal, clock: Clock) -> None:
        self._inner = inner
        self._journal = journal
        self._clock = clock

    async def complete(self, request: Request) -> Completion:
        """Return the recorded or a new completion. Raises as the inner provider, and StoreError."""
        while recorded := self._journal.find(request):
            again = request.but(attempt=request.attempt + 1)
            if isinstance(recorded.outcome, Completion):
                if self._journal.find(again) is None:
                    return recorded.outcome
                request = again
                continue
            stands = request.label == INTAKE and recorded.outcome.service is None
            if stands or self._was_replaced(recorded):
                raise error_of(recorded.outcome)
            request = again
        began = self._clock.monotonic()
        try:
            outcome = await self._inner.complete(request)
        except Stopped:
            raise
        except ProviderError as error:
            await self._write(request, failure_of(error), began)
            raise
        await self._write(request, outcome, began)
        return outcome

    def _was_replaced(self, failed: Exchange) -> bool:
        """Tell whether another model was asked the same after a call had failed."""
        exchanges = self._journal.exchanges
        asked = _asked(failed)
        later = exchanges[exchanges.index(failed) + 1 :]
        return any(_asked(one)[:2] == asked[:2] and _asked(one) != asked for one in later)

    async def _write(self, request: Request, outcome: Completion | Failure, began: float) -> None:
        ms = max(0, round((self._clock.monotonic() - began) * 1000))
        await self._journal.append(Exchange(request=request, outcome=outcome, ms=ms))


def _asked(exchange: Exchange) -> tuple[str, int, str, str]:
    request = exchange.request
    return request.label, request.sample, request.provider, request.model
