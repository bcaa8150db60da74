"""A ballot is read whole or refused; its schema stays inside what strict mode takes."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from panel.domain.ballot import (
    MOST_OF_A_PASSAGE,
    MOST_PASSAGES,
    DatedClaim,
    ballot_schema,
    read_ballot,
)
from panel.domain.intake import intake_schema
from panel.domain.json_answer import UnreadableAnswerError
from tests.factories import CRITERIA, a_ballot, a_sentence, some_findings


def as_document() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(a_ballot().model_dump_json())
    return document


def read(document: dict[str, Any]) -> Any:
    return read_ballot(json.dumps(document), CRITERIA)


def test_a_ballot_is_read_as_it_was_written() -> None:
    assert read_ballot(a_ballot().model_dump_json(), CRITERIA) == a_ballot()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"verdict": "maybe"}, "verdict"),
        ({"confidence": 1.5}, "confidence"),
        ({"confidence": "half"}, "confidence"),
        ({"confidence": "2"}, "confidence"),
        ({"take": []}, "take"),
        ({"extra": 1}, "extra"),
        ({"best_for": " "}, "best_for"),
        ({"findings": []}, "findings"),
        ({"findings": None}, "findings"),
        ({"addressed": "a passage"}, "addressed"),
    ],
)
def test_a_ballot_that_does_not_fit_is_refused_by_its_field(
    change: dict[str, Any], reason: str
) -> None:
    with pytest.raises(UnreadableAnswerError, match=reason):
        read({**as_document(), **change})


@pytest.mark.parametrize("score", [0, 6, 3.5, "3.5", "three", "30", "\u0663", True, None])
def test_a_score_off_the_scale_is_never_mended(score: object) -> None:
    document = as_document()
    document["findings"][1]["score"] = score
    with pytest.raises(UnreadableAnswerError, match=r"findings\.1\.score"):
        read(document)


@pytest.mark.parametrize("score", [4, 4.0, "4", " 4 ", "4.0"])
def test_four_is_four_in_every_spelling(score: object) -> None:
    document = as_document()
    document["findings"][1]["score"] = score
    assert read(document).scores["evidence"] == 4


@pytest.mark.parametrize("share", [0.7, "0.7", ".7", " 0.70 "])
def test_a_share_is_read_from_text_too(share: object) -> None:
    document = as_document() | {"confidence": share}
    document["prediction"]["probability"] = share
    assert read(document).confidence == read(document).prediction.probability == 0.7


def test_a_word_in_capitals_is_that_word_and_a_blank_passage_is_none() -> None:
    document = a_ballot("ship").model_dump(mode="json") | {"verdict": " SHIP"}
    document["take"][0] |= {"basis": "Absent", "evidence": " "}
    document["findings"][0]["evidence"] = ""
    read = read_ballot(json.dumps(document), CRITERIA)
    assert (read.verdict, read.take[0].basis) == ("ship", "absent")
    assert (read.take[0].evidence, read.findings[0].evidence) == (None, None)


def test_findings_come_in_the_order_of_the_criteria() -> None:
    document = as_document()
    document["findings"].reverse()
    assert read(document).findings == a_ballot().findings


def test_a_criterion_is_there_once() -> None:
    missing, doubled, other = as_document(), as_document(), as_document()
    missing["findings"].pop()
    doubled["findings"].append(doubled["findings"][0])
    other["findings"].append(doubled["findings"][0] | {"criterion": "Ship it!"})
    with pytest.raises(UnreadableAnswerError, match="there is no finding for price_clarity"):
        read(missing)
    with pytest.raises(UnreadableAnswerError, match="there is 2 findings for problem_fit"):
        read(doubled)
    with pytest.raises(
        UnreadableAnswerError, match="one is for none of problem_fit, evidence"
    ) as caught:
        read(other)
    assert "Ship" not in str(caught.value)


def test_several_faults_are_counted() -> None:
    with pytest.raises(UnreadableAnswerError, match=r"and \d+ more"):
        read_ballot("{}", CRITERIA)


def test_a_key_that_a_model_invents_is_not_repeated() -> None:
    with pytest.raises(UnreadableAnswerError) as caught:
        read(as_document() | {"a\nshipskip: all is well\u2028": 1})
    assert str(caught.value).startswith("(another key): ")


def test_no_answer_is_lost_for_what_it_reports() -> None:
    def reported(*passages: object) -> tuple[str, ...]:
        found: tuple[str, ...] = read(as_document() | {"addressed": [*passages]}).addressed
        return found

    assert len(reported(*(f"passage {number}" for number in range(500)))) == MOST_PASSAGES
    assert [len(one) for one in reported("x" * 30_000)] == [MOST_OF_A_PASSAGE]
    assert reported("a b", 7, " ", None, " a b ") == ("a b",)


def test_harm_is_said_by_its_basis() -> None:
    harmful = a_ballot("skip", take=(a_sentence("It spies.", "harm", "plain files"),))
    assert read_ballot(harmful.model_dump_json(), CRITERIA).says_harm
    assert not a_ballot().says_harm


def test_scores_are_the_steps_by_criterion() -> None:
    steps = a_ballot(findings=some_findings(1, 2, 5)).scores
    assert steps == dict(zip(CRITERIA, (1, 2, 5), strict=True))


def test_a_day_is_a_day_or_nothing() -> None:
    def day(by: str) -> object:
        return DatedClaim(claim="It rains.", by=by, probability=0.5).day

    assert str(day("2027-06-30")) == "2027-06-30"
    assert day("2027-06-31") is None
    assert day("June 2027") is None


def nodes(schema: object) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        yield schema
        for value in schema.values():
            yield from nodes(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from nodes(value)


@pytest.mark.parametrize("schema", [ballot_schema(), intake_schema()])
def test_a_wire_schema_is_strict_mode_safe(schema: dict[str, Any]) -> None:
    forbidden = {"default", "minLength", "maxLength", "pattern", "oneOf", "allOf", "uniqueItems"}
    assert schema["type"] == "object"
    for node in nodes(schema):
        assert not forbidden & node.keys()
        if node.get("type") == "object":
            assert node["required"] == list(node["properties"])
            assert node["additionalProperties"] is False


def test_findings_stand_before_scores_and_scores_before_the_verdict() -> None:
    properties = ballot_schema()["properties"]
    order = list(properties)
    assert order.index("findings") < order.index("take") < order.index("verdict")
    finding = properties["findings"]["items"]["properties"]
    assert list(finding) == ["criterion", "finding", "evidence", "score"]
