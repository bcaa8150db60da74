"""Requests that wait for a batch service: bundled, posted, and a run that goes on from the answers."""

from decimal import Decimal
from pathlib import Path

import pytest

from panel.app.costs import rate_of
from panel.app.workspace import Workspace
from panel.domain.exchange import Completion, Exchange, Failure, Message, Part, Request, Usage
from panel.domain.submitted_batch import bundle, exchanges, mark_of
from panel.domain.usage import spend
from panel.errors import Transient, Waiting
from panel.pipeline.recording import RecordingProvider
from panel.pipeline.replay import replay
from panel.ports import Provider
from panel.providers.middleware.deferred import DeferredProvider
from panel.store.run_files import RunFiles
from tests.factories import REVIEWERS, a_tool
from tests.panels import SHIP, Still, an_open_run, convene, panel_graph, panel_inputs, scripted
from tests.sealing import take_keys
from tests.virtual import a_request, an_answer

LOST = Failure(
    kind="transient", reason="the batch service gave no answer", calls=0, service="batch"
)


def texts(number: int, size: int = 1000) -> tuple[Request, ...]:
    said = (Message(role="user", parts=(Part(text="x" * size),)),)
    return tuple(a_request(messages=said, sample=sample) for sample in range(number))


def test_a_batch_is_of_one_provider_and_one_model() -> None:
    asked = [
        a_request(model="a"),
        a_request(model="b"),
        a_request(model="a", sample=1),
        a_request(model="a", provider="mistral"),
    ]
    assert list(bundle(asked)) == [(asked[0], asked[2]), (asked[1],), (asked[3],)]
    assert list(bundle([])) == []


def test_a_request_that_is_asked_twice_stands_in_a_batch_once() -> None:
    assert list(bundle([a_request(), a_request()])) == [(a_request(),)]


def test_a_batch_holds_so_many_requests_and_so_many_bytes() -> None:
    asked = texts(5)
    assert [len(batch) for batch in bundle(asked, most_requests=2)] == [2, 2, 1]
    assert [len(batch) for batch in bundle(asked, most_bytes=4_100)] == [2, 2, 1]
    assert [request for batch in bundle(asked, most_bytes=1) for request in batch] == list(asked)


def test_a_batch_is_marked_by_its_requests_in_any_order() -> None:
    asked = texts(3)
    assert mark_of(asked) == mark_of(asked[::-1])
    assert mark_of(asked) != mark_of(asked[:2])
    assert len(mark_of(asked)) == 64


def test_what_is_escaped_counts_as_it_is_sent() -> None:
    plain, escaped = texts(2), texts(2, size=1)
    wide = tuple(
        one.but(messages=(Message(role="user", parts=(Part(text="ż" * 1000),)),)) for one in escaped
    )
    assert len(list(bundle(plain, most_bytes=5_000))) == 1
    assert len(list(bundle(wide, most_bytes=5_000))) == 2


def test_what_was_collected_is_recorded_and_nothing_else() -> None:
    first, second, missing = (a_request(sample=sample) for sample in range(3))
    outcomes: dict[str, Completion | Failure] = {second.key: LOST, first.key: an_answer()}
    found = exchanges([first, second, missing], outcomes, ms=5)
    assert [(one.request, one.outcome, one.ms) for one in found] == [
        (first, an_answer(), 5),
        (second, LOST, 5),
    ]


async def test_a_request_is_put_in_the_outbox_and_waits() -> None:
    outbox: dict[str, Request] = {}
    with pytest.raises(Waiting, match="batch service"):
        await DeferredProvider(outbox).complete(a_request(attempt=1))
    assert outbox == {a_request(attempt=1).key: a_request(attempt=1)}


async def test_what_is_asked_again_does_not_wait_another_day() -> None:
    outbox: dict[str, Request] = {}
    posting = DeferredProvider(outbox, live=scripted({"builder": [SHIP, SHIP]}))
    repair = a_request(
        messages=(*a_request().messages, Message(role="assistant", parts=(Part(text="{"),)))
    )
    for again in (a_request(attempt=1), repair):
        assert (await posting.complete(again)).text == SHIP
    assert outbox == {}
    with pytest.raises(Waiting):
        await posting.complete(a_request())


