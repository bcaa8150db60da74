"""Where a workspace lies: the folder that was found, or the one that came with the package."""

from importlib.resources import files
from pathlib import Path

from panel.app.settings import FILE


def find_root(start: Path) -> Path | None:
    """Return the nearest folder from `start` upward that has a shipskip.toml."""
    return next((f for f in (start, *start.parents) if (f / FILE).is_file()), None)


def built_in() -> Path:
    """Return the folder with the settings, personas and prompts that came with the package."""
    package = Path(str(files("panel")))
    data = package / "_data"
    return data if data.is_dir() else package.parent
