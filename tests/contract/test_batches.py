"""The batch services of both makers: what is sent is what a call sends, what comes is read alike."""

import asyncio
import json
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack
from typing import Any, Literal

import pytest

from panel.domain.exchange import Completion, Failure, Request, Usage
from panel.domain.submitted_batch import Collected, Underway, mark_of
from panel.errors import ProviderError, Refused, Stopped, Transient, Unusable
from panel.ports import BatchService
from panel.providers.mistral import MistralBatches
from panel.providers.openai import OpenAI, OpenAIBatches
from tests.contract.batch_server import BatchServer
from tests.contract.conftest import OPENAI_LIKE, kind_of
from tests.contract.kinds import KEY, TEXT, Kind, a_request
from tests.contract.loopback import Loopback, Reply
from tests.virtual import after_hours

REQUESTS = tuple(a_request(label=f"review:{who}") for who in ("builder", "skeptic", "security"))
BUILDER, SKEPTIC, SECURITY = REQUESTS


def service_of(kind: Kind, live: Any) -> BatchService:
    return MistralBatches(live) if kind.name == "mistral" else OpenAIBatches(live)


@pytest.fixture(params=OPENAI_LIKE)
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Kind:
    """The adapters that have a batch service."""
    return kind_of(request.param, monkeypatch)


