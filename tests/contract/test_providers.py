"""One suite for every adapter to a model, over real sockets."""

import asyncio
import base64
import json
import math
from pathlib import Path
from typing import Any

import pytest

from panel.domain.exchange import Message, Part, Usage
from panel.domain.json_schema import BOUNDS, describe_bounds
from panel.errors import ProviderError, Refused, Stopped, Transient, Unusable
from tests.contract.conftest import OPENAI_LIKE, SetStage
from tests.contract.kinds import KEY, PATIENCE_S, SCHEMA, TEXT, Kind
from tests.contract.loopback import Loopback, Reply
from tests.virtual import after_hours

USED = {"input": 1200, "output": 330, "cached": 1024, "cache_written": 128, "reasoning": 64}


async def test_an_answer_comes_with_its_model_its_usage_and_its_id(
    kind: Kind, set_stage: SetStage
) -> None:
    stage = await set_stage(kind.answer())
    completion = await stage.complete()
    assert completion.text == TEXT
    assert completion.model == "luna-2026-10-01"
    assert completion.usage == Usage(**USED)
    assert completion.response_id in ("chatcmpl-1", "resp_1", "msg_1")
    assert stage.server.heard[0].path == kind.path


@pytest.mark.parametrize("kind", OPENAI_LIKE, indirect=True)
async def test_the_schema_reaches_the_wire_unchanged_and_strict(
    kind: Kind, set_stage: SetStage
) -> None:
    stage = await set_stage(kind.answer())
    await stage.complete()
    sent = stage.sent
    wanted = sent["text"]["format"] if kind.speaks_responses else sent["response_format"]
    assert wanted["type"] == "json_schema"
    named = wanted if kind.speaks_responses else wanted["json_schema"]
    assert (named["name"], named["strict"]) == ("ballot", True)
    # Written out, so that the order of keys counts: models write in the order of the schema.
    assert json.dumps(named["schema"]) == json.dumps(SCHEMA)


@pytest.mark.parametrize("kind", ["messages"], indirect=True)
async def test_a_schema_whose_bounds_are_not_taken_has_them_in_words(set_stage: SetStage) -> None:
    stage = await set_stage(Kind("messages").answer())
    await stage.complete()
    form = stage.sent["output_config"]["format"]
    assert form["type"] == "json_schema"
    assert json.dumps(form["schema"]) == json.dumps(describe_bounds(SCHEMA, BOUNDS))


@pytest.mark.parametrize("kind", OPENAI_LIKE, indirect=True)
async def test_one_part_is_a_string_and_several_are_content_parts(
    kind: Kind, set_stage: SetStage
) -> None:
    stage = await set_stage(kind.answer())
    await stage.complete()
    system, user = stage.sent["input" if kind.speaks_responses else "messages"]
    text = "input_text" if kind.speaks_responses else "text"
    assert system == {"role": "system", "content": "You review tools."}
    assert user == {
        "role": "user",
        "content": [
            {"type": text, "text": "The tool: żółw."},
            {"type": text, "text": "You: skeptic."},
        ],
    }


@pytest.mark.parametrize("kind", OPENAI_LIKE, indirect=True)
async def test_an_earlier_answer_goes_back_as_a_string(kind: Kind, set_stage: SetStage) -> None:
    stage = await set_stage(kind.answer())
    turns = (
        Message(role="user", parts=(Part(text="Review it."),)),
        Message(role="assistant", parts=(Part(text="{"), Part(text="}"))),
        Message(role="user", parts=(Part(text="That is no ballot."),)),
    )
    await stage.complete(messages=turns)
    sent = stage.sent["input" if kind.speaks_responses else "messages"]
    assert [turn["content"] for turn in sent] == ["Review it.", "{\n\n}", "That is no ballot."]


async def test_the_key_goes_into_one_header_and_nowhere_else(
    kind: Kind, set_stage: SetStage
) -> None:
    stage = await set_stage(kind.answer())
    await stage.complete()
    heard = stage.server.heard[0]
    assert heard.headers["authorization"] == f"Bearer {KEY}"
    others = {name: value for name, value in heard.headers.items() if name != "authorization"}
    assert KEY not in f"{heard.path} {others} {heard.body.decode()}"


async def test_settings_stay_away_where_the_request_has_none(
    kind: Kind, set_stage: SetStage
) -> None:
    stage = await set_stage(kind.answer())
    await stage.complete()
    unset = {"temperature", "reasoning", "reasoning_effort", "prompt_cache_key", "service_tier"}
    assert not unset & set(stage.sent)
    assert "prompt_cache_options" not in stage.sent


