"""The one way values are declared."""

from pydantic import BaseModel, ConfigDict


def is_none(value: object) -> bool:
    """Tell whether a field is left out of what is written: `exclude_if` of those that came later."""
    return value is None


class Value(BaseModel):
    """A frozen value that takes the types it names and no key it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
