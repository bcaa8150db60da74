"""A review by a model behind OPENAI_BASE_URL: a real server on this machine, end to end."""

import json
import subprocess
import threading
from collections.abc import Iterator
from signal import SIGINT, SIGKILL, Signals

import pytest

from panel.domain.verdict import Verdict
from tests.bars.desk import Desk
from tests.bars.rooms import CHAT, answer, persona_of
from tests.commands.shop import Ran, Shop, interrupt, wait_until
from tests.contract.loopback import Heard, Reply

KEY = "a-key-of-no-known-shape-0123456789"
MODEL = ("--model", "openai:qwen3")


class Waiter:
    """A server that answers `quick` calls at once and holds every further one back."""

    def __init__(self, quick: int = 1000) -> None:
        self.quick = quick
        self.heard: list[str] = []
        self._lock = threading.Lock()

    def choose(self, heard: Heard) -> Reply:
        with self._lock:
            self.heard.append(persona_of(heard).key)
            late = len(self.heard) > self.quick
        sound = answer(CHAT, heard)
        return Reply(sound.body, delay_s=600.0) if late else sound


@pytest.fixture
def waiter() -> Waiter:
    return Waiter()


@pytest.fixture
def desk(waiter: Waiter) -> Iterator[Desk]:
    with Desk(waiter.choose) as served:
        yield served


def env(desk: Desk, key: str = KEY) -> dict[str, str]:
    return {"OPENAI_BASE_URL": f"{desk.address}/v1", "OPENAI_API_KEY": key}


def test_a_model_behind_an_address_reviews_and_its_run_replays_without_it(
    shop: Shop, waiter: Waiter
) -> None:
    with Desk(waiter.choose) as desk:
        ran = shop.child("review", shop.tool(), *MODEL, "--json", env=env(desk))
    assert ran.code == 0, ran.err
    verdict = Verdict.model_validate_json(json.dumps(ran.document["verdict"]))
    assert (verdict.decision, len(verdict.ships)) == ("ship", 3)
    assert ran.document["engine"] == "openai:qwen3"
    assert {one["model"] for one in ran.document["reviews"]} == {"luna-2026-10-01"}
    assert ran.document["usage"]["input"] == 4 * 1200
    assert len(waiter.heard) == 4
    replayed = shop.shipskip("replay")
    assert (replayed.code, replayed.out) == (0, f"same     {shop.run}\n")


def test_no_key_is_written_anywhere(shop: Shop, desk: Desk) -> None:
    ran = shop.shipskip("review", shop.tool(), *MODEL, "--jsonl", env=env(desk))
    assert ran.code == 0
    files = [path for path in shop.root.rglob("*") if path.is_file()]
    assert any(path.name == "exchanges.jsonl" for path in files)
    for path in files:
        assert KEY.encode() not in path.read_bytes(), path
    assert KEY not in ran.out + ran.err
    assert desk.calls[0].heard.headers["authorization"] == f"Bearer {KEY}"


def test_the_server_is_told_the_model_and_the_schema(shop: Shop, desk: Desk) -> None:
    shop.shipskip("review", shop.tool(), *MODEL, env=env(desk))
    bodies = [call.heard.document for call in desk.calls]
    assert {body["model"] for body in bodies} == {"qwen3"}
    assert {body["response_format"]["type"] for body in bodies} == {"json_schema"}
    assert {call.heard.path for call in desk.calls} == {"/v1/chat/completions"}


def test_one_failed_reviewer_of_four_is_finished_with_exit_3(shop: Shop) -> None:
    def choose(heard: Heard) -> Reply:
        return answer(CHAT, heard, "prose" if persona_of(heard).key == "skeptic" else None)

    with Desk(choose) as desk:
        ran = shop.shipskip("review", shop.tool(), *MODEL, env=env(desk))
    assert ran.code == 3
    assert "SHIP, panel ship" in ran.out
    assert "1 gave none" in ran.out
    assert "no valid review: no readable answer after 2 tries" in ran.out
    assert "Skeptic gave no valid review" in ran.err


