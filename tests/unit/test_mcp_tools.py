"""What a chat client may spend, whatever it asks for."""

from decimal import Decimal
from pathlib import Path

import pytest

from panel.app.workspace import Workspace
from panel.mcp.tools import PanelTools
from tests.workspaces import lay_out


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