class Stage:
    """A batch service of one maker with its adapter before it."""

    def __init__(self, kind: Kind, server: BatchServer, live: Any) -> None:
        self.kind = kind
        self.server = server
        self.live = live
        self.service: BatchService = service_of(kind, live)
        self.id = ""

    async def submit(self) -> None:
        self.id = await self.service.submit(REQUESTS)

    async def collect(self) -> Collected:
        found = await self.service.collect(self.id, REQUESTS)
        assert isinstance(found, Collected)
        return found

    def place(self, path: str) -> str:
        """The path of a batch, or of all, as this maker has it."""
        root = "/v1/batch/jobs" if self.kind.name == "mistral" else "/v1/batches"
        return f"{root}{path}"

    def answer(self, line: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
        body = self.kind.answer(**changes)
        response = {"status_code": 200, "request_id": "r", "body": body}
        return {"id": "b-1", "custom_id": line["custom_id"], "response": response, "error": None}


@pytest.fixture
async def stage(kind: Kind) -> AsyncIterator[Stage]:
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(BatchServer())
        live = kind.open(server.address)
        stack.push_async_callback(live.close)
        yield Stage(kind, server, live)


async def live_body(kind: Kind, request: Request) -> Any:
    """Return what a call of `request` sends."""
    async with Loopback([Reply(kind.answer())]) as server:
        live = kind.open(server.address)
        await live.complete(request)
        await live.close()
    return server.heard[0].document


SETTINGS: tuple[dict[str, Any], ...] = (
    {},
    {"answer_schema": {"type": "object", "default": None, "enum": [None], "title": "żółw"}},
    {"temperature": 0.2, "effort": "low", "prefix_key": "p", "sample": 1, "attempt": 2},
)


@pytest.mark.parametrize("settings", SETTINGS)
async def test_a_line_asks_what_a_call_asks(stage: Stage, settings: dict[str, Any]) -> None:
    request = BUILDER.but(**settings)
    await stage.service.submit([request])
    (line,) = stage.server.lines
    assert line["body"] == await live_body(stage.kind, request)
    assert line["custom_id"] == request.key
    assert stage.server.files["file-in"].isascii()


async def test_a_batch_is_of_the_file_that_was_uploaded(stage: Stage) -> None:
    await stage.submit()
    assert [line["custom_id"] for line in stage.server.lines] == [one.key for one in REQUESTS]
    if stage.kind.name == "mistral":
        assert stage.server.created == [
            {
                "endpoint": "/v1/chat/completions",
                "input_files": ["file-in"],
                "model": "gpt-6-luna",
                "timeout_hours": 24,
                "metadata": {"shipskip": mark_of(REQUESTS)},
            }
        ]
        assert {"method", "url"} & set(stage.server.lines[0]) == set()
    else:
        assert stage.server.created == [
            {
                "endpoint": stage.kind.path,
                "input_file_id": "file-in",
                "completion_window": "24h",
                "metadata": {"shipskip": mark_of(REQUESTS)},
            }
        ]
        assert {(line["method"], line["url"]) for line in stage.server.lines} == {
            ("POST", stage.kind.path)
        }
    assert stage.id in {"batch_1", "5c8e7a8e-0000-4000-8000-000000000001"}


@pytest.mark.parametrize("standing", ["underway", "completed"])
async def test_requests_that_were_submitted_already_are_not_paid_for_twice(
    stage: Stage, standing: str
) -> None:
    await stage.submit()
    stage.server.standing = standing
    first = stage.id
    await stage.submit()
    assert stage.id == first
    assert len(stage.server.created) == 1
    await stage.service.submit(REQUESTS[:2])
    assert len(stage.server.created) == 2


@pytest.mark.parametrize("standing", ["failed", "expired", "cancelled"])
async def test_a_batch_that_came_to_nothing_may_be_submitted_again(
    stage: Stage, standing: str
) -> None:
    await stage.submit()
    stage.server.standing = standing
    await stage.submit()
    assert len(stage.server.created) == 2


async def test_a_service_tier_is_for_calls_only() -> None:
    async with BatchServer() as server:
        live = Kind("responses").open(server.address, service_tier="flex", explicit_cache=True)
        assert isinstance(live, OpenAI)
        await OpenAIBatches(live).submit(REQUESTS)
        await live.close()
    body = server.lines[0]["body"]
    assert "service_tier" not in body
    assert body["prompt_cache_options"] == {"mode": "explicit"}


async def test_a_batch_under_way_says_how_far_it_is(stage: Stage) -> None:
    await stage.submit()
    stage.server.done = 2
    found = await stage.service.collect(stage.id, REQUESTS)
    state = "RUNNING" if stage.kind.name == "mistral" else "in_progress"
    assert found == Underway(done=2, of=3, state=state)
    assert stage.server.heard[-1].path.startswith(stage.place(f"/{stage.id}"))


async def test_a_completed_batch_brings_every_answer_with_its_usage(stage: Stage) -> None:
    await stage.submit()
    stage.server.end("completed", stage.answer)
    found = await stage.collect()
    assert (found.ending, found.reason, found.oddities) == ("completed", None, ())
    assert list(found.outcomes) == [request.key for request in REQUESTS]
    for outcome in found.outcomes.values():
        assert isinstance(outcome, Completion)
        assert (outcome.text, outcome.model) == (TEXT, "luna-2026-10-01")
        assert outcome.usage == Usage(
            input=1200, output=330, cached=1024, cache_written=128, reasoning=64
        )
        assert outcome.service == "batch"


async def test_a_batch_answer_is_the_answer_of_a_call_but_for_its_service(stage: Stage) -> None:
    async with Loopback([Reply(stage.kind.answer())]) as server:
        live = stage.kind.open(server.address)
        called = await live.complete(BUILDER)
        await live.close()
    await stage.submit()
    stage.server.end("completed", stage.answer)
    found = await stage.collect()
    assert found.outcomes[BUILDER.key] == called.model_copy(update={"service": "batch"})


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("output_format.schema: property 'minimum' is not supported", '"minimum"'),
        ("This response_format type is unavailable now", '"json_schema"'),
    ],
)
async def test_what_a_batch_was_declined_for_is_left_out_of_the_calls_that_follow(
    stage: Stage, words: str, kept: str
) -> None:
    await stage.submit()
    assert all(kept in json.dumps(line["body"]) for line in stage.server.lines)
    declined = {"status_code": 400, "body": {"error": {"message": words}}}
    stage.server.end(
        "completed", lambda line: {"custom_id": line["custom_id"], "response": declined}
    )
    found = await stage.collect()
    assert all(isinstance(one, Failure) for one in found.outcomes.values())
    assert all(one.kind == "refused" for one in found.outcomes.values() if isinstance(one, Failure))
    shown = json.dumps(stage.live.body(BUILDER))
    assert kept not in shown
    assert ("json_object" in shown) == (kept == '"json_schema"'), "one step, not one a line"


