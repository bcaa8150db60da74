"""Two files between the site and its votes: the tools that take votes, and the counts of a moment."""

from pathlib import Path
from typing import Final

from pydantic import ValidationError
from pydantic_core import to_json

from panel.domain.community import VotableTools, VoteSnapshot
from panel.domain.validation import first_fault_of
from panel.errors import ConfigError
from panel.store.atomic_write import write_atomically
from panel.store.disk_errors import translated
from panel.store.regular_files import read_file

SNAPSHOT: Final = "votes.json"
TOOLS: Final = "data/tools.json"
"""Where the build of a site lists its tools for the votes, from the site's folder."""


def read_votable_tools(file: Path) -> VotableTools:
    """Return the tools that a site's build listed. Raises ConfigError."""
    try:
        return VotableTools.model_validate_json(read_file(file))
    except FileNotFoundError as error:
        raise ConfigError(
            f"{file}: no list of tools is here. Build the site first, or set [votes] tools."
        ) from error
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"{file}: no list of tools ({_why(error)}). Build the site anew."
        ) from error


def read_snapshot(file: Path) -> VoteSnapshot | None:
    """Return the frozen counts, None where none were pulled yet. Raises ConfigError."""
    try:
        return VoteSnapshot.model_validate_json(read_file(file))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"{file}: no counts can be read from it ({_why(error)}). `shipskip votes pull` writes it "
            "anew."
        ) from error


def write_snapshot(file: Path, snapshot: VoteSnapshot) -> Path:
    """Return `file` after writing the counts to it. Raises StoreError."""
    with translated(file, "Make its folder writable, then run the same command again."):
        file.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(file, to_json(snapshot, indent=1) + b"\n")
    return file


def _why(error: Exception) -> str:
    if isinstance(error, ValidationError):
        place, why = first_fault_of(error)
        return f"{place}: {why}" if place else why
    return getattr(error, "strerror", None) or str(error)
