import pytest

from panel.domain.flag import Flag


def a_flag(excerpt: str | None) -> Flag:
    return Flag(kind="hidden_text", message="It hides text.", excerpt=excerpt, holds=True)


def test_an_excerpt_has_at_most_twelve_words() -> None:
    shown = a_flag(" ".join(f"w{number}" for number in range(40))).excerpt
    assert shown == "w0 w1 w2 w3 w4 w5 w6 w7 w8 w9 w10 w11"


def test_an_excerpt_is_short_even_if_it_is_one_word() -> None:
    shown = a_flag("x" * 10_000).excerpt
    assert shown is not None
    assert len(shown) == 160


def test_an_excerpt_is_clean_and_on_one_line() -> None:
    assert a_flag("a\u200bb\n\n<|im_start|>c\u202ed\t e").excerpt == "ab cd e"


@pytest.mark.parametrize("excerpt", ["", " \n", "\u200b\u2060", "<|im_end|>", None])
def test_an_excerpt_with_nothing_to_show_is_absent(excerpt: str | None) -> None:
    assert a_flag(excerpt).excerpt is None


def test_a_flag_read_back_is_the_same() -> None:
    flag = a_flag("one two \u00ad three " * 20)
    assert Flag.model_validate_json(flag.model_dump_json()) == flag
