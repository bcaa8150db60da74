"""How much of a review is the vendor's, word by word."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.domain.copying import copied_share, split_words

SHOWN = "It keeps signed receipts of calls. 毎日の会議を書き留めて送ります。"


@pytest.mark.parametrize(
    ("texts", "share"),
    [
        (["A proxy that keeps signed receipts"], Fraction(0)),
        (["keeps signed receipts of calls"], Fraction(1)),
        (["KEEPS “signed” receipts; of calls!"], Fraction(1)),
        (["It keeps signed receipts", "and nothing of note else"], Fraction(4, 9)),
        (["毎日の会議を書き留めて送ります"], Fraction(1)),
        (["会議の内容は誰にも見えない"], Fraction(0)),
        (["signed receipts"], Fraction(0)),
        ([], Fraction(0)),
        (["", "..."], Fraction(0)),
    ],
)
def test_words_in_a_run_of_four_are_copied(texts: list[str], share: Fraction) -> None:
    assert copied_share(texts, SHOWN) == share


@given(text=st.text(st.characters(max_codepoint=127)))
def test_words_are_the_same_beside_a_sign_of_another_script(text: str) -> None:
    assert split_words(f"{text} 給") == [*split_words(text), "給"]
