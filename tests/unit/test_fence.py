from hashlib import sha256

import pytest

from panel.domain.fence import Fenced, fence


def test_the_marker_is_128_bits_of_the_texts_hash() -> None:
    assert fence("Ein Wort: ä").marker == sha256("Ein Wort: ä".encode()).hexdigest()[:32]


def test_the_same_text_has_the_same_marker_and_another_text_another() -> None:
    assert fence("one").marker == fence("one").marker
    assert fence("one").marker != fence("one ").marker


def test_the_block_is_marker_text_marker_each_on_its_own_line() -> None:
    fenced = fence("first\nlast")
    assert fenced.block() == f"{fenced.marker}\nfirst\nlast\n{fenced.marker}"


def test_a_text_with_its_own_marker_in_it_is_refused() -> None:
    with pytest.raises(ValueError, match="contains its own fence marker"):
        Fenced(marker="ab12", text="so ab12 it ends")


def test_a_lone_surrogate_can_be_fenced() -> None:
    assert len(fence("broken \ud800").marker) == 32
