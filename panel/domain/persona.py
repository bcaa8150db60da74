"""A persona: a reviewer who answers for one side of a tool. Data, not code."""

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from panel.domain.criterion import Criterion, Key, Text
from panel.domain.json_answer import repeated
from panel.domain.value import Value

FEWEST_CRITERIA, MOST_CRITERIA = 1, 4
MOST_OF_SHORT = 16
Short = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MOST_OF_SHORT)
]
Things = Annotated[tuple[Text, ...], Field(min_length=1, max_length=12)]


class Persona(Value):
    """All there is to know of a reviewer: its side of a tool, its criteria and when it ships.

    `short` is the name where there is little room. `lens` says what the reviewer answers for and what
    is not its subject. `ships_when` completes "You ship when ...", without a full stop.
    """

    key: Key
    name: Text
    short: Short
    motto: Text
    lens: Text
    excited_by: Things
    tired_of: Things
    criteria: Annotated[
        tuple[Criterion, ...], Field(min_length=FEWEST_CRITERIA, max_length=MOST_CRITERIA)
    ]
    ships_when: Text
    model: Text | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None

    @model_validator(mode="after")
    def _each_criterion_once(self) -> Self:
        if (twice := repeated(self.criterion_keys)) is not None:
            raise ValueError(f"criteria: the key {twice} stands twice")
        return self

    @property
    def criterion_keys(self) -> tuple[str, ...]:
        """The keys of its criteria in order."""
        return tuple(criterion.key for criterion in self.criteria)

    def criterion(self, key: str) -> Criterion:
        """Return its criterion of that key. Raises KeyError."""
        return {criterion.key: criterion for criterion in self.criteria}[key]

    def render(self) -> str:
        """Return the persona as its model reads it: everything but short, model and temperature."""
        return "\n".join(
            (
                f"{self.name}. {self.motto}",
                self.lens,
                "What wins you over",
                *(f"  - {thing}" for thing in self.excited_by),
                "What you are tired of",
                *(f"  - {thing}" for thing in self.tired_of),
                "Your criteria",
                *(criterion.render() for criterion in self.criteria),
                f"You ship when {self.ships_when}.",
            )
        )
