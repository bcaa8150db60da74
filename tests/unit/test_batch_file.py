"""The files of a batch service: what goes in, and what is made of whatever comes out."""

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.domain.exchange import Completion, Failure, Request, Usage
from panel.domain.submitted_batch import Collected
from panel.providers.key_redaction import KnownKeys
from panel.providers.server import Server
from panel.providers.wire.answer import read_chat
from panel.providers.wire.batch_file import Answers, _bytes, write_line
from tests.virtual import a_request

pytestmark = pytest.mark.no_cover

FIRST, SECOND = a_request(), a_request(sample=1)
KEY = "a-key-of-no-known-shape"
SERVER = Server("OpenAI", KnownKeys([KEY]))


def a_body(text: str = "ship it", **fields: Any) -> dict[str, Any]:
    usage = {"prompt_tokens": 5, "completion_tokens": 2}
    choice = {"message": {"content": text}, "finish_reason": "stop"}
    return {"id": "c-1", "model": "gpt-x-2", "choices": [choice], "usage": usage, **fields}


def a_line(request: Request = FIRST, **fields: Any) -> bytes:
    response = {"status_code": 200, "body": a_body()}
    line = {"custom_id": request.key, "response": response, "error": None, **fields}
    return json.dumps(line).encode() + b"\n"


def collect(*chunks: bytes, **limits: Any) -> Collected:
    answers = Answers([FIRST, SECOND], SERVER, read_chat, **limits)
    for chunk in chunks:
        answers.feed(chunk)
    answers.end_file()
    return answers.collected("completed", None)


def failure(found: Collected, request: Request = FIRST) -> Failure:
    outcome = found.outcomes[request.key]
    assert isinstance(outcome, Failure)
    return outcome


def test_a_line_in_is_ascii_on_one_line_and_names_its_request() -> None:
    body = {"text": "żółw\n\u2028\x85"}
    line = write_line(FIRST, body, path="/v1/responses")
    assert line.isascii()
    assert line.endswith(b"\n")
    assert len(line.decode().splitlines()) == 1
    assert json.loads(line) == {
        "custom_id": FIRST.key,
        "method": "POST",
        "url": "/v1/responses",
        "body": body,
    }
    assert set(json.loads(write_line(FIRST, body))) == {"custom_id", "body"}
    assert len(FIRST.key) == 64


def test_an_answer_is_read_with_its_usage_and_its_service() -> None:
    found = collect(a_line())
    assert found.outcomes[FIRST.key] == Completion(
        text="ship it",
        model="gpt-x-2",
        usage=Usage(input=5, output=2),
        response_id="c-1",
        service="batch",
    )


def test_what_did_not_come_back_is_a_failure_that_may_pass_and_made_no_call() -> None:
    found = collect(a_line())
    assert failure(found, SECOND) == Failure(
        kind="transient", reason="the batch service gave no answer", calls=0, service="batch"
    )
    assert found.oddities == ()


@given(st.lists(st.integers(min_value=0, max_value=2_000), max_size=20))
def test_it_does_not_matter_how_the_bytes_arrive(cuts: list[int]) -> None:
    file = a_line() + b"\r\n" + a_line(SECOND).strip()
    places = [0, *sorted(min(cut, len(file)) for cut in cuts), len(file)]
    pieces = [file[start:end] for start, end in pairwise(places)]
    assert collect(*pieces) == collect(file)


def test_a_line_that_is_too_long_is_left_out_and_the_next_one_read() -> None:
    long = a_line(pad="x" * 600)
    found = collect(long[:100], long[100:], a_line(SECOND), long.strip(), most_bytes=600)
    assert found.oddities == ("line 1 is longer than 600 bytes", "line 3 is longer than 600 bytes")
    assert failure(found).reason == "the batch service gave no answer"
    assert isinstance(found.outcomes[SECOND.key], Completion)


def test_a_file_that_is_too_large_is_read_no_further() -> None:
    most = len(a_line()) + 5
    answers = Answers([FIRST, SECOND], SERVER, read_chat, most_in_all=most)
    assert answers.feed(a_line())
    assert not answers.feed(a_line(SECOND))
    assert not answers.feed(b"\n")
    answers.end_file()
    found = answers.collected("completed", None)
    assert isinstance(found.outcomes[FIRST.key], Completion)
    assert isinstance(found.outcomes[SECOND.key], Failure)
    assert found.oddities == ("the files of the batch are too large, so their rest was not read",)


def test_the_second_file_has_lines_of_its_own() -> None:
    answers = Answers([FIRST, SECOND], SERVER, read_chat)
    answers.feed(a_line().strip())
    answers.end_file()
    answers.feed(b"{}")
    answers.end_file()
    answers.feed(a_line(SECOND))
    answers.end_file()
    found = answers.collected("completed", None)
    assert found.oddities == ("line 1 names no request",)
    assert all(isinstance(outcome, Completion) for outcome in found.outcomes.values())


