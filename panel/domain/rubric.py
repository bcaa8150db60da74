"""The rubric: the criteria that every reviewer answers, and their scale."""

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from panel.domain.value import Value

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]

LOWEST, HIGHEST = 1, 5
STEPS = range(LOWEST, HIGHEST + 1)


class Criterion(Value):
    """One question of the rubric with an anchor for every step of the scale, lowest first."""

    key: Key
    label: Text
    question: Text
    anchors: Annotated[tuple[Text, ...], Field(min_length=HIGHEST, max_length=HIGHEST)]


class Rubric(Value):
    """The criteria in their printed order, each key once."""

    criteria: Annotated[tuple[Criterion, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _keys_are_unique(self) -> Self:
        keys = self.keys
        if len(set(keys)) < len(keys):
            raise ValueError("criteria: a key stands twice")
        return self

    @property
    def keys(self) -> tuple[str, ...]:
        """The criteria's keys in order."""
        return tuple(criterion.key for criterion in self.criteria)

    def render(self) -> str:
        """Return the rubric as the reviewers read it."""
        blocks = []
        for criterion in self.criteria:
            steps = "\n".join(
                f"  {step}: {anchor}" for step, anchor in zip(STEPS, criterion.anchors, strict=True)
            )
            blocks.append(f"{criterion.key}: {criterion.question}\n{steps}")
        return "\n".join(blocks)
