"""Review commands that have not ended: which run each of their tools is in, on disk."""

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from panel.domain.value import Value
from panel.store.atomic_write import write_atomically
from panel.store.disk_errors import store_error
from panel.store.regular_files import read_file

_NAME = ".unfinished-"


class RunName(Value):
    """What names a run: its date and its id."""

    date: date
    id: str


class _Content(Value):
    v: int = 1
    runs: dict[str, RunName | None]


@dataclass(frozen=True)
class UnfinishedCommand:
    """A command that was begun: the run of each tool by the tool's slug, None where none began."""

    file: Path
    runs: Mapping[str, RunName | None]


class UnfinishedCommands:
    """The records of the commands that have not ended, a hidden file each in the folder of the runs.

    A record is there from the start of a command until all its tools are done, so that the same command
    resumes it after an interruption. Two commands on other tools have two records.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def all(self) -> tuple[UnfinishedCommand, ...]:
        """Return the commands that have not ended. A record that cannot be read is left out."""
        found = []
        for file in sorted(self._folder.glob(f"{_NAME}*.json")):
            with suppress(OSError, ValidationError):
                content = _READER.validate_json(read_file(file))
                found.append(UnfinishedCommand(file, content.runs))
        return tuple(found)

    def keep(self, runs: Mapping[str, RunName | None]) -> None:
        """Write the record of the command on the tools that `runs` names. Raises StoreError."""
        content = _Content(runs=dict(runs)).model_dump_json(indent=1)
        file = self._file(runs)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            write_atomically(file, content.encode())
        except OSError as error:
            raise store_error(file, error) from error

    def end(self, slugs: Iterable[str]) -> None:
        """Remove the record of the command on the tools `slugs`, if there is one."""
        with suppress(OSError):
            self._file(slugs).unlink(missing_ok=True)

    def _file(self, slugs: Iterable[str]) -> Path:
        key = sha256(json.dumps(sorted(slugs)).encode()).hexdigest()
        return self._folder / f"{_NAME}{key[:16]}.json"


_READER = TypeAdapter(_Content)
