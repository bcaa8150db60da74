"""The categories that the tools of a workspace stand under, for a notice of one that is new."""

from panel.app.decision_index import DecisionIndex
from panel.app.decisions import RunPublication, with_publication
from panel.app.workspace import Workspace
from panel.domain.run_document import slug_of
from panel.errors import StoreError

_SHOWN = 12


def category_notice(workspace: Workspace, decided: RunPublication) -> str | None:
    """Return a sentence where the last decision set a category that no other tool has, else None.

    A category is taken as editors left it. Runs are read from the newest on, until one has it.
    """
    changes = decided.publication.history[-1].changes
    given = next((one.after for one in reversed(changes) if one.field == "category"), None)
    if given is None:
        return None
    index = DecisionIndex(workspace)
    index.refresh()
    others: set[str] = set()
    for path in reversed(workspace.runs.paths()):
        slug = slug_of(path)
        if slug == decided.publication.subject.tool:
            continue
        try:
            run = with_publication(workspace.runs.read(path), path, index.of_tool(slug)).public
        except StoreError:
            continue
        if run.tool.category == given:
            return None
        others.update((run.tool.category,) if run.tool.category else ())
    named = sorted(others)
    more = f" and {len(named) - _SHOWN} more" if named[_SHOWN:] else ""
    there = f"there are: {', '.join(named[:_SHOWN])}{more}" if named else "no other tool has one"
    return f"category {given} is new here; {there}."
