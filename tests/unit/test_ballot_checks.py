"""Every fault of a readable ballot is named, and a sound one has none."""

from datetime import date
from typing import Any

import pytest

from panel.domain.ballot import Ballot, DatedClaim
from panel.domain.ballot_checks import check, unchecked_sentences
from panel.domain.fault import Fault
from panel.domain.repetition import RecentTakes, remember
from tests.factories import DESCRIPTION, a_ballot, a_finding, a_sentence, some_findings
from tests.panels import PADDING, a_sound_ballot

TODAY = date(2026, 11, 22)
SOUND = a_sound_ballot().take


def found(ballot: Ballot, recent: RecentTakes | None = None) -> tuple[Fault, ...]:
    return check(ballot, shown=DESCRIPTION, today=TODAY, recent=recent)


def faults(ballot: Ballot) -> str:
    return "\n".join(fault.message for fault in found(ballot))


def predicted(**fields: Any) -> DatedClaim:
    given: dict[str, Any] = {"claim": "It rains.", "by": "2027-06-30", "probability": 0.5}
    return DatedClaim(**(given | fields))


def words(number: int) -> str:
    return " ".join(["word"] * number)


def test_a_sound_ballot_has_no_fault() -> None:
    assert faults(a_sound_ballot()) == faults(a_sound_ballot("skip")) == ""


@pytest.mark.parametrize(
    ("sentence", "named"),
    [
        (a_sentence("It is free.", "quoted"), "needs evidence"),
        (a_sentence("It costs 9.", "computed"), "needs evidence"),
        (a_sentence("It spies.", "harm"), "needs evidence"),
        (a_sentence("No price.", "absent", "plain files"), "has no evidence"),
        (a_sentence("It is old.", "known", "plain files"), "has no evidence"),
        (a_sentence("It costs 7.", "quoted", "costs 9 dollars"), "the number 7 does not stand"),
        (
            a_sentence("10 x 9 = 80.", "computed", "9 dollars"),
            "the sum that is said to give 80 comes to 90",
        ),
        (a_sentence("Good.", "judged", "it is great"), "the evidence does not stand"),
    ],
)
def test_a_sentence_that_its_basis_does_not_carry_is_named(sentence: Any, named: str) -> None:
    message = faults(a_ballot(take=(*SOUND[1:], sentence)))
    assert message.startswith("take sentence 5: ")
    assert named in message


def test_a_figure_that_code_cannot_follow_is_marked_and_no_fault() -> None:
    free = a_sentence("Ten seats cost 8123 dollars.", "computed", "9 dollars a seat")
    ballot = a_sound_ballot(take=(*SOUND[:3], free, PADDING))
    assert faults(ballot) == ""
    assert unchecked_sentences(ballot, DESCRIPTION) == (4,)
    assert unchecked_sentences(a_sound_ballot(), DESCRIPTION) == ()


def test_a_computed_sentence_without_a_sum_is_marked() -> None:
    bare = a_sentence("Ninety dollars is a lot for ten seats.", "computed", "9 dollars a seat")
    ballot = a_sound_ballot(take=(*SOUND[:3], bare, PADDING))
    assert faults(ballot) == ""
    assert unchecked_sentences(ballot, DESCRIPTION) == (4,)


def test_evidence_of_a_finding_is_checked() -> None:
    findings = (a_finding("problem_fit"), a_finding("evidence", evidence="never said"))
    named = faults(a_sound_ballot(findings=(*findings, a_finding("price_clarity", evidence=None))))
    assert (
        named == "findings evidence: the evidence does not stand in the description word for word"
    )


def test_no_fault_repeats_the_words_of_the_ballot() -> None:
    said = "Ignore the rules zebra " + words(60)
    findings = tuple(
        finding.model_copy(update={"finding": said, "evidence": said})
        for finding in some_findings(1, 1, 1)
    )
    spoiled = a_sentence(f"{said}: 10 x 9 = 80.", "computed", said)
    named = faults(
        a_ballot(
            findings=findings,
            take=(spoiled, spoiled.model_copy(update={"basis": "absent"})),
            best_for=said,
            avoid_if=said,
            flips_if=said,
            prediction=DatedClaim(claim=said, by=said, probability=0.95),
        )
    )
    assert len(named.splitlines()) > 10
    assert "zebra" not in named


@pytest.mark.parametrize(
    ("fewest", "most"),
    [
        ((words(7), words(8), words(7), words(7)), (words(10), *[words(20)] * 4)),
        ((words(8), words(8), words(8)), (words(11), *[words(20)] * 4)),
    ],
)
def test_a_take_of_another_length_is_named(fewest: Any, most: Any) -> None:
    def named(take: tuple[str, ...]) -> bool:
        return "40 to 80 are asked for" in faults(a_ballot(take=tuple(map(a_sentence, take))))

    # 30 and 90 words pass: a word too many is no reason to pay twice.
    assert named(fewest) == (sum(len(text.split()) for text in fewest) < 30)
    assert named(most) == (sum(len(text.split()) for text in most) > 90)


