"""What is written comes back as it was, and the rules for names, prompts and numbers never raise."""

import asyncio
import json
import re
import tempfile
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from panel.checklist.matcher import SignalMatcher
from panel.checklist.prices import find_prices
from panel.checklist.prose import read_prose
from panel.checklist.signals import load_signals
from panel.domain.ballot import (
    BASES,
    Ballot,
    DatedClaim,
    Finding,
    Sentence,
    read_ballot,
)
from panel.domain.cleaning import clean, clean_text
from panel.domain.exchange import (
    Completion,
    Exchange,
    Failure,
    Message,
    Part,
    Request,
    Usage,
    canonical,
    digest,
)
from panel.domain.fact_checks import complete_tool
from panel.domain.flag import Flag
from panel.domain.grounding import (
    foreign_numbers,
    is_verbatim,
    numbers,
)
from panel.domain.intake import read_facts
from panel.domain.monthly_cost import read_pricing
from panel.domain.review import Abstention, Agreement, Review, Scorecard
from panel.domain.run import Assignment, Pending, Run, Spending
from panel.domain.sums import read_sums
from panel.domain.template import Template
from panel.domain.tool import FACTS, Price, Tool, price_line, slugify
from panel.editorial.price_line import parse_price, print_price
from panel.spdx import licence_table
from panel.store.run_files import OpenRunFolder, RunFiles
from tests.conftest import tries
from tests.factories import a_run, a_tool, some_inputs
from tests.hang_guard import guarded

RESERVED = {"con", "prn", "aux", "nul"} | {
    f"{port}{n}" for port in ("com", "lpt") for n in range(10)
}

MATCHER = SignalMatcher(load_signals())
ANY_TEXT = st.text(max_size=60)
WILD_TEXT = st.text(st.characters(codec=None, categories=None), max_size=80)
LINES = st.text(min_size=1, max_size=60).filter(str.strip)
PLAIN = st.text(min_size=1, max_size=60).map(lambda text: clean(text).text).filter(str.strip)
SHARES = st.floats(0, 1)
POINTS = st.floats(0, 10)
COUNTS = st.integers(0, 10**20)
AMOUNTS = st.decimals(0, 10**9, places=12) | st.integers(0, 10**9).map(Decimal)
MONEY = st.sampled_from(
    [
        *"0123456789.,$€£¥%()+-*/=xX≈ \n²٣½",
        *("1e9", "USD", "EUR", "per ", "a seat", "month", "1M tokens", "cents", "million"),
        *("from ", "free", "twenty", "each thousand"),
    ]
)


def ballots(prose: st.SearchStrategy[str]) -> st.SearchStrategy[Ballot]:
    found = st.builds(
        Finding,
        criterion=st.just("evidence"),
        finding=prose,
        evidence=st.none() | prose,
        score=st.integers(1, 5),
    )
    return st.builds(
        Ballot,
        findings=found.map(lambda one: (one,)),
        take=st.lists(
            st.builds(
                Sentence, text=prose, basis=st.sampled_from(BASES), evidence=st.none() | prose
            ),
            min_size=1,
            max_size=3,
        ).map(tuple),
        best_for=prose,
        avoid_if=prose,
        flips_if=prose,
        prediction=st.builds(DatedClaim, claim=prose, by=prose, probability=SHARES),
        addressed=st.lists(prose.map(str.strip), max_size=2, unique=True).map(tuple),
        verdict=st.sampled_from(["ship", "skip"]),
        confidence=SHARES,
    )


