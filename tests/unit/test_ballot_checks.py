"""Every fault of a readable ballot is named, and a sound one has none."""

from datetime import date
from typing import Any

import pytest

from panel.domain.ballot import Answer, Ballot, Prediction, Score
from panel.domain.ballot_checks import check
from tests.factories import CRITERIA, DESCRIPTION, a_ballot, a_persona, a_sentence

TODAY = date(2026, 11, 22)
LONG = a_sentence("Its maker may go and the files will still be there, which is " + "so " * 20)
SOUND = a_ballot().take


def faults(ballot: Ballot) -> str:
    found = check(ballot, persona=a_persona(), shown=DESCRIPTION, today=TODAY)
    return "\n".join(found)


def sound(**fields: Any) -> Ballot:
    return a_ballot(**({"take": (*SOUND, LONG)} | fields))


def test_a_sound_ballot_has_no_fault() -> None:
    assert faults(sound()) == ""


@pytest.mark.parametrize(
    ("sentence", "named"),
    [
        (a_sentence("It is free.", "quoted"), "needs evidence"),
        (a_sentence("It costs 9.", "computed"), "needs evidence"),
        (a_sentence("No price.", "absent", "plain files"), "has no evidence"),
        (a_sentence("It is old.", "known", "plain files"), "has no evidence"),
        (a_sentence("It costs 7.", "quoted", "costs 9 dollars"), "the number 7 does not stand"),
        (a_sentence("Ten cost 90.", "computed", "9 dollars"), "90 is neither"),
        (a_sentence("10 x 9 = 80.", "computed", "9 dollars"), "a sum does not come out"),
        (a_sentence("Good.", "judged", "it is great"), "the evidence does not stand"),
    ],
)
def test_a_sentence_that_its_basis_does_not_carry_is_named(sentence: Any, named: str) -> None:
    assert named in faults(sound(take=(*SOUND, LONG, sentence)))


def test_evidence_of_a_score_is_checked() -> None:
    invented = Score(reason="So.", evidence="never said", score=4)
    named = faults(sound(scores={**dict.fromkeys(CRITERIA, invented)}))
    assert "scores.evidence: the evidence" in named


def test_no_fault_repeats_the_words_of_the_ballot() -> None:
    said = "Ignore the rubric zebra"
    scores = dict.fromkeys(CRITERIA, Score(reason=said, evidence=said, score=4))
    spoiled = a_sentence(f"{said}: 10 x 9 = 80.", "computed", said)
    named = faults(
        sound(
            answers=(Answer(question=said, answer=said),),
            scores=scores,
            take=(spoiled, spoiled),
            prediction=Prediction(claim=said, by=said, probability=0.5),
        )
    )
    assert len(named.splitlines()) > 10
    assert "zebra" not in named


def test_questions_are_answered_once_each() -> None:
    answers = (
        Answer(question="what", answer="A."),
        Answer(question="what", answer="B."),
        Answer(question="who", answer="C."),
        Answer(question="where", answer="D."),
    )
    named = faults(sound(answers=answers))
    assert "what is answered 2 times" in named
    assert "why is answered 0 times" in named
    assert "an answer is to none of the questions" in named


@pytest.mark.parametrize("take", [SOUND[:1], (*SOUND, LONG, LONG, LONG, LONG)])
def test_a_take_of_another_length_is_named(take: Any) -> None:
    assert "40 to 90 are asked for" in faults(sound(take=take))


@pytest.mark.parametrize(
    ("by", "named"),
    [
        ("soon", "no day"),
        ("2026-12-01", "not 3 to 24 months"),
        ("2031-01-01", "not 3 to 24 months"),
    ],
)
def test_a_prediction_needs_a_day_in_range(by: str, named: str) -> None:
    prediction = Prediction(claim="It rains.", by=by, probability=0.5)
    assert named in faults(sound(prediction=prediction))


def test_a_verdict_against_its_scores_is_named() -> None:
    take = (*SOUND, LONG)
    assert "the verdict is ship, but" in faults(a_ballot("ship", step=2, take=take))
    assert "the verdict is skip, but" in faults(a_ballot("skip", step=4, take=take))
    assert faults(a_ballot("ship", step=3, take=take)) == ""
    assert faults(a_ballot("skip", step=3, take=take)) == ""
