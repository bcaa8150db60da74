"""A batch service on a loopback socket: files, batches in a state, and the answers to their lines."""

import json
from collections.abc import Callable, Mapping
from email import message_from_bytes
from email.message import Message
from typing import Any

from tests.contract.loopback import Heard, Loopback, Reply

Line = Mapping[str, Any]
AnswerTo = Callable[[Line], Line | bytes | None]
"""What a line of the input comes back as: a line, bytes as they are, or nothing at all."""

OPENAI = {
    "underway": "in_progress",
    "completed": "completed",
    "failed": "failed",
    "expired": "expired",
    "cancelled": "cancelled",
}
MISTRAL = {
    "underway": "RUNNING",
    "completed": "SUCCESS",
    "failed": "FAILED",
    "expired": "TIMEOUT_EXCEEDED",
    "cancelled": "CANCELLED",
}


class BatchServer(Loopback):
    """Takes files and batches as OpenAI and as Mistral do, and is moved on by the test."""

    def __init__(self) -> None:
        super().__init__([])
        self.files: dict[str, bytes] = {}
        self.created: list[dict[str, Any]] = []
        self.standing = "underway"
        self.faults: list[dict[str, Any]] = []
        self.overrides: dict[str, Reply] = {}
        self.done = 0

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The lines of the file that was uploaded, in order."""
        return [json.loads(line) for line in self.files["file-in"].splitlines()]

    def end(self, standing: str, answer_to: AnswerTo, error_to: AnswerTo = lambda _: None) -> None:
        """End the batch, with the lines of its output and of its error file."""
        self.standing = standing
        self.files["file-out"] = _file(map(answer_to, self.lines))
        self.files["file-errors"] = _file(map(error_to, self.lines))

    def reply_to(self, heard: Heard) -> Reply:
        """Return what the service says."""
        path = heard.path.partition("?")[0]
        if (override := self.overrides.get(f"{heard.method} {path}")) is not None:
            return override
        if heard.method == "POST" and path == "/v1/files":
            self.files["file-in"] = _part(heard, "file")
            assert _part(heard, "purpose") == b"batch"
            return Reply({"id": "file-in", "object": "file"})
        if heard.method == "POST":
            self.created.append(heard.document)
            return Reply(self._state(path))
        if path.startswith("/v1/files/"):
            name = path.split("/")[3]
            kind = {"content-type": "application/octet-stream"}
            return Reply(self.files[name], headers=kind)
        if path in ("/v1/batches", "/v1/batch/jobs"):
            listed = [self._state(path)] if self.created else []
            return Reply({"object": "list", "data": listed})
        return Reply(self._state(path))

    def _state(self, path: str) -> dict[str, Any]:
        names = {name: f"file-{part}" for name, part in _NAMES if self.files.get(f"file-{part}")}
        if path.startswith("/v1/batches"):
            return {
                "id": "batch_1",
                "object": "batch",
                "status": OPENAI[self.standing],
                "metadata": self.created[-1]["metadata"],
                "errors": {"object": "list", "data": self.faults} if self.faults else None,
                "request_counts": {"total": 3, "completed": self.done, "failed": 0},
                "output_file_id": names.get("output_file"),
                "error_file_id": names.get("error_file"),
            }
        return {
            "id": "5c8e7a8e-0000-4000-8000-000000000001",
            "object": "batch",
            "status": MISTRAL[self.standing],
            "metadata": self.created[-1]["metadata"],
            "errors": self.faults,
            "total_requests": 3,
            "completed_requests": self.done,
            "output_file": names.get("output_file"),
            "error_file": names.get("error_file"),
        }


_NAMES = (("output_file", "out"), ("error_file", "errors"))


def _file(lines: Any) -> bytes:
    """Return the lines of a file, the last first: a service keeps no order."""
    written = [
        line if isinstance(line, bytes) else json.dumps(line).encode()
        for line in lines
        if line is not None
    ]
    return b"\n".join(reversed(written))


def _part(heard: Heard, name: str) -> bytes:
    """Return one part of an uploaded form."""
    kind = heard.headers["content-type"].encode()
    form = message_from_bytes(b"Content-Type: " + kind + b"\r\n\r\n" + heard.body)
    for part in form.get_payload():
        assert isinstance(part, Message)
        if part.get_param("name", header="content-disposition") == name:
            content = part.get_payload(decode=True)
            assert isinstance(content, bytes)
            return content
    raise AssertionError(f"the form has no {name}")
