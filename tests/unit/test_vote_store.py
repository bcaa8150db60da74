"""Votes in the database: one a voter and tool, whatever comes in which order."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.domain.community import Choice, DailyCount, VoteCount
from panel.errors import StoreError
from panel.store.sql.votes import VoteRequest, VoteStore
from tests.conftest import tries

DAY = date(2026, 11, 30)
CHANGES = st.lists(
    st.tuples(
        st.sampled_from("ab"),
        st.sampled_from((b"1", b"2")),
        st.sampled_from(("ship", "skip", None)),
    ),
    max_size=12,
)


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[VoteStore]:
    address: str | Path = tmp_path / "votes.db"
    if request.param == "postgres":
        address = str(request.getfixturevalue("postgres_address"))
    opened = VoteStore.open(address)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VoteStore]:
    opened = VoteStore.open(tmp_path_factory.mktemp("votes") / "votes.db")
    yield opened
    opened.close()


def change(
    tool: str, voter: bytes, choice: str | None, day: date = DAY, rule: str | None = None
) -> VoteRequest:
    return VoteRequest(tool, voter, cast("Choice | None", choice), day, rule)  # type: ignore[arg-type]


@tries(60)
@given(st.lists(CHANGES, max_size=3))
def test_groups_leave_what_a_dictionary_would(
    empty: VoteStore, groups: list[list[tuple[str, bytes, str | None]]]
) -> None:
    meant: dict[tuple[str, bytes], str] = {}
    try:
        for group in groups:
            empty._write_group([change(*one) for one in group])
            for tool, voter, choice in group:
                meant.pop((tool, voter), None)
                if choice is not None:
                    meant[tool, voter] = choice
        for tool in "ab":
            for voter in (b"1", b"2"):
                found = empty.find(tool, voter)
                assert (found.choice if found else None) == meant.get((tool, voter))
        counted = sum(count.votes for count in empty.count().values())
        assert counted == len(meant)
    finally:
        empty._write_group([change(t, v, None) for t in "ab" for v in (b"1", b"2")])


async def test_a_vote_set_aside_stays_so_when_it_is_changed(store: VoteStore) -> None:
    await store.write(change("a", b"1", "ship", rule="burst"))
    await store.write(change("a", b"1", "skip"))
    await store.write(change("a", b"2", "ship"))
    await store.write(change("a", b"2", "skip", rule="burst"))
    assert store.count("a") == {"a": VoteCount(skip=1, set_aside={"burst": 1})}
    assert store.count("b") == {}
    found = store.find("a", b"1")
    assert found is not None
    assert (found.choice, found.rule) == ("skip", "burst")


async def test_old_votes_become_counts_and_no_hash_is_left(store: VoteStore) -> None:
    old = DAY - timedelta(days=200)
    for voter in (b"1", b"2", b"3"):
        await store.write(change("a", voter, "ship", day=old))
    await store.write(change("a", b"4", "skip", day=old, rule="network_day"))
    await store.write(change("a", b"5", "skip"))
    before = store.count()
    assert store.forget_voters(DAY - timedelta(days=180)) == 4
    assert store.forget_voters(DAY - timedelta(days=180)) == 0
    assert store.count() == before
    assert store.find("a", b"1") is None
    await store.write(change("a", b"6", "ship", day=old))
    store.forget_voters(DAY)
    assert list(store.daily()) == [
        DailyCount(tool="a", day=old, choice="ship", rule=None, votes=4),
        DailyCount(tool="a", day=old, choice="skip", rule="network_day", votes=1),
        DailyCount(tool="a", day=DAY, choice="skip", rule=None, votes=1),
    ]


async def test_a_fault_of_the_database_reaches_whoever_waits(store: VoteStore) -> None:
    store._database.write(lambda connection: connection.exec_driver_sql("DROP TABLE votes"))
    with pytest.raises(StoreError, match="votes"):
        await store.write(change("a", b"1", "ship"))


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "votes.db"
    file.write_bytes(b"no database" * 100)
    with pytest.raises(StoreError, match=r"votes\.db"):
        VoteStore.open(file)
