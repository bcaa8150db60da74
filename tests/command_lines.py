"""Command lines out of documents and files: whether `shipskip` would take them."""

import re
import shlex
from collections.abc import Sequence

import click

from panel.cli.main import cli

TESTED = re.compile(r"<!-- the tests run this -->\n```\n(.*?)```", re.DOTALL)
_BLOCK = re.compile(r"^```\n(.*?)^```", re.DOTALL | re.MULTILINE)
_COMPOSE = re.compile(r"^docker compose run --rm \w+ ")


def words_of(line: str) -> list[str]:
    """Return the words of a line of a shell, without its comment."""
    return shlex.split(line, comments=True)


def command_lines(document: str) -> list[list[str]]:
    """Return the words after `shipskip` of each command in the blocks of a document."""
    lines = (line for block in _BLOCK.findall(document) for line in block.splitlines())
    found = (words_of(_COMPOSE.sub("shipskip ", line)) for line in lines if _is_command(line))
    return [words[1:] for words in found]


def parse_command(words: Sequence[str]) -> None:
    """Return where `shipskip` takes `words`. Raises AssertionError, or what click raises."""
    command: click.Command = cli
    rest = list(words)
    while isinstance(command, click.Group):
        assert rest, "no command is named"
        assert rest[0] in command.commands, f"shipskip {' '.join(words)}"
        command = command.commands[rest.pop(0)]
    command.make_context("shipskip", rest)


def _is_command(line: str) -> bool:
    return line.startswith("shipskip ") or _COMPOSE.match(line) is not None
