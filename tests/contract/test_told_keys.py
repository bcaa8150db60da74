"""A key that a server tells back is left in nothing that an adapter returns or raises."""

import json
from base64 import b64encode
from typing import Any
from urllib.parse import parse_qsl, quote

import pytest

from panel.errors import ProviderError
from tests.contract.conftest import SetStage
from tests.contract.kinds import KEY, Kind, a_request
from tests.contract.loopback import Loopback, Reply

OTHER = "another-key-of-another-maker-987"
FORMS = (
    KEY,
    KEY.replace("-", "\\u002d"),
    quote(OTHER).replace("-", "%2D"),
    b64encode(f"Bearer {OTHER}".encode()).decode().rstrip("="),
)
TOLD = " ".join(FORMS)
PIECES = (KEY[:9], KEY[9:])


def assert_untold(said: object) -> None:
    text = repr(said)
    for form in (OTHER, *FORMS):
        assert form not in text
    assert json.dumps(FORMS[1])[1:-1] not in text


async def test_an_answer_tells_no_key_of_either_maker(kind: Kind, set_stage: SetStage) -> None:
    told = kind.answer(f"It is {TOLD}.", model=KEY, id=OTHER)
    stage = await set_stage(told, other_keys=[OTHER])
    found = await stage.complete()
    assert_untold(found)
    assert found.text.startswith("It is [key] [key] [key] ")
    assert found.text.endswith("[key].")
    assert (found.model, found.response_id) == ("[key]", "[key]")
    assert found.usage is not None


def in_pieces(kind: Kind, type_: str, name: str) -> dict[str, Any]:
    """Return an answer whose text or refusal comes in two pieces, each with a part of the key."""
    pieces = [{"type": type_, name: piece} for piece in PIECES]
    if kind.speaks_messages:
        texts = [{"type": "text", "text": piece} for piece in PIECES]
        return (
            {**kind.refusal(""), "content": texts}
            if name == "refusal"
            else kind.answer() | {"content": texts}
        )
    if not kind.speaks_responses:
        body = kind.answer()
        body["choices"][0]["message"]["content"] = pieces
        return body
    return {**kind.answer(), "output": [{"type": "message", "content": pieces}]}


async def test_a_key_in_two_pieces_of_a_text_is_not_put_together(
    kind: Kind, set_stage: SetStage
) -> None:
    stage = await set_stage(
        in_pieces(kind, "output_text" if kind.speaks_responses else "text", "text")
    )
    assert (await stage.complete()).text == "[key]"


async def test_a_key_in_two_pieces_of_a_refusal_is_not_put_together(
    kind: Kind, set_stage: SetStage
) -> None:
    stage = await set_stage(in_pieces(kind, "refusal", "refusal"))
    with pytest.raises(ProviderError, match=r"declined to answer: \[key\]"):
        await stage.complete()


@pytest.mark.parametrize("status", [200, 302, 400, 401, 403, 404, 422, 429, 500])
async def test_no_fault_tells_a_key(kind: Kind, set_stage: SetStage, status: int) -> None:
    bodies: list[Any] = [
        {"error": {"message": TOLD, "code": KEY, "type": OTHER}},
        {"detail": [{"loc": ["body", KEY, OTHER], "msg": TOLD}], "choices": TOLD, "output": TOLD},
        TOLD.encode(),
        f"<p>{TOLD}</p>".encode(),
        kind.refusal(f"{'no ' * 60}{TOLD}"),
        kind.stopped_by(f"abort {KEY}"),
    ]
    replies = [
        *(Reply(body, status=status, headers={"x-request-id": KEY}) for body in bodies),
        Reply(kind.answer(), status=status, headers={"content-encoding": KEY}),
    ]
    stage = await set_stage(*replies, other_keys=[OTHER])
    for _ in replies:
        with pytest.raises(ProviderError) as caught:
            await stage.complete()
        assert_untold(str(caught.value))
        assert KEY[:20] not in str(caught.value)


@pytest.mark.parametrize(
    ("login", "decoded"),
    [(f"me:{OTHER}", f"me:{OTHER}"), (OTHER, f"{OTHER}:"), ("m%40:a%3A", "m@:a:")],
)
async def test_who_logs_in_by_an_address_is_sent_as_basic_and_its_secret_is_a_key(
    kind: Kind, login: str, decoded: str
) -> None:
    told = b64encode(decoded.encode()).decode()
    async with Loopback([Reply(kind.answer(f"It is {OTHER} {told}."))]) as server:
        provider = kind.open(server.address.replace("http://", f"http://{login}@"))
        found = await provider.complete(a_request())
        await provider.close()
    assert server.heard[0].headers["authorization"] == f"Basic {told}"
    if OTHER in login:
        assert_untold(found)
        assert found.text.startswith("It is [key] ")


QUERY = f"api-version=2026-11-01&code={OTHER}&tag=a&tag=b%20c"


@pytest.mark.parametrize("end", ["", "/", "#part"])
async def test_the_query_of_an_address_goes_with_each_call_and_its_values_are_keys(
    kind: Kind, end: str
) -> None:
    base = "" if kind.name in ("mistral", "messages") else "/v1"
    async with Loopback([Reply(kind.answer(f"It is {OTHER}."))]) as server:
        slash, _, fragment = end.partition("#")
        address = f"{server.address}{base}{slash}?{QUERY}{f'#{fragment}' if fragment else ''}"
        provider = kind.open_at(address)
        found = await provider.complete(a_request())
        await provider.close()
    path, _, query = server.heard[0].path.partition("?")
    assert path == kind.path
    assert parse_qsl(query) == parse_qsl(QUERY)
    assert found.text == "It is [key]."
