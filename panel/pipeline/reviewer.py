"""A reviewer: a persona with a rubric and a model. It acts."""

from dataclasses import dataclass

from panel.domain.ballot import Ballot, read_ballot
from panel.domain.ballot_checks import check
from panel.domain.flag import Flag
from panel.domain.persona import Persona
from panel.domain.prompts import Brief, review_request
from panel.domain.review import Abstention, Scorecard
from panel.domain.run import Assignment, Inputs
from panel.domain.scale import out_of_ten, weighted_mean
from panel.errors import ProviderError, Stopped
from panel.pipeline.question import ask
from panel.ports import Provider


@dataclass(frozen=True)
class Reviewer:
    """One persona on one seat, ready to be asked about one tool."""

    persona: Persona
    assignment: Assignment
    inputs: Inputs
    shared: Brief
    provider: Provider

    async def review(self, sample: int) -> Scorecard | Abstention:
        """Return a scorecard or an abstention: one failed reviewer never sinks the panel.

        Raises Stopped and Waiting, which concern the whole run, and StoreError.
        """
        try:
            return await self._scorecard(sample)
        except Stopped:
            raise
        except ProviderError as error:
            return Abstention(
                reviewer=self.persona.key,
                name=self.persona.name,
                provider=self.assignment.provider,
                model=self.assignment.model,
                reason=str(error),
            )

    async def _scorecard(self, sample: int) -> Scorecard:
        request = review_request(self.inputs, self.shared, self.persona, self.assignment, sample)
        asked = await ask(self.provider, request, self._read, self.inputs)
        scores = {key: score.score for key, score in asked.value.scores.items()}
        return Scorecard(
            reviewer=self.persona.key,
            name=self.persona.name,
            provider=self.assignment.provider,
            model=asked.completion.model,
            ballot=asked.value,
            score=out_of_ten(weighted_mean(scores, self.persona.weights)),
            flags=tuple(
                Flag(kind="ballot", message=fault, excerpt=None, holds=False)
                for fault in asked.faults
            ),
        )

    def _read(self, text: str) -> tuple[Ballot, tuple[str, ...]]:
        ballot = read_ballot(text, self.inputs.rubric)
        faults = check(
            ballot, persona=self.persona, shown=self.shared.shown, today=self.inputs.date
        )
        return ballot, faults