Broken = Callable[[Kind], dict[str, Any]]
BAD_ANSWERS: tuple[tuple[Broken, type[ProviderError]], ...] = (
    (lambda kind: kind.refusal("I would rather not."), Refused),
    (lambda kind: kind.stopped_by("length"), Unusable),
    (lambda kind: kind.stopped_by("content_filter"), Refused),
    (lambda kind: kind.without_answers([]), Unusable),
    (lambda kind: kind.answer(""), Unusable),
    (lambda kind: {**kind.answer(), "error": {"code": "server_error"}, "choices": []}, Transient),
)


@pytest.mark.parametrize(("broken", "expected"), BAD_ANSWERS)
async def test_a_bad_answer_fails_for_the_reason_that_it_fails_for_in_a_call(
    stage: Stage, broken: Broken, expected: type[ProviderError]
) -> None:
    body = broken(stage.kind)
    async with Loopback([Reply(body)]) as server:
        live = stage.kind.open(server.address)
        with pytest.raises(expected) as caught:
            await live.complete(BUILDER)
        await live.close()
    await stage.submit()
    stage.server.end(
        "completed",
        lambda line: {
            "custom_id": line["custom_id"],
            "response": {"status_code": 200, "body": body},
        },
    )
    found = await stage.collect()
    failure = found.outcomes[BUILDER.key]
    assert isinstance(failure, Failure)
    assert failure.reason == str(caught.value)
    assert failure.kind == expected.__name__.lower()
    assert failure.usage == (caught.value.tokens and Usage(**caught.value.tokens))
    assert failure.service == "batch"


FAULTS: tuple[tuple[int, Any, Literal["transient", "refused"], str], ...] = (
    (400, {"error": {"message": "no such setting"}}, "refused", "no such setting"),
    (422, '{"detail": [{"loc": ["body"], "msg": "too hot"}]}', "refused", "body: too hot"),
    (429, {"error": {"code": "insufficient_quota"}}, "transient", "no credit left"),
    (401, {"error": {"message": f"Bearer {KEY}"}}, "transient", "does not accept the key"),
    (503, None, "transient", "overloaded (503)"),
)


@pytest.mark.parametrize(("status", "body", "kind_of_failure", "words"), FAULTS)
async def test_a_fault_of_one_request_lies_in_the_error_file_and_fails_that_one(
    stage: Stage, status: int, body: Any, kind_of_failure: str, words: str
) -> None:
    await stage.submit()
    is_bad = {SKEPTIC.key: True}.get
    stage.server.end(
        "completed",
        lambda line: None if is_bad(line["custom_id"]) else stage.answer(line),
        lambda line: (
            {
                "custom_id": line["custom_id"],
                "response": {"status_code": status, "body": body},
                "error": None,
            }
            if is_bad(line["custom_id"])
            else None
        ),
    )
    found = await stage.collect()
    failure = found.outcomes[SKEPTIC.key]
    assert isinstance(failure, Failure)
    assert failure.kind == kind_of_failure
    assert words in failure.reason
    assert KEY not in failure.reason
    assert isinstance(found.outcomes[BUILDER.key], Completion)


@pytest.mark.parametrize(("standing", "words"), [("expired", "ran out"), ("cancelled", "cancel")])
async def test_what_came_before_a_batch_ended_early_is_kept(
    stage: Stage, standing: Literal["expired", "cancelled"], words: str
) -> None:
    await stage.submit()
    late = {"code": "batch_expired", "message": f"too late, {KEY}"}
    stage.server.end(
        standing,
        lambda line: stage.answer(line) if line["custom_id"] == BUILDER.key else None,
        lambda line: (
            {"custom_id": line["custom_id"], "response": None, "error": late}
            if line["custom_id"] == SKEPTIC.key
            else None
        ),
    )
    found = await stage.collect()
    assert found.ending == standing
    assert found.reason is not None
    assert words in found.reason
    assert isinstance(found.outcomes[BUILDER.key], Completion)
    assert found.outcomes[SKEPTIC.key] == Failure(
        kind="transient",
        reason="the batch service did not ask it: too late, [key]",
        calls=0,
        service="batch",
    )
    assert found.outcomes[SECURITY.key] == Failure(
        kind="transient",
        reason=f"the batch service gave no answer: {found.reason}",
        calls=0,
        service="batch",
    )


