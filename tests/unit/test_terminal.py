"""What is printed fits the terminal and does not steer it; of several exit codes the worst counts."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.cli.exit_codes import worst
from panel.cli.terminal import clip, width, wrap
from panel.errors import (
    Busy,
    ConfigError,
    ExitCode,
    PanelError,
    ReplayError,
    Stopped,
    StoreError,
    Tampered,
    ToolError,
    Waiting,
)
from panel.publish.cells import cells, plain


@given(st.text())
def test_nothing_that_is_printed_steers_a_terminal(text: str) -> None:
    shown = plain(text)
    assert len(shown.splitlines()) <= 1
    assert not any(ord(sign) < 32 or 0x7F <= ord(sign) < 0xA0 for sign in shown)
    assert not any(0x202A <= ord(sign) <= 0x202E for sign in shown)


@given(st.text(st.characters(categories=("L", "N", "P", "Zs"))))
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert plain(text) == "".join(" " if sign.isspace() else sign for sign in text)


@given(st.text(), st.integers(1, 60))
def test_a_clipped_line_takes_no_more_cells_than_it_may(text: str, most: int) -> None:
    shown = clip(text, most)
    assert cells(shown) <= most
    assert shown == plain(text) or shown.endswith("…")


def test_wide_signs_take_two_cells_and_marks_none() -> None:
    assert cells("żółw") == 4
    assert cells("z\u0307") == 1
    assert cells("名前") == 4
    assert clip("名前は道具", 5) == "名前…"


@given(st.text(st.sampled_from("ab \n\x1b"), max_size=300))
def test_a_folded_text_keeps_its_words_and_its_width(text: str) -> None:
    shown = wrap(text, "  ! ")
    words = [word for word in plain(text).split(" ") if word]
    assert shown.removeprefix("  !").split() == words
    assert all(
        len(line) <= width() or " " not in line.strip().removeprefix("! ")
        for line in shown.splitlines()
    )


def test_further_lines_are_set_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    lines = wrap("word " * 20, "note     ").splitlines()
    assert lines[0].startswith("note     word")
    assert all(line.startswith(" " * 9 + "word") for line in lines[1:])
    assert max(map(len, lines)) <= 40


def test_a_line_is_never_wider_than_a_hundred_nor_narrower_than_forty(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for columns, meant in (("250", 100), ("80", 80), ("10", 40)):
        monkeypatch.setenv("COLUMNS", columns)
        assert width() == meant


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConfigError("-"), 2),
        (ToolError("-"), 2),
        (StoreError("-"), 2),
        (Tampered("-"), 6),
        (ReplayError("-"), 6),
        (Waiting("-"), 8),
        (Busy("-"), 75),
        (Stopped("-", cause="key"), 4),
        (Stopped("-", cause="cap"), 5),
        (Stopped("-", cause="price"), 2),
        (PanelError("-"), 1),
    ],
)
def test_each_fault_has_the_exit_code_of_the_design(error: PanelError, code: int) -> None:
    assert error.exit_code == code


def test_of_several_codes_the_worst_counts_in_any_order() -> None:
    assert worst([]) == 0
    for codes in permutations(map(ExitCode, (0, 3, 8, 75))):
        assert worst(codes) == 75
    assert worst((ExitCode.DONE, ExitCode.WAITING)) == 8
    assert worst((ExitCode.NOTHING_EVALUATED, ExitCode.USAGE, ExitCode.DONE)) == 2
    for codes in permutations((ExitCode.SOME_FAILED, ExitCode.BUG)):
        assert worst(codes) == 1
