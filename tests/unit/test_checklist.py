"""The checklist fills in sound ballots by rules, says what was found, and abstains where it cannot."""

import re
from contextlib import suppress
from datetime import date, timedelta
from fractions import Fraction
from functools import partial
from itertools import permutations

import pytest
import yaml
from hypothesis import HealthCheck, example, given
from hypothesis import strategies as st

from panel.app.event_loop import run_async
from panel.checklist.filling import LEAST, LINE, MOST, fill_in
from panel.checklist.matcher import Match
from panel.checklist.prose import read_prose
from panel.checklist.provider import Checklist
from panel.checklist.signals import load_signals
from panel.checklist.tally import SignalTally, lead_line, tally_run, write_reason
from panel.domain.ballot import Ballot, read_ballot
from panel.domain.ballot_checks import check
from panel.domain.cleaning import clean_text
from panel.domain.exchange import Request
from panel.domain.fault import Fault
from panel.domain.intake import read_facts
from panel.domain.prompts import brief, intake_request, repair_request, review_request
from panel.domain.review import Abstention, Scorecard
from panel.domain.run import Assignment, Inputs
from panel.domain.scale import mean
from panel.domain.tool import Tool
from panel.domain.verdict import Rules, aggregate
from panel.errors import Refused
from panel.pipeline.intake import take_in
from panel.pipeline.reviewer import Reviewer
from panel.store.persona_files import load_personas
from panel.store.tool_files import read_tool
from tests.conftest import CHECKOUT, tries
from tests.factories import (
    CRITERIA,
    REVIEWERS,
    a_ballot,
    a_criterion,
    a_finding,
    a_panel,
    a_run,
    a_scorecard,
    some_inputs,
)
from tests.hang_guard import guarded

pytestmark = pytest.mark.no_cover

PERSONAS = load_personas(CHECKOUT / "personas", CHECKOUT / "prompts")
CHECKLIST = Checklist(PERSONAS.personas)
SAMPLES = yaml.safe_load((CHECKOUT / "tests/unit/checklist_tools.yaml").read_text(encoding="utf-8"))
TOOLS = CHECKOUT.parent / "shared" / "data" / "tools"
CRITERIA_OF = {f"review:{persona.key}": persona.criterion_keys for persona in PERSONAS.personas}
TODAY = date(2026, 11, 22)
ANALYST = [persona.key for persona in PERSONAS.personas].index("business_analyst")


def inputs(tool: Tool) -> Inputs:
    assignments = tuple(
        Assignment(persona=p.key, provider="checklist", model="checklist")
        for p in PERSONAS.personas
    )
    return Inputs(
        tool=tool,
        personas=PERSONAS.personas,
        prompts=PERSONAS.prompts,
        assignments=assignments,
        intake=Assignment(persona="intake", provider="checklist", model="checklist"),
        rules=Rules(),
        date=TODAY,
    )


def a_tool(description: str, name: str = "Quillbase") -> Tool:
    return Tool(name=name, description=description)


def requests(tool: Tool) -> dict[str, Request]:
    given = inputs(tool)
    shared = brief(given)
    asked = [
        review_request(given, shared, persona, assignment, sample=0)
        for persona, assignment in zip(given.personas, given.assignments, strict=True)
    ]
    return {request.label: request for request in (*asked, intake_request(given, shared))}


def reviews(tool: Tool, checklist: Checklist = CHECKLIST) -> list[Scorecard | Abstention]:
    """Return what the reviewers of a panel come to, in the personas' order."""

    async def convene() -> list[Scorecard | Abstention]:
        given = inputs(tool)
        shared = brief(given)
        return [
            await Reviewer(persona, assignment, given, shared, checklist).review(sample=0)
            for persona, assignment in zip(given.personas, given.assignments, strict=True)
        ]

    return run_async(convene)


def ballots(tool: Tool) -> list[Ballot]:
    return [card.ballot for card in reviews(tool) if isinstance(card, Scorecard)]


def votes(tool: Tool) -> list[str]:
    return [ballot.verdict for ballot in ballots(tool)]


# What the panel comes to


@pytest.mark.parametrize("name", SAMPLES["sound"])
def test_a_sound_tool_ships(name: str) -> None:
    assert votes(a_tool(SAMPLES["sound"][name], name)) == ["ship"] * 4


