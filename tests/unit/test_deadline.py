import asyncio

import pytest

from panel.domain.exchange import Completion, Request
from panel.errors import Transient
from panel.providers.middleware.deadline import Deadline
from tests.virtual import Told, a_request, an_answer, run


class Trickling:
    """Sends a byte every second for an hour: no single wait is long."""

    async def complete(self, request: Request) -> Completion:
        for _ in range(3600):
            await asyncio.sleep(1)
        return an_answer(model=request.model)


def test_an_answer_in_time_passes() -> None:
    answer = an_answer()
    assert run(Deadline(Told(answer, takes=59), 60).complete(a_request())) is answer


def test_a_slow_trickle_does_not_stretch_the_deadline() -> None:
    async def main() -> float:
        with pytest.raises(Transient, match=r"openai:gpt-x gave no whole answer in 60 s") as caught:
            await Deadline(Trickling(), 60).complete(a_request())
        assert caught.value.tokens is None
        assert caught.value.calls == 1
        return asyncio.get_running_loop().time()

    assert run(main()) == 60


def test_the_call_is_cut_at_the_deadline() -> None:
    inner = Told(takes=61)

    async def main() -> None:
        with pytest.raises(Transient):
            await Deadline(inner, 60).complete(a_request())

    run(main())
    assert inner.in_flight == 0


def test_a_timeout_of_the_inner_provider_is_transient_too() -> None:
    with pytest.raises(Transient):
        run(Deadline(Told(TimeoutError()), 60).complete(a_request()))


def test_a_cancelled_call_stays_cancelled() -> None:
    async def main() -> None:
        task = asyncio.create_task(Deadline(Told(takes=9), 60).complete(a_request()))
        await asyncio.sleep(1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(main())
