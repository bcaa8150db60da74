"""`shipskip batch --batch-api`: reviews handed to a maker's batch service, and brought back."""

import json
import re
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from panel.domain.exchange import Completion, Failure
from panel.store.run_files import RunFiles
from tests.bars.desk import ServerThread
from tests.bars.rooms import CHAT, FACTS, answer, asked, lay_out, reference
from tests.commands.shop import Ran, Shop, end_of, wait_until
from tests.commands.test_batch import item, write_feed
from tests.contract.batch_server import BatchServer
from tests.contract.loopback import Heard, Reply

MODEL = ("--model", reference(CHAT))
KEY = {"OPENAI_API_KEY": "a-key"}


class Maker(BatchServer):
    """A maker that takes batches, and answers calls at once; `live` has what calls asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.live: list[str] = []

    def reply_to(self, heard: Heard) -> Reply:
        if not heard.path.endswith("/chat/completions"):
            return super().reply_to(heard)
        who = asked(heard)
        self.live.append(who)
        return answer(CHAT, heard, FACTS if who == "intake" else None)


def heard_in(line: Mapping[str, Any]) -> Heard:
    body = json.dumps(line["body"], ensure_ascii=False).encode()
    return Heard("POST", "/v1/chat/completions", {}, body)


def answer_to(line: Mapping[str, Any], text: str | None = None) -> dict[str, Any]:
    body = answer(CHAT, heard_in(line), text).body
    response = {"status_code": 200, "request_id": "r", "body": body}
    return {"id": "b", "custom_id": line["custom_id"], "response": response, "error": None}


def lay_out_feed(shop: Shop, server: Maker) -> Path:
    root = shop.root.with_name("post")
    shop.root = root
    lay_out(root, CHAT, server.address)
    return write_feed(shop, [item("Quillbase"), item("Fernpost")])


@pytest.fixture
def server() -> Iterator[Maker]:
    """A maker that runs beside the test."""
    maker = Maker()
    with ServerThread(maker):
        yield maker


def run(shop: Shop, *arguments: object) -> Ran:
    return shop.shipskip(*arguments, *MODEL, env=KEY)


def collect(shop: Shop, most: object) -> Ran:
    return run(shop, "batch", "--collect", "--max-cost", most)


def test_a_posted_batch_waits_is_collected_and_its_faults_are_mended_live(
    shop: Shop, server: Maker
) -> None:
    feed = lay_out_feed(shop, server)
    handed_in = shop.child("batch", feed, "--batch-api", *MODEL, env=KEY)
    assert handed_in.code == 8, handed_in.err
    assert "shipskip batch --collect" in handed_in.out
    assert server.live == ["intake", "intake"]
    assert len(server.lines) == 8

    early = run(shop, "batch", "--collect")
    assert early.code == 8, early.err
    assert len(server.live) == 2
    assert len(server.created) == 1

    first, second, *rest = server.lines
    refused = {"status_code": 500, "request_id": "r", "body": {"error": {"message": "busy"}}}

    def said(line: Mapping[str, Any]) -> Mapping[str, Any] | None:
        if line == first:
            return None
        return answer_to(line, "I would rather tell you in prose." if line == second else None)

    def faults(line: Mapping[str, Any]) -> Mapping[str, Any] | None:
        wrong = {"id": "b", "custom_id": line["custom_id"], "response": refused, "error": None}
        return wrong if line == first else None

    server.end("completed", said, faults)
    collected = run(shop, "batch", "--collect")
    assert collected.code == 0, collected.err
    assert "2 reviewed" in collected.out
    mended = sorted(asked(heard_in(line)) for line in (first, second))
    assert sorted(server.live[2:]) == mended
    assert len(rest) == 6

    again = run(shop, "batch", "--collect")
    assert again.code == 0, again.err
    assert len(server.live) == 4

    store = RunFiles(shop.root / "runs")
    outcomes = [e.outcome for path in store.paths() for e in store.load(path).exchanges]
    posted = [one for one in outcomes if one.service == "batch"]
    assert sum(isinstance(one, Completion) for one in posted) == 7
    assert sum(isinstance(one, Failure) for one in posted) == 1
    assert sum(one.service is None for one in outcomes) == 4
    assert shop.shipskip("replay").code == 0


def test_a_sitting_that_died_before_it_posted_is_posted_by_the_next_collect(
    shop: Shop, server: Maker
) -> None:
    feed = lay_out_feed(shop, server)
    server.overrides["POST /v1/batches"] = Reply({"error": {"message": "busy"}}, status=503)
    failed = run(shop, "batch", feed, "--batch-api")
    assert failed.code == 4, failed.out
    del server.overrides["POST /v1/batches"]
    posted = run(shop, "batch", "--collect")
    assert posted.code == 8, posted.err
    assert len(server.created) == 1
    server.end("completed", answer_to)
    assert (run(shop, "batch", "--collect")).code == 0
    assert server.live == ["intake", "intake"]


def test_a_batch_that_expired_keeps_what_came_back_and_asks_for_the_rest_live(
    shop: Shop, server: Maker
) -> None:
    feed = lay_out_feed(shop, server)
    assert (run(shop, "batch", feed, "--batch-api")).code == 8
    half = server.lines[:4]

    def said(line: Mapping[str, Any]) -> Mapping[str, Any] | None:
        stranger = {"custom_id": "nobody"} if line == server.lines[-1] else None
        return answer_to(line) if line in half else stranger

    server.end("expired", said)
    collected = run(shop, "batch", "--collect")
    assert collected.code == 0, collected.err
    assert "answers a request that was not in the batch: nobody" in collected.err
    assert "4 of its 8 requests have no answer and are asked live" in collected.err
    assert len(server.live) == 2 + 4


@pytest.mark.parametrize("name", ["run.json", "exchanges.jsonl"])
def test_a_damaged_run_that_waits_is_convened_anew_and_the_others_are_collected(
    shop: Shop, server: Maker, name: str
) -> None:
    feed = lay_out_feed(shop, server)
    assert (run(shop, "batch", feed, "--batch-api")).code == 8
    damaged = shop.runs[0] / name
    damaged.write_bytes(damaged.read_bytes().replace(b"a", b"b", 1))
    server.end("completed", answer_to)
    collected = run(shop, "batch", "--collect")
    assert collected.code == 0, collected.err
    assert "2 reviewed" in collected.out
    assert str(damaged) in collected.out + collected.err
    assert len(server.live) == 2 + 4 + (name == "exchanges.jsonl"), "its intake, if that is lost"


def test_what_the_cap_forbids_is_not_posted_nor_by_a_collect_that_names_none(
    shop: Shop, server: Maker
) -> None:
    feed = lay_out_feed(shop, server)
    capped = run(shop, "batch", feed, "--batch-api", "--max-cost", "0.30")
    assert capped.code == 5, capped.out
    assert server.created == []
    remembered = run(shop, "batch", "--collect")
    assert remembered.code == 5, remembered.out
    assert server.created == []
    more = run(shop, "batch", "--collect", "--max-cost", "5")
    assert more.code == 8, more.err
    assert len(server.created) == 1


def test_what_the_live_calls_of_an_earlier_batch_cost_counts_in_the_cap_of_a_collect(
    shop: Shop, server: Maker
) -> None:
    feed = lay_out_feed(shop, server)
    server.overrides["POST /v1/batches"] = Reply({"error": {"message": "busy"}}, status=503)
    assert (run(shop, "batch", feed, "--batch-api")).code == 4
    del server.overrides["POST /v1/batches"]
    told = re.search(r"may cost \$([0-9.]+)", (collect(shop, "0.01")).err)
    assert told
    requests, intakes = Decimal(told[1]), Decimal("0.0171")
    assert (collect(shop, requests + intakes / 2)).code == 5
    assert server.created == []
    assert (collect(shop, requests + 2 * intakes)).code == 8
    assert len(server.created) == 1


def test_what_a_service_declines_leaves_the_cap_to_the_next(shop: Shop, server: Maker) -> None:
    feed = lay_out_feed(shop, server)
    settings = shop.root / "shipskip.toml"
    text = settings.read_text("utf-8")
    settings.write_text(f'{text}[prices."openai:another"]\ninput = 3\noutput = 15\n', "utf-8")
    models = (*MODEL, "--model", "openai:another")
    server.overrides["POST /v1/batches"] = Reply({"error": {"message": "no"}}, status=400)
    assert shop.shipskip("batch", feed, "--batch-api", *models, env=KEY).code == 4
    told = re.search(r"may cost \$([0-9.]+)", collect(shop, "0.01").err)
    assert told

    def decline_once(heard: Heard, reply: Callable[[Heard], Reply] = server.reply_to) -> Reply:
        said = reply(heard)
        if (heard.method, heard.path) == ("POST", "/v1/batches"):
            server.overrides.clear()
        return said

    server.reply_to = decline_once  # type: ignore[method-assign]
    most = Decimal("1.3") * Decimal(told[1])
    ran = shop.shipskip("batch", "--collect", "--max-cost", most, *models, env=KEY)
    assert "cost cap" not in ran.err
    assert len(server.created) == 1


@pytest.mark.parametrize("asked", ["POST /v1/files", "GET /v1/batches/batch_1"])
def test_a_signal_ends_what_waits_for_a_batch_service(
    shop: Shop, server: Maker, asked: str
) -> None:
    feed = lay_out_feed(shop, server)
    never = Reply({}, delay_s=3600)
    if asked.startswith("POST"):
        server.overrides[asked] = never
        arguments: tuple[object, ...] = ("batch", feed, "--batch-api")
    else:
        assert run(shop, "batch", feed, "--batch-api").code == 8
        server.overrides[asked] = never
        arguments = ("batch", "--collect")
    with shop.start(*arguments, *MODEL, env=KEY) as process:
        wait_until(
            lambda: any(f"{one.method} {one.path}" == asked for one in server.heard), process
        )
        process.send_signal(signal.SIGTERM)
        if asked.startswith("POST"):  # the first one lets a submission end, for 25 s
            time.sleep(0.5)
            process.send_signal(signal.SIGTERM)
        ended = end_of(process)
    assert ended.code == 8, ended.err
    server.overrides.clear()
    again = run(shop, "batch", "--collect")
    assert again.code == 8, again.err
    assert len(server.created) == 1


def test_the_checklist_has_no_batch_service(shop: Shop) -> None:
    feed = write_feed(shop, [item("Quillbase")])
    ran = shop.shipskip("batch", feed, "--batch-api")
    assert ran.code == 2
    assert "has no batch service" in ran.fault
    assert shop.runs == []
