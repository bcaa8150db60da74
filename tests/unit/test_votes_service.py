"""The votes service over real sockets: who may vote, what is kept, and what is refused."""

import asyncio
import http.client
import json
import re
import signal
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import pytest

from panel.cli.main import run
from panel.domain.community import VoteCount
from panel.votes.voters import Voters
from tests.votes import (
    SECRET,
    SITE,
    TOOLS,
    RunningService,
    list_tools,
    post_at_once,
    serving,
    vote,
    voters_of,
    wait_for,
)
from tests.workspaces import WORKSPACE

pytestmark = pytest.mark.slow
BURST = """[votes.rules]
voters_in_burst = 3
burst_s = 86400 # by default a window ends every ten minutes, in the middle of a test now and then
voters_a_day = 5
posts_a_day = 40
"""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    with serving(tmp_path_factory.mktemp("votes")) as running:
        yield running


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """A service behind a proxy, whose rules set votes aside, of a site with a name of its own."""
    root, rules = tmp_path_factory.mktemp("limited"), f'{BURST}\n[site]\ntitle = "Tool Desk"\n'
    with serving(root, settings='proxies = ["127.0.0.1"]', rules=rules) as running:
        yield running


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> str | None:
    if request.param == "sqlite":
        return None
    return str(request.getfixturevalue("postgres_address"))


def count(service: RunningService, slug: str) -> VoteCount:
    return service.counts().get(slug, VoteCount())


def token_in(page: str) -> str:
    found = re.search(r'name="token" value="([0-9a-f]{64})"', page)
    assert found
    return found[1]


def test_a_reader_votes_changes_and_takes_it_back(service: RunningService) -> None:
    with service.client(follow_redirects=True) as reader:
        page = reader.post("/vote/spoor", data={"choice": "ship", "back": "/compare/a-vs-b/"})
        assert "Counted: you ship Spoor &amp; &lt;Sons&gt;" in page.text
        assert f'href="{SITE}/compare/a-vs-b/#vote"' in page.text
        assert count(service, "spoor") == VoteCount(ship=1)
        form = {"choice": "skip", "change": "1", "token": token_in(page.text)}
        assert "Changed: you skip Spoor" in reader.post("/vote/spoor", data=form).text
        assert count(service, "spoor") == VoteCount(skip=1)
        form["choice"] = "none"
        assert "Your vote is gone" in reader.post("/vote/spoor", data=form).text
        assert count(service, "spoor") == VoteCount()
        assert (
            "Your vote is gone" in reader.post("/vote/spoor", data=form).text
        )  # once more: the same


def test_a_tool_whose_address_is_not_latin_takes_votes(service: RunningService) -> None:
    with service.client(follow_redirects=True) as reader:
        page = reader.post("/vote/笔记", data={"choice": "ship", "other": "spoor"})
    assert "Counted: you ship 笔记" in page.text
    assert "Spoor &amp; &lt;Sons&gt;</bdi>" in page.text


def test_200_posts_of_one_voter_at_once_are_one_row(tmp_path: Path, database: str | None) -> None:
    with serving(tmp_path, database=database) as service:
        with service.client() as reader:
            assert vote(reader, "ship") == 303
            cookies = dict(reader.cookies)
        statuses = asyncio.run(post_at_once(service.address, cookies, 200))
        assert statuses == [303] * 200
        assert service.counts()["relaymark"].votes == 1


def test_no_acknowledged_vote_is_lost_to_a_kill_and_none_counts_twice(
    tmp_path: Path, database: str | None
) -> None:
    with serving(tmp_path, database=database) as service:
        acknowledged: list[str] = []
        sent = [0] * 4
        readers = [
            threading.Thread(target=_vote_until_gone, args=(service.address, acknowledged, sent, n))
            for n in range(4)
        ]
        for reader in readers:
            reader.start()
        wait_for(lambda: len(acknowledged) > 200)
        service.end(signal.SIGKILL)
        for reader in readers:
            reader.join(60)
        voters = Voters(SECRET.encode(), over_tls=False)
        known = [voters.recognise(cookie) for cookie in acknowledged]
        keys = {voter.key for voter in known if voter}
        assert len(keys) == len(acknowledged)
        with service.store() as store:
            assert all(store.find("relaymark", key) for key in keys)
        kept = service.counts()["relaymark"].votes
        assert len(keys) <= kept <= sum(sent)
        service.start()
        with service.client(cookies={"voter": acknowledged[-1]}) as again:
            assert vote(again, "skip") == 303
        assert service.counts()["relaymark"].votes == kept


