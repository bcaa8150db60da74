"""A raw answer is one clean JSON object, or a plain reason."""

import json
import re

import pytest

from panel.domain.json_answer import MOST_BYTES, UnreadableError, read_object


def test_a_fence_around_the_object_is_taken_off() -> None:
    assert read_object('```json\n{"a": 1}\n```') == {"a": 1}
    assert read_object('  {"a": "```"}  ') == {"a": "```"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        (" \n", "empty"),
        ("[1]", "not an object"),
        ("no", "not one JSON object"),
        ('Sure! {"a": 1}', "not one JSON object"),
        ('{"a": 1} {"a": 2}', "not one JSON object"),
        ('{"a": 1', "not one JSON object"),
        ('{"a": 1, "a": 2}', "key a stands twice"),
        ('{"a": NaN}', "NaN is not a number"),
        ('{"a": -Infinity}', "Infinity is not a number"),
        ('{"a": 1' + "0" * 30 + "}", "more than 20 digits"),
        ('{"a": ' + "[" * 13 + "]" * 13 + "}", "deeper than 12"),
        ("[" * 100_000, "longer than"),
        ("{" * 60_000, "deeper than 12"),
        ('{"a": "' + "x" * MOST_BYTES + '"}', "longer than"),
        ('{"a": "' + "é" * (MOST_BYTES // 2) + '"}', "longer than"),
    ],
)
def test_what_is_not_one_clean_object_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(UnreadableError, match=re.escape(reason)):
        read_object(text)


@pytest.mark.parametrize("sign", ["\\ud800", "\\u202e", "\\u0000", "\\u200b", "<|im_end|>"])
def test_a_hidden_sign_is_taken_out_and_costs_no_answer(sign: str) -> None:
    assert read_object(f'{{"a": ["pl{sign}ain", {{"b": "{sign}"}}], "c": 1}}') == {
        "a": ["plain", {"b": ""}],
        "c": 1,
    }


def test_escapes_of_plain_letters_are_no_hiding() -> None:
    assert read_object('{"caf\\u00e9": ["\\u00fc", 1, null]}') == {"café": ["ü", 1, None]}


def test_brackets_inside_texts_are_not_depth() -> None:
    document = {"a": "[" * 500, "b": '"' + "{" * 50}
    assert read_object(json.dumps(document)) == document
