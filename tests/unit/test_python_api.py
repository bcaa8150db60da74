"""The Python API: in a script, in a notebook, in a web handler; paths as text or as Path."""

import asyncio
import math
import signal
import threading
from collections.abc import Coroutine
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from panel import (
    Busy,
    ConfigError,
    PublishedRun,
    ReviewOptions,
    ReviewService,
    StoreError,
    Tool,
    ToolError,
    Workspace,
    areview,
    compare,
    read_tool,
    replay,
    review,
)
from panel.app.event_loop import run_async
from panel.ports import Event
from tests.bars.desk import Choosing
from tests.bars.rooms import CHAT, a_room, a_wish, answer, settings_for, tools
from tests.conftest import CHECKOUT
from tests.contract.loopback import Heard, Reply
from tests.factories import a_tool
from tests.sealing import take_keys

pytestmark = pytest.mark.slow
CHECKLIST = ReviewOptions(models=("checklist",))
EXAMPLES = CHECKOUT / "examples" / "tools"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    take_keys(monkeypatch)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_path_may_be_text_a_path_or_a_tool_that_was_read(here: Path) -> None:
    file = EXAMPLES / "rowboat-sync.md"
    found = [
        review(one, CHECKLIST, out=out).run
        for one, out in ((str(file), str(here / "a")), (file, here / "b"), (read_tool(file), None))
    ]
    assert len({run.tool.name for run in found}) == 1
    assert len({run.id for run in found}) == 3
    for folder in ("a", "b", "site"):
        assert (here / folder / "tools" / "rowboat-sync" / "index.html").is_file()
    assert replay(str(here / "runs" / str(found[0].inputs.date) / found[0].id))[0].is_same
    assert replay(found[1].id, workspace=Workspace.open())[0].is_same


async def test_in_a_notebook_whose_loop_runs_already_a_review_returns_its_run() -> None:
    found = review(EXAMPLES / "rowboat-sync.md", CHECKLIST)
    assert found.run.state == "finished"
    other = review(EXAMPLES / "pixelbroth.md", CHECKLIST)
    assert compare(found.run, other.run).page.is_file()
    assert [one.is_same for one in replay()] == [True, True]


async def test_in_a_web_handler_any_number_are_reviewed_at_a_time(here: Path) -> None:
    waiting, several = asyncio.Event(), asyncio.Event()
    panels = {"heard": 0}

    def choose(heard: Heard) -> Reply:
        panels["heard"] += 1
        if panels["heard"] > 4:  # more than one panel asks
            several.set()
        return answer(CHAT, heard)

    async with Choosing(choose) as server:
        server.hold_after(0)
        room = a_room(here, settings_for(CHAT, server.address))
        ticks = asyncio.create_task(_tick(waiting))
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(areview(tool, a_wish(CHAT), workspace=room)) for tool in tools(6)
            ]
            await asyncio.wait_for(several.wait(), 60)
            server.hold_after(math.inf)
        waiting.set()
    assert [task.result().run.state for task in tasks] == ["finished"] * 6
    assert panels["heard"] == 6 * 4
    assert await ticks > 10, "the handler's loop was free meanwhile"


async def _tick(until: asyncio.Event) -> int:
    ticks = 0
    while not until.is_set():
        await asyncio.sleep(0.001)
        ticks += 1
    return ticks


async def test_one_service_keeps_all_its_reviews_to_one_limit(here: Path) -> None:
    async with Choosing(lambda heard: answer(CHAT, heard)) as server:
        room = a_room(here, settings_for(CHAT, server.address))
        options = a_wish(CHAT, concurrency=2)
        async with ReviewService(options, workspace=room) as service, asyncio.TaskGroup() as group:
            tasks = [group.create_task(service.review(tool)) for tool in tools(3)]
    assert all(task.result().run.is_decided for task in tasks)
    assert server.most_answering <= 2


async def test_the_same_tool_twice_at_a_time_is_reviewed_once(here: Path) -> None:
    async with Choosing(lambda heard: answer(CHAT, heard)) as server:
        room = a_room(here, settings_for(CHAT, server.address))
        twice = [areview(tools(1)[0], a_wish(CHAT), workspace=room) for _ in range(2)]
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(_or_busy(one)) for one in twice]
    assert sorted(task.result() for task in tasks) == ["busy", "finished"]
    assert len(server.calls) == 4


