"""The report of a batch adds up, says what is not known, and its exit code follows one rule."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.domain.batch_figures import Tools
from panel.domain.batch_report import FeedLine, Standing, Stop, feed_line
from panel.domain.feed import Entry, Feed, Unread
from panel.domain.job import TRANSITIONS, Job, JobState, Outcome, ReviewerResult
from tests.batches import (
    ENDED,
    a_batch,
    a_job,
    a_night,
    a_report,
    an_outcome,
    announce,
    some_voices,
)

USELESS = FeedLine(source="h", entries=0, left_out=2)
UNREAD = FeedLine(source="gone.xml", entries=None, why="gone.xml: No such file.")
STATES: tuple[JobState, ...] = tuple(TRANSITIONS)


def failed(name: str = "Turbo OCR", votes: str = "ship none none none") -> Job:
    return a_job(name, "failed", outcome=an_outcome(votes), reason="no verdict")


def test_every_tool_is_counted_once() -> None:
    report = a_night()
    assert report.tools == Tools(
        seen=11,
        revised=1,
        reviewed=3,
        duplicates=4,
        set_aside=1,
        held=1,
        failed=1,
        left=1,
    )
    assert [row.state for row in report.rows] == [
        "in_review",
        "in_review",
        "failed",
        "held",
        "set_aside",
        "in_review",
        "left",
    ]


@given(st.lists(st.tuples(st.sampled_from(STATES), st.booleans())), st.integers(0, 9))
def test_what_came_in_is_what_became_of_it(
    kinds: list[tuple[JobState, bool]], duplicates: int
) -> None:
    jobs = [a_job(state=state, own_id=f"{n}") for n, (state, _) in enumerate(kinds)]
    announced = [
        announce(job) for job, (_, carried) in zip(jobs, kinds, strict=True) if not carried
    ]
    announced += [announce(a_job(), "duplicate")] * duplicates
    tools = a_report(jobs, announced=announced).tools
    became = tools.reviewed + tools.duplicates + tools.set_aside + tools.held
    became += tools.failed + tools.waiting + tools.left
    assert tools.seen + tools.carried == became
    assert tools.seen == len(announced)


def test_a_tool_of_an_earlier_batch_is_said_to_be_carried_over() -> None:
    report = a_report([a_job()], announced=[])
    assert report.tools == Tools(carried=1, reviewed=1)
    assert report.rows[0].carried


def test_costs_add_up_with_median_highest_and_models() -> None:
    costs = ("0.10", "0.30", "0.20")
    jobs = [
        a_job(
            f"T{cost}",
            outcome=an_outcome(
                cost_usd=Decimal(cost), voices=some_voices("ship ship ship ship", model=model)
            ),
        )
        for cost, model in zip(costs, ("a", "b", "a"), strict=True)
    ]
    mixed = (*some_voices("ship", model="a"), *some_voices("ship", model="b"))
    jobs.append(a_job("mixed", outcome=an_outcome(cost_usd=Decimal("0.05"), voices=mixed)))
    cost = a_report(jobs, cap=Decimal(6), yesterday=Decimal(1)).cost
    assert cost.total == cost.known == Decimal("0.65")
    assert (cost.median, cost.highest) == (Decimal("0.15"), Decimal("0.30"))
    assert cost.by_model == (("a", Decimal("0.30")), ("b", Decimal("0.30")))
    assert (cost.cap, cost.yesterday) == (Decimal(6), Decimal(1))


def test_a_cost_that_is_not_known_is_no_zero() -> None:
    unknown = a_job("A", outcome=an_outcome(cost_usd=None, unpriced=("openai:own",)))
    cost = a_report([unknown]).cost
    assert (cost.known, cost.total, cost.median, cost.highest) == (None, None, None, None)
    assert (cost.unknown, cost.unpriced) == (1, ("openai:own",))
    cost = a_report([unknown, a_job("B")]).cost
    assert (cost.known, cost.total) == (Decimal("0.1042"), None)


def test_a_batch_without_calls_cost_nothing_and_that_is_known() -> None:
    checklist = a_job(outcome=an_outcome(calls=0, cost_usd=None, tokens_in=0))
    report = a_report([checklist], duplicates=3)
    assert (report.cost.total, report.cost.median) == (Decimal(0), None)
    assert report.rows[0].cost_usd is None
    assert (report.calls.tokens_in, report.calls.tokens_out) == (None, None)


def test_invalid_answers_are_made_good_where_every_reviewer_answered() -> None:
    good = a_job("A", outcome=an_outcome(invalid=2, exchanges=6))
    aside = a_job("B", "set_aside", outcome=Outcome(seats=4, exchanges=2, invalid=1))
    calls = a_report([good, aside]).calls
    assert (calls.invalid, calls.recovered, calls.at_least) == (3, 3, False)
    assert (calls.scorecards, calls.seats) == (4, 4)
    calls = a_report([good, a_job("C", "failed", outcome=an_outcome("none", invalid=1))]).calls
    assert (calls.invalid, calls.recovered, calls.at_least) == (3, 2, True)


def test_evidence_and_skips_are_shares_or_not_known() -> None:
    report = a_report(
        [
            a_job("A", outcome=an_outcome(evidence=30, verbatim=29)),
            a_job("B", outcome=an_outcome("skip skip skip ship", evidence=0, verbatim=0)),
        ]
    )
    assert report.verbatim_share == Fraction(29, 30)
    assert report.skip_rate == Fraction(1, 2)
    nothing = a_report([])
    assert nothing.verbatim_share is None
    assert nothing.skip_rate is None


def test_each_persona_has_its_scorecards_and_abstentions() -> None:
    report = a_report([a_job("A", outcome=an_outcome("ship skip none ship")), failed()])
    found = {line.persona: line.tally for line in report.personas}
    assert list(found) == sorted(found)
    assert (found["builder"].ships, found["builder"].scorecards) == (2, 2)
    assert (found["futurist"].scorecards, found["futurist"].abstentions) == (0, 2)


def test_a_panel_that_was_broken_off_has_no_abstentions_yet() -> None:
    stopped = a_job("A", "queued", outcome=an_outcome("ship none none none"))
    report = a_report([stopped])
    assert report.personas == ()
    assert report.calls.seats == 0
    assert report.cost.known == Decimal("0.1042")


def test_tools_that_speak_to_the_reviewers_are_counted_held_or_flagged() -> None:
    flagged = a_job("A", outcome=an_outcome(flags=("hidden_text", "control_tokens")))
    named = a_job("B", outcome=an_outcome(flags=("name_mismatch",)))
    assert a_report([flagged, named, a_job("C", "held")]).addressed == 2
    reported = a_job("D", outcome=an_outcome(flags=("witnessed",)))
    assert a_report([reported, named]).addressed == 1, "a reviewer saw what the code did not"


def test_a_feed_is_a_line_read_or_unread() -> None:
    entry = Entry(id="1", title="Quillbase")
    feed = Feed(
        source="f", entries=(entry,), malformed="cut off", left_out=("a", "b", "c"), beyond=7
    )
    assert feed_line(feed) == FeedLine(
        source="f", entries=1, malformed="cut off", left_out=3, reasons=("a", "b"), beyond=7
    )
    assert feed_line(Unread(source="g", why="gone")) == FeedLine(
        source="g", entries=None, why="gone"
    )


def test_the_end_may_be_told_before_it_is_written_down() -> None:
    assert a_report([], batch=a_batch(ended=None)).ended is None
    assert a_report([], batch=a_batch(ended=None), ended=ENDED).ended == ENDED
    assert a_report([]).ended == ENDED


HELD, ASIDE, LEFT = (
    a_job("H", "held"),
    a_job("S", "set_aside", outcome=Outcome(seats=4)),
    a_job("L", "queued"),
)
WAITING, DIED = a_job("W", "waiting"), a_job("D", "running")
ABSTAINED = a_job("N", outcome=an_outcome("ship ship ship none"))


@pytest.mark.parametrize(
    ("jobs", "feeds", "stop", "code"),
    [
        pytest.param([], [], None, 0, id="an empty feed"),
        pytest.param([a_job()], [], None, 0, id="all done"),
        pytest.param([HELD, ASIDE], [], None, 0, id="held and set aside are done"),
        pytest.param([HELD], [], None, 0, id="held alone"),
        pytest.param([a_job(), LEFT], [], "max_tools", 0, id="as many as were asked for"),
        pytest.param([LEFT], [], "max_tools", 0, id="no more were asked for"),
        pytest.param([a_job(), failed()], [], None, 3, id="one failed"),
        pytest.param([ABSTAINED], [], None, 3, id="an abstention"),
        pytest.param([a_job()], [UNREAD], None, 3, id="a feed unread"),
        pytest.param([a_job(), LEFT], [], "deadline", 3, id="left at the deadline"),
        pytest.param([a_job()], [], "signal", 0, id="a signal after the last"),
        pytest.param([a_job(), DIED], [], None, 3, id="left without a reason"),
        pytest.param([ASIDE, failed()], [], None, 3, id="intake could answer"),
        pytest.param([failed()], [], None, 4, id="all failed"),
        pytest.param([HELD, failed()], [], None, 4, id="held is not evaluated"),
        pytest.param([], [UNREAD], None, 4, id="no feed at all"),
        pytest.param([], [USELESS], None, 4, id="no item is an entry"),
        pytest.param([a_job()], [USELESS], None, 3, id="no item of one feed is an entry"),
        pytest.param([LEFT], [], "deadline", 4, id="none before the deadline"),
        pytest.param([a_job(), LEFT], [], "key", 3, id="the key refused after a verdict"),
        pytest.param([a_job(), LEFT], [], "quota", 3, id="the quota used up after a verdict"),
        pytest.param(
            [a_job(), failed()], [], "provider", 3, id="the provider down after a verdict"
        ),
        pytest.param([LEFT], [], "key", 4, id="the key refused at once"),
        pytest.param([failed(), LEFT], [], "provider", 4, id="the provider down at once"),
        pytest.param([WAITING], [], "provider", 4, id="the batch service down"),
        pytest.param([a_job(), LEFT], [], "cap", 5, id="the cost cap"),
        pytest.param([failed(), LEFT], [UNREAD], "cap", 5, id="the cap before all else"),
        pytest.param([a_job(), WAITING], [], None, 8, id="waiting"),
        pytest.param([failed(), WAITING], [UNREAD], None, 8, id="waiting though some failed"),
        pytest.param([a_job(), LEFT], [], "signal", 130, id="interrupted"),
        pytest.param([], [UNREAD], "signal", 130, id="interrupted while feeds are read"),
    ],
)
def test_the_exit_code_says_what_matters_most(
    jobs: list[Job], feeds: list[FeedLine], stop: Stop | None, code: int
) -> None:
    assert a_report(jobs, feeds=feeds, stop=stop, duplicates=2).exit == code
    assert a_report(jobs[::-1], feeds=feeds, stop=stop).exit == code


def test_a_failed_tool_may_be_tried_again_where_that_may_do_better() -> None:
    hopeful = a_job("A", "failed", outcome=an_outcome("none none", retryable=True))
    report = a_report([hopeful, failed("B"), a_job("C", "failed"), a_job("D", "queued")])
    assert [row.retryable for row in report.rows] == [True, False, True, False]


def test_what_stands_from_earlier_batches_is_no_part_of_this_one() -> None:
    assert a_report([]).standing == Standing()
    report = a_report([], standing=Standing(held=1, failed=3))
    assert (report.tools.held, report.tools.failed, report.exit) == (0, 0, 0)
    assert report.standing == Standing(held=1, failed=3)


def test_a_voice_without_a_score_is_none() -> None:
    odd = ReviewerResult(persona="builder", model="m", verdict="ship", score=None)
    (line,) = a_report([a_job(outcome=an_outcome(voices=(odd,)))]).personas
    assert (line.tally.scorecards, line.tally.abstentions) == (0, 1)
