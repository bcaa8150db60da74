"""The sign-up service over real sockets: nothing is stored before the press, and a GET never acts."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest

from panel.digest.addresses import read_address
from panel.providers.http_client import no_certificates
from panel.store.sql.subscribers import SubscriberStore
from tests.mails import AT, Mailbox, mail_server
from tests.ports import free_port
from tests.signups import SignUps, link_in, sign_ups

MIRA = "mira@example.org"
CATEGORIES = 'categories = ["Productivity", "Developer Tools"]\nsign_ups_a_day = 40'


@pytest.fixture(scope="module")
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as mailbox:
        yield mailbox


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, mailbox: Mailbox) -> Iterator[SignUps]:
    folder = tmp_path_factory.mktemp("sign-up")
    with sign_ups(folder, mailbox, port=free_port(), more=CATEGORIES, beside_votes=True) as service:
        yield service


@pytest.fixture
def reader(service: SignUps) -> Iterator[httpx2.Client]:
    with httpx2.Client(
        base_url=service.address,
        headers={"origin": service.address},
        verify=no_certificates(),
    ) as client:
        yield client


def sign_up(reader: httpx2.Client, address: str, **fields: str) -> httpx2.Response:
    return reader.post("/digest/sign-up", data={"address": address, **fields})


def test_the_form_of_the_site_may_stand_on_another_domain_and_no_other_page_may_post(
    service: SignUps,
) -> None:
    site = {"origin": "https://example.org", "sec-fetch-site": "cross-site"}
    for headers, status in (
        (site, 200),
        ({**site, "origin": "https://other.example"}, 403),
        ({**site, "origin": "null"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
    ):
        with httpx2.Client(
            base_url=service.address, headers=headers, verify=no_certificates()
        ) as client:
            assert sign_up(client, "elsewhere@example.org").status_code == status, headers


def test_only_the_press_puts_an_address_on_the_list_and_only_once(
    service: SignUps, mailbox: Mailbox, reader: httpx2.Client
) -> None:
    assert sign_up(reader, MIRA, category="Productivity").status_code == 200
    to, mail = mailbox.taken[-1]
    link = link_in(mail)
    assert to == MIRA
    assert MIRA not in service.readers
    for _ in range(2):  # mail software opens the link by itself
        assert reader.get(link).status_code == 200
    assert MIRA not in service.readers
    assert reader.post(link).status_code == 200
    assert reader.post(link).status_code == reader.get(link).status_code == 410
    with service.store() as store:
        (found,) = [one for one in store.subscribers() if one.address == MIRA]
    assert found.categories == ("Productivity",)
    known = sign_up(reader, MIRA).text
    new = sign_up(reader, "new1@example.org").text
    assert known.replace(MIRA, "X") == new.replace("new1@example.org", "X")


def test_a_press_after_48_hours_is_too_late(service: SignUps, reader: httpx2.Client) -> None:
    now = datetime.now(UTC)  # noqa: TID251 - the service's own clock
    with service.store() as store:
        late = store.sign_up("late@example.org", (), now - timedelta(hours=48, minutes=1))
        early = store.sign_up("early@example.org", (), now - timedelta(hours=47))
    assert reader.post(f"/digest/confirm?t={late}").status_code == 410
    assert reader.post(f"/digest/confirm?t={early}").status_code == 200
    assert "early@example.org" in service.readers
    assert "late@example.org" not in service.readers


def test_mail_software_leaves_with_a_bare_post_and_nothing_else_may(
    service: SignUps, reader: httpx2.Client
) -> None:
    with service.store() as store:
        pending = store.sign_up("leaver@example.org", (), datetime.now(UTC))  # noqa: TID251
        assert pending
        found = store.confirm(pending, datetime.now(UTC))  # noqa: TID251
    assert found
    bare = httpx2.Client(base_url=service.address, verify=no_certificates())
    leave = f"/digest/leave?t={found.token}"
    assert bare.get(leave).status_code == 200
    cut = bare.get(leave[:-1]), bare.post(leave[:-1])
    assert [one.status_code for one in cut] == [200, 200]
    assert all("This link is not known" in one.text for one in cut)
    assert "leaver@example.org" in service.readers
    for path in (
        "/digest/sign-up",
        f"/digest/confirm?t={pending}",
        "/digest/leave/",
        "/vote/relaymark",
    ):
        assert bare.post(path, data={"address": MIRA, "choice": "ship"}).status_code == 403
    left = bare.post(leave, data={"List-Unsubscribe": "One-Click"})
    assert (left.status_code, left.headers.get("set-cookie")) == (200, None)
    assert "leaver@example.org" not in service.readers
    assert bare.post("/digest/leave?t=unknown").status_code == 200
    assert bare.post(f"/digest/return?t={found.token}").status_code == 403
    assert reader.post(f"/digest/return?t={found.token}").status_code == 200
    assert "leaver@example.org" in service.readers
    bare.close()


def test_what_is_no_address_is_refused_and_one_address_gets_three_mails_at_most(
    service: SignUps, mailbox: Mailbox, reader: httpx2.Client
) -> None:
    before = len(mailbox.taken)
    for bad in ("mira", "a@b@c.org", "mira@example.org\r\nBcc: x@y.org", "ü@example.org", ""):
        assert sign_up(reader, bad).status_code == 400, bad
    assert reader.post("/digest/sign-up", json={"address": MIRA}).status_code == 415
    assert reader.post("/digest/sign-up", content=b"x" * 5000).status_code in (400, 413, 415)
    assert len(mailbox.taken) == before
    pages = {sign_up(reader, "often@example.org").text for _ in range(5)}
    assert len(pages) == 1
    assert mailbox.addresses.count("often@example.org") == 3
    gone = sign_up(reader, "nobody@example.org")
    assert gone.status_code == 503
    log = service.log.readline() + service.log.readline()
    assert "votes: pages have no form until [votes] address is set" in log
    assert "sign-up: no confirmation could be sent, so nobody was signed up. ADDRESS:" in log
    assert "nobody@" not in log
    with service.store() as store:
        assert store.counts()["waiting"] >= 1


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("mira+week@Example.ORG", "mira+week@example.org"),
        (" mira@bücher.example ", "mira@xn--bcher-kva.example"),
        ("mira@例え.テスト", "mira@xn--r8jz45g.xn--zckzah"),
        ("mira@example.org\n", None),
        ("Mira <mira@example.org>", None),
        ('"a b"@example.org', None),
        ("mira@[127.0.0.1]", None),
        ("m" * 250 + "@example.org", None),
    ],
)
def test_an_address_has_one_form(typed: str, stored: str | None) -> None:
    assert read_address(typed) == stored


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_the_list_is_the_same_in_both_databases(
    database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    address = tmp_path / "list.db"
    given = request.getfixturevalue("postgres_address") if database == "postgres" else address
    store = SubscriberStore.open(given)
    try:
        token = store.sign_up(MIRA, ("A",), AT)
        assert token is not None
        assert len(token) == 22
        assert store.waits(token, AT)
        first = store.confirm(token, AT)
        assert first is not None
        assert store.confirm(token, AT) is None
        again = store.sign_up(MIRA, (), AT)
        assert again is not None
        second = store.confirm(again, AT)
        assert second is not None
        assert (second.token, second.categories) == (first.token, ())
        assert store.claim("2026-W48", MIRA, AT)
        assert not store.claim("2026-W48", MIRA, AT + timedelta(seconds=1))
        assert store.reopen("2026-W48") == 1
        assert store.claim("2026-W48", MIRA, AT + timedelta(seconds=2))
        assert store.begin("2026-W48", "a" * 64, AT) == store.begin("2026-W48", "b" * 64, AT)
        store.leave(first.token, AT)
        assert not store.claim("2026-W49", MIRA, AT)
        assert not store.come_back(first.token, AT + timedelta(hours=49))
        assert store.sign_up("slow@example.org", (), AT) is not None
        assert store.clean_up(AT + timedelta(hours=49)) == 2
        assert store.forget(MIRA) == 1
        assert store.counts() == {"waiting": 0}
    finally:
        store.close()
