"""What a batch service says of a batch: its id, how far it is, and which files have its answers."""

import re
from collections.abc import Sequence
from typing import Any

from panel.domain.exchange import Count
from panel.domain.submitted_batch import Ending, Underway
from panel.domain.value import Value
from panel.errors import Unusable
from panel.providers.faults import one_line
from panel.providers.server import Server
from panel.providers.wire.answer import read_object

EXPIRED = "the batch ran out of its time at the service"
CANCELLED = "the batch was cancelled at the service"

MARK = "shipskip"
"""The key of the mark in a batch's metadata."""

_ID = re.compile(r"[\w-][\w.:-]{0,199}", re.ASCII)
_ENDINGS: dict[str, Ending] = {
    "completed": "completed",
    "failed": "failed",
    "expired": "expired",
    "cancelled": "cancelled",
    "SUCCESS": "completed",
    "FAILED": "failed",
    "TIMEOUT_EXCEEDED": "expired",
    "CANCELLED": "cancelled",
}


class BatchState(Value):
    """How a batch stands; `ending` is None while it is under way, `files` hold its answers."""

    id: str
    state: str
    ending: Ending | None
    reason: str | None
    done: Count
    of: Count
    files: tuple[str, ...]

    def underway(self, requests: int) -> Underway:
        """Return how far it is, of so many `requests` where the service does not count them."""
        return Underway(done=self.done, of=self.of or requests, state=self.state)


def read_id(body: bytes, server: Server) -> str:
    """Return the id of what `body` describes: a file that was uploaded. Raises Unusable."""
    return _id(read_object(body, server).get("id"), server)


def read_batch(body: bytes, server: Server) -> BatchState:
    """Return the state of a batch as OpenAI writes it. Raises Unusable, and Transient where cut."""
    document = read_object(body, server)
    counts = document.get("request_counts")
    counted: dict[str, Any] = counts if isinstance(counts, dict) else {}
    errors = document.get("errors")
    return _state(
        document,
        server,
        done=_count(counted.get("completed")) + _count(counted.get("failed")),
        of=_count(counted.get("total")),
        files=(document.get("output_file_id"), document.get("error_file_id")),
        faults=errors.get("data") if isinstance(errors, dict) else None,
    )


def read_job(body: bytes, server: Server) -> BatchState:
    """Return the state of a batch as Mistral writes it. Raises Unusable, and Transient where cut."""
    document = read_object(body, server)
    return _state(
        document,
        server,
        done=_count(document.get("completed_requests")),
        of=_count(document.get("total_requests")),
        files=(document.get("output_file"), document.get("error_file")),
        faults=document.get("errors"),
    )


def find_marked(body: bytes, mark: str, server: Server) -> str | None:
    """Return the id of the newest listed batch that has `mark` and did not fail, or None."""
    listed = read_object(body, server).get("data")
    for entry in listed if isinstance(listed, list) else []:
        found: dict[str, Any] = entry if isinstance(entry, dict) else {}
        marks = found.get("metadata")
        if isinstance(marks, dict) and marks.get(MARK) == mark and _is_alive(found.get("status")):
            return _id(found.get("id"), server)
    return None


def _is_alive(state: Any) -> bool:  # noqa: ANN401 - any JSON value
    ending = _ENDINGS.get(state) if isinstance(state, str) else "failed"
    return ending in (None, "completed")


def _state(
    document: dict[str, Any],
    server: Server,
    *,
    done: int,
    of: int,
    files: Sequence[Any],
    faults: Any,  # noqa: ANN401 - any JSON value
) -> BatchState:
    state = document.get("status")
    if not isinstance(state, str):
        raise Unusable(f"{server.name} does not say how the batch stands")
    ending = _ENDINGS.get(state)
    reasons = {"expired": EXPIRED, "cancelled": CANCELLED, "failed": _complaint(faults, server)}
    return BatchState(
        id=_id(document.get("id"), server),
        state=one_line(state),
        ending=ending,
        reason=reasons.get(ending or ""),
        done=done,
        of=of,
        files=tuple(_id(file, server) for file in files if file),
    )


def _complaint(faults: Any, server: Server) -> str:  # noqa: ANN401 - any JSON value
    """Return why the service refused a whole batch: its first fault, with the line it is on."""
    listed: list[Any] = faults if isinstance(faults, list) else []
    said = [fault for fault in listed if isinstance(fault, dict)]
    if not said:
        return f"{server.name} refused the whole batch and does not say why"
    line = said[0].get("line")
    words = one_line(str(said[0].get("message") or said[0].get("code") or "no reason given"))
    place = f" (line {line})" if type(line) is int else ""
    more = f", and {len(said) - 1} more" if len(said) > 1 else ""
    return f"{server.name} refused the whole batch: {words}{place}{more}"


def _id(value: Any, server: Server) -> str:  # noqa: ANN401 - any JSON value
    # It becomes a part of an address.
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise Unusable(f"{server.name} gave no id that can be asked for again")
    return value


def _count(value: Any) -> int:  # noqa: ANN401 - any JSON value
    return value if type(value) is int and 0 <= value < 10**9 else 0
