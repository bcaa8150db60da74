"""Tools with one name: which of them is the same tool, and where the page of each is."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from panel.domain.feed import plain_link
from panel.domain.job import Job
from panel.domain.tool import are_namesakes

Likeness = Literal["same", "other", "unknown"]
"""Whether two tools with one name are the same tool; `unknown` where neither has anything to tell."""

_DIGITS = 6


def compare_tools(
    one: tuple[str, str | None, str | None], other: tuple[str, str | None, str | None]
) -> Likeness:
    """Return whether two tools, each given as name, link and vendor, are the same.

    Links decide, then vendors, where both tools have one.

    >>> compare_tools(("v1.4.0", "https://a.example/", None), ("v1.4.0", "https://b.example/", None))
    'other'
    """
    if not are_namesakes(one[0], other[0]):
        return "other"
    if one[1] and other[1]:
        return "same" if plain_link(one[1]) == plain_link(other[1]) else "other"
    if one[2] and other[2]:
        return "same" if one[2].casefold() == other[2].casefold() else "other"
    return "unknown"


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
    groups: list[list[Job]] = []
    unclear: set[str] = set()
    for one in namesakes:
        likenesses = [_compare_jobs(one, group) for group in groups]
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


def _compare_jobs(job: Job, group: Sequence[Job]) -> Likeness:
    """Return whether `job` is about the tool of `group`; a revision is, whatever its link."""
    if job.revises in {one.id for one in group}:
        return "same"
    found = {compare_tools(_known(job), _known(one)) for one in group}
    return "same" if "same" in found else "unknown" if "unknown" in found else "other"


def _known(job: Job) -> tuple[str, str | None, str | None]:
    return job.tool.name, job.tool.url, job.tool.vendor
