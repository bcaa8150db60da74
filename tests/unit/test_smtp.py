"""Sessions with a mail server that are secured: STARTTLS, TLS from the first byte, and neither."""

import shutil
import ssl
import subprocess
from pathlib import Path
from typing import Literal

import pytest

from panel.digest.smtp import SmtpServer, SmtpSession
from panel.errors import MailError
from tests.mails import mail_server, telling_mail_server

MAIL = b"Subject: The week\r\n\r\nOne verdict.\r\n"


def a_server(
    port: int, security: Literal["starttls", "tls", "none"], password: str | None = None
) -> SmtpServer:
    user = "press" if password else None
    return SmtpServer("127.0.0.1", port, security, user, password, 5.0)


def send(server: SmtpServer) -> str:
    session = SmtpSession(server, "weekly@example.org")
    try:
        delivery = session.send("ann@example.net", MAIL, lambda: True)
        assert delivery is not None
        return delivery.state
    finally:
        session.close()


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ssl.SSLContext]:
    """Return a certificate of 127.0.0.1 that vouches for itself, and what a server needs to show it."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl to make a certificate with")
    folder = tmp_path_factory.mktemp("tls")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    made = (
        f"req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -keyout {key}"
    )
    named = f"-out {certificate} -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1"
    subprocess.run([openssl, *made.split(), *named.split()], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return certificate, context


def test_a_mail_goes_over_a_session_that_was_secured_before_the_password(
    certified: tuple[Path, ssl.SSLContext], monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, context = certified
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with mail_server(starttls=context) as mailbox:
        assert send(a_server(mailbox.port, "starttls", "black ink")) == "sent"
        with pytest.raises(MailError, match="535"):
            send(a_server(mailbox.port, "starttls", "red ink"))
        assert mailbox.taken == [("ann@example.net", MAIL)]


def test_a_mail_goes_over_tls_from_the_first_byte(
    certified: tuple[Path, ssl.SSLContext], monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, context = certified
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with mail_server(tls=context) as mailbox:
        assert send(a_server(mailbox.port, "tls")) == "sent"
        assert mailbox.addresses == ["ann@example.net"]


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_that_nobody_vouches_for_ends_the_session_before_any_mail(
    certified: tuple[Path, ssl.SSLContext], security: Literal["starttls", "tls"]
) -> None:
    _, context = certified
    tls, starttls = (context, None) if security == "tls" else (None, context)
    with mail_server(tls=tls, starttls=starttls) as mailbox:
        with pytest.raises(MailError, match="CERTIFICATE_VERIFY_FAILED"):
            send(a_server(mailbox.port, security, "black ink"))
        assert mailbox.asked == []


def test_a_server_that_does_not_offer_starttls_gets_no_password_and_no_mail() -> None:
    with mail_server() as mailbox:
        with pytest.raises(MailError, match="STARTTLS"):
            send(a_server(mailbox.port, "starttls", "black ink"))
        assert mailbox.asked == []


def test_a_password_that_cannot_be_sent_is_a_fault_of_the_settings(
    certified: tuple[Path, ssl.SSLContext], monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, context = certified
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with mail_server(starttls=context) as mailbox:
        with pytest.raises(MailError, match="SHIPSKIP_SMTP_PASSWORD"):
            send(a_server(mailbox.port, "starttls", "tinte, röt"))
        assert mailbox.taken == []


def test_a_password_that_the_server_tells_back_is_in_no_message() -> None:
    password = "a-password-0123-of-no-words"  # noqa: S105 - of a server that is here
    with telling_mail_server() as port, pytest.raises(MailError) as caught:
        send(a_server(port, "none", password))
    assert "refused: press [key] (" in str(caught.value)
    assert str(caught.value).count("[key]") == 2
    assert password not in str(caught.value)
