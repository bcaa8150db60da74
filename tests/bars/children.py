"""Shipskip in processes that may be killed, forked from one that has everything loaded.

Run as a module it is that one: it takes the arguments of a command as a line of JSON, answers with
the child's process id, and with its exit code once it has ended.
"""

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Self

from tests.conftest import CHECKOUT

PATIENCE_S = 60
_LOADED = (
    "panel.providers.openai",
    "panel.cli.main",
    "panel.pipeline.graph",
    "panel.app.review",
    "httpcore2",  # which the client would load when it is made
)


class Children:
    """Processes that run `shipskip`, one after the other; what they say goes to a file.

    A killed one is as dead as any: no handler, no flush, no farewell.
    """

    def __init__(self, said: Path) -> None:
        self._parent = subprocess.Popen(
            [sys.executable, "-m", "tests.bars.children", str(said)],
            cwd=CHECKOUT,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._running: int | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self._end_left()
        self._parent.communicate(timeout=PATIENCE_S)

    def start(self, *arguments: str) -> int:
        """Return the process id of `shipskip ARGUMENTS`, begun."""
        assert self._parent.stdin is not None
        self._end_left()
        self._parent.stdin.write(json.dumps(arguments) + "\n")
        self._parent.stdin.flush()
        self._running = self._read()
        return self._running

    def end(self) -> int:
        """Return how the child ended: its exit code, or a signal's number below zero."""
        code = self._read()
        self._running = None
        return code

    def run(self, *arguments: str) -> int:
        """Return the exit code of `shipskip ARGUMENTS`."""
        self.start(*arguments)
        return self.end()

    def _end_left(self) -> None:
        """End a child that a failed test has left: what it ends with is no answer to the next."""
        if self._running is not None:
            with suppress(ProcessLookupError):
                os.kill(self._running, signal.SIGKILL)
            self.end()

    def _read(self) -> int:
        assert self._parent.stdout is not None
        return int(self._parent.stdout.readline())


def _serve(said: str) -> None:
    for name in _LOADED:
        import_module(name)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _be_shipskip(json.loads(line), said)
        print(child, flush=True)  # noqa: T201 - the protocol
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)  # noqa: T201


def _be_shipskip(arguments: list[str], said: str) -> None:
    from panel.cli.main import main  # noqa: PLC0415 - in the child alone

    signal.alarm(PATIENCE_S)
    # Whoever runs the tests in the background has it ignored, and a child inherits that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    out = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(out, 1)
    os.dup2(out, 2)
    sys.argv = ["shipskip", *arguments]
    try:
        main()
    except SystemExit as end:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(int(end.code or 0))  # to take down what is loaded would take as long as the rest


if __name__ == "__main__":
    _serve(sys.argv[1])
