"""The events of a batch are stable: exact lines, the keys that the document names, nulls for gaps."""

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.domain.batch_report import FeedLine, Standing, Stop
from panel.domain.drift import DriftCheck
from panel.domain.job import Outcome
from panel.publish.batch_events import (
    Event,
    batch_began,
    batch_done,
    entry_event,
    event_line,
    feed_event,
    job_event,
    notice_event,
    worker_began,
    worker_ended,
)
from tests.batches import (
    ENDED,
    a_batch,
    a_job,
    a_night,
    a_report,
    an_outcome,
    announce,
)

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "batch-events.md"
T = '{"v":1,"t":"2026-11-22T04:02:41Z","ev":'
DONE = a_job(
    "OpenAI o3 Pro API",
    own_id="1f",
    outcome=an_outcome(
        "ship ship ship skip",
        mean=6.5,
        split=("business_analyst",),
        calls=13,
        retries=1,
        cost_usd=Decimal("0.1092"),
        flags=("name_mismatch",),
    ),
)
FAILED = a_job("Turbo OCR", "failed", own_id="2f", tries=3, reason="no verdict", run="turbo-ocr-1")
READ = FeedLine(source="feeds/today.xml", entries=31, malformed="cut off", left_out=2, beyond=3)
UNREAD = FeedLine(source="https://a.example/feed?key=secret", entries=None, why="404 Not Found")

LINES: list[tuple[Event | None, str]] = [
    (
        batch_began(a_batch(resumed=True), ENDED),
        '"batch.began","batch":"2026-11-22","date":"2026-11-22","engine":"openai:gpt-test",'
        '"resumed":true}',
    ),
    (
        notice_event("run.json: changed; set aside", ENDED),
        '"batch.notice","notice":"run.json: changed; set aside"}',
    ),
    (
        worker_began("host-1f", 3, ENDED),
        '"worker.began","worker":"host-1f","workers":3}',
    ),
    (worker_ended("host-1f", 12, ENDED), '"worker.ended","worker":"host-1f","jobs":12}'),
    (
        feed_event(READ, ENDED),
        '"feed.read","feed":"feeds/today.xml","entries":31,"unchanged":false,'
        '"malformed":"cut off","left_out":2,"beyond":3}',
    ),
    (
        feed_event(UNREAD, ENDED),
        '"feed.unread","feed":"https://a.example/feed","why":"404 Not Found"}',
    ),
    (
        entry_event(announce(DONE, "revised", of_run="old-1"), ENDED),
        '"tool.queued","tool":"openai-o3-pro-api","name":"OpenAI o3 Pro API","job":"1f",'
        '"revised":true,"of_run":"old-1"}',
    ),
    (
        entry_event(announce(DONE, "duplicate"), ENDED),
        '"tool.skipped","tool":"openai-o3-pro-api","name":"OpenAI o3 Pro API","job":"1f",'
        '"code":"duplicate","of_run":null}',
    ),
    (
        job_event(a_job("Magic CRM", "held", own_id="3f", reason="It speaks."), ENDED),
        '"tool.held","tool":"magic-crm","name":"Magic CRM","job":"3f","reason":"It speaks."}',
    ),
    (
        job_event(
            a_job("Jobs", "set_aside", own_id="4f", reason="no tool", outcome=Outcome(ms=5)), ENDED
        ),
        '"tool.aside","tool":"jobs","name":"Jobs","job":"4f","run":null,"reason":"no tool",'
        '"calls":0,"retries":0,"usd":0.0,"tok_in":null,"tok_out":null,"ms":5}',
    ),
    (
        job_event(DONE, ENDED),
        '"tool.done","tool":"openai-o3-pro-api","name":"OpenAI o3 Pro API","job":"1f",'
        '"run":"openai-o3-pro-api-0a1b2c3d","decision":"ship","ship":3,"of":4,"seats":4,'
        '"mean":6.5,"split":["business_analyst"],"calls":13,"retries":1,"usd":0.1092,'
        '"tok_in":12000,"tok_out":3000,"ms":64000,"flags":["name_mismatch"],"state":"in_review"}',
    ),
    (
        job_event(FAILED, ENDED),
        '"tool.failed","tool":"turbo-ocr","name":"Turbo OCR","job":"2f","run":"turbo-ocr-1",'
        '"code":"not_convened","reason":"no verdict","attempts":3,"retryable":true,'
        '"calls":null,"retries":null,"usd":null,"tok_in":null,"tok_out":null,"ms":null}',
    ),
    (
        batch_done(a_night(), ENDED),
        '"batch.done","exit":3,"seen":11,"done":3,"dup":4,"aside":1,"held":1,"failed":1,'
        '"usd":0.4218,"usd_at_least":0.4218,"waiting":0,"left":1,"carried":0,"revised":1,'
        '"stop":"deadline","calls":33,"retries":1,"unread":1,"drift":["skeptic"],'
        '"batch":"2026-11-22","standing_held":0,"standing_failed":0,"engine":"openai:gpt-test",'
        '"notice":null}',
    ),
]


