"""The first call of a prefix ahead of its siblings, so that they find it in the provider's cache."""

import asyncio

from panel.domain.exchange import Completion, Request
from panel.ports import Provider

_REMEMBERED = 1000  # prefixes; a provider has forgotten older ones long since


class CacheWarming:
    """A provider that lets one request of each new prefix go alone; its siblings wait for its end.

    Four calls at once cannot share a cold description: one first, then three, writes it once and
    reads it three times. A leader that fails frees its siblings as well: the next one leads.
    """

    def __init__(self, inner: Provider) -> None:
        self._inner = inner
        self._warm: dict[tuple[str, str], None] = {}
        self._leading: dict[tuple[str, str], asyncio.Event] = {}

    async def complete(self, request: Request) -> Completion:
        """Return the inner completion. Raises as the inner provider."""
        prefix = (request.model, request.prefix_key)
        if not request.prefix_key:
            return await self._inner.complete(request)
        while prefix not in self._warm:
            if (ended := self._leading.get(prefix)) is None:
                return await self._lead(prefix, request)
            await ended.wait()
        return await self._inner.complete(request)

    async def _lead(self, prefix: tuple[str, str], request: Request) -> Completion:
        ended = self._leading[prefix] = asyncio.Event()
        try:
            completion = await self._inner.complete(request)
            self._warm[prefix] = None
            if len(self._warm) > _REMEMBERED:
                del self._warm[next(iter(self._warm))]
            return completion
        finally:
            del self._leading[prefix]
            ended.set()
