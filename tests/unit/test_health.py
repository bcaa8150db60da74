"""What a service says of its health to a stranger: no text of a fault, which the log has."""

import logging
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.types import ASGIApp

from panel.app.settings import DigestSettings
from panel.app.workspace import Workspace
from panel.desk.service import DeskService
from panel.signup.service import SignUpService
from panel.store.sql.ledger import SqlLedger
from panel.store.sql.subscribers import SubscriberStore
from tests.workspaces import lay_out

pytestmark = pytest.mark.slow  # it asks services


async def health(app: ASGIApp, path: str) -> tuple[int, dict[str, Any]]:
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        answer = await client.get(path)
    return answer.status_code, answer.json()


def damage(file: Path) -> None:
    """Take from a database whatever may be asked of it."""
    with sqlite3.connect(file) as database:
        found = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (name,) in found:
            if not name.startswith("sqlite_"):
                database.execute(f'DROP TABLE "{name}"')
    database.close()


async def test_the_desk_tells_a_stranger_what_cannot_be_read_and_its_log_why(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    workspace = Workspace.open(lay_out(tmp_path / "newsroom"))
    ledger = SqlLedger.open(workspace.root / "ledger.db")
    app = DeskService(replace(workspace, kept_ledger=ledger), host="127.0.0.1", editor=None).app()
    assert await health(app, "/health") == (200, {"status": "ok"})
    damage(workspace.root / "ledger.db")
    for _ in range(2):
        status, told = await health(app, "/health")
        assert status == 503
        assert told == {"status": "fault", "fault": "the ledger or the runs cannot be read"}
    (line,) = _warnings(caplog)
    assert line.startswith("desk: the ledger or the runs cannot be read. ")
    assert "ledger.db" in line
    ledger.close()


async def test_the_sign_up_tells_a_stranger_what_cannot_be_read_and_its_log_why(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "subscribers.db"
    store = SubscriberStore.open(file)
    app = SignUpService(
        store,
        DigestSettings(),
        send=lambda address, token: None,  # noqa: ARG005
        site="https://site.example/",
        publication="Ship/Skip",
        clock=Workspace.open(lay_out(tmp_path / "newsroom")).clock,
    ).app()
    assert await health(app, "/digest/health") == (200, {"status": "ok"})
    damage(file)
    status, told = await health(app, "/digest/health")
    assert (status, told["fault"]) == (503, "sign-ups cannot be kept")
    (line,) = _warnings(caplog)
    assert "subscribers.db" in line
    store.close()


def _warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [one.getMessage() for one in caplog.records if one.levelno == logging.WARNING]
