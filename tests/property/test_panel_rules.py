"""The rules of a panel: votes, contradictions, witnesses, copying and repetition, for any ballots."""

from fractions import Fraction
from random import Random

from hypothesis import assume, given
from hypothesis import strategies as st

from panel.domain.ballot import read_ballot
from panel.domain.ballot_checks import check
from panel.domain.copying import MOST_COPIED, copied_share
from panel.domain.prompts import brief, has_canary
from panel.domain.repetition import MOST_TAKES, opening, phrases, recent_takes_of, repeated_words
from panel.domain.review import Abstention, Scorecard
from panel.domain.verdict import Rules, aggregate, reviewer_score
from panel.domain.witness import Report, collect_testimony, witness_flags
from tests.factories import (
    DESCRIPTION,
    a_ballot,
    a_finding,
    a_scorecard,
    a_sentence,
    a_tool,
    an_abstention,
)
from tests.panels import a_sound_ballot, panel_inputs
from tests.unit.test_ballot_checks import TODAY

STEPS = st.lists(st.integers(1, 5), min_size=1, max_size=4)
VERDICTS = st.sampled_from(["ship", "skip"])
WORDS = st.lists(
    st.sampled_from("plain files seat dollars server export notes costs keeps one".split()),
    min_size=1,
    max_size=9,
).map(" ".join)
OWN = st.lists(
    st.sampled_from("zebra quartz velvet harbour lantern meadow copper saddle".split()),
    min_size=5,
    max_size=12,
).map(" ".join)


def of_steps(verdict: object, steps: list[int]) -> Scorecard:
    findings = tuple(a_finding(f"key_{n}", step) for n, step in enumerate(steps))
    return a_scorecard(ballot=a_sound_ballot(verdict, findings=findings))  # type: ignore[arg-type]


@given(VERDICTS, STEPS)
def test_a_contradiction_is_a_mean_beyond_the_open_middle_and_nothing_else(
    verdict: str, steps: list[int]
) -> None:
    ballot = of_steps(verdict, steps).ballot
    mean = Fraction(sum(steps), len(steps))
    wrong = mean < Fraction("2.7") if verdict == "ship" else mean > Fraction("3.3")
    messages = [fault.message for fault in check(ballot, shown=DESCRIPTION, today=TODAY)]
    assert [message.startswith(f"the verdict is {verdict}") for message in messages] == [
        True
    ] * wrong


@given(STEPS, st.randoms(use_true_random=False))
def test_a_score_is_the_mean_of_its_steps_in_any_order(steps: list[int], chance: Random) -> None:
    ballot = of_steps("ship", steps).ballot
    exact = Fraction(sum(steps) * 2, len(steps))
    assert abs(Fraction(str(reviewer_score(ballot))) - exact) <= Fraction(1, 20)
    shuffled = list(ballot.findings)
    chance.shuffle(shuffled)
    again = ballot.model_copy(update={"findings": tuple(shuffled)})
    assert reviewer_score(again) == reviewer_score(ballot)
    keys = [finding.criterion for finding in ballot.findings]
    assert read_ballot(again.model_dump_json(), keys) == ballot


@given(st.lists(st.sampled_from(["ship", "skip", "none"]), max_size=8), st.integers(1, 8), VERDICTS)
def test_a_verdict_is_the_count_of_votes(votes: list[str], quorum: int, tie: str) -> None:
    reviews: list[Scorecard | Abstention] = [
        an_abstention(f"p{n}") if vote == "none" else a_scorecard(f"p{n}", vote)  # type: ignore[arg-type]
        for n, vote in enumerate(votes)
    ]
    verdict = aggregate(reviews, Rules(quorum=quorum, tie=tie))  # type: ignore[arg-type]
    ships, skips = votes.count("ship"), votes.count("skip")
    assert (len(verdict.ships), len(verdict.skips)) == (ships, skips)
    if ships + skips < quorum:
        assert verdict.decision is None
    elif ships == skips:
        assert verdict.decision == tie
    else:
        assert verdict.decision == ("ship" if ships > skips else "skip")


