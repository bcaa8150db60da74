"""What the public site says of the panel itself: the last audit, and what came of predictions."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from panel.domain.last_audit import LastAudit, ShownFigure, panel_key
from panel.domain.prediction import ClaimOutcome, Prediction
from panel.publish.catalogue import Catalogue
from panel.site.assets import Assets
from panel.site.plan import SitePlan
from tests.factories import a_run, a_tool, some_inputs
from tests.unit.test_predictions import a_claim, resolved
from tests.unit.test_site import a_catalogue, files_of, four_tools, published
from tests.workspaces import persona_set

pytestmark = pytest.mark.no_cover

PERSONAS = persona_set().personas
MADE = datetime(2026, 11, 29, 4, tzinfo=UTC)


def a_figure(value: float | None, cases: int = 214, reach: float = 0.06) -> ShownFigure:
    if value is None:
        return ShownFigure(value=None, says="not said", cases=cases, fewest=30)
    return ShownFigure(value=value, low=value - reach, high=value + reach, says="", cases=cases)


def an_audit(**fields: Any) -> LastAudit:
    """Return an audit of the panel of the tests' workspace."""
    given: dict[str, Any] = {
        "made": MADE,
        "panel": panel_key(PERSONAS),
        "reviewers": tuple(one.name for one in PERSONAS),
        "tools": 214,
        "unanimous": a_figure(0.38),
        "effective_votes": a_figure(2.13, reach=0.21),
        "votes_on_errors": a_figure(3.2, 31, 0.4),
        "controls_made": MADE - timedelta(days=2),
        "flips": a_figure(0.04, 60, 0.03),
        "ship_rates": {one.key: a_figure(0.5 + n / 10) for n, one in enumerate(PERSONAS)},
    }
    return LastAudit(**(given | fields))


def predicted(
    outcomes: Sequence[ClaimOutcome], reviewer: str = "skeptic"
) -> tuple[Prediction, ...]:
    """Return resolved predictions on Quillbase, each held 70 % likely."""
    claims = [
        a_claim(
            number, 0.7, reviewer=reviewer, tool="quillbase", id=f"quillbase-{number}.{reviewer}"
        )
        for number in range(len(outcomes))
    ]
    return tuple(
        Prediction(claim=claim, resolution=resolved(claim, outcome))
        for claim, outcome in zip(claims, outcomes, strict=True)
    )


def audited_catalogue(audit: LastAudit | None, **fields: Any) -> Catalogue:
    """Return a catalogue with a tool of today's panel, Quillbase, and one of another, Trio."""
    today = a_run(inputs=some_inputs(a_tool("Quillbase"), personas=PERSONAS))
    return a_catalogue([published(today), four_tools()[2]], audit=audit, **fields)


def text_of(catalogue: Catalogue, path: str) -> str:
    planned = SitePlan(catalogue, Assets.load(), "code").files()
    return next(file for file in planned if file.path == path).make().decode()


def keys_of(catalogue: Catalogue) -> dict[str, str]:
    return {file.path: file.key for file in SitePlan(catalogue, Assets.load(), "code").files()}


def test_a_page_says_how_alike_its_own_panel_votes_and_nothing_of_another_panel() -> None:
    files = files_of(audited_catalogue(an_audit()))
    page = files["tools/quillbase/index.html"].decode()
    assert "On 38% of 214 tools all four reviewers voted alike (likely 32 to 44)." in page
    assert "worth at least 2.1 independent ones (likely 1.9 to 2.3)." in page
    assert "29 November 2026" in page
    assert json.loads(files["tools/quillbase/index.json"])["audit"]["unanimous"]["cases"] == 214
    assert "How alike" not in files["tools/trio/index.html"].decode()
    assert json.loads(files["tools/trio/index.json"])["audit"] is None
    assert json.loads(files["data/audit.json"])["tools"] == 214


def test_below_its_minimum_a_figure_is_not_said_and_the_page_says_why() -> None:
    few = an_audit(
        unanimous=a_figure(None, 12),
        effective_votes=ShownFigure(value=None, says="", cases=40),
        ship_rates={one.key: a_figure(None, 12) for one in PERSONAS},
        votes_on_errors=None,
        controls_made=None,
    )
    catalogue = audited_catalogue(few)
    page = text_of(catalogue, "tools/quillbase/index.html")
    assert "vote alike is not said: it takes 30 tools, and there were 12." in page
    assert "worth is not said: on 40 tools all gave the same vote every time." in page
    assert "%" not in page.partition("How alike this panel votes")[2].partition("</section>")[0]
    assert "Not said<small>of 12 reviews; too few for a rate" in text_of(
        catalogue, "reviewers/skeptic/index.html"
    )
    assert "by errors" not in text_of(catalogue, "method/index.html")


