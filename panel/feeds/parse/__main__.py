"""The child: bytes on standard input, lines of JSON on standard output, within limits.

`python -I -m panel.feeds.parse feed|page CHARSET MEGABYTES SECONDS`. A feed is a line for each item
as soon as it is read, and a last one on the whole; a page is one line. Ended by a limit, of which one
is on what it writes, it leaves the lines that it has written. What it says on standard error is for
whoever debugs it.
"""

import sys
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from panel.feeds.markup import TooDeep
from panel.feeds.parse.formats import open_feed
from panel.feeds.parse.item_kinds import OlderReleases, read_kind
from panel.feeds.parse.items import UnreadableFeedError, json_line
from panel.process_limits import limit_memory, limit_time, memory_in_use

Write = Callable[[Mapping[str, object]], None]
_MOST_OUTPUT: Final = 60_000_000


def main(kind: str, charset: str, megabytes: int, seconds: float) -> None:
    """Read standard input as `kind` and print what it holds."""
    data = sys.stdin.buffer.read()
    output = _Output()
    read = reader_of(kind, charset, output.add)
    # The imports are done: the limits are for the data alone.
    idle = memory_in_use("VmRSS")
    limit_memory(megabytes)
    limit_time(seconds)
    last: dict[str, Any]
    try:
        last = read(data)
    except MemoryError:
        last = {"fault": f"reading it takes more than {megabytes} MB of memory"}
    peak = memory_in_use("VmHWM")
    last["above_idle"] = peak - idle if idle and peak else None
    output.end(last)


def reader_of(kind: str, charset: str, write: Write) -> Callable[[bytes], dict[str, Any]]:
    """Return what reads bytes as `kind`: a feed's items are written, what is said of all returned.

    What cannot be read is said as a `fault`.
    """
    read = _page_reader(charset) if kind == "page" else partial(_read_feed, write=write)

    def read_or_say(data: bytes) -> dict[str, Any]:
        try:
            return read(data)
        except (UnreadableFeedError, TooDeep) as error:
            return {"fault": str(error)}

    return read_or_say


class _Output:
    """Lines on standard output, each there whatever happens next: the parent keeps them in memory.

    A long name or address of a feed stands in each of its items.
    """

    def __init__(self) -> None:
        self._left = _MOST_OUTPUT

    def add(self, item: Mapping[str, object]) -> None:
        """Print an item. Raises UnreadableFeedError where that would be too much in all."""
        line = json_line(item)
        self._left -= len(line)
        if self._left < 0:
            raise UnreadableFeedError(f"its items come to more than {_MOST_OUTPUT:,} bytes")
        self._print(line)

    def end(self, last: Mapping[str, object]) -> None:
        """Print what is said of the whole."""
        self._print(json_line({"last": last}))

    def _print(self, line: bytes) -> None:
        sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()


def _page_reader(charset: str) -> Callable[[bytes], dict[str, Any]]:
    from panel.feeds.parse.pages import read_page  # noqa: PLC0415 - trafilatura is heavy

    return lambda data: {**read_page(data, charset or None)}


def _read_feed(data: bytes, write: Write) -> dict[str, Any]:
    """Write the items of a feed and return what is said of the whole. Raises UnreadableFeedError."""
    reader, note = open_feed(data)
    releases = OlderReleases()
    for item in reader.items():
        write(releases.check(read_kind(item, reader.channel)))
    summary = reader.summary
    malformed = "; ".join(filter(None, (note, summary["malformed"]))) or None
    return {**summary, "malformed": malformed}


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4]))
