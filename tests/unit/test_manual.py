"""Answers given by hand: a prompt in a file, an answer beside it, days later if need be."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from panel.domain.exchange import Completion, Exchange, Message, Part, Request
from panel.domain.review import Scorecard
from panel.domain.run import Assignment, Run
from panel.errors import StoreError, Waiting
from panel.pipeline.recording import RecordingProvider
from panel.pipeline.replay import replay
from panel.providers.manual import Manual, corrections, give, name_of, open_prompts, render
from panel.store.run_files import RunFiles
from tests.factories import REVIEWERS
from tests.panels import (
    CONTRADICTION,
    SHIP,
    UNREADABLE,
    Still,
    an_open_run,
    convene,
    panel_graph,
    panel_inputs,
)
from tests.virtual import a_request, an_answer

BY_HAND = tuple(Assignment(persona=key, provider="manual", model="manual") for key in REVIEWERS)


def asked(**changes: object) -> Request:
    return a_request(provider="manual", model="manual", **changes)


async def wait(folder: Path, request: Request) -> str:
    with pytest.raises(Waiting) as raised:
        await Manual(folder, "a friend").complete(request)
    return str(raised.value)


async def test_a_prompt_is_written_and_waited_for(tmp_path: Path) -> None:
    folder, name = tmp_path / "run" / "manual", name_of(asked())
    told = await wait(folder, asked())
    assert (
        told == f"paste {name}.prompt.md into a fresh chat, save its answer as {name}.answer.json"
    )
    assert (folder / f"{name}.prompt.md").read_text(encoding="utf-8") == render(asked())


async def test_the_answer_in_its_file_is_taken_as_it_is(tmp_path: Path) -> None:
    (tmp_path / f"{name_of(asked())}.answer.json").write_text("{}\n", encoding="utf-8")
    assert await Manual(tmp_path, "a friend").complete(asked()) == Completion(
        text="{}\n", model="a friend", usage=None, calls=0
    )


async def test_an_answer_of_nothing_but_space_is_none_yet(tmp_path: Path) -> None:
    (tmp_path / f"{name_of(asked())}.answer.json").write_text(" \n")
    await wait(tmp_path, asked())
    assert give(tmp_path, "builder", "{}")
    assert (await Manual(tmp_path, "a friend").complete(asked())).text == "{}"


async def test_an_answer_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    (tmp_path / f"{name_of(asked())}.answer.json").write_bytes(b"caf\xe9")
    with pytest.raises(StoreError, match=r"answer\.json: the answer is not UTF-8 text\. Save it"):
        await Manual(tmp_path, "a friend").complete(asked())


async def test_a_file_in_the_place_of_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "manual").write_text("")
    with pytest.raises(StoreError, match=r"manual.*: File exists\. Mend it and run again"):
        await Manual(tmp_path / "manual", "a friend").complete(asked())


async def test_an_answer_is_given_to_the_open_prompt_of_its_reviewer(tmp_path: Path) -> None:
    await wait(tmp_path, asked())
    await wait(tmp_path, asked(label="review:builder_two"))
    assert not give(tmp_path, "skeptic", "{}")
    assert not give(tmp_path, "*", "{}")
    assert not give(tmp_path / "no such run", "builder", "{}")
    assert not give(tmp_path, "/etc", "{}")
    assert not give(tmp_path, f"../{tmp_path.name}/builder", "{}")
    with pytest.raises(StoreError, match="name too long"):
        give(tmp_path / ("n" * 300), "builder", "{}")
    assert give(tmp_path, "builder", "{}")
    assert not give(tmp_path, "builder", "{}")
    assert (await Manual(tmp_path, "a friend").complete(asked())).text == "{}"
    assert give(tmp_path, "builder_two", "{}")


async def test_an_answer_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    await wait(tmp_path, asked())
    (tmp_path / f"{name_of(asked())}.answer.json").mkdir()
    named = rf"answer\.json: {os.strerror(21)}\. Mend it"
    with pytest.raises(StoreError, match=named):
        give(tmp_path, "builder", "{}")
    with pytest.raises(StoreError, match=named):
        list(open_prompts(tmp_path))
    recorded = Exchange(request=asked(), outcome=an_answer(), ms=0)
    with pytest.raises(StoreError, match=named):
        list(corrections(tmp_path, [recorded], "a friend"))


async def test_of_answers_to_one_prompt_at_once_one_is_kept_and_the_others_are_told(
    tmp_path: Path,
) -> None:
    editors = ("Ada", "Bo", "Cy", "Di")
    ready = threading.Barrier(len(editors))

    def paste(editor: str, folder: Path) -> bool:
        ready.wait(30)
        return give(folder, "builder", editor)

    with ThreadPoolExecutor(len(editors)) as threads:
        for number in range(20):
            folder = tmp_path / str(number)
            await wait(folder, asked(label="review:builder"))
            taken = list(threads.map(paste, editors, [folder] * len(editors)))
            (won,) = [name for name, one in zip(editors, taken, strict=True) if one]
            (answer,) = folder.glob("*.answer.json")
            assert answer.read_text(encoding="utf-8") == won


def test_the_file_names_tell_reviewer_sample_repair_and_attempt_apart() -> None:
    two = Message(role="system", parts=(Part(text="s"),)), *asked().messages
    four = (*two, Message(role="assistant", parts=(Part(text="a"),)), *asked().messages)
    names = [
        name_of(asked(messages=two)),
        name_of(asked(messages=two, sample=1)),
        name_of(asked(messages=four)),
        name_of(asked(messages=two, attempt=1)),
        name_of(asked(messages=two, label="intake")),
    ]
    assert [name[:-7] for name in names] == [
        "builder",
        "builder-2",
        "builder-repair",
        "builder-again1",
        "intake",
    ]
    assert len({name[-6:] for name in names}) == 5


def test_a_prompt_to_paste_has_every_turn_and_the_schema() -> None:
    turns = (
        Message(role="system", parts=(Part(text="House."),)),
        Message(role="user", parts=(Part(text="Tool."), Part(text="You."))),
        Message(role="assistant", parts=(Part(text="{}"),)),
        Message(role="user", parts=(Part(text="Mend it."),)),
    )
    assert render(asked(messages=turns)) == (
        "House.\n\nTool.\n\nYou.\n\n(Your answer was)\n\n{}\n\nMend it.\n\n"
        'The schema of the answer (JSON Schema):\n{"type": "object"}\n'
    )


async def test_a_panel_by_hand_goes_on_until_every_answer_is_there(tmp_path: Path) -> None:
    run = an_open_run(panel_inputs(assignments=BY_HAND))
    answers = {key: [SHIP] for key in REVIEWERS} | {"skeptic": [UNREADABLE, CONTRADICTION]}
    waited = []
    while run.state != "finished":
        with RunFiles(tmp_path).lock(run) as folder:
            by_hand = folder.path / "manual"
            chain = RecordingProvider(Manual(by_hand, "a friend"), folder, Still())
            run = await convene(chain, run)
            folder.save(run)
        waited.append([one.reviewer for one in run.pending])
        for one in run.pending:
            assert give(by_hand, one.reviewer, answers[one.reviewer].pop(0))
    assert waited == [list(REVIEWERS), ["skeptic"], []]
    assert {review.model for review in run.reviews} == {"a friend"}
    recording = RunFiles(tmp_path).load(folder.path)
    again = await replay(panel_graph(), run, recording.exchanges, run.inputs)
    assert again.differences == ()


async def test_an_answer_that_was_corrected_counts_and_the_first_one_stays(tmp_path: Path) -> None:
    run, files = an_open_run(panel_inputs(assignments=BY_HAND)), RunFiles(tmp_path)

    async def go_on() -> Run:
        with files.lock(run) as folder:
            by_hand = folder.path / "manual"
            for exchange in corrections(by_hand, folder.exchanges, "a friend"):
                await folder.append(exchange)
            chain = RecordingProvider(Manual(by_hand, "a friend"), folder, Still())
            done = await convene(chain, run)
            folder.save(done)
        return done

    by_hand = files.place(run) / "manual"
    await go_on()
    for key in REVIEWERS:
        assert give(by_hand, key, CONTRADICTION if key == "builder" else SHIP)
    assert [one.reviewer for one in (await go_on()).pending] == ["builder"]
    (first,) = by_hand.glob("builder-*.answer.json")
    first.write_text(SHIP, encoding="utf-8")
    done = await go_on()
    assert done.state == "finished"
    assert isinstance(done.reviews[0], Scorecard)
    assert done.reviews[0].flags == ()
    exchanges = files.load(files.place(run)).exchanges
    builder = [one.request.attempt for one in exchanges if one.request.label == "review:builder"]
    assert builder == [0, 1]
    assert (await replay(panel_graph(), done, exchanges, done.inputs)).differences == ()
    assert list(corrections(by_hand, exchanges, "a friend")) == []
