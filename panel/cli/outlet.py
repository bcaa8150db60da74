"""Output whose reader may go away while the work goes on."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import UnsupportedOperation
from typing import IO

import click


@contextmanager
def read_or_not(stream: IO[str]) -> Iterator[None]:
    """Let the block write to `stream`, and on to nowhere once its reader has gone, as `head` does."""
    try:
        yield
    except BrokenPipeError:
        write_nowhere(stream)


def say(line: str) -> None:
    """Print a line on standard error, whether it is read or not."""
    with read_or_not(sys.stderr):
        click.echo(line, err=True)


def write_nowhere(stream: IO[str]) -> None:
    """Send what is left of `stream` nowhere: its reader has gone, or what it goes to is full."""
    with suppress(UnsupportedOperation):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
