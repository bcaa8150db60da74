"""JSON-LD of the site's own pages, and what a site adds to that of a tool or a comparison."""

from collections.abc import Sequence
from typing import Any

from panel.publish.catalogue import Identity
from panel.publish.published import PublishedTool
from panel.publish.structured import Node

_COMPOSITE = "https://schema.org/CompositeWithTrainedAlgorithmicMediaDigitalSource"


def front_document(identity: Identity) -> Node:
    """Return the JSON-LD of the front page: the site and its publisher, with its rules."""
    return {
        "@context": "https://schema.org",
        "@graph": [
            {
                "@type": "WebSite",
                "@id": identity.base_url,
                "url": identity.base_url,
                "name": identity.title,
                "inLanguage": "en",
                "publisher": publisher(identity),
            }
        ],
    }


def publisher(identity: Identity) -> Node:
    """Return the publisher: an organisation with its principles and its policy of corrections."""
    return {
        "@type": "NewsMediaOrganization",
        "name": identity.title,
        "url": identity.base_url,
        "publishingPrinciples": identity.url("method/"),
        "correctionsPolicy": identity.url("corrections/"),
    }


def list_document(
    identity: Identity, title: str, path: str, tools: Sequence[PublishedTool]
) -> Node:
    """Return the JSON-LD of a list of tools."""
    items = [
        {
            "@type": "ListItem",
            "position": n,
            "name": tool.name,
            "url": identity.url(tool.path),
        }
        for n, tool in enumerate(tools, start=1)
    ]
    return {
        "@context": "https://schema.org",
        "@graph": [
            {
                "@type": "CollectionPage",
                "@id": identity.url(path),
                "url": identity.url(path),
                "name": title,
                "inLanguage": "en",
                "isPartOf": {"@type": "WebSite", "@id": identity.base_url, "name": identity.title},
                "mainEntity": {"@type": "ItemList", "itemListElement": items},
            }
        ],
    }


def complete(
    document: Node, identity: Identity, path: str, section: str, tools: Sequence[PublishedTool]
) -> Node:
    """Return the JSON-LD of a tool or a comparison as the site publishes it.

    With its publisher, its dates, the addresses of its trail, and where an editor changed a part of it
    a source that says so.
    """
    page, trail = document["@graph"]
    edited = any(tool.publication.changes or tool.publication.override for tool in tools)
    added: dict[str, Any] = {
        "publisher": publisher(identity),
        "datePublished": max(tool.first_published for tool in tools).date().isoformat(),
        "dateModified": max(tool.updated for tool in tools).date().isoformat(),
        "isPartOf": {"@type": "WebSite", "@id": identity.base_url, "name": identity.title},
    }
    if edited:
        added["digitalSourceType"] = _COMPOSITE
    first, last = trail["itemListElement"]
    crumbs = [first | {"item": identity.url(section)}, last | {"item": identity.url(path)}]
    return {**document, "@graph": [page | added, trail | {"itemListElement": crumbs}]}