def documented() -> dict[str, list[str]]:
    """Return the keys of each event as the first table of the document has them."""
    rows = re.findall(
        r"^\| `([a-z]+\.[a-z]+)` \| (.+) \|$", DOCUMENT.read_text("utf-8"), re.MULTILINE
    )
    return {event: re.findall(r"`(\w+)`", keys) for event, keys in rows}


@pytest.mark.parametrize(("event", "line"), LINES, ids=[line.split('"')[1] for _, line in LINES])
def test_an_event_is_this_line(event: Event | None, line: str) -> None:
    assert event is not None
    assert event_line(event) == T + line


def test_the_document_names_every_event_and_its_keys_in_order() -> None:
    made = {event["ev"]: list(event)[3:] for event, _ in LINES if event}
    assert documented() == made


def test_the_document_explains_every_key() -> None:
    explained = DOCUMENT.read_text("utf-8").partition("| key | means |")[2]
    first = "".join(re.findall(r"^\| (`.+?) \|", explained, re.MULTILINE))
    keys = {key for keys in documented().values() for key in keys}
    own = {"batch", "date", "engine", "resumed", "entries", "unchanged", "why", "reason", "state"}
    own |= {"done", "dup", "aside", "held", "failed", "waiting", "left"}  # say it themselves
    assert keys - {*re.findall(r"`(\w+)`", first)} == own


def test_a_failed_panel_has_its_figures() -> None:
    outcome = an_outcome("ship none none none")
    event = job_event(a_job("A", "failed", outcome=outcome), ENDED)
    assert event is not None
    assert (event["code"], event["calls"], event["usd"]) == ("no_verdict", 4, 0.1042)
    assert event["retryable"] is False
    hopeful = outcome.model_copy(update={"retryable": True})
    again = job_event(a_job("A", "failed", outcome=hopeful), ENDED)
    assert again is not None
    assert again["retryable"] is True


@pytest.mark.parametrize("state", ["queued", "running", "waiting"])
def test_a_job_that_has_not_ended_has_no_event(state: str) -> None:
    assert job_event(a_job("A", state), ENDED) is None  # type: ignore[arg-type]
    assert job_event(a_job("A", outcome=None), ENDED) is None


def test_what_is_not_known_is_null() -> None:
    unpriced = a_job("A", outcome=an_outcome(cost_usd=None))
    event = batch_done(a_report([unpriced, a_job("B")], drift=DriftCheck()), ENDED)
    assert (event["usd"], event["usd_at_least"], event["drift"]) == (None, 0.1042, None)
    assert batch_done(a_report([unpriced]), ENDED)["usd_at_least"] is None
    assert batch_done(a_report([]), ENDED)["usd"] == 0


def test_the_last_event_says_where_no_model_was_asked() -> None:
    event = batch_done(a_report([], batch=a_batch(engine="checklist")), ENDED)
    assert (event["engine"], event["notice"]) == ("checklist", "no model was asked")


def test_what_stands_from_earlier_batches_is_counted_apart() -> None:
    event = batch_done(a_report([], standing=Standing(held=1, failed=3)), ENDED)
    assert (event["standing_held"], event["standing_failed"]) == (1, 3)
    assert (event["held"], event["failed"]) == (0, 0)


@given(st.text(min_size=1))
def test_no_name_can_end_a_line_or_steer_a_terminal(name: str) -> None:
    announced = announce(a_job(), title=name)
    line = event_line(entry_event(announced, ENDED))
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line)["name"] == name


def test_each_reason_to_end_early_is_in_the_document() -> None:
    (line,) = re.findall(r"^\| `stop` \| .*$", DOCUMENT.read_text("utf-8"), re.MULTILINE)
    assert [name for name in get_args(Stop) if f"`{name}`" not in line] == []
