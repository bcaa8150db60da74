"""The JSON twins: the same keys in every state, the same numbers as the verdict."""

import json
from decimal import Decimal
from typing import Any

import pytest

from panel.cli.run_summary import checklist_notice, cost_line
from panel.domain.comparison import compare
from panel.domain.run import Spending
from panel.publish.documents import comparison_document, run_document, write_document
from tests.factories import a_panel, a_price, a_run, a_tool
from tests.gallery import GROUPS, some_runs

pytestmark = pytest.mark.no_cover

VERDICT = {
    "decision",
    "ship_share",
    "ships",
    "skips",
    "abstentions",
    "split",
    "quorate",
    "score",
}
RUN = {
    "run",
    "tool",
    "verdict",
    "reviews",
    "flags",
    "usage",
    "cost_usd",
    "cost_is_at_least",
    "engine",
    "notice",
    "state",
    "reason",
}


def through_text(document: dict[str, Any]) -> dict[str, Any]:
    text = write_document(document)
    assert text.endswith("}\n")
    read: dict[str, Any] = json.loads(text)
    return read


@pytest.mark.parametrize("name", some_runs())
def test_every_state_of_a_run_has_every_key(name: str) -> None:
    document = through_text(run_document(some_runs()[name]))
    assert document["v"] == 1
    assert document.keys() >= RUN
    assert document.keys() == run_document(a_run()).keys()
    assert document["verdict"].keys() == VERDICT


def test_the_verdict_is_the_domains() -> None:
    run = a_run(reviews=a_panel("ship none ship skip"))
    verdict = run_document(run)["verdict"]
    assert verdict["decision"] == "ship"
    assert verdict["ship_share"] == 0.6667
    assert verdict["ships"] == ["builder", "futurist"]
    assert verdict["skips"] == ["business_analyst"]
    assert verdict["abstentions"] == ["skeptic"]
    assert (verdict["split"], verdict["quorate"]) == (False, True)
    assert run.verdict is not None
    assert verdict["score"] == run.verdict.score


def test_a_checklist_leads_with_its_signals_and_has_no_score() -> None:
    document = run_document(some_runs()["checklist"])
    assert document["signals"]["line"].startswith("checklist: ")
    assert list(document["signals"]) == ["line", "for", "against", "absent", "unclear"]
    assert list(document).index("signals") < list(document).index("verdict")
    assert document["verdict"]["score"] is None
    assert all("score" not in one for one in document["reviews"])


def test_a_run_without_a_verdict_has_no_decision_rather_than_a_skip() -> None:
    document = run_document(some_runs()["set-aside"])
    assert document["verdict"]["decision"] is None
    assert document["verdict"]["ship_share"] is None
    assert document["reason"] == "This is news about a company, not a tool."


def test_a_review_has_its_ballot_beside_who_wrote_it() -> None:
    card, *_, failed = run_document(a_run(reviews=a_panel("ship ship ship none")))["reviews"]
    assert (card["kind"], card["reviewer"], card["model"]) == ("scorecard", "builder", "gpt-test")
    assert "ballot" not in card
    assert card["verdict"] == "ship"
    assert card["take"][0]["basis"] == "quoted"
    assert card["findings"][1]["score"] == 4
    assert card["prediction"]["by"] == "2027-06-30"
    assert failed["kind"] == "abstention"
    assert failed["reason"] == "no readable answer after 2 tries"
    assert "score" not in failed


def test_the_criteria_that_were_scored_can_be_looked_up() -> None:
    document = run_document(a_run())
    (builder, *_) = document["personas"]
    scored = [finding["criterion"] for finding in document["reviews"][0]["findings"]]
    assert [one["key"] for one in builder["criteria"]] == scored


def test_flags_of_the_tool_and_of_each_review_are_found_in_one_place() -> None:
    run = some_runs()["faulty"].model_copy(update={"flags": some_runs()["mismatch"].flags})
    flags = run_document(run)["flags"]
    assert [(flag["kind"], flag["reviewer"]) for flag in flags] == [
        ("name_mismatch", None),
        ("ballot", "builder"),
    ]


def test_a_checklist_run_says_that_no_model_was_asked() -> None:
    assert run_document(some_runs()["checklist"])["notice"] == "no model was asked"
    assert run_document(a_run())["notice"] is None


