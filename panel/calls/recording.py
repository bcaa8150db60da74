"""Exchanges on disk before they are used; an answer that lies there is never asked for again."""

from panel.domain.asking import INTAKE
from panel.domain.exchange import Completion, Exchange, Failure, Request, Usage
from panel.errors import ProviderError, Refused, Stopped, Transient, Unusable
from panel.ports import Clock, Journal, Provider


class Recording:
    """A provider that answers from the journal first and writes down what it had to ask for.

    A recorded failure is asked again under the next `attempt`, so a resumed run may do better and
    its first failure stays readable. A failed intake stands: the panel went on without it, and facts
    that came later could seat other models than those whose answers are paid for. `Stopped` is not
    an outcome of the request and is not written.
    """

    def __init__(self, inner: Provider, journal: Journal, clock: Clock) -> None:
        self._inner = inner
        self._journal = journal
        self._clock = clock

    async def complete(self, request: Request) -> Completion:
        """Return the recorded or a new completion. Raises as the inner provider, and StoreError."""
        while recorded := self._journal.find(request):
            if isinstance(recorded.outcome, Completion):
                return recorded.outcome
            if request.label == INTAKE:
                raise error_of(recorded.outcome)
            request = request.but(attempt=request.attempt + 1)
        began = self._clock.monotonic()
        try:
            outcome = await self._inner.complete(request)
        except Stopped:
            raise
        except ProviderError as error:
            self._write(request, failure_of(error), began)
            raise
        self._write(request, outcome, began)
        return outcome

    def _write(self, request: Request, outcome: Completion | Failure, began: float) -> None:
        ms = max(0, round((self._clock.monotonic() - began) * 1000))
        self._journal.append(Exchange(request=request, outcome=outcome, ms=ms))


def failure_of(error: ProviderError) -> Failure:
    """Return what is recorded of `error`."""
    kind = {Transient: "transient", Refused: "refused"}.get(type(error), "unusable")
    return Failure.model_validate(
        {
            "kind": kind,
            "reason": str(error),
            "usage": None if error.tokens is None else Usage(**error.tokens),
            "calls": error.calls,
            "waited_ms": error.waited_ms,
        }
    )


def error_of(failure: Failure) -> ProviderError:
    """Return the error that `failure` was recorded from."""
    kinds: dict[str, type[ProviderError]] = {
        "transient": Transient,
        "refused": Refused,
        "unusable": Unusable,
    }
    return kinds[failure.kind](
        failure.reason,
        tokens=failure.usage.model_dump() if failure.usage else None,
        calls=failure.calls,
        waited_ms=failure.waited_ms,
    )
