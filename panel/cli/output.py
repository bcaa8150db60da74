"""What a command writes: lines whose reader may go away, JSON documents, and reviews as they end."""

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from io import UnsupportedOperation
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from panel.cli.exit_codes import worst
from panel.errors import ExitCode, PanelError, StoreError

if TYPE_CHECKING:
    from panel.app.publish import PublishedRun
    from panel.app.review import ReviewEvents
    from panel.domain.run import Pending


@contextmanager
def until_closed(stream: IO[str]) -> Iterator[None]:
    """Let the block write to `stream`, and on to nowhere once its reader has gone, as `head` does."""
    try:
        yield
    except BrokenPipeError:
        discard(stream)


def say(line: str) -> None:
    """Print a line on standard error, whether it is read or not."""
    with until_closed(sys.stderr):
        click.echo(line, err=True)


def discard(stream: IO[str]) -> None:
    """Send what is left of `stream` nowhere: its reader has gone, or what it goes to is full."""
    with suppress(UnsupportedOperation), Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), stream.fileno())


def print_json(document: Mapping[str, Any]) -> None:
    """Print one JSON document on standard output."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=1))


def end_with_faults(faults: "Sequence[StoreError]", lost: str = "") -> ExitCode:
    """Name each run or row that was passed over because it is damaged; return the exit code.

    `lost` says what may be missing for it.
    """
    for number, fault in enumerate(faults, start=1):
        of = f" ({number} of {len(faults)} that are damaged)" if faults[1:] else ""
        click.echo(f"shipskip: passed over{of}{f', {lost}' if lost else ''}: {fault}", err=True)
    return ExitCode.SOME_FAILED if faults else ExitCode.DONE


class Output:
    """Shows reviews as they end: as text, one JSON document or JSON lines; faults in all three."""

    def __init__(self, *, as_json: bool, jsonl: bool, several: bool) -> None:
        from panel.cli.progress import Progress

        self._as_json = as_json
        self._jsonl = jsonl
        self._several = several
        self._progress = Progress(jsonl=jsonl, quiet=as_json)
        self._faults: list[tuple[str, PanelError]] = []

    def events(self) -> "ReviewEvents":
        """Return the callbacks that show the reviews."""
        from panel.app.review import ReviewEvents
        from panel.cli.log import Log

        Log().show_warnings()

        return ReviewEvents(
            begun=self._progress.listener_of,
            done=self._done,
            fault=self._fault,
            notice=self._notice,
        )

    def end(self, found: "Sequence[PublishedRun]") -> int:
        """Print the document, where one was asked for, and return the exit code of it all."""
        if self._as_json and self._several:
            faults = [
                {"tool": tool, "error": str(error), "exit": error.exit_code}
                for tool, error in self._faults
            ]
            reviews = [one.document for one in found]
            print_json({"v": 1, "reviews": reviews, "faults": faults})
        elif self._as_json and found:
            print_json(found[0].document)
        codes = [error.exit_code for _, error in self._faults]
        return worst((*(one.exit_code for one in found), *codes))

    def _done(self, reviewed: "PublishedRun") -> None:
        from panel.cli.run_summary import print_review

        if self._as_json:
            # Once, not once a reviewer: the document has a copy for each of them.
            for reason in dict.fromkeys(one.reason for one in _stops(reviewed)):
                self._say(reviewed.run.tool.name, reason)
        elif self._jsonl:
            self._progress.finish(reviewed)
        else:
            # The progress stands above, where both are on one screen.
            if sys.stdout is not None and sys.stdout.isatty():
                click.echo("")
            print_review(reviewed)
            if self._several:
                click.echo("")

    def _fault(self, tool: str, error: PanelError) -> None:
        self._faults.append((tool, error))
        self._progress.fail(tool, error)
        self._say(tool, str(error))

    def _notice(self, tool: str, line: str) -> None:
        self._progress.notice(tool, line)
        self._say(tool, line)

    def _say(self, tool: str, what: str) -> None:
        from panel.publish.cells import plain

        click.echo(f"shipskip: {plain(f'{tool}: {what}')}", err=True)


def _stops(reviewed: "PublishedRun") -> "Iterator[Pending]":
    """Yield why reviewers were not asked: a key, a quota, a cap, but not an answer by hand."""
    yield from (one for one in reviewed.run.pending if one.cause != "answer")
