"""A model server on the loopback: `fakellm/fakellm.c`, built into a temporary folder."""

import json
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

SOURCE = Path(__file__).with_name("fakellm") / "fakellm.c"
MODEL = "fake-large"
COMPILER = shutil.which("gcc") or shutil.which("cc")
_LONGEST_S = 5400


@dataclass(frozen=True)
class Server:
    """A running server: where it is, and how it is set and asked."""

    port: int

    @property
    def base_url(self) -> str:
        """The address that an OpenAI client is given."""
        return f"http://127.0.0.1:{self.port}/v1"

    def set(self, **settings: float) -> None:
        """Set latency (`lat`, ms), shares of faults (`p429`, `pbad`), a limit (`rpm`); count anew."""
        given = {"lat": 0, "p429": 0, "pbad": 0, "rpm": 0, "retry_after": 1, "seed": 1} | settings
        self._get("__set?" + "&".join(f"{name}={value}" for name, value in given.items()))

    def stats(self) -> Mapping[str, float]:
        """Return what was asked and answered since the last `set`."""
        found: Mapping[str, float] = json.loads(self._get("__stats"))
        return found

    def _get(self, path: str) -> bytes:
        with urlopen(f"http://127.0.0.1:{self.port}/{path}") as answer:
            body: bytes = answer.read()
            return body


@dataclass(frozen=True)
class Marked:
    """An answer to the requests that have `mark` in their body, as it stands there byte by byte."""

    mark: str
    text: str


@contextmanager
def serve(ballot: str, marked: Sequence[Marked] = ()) -> Iterator[Server]:
    """Yield a server that answers with `ballot`, or with half of it where it is told to fail.

    The first of `marked` whose mark is in a request goes before it.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        binary, bodies = folder / "fakellm", folder / "bodies"
        subprocess.run((COMPILER or "cc", "-O2", "-o", binary, SOURCE, "-lm"), check=True)
        bodies.mkdir()
        (bodies / "card.json").write_text(json.dumps(_body(ballot)), encoding="utf-8")
        for number, one in enumerate(marked):
            own = bodies / f"card+{number}.json"
            own.write_text(json.dumps(_body(one.text)), encoding="utf-8")
            own.with_suffix(".mark").write_text(one.mark, encoding="utf-8")
        half = ballot[: len(ballot) // 2]
        (bodies / "card.bad.json").write_text(json.dumps(_body(half)), encoding="utf-8")
        port = _free_port()
        command = (binary, str(port), bodies, str(_LONGEST_S))
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
            try:
                _await_port(port)
                yield Server(port)
            finally:
                process.terminate()


def _body(text: str) -> dict[str, Any]:
    message: dict[str, Any] = {
        "role": "assistant",
        "content": text,
        "refusal": None,
        "annotations": [],
    }
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    return {
        "id": "chatcmpl-fake",
        "object": "chat.completion",
        "created": 1763800000,
        "model": MODEL,
        "choices": [choice],
        "usage": {
            "prompt_tokens": 1900,
            "completion_tokens": 900,
            "total_tokens": 2800,
            "prompt_tokens_details": {"cached_tokens": 1024, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
        },
        "service_tier": "default",
        "system_fingerprint": "fp_fake",
    }


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def _await_port(port: int) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise RuntimeError("fakellm did not start")
