"""`shipskip batch --enqueue`, two workers, `shipskip batch --watch`: one batch and its report."""

import asyncio
import json
import os
import subprocess
import sys
from dataclasses import fields
from decimal import Decimal
from pathlib import Path

from panel.app.shared_work import SharedWork
from panel.app.workspace import Workspace
from panel.batch.options import BatchListener, BatchOptions
from panel.batch.workers.enqueue import enqueue_day
from panel.batch.workers.watch import watch
from tests.conftest import CHECKOUT
from tests.distributed.night import CALLS_A_TOOL, Night

TOOLS = 6
QUIET = BatchListener(*(lambda _: None for _ in fields(BatchListener)))


def shipskip(night: Night, *arguments: object) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "panel.cli.main", *map(str, arguments)]
    return subprocess.run(
        [*command, "--root", str(night.root)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=CHECKOUT,
        env={**os.environ, "OPENAI_API_KEY": "a-key"},  # noqa: TID251 - the child's
    )


async def test_a_batch_is_enqueued_worked_off_and_watched_to_its_end(
    postgres_address: str, tmp_path: Path
) -> None:
    with Night(tmp_path / "night", postgres_address, delay_s=0.1) as night:
        feed = night.write_feed(TOOLS)
        absent = night.root / "absent.xml"
        put = await asyncio.to_thread(shipskip, night, "batch", feed, absent, "--enqueue")
        assert put.returncode == 3, put.stderr
        assert "absent.xml" in put.stderr
        assert f"{TOOLS} tools queued for the workers" in put.stdout
        again = await asyncio.to_thread(shipskip, night, "batch", feed, "--enqueue", "--json")
        assert json.loads(again.stdout)["queued"] == 0
        workers = [night.begin("--concurrency", "3") for _ in range(2)]
        watched = await asyncio.to_thread(shipskip, night, "batch", "--watch")
        assert watched.returncode == 3, watched.stderr
        assert "1 of 2 read" in watched.stdout
        assert f"{TOOLS} reviewed" in watched.stdout
        assert len(night.desk.calls) == TOOLS * CALLS_A_TOOL
        assert [await asyncio.to_thread(night.end, worker) for worker in workers] == [0, 0]
        over = await asyncio.to_thread(shipskip, night, "batch", "--watch")
        assert over.returncode == 2
        assert "no batch is under way" in over.stderr
        same = await asyncio.to_thread(shipskip, night, "batch", feed, "--jsonl", "-")
        last = json.loads(same.stdout.splitlines()[-1])
        assert (last["seen"], last["dup"], last["calls"]) == (TOOLS, TOOLS, 0)


async def test_a_cost_cap_stays_that_of_the_batch_whoever_enqueues_more_or_watches(
    postgres_address: str, tmp_path: Path
) -> None:
    with Night(tmp_path / "night", postgres_address, delay_s=0) as night:
        first = await night.enqueue(0, max_cost=Decimal(2))
        await night.enqueue(0)
        workspace = Workspace.open(night.root)
        budget = await SharedWork.of(workspace).budgets("a worker").of(first.batch.id)
        assert budget.cap == Decimal(2)
        with workspace.ledger() as ledger:
            report = await watch(workspace, ledger, BatchOptions(), QUIET)
        assert report.cost.cap == Decimal(2)


async def test_a_scheduled_batch_that_was_opened_and_not_filled_is_filled_by_the_next_try(
    postgres_address: str, tmp_path: Path
) -> None:
    with Night(tmp_path / "night", postgres_address, delay_s=0) as night:
        feeds, workspace = (str(night.write_feed(2)),), Workspace.open(night.root)
        now = workspace.clock.now()
        day = workspace.settings.batch.day_of(now)
        with workspace.ledger() as ledger:
            opened = ledger.batches.open(day, now, "openai:a-model")
            found = await enqueue_day(workspace, ledger, day, feeds)
            assert found is not None
            assert (found.batch.id, found.count) == (opened.id, 2)
            again = await enqueue_day(workspace, ledger, day, feeds)
            assert again is not None
            assert again.count == 0
            ledger.batches.end(opened.id, now, 0)
            assert await enqueue_day(workspace, ledger, day, feeds) is None


async def test_workers_and_their_queue_need_a_postgres(tmp_path: Path) -> None:
    with Night(tmp_path / "night", "postgresql://127.0.0.1:1/none", delay_s=0) as night:
        file = night.root / "shipskip.toml"
        text = file.read_text(encoding="utf-8").partition("\n")[2]
        file.write_text(text, encoding="utf-8")
        for arguments in (("worker",), ("batch", night.write_feed(1), "--enqueue")):
            ran = await asyncio.to_thread(shipskip, night, *arguments)
            assert ran.returncode == 2, ran.stderr
            assert "SHIPSKIP_DATABASE_URL" in ran.stderr.splitlines()[-1]
