"""Bytes of feeds and pages as text."""

import codecs
import re
from contextlib import suppress
from typing import Final

_MARKS: Final = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
    (b"\x4c\x6f\xa7\x94", "cp037"),  # <?xm in EBCDIC
)
# Two characters of ASCII without a mark before them: no text in UTF-8 has a NUL there.
_UNMARKED: Final = (
    (re.compile(rb"(?:[\t\n\r -~]\0){2}"), "utf-16-le"),
    (re.compile(rb"(?:\0[\t\n\r -~]){2}"), "utf-16-be"),
)
_DECLARED: Final = re.compile(
    rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9_.:-]{1,40})"
    rb"|<meta[^>]{0,300}?charset\s*=\s*[\"']?([A-Za-z0-9_.:-]{1,40})",
    re.IGNORECASE,
)
_HEAD: Final = 4_096
# What a browser reads under these names, by Python's own: the encodings that contain them.
# Source: https://encoding.spec.whatwg.org/#names-and-labels
_WIDER: Final = {
    "ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "iso8859-11": "cp874",
    "tis-620": "cp874", "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932",
    "euc_kr": "cp949",
}  # fmt: skip


def decode(data: bytes, charset: str | None = None) -> tuple[str, str | None]:
    """Return the text of `data`, and what was wrong with its encoding, None where nothing was.

    The encoding is that of its byte order mark or its first bytes, else `charset`, which a server
    gave, else UTF-8 where the bytes are that: they hardly are by chance, and what XML or HTML declares
    is often wrong. Then what is declared counts, read as a browser does: Latin-1 as Windows-1252, which
    has quotes and dashes where Latin-1 has control characters. Bytes that are none of these are
    Windows-1252.
    """
    marked = next((name for mark, name in _MARKS if data.startswith(mark)), None)
    marked = marked or next((name for begin, name in _UNMARKED if begin.match(data)), None)
    found = _DECLARED.search(data[:_HEAD])
    declared = (found[1] or found[2]).decode("ascii") if found else None
    for name in filter(None, (marked, charset, "utf-8", declared)):
        with suppress(LookupError, UnicodeError):
            python_name = codecs.lookup(name).name
            return data.decode(_WIDER.get(python_name, python_name)), None
    return data.decode("cp1252", "replace"), f"its encoding is not {declared or 'UTF-8'}"
