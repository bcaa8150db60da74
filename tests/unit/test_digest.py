"""The weekly mail: chosen by rule, the same bytes twice, and nothing of others is markup in it."""

import email
import email.policy
import json
import re
import threading
import unicodedata
from collections.abc import Iterator
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser

from panel.digest.drafts import push_to_buttondown, push_to_listmonk
from panel.digest.issue import Issue, issue_of
from panel.digest.letter import Letter
from panel.digest.message import Envelope, Mailer, Mailers
from panel.domain.ballot import DatedClaim
from panel.domain.mailing import Subscriber, Week
from panel.domain.prediction import ClaimOutcome, Prediction
from panel.errors import MailError
from panel.publish.published import PublishedTool
from tests.decisions import a_decision
from tests.factories import a_ballot, a_panel, a_run, a_scorecard, a_tool
from tests.unit.test_predictions import AT, a_claim
from tests.unit.test_predictions import resolved as looked_up
from tests.unit.test_site import HOSTILE, a_catalogue, a_hostile_tool, four_tools, published

WEEK = Week.named("2026-W48")
ENVELOPE = Envelope(
    "Ship/Skip <weekly@example.org>",
    None,
    "https://mail.example.org",
    datetime(2026, 11, 27, 8, tzinfo=UTC),
)


def an_issue(tools: list[PublishedTool], week: Week = WEEK) -> Issue | None:
    return issue_of(a_catalogue(tools), week, datetime.date)


@pytest.mark.parametrize("name", ["2026-W54", "0000-W01", "9999-W52", "2026-48", "W48"])
def test_what_names_no_week_from_monday_to_sunday_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"week|year"):
        Week.named(name)


def a_letter(tools: list[PublishedTool]) -> Letter:
    issue = an_issue(tools)
    assert issue is not None
    return Letter(issue, "Anna")


def a_reader(*categories: str, token: str = "A" * 22) -> Subscriber:
    return Subscriber(
        address="mira@example.org", token=token, categories=categories, confirmed=date(2026, 11, 6)
    )


def bodies(raw: bytes) -> tuple[str, str]:
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    assert [part.defects for part in mail.walk()] == [[], [], []]
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert html is not None
    said, shown = text.get_content(), html.get_content()
    return said.replace("\r\n", "\n"), shown.replace("\r\n", "\n")


def test_the_most_divided_come_first_and_each_kind_of_news_has_its_place() -> None:
    issue = an_issue(four_tools())
    assert issue is not None
    assert issue.lead is not None
    assert issue.lead.names == ("Evenly", "Trio")
    assert [one.name for one in issue.verdicts] == ["Evenly", "Trio", "Quillbase"]
    assert [one.title for one in issue.changed] == ["Withdrawn", "Corrected", "Overridden"]
    assert (issue.is_week, issue.due) == (True, None)
    assert an_issue(four_tools(), Week.named("2026-W46")) is None


def test_few_verdicts_are_filled_up_with_earlier_ones_that_have_their_dates() -> None:
    old = [a_run(a_tool(name)) for name in ("Oldest", "Older", "Old")]
    moments = [datetime(2026, 11, day, tzinfo=UTC) for day in (2, 9, 16)]
    tools = [
        published(run, a_decision(run, 1, at=at)) for run, at in zip(old, moments, strict=True)
    ]
    issue = an_issue([*tools, published(a_run(a_tool("Quillbase")))])
    assert issue is not None
    assert not issue.is_week
    assert {one.name: one.day for one in issue.verdicts} == {
        "Quillbase": None,
        "Old": date(2026, 11, 16),
        "Older": date(2026, 11, 9),
    }
    letter = Letter(issue, postal="1 Specimen Street")
    for text in (letter.html, letter.text, letter.markdown):
        assert "Latest verdicts".casefold() in text.casefold()
        assert "9 November 2026" in text
        assert "1 Specimen Street" in text


def test_an_issue_knows_each_published_tool_that_it_speaks_of() -> None:
    older = a_run(a_tool("Older"), a_panel("ship ship skip skip"))
    before = a_decision(older, 1, at=datetime(2026, 11, 2, tzinfo=UTC))
    issue = an_issue([published(older, before), *four_tools()])
    assert issue is not None
    assert "older" not in {one.slug for one in issue.verdicts}
    assert "Older" in Letter(issue).text
    assert issue.slugs == ("evenly", "older", "quillbase", "trio")


