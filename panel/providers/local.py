"""A model on this machine: llama.cpp inside the process, from a GGUF file."""

import asyncio
import json
import secrets
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx2

from panel.domain.exchange import Completion, Request
from panel.errors import ConfigError
from panel.providers.faults import connection_faults, fault
from panel.providers.http_client import SLOWEST_CONNECT_S
from panel.providers.key_redaction import KnownKeys
from panel.providers.server import Server
from panel.providers.wire.answer import read_chat
from panel.providers.wire.request import chat_messages

WEIGHTS = (
    "download an instruction-tuned model as .gguf, for example from huggingface.co, of about half"
    " the memory of this machine"
)

_MAGIC = b"GGUF"
_OK = 200
_CONTEXT = 16_384


class Local:
    """A provider that runs the model in `path` itself; nothing leaves the machine.

    The model is loaded at the first call, in a thread, with room for 16,384 tokens of prompt and
    answer. One call is answered at a time; the rest wait their turn. `timeout_s` bounds the wait for
    an answer once its turn has come. Raises ConfigError where the wheel or the weights are missing or
    broken, mostly on construction, else with the first call.
    """

    def __init__(self, path: Path, *, timeout_s: float) -> None:
        _check(path)
        self._path = path
        self._timeout_s = timeout_s
        # Other people on this machine can reach a loopback port, so it asks for a key of its own.
        self._key = secrets.token_urlsafe(24)
        self._server = Server("the local model", KnownKeys([self._key]))
        self._turn = asyncio.Lock()
        self._starting = asyncio.Lock()
        self._llama: Any = None
        self._http: httpx2.AsyncClient | None = None

    async def complete(self, request: Request) -> Completion:
        """Return the answer to `request`. Raises a ProviderError where there is none."""
        http = await self._started()
        async with self._turn:
            with connection_faults(self._server):
                answer = await http.post("/v1/chat/completions", json=self._body(request))
        if answer.status_code != _OK:
            raise fault(answer.status_code, answer.content, self._server)
        return read_chat(answer.content, self._server, request.model)

    async def close(self) -> None:
        """Stop the server and free the model; the next call would load it again."""
        async with self._starting:
            if self._http is not None:
                await self._http.aclose()
            self._http = self._llama = None

    async def _started(self) -> httpx2.AsyncClient:
        async with self._starting:
            if self._http is None:
                self._llama = await asyncio.to_thread(self._load)
                self._http = httpx2.AsyncClient(
                    base_url=self._llama.listening_address,
                    headers={"Authorization": f"Bearer {self._key}"},
                    timeout=httpx2.Timeout(self._timeout_s, connect=SLOWEST_CONNECT_S),
                    trust_env=False,
                )
            return self._http

    def _load(self) -> Any:  # noqa: ANN401 - xllamacpp has no types
        import xllamacpp  # noqa: PLC0415 - 30 MB that only a local model needs

        params = xllamacpp.CommonParams()
        params.model.path = str(self._path)
        # Else the answer names the whole path, and recordings would hold this machine's folders.
        params.model_alias = {self._path.name}
        params.n_ctx = _CONTEXT
        params.n_parallel = 1
        params.port = 0
        params.api_keys = [self._key]
        params.ui = params.endpoint_slots = params.endpoint_props = params.warmup = False
        params.verbosity = 0
        try:
            return xllamacpp.Server(params)
        except RuntimeError as error:
            raise ConfigError(
                f"{self._path.name} cannot be loaded: the file is broken, or too large for this"
                f" machine, or newer than this llama.cpp. {WEIGHTS.capitalize()}"
            ) from error

    def _body(self, request: Request) -> dict[str, Any]:
        settings = {"temperature": request.temperature}
        return {
            "messages": chat_messages(request),
            "max_tokens": request.max_output_tokens,
            "grammar": _grammar(request.answer_schema),
            # The grammar leaves no room for thoughts before the answer.
            "chat_template_kwargs": {"enable_thinking": False},
            **{name: value for name, value in settings.items() if value is not None},
        }


def _grammar(schema: dict[str, Any]) -> str:
    """Return `schema` as the grammar that the answer is held to, without idle white space.

    A `response_format` would do the same, but lets the model put any white space between two
    tokens, and a small one can stay there until its tokens are spent.
    """
    compact = {**schema, "x-guidance": {"whitespace_flexible": False}}
    return f"%llguidance {{}}\nstart: %json {json.dumps(compact, ensure_ascii=False)}"


def _check(path: Path) -> None:
    if find_spec("xllamacpp") is None:
        raise ConfigError("a local model needs llama.cpp: run pip install 'shipskip[local]'")
    try:
        with path.open("rb") as file:
            magic = file.read(len(_MAGIC))
    except OSError as error:
        raise ConfigError(f"{path}: no model is there ({error.strerror}): {WEIGHTS}") from error
    if magic != _MAGIC:
        raise ConfigError(f"{path}: this is no GGUF file: {WEIGHTS}")