REPORTS = st.lists(
    st.builds(
        Report,
        name=st.sampled_from(["intake", "the builder", "the skeptic"]),
        passages=st.lists(
            st.tuples(st.integers(0, len(DESCRIPTION)), st.integers(0, len(DESCRIPTION))).map(
                lambda pair: DESCRIPTION[min(pair) : max(pair)]
            )
            | OWN
            | st.text(max_size=30),
            max_size=4,
        ).map(tuple),
    ),
    max_size=4,
)


@given(REPORTS, st.randoms(use_true_random=False))
def test_only_passages_of_the_text_are_heard_whoever_speaks_first(
    reports: list[Report], chance: Random
) -> None:
    heard = collect_testimony(reports, DESCRIPTION)
    said = sum(len(report.passages) for report in reports)
    assert heard.unfounded <= said
    assert bool(heard.passages) == (heard.unfounded < said)
    for passage in heard.passages:
        assert passage.text in DESCRIPTION or not passage.text.isascii()
        assert set(passage.witnesses) <= {report.name for report in reports}
        others = [other.text for other in heard.passages if other is not passage]
        assert not any(passage.text.strip() in other for other in others)
    flags = witness_flags(heard)
    assert len(flags) == len(heard.passages)
    assert all(flag.kind == "witnessed" and flag.holds for flag in flags)
    chance.shuffle(reports)
    again = collect_testimony(reports, DESCRIPTION)
    assert again.unfounded == heard.unfounded
    assert {one.text.strip() for one in again.passages} == {
        one.text.strip() for one in heard.passages
    }


@given(st.text(max_size=60), st.text(max_size=60), st.sampled_from(["", " ", "-", "\n", "_"]))
def test_a_canary_is_seen_wherever_it_stands(before: str, after: str, between: str) -> None:
    shared = brief(panel_inputs(a_tool(description="A text.")))
    assume(not (before + after).translate({ord(sign): None for sign in " \n"}).isalnum())
    given_away = f"{before}:{between.join(shared.canary.upper())}:{after}"
    assert has_canary(given_away, shared)
    assert not has_canary(before + after, shared)


@given(st.lists(WORDS | OWN, max_size=6))
def test_a_copied_share_is_a_share(texts: list[str]) -> None:
    assert 0 <= copied_share(texts, DESCRIPTION) <= 1


@given(st.lists(OWN, min_size=1, max_size=6), st.sampled_from(["", "“", "  "]))
def test_what_is_all_the_vendors_is_copied_and_what_is_all_ones_own_is_not(
    texts: list[str], dressed: str
) -> None:
    shown = ". ".join(texts)
    copied = [f"{dressed}{text.upper()}!" for text in texts]
    assert copied_share(copied, shown) == 1 > MOST_COPIED
    assert copied_share(texts, DESCRIPTION) == 0


@given(st.lists(st.lists(OWN, min_size=1, max_size=3), max_size=40), OWN, OWN)
def test_what_a_persona_wrote_lately_is_found_again_and_nothing_else(
    takes: list[list[str]], first: str, new: str
) -> None:
    written = [[a_sentence(text) for text in take] for take in takes]
    recent = recent_takes_of("builder", written)
    for take in written[:MOST_TAKES]:
        assert opening(take) in repeated_words(take, recent, "")
    take = [a_sentence(first), a_sentence(new)]
    repeated = repeated_words(take, recent, "")
    known = {run for one in written[:MOST_TAKES] for s in one for run in phrases(s.text)}
    openings = {opening(one) for one in written[:MOST_TAKES]}
    mine = {run for sentence in take for run in phrases(sentence.text)}
    assert set(repeated) == (known & mine) | (openings & {opening(take)})
    assert set(repeated_words(take, recent, f"{first}. {new}.")) <= openings


@given(st.lists(st.integers(1, 5), min_size=3, max_size=3))
def test_a_tool_that_wrongs_people_may_be_skipped_with_any_scores(steps: list[int]) -> None:
    harm = a_sentence("It spies on its users.", "harm", "plain files")
    findings = tuple(
        one.model_copy(update={"score": step})
        for one, step in zip(a_ballot().findings, steps, strict=True)
    )
    take = (harm, *a_sound_ballot().take[1:])
    skip = a_sound_ballot("skip", findings=findings, take=take)
    assert check(skip, shown=DESCRIPTION, today=TODAY) == ()
    ship = a_sound_ballot("ship", findings=findings, take=take)
    assert len(check(ship, shown=DESCRIPTION, today=TODAY)) == 1
