"""What a panel costs by the layout of its prompts, over the recorded runs and today's price list.

A model, not a bill: nobody counted the recorded answers, so a token is taken for 4 bytes of UTF-8,
rounded up. The schema counts as prompt. A panel is four reviews; intake and repairs are left out.
What is cached is the prefix that all four share: schema, house rules, rubric, fenced description. A
model whose list has a price for cache writes takes the whole of it (the breakpoint is marked), any
other what is full in steps of 128 tokens; from 1,024 tokens on (OpenAI's prompt caching guide). That
other tools share the house rules too is not counted in.

The figures of the former panel, whose four reviewers scored one rubric, are of the same four tools by
the same count. Goals are shares of them: a panel's output and input, and what its input costs beside
the former panel's without a cache.
"""

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Literal

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.measuring import ROOT, print_table, recorded_by_models
from panel.app.clock import SystemClock
from panel.app.workspace import Workspace
from panel.domain.exchange import Completion, Exchange, Usage, canonical
from panel.domain.model_cost import Rate, cost
from panel.domain.run_document import Recording
from panel.providers.price_list import PriceList

MODELS = (
    "openai:gpt-6-luna openai:gpt-5.4-mini openai:gpt-5.6 openai:gpt-6-sol "
    "mistral:mistral-small-latest mistral:mistral-medium-latest"
).split()
PANELS = 1000
LEAST_CACHED, STEP = 1024, 128
FORMER = {
    "mistral-8x24b-mixture-of-experts": (9_098, 4_222),
    "openai-o3-pro-api": (9_074, 3_969),
    "pixelbroth": (8_910, 4_019),
    "rowboat-sync": (9_442, 4_387),
}
"""Tokens in and out of the former panel, by tool."""
INPUT_GOAL, OUTPUT_GOAL = 0.9, 0.72
LIVE_GOAL, CHEAP_GOAL = Decimal("0.5"), Decimal("0.28")
Caching = Literal["none", "leader first", "all at once"]


@dataclass(frozen=True)
class Layout:
    """A way to send four reviews, and the share of the former panel's input cost to stay under."""

    name: str
    cheap: bool
    caching: Caching
    goal: Decimal | None = None


LAYOUTS = (
    Layout("persona first, live", cheap=False, caching="none"),
    Layout("shared prefix, all four at once", cheap=False, caching="all at once"),
    Layout("shared prefix, one then three", cheap=False, caching="leader first", goal=LIVE_GOAL),
    Layout("flex or batch, no caching", cheap=True, caching="none"),
    Layout("flex or batch, one then three", cheap=True, caching="leader first", goal=CHEAP_GOAL),
)


@dataclass(frozen=True)
class Review:
    """The tokens of one recorded review: what the panel shares, what is its own, what came back."""

    shared: int
    own: int
    output: int


def main() -> None:
    panels = _panels()
    if not panels:
        sys.exit("no panel of a model is recorded here")
    prompts = [review for panel in panels.values() for review in panel]
    print(
        f"{len(panels)} recorded panels; a review in tokens of 4 bytes: "
        f"{_mean(r.shared for r in prompts)} shared, {_mean(r.own for r in prompts)} its own, "
        f"{_mean(r.output for r in prompts)} answered"
    )
    columns = ("", "in", "former", "share", "goal", "met", "out", "former", "share", "goal", "met")
    print_table("tokens of a panel", columns, _token_rows(panels))
    head = ("", "input $", "of former", "goal", "met", "output $", "total $", "of first")
    for model in MODELS:
        print_table(f"{model}, per 1,000 panels", head, _rows(model, list(panels.values())))


def _panels() -> dict[str, list[Review]]:
    runs = Workspace.open(ROOT).runs
    return {one.run.tool.slug: _reviews(one) for one in recorded_by_models(runs)}


