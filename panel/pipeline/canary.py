"""The canary: whoever repeats it has been made to give the prompt away."""

from panel.domain.exchange import Completion, Request
from panel.domain.flag import Flag
from panel.domain.prompts import Brief, has_canary
from panel.ports import Provider


class CanaryWatch:
    """A provider that notes whether an answer has the canary of the prompt."""

    def __init__(self, inner: Provider, shared: Brief) -> None:
        self._inner = inner
        self._shared = shared
        self._seen = False

    async def complete(self, request: Request) -> Completion:
        """Return the inner provider's completion. Raises what it raises."""
        completion = await self._inner.complete(request)
        self._seen = self._seen or has_canary(completion.text, self._shared)
        return completion

    def flags(self, name: str) -> list[Flag]:
        """Return the flag that holds the tool where an answer of `name` had the canary."""
        if not self._seen:
            return []
        message = f"An answer of {name} gives the prompt away, as if the text had made it do so."
        return [Flag(kind="canary", message=message, holds=True)]