async def _or_busy(one: Coroutine[Any, Any, PublishedRun]) -> str:
    try:
        return (await one).run.state
    except Busy:
        return "busy"


async def test_a_cancelled_review_is_kept_and_goes_on(here: Path) -> None:
    heard: list[Event] = []
    first_done = asyncio.Event()

    def hear(event: Event) -> None:
        heard.append(event)
        if event["ev"] == "review.done":
            first_done.set()

    (tool,) = tools(1)
    answers = 0

    def choose(call: Heard) -> Reply:
        nonlocal answers
        answers += 1
        sound = answer(CHAT, call)
        return Reply(sound.body, delay_s=600.0 if 1 < answers <= 4 else 0.0)

    async with Choosing(choose) as server:
        room = a_room(here, settings_for(CHAT, server.address))
        task = asyncio.create_task(areview(tool, a_wish(CHAT), workspace=room, listener=hear))
        await first_done.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        found = await areview(tool, a_wish(CHAT), workspace=room)
    assert (found.resumed, found.run.state) == (True, "finished")
    assert len(server.calls) == 4 + 3
    assert found.run.spending.at_least, "three calls were broken off, and may be paid for"


def test_ctrl_c_in_a_notebook_cancels_what_runs_beside_it() -> None:
    ended: list[str] = []

    async def cell() -> None:
        async def work() -> None:
            try:
                main = threading.main_thread().ident
                assert main is not None
                signal.pthread_kill(main, signal.SIGINT)
                await asyncio.sleep(600)
            except asyncio.CancelledError:
                ended.append("saved")
                raise

        run_async(work)

    loop = asyncio.new_event_loop()  # not a Runner, which would take the signal itself
    try:
        with pytest.raises(KeyboardInterrupt):
            loop.run_until_complete(cell())
    finally:
        loop.close()
    assert ended == ["saved"]


def test_what_cannot_be_reviewed_is_one_of_our_errors() -> None:
    with pytest.raises(ToolError, match="no such file"):
        review("missing.md", CHECKLIST)
    with pytest.raises(ConfigError, match="quorum"):
        review(a_tool(), ReviewOptions(models=("checklist",), personas=("skeptic",)))
    with pytest.raises(ConfigError, match="no such run"):
        compare("nobody", "nowhere")
    with pytest.raises(ConfigError, match="2 to 5"):
        compare(review(a_tool(), CHECKLIST).run)
    with pytest.raises(RuntimeError, match="async with"):
        asyncio.run(ReviewService(CHECKLIST).review(a_tool()))


@pytest.mark.parametrize(
    "wrong",
    [
        {"samples": 0},
        {"samples": 21},
        {"concurrency": -3},
        {"concurrency": 2.5},
        {"max_cost": -1},
        {"max_cost": 1.5},
        {"max_cost": Decimal("NaN")},
        {"max_cost": Decimal(-1)},
    ],
    ids=str,
)
def test_a_number_that_no_review_can_keep_to_is_one_of_our_errors(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        ReviewOptions(models=("checklist",), **wrong)


def test_a_name_that_no_file_can_have_is_one_of_our_errors(here: Path) -> None:
    with pytest.raises(ToolError, match="null"):
        review("a\0b.md", CHECKLIST)
    with pytest.raises(StoreError, match="null"):
        review(EXAMPLES / "rowboat-sync.md", CHECKLIST, out=here / "a\0b")


def test_a_tool_that_was_not_reviewed_is_reviewed_for_the_comparison() -> None:
    first = review(a_tool("Ada"), CHECKLIST).run
    found = compare(first, Tool(name="Bea", description="Bea is free."), options=CHECKLIST)
    assert [run.tool.name for run in found.comparison.runs] == ["Ada", "Bea"]
    assert len(Workspace.open().runs.paths()) == 2
    again = compare("ada", Tool(name="Bea", description="Bea is free."), options=CHECKLIST)
    assert again.comparison == found.comparison
    assert len(Workspace.open().runs.paths()) == 2
