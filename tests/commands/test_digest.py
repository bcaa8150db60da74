"""The weekly mail by the command line: built, approved, sent over real sockets, and gone on with."""

import email
import email.policy
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.commands.shop import Shop, interrupt, wait_until
from tests.commands.test_site import BY_ANNA, approve
from tests.mails import Mailbox, mail_server, results_of, settings_of, subscribe


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as mailbox:
        yield mailbox


def prepare(shop: Shop, mailbox: Mailbox, *addresses: str, more: str = "") -> str:
    """Return the week of a digest that was built and approved, and has these readers."""
    with (shop.root / "shipskip.toml").open("a", encoding="utf-8") as file:
        file.write(settings_of(mailbox.port, more=more))
    approve(shop, "Quillbase", "Rowboat")
    week: str = shop.shipskip("digest", "build", "--json").document["week"]
    done = shop.shipskip("digest", "approve", week, *BY_ANNA)
    assert done.code == 0, done.err
    subscribe(shop.root, *addresses)
    return week


def test_nothing_is_sent_that_no_editor_approved_as_it_is(shop: Shop, mailbox: Mailbox) -> None:
    with (shop.root / "shipskip.toml").open("a", encoding="utf-8") as file:
        file.write(settings_of(mailbox.port))
    nothing = shop.shipskip("digest", "build")
    assert nothing.code == 2
    assert "there is no mail" in nothing.fault
    approve(shop, "Quillbase")
    shop.shipskip("site", "build")
    foot = (shop.root / "public" / "index.html").read_text("utf-8").partition("<footer")[2]
    assert '<a href="https://mail.example.org/digest/">Weekly mail</a>' in foot
    built = shop.shipskip("digest", "build", "--json").document
    week, folder = built["week"], Path(built["folder"])
    assert "Not approved yet" in (folder / "digest.txt").read_text("utf-8")
    subscribe(shop.root, "mira@example.org")
    assert shop.shipskip("digest", "send", week).code == 7
    shop.shipskip("digest", "approve", week, *BY_ANNA)
    assert "Approved by Anna, editor." in (folder / "digest.txt").read_text("utf-8")
    first = {file.name: file.read_bytes() for file in folder.iterdir()}
    shop.shipskip("digest", "build")
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == first
    approve(shop, "Rowboat")
    assert "decided since" in shop.shipskip("digest", "send", week).fault
    shop.shipskip("digest", "build")
    assert shop.shipskip("digest", "send", week).code == 7
    assert mailbox.taken == []
    shop.shipskip("digest", "approve", week, *BY_ANNA)
    shop.shipskip("withdraw", "rowboat", *BY_ANNA)
    assert shop.shipskip("digest", "send", week).code == 2
    assert mailbox.taken == []
    assert shop.shipskip("journal", "--verify").code == 0


def test_each_reader_gets_it_once_and_each_answer_of_the_server_has_its_end(
    shop: Shop, mailbox: Mailbox
) -> None:
    readers = ("drop@example.org", "hang@example.org", "later@example.org", "mira+week@example.org")
    week = prepare(shop, mailbox, *readers, "nobody@example.org", "zoe@example.org")
    sent = shop.shipskip("digest", "send", week, "--json")
    assert sent.code == 3
    assert {"sent": 2, "unsure": 2, "deferred": 1, "refused": 1}.items() <= sent.document.items()
    assert mailbox.addresses == ["mira+week@example.org", "zoe@example.org"]
    states = results_of(shop.shipskip("digest", "export", "--results", week).out)
    assert states["drop@example.org"] == states["hang@example.org"] == "unsure"
    again = shop.shipskip("digest", "send", week, "--json").document
    assert again["deferred"] == 1
    assert again["earlier"] == 4
    assert mailbox.addresses == ["mira+week@example.org", "zoe@example.org"]
    assert mailbox.asked.count("nobody@example.org") == 1
    checked = shop.shipskip("digest", "check", "--json").document["addresses"]
    assert checked == {"active": 5, "dead": 1, "waiting": 0}
    assert shop.shipskip("digest", "forget", "zoe@example.org").out.endswith("forgotten\n")
    shop.shipskip("digest", "bounce", "mira+week@example.org")
    left = shop.shipskip("digest", "export").out
    assert "zoe" not in left
    settings = (shop.root / "shipskip.toml").read_text("utf-8")
    without_tls = settings.replace("https://mail.example.org", "http://mail.example.org")
    (shop.root / "shipskip.toml").write_text(without_tls, "utf-8")
    checked = shop.shipskip("digest", "check")
    assert checked.code == 2
    assert "fault   sign-up address: http://mail.example.org is not https;" in checked.out
    (shop.root / "shipskip.toml").write_text(settings.replace('"none"', '"starttls"'), "utf-8")
    assert "no session with the mail server" in shop.shipskip("digest", "send", week).fault
    assert "mira" not in left


def test_a_reader_whose_row_is_damaged_is_named_and_the_others_get_the_mail(
    shop: Shop, mailbox: Mailbox
) -> None:
    week = prepare(shop, mailbox, "ada@example.org", "mira@example.org", "zoe@example.org")
    with closing(sqlite3.connect(shop.root / "subscribers.db")) as file:
        file.execute("UPDATE subscribers SET categories = '[' WHERE address = 'mira@example.org'")
        file.execute("UPDATE subscribers SET changed = 'noon' WHERE address = 'zoe@example.org'")
        file.commit()
    sent = shop.shipskip("digest", "send", week)
    assert sent.code == 3
    assert mailbox.addresses == ["ada@example.org", "zoe@example.org"]
    assert "passed over mira@example.org: the row cannot be read" in sent.err
    listed = shop.shipskip("digest", "export")
    assert (listed.code, len(listed.out.splitlines())) == (3, 2)
    assert shop.shipskip("digest", "forget", "mira@example.org").out.endswith("forgotten\n")
    assert shop.shipskip("digest", "export").code == 0


