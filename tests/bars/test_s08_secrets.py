"""S8: no secret of the settings or the environment is in anything that a night and a morning leave.

Keys, passwords and addresses that carry them stand wherever an operator may put them, and the servers
tell back what they were sent. A batch, its decisions, the site, the weekly mail, the desk, the readers'
services and a chat client follow; every file, answer and printed line is looked through.
"""

import asyncio
import json
import re
from base64 import b64encode
from pathlib import Path
from typing import Any, Final

import httpx2
import pytest
from mcp import Client, StdioServerParameters

from panel.app.workspace import Workspace
from panel.desk.access import hash_password
from panel.desk.service import DeskService
from tests.bars.conftest import Show
from tests.bars.desk import Desk
from tests.bars.rooms import CHAT, FACTS, answer, asked, persona_of, sound
from tests.commands.shop import SHIPSKIP, Ran, Shop, clean_environment
from tests.commands.test_batch import item, write_feed
from tests.commands.test_secrets import forms
from tests.commands.test_site import BY_ANNA, approve
from tests.contract.loopback import Heard, Reply
from tests.desk import EDITOR, served
from tests.mails import settings_of, subscribe, telling_mail_server
from tests.sealing import take_keys
from tests.workspaces import lay_out, persona_set

LEAD: Final = "kq7Zt4Wx"
"""What every canary begins with: letters and digits, which no quoting changes."""


def canary(place: str) -> str:
    """Return the secret that stands in `place`."""
    return f"{LEAD}-{place}-9f3c77e0/A+b"


