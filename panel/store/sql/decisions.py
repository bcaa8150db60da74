"""The decisions of the editors: rows of the journal, each with all that it says as its document."""

from collections.abc import Iterator
from functools import partial
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import ColumnElement, Connection, Executable, Row, bindparam, select

from panel.domain.decision import KINDS, Draft, EditorialDecision, SiteBuild
from panel.domain.mailing import DigestApproval
from panel.errors import Overtaken
from panel.store.sql.columns import utc
from panel.store.sql.journal import Journal, JournalEnd, is_written
from panel.store.sql.mapping import fetch, integer, string
from panel.store.sql.schema import JOURNAL

_PAGE: Final = 1_000
_SITE, _BUILT = "site", "built"
_APPROVED: Final = "approve_digest"
_ACTOR: Final = "site build"
_ROW: Final = select(JOURNAL.c.number, JOURNAL.c.action, JOURNAL.c.document)
_HAS_DOCUMENT: Final[ColumnElement[bool]] = JOURNAL.c.document.is_not(None)
_OF_OBJECT: Final = (
    _ROW.where(_HAS_DOCUMENT, JOURNAL.c.object == bindparam("b_object"))
    .where(JOURNAL.c.action.in_(KINDS))
    .order_by(JOURNAL.c.number)
)
_LAST_OF_OBJECT: Final = (
    _ROW.where(_HAS_DOCUMENT, JOURNAL.c.object == bindparam("b_object"))
    .order_by(JOURNAL.c.number.desc())
    .limit(1)
)
_AFTER: Final = (
    _ROW.where(_HAS_DOCUMENT, JOURNAL.c.number > bindparam("b_after"))
    .where(JOURNAL.c.action.in_(KINDS))
    .order_by(JOURNAL.c.number)
    .limit(_PAGE)
)


class Decisions:
    """The decisions of the editors; see `ports.Decisions`."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def add(self, draft: Draft, seen: int) -> EditorialDecision:
        """Return the decision, written after the one that its editor saw last on the tool.

        `seen` is the number of that one, 0 where there was none. Raises Overtaken where there is a
        newer one by now: nothing is written then.
        """
        draft = draft.model_copy(update={"at": utc(draft.at)})
        return self._journal.write(partial(_add, draft=draft, seen=seen, ticket=uuid4().hex))

    def of_tool(self, slug: str) -> tuple[EditorialDecision, ...]:
        """Return the decisions on the runs of one tool, oldest first."""
        return tuple(self._read(_OF_OBJECT, {"b_object": _object(slug)}))

    def after(self, number: int = 0) -> Iterator[EditorialDecision]:
        """Yield the decisions on all tools after the one of that number, oldest first."""
        while page := self._read(_AFTER, {"b_after": number}):
            yield from page
            number = page[-1].number

    def record_build(self, build: SiteBuild) -> None:
        """Write down a build of the public site: what it has cannot be undone any more."""
        ticket = uuid4().hex

        def work(connection: Connection, end: JournalEnd) -> None:
            if not is_written(connection, ticket):
                end.add(
                    build.at,
                    _ACTOR,
                    _BUILT,
                    _SITE,
                    after=build.digest,
                    document=build.model_dump_json(),
                    ticket=ticket,
                )

        self._journal.write(work)

    def last_build(self) -> SiteBuild | None:
        """Return the last build of the public site, if there was one."""
        found = self._journal.database.read(
            lambda c: fetch(c, _LAST_OF_OBJECT, _build, "a build of the site", {"b_object": _SITE})
        )
        return found[0] if found else None

    def approve_digest(self, approval: DigestApproval) -> None:
        """Write down that an editor approved the weekly mail."""
        ticket = uuid4().hex
        approval = approval.model_copy(update={"at": utc(approval.at)})

        def work(connection: Connection, end: JournalEnd) -> None:
            if not is_written(connection, ticket):
                end.add(
                    approval.at,
                    approval.editor,
                    _APPROVED,
                    _mail(approval.week),
                    after=approval.digest,
                    reason=approval.reason,
                    document=approval.model_dump_json(),
                    ticket=ticket,
                )

        self._journal.write(work)

    def digest_approval(self, week: str) -> DigestApproval | None:
        """Return the last approval of a week's mail, if there was one."""
        values = {"b_object": _mail(week)}
        found = self._journal.database.read(
            lambda c: fetch(c, _LAST_OF_OBJECT, _approval, "an approval of a mail", values)
        )
        return found[0] if found else None

    def _read(self, statement: Executable, values: dict[str, Any]) -> list[EditorialDecision]:
        return self._journal.database.read(
            lambda c: fetch(c, statement, _decision, "an editor's decision", values)
        )


def _add(
    connection: Connection, end: JournalEnd, *, draft: Draft, seen: int, ticket: str
) -> EditorialDecision:
    object_ = _object(draft.subject.tool)
    last = _last(connection, end, object_)
    if last is not None and last.number != seen:
        if is_written(connection, ticket):
            return _written(connection, ticket)
        at = f"{last.at:%Y-%m-%d %H:%M} UTC"
        raise Overtaken(
            f"{draft.subject.name}: {last.editor} decided on it meanwhile ({last.kind}, {at}), and "
            "nothing was written. Look at it as it is now, and decide again.",
            number=last.number,
        )
    end.add(
        draft.at,
        draft.editor,
        draft.kind,
        object_,
        after=draft.grounds.run,
        reason=draft.reason,
        document=draft.model_dump_json(),
        ticket=ticket,
    )
    return EditorialDecision(number=end.number, **dict(draft))


def _last(connection: Connection, end: JournalEnd, object_: str) -> EditorialDecision | None:
    """Return the last decision on an object, one of the same transaction among them."""
    for row in reversed(end.rows):
        if row["object"] == object_ and row["document"] is not None:
            return _read_decision(row["number"], row["document"])
    found = fetch(
        connection, _LAST_OF_OBJECT, _decision, "an editor's decision", {"b_object": object_}
    )
    return found[0] if found else None


def _written(connection: Connection, ticket: str) -> EditorialDecision:
    found = fetch(
        connection, _ROW.where(JOURNAL.c.ticket == ticket), _decision, "an editor's decision"
    )
    return found[0]


def _object(slug: str) -> str:
    return f"tool {slug}"


def _decision(row: Row[Any]) -> EditorialDecision:
    return _read_decision(integer(row.number), string(row.document))


def _read_decision(number: int, document: str) -> EditorialDecision:
    # The number is put into the document: to make the decision out of a draft takes as long again.
    return EditorialDecision.model_validate_json(f'{{"number":{number},{document[1:]}')


def _mail(week: str) -> str:
    return f"digest {week}"


def _approval(row: Row[Any]) -> DigestApproval:
    return DigestApproval.model_validate_json(string(row.document))


def _build(row: Row[Any]) -> SiteBuild:
    return SiteBuild.model_validate_json(string(row.document))
