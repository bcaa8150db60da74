"""Several samples of one reviewer come to the one review that the panel counts."""

import pytest

from panel.domain.ballot import Decision
from panel.domain.review import Agreement, Scorecard
from panel.domain.samples import settle
from tests.factories import a_scorecard, an_abstention


def cards(*given: tuple[Decision, float]) -> list[Scorecard]:
    return [
        a_scorecard("builder", verdict, score=score, name=f"sample {number}")
        for number, (verdict, score) in enumerate(given)
    ]


def test_one_sample_stands_as_it_is() -> None:
    (card,) = cards(("ship", 8.0))
    assert settle([card], "skip") is card


def test_abstentions_alone_leave_the_first() -> None:
    first, second = an_abstention(reason="one"), an_abstention(reason="two")
    assert settle([first, second], "skip") is first


@pytest.mark.parametrize(
    ("given", "tie", "shown", "agree"),
    [
        ([("ship", 9.0), ("ship", 7.0), ("skip", 4.0)], "skip", 1, 2),
        ([("ship", 9.0), ("skip", 3.0), ("skip", 4.0)], "skip", 1, 2),
        ([("ship", 7.0), ("ship", 9.0), ("ship", 8.0)], "skip", 2, 3),
        ([("ship", 9.0), ("skip", 3.0)], "skip", 1, 1),
        ([("ship", 9.0), ("skip", 3.0)], "ship", 0, 1),
        ([("ship", 8.0), ("ship", 8.0), ("ship", 8.0)], "skip", 1, 3),
        ([("ship", 9.0), ("ship", 7.0), ("ship", 8.0), ("ship", 6.0)], "skip", 1, 4),
    ],
)
def test_the_majority_decides_and_its_middle_sample_is_shown(
    given: list[tuple[Decision, float]], tie: Decision, shown: int, agree: int
) -> None:
    settled = settle(cards(*given), tie)
    assert isinstance(settled, Scorecard)
    assert settled.name == f"sample {shown}"
    assert settled.agreement == Agreement(agree=agree, of=len(given))


def test_an_abstention_among_samples_has_no_vote() -> None:
    settled = settle([an_abstention("builder"), *cards(("ship", 8.0))], "skip")
    assert isinstance(settled, Scorecard)
    assert settled.agreement == Agreement(agree=1, of=1)
