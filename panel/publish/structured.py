"""Structured data: a page's content as JSON-LD, with every review marked as written by a model."""

import json
from collections.abc import Sequence
from typing import Any

from panel.domain.comparison import Comparison
from panel.domain.review import CHECKLIST, MANUAL, Scorecard
from panel.domain.run import Run
from panel.domain.tool import Price
from panel.publish.figures import as_number

NAME = "Ship/Skip"
"""The publication, where no site names it otherwise."""
_SOURCES = {True: "TrainedAlgorithmicMediaDigitalSource", False: "AlgorithmicMediaDigitalSource"}
_ESCAPES = {char: f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}

Node = dict[str, Any]


def describe_tool(run: Run, canonical: str | None = None, name: str = NAME) -> Node:
    """Return the JSON-LD document of a tool's page in the publication `name`."""
    page = _page(run.tool.name, (run,), canonical, name)
    return _document(page, {"mainEntity": _software(run, name)}, ("AI tool reviews", run.tool.name))


def describe_comparison(
    comparison: Comparison, canonical: str | None = None, name: str = NAME
) -> Node:
    """Return the JSON-LD document of a comparison page: an unordered list of the tools."""
    names = " vs ".join(run.tool.name for run in comparison.runs)
    tools: Node = {
        "@type": "ItemList",
        "name": "Tools compared",
        "numberOfItems": len(comparison.runs),
        "itemListOrder": "https://schema.org/ItemListUnordered",
        "itemListElement": [
            {"@type": "ListItem", "position": n, "item": _software(run, name)}
            for n, run in enumerate(comparison.runs, start=1)
        ],
    }
    page = _page(names, comparison.runs, canonical, name)
    return _document(page, {"mainEntity": tools}, ("AI tool comparisons", names))


def embed(document: Node) -> str:
    """Return `document` as JSON that may stand inside a script element, whatever its texts hold."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    for char, escape in _ESCAPES.items():
        text = text.replace(char, escape)
    return text


def _document(page: Node, main: Node, trail: Sequence[str]) -> Node:
    crumbs = {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": n, "name": name}
            for n, name in enumerate(trail, start=1)
        ],
    }
    return {"@context": "https://schema.org", "@graph": [page | main, crumbs]}


def _page(title: str, runs: Sequence[Run], canonical: str | None, name: str) -> Node:
    days = sorted(run.started.date().isoformat() for run in runs)
    asked = any(review.provider != CHECKLIST for run in runs for review in run.reviews)
    node: Node = {
        "@type": "WebPage",
        "name": title,
        "inLanguage": "en",
        "dateCreated": days[-1],
        "isPartOf": {"@type": "WebSite", "name": name},
        "digitalSourceType": _source(asked=asked),
    }
    return node | ({"@id": canonical, "url": canonical} if canonical else {})


def _source(*, asked: bool) -> str:
    return f"https://schema.org/{_SOURCES[asked]}"


def _software(run: Run, name: str) -> Node:
    tool = run.tool
    node: Node = {"@type": "SoftwareApplication", "name": tool.name}
    if tool.tagline:
        node["description"] = tool.tagline
    if tool.category:
        node["applicationCategory"] = tool.category
    if tool.vendor:
        node["creator"] = {"@type": "Organization", "name": tool.vendor}
    offers = [_offer(price) for price in tool.prices if price.currency]
    if tool.entry == "free" and not offers:
        offers = [{"@type": "Offer", "price": 0, "priceCurrency": "USD"}]
    if offers:
        node["offers"] = offers
    reviews = [_review(run, card, name) for card in run.scorecards]
    if reviews:
        node["review"] = reviews
    return node


def _offer(price: Price) -> Node:
    offer: Node = {
        "@type": "Offer",
        "name": price.label,
        "price": as_number(price.amount),
        "priceCurrency": price.currency,
    }
    if price.up_to is not None:
        offer["priceSpecification"] = {
            "@type": "PriceSpecification",
            "minPrice": as_number(price.amount),
            "maxPrice": as_number(price.up_to),
            "priceCurrency": price.currency,
        }
    if price.unit is not None:
        offer["eligibleQuantity"] = {"@type": "QuantitativeValue", "unitText": price.unit}
    return offer


def _review(run: Run, card: Scorecard, name: str) -> Node:
    node: Node = {
        "@type": "Review",
        "name": f"{card.name} on {run.tool.name}",
        "author": {"@type": "Organization", "name": _author(card, name)},
        "dateCreated": run.started.date().isoformat(),
        "reviewBody": card.ballot.take_text,
        "digitalSourceType": _source(asked=card.provider != CHECKLIST),
    }
    if card.provider != CHECKLIST:  # what nobody judged has no rating
        node["reviewRating"] = {
            "@type": "Rating",
            "ratingValue": card.score,
            "bestRating": 10,
            "worstRating": 2,
        }
    return node


def _author(card: Scorecard, name: str) -> str:
    kinds = {CHECKLIST: "checklist, no model", MANUAL: "answers given by hand"}
    what = kinds.get(card.provider, "AI reviewer")
    return f"{name} panel: {card.name} ({what})"
