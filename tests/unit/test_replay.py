"""A replay answers from its recording alone, and shows where today's code departs from it."""

import pytest

from panel.domain.exchange import Exchange, Failure, Message, Part, Request, Usage
from panel.domain.failure import error_of, failure_of
from panel.domain.run import Inputs, Run
from panel.domain.template import Template
from panel.errors import (
    Amended,
    ProviderError,
    Refused,
    ReplayError,
    Stopped,
    Transient,
    Unusable,
    Waiting,
)
from panel.pipeline.recording import RecordingProvider
from panel.pipeline.replay import Replay, ReplayProvider, replay
from panel.providers.middleware.stop import StopLatch
from tests.factories import a_persona
from tests.panels import (
    SHIP,
    SKIP,
    UNREADABLE,
    Still,
    an_open_run,
    convene,
    panel_graph,
    panel_inputs,
    scripted,
)
from tests.scripted import Scripted
from tests.virtual import a_request, an_answer


class StoredRun:
    """A journal in memory."""

    def __init__(self, *exchanges: Exchange) -> None:
        self.exchanges = list(exchanges)

    async def append(self, exchange: Exchange) -> None:
        self.exchanges.append(exchange)

    def find(self, request: Request) -> Exchange | None:
        return next((e for e in self.exchanges if e.request.key == request.key), None)


class Ticking(Still):
    """A clock on which every look takes a second and a half."""

    def __init__(self) -> None:
        self._now = 0.0

    def monotonic(self) -> float:
        self._now += 1.5
        return self._now


def failed(attempt: int = 0) -> Exchange:
    return Exchange(
        request=a_request(attempt=attempt), outcome=Failure(kind="transient", reason="busy"), ms=0
    )


def answered(attempt: int = 0) -> Exchange:
    return Exchange(request=a_request(attempt=attempt), outcome=an_answer(), ms=0)


# Recording


async def test_an_answer_is_written_down_with_the_time_it_took() -> None:
    journal = StoredRun()
    answer = await RecordingProvider(Scripted(["yes"]), journal, Ticking()).complete(a_request())
    assert journal.exchanges == [Exchange(request=a_request(), outcome=answer, ms=1500)]


async def test_what_is_recorded_is_not_asked_again() -> None:
    provider = Scripted([])
    found = await RecordingProvider(provider, StoredRun(answered()), Still()).complete(a_request())
    assert found == an_answer()
    assert provider.asked == []


async def test_a_recorded_failure_is_asked_again_under_the_next_attempt() -> None:
    journal, provider = StoredRun(failed(0), failed(1)), Scripted(["yes"])
    await RecordingProvider(provider, journal, Still()).complete(a_request())
    assert [request.attempt for request in provider.asked] == [2]
    assert [exchange.request.attempt for exchange in journal.exchanges] == [0, 1, 2]


async def test_an_answer_under_a_later_attempt_is_found() -> None:
    provider = Scripted([])
    found = await RecordingProvider(provider, StoredRun(failed(0), answered(1)), Still()).complete(
        a_request()
    )
    assert found == an_answer()


@pytest.mark.parametrize(
    "error",
    [
        Transient("busy", calls=3, waited_ms=1500),
        Refused("declined", tokens={"input": 9, "output": 1}),
        Unusable("empty", tokens={}),
    ],
)
async def test_a_failure_is_written_down_whole_and_raised(error: ProviderError) -> None:
    journal = StoredRun()
    with pytest.raises(type(error), match=str(error)):
        await RecordingProvider(Scripted([error]), journal, Still()).complete(a_request())
    (exchange,) = journal.exchanges
    assert isinstance(exchange.outcome, Failure)
    again = error_of(exchange.outcome)
    assert type(again) is type(error)
    assert (str(again), again.calls, again.waited_ms) == (
        str(error),
        error.calls,
        error.waited_ms,
    )
    assert failure_of(again) == exchange.outcome


def test_a_failure_that_nobody_counted_stays_uncounted() -> None:
    assert failure_of(Refused("no")).usage is None
    assert failure_of(Amended("no seed")).kind == "refused"
    assert failure_of(Refused("no", tokens={"input": 2})).usage == Usage(input=2)
    assert error_of(Failure(kind="refused", reason="no")).tokens is None


