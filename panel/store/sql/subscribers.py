"""Who gets the weekly mail, and what became of each mail, in SQLite or in Postgres."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from secrets import token_urlsafe
from typing import Any, Final, cast

from sqlalchemy import (
    Column,
    Connection,
    CursorResult,
    Executable,
    Row,
    delete,
    false,
    func,
    select,
    update,
)

from panel.domain.mailing import KEPT_H, Delivery, DeliveryState, Subscriber
from panel.store.sql.database import Database, is_again, open_database
from panel.store.sql.faults import Unreadable
from panel.store.sql.mapping import fetch, string
from panel.store.sql.subscriber_tables import (
    DELIVERIES,
    MAILINGS,
    SIGN_UPS,
    SUBSCRIBER_SCHEMA,
    SUBSCRIBERS,
)
from panel.store.sql.upsert import upsert_into

_PATIENCE_S: Final = 10.0  # a reader waits for the answer
_TOKEN_BYTES: Final = 16  # 22 characters
_PAGE: Final = 2_000
_READER: Final = tuple(SUBSCRIBERS.c[name] for name in Subscriber.model_fields)
_MOST_SIGN_UPS: Final = 3  # mails to one address that wait to be confirmed
_KEPT: Final = timedelta(hours=KEPT_H)
_WITH_ADDRESSES: Final = (SIGN_UPS, SUBSCRIBERS, DELIVERIES)
_OPEN: Final = ("deferred",)  # what a further `send` tries again


@dataclass(frozen=True)
class Mailing:
    """The sending of one week's mail: when it began, and the digest of what was approved."""

    begun: datetime
    digest: str


