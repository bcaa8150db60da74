"""Tools with one name: which of them is the same tool, and where the page of each is."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from panel.domain.feed import plain_link
from panel.domain.job import Job
from panel.domain.tool import bare_name

Likeness = Literal["same", "other", "unknown"]
"""Whether two tools with one name are the same tool; `unknown` where neither has anything to tell."""

_DIGITS = 6
_Known = tuple[str, str | None, str | None]


def compare_tools(one: _Known, other: _Known) -> Likeness:
    """Return whether two tools, each given as name, link and vendor, are the same.

    Links decide, then vendors, where both tools have one.

    >>> compare_tools(("v1.4.0", "https://a.example/", None), ("v1.4.0", "https://b.example/", None))
    'other'
    """
    return _compare(_fold(*one), _fold(*other))


@dataclass(frozen=True)
class PagePlace:
    """Where the page of a job's tool is: `folder` below `tools/`.

    `is_newest` tells whether no newer text of the same tool is in the ledger: the page shows that
    one. `is_unclear` tells that another tool may be the same, and nothing says whether it is.
    """

    folder: str
    is_newest: bool
    is_unclear: bool
    jobs: tuple[Job, ...]


def place_page(job: Job, namesakes: Sequence[Job]) -> PagePlace:
    """Return where the page of `job` is; `namesakes` are all jobs with its slug, oldest first.

    The first tool has the slug; each other one has the slug with six digits of its first job's
    digest. So no tool takes the page of another, and the site is the same in whatever order panels
    end.
    """
    known = {one.id: _fold(one.tool.name, one.tool.url, one.tool.vendor) for one in namesakes}
    groups: list[list[Job]] = []
    unclear: set[str] = set()
    for one in namesakes:
        likenesses = [_compare_job(one, group, known) for group in groups]
        if "same" in likenesses:
            groups[likenesses.index("same")].append(one)
            continue
        groups.append([one])
        if "unknown" in likenesses:
            unclear.add(one.id)
    group = next(group for group in groups if job.id in {one.id for one in group})
    return PagePlace(
        folder=job.tool.slug if group is groups[0] else own_folder(job.tool.slug, group[0].id),
        is_newest=group[-1].id == job.id,
        is_unclear=group[0].id in unclear,
        jobs=tuple(group),
    )


def own_folder(slug: str, first: str) -> str:
    """Return the folder of a tool whose `slug` another tool has; `first` tells it from all others."""
    digest = hashlib.sha256(first.encode()).hexdigest()
    return f"{slug}-{digest[:_DIGITS]}"


def _compare_job(job: Job, group: Sequence[Job], known: Mapping[str, _Known]) -> Likeness:
    """Return whether `job` is about the tool of `group`; a revision is, whatever its link."""
    found: Likeness = "other"
    for one in group:
        likeness = _compare(known[job.id], known[one.id])
        if likeness == "same" or job.revises == one.id:
            return "same"
        found = likeness if likeness == "unknown" else found
    return found


def _compare(one: _Known, other: _Known) -> Likeness:
    if one[0] != other[0]:
        return "other"
    for mine, theirs in zip(one[1:], other[1:], strict=True):  # the link decides, then the vendor
        if mine and theirs:
            return "same" if mine == theirs else "other"
    return "unknown"


def _fold(name: str, link: str | None, vendor: str | None) -> _Known:
    """Return what is known of a tool as it compares."""
    return (
        bare_name(name),
        plain_link(link) if link else None,
        vendor.casefold() if vendor else None,
    )