async def test_neither_a_stop_nor_a_wait_is_an_outcome() -> None:
    journal = StoredRun()
    with pytest.raises(Stopped):
        await RecordingProvider(Scripted([Stopped("cap", cause="cap")]), journal, Still()).complete(
            a_request()
        )

    def wait(_: Request) -> str:
        raise Waiting("paste it")

    with pytest.raises(Waiting):
        await RecordingProvider(Scripted(wait), journal, Still()).complete(a_request())
    assert journal.exchanges == []


# Stopping and scripts


async def test_a_stop_holds_for_every_later_call() -> None:
    inner = Scripted(["yes", Stopped("key refused", cause="key"), "yes"])
    provider = StopLatch(inner)
    assert (await provider.complete(a_request())).text == "yes"
    for _ in range(3):
        with pytest.raises(Stopped, match="key refused") as raised:
            await provider.complete(a_request())
        assert raised.value.cause == "key"
    assert len(inner.asked) == 2


async def test_other_failures_do_not_hold() -> None:
    provider = StopLatch(Scripted([Refused("no"), "yes"]))
    with pytest.raises(Refused):
        await provider.complete(a_request())
    assert (await provider.complete(a_request())).text == "yes"


async def test_a_script_gives_its_answers_by_label_in_order_and_then_no_more() -> None:
    provider = Scripted({"review:builder": ["one", an_answer(text="two")]})
    assert (await provider.complete(a_request())).text == "one"
    assert await provider.complete(a_request()) == an_answer(text="two")
    with pytest.raises(LookupError, match="2 answers for review:builder"):
        await provider.complete(a_request())
    assert provider.asked == [a_request()] * 3


# Replaying


async def test_recorded_answers_and_failures_come_back() -> None:
    provider = ReplayProvider([answered(), Exchange(**dict(failed()) | {"request": OTHER})])
    assert await provider.complete(a_request()) == an_answer()
    with pytest.raises(Transient, match="busy"):
        await provider.complete(OTHER)
    provider.refuse_unused()


OTHER = a_request(label="review:skeptic")


async def test_the_last_attempt_is_the_answer_and_uses_up_those_before_it() -> None:
    provider = ReplayProvider([failed(0), failed(1), answered(2)])
    assert await provider.complete(a_request()) == an_answer()
    provider.refuse_unused()


async def test_an_exchange_that_nobody_asks_for_is_named_by_its_label() -> None:
    provider = ReplayProvider([answered(), Exchange(**dict(answered()) | {"request": OTHER})])
    with pytest.raises(ReplayError, match=r"2 recorded.*: review:builder, review:skeptic\. Today"):
        provider.refuse_unused()
    await provider.complete(a_request())
    with pytest.raises(ReplayError, match=r"1 recorded.*not asked for: review:skeptic\. Today"):
        provider.refuse_unused()


async def difference(recorded: Request, asked: Request) -> list[str]:
    exchanges = [
        Exchange(request=OTHER, outcome=an_answer(), ms=0),
        Exchange(request=recorded, outcome=an_answer(), ms=0),
    ]
    with pytest.raises(ReplayError) as raised:
        await ReplayProvider(exchanges).complete(asked)
    first, *lines = str(raised.value).split("\n")
    assert first == f"{asked.label}: this request was not recorded. What differs:"
    assert lines[:2] == ["--- recorded", "+++ today"]
    return [line for line in lines[2:] if line[0] in "+-…"]


def said(*texts: str, **fields: object) -> Request:
    parts = tuple(Part(text=text) for text in texts)
    return a_request(messages=(Message(role="user", parts=parts),), **fields)


async def test_a_changed_line_of_a_prompt_is_shown_against_the_nearest_recorded_request() -> None:
    before, after = said("One.\nTwo.\nThree."), said("One.\nTwice.\nThree.")
    assert await difference(before, after) == ["-Two.", "+Twice."]


