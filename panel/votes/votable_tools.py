"""The tools that take votes, read again when the site's build has listed them anew."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from panel.domain.community import VotableTool
from panel.errors import ConfigError
from panel.store.vote_files import read_votable_tools

_LOOK_EVERY_S: Final = 1.0


class ToolList:
    """The list in `file`. Raises ConfigError where there is none at the beginning.

    A file that cannot be read later on leaves the list as it was, and `fault` says what is wrong.
    """

    def __init__(self, file: Path, monotonic: Callable[[], float]) -> None:
        self._file = file
        self._monotonic = monotonic
        self._seen = _stamp(file)
        self._tools = _read(file)
        self._next_look = monotonic() + _LOOK_EVERY_S
        self.fault: ConfigError | None = None

    def find(self, slug: str) -> VotableTool | None:
        """Return a tool, None where the site has none of that slug."""
        self.renew()
        return self._tools.get(slug)

    def renew(self) -> None:
        """Read the list again where it has changed; the file is looked at once a second at most."""
        now = self._monotonic()
        if now < self._next_look:
            return
        self._next_look = now + _LOOK_EVERY_S
        stamp = _stamp(self._file)
        if stamp == self._seen and self.fault is None:
            return
        try:
            self._tools, self.fault, self._seen = _read(self._file), None, stamp
        except ConfigError as error:
            self.fault = error


def _read(file: Path) -> Mapping[str, VotableTool]:
    return {tool.slug: tool for tool in read_votable_tools(file).tools}


def _stamp(file: Path) -> tuple[int, int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
