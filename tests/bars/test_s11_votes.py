"""S11, votes: headers on every route, posts that are refused, and one row for one voter."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.bars.conftest import Show
from tests.postgres import Cluster
from tests.votes import LAX, SITE, RunningService, post_at_once, serving, voters_of

ROUTES = ("/vote/relaymark", "/vote/no-such", "/vote.css", "/votes.json", "/votes.csv", "/health")
HEADERS = (
    "content-security-policy",
    "x-content-type-options",
    "referrer-policy",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
    "permissions-policy",
    "strict-transport-security",
)
# What a page of another site, a script without a browser, or a page that renamed this host can send.
FOREIGN: tuple[dict[str, str], ...] = (
    {},
    {"origin": "null"},
    {"origin": "https://evil.example"},
    {"origin": f"{SITE}.evil.example"},
    {"origin": SITE, "sec-fetch-site": "cross-site"},
    {"origin": "https://evil.example", "sec-fetch-site": "same-site"},
    {"sec-fetch-site": "none"},
    {"origin": "http://rebound.example", "host": "rebound.example"},
)
BURST = "[votes.rules]\nvoters_in_burst = 3\nburst_s = 86400\nvoters_a_day = 5\n"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    root = tmp_path_factory.mktemp("votes")
    with serving(root, settings='address = "https://localhost"') as running:
        yield running


def test_every_route_has_every_header(service: RunningService, show: Show) -> None:
    with service.client() as client:
        answers = [client.get(route) for route in ROUTES]
        answers.append(client.post("/vote/relaymark", data={"choice": "ship"}))
        answers.append(client.post("/vote/relaymark", headers={"origin": "https://evil.example"}))
        answers.append(client.post("/vote/relaymark", data={"choice": "x" * 9000}))
    found = sum(name in answer.headers for answer in answers for name in HEADERS)
    show(f"S11 votes: {found} of {len(answers) * len(HEADERS)} headers on {len(answers)} answers")
    assert found == len(answers) * len(HEADERS)
    cookie = answers[-3].headers["set-cookie"]
    assert cookie.startswith("__Host-voter=")
    assert all(word in cookie for word in ("HttpOnly", "SameSite=Lax", "Secure", "Path=/"))


def test_no_foreign_post_is_counted(service: RunningService, show: Show) -> None:
    before = service.counts()
    refused = 0
    with httpx2.Client(base_url=service.address) as client:
        for headers in FOREIGN:
            for choice in ("ship", "skip", "none"):
                data = {"choice": choice}
                answer = client.post("/vote/relaymark", data=data, headers=headers)
                refused += answer.status_code in (400, 403)
        own = client.post("/vote/spoor", data={"choice": "none"}, headers={"origin": SITE})
        refused += own.status_code == 403  # without the token of the voter nothing is taken back
    show(f"S11 votes: {refused} of {len(FOREIGN) * 3 + 1} foreign or tokenless posts refused")
    assert refused == len(FOREIGN) * 3 + 1
    assert service.counts() == before


def test_200_votes_of_one_voter_are_one(tmp_path: Path, postgres: Cluster, show: Show) -> None:
    rows = {}
    with postgres.database() as address:
        for name, database in (("SQLite", None), ("Postgres", address)):
            with serving(tmp_path / name, database=database, rules=LAX) as service:
                with service.client() as reader:
                    reader.post("/vote/relaymark", data={"choice": "ship"})
                    cookies = dict(reader.cookies)
                asyncio.run(post_at_once(service.address, cookies, 200))
                rows[name] = service.counts()["relaymark"].votes
    show(f"S11 votes: rows after 200 parallel posts of one voter: {rows}")
    assert rows == {"SQLite": 1, "Postgres": 1}


def test_a_stuffed_ballot_box_shows_what_was_set_aside(tmp_path: Path, show: Show) -> None:
    with serving(tmp_path, rules=BURST) as service:
        with service.client() as reader:
            for n in range(60):
                voters_of(reader, 1, **{"x-forwarded-for": f"203.0.113.{n}"})
        count = service.counts()["relaymark"]
    show(f"S11 votes: of 60 votes without cookies and with forged addresses {count.votes} counted")
    assert (count.votes, count.aside) == (3, 57)
