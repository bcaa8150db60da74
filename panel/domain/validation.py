"""What is wrong with a value that a person gave, in plain words: one map for every surface."""

from collections.abc import Mapping
from typing import Final

from pydantic import ValidationError

_SAID: Final[Mapping[str, str]] = {
    "missing": "it is missing",
    "extra_forbidden": "there is no such key",
    "invalid_key": "its name has to be a text",
    "string_type": "it is no text; put it in quotes",
    "string_unicode": "it holds half a character",
    "string_too_short": "it has fewer than {min_length:,} characters",
    "string_too_long": "it has more than {max_length:,} characters",
    "string_pattern_mismatch": "it is not of the form {pattern}",
    "literal_error": "it is none of {expected}",
    "list_type": "it is no list",
    "tuple_type": "it is no list",
    "dict_type": "it has no fields",
    "model_type": "it has no fields",
    "bool_type": "it is neither true nor false",
    "int_type": "it is no whole number",
    "int_from_float": "it is no whole number",
    "float_type": "it is no number",
    "is_instance_of": "it is no number",
    "finite_number": "it is no number that can be counted with",
    "greater_than": "it is not above {gt}",
    "greater_than_equal": "it is below {ge}",
    "less_than": "it is not below {lt}",
    "less_than_equal": "it is above {le}",
    "decimal_max_places": "it has more than {decimal_places} decimal places",
    "too_short": "it names fewer than {min_length}",
    "too_long": "it names more than {max_length}",
}
_EMPTY: Final = "it is empty"
_OWN: Final = "Value error, "


def describe_fault(fault: Mapping[str, object], words: Mapping[str, str] | None = None) -> str:
    """Return what is wrong, given one of the faults of a ValidationError.

    `words` are a surface's own sentences by the fault's type, with the names of its context in braces.
    What no map knows, such as a rule of ours, is said as its rule says it.
    """
    kind, context = str(fault["type"]), fault.get("ctx", {})
    own = words or {}
    told = own.get(kind) or _SAID.get(kind)
    if told is None or not isinstance(context, Mapping):
        return str(fault["msg"]).removeprefix(_OWN)
    if kind not in own and context.get("min_length") == 1:
        return _EMPTY
    return told.format_map(context)


def first_fault_of(error: ValidationError) -> tuple[str, str]:
    """Return where the first fault of `error` is, steps joined by dots, and what is wrong there."""
    fault = error.errors(include_url=False, include_input=False)[0]
    return ".".join(map(str, fault["loc"])), describe_fault(fault)
