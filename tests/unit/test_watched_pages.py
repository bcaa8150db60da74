"""The watched pages of a ledger, in both databases."""

from datetime import date
from typing import Any

import pytest

from panel.domain.difference import Difference, TextChange
from panel.domain.feed import Validators
from panel.domain.watched_page import FlipCheck, FlipCondition, PageChange, PageText, WatchedPage
from panel.store.sql.ledger import SqlLedger
from tests.decisions import a_draft
from tests.factories import a_run
from tests.ledgers import DAY, after

URL = "https://tools.example/quillbase"


def a_page(tool: str = "quillbase", **fields: Any) -> WatchedPage:
    given: dict[str, Any] = {
        "name": "Quillbase",
        "decided": 7,
        "day": DAY,
        "run": "r-1",
        "url": URL,
    }
    return WatchedPage(tool=tool, **(given | fields))


def looked(page: WatchedPage, minutes: float = 1, **fields: Any) -> WatchedPage:
    given = {"checked": after(minutes), "answer": "unchanged"}
    return page.model_copy(update=given | fields)


def a_change(**fields: Any) -> PageChange:
    text = TextChange(new=("It costs $10.",), gone=("It costs $8 — “now”.",))
    given: dict[str, Any] = {"tool": "quillbase", "name": "Quillbase", "day": DAY, "run": "r-1"}
    given |= {"url": URL, "at": after(1), "job": "j" * 32, "difference": Difference(text=text)}
    return PageChange(**(given | fields))


def decide(ledger: SqlLedger, count: int) -> None:
    """Have so many decisions in the journal: a page that is of none of them is not sound."""
    number = 0
    for _ in range(count):
        number = ledger.decisions.add(a_draft(a_run(), "hold"), seen=number).number


def test_a_page_that_is_passed_over_says_what_to_do_unless_it_is_told_why() -> None:
    damaged = a_page().damaged()
    assert damaged.answer == "damaged"
    assert "`shipskip watch forget quillbase`" in (damaged.why or "")
    assert a_page().damaged("its journal is gone").why == "its journal is gone"


def test_a_page_comes_back_as_it_was_kept(ledger: SqlLedger) -> None:
    decide(ledger, 9)
    assert (ledger.watched.upto(), ledger.watched.all()) == (0, ())
    other = a_page("b-tool", decided=9, day=None, run=None, url=None)
    ledger.watched.follow([a_page(), other])
    assert (ledger.watched.upto(), ledger.watched.all()) == (9, (other, a_page()))
    assert ledger.watched.text("quillbase") is None
    found = looked(
        a_page(),
        answer="unreachable",
        why="it broke off\0",
        validators=Validators(etag='"a"', last_modified="today"),
    )
    assert ledger.watched.keep(a_page(), found, PageText(text="It costs $8.\0"), None)
    kept = found.model_copy(update={"why": "it broke off␀"})
    assert ledger.watched.all() == (other, kept)
    assert ledger.watched.text("quillbase") == PageText(text="It costs $8.␀")
    waiting = PageText(text="It costs $8.\0", unconfirmed="It costs nothing.")
    assert ledger.watched.keep(kept, kept, waiting, None)
    assert ledger.watched.text("quillbase") == PageText(
        text="It costs $8.␀", unconfirmed="It costs nothing."
    )
    assert ledger.watched.keep(kept, kept, PageText(text="It costs $8.␀"), None)
    assert ledger.watched.keep(kept, looked(kept, 2), None, None)
    assert ledger.watched.text("quillbase") == PageText(text="It costs $8.␀")
    assert ledger.watched.text("nothing") is None


def test_another_run_keeps_what_was_found_on_the_page_but_not_on_another_page(
    ledger: SqlLedger,
) -> None:
    decide(ledger, 13)
    ledger.watched.follow([a_page()])
    ledger.watched.keep(a_page(), looked(a_page()), PageText(text="It costs $8."), None)
    again = a_page(decided=12, day=date(2026, 11, 30), run="r-2", name="Quillbase 2")
    ledger.watched.follow([again])
    assert ledger.watched.all() == (looked(again),)
    assert ledger.watched.text("quillbase") == PageText(text="It costs $8.")
    ledger.watched.follow([a_page()])
    assert ledger.watched.all() == (looked(again),), "an older decision takes nothing back"
    moved = a_page(decided=13, url="https://elsewhere.example/")
    ledger.watched.follow([moved])
    assert ledger.watched.all() == (moved,)
    assert ledger.watched.text("quillbase") is None


@pytest.mark.parametrize("meanwhile", ["another look", "another run", "no such page"])
def test_a_look_that_was_overtaken_keeps_nothing(ledger: SqlLedger, meanwhile: str) -> None:
    began = a_page()
    if meanwhile != "no such page":
        ledger.watched.follow([began])
    if meanwhile == "another look":
        assert ledger.watched.keep(began, looked(began), PageText(text="It costs $9."), a_change())
    if meanwhile == "another run":
        ledger.watched.follow([a_page(decided=8)])
    before = ledger.watched.all(), ledger.watched.changes("quillbase")
    assert not ledger.watched.keep(
        began, looked(began, 2), PageText(text="It costs $10."), a_change()
    )
    assert (ledger.watched.all(), ledger.watched.changes("quillbase")) == before


def test_changes_and_conditions_are_rows_of_the_journal_by_their_tool(ledger: SqlLedger) -> None:
    ledger.watched.follow([a_page(), a_page("quillbase-2")])
    ledger.watched.keep(a_page(), looked(a_page()), PageText(text="It costs $10."), a_change())
    condition = FlipCondition(reviewer="skeptic", name="Skeptic", flips_if="it is free", span=None)
    check = FlipCheck(
        tool="quillbase", job="j" * 32, at=after(2), model="gpt-test", conditions=(condition,)
    )
    assert ledger.watched.unasked() == (a_change(),)
    ledger.watched.add_flip_check(check)
    assert ledger.watched.unasked() == ()
    assert ledger.watched.changes("quillbase") == (a_change(),)
    assert ledger.watched.flip_checks("quillbase") == (check,)
    assert not check.conditions[0].is_met
    assert ledger.watched.changes("quillbase-2") == ()
    assert [row.action for row in ledger.journal.rows()][-2:] == [
        "page_changed",
        "flips_checked",
    ]
    ledger.journal.verify()
    assert list(ledger.decisions.after()) == []
    assert ledger.decisions.of_tool("quillbase") == ()
