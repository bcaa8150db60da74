"""Files that hosts and crawlers read: headers, redirects, sitemap, robots and opensearch."""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import permutations
from typing import Final

from panel.publish.catalogue import Catalogue, Identity
from panel.publish.published import comparison_slug
from panel.site.xml_text import xml_text

_HEADERS: Final = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "strict-origin-when-cross-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
)
_MOST_PERMUTED = 3
"""Tools of a comparison whose every order is redirected; of more only the reverse one is."""


def policy(services: Iterable[str]) -> str:
    """Return the Content-Security-Policy: no script, and forms to the site and to `services`."""
    forms = " ".join(("'self'", *dict.fromkeys(services)))
    return (
        "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self' data:; "
        f"form-action {forms}; base-uri 'none'; frame-ancestors 'none'"
    )


def write_headers(identity: Identity, services: Iterable[str] = ()) -> str:
    """Return the file `_headers`, as Netlify and Cloudflare Pages read it.

    `services` are the origins that the site's forms post to: readers' votes and the sign-up. No host
    joins two headers of one name the same way, so none stands under two of its paths.
    """
    lines = [f"{identity.root}*", f"  Content-Security-Policy: {policy(services)}"]
    lines += [f"  {name}: {value}" for name, value in _HEADERS]
    lines += [f"{identity.root}assets/*", "  Cache-Control: public, max-age=31536000, immutable"]
    for path, kind in (
        ("*.atom", "application/atom+xml; charset=utf-8"),
        ("feed.json", "application/feed+json; charset=utf-8"),
        ("changes.json", "application/feed+json; charset=utf-8"),
        ("*.jsonl", "application/x-ndjson; charset=utf-8"),
    ):
        lines += [f"{identity.root}{path}", f"  Content-Type: {kind}"]
    return "\n".join(lines) + "\n"


def list_redirects(catalogue: Catalogue) -> dict[str, str]:
    """Return for each other order of a comparison's tools the path of its one page."""
    found: dict[str, str] = {}
    for one in catalogue.every_comparison:
        slugs = [tool.slug for tool in one.tools]
        orders: Iterable[Sequence[str]] = (
            permutations(slugs) if len(slugs) <= _MOST_PERMUTED else [slugs[::-1]]
        )
        for order in orders:
            name = "-vs-".join(order)
            if list(order) != slugs and len(name) <= len(comparison_slug(slugs)):
                found[f"compare/{name}/"] = one.path
    taken = {one.path for one in catalogue.every_comparison}
    return {path: to for path, to in sorted(found.items()) if path not in taken}


def write_redirects(identity: Identity, redirects: dict[str, str]) -> str:
    """Return the file `_redirects`, as Netlify and Cloudflare Pages read it."""
    return "".join(
        f"{identity.root}{path} {identity.root}{to} 301\n" for path, to in redirects.items()
    )


def write_sitemap(identity: Identity, pages: Iterable[tuple[str, date | None]]) -> str:
    """Return the sitemap of pages: their path, and the day of their last change where it is known."""
    lines = ['<?xml version="1.0" encoding="utf-8"?>']
    lines.append('<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">')
    for path, day in pages:
        changed = f"<lastmod>{day.isoformat()}</lastmod>" if day else ""
        lines.append(f"<url><loc>{xml_text(identity.url(path))}</loc>{changed}</url>")
    return "\n".join((*lines, "</urlset>")) + "\n"


def write_robots(identity: Identity) -> str:
    """Return robots.txt: everything may be read, and where the sitemap is."""
    return f"User-agent: *\nAllow: /\n\nSitemap: {identity.url('sitemap.xml')}\n"


def write_opensearch(identity: Identity) -> str:
    """Return the description by which a browser can search the site, through a public search engine.

    A site of files has no search of its own; nothing is asked before a reader does.
    """
    found = f"https://duckduckgo.com/?q=site%3A{identity.host}+{{searchTerms}}"
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">\n'
        f"<ShortName>{xml_text(identity.title[:16])}</ShortName>\n"
        f"<Description>{xml_text(identity.title)}: verdicts on AI tools</Description>\n"
        "<InputEncoding>UTF-8</InputEncoding>\n"
        f'<Url type="text/html" template="{xml_text(found)}"/>\n'
        "</OpenSearchDescription>\n"
    )
