"""The rows of a CSV table, whose first line names their fields."""

import csv
import io
from collections.abc import Iterable, Iterator
from itertools import count
from typing import Final

from panel.feeds.decompression import MOST_BYTES
from panel.feeds.parse.items import Damage, Row, UnreadableFeedError

_SEPARATORS: Final = {",": "commas", ";": "semicolons", "\t": "tabs"}
_MOST_LINES: Final = 200
_UNCLOSED: Final = Damage("its quotation mark is never closed")


def csv_rows(text: str, names: frozenset[str]) -> Iterator[Row]:
    """Return the rows of a table by the separator that parts one of `names` off its first line.

    A quotation mark that is never closed costs its own line, and not those behind. Raises
    UnreadableFeedError where no separator does.
    """
    csv.field_size_limit(MOST_BYTES)
    for separator in _SEPARATORS:
        table = _Table(text, separator)
        if not names.isdisjoint(table.header):
            return table.rows()
    raise UnreadableFeedError("it is no feed, and no CSV table whose first line has title or name")


class _Lines:
    """The lines of a text, and an empty one behind the last: a row that takes it in is not closed.

    `second` is the second line since `begin_row`, None where that has but one. A row of more than
    `most` lines is not closed either: so a text in which no row is closed is not read to its end for
    each of them.
    """

    def __init__(self, stream: io.StringIO, most: int | None = None) -> None:
        self.second: str | None = None
        self.is_beyond = False
        self._stream = stream
        self._most = most
        self.begin_row()

    def begin_row(self) -> None:
        self.start = self.behind_first = self._stream.tell()
        self.second = None
        self._count = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self.is_beyond:
            raise StopIteration
        line = "" if self._count == self._most else self._stream.readline()
        self._count += 1
        if self.behind_first == self.start:
            self.behind_first = self._stream.tell()
        elif self.second is None:
            self.second = line
        self.is_beyond = not line
        return line or "\n"


class _Table:
    """A table whose fields `separator` parts."""

    def __init__(self, text: str, separator: str) -> None:
        self._separator = separator
        self._stream = io.StringIO(text, newline="")
        self.header = [name.strip().casefold() for name in next(self._read(self._stream), [])]

    def rows(self) -> Iterator[Row]:
        """Yield the fields of each row, or the Damage that stands in its place."""
        lines = _Lines(self._stream)
        rows = self._read(lines)
        # Behind an open quote may be the rest of a text: a row is then known by its length.
        is_exact = False
        most = None
        for number in count(2):
            lines.begin_row()
            row = next(rows, None)
            if row is None:
                return
            if row and (lines.is_beyond or self._takes_in_another(row, lines)):
                self._stream.seek(lines.behind_first)
                most = _MOST_LINES if lines.is_beyond else most
                lines = _Lines(self._stream, most)
                rows = self._read(lines)
                is_exact = True
                yield f"row {number}", _UNCLOSED
            elif row:
                yield f"row {number}", self._fields(row, is_exact=is_exact)

    def _read(self, lines: Iterator[str], *, strict: bool = False) -> Iterator[list[str]]:
        return csv.reader(lines, delimiter=self._separator, strict=strict)

    def _takes_in_another(self, row: list[str], lines: _Lines) -> bool:
        """Return whether a quote that was left open made one row of two."""
        if lines.second is None or not self._is_row([lines.second]):
            return False
        end = self._stream.tell()
        self._stream.seek(lines.start)
        is_sound = len(row) <= len(self.header) and self._is_row(self._stream)
        self._stream.seek(end)
        return not is_sound

    def _is_row(self, lines: Iterable[str]) -> bool:
        """Return whether `lines` begin with a row: every field, and every quote in its place."""
        try:
            return len(next(self._read(iter(lines), strict=True), [])) == len(self.header)
        except csv.Error:
            return False

    def _fields(self, row: list[str], *, is_exact: bool) -> object:
        most = len(self.header)
        if any(map(str.strip, row[most:])):
            named = _SEPARATORS[self._separator]
            return Damage(
                f"it has {len(row)} fields and the first line {most}: put a text with {named} "
                "in quotation marks"
            )
        if is_exact and len(row) != most:
            return Damage("it stands behind an open quotation mark and is no whole row")
        return dict(zip(self.header, row, strict=False))
