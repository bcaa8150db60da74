"""Answers from a list."""

from collections.abc import Callable, Mapping, Sequence

from panel.domain.exchange import Completion, Request
from panel.errors import ProviderError

Answer = str | Completion | ProviderError
Script = Sequence[Answer] | Mapping[str, Sequence[Answer]] | Callable[[Request], Answer]


class Scripted:
    """A provider that gives its answers in order, by the request's label, or by a function.

    It keeps every request in `asked`. A script that runs out of answers raises LookupError.
    """

    def __init__(self, script: Script) -> None:
        self._script = script
        self._given: dict[str, int] = {}
        self.asked: list[Request] = []

    async def complete(self, request: Request) -> Completion:
        """Return the next answer for `request`, or raise it where it is an error."""
        self.asked.append(request)
        answer = self._next(request)
        if isinstance(answer, ProviderError):
            raise answer
        if isinstance(answer, Completion):
            return answer
        return Completion(text=answer, model=request.model)

    def _next(self, request: Request) -> Answer:
        if callable(self._script):
            return self._script(request)
        line = request.label if isinstance(self._script, Mapping) else ""
        answers = self._script[line] if isinstance(self._script, Mapping) else self._script
        number = self._given.get(line, 0)
        self._given[line] = number + 1
        if number >= len(answers):
            raise LookupError(f"the script has {len(answers)} answers for {line or 'all'}")
        return answers[number]
