"""What `shipskip review` shows: talk, one JSON document, or JSON lines; faults in all three."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from panel.cli.exits import exit_code, worst
from panel.cli.progress import Progress
from panel.cli.report import print_json, print_review
from panel.errors import PanelError
from panel.publish.cells import plain

if TYPE_CHECKING:
    from panel.app.session import Reviewed
    from panel.app.workspace import StoredRun
    from panel.ports import Listener


class Output:
    """Shows reviews as they end. What stops one tool is one line, and the others go on."""

    def __init__(self, *, as_json: bool, jsonl: bool, several: bool) -> None:
        self._as_json = as_json
        self._jsonl = jsonl
        self._several = several
        self._progress = Progress(jsonl=jsonl, quiet=as_json)
        self._faults: list[tuple[str, PanelError]] = []
        self._finished: list[str] = []

    def listener_of(self, stored: "StoredRun") -> "Listener":
        """Return what listens to the events of one run."""
        return self._progress.listener_of(stored)

    def done(self, reviewed: "Reviewed") -> None:
        """Show a run that has ended."""
        if reviewed.run.is_final:
            self._finished.append(reviewed.run.tool.name)
        if self._jsonl:
            self._progress.finish(reviewed)
        elif not self._as_json:
            # The progress stands above, where both are on one screen.
            if sys.stdout is not None and sys.stdout.isatty():
                click.echo("")
            print_review(reviewed)
            if self._several:
                click.echo("")

    def fault(self, tool: str, error: PanelError) -> None:
        """Say what stopped `tool`."""
        self._faults.append((tool, error))
        self._progress.fail(tool, str(error), exit_code(error))
        click.echo(f"shipskip: {plain(f'{tool}: {error}')}", err=True)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Say at Ctrl-C which tools need not be named again: a finished one would be reviewed anew."""
        try:
            yield
        except KeyboardInterrupt:
            if self._finished:
                names = ", ".join(map(plain, self._finished))
                click.echo(f"shipskip: done: {names}. Leave out what is done to go on.", err=True)
            raise

    def end(self, found: "Sequence[Reviewed]") -> int:
        """Print the document, where one was asked for, and return the exit code of it all."""
        if self._as_json and self._several:
            faults = [
                {"tool": tool, "error": str(error), "exit": exit_code(error)}
                for tool, error in self._faults
            ]
            reviews = [one.document for one in found]
            print_json({"v": 1, "reviews": reviews, "faults": faults})
        elif self._as_json and found:
            print_json(found[0].document)
        codes = [exit_code(error) for _, error in self._faults]
        return worst((*(one.exit for one in found), *codes))
