"""A damaged write-ahead log is found where SQLite would forget a commit, and only there."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from panel.store.sql.write_ahead_log import find_damage

HEADER, FRAME, PAGE = 32, 24, 4096
COMMITS = 6


@contextmanager
def database(file: Path) -> Iterator[sqlite3.Connection]:
    """Yield a connection to a database with a log of so many commits, each of one page or two."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE kept (text TEXT)")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        for number in range(COMMITS):
            connection.execute("INSERT INTO kept VALUES (?)", (f"{number} " * 700,))
        yield connection


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """The log of a database whose process died."""
    with database(tmp_path / "first.db"):
        for name in ("first.db", "first.db-wal"):
            (tmp_path / name.replace("first", "ledger")).write_bytes((tmp_path / name).read_bytes())
    return tmp_path / "ledger.db-wal"


def ends_of_commits(data: bytes) -> list[int]:
    frames = range(HEADER, len(data), FRAME + PAGE)
    return [at + FRAME + PAGE for at in frames if any(data[at + 4 : at + 8])]


def flip(log: Path, at: int) -> None:
    data = bytearray(log.read_bytes())
    data[at] ^= 1
    log.write_bytes(data)


def kept(log: Path) -> int:
    """Return how many of the rows SQLite still finds."""
    with closing(sqlite3.connect(log.with_name("ledger.db"))) as connection:
        return int(connection.execute("SELECT count(*) FROM kept").fetchone()[0])


def test_a_sound_log_and_a_missing_one_have_no_damage(log: Path) -> None:
    assert len(ends_of_commits(log.read_bytes())) == COMMITS
    assert find_damage(log.with_name("ledger.db")) is None
    assert find_damage(log.with_name("other.db")) is None


@pytest.mark.parametrize("offset", [0, 7, 8, 16, 23, FRAME, FRAME + PAGE - 1])
@pytest.mark.parametrize("commit", range(COMMITS - 1))
def test_a_byte_in_a_commit_that_another_one_follows_is_damage(
    log: Path, commit: int, offset: int
) -> None:
    frame = ([HEADER, *ends_of_commits(log.read_bytes())])[commit]
    flip(log, frame + offset)
    assert find_damage(log.with_name("ledger.db")) == frame
    assert kept(log) == commit, "and SQLite says nothing"


@pytest.mark.parametrize("at", [0, 8, 16, 24, HEADER - 1])
def test_a_byte_in_the_head_is_damage(log: Path, at: int) -> None:
    flip(log, at)
    assert find_damage(log.with_name("ledger.db")) == 0
    assert kept(log) == 0


def test_the_last_commit_may_have_been_cut_off_by_a_crash(log: Path) -> None:
    data = log.read_bytes()
    begin, end = ends_of_commits(data)[-2:]
    flip(log, begin + FRAME)
    assert find_damage(log.with_name("ledger.db")) is None
    for length in (0, HEADER, HEADER + 9, begin, begin + 9, end - 1):
        log.write_bytes(data[:length])
        assert find_damage(log.with_name("ledger.db")) is None


def test_what_an_older_log_left_behind_the_end_of_this_one_is_no_damage(tmp_path: Path) -> None:
    file = tmp_path / "ledger.db"
    log = tmp_path / "ledger.db-wal"
    with database(file) as connection:
        before = log.stat().st_size
        connection.execute("PRAGMA wal_checkpoint(RESTART)")
        connection.execute("INSERT INTO kept VALUES ('more')")
        assert log.stat().st_size == before
        assert find_damage(file) is None
