"""The history of a tool's verdicts on its page, in its data and in the feed of what changed."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from panel.domain.decision import Change
from panel.domain.run import Run
from panel.publish.history import history_of, list_changes, say_shift
from panel.publish.notices import field_name
from panel.publish.published import PublishedTool
from panel.site.assets import Assets
from panel.site.plan import SitePlan
from tests.decisions import a_decision
from tests.factories import a_panel, a_price, a_run, a_tool, some_inputs
from tests.unit.test_site import (
    IDENTITY,
    a_catalogue,
    built,
    entries_of,
    faults_of,
    files_of,
    four_tools,
    published,
)

pytestmark = pytest.mark.no_cover


def a_later_run(votes: str = "ship ship ship ship", **fields: Any) -> Run:
    """Return a run of Quillbase a week later, under another id."""
    inputs = some_inputs(a_tool(**fields), date=date(2026, 11, 29))
    return a_run(inputs=inputs, reviews=a_panel(votes)).model_copy(
        update={"id": "quillbase-00000002"}
    )


FIRST = a_run(reviews=a_panel("ship skip ship skip"))
LATER = a_later_run(prices=(a_price(amount="12"),), licence="Apache-2.0")
WRONG = Change(field="licence", before="MIT", after="BSD-3-Clause")


def reviewed_again(*more: Any, first: tuple[Any, ...] = ()) -> PublishedTool:
    """Return Quillbase as it stands after a second review, with these decisions on either run."""
    before = published(FIRST, a_decision(FIRST, 1), *first)
    return replace(published(LATER, a_decision(LATER, 10), *more), earlier=(before,))


def test_a_second_review_tells_what_changed_and_what_the_verdict_was() -> None:
    again, first = history_of(reviewed_again())
    assert (first.title, first.told, first.before) == ("First verdict", "split", None)
    assert (again.title, again.says) == ("Reviewed again, verdict changed", "from split to ship")
    said = {one.label: (one.before, one.after) for one in again.shifts}
    assert said["Price, team"] == ("$9 per seat and month", "$12 per seat and month")
    assert said["Licence"] == ("MIT", "Apache-2.0")
    assert again.tags == ("review", "verdict", "price", "licence")
    assert again.reason is None  # what an editor wrote to approve is no word to readers


def test_the_terms_of_an_entry_price_are_told_in_words() -> None:
    run = a_run(a_tool(entry="freemium"))
    later = a_later_run(entry="contact").model_copy(update={"id": "quillbase-00000003"})
    changed = Change(field="entry", before="contact", after="paid")
    corrected = a_decision(later, 11, "correct", changes=(changed,))
    page = replace(
        published(later, a_decision(later, 10), corrected),
        earlier=(published(run, a_decision(run, 1)),),
    )
    sentences = [say_shift(shift) for one in history_of(page) for shift in one.shifts]
    assert sentences[0] == "Entry price: on request, now paid."
    assert "Entry price: free to start, now paid." in sentences
    files = files_of(a_catalogue([page]))
    notice = files["corrections/index.html"].decode()
    assert '>on request</del> <ins dir="auto">paid</ins>' in notice


def test_the_words_of_a_price_label_are_no_tags() -> None:
    later = a_later_run(prices=(a_price(label="Licence for text", amount="12"),), licence="MIT")
    tool = replace(
        published(later, a_decision(later, 10)),
        earlier=(published(FIRST, a_decision(FIRST, 1)),),
    )
    again, _ = history_of(tool)
    assert any(one.label.endswith("Licence for text") for one in again.shifts)
    assert again.tags == ("review", "verdict", "price")


def test_every_event_stands_under_its_date_also_of_a_run_that_was_replaced() -> None:
    tool = reviewed_again(
        a_decision(LATER, 11, "override", verdict="skip", reason="It cannot be bought."),
        first=(a_decision(FIRST, 2, "correct", changes=(WRONG,), reason="A reader wrote."),),
    )
    events = history_of(tool)
    assert [one.number for one in events] == [11, 10, 2, 1]
    assert [one.told for one in events] == ["skip", "ship", "split", "split"]
    assert events[0].tags == ("override", "verdict")
    assert events[2].tags == ("correction", "licence")
    assert [one.number for one in list_changes(a_catalogue([tool]))] == [11, 10, 2]


def test_an_undone_decision_and_one_before_the_approval_are_no_events() -> None:
    held = published(
        FIRST,
        a_decision(FIRST, 1, "override", verdict="ship", reason="It names its limits."),
        a_decision(FIRST, 2),
        a_decision(FIRST, 3, "withdraw", reason="By mistake."),
        a_decision(FIRST, 4, "undo", undoes=3, reason="Taken back."),
    )
    (only,) = history_of(held)
    assert (only.kind, only.told, only.number) == ("first", "ship", 2)


def test_a_page_that_came_back_is_published_again_and_its_reason_stays() -> None:
    back = published(
        FIRST,
        a_decision(FIRST, 1),
        a_decision(FIRST, 2, "withdraw", reason="It was of another product."),
        a_decision(FIRST, 3),
    )
    assert [one.title for one in history_of(back)] == [
        "Published again",
        "Withdrawn",
        "First verdict",
    ]


def test_page_data_and_feeds_tell_the_same_history(tmp_path: Path) -> None:
    tool = reviewed_again(
        first=(a_decision(FIRST, 2, "correct", changes=(WRONG,), reason="A reader wrote."),)
    )
    catalogue = a_catalogue([tool, *four_tools()[1:]])
    files = files_of(catalogue)
    page = files["tools/quillbase/index.html"].decode()
    assert page.index("Reviewed again, verdict changed") < page.index("First verdict")
    assert "$9 per seat and month</del>" in page
    record = f"tools/quillbase/runs/{FIRST.id}.json"
    assert f'href="{IDENTITY.root}{record}"' in page
    kept = json.loads(files[record])
    assert (kept["state"], kept["verdict"]["decision"]) == ("replaced", "skip")
    assert kept["tool"]["licence"] == "BSD-3-Clause"
    twin = json.loads(files["tools/quillbase/index.json"])
    assert [one["event"] for one in twin["history"]] == ["again", "correct", "first"]
    assert twin["history"][0]["record"].endswith("tools/quillbase/index.json")
    assert (
        "Verdict history"
        not in files_of(a_catalogue([published(FIRST)]))["tools/quillbase/index.html"].decode()
    )
    entries = {one["title"]: one["summary"] for one in entries_of(files["changes.atom"])}
    told = entries["Quillbase: reviewed again, verdict changed: from split to ship"]
    assert "Licence: BSD-3-Clause, now Apache-2.0." in told
    assert "Gone: withdrawn" in entries
    assert "A reader wrote." in entries["Quillbase: corrected: split"]
    items = json.loads(files["changes.json"])["items"]
    assert [one["title"] for one in items] == list(entries)
    assert len({one["id"] for one in items}) == len(items)
    assert b"Quillbase" in files["corrections/index.html"]
    assert b"The tool has been reviewed again since." in files["corrections/index.html"]
    assert faults_of(built(tmp_path, catalogue)) == []


def test_of_a_run_that_is_gone_or_withdrawn_no_review_is_shown_any_more() -> None:
    tool = reviewed_again(
        first=(a_decision(FIRST, 2, "withdraw", reason="It was of another product."),)
    )
    gone = replace(tool, earlier=(replace(tool.earlier[0], recorded=None),))
    for one in (tool, gone):
        files = files_of(a_catalogue([one]))
        page = files["tools/quillbase/index.html"].decode()
        assert "It was of another product." in page
        assert f"tools/quillbase/runs/{FIRST.id}.json" not in files
        assert [event.votes for event in history_of(one)[1:]] == [(), ()]
    withdrawn = reviewed_again(a_decision(LATER, 11, "withdraw", reason="The maker asked."))
    files = files_of(a_catalogue([withdrawn]))
    assert not [path for path in files if "/runs/" in path]
    page = files["tools/quillbase/index.html"].decode()
    titles = ("<b>Withdrawn</b>", "What stood here before", "Reviewed again", "First verdict")
    assert sorted(titles, key=page.index) == list(titles)
    assert page.count("The maker asked.") == 1
    assert 'class="bl"' not in page
    for entry in json.loads(files["changes.json"])["items"]:
        assert f'id="{entry["url"].partition("#")[2]}"' in page, entry


def test_a_decision_on_a_replaced_run_makes_the_pages_of_its_tool_anew() -> None:
    def keys(tool: PublishedTool) -> dict[str, str]:
        plan = SitePlan(a_catalogue([tool, four_tools()[2]]), Assets.load(), "code")
        return {file.path: file.key for file in plan.files()}

    before, again = keys(reviewed_again()), keys(reviewed_again())
    late = a_decision(FIRST, 20, "correct", changes=(WRONG,), reason="A reader wrote.")
    after = keys(reviewed_again(first=(late,)))
    assert before == again
    changed = {path for path, key in after.items() if before[path] != key}
    assert {"tools/quillbase/index.html", "changes.atom", "index.html"} <= changed
    assert "tools/trio/index.html" not in changed


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("entry", "entry price"),
        ("price.2", "price 2"),
        ("builder.take.3", "builder: sentence 3"),
        ("business_analyst.take.3.basis", "business analyst: sentence 3, basis"),
        ("skeptic.best_for", "skeptic: best for"),
    ],
)
def test_a_change_says_in_words_what_it_was_made_to(field: str, words: str) -> None:
    assert field_name(Change(field=field, before="a", after="b")) == words