def test_without_an_audit_the_method_says_so_and_other_pages_say_nothing() -> None:
    files = files_of(audited_catalogue(None))
    assert "None has been made yet." in files["method/index.html"].decode()
    assert "data/audit.json" not in files
    for path in ("tools/quillbase/index.html", "reviewers/skeptic/index.html"):
        assert "audit" not in files[path].decode(), path


def test_an_audit_of_a_panel_before_is_told_as_that_and_of_no_reviewer_of_today() -> None:
    catalogue = audited_catalogue(an_audit(panel="other"))
    assert "this is of the panel before" in text_of(catalogue, "method/index.html")
    assert "audit" not in text_of(catalogue, "reviewers/skeptic/index.html")
    assert "this is of the panel before" not in text_of(
        audited_catalogue(an_audit()), "method/index.html"
    )


def test_another_audit_makes_only_the_pages_anew_that_tell_of_it() -> None:
    before, same = keys_of(audited_catalogue(an_audit())), keys_of(audited_catalogue(an_audit()))
    after = keys_of(audited_catalogue(an_audit(unanimous=a_figure(0.4))))
    assert same == before
    changed = {path for path, key in after.items() if before[path] != key}
    reviewers = {f"reviewers/{one.key.replace('_', '-')}/index.html" for one in PERSONAS}
    tool = {"tools/quillbase/index.html", "tools/quillbase/index.json"}
    assert changed == {*reviewers, *tool, "method/index.html", "data/audit.json"}


def test_a_reviewer_has_its_ship_rate_by_the_audit_with_its_interval() -> None:
    page = text_of(audited_catalogue(an_audit()), "reviewers/skeptic/index.html")
    place = [one.key for one in PERSONAS].index("skeptic")
    share = 50 + 10 * place
    assert f"<dd>{share}%<small>of 214 reviews (likely {share - 6} to {share + 6})" in page


def test_a_record_of_predictions_has_a_score_from_twenty_on() -> None:
    came_true: list[ClaimOutcome] = ["yes"]
    did_not: list[ClaimOutcome] = ["no"]
    said = came_true * 12 + did_not * 7
    few = audited_catalogue(None, predictions=predicted([*said, "void"]))
    page = text_of(few, "reviewers/skeptic/index.html")
    assert "looked up 20 claims: 12 came true, 7 did not, and of 1 nobody can tell." in page
    assert "Brier" not in page
    enough = audited_catalogue(None, predictions=predicted([*said, "no"]))
    page = text_of(enough, "reviewers/skeptic/index.html")
    # 12 of 20 at 70 %: (12 x .09 + 8 x .49) / 20 = .25; the base rate .6 x .4 = .24
    assert "Its Brier score is <b>0.25</b>" in page
    assert "60% come true, and said so each time, 0.24." in page
    assert '<th scope="row">70%</th><td class="r">60%</td><td class="r">39 to 78</td>' in page
    assert 'role="img"' in page
    assert "Brier" not in text_of(enough, "reviewers/builder/index.html")


def test_what_came_of_a_claim_stands_where_its_tool_is_public_and_it_is_open_no_more() -> None:
    run = a_run(inputs=some_inputs(a_tool("Quillbase"), personas=PERSONAS))
    claim = a_claim(0, 0.6, id=f"{run.id}.skeptic", tool="quillbase", reviewer="skeptic")
    other = a_claim(1, 0.6, tool="unpublished", reviewer="skeptic", claim="It was bought.")
    gone = other.model_copy(update={"tool": "gone", "claim": "It was sold."})
    found = tuple(
        Prediction(claim=one, resolution=resolved(one, "no")) for one in (claim, other, gone)
    )
    catalogue = audited_catalogue(None, predictions=found)
    page = text_of(catalogue, "reviewers/skeptic/index.html")
    assert "It did not.</b>" in page
    assert "Penalty 0.36." in page
    assert 'href="https://example.com/prices"' in page
    assert "It was bought." not in page
    assert page.count("A hosted plan appears.") == 2  # resolved once, and Trio's is open
    withdrawn = a_catalogue(four_tools(), predictions=found)
    assert "It was sold." not in text_of(withdrawn, "reviewers/skeptic/index.html")


def test_a_hostile_source_or_note_is_text_and_no_link() -> None:
    (one,) = predicted(["yes"])
    assert one.resolution is not None
    bad = one.resolution.model_copy(
        update={"source": "https://x.example/<script>", "note": "<img src=x onerror=alert(1)>"}
    )
    catalogue = audited_catalogue(None, predictions=(Prediction(claim=one.claim, resolution=bad),))
    page = text_of(catalogue, "reviewers/skeptic/index.html")
    assert "<img src=x" not in page
    assert "x.example" not in page
