"""Paid calls in any number, size and order, and what a cost cap may not do: cases and the check.

`test_cost_cap.py` draws a few of them, `tests/bars/test_s17_cases.py` ten thousand.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from hypothesis import strategies as st

from panel.domain.exchange import Completion, Request, Usage
from panel.domain.model_cost import Rate, cost, worst_cost
from panel.domain.rate_limit import prompt_tokens
from panel.errors import ProviderError, Refused, Stopped, Transient
from panel.providers.middleware.cost_cap import CostCap, LocalBudget
from tests.virtual import Listed, a_request, an_answer, digits, run

# A call, or a rate, in one number: Hypothesis draws and shrinks it faster than a value of fields.
NUMBERS = st.integers(0, 2**64)
ENDS = ("answers", "answers", "answers", "fails", "declines", "dies", "is not counted")


@dataclass(frozen=True)
class Ask:
    """One call: its size, what of it is used, and how it ends."""

    at: float
    letters: int
    output_limit: int
    used: tuple[int, int, int, int]  # tenths: of input, of output, of it cached, of it written
    takes: float
    ends: str
    cancelled_after: float | None

    @classmethod
    def read(cls, number: int) -> "Ask":
        at, letters, limit, a, b, c, d, takes, ends, cancelled = digits(
            number, 4, 90, 4000, 11, 11, 11, 11, 4, len(ENDS), 6
        )
        return cls(
            at=(0.0, 0.0, 1.0, 2.0)[at],
            letters=letters,
            output_limit=1 + limit,
            used=(a, b, c, d),
            takes=float(takes),
            ends=ENDS[ends],
            cancelled_after=(None, None, None, 0.0, 0.5, 1.0)[cancelled],
        )


def read_rate(number: int) -> Rate:
    prices = [Decimal(cents) / 100 for cents in digits(number, 2000, 2000, 2000, 2000)]
    names = ("input", "cached", "cache_write", "output")
    return Rate(source="a test", **dict(zip(names, prices, strict=True)))


class Seller:
    """A provider that keeps its own books: what it has really earned."""

    def __init__(self, rate: Rate) -> None:
        self.rate = rate
        self.earned = Decimal(0)
        self.asks: dict[str, Ask] = {}

    async def complete(self, request: Request) -> Completion:
        ask = self.asks[request.label]
        inputs, outputs, cached, written = ask.used
        used = prompt_tokens(request) * inputs // 10
        read = used * cached // 10
        usage = Usage(
            input=used,
            output=ask.output_limit * outputs // 10,
            cached=read,
            cache_written=(used - read) * written // 10,
        )
        if ask.ends == "declines":
            raise Refused("declined (400)")
        # It is earned as soon as it is begun: an answer that nobody hears is paid all the same.
        self.earned += cost(usage, self.rate)
        await asyncio.sleep(ask.takes)
        if ask.ends == "fails":
            tokens = usage.model_dump()
            raise Transient("cut off", tokens=tokens)
        if ask.ends == "dies":
            raise Transient("no whole answer in 60 s")
        return an_answer(usage=None if ask.ends == "is not counted" else usage)


@dataclass(frozen=True)
class Spree:
    """A price, a cap in per cent of all worst cases, and the calls that are made under it."""

    rate: Rate
    percent_of_worst: int
    asks: Sequence[Ask]


SPREES = st.builds(
    Spree,
    rate=NUMBERS.map(read_rate),
    percent_of_worst=st.integers(0, 120),
    asks=st.lists(NUMBERS.map(Ask.read), min_size=1, max_size=16),
)


async def call(provider: CostCap, request: Request, ask: Ask) -> str:
    """Return how one call ended."""
    await asyncio.sleep(ask.at)
    try:
        async with asyncio.timeout(ask.cancelled_after):
            await provider.complete(request)
    except TimeoutError:
        return "cancelled"
    except Stopped:
        return "stopped"
    except ProviderError:
        return "failed"
    return "answered"


def check_spree(case: Spree) -> None:
    """Fail where more is spent than the cap, or than is told, or a call is stopped for nothing."""
    seller = Seller(case.rate)
    seller.asks = {str(number): ask for number, ask in enumerate(case.asks)}
    requests = [
        a_request(
            label=label,
            answer_schema={"description": "a" * ask.letters},
            max_output_tokens=ask.output_limit,
        )
        for label, ask in seller.asks.items()
    ]
    worst = [worst_cost(prompt_tokens(r), r.max_output_tokens, case.rate) for r in requests]
    cap = sum(worst, Decimal(0)) * case.percent_of_worst / 100

    async def main() -> tuple[LocalBudget, list[str]]:
        budget = LocalBudget(cap)
        provider = CostCap(seller, budget, Listed({"gpt-x": case.rate}))
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(call(provider, request, ask))
                for request, ask in zip(requests, case.asks, strict=True)
            ]
        return budget, [task.result() for task in tasks]

    budget, ends = run(main())
    assert seller.earned <= budget.spent <= cap
    assert budget.reserved == 0
    # It stops for a reason: where all worst cases fit together, nobody is stopped.
    assert case.percent_of_worst < 100 or "stopped" not in ends
    for end, amount in zip(ends, worst, strict=True):
        assert end != "stopped" or budget.spent + amount > cap
