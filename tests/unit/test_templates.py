"""A template that misses a value is an error on every page: no blank is published in its place."""

import re
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jinja2
import pytest

from panel.app.decisions import Order, decide
from panel.app.settings import DigestSettings, VoteSettings
from panel.audit.control_page import render_controls
from panel.audit.control_report import report_controls
from panel.audit.page import render_audit
from panel.audit.report import Audit
from panel.domain.ballot import DatedClaim
from panel.domain.community import VotableTool, VoteCount
from panel.domain.comparison import compare
from panel.domain.last_audit import panel_key
from panel.publish.pages import Pages
from panel.signup.sign_up_pages import SignUpPages
from panel.votes.vote_pages import VotedTool, VotePages
from tests.archives import an_archive
from tests.decisions import a_decision
from tests.desk import (
    EDITOR,
    a_desk,
    a_divided_run,
    a_flagged_run,
    hold_before_panel,
    lay_out_desk,
)
from tests.factories import REVIEWERS, a_ballot, a_run, a_scorecard, a_tool
from tests.gallery import GROUPS, some_runs
from tests.unit.test_audit import audited as audited_panel
from tests.unit.test_controls import a_control, a_result
from tests.unit.test_desk_predictions import a_dated_run
from tests.unit.test_desk_service import a_client, place
from tests.unit.test_digest import a_letter
from tests.unit.test_history import FIRST, reviewed_again
from tests.unit.test_site import a_catalogue, files_of, four_tools, published
from tests.unit.test_site_record import an_audit, predicted

FOLDERS = Path(__file__).parents[2] / "panel"
MOST = 8
"""Pages of one template that are made again without a value."""
BEYOND_ONE_PAGE = {("desk", "published.j2", "number")}
"""What is read only where a list has several pages."""

Rendered = tuple[jinja2.Template, Mapping[str, Any]]


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Rendered]]:
    """Return what pages are made of, by template: from each surface that has templates."""
    found: dict[str, list[Rendered]] = defaultdict(list)
    render = jinja2.Template.render

    def remember(template: jinja2.Template, *given: Any, **values: Any) -> str:
        found[template.filename or ""].append((template, dict(*given, **values)))
        return render(template, *given, **values)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jinja2.Template, "render", remember)
        pairs = (("evenly", "trio"), ("evenly", "gone"))
        audit = an_audit(panel=panel_key(FIRST.inputs.personas))
        for audited in (audit, None):
            given = {"audit": audited, "predictions": predicted(["yes", "no"] * 10)}
            tools = [reviewed_again(), *four_tools()[1:]]
            files_of(a_catalogue(tools, pairs=pairs, personas=FIRST.inputs.personas, **given))
        make_letters()
        make_pages_of_runs()
        make_pages_of_services()
        made = datetime(2026, 11, 30, tzinfo=UTC)
        panels = (audited_panel(an_archive(12)),)
        render_audit(Audit(made=made, panels=panels, left_out={}, faults=()), str)
        results = [a_result(a_control(f"c{n}"), "ship skip skip skip") for n in range(6)]
        render_controls(report_controls(made, "openai:gpt-test", results), str)
        open_the_desk(tmp_path_factory.mktemp("desk"))
    return found


def make_letters() -> None:
    """Make the letter of a week with a claim that came due and verdicts of earlier weeks."""
    said = DatedClaim(claim="A plan appears.", by="2026-11-28", probability=0.6)
    cards = [a_scorecard(key, ballot=a_ballot(prediction=said)) for key in REVIEWERS]
    run = a_run(a_tool("Duebill"), cards)
    weeks_before = a_decision(run, 1).model_copy(update={"at": datetime(2026, 11, 2, tzinfo=UTC)})
    assert a_letter([published(run, weeks_before), *four_tools()[:1]]).html


def make_pages_of_runs() -> None:
    """Make pages of runs and comparisons as a review writes them."""
    pages, runs = Pages.load(), some_runs()
    for run in runs.values():
        pages.render_tool(run)
    for names in GROUPS.values():
        pages.render_comparison(compare([runs[name] for name in names]))


def make_pages_of_services() -> None:
    """Make the pages of the votes and of the sign-up."""
    votes = VotePages(VoteSettings(), publication="Ship/Skip")
    votes.refuse("tool")
    tool = VotableTool(slug="spoor", name="Spoor")
    votes.render([VotedTool(tool, VoteCount(), None)], done=None, token="t", back=None)  # noqa: S106
    sign_up = SignUpPages(DigestSettings(), site="https://a.example/", publication="Ship/Skip")
    sign_up.form()
    sign_up.check_mail("mira@example.org", ())
    sign_up.ask_to_leave("t")
    sign_up.off("t")


def open_the_desk(folder: Path) -> None:
    """Open the pages of the desk."""
    runs = [a_flagged_run(), a_divided_run(), a_dated_run("2026-11-24")]
    workspace = lay_out_desk(folder / "newsroom", runs)
    decide(workspace, "fjordnotat", Order("approve", EDITOR, "Read."))
    job = hold_before_panel(workspace)
    with a_desk(workspace) as address, a_client(address) as client:
        assert client.get("/nothing").status_code == 404
        for path in ("queue", "new", "published", "predictions", "journal", "costs", "checks"):
            assert client.get(f"/{path}").status_code == 200
        for path in ("/sign-in", f"/jobs/{job}"):
            assert client.get(path).status_code == 200
        for path in (place(runs[0]), f"{place(runs[0])}/progress", "/compare?t=spoor&t=foldback"):
            assert client.get(path).status_code == 200


def test_every_value_that_a_page_is_given_is_missed_where_it_is_not(
    rendered: dict[str, list[Rendered]],
) -> None:
    unmissed = {
        (Path(name).parent.parent.name, Path(name).name, key)
        for name, pages in rendered.items()
        for key in {key for _, values in pages for key in values} - pages[0][0].globals.keys()
        if not any(is_missed(key, *page) for page in pages[:MOST] if key in page[1])
    }
    assert unmissed == BEYOND_ONE_PAGE


def test_every_template_is_among_them_or_a_part_of_one(
    rendered: dict[str, list[Rendered]],
) -> None:
    every = {str(path) for path in FOLDERS.glob("*/templates/*.j2")}
    texts = {name: Path(name).read_text("utf-8") for name in every}
    parts = {
        name
        for name in every
        if any(re.search(rf"['\"]{Path(name).name}['\"]", text) for text in texts.values())
    }
    assert every - parts - set(rendered) == set()


def test_no_template_prints_none(rendered: dict[str, list[Rendered]]) -> None:
    for (template, _), *_ in rendered.values():
        page = template.environment.from_string("{{ said }}")
        assert page.render(said="\x0b") == "\N{REPLACEMENT CHARACTER}"
        with pytest.raises(TypeError, match="a template prints None"):
            page.render(said=None)


def is_missed(key: str, template: jinja2.Template, values: Mapping[str, Any]) -> bool:
    """Tell whether a page without a value is an error, and no page."""
    try:
        template.render({name: value for name, value in values.items() if name != key})
    except (jinja2.UndefinedError, TypeError):  # what prints it may be a function
        return True
    return False
