"""A criterion: one question that a reviewer answers with a step from 1 to 5."""

from typing import Annotated

from pydantic import Field, StringConstraints

from panel.domain.value import Value

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]

LOWEST, HIGHEST = 1, 5
STEPS = range(LOWEST, HIGHEST + 1)


class Criterion(Value):
    """A question with an anchor for every step of the scale, lowest first.

    Each anchor stands alone as a reason: "figures without a method", not "a little better".
    """

    key: Key
    label: Text
    question: Text
    anchors: Annotated[tuple[Text, ...], Field(min_length=HIGHEST, max_length=HIGHEST)]

    def render(self) -> str:
        """Return the criterion as a reviewer reads it: key, question, and a line for each step."""
        steps = (f"  {step}: {text}" for step, text in zip(STEPS, self.anchors, strict=True))
        return "\n".join((f"{self.key}: {self.question}", *steps))