def test_the_surest_prediction_of_the_week_is_told_with_its_day() -> None:
    said = [("2026-11-27", 0.6), ("2026-11-28", 0.1), ("2027-01-01", 0.99), ("2026-11-26", 0.8)]
    cards = [
        a_scorecard(
            who, ballot=a_ballot(prediction=DatedClaim(claim=f"{by}.", by=by, probability=share))
        )
        for who, (by, share) in zip(
            ("builder", "skeptic", "futurist", "business_analyst"), said, strict=True
        )
    ]
    issue = an_issue([published(a_run(a_tool("Quillbase"), cards))])
    assert issue is not None
    assert issue.due is not None
    assert (issue.due.claim, issue.due.percent, issue.due.reviewer) == (
        "2026-11-28.",
        10,
        "Skeptic",
    )
    said_so = Letter(issue).text.replace("\n", " ")
    assert "gave it 10%; its day was 28 November 2026. Nobody has looked it up yet." in said_so


def test_a_prediction_that_was_looked_up_in_the_week_is_told_with_its_outcome_and_only_then() -> (
    None
):
    run = a_run()
    claims = [
        a_claim(0, share, id=f"{run.id}.{who}", tool=tool, reviewer=who, claim=f"{who} claims.")
        for who, tool, share in (
            ("builder", "quillbase", 0.6),
            ("skeptic", "quillbase", 0.2),
            ("futurist", "unpublished", 0.99),
            ("business_analyst", "quillbase", 0.99),
        )
    ]
    outcomes: tuple[ClaimOutcome, ...] = ("yes", "no", "yes", "void")
    source = {"source": "https://example.com/a_(b)"}
    found = tuple(
        Prediction(claim=one, resolution=looked_up(one, what).model_copy(update=source))
        for one, what in zip(claims, outcomes, strict=True)
    )
    catalogue = a_catalogue([published(run)], predictions=found)
    issue = issue_of(catalogue, Week.of(AT.date()), datetime.date)
    assert issue is not None
    assert issue.due is not None
    assert (issue.due.claim, issue.due.came_true) == ("skeptic claims.", False)
    letter = Letter(issue)
    said = "It did not come true. It is on the price page. The Skeptic gave it 20% by 30 June 2027"
    penalty = "a penalty of 0.04, where a coin toss has 0.25."
    for text in (letter.text.replace("\n", " "), letter.html):
        assert f"{said}: {penalty}" in text
    assert "Where to see it: https://example.com/a_(b)" in letter.text
    assert "[Where to see it](https://example.com/a_%28b%29)" in letter.markdown
    assert 'href="https://example.com/a_(b)"' in letter.html
    its_day = issue_of(catalogue, Week.of(date(2027, 6, 30)), datetime.date)
    assert its_day is None


def test_two_builds_are_the_same_bytes_and_another_reader_changes_nothing_but_its_own_part() -> (
    None
):
    first = Mailer(a_letter(four_tools()), ENVELOPE).make(a_reader())
    second = Mailer(a_letter(list(reversed(four_tools()))), ENVELOPE).make(a_reader())
    assert first == second
    other = Mailer(a_letter(four_tools()), ENVELOPE).make(a_reader(token="B" * 22))
    differ = [
        line
        for line, others in zip(first.split(b"\r\n"), other.split(b"\r\n"), strict=True)
        if line != others
    ]
    assert len(differ) == 4
    assert all(b"A" * 5 in line or line.startswith(b"Message-ID") for line in differ)


def test_a_letter_and_its_mail_say_the_same() -> None:
    letter, reader = a_letter(four_tools()), a_reader()
    mailer = Mailer(letter, ENVELOPE)
    text, html = bodies(mailer.make(reader))
    assert text.strip() == mailer.text(reader).strip()
    assert html.strip() == mailer.html(reader).strip()
    for one in letter.issue.verdicts:
        assert one.url in text
        assert one.url in html
        assert one.url in letter.markdown
    page = LexborHTMLParser(html)
    assert page.css("img, script, link, iframe, svg") == []
    hosts = {link.attributes["href"].split("/")[2] for link in page.css("a")}  # type: ignore[union-attr]
    assert hosts == {"reviews.example", "mail.example.org"}
    assert len(html.encode()) < 100_000


def test_a_reader_gets_the_verdicts_of_the_chosen_categories() -> None:
    filed = published(a_run(a_tool("Filed", category="Developer Tools"), a_panel()))
    mailers = Mailers(a_letter([*four_tools(), filed]), ENVELOPE)
    for chosen, there in (((), 4), (("developer tools",), 1), (("Productivity",), 3), (("x",), 0)):
        text, _ = bodies(mailers.make(a_reader(*chosen)))
        part = text.partition("VERDICTS\n")[2].partition("JUST CHANGED")[0]
        assert part.count("https://reviews.example/a/tools/") == there, chosen


