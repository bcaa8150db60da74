"""A worker with a small piece of work, in a process of its own.

`panel_worker.py ADDRESS FOLDER SECONDS`: the work on a job is to hold its mark and to add a line to
FOLDER/<job>. It ends when the queue is empty, or on SIGTERM.
"""

import asyncio
import os
import signal
import sys
from pathlib import Path

from panel.store.queue import PanelQueue


async def main(address: str, folder: Path, seconds: float) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)

    async def work(job: str) -> None:
        say(f"begin {job}")
        await asyncio.sleep(seconds)
        with (folder / job).open("a", encoding="utf-8") as file:
            file.write(f"{os.getpid()}\n")
        say(f"end {job}")

    async with PanelQueue(address) as queue:
        say("ready")
        await queue.work(work, concurrency=4, stop=stop, until_empty=True, tell=say)


def say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - the test reads it


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), float(sys.argv[3])))