async def test_a_batch_that_is_refused_whole_says_why(stage: Stage) -> None:
    await stage.submit()
    stage.server.standing = "failed"
    stage.server.faults = [{"message": "the limit of queued tokens is reached", "line": 2}, {}]
    found = await stage.collect()
    assert found.ending == "failed"
    assert found.reason is not None
    assert found.reason.endswith("the limit of queued tokens is reached (line 2), and 1 more")
    assert {
        outcome.kind for outcome in found.outcomes.values() if isinstance(outcome, Failure)
    } == {"transient"}
    assert len(found.outcomes) == len(REQUESTS)


async def test_hostile_lines_spoil_no_other_line(stage: Stage) -> None:
    await stage.submit()
    extra = [
        b"",
        b"\xff\xfe not json",
        b"[]",
        b"{" * 200_000,
        b'{"custom_id": 5}',
        b'{"custom_id": "nobody", "response": null}',
        b'{"pad": "' + b"x" * 2_000_001 + b'"}',
    ]

    def answer(line: Mapping[str, Any]) -> Any:
        if line["custom_id"] == SECURITY.key:
            return b"\n".join(extra)
        return stage.answer(line)

    stage.server.end("completed", answer, lambda line: stage.answer(line, text="another"))
    found = await stage.collect()
    told = "; ".join(found.oddities)
    assert isinstance(skeptic := found.outcomes[SKEPTIC.key], Completion)
    assert skeptic.text == TEXT
    for words in ("cannot be read", "not in the batch: nobody", "is longer than 2,000,000 bytes"):
        assert words in told
    assert "names no request" in told
    assert told.count("a second time") == 2
    assert isinstance(late := found.outcomes[SECURITY.key], Completion)
    assert late.text == "another"


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (401, {"error": {"message": "no"}}, Stopped),
        (402, {}, Stopped),
        (429, {"error": {"code": "insufficient_quota"}}, Stopped),
        (429, {}, Transient),
        (500, {}, Transient),
        (404, {"error": {"message": "No such batch"}}, Refused),
        (200, b"<html>", Unusable),
        (200, b'{"id": "batch_1", "sta', Transient),
        (200, {"id": "batch_1"}, Unusable),
        (200, {"id": "../../files", "status": "completed"}, Unusable),
    ],
)
async def test_a_fault_of_the_service_itself_is_one_of_ours(
    stage: Stage, status: int, body: Any, expected: type[ProviderError]
) -> None:
    reply = Reply(body, status=status, headers={"retry-after": "7"})
    stage.server.overrides = {
        f"POST {stage.place('')}": reply,
        f"GET {stage.place('/batch_1')}": reply,
    }
    with pytest.raises(expected) as caught:
        await stage.submit()
    with pytest.raises(expected):
        await stage.service.collect("batch_1", REQUESTS)
    if status == 429 and isinstance(caught.value, Transient):
        assert caught.value.retry_after == 7.0


async def test_an_upload_that_is_refused_begins_no_batch(stage: Stage) -> None:
    for body, status in (({"detail": "no space"}, 413), ({"id": None}, 200)):
        stage.server.overrides = {"POST /v1/files": Reply(body, status=status)}
        with pytest.raises((Refused, Unusable)):
            await stage.submit()
    assert stage.server.created == []


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (Reply(b"x" * 1000, cut=500), Transient),
        (Reply(b"x" * 1000, reset=True), Transient),
        (Reply({"error": {"message": "gone"}}, status=404), Refused),
        (Reply(b"x", headers={"content-encoding": "gzip"}), Unusable),
        (Reply(b"x" * 3_000_000, status=500), Unusable),
    ],
)
async def test_a_file_that_breaks_off_is_collected_another_time(
    stage: Stage, reply: Reply, expected: type[ProviderError]
) -> None:
    await stage.submit()
    stage.server.end("completed", stage.answer)
    stage.server.overrides = {
        "GET /v1/files/file-out/content": Reply(
            reply.body,
            status=reply.status,
            headers={"content-type": "application/octet-stream", **reply.headers},
            cut=reply.cut,
            reset=reply.reset,
        )
    }
    with pytest.raises(expected):
        await stage.collect()
    stage.server.overrides = {}
    assert len((await stage.collect()).outcomes) == 3


