"""A build of the site while editors decide: what it has and what may be undone do not part."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from panel.app.clock import SystemClock
from panel.app.decisions import Order, decide
from panel.app.site import build_site
from panel.app.workspace import Workspace
from panel.errors import ConfigError
from tests.desk import EDITOR, a_clean_run, decided, lay_out_desk

pytestmark = pytest.mark.slow  # it builds sites

FIRST, SECOND = a_clean_run("Fjordnotat"), a_clean_run("Relaymark")


class Interrupting(SystemClock):
    """A clock that lets an editor decide once, between the end of a build and its row in the ledger."""

    def __init__(self, public: Path, act: Callable[[], object]) -> None:
        self._public = public
        self._act: Callable[[], object] | None = act

    def now(self) -> datetime:
        act = self._act
        if act is not None and (self._public / "manifest.json").is_file():
            self._act = None
            act()
        return super().now()


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A workspace with one tool approved, and one that waits."""
    opened = lay_out_desk(tmp_path / "newsroom", [FIRST, SECOND])
    decide(opened, FIRST.id, Order("approve", EDITOR, "Read."))
    return opened


def build_while(workspace: Workspace, kind: str, run: str) -> set[str]:
    """Return the tools of a site during whose build an editor decides on a run."""

    def act() -> None:
        decide(workspace, run, Order(kind, EDITOR, "Read."))  # type: ignore[arg-type]

    build_site(replace(workspace, clock=Interrupting(workspace.public, act)))
    return {page.parent.name for page in workspace.public.glob("tools/*/index.html")}


def test_what_is_undone_while_the_site_is_built_is_not_on_it(workspace: Workspace) -> None:
    assert build_while(workspace, "undo", FIRST.id) == set()
    assert [one.kind for one in decided(workspace)] == ["approve", "undo"]


def test_what_is_approved_while_the_site_is_built_is_on_the_next_one(workspace: Workspace) -> None:
    assert build_while(workspace, "approve", SECOND.id) == {"fjordnotat"}
    decide(workspace, SECOND.id, Order("undo", EDITOR, "Too soon."))  # it was on no site yet
    with pytest.raises(ConfigError, match="is in the site that was built"):
        decide(workspace, FIRST.id, Order("undo", EDITOR, "Too late."))
    build_site(workspace)
    assert len(list(workspace.public.glob("tools/*/index.html"))) == 1
