"""A tool that is reviewed again: what changed since its published run, in the queue and on its page."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import httpx2 as httpx
import pytest

from panel.app.decisions import Order, decide, publication
from panel.app.newsroom import Newsroom
from panel.app.revision import Revision, find_revision, later_changes
from panel.app.workspace import Workspace
from panel.domain.difference import Difference, TextChange
from panel.domain.job import Job
from panel.domain.run import Run
from panel.domain.watched_page import FlipCheck, FlipCondition, PageChange, PageText, WatchedPage
from panel.providers.http_client import no_certificates
from tests.decisions import a_draft
from tests.desk import CLEAN_TAKE, a_clean_run, a_desk, lay_out_desk, named, record
from tests.factories import REVIEWERS, a_ballot, a_price, a_run, a_scorecard, a_tool, some_inputs
from tests.ledgers import an_entry, announce, begin
from tests.pages import later

pytestmark = pytest.mark.no_cover

AGAIN = date(2026, 12, 1)


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """A newsroom in which one tool is published."""
    with lay_out_desk(tmp_path / "newsroom", [FIRST]).with_open_ledger() as opened:
        approve(opened, FIRST)
        yield opened


def a_run_again(name: str = "Fjordnotat", day: date = AGAIN, price: str = "10") -> Run:
    """Return a later run of the tool: it costs more, and one reviewer turned."""
    tool = a_tool(
        name, prices=(a_price("price", price, unit="month"),), description=f"It costs {price}."
    )
    cards = [a_scorecard(key, ballot=a_ballot(take=CLEAN_TAKE)) for key in REVIEWERS[:3]]
    run = a_run(
        tool,
        [*cards, a_scorecard(REVIEWERS[3], "skip")],
        inputs=some_inputs(tool, date=day),
        started=later((day - date(2026, 11, 22)).days),
    )
    return named(run, f"{name} {day}").model_copy(update={"id": f"fjordnotat-{day:%d%m%y}00"})


def a_first_run() -> Run:
    run = a_clean_run()
    tool = a_tool("Fjordnotat", prices=(a_price("price", "8", unit="month"),))
    return run.model_copy(update={"tool": tool})


FIRST = a_first_run()


def approve(workspace: Workspace, run: Run) -> None:
    decide(
        workspace, workspace.runs.place(run), Order("override", "Ada", "Of course.", verdict="skip")
    )
    decide(workspace, workspace.runs.place(run), Order("approve", "Ada", "Read."))


def revision(workspace: Workspace, run: Run) -> Revision | None:
    return find_revision(workspace, publication(workspace, workspace.runs.place(run)))


def test_a_run_is_compared_with_the_one_that_was_published_before_it(workspace: Workspace) -> None:
    again = a_run_again()
    record(workspace, [again])
    found = revision(workspace, again)
    assert found is not None
    assert found.former.run.id == FIRST.id
    assert found.in_short == "price $10 per month, was $8; 1 more"
    assert found.lines[1].startswith("Business analyst: skip, was ship")
    assert found.lines[2] == "new: “It costs 10.”"
    assert revision(workspace, FIRST) is None, "nothing was published before the first"


def test_a_run_that_is_published_itself_is_compared_with_the_one_before(
    workspace: Workspace,
) -> None:
    second, third = a_run_again(), a_run_again(day=date(2026, 12, 9), price="12")
    record(workspace, [second, third])
    with workspace.ledger() as ledger:
        last = ledger.decisions.of_tool("fjordnotat")[-1].number
        ledger.decisions.add(a_draft(second), last)
    for run, former in ((second, FIRST), (third, second)):
        found = revision(workspace, run)
        assert found is not None
        assert found.former.run.id == former.id
    assert revision(workspace, FIRST) is None


def test_a_former_run_that_is_withdrawn_or_unreadable_is_compared_with_nothing(
    workspace: Workspace,
) -> None:
    again = a_run_again()
    record(workspace, [again])
    place = workspace.runs.place(FIRST)
    assert isinstance(place, Path)
    whole = (place / "run.json").read_text()
    (place / "run.json").write_text("{}")
    assert revision(workspace, again) is None
    (place / "run.json").write_text(whole)
    assert revision(workspace, again) is not None
    decide(workspace, place, Order("withdraw", "Ada", "It was wrong."))
    assert revision(workspace, again) is None


def watch(workspace: Workspace, run: Run | None, text: TextChange) -> Job:
    """Have the page of the first run say something else, which `run` is of."""
    with workspace.ledger() as ledger:
        ledger.watched.follow([WatchedPage(tool="fjordnotat", name="Fjordnotat", decided=1)])
        (page,) = ledger.watched.all()
        batch = ledger.batches.last() or ledger.batches.open(AGAIN, later(8), "watch")
        entry = an_entry("Fjordnotat", text.new[0])
        (announced,) = announce(ledger, entry, batch=batch.id)  # type: ignore[arg-type]
        change = PageChange(
            tool="fjordnotat",
            name="Fjordnotat",
            day=FIRST.inputs.date,
            run=FIRST.id,
            url="https://tools.example/f",
            at=later(8),
            job=announced.job,
            difference=Difference(text=text),
        )
        assert ledger.watched.keep(page, page, PageText(text="text"), change)
        if run is not None:
            begin(ledger, announced.job, run=(run.inputs.date, run.id), batch=batch.id)  # type: ignore[arg-type]
        return ledger.jobs.get(announced.job)


def a_check(job: Job) -> FlipCheck:
    met = FlipCondition(
        reviewer="builder", name="Builder", flips_if="it is <b>free</b>", span="free now"
    )
    not_met = FlipCondition(reviewer="skeptic", name="Skeptic", flips_if="it lasts", span=None)
    return FlipCheck(
        tool="fjordnotat", job=job.id, at=later(9), model="gpt-test", conditions=(met, not_met)
    )


def test_what_the_watch_saw_stands_in_the_place_of_the_texts_of_the_runs(
    workspace: Workspace,
) -> None:
    again, other = a_run_again(), a_run_again(day=date(2026, 12, 9))
    record(workspace, [again, other])
    job = watch(workspace, again, TextChange(new=("Its page says 10.",)))
    watch(workspace, None, TextChange(new=("Its page says 12.",)))
    with workspace.ledger() as ledger:
        ledger.watched.add_flip_check(a_check(job))
    found = revision(workspace, again)
    assert found is not None
    assert [one.difference.text.new for one in found.changes] == [("Its page says 10.",)]
    assert found.flips == a_check(job)
    assert not any("It costs" in line for line in found.lines)
    by_another_way = revision(workspace, other)
    assert by_another_way is not None
    assert by_another_way.changes == ()
    assert by_another_way.flips is None


def test_where_only_the_page_changed_that_is_what_the_queue_says(workspace: Workspace) -> None:
    again = named(FIRST, "again").model_copy(
        update={"inputs": FIRST.inputs.model_copy(update={"date": AGAIN})}
    )
    record(workspace, [again])
    newsroom = Newsroom(workspace)
    newsroom.refresh()
    assert [row.again for row in newsroom.rows] == [""]
    watch(workspace, again, TextChange(new=("Its page says 10.",)))
    found = revision(workspace, again)
    assert found is not None
    assert found.in_short == "text: 1 passage new"


def test_the_desk_says_of_a_published_run_what_its_page_says_since_and_which_run_is_of_that(
    workspace: Workspace,
) -> None:
    again = a_run_again()
    record(workspace, [again])
    watch(workspace, again, TextChange(new=("Its page says 10.",)))
    waiting = watch(workspace, None, TextChange(new=("Its page says 12.",)))
    with (
        a_desk(workspace) as address,
        httpx.Client(base_url=address, verify=no_certificates()) as client,
    ):
        page = client.get(f"/runs/{FIRST.inputs.date}/{FIRST.id}").text
        with workspace.ledger() as ledger:
            ledger.jobs.transition(waiting.id, "running", later(1), actor="batch")
        begun = client.get(f"/runs/{FIRST.inputs.date}/{FIRST.id}").text
        other = client.get(f"/runs/{AGAIN}/{again.id}").text
    assert "Its page says something else since" in page
    assert page.index("Its page says 10.") < page.index("Its page says 12.")
    assert f'<a href="/runs/{AGAIN}/{again.id}">The run of that text</a> is the panel' in page
    assert "It waits for the next batch." in page
    assert "The panel has it." in begun
    assert "Its page says something else since" not in other


def test_a_page_that_says_again_what_was_reviewed_leads_to_the_run_of_that_text(
    workspace: Workspace,
) -> None:
    again = a_run_again()
    record(workspace, [again])
    watch(workspace, again, TextChange(new=("Its page says 10.",)))
    with workspace.ledger() as ledger:
        (page,) = ledger.watched.all()
        (change,) = ledger.watched.changes("fjordnotat")
        back = change.model_copy(update={"at": later(20)})
        assert ledger.watched.keep(page, page, None, back)
    found = publication(workspace, workspace.runs.place(FIRST))
    assert [one.was_reviewed for one in later_changes(workspace, found)] == [False, True]
    decide(workspace, workspace.runs.place(FIRST), Order("withdraw", "Ada", "It was wrong."))
    gone = publication(workspace, workspace.runs.place(FIRST))
    assert later_changes(workspace, gone) == ()


def test_the_desk_shows_what_changed_in_the_queue_and_on_the_page(workspace: Workspace) -> None:
    again = a_run_again()
    record(workspace, [again, a_clean_run("Hawser")])
    job = watch(workspace, again, TextChange(new=("Its page says <i>10</i>.",)))
    with workspace.ledger() as ledger:
        ledger.watched.add_flip_check(a_check(job))
    with (
        a_desk(workspace) as address,
        httpx.Client(base_url=address, verify=no_certificates()) as client,
    ):
        queue = client.get("/queue").text
        page = client.get(f"/runs/{AGAIN}/{again.id}").text
        other = client.get(f"/runs/2026-11-22/{a_clean_run('Hawser').id}").text
    assert "again: price $10 per month, was $8; 1 more" in queue
    assert queue.count("again: ") == 1
    assert "Since it was published" in page
    assert "new: “Its page says &lt;i&gt;10&lt;/i&gt;.”" in page
    assert "would turn if it is &lt;b&gt;free&lt;/b&gt;: <b>met</b> by “free now”" in page
    assert "would turn if it lasts: not met" in page
    assert "Since it was published" not in other
