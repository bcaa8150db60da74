"""A server that tells the key back: in answers, names and faults, plain, quoted or in base64."""

import html
import json
from base64 import b64encode
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import pytest

from tests.bars.desk import Desk
from tests.bars.rooms import CHAT, KINDS, MISTRAL, answer, persona_of, sound
from tests.commands.shop import Ran, Shop
from tests.contract.kinds import Kind
from tests.contract.loopback import Heard, Reply

OPENAI_KEY = "local-CANARYa91f3c77e05b4d2288aa00ffQ"
MISTRAL_KEY = "mist+CANARYb77c01d9e8f24455aa/QZ"
KEYS = (OPENAI_KEY, MISTRAL_KEY)


def forms(key: str) -> list[str]:
    """Return `key` in each of its spellings."""
    return [
        key,
        key.replace("/", "\\/"),
        key.replace("-", "\\u002d").replace("+", "\\u002B"),
        quote(key, safe=""),
        quote(quote(key, safe="")),
        *(b64encode(f"{lead}{key}".encode()).decode() for lead in ("Bearer ", "x", "yz")),
    ]


ALL = " | ".join(form for key in KEYS for form in forms(key))


def told_in_a_ballot(kind: Kind, heard: Heard) -> Reply:
    """Return a sound ballot whose texts hold the keys, in names that are keys as well."""
    persona = persona_of(heard)
    said = sound(persona).model_dump(mode="json")
    ours, others = (MISTRAL_KEY, OPENAI_KEY) if kind is MISTRAL else (OPENAI_KEY, MISTRAL_KEY)
    said["best_for"], said["avoid_if"] = " ".join(forms(ours)[:4]), " ".join(forms(ours)[4:])
    said["flips_if"] = " ".join(forms(others)[:4])
    said["prediction"]["claim"] = " ".join(forms(others)[4:])
    said["findings"][0]["finding"] = f"It holds {ours}."
    text = json.dumps(said).replace(f"holds {ours}", f"holds {forms(ours)[2]}")
    return answer(kind, heard, text, model=ours, id=ours)


def told_in_a_fault(kind: Kind, heard: Heard) -> Reply:
    """Return what fails for another reason with each persona, and tells the keys with each."""
    ours = MISTRAL_KEY if kind is MISTRAL else OPENAI_KEY
    replies = {
        "builder": answer(kind, heard, f"I would rather not: {ALL}"),
        "skeptic": Reply(kind.refusal(f"no {ALL}")),
        "futurist": Reply(kind.stopped_by(ours)),
        "business_analyst": Reply({"error": {"message": ALL, "code": ours}}, status=400),
    }
    return replies[persona_of(heard).key]


def review(shop: Shop, kind: Kind, choose: Any) -> Ran:
    """Run a review by `kind`, with both keys set."""
    with Desk(lambda heard: choose(kind, heard)) as desk:
        settings = shop.root / "shipskip.toml"
        api = "" if kind is MISTRAL else f'api = "{kind.name}"\n'
        maker = "mistral" if kind is MISTRAL else "openai"
        own = f'\n[{maker}]\nbase_url = "{desk.address}/v1"\n{api}'
        settings.write_text(settings.read_text(encoding="utf-8") + own, encoding="utf-8")
        env = {"OPENAI_API_KEY": OPENAI_KEY, "MISTRAL_API_KEY": MISTRAL_KEY}
        return shop.shipskip("review", shop.tool(), "--model", f"{maker}:m", "--json", env=env)


def read_back(text: str) -> list[str]:
    """Return `text` as it is, and as those who read it further would see it."""
    unescaped = text.replace("\\u002d", "-").replace("\\u002B", "+").replace("\\/", "/")
    return [text, unescaped, html.unescape(text), unquote(text), " ".join(text.split())]


def assert_untold(shop: Shop, ran: Ran) -> None:
    written = {str(path): path.read_text("utf-8") for path in shop.root.rglob("*.*")}
    assert {Path(name).name for name in written} >= {"exchanges.jsonl", "run.json"}
    assert any(name.endswith(".html") for name in written)
    for name, text in {**written, "stdout": ran.out, "stderr": ran.err}.items():
        for seen in read_back(text):
            for form in (*forms(OPENAI_KEY), *forms(MISTRAL_KEY)):
                assert form not in seen, (name, form)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_ballot_that_tells_the_keys_goes_on_without_them(shop: Shop, kind: Kind) -> None:
    ran = review(shop, kind, told_in_a_ballot)
    assert ran.code == 0, ran.err
    assert len(ran.document["verdict"]["ships"]) == 3
    assert {one["model"] for one in ran.document["reviews"]} == {"[key]"}
    assert "It holds [key]." in ran.out
    assert_untold(shop, ran)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_no_fault_that_tells_the_keys_is_recorded_with_them(shop: Shop, kind: Kind) -> None:
    ran = review(shop, kind, told_in_a_fault)
    assert ran.code == 4, ran.err
    assert "[key]" in ran.out
    assert_untold(shop, ran)


def test_a_key_in_a_header_is_not_told_either(shop: Shop) -> None:
    def choose(kind: Kind, heard: Heard) -> Reply:
        headers = dict.fromkeys(("content-encoding", "x-request-id", "location"), OPENAI_KEY)
        return Reply(answer(kind, heard).body, headers=headers)

    ran = review(shop, CHAT, choose)
    assert ran.code == 4
    assert_untold(shop, ran)