class SubscriberStore:
    """The readers of the weekly mail; may be used from any thread and by several processes.

    An address stands here only after the press in its confirmation mail, until then in a row that is
    deleted after 48 hours. What a method writes is one transaction, and may be run again after an
    outage. Each raises StoreError and Busy.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    @classmethod
    def open(cls, address: str | Path) -> "SubscriberStore":
        """Return the subscribers of a file, or of a `postgresql://` address.

        Raises ConfigError for an address that is none, StoreError and Busy.
        """
        return cls(open_database(address, SUBSCRIBER_SCHEMA, patience_s=_PATIENCE_S))

    def close(self) -> None:
        """Close the connections."""
        self._database.close()

    def sign_up(self, address: str, categories: tuple[str, ...], now: datetime) -> str | None:
        """Return the token of a confirmation mail; None where three to this address wait already."""
        token = token_urlsafe(_TOKEN_BYTES)
        row = {"token": token, "address": address, "categories": _listed(categories), "at": now}

        def work(connection: Connection) -> str | None:
            connection.execute(delete(SIGN_UPS).where(SIGN_UPS.c.at < now - _KEPT))
            waiting = select(func.count()).where(
                SIGN_UPS.c.address == address, SIGN_UPS.c.token != token
            )
            if (connection.scalar(waiting) or 0) >= _MOST_SIGN_UPS:
                return None
            added = upsert_into(connection.dialect.name, SIGN_UPS)
            connection.execute(added.on_conflict_do_nothing(), [row])
            return token

        return self._database.write(work)

    def take_back(self, token: str) -> None:
        """Forget a sign-up whose mail could not be sent."""
        self._database.write(lambda c: c.execute(delete(SIGN_UPS).where(SIGN_UPS.c.token == token)))

    def waits(self, token: str, now: datetime) -> bool:
        """Tell whether a sign-up waits to be confirmed."""
        wanted = _unconfirmed(token, now)
        return self._database.read(lambda c: c.execute(wanted).first()) is not None

    def confirm(self, token: str, now: datetime) -> Subscriber | None:
        """Return who is on the list by this press; None for a token that is used, old or unknown.

        All sign-ups of the address are used up with it. Its leave token stays the one it had.
        """
        leave = token_urlsafe(_TOKEN_BYTES)
        confirmed: list[str] = []  # by this press: its commit may have been done, and not be known

        def work(connection: Connection) -> Subscriber | None:
            row = connection.execute(_unconfirmed(token, now)).first()
            if row is None:
                return _find(connection, confirmed[-1]) if confirmed else None
            confirmed.append(row.address)
            fields = {"categories": row.categories, "confirmed": now.date(), "state": "active"}
            added = upsert_into(connection.dialect.name, SUBSCRIBERS).values(
                address=row.address, token=leave, changed=now, **fields
            )
            connection.execute(
                added.on_conflict_do_update(
                    index_elements=[SUBSCRIBERS.c.address], set_={**fields, "changed": now}
                )
            )
            connection.execute(delete(SIGN_UPS).where(SIGN_UPS.c.address == row.address))
            return _find(connection, row.address)

        return self._database.write(work)

    def leaving(self, token: str) -> str | None:
        """Return the state of the subscriber with this token: `active`, `left`, `dead` or None."""
        wanted = select(SUBSCRIBERS.c.state).where(SUBSCRIBERS.c.token == token)
        return self._database.read(lambda c: cast("str | None", c.scalar(wanted)))

    def leave(self, token: str, now: datetime) -> None:
        """Take a reader off the list. A token that is unknown changes nothing."""
        off = update(SUBSCRIBERS).where(
            SUBSCRIBERS.c.token == token, SUBSCRIBERS.c.state == "active"
        )
        self._database.write(lambda c: c.execute(off, {"state": "left", "changed": now}))

    def come_back(self, token: str, now: datetime) -> bool:
        """Put a reader who left within 48 hours on the list again; tell whether that was done."""
        on = update(SUBSCRIBERS).where(
            SUBSCRIBERS.c.token == token,
            SUBSCRIBERS.c.state == "left",
            SUBSCRIBERS.c.changed >= now - _KEPT,
        )
        self._database.write(lambda c: c.execute(on, {"state": "active", "changed": now}))
        return self.leaving(token) == "active"

    def mark_dead(self, address: str, now: datetime) -> bool:
        """Send nothing to an address any more; tell whether it is on the list at all."""
        dead = update(SUBSCRIBERS).where(SUBSCRIBERS.c.address == address)
        return _changed(self._database, dead.values(state="dead", changed=now)) > 0

    def forget(self, address: str) -> int:
        """Delete all that is known of an address; return how many rows that were."""
        return _changed(
            self._database,
            *(delete(one).where(one.c.address == address) for one in _WITH_ADDRESSES),
        )

    def clean_up(self, now: datetime) -> int:
        """Delete sign-ups that were not confirmed in 48 hours, and readers who left before that."""
        old = delete(SIGN_UPS).where(SIGN_UPS.c.at < now - _KEPT)
        left = delete(SUBSCRIBERS).where(
            SUBSCRIBERS.c.state == "left", SUBSCRIBERS.c.changed < now - _KEPT
        )
        return _changed(self._database, old, left)

    def subscribers(
        self, on_damaged: Callable[[str], None] = lambda _: None
    ) -> Iterator[Subscriber]:
        """Yield those who get mails, by address, without a transaction open meanwhile.

        One whose row cannot be read is passed over: `on_damaged` is told the address.
        """
        after = ""
        while page := self._page(after):
            for address, reader in page:
                after = address
                if reader is None:
                    on_damaged(address)
                else:
                    yield reader

    def counts(self) -> dict[str, int]:
        """Return how many addresses are in each state, and how many wait to be confirmed."""
        by_state = select(SUBSCRIBERS.c.state, func.count()).group_by(SUBSCRIBERS.c.state)
        rows = self._database.read(lambda c: c.execute(by_state).all())
        waiting = select(func.count()).select_from(SIGN_UPS)
        unconfirmed = self._database.read(lambda c: c.scalar(waiting) or 0)
        return {**{row[0]: row[1] for row in rows}, "waiting": unconfirmed}

    def begin(self, week: str, digest: str, now: datetime) -> Mailing:
        """Return the mailing of a week, begun now where none was. One has one text."""

        def work(connection: Connection) -> Mailing:
            added = upsert_into(connection.dialect.name, MAILINGS).on_conflict_do_nothing()
            connection.execute(added, [{"week": week, "digest": digest, "begun": now}])
            row = connection.execute(select(MAILINGS).where(MAILINGS.c.week == week)).one()
            return Mailing(row.begun, row.digest)

        return self._database.write(work)

    def mailing(self, week: str) -> Mailing | None:
        """Return the mailing of a week, None where it has not begun."""
        wanted = select(MAILINGS).where(MAILINGS.c.week == week)
        row = self._database.read(lambda c: c.execute(wanted).first())
        return None if row is None else Mailing(row.begun, row.digest)

    def deliveries(self, week: str) -> Mapping[str, DeliveryState]:
        """Return what became of the mail of a week, by address."""
        wanted = select(DELIVERIES.c.address, DELIVERIES.c.state).where(DELIVERIES.c.week == week)
        rows = self._database.read(lambda c: c.execute(wanted).all())
        return {row.address: row.state for row in rows}

    def results(self, week: str) -> Iterator[tuple[str, Delivery]]:
        """Yield address and delivery of each mail of a week, by address."""
        wanted = select(DELIVERIES).where(DELIVERIES.c.week == week).order_by(DELIVERIES.c.address)
        for row in self._database.read(lambda c: c.execute(wanted).all()):
            yield row.address, Delivery(state=row.state, answer=row.answer)

    def claim(self, week: str, address: str, now: datetime) -> bool:
        """Write that a mail is being handed over.

        Return False where another process has done so, or the reader has left meanwhile.
        """
        state = select(SUBSCRIBERS.c.state).where(SUBSCRIBERS.c.address == address)
        claimed = Delivery(state="sending")

        def work(connection: Connection) -> bool:
            if connection.scalar(state) != "active":
                return False
            return _write_if_open(connection, week, address, claimed, now)

        return self._database.write(work)

    def reopen(self, week: str) -> int:
        """Let the mails be sent again of which nobody knows whether they arrived; return how many."""
        unsure = update(DELIVERIES).where(
            DELIVERIES.c.week == week, DELIVERIES.c.state.in_(("sending", "unsure"))
        )
        return _changed(self._database, unsure.values(state="deferred"))

    def settle(self, week: str, address: str, delivery: Delivery, now: datetime) -> None:
        """Write what became of a mail that was claimed before."""
        fields = {"state": delivery.state, "answer": delivery.answer, "at": now}

        def work(connection: Connection) -> None:
            added = upsert_into(connection.dialect.name, DELIVERIES)
            added = added.values(week=week, address=address, **fields)
            connection.execute(
                added.on_conflict_do_update(
                    index_elements=list(DELIVERIES.primary_key), set_=fields
                )
            )

        self._database.write(work)

    def settle_unclaimed(self, week: str, address: str, delivery: Delivery, now: datetime) -> bool:
        """Write what became of a mail that was not claimed; tell whether that was done.

        What another process has written of it meanwhile stays, where no further `send` may change it.
        """
        return self._database.write(lambda c: _write_if_open(c, week, address, delivery, now))

    def check(self) -> None:
        """Raise StoreError or Busy where no sign-up can be read or written; nothing is changed."""

        def work(connection: Connection) -> None:
            connection.execute(select(SUBSCRIBERS.c.address).limit(1)).first()
            connection.execute(delete(SIGN_UPS).where(false()))

        self._database.try_writing(work)

    def _page(self, after: str) -> list[tuple[str, Subscriber | None]]:
        def page(*columns: Column[Any]) -> Executable:
            next_ones = SUBSCRIBERS.c.state == "active", SUBSCRIBERS.c.address > after
            return select(*columns).where(*next_ones).order_by(SUBSCRIBERS.c.address).limit(_PAGE)

        def work(connection: Connection) -> list[tuple[str, Subscriber | None]]:
            try:
                found = fetch(connection, page(*_READER), _subscriber, "a reader")
                return [(one.address, one) for one in found]
            except Unreadable:
                addresses = fetch(
                    connection,
                    page(SUBSCRIBERS.c.address),
                    lambda row: string(row.address),
                    "the address of a reader",
                )
                return [(address, _sound(connection, address)) for address in addresses]

        return self._database.read(work)


def _sound(connection: Connection, address: str) -> Subscriber | None:
    """Return a reader, None where the row cannot be read."""
    try:
        return _find(connection, address)
    except Unreadable:
        return None


def _find(connection: Connection, address: str) -> Subscriber:
    found = select(*_READER).where(SUBSCRIBERS.c.address == address)
    return fetch(connection, found, _subscriber, f"the reader {address}")[0]


def _unconfirmed(token: str, now: datetime) -> Any:  # noqa: ANN401 - a statement
    return select(SIGN_UPS).where(SIGN_UPS.c.token == token, SIGN_UPS.c.at >= now - _KEPT)


def _write_if_open(
    connection: Connection, week: str, address: str, delivery: Delivery, now: datetime
) -> bool:
    """Write what becomes of a mail where nothing is written, or it is to be tried again."""
    fields = {"state": delivery.state, "answer": delivery.answer, "at": now}
    added = upsert_into(connection.dialect.name, DELIVERIES).values(
        week=week, address=address, **fields
    )
    changed = added.on_conflict_do_update(
        index_elements=list(DELIVERIES.primary_key),
        set_=fields,
        where=DELIVERIES.c.state.in_(_OPEN),
    )
    if connection.execute(changed.returning(DELIVERIES.c.week)).first() is not None:
        return True
    ours = (DELIVERIES.c.week == week) & (DELIVERIES.c.address == address)
    written = connection.scalar(select(DELIVERIES.c.at).where(ours))
    return is_again(connection) and written == now


def _changed(database: Database, *statements: Executable) -> int:
    """Return how many rows the statements changed in one transaction."""

    def work(connection: Connection) -> int:
        found = (cast("CursorResult[Any]", connection.execute(one)) for one in statements)
        return sum(one.rowcount for one in found)

    return database.write(work)


def _listed(categories: tuple[str, ...]) -> str:
    return json.dumps(categories, ensure_ascii=False)


def _subscriber(row: Row[Any]) -> Subscriber:
    return Subscriber(
        address=row.address,
        token=row.token,
        categories=tuple(json.loads(row.categories)),
        confirmed=row.confirmed,
    )
