"""The fault table: what a server may do to a call, through both SDKs and the whole live chain."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from panel.domain.review import Abstention, Scorecard
from panel.domain.run import Run
from tests.bars.conftest import Show
from tests.bars.desk import Choosing
from tests.bars.rooms import (
    KINDS,
    a_room,
    a_wish,
    answer,
    convene,
    persona_of,
    settings_for,
    short,
    sound,
    tools,
)
from tests.contract.kinds import Kind
from tests.contract.loopback import Heard, Reply

WHO = "builder"
SOUND = "sound"
SHORT_S, LONG_S = 2.0, 60.0
AT_ONCE = 48
BACKOFF = (0.5, 1.0)  # the first wait, before jitter; the second is twice as long
TWICE = (1.5, 3.0)
Step = Reply | str | Callable[[Kind, Heard], Reply]


@dataclass(frozen=True)
class Row:
    """One fault: what the server does, in turn, and what has to come of it.

    `ends` is `answered`, `stopped`, or words of the reason for which the reviewer abstained; `waits`
    is the least and the most that is slept in all, in seconds. The last step is repeated.
    """

    name: str
    steps: tuple[Step, ...]
    ends: str
    calls: int
    waits: tuple[float, float] = (0.0, 0.0)
    deadline_s: float = LONG_S


def told(status: int, said: Any = "no", **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply({"error": {"message": said, "type": "t", "code": "c"}}, status, named)


def in_five_seconds(kind: Kind, heard: Heard) -> Reply:  # noqa: ARG001 - as every step
    date = datetime.now(UTC) + timedelta(seconds=5)  # noqa: TID251 - the server's own clock
    return told(429, retry_after=format_datetime(date, usegmt=True))


def text(said: str) -> Step:
    return lambda kind, _: Reply(kind.answer(said))


def cut(kind: Kind, heard: Heard) -> Reply:
    return Reply(answer(kind, heard).body, cut=200)


def trickle(kind: Kind, heard: Heard) -> Reply:
    return Reply(answer(kind, heard).body, trickle=1)


def wrong_schema(kind: Kind, heard: Heard) -> Reply:
    ballot = sound(persona_of(heard)).model_dump_json()
    return Reply(kind.answer(ballot.replace('"score":4', '"score":9').replace('"score":5', '""')))


HANG = Reply(delay_s=9999)
RESET = Reply(reset=True)
TOMORROW = format_datetime(datetime(2099, 1, 1, tzinfo=UTC), usegmt=True)
YESTERDAY = format_datetime(datetime(1970, 1, 1, tzinfo=UTC), usegmt=True)
NO_QUOTA = {"error": {"message": "no", "type": "insufficient_quota", "code": "insufficient_quota"}}

ROWS = (
    Row("429, no Retry-After", (told(429), SOUND), "answered", 2, BACKOFF),
    Row("429, Retry-After: 2", (told(429, retry_after="2"), SOUND), "answered", 2, (2, 2.3)),
    Row("429, Retry-After: a date in 5 s", (in_five_seconds, SOUND), "answered", 2, (1.2, 5.3)),
    Row(
        "429, retry-after-ms: 300",
        (told(429, retry_after_ms="300"), SOUND),
        "answered",
        2,
        (0.3, 0.6),
    ),
    *(
        Row(
            f"429, Retry-After: {short(said, 15)}",
            (told(429, retry_after=said), SOUND),
            "answered",
            2,
            BACKOFF,
        )
        for said in ("-5", "NaN", "inf", "soon", YESTERDAY)
    ),
    Row("429, Retry-After: 61 (put off)", (told(429, retry_after="61"),), "slow down (429)", 1),
    Row(
        "429, Retry-After: 31 years (put off)",
        (told(429, retry_after="999999999"),),
        "slow down (429)",
        1,
    ),
    Row(
        "429, Retry-After: a moment long past",
        (told(429, retry_after="1000000000"), SOUND),
        "answered",
        2,
        BACKOFF,
    ),
    Row(
        "503, Retry-After: 2099 (put off)",
        (told(503, retry_after=TOMORROW),),
        "overloaded (503)",
        1,
    ),
    *(
        Row(f"{status} for ever", (told(status),), f"({status})", 3, TWICE)
        for status in (408, 429, 500, 502, 503, 504, 529)
    ),
    Row("500 twice, then an answer", (told(500), told(500), SOUND), "answered", 3, TWICE),
    Row("400 with x-should-retry: true", (told(400, x_should_retry="true"),), "(400)", 1),
    *(Row(f"{status}", (told(status),), f"({status})", 1) for status in (400, 403, 404, 413, 422)),
    Row("307 to another address", (told(307, location="/elsewhere"),), "(307)", 1),
    Row("401", (told(401),), "stopped by key", 1),
    Row("403 about the key", (told(403, "this api key may not"),), "stopped by key", 1),
    Row("429, insufficient_quota", (Reply(NO_QUOTA, 429),), "stopped by quota", 1),
    Row("402", (told(402),), "stopped by quota", 1),
    Row("reset, then an answer", (RESET, SOUND), "answered", 2, BACKOFF),
    Row("reset for ever", (RESET,), "connection broke", 3, TWICE),
    Row("not HTTP at all", (Reply(raw=b"\x00\x01 hello\r\n\r\n"),), "connection broke", 3, TWICE),
    Row("body cut, then an answer", (cut, SOUND), "answered", 2, BACKOFF),
    Row("body cut for ever", (cut,), "", 3, TWICE),
    Row("empty body for ever", (Reply(b""),), "empty body", 3, TWICE),
    Row("hang, then an answer", (HANG, SOUND), "answered", 2, BACKOFF, SHORT_S),
    Row("hang for ever", (HANG,), "", 3, TWICE, SHORT_S),
    Row("slow loris for ever", (trickle,), "no whole answer in 2 s", 3, TWICE, SHORT_S),
    Row(
        "finish_reason length",
        (lambda kind, _: Reply(kind.stopped_by("length")),),
        "cut off at the limit",
        1,
    ),
    Row(
        "content filter",
        (lambda kind, _: Reply(kind.stopped_by("content_filter")),),
        "content filter",
        1,
    ),
    Row("refusal", (lambda kind, _: Reply(kind.refusal("I can't.")),), "declined to answer", 1),
    Row("no choices", (lambda kind, _: Reply(kind.without_answers([])),), "sent", 1),
    Row("choices: null", (lambda kind, _: Reply(kind.without_answers(None)),), "sent", 1),
    Row("web page with status 200", (Reply(b"<html>gateway</html>"),), "web page", 1),
    Row("wrong schema, then mended", (wrong_schema, SOUND), "answered", 2),
    Row("wrong schema for ever", (wrong_schema,), "no readable answer after 2 tries", 2),
    Row("prose for ever", (text("I would ship it."),), "no readable answer after 2 tries", 2),
)


@dataclass
class Came:
    """What came of one row with one SDK, how long was slept for it, and how long it took besides."""

    run: Run
    calls: int
    waited_s: float
    took_s: float
    ended: str = field(init=False)

    def __post_init__(self) -> None:
        if self.run.state == "stopped":
            self.ended = f"stopped by {self.run.pending[0].cause}"
        else:
            (review,) = self.run.reviews
            self.ended = review.reason if isinstance(review, Abstention) else "answered"


async def play(row: Row, kind: Kind, root: Path) -> Came:
    left = list(row.steps)

    def choose(heard: Heard) -> Reply:
        step = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(step, str):
            return answer(kind, heard)
        return step if isinstance(step, Reply) else step(kind, heard)

    async with Choosing(choose) as server:
        room = a_room(root, settings_for(kind, server.address, deadline_s=row.deadline_s))
        stored = await convene(room, tools(1)[0], a_wish(kind, [WHO]))
    exchanges = room.runs.load(stored.path).exchanges
    outcomes = [exchange.outcome for exchange in exchanges]
    waited = sum(outcome.waited_ms for outcome in outcomes) / 1000
    # The journal's own count has to be the server's; a stop is no outcome and is not recorded.
    assert stored.run.state == "stopped" or sum(o.calls for o in outcomes) == len(server.calls)
    took = sum(exchange.ms for exchange in exchanges) / 1000 - waited
    return Came(stored.run, len(server.calls), waited, took)


async def play_all(root: Path) -> dict[tuple[str, str], Came]:
    """Return what came of every row: those of a short deadline first, with nothing beside them."""
    short = [row for row in ROWS if row.deadline_s == SHORT_S]
    came = await play_some(short, root / "short")
    return came | await play_some([row for row in ROWS if row not in short], root / "long")


async def play_some(rows: Sequence[Row], root: Path) -> dict[tuple[str, str], Came]:
    some = asyncio.Semaphore(AT_ONCE)

    async def one(row: Row, kind: Kind, place: Path) -> Came:
        async with some:
            return await play(row, kind, place)

    async with asyncio.TaskGroup() as group:
        tasks = {
            (row.name, kind.name): group.create_task(one(row, kind, root / f"{n}-{kind.name}"))
            for n, row in enumerate(rows)
            for kind in KINDS
        }
    return {place: task.result() for place, task in tasks.items()}


def test_each_fault_ends_as_the_table_says_through_both_sdks(tmp_path: Path, show: Show) -> None:
    came = asyncio.run(play_all(tmp_path))
    lines = [f"Faults: {len(ROWS)} rows x {len(KINDS)} ways over real HTTP; calls, seconds slept"]
    lines.append(f"{'':34}" + "".join(f"{kind.name:>16}" for kind in KINDS) + "   what happened")
    for row in ROWS:
        mine = [came[row.name, kind.name] for kind in KINDS]
        figures = "".join(f"{one.calls:>8} {one.waited_s:>5.2f} s" for one in mine)
        lines.append(f"{row.name:34}{figures}   {short(mine[0].ended, 70)}")
    show(*lines)
    for (name, kind), one in came.items():
        row = next(row for row in ROWS if row.name == name)
        least, most = row.waits
        assert row.ends in one.ended, (name, kind, one.ended)
        assert (one.ended == "answered") == (row.ends == "answered"), (name, kind, one.ended)
        assert one.calls == row.calls, (name, kind, one.calls)
        # The most is held with room for a busy machine: it is far below any next step of a wait.
        assert least <= one.waited_s <= most * 2 + bool(most), (name, kind, one.waited_s)
        # No call outlives its deadline, with as much again for a busy machine.
        assert one.took_s <= 2 * row.calls * row.deadline_s, (name, kind, one.took_s)
        for review in one.run.reviews:
            assert one.ended != "answered" or isinstance(review, Scorecard)