def test_the_table_of_a_lead_is_headed_by_names_or_numbers_where_these_look_the_same() -> None:
    letter = a_letter(four_tools())
    assert re.search(r"^ {22}Evenly +Trio$", letter.text, re.MULTILINE)
    assert letter.issue.lead is not None
    alike = letter.issue.lead.model_copy(update={"names": ("Foldback One", "Foldback One Pro")})
    text = Letter(letter.issue.model_copy(update={"lead": alike}), "Anna").text
    assert re.search(r"^ {22}tool 1 +tool 2$", text, re.MULTILINE)


def test_the_preview_line_counts_the_verdicts_that_the_letter_has() -> None:
    issue = a_letter(four_tools()).issue
    assert "Three verdicts: " in Letter(issue).html
    assert "Three verdicts: " not in Letter(issue, categories=("No such category",)).html


def test_an_approval_is_of_one_text() -> None:
    letter = a_letter(four_tools())
    assert letter.digest == Letter(letter.issue).digest
    assert letter.digest != a_letter(four_tools()[:3]).digest
    assert letter.digest != Letter(letter.issue, postal="1 Specimen Street").digest


@pytest.mark.parametrize("text", HOSTILE)
def test_what_others_wrote_is_text_everywhere(text: str) -> None:
    tools = [a_hostile_tool(text, 20), published(a_run(a_tool(text[:50]))), *four_tools()[1:]]
    letter = a_letter(tools)
    raw = Mailer(letter, ENVELOPE).make(a_reader())
    headers = raw.partition(b"\r\n\r\n")[0].split(b"\r\n")
    names = [line.partition(b":")[0] for line in headers]
    assert len(names) == len(set(names)) == 10
    _, html = bodies(raw)
    page = LexborHTMLParser(html)
    assert page.css("img, script, svg, x") == []
    assert not [
        node for node in page.css("*") if any(key.startswith("on") for key in node.attributes)
    ]
    kinds = {unicodedata.category(sign) for sign in letter.text.replace("\n", "")}
    assert "Cc" not in kinds
    assert "\u202e" not in letter.text


class _Engine(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.got.append((self.path, self.headers["authorization"], json.loads(body)))  # type: ignore[attr-defined]
        is_allowed = not self.headers["authorization"].endswith("wrong")
        is_empty = self.headers["authorization"].endswith("empty")
        self.send_response(200 if is_allowed else 403)
        self.end_headers()
        told = f"no such key: {self.headers['authorization']}".encode()
        made = b'{"data": []}' if is_empty else b'{"data": {"id": 7}, "id": "em_1"}'
        self.wfile.write(made if is_allowed else told)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def engine() -> Iterator[HTTPServer]:
    server = HTTPServer(("127.0.0.1", 0), _Engine)
    server.got = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_draft_at_a_service_has_no_command_of_others_in_it(engine: HTTPServer) -> None:
    url = f"http://127.0.0.1:{engine.server_address[1]}"
    named = published(a_run(a_tool('{{{ env "KEY" }}}')))
    letter = a_letter([named, *four_tools()])
    assert push_to_listmonk(letter, f"{url}/", (3,), "desk:right") == f"{url}/admin/campaigns/7"
    assert push_to_buttondown(letter, "right", url) == "em_1"
    (path, key, campaign), (_, _, draft) = engine.got  # type: ignore[attr-defined]
    assert (path, key, campaign["lists"]) == ("/api/campaigns", "token desk:right", [3])
    assert campaign["body"].count("{{") == 1
    assert campaign["altbody"].count("{{") == 1
    assert '<a href="{{ UnsubscribeURL }}">' in campaign["body"]
    assert draft["status"] == "draft"
    assert "{" not in draft["body"]
    with pytest.raises(MailError, match=r"no such key: Token \[key\]\)"):
        push_to_buttondown(letter, "0f3a9c77e1b2-wrong", url)
    with pytest.raises(MailError, match=r"no such key: token desk:\[key\]\)"):
        push_to_listmonk(letter, f"{url}/", (3,), "desk:0f3a9c77e1b2-wrong")
    with pytest.raises(MailError, match="without a draft"):
        push_to_buttondown(letter, "empty", url)
    with pytest.raises(MailError, match="without a draft"):
        push_to_listmonk(letter, f"{url}/", (3,), "desk:empty")


@pytest.mark.parametrize("name", ["", "2026-48", "W48", "2026-W48x", "2026-W54", "2026-W00"])
def test_what_names_no_week_is_refused(name: str) -> None:
    assert Week.named("2026-W48").name == "2026-W48"
    with pytest.raises(ValueError, match=r"week|Week|iso"):
        Week.named(name)
