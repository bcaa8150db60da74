"""What panels would take, before any of them is convened: calls, tokens, money."""

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Final

from panel.domain.exchange import Count, Request, Usage
from panel.domain.model_cost import Dollars, Rate, cost, worst_cost
from panel.domain.prompts import brief, intake_request, review_request
from panel.domain.rate_limit import prompt_tokens
from panel.domain.run import Inputs
from panel.domain.value import Value

RateFor = Callable[[str, str], Rate | None]
"""The price of a provider's model, None where nobody knows it."""

TYPICAL_OUTPUT: Final = {"intake": 350, "review": 1_100}
"""Tokens of an answer: a quarter of the bytes of the recorded real-model ones, rounded up."""

_NOTHING: Final = Decimal(0)


class CostEstimate(Value):
    """What the panels of some tools would take, without repairs and retries.

    `tokens_in` is a ceiling, about a third too high on English text; `tokens_out` is what answers
    usually take and `most_out` their limit. `about_usd` is without any prompt cache; `most_usd` is
    what a cost cap would reckon with. Both leave out the models in `unpriced`.
    """

    tools: Count = 0
    calls: Count = 0
    tokens_in: Count = 0
    tokens_out: Count = 0
    most_out: Count = 0
    about_usd: Dollars = _NOTHING
    most_usd: Dollars = _NOTHING
    unpriced: tuple[str, ...] = ()


def estimate(panels: Iterable[Inputs], rate_for: RateFor) -> CostEstimate:
    """Return what `panels` would take; each is read once and let go."""
    tools = calls = tokens_in = tokens_out = most_out = 0
    about = most = _NOTHING
    unpriced: set[str] = set()
    for inputs in panels:
        tools += 1
        for request in _requests(inputs):
            size = prompt_tokens(request)
            typical = TYPICAL_OUTPUT["review" if request.reviewer else "intake"]
            calls += 1
            tokens_in += size
            tokens_out += typical
            most_out += request.max_output_tokens
            rate = rate_for(request.provider, request.model)
            if rate is None:
                unpriced.add(f"{request.provider}:{request.model}")
                continue
            about += cost(Usage(input=size, output=typical), rate)
            most += worst_cost(size, request.max_output_tokens, rate)
    return CostEstimate(
        tools=tools,
        calls=calls,
        tokens_in=tokens_in,
        tokens_out=tokens_out,
        most_out=most_out,
        about_usd=about,
        most_usd=most,
        unpriced=tuple(sorted(unpriced)),
    )


def _requests(inputs: Inputs) -> Iterator[Request]:
    shared = brief(inputs)
    if inputs.tool.lacks():
        yield intake_request(inputs, shared)
    personas = {persona.key: persona for persona in inputs.personas}
    for assignment in inputs.assignments:
        for sample in range(inputs.calls.samples):
            yield review_request(inputs, shared, personas[assignment.persona], assignment, sample)
