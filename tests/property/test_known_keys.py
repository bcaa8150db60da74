"""No key comes through in any spelling, and no text is touched that has none in it."""

import json
import string
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from itertools import zip_longest
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from panel.providers.wire.known_keys import WORD, KnownKeys

KEY = st.text(string.ascii_letters + string.digits + "_-", min_size=16, max_size=40)
ANY_TEXT = st.text(st.characters(codec=None, categories=None), max_size=30)
BYTES = st.binary(max_size=5)
GAP = st.text(" \t\r\n\u00a0\u2028", max_size=4)


def spaced(key: str, gaps: list[str]) -> str:
    return "".join(a + b for a, b in zip_longest(key, gaps[: len(key)], fillvalue=""))


def percent(key: str) -> str:
    return "".join(f"%{ord(letter):02X}" for letter in key)


def escaped(key: str) -> str:
    return "".join(f"\\u{ord(letter):04x}" for letter in key)


CODINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "backwards": lambda key: key[::-1],
    "in capitals": str.upper,
    "hexadecimal": lambda key: key.encode().hex(),
    "hexadecimal in capitals": lambda key: key.encode().hex().upper(),
    "percent": percent,
    "percent twice": lambda key: quote(percent(key)),
    "percent backwards": lambda key: percent(key[::-1]),
    "JSON": escaped,
    "JSON in JSON": lambda key: json.dumps(escaped(key))[1:-1],
    "one letter in JSON": lambda key: key[:7] + escaped(key[7]) + key[8:],
    "Python": lambda key: "".join(f"\\x{ord(letter):02X}" for letter in key),
    "HTML": lambda key: "".join(f"&#{ord(letter)};" for letter in key),
    "HTML in hexadecimal": lambda key: "".join(f"&#x{ord(letter):X};" for letter in key),
}


def assert_gone(key: str, before: str, said: str, after: str) -> None:
    assert said not in KnownKeys([key]).scrub(f"{before}{said}{after}").replace(WORD, "")


@pytest.mark.parametrize("coding", CODINGS)
@given(KEY, ANY_TEXT, ANY_TEXT)
@example("nrt-known-key-0123", "\\", "")
@example("a1b2c3d4e5f60718", "%", "")
@example("u0041x41-0123456", "\\", "")
@example("4104104104104104", "&#", ";")
def test_no_key_comes_through(coding: str, key: str, before: str, after: str) -> None:
    assert_gone(key, before, CODINGS[coding](key), after)


@given(KEY, BYTES, BYTES, ANY_TEXT)
def test_no_key_comes_through_in_base64(key: str, lead: bytes, tail: bytes, text: str) -> None:
    for encode in (b64encode, urlsafe_b64encode):
        said = encode(lead + key.encode() + tail).decode()
        assert_gone(key, text, said, text)
        assert_gone(key, text, quote(said, safe=""), text)
        assert_gone(key, text, said.replace("/", "\\/"), text)
        assert_gone(key, text, "\n".join(said[i : i + 7] for i in range(0, len(said), 7)), text)


@given(KEY, st.lists(GAP, max_size=40), ANY_TEXT)
def test_no_key_comes_through_in_pieces(key: str, gaps: list[str], text: str) -> None:
    for coding in ("plain", "backwards", "hexadecimal"):
        said = spaced(CODINGS[coding](key), gaps)
        assert_gone(key, text, said, text)
        assert_gone(key, "\\", json.dumps(said)[1:-1], text)


@given(st.sampled_from(["sk-proj-Zq7xW2", "Zq7xW2vB9mK4pL1t"]), ANY_TEXT.map(lambda x: x * 9))
@example("abcdefghijklmnop", "100%25 of \\u0041 and &#65; are plain, abcdefghijklmno")
def test_a_text_without_the_key_stays_as_it_is(key: str, text: str) -> None:
    assert KnownKeys([key]).scrub(text) == text


@given(st.text(max_size=7), ANY_TEXT)
def test_what_is_too_short_for_a_secret_is_left_alone(key: str, text: str) -> None:
    said = f"{text}{key}{text}"
    assert KnownKeys([key, "unused", "none", "key", "ollama", ""]).scrub(said) == said


@given(st.text(string.punctuation + string.ascii_letters, min_size=16, max_size=40), ANY_TEXT)
@example("n\\n\\n\\n\\n\\nkey-0123", "\\")
def test_a_key_of_odd_signs_does_not_come_through_either(key: str, text: str) -> None:
    assert_gone(key, text, key, text)
    assert_gone(key, text, json.dumps(key)[1:-1], text)
    assert_gone(key, text, percent(key), text)


@given(KEY, KEY)
def test_each_of_two_keys_is_taken_out(one: str, other: str) -> None:
    said = KnownKeys([one, other]).scrub(f"({one}) ({other})")
    assert said == f"({WORD}) ({WORD})"
