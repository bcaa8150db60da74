"""The pace of calls: never more than the limit in any minute, whatever happens."""

from hypothesis import given, settings

from tests.property.limited_calls import PACES, RUSHES, Pace, Rush, check_pace, check_rush


@settings(deadline=None)
@given(PACES)
def test_no_minute_holds_more_than_the_limit(case: Pace) -> None:
    check_pace(case)


@settings(deadline=None)
@given(RUSHES)
def test_no_interleaving_exceeds_the_limits(case: Rush) -> None:
    check_rush(case)
