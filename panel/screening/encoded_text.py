"""Readings of a text that was put through a code, so that a filter misses it and a model does not."""

import base64
import binascii
import html
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple
from urllib.parse import unquote

from panel.domain.cleaning import clean_text
from panel.screening.obfuscated_text import (
    FEWEST_SIGNS,
    DecodedText,
    may_say_something,
    respellings,
)
from panel.screening.tokens import Vocabulary

ESCAPES = "escapes"

_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}+(?:\s[A-Za-z0-9+/_-]{16,}+)*+={0,2}")
_BASE32 = re.compile(r"[A-Z2-7]{24,}+")
_ASCII85 = re.compile(r"[!-uz]++")
_BASE85 = re.compile(r"[A-Za-z0-9!#$%&()*+\-;<=>?@^_`{|}~]++")
_HEX = re.compile(r"[0-9A-Fa-f]{2}(?:[\s,:;-]{0,2}+(?:0x|\\x)?+[0-9A-Fa-f]{2}){11,}+")
_HEX_PAIR = re.compile(r"(?:0x|\\x)?([0-9A-Fa-f]{2})")
_BINARY = re.compile(r"[01]{7,8}+(?:[\s,]{0,2}+[01]{7,8}+){5,}+")
_BYTE = re.compile(r"[01]{8}|(?<![01])[01]{7}(?![01])")
_NUMBERS = re.compile(r"\d{1,3}+(?:[\s,;-]{1,2}+(?:0o)?+\d{1,3}+){10,}+")
_NUMBER = re.compile(r"\d{2,3}")
_DIGIT = re.compile(r"\d")
_MANY_DIGITS = re.compile(r"[\dA-Fa-fxo\s,:;\\-]{21}")  # the shortest run of numbers that is a code
_PLACE = re.compile(r"\d{1,3}")
_NEXT_WORD = re.compile(r"[\s,;]++")
_MORSE = re.compile(r"[.\-−–·•]{1,6}+(?:[\s/]{1,3}+[.\-−–·•]{1,6}+){10,}+")
_MORSE_SPACE = re.compile(r"\s?/\s?|\s{2,}+")
_AS_ASCII_MORSE = str.maketrans("−–·•", "--..")
_MORSE_SIGNS = (
    ".- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - ..- ...- .-- "
    "-..- -.-- --.. ----- .---- ..--- ...-- ....- ..... -.... --... ---.. ----."
)
_MORSE_CODE = dict(zip(_MORSE_SIGNS.split(), "abcdefghijklmnopqrstuvwxyz0123456789", strict=True))
_ESCAPED = re.compile(
    r"%[0-9A-Fa-f]{2}|&#?\w{2,10};|\\u\{?[0-9A-Fa-f]{2}|\\x[0-9A-Fa-f]{2}|\\[0-7]{3}|\\[nr]"
    r"|U\+[0-9A-Fa-f]{4}|=[0-9A-F]{2}=[0-9A-F]{2}"
)
_BACKSLASHED = re.compile(
    r"\\u\{([0-9A-Fa-f]{2,5})\}|\\u([0-9A-Fa-f]{4})|\\x([0-9A-Fa-f]{2})|\\([0-7]{3})|\\([nr])"
    r"|U\+([0-9A-Fa-f]{4,5})\s?|=([0-9A-F]{2})(?==[0-9A-F]{2}|[\s.]|$)"
)
_ESCAPE_SIGNS = ("%", "&", "\\", "U+", "=")
_ESCAPE_ROUNDS = 3
_MIXED_PIECES = re.compile(
    r"[A-Z](?<=[a-z0-9][A-Z])[\w+/=]{0,20}+[\s,;|.-]{1,2}+[\w+/]{0,20}[a-z0-9][A-Z]"
)
_PIECE = re.compile(r"[A-Za-z0-9+/_]++={0,2}")
_PIECES = re.compile(
    r"(?<![A-Za-z0-9+/_])(?:[A-Za-z0-9+/_]{4,}+={0,2}+[^A-Za-z0-9+/_=]{1,2}+){3,}+[A-Za-z0-9+/_]++={0,2}"
)
_SHORTEST_PIECE = 4
_FEWEST_PIECES = 4

_ALPHABET = {
    written: letter
    for place, letter in enumerate(" abcdefghijklmnopqrstuvwxyz")
    for written in (str(place), f"{place:02}")
}
_SHORTEST_RUN = 16
_SAMPLE = 50  # signs of base85, in groups of five
_FEWEST_OF_A_CODE = 12
_BYTE_VALUES = 256
_PRINTABLE = bytes((9, 10, 13, *range(32, 127)))
_MOST_NOISE = 0.1
_LEAST_PROSE = 0.8  # letters, digits and spaces
_ONE_MORE_CODE = frozenset("01.- /\n")  # few signs, and yet a text in binary or Morse code
_LONGEST_SIGN = 4  # bytes that a code may have cut off from a UTF-8 sign at the end


def readings(text: str, vocabulary: Vocabulary) -> Iterator[DecodedText]:
    """Yield the text in every way in which it may have been encoded; most texts yield nothing.

    `vocabulary` is the text's. Each reading is at most about as long as the text and is found in one
    pass over it; what was decoded is looked into once more, so two codes on top of each other open.
    """
    for payload in _payloads(text):
        yield payload
        if not payload.whole:
            yield from _payloads(payload.text)
            yield from respellings(payload.text, Vocabulary.of(payload.text))
    yield from respellings(text, vocabulary)