async def test_settings_that_the_request_has_reach_the_wire(
    kind: Kind, set_stage: SetStage
) -> None:
    stage = await set_stage(kind.answer())
    await stage.complete(temperature=0.3, effort="low", prefix_key="tool-1", max_output_tokens=77)
    sent = stage.sent
    if kind.speaks_messages:
        assert (sent["temperature"], sent["max_tokens"]) == (0.3, 77)
        assert sent["output_config"]["effort"] == "low"
        return
    limit = "max_output_tokens" if kind.speaks_responses else "max_tokens"
    assert (sent["temperature"], sent["prompt_cache_key"], sent[limit]) == (0.3, "tool-1", 77)
    effort = sent["reasoning"]["effort"] if kind.speaks_responses else sent["reasoning_effort"]
    assert effort == "low"


async def test_calls_share_a_connection(kind: Kind, set_stage: SetStage) -> None:
    stage = await set_stage(kind.answer())
    for _ in range(3):
        await stage.complete()
    assert (len(stage.server.heard), stage.server.connections) == (3, 1)


async def test_many_calls_at_once_each_get_their_own_answer(
    kind: Kind, set_stage: SetStage
) -> None:
    texts = [f'{{"answer": {number}}}' for number in range(20)]
    stage = await set_stage(*(Reply(kind.answer(text), delay_s=0.01) for text in texts))
    async with asyncio.TaskGroup() as group:
        calls = [group.create_task(stage.complete()) for _ in texts]
    assert {call.result().text for call in calls} == set(texts)


# What a model says instead of an answer.


async def fails(set_stage: SetStage, reply: Any, **settings: Any) -> ProviderError:
    """Return the error that one call ends with, having checked what holds for every one."""
    stage = await set_stage(reply, **settings)
    with pytest.raises(ProviderError) as caught:
        await stage.complete()
    reason = str(caught.value)
    assert len(stage.server.heard) <= 1, "nothing is retried in the adapter"
    assert reason.isprintable()
    assert 0 < len(reason) <= 320
    assert KEY not in reason
    assert caught.value.calls == 1
    return caught.value


async def test_a_refusal_is_refused_with_its_words_and_its_usage(
    kind: Kind, set_stage: SetStage
) -> None:
    error = await fails(set_stage, kind.refusal("I can't\nhelp with \u202e that."))
    assert isinstance(error, Refused)
    assert str(error) == "the model declined to answer: I can't help with that."
    assert error.tokens == USED


@pytest.mark.parametrize(
    ("reason", "expected", "words"),
    [
        ("length", Unusable, "cut off at the limit"),
        ("content_filter", Refused, "content filter"),
        ("error", Transient, "broke off"),
        ("tool_calls", Unusable, "ended early: tool_calls"),
    ],
)
async def test_an_answer_that_ended_early_is_none(
    kind: Kind, set_stage: SetStage, reason: str, expected: type[ProviderError], words: str
) -> None:
    error = await fails(set_stage, kind.stopped_by(reason))
    assert type(error) is expected
    assert words in str(error)
    assert error.tokens == USED


NATURAL = (
    "STOP",
    "eos_token",
    "stop_sequence",
    "FinishReason.STOP",
    "COMPLETE",
    "end_turn",
    "done",
    1,
)
CUT = (
    "MAX_TOKENS",
    "max_tokens",
    "model_length",
    "FinishReason.MAX_TOKENS",
    "context_window_exceeded",
)


@pytest.mark.parametrize("kind", OPENAI_LIKE, indirect=True)
@pytest.mark.parametrize("reason", NATURAL)
async def test_a_natural_end_is_one_whatever_a_server_calls_it(
    kind: Kind, set_stage: SetStage, reason: Any
) -> None:
    said = kind.answer(status="COMPLETED") if kind.speaks_responses else kind.stopped_by(reason)
    assert (await (await set_stage(said)).complete()).text == TEXT


@pytest.mark.parametrize("kind", OPENAI_LIKE, indirect=True)
@pytest.mark.parametrize("reason", CUT)
async def test_a_cut_answer_is_one_and_says_what_to_raise(
    kind: Kind, set_stage: SetStage, reason: str
) -> None:
    error = await fails(set_stage, kind.stopped_by(reason))
    assert isinstance(error, Unusable)
    assert "raise max_output_tokens under [calls]" in str(error)


