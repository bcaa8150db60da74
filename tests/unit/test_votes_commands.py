"""`shipskip votes` and the pages: counts are frozen, shown, exported and audited."""

import asyncio
import csv
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from panel.app.votes import read_community, vote_secret
from panel.app.workspace import Workspace
from panel.cli.main import cli, run
from panel.domain.community import Choice, Community, Rule, VoteCount, VoteSnapshot
from panel.domain.comparison import compare
from panel.errors import ConfigError, StoreError
from panel.publish.documents import run_document
from panel.publish.pages import Pages
from panel.store.sql.votes import VoteRequest, VoteStore
from tests.factories import a_run, a_tool
from tests.votes import list_tools
from tests.workspaces import lay_out

pytestmark = pytest.mark.no_cover

DAY = date(2026, 11, 29)
SERVICE = "https://votes.example"


@pytest.fixture(scope="module")
def pages() -> Pages:
    return Pages.load(fonts=False)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    laid = lay_out(tmp_path / "newsroom")
    with (laid / "shipskip.toml").open("a", encoding="utf-8") as file:
        file.write(f'\n[votes]\naddress = "{SERVICE}"\n')
    return laid


def cast_votes(root: Path, choice: Choice, number: int, rule: Rule | None = None) -> None:
    store = VoteStore.open(root / "votes.db")
    start = sum(count.votes + count.aside for count in store.count().values())

    async def write() -> None:
        async with asyncio.TaskGroup() as group:
            for n in range(start, start + number):
                change = VoteRequest("quillbase", b"%d" % n, choice, DAY, rule)
                group.create_task(store.write(change))

    asyncio.run(write())
    store.close()


def votes(root: Path, *arguments: str) -> Result:
    done = CliRunner().invoke(cli, ["votes", *arguments, "--root", str(root)])
    assert done.exception is None, done.output
    return done


def community(count: VoteCount | None = None, *, withdrawn: bool = False) -> Community:
    tools = {"quillbase": count} if count else {}
    return Community(
        service=SERVICE,
        snapshot=VoteSnapshot(taken=datetime(2026, 11, 29, tzinfo=UTC), tools=tools),
        withdrawn=frozenset({"quillbase"} if withdrawn else ()),
    )


def test_votes_are_frozen_for_the_pages_and_exported(root: Path) -> None:
    cast_votes(root, "ship", 30)
    cast_votes(root, "skip", 18)
    cast_votes(root, "ship", 3, "burst")
    assert "48 votes on 1 tool, 3 set aside: " in votes(root, "pull").output
    frozen = json.loads((root / "votes.json").read_text(encoding="utf-8"))
    assert frozen["tools"]["quillbase"] == {"ship": 30, "skip": 18, "set_aside": {"burst": 3}}
    assert json.loads(votes(root, "pull", "--json").output)["tools"] == frozen["tools"]
    rows = list(csv.DictReader(votes(root, "export").output.splitlines()))
    assert [(row["choice"], row["set_aside_by"], row["votes"]) for row in rows] == [
        ("ship", "", "30"),
        ("ship", "burst", "3"),
        ("skip", "", "18"),
    ]
    lines = votes(root, "export", "--jsonl").output.splitlines()
    assert sum(json.loads(line)["votes"] for line in lines) == 51
    shown = read_community(Workspace.open(root))
    assert shown is not None
    assert shown.count_of("quillbase").votes == 48


def test_the_audit_says_what_was_set_aside_why_and_what_it_would_change(root: Path) -> None:
    assert "0 counted, none set aside" in votes(root, "audit").output
    cast_votes(root, "skip", 5)
    cast_votes(root, "ship", 4, "burst")
    said = votes(root, "audit").output
    assert "2026-11-29  quillbase  4 ship  set aside: burst" in said
    assert "quillbase: 0 of 5 ship; with those set aside 4 of 9" in said
    assert "burst: more than 3 voters of one network on one tool within 10 minutes" in said
    document = json.loads(votes(root, "audit", "--json").output)
    assert document["set_aside"][0]["votes"] == 4
    assert document["counts"]["quillbase"]["skip"] == 5


@pytest.mark.parametrize(
    ("count", "wanted", "unwanted"),
    [
        (None, ["—", "no votes yet"], ["%</i></b><small>ship", "set aside"]),
        (VoteCount(ship=12, skip=7), ["—", "19 votes"], ["likely", "63"]),
        (VoteCount(ship=20), ["100<i>%</i>", "ship, 20 votes, likely 84 to 100"], ["—"]),
        (VoteCount(ship=30, skip=18), ["63<i>%</i>", "ship, 48 votes, likely 48 to 75"], ["—"]),
        (VoteCount(skip=1, set_aside={"burst": 9}), ["—", "1 vote", "9 set aside"], ["likely"]),
    ],
)
def test_a_page_shows_the_count_and_from_twenty_on_the_share(
    pages: Pages, count: VoteCount | None, wanted: list[str], unwanted: list[str]
) -> None:
    html = pages.render_tool(
        a_run(), community=community(count), canonical="https://site.example/tools/quillbase/"
    )
    cell = html.split('<td class="rd"')[1].split("</td>")[0]
    assert all(text in cell for text in wanted)
    assert not any(text in cell for text in unwanted)
    assert html.lower().count("no votes yet") == (count is None)
    assert f'<form action="{SERVICE}/vote/quillbase" method="post"' in html
    assert '<input type="hidden" name="back" value="/tools/quillbase/">' in html
    assert "Panel ship: 4 of 4" in html


