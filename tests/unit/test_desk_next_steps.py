"""Whatever the desk shows or refuses, it says what an editor does next, and where."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import httpx2 as httpx
import pytest

from panel.app.decisions import Order, decide
from panel.app.workspace import Workspace
from panel.cli.run_summary import headline
from panel.domain.batch_report import FeedLine
from panel.domain.exchange import Completion
from panel.domain.flag import Flag, FlagKind
from panel.domain.job import JobState
from panel.domain.review import MANUAL
from tests.desk import (
    EDITOR,
    a_clean_run,
    a_desk,
    a_flagged_run,
    hold_before_panel,
    lay_out_desk,
    record,
)
from tests.gallery import some_runs
from tests.ledgers import AT, BATCH
from tests.panels import an_exchange
from tests.unit.test_desk_service import a_client, form_of, place, press, wait_for
from tests.unit.test_site import text_of

pytestmark = pytest.mark.no_cover

FLAGGED = a_flagged_run()
CHECKLIST = some_runs()["checklist"]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return lay_out_desk(tmp_path / "newsroom", [FLAGGED, CHECKLIST])


@pytest.fixture
def browser(workspace: Workspace) -> Iterator[httpx.Client]:
    with a_desk(workspace) as address, a_client(address) as client:
        yield client


def test_a_flag_of_every_kind_has_its_question_and_answers(tmp_path: Path) -> None:
    flags = [
        Flag(kind=kind, message=f"What {kind} says.", holds=False) for kind in get_args(FlagKind)
    ]
    run = a_clean_run("Everyflag").model_copy(update={"flags": tuple(flags)})
    with a_desk(lay_out_desk(tmp_path / "newsroom", [run])) as address, a_client(address) as client:
        page, queue = client.get(place(run)), client.get("/queue")
    assert (page.status_code, queue.status_code) == (200, 200)
    assert [flag.kind for flag in flags if flag.message not in page.text] == []


@pytest.mark.parametrize(
    ("provider", "line", "asks"),
    [
        (MANUAL, "waiting for 1 answer by hand", "Paste the answers by hand"),
        ("openai", "waiting for 1 answer of the batch service", "Waits for the batch service"),
    ],
)
def test_a_waiting_run_says_whom_it_waits_for(
    tmp_path: Path, provider: str, line: str, asks: str
) -> None:
    one = some_runs()["waiting"]
    given = tuple(a.model_copy(update={"provider": provider}) for a in one.assignments)
    inputs = one.inputs.model_copy(update={"assignments": given})
    run = one.model_copy(update={"inputs": inputs})
    with a_desk(lay_out_desk(tmp_path / "newsroom", [run])) as address, a_client(address) as client:
        queue, page = client.get("/queue").text, client.get(place(run)).text
    assert headline(run) == line
    assert asks in queue
    assert ("by hand" in queue, "by hand" in page) == (provider == MANUAL, provider == MANUAL)
    assert ("Need you 1" in queue) == (provider == MANUAL)


def test_the_queue_leads_to_what_is_held_and_names_a_feed_that_gave_nothing(
    browser: httpx.Client, workspace: Workspace
) -> None:
    hold_before_panel(workspace)
    feed, why = "https://feeds.example/a.xml", "503 Service Unavailable"
    lines = [
        FeedLine(source=feed, entries=None, why=why),
        FeedLine(source="b.json", entries=0, left_out=3),
        FeedLine(source="sound.xml", entries=2),
    ]
    with workspace.ledger() as ledger:
        ledger.feeds.record(BATCH, lines)
    queue = browser.get("/queue").text
    assert '<a href="#held">1 tool held before the panel</a>: read it.' in queue
    assert f"A feed gave nothing: {feed}: {why}" in queue
    assert "A feed gave nothing: b.json: none of its items can be read" in queue
    assert "sound.xml" not in queue


def test_a_tool_that_was_held_says_what_became_of_it(
    browser: httpx.Client, workspace: Workspace
) -> None:
    job, told = hold_before_panel(workspace), set[str]()
    moves: tuple[JobState, ...] = ("queued", "running", "waiting", "failed")
    for state in moves:
        with workspace.ledger() as ledger:
            ledger.jobs.transition(job, state, AT, actor="batch", reason="As it goes.")
        page = text_of(browser.get(f"/jobs/{job}").text)
        told.add(page.rpartition("Kelpgrid")[2].partition("The reason that is kept")[0])
    assert len(told) == len(moves)
    assert any("waits for the answers of a provider's batch service" in page for page in told), told


def test_a_page_behind_the_last_is_the_last(browser: httpx.Client, workspace: Workspace) -> None:
    clean = a_clean_run("Hawser")
    record(workspace, [clean])
    decide(workspace, clean.id, Order("approve", EDITOR, "Read."))
    assert ">Foldback</a>" in browser.get("/queue?page=9").text
    assert ">Hawser</a>" in browser.get("/published?page=9").text
    withdrawn = browser.get("/published?show=withdrawn&page=9").text
    assert 'Nothing is withdrawn. <a href="/published">Show all.</a>' in withdrawn


def test_a_run_that_cannot_be_approved_leads_to_another_panel_on_its_tool(
    browser: httpx.Client, workspace: Workspace
) -> None:
    page = browser.get(place(CHECKLIST)).text
    day, run = CHECKLIST.inputs.date, CHECKLIST.id
    assert f'href="/new?run={day}/{run}"' in page
    shown = browser.get(f"/new?run={day}/{run}").text
    tool = CHECKLIST.inputs.tool
    assert text_of(shown).count(tool.description[:40]) == 1
    given = {**form_of(shown, "/new"), "name": tool.name, "text": tool.description}
    begun = browser.post("/new", data={**given, "vendor": tool.vendor or "", "models": MANUAL})
    assert begun.url.path.endswith("/progress")
    wait_for(browser, begun.url.path.removesuffix("/progress"), 'name="who"')
    (new,) = {path for path in workspace.runs.paths() if path.name not in (FLAGGED.id, run)}
    assert workspace.runs.read(new).inputs.tool == tool
    for unknown in ("", "2026-11-22/none-12345678", "x/../y", f"{day}", f"{day}/../{day}/{run}"):
        asked = browser.get("/new", params={"run": unknown})
        assert asked.status_code == 200
        assert tool.description[:40] not in text_of(asked.text)


@pytest.mark.parametrize("changed", ["name", "text"])
def test_the_facts_of_a_tool_go_to_no_other_name_or_text(
    browser: httpx.Client, workspace: Workspace, changed: str
) -> None:
    tool = CHECKLIST.inputs.tool
    assert tool.prices
    of = f"{CHECKLIST.inputs.date}/{CHECKLIST.id}"
    form = form_of(browser.get("/new", params={"run": of}).text, "/new")
    other = {"name": "Wrackline", "text": "Wrackline tags kelp.\r\nIt asks nobody."}
    given = {"name": tool.name, "text": tool.description, changed: other[changed]}
    begun = browser.post("/new", data={**form, **given, "models": MANUAL})
    wait_for(browser, begun.url.path.removesuffix("/progress"), 'name="who"')
    (new,) = {
        path for path in workspace.runs.paths() if path.name not in (FLAGGED.id, CHECKLIST.id)
    }
    found = workspace.runs.read(new).inputs.tool
    assert (found.name, found.description) == (given["name"], given["text"].replace("\r", ""))
    assert (found.prices, found.licence) == ((), None)


def test_facts_that_were_saved_are_where_the_page_goes_back_to_and_no_field_has_the_focus(
    browser: httpx.Client,
) -> None:
    page = browser.get(place(FLAGGED)).text
    at = f"{place(FLAGGED)}/facts"
    data = {**form_of(page, at), "licence": "Apache-2.0"}
    saved = browser.post(at, data=data, follow_redirects=False)
    assert saved.headers["location"].endswith("#hf")
    assert 'id="hf"' in page
    edit = {"skeptic.take.1": "It keeps its notes in plain files.", "reason": "Shorter."}
    edited = press_without_redirect(browser, "review", **edit)
    assert edited.headers["location"].endswith("#skeptic")


def press_without_redirect(client: httpx.Client, action: str, **fields: str) -> httpx.Response:
    at = f"{place(FLAGGED)}/{action}"
    form = form_of(client.get(place(FLAGGED)).text, at)
    return client.post(at, data={**form, **fields}, follow_redirects=False)


async def test_an_answer_of_the_intake_that_cannot_be_read_is_said_to_be_so(
    browser: httpx.Client, workspace: Workspace
) -> None:
    run = a_clean_run("Brackenfold").model_copy(
        update={"state": "open", "reviews": (), "verdict": None}
    )
    record(workspace, [run])
    answers = ("Sorry, I cannot.", json.dumps({"is_tool": True, "reason": "It is one."}))
    with workspace.runs.lock(run) as folder:
        assert "live" in browser.get(f"{place(run)}/progress").text
        for number, text in enumerate(answers):
            told = an_exchange(number)
            request = told.request.but(label="intake", attempt=number, sample=0)
            outcome = Completion(text=text, model="m", usage=None)
            await folder.append(told.model_copy(update={"request": request, "outcome": outcome}))
    page = text_of(browser.get(f"{place(run)}/progress").text)
    assert "Intake unreadable the answer is not one JSON object" in page
    assert "Intake read the facts are read" in page
    assert "interrupted" in page  # nobody is at work on it
    assert "Go on with the run" in page


def test_a_refused_press_has_the_focus_on_why(browser: httpx.Client) -> None:
    refused = press(browser, FLAGGED, "hold")
    assert refused.status_code == 409
    assert 'id="refusal" role="alert" tabindex="-1" autofocus' in refused.text
    assert text_of(refused.text).count("1 gate refuses") == 0  # below, and not as why
