"""Readers' votes in SQLite or in Postgres, written by one thread in groups."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final, cast

from sqlalchemy import (
    BindParameter,
    Connection,
    CursorResult,
    bindparam,
    delete,
    false,
    func,
    select,
    union_all,
)

from panel.domain.community import Choice, DailyCount, Rule, VoteCount
from panel.errors import PanelError
from panel.store.group_commit import GroupCommit
from panel.store.sql.database import Database, open_database
from panel.store.sql.upsert import upsert_into
from panel.store.sql.vote_tables import FOLDED, VOTE_SCHEMA, VOTES

_COUNTS: Final = ""
_PATIENCE_S: Final = 10.0  # a reader waits for the answer


@dataclass(slots=True)
class VoteRequest:
    """What a voter asks of the database: a choice, or None to take the vote back.

    `rule` is what sets the vote aside, if anything does. `fault` is set where it was not written.
    """

    tool: str
    voter: bytes
    choice: Choice | None
    day: date
    rule: Rule | None = None
    fault: PanelError | None = None


@dataclass(frozen=True)
class StoredVote:
    """A voter's vote on a tool as it stands."""

    choice: Choice
    rule: Rule | None


class VoteStore:
    """The votes of all readers: one a voter and tool, which the primary key keeps.

    `write` returns after the commit, and what many voters send at the same time is one transaction
    (SQLite syncs the disk once for all of them). A change of an earlier vote keeps what the rules
    said of the first one. All is idempotent, so a transaction may be run again after an outage.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="votes")
        self._changes: GroupCommit[VoteRequest] = GroupCommit(self._write_group, self._thread)
        self.groups = 0

    @classmethod
    def open(cls, address: str | Path) -> "VoteStore":
        """Return the votes of a file, or of a `postgresql://` address.

        Raises ConfigError for an address that is none, StoreError and Busy.
        """
        return cls(open_database(address, VOTE_SCHEMA, patience_s=_PATIENCE_S))

    @property
    def name(self) -> str:
        """What the database is called in messages."""
        return self._database.name

    def close(self) -> None:
        """Write what waits, and close the connections."""
        self._thread.shutdown()
        self._database.close()

    async def write(self, change: VoteRequest) -> None:
        """Return when `change` is committed. Raises StoreError and Busy."""
        await self._changes.write(change)
        if change.fault is not None:
            raise change.fault

    def find(self, tool: str, voter: bytes) -> StoredVote | None:
        """Return a voter's vote on a tool, None where there is none. Raises StoreError and Busy."""
        wanted = select(VOTES.c.choice, VOTES.c.rule).where(
            VOTES.c.tool == tool, VOTES.c.voter == voter
        )
        row = self._database.read(lambda connection: connection.execute(wanted).first())
        return None if row is None else StoredVote(row.choice, row.rule or None)

    def count(self, tool: str | None = None) -> dict[str, VoteCount]:
        """Return the counts by tool, or those of one `tool`. Raises StoreError and Busy."""
        found: dict[str, dict[str, Any]] = {}
        for slug, choice, rule, votes in self._database.read(lambda c: _read_counts(c, tool)):
            mine = found.setdefault(slug, {"set_aside": {}})
            if rule == _COUNTS:
                mine[choice] = mine.get(choice, 0) + votes
            else:
                mine["set_aside"][rule] = mine["set_aside"].get(rule, 0) + votes
        return {slug: VoteCount(**fields) for slug, fields in found.items()}

    def daily(self) -> Iterator[DailyCount]:
        """Yield the votes by tool, day, choice and rule, in that order. Raises StoreError and Busy."""
        for tool, day, choice, rule, votes in self._database.read(_read_days):
            yield DailyCount(
                tool=tool, day=day, choice=choice, rule=cast("Rule", rule) or None, votes=votes
            )

    def forget_voters(self, before: date) -> int:
        """Keep only the counts of votes from before a day; return how many hashes were forgotten.

        Raises StoreError and Busy.
        """
        return self._database.write(lambda connection: _forget_voters(connection, before))

    def check(self) -> None:
        """Raise StoreError or Busy where no vote can be read or written; nothing is changed."""

        def work(connection: Connection) -> None:
            connection.execute(select(VOTES.c.tool).limit(1)).first()
            connection.execute(delete(VOTES).where(false()))

        self._database.try_writing(work)

    def _write_group(self, group: Sequence[VoteRequest]) -> None:
        # Always in one order: two processes that lock the same rows of Postgres cannot wait for
        # each other. The sort keeps the order of what one voter sent.
        ordered = sorted(group, key=lambda change: (change.tool, change.voter))
        self.groups += 1
        try:
            self._database.write(lambda connection: _apply(connection, ordered))
        except PanelError as error:
            for change in group:
                change.fault = error


