"""What a batch service says of a batch, in the words of both."""

import json
from typing import Any

import pytest

from panel.errors import Transient, Unusable
from panel.providers.key_redaction import KnownKeys
from panel.providers.server import Server
from panel.providers.wire.batch_state import (
    CANCELLED,
    EXPIRED,
    BatchState,
    find_marked,
    read_batch,
    read_id,
    read_job,
)

OPENAI = Server("OpenAI", KnownKeys([]))
MISTRAL = Server("Mistral", KnownKeys([]))


def openai_says(**fields: Any) -> BatchState:
    said = {"id": "batch_1", "status": "in_progress", **fields}
    return read_batch(json.dumps(said).encode(), OPENAI)


def mistral_says(**fields: Any) -> BatchState:
    said = {"id": "5c8e-1", "status": "RUNNING", **fields}
    return read_job(json.dumps(said).encode(), MISTRAL)


@pytest.mark.parametrize(
    "status", ["validating", "in_progress", "finalizing", "cancelling", "a new\nword"]
)
def test_whatever_is_no_end_is_under_way(status: str) -> None:
    counts = {"total": 9, "completed": 3, "failed": 2}
    found = openai_says(status=status, request_counts=counts)
    assert (found.ending, found.reason) == (None, None)
    assert (found.done, found.of) == (5, 9)
    assert found.state == status.replace("\n", " ")


@pytest.mark.parametrize("status", ["QUEUED", "RUNNING", "CANCELLATION_REQUESTED"])
def test_a_job_that_has_not_ended_is_under_way(status: str) -> None:
    found = mistral_says(status=status, total_requests=9, completed_requests=5)
    assert (found.ending, found.done, found.of, found.files) == (None, 5, 9, ())


@pytest.mark.parametrize(
    ("openai", "mistral", "ending", "reason"),
    [
        ("completed", "SUCCESS", "completed", None),
        ("expired", "TIMEOUT_EXCEEDED", "expired", EXPIRED),
        ("cancelled", "CANCELLED", "cancelled", CANCELLED),
        ("failed", "FAILED", "failed", "{} refused the whole batch and does not say why"),
    ],
)
def test_an_end_has_its_reason(openai: str, mistral: str, ending: str, reason: str | None) -> None:
    for found, service in (
        (openai_says(status=openai), "OpenAI"),
        (mistral_says(status=mistral), "Mistral"),
    ):
        assert found.ending == ending
        assert found.reason == (reason and reason.format(service))


def test_both_files_are_read_the_answers_first() -> None:
    assert openai_says(output_file_id="file-a", error_file_id="file-b").files == (
        "file-a",
        "file-b",
    )
    assert mistral_says(output_file=None, error_file="b.1:2").files == ("b.1:2",)


@pytest.mark.parametrize(
    ("faults", "words"),
    [
        ([{"message": "too\nmany", "line": 3}], "too many (line 3)"),
        ([{"code": "token_limit_exceeded", "line": None}], "token_limit_exceeded"),
        ([{"message": "a"}, {"message": "b"}, "c"], "a, and 1 more"),
        ([{}], "no reason given"),
        (["c"], "does not say why"),
        ("c", "does not say why"),
    ],
)
def test_a_batch_that_failed_says_its_first_fault(faults: Any, words: str) -> None:
    for found in (
        openai_says(status="failed", errors={"data": faults}),
        mistral_says(status="FAILED", errors=faults),
    ):
        assert found.reason is not None
        assert found.reason.endswith(words)
    assert openai_says(status="failed", errors=faults).reason is not None


def test_counts_that_are_none_count_nothing() -> None:
    for counts in (None, 5, {"total": -1, "completed": True, "failed": "2"}):
        found = openai_says(request_counts=counts)
        assert (found.done, found.of) == (0, 0)


@pytest.mark.parametrize(
    "name", [None, 5, "", "../files", ".", "a/b", "a?b", "a b", "x" * 201, "ż"]
)
def test_what_cannot_stand_in_an_address_is_no_id(name: Any) -> None:
    body = json.dumps({"id": name}).encode()
    with pytest.raises(Unusable, match="no id"):
        read_id(body, OPENAI)
    with pytest.raises(Unusable, match="no id"):
        openai_says(id=name)
    if name:
        with pytest.raises(Unusable, match="no id"):
            mistral_says(output_file=name)


def test_an_id_is_read_from_an_uploaded_file() -> None:
    assert read_id(b'{"id": "file-abc_1"}', OPENAI) == "file-abc_1"


def test_the_newest_batch_with_a_mark_that_is_not_lost_is_found() -> None:
    mine = {"shipskip": "mark"}
    listed: list[Any] = [
        5,
        {"id": "a", "status": "completed", "metadata": None},
        {"id": "b", "status": "completed", "metadata": {"shipskip": "another"}},
        {"id": "c", "status": "expired", "metadata": mine},
        {"id": "d", "status": 5, "metadata": mine},
        {"id": "e", "status": "in_progress", "metadata": mine},
        {"id": "f", "status": "completed", "metadata": mine},
    ]
    body = json.dumps({"data": listed}).encode()
    assert find_marked(body, "mark", OPENAI) == "e"
    assert find_marked(body, "no such mark", OPENAI) is None
    assert find_marked(b'{"data": null}', "mark", OPENAI) is None


def test_a_state_that_is_not_said_is_not_guessed() -> None:
    with pytest.raises(Unusable, match="how the batch stands"):
        openai_says(status=None)
    with pytest.raises(Transient, match="cut off"):
        read_job(b'{"id": "5c8', MISTRAL)
