"""The pages that are watched: which run each belongs to, what was found there, and what changed."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, TypeVar
from uuid import uuid4

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select, update

from panel.domain.feed import Validators
from panel.domain.value import Value
from panel.domain.watched_page import FlipCheck, PageChange, PageText, WatchedPage
from panel.store.sql.columns import utc
from panel.store.sql.faults import Unreadable
from panel.store.sql.journal import Journal, JournalEnd, is_written
from panel.store.sql.mapping import fetch, integer, string
from panel.store.sql.schema import JOURNAL, JOURNAL_HEAD
from panel.store.sql.schema import WATCHED_PAGES as PAGES

if TYPE_CHECKING:
    from panel.domain.usage import Paid, PaidQuestion

V = TypeVar("V", bound=Value)
_ACTOR: Final = "watch"
_CHANGED, _FLIPS, _PAID = "page_changed", "flips_checked", "question_paid"
_PLAIN: Final = tuple(name for name in WatchedPage.model_fields if name != "validators")
_VALIDATORS: Final = tuple(Validators.model_fields)
_PAGE: Final = select(*(PAGES.c[name] for name in (*_PLAIN, *_VALIDATORS))).order_by(PAGES.c.tool)
_OF_OBJECT: Final = (
    select(JOURNAL.c.document)
    .where(JOURNAL.c.document.is_not(None), JOURNAL.c.object == bindparam("b_object"))
    .where(JOURNAL.c.action == bindparam("b_action"))
    .order_by(JOURNAL.c.number)
)
_OF_ACTION: Final = (
    select(JOURNAL.c.document)
    .where(JOURNAL.c.document.is_not(None), JOURNAL.c.action == bindparam("b_action"))
    .order_by(JOURNAL.c.number)
)
_ALL: Final = (
    select(JOURNAL.c.object, JOURNAL.c.action, JOURNAL.c.document)
    .where(JOURNAL.c.document.is_not(None), JOURNAL.c.action.in_((_CHANGED, _FLIPS)))
    .order_by(JOURNAL.c.number)
)


class WatchedPages:
    """The watched pages; see `ports.WatchedPages`."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._database = journal.database

    def upto(self) -> int:
        """Return the number of the last decision that the pages were taken from, 0 for none."""
        sound = PAGES.c.decided <= select(JOURNAL_HEAD.c.number).scalar_subquery()
        newest = select(func.coalesce(func.max(PAGES.c.decided), 0).label("number")).where(sound)
        found = self._database.read(
            lambda c: fetch(c, newest, lambda row: integer(row.number), "a watched page")
        )
        return found[0]

    def follow(self, pages: Sequence[WatchedPage]) -> None:
        """Have the pages of these tools be those of the runs that are published now.

        What was found on a page stays, where its address is the same. A page that was taken from a
        newer decision stays as it is.
        """

        def work(connection: Connection, end: JournalEnd) -> None:
            for page in pages:
                _follow(connection, page, end.number)

        self._journal.write(work)

    def all(self) -> tuple[WatchedPage, ...]:
        """Return the pages of all tools that were ever published, in the order of their slugs.

        One whose row cannot be read has its slug alone, and the answer `damaged` with what to do.
        """
        return tuple(self._database.read(_fetch_pages))

    def text(self, tool: str) -> PageText | None:
        """Return what the page of a tool says; None before it could be read."""
        wanted = select(PAGES.c.text, PAGES.c.unconfirmed).where(
            PAGES.c.tool == tool, PAGES.c.text.is_not(None)
        )
        found = self._database.read(lambda c: fetch(c, wanted, _read_text, _what(tool)))
        return found[0] if found else None

    def forget(self, tool: str) -> bool:
        """Let go of what was found on the page of a tool; False where nothing is kept of it."""

        def work(connection: Connection, _: JournalEnd) -> bool:
            return connection.execute(delete(PAGES).where(PAGES.c.tool == tool)).rowcount > 0

        return self._journal.write(work)

    def keep(
        self,
        before: WatchedPage,
        after: WatchedPage,
        text: PageText | None,
        change: PageChange | None,
    ) -> bool:
        """Keep what a look found, and the change with it; a `text` of None leaves the last one.

        `before` is the page as it was when the look began: where another look has ended since, or
        another run was published, nothing is kept and the answer is False.
        """
        ticket = uuid4().hex
        values = {**_columns(after), **({} if text is None else dict(text))}

        def work(connection: Connection, end: JournalEnd) -> bool:
            if is_written(connection, ticket):
                return True
            now = fetch(
                connection, _PAGE.where(PAGES.c.tool == before.tool), _read_page, _what(before.tool)
            )
            if not now or (now[0].checked, now[0].decided) != (before.checked, before.decided):
                return False
            connection.execute(update(PAGES).where(PAGES.c.tool == before.tool).values(**values))
            if change is not None:
                _note(end, _CHANGED, change, ticket)
            return True

        return self._journal.write(work)

    def changes(self, tool: str) -> tuple[PageChange, ...]:
        """Return what the page of a tool has said otherwise, oldest first."""
        return self._documents(tool, _CHANGED, PageChange)

    def unasked(self) -> tuple[PageChange, ...]:
        """Return the last change of each tool's page, where no model was asked about it yet."""
        return tuple(self._database.read(_fetch_unasked))

    def add_flip_check(self, check: FlipCheck) -> None:
        """Keep what a model said on the conditions of a tool's reviewers."""
        ticket = uuid4().hex

        def work(connection: Connection, end: JournalEnd) -> None:
            if not is_written(connection, ticket):
                _note(end, _FLIPS, check, ticket)

        self._journal.write(work)

    def add_cost(self, question: "PaidQuestion") -> None:
        """Keep what a call that asked about a page cost."""
        ticket = uuid4().hex

        def work(connection: Connection, end: JournalEnd) -> None:
            if not is_written(connection, ticket):
                _note(end, _PAID, question, ticket)

        self._journal.write(work)

    def costs(self) -> "tuple[Paid, ...]":
        """Return what all such calls cost, oldest first."""
        from panel.domain.usage import PaidQuestion  # noqa: PLC0415 - made of all that a run is

        rows = self._database.read(
            lambda c: fetch(
                c,
                _OF_ACTION,
                lambda row: PaidQuestion.model_validate_json(string(row.document)),
                "the cost of a question",
                {"b_action": _PAID},
            )
        )
        return tuple(row.paid for row in rows)

    def flip_checks(self, tool: str) -> tuple[FlipCheck, ...]:
        """Return what models said on the conditions of a tool's reviewers, oldest first."""
        return self._documents(tool, _FLIPS, FlipCheck)

    def _documents(self, tool: str, action: str, kind: type[V]) -> tuple[V, ...]:
        values = {"b_object": _object(tool), "b_action": action}
        return tuple(
            self._database.read(
                lambda c: fetch(
                    c,
                    _OF_OBJECT,
                    lambda row: kind.model_validate_json(string(row.document)),
                    f"a change of the page of {tool}",
                    values,
                )
            )
        )