def _vote_until_gone(address: str, acknowledged: list[str], sent: list[int], place: int) -> None:
    host, port = address.removeprefix("http://").split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=60)
    headers = {"origin": SITE, "content-type": "application/x-www-form-urlencoded"}
    while True:
        try:
            sent[place] += 1
            connection.request("POST", "/vote/relaymark", "choice=ship", headers)
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            return
        cookie = (answer.getheader("set-cookie") or "").partition(";")[0]
        acknowledged.append(cookie.removeprefix("voter="))


@pytest.mark.parametrize(
    ("path", "body", "headers", "status"),
    [
        ("relaymark", "choice=ship", {"origin": ""}, 403),
        ("relaymark", "choice=ship", {"origin": "https://evil.example"}, 403),
        ("relaymark", "choice=ship", {"origin": "null"}, 403),
        ("relaymark", "choice=ship", {"sec-fetch-site": "cross-site"}, 403),
        ("relaymark", "choice=ship", {"origin": "", "sec-fetch-site": "same-site"}, 403),
        ("relaymark", "choice=ship", {"origin": "", "sec-fetch-site": "none"}, 403),
        ("relaymark", "choice=ship", {"host": "rebound.example"}, 400),
        ("relaymark", "choice=ship", {"content-type": "application/json"}, 415),
        ("relaymark", "choice=ship", {"content-type": "text/plain"}, 415),
        ("relaymark", "choice=none", {}, 403),
        ("relaymark", "choice=ship&token=" + "0" * 64, {}, 403),
        ("relaymark", "choice=ship&choice=skip", {}, 400),
        ("relaymark", "choice=both", {}, 400),
        ("relaymark", "", {}, 400),
        ("relaymark", b"choice=ship&x=\xff", {}, 400),
        ("relaymark", "choice=ship" + "&a=1" * 40, {}, 400),
        ("relaymark", "choice=ship&pad=" + "x" * 5000, {}, 413),
        ("unknown", "choice=ship", {}, 404),
        ("gone", "choice=ship", {}, 410),
        ("..%2Frelaymark", "choice=ship", {}, 404),
    ],
)
def test_what_is_refused_changes_nothing(
    service: RunningService, path: str, body: str | bytes, headers: dict[str, str], status: int
) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}
    before = service.counts()
    with service.client(headers=form) as client:
        answer = client.post(f"/vote/{path}", content=body, headers=headers)
    assert answer.status_code == status
    assert "set-cookie" not in answer.headers
    assert service.counts() == before


def test_only_posts_count_as_refused_votes(service: RunningService) -> None:
    def refused(why: str) -> float:
        found = re.search(rf'votes_refused_total{{why="{why}"}} (\S+)', reader.get("/metrics").text)
        return float(found[1]) if found else 0.0

    with service.client() as reader:
        before = refused("unknown"), refused("form")
        assert reader.get("/vote/nowhere").status_code == 404
        assert (refused("unknown"), refused("form")) == before
        assert vote(reader, "ship", "nowhere") == 404
        assert vote(reader, "both") == 400
        assert (refused("unknown"), refused("form")) == (before[0] + 1, before[1] + 1)


def test_a_form_of_another_voter_is_refused(service: RunningService) -> None:
    with service.client(follow_redirects=True) as one, service.client() as other:
        token = token_in(one.post("/vote/spoor", data={"choice": "ship"}).text)
        assert vote(other, "skip", "spoor") == 303
        assert vote(other, "none", "spoor", token=token) == 403


def test_ten_megabytes_are_refused_without_being_read(service: RunningService) -> None:
    host, port = service.address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=60) as line:
        line.sendall(
            b"POST /vote/relaymark HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 10000000\r\n\r\n"
        )
        assert line.recv(64).startswith(b"HTTP/1.1 413")


