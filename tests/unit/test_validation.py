"""What is wrong with a given value is said in plain words, and never in a library's."""

from decimal import Decimal
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field, StringConstraints, ValidationError, field_validator

from panel.domain.validation import describe_fault, first_fault_of
from panel.domain.value import Value


class Sample(Value):
    """A value with a rule of each kind."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=1200)] = "a"
    long: Annotated[str, StringConstraints(min_length=3)] = "abc"
    form: Annotated[str, StringConstraints(pattern="^[a-z]+$")] = "a"
    several: Annotated[tuple[str, ...], Field(min_length=1, max_length=2)] = ("a",)
    number: Annotated[int, Field(gt=0, le=9)] = 1
    share: Annotated[float, Field(ge=0, lt=1, allow_inf_nan=False)] = 0.5
    amount: Annotated[Decimal, Field(decimal_places=2)] = Decimal(1)
    kind: Literal["free", "paid"] = "free"
    is_it: bool = True
    own: str = "a"

    @field_validator("own")
    @classmethod
    def _ours(cls, value: str) -> str:
        if value == "b":
            raise ValueError("it has nothing that can be read")
        return value


def refused(**given: Any) -> ValidationError:
    with pytest.raises(ValidationError) as caught:
        Sample.model_validate(given)
    return caught.value


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("text", "", "it is empty"),
        ("text", "a" * 1201, "it has more than 1,200 characters"),
        ("text", 3, "it is no text; put it in quotes"),
        ("text", "\ud800", "it holds half a character"),
        ("long", "ab", "it has fewer than 3 characters"),
        ("form", "A", "it is not of the form ^[a-z]+$"),
        ("several", (), "it is empty"),
        ("several", ("a", "b", "c"), "it names more than 2"),
        ("several", "a", "it is no list"),
        ("number", 0, "it is not above 0"),
        ("number", 10, "it is above 9"),
        ("number", "1", "it is no whole number"),
        ("share", -1.0, "it is below 0.0"),
        ("share", 1.0, "it is not below 1.0"),
        ("share", float("inf"), "it is no number that can be counted with"),
        ("share", "1", "it is no number"),
        ("amount", Decimal("0.001"), "it has more than 2 decimal places"),
        ("amount", "1", "it is no number"),
        ("kind", "cheap", "it is none of 'free' or 'paid'"),
        ("is_it", "yes", "it is neither true nor false"),
        ("own", "b", "it has nothing that can be read"),
        ("other", 1, "there is no such key"),
    ],
)
def test_a_fault_is_said_in_plain_words(field: str, value: object, why: str) -> None:
    assert first_fault_of(refused(**{field: value})) == (field, why)


def test_a_surface_may_say_it_in_words_of_its_own() -> None:
    (fault,) = refused(several=()).errors()
    words = {"too_short": "name at least {min_length}"}
    assert describe_fault(fault, words) == "name at least 1"


def test_a_library_s_words_are_left_where_no_map_knows_the_fault() -> None:
    assert describe_fault({"type": "odd", "msg": "It is odd"}) == "It is odd"
