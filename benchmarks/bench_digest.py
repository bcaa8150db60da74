"""How long the mails of a week take: 50,000 made, and some handed over to a mail server on loopback.

python benchmarks/bench_digest.py [--readers 50000] [--sent 500]
"""

import argparse
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from panel.app.clock import SystemClock
from panel.digest.letter import Letter
from panel.digest.message import Envelope, Mailers
from panel.digest.sending import Sending
from panel.digest.smtp import SmtpServer, SmtpSession
from panel.domain.mailing import Subscriber
from panel.store.sql.subscribers import SubscriberStore
from tests.mails import mail_server, subscribe
from tests.unit.test_digest import an_issue
from tests.unit.test_site import four_tools

CATEGORIES = ((), ("Productivity",), ("Developer Tools",), ("Productivity", "Developer Tools"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readers", type=int, default=50_000)
    parser.add_argument("--sent", type=int, default=500)
    asked = parser.parse_args()
    issue = an_issue(four_tools())
    if issue is None:
        sys.exit("nothing happened in that week")
    letter = Letter(issue, "Anna")
    envelope = Envelope(
        "Ship/Skip <weekly@example.org>", None, "https://mail.example.org", SystemClock().now()
    )
    began, cpu = time.perf_counter(), time.process_time()
    mailers, size = Mailers(letter, envelope), 0
    for number in range(asked.readers):
        reader = Subscriber(
            address=f"reader{number}@example.org",
            token=f"{number:022}",
            categories=CATEGORIES[number % len(CATEGORIES)],
            confirmed=date(2026, 11, 6),
        )
        size += len(mailers.make(reader))
    took, used = time.perf_counter() - began, time.process_time() - cpu
    print(
        f"{asked.readers} mails made in {took:.1f} s ({used:.1f} s of CPU), "
        f"{size / asked.readers / 1000:.1f} kB each"
    )
    send(letter, envelope, asked.sent)


def send(letter: Letter, envelope: Envelope, readers: int) -> None:
    """Print how long so many mails take over loopback, their results on the disk."""
    with tempfile.TemporaryDirectory() as folder, mail_server() as mailbox:
        file = Path(folder) / "subscribers.db"
        subscribe(Path(folder), *(f"reader{number}@example.org" for number in range(readers)))
        store = SubscriberStore.open(file)
        server = SmtpServer("127.0.0.1", mailbox.port, "none", None, None, 10)
        session = SmtpSession(server, "weekly@example.org")
        sending = Sending(
            week=letter.issue.week,
            store=store,
            letter=letter,
            envelope=envelope,
            session=session,
            clock=SystemClock(),
            rate=1_000_000,
            wait=time.sleep,
        )
        began = time.perf_counter()
        report = sending.run(lambda _: None)
        took = time.perf_counter() - began
        session.close()
        store.close()
    print(f"{report.counts} over loopback: {readers / took:.0f} mails a second")


if __name__ == "__main__":
    main()
