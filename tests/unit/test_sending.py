"""The sending of a week's mail by two processes at once: what one has written the other leaves."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from panel.app.clock import SystemClock
from panel.digest.issue import Issue
from panel.digest.letter import Letter
from panel.digest.message import Envelope
from panel.digest.sending import Sending, SendReport
from panel.digest.smtp import SmtpServer, SmtpSession
from panel.domain.mailing import Delivery
from panel.store.sql.subscribers import SubscriberStore
from tests.mails import AT, Mailbox, mail_server, subscribe

WEEK = "2026-W48"
ISSUE = Issue(
    week=WEEK, title="Shipskip", url="https://example.org/", newest=AT, slugs=(), headline="A verdict",
    lead=None, more=(), verdicts=(), is_week=True, changed=(), due=None,
)  # fmt: skip
ENVELOPE = Envelope("weekly@example.org", None, "https://mail.example.org", AT)


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as mailbox:
        yield mailbox


def send(mailbox: Mailbox, store: SubscriberStore, wait: Callable[[float], object]) -> SendReport:
    server = SmtpServer("127.0.0.1", mailbox.port, "none", None, None, 5.0)
    session = SmtpSession(server, ENVELOPE.sender)
    try:
        sending = Sending(
            WEEK, store, Letter(ISSUE), ENVELOPE, session, SystemClock(), rate=5000, wait=wait
        )
        return sending.run(lambda _: None)
    finally:
        session.close()


@pytest.mark.parametrize(
    ("first", "others"),
    [("nobody", ["zoe"]), ("nobody", ["nobody2"]), ("later", ["zoe"])],
    ids=["given up", "put off", "asked to wait"],
)
def test_a_mail_that_another_process_sent_meanwhile_stays_sent(
    tmp_path: Path, mailbox: Mailbox, first: str, others: list[str]
) -> None:
    address, *more = (f"{name}@example.org" for name in (first, *others))
    subscribe(tmp_path, address, *more)
    store, other = (SubscriberStore.open(tmp_path / "subscribers.db") for _ in range(2))
    waits = 0

    def let_the_other_send(_: float) -> None:
        nonlocal waits
        waits += 1
        if waits == (1 if first == "later" else 2):
            assert other.claim(WEEK, address, AT)
            other.settle(WEEK, address, Delivery(state="sent"), AT + timedelta(seconds=1))

    report = send(mailbox, store, let_the_other_send)
    assert store.deliveries(WEEK)[address] == "sent"
    assert address in {one.address for one in store.subscribers()}
    assert (report.earlier, sum(report.counts.values())) == (1, 1)
    store.close()
    other.close()


def test_after_three_refused_addresses_the_fault_names_where_they_are_listed(
    tmp_path: Path, mailbox: Mailbox
) -> None:
    subscribe(tmp_path, "ann@example.org", *(f"nobody{n}@example.org" for n in range(4)))
    store = SubscriberStore.open(tmp_path / "subscribers.db")
    report = send(mailbox, store, lambda _: None)
    assert f"`shipskip digest export --results {WEEK}` lists" in str(report.fault)
    assert report.counts == {"sent": 1, "deferred": 3}
    store.close()
