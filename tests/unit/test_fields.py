"""The fields that an editor may change, by name."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.domain.decision import Change
from panel.domain.monthly_cost import read_pricing
from panel.domain.review import Scorecard
from panel.domain.run import Run
from panel.editorial.fields import (
    CONDITIONS,
    FACT_FIELDS,
    apply,
    change_of,
    field_text,
    read_field,
)
from panel.errors import ConfigError
from tests.factories import a_panel, a_price, a_run, a_tool

RUN = a_run(a_tool(evidence={"licence": "plain files"}, licence="MIT"))
SAID = "It costs 9 dollars a seat each month"


def field_names(run: Run) -> tuple[str, ...]:
    """Return the fields of `run` that an editor may change, a further price last."""
    names = list(FACT_FIELDS)
    for card in (one for one in run.reviews if isinstance(one, Scorecard)):
        for number, _ in enumerate(card.ballot.take, start=1):
            at = f"{card.reviewer}.take.{number}"
            names += [at, f"{at}.basis", f"{at}.evidence"]
        names += [f"{card.reviewer}.{condition}" for condition in CONDITIONS]
    return (*names, *(f"price.{n}" for n in range(1, len(run.tool.prices) + 2)))


def test_every_field_that_is_named_can_be_read() -> None:
    run = a_run(reviews=a_panel("ship none skip ship"))
    names = field_names(run)
    assert {"licence", "price.1", "price.2", "builder.take.4.basis", "futurist.flips_if"} <= {
        *names
    }
    assert not [name for name in names if name.startswith("skeptic.")]  # it gave no scorecard
    empty = {name for name in names if read_field(run, name) is None}
    of_a_take = {f"{key}.take.{n}.evidence" for key in ("builder", "futurist") for n in (3, 4)}
    assert empty == {
        "url",
        "price.2",
        *of_a_take,
        *(f"business_analyst.take.{n}.evidence" for n in (3, 4)),
    }


def test_a_field_that_says_nothing_or_is_not_there_has_no_text() -> None:
    said = {name: field_text(RUN, name) for name in ("licence", "url", "price.9", "no.such")}
    assert said == {"licence": "MIT", "url": "", "price.9": "", "no.such": ""}


@pytest.mark.parametrize(
    ("field", "value", "reads"),
    [
        ("licence", "Apache-2.0", "Apache-2.0"),
        ("licence", None, None),
        ("name", "Quillbase 2", "Quillbase 2"),
        ("url", "https://quillbase.example:8443/a?b", "https://quillbase.example:8443/a?b"),
        ("url", "http://8.8.8.8/", "http://8.8.8.8/"),
        ("entry", "free", "free"),
        ("price.1", "team:  12.50 usd per seat", "team: 12.5 USD per seat"),
        ("price.1", None, None),
        ("price.1", "team: 9 USD (from)", "team: 9 USD (from)"),
        (
            "price.1",
            "Team: 11 USD per editor a month (up to 20; billed annually; minimum three editors)",
            "Team: 11 USD per editor a month (up to 20; billed annually; minimum three editors)",
        ),
        ("price.1", 'a: 5 credits per "call (x)"', 'a: 5 credits per "call (x)"'),
        ("price.1", '"a\\q": 5 USD', '"\\"a\\\\q\\"": 5 USD'),
        ("price.2", "on top: 3 EUR per 1M tokens", "on top: 3 EUR per 1M tokens"),
        ("builder.take.2", "Ten seats cost 90 dollars.", "Ten seats cost 90 dollars."),
        ("builder.take.2.evidence", None, None),
        ("builder.take.4.basis", "judged", "judged"),
        ("skeptic.best_for", "one person", "one person"),
    ],
)
def test_a_change_says_what_it_was_and_what_it_is(
    field: str, value: str | None, reads: str | None
) -> None:
    change = change_of(RUN, field, value)
    assert change.before == read_field(RUN, field)
    assert change.after == reads
    changed = apply(RUN, [change])
    assert read_field(changed, field) == reads
    others = [name for name in field_names(RUN) if name != field and not name.startswith("price")]
    assert [read_field(changed, name) for name in others] == [
        read_field(RUN, name) for name in others
    ]
    assert changed.verdict == RUN.verdict
    assert changed.inputs == RUN.inputs  # what was recorded stays


def test_an_editors_fact_stands_on_the_passage_that_it_names_and_on_no_older_one() -> None:
    bare = apply(RUN, [change_of(RUN, "licence", "Apache-2.0", found="the vendor wrote in")])
    assert bare.tool.evidence == {}
    named = apply(RUN, [change_of(RUN, "licence", "Apache-2.0", found=SAID)])
    assert named.tool.evidence == {"licence": SAID}
    gone = apply(named, [change_of(named, "licence", None)])
    assert (gone.tool.licence, gone.tool.not_stated) == (None, ("licence",))
    again = apply(gone, [change_of(gone, "licence", "MIT")])
    assert again.tool.not_stated == ()
    priced = apply(RUN, [change_of(RUN, "price.1", "team: 9.5 USD per seat", found=SAID)])
    assert priced.tool.prices[0].evidence == SAID


def test_a_value_that_an_older_decision_took_stays() -> None:
    taken = apply(RUN, [Change(field="url", before=None, after="htp:/x")])
    assert taken.tool.url == "htp:/x"
    line = "team: 9 USD per seat (up to 3)"
    priced = apply(RUN, [Change(field="price.1", before=None, after=line)])
    assert priced.tool.prices[0].up_to == 3


def test_a_corrected_price_is_computed_by_its_terms() -> None:
    typed = "Team: 11 USD per editor a month (billed annually; minimum three editors)"
    corrected = apply(RUN, [change_of(RUN, "price.1", typed)])
    months = read_pricing(corrected.tool).months
    assert [(month.amount, month.terms[0].count) for month in months[:2]] == [
        (Decimal(33), "3 seats"),
        (Decimal(110), "10 seats"),
    ]


def test_the_last_price_taken_out_is_not_stated() -> None:
    gone = apply(RUN, [change_of(RUN, "price.1", None)])
    assert gone.tool.prices == ()
    assert "prices" in gone.tool.not_stated
    two = a_run(a_tool(prices=(a_price(), a_price("solo", "4"))))
    left = apply(two, [change_of(two, "price.1", None)])
    assert [price.label for price in left.tool.prices] == ["solo"]


def test_an_editor_says_of_a_fact_that_was_not_read_what_it_is_or_that_it_is_not_stated() -> None:
    unread = a_run(a_tool(licence=None, prices=(), not_read=("licence", "prices")))
    gone = apply(unread, [change_of(unread, name, None) for name in ("licence", "price.1")])
    assert (gone.tool.not_stated, gone.tool.not_read) == (("licence", "prices"), ())
    for field in ("licence", "price.1", "url"):
        with pytest.raises(ConfigError, match="it says that already"):
            change_of(gone, field, None)
    priced = apply(unread, [change_of(unread, "price.1", "team: 9 USD per seat")])
    assert (len(priced.tool.prices), priced.tool.not_read) == (1, ("licence",))


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("colour", "red", "colour: .* has no such field. It has name, tagline"),
        ("price.9", "x: 1 USD per y", "price.9: .* It has 1 price, price.1; price.2 adds one"),
        ("prise.1", "x: 1 USD per y", "prise.1: .* It has 1 price, price.1; price.2 adds one"),
        ("price.2", None, "it says that already"),
        ("price.0", "x: 1 USD per y", "no such field"),
        ("price.1", "nine dollars", r"price.1: .* Write it as `Team: .*USD per editor .*\("),
        ("price.1", "team: NINE USD per seat", "Write it as"),
        ("price.1", "team: 9 dollars per seat", "Write it as"),
        ("price.1", "team: 9 USD a month per seat", "Write it as"),
        ("price.1", "team: 1.2.3 USD per seat", "Write it as"),
        ("price.1", "team: -9 USD per seat", "price.1: .*Name another with --value"),
        ("price.1", "team: NaN USD per seat", "Write it as"),
        ("price.1", "team: 9 USD per seat (up to 3)", "up to 3 is no upper end of .* begins at 9"),
        ("url", "https://a.example:0/", r"url: .*: port 0 is not .*\(1 to 65535\)\. Name"),
        ("url", "htp:/x", "url: htp:/x: only http and https addresses are read. Name a public"),
        ("url", "https://", "its host is no name"),
        ("url", "http://10.0.0.7/", "10.0.0.7 is no public address"),
        ("url", "http://localhost:8080/a", "localhost is no public address"),
        ("url", "http://intranet/", "intranet is no public address"),
        ("entry", "cheap", "entry: it is one of free, freemium, paid, contact"),
        ("name", None, "name: .*Name another with --value"),
        ("name", "\x00", "name: it has nothing that can be read. Name another with --value"),
        ("name", "x" * 201, "name: .*Name another with --value"),
        ("licence", "MIT", "it says that already"),
        ("licence", "x" * 2001, "licence: it has more than 2,000 characters. Name another"),
        ("nobody.take.1", "x", "no such field"),
        ("builder.take.9", "x", "no such field"),
        ("builder.verdict", "ship", "no such field"),
        ("builder.take.1.basis", "guessed", "it is one of quoted, computed"),
        ("builder.take.1", None, "it has to say something"),
        ("builder.best_for", None, "it has to say something"),
        ("builder.take.1", "x" * 1201, "Name another"),
        ("BUILDER.take.1", "x", "no such field"),
    ],
)
def test_what_does_not_fit_is_one_line(field: str, value: str | None, why: str) -> None:
    with pytest.raises(ConfigError, match=why) as caught:
        change_of(RUN, field, value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("field", ["colour", "price.9", "nobody.best_for"])
def test_a_change_of_another_run_is_not_applied(field: str) -> None:
    with pytest.raises(ConfigError, match="no such field"):
        apply(RUN, [Change(field=field, before=None, after="x")])


@given(st.text(max_size=30), st.none() | st.text(max_size=60))
def test_any_field_and_value_is_a_change_or_one_line(field: str, value: str | None) -> None:
    try:
        change = change_of(RUN, field, value)
    except ConfigError:
        return
    assert read_field(apply(RUN, [change]), field) == change.after


@given(st.sampled_from(field_names(RUN)), st.text(max_size=60))
def test_any_text_in_a_field_is_a_change_or_one_line(field: str, value: str) -> None:
    try:
        change = change_of(RUN, field, value)
    except ConfigError:
        return
    changed = apply(RUN, [change])
    if change.after is not None or not field.startswith("price."):  # a price goes once
        assert changed == apply(changed, [change])