def test_the_first_of_two_answers_stands_and_the_second_is_told() -> None:
    double = a_line(response={"status_code": 200, "body": a_body("skip it")})
    found = collect(a_line(), double)
    outcome = found.outcomes[FIRST.key]
    assert isinstance(outcome, Completion)
    assert outcome.text == "ship it"
    assert found.oddities == ("line 2 answers review:builder a second time",)


def test_an_answer_to_nobody_is_told() -> None:
    stranger = a_request(sample=9)
    assert collect(a_line(stranger)).oddities == (
        f"line 1 answers a request that was not in the batch: {stranger.key}",
    )


@pytest.mark.parametrize(
    "line",
    [b"no json", b"[1]", b"{", b"\xff", b"[" * 100_000, b'{"a":' * 100_000, b'"text"'],
    ids=range(7),
)
def test_a_line_that_cannot_be_read_is_told(line: bytes) -> None:
    (told,) = collect(line).oddities
    assert told.startswith("line 1 cannot be read: ")


def test_a_flood_of_odd_lines_is_counted() -> None:
    found = collect(b"{}\n" * 50)
    assert len(found.oddities) == 21
    assert found.oddities[-1] == "and 30 more"


@pytest.mark.parametrize("twist", [b'"x":NaN', b'"x":1,"x":2'])
def test_a_line_that_is_no_sound_json_fails_the_request_that_it_names(twist: bytes) -> None:
    line = a_line().replace(b'"error": null', twist)
    found = collect(line)
    assert failure(found).kind == "unusable"
    assert failure(found).reason.startswith("OpenAI sent no valid JSON")
    assert found.oddities == ()


@pytest.mark.parametrize(
    ("fields", "kind", "reason"),
    [
        ({"response": None}, "transient", "the batch service did not ask it"),
        (
            {"response": None, "error": "gone"},
            "transient",
            "the batch service did not ask it: gone",
        ),
        (
            {"response": None, "error": {"code": "batch_expired", "message": ""}},
            "transient",
            "the batch service did not ask it: batch_expired",
        ),
        (
            {"response": None, "error": {"message": f"for {KEY}"}},
            "transient",
            "the batch service did not ask it: for [key]",
        ),
        (
            {"response": None, "error": {"message": 5}},
            "transient",
            "the batch service did not ask it",
        ),
        ({"response": {"status_code": "200"}}, "unusable", "OpenAI sent no status with the answer"),
        ({"response": {"status_code": True}}, "unusable", "OpenAI sent no status with the answer"),
        ({"response": {"status_code": 200}}, "transient", "OpenAI sent an empty body"),
        (
            {"response": {"status_code": 200, "body": "half a \ud800"}},
            "unusable",
            "OpenAI sent no valid JSON",
        ),
        (
            {"response": {"status_code": 200, "body": [1]}},
            "unusable",
            "OpenAI sent JSON that is not",
        ),
        (
            {"response": {"status_code": 500, "body": None}},
            "transient",
            "OpenAI is in trouble (500)",
        ),
        (
            {"response": {"status_code": 402, "body": {}}},
            "transient",
            "OpenAI says the account has no",
        ),
        (
            {"response": {"status_code": 400, "body": {"error": {"message": f"not {KEY}"}}}},
            "refused",
            "OpenAI declined the request (400): not [key]",
        ),
    ],
)
def test_a_request_that_failed_says_why(fields: dict[str, Any], kind: str, reason: str) -> None:
    found = failure(collect(a_line(**fields)))
    assert found.kind == kind
    assert found.reason.startswith(reason)
    assert found.service == "batch"


def test_only_what_was_asked_is_a_call() -> None:
    assert failure(collect(a_line(response=None))).calls == 0
    assert failure(collect(a_line(response={"status_code": 500}))).calls == 1


def test_a_failed_answer_keeps_what_it_used() -> None:
    cut = a_body(choices=[{"message": {"content": "ship"}, "finish_reason": "length"}])
    found = failure(collect(a_line(response={"status_code": 200, "body": cut})))
    assert (found.kind, found.usage) == ("unusable", Usage(input=5, output=2))


def test_a_body_that_comes_as_a_text_is_read_as_one_and_needs_no_status() -> None:
    found = collect(a_line(response={"body": json.dumps(a_body())}))
    assert isinstance(found.outcomes[FIRST.key], Completion)


def test_a_body_that_is_deeper_than_can_be_written_is_none() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    assert _bytes(deep) == b""


def test_an_ending_has_its_reason_in_every_missing_answer() -> None:
    answers = Answers([FIRST], SERVER, read_chat)
    found = answers.collected("expired", "the batch ran out of its time")
    assert (found.ending, found.reason) == ("expired", "the batch ran out of its time")
    assert failure(found).reason == (
        "the batch service gave no answer: the batch ran out of its time"
    )
