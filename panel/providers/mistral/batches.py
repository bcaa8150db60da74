"""Mistral's batch service: half the price, answers within a day."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from mistralai.client import models

from panel.domain.exchange import Request
from panel.domain.submitted_batch import Collected, Underway, mark_of
from panel.providers.mistral.completing import SERVICE, Mistral, body_of, judged_below
from panel.providers.wire.batch_file import write_line
from panel.providers.wire.batch_state import MARK, find_marked, read_job, read_name

_FILE = "requests.jsonl"


class MistralBatches:
    """The batch service of whom `live` asks: with the bodies of its calls, read as they are read.

    Nothing is retried here, and `live` is closed by who made it.
    """

    def __init__(self, live: Mistral) -> None:
        self._live = live

    async def submit(self, requests: Sequence[Request]) -> str:
        """Return the id of the batch that `requests`, all of one model, are in. See BatchService."""
        sdk, keys = self._live.sdk, self._live.keys
        marked = {MARK: mark_of(requests)}
        listed = await self._live.ask(sdk.batch.jobs.list_async(metadata=marked))
        known = find_marked(listed.content, marked[MARK], service=SERVICE, keys=keys)
        if known is not None:
            return known
        data = b"".join(write_line(request, body_of(request)) for request in requests)
        file = models.File(file_name=_FILE, content=data, content_type="application/jsonl")
        uploaded = await self._live.ask(sdk.files.upload_async(file=file, purpose="batch"))
        begun = await self._live.ask(
            sdk.batch.jobs.create_async(
                endpoint="/v1/chat/completions",
                input_files=[read_name(uploaded.content, service=SERVICE, keys=keys)],
                model=requests[0].model,
                metadata=marked,
            )
        )
        return read_job(begun.content, service=SERVICE, keys=keys).id

    async def collect(self, id: str, requests: Sequence[Request]) -> Collected | Underway:  # noqa: A002 - its word
        """Return what came of the batch `id` of `requests`, or how far it is. See BatchService."""
        told = await self._live.ask(self._live.sdk.batch.jobs.get_async(job_id=id))
        known = read_job(told.content, service=SERVICE, keys=self._live.keys)
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

    async def _chunks(self, file: str) -> AsyncGenerator[bytes]:
        """Yield the bytes of a file as they arrive."""
        response = await self._live.ask(self._live.sdk.files.download_async(file_id=file))
        try:
            with judged_below([]):
                async for chunk in response.aiter_bytes():
                    yield chunk
        finally:
            await response.aclose()
