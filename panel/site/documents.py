"""What the pages of the site say, as JSON documents with stable keys."""

from collections.abc import Sequence

from panel.domain.community import Community
from panel.domain.last_audit import LastAudit
from panel.publish.catalogue import Identity
from panel.publish.documents import (
    VERSION,
    Document,
    run_document,
    state_comparison,
    state_verdict,
)
from panel.publish.history import VerdictEvent, history_of
from panel.publish.notices import Notice, field_name, notices_of
from panel.publish.published import PublishedTool, SiteComparison
from panel.publish.rows import Row

_INTERNAL = ("pending", "held", "release", "unpriced", "approved", "edits", "corrections")


def tool_document(
    identity: Identity,
    tool: PublishedTool,
    notices: list[Notice],
    community: Community | None,
    audit: LastAudit | None,
) -> Document:
    """Return the document of a tool's page; a withdrawn one has its reason and no review.

    `audit` is the last one of the panel that reviewed the tool, None where there is none.
    """
    head = _head(identity, tool, notices)
    if tool.is_withdrawn:
        return head
    events = [event_document(identity, one) for one in history_of(tool)]
    audited = None if audit is None else audit.model_dump(mode="json", exclude={"ship_rates"})
    return {
        **_public(run_document(tool.run, community)),
        **head,
        "audit": audited,
        "history": events,
    }


def replaced_document(identity: Identity, page: PublishedTool, tool: PublishedTool) -> Document:
    """Return the document of a run that another one has replaced on the page of its tool."""
    head = _head(identity, tool, list(notices_of(tool)))
    return {
        **_public(run_document(tool.run)),
        **head,
        "state": "replaced",
        "url": identity.url(page.path),
    }


def event_document(identity: Identity, event: VerdictEvent) -> Document:
    """Return an event of a tool's history as a document."""
    record = event.record
    return {
        "number": event.number,
        "event": event.kind,
        "at": event.at.isoformat(),
        "editor": event.editor,
        "reason": event.reason,
        "verdict": event.told,
        "verdict_before": event.before,
        "votes": {vote.name: vote.vote for vote in event.votes},
        "changes": [
            {"field": one.label, "before": one.before, "after": one.after} for one in event.shifts
        ],
        "tags": list(event.tags),
        "run": event.tool.publication.subject.run,
        "record": identity.url(record) if record else None,
    }


def pair_document(identity: Identity, one: SiteComparison) -> Document:
    """Return the document of a comparison's page; a withdrawn one says which tools are."""
    head = {"url": identity.url(one.path), "comparison": one.slug}
    if one.is_withdrawn:
        gone = [tool.slug for tool in one.tools if tool.is_withdrawn]
        return {"v": VERSION, "kind": "comparison", **head, "state": "withdrawn", "withdrawn": gone}
    tools = [
        {
            "slug": tool.slug,
            "name": tool.name,
            "url": identity.url(tool.path),
            "twin": identity.url(f"{tool.path}index.json"),
            "decision": tool.decision,
            "verdict": state_verdict(tool.run),
        }
        for tool in one.tools
    ]
    return {**state_comparison(one.comparison), "tools": tools, **head, "state": "approved"}


def rows_document(identity: Identity, title: str, path: str, rows: list[Row]) -> Document:
    """Return the document of a list of tools."""
    return {
        "v": VERSION,
        "kind": "list",
        "title": title,
        "url": identity.url(path),
        "tools": [
            {
                "slug": row.tool.slug,
                "name": row.tool.name,
                "url": identity.url(row.tool.path),
                "decision": row.tool.decision,
                "ships": row.ships,
                "votes": row.cards,
            }
            for row in rows
        ],
    }


def notices_document(identity: Identity, notices: Sequence[Notice]) -> Document:
    """Return the document of the page of corrections."""
    listed = [notice_document(identity, notice) for notice in notices]
    return {"v": VERSION, "kind": "corrections", "corrections": listed}


def notice_document(identity: Identity, notice: Notice) -> Document:
    """Return a correction, an override or a withdrawal as a document."""
    return {
        "number": notice.correction.number,
        "kind": notice.correction.kind,
        "tool": notice.tool.slug,
        "url": identity.url(notice.tool.path),
        "at": notice.correction.at.isoformat(),
        "editor": notice.correction.editor,
        "reason": notice.correction.reason,
        "moved": notice.correction.moved,
        "changes": [
            {"field": field_name(one), "before": one.before, "after": one.after, "found": one.found}
            for one in notice.correction.changes
        ],
    }


def _head(identity: Identity, tool: PublishedTool, notices: list[Notice]) -> Document:
    publication = tool.publication
    approval, override = publication.approval, publication.override
    return {
        "v": VERSION,
        "kind": "tool",
        "url": identity.url(tool.path),
        "state": publication.state,
        "decision": None if tool.is_withdrawn else tool.decision,
        "approved": {"at": approval.at.isoformat(), "editor": approval.editor}
        if approval
        else None,
        "override": override.model_dump(mode="json") if override else None,
        "edits": [change.model_dump(mode="json") for change in publication.changes],
        "corrections": [notice_document(identity, notice) for notice in notices],
    }


def _public(document: Document) -> Document:
    return {key: value for key, value in document.items() if key not in _INTERNAL}