def test_a_withdrawn_tool_keeps_its_figure_and_has_no_form(pages: Pages) -> None:
    html = pages.render_tool(
        a_run(), community=community(VoteCount(ship=30, skip=18), withdrawn=True)
    )
    assert "ship, 48 votes, likely 48 to 75" in html
    assert "voting is closed" in html
    assert "<form" not in html


def test_a_comparison_has_a_form_for_each_tool_that_leads_to_all(pages: Pages) -> None:
    html = pages.render_comparison(compare([a_run(), a_run(a_tool("Trio"))]), community=community())
    assert html.count("<form") == 2
    assert f'action="{SERVICE}/vote/trio"' in html
    assert '<input type="hidden" name="other" value="quillbase">' in html


def test_the_document_beside_a_page_has_the_same_figure() -> None:
    assert run_document(a_run())["community"] is None
    said = run_document(a_run(), community(VoteCount(ship=30, skip=18)))["community"]
    assert (said["share"], said["likely"], said["open"]) == (63, [48, 75], True)
    few = run_document(a_run(), community(VoteCount(ship=3), withdrawn=True))["community"]
    assert (few["share"], few["likely"], few["ship"], few["open"]) == (None, None, 3, False)


def test_without_an_address_no_page_asks_for_votes(tmp_path: Path) -> None:
    assert read_community(Workspace.open(lay_out(tmp_path / "newsroom"))) is None


def test_tools_that_the_site_withdrew_take_no_votes_on_the_pages(root: Path) -> None:
    assert read_community(Workspace.open(root)) == Community(service=SERVICE)
    list_tools(root, [{"slug": "a", "name": "A", "withdrawn": True}, {"slug": "b", "name": "B"}])
    found = read_community(Workspace.open(root))
    assert found is not None
    assert found.withdrawn == {"a"}


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"v": 1, "taken": "noon", "tools": {}}'])
def test_a_damaged_file_of_counts_is_named(root: Path, text: str) -> None:
    (root / "votes.json").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"votes\.json: no counts.*`shipskip votes pull`"):
        read_community(Workspace.open(root))


def test_the_secret_is_made_once_for_this_account_only(root: Path) -> None:
    workspace = Workspace.open(root)
    secret = vote_secret(workspace)
    assert vote_secret(workspace) == secret
    assert (root / "votes.key").stat().st_mode & 0o777 == 0o600
    (root / "votes.key").write_text("short")
    with pytest.raises(StoreError, match="too short for a secret"):
        vote_secret(workspace)


def test_services_that_begin_at_once_have_one_secret(root: Path) -> None:
    workspace = Workspace.open(root)
    for number in range(50):
        fresh = root / f"{number}"
        fresh.mkdir()
        with ThreadPoolExecutor(8) as threads:
            found = [threads.submit(vote_secret, replace(workspace, root=fresh)) for _ in range(8)]
            assert len({one.result() for one in found}) == 1
        assert [path.name for path in fresh.iterdir()] == ["votes.key"]


def test_a_service_without_a_list_of_tools_does_not_start(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["votes", "serve", "--port", "0", "--root", str(root)]) == 2
    assert "no list of tools is here. Build the site first" in capsys.readouterr().err


def test_a_sign_up_beside_the_votes_says_which_packages_it_lacks(
    root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    list_tools(root, [])
    with (root / "shipskip.toml").open("a", encoding="utf-8") as file:
        file.write(f'\n[digest]\naddress = "{SERVICE}"\n')
    for module in ("panel.signup.service", "panel.digest.addresses"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    monkeypatch.setitem(sys.modules, "email_validator", None)
    assert run(["votes", "serve", "--port", "0", "--root", str(root)]) == 2
    assert "pip install 'shipskip[desk,digest]'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('address = "votes.example"', "votes.address: write https://HOST"),
        ('site = "https://site.example/"', "votes.site: write https://HOST"),
        ('site = "http://["', "votes.site: write https://HOST"),
        ('site = "http://h:x"', "votes.site: write https://HOST"),
        ('[digest]\nsender = "A <a@bücher.example>"', "digest.sender: write the address in ASCII"),
        ('proxies = ["proxy"]', "votes.proxies.0: write an IP address"),
        ("[votes.rules]\nvoters_in_burst = 0", "votes.rules.voters_in_burst: write a number of 1"),
    ],
)
def test_a_setting_that_cannot_be_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str, said: str
) -> None:
    (tmp_path / "shipskip.toml").write_text(f"[votes]\n{line}\n", encoding="utf-8")
    assert run(["votes", "pull", "--root", str(tmp_path)]) == 2
    assert said in capsys.readouterr().err


def test_the_secret_does_not_stand_in_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "shipskip.toml").write_text('votes_secret = "x"\n', encoding="utf-8")
    assert run(["votes", "pull", "--root", str(tmp_path)]) == 2
    assert "Set SHIPSKIP_VOTES_SECRET instead" in capsys.readouterr().err
    (tmp_path / "shipskip.toml").write_text("", encoding="utf-8")
    monkeypatch.setenv("SHIPSKIP_VOTES_SECRET", "guess")
    assert run(["votes", "pull", "--root", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert "at least 32 random characters" in said
    assert "guess" not in said