@pytest.mark.parametrize("kind", OPENAI_LIKE, indirect=True)
@pytest.mark.parametrize("reason", ["SAFETY", "RECITATION", "prohibited_content", "refusal"])
async def test_a_filter_is_one_whatever_a_server_calls_it(
    kind: Kind, set_stage: SetStage, reason: str
) -> None:
    error = await fails(set_stage, kind.stopped_by(reason))
    assert isinstance(error, Refused)
    assert error.tokens == USED


@pytest.mark.parametrize("kind", OPENAI_LIKE, indirect=True)
@pytest.mark.parametrize("text", [None, "", "  "])
async def test_an_empty_answer_that_used_no_tokens_may_pass(
    kind: Kind, set_stage: SetStage, text: Any
) -> None:
    if text is None:
        said = dict.fromkeys(kind.answer())
    else:
        usage = kind.usage({"input": 0, "output": 0}) if text else None
        said = {**kind.answer(text), "usage": usage}
    if kind.speaks_responses:
        said["output"] = []
    assert isinstance(await fails(set_stage, said), Transient)


@pytest.mark.parametrize("kind", OPENAI_LIKE, indirect=True)
async def test_an_answer_that_came_as_reasoning_says_so(kind: Kind, set_stage: SetStage) -> None:
    said = kind.answer("")
    if kind.speaks_responses:
        said["output"] = said["output"][:1]
    else:
        said["choices"][0]["message"] |= {"content": None, "reasoning_content": TEXT}
    error = await fails(set_stage, said)
    assert isinstance(error, Unusable)
    assert "as reasoning" in str(error)
    assert error.tokens == USED


@pytest.mark.parametrize(
    "body",
    [
        b'data: {"choices": [{"delta": {"content": "x"}}]}\n\ndata: [DONE]\n\n',
        b": comment\n\nevent: message_start\ndata: {}\n\n",
        b'{"message": {"content": "a"}, "done": false}\n{"done": true}\n',
    ],
)
async def test_a_stream_that_nobody_asked_for_is_named(set_stage: SetStage, body: bytes) -> None:
    error = await fails(set_stage, Reply(body, headers={"content-type": "text/event-stream"}))
    assert isinstance(error, Unusable)
    assert "event stream, which was not asked for" in str(error)


@pytest.mark.parametrize("kind", OPENAI_LIKE, indirect=True)
@pytest.mark.parametrize(
    "reasoning", [[{"type": "text", "text": "Hm {"}], {"steps": 3}, None, "Hm"]
)
async def test_pieces_of_reasoning_around_the_answer_are_no_part_of_it(
    kind: Kind, set_stage: SetStage, reasoning: Any
) -> None:
    said = kind.answer()
    message = said["output"][-1] if kind.speaks_responses else said["choices"][0]["message"]
    text = "output_text" if kind.speaks_responses else "text"
    message["content"] = [
        {"type": "thinking", "thinking": reasoning, "text": reasoning},
        {"type": text, "text": TEXT},
        {"type": "thinking"},
        {"type": text, "text": " "},
    ]
    assert (await (await set_stage(said)).complete()).text.strip() == TEXT


@pytest.mark.parametrize("kind", ["chat", "mistral"], indirect=True)
async def test_a_part_may_be_called_as_in_the_responses_api(
    kind: Kind, set_stage: SetStage
) -> None:
    said = kind.answer()
    said["choices"][0]["message"]["content"] = [{"type": "output_text", "text": TEXT}]
    assert (await (await set_stage(said)).complete()).text == TEXT


@pytest.mark.parametrize("nothing", [[], None])
async def test_no_choices_are_no_answer(kind: Kind, set_stage: SetStage, nothing: Any) -> None:
    error = await fails(set_stage, kind.without_answers(nothing))
    assert isinstance(error, Unusable)
    assert error.tokens == USED


@pytest.mark.parametrize("text", ["", " \n\t"])
async def test_a_blank_answer_is_none(kind: Kind, set_stage: SetStage, text: str) -> None:
    error = await fails(set_stage, kind.answer(text))
    assert isinstance(error, Unusable)
    assert "empty answer" in str(error)
    assert error.tokens == USED


async def test_half_a_character_is_taken_out(kind: Kind, set_stage: SetStage) -> None:
    stage = await set_stage(kind.answer('{"reason": "so\ud83d"}'))
    assert (await stage.complete()).text == '{"reason": "so"}'


