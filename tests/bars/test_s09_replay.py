"""S9: a replay without network or key gives the same bytes; one changed byte stops it by name."""

import asyncio
import json
import random
import socket
from collections import Counter
from pathlib import Path
from typing import Any, NoReturn

import pytest

from panel.app import replay as app_replay
from panel.app.panels import StoredRun
from panel.app.publish import PublishedRun, Publisher
from panel.app.settings import Settings
from panel.app.workspace import Workspace
from panel.domain.review import Abstention
from panel.errors import Tampered
from panel.pipeline.graph import PanelGraph
from panel.pipeline.replay import replay
from panel.store.run_files import EXCHANGES, RUN
from tests.bars.conftest import Show
from tests.bars.desk import Desk
from tests.bars.rooms import (
    KINDS,
    a_room,
    a_wish,
    answer,
    persona_of,
    review_all,
    settings_for,
    tools,
)
from tests.contract.kinds import Kind
from tests.contract.loopback import Heard, Reply
from tests.factories import DESCRIPTION
from tests.workspaces import persona_set

SAMPLES = 600
FACTS = {
    "is_tool": True,
    "reason": "It is one.",
    "tagline": None,
    "category": None,
    "vendor": None,
    "entry": None,
    "licence": None,
    "prices": [
        {
            "label": "seat",
            "amount": 9,
            "currency": "USD",
            "unit": "seat and month",
            "evidence": "9 dollars a seat",
        }
    ],
    "open_points": ["Who hosts it?"],
}


class Network:
    """Whether anybody reaches for it; once cut, it refuses."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._patch = patch
        self.reached = 0

    def cut(self) -> None:
        for name in ("connect", "connect_ex", "sendto"):
            self._patch.setattr(socket.socket, name, self._refuse)
        self._patch.setattr(socket, "getaddrinfo", self._refuse)
        for name in ("OPENAI_API_KEY", "MISTRAL_API_KEY", "OPENAI_BASE_URL"):
            self._patch.delenv(name, raising=False)

    def _refuse(self, *args: Any, **options: Any) -> NoReturn:  # noqa: ARG002 - whatever is asked
        self.reached += 1
        raise OSError("the network is cut")


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Network:
    return Network(monkeypatch)


def reply(kind: Kind, heard: Heard, flaky: Counter[str]) -> Reply:
    """Answer as a busy server would: one persona is mended, one fails, one is asked twice."""
    if b'"intake"' in heard.body:
        return Reply(kind.answer(json.dumps(FACTS)))
    place = persona_set().personas.index(persona_of(heard))
    flaky[str(place)] += 1
    if place == 1:
        return Reply({"error": {"message": "no such model"}}, 404)
    if place == 2 and flaky["2"] == 1:
        return Reply({"error": {}}, 503, {"retry-after-ms": "5"})
    if place == 3 and flaky["3"] == 1:
        return Reply(kind.answer("I would ship it, żółw 🐢."))
    return answer(kind, heard)


def record(kind: Kind, root: Path) -> tuple[Workspace, PublishedRun]:
    flaky: Counter[str] = Counter()
    tool = tools(1)[0].model_copy(update={"prices": (), "vendor": None, "description": DESCRIPTION})
    with Desk(lambda heard: reply(kind, heard, flaky)) as desk:
        room = a_room(root, settings_for(kind, desk.address))
        (done,) = review_all(room, [tool], a_wish(kind))
    assert any(isinstance(review, Abstention) for review in done.run.reviews)
    return room, done


def bytes_of(page: Path) -> tuple[bytes, bytes]:
    return page.read_bytes(), page.with_name("index.json").read_bytes()


def test_s9_a_replay_without_network_and_key_gives_the_same_bytes(
    tmp_path: Path, network: Network, show: Show
) -> None:
    stored = [record(kind, tmp_path / kind.name) for kind in KINDS]
    network.cut()
    size = 0
    for room, done in stored:
        bare = a_room(room.root, Settings())
        found = bare.find(done.run.id)
        again = asyncio.run(replay(PanelGraph(), found.run, found.exchanges, found.run.inputs))
        assert again.differences == ()
        site = tmp_path / "again" / room.root.name
        page = Publisher(bare, site).publish_run(StoredRun(again.run, found.path)).page
        assert bytes_of(page) == bytes_of(done.page)
        size += sum(map(len, bytes_of(page)))
    assert network.reached == 0
    show(
        f"S9: {len(stored)} recorded runs (a retry, a repair, a failure and an intake in "
        f"each) replayed without network or key: {size:,} bytes of page and JSON, "
        "0 differ, sockets reached for 0"
    )


def places(data: bytes, chance: random.Random) -> list[int]:
    """Return where to change a byte: about every line's ends, and many places anywhere."""
    ends = [n for n, byte in enumerate(data) if byte in b"\n"] if data.count(b"\n") < 50 else []
    near = {end + step for end in ends for step in (-2, -1, 0, 1, 12, 76, 80)}
    anywhere = {chance.randrange(len(data)) for _ in range(SAMPLES)}
    return sorted(place for place in near | anywhere if 0 <= place < len(data))


def test_s9_one_changed_byte_in_a_recording_stops_it_by_name(tmp_path: Path, show: Show) -> None:
    room, done = record(KINDS[0], tmp_path)
    chance = random.Random(9)
    found = {}
    for name in (EXCHANGES, RUN):
        file = Path(done.path / name)
        whole = file.read_bytes()
        found[name] = places(whole, chance)
        for place in found[name]:
            other = chance.choice([byte for byte in (*b'0a"{\n ', 255) if byte != whole[place]])
            file.write_bytes(whole[:place] + bytes([other]) + whole[place + 1 :])
            with pytest.raises(Tampered) as caught:
                room.runs.load(done.path)
            line = whole[:place].count(b"\n") + 1
            named = f"{file}, line {line}: " if name == EXCHANGES else f"{file}: "
            assert str(caught.value).startswith(named), (name, place)
        (replayed,) = app_replay.replay(done.run.id, workspace=room)
        assert not replayed.is_same
        assert replayed.damage
        assert str(file) in replayed.damage
        file.write_bytes(whole)
    assert app_replay.replay(done.run.id, workspace=room)[0].is_same
    show(
        f"S9: one changed byte at {len(found[EXCHANGES])} places of {EXCHANGES} and "
        f"{len(found[RUN])} of {RUN}: all stopped, each by the name of the file and the line"
    )
