"""Progress: a live line on a terminal, plain lines elsewhere, JSON lines on request."""

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from panel.cli.terminal import clip, width, wrap
from panel.domain.wording import counted
from panel.publish.cells import plain

if TYPE_CHECKING:
    from panel.app.panels import StoredRun
    from panel.app.publish import PublishedRun
    from panel.errors import PanelError
    from panel.ports import Event, Listener

_FINAL = ("review.done", "review.abstained", "review.pending")
_TICK_S = 1.0
_CLEAR = "\r\x1b[K"


class Progress:
    """Shows events as they happen: lines on standard error, or with `--jsonl` on standard output."""

    def __init__(self, *, jsonl: bool = False, quiet: bool = False) -> None:
        self.jsonl = jsonl
        self._quiet = quiet
        self._lines: _EventLines | None = None

    def listener_of(self, stored: "StoredRun") -> "Listener":
        """Return what listens to the events of one run."""
        if self.jsonl:
            return lambda event: self._write(stored.run.id, event)
        if self._quiet:
            return lambda _: None
        self._lines = _EventLines(stored)
        return self._lines.show

    def finish(self, reviewed: "PublishedRun") -> None:
        """Write the last line of a run: `run.done` with its document."""
        document = dict(reviewed.document)
        self._write(
            reviewed.run.id, {"ev": "run.done", "exit": reviewed.exit_code, "review": document}
        )

    def fail(self, tool: str, error: "PanelError") -> None:
        """Write that a tool could not be reviewed, or clear the live line for it to be said."""
        if self.jsonl:
            event = {"ev": "run.failed", "exit": error.exit_code, "tool": tool, "error": str(error)}
            self._write(None, event)
        elif self._lines:
            self._lines.clear()

    def notice(self, tool: str, line: str) -> None:
        """Write that a damaged run was set aside, or clear the live line for it to be said."""
        if self.jsonl:
            self._write(None, {"ev": "notice", "tool": tool, "notice": line})
        elif self._lines:
            self._lines.clear()

    def _write(self, run: str | None, event: "Event") -> None:
        stamp = datetime.now(UTC).isoformat(timespec="milliseconds")  # noqa: TID251 - a log's time
        line = {"v": 1, "t": stamp.replace("+00:00", "Z"), "run": run, **event}
        click.echo(json.dumps(line, ensure_ascii=False))


class _EventLines:
    """Prints the events of one run, a line each; a terminal also shows who is still at work."""

    def __init__(self, stored: "StoredRun") -> None:
        inputs = stored.run.inputs
        self._tool = plain(stored.run.tool.name)
        self._names = {persona.key: persona.name for persona in inputs.personas}
        self._samples = inputs.calls.samples
        self._is_scored = not stored.run.is_checklist
        self._wanted = len(inputs.assignments) * self._samples
        self._ended = 0
        self._at_work: Counter[str] = Counter()
        self._ticking: asyncio.TimerHandle | None = None
        self._seconds = 0
        self._live = sys.stderr.isatty()
        self._say(_opening(stored))

    def show(self, event: "Event") -> None:
        """Print `event`."""
        kind, who = event["ev"], self._who(event)
        if kind in ("review.started", "intake.started"):
            self._at_work[who] += 1
        if kind in _FINAL:
            self._ended += 1
            self._at_work[who] -= 1
            if not _waits_by_hand(event):
                came_to = _outcome(event, is_scored=self._is_scored)
                self._say(f"{who}{self._sample(event)} {came_to} ({self._count()})")
        elif kind in ("intake.done", "intake.pending"):
            self._at_work.clear()
        if line := _other(event):
            self._say(line)
        self._wait()

    def clear(self) -> None:
        """Take the live line away."""
        self._at_work.clear()
        self._wait()

    def _who(self, event: "Event") -> str:
        return self._names.get(str(event.get("persona")), "Intake")

    def _sample(self, event: "Event") -> str:
        return f", sample {event['sample'] + 1}," if self._samples > 1 else ""

    def _count(self) -> str:
        return f"{self._ended} of {self._wanted}"

    def _say(self, line: str) -> None:
        clear = _CLEAR if self._live else ""
        click.echo(clear + wrap(f"{self._tool}: {line}", "", "  "), err=True)

    def _wait(self) -> None:
        """Show who is still at work and for how long, and show it again in a second."""
        if not self._live:
            return
        waiting = [f"{who} x {n}" if n > 1 else who for who, n in self._at_work.items() if n > 0]
        if not waiting:
            if self._ticking:
                self._ticking.cancel()
            self._ticking, self._seconds = None, 0
            click.echo(_CLEAR, nl=False, err=True)
            return
        since = f" ({self._seconds} s)" if self._seconds else ""
        line = f"{self._tool}: waiting for {', '.join(waiting)}"
        click.echo(f"{_CLEAR}{clip(line, width() - 1 - len(since))}{since}", nl=False, err=True)
        if self._ticking is None:
            self._ticking = asyncio.get_running_loop().call_later(_TICK_S, self._tick)

    def _tick(self) -> None:
        self._ticking = None
        self._seconds += 1
        self._wait()


def _opening(stored: "StoredRun") -> str:
    """Return who is about to be asked, and whether a run is resumed."""
    from panel.domain.review import CHECKLIST, MANUAL

    run = stored.run
    count = len(run.inputs.assignments)
    panel = counted(count, "reviewer")
    who = "hand" if run.engine == MANUAL else run.engine
    if stored.resumed:
        return f"resuming {run.id} of {run.inputs.date}, {panel}, by {who}"
    if run.engine == CHECKLIST:
        return f"{panel}, by the built-in checklist: no model is asked"
    return f"{panel}, by {who}"


def _waits_by_hand(event: Mapping[str, Any]) -> bool:
    """Tell whether a person is waited for: the end of the command names each answer with its file."""
    return event.get("cause") == "answer"


def _outcome(event: Mapping[str, Any], *, is_scored: bool = True) -> str:
    if event["ev"] == "review.done":
        return f"says {event['verdict']}" + (f", {event['score']} of 10" if is_scored else "")
    if event["ev"] == "review.abstained":
        return f"gave no valid review: {event['reason']}"
    return "was stopped"


def _other(event: Mapping[str, Any]) -> str | None:
    if event["ev"] == "screen.done" and event["flags"]:
        found = ", ".join(str(flag).replace("_", " ") for flag in event["flags"])
        return f"screening found {found}"
    if event["ev"] == "review.substituted":
        who = str(event["persona"]).replace("_", " ")
        return (
            f"{event['instead_of']} gave no valid review as the {who}, so {event['model']} is asked"
        )
    if event["ev"] == "intake.started":
        return f"intake reads {', '.join(event['lacks'])}"
    if event["ev"] == "intake.pending" and not _waits_by_hand(event):
        return f"intake {_outcome(event)}"
    if event["ev"] == "intake.done" and event["set_aside"]:
        return f"intake set it aside: {event['set_aside']}"
    return None