@pytest.mark.parametrize("instead", ["null", "7", "true", "[7]", '{"text": "ship"}', "[[[]]]"])
async def test_text_of_another_type_is_no_answer(
    kind: Kind, set_stage: SetStage, instead: str
) -> None:
    body = json.dumps(kind.answer("TEXT")).replace('"TEXT"', instead).encode()
    error = await fails(set_stage, body)
    assert isinstance(error, Unusable)
    assert error.tokens == USED


async def test_an_unknown_shape_is_no_answer(kind: Kind, set_stage: SetStage) -> None:
    error = await fails(set_stage, kind.without_answers("none"))
    assert isinstance(error, Unusable)
    assert "unknown shape: " in str(error)
    assert error.tokens == USED


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        (None, None),
        ("a lot", None),
        ({}, None),
        ({"input": -5, "output": True}, None),
        ({"input": 10**15, "output": 3}, None),
        ({"input": 10, "output": None}, None),
        ({"input": -5, "output": 3}, None),
        ({"input": 10, "output": 3, "cached": 99}, Usage(input=10, output=3, cached=10)),
        ({"input": 10, "output": 3, "reasoning": 99}, Usage(input=10, output=3, reasoning=3)),
        (
            {"input": 10, "output": 3, "cached": 6, "cache_written": 9},
            Usage(input=10, output=3, cached=6, cache_written=4),
        ),
        ({"input": 10, "output": 3, "details": []}, Usage(input=10, output=3)),
    ],
)
async def test_usage_that_cannot_be_is_not_believed(
    kind: Kind, set_stage: SetStage, usage: Any, expected: Usage | None
) -> None:
    parts = {"cached", "cache_written"} & {*(usage if isinstance(usage, dict) else ())}
    if kind.speaks_messages and parts:
        pytest.skip("what its cache has is no part of its input")
    stage = await set_stage({**kind.answer(), "usage": kind.usage(usage)})
    completion = await stage.complete()
    assert completion.text == TEXT
    assert completion.usage == expected


async def test_an_answer_without_a_name_has_the_model_that_was_asked(
    kind: Kind, set_stage: SetStage
) -> None:
    stage = await set_stage({**kind.answer(), "model": "x\ud800", "id": None})
    completion = await stage.complete()
    assert completion.model == "gpt-6-luna"
    assert completion.response_id is None


# What is no JSON of a model server at all.

WITH_TWO_MODELS = b'{"model": "a", "model": "b", "choices": [], "output": []}'


@pytest.mark.parametrize(
    ("body", "expected", "words"),
    [
        (b"<!doctype html><h1>Log in</h1>", Unusable, "web page"),
        (b"\xff\xfe\x00", Unusable, "it is not UTF-8"),
        (b"[" * 100_000, Unusable, "nested too deeply"),
        (b'{"a":' * 100_000, Unusable, "nested too deeply"),
        (b"[]", Unusable, "not an object"),
        (b'"ship"', Unusable, "not an object"),
        (b"null", Unusable, "not an object"),
        (b"{'choices': []}", Unusable, "no valid JSON"),
        (b'{"usage": NaN}', Unusable, "NaN is not a number"),
        (b'{"created": -Infinity}', Unusable, "-Infinity is not a number"),
        (b'{"created": ' + b"9" * 5000 + b"}", Unusable, "more than 1,000 digits"),
        (WITH_TWO_MODELS, Unusable, "a key stands twice"),
        (b"", Transient, "empty body"),
        (b" \n ", Transient, "empty body"),
        (b'{"id": "1", "choices": [', Transient, "cut off on its way"),
        (b'{"id": "1", "model": "lu', Transient, "cut off on its way"),
        (b"x" * 3_000_000, Unusable, "more than 2,000,000 bytes"),
    ],
    ids=range(17),
)
async def test_what_is_no_answer_of_a_model_server_has_a_plain_reason(
    set_stage: SetStage, body: bytes, expected: type[ProviderError], words: str
) -> None:
    error = await fails(set_stage, body)
    assert type(error) is expected
    assert words in str(error)


async def test_a_body_that_was_packed_unasked_is_not_opened(
    kind: Kind, set_stage: SetStage
) -> None:
    error = await fails(set_stage, Reply(kind.answer(), headers={"content-encoding": "br"}))
    assert isinstance(error, Unusable)
    assert "packed as br" in str(error)


