"""JSON Schema as providers take it in strict mode."""

from typing import Any

Schema = dict[str, Any]


def strict_object(**properties: Schema) -> Schema:
    """Return an object schema whose properties are all required and the only ones."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