def _token_rows(panels: Mapping[str, Sequence[Review]]) -> list[tuple[str, ...]]:
    """Return what each panel takes in and gives out beside the former one, and all of them."""
    known = {slug: panel for slug, panel in panels.items() if slug in FORMER}
    figures = [
        (slug, sum(r.shared + r.own for r in panel), sum(r.output for r in panel), *FORMER[slug])
        for slug, panel in known.items()
    ]
    sums = [sum(int(row[n]) for row in figures) for n in range(1, 5)]
    rows = [*figures, ("all", sums[0], sums[1], sums[2], sums[3])] if figures else []
    return [
        (
            str(slug),
            *_compared(int(into), int(was_in), INPUT_GOAL),
            *_compared(int(out), int(was_out), OUTPUT_GOAL),
        )
        for slug, into, out, was_in, was_out in rows
    ]


def _compared(now: int, former: int, goal: float) -> tuple[str, ...]:
    share = now / former
    return f"{now:,}", f"{former:,}", f"{share:.2f}", f"<= {goal}", "yes" if share <= goal else "NO"


def _reviews(recording: Recording) -> list[Review]:
    first = {
        exchange.request.label: exchange
        for exchange in reversed(recording.exchanges)
        if exchange.request.label.startswith("review:") and len(exchange.request.messages) == 2
    }
    return [_review(exchange) for exchange in first.values()]


def _review(exchange: Exchange) -> Review:
    request = exchange.request
    parts = [part for message in request.messages for part in message.parts]
    end = next(n for n, part in enumerate(parts, start=1) if part.ends_prefix)
    schema = _tokens(canonical(request.answer_schema))
    answer = exchange.outcome.text if isinstance(exchange.outcome, Completion) else ""
    return Review(
        shared=schema + sum(_tokens(part.text) for part in parts[:end]),
        own=sum(_tokens(part.text) for part in parts[end:]),
        output=_tokens(answer),
    )


def _tokens(text: str) -> int:
    return -(-len(text.encode()) // 4)


def _mean(counts: Iterable[int]) -> int:
    found = list(counts)
    return sum(found) // len(found)


def _rows(model: str, panels: Sequence[Sequence[Review]]) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    first = None
    tokens = Decimal(sum(into for into, _ in FORMER.values())) / len(FORMER)
    former = tokens * PANELS * _rate(model, cheap=False).input / 1_000_000
    for layout in LAYOUTS:
        rate = _rate(model, cheap=layout.cheap)
        spent = [_spend(panel, layout.caching, rate) for panel in panels]
        scale = Decimal(PANELS) / len(panels)
        into, out = sum(i for i, _ in spent) * scale, sum(o for _, o in spent) * scale
        first = first or into + out
        share = into / former
        rows.append(
            (
                layout.name,
                f"{into:.2f}",
                f"{share:.2f}",
                "" if layout.goal is None else f"<= {layout.goal}",
                "" if layout.goal is None else "yes" if share <= layout.goal else "NO",
                f"{out:.2f}",
                f"{into + out:.2f}",
                f"{(into + out) / first:.2f}",
            )
        )
    return rows


def _rate(model: str, *, cheap: bool) -> Rate:
    provider, _, name = model.partition(":")
    cheap_one: Literal["flex", "batch"] = "flex" if provider == "openai" else "batch"
    processing = {provider: cheap_one} if cheap else {}
    prices = PriceList({}, clock=SystemClock(), processing=processing)
    rate = prices.rate(provider, name)
    if rate is None:
        sys.exit(f"{model}: no price is listed")
    return rate


def _spend(panel: Sequence[Review], caching: Caching, rate: Rate) -> tuple[Decimal, Decimal]:
    """Return what the input and the output of one panel cost."""
    into = sum(
        (cost(_usage(review, n, caching, rate), rate) for n, review in enumerate(panel)), Decimal(0)
    )
    out = sum((cost(Usage(output=review.output), rate) for review in panel), Decimal(0))
    return into, out


def _usage(review: Review, number: int, caching: Caching, rate: Rate) -> Usage:
    """Return the input of the review that goes out as `number`: the first one writes the cache."""
    whole = review.shared + review.own
    marked = rate.cache_write > rate.input
    prefix = review.shared if marked else review.shared // STEP * STEP
    if caching == "none" or review.shared < LEAST_CACHED:
        return Usage(input=whole)
    if number == 0 or caching == "all at once":  # at once, nobody finds what the others just write
        return Usage(input=whole, cache_written=prefix if marked else 0)
    return Usage(input=whole, cached=prefix)


if __name__ == "__main__":
    main()
