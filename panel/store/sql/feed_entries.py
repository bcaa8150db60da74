"""The entries of feeds that a ledger has seen, and what it made of each."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from panel.domain.feed import Entry
from panel.domain.job import Announced
from panel.domain.tool import Tool
from panel.store.sql.columns import storable_text, utc
from panel.store.sql.deduplication import Deduplication, Keyed, with_keys
from panel.store.sql.jobs import Jobs
from panel.store.sql.journal import Journal, JournalEnd
from panel.store.sql.mapping import fetch, read_announced
from panel.store.sql.schema import ENTRIES


class Entries:
    """The entries; see `ports.Entries`."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def announce(
        self, batch: str, source: str, entries: Sequence[Entry], at: datetime
    ) -> tuple[Announced, ...]:
        """Return what each entry is, in order; a new and a revised one is a queued job from now on.

        An entry that this batch has announced before, under the same source and id, is what it was
        then.
        """
        source, moment = storable_text(source), utc(at)
        keyed = tuple(with_keys(source, entries))
        tools = self._new_tools(keyed)

        def work(connection: Connection, end: JournalEnd) -> tuple[Announced, ...]:
            deduplication = Deduplication(connection, end, batch, source, moment, tools=tools)
            return deduplication.announce(keyed)

        return self._journal.write(work) if keyed else ()

    def _new_tools(self, keyed: Sequence[Keyed]) -> dict[str, Tool]:
        """Return the tools of entries that are no jobs yet, by identity.

        Their originals are screened here, because no other process can write during a transaction.
        """
        from panel.screening.original import entry_tool  # noqa: PLC0415 - 40 ms of every command

        firsts = {one.identity: one.entry for one in reversed(keyed)}
        known = Jobs(self._journal).known(firsts)
        return {id_: entry_tool(entry) for id_, entry in firsts.items() if id_ not in known}

    def of_batch(self, batch: str) -> tuple[Announced, ...]:
        """Return all that the batch has announced, in order."""
        found = select(ENTRIES).where(ENTRIES.c.batch == batch).order_by(ENTRIES.c.number)
        what = f"an entry of the batch {batch}"
        return tuple(self._journal.database.read(lambda c: fetch(c, found, read_announced, what)))
