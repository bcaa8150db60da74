"""A disk that is full or cannot be written to: one clear line, and nothing paid for is lost."""

import resource
import signal
from pathlib import Path

import pytest

from tests.bars.desk import Desk
from tests.bars.rooms import CHAT, answer, persona_of
from tests.commands.shop import Shop
from tests.contract.loopback import Heard, Reply

MODEL = ("--model", "openai:qwen3")
pytestmark = pytest.mark.skipif(
    not Path("/dev/full").exists(), reason="needs /dev/full, as on Linux"
)


class Panel:
    """A model server that remembers whom it answered as."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def choose(self, heard: Heard) -> Reply:
        self.heard.append(persona_of(heard).key)
        return answer(CHAT, heard)


def limited(most: int) -> None:
    """Let no file of this process grow beyond `most` bytes, as on a disk that fills up."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))


def exchanges(shop: Shop) -> list[bytes]:
    return (shop.run / "exchanges.jsonl").read_bytes().splitlines()


def test_a_run_that_cannot_be_written_is_refused_before_the_first_call(shop: Shop) -> None:
    panel = Panel()
    (shop.root / "runs").write_text("in the way", encoding="utf-8")
    with Desk(panel.choose) as desk:
        env = {"OPENAI_BASE_URL": f"{desk.address}/v1"}
        ran = shop.shipskip("review", shop.tool(), *MODEL, env=env)
    assert ran.code == 2
    assert str(shop.root / "runs") in ran.err.splitlines()[-1]
    assert "Move away the file that stands there" in ran.err
    assert "Traceback" not in ran.err
    assert panel.heard == []


@pytest.mark.parametrize("place", ["/proc/self/nowhere", "/dev/full/site"])
def test_pages_that_cannot_be_written_are_refused_before_the_first_call(
    shop: Shop, place: str
) -> None:
    ran = shop.shipskip("review", shop.tool(), "--out", place)
    assert ran.code == 2
    assert ran.fault.startswith(f"{place}: ")
    assert "--out" in ran.fault
    assert shop.runs == []


def test_a_disk_that_fills_up_in_mid_panel_keeps_what_it_took(shop: Shop) -> None:
    panel, tool = Panel(), shop.tool()
    with Desk(panel.choose) as desk:
        env = {"OPENAI_BASE_URL": f"{desk.address}/v1"}
        assert shop.shipskip("review", shop.tool("Inkwell"), *MODEL, env=env).code == 0
        line = len(exchanges(shop)[0])
        most = line * 15 // 4
        assert (shop.run / "run.json").stat().st_size < most, "run.json itself would not fit"
        panel.heard.clear()
        with shop.start(
            "review", tool, *MODEL, env=env, preexec_fn=lambda: limited(most)
        ) as process:
            out, err = process.communicate(timeout=60)
        assert process.returncode == 2
        assert out == ""
        assert "File too large" in err.splitlines()[-1]
        assert "what is recorded stays" in err
        assert "Traceback" not in err
        cut_off = next(path for path in shop.runs if path.name.startswith("quillbase"))
        stored = len((cut_off / "exchanges.jsonl").read_bytes().splitlines())
        assert stored == 3
        asked = len(panel.heard)
        again = shop.shipskip("review", tool, *MODEL, env=env)
    assert again.code == 0
    assert len(panel.heard) == asked + 4 - stored
    assert shop.shipskip("replay", cut_off).code == 0


def test_full_standard_output_is_one_line_and_the_run_is_kept(shop: Shop) -> None:
    with (
        Path("/dev/full").open("w", encoding="utf-8") as full,
        shop.start("review", shop.tool(), stdout=full) as process,
    ):
        _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert err.splitlines()[-1].startswith("shipskip: standard output: No space left on device.")
    assert "Traceback" not in err
    assert shop.shipskip("runs", "show", "quillbase").code == 0


@pytest.mark.parametrize("command", [("personas", "show", "skeptic"), ("runs", "list", "--json")])
def test_a_reader_that_goes_away_is_no_fault(shop: Shop, command: tuple[str, ...]) -> None:
    with shop.start(*command) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        err = process.stderr.read()
        assert process.wait(timeout=60) == 0
    assert err == ""
