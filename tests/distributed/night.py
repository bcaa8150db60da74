"""A batch before workers in processes of their own: a workspace, a queue and a server that counts."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from panel.app.panels import ReviewOptions
from panel.app.workspace import Workspace
from panel.batch.options import BatchOptions
from panel.batch.workers.enqueue import Enqueued, enqueue
from panel.domain.job import Job
from tests.bars.desk import Desk
from tests.bars.rooms import CHAT, FACTS, answer, asked, lay_out, reference
from tests.conftest import CHECKOUT
from tests.contract.loopback import Heard, Reply
from tests.factories import DESCRIPTION

CALLS_A_TOOL = 5  # intake and four reviewers


class Night:
    """Everything that a batch over several workers needs, on loopback."""

    def __init__(self, root: Path, address: str, *, delay_s: float, settings: str = "") -> None:
        self.root = root
        self._address = address
        self._delay_s = delay_s
        self._settings = settings
        self.desk = Desk(self._choose)
        self.workers: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        self.desk.__enter__()
        lay_out(self.root, CHAT, self.desk.address)
        file = self.root / "shipskip.toml"
        head = f'database_url = "{self._address}"\n[models]\npanel = ["{reference(CHAT)}"]\n'
        file.write_text(head + file.read_text(encoding="utf-8") + self._settings, encoding="utf-8")
        return self

    def __exit__(self, *raised: object) -> None:
        for worker in self.workers:
            worker.kill()
            worker.wait()
        self.desk.__exit__()

    def write_feed(self, tools: int) -> Path:
        """Return a feed of so many tools."""
        names = [f"Quillbase {number:02}" for number in range(1, tools + 1)]
        items = [{"id": n, "title": n, "content_text": f"{n}. {DESCRIPTION}"} for n in names]
        feed = {"version": "https://jsonfeed.org/version/1.1", "title": "New", "items": items}
        file = self.root / "feed.json"
        file.write_text(json.dumps(feed), encoding="utf-8")
        return file

    async def enqueue(self, tools: int, **options: Any) -> Enqueued:
        """Put a feed of so many tools before the workers."""
        file = self.write_feed(tools)
        workspace = Workspace.open(self.root)
        with workspace.ledger() as ledger:
            return await enqueue(
                workspace,
                ledger,
                BatchOptions(feeds=(str(file),), options=ReviewOptions(**options)),
            )

    def begin(self, *options: str) -> "subprocess.Popen[bytes]":
        """Start `shipskip worker --until-empty`, with a key of its own."""
        command = [sys.executable, "-m", "panel.cli.main", "worker", "--until-empty", *options]
        number = len(self.workers)
        log = self.root / f"worker-{number}.log"
        with log.open("wb") as said:
            worker = subprocess.Popen(
                [*command, "--root", str(self.root)],
                stderr=said,
                cwd=CHECKOUT,
                env={**os.environ, "OPENAI_API_KEY": f"key-{number}"},  # noqa: TID251 - the child's
            )
        self.workers.append(worker)
        return worker

    def wait_until(self, came: Callable[[], bool]) -> None:
        until = time.monotonic() + 60
        while not came():
            assert time.monotonic() < until, self.said()
            time.sleep(0.02)

    def wait_for_calls(self, number: int) -> None:
        self.wait_until(lambda: len(self.desk.calls) >= number)

    def wait_until_all_ask(self) -> None:
        """Return once every worker waits for an answer; see `Choosing.hold_after`."""
        keys = [f"Bearer key-{number}" for number in range(len(self.workers))]
        self.wait_until(lambda: all(self.desk.server.answering[key] for key in keys))

    def end(self, worker: "subprocess.Popen[bytes]") -> int:
        """Return how a worker ends by itself."""
        try:
            return worker.wait(150)
        except subprocess.TimeoutExpired:
            worker.send_signal(signal.SIGABRT)
            raise AssertionError(self.said()) from None

    def said(self) -> str:
        files = sorted(self.root.glob("worker-*.log"))
        return "\n".join(file.read_text(encoding="utf-8") for file in files)

    def jobs(self) -> list[Job]:
        with Workspace.open(self.root).ledger() as ledger:
            batch = ledger.batches.last()
            assert batch is not None
            return list(ledger.jobs.of_batch(batch.id))

    def recorded(self) -> int:
        """Return how many exchanges are kept."""
        runs = Workspace.open(self.root).runs
        return sum(len(runs.load(path).exchanges) for path in runs.paths())

    def repeated(self) -> int:
        """Return how many calls were made again."""
        return sum(count - 1 for count in Counter(call.name for call in self.desk.calls).values())

    def _choose(self, heard: Heard) -> Reply:
        text = FACTS if asked(heard) == "intake" else None
        return Reply(answer(CHAT, heard, text).body, delay_s=self._delay_s)