@pytest.mark.parametrize("name", SAMPLES["weak"])
def test_a_weak_tool_is_skipped_by_all(name: str) -> None:
    assert votes(a_tool(SAMPLES["weak"][name], name)) == ["skip"] * 4


@pytest.mark.parametrize("name", SAMPLES["weak_in_other_words"])
def test_a_weak_tool_in_other_words_is_skipped_by_all(name: str) -> None:
    assert votes(a_tool(SAMPLES["weak_in_other_words"][name], name)) == ["skip"] * 4


@pytest.mark.parametrize("name", SAMPLES["sound_with_near_misses"])
def test_a_sound_tool_ships_whatever_its_words_are_near_to(name: str) -> None:
    assert votes(a_tool(SAMPLES["sound_with_near_misses"][name], name)).count("ship") >= 3


@pytest.mark.parametrize(
    "bad",
    [
        "Quillbase was discontinued in May.",
        "The service will be shut down on 1 June 2027.",
        "It records people without their consent.",
        "It posts fake reviews of your shop.",
    ],
)
@pytest.mark.parametrize("name", SAMPLES["sound"])
def test_what_is_discontinued_or_harmful_is_a_skip_for_all_however_good_the_rest(
    name: str, bad: str
) -> None:
    tool = a_tool(f"{SAMPLES['sound'][name]}\n\n{bad}")
    assert votes(tool) == ["skip"] * 4
    for ballot in ballots(tool):
        assert set(ballot.scores.values()) == {LEAST}
        assert any(bad.rstrip(".") in sentence.text for sentence in ballot.take)


def test_the_controls_of_the_sample_tools_hold() -> None:
    if not TOOLS.is_dir():
        pytest.skip("the sample tools are not beside this checkout")
    for slug, wanted in yaml.safe_load((TOOLS / "expect.yaml").read_text()).items():
        if "decision" in wanted:
            assert (slug, set(votes(read_tool(TOOLS / f"{slug}.md")))) == (
                slug,
                {wanted["decision"]},
            )


def test_a_verdict_follows_the_mean_of_the_scores_against_the_line() -> None:
    for name, text in {**SAMPLES["sound"], **SAMPLES["weak"]}.items():
        for ballot in ballots(a_tool(text, name)):
            ships = mean(map(Fraction, ballot.scores.values())) >= LINE
            assert (ballot.verdict == "ship") == ships


def test_one_signal_for_a_criterion_is_a_3_two_a_4_and_any_against_it_a_2() -> None:
    def score(text: str) -> int:
        return ballots(a_tool(text))[ANALYST].scores["bill"]

    assert score("It is a tool for the notes of a team.") == 2
    assert score("It costs $9 per seat.") == 3
    assert score("It costs $9 per seat, with a free plan.") == 4
    assert score("It costs $9 per seat, with a free plan. Other prices on request.") == 2


# What a ballot says


def test_a_price_in_a_table_is_neither_found_nor_said_to_be_missing() -> None:
    plans = "| Plan | Price per month |\n|---|---|\n| Team | $12 |"
    ballot = ballots(a_tool(f"It is a tool for the notes of a team.\n\n{plans}"))[ANALYST]
    bill = next(one.finding for one in ballot.findings if one.criterion == "bill")
    assert bill.endswith("Unclear: states a price with its unit.")
    assert "states no price" not in bill
    assert not any("states no price" in sentence.text for sentence in ballot.take)
    assert ballot.scores["bill"] == LEAST


def test_every_ballot_is_sound_and_its_reasons_name_what_was_found() -> None:
    clauses = {text for one in load_signals().signals for text in (one.present, one.absent) if text}
    for name, text in {**SAMPLES["sound"], **SAMPLES["weak"]}.items():
        tool = a_tool(text, name)
        shown = brief(inputs(tool)).shown
        for persona, ballot in zip(PERSONAS.personas, ballots(tool), strict=True):
            assert tuple(ballot.scores) == persona.criterion_keys
            assert check(ballot, shown=shown, today=TODAY) == ()
            for one in ballot.findings:
                assert LEAST <= one.score <= MOST == 4
                assert len(one.finding.split()) < 45
                found = re.findall(r"(?:For|Against|Absent|Unclear): ([^.]+)\.", one.finding)
                assert found
                assert {clause for part in found for clause in part.split("; ")} <= clauses


