import json
from typing import Any

import pytest

from panel.errors import Refused, Stopped, Transient
from panel.providers.faults import MOST_REASON, fault, one_line
from panel.providers.key_redaction import KnownKeys
from panel.providers.server import Server

KEY = "k-of-4tq8-Zw1x"
SERVER = Server("The server", KnownKeys([KEY]))


def said(body: Any, status: int = 400) -> str:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return str(fault(status, raw, SERVER))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"error": {"message": "no such model"}}, ": no such model"),
        ({"error": "no such model"}, ": no such model"),
        ({"message": "no such model"}, ": no such model"),
        ({"detail": "no such model"}, ": no such model"),
        ({"detail": [{"loc": ["body", 3], "msg": "bad"}]}, ": body.3: bad"),
        ({"message": {"detail": [{"msg": "bad"}]}}, ": bad"),
        (b"404 page not found\n", ": 404 page not found"),
        (b"<html>Not here</html>", ": it answered with a web page"),
        ({"error": {"message": None}}, "(400)"),
        ({"detail": [["bad"]]}, "(400)"),
        ({"detail": [{"msg": ["bad"]}]}, "(400)"),
        ([], "(400)"),
        (b"", "(400)"),
        (b"\xff\xfe", "(400): \ufffd\ufffd"),
    ],
)
def test_the_servers_words_are_found_where_servers_put_them(body: Any, words: str) -> None:
    assert said(body).endswith(words)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a\nb\t c\x00\u202ed\ud800", "a b c d"),
        ("sent Bearer abc.def-ghi here", "sent [key] here"),
        ("Incorrect API key provided: sk-proj-****wxyz.", "Incorrect API key provided: [key]"),
        ("risk-averse", "risk-averse"),
        ("", ""),
    ],
)
def test_a_line_is_printable_and_has_nothing_like_a_key_in_it(text: str, line: str) -> None:
    assert one_line(text) == line


def test_a_line_is_short() -> None:
    assert len(one_line("x" * 10_000)) == MOST_REASON
    assert one_line("x" * 10_000).endswith("…")


def test_a_status_decides_whether_a_call_can_be_made_again() -> None:
    kinds = {status: type(fault(status, b"", SERVER)) for status in range(300, 600)}
    passing = {408, 409, 425, 429, *range(500, 600)}
    assert {status for status, kind in kinds.items() if kind is Transient} == passing
    assert {status for status, kind in kinds.items() if kind is Stopped} == {401, 402, 404}
    assert set(kinds.values()) == {Transient, Stopped, Refused}


def test_what_a_failed_answer_used_stays_known() -> None:
    for status in (400, 500):
        assert fault(status, b"", SERVER, tokens={"input": 7}).tokens == {"input": 7}


def test_a_key_that_the_end_of_the_line_would_cut_is_taken_out_whole() -> None:
    words = said({"error": "x" * (MOST_REASON - 4) + f"{KEY} and more"})
    assert words.endswith("x[ke…")


def test_a_redirect_says_what_to_set_and_not_where_it_leads() -> None:
    words = said({"error": "http://elsewhere"}, status=302)
    assert "base_url" in words
    assert "elsewhere" not in words


def test_an_endless_body_is_not_read_to_its_end() -> None:
    assert said(b'{"error": "' + b"x" * 200_000).endswith("…")
