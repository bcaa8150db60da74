"""Where runs and the ledger are kept: in files, or in the database that the settings name."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from panel.app.settings import Settings
from panel.ports import Ledger, RunStore
from panel.store.run_files import RunFiles


def open_runs(settings: Settings, folder: Path) -> RunStore:
    """Return the runs of the database that the settings name, else those in `folder`."""
    if settings.database_url is None:
        return RunFiles(folder)
    from panel.store.sql.run_rows import RunRows  # noqa: PLC0415 - 0.2 s, and an extra

    return RunRows.open(settings.database_url, beside=folder)


@contextmanager
def open_ledger(settings: Settings, file: Path) -> Iterator[Ledger]:
    """Yield the ledger of the database that the settings name, else that in `file`."""
    from panel.store.sql.ledger import SqlLedger  # noqa: PLC0415 - 0.3 s

    ledger = SqlLedger.open(settings.database_url or file)
    try:
        yield ledger
    finally:
        ledger.close()
