"""Pages on disk: a folder a page, with its index.html and its index.json."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from panel.errors import StoreError

_PAGE: Final = "index.html"
_TWIN: Final = "index.json"


class SiteFiles:
    """The folder that pages are written to."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def page(self, place: str) -> Path:
        """Return the path of a page, there or not."""
        return self._folder / place / _PAGE

    def read_twin(self, place: str) -> Mapping[str, Any] | None:
        """Return the JSON twin of a page; None where there is none that can be read."""
        try:
            document = json.loads((self._folder / place / _TWIN).read_bytes())
        except (OSError, ValueError, RecursionError):
            return None
        return document if isinstance(document, dict) else None

    def write(self, place: str, html: str, twin: str) -> Path:
        """Return the page's path after writing it and its JSON twin. Raises StoreError.

        `place` is made of slugs: nothing is written outside the folder.
        """
        folder = self._folder / place
        try:
            folder.mkdir(parents=True, exist_ok=True)
            page = folder / _PAGE
            page.write_bytes(html.encode())
            (folder / _TWIN).write_bytes(twin.encode())
        except OSError as error:
            raise StoreError(
                f"{folder}: {error.strerror}. The run is safe; choose another folder with --out."
            ) from error
        return page
