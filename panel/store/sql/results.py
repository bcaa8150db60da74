"""What the reviewers of finished jobs came to, for the drift of a persona over time."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, select, tuple_

from panel.domain.job import ReviewerResult
from panel.store.sql.database import Database
from panel.store.sql.mapping import fetch, read_result
from panel.store.sql.schema import RESULTS

_PAGE: Final = 500
_ORDER: Final = (RESULTS.c.at, RESULTS.c.job, RESULTS.c.position)


class Results:
    """The reviewers' results; see `ports.Results`. They are written with a job's transition."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def between(self, since: datetime, until: datetime) -> Iterator[ReviewerResult]:
        """Yield what reviewers came to between two moments, `until` excluded, page by page."""
        page = select(RESULTS).where(RESULTS.c.at >= since, RESULTS.c.at < until)
        page = wanted = page.order_by(*_ORDER).limit(_PAGE)
        while rows := self._page(wanted):
            yield from (result for _, result in rows)
            wanted = page.where(tuple_(*_ORDER) > rows[-1][0])

    def _page(self, wanted: Any) -> list[tuple[tuple[Any, ...], ReviewerResult]]:  # noqa: ANN401 - a statement
        return self._database.read(lambda c: fetch(c, wanted, _read, "a reviewer's result"))


def _read(row: Row[Any]) -> tuple[tuple[Any, ...], ReviewerResult]:
    return (row.at, row.job, row.position), read_result(row)
