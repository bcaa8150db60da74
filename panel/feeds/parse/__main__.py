"""The child: bytes on standard input, one JSON document on standard output, within limits.

`python -I -m panel.feeds.parse feed|page CHARSET MEGABYTES SECONDS`. It leaves with 0 and a
document, or is ended by a limit; what it says on standard error is for whoever debugs it.
"""

import contextlib
import re
import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from panel.feeds.decompression import MOST_BYTES, TooLarge, unpack
from panel.feeds.parse.items import Found, Page, unreadable, written

_STATUS = Path("/proc/self/status")
_STEEP = 1_000
_KILO = 1_024
_WEB_PAGE = re.compile(
    rb"\s*(?:\xef\xbb\xbf)?\s*(?:<!--.{0,2000}?-->\s*)?<(?:!doctype\s+html|html)[\s>]",
    re.IGNORECASE | re.DOTALL,
)


def main(kind: str, charset: str, megabytes: int, seconds: float) -> None:
    """Read standard input as `kind` and print what it holds."""
    data = sys.stdin.buffer.read()
    read = _page_reader(charset) if kind == "page" else _feed_reader(data)
    # The imports are done: the limits are for the data alone.
    idle = _memory("VmRSS")
    _limit(megabytes, seconds)
    try:
        document: Any = read(data)
    except MemoryError:
        document = unreadable(f"reading it takes more than {megabytes} MB of memory")
    peak = _memory("VmHWM")
    document["above_idle"] = peak - idle if idle and peak else None
    sys.stdout.buffer.write(written(document))
    sys.stdout.buffer.flush()


def _page_reader(charset: str) -> Callable[[bytes], Page]:
    from panel.feeds.parse import pages  # noqa: PLC0415 - each child loads what it takes

    return partial(pages.read_page, charset=charset or None)


def _feed_reader(data: bytes) -> Callable[[bytes], Found]:
    """Return what reads `data`: a look at its first bytes, opened if need be, tells which."""
    try:
        data = unpack(data)
    except TooLarge:
        return partial(_no, f"it opens to more than {MOST_BYTES:,} bytes")
    except ValueError as error:
        return partial(_no, f"its compression is damaged ({error})")
    if not data.strip():
        return partial(_no, "it is empty")
    if _WEB_PAGE.match(data):
        return partial(_no, "it is a web page; a feed's own address is needed")
    if _is_xml(data):
        from panel.feeds.parse import xml_feeds  # noqa: PLC0415 - heavy

        return lambda packed: xml_feeds.read_xml(unpack(packed))
    from panel.feeds.parse import plain_feeds  # noqa: PLC0415

    return lambda packed: plain_feeds.read_plain(unpack(packed))


def _no(why: str, _: bytes) -> Found:
    return unreadable(why)


def _is_xml(data: bytes) -> bool:
    """Whether an angle bracket comes first, in whatever encoding."""
    start = data[:_STEEP].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    ebcdic = data.startswith(b"\x4c\x6f\xa7\x94")
    return start.startswith(b"<") or ebcdic


def _limit(megabytes: int, seconds: float) -> None:
    """Let this process take so much memory and processor time from now on, where that can be set."""
    with contextlib.suppress(ImportError):
        import resource  # noqa: PLC0415 - not on Windows

        room = _memory("VmSize") + megabytes * _KILO * _KILO
        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        if _STATUS.exists() and (hard == resource.RLIM_INFINITY or room < hard):
            resource.setrlimit(resource.RLIMIT_AS, (room, hard))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        signal.setitimer(signal.ITIMER_PROF, seconds)


def _memory(field: str) -> int:
    """Return a figure of this process's memory in bytes, 0 where the system does not tell."""
    try:
        for line in _STATUS.read_text(encoding="ascii").splitlines():
            if line.startswith(f"{field}:"):
                return int(line.split()[1]) * _KILO
    except OSError:
        return 0
    return 0


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4]))
