"""A folded text is what a reader sees, and each character of it has its place in the source."""

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.domain.folded_text import fold, fold_plain, fold_rendered
from tests.hang_guard import guarded

README = """# Rowboat

**Rowboat** keeps a *Postgres* table and a [vector index](https://rowboat.example/docs "Docs")
in step.[^1] It’s `fast` — 5 × as ﬁne &amp; free.<br>Costs <b>$12</b> a&nbsp;seat.

| Plan | Price |
|:-----|------:|
| **Team** | $12 |

1. Install it
2. Run `row_boat --all`
- [x] done

> Quoted ![logo](a.png "x") text<!-- unseen -->

```sh
row\\_boat
```

[^1]: note
[ref]: https://rowboat.example
"""
RENDERED = (
    "Rowboat Rowboat keeps a Postgres table and a vector index in step. It's fast 5 x as fine & "
    "free. Costs $12 a seat. Plan Price Team $12 Install it Run row_boat all done Quoted logo text "
    "row_boat note "
)


def test_markdown_is_folded_to_what_a_page_shows() -> None:
    assert fold_rendered(README).text == RENDERED


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("2*3*4", "2*3*4"),
        ("__init__.py and snake_case_name", "init.py and snake_case_name"),
        ("a\\*b \\# c", "ab c"),
        ("- one\n* two\n  + three\n10) four", "one two three four"),
        ("Title\n=====\ntext\n***\nmore", "Title text more"),
        ("fast—free, fast -- free, fast – free", "fast free, fast free, fast free"),
        ("1–5 seats", "1-5 seats"),
        ("~~old~~ new", "old new"),
        ("<https://a.example/x> and <a href='y'>z</a>", "https://a.example/x and z"),
        ("[a](b(c)d) [e][f] [g][] [h]", "a e g h"),
        ("[![Build](https://ci.example/b.svg)](https://ci.example)", "Build"),
        ("cmd|grep", "cmd grep"),
        ("inter\u00adnational 名前（なまえ）", "international 名前(なまえ)"),
        ("“a” 'b' \"c\"", "'a' 'b' 'c'"),
        ("AT&amp;T &lt;b&gt; &#x2014; &nosuch; R&D", "AT&T <b> &nosuch; R&D"),
    ],
)
def test_marks_are_left_out_and_signs_of_the_text_stay(source: str, shown: str) -> None:
    assert fold_rendered(source).text == shown


@given(st.text(max_size=200))
def test_the_plain_form_is_the_fold_of_what_is_visible(text: str) -> None:
    folded = fold_plain(text)
    if all(sign.isprintable() or sign.isspace() for sign in text):
        assert fold(folded.text) == fold(text)


@given(st.text(st.sampled_from("ab1 \n*_`|[]()<>&;#-—“ﬁe\u0301\u200b…写\\!~"), max_size=120))
def test_every_character_has_a_place_in_its_source(text: str) -> None:
    for folded in (fold_plain(text), fold_rendered(text)):
        places = [folded.span(at, at + 1) for at in range(len(folded.text))]
        assert all(0 <= start < end <= len(text) for start, end in places)
        assert places == sorted(places)
        if folded.text:
            assert folded.span(0, len(folded.text)) == (places[0][0], places[-1][1])


def test_a_character_that_folds_to_several_stands_for_its_source() -> None:
    folded = fold_plain("So ﬁne…")
    assert folded.text == "So fine..."
    assert {folded.span(at, at + 1) for at in (3, 4)} == {(3, 4)}
    assert folded.span(7, 10) == (6, 7)


@pytest.mark.slow
@pytest.mark.parametrize(
    "piece",
    [*"*_`|[]()<>&#-\\!~ \n\"'…é", "](", "](a ", '](a "', "](a '", "](a(b)", "[^", "<!--", "<a ",
     "&#", "- ", "\n- ", "\n>", "\n[a]: ", "_a", "a_", "\n```", "e\u0301", "\u200b", "x*1", "[a][",
     "](\\", "]((a)", "1) ", "\t\n", "—"],
)  # fmt: skip
def test_hostile_text_is_looked_at_once(piece: str) -> None:
    for source in (f"x{piece * 60}", piece * (100_000 // len(piece))):
        for folded in (fold_rendered, fold_plain):
            with guarded(f"{folded.__name__} of {piece!r}", seconds=2):  # linear: 0.3
                assert len(folded(source).text) <= 3 * len(source)


@pytest.mark.parametrize("piece", ["a", "a-", "a_b.", "%41", "{", "(1)"])
def test_a_long_word_that_ends_in_a_letter_beyond_ascii_is_looked_at_once(piece: str) -> None:
    word = piece * (100_000 // len(piece))
    with guarded(f"{piece!r} over and over, then a letter with an accent"):
        assert fold_rendered(f"{word}é").text == f"{word}é"


def test_a_text_with_a_piece_for_each_character_is_kept_in_little_memory() -> None:
    """The texts of all panels under way are kept, and a feed may be made of such characters."""
    source = "½" * 50_000
    tracemalloc.start()
    try:
        folded = fold_plain(source)
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert folded.span(len(folded.text) - 1, len(folded.text)) == (49_999, 50_000)
    assert held < 60 * len(source)
