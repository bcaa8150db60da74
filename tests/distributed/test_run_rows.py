"""Runs in Postgres keep the promises of runs on disk."""

import asyncio
import subprocess
import sys
from contextlib import AsyncExitStack
from datetime import UTC, date, datetime
from pathlib import Path, PurePath

import psycopg
import pytest
from sqlalchemy import Connection, text

from panel.domain.run import Run
from panel.errors import Busy, StoreError, Tampered
from panel.ports import OpenRun, RunStore
from panel.store.run_files import RunFiles
from panel.store.sql.run_rows import RunRows
from tests.factories import a_run
from tests.panels import an_exchange, an_open_run
from tests.postgres import Cluster
from tests.votes import wait_for

CHECKOUT = Path(__file__).parents[2]


@pytest.fixture
def rows(postgres_address: str, tmp_path: Path) -> RunRows:
    return RunRows.open(postgres_address, beside=tmp_path)


def execute(address: str, statement: str) -> int:
    with psycopg.connect(address, autocommit=True) as connection:
        return connection.execute(statement.encode()).rowcount


def locks_held(address: str) -> int:
    return execute(
        address,
        "SELECT 1 FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database"
        " WHERE locktype = 'advisory' AND datname = current_database()",
    )


async def add(held: OpenRun, *numbers: int) -> None:
    for number in numbers:
        await held.append(an_exchange(number))


async def keep(store: RunStore, run: Run, *numbers: int) -> PurePath:
    with store.lock(run) as held:
        await add(held, *numbers)
        held.save(run)
    return store.place(run)


def recorded(store: RunStore, run: Run) -> list[int]:
    return [exchange.ms for exchange in store.load(store.place(run)).exchanges]


async def test_a_run_comes_back_as_it_was_saved(rows: RunRows) -> None:
    run = a_run()
    path = await keep(rows, run, 0, 1, 2)
    found = rows.load(path)
    assert (found.path, found.run) == (path, run)
    assert found.exchanges == tuple(map(an_exchange, range(3)))
    assert rows.read(path) == run


async def test_a_database_and_a_folder_keep_the_same_bytes(
    rows: RunRows, postgres_address: str, tmp_path: Path
) -> None:
    run, files = a_run(), RunFiles(tmp_path / "runs")
    folder = await keep(files, run, 0, 1)
    await keep(rows, run, 0, 1)
    with psycopg.connect(postgres_address) as connection:
        document = connection.execute("SELECT document FROM runs").fetchone()
        lines = connection.execute("SELECT line FROM exchanges ORDER BY number").fetchall()
    assert document == ((Path(folder) / "run.json").read_text(encoding="utf-8"),)
    text = "".join(f"{line}\n" for (line,) in lines)
    assert text == (Path(folder) / "exchanges.jsonl").read_text(encoding="utf-8")


async def test_runs_are_found_by_place_by_id_and_oldest_date_first(rows: RunRows) -> None:
    run = a_run()
    inputs = run.inputs.model_copy(update={"date": date(2020, 1, 2)})
    early = run.model_copy(update={"inputs": inputs, "id": "zebra-00000000"})
    places = [await keep(rows, run), await keep(rows, early)]
    assert rows.paths() == places[::-1]
    assert rows.find(run.inputs.date, run.id) == places[0]
    assert rows.at(f"{run.inputs.date}/{run.id}") == places[0]
    nowhere = [
        rows.find(date(2020, 1, 2), run.id),
        *(rows.at(name) for name in ("x", "a/b", "2020-01-02/x")),
    ]
    assert nowhere == [None] * 4
    with pytest.raises(StoreError, match="no such run"):
        rows.read(PurePath("a/b/c"))


async def test_the_newest_unfinished_run_of_a_task_is_found_and_no_other(rows: RunRows) -> None:
    run = an_open_run()
    assert rows.unfinished(run.inputs.task) is None
    for id_, state in (("a-1", "open"), ("a-2", "stopped"), ("a-3", "finished")):
        await keep(rows, run.model_copy(update={"id": id_, "state": state}))
    found = rows.unfinished(run.inputs.task)
    assert found is not None
    assert found.name == "a-2"
    assert rows.unfinished("another") is None


