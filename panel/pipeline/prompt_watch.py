"""The prompt watch: whether the server that answered has read the whole prompt."""

from panel.domain.context_window import CutPrompt, least_tokens, was_cut
from panel.domain.exchange import Completion, Request
from panel.ports import Provider


class PromptWatch:
    """A provider that notes the prompts of which the server read too little."""

    def __init__(self, inner: Provider) -> None:
        self._inner = inner
        self._found: list[tuple[int, int]] = []

    async def complete(self, request: Request) -> Completion:
        """Return the inner provider's completion. Raises what it raises."""
        completion = await self._inner.complete(request)
        if completion.usage and was_cut(request, completion.usage.input):
            self._found.append((completion.usage.input, least_tokens(request)))
        return completion

    def cuts(self, who: str) -> list[CutPrompt]:
        """Return what was noted, as of `who`."""
        return [CutPrompt(who=who, read=read, least=least) for read, least in self._found]
