"""JSON Schema as providers take it in strict mode, and weakened for those that take less."""

from collections.abc import Collection
from typing import Any, Final

Schema = dict[str, Any]

BOUNDS: Final = (
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "format",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
)
"""The keywords that narrow a type, which some servers refuse: see describe_bounds."""

_SCHEMAS: Final = ("items", "additionalProperties", "not", "contains", "propertyNames")
_LISTS: Final = ("anyOf", "oneOf", "allOf", "prefixItems")
_NAMED: Final = ("properties", "patternProperties", "$defs", "definitions")


def strict_object(**properties: Schema) -> Schema:
    """Return an object schema whose properties are all required and the only ones.

    `required` has them in the order of writing: some models write in its order, not in that of
    `properties`, and a reason is to be written before the score that it gives.
    """
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def describe_bounds(schema: Schema, keywords: Collection[str]) -> Schema:
    """Return `schema` with its `keywords` as words at the end of descriptions.

    A model still reads them; to check them is left to the reader of the answer. Example:
    `describe_bounds({"type": "integer", "minimum": 1, "maximum": 5}, BOUNDS)` is
    `{"type": "integer", "description": "{minimum: 1, maximum: 5}"}`.
    """
    kept = {key: _inside(key, value, keywords) for key, value in schema.items()}
    moved = {key: kept.pop(key) for key in schema if key in keywords}
    if moved:
        bounds = ", ".join(f"{key}: {value}" for key, value in moved.items())
        said = kept.get("description")
        kept["description"] = f"{said} {{{bounds}}}" if said else f"{{{bounds}}}"
    return kept


def keywords_of(schema: Schema) -> frozenset[str]:
    """Return the keywords of BOUNDS that stand anywhere in `schema`."""
    found = {key for key in schema if key in BOUNDS}
    for key, value in schema.items():
        for inner in _inner(key, value):
            found |= keywords_of(inner)
    return frozenset(found)


def _inside(key: str, value: Any, keywords: Collection[str]) -> Any:  # noqa: ANN401 - any JSON value
    if key in _SCHEMAS and isinstance(value, dict):
        return describe_bounds(value, keywords)
    if key in _LISTS:
        return [describe_bounds(one, keywords) for one in value]
    if key in _NAMED:
        return {name: describe_bounds(one, keywords) for name, one in value.items()}
    return value


def _inner(key: str, value: Any) -> list[Schema]:  # noqa: ANN401 - any JSON value
    if key in _SCHEMAS and isinstance(value, dict):
        return [value]
    if key in _LISTS:
        return list(value)
    return list(value.values()) if key in _NAMED else []