@pytest.fixture
def files(tmp_path: Path) -> RunFiles:
    return RunFiles(tmp_path / "runs")


async def test_a_run_that_waits_goes_on_from_what_was_collected(files: RunFiles) -> None:
    outbox: dict[str, Request] = {}
    run = an_open_run()

    def recorded(provider: Provider) -> RecordingProvider:
        return RecordingProvider(provider, folder, Still())

    with files.lock(run) as folder:
        waiting = await convene(recorded(DeferredProvider(outbox)), run)
        assert (waiting.state, waiting.reviews) == ("waiting", ())
        assert {one.reviewer for one in waiting.pending} == set(REVIEWERS)
        assert {one.cause for one in waiting.pending} == {"answer"}
        assert {request.label for request in outbox.values()} == {
            f"review:{key}" for key in REVIEWERS
        }
        lost = next(key for key, asked in outbox.items() if asked.label == "review:skeptic")
        outcomes: dict[str, Completion | Failure] = {
            key: LOST if key == lost else an_answer(text=SHIP, service="batch") for key in outbox
        }
        for exchange in exchanges(list(outbox.values()), outcomes, ms=1):
            await folder.append(exchange)
        live = scripted()
        done = await convene(recorded(live), waiting)
        assert (done.state, len(done.reviews)) == ("finished", len(REVIEWERS))
        assert [(one.label, one.attempt) for one in live.asked] == [("review:skeptic", 1)]
        folder.save(done)
        path = folder.path
    again = files.load(path)
    services = sorted(exchange.outcome.service or "call" for exchange in again.exchanges)
    assert services == ["batch"] * 4 + ["call"]
    assert '"service"' not in (path / "exchanges.jsonl").read_text().splitlines()[-1]
    played = await replay(panel_graph(), again.run, again.exchanges, again.run.inputs)
    assert played.differences == ()
    assert played.run.verdict == done.verdict


async def test_an_intake_that_waits_is_posted_alone_and_asked_again_where_it_was_lost(
    files: RunFiles,
) -> None:
    outbox: dict[str, Request] = {}
    run = an_open_run(panel_inputs(a_tool(vendor=None)))
    live = scripted({"intake": Transient("busy")})
    with files.lock(run) as folder:
        waiting = await convene(RecordingProvider(DeferredProvider(outbox), folder, Still()), run)
        assert waiting.state == "waiting"
        (intake,) = outbox.values()
        assert intake.label == "intake"
        for exchange in exchanges([intake], {intake.key: LOST}, ms=1):
            await folder.append(exchange)
        outbox.clear()
        posting = DeferredProvider(outbox, live=live)
        waiting = await convene(RecordingProvider(posting, folder, Still()), waiting)
        assert [(one.label, one.attempt) for one in live.asked] == [("intake", 1)]
        assert {request.label for request in outbox.values()} == {
            f"review:{key}" for key in REVIEWERS
        }
        await convene(RecordingProvider(posting, folder, Still()), waiting)
        assert len(live.asked) == 1


def test_what_a_batch_service_answered_is_paid_at_its_price(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_keys(monkeypatch)
    monkeypatch.chdir(tmp_path)
    rates = rate_of(Workspace.open())
    model = "gpt-5.4-mini"
    used = Usage(input=1_000, output=1_000)

    def paid(outcome: Completion | Failure) -> Decimal | None:
        exchange = Exchange(request=a_request(model=model), outcome=outcome, ms=1)
        return spend([exchange], rates, "").cost_usd

    called = paid(an_answer(model=model, usage=used))
    assert called
    assert paid(an_answer(model=model, usage=used, service="batch")) == called / 2
    cut = Failure(kind="unusable", reason="cut off", usage=used, service="batch")
    assert paid(cut) == called / 2
