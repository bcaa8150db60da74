"""The server of `shipskip mcp`: five tools and a resource over standard input and output.

It reads and starts, and never decides: no tool of it approves, edits, releases or publishes anything,
since a chat model may have read a vendor's text before it calls.
"""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any, Final

from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ResourceError, ToolError
from mcp.types import ToolAnnotations
from pydantic import ValidationError

from panel.app.workspace import Workspace
from panel.domain.validation import describe_fault
from panel.errors import PanelError
from panel.mcp.answers import READING
from panel.mcp.tools import PanelTools
from panel.publish.cells import plain

_INSTRUCTIONS: Final = (
    "Shipskip puts new AI tools before a panel of AI reviewers: ship or skip. `review` starts a panel, "
    "`run` says how it goes, `queue` what waits for an editor, `compare` sets tools side by side, "
    "`search` finds published verdicts. Nothing here approves or publishes: an editor does, at "
    f"`shipskip desk` or with `shipskip approve`. {READING}"
)
_MOST_OF_A_FAULT: Final = 600
_READS: Final = ToolAnnotations(read_only_hint=True, open_world_hint=False)
_STARTS: Final = ToolAnnotations(read_only_hint=False, destructive_hint=False)


def make_server(workspace: Workspace) -> MCPServer[None]:
    """Return the server of a workspace, to be run: `make_server(workspace).run()`.

    Reviews that it started are stopped when it ends; `shipskip review` goes on with them.
    """
    tools = PanelTools(workspace)

    @asynccontextmanager
    async def lifespan(_: MCPServer[None]) -> AsyncIterator[None]:
        try:
            yield
        finally:
            await tools.close()

    server = _OneLineServer(
        "shipskip", instructions=_INSTRUCTIONS, log_level="WARNING", lifespan=lifespan
    )
    server.add_tool(tools.review, annotations=_STARTS)
    for read in (tools.run, tools.compare, tools.queue, tools.search):
        server.add_tool(read, annotations=_READS)
    server.resource("run://{run}", name="run", mime_type="application/json")(tools.run_document)
    return server


class _OneLineServer(MCPServer[None]):
    """A server that answers each fault of a caller with one line, and goes on."""

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[None, Any] | None = None
    ) -> Any:  # noqa: ANN401 - one of two results of the SDK
        try:
            return await super().call_tool(name, arguments, context)
        except ToolError as error:
            line = _line(error)
            if line is None:
                raise
            raise ToolError(line) from error.__cause__

    async def read_resource(self, uri: Any, context: Context[None, Any] | None = None) -> Any:  # noqa: ANN401 - as in the SDK
        try:
            return await super().read_resource(uri, context)
        except ResourceError as error:
            line = _line(error)
            if line is None:
                raise
            raise ResourceError(line) from error.__cause__


def _line(error: ToolError | ResourceError) -> str | None:
    """Return what is wrong on one line; None for a bug, of which the caller is told no more."""
    cause = error.__cause__
    if isinstance(cause, ValidationError):
        return _shortened("; ".join(_complaints(cause)))
    if isinstance(cause, PanelError):
        return _shortened(str(cause))
    return _shortened(str(error)) if cause is None else None


def _complaints(error: ValidationError) -> Iterable[str]:
    for one in error.errors(include_url=False, include_input=False):
        yield f"{'.'.join(map(str, one['loc']))}: {describe_fault(one)}"


def _shortened(text: str) -> str:
    line = plain(" ".join(text.split()))
    return line if len(line) <= _MOST_OF_A_FAULT else f"{line[:_MOST_OF_A_FAULT]}…"