async def test_a_damaged_run_is_set_aside_and_keeps_nobody_from_beginning_anew(
    rows: RunRows, postgres_address: str, tmp_path: Path
) -> None:
    run, other = an_open_run(), RunRows.open(postgres_address, beside=tmp_path)
    path = await keep(rows, run, 0, 1)
    execute(postgres_address, "UPDATE exchanges SET digest = 'x' WHERE number = 2")
    with other.lock(another := run.model_copy(update={"id": "a-1"})) as held:
        held.save(another)
        with pytest.raises(Tampered), other.lock(run):
            pass
        with pytest.raises(Busy):
            rows.set_aside(rows.place(another))
    assert rows.unfinished(run.inputs.task) == path
    assert rows.set_aside(path) == path
    found = rows.unfinished(run.inputs.task)
    assert found == rows.place(another)
    assert locks_held(postgres_address) == 0
    execute(postgres_address, "UPDATE runs SET document = '{' WHERE id = 'a-1'")
    assert rows.unfinished(run.inputs.task) is None


async def test_a_second_writer_is_told_that_the_run_is_held(
    rows: RunRows, postgres_address: str, tmp_path: Path
) -> None:
    run, other = an_open_run(), RunRows.open(postgres_address, beside=tmp_path)
    with rows.lock(run):
        for store in (rows, other):
            with pytest.raises(Busy, match="another process is at work"), store.lock(run):
                pass
    with other.lock(run) as held:
        await add(held, 0)
    with rows.lock(run) as held:
        assert held.find(an_exchange(0).request) == an_exchange(0)


async def test_an_exchange_is_there_for_others_as_soon_as_it_was_written(
    rows: RunRows, postgres_address: str, tmp_path: Path
) -> None:
    run, other = an_open_run(), RunRows.open(postgres_address, beside=tmp_path)
    with rows.lock(run) as held:
        held.save(run)
        for number in range(5):
            await add(held, number)
            assert recorded(other, run) == list(range(number + 1))


async def test_what_many_calls_of_many_runs_write_at_once_is_all_there(rows: RunRows) -> None:
    runs = [an_open_run().model_copy(update={"id": f"a-{number}"}) for number in range(4)]
    async with AsyncExitStack() as stack, asyncio.TaskGroup() as group:
        for run in runs:
            held = stack.enter_context(rows.lock(run))
            held.save(run)
            for number in range(25):
                group.create_task(held.append(an_exchange(number)))
    for run in runs:
        assert sorted(recorded(rows, run)) == list(range(25))


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE exchanges SET line = replace(line, '\"ms\":1', '\"ms\":7') WHERE number = 2",
        "UPDATE exchanges SET digest = 'x' WHERE number = 2",
        "DELETE FROM exchanges WHERE number = 2",
        "DELETE FROM exchanges WHERE number = 3",
        "UPDATE runs SET document = replace(document, 'finished', 'stopped')",
        "UPDATE runs SET id = 'other-1'; UPDATE exchanges SET id = 'other-1'",
    ],
)
async def test_a_changed_row_is_found(rows: RunRows, postgres_address: str, change: str) -> None:
    await keep(rows, a_run(), 0, 1, 2)
    assert execute(postgres_address, change) >= 1
    (path,) = rows.paths()
    with pytest.raises(Tampered):
        rows.load(path)


KILLED = """
import asyncio, os, sys
from pathlib import Path
from panel.store.sql.run_rows import RunRows
from tests.panels import an_exchange, an_open_run

async def work():
    run = an_open_run()
    with RunRows.open(sys.argv[1], beside=Path("x")).lock(run) as held:
        held.save(run)
        for number in range(10_000):
            await held.append(an_exchange(number))
            os.write(1, b"%d\\n" % number)

asyncio.run(work())
"""