def test_a_take_begins_with_the_count_and_ends_with_how_it_was_made() -> None:
    ballot = ballots(a_tool(SAMPLES["sound"]["Brackwater"], "Brackwater"))[0]
    first, *between, last = ballot.take
    assert re.fullmatch(r"Checklist: \d+ signals for, \d+ against, \d+ absent\.", first.text)
    assert last.text.startswith("No model was asked")
    assert 1 <= len(between) <= 3
    assert {sentence.basis for sentence in between} <= {"quoted", "absent"}


def test_a_quotation_is_told_without_the_marks_of_its_markup() -> None:
    text = "Quillbase is a tool for notes. `pip install quillbase` is **the whole** set-up."
    quoted = [one for one in ballots(a_tool(text))[0].take if one.basis == "quoted"]
    assert ["`" in (one.evidence or "") for one in quoted] == [True]
    assert "“pip install quillbase is the whole set-up”" in quoted[0].text


def test_what_speaks_against_a_tool_is_quoted_first() -> None:
    text = "It costs $9 a month. There are no refunds. It is MIT licensed."
    quoted = [s for s in ballots(a_tool(text))[ANALYST].take if s.basis == "quoted"]
    assert [sentence.evidence for sentence in quoted] == [
        "There are no refunds",
        "It is MIT licensed",
    ]


def test_a_finding_keeps_what_speaks_against_a_tool_however_many_signals_there_are() -> None:
    signals = load_signals()
    sentence = read_prose("It is a tool.").sentences[0]
    either = {one.name: Match(one, sentence, 0, "It") for one in signals.signals}
    against = {name: match for name, match in either.items() if match.signal.speaks == "against"}
    for persona in PERSONAS.personas:
        for found, unclear in (
            (either, ()),
            (against, ()),
            ({}, ()),
            ({}, either),
            (against, either),
        ):
            ballot = fill_in(
                persona, signals, found, frozenset(unclear), name="Quillbase", today=TODAY
            )
            assert check(ballot, shown="It is a tool.", today=TODAY) == ()
            for one in ballot.findings:
                assert 0 < len(one.finding.split()) < 45
                named = [m.signal for m in found.values() if m.signal.bears_on([one.criterion])]
                wrong = [signal.present for signal in named if signal.speaks == "against"]
                assert all(clause in one.finding for clause in wrong)


# The tally


def a_ticked_run(text: str) -> tuple[SignalTally | None, str | None]:
    given = inputs(a_tool(text))
    run = a_run(given.tool, reviews(given.tool), inputs=given)
    return tally_run(run), lead_line(run)


def test_a_run_counts_its_signals_from_the_recorded_ballots() -> None:
    tally, line = a_ticked_run("It costs $9 a month. There are no refunds.")
    assert tally is not None
    assert tally.in_favour == ("states a price with its unit",)
    assert tally.against == ("binds its customers or charges them for failures",)
    assert len(tally.absent) == 14
    assert line == "checklist: 1 signal for, 1 against, 14 absent"


def test_a_panel_of_models_has_no_tally_whatever_its_reasons_say() -> None:
    ballot = a_ballot(
        findings=tuple(a_finding(key, finding="For: states a price.") for key in CRITERIA)
    )
    run = a_run(reviews=[a_scorecard(key, ballot=ballot) for key in REVIEWERS])
    assert (tally_run(run), lead_line(run)) == (None, None)


def test_ballots_without_signals_are_told_from_ballots_that_have_none() -> None:
    assignments = tuple(
        Assignment(persona=k, provider="checklist", model="checklist") for k in REVIEWERS
    )
    given = some_inputs(assignments=assignments)
    cards = [a_scorecard(key, provider="checklist") for key in REVIEWERS]
    assert lead_line(a_run(inputs=given, reviews=cards)) == (
        "checklist: its signals were not recorded"
    )
    assert lead_line(a_run(inputs=given, reviews=a_panel("none none none none"))) is None


CLAUSES = st.lists(
    st.text("abc ,’-", min_size=3).map(str.strip).filter(bool), unique=True, max_size=5
).map(tuple)


