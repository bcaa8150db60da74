"""A panel that is convened again on facts of an earlier day: nobody has read them anew."""

from datetime import UTC, date
from pathlib import Path

import pytest

from panel.app.corrected_panel import begin_corrected
from panel.app.decisions import FieldEdit, Order, decide, publication, with_publication
from panel.app.held import begin_without_passages, find_held_run
from panel.app.workspace import Workspace
from panel.domain.run import Run
from tests.desk import EDITOR, lay_out_desk
from tests.unit.test_desk_overtaken import CLEAN, HELD

LONG_AGO = date(2020, 1, 1)


def of_long_ago(run: Run) -> Run:
    return run.model_copy(update={"inputs": run.inputs.model_copy(update={"date": LONG_AGO})})


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return lay_out_desk(tmp_path / "newsroom", [of_long_ago(CLEAN), of_long_ago(HELD)])


def prices_read(run: Run) -> date:
    return with_publication(run, Path(), ()).publication.prices_read


def correct(workspace: Workspace, field: str, value: str) -> Run:
    """Return the run of the panel on the facts with this one corrected."""
    edits = (FieldEdit(field, value),)
    decide(workspace, CLEAN.id, Order("edit", EDITOR, "The maker's page.", edits))
    return begin_corrected(workspace, publication(workspace, CLEAN.id))[1].run


def test_only_a_reading_of_the_prices_makes_them_new(workspace: Workspace) -> None:
    today = workspace.clock.now().astimezone(UTC).date()
    assert prices_read(workspace.runs.read(workspace.place_of(CLEAN.id))) == LONG_AGO
    licence = correct(workspace, "licence", "Apache-2.0")
    assert (licence.inputs.date, prices_read(licence)) == (today, LONG_AGO)
    assert prices_read(correct(workspace, "price.1", "team: 12 USD per seat")) == today


def test_a_panel_without_passages_reads_no_price_anew(workspace: Workspace) -> None:
    held = find_held_run(workspace, HELD.id)
    begun = begin_without_passages(workspace, held, EDITOR, "It orders.")[1]
    assert prices_read(workspace.runs.read(begun.path)) == LONG_AGO
