"""A stop that lasts: after a refused key or an exhausted quota no further call is made."""

from panel.domain.exchange import Completion, Request
from panel.errors import Stopped
from panel.ports import Provider


class StopLatch:
    """A provider that raises its first `Stopped` for every later request, without a call.

    Calls that are under way at that moment end as they do.
    """

    def __init__(self, inner: Provider) -> None:
        self._inner = inner
        self._stopped: Stopped | None = None

    async def complete(self, request: Request) -> Completion:
        """Return the inner completion. Raises as the inner provider."""
        if self._stopped is not None:
            again = Stopped(str(self._stopped), cause=self._stopped.cause)
            again.calls = 0
            raise again
        try:
            return await self._inner.complete(request)
        except Stopped as error:
            self._stopped = error
            raise