def test_the_counts_are_pulled_from_a_service_elsewhere(
    service: RunningService, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with service.client() as reader:
        assert vote(reader, "ship") == 303
        public = reader.get("/votes.json").json()
    settings, file = f'[votes]\naddress = "{service.address}"\n', tmp_path / "shipskip.toml"
    file.write_text(settings, encoding="utf-8")
    pull = ["votes", "pull", "--from-service", "--root", str(tmp_path)]
    copytree(WORKSPACE / "personas", tmp_path / "personas")
    copytree(WORKSPACE / "prompts", tmp_path / "prompts")
    assert run(pull) == 0
    frozen = json.loads((tmp_path / "votes.json").read_text(encoding="utf-8"))
    assert frozen["tools"] == public["tools"]
    file.write_text("", encoding="utf-8")
    assert run(pull) == 2
    assert "[votes] address: it is missing" in capsys.readouterr().err


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_nothing_but_a_post_acts(service: RunningService, method: str) -> None:
    before = service.counts()
    with service.client() as client:
        answer = client.request(method, "/vote/relaymark?choice=ship&done=counted")
    assert answer.status_code == (200 if method in ("GET", "HEAD") else 405)
    assert "set-cookie" not in answer.headers
    assert "Counted" not in answer.text
    assert service.counts() == before


@pytest.mark.parametrize(
    "path",
    ["/vote/relaymark", "/vote.css", "/votes.json", "/votes.csv", "/health", "/no", "/metrics"],
)
def test_every_answer_has_the_headers(service: RunningService, path: str) -> None:
    with service.client() as client:
        answer = client.get(path)
    assert answer.status_code == (404 if path == "/no" else 200)
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "server" not in answer.headers


def test_a_link_leads_back_to_the_site_only(service: RunningService) -> None:
    with service.client() as client:
        for back in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x"):
            page = client.get("/vote/relaymark", params={"back": back}).text
            assert "evil" not in page
            assert "javascript" not in page
            data = {"choice": "ship", "back": back}
            assert "back=" not in client.post("/vote/relaymark", data=data).headers["location"]


def test_cookies_cleared_between_votes_are_set_aside_and_counted(limited: RunningService) -> None:
    with limited.client(headers={"x-forwarded-for": "203.0.113.1"}) as reader:
        voters_of(reader, 20)
        page = reader.get("/vote/relaymark").text
        metrics = reader.get("/metrics").text
    assert count(limited, "relaymark") == VoteCount(ship=3, set_aside={"burst": 17})
    assert "17 votes set aside: a burst from one network." in page
    assert "Your vote is kept but not in the figure" in page
    assert 'shipskip_votes_set_aside_total{rule="burst"} 17.0' in metrics


def test_a_network_is_refused_past_its_limit_and_says_so(limited: RunningService) -> None:
    with limited.client(headers={"x-forwarded-for": "203.0.113.2"}) as reader:
        voters_of(reader, 40, "spoor")
        answer = reader.post("/vote/spoor", data={"choice": "skip"})
    assert answer.status_code == 429
    assert "Not counted: too many from this network today" in answer.text


def test_a_forged_forwarded_address_is_believed_from_the_proxy_only(
    tmp_path: Path, limited: RunningService
) -> None:
    with serving(tmp_path, rules=BURST) as unproxied, unproxied.client() as reader:
        for n in range(12):
            voters_of(reader, 1, **{"x-forwarded-for": f"203.0.113.{n}"})
        assert count(unproxied, "relaymark").votes == 3
    with limited.client() as reader:
        for n in range(12):  # what the proxy appends stands last; the reader forged the rest
            voters_of(reader, 1, "笔记", **{"x-forwarded-for": f"198.51.100.{n}, 203.0.113.9"})
        assert count(limited, "笔记").votes == 3
        for n in range(12):
            voters_of(reader, 1, "笔记", **{"x-forwarded-for": f"192.0.2.{n}"})
    assert count(limited, "笔记").votes == 3 + 12


def test_the_list_of_tools_is_read_again_and_a_broken_one_is_told(service: RunningService) -> None:
    file = service.root / "public" / "data" / "tools.json"
    with service.client() as reader:
        assert vote(reader, "ship", "late") == 404
        list_tools(service.root, [*TOOLS, {"slug": "late", "name": "Late"}])
        wait_for(lambda: vote(reader, "ship", "late") == 303)
        file.write_text('{"v": 1, "tools": 3}', encoding="utf-8")
        wait_for(lambda: reader.get("/health").status_code == 503)
        told = {"status": "fault", "fault": "the list of tools cannot be read"}
        assert [reader.get("/health").json() for _ in range(3)] == [told] * 3
        assert vote(reader, "ship", "late") == 303  # the list that was read last holds
        list_tools(service.root, TOOLS)
        wait_for(lambda: reader.get("/health").status_code == 200)
        assert vote(reader, "ship", "late") == 404
    said = service.read_log()
    assert said.count("tools.json: no list of tools") == 1  # not once for each who asks
    assert "votes: the list of tools cannot be read" in said


def test_the_pages_have_the_name_of_their_site(limited: RunningService) -> None:
    with limited.client() as reader:
        for path in ("/vote/relaymark", "/vote/unknown"):
            page = reader.get(path).text
            assert " | Tool Desk</title>" in page
            assert "Ship/Skip" not in page


def test_a_vote_that_cannot_be_kept_is_not_acknowledged(tmp_path: Path) -> None:
    with serving(tmp_path) as service, service.client() as reader:
        with service.store() as store:
            store._database.write(lambda connection: connection.exec_driver_sql("DROP TABLE votes"))
        answer = reader.post("/vote/relaymark", data={"choice": "ship"})
        assert answer.status_code == 503
        assert "Not counted: the votes cannot be reached" in answer.text
        assert "set-cookie" not in answer.headers
        health = reader.get("/health")
        assert (health.status_code, health.json()["fault"]) == (503, "votes cannot be kept")
        assert service.end(signal.SIGTERM) in (0, -signal.SIGTERM)
