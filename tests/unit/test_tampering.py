"""One changed byte in a recording is found and named, and so is a line that is gone or moved."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from panel.domain.run import Run
from panel.errors import FormerRun, Refused, Tampered
from panel.pipeline.recording import RecordingProvider
from panel.store.run_files import EXCHANGES, RUN, RunFiles
from tests.factories import a_persona
from tests.panels import SHIP, Still, an_open_run, convene, panel_inputs
from tests.scripted import Scripted

Lines = list[bytes]


@pytest.fixture
async def recorded(tmp_path: Path) -> Path:
    """The folder of a small recorded run: two reviewers, four exchanges."""
    inputs = panel_inputs()
    run = an_open_run(
        inputs.model_copy(
            update={
                "assignments": inputs.assignments[:2],
                "personas": tuple(
                    a_persona(assignment.persona) for assignment in inputs.assignments[:2]
                ),
                "calls": inputs.calls.model_copy(update={"samples": 2}),
            }
        )
    )
    provider = Scripted(lambda request: SHIP if request.sample else Refused("no"))
    with RunFiles(tmp_path).lock(run) as folder:
        folder.save(await convene(RecordingProvider(provider, folder, Still()), run))
    return folder.path


def load(path: Path) -> Run:
    return RunFiles(path.parents[1]).load(path).run


def refusal(path: Path) -> str:
    """Return what is said of the recording in `path`, which must not load."""
    with pytest.raises(Tampered) as raised:
        load(path)
    assert "\n" not in str(raised.value)
    return str(raised.value)


def positions(data: bytes) -> list[int]:
    """Return every 37th position, and all where something begins or ends."""
    borders = [0, len(data), *(at for at, byte in enumerate(data) if byte in b"\n")]
    near = {at + step for at in borders[:6] for step in range(-2, 90)}
    return sorted({*range(0, len(data), 37), *near} & {*range(len(data))})


def flip(path: Path, data: bytes, at: int) -> None:
    path.write_bytes(data[:at] + bytes([data[at] ^ (1 << at % 8)]) + data[at + 1 :])


def test_a_recording_that_nobody_touched_loads(recorded: Path) -> None:
    assert load(recorded).state == "finished"
    assert len((recorded / EXCHANGES).read_bytes().splitlines()) == 4


def test_one_changed_byte_of_the_run_is_named_by_its_file(recorded: Path) -> None:
    path = recorded / RUN
    data = path.read_bytes()
    for at in positions(data):
        flip(path, data, at)
        assert refusal(recorded).startswith(f"{path}: its content does not match its digest"), at


def test_one_changed_byte_of_an_exchange_is_named_by_file_and_line(recorded: Path) -> None:
    path = recorded / EXCHANGES
    data = path.read_bytes()
    for at in positions(data):
        flip(path, data, at)
        line = data.count(b"\n", 0, at) + 1
        assert refusal(recorded).startswith(f"{path}, line {line}: "), at


@pytest.mark.parametrize(
    "change",
    [
        lambda lines: lines[:-1],
        lambda lines: lines[1:],
        lambda lines: [lines[1], lines[0], *lines[2:]],
        lambda lines: [*lines, lines[-1]],
        lambda lines: [*lines[:-1], lines[0]],
        lambda _: [],
    ],
)
def test_a_line_that_is_gone_moved_or_doubled_is_found(
    recorded: Path, change: Callable[[Lines], Lines]
) -> None:
    path = recorded / EXCHANGES
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(change(lines)))
    assert refusal(recorded) == (
        f"{path}: its lines are not the 4 that run.json was written with. "
        "Restore both files from version control."
    )


def test_a_line_that_was_changed_together_with_its_digest_is_found(recorded: Path) -> None:
    path = recorded / EXCHANGES
    first, *others = path.read_bytes().splitlines(keepends=True)
    body = json.dumps(json.loads(first)["exchange"] | {"ms": 99}, separators=(",", ":"))
    forged = f'{{"digest":"{sha(body)}","exchange":{body}}}\n'.encode()
    path.write_bytes(b"".join([forged, *others]))
    assert "its lines are not the 4" in refusal(recorded)


def test_a_last_line_that_is_cut_off_is_named(recorded: Path) -> None:
    path = recorded / EXCHANGES
    path.write_bytes(path.read_bytes()[:-30])
    assert refusal(recorded).startswith(f"{path}, line 4: it is cut off.")


@pytest.mark.parametrize("content", [b"", b"{}", b"\x00\xff", b'{"run": {}}'])
def test_a_file_that_is_no_run_at_all_is_named(recorded: Path, content: bytes) -> None:
    (recorded / RUN).write_bytes(content)
    assert refusal(recorded).startswith(f"{recorded / RUN}: ")


def test_a_run_of_another_version_is_told_from_a_changed_one(recorded: Path) -> None:
    document = json.loads((recorded / RUN).read_bytes())
    document["run"] |= {"mood": "sunny"}
    del document["digest"]
    body = json.dumps(document, ensure_ascii=False, indent=1)[1:] + "\n"
    (recorded / RUN).write_text(f'{{\n "digest": "{sha(body)}",{body}', encoding="utf-8")
    assert refusal(recorded).startswith(
        f"{recorded / RUN}: it was written by another version of shipskip (run.mood: "
    )


def test_an_exchange_of_another_version_is_told_from_a_changed_one(recorded: Path) -> None:
    path = recorded / EXCHANGES
    body = '{"request":{},"ms":1}'
    path.write_text(f'{{"digest":"{sha(body)}","exchange":{body}}}\n', encoding="utf-8")
    assert refusal(recorded).startswith(
        f"{path}, line 1: it was written by another version of shipskip (request.label: "
    )


def sha(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()


def test_a_run_of_the_former_panel_is_said_to_be_one(recorded: Path) -> None:
    file = recorded / RUN
    document = json.loads(file.read_bytes())
    document["run"] |= {"v": 1, "seats": []}
    body = json.dumps({key: document[key] for key in ("recorded", "run")}, indent=1)[1:] + "\n"
    digest = hashlib.sha256(body.encode()).hexdigest()
    file.write_text(f'{{\n "digest": "{digest}",{body}', encoding="utf-8")
    with pytest.raises(FormerRun) as raised:
        load(recorded)
    assert "one rubric for all reviewers" in str(raised.value)
    assert "`shipskip review`" in str(raised.value)
    assert raised.value.exit_code == 6


@pytest.mark.parametrize(
    "body", ["?", '\n "run": []}', '\n "other": 1}', '\n "run": ' + "[" * 2_000]
)
def test_what_has_a_right_digest_and_is_no_run_is_named(recorded: Path, body: str) -> None:
    digest = hashlib.sha256(body.encode()).hexdigest()
    (recorded / RUN).write_text(f'{{\n "digest": "{digest}",{body}', encoding="utf-8")
    assert refusal(recorded).startswith(f"{recorded / RUN}: it was written by another version")