USAGES = st.builds(
    Usage, input=COUNTS, output=COUNTS, cached=COUNTS, cache_written=COUNTS, reasoning=COUNTS
)
REQUESTS = st.builds(
    Request,
    label=ANY_TEXT,
    provider=ANY_TEXT,
    model=ANY_TEXT,
    messages=st.lists(
        st.builds(
            Message,
            role=st.sampled_from(["system", "user", "assistant"]),
            parts=st.lists(
                st.builds(Part, text=ANY_TEXT, ends_prefix=st.booleans()), max_size=2
            ).map(tuple),
        ),
        max_size=3,
    ).map(tuple),
    schema_name=ANY_TEXT,
    answer_schema=st.dictionaries(ANY_TEXT, st.none() | ANY_TEXT | st.integers(), max_size=3),
    max_output_tokens=st.integers(1, 10**6),
    temperature=st.none() | st.floats(0, 2),
    effort=st.sampled_from([None, "low", "high"]),
    prefix_key=ANY_TEXT,
    sample=COUNTS,
    attempt=COUNTS,
)
EXCHANGES = st.builds(
    Exchange,
    request=REQUESTS,
    outcome=st.builds(
        Completion,
        text=ANY_TEXT,
        model=ANY_TEXT,
        usage=st.none() | USAGES,
        calls=COUNTS,
        waited_ms=COUNTS,
        response_id=st.none() | ANY_TEXT,
    )
    | st.builds(
        Failure,
        kind=st.sampled_from(["transient", "refused", "unusable"]),
        reason=ANY_TEXT,
        usage=st.none() | USAGES,
        calls=COUNTS,
        waited_ms=COUNTS,
    ),
    ms=COUNTS,
)

FLAGS = st.builds(
    Flag,
    kind=st.sampled_from(["ballot", "hidden_text", "own_maker"]),
    message=ANY_TEXT,
    excerpt=st.none() | st.text(max_size=200),
    holds=st.booleans(),
)
SOME_FLAGS = st.lists(FLAGS, max_size=2).map(tuple)
SEATS = st.builds(
    Assignment, persona=ANY_TEXT, provider=ANY_TEXT, model=ANY_TEXT, own_maker=st.none() | ANY_TEXT
)
REVIEWS: st.SearchStrategy[Review] = st.builds(
    Scorecard,
    reviewer=ANY_TEXT,
    name=ANY_TEXT,
    provider=ANY_TEXT,
    model=ANY_TEXT,
    ballot=ballots(LINES),
    score=POINTS,
    flags=SOME_FLAGS,
    agreement=st.none() | st.builds(Agreement, agree=COUNTS, of=COUNTS),
) | st.builds(
    Abstention,
    reviewer=ANY_TEXT,
    name=ANY_TEXT,
    provider=ANY_TEXT,
    model=ANY_TEXT,
    reason=ANY_TEXT,
)
PRICES = st.builds(
    Price,
    label=LINES,
    amount=AMOUNTS,
    up_to=st.none() | AMOUNTS,
    currency=st.sampled_from(["USD", "EUR", None]),
    counted_in=st.none() | LINES,
    terms=st.lists(LINES, max_size=2).map(tuple),
    unit=st.none() | LINES | st.lists(MONEY, min_size=1).map("".join).filter(str.strip),
    evidence=st.none() | LINES,
)
TOOLS = st.builds(
    Tool,
    name=LINES.filter(lambda name: clean_text(name).strip()),
    description=LINES,
    tagline=st.none() | LINES,
    vendor=st.none() | LINES,
    entry=st.sampled_from([None, "free", "paid"]),
    prices=st.lists(PRICES, max_size=3).map(tuple),
    not_stated=st.lists(st.sampled_from(FACTS), unique=True).map(tuple),
    not_read=st.lists(st.sampled_from(FACTS), unique=True).map(tuple),
    licence=st.none() | LINES,
    evidence=st.dictionaries(st.sampled_from(FACTS), LINES, max_size=2),
    open_points=st.lists(LINES, max_size=2).map(tuple),
)
ZONES = st.integers(-14, 14).map(lambda hours: timezone(timedelta(hours=hours)))


