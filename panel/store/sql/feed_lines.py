"""What the feeds of a batch gave, kept for whoever writes its report."""

from collections.abc import Sequence

from sqlalchemy import Connection, func, insert, select, update

from panel.domain.batch_report import FeedLine
from panel.domain.exchange import digest
from panel.store.sql.columns import words
from panel.store.sql.journal import writing
from panel.store.sql.schema import FEED_LINES


def keep_feeds(connection: Connection, *, batch: str, lines: Sequence[FeedLine]) -> None:
    """Keep a line for each feed; of one that was read before, the new one."""
    mine = FEED_LINES.c.batch == batch
    with writing(connection):  # for its lock: two may not both count the rows
        counted = select(func.count()).select_from(FEED_LINES).where(mine)
        position = connection.execute(counted).scalar_one()
        for line in lines:
            said, key = words(line.model_dump_json()), digest([line.source])
            again = update(FEED_LINES).where(mine, FEED_LINES.c.key == key).values(line=said)
            if connection.execute(again).rowcount:
                continue
            position += 1
            row = {"batch": batch, "key": key, "position": position, "line": said}
            connection.execute(insert(FEED_LINES).values(row))


def read_feeds(connection: Connection, *, batch: str) -> tuple[FeedLine, ...]:
    """Return the lines in the order in which the feeds were first read."""
    found = select(FEED_LINES.c.line).where(FEED_LINES.c.batch == batch)
    rows = connection.execute(found.order_by(FEED_LINES.c.position))
    return tuple(FeedLine.model_validate_json(row.line) for row in rows)
