"""Terms of JSON-LD: which types and properties of schema.org the site uses, and what each may hold.

An expander of JSON-LD lets `@type: WebPagee` and `typo_property` pass: to it they are new terms.
"""

from collections.abc import Iterator
from typing import Any, Final

_ANY: Final = "@id @type"
_PAGE: Final = (
    "url name inLanguage dateCreated datePublished dateModified isPartOf digitalSourceType mainEntity "
    "publisher"
)
TERMS: Final[dict[str, frozenset[str]]] = {
    name: frozenset(f"{_ANY} {properties}".split())
    for name, properties in {
        "WebPage": _PAGE,
        "CollectionPage": _PAGE,
        "WebSite": "url name inLanguage publisher",
        "NewsMediaOrganization": "name url publishingPrinciples correctionsPolicy",
        "Organization": "name",
        "ItemList": "name numberOfItems itemListOrder itemListElement",
        "ListItem": "position name item url",
        "BreadcrumbList": "itemListElement",
        "SoftwareApplication": "name description applicationCategory creator offers review",
        "Offer": "name price priceCurrency priceSpecification eligibleQuantity",
        "PriceSpecification": "minPrice maxPrice priceCurrency",
        "QuantitativeValue": "unitText",
        "Review": "name author dateCreated reviewBody digitalSourceType reviewRating",
        "Rating": "ratingValue bestRating worstRating",
    }.items()
}
"""The properties that each type may have here."""


def list_term_faults(document: Any) -> Iterator[str]:  # noqa: ANN401 - whatever was parsed
    """Yield what is wrong with the terms of a JSON-LD document."""
    if not isinstance(document, dict) or document.get("@context") != "https://schema.org":
        yield "its context is not https://schema.org"
        return
    if set(document) != {"@context", "@graph"}:
        yield "it has more than a context and a graph"
    graph = document.get("@graph")
    if not isinstance(graph, list):
        yield "its graph is no list"
        return
    for node in graph:
        yield from _faults_of(node)


def _faults_of(node: Any) -> Iterator[str]:  # noqa: ANN401 - whatever was parsed
    kind = node.get("@type") if isinstance(node, dict) else None
    if not isinstance(kind, str) or kind not in TERMS:
        yield f"the type {kind!r} is not one of the site's"
        return
    for name, value in node.items():
        if name not in TERMS[kind]:
            yield f"{kind} has no property {name!r}"
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, dict):
                yield from _faults_of(part)
