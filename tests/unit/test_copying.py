"""How much of a review is the vendor's, word by word."""

from fractions import Fraction

import pytest

from panel.domain.copying import copied_share

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
