"""A persona whose model gives no review is asked once on a substitute, and the run says so."""

from pathlib import Path
from typing import Any

import pytest

from panel.domain.assignment import assign, substitute
from panel.domain.exchange import Completion, Request
from panel.domain.run import Run
from panel.errors import ProviderError, Refused, Stopped, Transient
from panel.pipeline.recording import RecordingProvider
from panel.pipeline.replay import replay
from panel.ports import Event
from panel.store.run_files import RunFiles
from tests.factories import a_tool
from tests.panels import (
    COPIED,
    SHIP,
    SKIP,
    UNREADABLE,
    Still,
    an_open_run,
    convene,
    kinds,
    panel_graph,
    panel_inputs,
)
from tests.scripted import Answer, Scripted

FIRST, SPARE, THIRD = "openai:gpt-test", "mistral:spare", "openai:third"
GONE = Refused("OpenAI declined the request (404): no such model")


def by_model(fails: Answer, *, spare: Answer = SKIP, only: str = "review:builder") -> Scripted:
    """Return who answers `fails` as the builder's first model and `spare` as any other model."""

    def answer(request: Request) -> Answer:
        if request.model != "gpt-test":
            return spare
        return fails if request.label == only else SHIP

    return Scripted(answer)


def a_run_with(*substitutes: str, **fields: Any) -> Run:
    return an_open_run(panel_inputs(substitutes=substitutes, **fields))


@pytest.mark.parametrize(
    "fails", [GONE, Transient("OpenAI is overloaded (503)"), UNREADABLE, COPIED, ""]
)
async def test_a_model_that_fails_for_good_is_replaced_once(fails: Answer) -> None:
    provider, heard = by_model(fails), list[Event]()
    run = await convene(provider, a_run_with(SPARE, THIRD), heard.append)
    card = run.reviews[0]
    assert (card.reviewer, card.provider, card.model) == ("builder", "mistral", "spare")
    assert card.kind == "scorecard"
    assert card.instead_of == FIRST
    assert [one.ref for one in run.assignments] == [SPARE, FIRST, FIRST, FIRST]
    assert run.assignments[0].instead_of == FIRST
    assert run.verdict is not None
    assert not run.verdict.abstentions
    assert [flag.message for flag in run.flags] == [
        f"{SPARE} answered as the builder: {FIRST} gave no valid review."
    ]
    assert sum(request.model == "spare" for request in provider.asked) == 1
    assert "review.substituted" in kinds(heard)


async def test_a_substitute_that_fails_too_is_an_abstention_with_both_reasons() -> None:
    provider = by_model(GONE, spare=Refused("Mistral declined the request (400)"))
    run = await convene(provider, a_run_with(SPARE, THIRD))
    review = run.reviews[0]
    assert review.kind == "abstention"
    assert review.reason == f"{GONE}; {SPARE}, asked instead: Mistral declined the request (400)"
    assert [request.model for request in provider.asked].count("third") == 0
    assert run.assignments[0].ref == FIRST
    assert not run.flags


async def test_nobody_is_replaced_without_need_or_substitutes() -> None:
    provider = by_model(SHIP)
    assert not (await convene(provider, a_run_with(SPARE))).flags
    assert len(provider.asked) == 4
    run = await convene(by_model(GONE), a_run_with())
    assert run.reviews[0].kind == "abstention"


@pytest.mark.parametrize(
    ("substitutes", "vendor", "found"),
    [
        ((FIRST, THIRD), None, THIRD),
        ((SPARE, "mistral:mistral-large"), "Mistral AI", None),
        (("mistral:mistral-large", THIRD), "Mistral", THIRD),
        ((), None, None),
    ],
)
def test_the_next_is_another_model_and_not_by_the_maker_of_the_tool(
    substitutes: tuple[str, ...], vendor: str | None, found: str | None
) -> None:
    other = substitute(assign("builder", FIRST), substitutes, vendor)
    assert (other and other.ref) == found


async def test_a_routed_answer_by_the_maker_of_the_tool_is_flagged() -> None:
    def answer(request: Request) -> Answer:
        routed = request.label == "review:skeptic"
        return Completion(text=SHIP, model="anthropic/claude-opus" if routed else request.model)

    run = an_open_run(panel_inputs(a_tool(vendor="Anthropic PBC")))
    (flag,) = (await convene(Scripted(answer), run)).flags
    assert flag.kind == "own_maker"
    assert flag.message.startswith("anthropic/claude-opus answered, a model made by Anthropic")
    assert not (await convene(Scripted(answer), an_open_run())).flags


async def test_a_substitute_that_stops_the_run_is_asked_when_it_goes_on(tmp_path: Path) -> None:
    run, files = a_run_with(SPARE, tool=a_tool()), RunFiles(tmp_path)
    stop = Stopped("the cost cap of $1.00 is reached", cause="cap")
    with files.lock(run) as folder:
        stopped = await convene(RecordingProvider(by_model(GONE, spare=stop), folder, Still()), run)
        assert stopped.state == "stopped"
        again = by_model(SHIP)  # the first model is back, and is asked anew: nobody took its place
        whole = await convene(RecordingProvider(again, folder, Still()), run)
    assert [request.model for request in again.asked] == ["gpt-test"]
    assert not whole.flags


@pytest.mark.parametrize("spare", [SKIP, Refused("no")])
async def test_a_resumed_run_keeps_to_the_substitute_and_replays(
    tmp_path: Path, spare: str | ProviderError
) -> None:
    run, files = a_run_with(SPARE, tool=a_tool()), RunFiles(tmp_path)
    with files.lock(run) as folder:
        await convene(RecordingProvider(by_model(GONE, spare=spare), folder, Still()), run)
        back = by_model(SHIP)
        whole = await convene(RecordingProvider(back, folder, Still()), run)
        exchanges = folder.exchanges
    assert [request.model for request in back.asked] == ([] if spare == SKIP else ["spare"])
    assert whole.reviews[0].kind == "scorecard"
    outcome = await replay(panel_graph(), whole, exchanges, whole.inputs)
    assert outcome.differences == ()


async def test_of_several_samples_those_that_failed_are_replaced() -> None:
    asked: list[int] = []

    def answer(request: Request) -> Answer:
        if request.model == "gpt-test" and request.label == "review:builder" and request.sample:
            return GONE
        asked.append(request.sample)
        return Completion(text=SHIP, model=request.model)

    calls = panel_inputs().calls.model_copy(update={"samples": 3})
    run = await convene(Scripted(answer), a_run_with(SPARE, calls=calls))
    assert len(asked) == 12
    card = run.reviews[0]
    assert card.kind == "scorecard"
    assert card.agreement is not None
    assert card.agreement.of == 3
