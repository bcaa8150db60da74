"""The parts that workers take of a rate limit never sum up to more than the whole."""

import asyncio
import random
from fractions import Fraction

import psycopg
import pytest

from panel.store.sql.database import Database, open_shared_database
from panel.store.sql.worker_registry import BEAT_S, STOPS_CALLS_AFTER_S, WorkerRegistry
from tests.postgres import Cluster


class Hand:
    """A worker: its crew, the part that it takes, and a clock that the test sets."""

    def __init__(self, database: Database) -> None:
        self.part = Fraction(0)
        self.now = 0.0
        self.registry = WorkerRegistry(database, share=self.share, monotonic=lambda: self.now)

    def share(self, workers: int) -> None:
        self.part = Fraction(1, workers) if workers else Fraction(0)


@pytest.fixture
def database(postgres_address: str) -> Database:
    return open_shared_database(postgres_address)


def whole(*hands: Hand) -> Fraction:
    return sum((hand.part for hand in hands), Fraction(0))


def age(address: str, hand: Hand) -> None:
    """Let the server find the last heartbeat of a worker too old."""
    with psycopg.connect(address) as connection:
        connection.execute(
            "UPDATE workers SET beat = beat - interval '21 s' WHERE id = %s", [hand.registry.id]
        )


async def test_a_lone_worker_has_it_all_at_once(database: Database) -> None:
    hand = Hand(database)
    assert whole(hand) == 0
    await hand.registry.beat()
    assert whole(hand) == 1


async def test_a_new_worker_starts_only_after_the_others_took_less(database: Database) -> None:
    one, two = Hand(database), Hand(database)
    await one.registry.beat()
    for _ in range(3):
        await two.registry.beat()
        assert [one.part, two.part] == [1, 0]
    await one.registry.beat()
    assert [one.part, two.part] == [Fraction(1, 2), 0]
    await two.registry.beat()
    assert [one.part, two.part] == [Fraction(1, 2), Fraction(1, 2)]


async def test_a_worker_that_leaves_gives_its_part_to_the_others(database: Database) -> None:
    one, two = Hand(database), Hand(database)
    for hand in (one, two, one, two):
        await hand.registry.beat()
    assert whole(one, two) == 1
    await two.registry.leave()
    await one.registry.beat()
    assert [one.part, two.part] == [1, 0]


async def test_a_dead_workers_part_is_taken_and_it_joins_anew(
    database: Database, postgres_address: str
) -> None:
    one, two = Hand(database), Hand(database)
    for hand in (one, two, one, two):
        await hand.registry.beat()
    age(postgres_address, two)
    two.now += STOPS_CALLS_AFTER_S
    two.registry.watch()
    assert [one.part, two.part] == [Fraction(1, 2), 0], "it stops before anybody takes its part"
    await one.registry.beat()
    await two.registry.beat()
    assert [one.part, two.part] == [1, 0]
    await one.registry.beat()
    await two.registry.beat()
    assert [one.part, two.part] == [Fraction(1, 2), Fraction(1, 2)]


async def test_a_worker_that_was_cut_off_for_a_while_goes_on_with_the_next_heartbeat(
    database: Database,
) -> None:
    hand = Hand(database)
    await hand.registry.beat()
    hand.now += STOPS_CALLS_AFTER_S
    hand.registry.watch()
    assert hand.part == 0
    await hand.registry.beat()
    assert hand.part == 1


@pytest.mark.parametrize("seed", range(6))
async def test_in_any_order_of_coming_beating_dying_and_leaving_the_sum_is_at_most_one(
    database: Database, postgres_address: str, seed: int
) -> None:
    chance = random.Random(seed)
    hands, gone = [Hand(database)], set[int]()
    await hands[0].registry.beat()
    most = Fraction(0)
    for _ in range(120):
        alive = [number for number in range(len(hands)) if number not in gone]
        step = chance.choice(("come", "beat", "beat", "beat", "beat", "leave", "age"))
        if step == "come" and len(alive) < 5:
            hands.append(Hand(database))
        elif alive:
            number = chance.choice(alive)
            hand = hands[number]
            if step == "beat":
                await hand.registry.beat()
            elif step == "leave":
                await hand.registry.leave()
                gone.add(number)
            elif step == "age":
                age(postgres_address, hand)
                hand.now += STOPS_CALLS_AFTER_S
                hand.registry.watch()
        most = max(most, whole(*hands))
        assert whole(*hands) <= 1
    assert most == 1


async def test_a_worker_goes_on_though_the_server_is_away_for_longer_than_it_is_waited_for(
    postgres: Cluster, postgres_address: str
) -> None:
    hand = Hand(open_shared_database(postgres_address, patience_s=0.1))
    attending = asyncio.create_task(hand.registry.attend())
    async with asyncio.timeout(60):
        await hand.registry.admitted()
        with postgres.stopped("immediate"):
            await asyncio.sleep(BEAT_S + 2)
            hand.now += STOPS_CALLS_AFTER_S
            hand.registry.watch()
            assert hand.part == 0
        await hand.registry.admitted()
    assert hand.part == 1
    attending.cancel()
    await asyncio.wait([attending])


async def test_three_that_begin_at_once_are_all_admitted_within_seconds(
    database: Database,
) -> None:
    hands = [Hand(database) for _ in range(3)]
    attending = [asyncio.create_task(hand.registry.attend()) for hand in hands]
    highest = Fraction(0)
    async with asyncio.timeout(30):
        while whole(*hands) < 1 or not all(hand.part for hand in hands):
            await asyncio.sleep(0.01)
            highest = max(highest, whole(*hands))
    for task in attending:
        task.cancel()
    await asyncio.wait(attending)
    assert highest == 1
