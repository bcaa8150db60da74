"""What befalls a batch at night: each fault has its line and its exit code, and nothing is lost."""

import json
import math
import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from panel.app.clock import SystemClock
from panel.store.run_files import RunFiles
from tests.bars.desk import Desk
from tests.bars.rooms import CHAT, FACTS, answer, asked, lay_out, reference
from tests.commands.shop import (
    SHIPSKIP,
    Ran,
    Shop,
    clean_environment,
    end_of,
    interrupt,
    wait_until,
)
from tests.commands.test_batch import done, item, write_feed
from tests.conftest import CHECKOUT
from tests.contract.loopback import Heard, Reply

NAMES = ("Quillbase", "Fernpost", "Lanternfish", "Rowboat", "Clipboard", "Notelark")
CALLS = 5 * len(NAMES)
MODEL = ("--model", reference(CHAT), "--jsonl", "-")
KEY = {"OPENAI_API_KEY": "a-key"}


def sound(heard: Heard) -> Reply:
    return answer(CHAT, heard, FACTS if asked(heard) == "intake" else None)


class Night:
    """A feed of six tools before a model server that does as it is told."""

    def __init__(self, shop: Shop, desk: Desk) -> None:
        shop.root = shop.root.with_name("night")
        lay_out(shop.root, CHAT, desk.address)
        self.shop = shop
        self.feed = write_feed(shop, [item(name) for name in NAMES])

    def batch(self, *arguments: object) -> Ran:
        return self.shop.shipskip("batch", self.feed, *arguments, *MODEL, env=KEY)

    def resume(self, *arguments: object) -> Ran:
        return self.shop.shipskip("batch", "--resume", *arguments, *MODEL, env=KEY)

    def spent(self) -> Decimal:
        store = RunFiles(self.shop.root / "runs")
        costs = [store.read(path).spending.cost_usd for path in store.paths()]
        return sum((cost for cost in costs if cost is not None), Decimal(0))


def turning(after: int, into: Reply) -> Callable[[Heard], Reply]:
    """Return answers that are sound until so many were given, and `into` from then on."""
    given = iter(range(10_000))
    return lambda heard: sound(heard) if next(given) < after else into


def test_at_the_cap_the_batch_stops_and_goes_on_with_a_higher_one(shop: Shop) -> None:
    with Desk(sound) as desk:
        night = Night(shop, desk)
        capped = night.batch("--max-cost", "0.30", "--concurrency", 4)
        assert capped.code == 5, capped.err
        assert done(capped)["stop"] == "cap"
        assert int(str(done(capped)["left"])) > 0
        assert 0 < night.spent() <= Decimal("0.30")
        assert len(desk.calls) == 5 * int(str(done(capped)["done"]))  # no panel is half paid
        rest = night.resume("--max-cost", "5")
        assert rest.code == 0, rest.err
        assert done(rest)["done"] == done(capped)["left"]
        assert len(desk.calls) == CALLS


def test_a_key_that_is_revoked_stops_the_batch_and_nothing_is_asked_twice(shop: Shop) -> None:
    refused = Reply({"error": {"message": "Incorrect API key provided"}}, status=401)
    desk = Desk(turning(12, refused))
    with desk:
        night = Night(shop, desk)
        stopped = night.batch("--concurrency", 1)
        assert stopped.code == 3, stopped.err
        assert done(stopped)["stop"] == "key"
        assert len(desk.calls) == 13
        desk.server.choose = sound
        assert night.resume().code == 0
        assert len(desk.calls) == 13 + CALLS - 12


def test_a_provider_that_is_down_stops_the_batch_and_its_tools_are_tried_again(shop: Shop) -> None:
    with Desk(lambda _: Reply({"error": {"message": "no such model"}}, status=404)) as desk:
        night = Night(shop, desk)
        down = night.batch("--concurrency", 1)
        assert down.code == 4, down.err
        assert done(down)["stop"] == "provider"
        assert (done(down)["failed"], done(down)["left"]) == (5, 1)
        desk.server.choose = sound
        assert done(night.resume())["done"] == 1
        again = night.resume("--only", "failed")
        assert (again.code, done(again)["done"]) == (0, 5)


