"""A raw answer is one clean JSON object, or a plain reason."""

import json
import re
import sys
from types import FrameType

import pytest

from panel.domain.json_answer import MOST_BYTES, UnreadableAnswerError, read_object


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
        ('{"a": 1} {"a": 2}', "it holds 2 different ones"),
        ('Either {"a": 1}, or\n```json\n{"a": 2}\n```', "it holds 2 different ones"),
        ('Sure! {"a": [{"b": 1}', "not one JSON object"),
        ('{"a": 1} and {"b": ', "not one JSON object"),
        ('Sure! {"a": 1, "a": 2}', "key a stands twice"),
        ("Sure! " + '{"a":' * 2000, "nested deeper"),
        ('Sure! {"a": ' + '{"a":' * 13 + "1" + "}" * 14, "deeper than 12"),
        ("[" * 60_000, "deeper than 12"),
        ('{"a": 1}' + ' {"a": 1}' * 60, "50 objects or more"),
        ('<think>{"a": 1}</think>', "it is reasoning, and nothing comes after it"),
        ('<think>Or {"a": 1}', "it is reasoning, and nothing comes after it"),
        ('{"a": 1}</think>\n', "it is reasoning, and nothing comes after it"),
        ('<|channel|>analysis<|message|>{"a": 1}', "it is reasoning"),
        ('<think>no</think>{"a": 1', "not one JSON object"),
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
    with pytest.raises(UnreadableAnswerError, match=re.escape(reason)):
        read_object(text)


@pytest.mark.parametrize("sign", ["\\ud800", "\\u202e", "\\u0000", "\\u200b", "<|im_end|>"])
def test_a_hidden_sign_is_taken_out_and_costs_no_answer(sign: str) -> None:
    assert read_object(f'{{"a": ["pl{sign}ain", {{"b": "{sign}"}}], "c": 1}}') == {
        "a": ["plain", {"b": ""}],
        "c": 1,
    }


ANSWER = '{"a": "so says </think> and [THINK] {b"}'
DRAFT = 'Maybe {"a": 0}? Or {"a": , {not JSON, {"a": 1, "a": 2}.'


@pytest.mark.parametrize(
    "text",
    [
        "<think>\nDRAFT\n</think>\n\nANSWER",
        "<Thinking>DRAFT</THINKING>ANSWER",
        '<reasoning effort="low">DRAFT</reasoning>```json\nANSWER\n```',
        "<seed:think>DRAFT</seed:think>ANSWER",
        "[THINK]DRAFT[/THINK]ANSWER",
        "◁think▷DRAFT◁/think▷ANSWER",
        "<|begin_of_thought|>DRAFT<|end_of_thought|>ANSWER",
        "<|START_THINKING|>DRAFT<|END_THINKING|>ANSWER",
        "<|channel|>analysis<|message|>DRAFT<|end|><|start|>assistant<|channel|>final <|constrain|>json"
        "<|message|>ANSWER",
        "DRAFT\n</think>ANSWER",
        "<think>DRAFT</think>Hm. <think>DRAFT</think>ANSWER",
        "<think></think><answer>ANSWER</answer>",
    ],
)
def test_reasoning_before_the_object_is_passed_over(text: str) -> None:
    found = read_object(text.replace("DRAFT", DRAFT).replace("ANSWER", ANSWER))
    assert list(found) == ["a"]
    assert found["a"].startswith("so says </think>")


@pytest.mark.parametrize("tag", ["[think]", "<think", "<think>", "</think>", "[think]</think>"])
def test_the_work_grows_no_faster_than_the_number_of_tags(tag: str) -> None:
    assert calls_to_read(400 * tag + ANSWER) < 3 * calls_to_read(200 * tag + ANSWER)


def calls_to_read(text: str) -> int:
    calls = 0

    def count(_: FrameType, event: str, __: object) -> None:
        nonlocal calls
        calls += event == "call"

    sys.setprofile(count)
    try:
        read_object(text)
    except UnreadableAnswerError:
        pass
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.parametrize(
    "text",
    [
        "Sure! Here it is:\n\n```json\nANSWER\n```\n\nLet me know if {you} need more.",
        "ANSWER\nThat is my ballot.",
        "[Reasons] I weighed them {all}. ANSWER<|im_end|>",
        "```\nANSWER\n```\nAgain, the same:\nANSWER",
        "\ufeffANSWER\u200b",
        "~~~json\nANSWER\n~~~",
    ],
)
def test_one_object_is_read_whatever_stands_around_it(text: str) -> None:
    assert list(read_object(text.replace("ANSWER", ANSWER))) == ["a"]


def test_a_raw_control_sign_is_taken_out_and_costs_no_answer() -> None:
    assert read_object('{"a":\u2066 "one\nt\x07w\u202eo\x00"}') == {"a": "one\ntwo"}


def test_escapes_of_plain_letters_are_no_hiding() -> None:
    assert read_object('{"caf\\u00e9": ["\\u00fc", 1, null]}') == {"café": ["ü", 1, None]}


def test_brackets_inside_texts_are_not_depth() -> None:
    document = {"a": "[" * 500, "b": '"' + "{" * 50}
    assert read_object(json.dumps(document)) == document
