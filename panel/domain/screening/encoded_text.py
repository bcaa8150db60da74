"""Readings of a text that was put through a code, so that a filter misses it and a model does not."""

import base64
import binascii
import html
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple
from urllib.parse import unquote

from panel.domain.screening.phrasing import Worded
from panel.domain.screening.respelled_text import Decoding, respellings

_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}(?:\s[A-Za-z0-9+/_-]{16,})*={0,2}")
_BASE32 = re.compile(r"[A-Z2-7]{24,}")
_HEX = re.compile(r"[0-9A-Fa-f]{2}(?:[\s,:;-]{0,2}(?:0x|\\x)?[0-9A-Fa-f]{2}){11,}")
_HEX_PAIR = re.compile(r"(?:0x|\\x)?([0-9A-Fa-f]{2})")
_BINARY = re.compile(r"[01]{8}(?:[\s,]{0,2}[01]{8}){5,}")
_BYTE = re.compile(r"[01]{8}")
_NUMBERS = re.compile(r"\d{2,3}(?:[\s,;]{1,2}\d{2,3}){10,}")
_NUMBER = re.compile(r"\d{2,3}")
_MORSE = re.compile(r"[.\-−–·•]{1,6}(?:[\s/]{1,3}[.\-−–·•]{1,6}){10,}")
_MORSE_SPACE = re.compile(r"\s?/\s?|\s{2,}")
_AS_ASCII_MORSE = str.maketrans("−–·•", "--..")
_MORSE_SIGNS = (
    ".- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - ..- ...- .-- "
    "-..- -.-- --.. ----- .---- ..--- ...-- ....- ..... -.... --... ---.. ----."
)
_MORSE_CODE = dict(zip(_MORSE_SIGNS.split(), "abcdefghijklmnopqrstuvwxyz0123456789", strict=True))
_ESCAPED = re.compile(
    r"%[0-9A-Fa-f]{2}|&#?\w{2,10};|\\u[0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2}|\\[0-7]{3}"
)
_BACKSLASHED = re.compile(r"\\u([0-9A-Fa-f]{4})|\\x([0-9A-Fa-f]{2})|\\([0-7]{3})")

_SHORTEST_RUN = 16
_FEWEST_SIGNS = 12
_BYTE_VALUES = 256
_PRINTABLE = bytes((9, 10, 13, *range(32, 127)))
_MOST_NOISE = 0.1
_LONGEST_SIGN = 4  # bytes that a code may have cut off from a UTF-8 sign at the end


def decodings(text: str, worded: Worded) -> Iterator[Decoding]:
    """Yield the text in every way in which it may have been encoded; most texts yield nothing.

    `worded` is the same text. Each reading is at most about as long as the text and is found in one
    pass over it; what was decoded is looked into once more, so two codes on top of each other open.
    """
    for payload in _payloads(text):
        yield payload
        if not payload.whole:
            yield from _payloads(payload.text)
            yield from respellings(payload.text, Worded.of(payload.text))
    yield from respellings(text, worded)


def _payloads(text: str) -> Iterator[Decoding]:
    """Yield the passages that were put through a code."""
    if any(len(run) >= _SHORTEST_RUN for run in text.split()):
        yield from _decoded(text, _CODES_IN_ONE_RUN)
    if sum(map(text.count, "0123456789")) >= _FEWEST_SIGNS:
        yield from _decoded(text, _CODES_IN_DIGITS)
    if text.count(".") + text.count("-") + text.count("·") >= _FEWEST_SIGNS:
        yield from _decoded(text, _CODES_IN_DOTS)
    if ("%" in text or "&" in text or "\\" in text) and _ESCAPED.search(text):
        unescaped = _BACKSLASHED.sub(_unescaped, html.unescape(unquote(text)))
        yield Decoding("escapes", unescaped, whole=True)


def _decoded(text: str, codes: tuple["_Code", ...]) -> Iterator[Decoding]:
    for code in codes:
        for match in code.pattern.finditer(text):
            for decoded in code.decode(match.group()):
                yield Decoding(code.way, decoded, whole=False)


def _from_base64(run: str) -> Iterator[str]:
    """Yield what the run says from each place where a group of four may begin."""
    signs = "".join(run.split()).rstrip("=").replace("-", "+").replace("_", "/")
    for offset in range(4):
        part = signs[offset:]
        part = part[:-1] if len(part) % 4 == 1 else part
        yield from _readable(binascii.a2b_base64(part + "=" * (-len(part) % 4)))


def _from_base32(run: str) -> Iterator[str]:
    yield from _readable(base64.b32decode(run[: len(run) // 8 * 8]))


def _from_hex(run: str) -> Iterator[str]:
    yield from _readable(bytes.fromhex("".join(_HEX_PAIR.findall(run))))


def _from_binary(run: str) -> Iterator[str]:
    yield from _readable(bytes(int(byte, 2) for byte in _BYTE.findall(run)))


def _from_numbers(run: str) -> Iterator[str]:
    numbers = map(int, _NUMBER.findall(run))
    yield from _readable(bytes(number for number in numbers if number < _BYTE_VALUES))


def _from_morse(run: str) -> Iterator[str]:
    words = _MORSE_SPACE.split(run.translate(_AS_ASCII_MORSE))
    yield " ".join("".join(_MORSE_CODE.get(sign, "") for sign in word.split()) for word in words)


class _Code(NamedTuple):
    way: str
    pattern: re.Pattern[str]
    decode: Callable[[str], Iterator[str]]


_CODES_IN_ONE_RUN = (_Code("base64", _BASE64, _from_base64), _Code("base32", _BASE32, _from_base32))
_CODES_IN_DIGITS = (
    _Code("hexadecimal", _HEX, _from_hex),
    _Code("binary", _BINARY, _from_binary),
    _Code("character codes", _NUMBERS, _from_numbers),
)
_CODES_IN_DOTS = (_Code("Morse code", _MORSE, _from_morse),)


def _readable(raw: bytes) -> Iterator[str]:
    """Yield the bytes as text if they are one: nearly all printable, or UTF-8 to the last sign."""
    if len(raw.translate(None, _PRINTABLE)) <= len(raw) * _MOST_NOISE:
        yield raw.decode("utf-8", "replace")
        return
    try:
        yield raw.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start > len(raw) - _LONGEST_SIGN:
            yield raw[: error.start].decode("utf-8")


def _unescaped(match: re.Match[str]) -> str:
    wide, narrow, octal = match.groups()
    return chr(int(octal, 8)) if octal else chr(int(wide or narrow, 16))