async def test_after_a_kill_every_exchange_that_was_reported_is_there_and_the_run_is_free(
    rows: RunRows, postgres_address: str
) -> None:
    command = [sys.executable, "-c", KILLED, postgres_address]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=CHECKOUT)  # noqa: ASYNC220 - nothing else runs
    assert child.stdout is not None
    reported = [int(child.stdout.readline()) for _ in range(20)]
    run = an_open_run()
    with pytest.raises(Busy), rows.lock(run):
        pass
    child.kill()
    reported += [int(line) for line in child.stdout.read().splitlines()]
    child.wait()
    child.stdout.close()
    # The server learns of the kill when it next reads from the socket.
    wait_for(lambda: locks_held(postgres_address) == 0)
    found = recorded(rows, run)
    assert found[: len(reported)] == reported
    with rows.lock(run) as held:
        assert len(held.exchanges) == len(found)


@pytest.mark.parametrize("how", ["fast", "immediate"])
async def test_a_held_run_goes_on_when_the_server_comes_back(
    postgres: Cluster, rows: RunRows, how: str
) -> None:
    run = an_open_run()
    with rows.lock(run) as held:
        held.save(run)
        await add(held, 0, 1)
        with postgres.stopped(how):  # type: ignore[arg-type]
            pass
        await add(held, 2)
        held.save(run)
    assert recorded(rows, run) == [0, 1, 2]


def cut(address: str) -> None:
    """End every session on the database but the one that does it."""
    execute(
        address,
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )


async def test_who_lost_a_run_to_another_writes_nothing_more(
    rows: RunRows, postgres_address: str, tmp_path: Path
) -> None:
    run, other = an_open_run(), RunRows.open(postgres_address, beside=tmp_path)
    with rows.lock(run) as held:
        held.save(run)
        await add(held, 0)
        cut(postgres_address)
        with other.lock(run) as theirs:
            for _ in range(2):
                with pytest.raises(Busy, match="another process"):
                    await add(held, 1)
            with pytest.raises(Busy, match="another process"):
                held.save(run)
            await add(theirs, 2)
    assert recorded(rows, run) == [0, 2]


async def test_who_lost_a_run_for_a_while_writes_nothing_more_either(
    rows: RunRows, postgres_address: str, tmp_path: Path
) -> None:
    run, other = an_open_run(), RunRows.open(postgres_address, beside=tmp_path)
    with rows.lock(run) as held:
        await add(held, 0)
        cut(postgres_address)
        with other.lock(run) as theirs:
            await add(theirs, 2)
        with pytest.raises(Busy, match="another process"):
            await add(held, 1)


async def test_a_commit_that_nobody_heard_of_is_not_done_twice(
    rows: RunRows, postgres_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = an_open_run()
    commit, cuts = Connection.commit, iter((False, True))

    def deaf(session: Connection) -> None:
        commit(session)
        if next(cuts, False):
            cut(postgres_address)
            session.execute(text("SELECT 1"))

    with rows.lock(run) as held:
        held.save(run)
        monkeypatch.setattr(Connection, "commit", deaf)
        await add(held, 0, 1, 2)
        assert next(cuts, None) is None
    assert recorded(rows, run) == [0, 1, 2]


@pytest.mark.parametrize("kept_in", ["files", "rows"])
async def test_a_watch_and_a_version_tell_what_has_changed(
    kept_in: str, rows: RunRows, tmp_path: Path
) -> None:
    store: RunStore = rows if kept_in == "rows" else RunFiles(tmp_path / "runs")
    run = an_open_run()
    path = await keep(store, run, 1)
    watch, first = store.watch(), store.version(path)
    assert watch.poll().changed == {path}
    assert watch.poll().changed == frozenset()
    with store.lock(run) as held:
        await add(held, 2)
        assert store.version(path) != first
        second = store.version(path)
        held.save(a_run(inputs=run.inputs).model_copy(update={"id": run.id}))
    assert store.version(path) != second
    assert watch.poll().changed == {path}
    store.remove(path, datetime(2026, 11, 23, tzinfo=UTC))
    assert watch.poll().gone == {path}
    assert store.version(path) == ""
