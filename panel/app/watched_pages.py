"""The pages that are watched: those that the runs came from which are published now."""

from collections.abc import Sequence

from panel.app.decision_index import fold_runs
from panel.app.decisions import as_public
from panel.app.workspace import Workspace
from panel.domain.addresses import is_address
from panel.domain.watched_page import WatchedPage
from panel.editorial.publication import current
from panel.errors import ConfigError, StoreError
from panel.ports import Ledger

_AT_A_TIME = 200


def watched_pages(workspace: Workspace, names: Sequence[str] = ()) -> tuple[WatchedPage, ...]:
    """Return the pages of the published tools, or of those with these slugs, by slug.

    What was decided since the last time is taken in first. Raises ConfigError where one of `names` is
    not published, StoreError and Busy.
    """
    pages: dict[str, WatchedPage] = {}
    if workspace.has_ledger:
        with workspace.ledger() as ledger:
            _take_in(workspace, ledger)
            pages = {page.tool: page for page in ledger.watched.all() if _is_watched(page)}
    for name in names:
        if name not in pages:
            raise ConfigError(
                f"{name}: no tool of that slug is published. `shipskip watch list` shows all."
            )
    return tuple(page for slug, page in pages.items() if not names or slug in names)


def forget_page(workspace: Workspace, name: str) -> None:
    """Have the page of the tool with this slug begin anew: what was found on it is let go of.

    Its run and its address are taken from the decisions again. Raises ConfigError where no page of
    such a tool is kept, StoreError and Busy.
    """
    kept = False
    if workspace.has_ledger:
        with workspace.ledger() as ledger:
            kept = ledger.watched.forget(name)
            if kept and (past := ledger.decisions.of_tool(name)):
                page = _page_of(workspace, ledger, name, past[-1].number)
                ledger.watched.follow([page])
    if not kept:
        raise ConfigError(
            f"{name}: nothing is kept of a page of such a tool. `shipskip watch list` shows all."
        )


def _is_watched(page: WatchedPage) -> bool:
    return page.run is not None or page.answer == "damaged"


def _take_in(workspace: Workspace, ledger: Ledger) -> None:
    """Have the ledger watch the pages of what is published by now."""
    decided = {
        one.subject.tool: one.number for one in ledger.decisions.after(ledger.watched.upto())
    }
    # Oldest first, so that the newest number that is kept says how far it came.
    slugs = sorted(decided, key=decided.__getitem__)
    for start in range(0, len(slugs), _AT_A_TIME):
        some = slugs[start : start + _AT_A_TIME]
        ledger.watched.follow([_page_of(workspace, ledger, slug, decided[slug]) for slug in some])


def _page_of(workspace: Workspace, ledger: Ledger, slug: str, decided: int) -> WatchedPage:
    past = ledger.decisions.of_tool(slug)
    public = current(fold_runs(past)).get(slug)
    if public is None or public.state != "approved":
        return WatchedPage(tool=slug, name=past[-1].subject.name, decided=decided)
    subject, url, why = public.subject, None, None
    try:
        path = workspace.runs.find(subject.day, subject.run)
        run = as_public(workspace.runs.read(path), public) if path is not None else None
    except StoreError as error:
        run, why = None, str(error)
    if run is not None and run.tool.url is not None and is_address(run.tool.url):
        url = run.tool.url
    return WatchedPage(
        tool=slug,
        name=subject.name,
        decided=decided,
        day=subject.day,
        run=subject.run,
        url=url,
        why=why,
    )
