"""Answers that run on until they are cut: refused at once. A slow way to read them would hang here."""

import pytest

from panel.domain.json_answer import MOST_BYTES, UnreadableAnswerError, read_object

_ROOM = MOST_BYTES - 100


@pytest.mark.parametrize(
    "text",
    [
        '{"a":"' + '\\"' * (_ROOM // 2),
        '"\\' * (_ROOM // 2 - 1),
        "```json\n" + "\n " * (_ROOM // 2),
        '```json\n{"a": 1}\n' + " \n" * (_ROOM // 2) + '{"b": 1}',
        "```" + "a" * _ROOM,
        " " * _ROOM + "x",
        '{"a":' * (_ROOM // 5),
    ],
    ids=[
        "escaped quotes",
        "open strings",
        "white space in a fence",
        "white space",
        "letters",
        "spaces",
        "depth",
    ],
)
def test_an_answer_that_runs_on_is_refused(text: str) -> None:
    with pytest.raises(UnreadableAnswerError):
        read_object(text)


@pytest.mark.parametrize("end", ["```", "\n```", "\n\n  ```\n "])
@pytest.mark.parametrize("start", ["```\n", "```json\n", " \n```json  \n\n"])
def test_one_fence_is_taken_off(start: str, end: str) -> None:
    assert read_object(start + '{"a": 1}' + end) == {"a": 1}
