"""The pages of a batch: each tool has one of its own, written beside the panels at work."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import Final

from panel.app.panels import StoredRun
from panel.app.publish import Publisher
from panel.domain.job import Job
from panel.domain.namesakes import PagePlace, compare_tools, own_folder, place_page
from panel.ports import Ledger

UNCLEAR_NAMESAKE: Final = "unclear_namesake"
"""The flag of a tool that may be the same as another one of its name, and nothing says whether."""


class PageWriter:
    """Writes the pages of a batch, one at a time: a thread that comes meanwhile waits."""

    def __init__(self, publisher: Publisher, ledger: Ledger) -> None:
        self._publisher = publisher
        self._ledger = ledger
        self._turn = Lock()

    def write(self, job: Job, stored: StoredRun) -> PagePlace:
        """Return where the page of `job` is, written where no newer text of the tool has one.

        Raises StoreError.
        """
        with self._turn:
            place = self.place(job)
            if place.is_newest:
                self._publisher.publish_run(stored, place.folder)
            return place

    async def renew(self, job: Job, stored: StoredRun) -> str | None:
        """Write the page of a finished job again where a file of it differs, and return what was done.

        None where there was none, or where a newer text of the tool has the page.
        """
        changed = await asyncio.to_thread(self._renew, job, stored)
        if not changed:
            return None
        files = " and ".join(map(str, changed))
        return f"{files}: not as written after the panel; written anew from its run"

    def place(self, job: Job) -> PagePlace:
        """Return where the page of `job` belongs: never where another tool has its page."""
        place = place_page(job, self._namesakes(job))
        shown = self._publisher.shown_at(place.folder)
        if shown is None or shown.run in {one.run for one in place.jobs}:
            return place
        found = compare_tools(
            (shown.name, shown.url, shown.vendor), (job.tool.name, job.tool.url, job.tool.vendor)
        )
        if found == "same":
            return place
        own = own_folder(job.tool.slug, place.jobs[0].id)
        return replace(place, folder=own, is_unclear=found == "unknown")

    def _renew(self, job: Job, stored: StoredRun) -> Sequence[Path]:
        place = self.place(job)
        if not place.is_newest or stored.run.verdict is None:
            return ()
        with self._turn:
            return self._publisher.renew_page(stored, place.folder)

    def _namesakes(self, job: Job) -> Sequence[Job]:
        ids = self._ledger.jobs.namesakes(job.tool.slug)
        return [job if id_ == job.id else self._ledger.jobs.get(id_) for id_ in ids]


def explain_place(place: PagePlace) -> str | None:
    """Return why a page has a folder of its own where it is unclear whose the name is, else None."""
    if not place.is_unclear:
        return None
    return (
        f"its page is tools/{place.folder}: another tool has this name, and neither a link nor a "
        "vendor tells whether it is the same"
    )
