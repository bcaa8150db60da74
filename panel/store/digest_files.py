"""The files of a week's digest: the issue as it was built, and the mail in four forms."""

from collections.abc import Mapping
from pathlib import Path

from panel.errors import ConfigError
from panel.store.atomic_write import write_together
from panel.store.disk_errors import store_error, translated
from panel.store.regular_files import read_file

ISSUE = "digest.json"


def write_digest(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write the files of a digest, all or none. Raises StoreError."""
    with translated(folder, "Make it writable, then run the same command again."):
        folder.mkdir(parents=True, exist_ok=True)
        write_together(folder, files)


def read_digest(folder: Path) -> bytes:
    """Return the issue that was built in a folder. Raises ConfigError and StoreError."""
    file = folder / ISSUE
    try:
        return read_file(file)
    except FileNotFoundError as error:
        raise ConfigError(
            f"{folder.name}: no digest was built. Run `shipskip digest build --week {folder.name}`."
        ) from error
    except OSError as error:
        raise store_error(file, error, "Make it readable.") from error
