"""Values and rules: no input or output, no async, no clock; pydantic only."""
