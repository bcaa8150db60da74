"""Two services in one process: one answers what is below a path, the other all else."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

Application = ASGIApp
"""What the command line serves: no module of it imports starlette."""
Lifespan = Callable[[object], AbstractAsyncContextManager[None]]


class CombinedService:
    """Passes requests at `prefix` and below it to `below`, and all others to `other`.

    Each service has a guard of its own. `lifespans` are what has to run as long as the process does.
    """

    def __init__(
        self, prefix: str, below: ASGIApp, other: ASGIApp, lifespans: Sequence[Lifespan]
    ) -> None:
        self._prefix = prefix
        self._below = below
        self._other = other
        self._process = Starlette(lifespan=_all_of(lifespans))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] == "lifespan":
            await self._process(scope, receive, send)
        elif f"{scope['path']}/".startswith(f"{self._prefix}/"):
            await self._below(scope, receive, send)
        else:
            await self._other(scope, receive, send)


def _all_of(lifespans: Sequence[Lifespan]) -> Lifespan:
    @asynccontextmanager
    async def run(app: object) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for one in lifespans:
                await stack.enter_async_context(one(app))
            yield

    return run
