"""What the source of a tool holds beside what is shown of it: kept where a person has to look at it."""

import asyncio
from collections.abc import Iterable

from panel.domain.feed import Entry
from panel.domain.flag import Flag
from panel.domain.tool import Tool
from panel.screening.screener import screen_tool, screener


def entry_tool(entry: Entry) -> Tool:
    """Return the tool that `entry` announces; an entry without a text is described by its title.

    The version of a release is said before its notes.
    """
    text = entry.text.strip()
    if text and entry.version:
        text = f"Version: {entry.version}\n\n{text}"
    tool = Tool(
        name=entry.title,
        description=text or entry.title,
        category=entry.category,
        url=entry.link,
    )
    return keep_original(tool, entry.original)


def keep_original(tool: Tool, original: str) -> Tool:
    """Return `tool` with `original` if that gives a reason to hold it that its own texts do not give.

    So what cleaning and reading markup took away is screened as if it stood in a tool's own file, and
    an honest tool carries nothing.
    """
    if not original:
        return tool
    found = _holding(screener().screen(tool.name, {"original": original}))
    if not found or found <= _holding(screen_tool(tool)):
        return tool
    both = f"{tool.original}\n\n{original}" if tool.original else original
    return tool.model_copy(update={"original": both})


async def akeep_original(tool: Tool, original: str) -> Tool:
    """Return the same and let the event loop go on meanwhile: the original may be a long page."""
    return await asyncio.to_thread(keep_original, tool, original)


def _holding(flags: Iterable[Flag]) -> frozenset[str]:
    return frozenset(flag.kind for flag in flags if flag.holds)