def test_a_panel_of_which_nobody_can_be_read_is_exit_4(shop: Shop) -> None:
    with Desk(lambda heard: answer(CHAT, heard, "prose")) as desk:
        ran = shop.shipskip("review", shop.tool(), *MODEL, env=env(desk))
    assert ran.code == 4
    assert "no verdict, 0 of 4 reviewers answered" in ran.out


def test_a_refused_key_stops_resumably_and_the_same_command_goes_on(
    shop: Shop, waiter: Waiter
) -> None:
    tool = shop.tool()
    with Desk(lambda _: Reply({"error": {"message": "no such key"}}, status=401)) as desk:
        ran = shop.shipskip("review", tool, *MODEL, env=env(desk))
    assert ran.code == 4
    assert "stopped before" in ran.out
    assert "key" in ran.out
    assert KEY not in ran.out + ran.err
    assert "run the same command" in ran.out
    with Desk(waiter.choose) as desk:
        again = shop.shipskip("review", tool, *MODEL, env=env(desk))
    assert again.code == 0
    assert f"resuming {shop.run.name}" in again.err


def test_at_the_cost_cap_the_exit_is_5_and_a_higher_cap_goes_on(
    shop: Shop, waiter: Waiter, desk: Desk
) -> None:
    settings = shop.root / "shipskip.toml"
    rate = '\n[prices."openai:qwen3"]\ninput = 0.1\noutput = 15\n'
    settings.write_text(settings.read_text(encoding="utf-8") + rate, encoding="utf-8")
    tool = shop.tool()
    ran = shop.shipskip("review", tool, *MODEL, "--max-cost", "0.065", env=env(desk))
    assert ran.code == 5
    assert "the cost cap of $0.0650 is reached" in ran.out
    first = len(waiter.heard)
    assert 0 < first < 4
    again = shop.shipskip("review", tool, *MODEL, "--max-cost", "$5", env=env(desk))
    assert again.code == 0
    assert sorted(waiter.heard) == ["builder", "business_analyst", "futurist", "skeptic"]
    cost = shop.shipskip("cost", "--by", "model")
    assert cost.out.startswith("openai:qwen3  $0.0")
    assert "4 calls" in cost.out


def test_without_a_price_a_cap_stops_before_the_first_call(
    shop: Shop, waiter: Waiter, desk: Desk
) -> None:
    ran = shop.shipskip("review", shop.tool(), *MODEL, "--max-cost", "1", env=env(desk))
    assert ran.code == 2, "a missing price is a setting, and no cap that was reached"
    said = " ".join(ran.out.split())
    assert '[prices."openai:qwen3"]' in said
    assert "cap of $1.00 cannot be kept" in said
    assert "is reached" not in said
    assert waiter.heard == []


def begun(shop: Shop, desk: Desk, waiter: Waiter) -> "subprocess.Popen[str]":
    """Return a review in mid-panel: two answers are on disk, and two are being waited for."""
    waiter.quick = 2
    process = shop.start("review", shop.tool(), *MODEL, env=env(desk))
    wait_until(lambda: len(waiter.heard) == 4 and answered(shop) == 2, process)
    return process


def answered(shop: Shop) -> int:
    return sum(
        path.read_bytes().count(b"\n") for path in shop.root.glob("runs/*/*/exchanges.jsonl")
    )


def gone_on(shop: Shop, desk: Desk, waiter: Waiter) -> Ran:
    """Return what the same command came to after two answers were had and two were not."""
    had, lost = waiter.heard[:2], waiter.heard[2:]
    waiter.quick = 1000
    ran = shop.shipskip("review", shop.tool(), *MODEL, env=env(desk))
    assert ran.code == 0, ran.err
    assert sorted(waiter.heard[4:]) == sorted(lost), "a call that was answered was made again"
    assert not set(had) & set(lost)
    assert f"resuming {shop.run.name}" in ran.err
    assert answered(shop) == 4
    assert shop.shipskip("replay").code == 0
    return ran