def test_a_run_with_one_reviewer_by_the_checklist_says_for_whom_no_model_was_asked() -> None:
    first, *others = a_run().assignments
    by_checklist = first.model_copy(update={"provider": "checklist", "model": "checklist"})
    spent = Spending(at_least=True)
    mixed = a_run(assignments=(by_checklist, *others), spending=spent)
    assert run_document(mixed)["notice"] == "no model was asked for Builder"
    assert cost_line(mixed).startswith("unknown: ")
    assert checklist_notice(mixed) == (
        "The built-in checklist, which is no model, filled in 1 of these ballots."
    )


def test_what_was_not_counted_is_null_and_what_was_is_a_number() -> None:
    assert run_document(a_run())["cost_usd"] == 0.1042
    assert run_document(a_run())["usage"]["input"] == 9000
    by_hand = run_document(some_runs()["by-hand"])
    assert (by_hand["cost_usd"], by_hand["usage"]) == (None, None)
    free = a_run(spending=Spending(cost_usd=Decimal("0.00")))
    assert run_document(free)["cost_usd"] == 0


def test_licences_stand_with_what_they_cover_and_how_open_they_are() -> None:
    tool = a_tool(licence="MIT (code); CC BY-NC 4.0 (weights)", not_read=("vendor",))
    found = run_document(a_run(tool))["tool"]
    assert found["licence"] == "CC-BY-NC-4.0"
    assert [(one["spdx"], one["covers"], one["openness"]) for one in found["licences"]] == [
        ("CC-BY-NC-4.0", "weights", "source-available"),
        ("MIT", "code", "open"),
    ]
    assert found["not_read"] == ["vendor"]
    none = run_document(a_run(a_tool(licence=None)))["tool"]
    assert (none["licence"], none["licences"], none["not_read"]) == (None, [], [])


def test_a_price_has_its_range_and_terms_as_data() -> None:
    price = a_price("team", "12", up_to=Decimal("15.5"), terms=("minimum 5 seats", "plus VAT"))
    credit = a_price("page", "2", currency=None, counted_in="credits", unit=None)
    first, second = run_document(a_run(a_tool(prices=(price, credit))))["tool"]["prices"]
    assert (first["amount"], first["up_to"], first["terms"]) == (
        12,
        15.5,
        ["minimum 5 seats", "plus VAT"],
    )
    assert (first["kind"], first["period"], first["least"]) == ("seats", "month", 5)
    assert (second["currency"], second["counted_in"], second["unit"]) == (None, "credits", None)
    three = compare([a_run(a_tool("A", prices=(price, price, price))), a_run()])
    reads = comparison_document(three)["pricing"]
    assert sorted(str(read["uncomputed"]) for read in reads) == [
        "None", "not computed: three seat prices",
    ]  # fmt: skip


def test_prices_are_numbers_with_a_unit() -> None:
    tool = a_tool(prices=(a_price("input", "2.50", unit="1M tokens"), a_price("seat", "20")))
    first, second = run_document(a_run(tool))["tool"]["prices"]
    assert (first["amount"], first["currency"], first["unit"]) == (2.5, "USD", "1M tokens")
    assert second["amount"] == 20


@pytest.mark.parametrize("name", GROUPS)
def test_a_comparison_has_its_pick_rows_and_runs(name: str) -> None:
    comparison = compare([some_runs()[member] for member in GROUPS[name]])
    document = through_text(comparison_document(comparison))
    assert document["v"] == 1
    assert document["pick"] == comparison.pick
    assert document["reason"] == comparison.reason
    assert [tool["slug"] for tool in document["tools"]] == [r.tool.slug for r in comparison.runs]
    assert all(tool.keys() >= RUN for tool in document["tools"])
    assert [row["gap"] for row in document["rows"]] == [row.gap for row in comparison.rows]
    assert {"division", "take_when", "pricing"} <= document.keys()


def test_example_months_are_numbers_with_their_sum() -> None:
    comparison = compare([a_run(), some_runs()["per-token"]])
    reads = {read["slug"]: read for read in comparison_document(comparison)["pricing"]}
    month = reads["tokenmill"]["months"][0]
    assert month == {
        "label": "Trial",
        "amount": 5.2,
        "currency": "USD",
        "sum": "2M tokens in × $2.50 a million + 0.5M tokens out × $0.40 a million",
        "bound": None,
        "leaves_out": [],
    }


def test_the_text_is_the_same_twice_and_keeps_other_scripts_readable() -> None:
    run = some_runs()["right-to-left"]
    assert write_document(run_document(run)) == write_document(run_document(run))
    assert run.tool.name in write_document(run_document(run))
