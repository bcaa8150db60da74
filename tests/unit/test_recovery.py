"""What an unfinished batch left behind counts: the money of a panel that its process died in, too."""

import shutil
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest

from panel.app.panels import PanelRunner, ReviewOptions
from panel.app.workspace import Workspace
from panel.batch.recovery import Recovery
from panel.domain.exchange import Exchange, Usage
from panel.domain.job import Batch
from tests.conftest import CHECKOUT
from tests.ledgers import AT, DAY, FEED, after, an_entry, an_outcome
from tests.sealing import take_keys
from tests.virtual import a_request, an_answer

MODEL = "openai:gpt-test"
OPTIONS = ReviewOptions(models=(MODEL,))
SETTINGS = f'[prices."{MODEL}"]\ninput = 10\noutput = 20\n'


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    take_keys(monkeypatch)
    monkeypatch.setenv("OPENAI_API_KEY", "a-key")
    shutil.copytree(CHECKOUT / "tests" / "workspace", tmp_path, dirs_exist_ok=True)
    (tmp_path / "shipskip.toml").write_text(SETTINGS, encoding="utf-8")
    return Workspace.open(tmp_path)


def answered(labels: Sequence[str]) -> list[Exchange]:
    used = an_answer(usage=Usage(input=1000, output=500))
    return [
        Exchange(
            request=a_request(provider="openai", model="gpt-test", label=one), outcome=used, ms=1
        )
        for one in labels
    ]


async def test_a_panel_that_its_process_died_in_has_spent_what_was_answered(
    workspace: Workspace,
) -> None:
    with workspace.ledger() as ledger:
        batch = ledger.batches.open(DAY, AT, MODEL)
        entries = [an_entry("Quillbase"), an_entry("Fernpost")]
        first, _ = (one.job for one in ledger.entries.announce(batch.id, FEED, entries, AT))
        stored = PanelRunner(workspace).begin_job(ledger.jobs.get(first).tool, OPTIONS, DAY, None)
        with workspace.runs.lock(stored.run) as folder:
            folder.save(stored.run)
            for exchange in answered(["intake", "review:builder"]):
                await folder.append(exchange)
        named = stored.run.inputs.date, stored.run.id
        ledger.jobs.transition(first, "running", after(1), actor="batch", batch=batch.id, run=named)
        assert spent(workspace, ledger, batch) == Decimal("0.04")
        (Path(stored.path) / "exchanges.jsonl").write_text("{}\n", encoding="utf-8")
        assert spent(workspace, ledger, batch) == Decimal(7)


async def test_a_panel_that_is_done_has_spent_what_its_outcome_says(workspace: Workspace) -> None:
    with workspace.ledger() as ledger:
        batch = ledger.batches.open(DAY, AT, MODEL)
        entries = [an_entry("Quillbase"), an_entry("Fernpost")]
        jobs = [one.job for one in ledger.entries.announce(batch.id, FEED, entries, AT)]
        for job, cost in zip(jobs, (Decimal("0.25"), None), strict=True):
            ledger.jobs.transition(job, "running", after(1), actor="batch", batch=batch.id)
            outcome = an_outcome("ship", "skip", cost_usd=cost)
            ledger.jobs.transition(job, "in_review", after(2), actor="batch", outcome=outcome)
        assert spent(workspace, ledger, batch) == Decimal("0.25")


def spent(workspace: Workspace, ledger: object, batch: Batch) -> Decimal:
    recovery = Recovery(workspace, ledger, OPTIONS, lambda _: Decimal(7))  # type: ignore[arg-type]
    return recovery.spent(batch, collects=False)
