"""A deadline for the whole of a call."""

import asyncio

from panel.domain.exchange import Completion, Request
from panel.errors import Transient
from panel.ports import Provider


class Deadline:
    """A provider whose every call ends within `deadline_s` seconds, however slowly bytes trickle.

    The time starts when the call comes in: it belongs inside the limiter, so that waiting for a
    turn does not count.
    """

    def __init__(self, inner: Provider, deadline_s: float) -> None:
        self._inner = inner
        self._deadline_s = deadline_s

    async def complete(self, request: Request) -> Completion:
        """Return the inner answer. Raises Transient at the deadline, with the outcome unknown."""
        try:
            async with asyncio.timeout(self._deadline_s):
                return await self._inner.complete(request)
        except TimeoutError as error:
            raise Transient(
                f"{request.provider}:{request.model} gave no whole answer in {self._deadline_s:g} s"
            ) from error
