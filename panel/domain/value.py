"""The one way values are declared."""

from pydantic import BaseModel, ConfigDict


def is_none(value: object) -> bool:
    """Tell whether a field is left out of what is written: `exclude_if` of those that came later."""
    return value is None


def is_empty(value: tuple[object, ...]) -> bool:
    """Tell whether a list that came later is left out of what is written."""
    return not value


class Value(BaseModel):
    """A frozen value that takes the types it names and no key it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
