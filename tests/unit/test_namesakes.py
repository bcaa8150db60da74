"""Tools with one name: each has a page of its own, and keeps it."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.domain.job import Job
from panel.domain.namesakes import Likeness, compare_tools, place_page
from tests.batches import ENDED
from tests.factories import a_tool


def a_job(
    own_id: str, name: str = "v1.4.0", *, revises: str | None = None, **fields: str | None
) -> Job:
    tool = a_tool(name).model_copy(update={"url": None, "vendor": None, **fields})
    return Job(id=own_id, batch="b", source="f", tool=tool, revises=revises, moved=ENDED)


@pytest.mark.parametrize(
    ("one", "other", "likeness"),
    [
        (("v1.4.0", "https://a.example/x", None), ("v1.4.0", "https://b.example/x", None), "other"),
        (("Pair-X", "https://a.example/", None), ("Pair X", "http://a.example", None), "same"),
        (("Pair-X", None, None), ("Pair X", None, None), "unknown"),
        (("Pair-X", None, "Acme"), ("Pair X", None, "ACME"), "same"),
        (("Pair-X", None, "Acme"), ("Pair X", None, "Bolt"), "other"),
        (("Pair-X", "https://a.example/", "A"), ("Pair X", "https://b.example/", "A"), "other"),
        (("Pair-X", "https://a.example/", None), ("Pair X", None, "A"), "unknown"),
        (("Pair-X", None, None), ("Pear X", None, None), "other"),
    ],
)
def test_a_link_tells_tools_apart_then_a_vendor(
    one: tuple[str, str | None, str | None],
    other: tuple[str, str | None, str | None],
    likeness: Likeness,
) -> None:
    assert compare_tools(one, other) == likeness
    assert compare_tools(other, one) == likeness


def test_two_projects_with_one_release_name_have_a_page_each() -> None:
    jobs = [a_job("1", url="https://a.example/"), a_job("2", url="https://b.example/")]
    first, second = (place_page(job, jobs) for job in jobs)
    assert first.folder == "v1-4-0"
    assert second.folder.startswith("v1-4-0-")
    assert (first.is_unclear, second.is_unclear) == (False, False)


def test_where_nothing_tells_them_apart_the_second_has_a_page_of_its_own_and_is_flagged() -> None:
    jobs = [a_job("1", "Pair-X"), a_job("2", "Pair X")]
    first, second = (place_page(job, jobs) for job in jobs)
    assert (first.folder, first.is_unclear) == ("pair-x", False)
    assert second.folder != first.folder
    assert second.is_unclear


def test_a_new_text_has_the_page_of_the_old_one_and_only_the_newest_is_shown() -> None:
    jobs = [a_job("1"), a_job("2"), a_job("3", revises="2"), a_job("4", revises="1")]
    places = [place_page(job, jobs) for job in jobs]
    assert places[0].folder == places[3].folder == "v1-4-0"
    assert places[1].folder == places[2].folder
    assert [place.is_newest for place in places] == [False, False, True, True]


def test_texts_of_one_vendor_or_link_share_a_page() -> None:
    for jobs in (
        [a_job("1", vendor="Acme"), a_job("2", vendor="ACME")],
        [a_job("1", url="https://a.example/"), a_job("2", url="http://a.example")],
    ):
        assert {place_page(job, jobs).folder for job in jobs} == {"v1-4-0"}


def test_one_text_of_a_tool_with_nothing_to_tell_makes_it_unclear() -> None:
    revised = a_job("2", revises="1", url="https://b.example/")
    jobs = [a_job("1"), revised, a_job("3", url="https://c.example/")]
    assert [place_page(job, jobs).is_unclear for job in jobs] == [False, False, True]


LINKS = st.sampled_from([None, "https://a.example/", "https://b.example/", "https://c.example/"])
VENDORS = st.sampled_from([None, "Acme", "Bolt"])


@given(st.lists(st.tuples(LINKS, VENDORS), min_size=1, max_size=5))
def test_no_two_tools_that_are_not_the_same_share_a_folder(
    tools: list[tuple[str | None, str | None]],
) -> None:
    jobs = [a_job(f"{n}", url=link, vendor=vendor) for n, (link, vendor) in enumerate(tools)]
    places = {job.id: place_page(job, jobs) for job in jobs}
    for one, other in permutations(jobs, 2):
        if places[one.id].folder == places[other.id].folder:
            group = places[one.id].jobs
            assert any(
                compare_tools(_known(one), _known(member)) == "same"
                for member in group
                if member.id != one.id
            )
    newest = [place.folder for place in places.values() if place.is_newest]
    assert len(newest) == len(set(newest)) == len({place.folder for place in places.values()})


def _known(job: Job) -> tuple[str, str | None, str | None]:
    return job.tool.name, job.tool.url, job.tool.vendor
