"""A reviewer: a persona with a model. It acts."""

from dataclasses import dataclass

from panel.domain.ballot import Ballot, read_ballot
from panel.domain.ballot_checks import check
from panel.domain.fault import Fault
from panel.domain.flag import Flag
from panel.domain.persona import Persona
from panel.domain.prompts import Brief, review_request
from panel.domain.review import Abstention, Scorecard
from panel.domain.run import Assignment, Inputs
from panel.domain.verdict import reviewer_score
from panel.errors import ProviderError, Stopped, Unusable
from panel.pipeline.question import ask
from panel.ports import Provider


@dataclass(frozen=True)
class Reviewer:
    """One persona with who answers for it, ready to be asked about one tool."""

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
        accept = self.persona.key in self.inputs.accepted
        asked = await ask(self.provider, request, self._read, self.inputs, accept=accept)
        if copied := next((fault for fault in asked.faults if fault.kind == "copied"), None):
            raise Unusable(f"the review is not the reviewer's own: {copied.message}")
        return Scorecard(
            reviewer=self.persona.key,
            name=self.persona.name,
            provider=self.assignment.provider,
            model=asked.completion.model,
            ballot=asked.value,
            score=reviewer_score(asked.value),
            flags=tuple(
                Flag(kind="ballot", message=fault.message, holds=False)
                for fault in asked.faults
                if fault.kind == "flawed"
            ),
            repeats=sum(fault.kind == "repetitive" for fault in asked.faults),
        )

    def _read(self, text: str) -> tuple[Ballot, tuple[Fault, ...]]:
        ballot = read_ballot(text, self.persona.criterion_keys)
        faults = check(
            ballot,
            shown=self.shared.shown,
            today=self.inputs.date,
            recent=self.inputs.recent_takes(self.persona.key),
        )
        return ballot, faults
