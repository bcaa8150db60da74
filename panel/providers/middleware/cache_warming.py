"""The first call of a prompt prefix alone, so that the others find it in the provider's cache."""

import asyncio

from panel.domain.exchange import Completion, Request
from panel.ports import Provider

_REMEMBERED = 1000  # prefixes; a provider keeps older ones no longer


class CacheWarming:
    """A provider that makes one call of each new prefix alone; the others wait until it ends.

    Four calls at once would each write the same prefix to the cache; one first, then three, write it
    once and read it three times. Where the first call fails, the next one goes alone.
    """

    def __init__(self, inner: Provider) -> None:
        self._inner = inner
        self._warm: dict[tuple[str, str], None] = {}
        self._first_calls: dict[tuple[str, str], asyncio.Event] = {}

    async def complete(self, request: Request) -> Completion:
        """Return the inner completion. Raises as the inner provider."""
        prefix = (request.model, request.prefix_key)
        if not request.prefix_key:
            return await self._inner.complete(request)
        while prefix not in self._warm:
            if (ended := self._first_calls.get(prefix)) is None:
                return await self._go_first(prefix, request)
            await ended.wait()
        return await self._inner.complete(request)

    async def _go_first(self, prefix: tuple[str, str], request: Request) -> Completion:
        ended = self._first_calls[prefix] = asyncio.Event()
        try:
            completion = await self._inner.complete(request)
            self._warm[prefix] = None
            if len(self._warm) > _REMEMBERED:
                del self._warm[next(iter(self._warm))]
            return completion
        finally:
            del self._first_calls[prefix]
            ended.set()
