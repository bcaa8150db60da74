"""Bytes of feeds and pages as text."""

import re
from contextlib import suppress
from typing import Final

_MARKS: Final = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
    (b"<\x00?\x00", "utf-16-le"),
    (b"\x00<\x00?", "utf-16-be"),
    (b"\x4c\x6f\xa7\x94", "cp037"),  # <?xm in EBCDIC
)
_DECLARED: Final = re.compile(
    rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9_.:-]{1,40})"
    rb"|<meta[^>]{0,300}?charset\s*=\s*[\"']?([A-Za-z0-9_.:-]{1,40})",
    re.IGNORECASE,
)
_HEAD: Final = 4_096


def decode(data: bytes, charset: str | None = None) -> tuple[str, str | None]:
    """Return the text of `data`, and what was wrong with its encoding, None where nothing was.

    The encoding is that of its byte order mark, else `charset`, which a server gave, else UTF-8
    where the bytes are that: they hardly are by chance, and what XML or HTML declares is often wrong.
    Then what is declared counts. Bytes that are none of these are read as Windows-1252.
    """
    marked = next((name for mark, name in _MARKS if data.startswith(mark)), None)
    found = _DECLARED.search(data[:_HEAD])
    declared = (found[1] or found[2]).decode("ascii") if found else None
    for name in filter(None, (marked, charset, "utf-8", declared)):
        with suppress(LookupError, UnicodeError):
            return data.decode(name), None
    return data.decode("cp1252", "replace"), f"its encoding is not {declared or 'UTF-8'}"