@st.composite
def runs(draw: st.DrawFn) -> Run:
    tool = draw(TOOLS)
    run = a_run(
        inputs=some_inputs(tool, assignments=tuple(draw(st.lists(SEATS, max_size=2)))),
        tool=draw(TOOLS),
        verdict=draw(st.sampled_from([None, a_run().verdict])),
    )
    return run.model_copy(
        update={
            "state": draw(st.sampled_from(["open", "stopped", "finished"])),
            "started": draw(st.datetimes(datetime(2020, 1, 1), timezones=ZONES)),  # noqa: DTZ001
            "versions": draw(st.dictionaries(ANY_TEXT, ANY_TEXT, max_size=2)),
            "assignments": tuple(draw(st.lists(SEATS, max_size=2))),
            "reviews": tuple(draw(st.lists(REVIEWS, max_size=2))),
            "flags": draw(SOME_FLAGS),
            "pending": tuple(
                draw(
                    st.lists(
                        st.builds(
                            Pending,
                            reviewer=ANY_TEXT,
                            reason=ANY_TEXT,
                            cause=st.sampled_from(["answer", "cap"]),
                        ),
                        max_size=2,
                    )
                )
            ),
            "reason": draw(st.none() | ANY_TEXT),
            "spending": draw(
                st.builds(
                    Spending,
                    calls=COUNTS,
                    usage=st.none() | USAGES,
                    cost_usd=st.none() | st.decimals(0, allow_nan=False, allow_infinity=False),
                    unpriced=st.lists(ANY_TEXT, max_size=2).map(tuple),
                    priced_by=ANY_TEXT,
                )
            ),
        }
    )


@given(FLAGS)
@example(Flag(kind="ballot", message="", excerpt="ا" * 159 + "\u200c" + "ا", holds=False))
def test_a_flag_comes_back_from_its_json(flag: Flag) -> None:
    assert Flag.model_validate_json(flag.model_dump_json()) == flag


@given(ballots(PLAIN))
def test_a_ballot_that_is_written_down_is_read_as_it_was(ballot: Ballot) -> None:
    assert read_ballot(ballot.model_dump_json(), ["evidence"]) == ballot


@given(ballots(LINES))
def test_a_ballot_comes_back_from_its_json(ballot: Ballot) -> None:
    assert Ballot.model_validate_json(ballot.model_dump_json()) == ballot


@given(EXCHANGES)
def test_an_exchange_is_written_in_canonical_form(exchange: Exchange) -> None:
    assert exchange.canonical == canonical(exchange.model_dump(mode="json"))
    assert exchange.request.key == digest(exchange.request.model_dump(mode="json"))


@given(REQUESTS)
def test_a_request_comes_back_with_its_key(request: Request) -> None:
    again = Request.model_validate_json(request.model_dump_json())
    assert again == request == request.but()
    assert again.key == request.key


async def _append(folder: OpenRunFolder, exchanges: list[Exchange]) -> None:
    async with asyncio.TaskGroup() as group:
        for exchange in exchanges:
            group.create_task(folder.append(exchange))


@tries(25)
@given(st.lists(EXCHANGES, max_size=3, unique_by=lambda exchange: exchange.request.key), runs())
def test_a_whole_run_comes_back_from_disk(exchanges: list[Exchange], run: Run) -> None:
    with tempfile.TemporaryDirectory() as folder:
        files = RunFiles(Path(folder))
        with files.lock(run) as held:
            asyncio.run(_append(held, exchanges))
            held.save(run)
        recording = files.load(files.place(run))
        assert recording.run == run
        assert recording.exchanges == tuple(exchanges)
        with files.lock(run) as held:
            assert held.exchanges == tuple(exchanges)
            assert all(held.find(one.request) == one for one in exchanges)


@given(WILD_TEXT)
@example("\u2014" * 80)
@example("a" * 59 + "-b")
@example("CON")
@example("..")
def test_any_name_is_filed_under_a_safe_word(name: str) -> None:
    slug = slugify(name)
    assert re.fullmatch(r"[a-z0-9-]{1,60}", slug)
    assert slug not in RESERVED
    assert not slug.startswith("-")
    assert not slug.endswith("-")


@given(
    st.dictionaries(
        st.sampled_from(["a", "b", "c_d"]), st.text(alphabet="$abc_d {}\\g<1>"), min_size=3
    )
)
def test_a_value_in_a_template_is_never_read_as_a_template(values: dict[str, str]) -> None:
    template = Template(name="t", text="$a|$b$$a|$c_d")
    assert template.variables == {"a", "b", "c_d"}
    assert template.fill(values) == f"{values['a']}|{values['b']}$a|{values['c_d']}"


