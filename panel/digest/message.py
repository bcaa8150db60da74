"""The mail itself: the same letter and reader give the same bytes.

What all readers of one letter share is encoded once; for each reader only three headers and the part
about the reader are: 50,000 mails take seconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.quoprimime import body_encode
from email.utils import format_datetime, parseaddr
from hashlib import sha256
from html import escape
from typing import Final
from urllib.parse import urlsplit

from panel.digest.letter import READER, Letter
from panel.digest.plain_text import wrapped
from panel.domain.mailing import KEPT_H, Subscriber
from panel.publish.figures import long_date

# A wrapped List-Unsubscribe becomes an encoded word, which mail software does not read.
_UNFOLDED: Final = policy.SMTP.clone(max_line_length=998)
_BOUNDARY: Final = "=_shipskip"
_QUOTED: Final = "Content-Transfer-Encoding: quoted-printable\r\n\r\n"


@dataclass(frozen=True)
class Envelope:
    """Whom the mails of a week are from, when, and where the sign-up service is."""

    sender: str
    reply_to: str | None
    service: str
    at: datetime

    @property
    def domain(self) -> str:
        """The domain of the sender, which identifiers are made with."""
        return parseaddr(self.sender)[1].rpartition("@")[2]


class Mailer:
    """Makes the mails of one letter."""

    def __init__(self, letter: Letter, envelope: Envelope) -> None:
        self._letter = letter
        self._week = letter.issue.week
        self._envelope = envelope
        before, after = letter.html.split(f"{READER}\n")
        self._shared = _headers(letter, envelope)
        self._text = _part("plain") + _quoted(letter.text)
        self._between = f"--{_BOUNDARY}\r\n".encode() + _part("html") + _quoted(before)
        self._end = _quoted(after) + f"--{_BOUNDARY}--\r\n".encode()

    def make(self, reader: Subscriber) -> bytes:
        """Return the mail to one reader, as it goes over the wire."""
        leave = leave_link(self._envelope.service, reader.token)
        number = sha256(reader.token.encode()).hexdigest()[:24]
        own = {
            "To": reader.address,
            "Message-ID": f"<{self._week.lower()}.{number}@{self._envelope.domain}>",
            "List-Unsubscribe": f"<{leave}>",
        }
        return b"".join(
            (
                "".join(f"{name}: {_one_line(value)}\r\n" for name, value in own.items()).encode(
                    "ascii"
                ),
                self._shared,
                self._text,
                _quoted(_about_reader_text(reader, leave)),
                self._between,
                _quoted(_about_reader_html(reader, leave)),
                self._end,
            )
        )

    def html(self, reader: Subscriber) -> str:
        """Return the HTML of the mail to one reader."""
        leave = leave_link(self._envelope.service, reader.token)
        return self._letter.html.replace(f"{READER}\n", _about_reader_html(reader, leave))

    def text(self, reader: Subscriber) -> str:
        """Return the plain text of the mail to one reader."""
        leave = leave_link(self._envelope.service, reader.token)
        return self._letter.text + _about_reader_text(reader, leave)


class Mailers:
    """Makes the mails of an issue: one letter for all who chose the same categories."""

    def __init__(self, letter: Letter, envelope: Envelope) -> None:
        self._letter = letter
        self._envelope = envelope
        self._made: dict[tuple[str, ...] | None, Mailer] = {}

    def make(self, reader: Subscriber) -> bytes:
        """Return the mail to one reader, as it goes over the wire."""
        chosen = self._shown(reader)
        if chosen not in self._made:
            letter = replace(self._letter, categories=chosen)
            self._made[chosen] = Mailer(letter, self._envelope)
        return self._made[chosen].make(reader)

    def _shown(self, reader: Subscriber) -> tuple[str, ...] | None:
        """Return which categories of the issue a reader wants: there are few, whatever was chosen."""
        if not reader.categories:
            return None
        wanted = {name.casefold() for name in reader.categories}
        there = dict.fromkeys(one.category for one in self._letter.issue.verdicts)
        return tuple(name for name in there if name.casefold() in wanted)


def leave_link(service: str, token: str) -> str:
    """Return where a reader leaves the list: by a press there, or by a post of mail software."""
    return f"{service}/digest/leave?t={token}"


def confirmation_subject(title: str) -> str:
    """Return the line by which a mailbox shows the confirmation mail of the publication `title`."""
    return f"Confirm: the week at {title}"


def confirmation(address: str, token: str, envelope: Envelope, title: str, about: str) -> bytes:
    """Return the one mail that asks whether an address is to be on the list."""
    link = f"{envelope.service}/digest/confirm?t={token}"
    lines = [
        f"Somebody, most likely you, asked for the weekly mail of {title} to this address.",
        "",
        "Open this page and press the button:",
        link,
        "",
        f"Only then are you on the list. The button works for {KEPT_H} hours, once. If it was not you, "
        "do nothing: the address is deleted then, and no other mail comes.",
        "",
        "-- ",
        f"{title}: {about}",
    ]
    text = (
        "\n".join(line for one in lines for line in (wrapped(one) if one != "-- " else [one]))
        + "\n"
    )
    message = EmailMessage(policy=_UNFOLDED)
    _address(message, envelope)
    message["To"] = address
    message["Subject"] = confirmation_subject(title)
    message["Date"] = format_datetime(envelope.at)
    number = sha256(token.encode()).hexdigest()[:24]
    message["Message-ID"] = f"<confirm.{number}@{envelope.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text, cte="quoted-printable")
    return message.as_bytes()


def _headers(letter: Letter, envelope: Envelope) -> bytes:
    message = EmailMessage(policy=_UNFOLDED)
    _address(message, envelope)
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(envelope.at)
    message["List-Id"] = (
        f"{letter.issue.title} weekly <weekly.{urlsplit(letter.issue.url).hostname}>"
    )
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message["MIME-Version"] = "1.0"
    kind = f'Content-Type: multipart/alternative; boundary="{_BOUNDARY}"\r\n'
    return message.as_bytes().removesuffix(b"\r\n") + f"{kind}\r\n--{_BOUNDARY}\r\n".encode()


def _address(message: EmailMessage, envelope: Envelope) -> None:
    fields: Mapping[str, str | None] = {"From": envelope.sender, "Reply-To": envelope.reply_to}
    for name, value in fields.items():
        if value is not None:
            shown, address = parseaddr(value)
            message[name] = Address(display_name=shown, addr_spec=address)


def _part(kind: str) -> bytes:
    return f"Content-Type: text/{kind}; charset=utf-8\r\n{_QUOTED}".encode()


def _quoted(text: str) -> bytes:
    """Return whole lines as quoted-printable. Raises ValueError where the last line does not end."""
    if not text.endswith("\n"):
        raise ValueError("the last line does not end")
    raw = text.encode().decode("latin-1")
    return body_encode(raw, eol="\r\n").encode("ascii")


def _about_reader_text(reader: Subscriber, leave: str) -> str:
    said = f"You get this because {reader.address} confirmed it on {long_date(reader.confirmed)}."
    return "\n".join((*wrapped(said), "Leave with one press:", leave, ""))


def _about_reader_html(reader: Subscriber, leave: str) -> str:
    small = "margin:0 0 9px;font-family:Arial,Helvetica,sans-serif;font-size:13px;line-height:19px"
    said = f"{escape(reader.address)} confirmed it on {long_date(reader.confirmed)}."
    return (
        f'<p class="s m" style="{small};color:#5b564d">You get this because {said}</p>\n'
        f'<p class="s tx" style="{small}"><b><a href="{escape(leave)}" style="color:#1d1b18">'
        "Leave with one press</a></b></p>\n"
    )


def _one_line(value: str) -> str:
    """Return a header's value. Raises ValueError where it would begin another header."""
    if not value.isprintable():
        raise ValueError(f"{value!r} has a line break")
    return value