def _payloads(text: str) -> Iterator[DecodedText]:
    """Yield the passages that were put through a code."""
    runs = {run: None for run in text.split() if len(run) >= _SHORTEST_RUN}
    if runs:
        yield from _decoded(text, _CODES_IN_ONE_RUN)
        for run in runs:
            for decoded in _from_base85(run):
                yield DecodedText("base85", clean_text(decoded), whole=False)
    for joined in _regrouped(text):
        yield from _decoded(joined, _CODES_IN_ONE_RUN)
    if _MANY_DIGITS.search(text) and sum(map(text.count, "0123456789")) >= _FEWEST_OF_A_CODE:
        yield from _decoded(text, _CODES_IN_DIGITS)
    if text.count(".") + text.count("-") + text.count("·") >= _FEWEST_OF_A_CODE:
        yield from _decoded(text, _CODES_IN_DOTS)
    if any(sign in text for sign in _ESCAPE_SIGNS) and _ESCAPED.search(text):
        yield DecodedText(ESCAPES, clean_text(_unescaped(text)), whole=True)


def _regrouped(text: str) -> Iterator[str]:
    """Yield the runs that were cut into pieces of one length, put together again."""
    if not _MIXED_PIECES.search(text):
        return
    for run in _PIECES.finditer(text):
        pieces: list[str] = []
        for piece in (*_PIECE.findall(run.group()), ""):
            same = not pieces or len(pieces[-1]) == len(pieces[0]) >= len(piece) > 0
            if not same:
                if len(pieces) >= _FEWEST_PIECES:
                    yield "".join(pieces)
                pieces = []
            if pieces or len(piece) >= _SHORTEST_PIECE:
                pieces.append(piece)


def _decoded(text: str, codes: tuple["_Code", ...]) -> Iterator[DecodedText]:
    for code in codes:
        for run in {match.group(): None for match in code.pattern.finditer(text)}:
            for decoded in code.decode(run):
                if may_say_something(decoded) or _ONE_MORE_CODE.issuperset(decoded):
                    yield DecodedText(code.name, clean_text(decoded), whole=False)


def _from_base64(run: str) -> Iterator[str]:
    """Yield what the run says, either way round, from each place where a group of four may begin."""
    signs = "".join(run.split()).strip("=").replace("-", "+").replace("_", "/")
    for turned in (signs, signs[::-1]):
        for offset in range(4):
            part = turned[offset:]
            part = part[:-1] if len(part) % 4 == 1 else part
            yield from _readable(binascii.a2b_base64(part + "=" * (-len(part) % 4)))


def _from_base85(run: str) -> Iterator[str]:
    if run.isalnum() or run.islower() or "://" in run:
        return  # a word, words with hyphens, an address
    run = run.removeprefix("<~").removesuffix("~>")
    for signs, decode in ((_ASCII85, base64.a85decode), (_BASE85, base64.b85decode)):
        if not signs.fullmatch(run):
            continue
        try:
            # Decoding is slow: the first letters tell whether it is worth while.
            if any(map(_is_prose, _readable(decode(run[:_SAMPLE])))):
                yield from _readable(decode(run))
        except ValueError:
            continue


def _is_prose(text: str) -> bool:
    signs = sum(sign.isalnum() or sign.isspace() for sign in text)
    return signs >= len(text) * _LEAST_PROSE


def _from_base32(run: str) -> Iterator[str]:
    yield from _readable(base64.b32decode(run[: len(run) // 8 * 8]))


def _from_hex(run: str) -> Iterator[str]:
    yield from _readable(bytes.fromhex("".join(_HEX_PAIR.findall(run))))


def _from_binary(run: str) -> Iterator[str]:
    yield from _readable(bytes(int(byte, 2) for byte in _BYTE.findall(run)))


def _from_numbers(run: str) -> Iterator[str]:
    """Yield what the numbers say as bytes, decimal or octal, and as places in the alphabet."""
    numbers = _NUMBER.findall(run)
    for base in (10, 8):
        if len(set(numbers)) >= FEWEST_SIGNS and base > int(max(_DIGIT.findall(run))):
            values = (int(number, base) for number in numbers)
            yield from _readable(bytes(value for value in values if value < _BYTE_VALUES))
    if len(_ALPHABET.keys() & _PLACE.findall(run)) >= FEWEST_SIGNS:
        words = [_PLACE.findall(word) for word in _NEXT_WORD.split(run)]
        letters = ["".join(_ALPHABET.get(place, "") for place in word) for word in words]
        yield (" " if any(len(word) > 1 for word in words) else "").join(letters)


def _from_morse(run: str) -> Iterator[str]:
    words = _MORSE_SPACE.split(run.translate(_AS_ASCII_MORSE))
    yield " ".join("".join(_MORSE_CODE.get(sign, "") for sign in word.split()) for word in words)


class _Code(NamedTuple):
    name: str
    pattern: re.Pattern[str]
    decode: Callable[[str], Iterator[str]]


_CODES_IN_ONE_RUN = (
    _Code("base64", _BASE64, _from_base64),
    _Code("base32", _BASE32, _from_base32),
)
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


def _unescaped(text: str) -> str:
    """Return the text without escapes, those of escapes included."""
    for _ in range(_ESCAPE_ROUNDS):
        plain = _BACKSLASHED.sub(_sign, html.unescape(unquote(text)))
        if plain == text:
            break
        text = plain
    return text


def _sign(match: re.Match[str]) -> str:
    braced, wide, narrow, octal, line_end, named, quoted = match.groups()
    if line_end:
        return "\n"
    if octal:
        return chr(int(octal, 8))
    return chr(int(braced or wide or narrow or named or quoted, 16))
