"""A sign-up service that runs as its own process, alone or beside the votes, and its mails."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import IO

from panel.store.sql.subscribers import SubscriberStore
from tests.mails import Mailbox, settings_of
from tests.votes import list_tools
from tests.workspaces import lay_out


class SignUps:
    """A running service with its workspace."""

    def __init__(self, root: Path, address: str, log: IO[str]) -> None:
        self.root = root
        self.address = address
        self.log = log

    @contextmanager
    def store(self) -> Iterator[SubscriberStore]:
        """Yield the list, opened beside the service."""
        store = SubscriberStore.open(self.root / "subscribers.db")
        try:
            yield store
        finally:
            store.close()

    @property
    def readers(self) -> list[str]:
        """Who is on the list."""
        with self.store() as store:
            return [one.address for one in store.subscribers()]


@contextmanager
def sign_ups(
    root: Path, mailbox: Mailbox, *, port: int, more: str = "", beside_votes: bool = False
) -> Iterator[SignUps]:
    """Yield a sign-up service at that port; its mails go to `mailbox`."""
    root = lay_out(root / "newsroom")
    address = f"http://127.0.0.1:{port}"
    with (root / "shipskip.toml").open("a", encoding="utf-8") as file:
        file.write(settings_of(mailbox.port, address, more))
    list_tools(root, [{"slug": "relaymark", "name": "Relaymark"}])
    command = ["votes" if beside_votes else "digest", "serve", "--port", str(port)]
    process = subprocess.Popen(
        [sys.executable, "-m", "panel.cli.main", *command, "--root", str(root)],
        env=dict(os.environ),  # noqa: TID251 - a child's environment
        text=True,
        stderr=subprocess.PIPE,
    )
    assert process.stderr is not None
    try:
        said = process.stderr.readline()
        assert "http://" in said, said + process.stderr.read()
        yield SignUps(root, address, process.stderr)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
        process.stderr.close()


def link_in(mail: bytes) -> str:
    """Return the link of a confirmation mail, as a reader sees it."""
    body = message_from_bytes(mail, policy=default).get_body(("plain",))
    assert body is not None
    (link,) = re.findall(r"http://\S+", body.get_content())[:1]
    return str(link)
