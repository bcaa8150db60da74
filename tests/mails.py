"""A mail server on loopback that takes mails, refuses them, hangs or hangs up; and readers."""

import asyncio
import json
import socketserver
import ssl
import threading
from base64 import b64decode
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from panel.store.sql.subscribers import SubscriberStore

AT = datetime(2026, 11, 25, 12, tzinfo=UTC)


@dataclass
class Mailbox:
    """What the server took, in order; how it answers goes by the name before the `@`."""

    taken: list[tuple[str, bytes]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    handed_over: list[str] = field(default_factory=list)
    came: threading.Event = field(default_factory=threading.Event)
    waits: asyncio.Event = field(default_factory=asyncio.Event)
    port: int = 0
    close: Callable[[], None] = field(default=lambda: None)

    @property
    def addresses(self) -> list[str]:
        """Who got a mail, in order."""
        return [address for address, _ in self.taken]

    async def handle_RCPT(  # noqa: N802 - its name in aiosmtpd
        self, server: SMTP, _: Session, envelope: Envelope, address: str, __: Sequence[str]
    ) -> str:
        """Answer the name of a reader."""
        self.asked.append(address)
        name = address.partition("@")[0]
        if name.startswith("later"):
            return "451 4.2.1 greylisted"
        if name.startswith("nobody"):
            return "550 5.1.1 no such mailbox"
        if name.startswith("policy"):
            return "550 5.7.1 relaying denied"
        if name.startswith("relay"):
            return "550 relay not permitted"
        if name.startswith("away"):
            _hang_up(server)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _: Session, envelope: Envelope) -> str:  # noqa: N802
        """Answer a mail."""
        (address,) = envelope.rcpt_tos
        self.handed_over.append(address)
        name = address.partition("@")[0]
        if name.startswith("hang"):
            await self.waits.wait()
        if name.startswith("drop"):
            _hang_up(server)
            return "250 OK"
        if name.startswith("spam"):
            return "554 5.6.0 the content is refused"
        self.taken.append((address, envelope.original_content or b""))
        self.came.set()
        return "250 OK"


class _FullServer(SMTP):
    """A server that has no room for the mail of some, and goes for good before it takes that of others.

    As Postfix does, it has the next mail wait for a reset after it refused to take one.
    """

    def __init__(self, mailbox: Mailbox, **options: Any) -> None:
        super().__init__(mailbox, **options)
        self._mailbox = mailbox

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - its name in aiosmtpd
        """Answer before a mail is handed over."""
        assert self.envelope is not None
        (address,) = self.envelope.rcpt_tos
        if address.startswith("full"):
            await self.push("452 4.3.1 insufficient system storage")
        elif address.startswith("down"):
            self._mailbox.close()
            _hang_up(self)
        else:
            await super().smtp_DATA(arg)


def _hang_up(server: SMTP) -> None:
    assert isinstance(server.transport, asyncio.WriteTransport)
    server.transport.abort()


def _log_in(_: SMTP, __: Session, ___: Envelope, ____: str, given: object) -> AuthResult:
    assert isinstance(given, LoginPassword)
    is_right = (given.login, given.password) == (b"press", b"black ink")
    return AuthResult(success=is_right, handled=False)


@contextmanager
def mail_server(
    tls: ssl.SSLContext | None = None,
    starttls: ssl.SSLContext | None = None,
) -> Iterator[Mailbox]:
    """Yield a mail server that runs on a port of its own.

    With `starttls` it takes nothing before the session is secured, and then only from `press` with
    the password `black ink`; with `tls` it speaks TLS from the first byte.
    """
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    mailbox = Mailbox()

    async def listen() -> asyncio.Server:
        return await loop.create_server(
            lambda: _FullServer(
                mailbox,
                hostname="mail.example",
                enable_SMTPUTF8=False,
                tls_context=starttls,
                require_starttls=starttls is not None,
                auth_required=starttls is not None,
                authenticator=_log_in,
            ),
            "127.0.0.1",
            0,
            ssl=tls,
        )

    async def end() -> None:
        mailbox.waits.set()
        server.close()
        tasks = asyncio.all_tasks(loop) - {asyncio.current_task(loop)}
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks or {asyncio.ensure_future(asyncio.sleep(0))}, timeout=30)

    server = asyncio.run_coroutine_threadsafe(listen(), loop).result(60)
    mailbox.close = server.close
    mailbox.port = server.sockets[0].getsockname()[1]
    try:
        yield mailbox
    finally:
        asyncio.run_coroutine_threadsafe(end(), loop).result(60)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


class _Telling(socketserver.StreamRequestHandler):
    """Refuses whoever logs in, and tells back all that it was told."""

    def handle(self) -> None:
        """Answer line by line."""
        self.wfile.write(b"220 mail.example\r\n")
        while line := self.rfile.readline(1000).strip():
            given = line.split()[-1]
            if line.upper().startswith(b"EHLO"):
                self.wfile.write(b"250-mail.example\r\n250 AUTH PLAIN\r\n")
            elif line.upper().startswith(b"AUTH"):
                told = b64decode(given).replace(b"\0", b" ")
                self.wfile.write(b"535 5.7.8 refused: %b (%b)\r\n" % (told, given))
            else:
                self.wfile.write(b"221 bye\r\n")


@contextmanager
def telling_mail_server() -> Iterator[int]:
    """Yield the port of a mail server that refuses a password and tells it back in two spellings."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Telling) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def settings_of(port: int, address: str = "https://mail.example.org", more: str = "") -> str:
    """Return the tables of shipskip.toml for a digest that goes to that port."""
    return f"""
[site]
base_url = "https://example.org/"

[digest]
address = "{address}"
sender = "Ship/Skip <weekly@example.org>"
postal = "1 Specimen Street, Example Town"
rate = 5000
{more}

[digest.smtp]
host = "127.0.0.1"
port = {port}
security = "none"
timeout_s = 1.5
"""


def subscribe(root: Path | str, *addresses: str, categories: tuple[str, ...] = ()) -> list[str]:
    """Put addresses on the list, as readers do; return the tokens with which they leave."""
    store = SubscriberStore.open(root if isinstance(root, str) else root / "subscribers.db")
    tokens = []
    try:
        for address in addresses:
            token = store.sign_up(address, categories, AT)
            assert token is not None
            reader = store.confirm(token, AT)
            assert reader is not None
            tokens.append(reader.token)
    finally:
        store.close()
    return tokens


def results_of(lines: str) -> dict[str, Any]:
    """Return the states by address that `digest export --results` printed."""
    return {one["address"]: one["state"] for one in map(json.loads, lines.splitlines())}
