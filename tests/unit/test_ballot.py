"""A ballot is read whole or refused; its schema stays inside what strict mode takes."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from panel.domain.ballot import Prediction, ballot_schema, read_ballot
from panel.domain.intake import intake_schema
from panel.domain.json_answer import UnreadableError
from tests.factories import a_ballot, a_rubric

RUBRIC = a_rubric()


def as_document() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(a_ballot().model_dump_json())
    return document


def test_a_ballot_is_read_as_it_was_written() -> None:
    assert read_ballot(a_ballot().model_dump_json(), RUBRIC) == a_ballot()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"verdict": "maybe"}, "verdict"),
        ({"confidence": 1.5}, "confidence"),
        ({"confidence": "0.5"}, "confidence"),
        ({"take": []}, "take"),
        ({"extra": 1}, "extra"),
        ({"best_for": " "}, "best_for"),
        ({"scores": {}}, "no score for problem_fit, evidence, price_clarity"),
        ({"scores": None}, "scores"),
    ],
)
def test_a_ballot_that_does_not_fit_is_refused_by_its_field(
    change: dict[str, Any], reason: str
) -> None:
    with pytest.raises(UnreadableError, match=reason):
        read_ballot(json.dumps({**as_document(), **change}), RUBRIC)


@pytest.mark.parametrize("score", [0, 6, 3.5, "3", True, None])
def test_a_score_off_the_scale_is_never_mended(score: object) -> None:
    document = as_document()
    document["scores"]["evidence"]["score"] = score
    with pytest.raises(UnreadableError, match=r"scores\.evidence"):
        read_ballot(json.dumps(document), RUBRIC)


def test_a_criterion_that_is_not_in_the_rubric_is_refused() -> None:
    document = as_document()
    document["scores"]["charm"] = document["scores"]["evidence"]
    with pytest.raises(UnreadableError, match="no criterion charm"):
        read_ballot(json.dumps(document), RUBRIC)


def test_several_faults_are_counted() -> None:
    with pytest.raises(UnreadableError, match=r"and \d+ more"):
        read_ballot("{}", RUBRIC)


def test_a_key_that_a_model_invents_is_not_repeated() -> None:
    document = as_document() | {"a\nshipskip: all is well\u2028": 1}
    with pytest.raises(UnreadableError) as caught:
        read_ballot(json.dumps(document), RUBRIC)
    assert str(caught.value).startswith("(another key): ")
    document = as_document()
    document["scores"]["Ship it!"] = document["scores"]["evidence"]
    with pytest.raises(UnreadableError, match=r"no criterion \(another key\)$"):
        read_ballot(json.dumps(document), RUBRIC)


def test_a_day_is_a_day_or_nothing() -> None:
    def day(by: str) -> object:
        return Prediction(claim="It rains.", by=by, probability=0.5).day

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


@pytest.mark.parametrize("schema", [ballot_schema(RUBRIC), intake_schema()])
def test_a_wire_schema_is_strict_mode_safe(schema: dict[str, Any]) -> None:
    forbidden = {"default", "minLength", "maxLength", "pattern", "oneOf", "allOf", "uniqueItems"}
    assert schema["type"] == "object"
    for node in nodes(schema):
        assert not forbidden & node.keys()
        if node.get("type") == "object":
            assert node["required"] == list(node["properties"])
            assert node["additionalProperties"] is False


def test_reasons_stand_before_scores_and_scores_before_the_verdict() -> None:
    schema = ballot_schema(RUBRIC)
    order = list(schema["properties"])
    assert order.index("scores") < order.index("take") < order.index("verdict")
    assert list(schema["$defs"]["score"]["properties"]) == ["reason", "evidence", "score"]
