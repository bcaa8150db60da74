"""What changed between two runs of a tool, as values and in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.domain.difference import (
    MOST_OF_A_SENTENCE,
    MOST_PASSAGES,
    Difference,
    TermChange,
    TextChange,
    difference,
    share_of_passages,
    text_change,
    tool_difference,
)
from panel.domain.run import Assignment
from panel.domain.tool import Price, Tool
from panel.publish.changes import describe_changes, in_short
from tests.factories import (
    REVIEWERS,
    a_panel,
    a_price,
    a_run,
    a_scorecard,
    a_tool,
    an_abstention,
    some_inputs,
)


def _prices(*prices: Price) -> Tool:
    return a_tool(prices=prices)


def test_a_run_differs_in_nothing_from_itself() -> None:
    run = a_run()
    assert difference(run, run).is_empty
    assert describe_changes(difference(run, run)) == ()
    assert in_short(difference(run, run)) == ""


def test_the_votes_of_a_checklist_are_not_compared_with_those_of_a_panel() -> None:
    assignments = tuple(
        Assignment(persona=key, provider="checklist", model="checklist") for key in REVIEWERS
    )
    reviews = a_panel("skip skip skip skip")
    dearer = a_tool(prices=(a_price(amount="20"),))
    ticked = a_run(inputs=some_inputs(dearer, assignments=assignments), reviews=reviews)
    found = difference(a_run(), ticked)
    assert (found.votes, found.verdict) == ((), None)
    assert in_short(found) == "team price $20 per seat and month, was $9"
    assert difference(a_run(), a_run(reviews=reviews)).votes


def test_a_price_is_found_again_by_its_label_and_what_it_is_charged_for() -> None:
    old = _prices(
        a_price("Pro", "8", unit="month"),
        a_price("Pro", "80", unit="year"),
        a_price("Team", "20", unit="month"),
    )
    new = _prices(
        a_price("Team", "8", unit="month"),
        a_price("pro", "100", unit="year"),
        a_price("Pro", "20", unit="month"),
    )
    found = tool_difference(old, new)
    assert describe_changes(found) == (
        "Team price $8 per month, was $20",
        "pro price $100 per year, was $80",
        "Pro price $20 per month, was $8",
    )
    assert in_short(found) == "Team price $8 per month, was $20; 2 more"


def test_another_label_on_the_same_price_is_no_change() -> None:
    old = _prices(a_price("Team", "9", unit="seat and month"))
    new = _prices(a_price("Team plan", "9.00", unit="user per month"))
    assert tool_difference(old, new).is_empty


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("8", "10", ["Business price $10 per seat and month, was $8"]),
        (None, "10", ["Business price $10 per seat and month, new"]),
        ("8", None, ["Pro price $8 per seat and month is gone"]),
    ],
)
def test_one_price_is_changed_new_or_gone(
    old: str | None, new: str | None, said: list[str]
) -> None:
    before = (
        a_tool(prices=(a_price("Pro", old),)) if old else a_tool(prices=(), not_stated=("prices",))
    )
    after = (
        a_tool(prices=(a_price("Business", new),))
        if new
        else a_tool(prices=(), not_stated=("prices",))
    )
    assert list(describe_changes(tool_difference(before, after))) == said


def test_prices_that_cannot_be_told_apart_are_new_and_gone() -> None:
    old = _prices(a_price("A", "1"), a_price("B", "2"))
    new = _prices(a_price("C", "3"))
    assert describe_changes(tool_difference(old, new)) == (
        "C price $3 per seat and month, new",
        "A price $1 per seat and month is gone",
        "B price $2 per seat and month is gone",
    )
    back = tool_difference(new, old).prices
    assert (len(back.changed), len(back.new), len(back.gone)) == (0, 2, 1)


def test_a_unit_a_currency_or_a_condition_is_part_of_a_price() -> None:
    old = a_price("price", "8", unit="month")
    for other, said in (
        ({"unit": "year"}, "price $8 per year, was $8 per month"),
        ({"unit": "month", "currency": "EUR"}, "price €8 per month, was $8"),
        (
            {"unit": "month", "terms": ("plus VAT",)},
            "price $8 per month (plus VAT), was $8 per month",
        ),
    ):
        new = Price(**{**dict(old), **other})
        assert describe_changes(tool_difference(_prices(old), _prices(new))) == (said,)


def test_what_was_not_read_in_both_runs_has_not_changed() -> None:
    unread = a_tool(prices=(), not_read=("prices",), licence=None, vendor=None)
    assert tool_difference(a_tool(), unread).is_empty
    assert tool_difference(unread, a_tool()).is_empty


def test_a_licence_is_another_one_only_where_its_spelling_is_no_spelling_of_the_same() -> None:
    assert tool_difference(a_tool(licence="MIT"), a_tool(licence="the MIT License")).is_empty
    found = tool_difference(
        a_tool(licence="Apache 2.0", entry="free", vendor="Quill Works"),
        a_tool(licence="BUSL-1.1", entry="contact", vendor=None, not_stated=("vendor",)),
    )
    assert found.terms[0] == TermChange(term="licence", before="Apache 2.0", after="BUSL-1.1")
    assert describe_changes(found) == (
        "licence BUSL-1.1, was Apache 2.0",
        "entry on request, was free",
        "vendor not stated, was Quill Works",
    )
    signs = tool_difference(a_tool(licence="许可"), a_tool(licence="专有"))
    assert signs.terms, "a licence in another script has no spelling to fold"


def test_votes_and_the_verdict_are_compared_by_reviewer() -> None:
    before = a_run(
        reviews=(
            a_scorecard("builder", verdict="ship"),
            a_scorecard("skeptic", verdict="ship"),
            a_scorecard("futurist", verdict="ship"),
        )
    )
    after = a_run(
        reviews=(
            a_scorecard("builder", verdict="skip"),
            an_abstention("skeptic"),
            a_scorecard("business_analyst", verdict="skip"),
        )
    )
    assert describe_changes(difference(before, after)) == (
        "verdict none, was ship",
        "Builder: skip, was ship",
        "Skeptic: no valid review, was ship",
        "Futurist is no longer on the panel",
        "Business analyst: skip, new on the panel",
    )
    assert in_short(difference(before, after)) == "verdict none, was ship; 4 more"


def test_a_run_that_has_no_verdict_yet_is_compared_too() -> None:
    before = a_run()
    after = before.model_copy(update={"verdict": None, "reviews": ()})
    found = difference(before, after).verdict
    assert found is not None
    assert (found.before, found.after) == ("ship", None)
    assert difference(after, after).is_empty


def test_passages_are_new_and_gone_wherever_they_stand() -> None:
    old = "It keeps notes. Export is one command!\n\n- Free for one person\nIt runs v1.5 here."
    new = "EXPORT  is one command. It keeps notes. * Free for two people.\nIt runs v1.5\u200b here"
    assert text_change(old, new) == TextChange(
        new=("* Free for two people.",), gone=("- Free for one person",)
    )
    found = tool_difference(a_tool(description=old), a_tool(description=new))
    assert in_short(found) == "text: 1 passage new, 1 passage gone"
    assert describe_changes(found) == (
        "new: “* Free for two people.”",
        "gone: “- Free for one person”",
    )


_PLACES = st.lists(st.integers(0, 8), max_size=4)


@given(_PLACES, _PLACES, st.lists(_PLACES, min_size=1, max_size=3))
def test_what_is_otherwise_at_each_reading_is_neither_new_nor_gone(
    before: list[int], now: list[int], others: list[list[int]]
) -> None:
    """Nine sentences stay; after some of them stands one that no other reading has."""

    def text(name: str, places: list[int], more: str = "") -> str:
        said = [f"Line {number} stays." for number in range(9)]
        for place in sorted(set(places), reverse=True):
            said.insert(place + 1, f"Visitor {place} of {name}!")
        return " ".join([*said, more])

    old = text("the base", [*before, *now])
    rest = [text(f"reading {number}", [*now, *more]) for number, more in enumerate(others)]
    assert text_change(text("the base", now), text("today", now), rest).is_empty
    lasting = [f"{one} It is free." for one in rest]
    found = text_change(old, text("today", now, "It is free."), lasting)
    assert found.new == ("It is free.",)
    assert all(f"Visitor {place} of" in gone for gone in found.gone for place in [int(gone[8])])
    assert {int(gone[8]) for gone in found.gone} == {*before} - {*now}


def test_the_share_of_sentences_that_another_text_has_is_nought_where_there_is_none() -> None:
    assert share_of_passages("It keeps notes. It is free.", "It is free. It grows.") == 0.5
    assert share_of_passages("It keeps notes.", "It keeps notes. It is free.") == 1
    assert share_of_passages("", "It is free.") == 0


def test_a_sentence_that_only_one_reading_has_is_not_new_and_what_stood_there_is_not_gone() -> None:
    others = ["Hi. Day 3. New. Bye."]
    found = text_change("Hi. Day 1. Bye.", "Hi. Day 2. New. Bye.", others)
    assert found == TextChange(new=("New.",))
    assert not found.is_empty
    assert text_change("Hi. Bye.", "hi. BYE.").is_empty


def test_sentences_without_spaces_between_them_are_told_apart() -> None:
    assert text_change("这是笔记。它是免费的。", "这是笔记。它要付费。").new == ("它要付费。",)


def test_of_a_whole_other_text_a_bounded_part_is_kept() -> None:
    old = " ".join(f"Old sentence {n}." for n in range(500))
    new = " ".join(f"New sentence {n} {'is long ' * 100}." for n in range(500))
    found = text_change(old, new)
    assert (len(found.new), len(found.gone), found.left_out) == (MOST_PASSAGES, MOST_PASSAGES, 960)
    assert all(len(one) <= MOST_OF_A_SENTENCE for one in found.new)
    assert found.new[0].endswith("…")
    whole = Difference(text=found)
    assert in_short(whole) == "text: 1,000 passages new or gone"
    assert describe_changes(whole)[-1] == "960 more passages new or gone"


@given(st.text(max_size=300), st.text(max_size=300))
def test_what_is_new_one_way_is_gone_the_other_way(one: str, other: str) -> None:
    there, back = text_change(one, other), text_change(other, one)
    assert (there.new, there.gone) == (back.gone, back.new)
    assert text_change(one, one) == TextChange()
    assert text_change(one, f"\n{one}\n") == TextChange()


_AMOUNTS = st.decimals(min_value=0, max_value=999, places=2)
_PRICES = st.builds(
    lambda label, amount, unit: Price(label=label, amount=amount, currency="USD", unit=unit),
    st.sampled_from(["Pro", "Team", "pro"]),
    _AMOUNTS,
    st.sampled_from(["month", "year", "seat and month", None]),
)


@given(st.lists(_PRICES, max_size=5), st.lists(_PRICES, max_size=5))
def test_no_price_is_lost_or_counted_twice(old: list[Price], new: list[Price]) -> None:
    before, after = (a_tool(prices=tuple(prices), not_stated=("prices",)) for prices in (old, new))
    changes = tool_difference(before, after).prices
    befores = [*(one.before for one in changes.changed), *changes.gone]
    afters = [*(one.after for one in changes.changed), *changes.new]
    assert all(befores.count(price) <= old.count(price) for price in befores)
    assert all(afters.count(price) <= new.count(price) for price in afters)
    assert len(old) - len(befores) == len(new) - len(afters), "each that stayed is in both"
    sums_before, sums_after = (
        sorted(price.amount for price in prices) for prices in (befores, afters)
    )
    kept = sorted(price.amount for price in old)
    for amount in sums_before:
        kept.remove(amount)
    assert sorted([*kept, *sums_after]) == sorted(price.amount for price in new)
