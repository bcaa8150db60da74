"""OpenAI's batch service: half the price, answers within a day."""

from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing, contextmanager
from typing import Literal

import httpx2
import openai

from panel.domain.exchange import Request
from panel.domain.submitted_batch import Collected, Underway, mark_of
from panel.errors import Transient
from panel.providers.openai.completing import OpenAI, untranslated
from panel.providers.wire.batch_file import write_line
from panel.providers.wire.batch_state import MARK, find_marked, read_batch, read_name

_FILE = "requests.jsonl"
_LOOKED_THROUGH = 100
_ENDPOINTS: dict[str, Literal["/v1/chat/completions", "/v1/responses"]] = {
    "/chat/completions": "/v1/chat/completions",
    "/responses": "/v1/responses",
}


class OpenAIBatches:
    """The batch service of whom `live` asks: with the bodies of its calls, read as they are read.

    A batch is a service tier of its own, so that the tier of `live` is left out. Nothing is retried
    here, and `live` is closed by who made it.
    """

    def __init__(self, live: OpenAI) -> None:
        self._live = live
        self._endpoint = _ENDPOINTS[live.path]

    async def submit(self, requests: Sequence[Request]) -> str:
        """Return the id of the batch that `requests`, all of one model, are in. See BatchService."""
        service, keys, sdk = self._live.service, self._live.keys, self._live.sdk
        mark = mark_of(requests)
        if (known := await self._find(mark)) is not None:
            return known
        data = b"".join(self._line(request) for request in requests)
        with self._our_errors():
            uploaded = await sdk.files.with_raw_response.create(
                file=(_FILE, data, "application/jsonl"), purpose="batch"
            )
            begun = await sdk.batches.with_raw_response.create(
                input_file_id=read_name(uploaded.content, service=service, keys=keys),
                endpoint=self._endpoint,
                completion_window="24h",
                metadata={MARK: mark},
            )
        return read_batch(begun.content, service=service, keys=keys).id

    async def collect(self, id: str, requests: Sequence[Request]) -> Collected | Underway:  # noqa: A002 - its word
        """Return what came of the batch `id` of `requests`, or how far it is. See BatchService."""
        with self._our_errors():
            told = await self._live.sdk.batches.with_raw_response.retrieve(id)
        known = read_batch(told.content, service=self._live.service, keys=self._live.keys)
        if known.ending is None:
            return Underway(done=known.done, of=known.of or len(requests), state=known.state)
        answers = self._live.answers(requests)
        for file in known.files:
            async with aclosing(self._chunks(file)) as chunks:
                async for chunk in chunks:
                    if not answers.feed(chunk):
                        break
            answers.end_file()
        return answers.collected(known.ending, known.reason)

    async def _find(self, mark: str) -> str | None:
        with self._our_errors():
            listed = await self._live.sdk.batches.with_raw_response.list(limit=_LOOKED_THROUGH)
        live = self._live
        return find_marked(listed.content, mark, service=live.service, keys=live.keys)

    def _line(self, request: Request) -> bytes:
        body = self._live.body(request)
        body.pop("service_tier", None)
        return write_line(request, body, path=self._endpoint)

    async def _chunks(self, file: str) -> AsyncGenerator[bytes]:
        """Yield the bytes of a file as they arrive."""
        files = self._live.sdk.files.with_streaming_response
        with self._our_errors():
            async with files.content(file) as response:
                async for chunk in response.iter_bytes():
                    yield chunk

    @contextmanager
    def _our_errors(self) -> Iterator[None]:
        """Translate what the SDK raises, and what a body does that breaks off while it is read."""
        try:
            yield
        except openai.OpenAIError as error:
            raise self._live.translated(error) from error
        except httpx2.TimeoutException as error:
            raise Transient(f"{self._live.service} did not answer in time") from error
        except httpx2.HTTPError as error:
            raise self._live.unconnected() from error
        except untranslated() as error:
            raise self._live.unconnected() from error
