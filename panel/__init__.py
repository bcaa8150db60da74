"""Shipskip: a panel of AI reviewers reads a tool, a rule makes the verdict, a page compares.

    from panel import Session, ReviewOptions, Workspace, read_tool

Names are loaded at their first use, so that importing this package stays cheap.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from panel.app.replay import replay_runs
    from panel.app.session import Session
    from panel.app.workspace import ReviewOptions, Workspace
    from panel.store.tool_files import read_tool

_HOMES = {
    "Session": "panel.app.session",
    "ReviewOptions": "panel.app.workspace",
    "Workspace": "panel.app.workspace",
    "read_tool": "panel.store.tool_files",
    "replay_runs": "panel.app.replay",
}

__all__ = ["ReviewOptions", "Session", "Workspace", "read_tool", "replay_runs"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - any of the public names
    if name not in _HOMES:
        raise AttributeError(f"module 'panel' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