async def test_no_packing_is_asked_for(kind: Kind, set_stage: SetStage) -> None:
    stage = await set_stage(kind.answer())
    await stage.complete()
    assert stage.server.heard[0].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize("type_", ["text/html", "text/plain; charset=\xfe", "application/xml"])
async def test_an_answer_is_read_whatever_its_type_is_called(
    kind: Kind, set_stage: SetStage, type_: str
) -> None:
    stage = await set_stage(Reply(kind.answer(), headers={"content-type": type_}))
    assert (await stage.complete()).text == TEXT


async def test_no_file_of_the_json_suite_is_taken_for_an_answer(
    set_stage: SetStage, shared_data: Path
) -> None:
    lines = (shared_data / "corpora" / "json_suite.jsonl").read_text(encoding="utf-8")
    cases = [json.loads(line) for line in lines.splitlines()]
    bodies = [base64.b64decode(case["bytes_b64"]) for case in cases if "http_body" in case["use"]]
    assert len(bodies) > 100
    stage = await set_stage(*bodies)
    for body in bodies:
        with pytest.raises((Unusable, Transient)):
            pytest.fail(f"{body[:80]!r} became {await stage.complete()}")


# What the status of an answer says.


@pytest.mark.parametrize("status", [408, 409, 425, 429, 500, 502, 503, 504, 529])
async def test_what_may_pass_is_transient_with_the_servers_words(
    set_stage: SetStage, status: int
) -> None:
    error = await fails(set_stage, Reply({"error": {"message": "no\nmemory"}}, status=status))
    assert isinstance(error, Transient)
    assert str(error).endswith(f"({status}): no memory")
    assert error.retry_after is None
    page = await fails(set_stage, Reply(b"<h1>Bad gateway</h1>", status=status))
    assert str(page).endswith(f"({status})")


@pytest.mark.parametrize("status", [400, 404, 405, 413, 422])
async def test_what_will_not_pass_is_refused_with_the_servers_words(
    set_stage: SetStage, status: int
) -> None:
    words = f"no such\nmodel for {KEY}, " + "really " * 100
    error = await fails(set_stage, Reply({"error": {"message": words}}, status=status))
    assert isinstance(error, Refused)
    assert f"declined the request ({status}): no such model for [key], really" in str(error)
    assert str(error).endswith("…")


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, {"error": {"message": f"Incorrect API key provided: {KEY}"}}),
        (401, b"<h1>Unauthorized</h1>"),
        (403, {"error": {"message": "no", "code": "invalid_api_key"}}),
        (403, {"message": "You lack the permission"}),
    ],
)
async def test_a_key_that_is_not_taken_stops_the_run(
    set_stage: SetStage, status: int, body: Any
) -> None:
    error = await fails(set_stage, Reply(body, status=status))
    assert isinstance(error, Stopped)
    assert error.cause == "key"


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (402, {}),
        (429, {"code": "insufficient_quota", "message": "You exceeded your current quota"}),
        (429, {"type": "insufficient_quota", "code": None}),
        (400, {"code": "billing_hard_limit_reached"}),
    ],
)
async def test_an_empty_account_stops_the_run(
    set_stage: SetStage, status: int, error: dict[str, Any]
) -> None:
    stopped = await fails(set_stage, Reply({"error": error}, status=status))
    assert isinstance(stopped, Stopped)
    assert stopped.cause == "quota"


@pytest.mark.parametrize("body", [b"", {"error": {"code": "model_not_found", "message": "token"}}])
async def test_a_403_that_is_not_about_the_key_is_refused(set_stage: SetStage, body: Any) -> None:
    assert type(await fails(set_stage, Reply(body, status=403))) is Refused


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"Retry-After": "1.5"}, 1.5),
        ({"retry-after-ms": "250", "retry-after": "7"}, 0.25),
        ({"retry-after-ms": "soon", "retry-after": "7"}, 7.0),
        ({"retry-after": "Sun, 22 Nov 2026 12:01:30 GMT"}, 90.0),
        ({"retry-after": "Sun, 22 Nov 2026 11:59:59 GMT"}, None),
        ({"retry-after": "-3"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "1e400"}, None),
        ({"retry-after": "in a while"}, None),
        ({}, None),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
async def test_the_wait_that_a_server_asks_for_is_passed_on(
    set_stage: SetStage, status: int, headers: dict[str, str], seconds: float | None
) -> None:
    error = await fails(set_stage, Reply(b"", status=status, headers=headers))
    assert isinstance(error, Transient)
    assert error.retry_after == seconds


