"""The feeds of a ledger: what each gave, and what its server wants to be asked with next time."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from panel.domain.batch_report import FeedLine
from panel.domain.exchange import digest
from panel.domain.feed import Validators
from panel.errors import UnreadableRow
from panel.store.sql.columns import storable_text
from panel.store.sql.journal import Journal, JournalEnd
from panel.store.sql.mapping import fetch, string
from panel.store.sql.schema import FEED_LINES, FEEDS


class Feeds:
    """The feeds; see `ports.Feeds`.

    Nothing of this is in the journal. It is written through it for its lock: two processes may not
    both find a row missing.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def validators(self) -> Mapping[str, Validators]:
        """Return what to ask the servers of feeds with, by the feed's name.

        Nothing where a row cannot be read: each feed is then asked for whole, and written anew.
        """
        try:
            return dict(
                self._journal.database.read(
                    lambda connection: fetch(connection, select(FEEDS), _validators, "a feed")
                )
            )
        except UnreadableRow:
            return {}

    def remember(self, source: str, validators: Validators) -> None:
        """Keep what the server of a feed wants to be asked with next time."""
        key, values = (
            digest([storable_text(source)]),
            {"source": storable_text(source), **dict(validators)},
        )

        def work(connection: Connection, _: JournalEnd) -> None:
            known = connection.execute(update(FEEDS).where(FEEDS.c.key == key).values(**values))
            if not known.rowcount:
                connection.execute(insert(FEEDS).values(key=key, **values))

        self._journal.write(work)

    def record(self, batch: str, lines: Sequence[FeedLine]) -> None:
        """Keep what feeds of the batch gave; of one that was read before, what it gives now."""

        def work(connection: Connection, _: JournalEnd) -> None:
            mine = FEED_LINES.c.batch == batch
            counted = select(func.count()).select_from(FEED_LINES).where(mine)
            position = connection.execute(counted).scalar_one()
            for line in lines:
                text, key = storable_text(line.model_dump_json()), digest([line.source])
                again = update(FEED_LINES).where(mine, FEED_LINES.c.key == key).values(line=text)
                if connection.execute(again).rowcount:
                    continue
                position += 1
                row = {"batch": batch, "key": key, "position": position, "line": text}
                connection.execute(insert(FEED_LINES).values(row))

        self._journal.write(work)

    def of_batch(self, batch: str) -> tuple[FeedLine, ...]:
        """Return what the feeds of the batch gave, in the order in which they were first read."""
        found = select(FEED_LINES.c.line).where(FEED_LINES.c.batch == batch)
        found = found.order_by(FEED_LINES.c.position)
        what = f"what a feed of the batch {batch} gave"
        return tuple(self._journal.database.read(lambda c: fetch(c, found, _line, what)))


def _validators(row: Row[Any]) -> tuple[str, Validators]:
    return string(row.source), Validators(etag=row.etag, last_modified=row.last_modified)


def _line(row: Row[Any]) -> FeedLine:
    return FeedLine.model_validate_json(row.line)
