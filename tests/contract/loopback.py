"""A model server on a loopback socket that answers from a script, byte by byte if need be."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

PACE_S = 0.005


@dataclass(frozen=True)
class Reply:
    """What the server does with one request.

    `body` is bytes as they are, or a document that is sent as JSON. It waits `delay_s` before the
    first byte, sends the body in steps of `trickle` bytes, ends after `cut` of them though more was
    announced, after which it `stalls` or hangs up, or answers nothing at all and resets the
    connection. `raw` replaces the whole answer.
    """

    body: Any = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    trickle: int | None = None
    cut: int | None = None
    stalls: bool = False
    reset: bool = False
    raw: bytes | None = None


@dataclass(frozen=True)
class Heard:
    """A request as it came off the wire."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.body)


class Loopback:
    """A server that gives `replies` in turn, and the last one for ever after.

    `greeting` is what it says to whoever connects, before it is asked.
    """

    def __init__(self, replies: Sequence[Reply], *, greeting: bytes = b"") -> None:
        self._replies = list(replies)
        self._greeting = greeting
        self._server: asyncio.Server | None = None
        self._talks: set[asyncio.Task[None]] = set()
        self.heard: list[Heard] = []
        self.connections = 0
        self.asked = asyncio.Event()
        self.stalled = asyncio.Event()
        self.hung_up = asyncio.Event()

    @property
    def address(self) -> str:
        """The root of every path, without a slash at its end."""
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._server is not None
        self._server.close()
        for talk in self._talks:
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)  # noqa: TID251 - all cancelled

    def reply_to(self, heard: Heard) -> Reply:  # noqa: ARG002 - others look
        """Return the reply to what was `heard`: here the next of the script."""
        return self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        talk = asyncio.current_task()
        assert talk is not None
        self._talks.add(talk)
        try:
            writer.write(self._greeting)
            while (heard := await _hear(reader)) is not None:
                self.heard.append(heard)
                self.asked.set()
                answer = asyncio.create_task(self._answer(heard, self.reply_to(heard), writer))
                hang_up = asyncio.create_task(_until_hang_up(reader))
                try:
                    await asyncio.wait({answer, hang_up}, return_when=asyncio.FIRST_COMPLETED)
                    if not answer.done():
                        self.hung_up.set()
                        return
                    if not answer.result():
                        return
                finally:
                    answer.cancel()
                    hang_up.cancel()
        except (ConnectionError, asyncio.CancelledError):
            # Cancelled only when the server goes down; asyncio would print that as a fault.
            self.hung_up.set()
        finally:
            self._talks.discard(talk)
            writer.transport.abort() if writer.transport.is_closing() else writer.close()

    async def _answer(
        self,
        heard: Heard,  # noqa: ARG002 - others look
        reply: Reply,
        writer: asyncio.StreamWriter,
    ) -> bool:
        """Send `reply`; return whether the connection may be used again."""
        await asyncio.sleep(reply.delay_s)
        if reply.reset:
            writer.transport.abort()
            return False
        if reply.raw is not None:
            writer.write(reply.raw)
            await writer.drain()
            return False
        body = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
        writer.write(_head(reply, len(body)))
        sent = body if reply.cut is None else body[: reply.cut]
        step = reply.trickle or max(len(sent), 1)
        for start in range(0, len(sent), step):
            writer.write(sent[start : start + step])
            await writer.drain()
            if reply.trickle is not None:
                await asyncio.sleep(PACE_S)
        if reply.stalls:
            self.stalled.set()
            await asyncio.Event().wait()
        return reply.cut is None


async def _hear(reader: asyncio.StreamReader) -> Heard | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.rstrip().split("\r\n")
    method, path, _ = first.split(" ")
    headers = {
        name.strip().lower(): value.strip() for name, _, value in (x.partition(":") for x in lines)
    }
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Heard(method, path, headers, body)


async def _until_hang_up(reader: asyncio.StreamReader) -> None:
    """Return once the client has closed its end; it says nothing before it has its answer."""
    while not reader.at_eof():  # noqa: ASYNC110 - to read would eat the next request
        await asyncio.sleep(PACE_S)


def _head(reply: Reply, length: int) -> bytes:
    headers = {"content-type": "application/json", "content-length": str(length), **reply.headers}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {reply.status} Told\r\n{lines}\r\n".encode("latin-1")
