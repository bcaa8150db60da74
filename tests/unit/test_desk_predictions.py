"""Predictions at the desk over a real socket: what is due, resolved by a form, and what is refused."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx2 as httpx
import pytest

from panel.app.predictions import due, resolved
from panel.app.workspace import Workspace
from panel.domain.ballot import DatedClaim
from panel.domain.run import Run
from tests.desk import CLEAN_TAKE, EDITOR, a_desk, lay_out_desk, named
from tests.factories import REVIEWERS, a_ballot, a_run, a_scorecard, a_tool
from tests.unit.test_desk_service import a_client, form_of

pytestmark = pytest.mark.no_cover

FOUND = {"note": "It is on its price page.", "source": "https://example.com/prices"}


def a_dated_run(day: str, name: str = "Fjordnotat") -> Run:
    """Return a run whose reviewers predict something for `day`."""
    said = DatedClaim(claim="A <b>hosted</b> plan appears.", by=day, probability=0.6)
    ballot = a_ballot(take=CLEAN_TAKE, prediction=said)
    return named(a_run(a_tool(name), [a_scorecard(key, ballot=ballot) for key in REVIEWERS]), name)


PAST, FUTURE = a_dated_run("2026-11-24"), a_dated_run("2999-01-01", "Foldback")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return lay_out_desk(tmp_path / "newsroom", [PAST, FUTURE])


@pytest.fixture
def browser(workspace: Workspace) -> Iterator[httpx.Client]:
    with a_desk(workspace) as address, a_client(address) as client:
        yield client


def press(client: httpx.Client, run: Run, reviewer: str, **fields: str) -> httpx.Response:
    page = client.get("/predictions").text
    token = form_of(page, "/keys")["token"]
    id_ = f"{run.id}.{reviewer}"
    return client.post("/predictions", data={"token": token, "id": id_, **FOUND, **fields})


def test_what_is_due_is_listed_and_resolved_by_its_form(
    browser: httpx.Client, workspace: Workspace
) -> None:
    page = browser.get("/predictions").text
    assert "4 claims are due" in page
    assert "A &lt;b&gt;hosted&lt;/b&gt; plan appears." in page
    due_now, _, coming = page.partition("Next due")
    assert "Foldback" not in due_now
    assert coming.count("1 January 2999</span>") == 4
    assert "Foldback</a>" in coming
    after = press(browser, PAST, "skeptic", outcome="yes")
    assert after.status_code == 200
    assert "3 claims are due" in after.text
    assert "It came true." in after.text
    (one,) = resolved(workspace)
    assert one.resolution is not None
    assert (one.claim.reviewer, one.resolution.editor) == ("skeptic", EDITOR)
    assert [one.claim.reviewer for one in due(workspace)] == sorted({*REVIEWERS} - {"skeptic"})
    # a claim that was resolved at the command line meanwhile is not overwritten, unless it is meant
    refused = press(browser, PAST, "skeptic", outcome="no")
    assert refused.status_code == 409
    assert "resolved it as yes on" in refused.text
    assert "“Resolve anew”, below, changes it" in refused.text
    assert "--again" not in refused.text
    assert press(browser, PAST, "skeptic", outcome="void", again="1").status_code == 200
    assert [one.resolution.outcome for one in resolved(workspace) if one.resolution] == ["void"]
    assert "Nobody can tell any more." in browser.get("/predictions").text


def test_a_claim_that_came_true_early_is_resolved_before_its_day(
    browser: httpx.Client, workspace: Workspace
) -> None:
    for reviewer in REVIEWERS:
        press(browser, PAST, reviewer, outcome="yes")
    assert "No prediction is due; the next one is on 1 January 2999." in (
        browser.get("/predictions").text
    )
    after = press(browser, FUTURE, "builder", outcome="yes").text
    assert after.partition("Resolved last")[0].count("1 January 2999</span>") == 3
    early = [one.claim.id for one in resolved(workspace) if "foldback" in one.claim.id]
    assert early == [f"{FUTURE.id}.builder"]


def test_a_refused_form_comes_back_with_what_was_typed(
    browser: httpx.Client, workspace: Workspace
) -> None:
    for fields, why in (
        ({"outcome": "yes", "source": "a page"}, "it is no web address"),
        ({"outcome": "perhaps"}, "outcome"),
    ):
        refused = press(browser, PAST, "builder", **fields)
        assert refused.status_code == 409
        assert why in refused.text
        form = re.findall(r"<form[^>]*pf.*?</form>", refused.text, re.DOTALL)
        (typed,) = [one for one in form if FOUND["note"] in one]
        assert f"{PAST.id}.builder" in typed
        assert 'role="alert"' in typed
    early = press(browser, FUTURE, "builder", outcome="no")
    assert early.status_code == 409
    assert "its day is 2999-01-01" in early.text
    assert press(browser, PAST, "nobody", outcome="yes").status_code == 409
    assert resolved(workspace) == ()
    other = browser.post(
        "/predictions", data={"id": f"{PAST.id}.builder", "outcome": "yes", **FOUND}
    )
    assert other.status_code == 403


def test_a_run_that_finished_since_is_due_at_once(tmp_path: Path) -> None:
    workspace = lay_out_desk(tmp_path / "newsroom", [FUTURE])
    with a_desk(workspace) as address, a_client(address) as client:
        assert "No prediction is due; the next" in client.get("/predictions").text
        with workspace.runs.lock(PAST) as folder:
            folder.save(PAST)
        assert "4 claims are due" in client.get("/predictions").text
