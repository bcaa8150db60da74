"""The tools that a chat client calls; the first line of each docstring is what its model is told."""

import asyncio
import re
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field

from panel.app.compare import compare_published
from panel.app.decision_index import DecisionIndex
from panel.app.decisions import publication, waiting
from panel.app.panels import ReviewOptions
from panel.app.sources import has_scheme, load_tool, parse_pasted
from panel.app.started_reviews import StartedReviews
from panel.app.workspace import Workspace
from panel.domain.ballot import Decision
from panel.domain.cleaning import clean
from panel.domain.comparison import FEWEST, MOST
from panel.domain.fence import fence
from panel.domain.tool import Tool
from panel.errors import Busy, ConfigError, FeedError, FetchError
from panel.errors import ToolError as UnreadableTool
from panel.mcp.answers import (
    ComparisonAnswer,
    QueueAnswer,
    RunAnswer,
    SearchAnswer,
    Started,
    answer_comparison,
    answer_queue,
    answer_run,
    answer_search,
)
from panel.mcp.search import PublishedVerdicts

_NAME: Final = r"^[a-z0-9-]{1,200}$"
Name = Annotated[
    str,
    Field(pattern=_NAME, description="A run's id, or the slug of a tool."),
]
Most = Annotated[int, Field(ge=1, le=100, description="How many are shown at most.")]
_MOST_AT_ONCE: Final = 4
_MOST_OF_A_FAULT: Final = 300


class PanelTools:
    """What a chat client may ask of a workspace: to read, and to start reviews.

    A method raises PanelError for what its caller can mend.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._started = StartedReviews(workspace)
        self._beginning = 0  # their tools are read, and they are not under way yet
        self._index = DecisionIndex(workspace)
        self._published = PublishedVerdicts(workspace, self._index)
        self._searching = asyncio.Lock()

    async def close(self) -> None:
        """Stop the reviews that were started here; each can be resumed."""
        await self._started.close()

    async def review(
        self,
        source: Annotated[
            str | None,
            Field(
                description="A web address, or a tool's file in the workspace (.md, .yaml, .json)."
            ),
        ] = None,
        text: Annotated[
            str | None,
            Field(
                description="Instead: Markdown with a `# Name`, or front matter that has a `name`."
            ),
        ] = None,
        models: Annotated[
            list[str] | None,
            Field(
                description="Model references such as `openai:MODEL`; else those of the settings."
            ),
        ] = None,
        max_cost_usd: Annotated[
            float | None, Field(gt=0, description="Stop before the calls cost more than this.")
        ] = None,
    ) -> Started:
        """Put a tool before the panel: starts, and returns the run's id to ask `run` for.

        It takes a minute or so. An unfinished run of the same tool is resumed.
        """
        if self._started.under_way + self._beginning >= _MOST_AT_ONCE:
            raise Busy(f"{_MOST_AT_ONCE} reviews are under way here. Wait for one to end.")
        options = ReviewOptions(models=tuple(models or ()), max_cost=self._cap(max_cost_usd))
        self._beginning += 1
        try:
            stored = await self._started.start(await self._load(source, text), options)
        finally:
            self._beginning -= 1
        run = stored.run.id
        return Started(
            run=run, resumed=stored.resumed, state=stored.run.state, next=f"call run with {run}"
        )

    async def run(self, run: Name) -> RunAnswer:
        """Say how a run goes: state, verdict, reviews, uncleared gates, and the tool's text, fenced."""
        found = await asyncio.to_thread(publication, self._workspace, run)
        name = found.run.id
        fault = self._started.fault(name)
        return answer_run(found, is_running=self._started.is_running(name), fault=fault)

    async def run_document(self, run: str) -> str:
        """A run as `run` answers it, as JSON."""
        if not re.fullmatch(_NAME, run):
            raise ConfigError(
                "A run's id has small letters, digits and hyphens. `queue` shows some."
            )
        return (await self.run(run)).model_dump_json(indent=1)

    async def compare(
        self,
        tools: Annotated[list[Name], Field(min_length=FEWEST, max_length=MOST)],
    ) -> ComparisonAnswer:
        """Set two to five published or finished tools side by side, as readers would see them."""
        found = await asyncio.to_thread(compare_published, self._workspace, tools)
        return answer_comparison(*found)

    async def queue(self, most: Most = 20) -> QueueAnswer:
        """List what waits for an editor, oldest first, with the uncleared gates."""
        found, faults = await asyncio.to_thread(waiting, self._workspace, self._index)
        return answer_queue(found[:most], len(found), len(faults))

    async def search(
        self,
        words: Annotated[
            str, Field(max_length=200, description="All of them have to be there; none: every one.")
        ] = "",
        verdict: Annotated[Decision | None, Field(description="Only these.")] = None,
        most: Most = 20,
    ) -> SearchAnswer:
        """Search the published verdicts by words in names, facts and reviews."""
        async with self._searching:
            found, damaged = await asyncio.to_thread(self._published.search, words, verdict)
        return answer_search(found[:most], len(found), damaged)

    def _cap(self, asked: float | None) -> Decimal | None:
        """Return what a review may cost: a caller can lower the cap of the settings, not raise it."""
        own = self._workspace.settings.limits.max_cost_usd
        caps = [
            cap for cap in (own, None if asked is None else Decimal(str(asked))) if cap is not None
        ]
        return min(caps, default=None)

    async def _load(self, source: str | None, text: str | None) -> Tool:
        """Return the tool to review. What its source says of itself stands in no error unfenced."""
        if (source is None) == (text is None):
            raise ConfigError("Give either source or text: what the panel is to review.")
        try:
            if text is not None:
                return parse_pasted(text)
            return await load_tool(self._inside(str(source)))
        except (UnreadableTool, FetchError, FeedError) as error:
            raise ConfigError(f"The tool cannot be read: {_fenced_line(str(error))}") from error

    def _inside(self, source: str) -> str | Path:
        """Return an address, or the file in the workspace. Raises ConfigError for any other file.

        A chat model that was talked into it would else send this machine's files to a model.
        """
        if has_scheme(source):
            return source
        root = self._workspace.root.resolve()
        try:
            path = (root / source).resolve()
        except (ValueError, RuntimeError) as error:  # a null character; links that go in a circle
            raise ConfigError(
                "That is no name of a file. Name a tool's file, or give text."
            ) from error
        if not path.is_relative_to(root):
            raise ConfigError(
                "A tool's file has to lie in the workspace. Copy it there, or give text."
            )
        return path


def _fenced_line(text: str) -> str:
    """Return a message between its markers, on one line."""
    fenced = fence(clean(" ".join(text.split())[:_MOST_OF_A_FAULT]).text)
    return f"{fenced.marker} {fenced.text} {fenced.marker}"
