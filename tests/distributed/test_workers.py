"""Workers on one Postgres: nothing is lost, nothing is paid twice, and cap and limits hold for all."""

import asyncio
import math
import signal
import time
from collections import Counter
from decimal import Decimal
from pathlib import Path

from tests.contract.loopback import Heard, Reply
from tests.distributed.night import CALLS_A_TOOL, Night
from tests.postgres import Cluster

TOOLS = 12
ANSWERED = 4 * CALLS_A_TOOL  # calls, before one worker is killed


def are_done(night: Night, tools: int = TOOLS) -> bool:
    jobs = night.jobs()
    return len(jobs) == tools and all(
        job.state == "in_review" and job.outcome and job.outcome.scorecards == 4 for job in jobs
    )


async def test_a_worker_that_is_killed_in_mid_panel_loses_nothing(
    postgres_address: str, tmp_path: Path
) -> None:
    with Night(tmp_path / "night", postgres_address, delay_s=0.5) as night:
        assert (await night.enqueue(2 * TOOLS)).count == 2 * TOOLS
        night.desk.server.hold_after(ANSWERED)
        first, second = night.begin("--concurrency", "3"), night.begin("--concurrency", "3")
        night.wait_for_calls(ANSWERED + 1)
        night.wait_until_all_ask()
        first.kill()
        killed, heard = time.monotonic(), len(night.desk.calls)
        in_flight = heard - night.recorded()
        night.desk.server.hold_after(math.inf)
        assert await asyncio.to_thread(night.end, second) == 0, night.said()
        took = time.monotonic() - killed
        assert are_done(night, 2 * TOOLS), night.said()
        repeated = night.repeated()
        print(  # noqa: T201 - the figures are what is shown
            f"\nkilled after {heard} calls with {in_flight} unrecorded; all done {took:.0f} s later; "
            f"{repeated} calls repeated, {night.recorded()} exchanges kept"
        )
        assert night.recorded() == 2 * TOOLS * CALLS_A_TOOL
        assert 0 < repeated <= in_flight
        assert len(night.desk.calls) == 2 * TOOLS * CALLS_A_TOOL + repeated


async def test_workers_finish_though_the_server_is_away_for_twenty_seconds(
    postgres: Cluster, postgres_address: str, tmp_path: Path
) -> None:
    with Night(tmp_path / "night", postgres_address, delay_s=0.3) as night:
        await night.enqueue(TOOLS)
        workers = [night.begin("--concurrency", "2") for _ in range(2)]
        night.wait_for_calls(16)
        with postgres.stopped("immediate"):
            await asyncio.sleep(20)
            workers[0].send_signal(signal.SIGSTOP)
        back = time.monotonic()
        await asyncio.sleep(12)
        workers[0].send_signal(signal.SIGCONT)  # it comes back later than the other
        ends = [await asyncio.to_thread(night.end, worker) for worker in workers]
        print(f"\nall done {time.monotonic() - back:.0f} s after the server came back")  # noqa: T201
        assert ends == [0, 0], night.said()
        assert are_done(night), night.said()
        assert "ended after 0 tools" not in night.said(), "each goes on with the panels that it had"
        assert night.repeated() == 0
        assert night.recorded() == TOOLS * CALLS_A_TOOL


async def test_a_provider_that_declines_several_panels_at_once_is_asked_again(
    postgres_address: str, tmp_path: Path
) -> None:
    tools = 8
    with Night(tmp_path / "night", postgres_address, delay_s=0.2) as night:
        answers = night.desk.server.choose

        def decline_first(heard: Heard) -> Reply:
            is_declined = len(night.desk.calls) <= tools * CALLS_A_TOOL
            refusal = Reply(b'{"error": {"message": "out of service"}}', status=400, delay_s=0.2)
            return refusal if is_declined else answers(heard)

        night.desk.server.choose = decline_first
        await night.enqueue(tools)
        worker = night.begin("--concurrency", str(tools))
        assert await asyncio.to_thread(night.end, worker) == 0, night.said()
        assert "Error" not in night.said()
        states = Counter(job.state for job in night.jobs())
        assert states == {"failed": 4, "in_review": 4}, "the fifth failure in a row is an outage"


async def test_one_cost_cap_holds_for_two_workers(postgres_address: str, tmp_path: Path) -> None:
    with Night(tmp_path / "night", postgres_address, delay_s=0.1) as night:
        cap = Decimal("0.30")
        batch = (await night.enqueue(TOOLS, max_cost=cap)).batch
        workers = [night.begin("--concurrency", "4") for _ in range(2)]
        assert [await asyncio.to_thread(night.end, worker) for worker in workers] == [0, 0]
        costs = [job.outcome.cost_usd for job in night.jobs() if job.outcome]
        paid = sum((cost for cost in costs if cost is not None), Decimal(0))
        print(f"\n{batch.id}: {paid} of {cap} dollars in {len(night.desk.calls)} calls")  # noqa: T201
        assert Decimal(0) < paid <= cap
        assert not are_done(night)
        assert "cost cap" in night.said()


async def test_rate_limits_are_shared_by_workers(postgres_address: str, tmp_path: Path) -> None:
    limit = '\n[limits.per_model."openai:bar-model"]\nrequests_per_minute = 240\n'
    with Night(tmp_path / "night", postgres_address, delay_s=0.05, settings=limit) as night:
        await night.enqueue(TOOLS)
        workers = [night.begin("--concurrency", "4") for _ in range(2)]
        assert [await asyncio.to_thread(night.end, worker) for worker in workers] == [0, 0], (
            night.said()
        )
        assert are_done(night), night.said()
        times = [call.at for call in night.desk.calls]
        took = times[-1] - times[0]
        pace = 60 * (len(times) - 1) / took
        both = night.said().count(": at work, one of 2")
        print(f"\n{len(times)} calls at {pace:.0f} a minute, {both} of 2 saw the other")  # noqa: T201
        late = 1  # how late a busy machine may note the first call
        assert 60 * (len(times) - 1) <= 240 * (took + late)


async def test_a_worker_that_is_told_to_stop_ends_and_another_goes_on(
    postgres_address: str, tmp_path: Path
) -> None:
    with Night(tmp_path / "night", postgres_address, delay_s=0) as night:
        await night.enqueue(TOOLS)
        night.desk.server.hold_after(7)
        first = night.begin("--concurrency", "3")
        night.wait_for_calls(8)
        first.send_signal(signal.SIGTERM)
        night.desk.server.hold_after(math.inf)
        assert await asyncio.to_thread(night.end, first) == 0, night.said()
        assert 0 < sum(job.state == "in_review" for job in night.jobs()) < TOOLS
        assert await asyncio.to_thread(night.end, night.begin()) == 0
        assert are_done(night), night.said()
        assert night.repeated() == 0