def _follow(connection: Connection, page: WatchedPage, newest: int) -> None:
    """Write the run of a page, unless it is there from a newer decision already.

    No decision is newer than row `newest` of the journal, whatever a page says. A page that cannot
    be read stays as it is, until an editor has it forgotten.
    """
    wanted = PAGES.c.tool == page.tool
    try:
        known = fetch(connection, _PAGE.where(wanted), _read_page, _what(page.tool))
    except Unreadable:
        return
    if known and page.decided < known[0].decided <= newest:
        return
    if known and known[0].url == page.url:
        named = {name: getattr(page, name) for name in ("name", "decided", "day", "run")}
        connection.execute(update(PAGES).where(wanted).values(**named))
        return
    connection.execute(delete(PAGES).where(wanted))
    connection.execute(insert(PAGES).values(tool=page.tool, **_columns(page)))


def _fetch_pages(connection: Connection) -> list[WatchedPage]:
    try:
        return fetch(connection, _PAGE, _read_page, "a watched page")
    except Unreadable:
        keys = select(PAGES.c.tool).order_by(PAGES.c.tool)
        tools = fetch(connection, keys, lambda row: string(row.tool), "the slug of a watched page")
        return [_fetch_page(connection, tool) for tool in tools]


def _fetch_page(connection: Connection, tool: str) -> WatchedPage:
    try:
        return fetch(connection, _PAGE.where(PAGES.c.tool == tool), _read_page, _what(tool))[0]
    except Unreadable:
        return WatchedPage(tool=tool, name=tool, decided=0).damaged()


def _fetch_unasked(connection: Connection) -> list[PageChange]:
    rows = fetch(connection, _ALL, _read_row, "a change of a page")
    last = {object_: (action, document) for object_, action, document in rows}
    try:
        return [
            PageChange.model_validate_json(document)
            for action, document in last.values()
            if action == _CHANGED
        ]
    except ValueError as error:
        raise Unreadable("a change of a page") from error


def _note(
    end: JournalEnd, action: str, document: "PageChange | FlipCheck | PaidQuestion", ticket: str
) -> None:
    end.add(
        utc(document.at),
        _ACTOR,
        action,
        _object(document.tool),
        document=document.model_dump_json(),
        ticket=ticket,
    )


def _read_row(row: Row[Any]) -> tuple[str, str, str]:
    return string(row.object), string(row.action), string(row.document)


def _read_text(row: Row[Any]) -> PageText:
    return PageText(text=row.text, unconfirmed=row.unconfirmed)


def _what(tool: str) -> str:
    return f"what is kept of the page of {tool}"


def _object(tool: str) -> str:
    return f"page {tool}"


def _columns(page: WatchedPage) -> dict[str, Any]:
    """Return the columns of a page, its key and its text excepted."""
    plain = {name: getattr(page, name) for name in _PLAIN if name != "tool"}
    return {**plain, **dict(page.validators)}


def _read_page(row: Row[Any]) -> WatchedPage:
    """Return the page in a row. Raises ValueError where it is none."""
    validators = dict(zip(_VALIDATORS, row[len(_PLAIN) :], strict=True))
    given = dict(zip(_PLAIN, row, strict=False))
    return WatchedPage.model_validate({**given, "validators": validators})
