"""Pages on disk: a folder a page, with its index.html and its index.json."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from panel.errors import StoreError
from panel.store.atomic_write import write_together
from panel.store.disk_errors import advice_for, store_error
from panel.store.regular_files import read_file

_PAGE: Final = "index.html"
_DOCUMENT: Final = "index.json"


class PageFiles:
    """The folder that pages are written to."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def page(self, place: str) -> Path:
        """Return the path of a page, there or not."""
        return self._folder / place / _PAGE

    def read_document(self, place: str) -> Mapping[str, Any] | None:
        """Return the JSON document of a page; None where there is none that can be read."""
        try:
            document = json.loads(read_file(self._folder / place / _DOCUMENT))
        except (OSError, ValueError, RecursionError):
            return None
        return document if isinstance(document, dict) else None

    def find_page(self, kind: str, slug: str, run: str) -> str | None:
        """Return the folder of `kind` whose page shows `run`, of those that begin with `slug`."""
        folders = self.folders(kind, slug)
        return next(
            (f for f in folders if (self.read_document(f"{kind}/{f}") or {}).get("run") == run),
            None,
        )

    def folders(self, kind: str, slug: str) -> list[str]:
        """Return the folders of `kind` with a page whose names begin with `slug`, in their order."""
        pages = self._folder.glob(f"{kind}/{slug}*/{_PAGE}")
        return sorted(page.parent.name for page in pages)

    def runs_shown(self) -> frozenset[str]:
        """Return the ids of the runs that pages show, those of comparisons included.

        Raises StoreError where the JSON document of a page cannot be read.
        """
        found: set[str] = set()
        for page in sorted(self._folder.glob(f"*/*/{_PAGE}")):
            document = self.read_document(str(page.parent.relative_to(self._folder)))
            if document is None:
                raise StoreError(
                    f"{page.with_name(_DOCUMENT)}: it cannot be read, so nobody knows which run the "
                    "page shows. Publish the run again, or remove the page."
                )
            tools = document.get("tools")
            entries = tools if isinstance(tools, list) else [document]
            found |= {str(entry["run"]) for entry in entries if "run" in entry}
        return frozenset(found)

    def write(self, place: str, html: str, document: str) -> Path:
        """Return the page's path after writing it and its JSON document. Raises StoreError.

        Both are written before either takes the place of the old one. `place` is made of slugs, and
        no symbolic link is followed: nothing is written outside the folder.

        `PageFiles(Path("site")).write("tools/quillbase", "<p>...</p>", "{}")`
        """
        folder = self._folder / place
        self._refuse_links(place)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            write_together(folder, {_PAGE: html.encode(), _DOCUMENT: document.encode()})
        except OSError as error:
            advice = advice_for(error, "choose another folder with --out")
            do_next = f"The run is safe. {advice}"
            raise store_error(folder, error, do_next) from error
        return folder / _PAGE

    def _refuse_links(self, place: str) -> None:
        folders = Path(place).parts
        below = [Path(*folders[:depth]) for depth in range(1, len(folders) + 1)]
        for path in (*below, Path(place, _PAGE), Path(place, _DOCUMENT)):
            if (self._folder / path).is_symlink():
                raise StoreError(
                    f"{self._folder / path}: it is a symbolic link, and no page is written through "
                    "one. The run is safe; remove the link, or choose another folder with --out."
                )
