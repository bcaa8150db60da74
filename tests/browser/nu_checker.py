"""The Nu HTML checker on pages that a service makes, each as it was sent."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Page, Response


class SentPages:
    """The documents that a page of a browser was sent; what is kept of them goes into a folder."""

    def __init__(self, vnu: Sequence[str], folder: Path) -> None:
        self._vnu = vnu
        self._folder = folder
        self._last: Response | None = None

    def watch(self, page: Page) -> None:
        """Take notice of each document that `page` is sent from now on."""

        def hear(response: Response) -> None:
            if response.request.is_navigation_request() and not 300 <= response.status < 400:
                self._last = response

        page.on("response", hear)

    def keep(self) -> None:
        """Write down the document that was sent last, as it was sent."""
        assert self._last is not None
        body = self._last.body()
        number = len(list(self._folder.glob("*.html")))
        (self._folder / f"{number:02}.html").write_bytes(body)

    def nu_messages(self) -> list[str]:
        """Return all that the checker says of what was kept."""
        return nu_messages(self._vnu, self._folder)


def nu_messages(vnu: Sequence[str], folder: Path) -> list[str]:
    """Return all that the checker says of the pages in a folder."""
    files = sorted(map(str, folder.glob("*.html")))
    assert files
    done = subprocess.run(
        [*vnu, "--format", "json", "--exit-zero-always", *files],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return [
        f"{one['url'][-8:]}, line {one.get('lastLine')}: {one['message']}"
        for one in json.loads(done.stderr)["messages"]
    ]