def test_ctrl_c_in_mid_panel_exits_130_and_the_same_command_repeats_no_call(
    shop: Shop, desk: Desk, waiter: Waiter
) -> None:
    with begun(shop, desk, waiter) as process:
        ran = interrupt(process, SIGINT)
    assert ran.code == 130
    assert ran.err.splitlines()[-1] == (
        "shipskip: interrupted. What was answered is kept: run the same command to resume."
    )
    assert "Traceback" not in ran.err
    assert "unfinished" in shop.shipskip("runs", "list").out
    gone_on(shop, desk, waiter)


@pytest.mark.parametrize("how", [SIGINT, SIGKILL])
def test_an_interrupted_command_repeats_no_tool_that_it_had_finished(
    shop: Shop, desk: Desk, waiter: Waiter, how: Signals
) -> None:
    waiter.quick = 5
    names = [shop.tool("Inkwell"), shop.tool(), shop.tool("Fernpost")]
    command = ("review", *names, *MODEL)
    with shop.start(*command, env=env(desk)) as process:
        wait_until(lambda: len(waiter.heard) == 8 and answered(shop) == 5, process)
        interrupt(process, how)
    waiter.quick = 1000
    done = next(path.name for path in shop.runs if path.name.startswith("inkwell-"))
    again = shop.shipskip(*command, env=env(desk))
    assert again.code == 0, again.err
    assert len(waiter.heard) == 8 + 3 + 4, "one call of the second tool was answered"
    assert len(shop.runs) == 3
    first = " ".join(again.out.partition("Quillbase:")[0].split())
    assert done in first
    assert "is not asked again. To review it anew, name it alone." in first
    assert " ".join(again.out.split()).count("is not asked again") == 1
    anew = shop.shipskip(*command, env=env(desk))
    assert anew.code == 0
    assert len(shop.runs) == 6, "the command had ended, so this is a new one"
    assert "is not asked again" not in " ".join(anew.out.split())


def test_a_command_that_stopped_at_the_cap_repeats_no_tool_that_it_had_finished(
    shop: Shop, waiter: Waiter, desk: Desk
) -> None:
    settings = shop.root / "shipskip.toml"
    rate = '\n[prices."openai:qwen3"]\ninput = 0.1\noutput = 15\n'
    settings.write_text(settings.read_text(encoding="utf-8") + rate, encoding="utf-8")
    alone = shop.shipskip("review", shop.tool("Fernpost"), *MODEL, "--json", env=env(desk))
    one_call = 0.065  # at the worst, so that the first tool is within the cap and the second is not
    cap = alone.document["cost_usd"] + one_call
    command = ("review", shop.tool("Inkwell"), shop.tool(), *MODEL)
    capped = shop.shipskip(*command, "--max-cost", cap, env=env(desk))
    assert capped.code == 5
    assert 8 <= len(waiter.heard) < 12
    again = shop.shipskip(*command, "--max-cost", "5", "--json", env=env(desk))
    assert again.code == 0
    assert [one["already_done"] for one in again.document["reviews"]] == [True, False]
    assert len(waiter.heard) == 12


def test_a_tool_under_review_is_busy_and_after_kill_9_the_same_command_repeats_no_call(
    shop: Shop, desk: Desk, waiter: Waiter
) -> None:
    with begun(shop, desk, waiter) as process:
        second = shop.shipskip("review", shop.tool(), *MODEL, env=env(desk))
        assert second.code == 75
        assert "another process is at work on this run" in second.err
        assert process.poll() is None
        assert interrupt(process, SIGKILL).code == -SIGKILL
    gone_on(shop, desk, waiter)


def test_a_busy_tool_does_not_keep_the_others_from_the_panel(
    shop: Shop, desk: Desk, waiter: Waiter
) -> None:
    with begun(shop, desk, waiter) as process:
        waiter.quick = 1000
        other = shop.tool("Inkwell")
        ran = shop.shipskip("review", shop.tool(), other, *MODEL, "--json", env=env(desk))
        assert ran.code == 75
        assert [one["tool"]["slug"] for one in ran.document["reviews"]] == ["inkwell"]
        assert [fault["tool"] for fault in ran.document["faults"]] == ["Quillbase"]
        assert ran.fault.startswith("Quillbase: ")
        interrupt(process, SIGKILL)
