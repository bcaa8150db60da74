"""Pages on disk: a folder a page, with its index.html and its index.json."""

from pathlib import Path

from panel.errors import StoreError


class SiteFiles:
    """The folder that pages are written to."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, place: str, html: str, twin: str) -> Path:
        """Return the page's path after writing it and its JSON twin. Raises StoreError.

        `place` is made of slugs: nothing is written outside the folder.
        """
        folder = self._folder / place
        try:
            folder.mkdir(parents=True, exist_ok=True)
            page = folder / "index.html"
            page.write_bytes(html.encode())
            (folder / "index.json").write_bytes(twin.encode())
        except OSError as error:
            raise StoreError(
                f"{folder}: {error.strerror}. The run is safe; choose another folder with --out."
            ) from error
        return page
