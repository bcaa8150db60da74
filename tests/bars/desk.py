"""A model server on a thread of its own that chooses each reply by the request and keeps count."""

import asyncio
import math
import threading
import time
from asyncio import StreamWriter
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Self

from tests.contract.loopback import Heard, Loopback, Reply

_PATIENCE_S = 60.0
_LOOK_S = 0.005
Choose = Callable[[Heard], Reply]


@dataclass(frozen=True)
class Call:
    """A request, when it came, and the text that names it: the same for a call made again."""

    at: float
    heard: Heard

    @property
    def name(self) -> bytes:
        """The body, which two calls share only where one is the other made again."""
        return self.heard.body


class Choosing(Loopback):
    """A loopback server whose replies are chosen by the request; `choose` may be replaced.

    `answering` has how many calls are being answered, by the key that they were made with.
    """

    def __init__(self, choose: Choose) -> None:
        super().__init__([])
        self.choose = choose
        self.calls: list[Call] = []
        self.answering: Counter[str] = Counter()
        self.most_answering = 0
        self._answers = 0
        self._most_answers = math.inf

    def reply_to(self, heard: Heard) -> Reply:
        """Return the reply to what was `heard`, which is counted."""
        self.calls.append(Call(time.monotonic(), heard))
        return self.choose(heard)

    def hold_after(self, answers: float) -> None:
        """Give so many answers, and keep the other calls waiting until more may be given."""
        self._most_answers = answers

    async def _answer(self, heard: Heard, reply: Reply, writer: StreamWriter) -> bool:
        caller = heard.headers.get("authorization", "")
        self.answering[caller] += 1
        self.most_answering = max(self.most_answering, self.answering.total())
        try:
            while self._answers >= self._most_answers:  # noqa: ASYNC110 - another thread lets go
                await asyncio.sleep(_LOOK_S)
            self._answers += 1
            return await super()._answer(heard, reply, writer)
        finally:
            self.answering[caller] -= 1


class ServerThread:
    """A server that runs beside the test, for code that brings its own event loop."""

    def __init__(self, server: Loopback) -> None:
        self._served = server
        self.address = ""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)

    def __enter__(self) -> Self:
        self._thread.start()
        self._do(self._served.__aenter__())
        self.address = self._served.address
        return self

    def __exit__(self, *raised: object) -> None:
        self._do(self._served.__aexit__(None, None, None))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, task: Coroutine[Any, Any, Any]) -> None:
        asyncio.run_coroutine_threadsafe(task, self._loop).result()


class Desk(ServerThread):
    """A `Choosing` server on a thread of its own."""

    def __init__(self, choose: Choose) -> None:
        self.server = Choosing(choose)
        super().__init__(self.server)

    @property
    def calls(self) -> list[Call]:
        """Every call that has come in so far."""
        return list(self.server.calls)

    def wait_for(self, calls: int) -> None:
        """Return once so many calls have come in; fail where they do not."""
        patience = time.monotonic() + _PATIENCE_S
        while len(self.server.calls) < calls:
            assert time.monotonic() < patience, "no call comes"
            time.sleep(0.002)
