"""Shipskip: a panel of AI reviewers reads a tool, a rule makes the verdict, a page compares.

    from panel import ReviewOptions, review

    found = review("my-tool.md", ReviewOptions(models=("openai:gpt-5.4-mini",)))
    print(found.run.verdict.decision, found.page)

Names are loaded at their first use, so that importing this package stays cheap.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from panel.app.compare import compare
    from panel.app.panels import ReviewOptions
    from panel.app.publish import PublishedComparison, PublishedRun
    from panel.app.replay import ReplayResult, replay
    from panel.app.review import ReviewService, areview, review
    from panel.app.workspace import Workspace
    from panel.domain.run import Run
    from panel.domain.tool import Tool
    from panel.domain.verdict import Verdict
    from panel.errors import (
        AddressRefused,
        AlreadyResolved,
        Amended,
        Busy,
        ConfigError,
        ExitCode,
        FeedError,
        FetchError,
        FormerRun,
        GateRefused,
        MailError,
        Overtaken,
        PanelError,
        ProviderError,
        Refused,
        ReplayError,
        Stopped,
        StoreError,
        Tampered,
        ToolError,
        Transient,
        UnreadableRow,
        Unusable,
        Waiting,
    )
    from panel.store.tool_files import read_tool

    __version__: str

_ERRORS = (
    "AddressRefused AlreadyResolved Amended Busy ConfigError ExitCode FeedError FetchError FormerRun "
    "GateRefused MailError Overtaken PanelError ProviderError Refused ReplayError Stopped StoreError "
    "Tampered ToolError Transient UnreadableRow Unusable Waiting"
).split()
_HOMES = {
    "PublishedComparison": "panel.app.publish",
    "PublishedRun": "panel.app.publish",
    "ReplayResult": "panel.app.replay",
    "ReviewOptions": "panel.app.panels",
    "ReviewService": "panel.app.review",
    "Run": "panel.domain.run",
    "Tool": "panel.domain.tool",
    "Verdict": "panel.domain.verdict",
    "Workspace": "panel.app.workspace",
    "areview": "panel.app.review",
    "compare": "panel.app.compare",
    "read_tool": "panel.store.tool_files",
    "replay": "panel.app.replay",
    "review": "panel.app.review",
    **dict.fromkeys(_ERRORS, "panel.errors"),
}

__all__ = [
    "AddressRefused",
    "AlreadyResolved",
    "Amended",
    "Busy",
    "ConfigError",
    "ExitCode",
    "FeedError",
    "FetchError",
    "FormerRun",
    "GateRefused",
    "MailError",
    "Overtaken",
    "PanelError",
    "ProviderError",
    "PublishedComparison",
    "PublishedRun",
    "Refused",
    "ReplayError",
    "ReplayResult",
    "ReviewOptions",
    "ReviewService",
    "Run",
    "Stopped",
    "StoreError",
    "Tampered",
    "Tool",
    "ToolError",
    "Transient",
    "UnreadableRow",
    "Unusable",
    "Verdict",
    "Waiting",
    "Workspace",
    "__version__",
    "areview",
    "compare",
    "read_tool",
    "replay",
    "review",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - any of the public names
    if name == "__version__":
        return import_module("importlib.metadata").version("shipskip")
    if name not in _HOMES:
        raise AttributeError(f"module 'panel' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
