"""One cost cap over two processes: never more is begun than it holds."""

import asyncio
import json
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest

from panel.errors import Stopped
from panel.store.sql.database import Database, open_shared_database
from panel.store.sql.shared_budget import SharedBudget, set_cap
from panel.store.sql.worker_registry import WorkerRegistry
from tests.postgres import Cluster

NOTHING = Decimal(0)
SPENDER = """
import asyncio, json, random, sys
from decimal import Decimal
from panel.store.sql.database import open_shared_database
from panel.store.sql.shared_budget import SharedBudget
from panel.errors import Stopped

async def main():
    chance = random.Random(int(sys.argv[2]))
    budget = SharedBudget.open(open_shared_database(sys.argv[1]), "b", sys.argv[2], cap=Decimal(20))
    paid, refused = [], 0
    await budget.reserve(Decimal(0))
    print("ready", flush=True)
    sys.stdin.readline()

    async def spend():
        nonlocal refused
        for _ in range(20):
            worst = Decimal(chance.randint(1, 30)) / 100
            try:
                reservation = await budget.reserve(worst)
            except Stopped:
                refused += 1
                continue
            await asyncio.sleep(chance.random() / 50)
            cost = worst * chance.randint(0, 10) / 10
            paid.append(cost)
            budget.settle(reservation, cost)

    async with asyncio.TaskGroup() as group:
        for _ in range(16):
            group.create_task(spend())
    budget.flush()
    print(json.dumps([str(sum(paid)), len(paid), refused]))

asyncio.run(main())
"""


@pytest.fixture
def database(postgres_address: str) -> Database:
    return open_shared_database(postgres_address)


def a_budget(database: Database, worker: str = "w", cap: str | None = "1") -> SharedBudget:
    return SharedBudget.open(database, "b", worker, cap=None if cap is None else Decimal(cap))


def test_sixteen_calls_at_a_time_in_two_processes_stay_below_the_cap(
    database: Database, postgres_address: str
) -> None:
    budget = a_budget(database, cap="20")
    spenders = [
        subprocess.Popen(
            [sys.executable, "-c", SPENDER, postgres_address, str(number)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        for number in range(2)
    ]
    for spender in spenders:
        assert spender.stdout is not None
        assert spender.stdout.readline() == "ready\n"
    for spender in spenders:
        assert spender.stdin is not None
        spender.stdin.write("go\n")
        spender.stdin.flush()
    most = NOTHING
    while any(spender.poll() is None for spender in spenders):
        most = max(most, sum(budget.spent(), NOTHING))
        time.sleep(0.01)
    found = [json.loads(spender.communicate()[0]) for spender in spenders]
    spent, reserved = budget.spent()
    print(f"\nspent {spent} of 20, at most {most} with what was reserved: {found}")  # noqa: T201
    assert spent == sum(Decimal(one[0]) for one in found)
    assert reserved == NOTHING
    assert spent <= most <= 20
    assert spent > 18
    assert all(one[1] and one[2] for one in found), "both spent, and both were refused"


async def test_a_worst_case_above_what_is_left_is_refused(database: Database) -> None:
    budget = a_budget(database)
    budget.settle(await budget.reserve(Decimal("0.9")), Decimal("0.4"))
    with pytest.raises(Stopped, match=r"the cost cap of \$1.* is reached: \$0.40* spent") as stop:
        await budget.reserve(Decimal("0.7"))
    assert (stop.value.cause, stop.value.calls) == ("cap", 0)
    await budget.reserve(Decimal("0.6"))
    assert budget.spent() == (Decimal("0.4"), Decimal("0.6"))


async def test_who_only_waits_for_calls_of_another_worker_goes_on_when_they_settle(
    database: Database,
) -> None:
    one, other = a_budget(database, "one"), a_budget(database, "other")
    held = await one.reserve(Decimal("0.8"))
    waiting = asyncio.create_task(other.reserve(Decimal("0.5")))
    await asyncio.sleep(0.6)
    assert not waiting.done()
    one.settle(held, Decimal("0.1"))
    await waiting
    one.flush()
    assert other.spent() == (Decimal("0.1"), Decimal("0.5"))


async def test_who_is_cancelled_while_waiting_holds_nothing(database: Database) -> None:
    budget = a_budget(database)
    for pause in (0, 0.001, 0.003, 0.01, 0.05):
        asking = asyncio.create_task(budget.reserve(Decimal(1)))
        await asyncio.sleep(pause)
        if asking.done():
            budget.settle(asking.result(), NOTHING)
        asking.cancel()
        await asyncio.wait([asking])
        budget.flush()
        assert budget.spent() == (NOTHING, NOTHING)


async def test_the_first_cap_holds_until_it_is_set_anew(database: Database) -> None:
    assert a_budget(database, cap="1").cap == 1
    assert a_budget(database, cap="5").cap == 1
    set_cap(database, "b", Decimal(7))
    assert a_budget(database).cap == 7
    set_cap(database, "b", None)
    free = a_budget(database)
    free.settle(await free.reserve(Decimal(1000)), Decimal(1000))
    assert free.spent() == (NOTHING, NOTHING), "without a cap nothing is kept"


async def test_a_hold_waits_for_a_server_that_is_away(
    postgres: Cluster, database: Database
) -> None:
    budget = a_budget(database)
    held = await budget.reserve(Decimal("0.5"))
    with postgres.stopped("immediate"):
        asking = asyncio.create_task(budget.reserve(Decimal("0.5")))
        budget.settle(held, Decimal("0.2"))
        await asyncio.sleep(1)
    await asking
    budget.flush()
    assert budget.spent() == (Decimal("0.2"), Decimal("0.5"))


async def test_what_a_dead_worker_had_reserved_counts_as_spent(
    database: Database, postgres_address: str
) -> None:
    dead, alive = (
        WorkerRegistry(database, share=lambda _: None),
        WorkerRegistry(database, share=lambda _: None),
    )
    await dead.beat()
    lost = SharedBudget.open(database, "b", dead.id, cap=Decimal(1))
    holds = [await lost.reserve(Decimal("0.3")) for _ in range(2)]
    with psycopg.connect(postgres_address) as connection:
        connection.execute("UPDATE workers SET beat = beat - interval '21 s'")
    await alive.beat()
    assert lost.spent() == (Decimal("0.6"), NOTHING)
    lost.settle(holds[0], Decimal("0.1"))
    lost.flush()
    assert lost.spent() == (Decimal("0.6"), NOTHING), "it was written off before"
