"""The files of a batch service, a line of JSON each: requests on the way in, answers on the way out.

A line in is `{"custom_id", "method", "url", "body"}` at OpenAI and `{"custom_id", "body"}` at
Mistral; a line out is `{"custom_id", "response": {"status_code", "body"}, "error"}` at both, in any
order. The custom id is the request's key.
"""

import json
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing
from typing import Any

from panel.domain.exchange import Completion, Failure, Request
from panel.domain.failure import failure_of
from panel.domain.submitted_batch import Collected, Ending
from panel.errors import ProviderError, Stopped, Transient, Unusable
from panel.providers.faults import fault, one_line
from panel.providers.http_client import MOST_BYTES
from panel.providers.server import Server
from panel.providers.wire.answer import Reader, read_object

Learn = Callable[[Request, int, bytes], None]
"""What hears of a request that was declined: the request, the status and the server's words."""

MOST_IN_ALL = 512_000_000
"""Bytes of all files of one batch."""

_MOST_ODDITIES = 20
_OK = 200


def write_line(request: Request, body: Mapping[str, Any], *, path: str | None = None) -> bytes:
    """Return the line that asks for `request` with `body`; `path` is where OpenAI sends it to.

    It is ASCII: Unicode has several characters that may be taken for the end of a line.
    """
    place = {} if path is None else {"method": "POST", "url": path}
    line = {"custom_id": request.key, **place, "body": body}
    return json.dumps(line, separators=(",", ":")).encode() + b"\n"


class Answers:
    """The outcomes of `requests`, read from the files of their batch as the bytes arrive.

    `read` reads a body as that of a live call is read, and `learn` hears of each request that was
    declined. A line longer than `most_bytes`, and all that follows `most_in_all` bytes, is not read.
    """

    def __init__(
        self,
        requests: Sequence[Request],
        server: Server,
        read: Reader,
        *,
        learn: Learn | None = None,
        most_bytes: int = MOST_BYTES,
        most_in_all: int = MOST_IN_ALL,
    ) -> None:
        self._requests = {request.key: request for request in requests}
        self._server = server
        self._read = read
        self._learn = learn
        self._lines = _Lines(most_bytes)
        self._most_bytes = most_bytes
        self._left = most_in_all
        self._number = 0
        self._outcomes: dict[str, Completion | Failure] = {}
        self._oddities: list[str] = []
        self._odd = 0

    async def read_file(self, chunks: AsyncGenerator[bytes]) -> None:
        """Read one file of the batch, whose bytes `chunks` yields."""
        async with aclosing(chunks):
            async for chunk in chunks:
                if not self.feed(chunk):
                    break
        self.end_file()

    def feed(self, chunk: bytes) -> bool:
        """Read the next bytes of a file; return whether more may come."""
        if self._left < 0:
            return False
        self._left -= len(chunk)
        if self._left < 0:
            self._note("the files of the batch are too large, so their rest was not read")
            return False
        for line in self._lines.feed(chunk):
            self._read_line(line)
        return True

    def end_file(self) -> None:
        """Read what is left of a file as its last line."""
        if self._left >= 0:
            for line in self._lines.end():
                self._read_line(line)
        self._number = 0

    def collected(self, ending: Ending, reason: str | None) -> Collected:
        """Return what came back, and a failure for every request that nothing came back for."""
        why = f": {reason}" if reason else ""
        missing = Failure(
            kind="transient",
            reason=f"the batch service gave no answer{why}",
            calls=0,
            service="batch",
        )
        more = (f"and {self._odd - _MOST_ODDITIES} more",) if self._odd > _MOST_ODDITIES else ()
        return Collected(
            ending=ending,
            reason=reason,
            outcomes={key: self._outcomes.get(key, missing) for key in self._requests},
            oddities=(*self._oddities, *more),
        )

    def _note(self, what: str) -> None:
        self._odd += 1
        if self._odd <= _MOST_ODDITIES:
            self._oddities.append(what)

    def _read_line(self, line: bytes | None) -> None:
        """Read one line; None was too long."""
        self._number += 1
        if line is None:
            self._note(f"line {self._number} is longer than {self._most_bytes:,} bytes")
            return
        if not line.strip():
            return
        unread: ProviderError | None = None
        try:
            document = read_object(line, self._server)
        except ProviderError as error:
            document, unread = _read_loosely(line, self._server), error
        name = document.get("custom_id")
        request = self._requests.get(name) if isinstance(name, str) else None
        if request is None:
            self._note(f"line {self._number} {_unknown_request(name, unread)}")
        elif request.key in self._outcomes:
            self._note(f"line {self._number} answers {one_line(request.label)} a second time")
        else:
            self._outcomes[request.key] = self._outcome(document, unread, request)

    def _outcome(
        self, document: dict[str, Any], unread: ProviderError | None, request: Request
    ) -> Completion | Failure:
        outcome: Completion | Failure
        try:
            if unread is not None:
                raise unread
            outcome = self._completion(document, request)
        except Stopped as error:
            # It ends this call only: the next live call shows whether others may be made.
            outcome = failure_of(Transient(str(error)))
        except ProviderError as error:
            outcome = failure_of(error)
        return outcome.model_copy(update={"service": "batch"})

    def _completion(self, document: dict[str, Any], request: Request) -> Completion:
        response = document.get("response")
        if not isinstance(response, dict):
            raise Transient(f"the batch service did not ask it{_said(document)}", calls=0)
        status = response.get("status_code", _OK)
        if type(status) is not int:
            raise Unusable(f"{self._server.name} sent no status with the answer")
        body = _bytes(response.get("body"))
        if status != _OK:
            if self._learn is not None:
                self._learn(request, status, body)
            raise fault(status, body, self._server)
        return self._read(body, self._server, request.model)


class _Lines:
    """Bytes cut into lines as they come; a line that is too long is dropped and yielded as None."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._rest = bytearray()
        self._too_long = False

    def feed(self, chunk: bytes) -> Iterator[bytes | None]:
        first, *others = chunk.split(b"\n")
        self._add(first)
        for piece in others:
            yield from self._cut(is_last=False)
            self._add(piece)

    def end(self) -> Iterator[bytes | None]:
        yield from self._cut(is_last=True)

    def _add(self, piece: bytes) -> None:
        if len(self._rest) + len(piece) > self._most_bytes:
            self._too_long = True
            self._rest.clear()
        else:
            self._rest += piece

    def _cut(self, *, is_last: bool) -> Iterator[bytes | None]:
        if self._rest or self._too_long or not is_last:
            yield None if self._too_long else bytes(self._rest)
        self._rest.clear()
        self._too_long = False


def _read_loosely(line: bytes, server: Server) -> dict[str, Any]:
    """Return a line that read_object refused as far as it can be read: it may name its request."""
    try:
        document = json.loads(server.keys.scrub(line.decode()))
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _unknown_request(name: object, unread: ProviderError | None) -> str:
    if isinstance(name, str):
        return f"answers a request that was not in the batch: {one_line(name)}"
    return "names no request" if unread is None else f"cannot be read: {unread}"


def _said(document: dict[str, Any]) -> str:
    """Return why the service did not ask a request, in its own words."""
    error = document.get("error")
    words = (error.get("message") or error.get("code")) if isinstance(error, dict) else error
    return f": {one_line(words)}" if isinstance(words, str) and words else ""


def _bytes(body: object) -> bytes:
    """Return a body as a live call would have brought it; Mistral may send one as a text."""
    if isinstance(body, str):
        return body.encode(errors="surrogatepass")
    try:
        return b"" if body is None else json.dumps(body).encode()
    except RecursionError:  # it was read just within the limit of depth
        return b""
