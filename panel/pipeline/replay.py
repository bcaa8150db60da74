"""A recorded run through today's code: the same reviews and the same verdict, or what differs."""

from collections.abc import Iterable
from dataclasses import dataclass

from panel.domain.exchange import Exchange
from panel.domain.run import Inputs, Run
from panel.pipeline.convener import Convener
from panel.pipeline.diff import differences
from panel.pipeline.replay_provider import ReplayProvider


@dataclass(frozen=True)
class Replay:
    """What a replay came to; `differences` is what a reader would notice, most visible first."""

    run: Run
    differences: tuple[str, ...]


async def replay(
    convener: Convener, recorded: Run, exchanges: Iterable[Exchange], inputs: Inputs
) -> Replay:
    """Return `recorded` convened again under `inputs` from its own exchanges, and what differs.

    Raises ReplayError for a request that was not recorded and for an exchange that was not used.
    """
    provider = ReplayProvider(exchanges)
    refs = {assignment.ref for assignment in (*inputs.assignments, inputs.intake)} | set(
        inputs.fallbacks
    )
    again = await convener.convene(
        recorded.model_copy(update={"inputs": inputs}), dict.fromkeys(refs, provider)
    )
    provider.refuse_unused()
    return Replay(again, tuple(differences(recorded, again)))
