"""A run goes on from what is on disk: nothing recorded is asked again, and nothing is lost."""

from pathlib import Path

import pytest

from panel.domain.exchange import Completion, Failure
from panel.errors import ReplayError, Stopped, Tampered, Transient
from panel.pipeline.recording import RecordingProvider
from panel.pipeline.replay import replay
from panel.ports import Event
from panel.store.run_files import EXCHANGES, OpenRunFolder, RunFiles
from tests.factories import REVIEWERS, a_tool
from tests.panels import (
    SKIP,
    Still,
    an_exchange,
    an_open_run,
    convene,
    panel_graph,
    panel_inputs,
    scripted,
)
from tests.scripted import Scripted


@pytest.fixture
def files(tmp_path: Path) -> RunFiles:
    return RunFiles(tmp_path / "runs")


def chain(folder: OpenRunFolder, provider: Scripted) -> RecordingProvider:
    return RecordingProvider(provider, folder, Still())


async def test_every_review_is_on_disk_before_it_is_told(files: RunFiles) -> None:
    told: list[str] = []

    def hear(event: Event) -> None:
        if event["ev"] == "review.done":
            lines = (folder.path / EXCHANGES).read_text(encoding="utf-8").splitlines()
            assert any(f'"label":"review:{event["persona"]}"' in line for line in lines)
            told.append(event["persona"])

    with files.lock(an_open_run()) as folder:
        await convene(chain(folder, scripted()), listener=hear)
    assert sorted(told) == sorted(REVIEWERS)


class PowerCutError(Exception):
    """The end of the process, as far as the run can tell."""


@pytest.mark.parametrize("after", [1, 2, 3, 4])
async def test_after_a_crash_nothing_that_is_recorded_is_asked_again(
    files: RunFiles, after: int
) -> None:
    told = 0

    def hear(event: Event) -> None:
        nonlocal told
        told += event["ev"] == "review.done"
        if told == after:
            raise PowerCutError

    run = an_open_run()
    before, later = scripted(), scripted({"skeptic": SKIP})
    with files.lock(run) as folder:
        folder.save(run)
        with pytest.raises(PowerCutError):
            await convene(chain(folder, before), run, hear)
    with files.lock(run) as folder:
        stored = {exchange.request.label for exchange in folder.exchanges}
        done = await convene(chain(folder, later), run)
        folder.save(done)
        exchanges = folder.exchanges
    assert len(stored) >= after
    assert {request.label for request in later.asked}.isdisjoint(stored)
    assert len(stored) + len(later.asked) == 4
    assert done.state == "finished"
    again = await replay(panel_graph(), done, exchanges, done.inputs)
    assert again.differences == ()


async def test_a_recorded_failure_is_asked_again_and_replays_as_its_last_attempt(
    files: RunFiles,
) -> None:
    run = an_open_run()
    first = {"skeptic": Transient("busy", calls=3), "builder": Stopped("quota", cause="quota")}
    with files.lock(run) as folder:
        stopped = await convene(chain(folder, scripted(first)), run)
        folder.save(stopped)
        assert stopped.state == "stopped"
        assert len(folder.exchanges) == 3
    later = scripted({"skeptic": SKIP})
    with files.lock(run) as folder:
        done = await convene(chain(folder, later), stopped)
        folder.save(done)
    assert [(r.label, r.attempt) for r in later.asked] == [
        ("review:builder", 0),
        ("review:skeptic", 1),
    ]
    assert done.verdict is not None
    assert done.verdict.skips == ("skeptic",)
    recording = files.load(files.place(run))
    skeptics = [e for e in recording.exchanges if e.request.label == "review:skeptic"]
    assert [type(exchange.outcome) for exchange in skeptics] == [Failure, Completion]
    again = await replay(panel_graph(), recording.run, recording.exchanges, recording.run.inputs)
    assert again.differences == ()
    assert again.run.reviews == done.reviews


async def test_a_failed_intake_stands_so_that_no_paid_review_loses_its_seat(
    files: RunFiles,
) -> None:
    bare = a_tool(vendor=None)
    run = an_open_run(panel_inputs(bare, fallbacks=("mistral:mistral-test",)))
    facts = (
        '{"is_tool": true, "reason": "r", "tagline": null, "category": null, "entry": null,'
        '"vendor": {"value": "OpenAI", "evidence": "Quillbase"}, "licence": null, "prices": [],'
        '"open_points": []}'
    )
    first = {"intake": Transient("busy"), "builder": Stopped("quota", cause="quota")}
    with files.lock(run) as folder:
        stopped = await convene(chain(folder, scripted(first)), run)
    with files.lock(run) as folder:
        done = await convene(chain(folder, scripted({"intake": facts})), stopped)
        exchanges = folder.exchanges
    assert [flag.kind for flag in done.flags] == ["intake_failed"]
    assert {assignment.provider for assignment in done.assignments} == {"openai"}
    assert (await replay(panel_graph(), done, exchanges, done.inputs)).differences == ()


async def test_what_is_tampered_with_is_not_gone_on_from(files: RunFiles) -> None:
    run = an_open_run()
    with files.lock(run) as folder:
        await folder.append(an_exchange(1))
        await folder.append(an_exchange(2))
    path = files.place(run) / EXCHANGES
    path.write_bytes(path.read_bytes().replace(b"Review this tool", b"Praise this tool", 1))
    with pytest.raises(Tampered, match=r"exchanges\.jsonl, line 1: "), files.lock(run):
        pytest.fail("it was tampered with")


async def test_a_replay_needs_every_exchange_that_the_run_holds(files: RunFiles) -> None:
    run = an_open_run()
    with files.lock(run) as folder:
        done = await convene(chain(folder, scripted()), run)
        await folder.append(an_exchange(7))
        exchanges = folder.exchanges
    with pytest.raises(ReplayError, match=r"1 recorded exchange\(s\) were not asked for"):
        await replay(panel_graph(), done, exchanges, done.inputs)
    with pytest.raises(ReplayError, match="this request was not recorded"):
        await replay(panel_graph(), done, exchanges[1:], done.inputs)
