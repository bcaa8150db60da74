"""One byte of a ledger's file changes: whatever is asked of it, the answer is right or one line."""

import random
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from panel.domain.feed import Validators
from panel.errors import PanelError
from panel.store.sql.ledger import SqlLedger
from tests.conftest import tries
from tests.ledgers import AT, BATCH, DAY, FEED, after, an_entry, announce, review, some_entries

pytestmark = pytest.mark.slow  # it opens hundreds of ledgers
FLIPS = tries(120).max_examples


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger of a few jobs, all of it in one file."""
    file = tmp_path_factory.mktemp("sound") / "ledger.db"
    ledger = SqlLedger.open(file)
    ledger.batches.open(DAY, AT, "openai")
    made = announce(ledger, *some_entries(6), an_entry("Tool 0"))
    for one in made[:3]:
        review(ledger, one.job, run=(DAY, f"{one.title}-1"))
    ledger.feeds.remember(FEED, Validators(etag='"a"'))
    ledger.close()
    with closing(sqlite3.connect(file)) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return file


def use(ledger: SqlLedger) -> None:
    """Do what the next batch does, and read all that is there."""
    with ledger.lock():
        _use(ledger)


def _use(ledger: SqlLedger) -> None:
    ledger.journal.verify()
    list(ledger.journal.rows())
    batch = ledger.batches.open(DAY, after(60), "openai").id
    announce(ledger, an_entry("Tool 1"), an_entry("Wren"), batch=batch)
    ledger.entries.of_batch(BATCH)
    ledger.feeds.validators()
    ledger.feeds.of_batch(BATCH)
    ledger.submitted.open()
    list(ledger.results.between(AT, after(99)))
    list(ledger.jobs.of_batch(BATCH))
    for job in ledger.jobs.ids(["queued"]):
        ledger.jobs.namesakes(ledger.jobs.get(job).tool.slug)
        review(ledger, job, run=(DAY, f"{job[:8]}-2"))
    ledger.batches.end(batch, after(99), 0)


def why_refused(file: Path) -> str:
    """Return the error that the ledger in `file` ends in, nothing where it can be used."""
    try:
        with closing(SqlLedger.open(file)) as ledger:
            use(ledger)
    except PanelError as error:
        return str(error)
    return ""


def flips(data: bytes) -> Iterator[int]:
    """Yield every place of the first page's head, then places by chance, most of them in use."""
    yield from range(100)
    chance = random.Random(7)
    used = [at for at, byte in enumerate(data) if byte]
    yield from (chance.choice(used) for _ in range(FLIPS))


def test_a_flipped_byte_is_one_line_that_names_the_ledger_or_changes_nothing(
    sound: Path, tmp_path: Path
) -> None:
    data, told = sound.read_bytes(), 0
    for number, at in enumerate(flips(data)):
        file = tmp_path / str(number) / "ledger.db"
        file.parent.mkdir()
        flipped = data[at] ^ (1 << number % 8)
        file.write_bytes(data[:at] + bytes([flipped]) + data[at + 1 :])
        said = why_refused(file)
        told += bool(said)
        assert "\n" not in said, at
        assert not said or str(file) in said, at
        shutil.rmtree(file.parent)
    assert told > FLIPS / 4