def test_a_lost_reviewer_leaves_a_panel_of_three_and_the_exit_says_so(shop: Shop) -> None:
    def no_skeptic(heard: Heard) -> Reply:
        failing = Reply({"error": {"message": "no"}}, status=400)
        return failing if asked(heard) == "review:skeptic" else sound(heard)

    with Desk(no_skeptic) as desk:
        ran = Night(shop, desk).batch()
    assert ran.code == 3
    assert done(ran)["done"] == len(NAMES)
    finished = [event for event in ran.events if event["ev"] == "tool.done"]
    assert {(event["ship"], event["of"]) for event in finished} == {(2, 3)} | {
        (event["ship"], 3) for event in finished
    }


def test_after_the_deadline_the_rest_is_left(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    with Desk(sound) as desk:
        night = Night(shop, desk)

        def an_hour_later_once_asked(_: SystemClock) -> float:
            return time.monotonic() + 3600 * bool(desk.calls)

        with monkeypatch.context() as patch:
            patch.setattr(SystemClock, "monotonic", an_hour_later_once_asked)
            ran = night.batch("--deadline", "10m", "--concurrency", 1)
        assert ran.code == 3, ran.err
        assert done(ran)["stop"] == "deadline"
        assert int(str(done(ran)["left"])) >= 4
        assert night.resume().code == 0
        assert len(desk.calls) == CALLS


@pytest.mark.parametrize("kind", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_panels_under_way_finish_and_begins_no_other(
    shop: Shop, kind: signal.Signals
) -> None:
    with Desk(sound) as desk:
        desk.server.hold_after(0)
        night = Night(shop, desk)
        arguments = ("batch", night.feed, "--concurrency", "2", *MODEL)
        with shop.start(*arguments, env=KEY) as process:
            wait_until(lambda: len(desk.calls) == 2, process)
            process.send_signal(kind)
            desk.server.hold_after(math.inf)
            ended = end_of(process)
        assert ended.code == 130, ended.err
        assert done(ended)["stop"] == "signal"
        assert int(str(done(ended)["done"])) == 2
        assert len(desk.calls) == 10
        rest = night.resume()
        assert rest.code == 0, rest.err
        assert done(rest)["done"] == len(NAMES)  # the same batch, reported whole
        assert len(desk.calls) == CALLS


def test_what_a_killed_batch_has_spent_counts_against_the_cap_of_its_rest(shop: Shop) -> None:
    with Desk(sound) as desk:
        desk.server.hold_after(5)
        night = Night(shop, desk)
        arguments = ("batch", night.feed, "--concurrency", "1", *MODEL)
        with shop.start(*arguments, env=KEY) as process:
            wait_until(lambda: len(desk.calls) == 6, process)
            process.kill()
        desk.server.hold_after(math.inf)
        rest = night.resume("--max-cost", "0.18")  # enough for a panel, but not for a second one
        assert rest.code == 5, rest.err
        assert done(rest)["stop"] == "cap"
        assert len(desk.calls) == 6


@pytest.mark.parametrize("kind", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("source", ["-", "pipe.xml"])
def test_a_signal_while_feeds_are_read_ends_the_batch_with_a_report(
    shop: Shop, kind: signal.Signals, source: str
) -> None:
    other = write_feed(shop, [item("Quillbase")])
    os.mkfifo(shop.root / "pipe.xml")
    feed = "-" if source == "-" else shop.root / source
    with shop.start("batch", feed, other, "--jsonl", "-", stdin=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert "batch.began" in process.stdout.readline()
        ended = interrupt(process, kind)
    assert ended.code == 130, ended.err
    last = done(ended)
    assert (last["stop"], last["unread"]) == ("signal", 2)
    assert len(list(shop.root.glob("batches/*.md"))) == 1
    again = shop.shipskip("batch", other, "--jsonl", "-")
    assert (again.code, done(again)["done"], done(again)["unread"]) == (3, 1, 1)


@pytest.mark.parametrize(
    ("command", "kind"), [("batch", signal.SIGTERM), ("review", signal.SIGINT)]
)
def test_a_signal_ends_who_waits_for_a_pipe(shop: Shop, command: str, kind: signal.Signals) -> None:
    pipe = shop.root / "pipe.md"
    os.mkfifo(pipe)
    more = ("--dry-run", "--log-format", "json") if command == "batch" else ()
    with shop.start(command, pipe, "--model", "checklist", *more) as process:
        writer = os.open(pipe, os.O_WRONLY)  # it comes back once the command reads
        ended = interrupt(process, kind)
        os.close(writer)
    assert ended.code == 130, ended.err
    (line,) = filter(None, ended.err.splitlines())
    said = json.loads(line)["msg"] if command == "batch" else line
    assert "interrupted. What was answered is kept" in said


@pytest.mark.parametrize("kind", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_before_a_batch_has_begun_is_no_end_by_signal(
    shop: Shop, kind: signal.Signals
) -> None:
    with shop.start("batch", "-", stdin=subprocess.PIPE) as process:
        wait_until((shop.root / "ledger.db").exists, process)
        assert interrupt(process, kind).code == 130
    assert shop.shipskip("batch", write_feed(shop, [item("Quillbase")])).code in (0, 3)


@pytest.mark.parametrize(
    ("command", "given"),
    [
        ("batch -", "0>/dev/null"),
        ("review -", "0<&-"),
        ("review tool.md --model manual --answer intake=-", "0<&-"),
    ],
)
def test_standard_input_that_cannot_be_read_is_told_in_one_line(
    shop: Shop, command: str, given: str
) -> None:
    shop.tool(file="tool.md")
    command = f"{' '.join(SHIPSKIP)} {command} --root ."
    ran = subprocess.run(
        ["/bin/sh", "-c", f"{command} {given}"],
        cwd=shop.root,
        env={**clean_environment(), "PYTHONPATH": str(CHECKOUT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ran.returncode in (2, 4), ran.stderr
    assert "standard input: it cannot be read (Bad file descriptor). Name a file" in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize("file", ["--report", "--metrics"])
def test_a_file_that_cannot_be_written_is_found_before_anything_is_paid(
    shop: Shop, tmp_path: Path, file: str
) -> None:
    with Desk(sound) as desk:
        night = Night(shop, desk)
        taken = tmp_path / "taken"
        taken.write_text("a file, no folder")
        ran = night.batch(file, taken / "today.prom")
        assert ran.code == 2
        assert "taken" in ran.fault
        assert "Nothing was begun" in ran.fault
        assert desk.calls == []
        assert done(night.batch())["done"] == len(NAMES)


def test_too_few_personas_for_the_quorum_are_said_before_anything_is_paid(shop: Shop) -> None:
    feed = write_feed(shop, [item("Quillbase")])
    few = shop.shipskip("batch", feed, "--personas", "builder,skeptic")
    assert few.code == 2
    assert "2 personas cannot reach the quorum of 3" in few.fault
    assert shop.runs == []
    assert shop.shipskip("batch", feed).code == 0


def test_a_failed_tool_is_convened_anew_by_another_panel(shop: Shop) -> None:
    def no_skeptic(heard: Heard) -> Reply:
        failing = Reply({"error": {"message": "no"}}, status=400)
        return failing if asked(heard) in ("review:skeptic", "review:builder") else sound(heard)

    with Desk(no_skeptic) as desk:
        night = Night(shop, desk)
        assert night.batch().code == 4
        desk.server.choose = sound
        ran = night.resume("--only", "failed", "--personas", "business_analyst,futurist,builder")
        assert done(ran)["done"] == len(NAMES)
    assert len(shop.runs) == 2 * len(NAMES)


def test_a_run_that_an_editor_has_decided_on_is_not_written_anew_by_a_batch_that_goes_on(
    shop: Shop,
) -> None:
    def no_skeptic(heard: Heard) -> Reply:
        failing = Reply({"error": {"message": "no"}}, status=400)
        return failing if asked(heard) == "review:skeptic" else sound(heard)

    with Desk(no_skeptic) as desk:
        night = Night(shop, desk)
        assert night.batch().code == 3
        # As a batch leaves them that is killed once its runs are finished.
        with sqlite3.connect(shop.root / "ledger.db") as ledger:
            ledger.execute("UPDATE jobs SET state = 'running'")
        ledger.close()
        seen, *others = shop.runs
        before = (seen / "run.json").read_bytes()
        assert shop.shipskip("hold", seen.name, "--as", "Ada", "--reason", "Later.").code == 0
        desk.server.choose = sound
        ran = night.resume()
    assert (seen / "run.json").read_bytes() == before
    store = RunFiles(shop.root / "runs")
    assert {len(store.read(path).scorecards) for path in others} == {4}
    assert [one["of"] for one in ran.events if one["ev"] == "tool.done"].count(3) == 1
    told = " ".join(shop.shipskip("journal").out.split())
    assert told.count("an editor has decided on it, so nothing was asked again") == 1
    assert done(ran)["done"] == len(NAMES)
