"""Feeds on their way into the ledger: no secret of an address, and no bad feed stops a good one."""

import json
from pathlib import Path

from panel.app.sources import feed_name
from panel.batch.ingest import ingest_feeds
from panel.domain.feed import Validators
from panel.feeds.fetch import Fetcher
from panel.store.sql.ledger import SqlLedger
from tests.contract.loopback import Loopback, Reply
from tests.ledgers import AT, BATCH

DOCUMENT = {"items": [{"id": "1", "title": "Rowboat", "content_text": "In step, for $20."}]}


def a_fetcher(server: Loopback) -> Fetcher:
    port = int(server.address.rpartition(":")[2])
    return Fetcher(ports=(port,), allowed=lambda address: address.is_loopback)


def _written(path: Path, document: object) -> str:
    path.write_text(json.dumps(document))
    return str(path)


def _bytes_of(folder: Path) -> list[bytes]:
    stored = [path.read_bytes() for path in folder.glob("ledger.db*")]
    assert stored
    return stored


async def test_the_secret_of_an_address_is_in_no_byte_of_the_ledger(
    sqlite_ledger: SqlLedger, tmp_path: Path
) -> None:
    reply = Reply(DOCUMENT, headers={"etag": '"1"'})
    async with Loopback([reply, Reply(status=304)]) as server:
        feed, fetcher = f"{server.address}/x?token=hush", a_fetcher(server)
        names = (feed, "http://me:hush@a.example/feed", "ftp://me:hush@a.example/feed")
        first, *_ = await ingest_feeds(names, fetcher, sqlite_ledger, BATCH, AT)
        second, *_ = await ingest_feeds(names, fetcher, sqlite_ledger, BATCH, AT)
        assert server.heard[1].path == "/x?token=hush"
        assert server.heard[1].headers["if-none-match"] == '"1"'
    assert (first.entries, second.unchanged) == (1, True)
    assert first.source == second.source == feed_name(feed)
    assert [one.source for one in sqlite_ledger.entries.of_batch(BATCH)] == [feed_name(feed)]
    assert not any(b"hush" in data for data in _bytes_of(tmp_path))


async def test_a_feed_that_an_older_ledger_has_under_its_whole_address_is_not_read_again(
    sqlite_ledger: SqlLedger,
) -> None:
    async with Loopback([Reply(status=304)]) as server:
        feed = f"{server.address}/x?format=rss"
        sqlite_ledger.feeds.remember(feed, Validators(etag='"1"'))
        (line,) = await ingest_feeds([feed], a_fetcher(server), sqlite_ledger, BATCH, AT)
        assert server.heard[0].headers["if-none-match"] == '"1"'
    assert line.unchanged


def test_two_feeds_of_one_server_keep_two_names_and_plain_ones_their_own() -> None:
    one, two = (feed_name(f"https://a.example/x?cat={n}") for n in "ab")
    assert one != two
    assert one.startswith("https://a.example/x?")
    assert feed_name("https://a.example/x") == "https://a.example/x"
    assert feed_name("a?b.xml") == "a?b.xml"


async def test_a_feed_of_broken_characters_stops_no_good_one(
    sqlite_ledger: SqlLedger, tmp_path: Path
) -> None:
    broken = {"id": "\ud800\0", "title": "B\ud83d", "content_text": "\ud83d", "tags": ["\udc00"]}
    broken["url"] = "https://a.example/\ud800\0"
    names = [
        _written(tmp_path / "bad.json", {"items": [broken]}),
        _written(tmp_path / "good.json", DOCUMENT),
    ]
    bad, good = await ingest_feeds(names, Fetcher(), sqlite_ledger, BATCH, AT)
    assert (bad.entries, good.entries) == (1, 1)
    assert [one.title for one in sqlite_ledger.entries.of_batch(BATCH)] == ["B\ufffd", "Rowboat"]
