"""What a chat client may spend and start, whatever it asks for."""

import asyncio
import contextlib
from decimal import Decimal
from pathlib import Path

import pytest

from panel.app.workspace import Workspace
from panel.errors import Busy, ConfigError
from panel.mcp.answers import Started
from panel.mcp.tools import PanelTools
from tests.workspaces import lay_out

pytestmark = pytest.mark.no_cover


@pytest.mark.parametrize(
    ("own", "asked", "cap"),
    [("0.50", 5.0, "0.50"), ("0.50", 0.1, "0.1"), ("0.50", None, "0.50"), (None, 2.5, "2.5")],
)
def test_a_chat_client_lowers_the_cap_of_the_settings_and_never_raises_it(
    own: str | None, asked: float | None, cap: str, tmp_path: Path
) -> None:
    settings = lay_out(tmp_path / "desk") / "shipskip.toml"
    text = settings.read_text("utf-8")
    if own is not None:
        text = text.replace("[limits]\n", f"[limits]\nmax_cost_usd = {own}\n")
    settings.write_text(text, "utf-8")
    tools = PanelTools(Workspace.open(tmp_path / "desk"))
    assert tools._cap(asked) == Decimal(cap)


@pytest.mark.parametrize("source", ["../outside.md", "x:/../../outside.md", "1://../../outside.md"])
async def test_no_spelling_of_a_path_leaves_the_workspace(source: str, tmp_path: Path) -> None:
    desk = lay_out(tmp_path / "desk")
    for folder in ("x:", "1:"):
        (desk / folder).mkdir()
    (tmp_path / "outside.md").write_text("# Outside\n\nIt sorts files.\n", "utf-8")
    tools = PanelTools(Workspace.open(desk))
    with contextlib.chdir(desk), pytest.raises(ConfigError, match="in the workspace"):
        await tools.review(source=source, models=["checklist"])


async def test_what_is_no_name_of_a_file_is_a_fault_of_the_caller(tmp_path: Path) -> None:
    desk = lay_out(tmp_path / "desk")
    (desk / "loop").symlink_to("loop")
    tools = PanelTools(Workspace.open(desk))
    for source in ("tool\0.md", "loop/tool.md"):
        with pytest.raises(ConfigError):
            await tools.review(source=source, models=["checklist"])


async def test_a_text_whose_name_cannot_be_shown_is_refused_in_a_line(tmp_path: Path) -> None:
    tools = PanelTools(Workspace.open(lay_out(tmp_path / "desk")))
    with pytest.raises(ConfigError, match="it has nothing that can be read"):
        await tools.review(text="# \u200b\n\nIt sorts files.\n", models=["checklist"])


async def test_no_more_reviews_are_under_way_than_allowed_where_all_are_asked_for_at_once(
    tmp_path: Path,
) -> None:
    tools = PanelTools(Workspace.open(lay_out(tmp_path / "desk")))

    async def review(number: int) -> Started | Busy:
        text = f"---\nname: Tool {number}\n---\nIt sorts files.\n"
        try:
            return await tools.review(text=text, models=["checklist"])
        except Busy as error:
            return error

    async with asyncio.TaskGroup() as group:
        asked = [group.create_task(review(number)) for number in range(6)]
    answers = [one.result() for one in asked]
    assert [isinstance(one, Busy) for one in answers] == [False] * 4 + [True] * 2
    await tools.close()
    assert isinstance(await review(6), Started)
    await tools.close()