@given(CLAUSES, CLAUSES, CLAUSES, CLAUSES)
@example(("a b",), ("b c", "c a"), ("abc",), ("a,b",))
def test_a_reason_is_read_back_as_it_was_written(
    in_favour: tuple[str, ...],
    against: tuple[str, ...],
    absent: tuple[str, ...],
    unclear: tuple[str, ...],
) -> None:
    tally = SignalTally(in_favour=in_favour, against=against, absent=absent, unclear=unclear)
    reason = write_reason(tally) or "-"
    assignments = (Assignment(persona="builder", provider="checklist", model="checklist"),)
    ballot = a_ballot(findings=tuple(a_finding(key, finding=reason) for key in CRITERIA))
    given = some_inputs(assignments=assignments)
    run = a_run(
        inputs=given, reviews=[a_scorecard(ballot=ballot)], verdict=None, assignments=assignments
    )
    assert tally_run(run) == (tally if reason != "-" else None)


# Any text whatever

SNIPPETS = (
    "free for now", "world's first", "$12 per assignment a month", "MIT licensed", "There is no API",
    "no refunds", "perpetual licence", "1.4 s (p99 3.9 s)", "It was discontinued", "\n\n", "```",
    "does not support X", "价格1000元。", "２０％", "1\u2009000", "×3", "´", "ﬁ", "…", "“", "”", "’s",
    "<!--", "| a | b |", "](https://x", "name:", "the", "of", "is", "; ", ". ", "\n", "- ", "1. ", "İ",
)  # fmt: skip
ANY_TEXT = st.one_of(
    st.text(st.characters(codec="utf-8")),
    st.lists(st.sampled_from(SNIPPETS) | st.text(max_size=6), max_size=50).map("".join),
    st.lists(st.sampled_from(SNIPPETS) | st.text(max_size=6), max_size=50).map(" ".join),
)


@tries(60, suppress_health_check=list(HealthCheck))
@given(
    ANY_TEXT.filter(bool),
    st.text(min_size=1, max_size=200).filter(lambda name: clean_text(name).strip()),
)
@example("It is the tool of a team. " + "x " * 300, "A" * 200)
def test_any_text_gives_a_sound_ballot_from_2_to_4_or_an_abstention(text: str, name: str) -> None:
    for review in reviews(a_tool(text, name)):
        if isinstance(review, Scorecard):
            assert review.flags == ()
            assert all(LEAST <= one <= MOST for one in review.ballot.scores.values())
        else:
            assert review.reason.startswith("the checklist reads English prose only")


@tries(20, suppress_health_check=list(HealthCheck))
@given(ANY_TEXT.filter(bool))
@example(SAMPLES["sound"]["Pellucid"])
@example(SAMPLES["weak"]["Ferrule"])
def test_the_order_of_personas_changes_nothing(text: str) -> None:
    tool = a_tool(text)
    first = reviews(tool)
    again = reviews(tool, Checklist(tuple(reversed(PERSONAS.personas))))
    assert first == again
    verdict = aggregate(first, rules=Rules())
    for order in permutations(first):
        assert aggregate(order, rules=Rules()) == verdict


