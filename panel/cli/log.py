"""The log of a long command on standard error: plain lines, lines with time and level, or JSON."""

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Literal, TypeVar

import click

from panel.cli.output import say
from panel.errors import ExitCode, PanelError

Level = Literal["info", "warning", "error"]
LogFormat = Literal["text", "json"]
INTERRUPTED = "interrupted. What was answered is kept: run the same command to resume."
F = TypeVar("F", bound=Callable[..., Any])


class Log:
    """Lines on standard error, each made safe for a terminal.

    Without a format, lines are for a person who watches: cut to the terminal, a fault with the
    command's name before it. `text` has time and level before each whole line; `json` writes one
    object a line with the keys `t`, `level` and `msg`.
    """

    def __init__(self, form: LogFormat | None = None) -> None:
        self.is_plain = form is None
        self._form = form

    def info(self, line: str) -> None:
        """Write what happened as it should."""
        self._write("info", line)

    def warning(self, line: str) -> None:
        """Write what went wrong though the command goes on."""
        self._write("warning", line)

    def error(self, line: str) -> None:
        """Write what ends the command."""
        self._write("error", line)

    @contextmanager
    def reporting_faults(self) -> Iterator[None]:
        """Write the fault or signal that ends this block in the log's format, and leave with its code.

        Without a format it is raised on: the command line writes it.
        """
        try:
            yield
        except KeyboardInterrupt as error:
            if self.is_plain:
                raise
            self.error(INTERRUPTED)
            raise click.exceptions.Exit(ExitCode.INTERRUPTED) from error
        except PanelError as error:
            if self.is_plain:
                raise
            for line in str(error).splitlines():
                self.error(line)
            raise click.exceptions.Exit(error.exit_code) from error

    def show_warnings(self) -> None:
        """Write what is said with the logger `shipskip` here, from now on."""
        logger = logging.getLogger("shipskip")
        for earlier in logger.handlers[:]:
            logger.removeHandler(earlier)
        logger.addHandler(_Handler(self))

    def _write(self, level: Level, line: str) -> None:
        from panel.cli.terminal import clip
        from panel.publish.cells import plain

        line = plain(line)
        if self._form is None:
            say(clip(line) if level == "info" else f"shipskip: {line}")
            return
        moment = now().strftime("%Y-%m-%dT%H:%M:%SZ")
        if self._form == "json":
            say(json.dumps({"t": moment, "level": level, "msg": line}))
        else:
            say(f"{moment} {level:<7} {line}")


class _Handler(logging.Handler):
    """Hands the warnings of providers on to a log."""

    def __init__(self, log: Log) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        self._log.warning(record.getMessage())


def log_format_option(command: F) -> F:
    """Add --log-format to a command."""
    return click.option(
        "--log-format",
        type=click.Choice(["text", "json"]),
        help="Lines on standard error with time and level (default: plain lines).",
    )(command)


def now() -> datetime:
    """Return the time of a line in a log, or of an event."""
    return datetime.now(UTC)  # noqa: TID251 - a log's time
