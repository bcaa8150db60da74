"""The one way values are declared."""

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """A frozen value that takes the types it names and no key it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
