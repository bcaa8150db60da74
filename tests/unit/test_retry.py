import asyncio
import math
from typing import Any

import pytest

from panel.domain.exchange import Usage
from panel.errors import Amended, ProviderError, Refused, Stopped, Transient, Unusable, Waiting
from panel.providers.middleware.retry import Retry
from tests.virtual import Told, VirtualClock, a_request, an_answer, outcome_of, run


def retrying(inner: Told, **options: Any) -> Retry:
    return Retry(inner, clock=VirtualClock(), **{"random": lambda: 0.0, **options})


def failing(**details: Any) -> Transient:
    return Transient("overloaded (503)", **details)


def error_from(provider: Retry) -> ProviderError:
    error = run(outcome_of(provider.complete(a_request())))
    assert isinstance(error, ProviderError)
    return error


def test_an_answer_at_once_is_handed_on_as_it_is() -> None:
    answer = an_answer()
    assert run(retrying(Told(answer)).complete(a_request())) is answer


def test_a_transient_failure_is_tried_again_and_counted() -> None:
    inner = Told(failing(), failing(), an_answer())
    answer = run(retrying(inner).complete(a_request()))
    assert answer.calls == 3
    assert answer.waited_ms == 1500
    assert inner.began == [0, 0.5, 1.5]


def test_three_calls_are_all() -> None:
    inner = Told(failing)
    error = error_from(retrying(inner))
    assert isinstance(error, Transient)
    assert (error.calls, error.waited_ms) == (3, 1500)
    assert len(inner.began) == 3


def test_the_number_of_calls_can_be_set() -> None:
    inner = Told(failing)
    error_from(retrying(inner, attempts=1))
    assert len(inner.began) == 1


@pytest.mark.parametrize(
    "error", [Refused("no"), Unusable("empty"), Stopped("key refused", cause="key")]
)
def test_only_transient_failures_are_tried_again(error: ProviderError) -> None:
    inner = Told(error)
    assert error_from(retrying(inner)) is error
    assert error.calls == 1
    assert len(inner.began) == 1


def test_after_a_part_was_declined_it_asks_again_at_once_and_that_is_no_attempt() -> None:
    inner = Told(Amended("no seed"), Amended("no temperature"), failing(), failing(), an_answer())
    answer = run(retrying(inner).complete(a_request()))
    assert answer.calls == 5
    assert inner.began == [0, 0, 0, 0.5, 1.5]


def test_an_answer_without_a_declined_part_counts_the_call_that_was_declined() -> None:
    inner = Told(Amended("no seed", tokens={"input": 7}), an_answer(usage=Usage(input=3)))
    answer = run(retrying(inner).complete(a_request()))
    assert (answer.calls, answer.usage) == (2, Usage(input=10))


def test_a_refusal_after_declined_parts_knows_their_calls() -> None:
    error = error_from(retrying(Told(Amended("no seed"), Refused("no"))))
    assert (type(error), error.calls) == (Refused, 2)


def test_a_server_that_declines_without_end_is_refused_in_the_end() -> None:
    inner = Told(lambda: Amended("no seed"))
    error = error_from(retrying(inner))
    assert isinstance(error, Refused)
    assert len(inner.began) == 17


def test_what_ends_the_call_knows_the_calls_before_it() -> None:
    error = error_from(retrying(Told(failing(), Refused("no"))))
    assert isinstance(error, Refused)
    assert (error.calls, error.waited_ms) == (2, 500)


def test_retry_after_is_obeyed() -> None:
    inner = Told(failing(retry_after=2), an_answer())
    answer = run(retrying(inner).complete(a_request()))
    assert inner.began == [0, 2]
    assert answer.waited_ms == 2000


def test_retry_after_gets_jitter_on_top_never_below() -> None:
    inner = Told(failing(retry_after=2), an_answer())
    run(retrying(inner, random=lambda: 1.0).complete(a_request()))
    assert inner.began == [0, 2.25]