def _apply(connection: Connection, ordered: Sequence[VoteRequest]) -> None:
    """Write changes: runs of the same kind are one statement, so that their order stays."""
    start = 0
    for end in range(1, len(ordered) + 1):
        if end < len(ordered) and (ordered[end].choice is None) == (ordered[start].choice is None):
            continue
        rows = [
            {
                "tool": one.tool,
                "voter": one.voter,
                "choice": one.choice,
                "day": one.day,
                "rule": one.rule or _COUNTS,
            }
            for one in ordered[start:end]
        ]
        if ordered[start].choice is None:
            keys = [{"of_tool": row["tool"], "of_voter": row["voter"]} for row in rows]
            connection.execute(_DELETE, keys)
        else:
            connection.execute(_UPSERTS[connection.dialect.name], rows)
        start = end


def _upsert(dialect: str) -> Any:  # noqa: ANN401 - the two dialects share no class
    added = upsert_into(dialect, VOTES)
    return added.on_conflict_do_update(
        index_elements=[VOTES.c.tool, VOTES.c.voter], set_={"choice": added.excluded.choice}
    )


def _key(name: str) -> BindParameter[Any]:
    return bindparam(name)


_UPSERTS: Final = {dialect: _upsert(dialect) for dialect in ("sqlite", "postgresql")}
_DELETE: Final = delete(VOTES).where(
    VOTES.c.tool == _key("of_tool"), VOTES.c.voter == _key("of_voter")
)


def _read_counts(connection: Connection, tool: str | None) -> Sequence[Any]:
    live = select(VOTES.c.tool, VOTES.c.choice, VOTES.c.rule, func.count().label("votes"))
    live = live.group_by(VOTES.c.tool, VOTES.c.choice, VOTES.c.rule)
    past = select(FOLDED.c.tool, FOLDED.c.choice, FOLDED.c.rule, FOLDED.c.votes)
    if tool is not None:
        live, past = live.where(VOTES.c.tool == tool), past.where(FOLDED.c.tool == tool)
    return connection.execute(union_all(live, past)).all()


def _read_days(connection: Connection) -> Sequence[Any]:
    keys = (VOTES.c.tool, VOTES.c.day, VOTES.c.choice, VOTES.c.rule)
    live = select(*keys, func.count().label("votes")).group_by(*keys)
    past = select(FOLDED.c.tool, FOLDED.c.day, FOLDED.c.choice, FOLDED.c.rule, FOLDED.c.votes)
    return connection.execute(union_all(live, past).order_by("tool", "day", "choice", "rule")).all()


def _forget_voters(connection: Connection, before: date) -> int:
    """Move counts into `folded_votes`. No voter's row of such a day can come again."""
    keys = (VOTES.c.tool, VOTES.c.day, VOTES.c.choice, VOTES.c.rule)
    # Whoever writes at the same time must not have a row deleted that was not counted.
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("LOCK TABLE votes IN SHARE ROW EXCLUSIVE MODE")
    old = select(*keys, func.count()).where(VOTES.c.day < before).group_by(*keys)
    added = upsert_into(connection.dialect.name, FOLDED)
    added = added.from_select(["tool", "day", "choice", "rule", "votes"], old)
    connection.execute(
        added.on_conflict_do_update(
            index_elements=list(FOLDED.primary_key),
            set_={"votes": FOLDED.c.votes + added.excluded.votes},
        )
    )
    gone = connection.execute(delete(VOTES).where(VOTES.c.day < before))
    return cast("CursorResult[Any]", gone).rowcount
