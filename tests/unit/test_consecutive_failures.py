"""Failures in a row are counted by the order in which the calls began."""

from panel.providers.middleware.consecutive_failures import ConsecutiveFailures


def begun(count: int) -> ConsecutiveFailures:
    streak = ConsecutiveFailures()
    assert [streak.begin() for _ in range(count)] == list(range(1, count + 1))
    return streak


def test_a_row_is_counted_in_whatever_order_its_calls_end() -> None:
    streak = begun(5)
    assert [streak.fail(number) for number in (2, 4, 3, 1, 5)] == [1, 1, 3, 4, 5]


def test_a_call_that_did_not_fail_ends_the_row() -> None:
    streak = begun(5)
    assert [streak.fail(number) for number in (1, 2, 4, 5)] == [1, 2, 1, 2]


def test_a_call_that_tells_nothing_is_neither_in_the_row_nor_its_end() -> None:
    streak = begun(5)
    streak.fail(1)
    streak.void(2)
    streak.void(3)
    assert streak.fail(4) == 2


def test_what_is_cleared_counts_no_more() -> None:
    streak = begun(2)
    streak.fail(1)
    streak.clear()
    assert streak.fail(2) == 1
    assert streak.begin() == 3


def test_failures_of_long_ago_are_forgotten_and_those_of_now_are_not() -> None:
    streak = ConsecutiveFailures()
    for _ in range(10_000):
        assert [streak.fail(streak.begin()), streak.fail(streak.begin())] == [1, 2]
        streak.begin()  # which is answered
    assert len(streak._failed) < 10_000