def test_the_exponential_wait_has_jitter() -> None:
    inner = Told(failing(), failing(), an_answer())
    run(retrying(inner, random=lambda: 1.0).complete(a_request()))
    assert inner.began == [0, 1, 3]


def test_the_longest_wait_is_still_waited() -> None:
    inner = Told(failing(retry_after=60), failing(retry_after=60), an_answer())
    run(retrying(inner, random=lambda: 1.0).complete(a_request()))
    assert inner.began == [0, 60.25, 120.5]


@pytest.mark.parametrize("seconds", [60.5, 3600, 1e9, math.inf])
def test_a_longer_wait_puts_the_job_off_at_once(seconds: float) -> None:
    inner = Told(failing(retry_after=seconds))
    error = error_from(retrying(inner))
    assert isinstance(error, Transient)
    assert error.retry_after == seconds
    assert (error.calls, error.waited_ms) == (1, 0)


@pytest.mark.parametrize("seconds", [-5, -math.inf, math.nan])
def test_a_senseless_retry_after_is_none(seconds: float) -> None:
    inner = Told(failing(retry_after=seconds), an_answer())
    run(retrying(inner).complete(a_request()))
    assert inner.began == [0, 0.5]


def test_a_failure_without_a_call_uses_up_no_attempt() -> None:
    refused_entry = failing(retry_after=10, calls=0)
    inner = Told(refused_entry, refused_entry, failing(), failing(), an_answer())
    answer = run(retrying(inner).complete(a_request()))
    assert answer.calls == 3
    assert answer.waited_ms == 21_500


def test_failures_without_a_call_are_not_waited_for_for_ever() -> None:
    inner = Told(lambda: failing(retry_after=30, calls=0))
    error = error_from(retrying(inner))
    assert isinstance(error, Transient)
    assert error.calls == 0
    assert error.waited_ms == 120_000
    assert error.retry_after == 30


def test_a_failed_call_that_names_no_wait_and_made_no_call_waits_a_little() -> None:
    inner = Told(failing(calls=0), an_answer())
    run(retrying(inner).complete(a_request()))
    assert inner.began == [0, 0.25]


def test_tokens_of_failed_attempts_are_summed_in_the_error() -> None:
    inner = Told(
        failing(tokens={"input": 100, "output": 5}),
        failing(),
        failing(tokens={"input": 100, "output": 7}),
    )
    assert error_from(retrying(inner)).tokens == {"input": 200, "output": 12}


def test_an_error_keeps_that_nobody_counted() -> None:
    assert error_from(retrying(Told(failing))).tokens is None


def test_tokens_of_failed_attempts_are_part_of_the_answers_usage() -> None:
    inner = Told(failing(tokens={"input": 100, "output": 5}), an_answer())
    answer = run(retrying(inner).complete(a_request()))
    assert answer.usage == Usage(input=200, output=15)


def test_an_answer_that_nobody_counted_stays_uncounted() -> None:
    inner = Told(failing(tokens={"input": 100}), an_answer(usage=None))
    assert run(retrying(inner).complete(a_request())).usage is None


def test_what_is_not_a_provider_error_passes_untouched() -> None:
    with pytest.raises(Waiting):
        run(retrying(Told(Waiting("an answer is to be pasted"))).complete(a_request()))


def test_cancelling_ends_the_wait_and_the_call() -> None:
    inner = Told(failing(retry_after=30), an_answer())

    async def main() -> None:
        task = asyncio.create_task(retrying(inner).complete(a_request()))
        await asyncio.sleep(1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(main())
    assert len(inner.began) == 1


def test_two_calls_at_once_keep_their_own_counts() -> None:
    inner = Told(failing(), an_answer(), an_answer())
    provider = retrying(inner)

    async def main() -> list[int]:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(provider.complete(a_request())) for _ in range(2)]
        return [task.result().calls for task in tasks]

    assert run(main()) == [2, 1]
