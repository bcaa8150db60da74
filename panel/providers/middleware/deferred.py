"""Requests for a batch service: put in an outbox now, answered up to a day later."""

from collections.abc import MutableMapping

from panel.domain.exchange import INTAKE, Completion, Request
from panel.errors import Waiting
from panel.ports import Provider


class DeferredProvider:
    """A provider that puts each request in the outbox, by its key, and leaves its run waiting.

    With `live`, intake and second requests (a repair, an attempt after a failure) are asked there at
    once: a panel must not wait a second day for them. It belongs inside a Recording, so that answers
    that were collected are found first.
    """

    def __init__(
        self, outbox: MutableMapping[str, Request], *, live: Provider | None = None
    ) -> None:
        self._outbox = outbox
        self._live = live

    async def complete(self, request: Request) -> Completion:
        """Return the live answer to what cannot wait. Raises Waiting for everything else."""
        if self._live is not None and (request.label == INTAKE or _is_asked_again(request)):
            return await self._live.complete(request)
        self._outbox[request.key] = request
        raise Waiting("its requests wait for the batch service; collect them when it is done")


def _is_asked_again(request: Request) -> bool:
    return request.attempt > 0 or request.is_repair
