"""A connection to the mail server: one mail after the other, and what became of each."""

import re
import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from panel.domain.mailing import Delivery, DeliveryState
from panel.errors import MailError
from panel.providers.key_redaction import KnownKeys

_DOTS: Final = re.compile(rb"(?m)^\.")
_GO_ON, _CLOSING = 354, 421
BROKEN: Final = "the connection broke"
_TRANSIENT, _PERMANENT = 400, 500
_LONGEST_ANSWER: Final = 200
_POLICY: Final = re.compile(r"5\.7\.\d")
_NOT_ALLOWED: Final = (530, 534, 535)


@dataclass(frozen=True)
class SmtpServer:
    """Where a mail server is and how it is spoken to; `password` comes from the environment."""

    host: str
    port: int
    security: Literal["starttls", "tls", "none"]
    user: str | None
    password: str | None
    timeout_s: float

    @property
    def name(self) -> str:
        """What the server is called in messages."""
        return f"{self.host}:{self.port}"


class _Broken(Exception):
    """The session broke; what is handed over may have arrived."""

    def __init__(self, why: str, *, is_handed_over: bool) -> None:
        super().__init__(why)
        self.is_handed_over = is_handed_over


class _Once:
    """A claim that is asked for once, however often a mail is tried."""

    def __init__(self, claim: Callable[[], bool]) -> None:
        self._claim = claim
        self._answer: bool | None = None

    def __call__(self) -> bool:
        if self._answer is None:
            self._answer = self._claim()
        return self._answer


class SmtpSession:
    """A session with a mail server; closed by `close`, opened again by the next `send` where it broke.

    Raises MailError where no session can be had, or the server takes no mail of this sender at all.
    """

    def __init__(self, server: SmtpServer, sender: str) -> None:
        self._server = server
        self._sender = sender
        self._keys = KnownKeys([server.password or ""])
        self._smtp: smtplib.SMTP | None = None

    def open(self) -> smtplib.SMTP:
        """Return a connection that is secured and logged in. Raises MailError."""
        if self._smtp is None:
            self._smtp = self._connect()
        return self._smtp

    def close(self) -> None:
        """End the session, politely where that is still possible."""
        smtp, self._smtp = self._smtp, None
        if smtp is None:
            return
        try:
            smtp.quit()
        except (smtplib.SMTPException, OSError):
            smtp.close()

    def send(self, address: str, mail: bytes, claim: Callable[[], bool]) -> Delivery | None:
        """Return what became of a mail; None where `claim` says that another process sends it.

        `claim` is called after the server has accepted the address and before it gets the mail. A
        server that refuses the address gives `refused`, one that asks to wait `deferred`, one that
        goes silent or away once it has the mail `unsure`.
        """
        claims = _Once(claim)
        is_old = self._smtp is not None
        try:
            return self._try(address, mail, claims)
        except _Broken as error:
            if is_old and not error.is_handed_over:  # many servers end a session after some mails
                try:
                    return self._try(address, mail, claims)
                except _Broken as again:
                    error = again
            state: DeliveryState = "unsure" if error.is_handed_over else "deferred"
            return Delivery(state=state, answer=self._without_key(f"{BROKEN}: {error}"))

    def _try(self, address: str, mail: bytes, claim: Callable[[], bool]) -> Delivery | None:
        smtp = self.open()
        is_handed_over = False
        try:
            if (fault := self._announce(smtp, address)) is not None:
                return fault
            if not claim():
                smtp.rset()
                return None
            code, said = smtp.docmd("DATA")
            if code == _GO_ON:
                is_handed_over = True
                smtp.send(_DOTS.sub(b"..", mail) + b".\r\n")
                code, said = smtp.getreply()
            else:
                smtp.rset()  # else the server may answer the next mail with "nested MAIL"
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            raise _Broken(str(error), is_handed_over=is_handed_over) from error
        return self._judge(code, said)

    def _announce(self, smtp: smtplib.SMTP, address: str) -> Delivery | None:
        """Name sender and address; return what became of the mail where the server wants none."""
        code, said = smtp.mail(self._sender)
        if code == _CLOSING:
            raise smtplib.SMTPServerDisconnected(self._answer(code, said))
        if code >= _TRANSIENT:
            smtp.rset()
            raise MailError(
                f"{self._server.name}: it takes no mail from {self._sender} "
                f"({self._answer(code, said)}). Check [digest] sender and [digest.smtp]; "
                "what was sent stays written down."
            )
        code, said = smtp.rcpt(address)
        if code < _TRANSIENT:
            return None
        smtp.rset()
        if code in _NOT_ALLOWED or _POLICY.match(said.decode("utf-8", "replace")):
            raise MailError(
                f"{self._server.name}: it does not send for us ({self._answer(code, said)}). "
                "Check user and password of [digest.smtp]; what was sent stays written down."
            )
        return self._judge(code, said)

    def _connect(self) -> smtplib.SMTP:
        server = self._server
        smtp: smtplib.SMTP | None = None
        try:
            if server.security == "tls":
                smtp = smtplib.SMTP_SSL(
                    server.host,
                    server.port,
                    timeout=server.timeout_s,
                    context=ssl.create_default_context(),
                )
            else:
                smtp = smtplib.SMTP(server.host, server.port, timeout=server.timeout_s)
            if server.security == "starttls":
                smtp.starttls(context=ssl.create_default_context())
            smtp.ehlo_or_helo_if_needed()
            if server.user is not None:
                smtp.login(server.user, server.password or "")
        except (smtplib.SMTPException, OSError, UnicodeError) as error:
            # UnicodeError: a label of the host that is too long, a password outside ASCII
            if smtp is not None:
                smtp.close()
            raise MailError(
                f"{server.name}: no session with the mail server ({self._without_key(str(error))}). "
                "Check [digest.smtp]: host, port, security, user, and SHIPSKIP_SMTP_PASSWORD."
            ) from error
        return smtp

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
            self._smtp = None

    def _judge(self, code: int, said: bytes) -> Delivery:
        answer = self._answer(code, said)
        if code < _TRANSIENT:
            return Delivery(state="sent", answer=answer)
        return Delivery(state="refused" if code >= _PERMANENT else "deferred", answer=answer)

    def _answer(self, code: int, said: bytes) -> str:
        return self._without_key(f"{code} {said.decode('utf-8', 'replace')}")

    def _without_key(self, text: str) -> str:
        """Return what a server said on one line, without the password that it was given."""
        return " ".join(self._keys.scrub(text).split())[:_LONGEST_ANSWER]
