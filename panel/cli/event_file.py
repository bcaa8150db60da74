"""The file that the events of a batch or a worker are added to, a JSON line each."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from panel.cli.output import until_closed
from panel.publish.batch_events import Event, event_line
from panel.store.disk_errors import advice_for, store_error


class EventFile:
    """Writes events to a stream, or nowhere without one; a reader that went away stops nothing."""

    def __init__(self, stream: IO[str] | None) -> None:
        self._stream = stream

    def write(self, event: Event) -> None:
        """Write one event and have it out of this process."""
        if self._stream is not None:
            with until_closed(self._stream):
                self._stream.write(event_line(event) + "\n")
                self._stream.flush()


@contextmanager
def open_events(name: str | None) -> Iterator[EventFile]:
    """Yield the file of that name, added to; standard output for `-`, nothing for None.

    Raises StoreError where it cannot be opened.
    """
    if name is None or name == "-":
        yield EventFile(None if name is None else sys.stdout)
        return
    path = Path(name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a", encoding="utf-8")
    except OSError as error:
        do_next = f"{advice_for(error, 'name another file')} Nothing was begun."
        raise store_error(path, error, do_next) from error
    with file:
        yield EventFile(file)