def test_a_mailing_goes_on_with_its_own_text_only_and_with_no_tool_that_was_withdrawn(
    shop: Shop, mailbox: Mailbox
) -> None:
    week = prepare(shop, mailbox, "later@example.org")
    assert shop.shipskip("digest", "send", week).code == 3
    shop.shipskip("withdraw", "rowboat", *BY_ANNA)
    assert "rowboat: withdrawn since the approval" in shop.shipskip("digest", "send", week).fault
    shop.shipskip("digest", "build")
    shop.shipskip("digest", "approve", week, *BY_ANNA)
    assert "another text of this week already" in shop.shipskip("digest", "send", week).fault
    assert mailbox.asked == ["later@example.org"]


def test_the_delivered_mail_is_the_built_one_with_a_header_that_leaves_in_one_press(
    shop: Shop, mailbox: Mailbox
) -> None:
    week = prepare(shop, mailbox)
    (token,) = subscribe(shop.root, "mira@xn--bcher-kva.example")
    shop.shipskip("digest", "send", week)
    ((_, raw),) = mailbox.taken
    lines = raw.split(b"\r\n")
    assert (
        b"List-Unsubscribe: <https://mail.example.org/digest/leave?t=" + token.encode() + b">"
        in lines
    )
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in lines
    assert all(len(line) <= 998 for line in lines)
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    assert [part.defects for part in mail.walk()] == [[], [], []]
    html = mail.get_body(("html",)).get_content()  # type: ignore[union-attr]
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "<img" not in html
    assert "nobody here has run the tools" in html.replace("\n", " ")
    assert "mira@xn--bcher-kva.example confirmed it" in text.replace("\r\n", " ")
    assert all(len(line) <= 72 or "https://" in line for line in text.splitlines())


@pytest.mark.parametrize("name", ["policy", "relay", "away", "spam"])
def test_a_server_that_refuses_everybody_is_left_alone_and_nobody_is_marked_dead(
    shop: Shop, mailbox: Mailbox, name: str
) -> None:
    week = prepare(shop, mailbox, *(f"{name}{n}@example.org" for n in range(6)))
    stopped = shop.shipskip("digest", "send", week)
    assert stopped.code == 3
    assert len(set(mailbox.asked)) <= 3
    assert shop.shipskip("digest", "check", "--json").document["addresses"]["active"] == 6


def test_refused_addresses_are_given_up_once_another_is_accepted_and_hold_up_nobody(
    shop: Shop, mailbox: Mailbox
) -> None:
    dead = [f"nobody{n}@example.org" for n in range(5)]
    week = prepare(shop, mailbox, *dead[:2], "mira@example.org")
    sent = shop.shipskip("digest", "send", week, "--json")
    assert (sent.code, sent.document["refused"], sent.document["sent"]) == (0, 2, 1)
    subscribe(shop.root, *dead[2:], "zoe@example.org")
    assert "3 mails in a row were not taken" in shop.shipskip("digest", "send", week).err
    assert shop.shipskip("digest", "send", week, "--json").document["sent"] == 1
    assert mailbox.addresses == ["mira@example.org", "zoe@example.org"]
    checked = shop.shipskip("digest", "check", "--json").document["addresses"]
    assert (checked["active"], checked["dead"]) == (5, 2)


def test_a_mail_that_the_server_had_no_room_for_keeps_no_other_from_being_sent(
    shop: Shop, mailbox: Mailbox
) -> None:
    week = prepare(shop, mailbox, "ada@example.org", "full@example.org", "zoe@example.org")
    sent = shop.shipskip("digest", "send", week, "--json")
    assert (sent.document["sent"], sent.document["deferred"]) == (2, 1)
    assert mailbox.addresses == ["ada@example.org", "zoe@example.org"]


def test_a_reader_gets_the_mail_later_whose_server_went_before_it_was_handed_over(
    shop: Shop,
) -> None:
    readers = ("ada@example.org", "down@example.org")
    with mail_server() as mailbox:
        week = prepare(shop, mailbox, *readers)
        assert "no session with the mail server" in shop.shipskip("digest", "send", week).err
        assert mailbox.addresses == [readers[0]]
    states = results_of(shop.shipskip("digest", "export", "--results", week).out)
    assert states == {readers[0]: "sent", readers[1]: "deferred"}


def test_a_killed_send_goes_on_and_nobody_has_the_mail_twice(shop: Shop) -> None:
    first, last = ([f"{name}{n}@example.org" for n in range(8)] for name in ("ada", "reader"))
    held = "hang@example.org"
    with mail_server() as mailbox:
        week = prepare(shop, mailbox, *first, held, *last)
        with shop.start("digest", "send", week) as sending:
            wait_until(lambda: held in mailbox.handed_over, sending)
            assert interrupt(sending, signal.SIGKILL).code == -signal.SIGKILL
        assert mailbox.addresses == first
        shop.shipskip("digest", "send", week)
        assert mailbox.addresses == [*first, *last]
        states = results_of(shop.shipskip("digest", "export", "--results", week).out)
        assert [one for one, state in states.items() if state == "sending"] == [held]
