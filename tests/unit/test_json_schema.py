"""A schema's bounds become words for servers that refuse them; keys are listed as they are written."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.domain.ballot import ballot_schema
from panel.domain.intake import intake_schema
from panel.domain.json_schema import BOUNDS, Schema, describe_bounds, keywords_of, strict_object

STEP: Schema = {"type": "integer", "minimum": 1, "maximum": 5}
SAID: Schema = {"type": "integer", "description": "{minimum: 1, maximum: 5}"}


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        (STEP, SAID),
        (
            {**STEP, "description": "One to five."},
            {"type": "integer", "description": "One to five. {minimum: 1, maximum: 5}"},
        ),
        ({"type": "array", "items": STEP}, {"type": "array", "items": SAID}),
        ({"type": "array", "items": True}, {"type": "array", "items": True}),
        ({"anyOf": [STEP, {"type": "null"}]}, {"anyOf": [SAID, {"type": "null"}]}),
        ({"$defs": {"step": STEP}}, {"$defs": {"step": SAID}}),
        (
            {"type": "string", "minLength": 1, "pattern": "^x"},
            {"type": "string", "description": "{minLength: 1, pattern: ^x}"},
        ),
        # Names that only look like keywords, and a value that only looks like a schema.
        (
            strict_object(minimum=STEP, format={"type": "string"}),
            strict_object(minimum=SAID, format={"type": "string"}),
        ),
        ({"enum": [{"minimum": 1}]}, {"enum": [{"minimum": 1}]}),
    ],
)
def test_bounds_become_words_wherever_they_stand(schema: Schema, expected: Schema) -> None:
    before = str(schema)
    assert describe_bounds(schema, BOUNDS) == expected
    assert str(schema) == before, "the request keeps its own"
    assert keywords_of(expected) == frozenset()


def test_only_the_keywords_that_are_named_are_moved() -> None:
    weak = describe_bounds(STEP, ("maximum",))
    assert weak == {"type": "integer", "minimum": 1, "description": "{maximum: 5}"}
    assert keywords_of(weak) == {"minimum"}


LEAVES = st.fixed_dictionaries(
    {"type": st.sampled_from(["integer", "string", "number"])},
    optional={name: st.integers(0, 9) for name in BOUNDS},
)
SCHEMAS = st.recursive(
    LEAVES,
    lambda inner: (
        st.builds(lambda one: {"type": "array", "items": one, "minItems": 2}, inner)
        | st.dictionaries(st.sampled_from([*BOUNDS, "a", "b"]), inner, max_size=4).map(
            lambda named: strict_object(**named)
        )
        | st.lists(inner, min_size=1, max_size=3).map(lambda some: {"anyOf": some})
    ),
    max_leaves=12,
)


@given(SCHEMAS)
def test_no_bound_is_left_and_nothing_else_is_changed(schema: Schema) -> None:
    weak = describe_bounds(schema, BOUNDS)
    assert keywords_of(weak) == frozenset()
    assert describe_bounds(weak, BOUNDS) == weak
    assert shape(weak) == shape(schema)


def shape(schema: Any) -> Any:
    """Return a schema without its bounds and descriptions, in the order of its keys."""
    if isinstance(schema, list):
        return [shape(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    own = {key: one for key, one in schema.items() if key not in (*BOUNDS, "description")}
    if "properties" in own:
        own["properties"] = [(name, shape(one)) for name, one in schema["properties"].items()]
    return [(key, one if key == "properties" else shape(one)) for key, one in own.items()]


@pytest.mark.parametrize("schema", [ballot_schema(), intake_schema()], ids=["ballot", "intake"])
def test_required_lists_the_keys_in_the_order_of_writing(schema: Schema) -> None:
    objects = list(objects_in(schema))
    assert len(objects) > 1
    for one in objects:
        assert one["required"] == list(one["properties"])
        assert one["additionalProperties"] is False


def objects_in(schema: Any) -> Any:
    if isinstance(schema, dict):
        if schema.get("type") == "object":
            yield schema
        for value in schema.values():
            yield from objects_in(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from objects_in(value)


def test_a_reason_is_written_before_what_it_gives() -> None:
    ballot = ballot_schema()
    finding = ballot["properties"]["findings"]["items"]["required"]
    assert finding.index("finding") < finding.index("evidence") < finding.index("score")
    assert ballot["required"].index("findings") < ballot["required"].index("take")
    assert ballot["required"][-2:] == ["verdict", "confidence"]