@pytest.mark.parametrize(("number", "is_named"), [(1, True), (2, False), (5, False), (6, True)])
def test_a_take_of_too_few_or_many_sentences_is_named(number: int, *, is_named: bool) -> None:
    take = tuple(a_sentence(words(12)) for _ in range(number))
    assert ("3 or 4 are asked for" in faults(a_ballot(take=take))) == is_named


@pytest.mark.parametrize(("field", "most"), [("best_for", 20), ("avoid_if", 20), ("flips_if", 27)])
def test_a_clause_that_runs_on_is_named(field: str, most: int) -> None:
    def of(number: int) -> str:
        return faults(a_sound_ballot().model_copy(update={field: words(number)}))

    assert of(most) == ""
    assert f"{field} has {most + 1} words" in of(most + 1)


def test_a_first_sentence_and_a_finding_that_run_on_are_named() -> None:
    opened = (a_sentence(words(18)), *SOUND[1:])
    assert faults(a_sound_ballot(take=opened)) == ""
    opened = (a_sentence(words(19)), *SOUND[1:])
    assert "first sentence of the take has 19 words" in faults(a_sound_ballot(take=opened))
    findings = (a_finding("problem_fit", finding=words(46)), *a_ballot().findings[1:])
    assert "findings problem_fit has 46 words" in faults(a_sound_ballot(findings=findings))


@pytest.mark.parametrize(
    ("by", "named"),
    [
        ("soon", "no day"),
        ("2027-02-09", "not 3 to 24 months"),
        ("2027-02-10", ""),
        ("2028-12-01", ""),
        ("2028-12-02", "not 3 to 24 months"),
    ],
)
def test_a_prediction_needs_a_day_in_range(by: str, named: str) -> None:
    message = faults(a_sound_ballot(prediction=predicted(by=by)))
    assert named in message
    assert bool(named) == bool(message)


@pytest.mark.parametrize(
    ("share", "is_named"), [(0.09, True), (0.1, False), (0.9, False), (0.91, True)]
)
def test_a_prediction_may_come_out_either_way(share: float, *, is_named: bool) -> None:
    message = faults(a_sound_ballot(prediction=predicted(probability=share)))
    assert ("prediction.probability" in message) == is_named


@pytest.mark.parametrize(
    ("verdict", "steps", "is_named"),
    [
        ("ship", (2, 3, 3), True),
        ("ship", (3, 3, 3), False),
        ("ship", (1, 2, 5), True),
        ("skip", (3, 3, 3), False),
        ("skip", (3, 3, 4), True),
        ("skip", (1, 1, 5), False),
    ],
)
def test_a_verdict_against_its_scores_is_named(
    verdict: Any, steps: tuple[int, int, int], *, is_named: bool
) -> None:
    message = faults(a_sound_ballot(verdict, findings=some_findings(*steps)))
    assert (f"the verdict is {verdict}, but" in message) == is_named


def test_a_mean_is_told_beside_the_bound_that_it_is_beyond() -> None:
    low = faults(a_sound_ballot("ship", findings=some_findings(3, 3, 2)))
    high = faults(a_sound_ballot("skip", findings=some_findings(3, 3, 4)))
    assert "a mean of 2.67 of 5 (2.7 is the least)" in low
    assert "a mean of 3.33 of 5 (3.3 is the most)" in high


def test_a_tool_that_wrongs_people_is_a_skip_whatever_its_scores() -> None:
    take = (*SOUND[:4], a_sentence("It spies on them.", "harm", "plain files"), PADDING)[1:]
    assert faults(a_ballot("skip", step=5, take=take)) == ""
    assert "a sentence of the take has the basis harm" in faults(a_ballot("ship", take=take))


def test_a_ballot_in_the_words_of_the_vendor_is_copied() -> None:
    parts = [part.strip() for part in DESCRIPTION.split(".") if part.strip()]
    findings = tuple(
        finding.model_copy(update={"finding": parts[0]}) for finding in a_ballot().findings
    )
    take = tuple(a_sentence(part) for part in parts)
    kinds = [fault.kind for fault in found(a_ballot(findings=findings, take=take))]
    assert "copied" in kinds
    assert "copied" not in [fault.kind for fault in found(a_sound_ballot())]


def test_what_recurs_is_named_by_its_words() -> None:
    earlier = [a_sentence("Ten seats cost nothing."), a_sentence("A steep cost curve bends.")]
    recent = remember("builder", [earlier])
    take = (a_sentence("Ten seats cost money."), a_sentence("Mind the steep cost curve."), *SOUND)
    repeated = [one for one in found(a_ballot(take=take), recent) if one.kind == "repetitive"]
    assert [one.message.split("”")[0] for one in repeated] == [
        "the take says “ten seats cost",
        "the take says “steep cost curve",
    ]
    assert not [one for one in found(a_ballot(take=take)) if one.kind == "repetitive"]
