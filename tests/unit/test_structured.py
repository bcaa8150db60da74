"""Structured data: safe inside a script element, and honest about who wrote what."""

import json
from typing import Any

import pytest

from panel.domain.comparison import compare
from panel.domain.verdict import reviewer_score
from panel.publish.pages import Pages
from panel.publish.structured import describe_comparison, describe_tool, embed
from tests.factories import a_ballot, a_price, a_run, a_tool
from tests.gallery import some_runs
from tests.markup import parsed


def nodes(document: Any) -> list[dict[str, Any]]:
    """Every object of a document."""
    if isinstance(document, dict):
        return [document, *(node for value in document.values() for node in nodes(value))]
    if isinstance(document, list):
        return [node for value in document for node in nodes(value)]
    return []


def typed(document: Any, name: str) -> list[dict[str, Any]]:
    return [node for node in nodes(document) if node.get("@type") == name]


@pytest.mark.parametrize(
    "text", ["</script><script>alert(1)</script>", "<!--<script>", "]]>", "a & b", "\u2028\u2029"]
)
def test_no_text_can_leave_its_script_element(text: str) -> None:
    raw = embed({"name": text})
    assert not set(raw) & set("<>&\u2028\u2029")
    assert json.loads(raw) == {"name": text}


def test_the_page_holds_exactly_the_document() -> None:
    run = a_run(a_tool("</script><b>x"))
    html = Pages.load(fonts=False).render_tool(run)
    (script,) = parsed(html).iter("script")
    assert json.loads(script.text or "") == describe_tool(run)


def test_every_review_is_an_organisations_and_marked_as_a_models_work() -> None:
    reviews = typed(describe_tool(a_run()), "Review")
    assert len(reviews) == 4
    for review in reviews:
        assert review["author"]["@type"] == "Organization"
        assert review["author"]["name"].endswith("(AI reviewer)")
        assert len(review["author"]["name"]) < 100
        assert review["digitalSourceType"].endswith("/TrainedAlgorithmicMediaDigitalSource")
    assert typed(describe_tool(a_run()), "Person") == []


def test_a_rating_is_on_the_scale_that_a_mean_of_scores_from_1_to_5_has() -> None:
    ratings = typed(describe_tool(a_run()), "Rating")
    assert {(one["worstRating"], one["bestRating"]) for one in ratings} == {(2, 10)}
    assert [reviewer_score(a_ballot(step=step)) for step in (1, 5)] == [2, 10]


def test_the_checklist_is_no_model_here_either() -> None:
    document = describe_tool(some_runs()["checklist"])
    for node in (*typed(document, "Review"), *typed(document, "WebPage")):
        assert node["digitalSourceType"].endswith("/AlgorithmicMediaDigitalSource")
    assert typed(document, "Review")[0]["author"]["name"].endswith("(checklist, no model)")


def test_the_panel_never_becomes_an_aggregate_rating() -> None:
    comparison = compare([a_run(), some_runs()["one-three"]])
    for document in (describe_tool(a_run()), describe_comparison(comparison)):
        assert not any("aggregateRating" in node for node in nodes(document))


def test_an_abstention_is_no_review() -> None:
    assert len(typed(describe_tool(some_runs()["failed"]), "Review")) == 3
    assert typed(describe_tool(some_runs()["set-aside"]), "Review") == []


def test_prices_are_offers_with_numbers_and_an_unknown_price_is_none() -> None:
    tool = a_tool(prices=(a_price("input", "2.50", unit="1M tokens"), a_price("seat", "20")))
    offers = typed(describe_tool(a_run(tool)), "Offer")
    assert [(offer["price"], offer["priceCurrency"]) for offer in offers] == [
        (2.5, "USD"),
        (20, "USD"),
    ]
    (free,) = typed(describe_tool(some_runs()["free"]), "Offer")
    assert free["price"] == 0
    assert typed(describe_tool(a_run(a_tool(entry="paid", prices=()))), "Offer") == []


def test_a_comparison_is_an_unordered_list_of_its_tools() -> None:
    document = describe_comparison(compare([a_run(), some_runs()["one-three"]]))
    (tools,) = typed(document, "ItemList")
    assert tools["itemListOrder"].endswith("ItemListUnordered")
    assert [entry["item"]["name"] for entry in tools["itemListElement"]] == ["Quillbase", "Solo"]
    assert [entry["position"] for entry in tools["itemListElement"]] == [1, 2]


def test_the_address_is_named_only_where_there_is_one() -> None:
    address = "https://example.org/q/"
    assert typed(describe_tool(a_run(), address), "WebPage")[0]["url"] == address
    assert "url" not in typed(describe_tool(a_run()), "WebPage")[0]
