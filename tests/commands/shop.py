"""A workspace, tools to put before the panel, and the command as a user runs it."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from panel.cli.main import run
from tests.conftest import CHECKOUT
from tests.factories import DESCRIPTION
from tests.sealing import KEYS

RECORDED = CHECKOUT / "runs"
BY_MODEL = tuple(
    path
    for path in sorted(file.parent for file in RECORDED.glob("*/*/run.json"))
    if b'"provider": "manual"' in (path / "run.json").read_bytes()
)
"""The recorded runs whose ballots a real model wrote."""
EXAMPLES = CHECKOUT / "examples" / "tools"
_PATIENCE_S = 60.0

TOOL = f"""---
name: Quillbase
tagline: Notes in plain files
category: Productivity
vendor: Quill Works
entry: paid
prices:
  - {{label: team, amount: 9, currency: USD, unit: seat and month}}
licence: MIT
---
{DESCRIPTION}
"""


@dataclass(frozen=True)
class Ran:
    """What a command came to."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """Standard output, read as one JSON document."""
        return json.loads(self.out)

    @property
    def events(self) -> list[dict[str, Any]]:
        """Standard output, read as a JSON document a line."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def fault(self) -> str:
        """The one line of standard error, or a failed test where it is not one."""
        lines = self.err.splitlines()
        assert len(lines) == 1, self.err
        assert lines[0].startswith("shipskip: "), self.err
        return lines[0].removeprefix("shipskip: ")


class Shop:
    """A workspace of its own and the command in it, inside this process or in a child."""

    def __init__(
        self, root: Path, capture: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch
    ) -> None:
        self.root = root
        self._capture = capture
        self._patch = patch

    def tool(self, name: str = "Quillbase", *, file: str | None = None, text: str = TOOL) -> Path:
        """Return a tool's file, written anew."""
        path = self.root / (file or f"{name.casefold().replace(' ', '-')}.md")
        path.write_text(text.replace("Quillbase", name), encoding="utf-8")
        return path

    def shipskip(
        self,
        *arguments: object,
        stdin: str | bytes = b"",
        env: Mapping[str, str] | None = None,
        root: bool = True,
    ) -> Ran:
        """Run the command in this process, as fast as it goes."""
        for name, value in (env or {}).items():
            self._patch.setenv(name, value)
        given = stdin if isinstance(stdin, bytes) else stdin.encode()
        self._patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given), encoding="utf-8"))
        self._capture.readouterr()
        code = run([*map(str, arguments), *(("--root", str(self.root)) if root else ())])
        out, err = self._capture.readouterr()
        return Ran(code, out, err)

    def start(
        self, *arguments: object, env: Mapping[str, str] | None = None, **options: Any
    ) -> "subprocess.Popen[str]":
        """Start the command in a child process of its own."""
        return subprocess.Popen(
            [*SHIPSKIP, *map(str, arguments), "--root", str(self.root)],
            env={**clean_environment(), **(env or {})},
            **{
                "stdin": subprocess.DEVNULL,
                "stdout": subprocess.PIPE,
                "stderr": subprocess.PIPE,
                "text": True,
                "encoding": "utf-8",
                **options,
            },
        )

    def child(self, *arguments: object, env: Mapping[str, str] | None = None) -> Ran:
        """Run the command in a child process and wait for its end."""
        with self.start(*arguments, env=env) as process:
            return end_of(process)

    @property
    def runs(self) -> list[Path]:
        """The folders of the runs, oldest date first."""
        return sorted(path.parent for path in self.root.glob("runs/*/*/run.json"))

    @property
    def run(self) -> Path:
        """The folder of the one run."""
        assert len(self.runs) == 1, self.runs
        return self.runs[0]


SHIPSKIP = (sys.executable, "-m", "panel.cli.main")


def clean_environment() -> dict[str, str]:
    """Return this process's environment without a key."""
    found = {name: value for name, value in os.environ.items() if name not in KEYS}  # noqa: TID251
    return {**found, "PYTHONPATH": str(CHECKOUT)}


def wait_until(true: Any, process: "subprocess.Popen[str]") -> None:
    """Return once `true()` holds; fail where the process ends first or time runs out."""
    until = time.monotonic() + _PATIENCE_S
    while not true():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until, "it took too long"
        time.sleep(0.01)


def interrupt(process: "subprocess.Popen[str]", kind: signal.Signals) -> Ran:
    """Send `kind` to the process and return what it came to."""
    process.send_signal(kind)
    return end_of(process)


def end_of(process: "subprocess.Popen[str]") -> Ran:
    """Return what the process comes to."""
    out, err = process.communicate(timeout=_PATIENCE_S)
    return Ran(process.returncode, out, err)
