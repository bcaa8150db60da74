"""No key comes through in plain, quoted or in base64; no text without one is touched."""

import json
import string
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from panel.providers.key_redaction import WORD, KnownKeys, is_secret

KEY = st.text(string.ascii_letters + string.digits + "_-.", min_size=16, max_size=40)
BASE64_KEY = st.text(string.ascii_letters + string.digits + "+/=", min_size=16, max_size=88)
ODD_KEY = st.text(string.punctuation + string.ascii_letters, min_size=16, max_size=40)
ANY_TEXT = st.text(st.characters(codec=None, categories=None), max_size=30)
BYTES = st.binary(max_size=5)


def all_escaped(text: str) -> str:
    """Return `text` as a server writes JSON that escapes every sign that is no letter or digit."""
    return "".join(sign if sign.isalnum() else f"\\u{ord(sign):04X}" for sign in text)


def all_percent(text: str) -> str:
    return "".join(sign if sign.isalnum() else f"%{ord(sign):02x}" for sign in text)


QUOTED: dict[str, Callable[[str], str]] = {
    "plain": str,
    "JSON": lambda key: json.dumps(key)[1:-1],
    "JSON in JSON": lambda key: json.dumps(json.dumps(key)[1:-1])[1:-1],
    "JSON with slashes": lambda key: json.dumps(key)[1:-1].replace("/", "\\/"),
    "JSON with escapes": all_escaped,
    "escapes in JSON": lambda key: json.dumps(all_escaped(key))[1:-1],
    "a web address": lambda key: quote(key, safe=""),
    "a form": quote_plus,
    "percent signs": all_percent,
    "percent signs twice": lambda key: quote(all_percent(key)),
}


def assert_gone(key: str, before: str, said: str, after: str) -> None:
    assert said not in KnownKeys([key]).scrub(f"{before}{said}{after}").replace(WORD, "")


@pytest.mark.parametrize("quoting", QUOTED)
@given(KEY | BASE64_KEY | ODD_KEY, ANY_TEXT, ANY_TEXT)
@example("n\\n\\n\\n\\n\\nkey-0123-4tq8Zw1x", "\\", "")
@example("$^`{|}~@[]:;<=>?", "", "")
def test_no_key_comes_through(quoting: str, key: str, before: str, after: str) -> None:
    assume(is_secret(key))
    assert_gone(key, before, QUOTED[quoting](key), after)


@given(KEY | BASE64_KEY, BYTES, BYTES, ANY_TEXT)
def test_no_key_comes_through_in_base64(key: str, lead: bytes, tail: bytes, text: str) -> None:
    assume(is_secret(key))
    for encode in (b64encode, urlsafe_b64encode):
        said = encode(lead + key.encode() + tail).decode()
        assert_gone(key, text, said, text)
        assert_gone(key, text, said.replace("=", ""), text)
        assert_gone(key, text, quote(said, safe=""), text)
        assert_gone(key, text, said.replace("/", "\\/"), text)


@given(st.sampled_from(["sk-proj-Zq7xW2vB", "Zq7xW2vB9mK4pL1t"]), ANY_TEXT.map(lambda x: x * 9))
@example("abcdXefgh1jklm0p", "100%25 of \\u0041 and &#65; are plain, abcdXefgh1jklm0")
def test_a_text_without_the_key_stays_as_it_is(key: str, text: str) -> None:
    assert KnownKeys([key]).scrub(text) == text


@given(KEY, KEY)
def test_each_of_two_keys_is_taken_out(one: str, other: str) -> None:
    assume(is_secret(one) and is_secret(other) and one not in other and other not in one)
    said = KnownKeys([one, other]).scrub(f"({one}) ({other})")
    assert said == f"({WORD}) ({WORD})"


PLACEHOLDERS = [
    "",
    "unused",
    "none",
    "EMPTY",
    "ollama",
    "lm-studio",
    "LM Studio",
    "not-needed",
    "sk-no-key-required",
    "no_key_required",
    "your-api-key-here",
    "YOUR_API_KEY",
    "sk-1234",
    "sk-1234567890",
    "sk-xxxxxxxxxxxxxxxxxxxxxxxx",
    "00000000-0000-0000-0000-000000000000",
    "token-abc123",
    "test-key",
    "****************",
]
SECRETS = [
    "sk-proj-4tq8Zw1xN0vB7cR2kD9s",
    "gsk_Zq7xW2vB9mK4pL1tYh3nR8sD",
    "AIzaSyD4tq8Zw1xN0vB7cR2kD9sQe5uTf6g",
    "b7e2c91fa04d4e0c8f3b6a5d2e1c9f70",
    "hunter2-and-more",
    "correct-horse-battery-staple",
    "local-CANARYa91f3c77e05b4d2288aa00ffQ",
]


@pytest.mark.parametrize("key", PLACEHOLDERS)
def test_a_placeholder_is_no_secret_and_reviews_may_speak_of_it(key: str) -> None:
    said = f"It runs with {key} set as the key."
    assert KnownKeys([key]).scrub(said) == said


@pytest.mark.parametrize("key", SECRETS)
def test_what_may_be_a_key_is_a_secret(key: str) -> None:
    assert KnownKeys([key]).scrub(f"It said {key}.") == f"It said {WORD}."


def test_a_key_in_a_text_of_any_size_takes_time_in_proportion() -> None:
    keys = KnownKeys(["\\" * 8 + "4tq8Zw1xN0vB7cR2"])
    assert keys.scrub("\\" * 200_000 + "4tq8Zw1xN0vB7cR2").endswith(WORD)