async def test_a_file_that_stalls_is_not_waited_for(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stage.submit()
    stage.server.end("completed", stage.answer)
    headers = {"content-type": "application/octet-stream"}
    stalled = Reply(b"half of it", headers=headers, cut=4, stalls=True)
    stage.server.overrides = {"GET /v1/files/file-out/content": stalled}
    collecting = asyncio.ensure_future(stage.collect())
    await stage.server.stalled.wait()
    with pytest.raises(Transient, match="in time"):
        await after_hours(collecting, monkeypatch)


async def test_a_file_larger_than_an_answer_is_read_to_its_end(stage: Stage) -> None:
    await stage.submit()
    stage.server.end("completed", lambda line: stage.answer(line, text="y" * 900_000))
    assert len(stage.server.files["file-out"]) > 2_000_000
    found = await stage.collect()
    assert found.oddities == ()
    assert all(isinstance(outcome, Completion) for outcome in found.outcomes.values())


@pytest.mark.parametrize("kind", [Kind("mistral")], ids=["mistral"])
async def test_a_file_of_another_kind_is_read_as_far_as_an_answer_is_long(stage: Stage) -> None:
    await stage.submit()
    stage.server.end("completed", stage.answer)
    path = "GET /v1/files/file-out/content"
    small = Reply(stage.server.files["file-out"])
    stage.server.overrides = {path: small}
    assert isinstance((await stage.collect()).outcomes[BUILDER.key], Completion)
    stage.server.overrides = {path: Reply(b"\n" * 2_000_001)}
    with pytest.raises(Unusable, match="2,000,000 bytes"):
        await stage.collect()


TOLD = f"{KEY} {KEY.replace('-', '%2D')} {b64encode(KEY.encode()).decode()}"
TELLING: tuple[Callable[[Stage, Mapping[str, Any]], dict[str, Any]], ...] = (
    lambda stage, line: stage.answer(line, text=TOLD, model=KEY, id=KEY),
    lambda _, line: {"custom_id": line["custom_id"], "error": {"message": TOLD}},
    lambda _, line: {
        "custom_id": line["custom_id"],
        "response": {"status_code": 400, "body": {"error": {"message": TOLD}}},
    },
)


async def test_no_answer_of_a_batch_tells_the_key(stage: Stage) -> None:
    await stage.submit()
    telling = dict(zip((request.key for request in REQUESTS), TELLING, strict=True))
    stage.server.end(
        "completed",
        lambda line: telling[line["custom_id"]](stage, line),
        lambda _: f'{{"custom_id": "{KEY}", "twice": 1, "twice": 2}}'.encode(),
    )
    found = await stage.collect()
    assert {key: "[key] [key] [key]" in repr(one) for key, one in found.outcomes.items()} == {
        request.key: True for request in REQUESTS
    }
    assert found.oddities[0].endswith("not in the batch: [key]")
    assert KEY not in repr(found)


async def test_nothing_that_is_said_of_a_batch_tells_the_key(stage: Stage) -> None:
    await stage.submit()
    stage.server.standing = "failed"
    stage.server.faults = [{"message": f"not with {TOLD}", "line": 2}]
    found = await stage.collect()
    assert "not with [key] [key] [key]" in str(found.reason)
    assert KEY not in repr(found)
    stage.server.overrides = {
        f"GET {stage.place(f'/{stage.id}')}": Reply({"id": "b-1", "status": KEY})
    }
    underway = await stage.service.collect(stage.id, REQUESTS)
    assert isinstance(underway, Underway)
    assert underway.state == "[key]"


async def test_nobody_at_the_address_is_a_failure_that_may_pass(kind: Kind) -> None:
    live = kind.open("http://127.0.0.1:9")
    service = service_of(kind, live)
    with pytest.raises(Transient):
        await service.submit(REQUESTS)
    with pytest.raises(Transient):
        await service.collect("batch_1", REQUESTS)
    await live.close()
