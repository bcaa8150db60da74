"""`shipskip batch --batch-api`: reviews handed to a maker's batch service, and brought back."""

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from panel.domain.exchange import Completion, Failure
from panel.store.run_files import RunFiles
from tests.bars.desk import ServerThread
from tests.bars.rooms import CHAT, FACTS, answer, asked, lay_out, reference
from tests.commands.shop import Ran, Shop
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


def test_the_checklist_has_no_batch_service(shop: Shop) -> None:
    feed = write_feed(shop, [item("Quillbase")])
    ran = shop.shipskip("batch", feed, "--batch-api")
    assert ran.code == 2
    assert "has no batch service" in ran.fault
    assert shop.runs == []
