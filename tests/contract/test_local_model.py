"""A real llama.cpp: inside the process, and behind its own server as any compatible one."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field

from panel.domain.exchange import Completion, Message, Part
from panel.errors import ConfigError, Refused, Stopped, Transient, Unusable
from panel.providers.local import Local
from panel.providers.openai import OpenAI
from tests.contract.kinds import KEY, SCHEMA, StillClock, a_request

# A text without a limit would, of random weights, now and then not end in time.
SHORT = {
    **SCHEMA,
    "properties": {**SCHEMA["properties"], "reason": {"type": "string", "maxLength": 8}},
}


class Answer(BaseModel):
    """What SHORT asks for, in its order."""

    model_config = ConfigDict(extra="forbid", strict=True)

    reason: str
    score: int = Field(ge=1, le=5)
    verdict: Literal["ship", "skip"]


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model with random weights, where llama.cpp is there to run it."""
    pytest.importorskip("xllamacpp", reason="needs llama.cpp: pip install 'shipskip[local]'")
    pytest.importorskip("gguf", reason="needs gguf to write a model: pip install gguf numpy")
    from tests.contract.random_weights import write_model  # noqa: PLC0415 - needs gguf

    path = tmp_path_factory.mktemp("weights") / "random.gguf"
    write_model(path)
    return path


@pytest.fixture
async def local(weights: Path) -> AsyncIterator[Local]:
    provider = Local(weights, timeout_s=60)
    yield provider
    await provider.close()


async def ask(provider: Local | OpenAI, **changes: Any) -> Completion:
    asked = {"max_output_tokens": 3000, "answer_schema": SHORT, **changes}
    return await provider.complete(a_request(**asked))


async def test_a_local_model_keeps_the_schema(local: Local) -> None:
    for _ in range(3):
        completion = await ask(local)
        Answer.model_validate_json(completion.text)
        assert completion.text.startswith('{"reason":"'), "white space would only cost time"
        assert list(json.loads(completion.text)) == list(Answer.model_fields)
        assert completion.usage is not None
        assert completion.usage.output > 5
        assert completion.model == "random.gguf"


async def test_local_calls_at_once_wait_their_turn(local: Local) -> None:
    async with asyncio.TaskGroup() as group:
        calls = [group.create_task(ask(local)) for _ in range(3)]
    for call in calls:
        Answer.model_validate_json(call.result().text)


async def test_a_local_answer_that_finds_no_end_is_unusable(local: Local) -> None:
    with pytest.raises(Unusable, match="limit of its length") as caught:
        await local.complete(a_request(max_output_tokens=3, temperature=0.5))
    assert caught.value.tokens is not None
    assert caught.value.tokens["output"] == 3


async def test_a_prompt_that_does_not_fit_a_local_model_is_refused(weights: Path) -> None:
    provider = Local(weights, timeout_s=60)
    long = Message(role="user", parts=(Part(text="A tool. " * 6_000),))
    with pytest.raises(Refused, match="exceeds the available context size"):
        await ask(provider, messages=(long,))
    await provider.close()


async def test_a_closed_local_model_can_be_opened_again(local: Local) -> None:
    await ask(local)
    await local.close()
    await local.close()
    Answer.model_validate_json((await ask(local)).text)


async def test_nobody_else_on_the_machine_can_use_the_local_model(local: Local) -> None:
    await ask(local)
    address = local._llama.listening_address
    assert address.startswith("http://127.0.0.1:")
    stranger = OpenAI(
        api_key=KEY, base_url=f"{address}/v1", api="chat", clock=StillClock(), timeout_s=60
    )
    with pytest.raises(Stopped):
        await ask(stranger)
    await stranger.close()


async def test_a_slow_local_model_is_transient(weights: Path) -> None:
    provider = Local(weights, timeout_s=0.001)
    with pytest.raises(Transient, match="in time"):
        await ask(provider)
    await provider.close()


async def test_a_local_model_that_went_away_is_transient(local: Local) -> None:
    await ask(local)
    local._llama = None
    with pytest.raises(Transient, match="no answer from the local model"):
        await ask(local)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "no model is there"),
        (b"", "no GGUF file"),
        (b"<!doctype html>", "no GGUF file"),
        (b"GGUF and then nothing", "cannot be loaded"),
    ],
)
@pytest.mark.usefixtures("weights")
async def test_a_missing_or_broken_file_says_how_to_get_weights(
    tmp_path: Path, content: bytes | None, words: str
) -> None:
    path = tmp_path / "model.gguf"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=words) as caught:
        await ask(Local(path, timeout_s=60))
    assert ".gguf" in str(caught.value).split(words)[1]


async def test_a_cut_download_says_how_to_get_weights(tmp_path: Path, weights: Path) -> None:
    path = tmp_path / "model.gguf"
    path.write_bytes(weights.read_bytes()[:20_000])  # noqa: ASYNC240 - nobody waits
    with pytest.raises(ConfigError, match="cannot be loaded"):
        await ask(Local(path, timeout_s=60))


def test_a_missing_wheel_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    with pytest.raises(ConfigError, match=r"pip install 'shipskip\[local\]'"):
        Local(tmp_path / "model.gguf", timeout_s=60)


# The same llama.cpp as a server of its own, as anybody runs one.


@pytest.fixture(scope="module")
def llama_cpp(weights: Path) -> Iterator[str]:
    import xllamacpp  # noqa: PLC0415 - not everywhere

    params = xllamacpp.CommonParams()
    params.model.path = str(weights)
    params.n_ctx, params.n_parallel, params.port = 8192, 1, 0
    params.warmup, params.verbosity, params.api_keys = False, 0, [KEY]
    params.sampling.seed, params.cpuparams.n_threads = 7, 1
    server = xllamacpp.Server(params)
    yield f"{server.listening_address}/v1"
    del server


def to(address: str, key: str = KEY) -> OpenAI:
    return OpenAI(api_key=key, base_url=address, api="chat", clock=StillClock(), timeout_s=60)


async def test_the_openai_adapter_talks_to_a_real_server(llama_cpp: str) -> None:
    provider = to(llama_cpp)
    answers: list[Completion] = []
    for temperature in (0.5, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3):
        try:
            answers.append(await ask(provider, temperature=temperature, max_output_tokens=500))
        except (Transient, Unusable):
            continue
    await provider.close()
    assert answers, "a schema that is kept makes an answer now and then, even of random weights"
    for answer in answers:
        Answer.model_validate_json(answer.text)
        assert answer.usage is not None
        assert answer.usage.input > 0


async def test_a_real_server_declines_in_the_ways_that_the_adapter_knows(llama_cpp: str) -> None:
    stranger, friend = to(llama_cpp, key="sk-somebody-else"), to(llama_cpp)
    with pytest.raises(Stopped):
        await ask(stranger)
    with pytest.raises(Refused, match="400"):
        await ask(friend, answer_schema={"type": "florb"})
    with pytest.raises(Unusable, match="limit of its length"):
        await friend.complete(a_request(max_output_tokens=2))
    await stranger.close()
    await friend.close()
