"""A persona: a character with a lens, its own questions and its own weights. Data, not code."""

from typing import Annotated

from pydantic import Field

from panel.domain.rubric import Key, Rubric, Text
from panel.domain.value import Value

Weight = Annotated[int, Field(ge=0, le=10)]


class Signal(Value):
    """Words that the checklist looks for, and the score that a criterion moves to by them.

    `looks_for` are regular expressions over the folded text, matched without regard to case. A
    present signal moves `criterion` by `moves` steps from 2, a sober start; an absent one is listed as
    `absent` when it is given.
    """

    criterion: Key
    looks_for: Annotated[tuple[Text, ...], Field(min_length=1)]
    moves: Annotated[int, Field(ge=-4, le=4)]
    says: Text
    absent: Text | None = None


class Persona(Value):
    """Who reviews: what it asks, what it weighs and when it ships."""

    key: Key
    name: Text
    motto: Text
    lens: Text
    excited_by: Annotated[tuple[Text, ...], Field(min_length=1)]
    tired_of: Annotated[tuple[Text, ...], Field(min_length=1)]
    questions: Annotated[dict[Key, Text], Field(min_length=3, max_length=5)]
    weights: dict[Key, Weight]
    ships_when: Text
    signals: tuple[Signal, ...] = ()
    model: Text | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None

    def without_signals(self) -> "Persona":
        """Return the persona as a run records it: signals are the checklist's, not a prompt's."""
        return self.model_copy(update={"signals": ()})

    def misfits(self, rubric: Rubric) -> tuple[str, ...]:
        """Return what is wrong with this persona under `rubric`, as `key: what` lines."""
        wrong = [f"weights: no weight for {key}" for key in rubric.keys if key not in self.weights]
        wrong += [
            f"weights: {key} is not a criterion of the rubric"
            for key in self.weights
            if key not in rubric.keys
        ]
        if self.weights and not any(self.weights.values()):
            wrong.append("weights: all are 0, so nothing would count")
        wrong += [
            f"signals: {signal.criterion} is not a criterion of the rubric"
            for signal in self.signals
            if signal.criterion not in rubric.keys
        ]
        return tuple(wrong)

    def render(self) -> str:
        """Return the persona as its model reads it: everything but signals, model and temperature."""
        questions = "\n".join(f"  {key}: {text}" for key, text in self.questions.items())
        weights = ", ".join(f"{key} {weight}" for key, weight in self.weights.items())
        return "\n".join(
            (
                f"{self.name}. {self.motto}",
                self.lens.strip(),
                "What wins you over",
                *(f"  - {thing}" for thing in self.excited_by),
                "What you are tired of",
                *(f"  - {thing}" for thing in self.tired_of),
                "Your questions",
                questions,
                f"Your weights: {weights}",
                f"You ship when {self.ships_when}.",
            )
        )