async def test_a_changed_setting_is_shown_by_its_name() -> None:
    assert await difference(said("One."), said("One.", temperature=0.2)) == [
        "-temperature: None",
        "+temperature: 0.2",
    ]


async def test_the_order_of_keys_in_a_recorded_schema_is_no_difference() -> None:
    before = said("One.", answer_schema={"a": 1, "b": 2})
    after = said("Two.", answer_schema={"b": 2, "a": 1})
    assert await difference(before, after) == ["-One.", "+Two."]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (said("One.", "Two."), said("One.\n\nTwo.")),
        (said("One."), said("One.\n")),
        (said("One.\nTwo."), said("One.\r\nTwo.")),
        (
            said("One."),
            a_request(
                messages=(Message(role="user", parts=(Part(text="One.", ends_prefix=True),)),)
            ),
        ),
    ],
)
async def test_no_difference_is_too_small_to_be_shown(before: Request, after: Request) -> None:
    assert await difference(before, after) != []


async def test_a_long_difference_is_cut() -> None:
    before = said("\n".join(f"before {n}" for n in range(50)))
    after = said("\n".join(f"after {n}" for n in range(50)))
    assert (await difference(before, after))[-1] == "… and 64 more lines"


async def test_a_turn_more_than_was_recorded_is_shown_against_the_request_with_as_many() -> None:
    repair = a_request(messages=(*a_request().messages, *said("Mend this: a").messages))
    asked = a_request(messages=(*a_request().messages, *said("Mend this: b").messages))
    assert await difference(repair, asked) == ["-Mend this: a", "+Mend this: b"]


async def test_an_empty_recording_says_so() -> None:
    with pytest.raises(ReplayError, match="review:builder: the recording holds no exchange at all"):
        await ReplayProvider([]).complete(a_request())


# A whole run


async def a_recorded_run(inputs: Inputs | None = None) -> tuple[Run, list[Exchange]]:
    journal = StoredRun()
    provider = scripted({"skeptic": [UNREADABLE, SKIP], "futurist": Refused("no"), "builder": SHIP})
    run = await convene(RecordingProvider(provider, journal, Still()), an_open_run(inputs))
    return run, journal.exchanges


async def replayed(inputs: Inputs | None = None) -> Replay:
    run, exchanges = await a_recorded_run()
    return await replay(panel_graph(), run, exchanges, inputs or run.inputs)


async def test_a_run_replays_to_the_same_reviews_and_verdict() -> None:
    run, exchanges = await a_recorded_run()
    again = await replay(panel_graph(), run, exchanges, run.inputs)
    assert again.differences == ()
    assert again.run == run


async def test_a_changed_prompt_stops_the_replay_with_its_line() -> None:
    inputs = panel_inputs()
    changed = tuple(
        Template(name=p.name, text=p.text.replace("You are\n", "You were\n"))
        for p in inputs.prompts
    )
    with pytest.raises(ReplayError, match=r"(?s)What differs:.*\n-You are\n\+You were\n"):
        await replayed(inputs.model_copy(update={"prompts": changed}))


async def test_a_changed_persona_stops_the_replay_with_its_line() -> None:
    inputs = panel_inputs()
    personas = (a_persona("builder", motto="What now?"), *inputs.personas[1:])
    with pytest.raises(ReplayError, match=r"(?s)^review:builder: .*\n\+Builder. What now\?"):
        await replayed(inputs.model_copy(update={"personas": personas}))


async def test_a_reviewer_less_leaves_recorded_exchanges_unused() -> None:
    inputs = panel_inputs()
    with pytest.raises(ReplayError, match=r"2 recorded exchange\(s\).*: review:skeptic\."):
        await replayed(
            inputs.model_copy(
                update={"assignments": (inputs.assignments[0], *inputs.assignments[2:])}
            )
        )


async def test_other_rules_are_seen_as_another_verdict() -> None:
    inputs = panel_inputs()
    rules = inputs.rules.model_copy(update={"quorum": 4})
    again = await replayed(inputs.model_copy(update={"rules": rules}))
    assert again.differences == ("The verdict was ship, now it is none.",)
