"""What the pipeline asks of the outside world: one page of protocols."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

from panel.domain.exchange import Completion, Exchange, Request


class Provider(Protocol):
    """Anything that completes requests."""

    async def complete(self, request: Request) -> Completion:
        """Return the answer to `request`.

        Raises a ProviderError where there is none, and Waiting where a person has to give it.
        """
        ...


class Journal(Protocol):
    """The exchanges of one run, on disk before they are used."""

    def append(self, exchange: Exchange) -> None:
        """Write one exchange so that it outlives the process. Raises StoreError."""
        ...

    def find(self, request: Request) -> Exchange | None:
        """Return the recorded exchange of exactly this request, if there is one."""
        ...


class Clock(Protocol):
    """The time, so that a test or a replay can hold it still."""

    def now(self) -> datetime:
        """Return the present moment with its zone."""
        ...

    def monotonic(self) -> float:
        """Return seconds from some fixed point; never goes back."""
        ...


Event = Mapping[str, Any]
Listener = Callable[[Event], None]
