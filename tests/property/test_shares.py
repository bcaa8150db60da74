"""A limit that is shared: all parts together keep to it, and a part that changes to its own."""

from hypothesis import given, settings
from hypothesis import strategies as st

from panel.domain.rate_limit import MINUTE_S, RateLimit
from tests.property.limited_calls import most_in_a_minute
from tests.virtual import digits

NUMBERS = st.lists(st.integers(0, 2**48), min_size=1, max_size=40)


@settings(deadline=None)
@given(
    per_minute=st.integers(8, 100),
    holders=st.integers(1, 8),
    burst=st.sampled_from([0.0, 0.1, 60.0]),
    numbers=NUMBERS,
)
def test_all_parts_together_exceed_the_limit_in_no_minute(
    per_minute: int, holders: int, burst: float, numbers: list[int]
) -> None:
    limits = [RateLimit(per_minute, burst_s=burst) for _ in range(holders)]
    for limit in limits:
        limit.share(holders, 0.0)
    moments = [0.0] * holders
    admitted: list[tuple[float, int]] = []
    for number in numbers:
        who, later, rest = digits(number, holders, 32 * 40, 600)
        units = 1 + rest % (per_minute // holders)
        moments[who] = limits[who].ready_at(units, moments[who] + later / 32)
        limits[who].take(units, moments[who])
        admitted.append((moments[who], units))
    assert most_in_a_minute(admitted) <= per_minute


@settings(deadline=None)
@given(per_minute=st.integers(1, 100), burst=st.sampled_from([0.1, 60.0]), numbers=NUMBERS)
def test_a_part_that_changes_is_kept_to_from_the_next_unit_on(
    per_minute: int, burst: float, numbers: list[int]
) -> None:
    limit = RateLimit(per_minute, burst_s=burst)
    now, holders = 0.0, 1
    admitted: list[tuple[float, int]] = []
    for number in numbers:
        later, rest, becomes = digits(number, 32 * 40, 600, 12)
        if becomes:
            holders = becomes
            limit.share(holders, now)
        part = max(1, per_minute // holders)
        units = 1 + rest % part
        now = limit.ready_at(units, now + later / 32)
        assert limit.ready_at(units, now) <= now + 1e-6
        limit.take(units, now)
        admitted.append((now, units))
        assert sum(size for at, size in admitted if at + MINUTE_S > now) <= part
