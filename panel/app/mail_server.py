"""The mail server of the settings: what sending needs, what is missing, and the mail that confirms."""

from dataclasses import dataclass
from email.utils import parseaddr

from panel.app.workspace import Workspace
from panel.digest.message import Envelope, confirmation
from panel.digest.smtp import SmtpServer, SmtpSession
from panel.errors import ConfigError, MailError


@dataclass(frozen=True)
class Check:
    """One thing that sending needs: there, missing, or (None) not to be seen from here."""

    name: str
    is_there: bool | None
    text: str


def check_digest(workspace: Workspace) -> list[Check]:
    """Return what a sender has to have, each with whether it is there. Nothing is sent."""
    settings = workspace.settings.digest
    fault, address = _mail_fault(workspace), settings.address or ""
    checks = [
        Check("sender", settings.sender is not None, settings.sender or "set [digest] sender"),
        Check(
            "sign-up address",
            address.startswith("https://"),
            address if address.startswith("https://") else _without_https(address),
        ),
        Check(
            "postal address", settings.postal is not None, settings.postal or "set [digest] postal"
        ),
        Check("mail server", fault is None, fault or smtp_server(workspace).name),
    ]
    domain = sender_address(settings.sender or "").rpartition("@")[2] or "the sender's domain"
    checks.append(
        Check(
            "DKIM, SPF, DMARC",
            None,
            f"not seen from here: {domain} and the mail server have them or not. Send a mail to an "
            "address of your own, and look in its source for `dkim=pass`; large providers show the "
            "button to leave only then.",
        )
    )
    return checks


def _without_https(address: str) -> str:
    why = "mail software takes nobody off the list by another link"
    return f"{address} is not https; {why}" if address else f"set [digest] address: https, as {why}"


def _mail_fault(workspace: Workspace) -> str | None:
    """Return why no session with the mail server can be had, None where one can."""
    session = smtp_session(workspace, workspace.settings.digest.sender or "")
    try:
        session.open()
    except MailError as error:
        return str(error)
    finally:
        session.close()
    return None


def send_confirmation(workspace: Workspace, address: str, token: str) -> None:
    """Send the one mail that asks a reader to confirm. Raises ConfigError and MailError."""
    site = workspace.settings.site
    envelope = envelope_now(workspace)
    mail = confirmation(address, token, envelope, site.title, site.base_url)
    session = smtp_session(workspace, envelope.sender)
    try:
        delivery = session.send(address, mail, lambda: True)
    finally:
        session.close()
    if delivery is None or delivery.state not in ("sent", "unsure"):
        said = delivery.answer if delivery else "nothing"
        raise MailError(f"{address}: the confirmation was not taken ({said}). Try again later.")


def envelope_now(workspace: Workspace) -> Envelope:
    """Return whom a mail of this moment is from. Raises ConfigError where a setting is missing."""
    settings = workspace.settings.digest
    if settings.address is None:
        raise ConfigError(
            "[digest] address: it is missing; set it to where readers reach the sign-up service, "
            "which takes them off the list too."
        )
    if settings.sender is None:
        raise ConfigError("[digest] sender: it is missing; set it to NAME <ADDRESS>.")
    at = workspace.clock.now().replace(microsecond=0)
    return Envelope(settings.sender, settings.reply_to, settings.address, at)


def smtp_session(workspace: Workspace, sender: str) -> SmtpSession:
    """Return a session with the mail server of the settings, still to be opened, for a `sender`."""
    return SmtpSession(smtp_server(workspace), sender_address(sender))


def smtp_server(workspace: Workspace) -> SmtpServer:
    """Return the mail server of the settings, with its password from the environment."""
    smtp = workspace.settings.digest.smtp
    return SmtpServer(
        host=smtp.host,
        port=smtp.port,
        security=smtp.security,
        user=smtp.user,
        password=workspace.settings.mail_keys.get("smtp"),
        timeout_s=smtp.timeout_s,
    )


def sender_address(sender: str) -> str:
    """Return the address of `Ship/Skip <weekly@example.org>`."""
    return parseaddr(sender)[1]