@pytest.mark.slow
@pytest.mark.parametrize(
    "unit",
    [
        "*", "$1 ", "a", "1,", "- x\n", "`", "![", "](", "<!--", "<a", "|", "\n", "(", "x@", "& ",
        "no price per month ", "it is discontinued or ", "posts fake ", "under MIT licence ",
        "each star that is from your ", "the end of the next ", "the lights will be off in ",
        "500 GLM, ", "GPT ",
    ],
)  # fmt: skip
def test_a_huge_text_of_one_kind_is_read_in_linear_time(unit: str) -> None:
    text = "It is a tool for the notes of a team. " + unit * (100_000 // len(unit))
    for label, request in requests(a_tool(text)).items():
        if label in ("review:builder", "intake"):
            with guarded(unit), suppress(Refused):  # it may well not be English
                assert run_async(partial(CHECKLIST.complete, request)).text


# As a provider


async def test_it_answers_every_request_of_a_run_with_a_readable_answer() -> None:
    for label, request in requests(a_tool(SAMPLES["sound"]["Pellucid"], "Pellucid")).items():
        completion = await CHECKLIST.complete(request)
        assert (completion.model, completion.usage) == ("checklist", None)
        if label == "intake":
            licence = read_facts(completion.text).facts.licence
            assert [one.value for one in licence] == ["MIT"]
        else:
            assert read_ballot(completion.text, CRITERIA_OF[label]).verdict == "ship"


NOT_ENGLISH = {
    "Arabic": "أداة تكتب ملاحظات الاجتماعات وتكلف خمسة دولارات في الشهر.",
    "Chinese": "本地运行的代码搜索工具，完全开源。",
    "German": "Das Werkzeug kostet neun Euro im Monat und läuft auf dem eigenen Rechner.",
    "code only": "```\npip install the tool and run it with the key of your team\n```",
    "a heading with badges and code": "# quill\n\n[![License: MIT](x.svg)](x)\n\n```\nquill\n```",
    "an address": "https://quillbase.example/the/notes/of/your/team",
    "a table": "| the plan | of the team |\n|---|---|\n| it is | for you |",
}


@pytest.mark.parametrize("description", NOT_ENGLISH.values(), ids=NOT_ENGLISH)
async def test_a_text_without_english_prose_gets_abstentions_and_no_facts(description: str) -> None:
    given = inputs(a_tool(description))
    shared = brief(given)
    for persona, assignment in zip(given.personas, given.assignments, strict=True):
        review = await Reviewer(persona, assignment, given, shared, CHECKLIST).review(sample=0)
        assert isinstance(review, Abstention)
        assert review.reason == (
            "the checklist reads English prose only, and finds none in this text. "
            "Ask a model with --model"
        )
    taken = await take_in(given, shared, CHECKLIST)
    assert taken.tool == given.tool
    assert [flag.kind for flag in taken.flags] == ["intake_failed"]


async def test_a_criterion_without_a_signal_is_abstained_from_by_name() -> None:
    builder = PERSONAS.choose(["builder"])[0]
    criteria = (*builder.criteria, a_criterion("beauty"))
    checklist = Checklist([builder.model_copy(update={"criteria": criteria})])
    request = requests(a_tool("It is a tool."))["review:builder"]
    with pytest.raises(Refused, match="no signal for the criterion beauty"):
        await checklist.complete(request)


async def test_a_repair_request_gets_the_same_answer() -> None:
    tool = a_tool(SAMPLES["sound"]["Pellucid"])
    request = requests(tool)["review:skeptic"]
    first = await CHECKLIST.complete(request)
    again = repair_request(
        inputs(tool), request, first.text, [Fault(message="something was wrong")]
    )
    assert (await CHECKLIST.complete(again)).text == first.text


async def test_the_date_of_the_prediction_comes_from_the_request() -> None:
    completion = await CHECKLIST.complete(requests(a_tool("It is a tool."))["review:builder"])
    by = read_ballot(completion.text, CRITERIA_OF["review:builder"]).prediction.day
    assert by == TODAY + timedelta(days=365)


def changed(request: Request, old: str, new: str) -> Request:
    messages = tuple(
        message.model_copy(
            update={
                "parts": tuple(
                    part.model_copy(update={"text": re.sub(old, new, part.text)})
                    for part in message.parts
                )
            }
        )
        for message in request.messages
    )
    return request.model_copy(update={"messages": messages})


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        (r"(?m)^[0-9a-f]{32}$", "no marker", "no description between two marker lines"),
        (r"2026-11-22", "some day", 'no "Today is YYYY-MM-DD"'),
        (r"2026-11-22", "2026-13-45", 'no "Today is YYYY-MM-DD"'),
    ],
)
async def test_a_request_that_it_cannot_read_is_refused_by_name(
    old: str, new: str, named: str
) -> None:
    request = requests(a_tool("It is a tool."))["review:builder"]
    with pytest.raises(Refused, match=named):
        await CHECKLIST.complete(changed(request, old, new))


async def test_an_unknown_label_is_refused_by_name() -> None:
    request = requests(a_tool("It is a tool."))["review:builder"]
    with pytest.raises(Refused, match="review:plumber"):
        await CHECKLIST.complete(request.model_copy(update={"label": "review:plumber"}))