@given(st.text(alphabet="$abc_ A{}1"))
def test_a_template_names_every_variable_that_it_needs(text: str) -> None:
    template = Template(name="t", text=text)
    template.fill(dict.fromkeys(template.variables, ""))


NUMERIC = st.lists(MONEY, max_size=25).map("".join) | WILD_TEXT


@given(NUMERIC, NUMERIC)
@example("9 x " * 60 + "= 1", "9")
@example("1" * 5000, "1" * 5000)
@example("1/0 = 0", "")
@example("(" * 100 + "1+1" + ")" * 100 + " = 2", "")
def test_the_rules_for_numbers_never_raise(sentence: str, text: str) -> None:
    numbers(sentence)
    foreign_numbers(sentence, text)
    read_sums(sentence, text, text)
    is_verbatim(sentence, text)


@given(NUMERIC)
@example("It costs $1.2.3 a month.")
@example("It costs $9,99,99.9 per 1M tokens.")
@example("It costs $" + "9" * 400 + ".")
@example("It costs 0.0000000000000001 USD.")
def test_the_rules_for_prices_never_raise(text: str) -> None:
    for price in find_prices(read_prose(text), MATCHER):
        assert 0 <= price.amount <= 10**9


@given(TOOLS)
def test_the_pricing_read_never_raises_and_invents_nothing(tool: Tool) -> None:
    read = read_pricing(tool)
    assert read.prices == tool.prices
    assert {month.currency for month in read.months} <= {price.currency for price in tool.prices}
    assert all(len(price_line(price)) < 200 for price in tool.prices)


ODD_PARTS = LINES | st.lists(
    st.sampled_from(
        [
            '"',
            "\\",
            "(",
            ")",
            ";",
            ": 5",
            " per ",
            "USD",
            "dollars",
            "up to 9",
            "a",
            " ",
            "\n",
            "(b; c)",
        ]
    ),
    min_size=1,
).map("".join).filter(str.strip)


@given(
    st.builds(
        Price,
        label=ODD_PARTS,
        amount=AMOUNTS,
        up_to=st.none() | AMOUNTS,
        currency=st.none(),
        counted_in=st.none() | ODD_PARTS,
        terms=st.lists(ODD_PARTS, max_size=3).map(tuple),
        unit=st.none() | ODD_PARTS,
    ),
    st.sampled_from(["USD", "XAU", None]),
)
@example(Price(label="a", amount=Decimal(1), counted_in="credits per", unit="seat"), None)
@example(Price(label="a", amount=Decimal(1), counted_in="credits\tper seat", unit=None), None)
def test_a_price_that_is_printed_for_an_editor_is_typed_back_as_the_same(
    price: Price, currency: str | None
) -> None:
    if currency:
        price = price.model_copy(update={"currency": currency, "counted_in": None})
    assert parse_price(print_price(price)) == price


@pytest.mark.parametrize("line", ["x :1    per   " * 70 + "ax )", ":1  per  " * 200 + '("'])
def test_a_line_that_is_no_price_is_told_at_once(line: str) -> None:
    with guarded("the reader of prices", 0.5):
        assert parse_price(line) is None


@given(st.floats(0, 10**9))
@example(5e-324)
@example(123456789.123456789)
@example(1e-12)
def test_any_amount_that_intake_finds_is_a_price(amount: float) -> None:
    passage = f"notes in USD for {Decimal(str(round(amount, 12))):f}"
    price = {
        "label": "a",
        "amount": amount,
        "currency": "USD",
        "unit": "month",
        "evidence": passage,
    }
    found: dict[str, Any] = dict.fromkeys(["tagline", "category", "vendor", "entry", "licence"])
    text = json.dumps(
        found | {"is_tool": True, "reason": "r", "prices": [price], "open_points": []}
    )
    tool = complete_tool(a_tool(prices=()), read_facts(text), passage, licence_table()).tool
    assert abs(float(tool.prices[0].amount) - amount) <= max(1e-12, amount * 1e-15)
    assert Tool.model_validate_json(tool.model_dump_json()) == tool