VARIABLES: Final = {
    name: canary(name)
    for name in (
        "OPENAI_API_KEY",
        "MISTRAL_API_KEY",
        "ANTHROPIC_API_KEY",
        "HOUSE_KEY",
        "SHIPSKIP_VOTES_SECRET",
        "SHIPSKIP_SMTP_PASSWORD",
        "SHIPSKIP_BUTTONDOWN_KEY",
    )
} | {"SHIPSKIP_LISTMONK_KEY": f"desk:{canary('listmonk')}"}
WORD, QUERY = (canary(f"address-{part}").replace("/", "_") for part in ("password", "query"))
USER = canary("address-user").replace("/", "_")
FEEDS: Final = (
    f"http://reader:{LEAD}feedpassword@feeds.example/new.xml",
    f"http://{LEAD}feeduser@feeds.example/new.xml",
    f"http://127.0.0.1/new.xml?token={LEAD}feedquery#{LEAD}feedfragment",
    f"ftp://reader:{LEAD}feedftp@feeds.example/new.xml",
)
DATABASES: Final = (
    f"postgresql://press:{LEAD}databasepassword@127.0.0.1:1/press",
    f"postgresql://127.0.0.1:1/press?user=press&password={LEAD}databasequery",
    f"postgresql://press:{LEAD}databaseport@127.0.0.1:no/press",
    f"mysql://press:{LEAD}databasescheme@127.0.0.1:1/press",
)
DESK_PASSWORD, IN_FILE = canary("desk-password"), canary("env-file")
CANARIES: Final = len(VARIABLES) + 3 + len(FEEDS) + 1 + len(DATABASES) + 2
SENT: Final = (VARIABLES["OPENAI_API_KEY"], VARIABLES["HOUSE_KEY"], WORD, QUERY, USER)
"""What the model server is sent, and tells back."""
TOLD: Final = " | ".join(form for one in SENT for form in forms(one))
OWN: Final = {"sec-fetch-site": "same-origin"}
PLANTED: Final = ("shipskip.toml", ".env")
IN_BASE64: Final = tuple(
    b64encode(bytes(before) + LEAD.encode())[(8 * before + 5) // 6 : (8 * (before + 8)) // 6]
    for before in range(3)
)
TRACES: Final = re.compile(b".{0,80}(?:%s).{0,60}" % b"|".join((LEAD.encode(), *IN_BASE64)))


class Leaks:
    """What was looked through for traces of a secret, and those that were found."""

    def __init__(self) -> None:
        self.looked = 0
        self.found: list[tuple[str, bytes]] = []

    def look(self, name: object, content: str | bytes) -> None:
        """Look for a secret in a file, an answer or what was printed."""
        self.looked += 1
        data = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
        self.found += [(str(name), found[0]) for found in TRACES.finditer(data)]

    def look_at(self, ran: Ran, *command: object) -> Ran:
        """Look through what a command printed, and return it."""
        self.look(("stdout", *command), ran.out)
        self.look(("stderr", *command), ran.err)
        return ran


def settings(address: str, mail_port: int) -> str:
    """Return what is added to shipskip.toml: services at `address`, and secrets where they may be."""
    with_secrets = f"http://press:{WORD}@{address}/v1?key={QUERY}"
    listmonk = f'[digest.listmonk]\nurl = "http://{address}/listmonk/"\nlists = [1]\n'
    mail = settings_of(mail_port, more=listmonk).replace("port =", 'user = "press"\nport =')
    mail = mail.replace("[digest.listmonk]", "\n[digest.listmonk]")
    return f"""
[openai]
base_url = "{with_secrets}"
api = "chat"

[services.house]
title = "House models"
base_url = "http://{USER}@{address}/v1"
key_variable = "HOUSE_KEY"

[desk]
password_hash = "{hash_password(DESK_PASSWORD)}"
{mail}
"""


def reply(heard: Heard) -> Reply:
    """Return what tells the secrets back: in sound ballots of Quillbase, in faults of other tools."""
    if "listmonk" in heard.path:
        return Reply({"message": f"no rights: {heard.headers['authorization']}"}, status=403)
    if asked(heard) == "intake":
        return answer(CHAT, heard, FACTS.replace("It keeps notes.", TOLD.replace('"', "")))
    if b"Quillbase" in heard.body:
        said = sound(persona_of(heard)).model_dump(mode="json")
        said["best_for"], said["avoid_if"] = f"Those who hold {SENT[0]}.", SENT[2]
        said["prediction"]["claim"] = f"A plan of {SENT[3]} appears."
        return answer(CHAT, heard, json.dumps(said), model=SENT[1], id=SENT[4])
    told = {
        "builder": answer(CHAT, heard, f"I would rather not: {TOLD}"),
        "skeptic": Reply(CHAT.refusal(f"no {TOLD}")),
        "futurist": Reply({"error": {"message": TOLD, "code": SENT[0]}}, status=400),
    }
    return told.get(
        persona_of(heard).key, Reply({"error": TOLD}, status=422, headers={"x": SENT[0]})
    )


def test_s08_no_secret_is_in_anything_that_a_newsroom_leaves_behind(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    show: Show,
) -> None:
    take_keys(monkeypatch)
    shop, leaks = Shop(lay_out(tmp_path / "newsroom"), capsys, monkeypatch), Leaks()
    for name, secret in VARIABLES.items():
        monkeypatch.setenv(name, secret)
    (shop.root / ".env").write_text(f"OPENAI_API_KEY={IN_FILE}\n", "utf-8")
    with Desk(reply) as models, telling_mail_server() as mail_port:
        with (shop.root / "shipskip.toml").open("a", encoding="utf-8") as file:
            file.write(settings(models.address.removeprefix("http://"), mail_port))
        run_a_night(shop, leaks)
        run_a_morning(shop, leaks)
        asyncio.run(ask_as_a_chat_client(shop, leaks))
        read_every_page_of_the_desk(shop.root, leaks)
        fail_at_databases(shop, leaks)
    leaks.look("log", caplog.text)
    for path in tmp_path.rglob("*"):
        leaks.look(path.relative_to(tmp_path), str(path.name))
        if path.is_file() and not path.is_symlink() and path.name not in PLANTED:
            leaks.look(path.relative_to(tmp_path), path.read_bytes())
    show(
        f"S8: {CANARIES} canaries, {leaks.looked} files and answers, {len(leaks.found)} found; "
        f"{len(SENT)} of them told back by a server in {len(TOLD.split(' | '))} spellings"
    )
    assert leaks.looked > 300
    assert leaks.found == []


def run_a_night(shop: Shop, leaks: Leaks) -> None:
    """Run a batch of a good feed and of all whose addresses hold a secret."""
    good = write_feed(shop, [item("Quillbase"), item("Fernpost"), item("Rowboat")])
    models = ("--model", "openai:m", "--model", "house:m")
    ran = leaks.look_at(shop.shipskip("batch", good, *FEEDS, *models, "--jsonl", "-"), "batch")
    assert ran.code == 3, ran.err
    leaks.look_at(shop.shipskip("batch", "--dry-run", good, *FEEDS, *models), "batch", "--dry-run")
    leaks.look_at(shop.shipskip("feeds", "check", *FEEDS), "feeds", "check")
    for feed in FEEDS:
        leaks.look_at(shop.shipskip("review", feed, *models), "review", feed)


def run_a_morning(shop: Shop, leaks: Leaks) -> None:
    """Decide on the runs, and publish them on the site and in the mail."""
    sentences = [f"{persona.key}.take.4" for persona in persona_set().personas]
    read = (word for one in sentences for word in ("--read", one))
    assert leaks.look_at(shop.shipskip("approve", "quillbase", *read, *BY_ANNA)).code == 0
    approve(shop, "Inkwell", "Tidepool")
    assert shop.shipskip("withdraw", "tidepool", *BY_ANNA).code == 0
    commands = (
        ("site", "build"),
        ("site", "check"),
        ("digest", "check"),
        ("journal", "--jsonl"),
        ("waiting", "--json"),
        ("waiting", "quillbase"),
        ("runs", "list"),
        ("runs", "show", "quillbase"),
        ("replay",),
        ("doctor",),
        ("doctor", "--json"),
        ("cost",),
        ("audit",),
        ("watch", "check"),
        ("predictions", "list"),
        ("votes", "pull"),
        ("votes", "export"),
    )
    for command in commands:
        leaks.look_at(shop.shipskip(*command), *command)
    page = (shop.root / "public" / "tools" / "quillbase" / "index.html").read_text("utf-8")
    assert page.count("[key]") > 2, "what the server told back has to have come this far"
    week = leaks.look_at(shop.shipskip("digest", "build", "--json")).document["week"]
    subscribe(shop.root, "ann@example.org")
    shop.shipskip("digest", "approve", week, *BY_ANNA)
    for words in (("send", week), ("push", "listmonk", "--week", week)):
        ran = leaks.look_at(shop.shipskip("digest", *words), "digest", *words)
        assert "[key]" in ran.err, ran


async def ask_as_a_chat_client(shop: Shop, leaks: Leaks) -> None:
    """Ask for everything, and for a review that fails."""
    command, *rest = SHIPSKIP
    server = StdioServerParameters(
        command=command,
        args=[*rest, "mcp", "--root", str(shop.root)],
        env={**clean_environment(), **VARIABLES},
    )
    run = next(path.name for path in shop.runs if path.name.startswith("fernpost"))
    calls: tuple[tuple[str, dict[str, Any]], ...] = (
        ("queue", {}),
        ("search", {}),
        ("run", {"run": run}),
        ("compare", {"tools": ["quillbase", "inkwell"]}),
        *(("review", {"source": feed}) for feed in FEEDS),
    )
    async with Client(server, read_timeout_seconds=60) as client:
        for tool, arguments in calls:
            result = await client.call_tool(tool, arguments)
            leaks.look(("mcp", tool), result.model_dump_json())


def read_every_page_of_the_desk(root: Path, leaks: Leaks) -> None:
    """Read every page of the desk, and type what holds a secret into its form."""
    workspace = Workspace.open(root)
    runs = list(root.glob("runs/*/*/run.json"))
    with workspace.with_open_ledger() as opened:
        service = DeskService(opened, host="127.0.0.1", editor=EDITOR)
        paths = {
            route.path.format(day=run.parent.parent.name, run=run.parent.name, job="0" * 16)
            for route in service.routes()
            if "POST" not in (route.methods or ()) and not route.path.endswith("/events")
            for run in runs
        }
        with served(service.app()) as address, httpx2.Client(base_url=address) as client:
            for path in (*sorted(paths), "/compare?t=quillbase&t=inkwell"):
                leaks.look(("desk", path), client.get(path).text)
            token = re.search(r'name="token" value="([^"]+)"', client.get("/new").text)
            assert token is not None
            for feed in FEEDS:
                form = {"token": token[1], "name": "Typed", "text": "It sorts files."}
                answer = client.post("/new", data={**form, "url": feed}, headers=OWN)
                assert answer.status_code == 409
                # The form keeps what its editor typed, for this editor alone.
                leaks.look(("desk", "POST /new"), answer.text.replace(feed, ""))


def fail_at_databases(shop: Shop, leaks: Leaks) -> None:
    """Name databases that cannot be reached, or that are none."""
    for database in DATABASES:
        ran = shop.shipskip("waiting", env={"SHIPSKIP_DATABASE_URL": database})
        assert ran.code != 0
        leaks.look_at(ran, "waiting", DATABASES.index(database))