async def test_a_server_cannot_make_the_adapter_retry(set_stage: SetStage) -> None:
    told = {"x-should-retry": "true", "retry-after": "0"}
    assert isinstance(await fails(set_stage, Reply(b"", status=400, headers=told)), Refused)


async def test_a_redirect_is_not_followed(set_stage: SetStage) -> None:
    async with Loopback([Reply(b"{}")]) as elsewhere:
        to = {"location": f"{elsewhere.address}/v1/chat/completions"}
        for status in (301, 302, 307, 308):
            error = await fails(set_stage, Reply(b"", status=status, headers=to))
            assert isinstance(error, Refused)
            assert "base_url" in str(error)
        assert elsewhere.heard == []


async def test_a_gateways_failure_under_status_200_keeps_its_meaning(
    kind: Kind, set_stage: SetStage
) -> None:
    codes: tuple[tuple[object, type[ProviderError]], ...] = (
        (502, Transient),
        (429, Transient),
        ("503", Transient),
        ("RESOURCE_EXHAUSTED", Transient),
        (400, Refused),
        ("odd", Refused),
    )
    for code, expected in codes:
        failed = kind.without_answers(None)
        failed["error"] = {"code": code, "message": "upstream says no"}
        assert type(await fails(set_stage, failed)) is expected
    for said in ("error", "detail", "message"):
        error = await fails(set_stage, {said: "upstream says no", "success": False})
        assert (type(error), str(error)[-16:]) == (Refused, "upstream says no")


# What happens to the connection.


async def test_a_cut_body_is_transient(kind: Kind, set_stage: SetStage) -> None:
    for cut in (0, 1, 200):
        error = await fails(set_stage, Reply(kind.answer(), cut=cut))
        assert isinstance(error, Transient)


async def test_a_reset_is_transient(set_stage: SetStage) -> None:
    error = await fails(set_stage, Reply(reset=True))
    assert isinstance(error, Transient)
    assert "connection" in str(error)


async def test_a_slow_answer_is_transient_and_its_connection_is_let_go(
    kind: Kind, set_stage: SetStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = await set_stage(Reply(kind.answer(), delay_s=math.inf))
    call = asyncio.ensure_future(stage.complete())
    await stage.server.asked.wait()
    with pytest.raises(Transient, match="did not answer in time"):
        await after_hours(call, monkeypatch)
    await asyncio.wait_for(stage.server.hung_up.wait(), PATIENCE_S)


async def test_a_deadline_cuts_a_trickle_that_no_timeout_sees(
    kind: Kind, set_stage: SetStage
) -> None:
    stage = await set_stage(Reply(kind.answer("x" * 100_000), trickle=1))
    call = asyncio.ensure_future(stage.complete())
    await stage.server.asked.wait()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await call
    await asyncio.wait_for(stage.server.hung_up.wait(), PATIENCE_S)


async def test_nobody_at_the_address_is_transient(kind: Kind) -> None:
    async with Loopback([Reply()]) as server:
        address = server.address
    provider = kind.open(address)
    with pytest.raises(Transient, match="connection"):
        await provider.complete(kind.request())
    await provider.close()


RAW = (
    b"garbage\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nX: " + b"a" * 100_000 + b"\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc",
    b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
    b"HTTP/1.1 200 \xff\xff\r\nContent-Length: 0\r\nContent-Type: \xff\r\n\r\n",
    b"HTTP/9.9 200 OK\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 99999 OK\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 204 OK\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nA: b\x00c\r\nSet-Cookie: \x01\r\n\r\n{}",
    b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
    b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: http://[::\r\n\r\n",
    b"",
)


@pytest.mark.parametrize("raw", RAW, ids=range(len(RAW)))
async def test_broken_http_is_a_provider_error_and_nothing_else(
    set_stage: SetStage, raw: bytes
) -> None:
    await fails(set_stage, Reply(raw=raw), timeout_s=1)


async def test_a_deprecation_notice_changes_nothing(kind: Kind, set_stage: SetStage) -> None:
    notice = {"x-model-deprecation-timestamp": "2027-01-01T00:00:00Z"}
    stage = await set_stage(Reply(kind.answer(), headers=notice))
    assert (await stage.complete()).text == TEXT
    for body in (b"[]", b"{}", b"<p>", b"[" * 100_000):
        await fails(set_stage, Reply(body, headers=notice))
