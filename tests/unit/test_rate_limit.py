from panel.domain.exchange import Message, Part
from panel.domain.rate_limit import Limit, RateLimit, limit_for, prompt_tokens
from tests.virtual import a_request

LIMITS = {"openai": Limit(concurrency=4), "openai:gpt-x": Limit(requests_per_minute=60)}


def test_the_limit_of_a_model_goes_before_that_of_its_provider() -> None:
    assert limit_for(LIMITS, "openai", "gpt-x") == Limit(requests_per_minute=60)
    assert limit_for(LIMITS, "openai", "gpt-y") == Limit(concurrency=4)
    assert limit_for(LIMITS, "mistral", "large") == Limit()


def test_a_prompt_is_taken_for_a_third_of_its_bytes_and_twenty() -> None:
    request = a_request(
        messages=(
            Message(role="system", parts=(Part(text="a" * 10), Part(text="é" * 10))),
            Message(role="user", parts=(Part(text="b" * 6),)),
        ),
        answer_schema={"a": "é"},
    )
    # 10 + 20 + 6 bytes of text and the 10 of {"a":"é"}
    assert prompt_tokens(request) == 16 + 20


def test_units_go_evenly() -> None:
    allowance = RateLimit(60, burst_s=0.0, headroom=0.0)
    allowance.take(1, 0.0)
    assert allowance.ready_at(1, 0.0) == 1.0
    allowance.take(1, 1.0)
    assert allowance.ready_at(1, 1.5) == 2.0
    assert allowance.ready_at(1, 9.0) == 9.0


def test_a_little_may_go_ahead_of_time() -> None:
    allowance = RateLimit(6000, headroom=0.0)
    now = [allowance.take(1, 0.0) for _ in range(20) if allowance.ready_at(1, 0.0) == 0.0]
    assert len(now) == 11


def test_nothing_goes_ahead_of_time_where_a_burst_holds_no_whole_unit() -> None:
    allowance = RateLimit(60, headroom=0.0)
    allowance.take(1, 0.0)
    assert allowance.ready_at(1, 0.0) == 1.0


def test_the_pace_keeps_a_little_below_the_limit() -> None:
    allowance = RateLimit(60)
    allowance.take(1, 0.0)
    assert allowance.ready_at(1, 0.0) == 1.02


def test_idle_time_is_not_saved_up() -> None:
    allowance = RateLimit(60, burst_s=0.0, headroom=0.0)
    allowance.take(1, 100.0)
    assert allowance.ready_at(1, 100.0) == 101.0


def test_a_minute_never_holds_more_than_the_allowance() -> None:
    allowance = RateLimit(100, burst_s=0.0, headroom=0.0)
    allowance.take(70, 0.0)
    allowance.take(20, 50.0)
    # evenly it might go at 62, but 70 units are within the last minute until 60
    assert allowance.ready_at(20, 59.0) == 62.0
    assert allowance.ready_at(90, 62.0) == 110.0


def test_room_is_counted_by_the_grants_that_have_to_go_first() -> None:
    allowance = RateLimit(100, burst_s=60.0, headroom=0.0)
    for moment in (0.0, 1.0, 2.0):
        allowance.take(30, moment)
    assert allowance.ready_at(10, 3.0) == 3.0
    assert allowance.ready_at(11, 3.0) == 60.0
    assert allowance.ready_at(41, 3.0) == 61.0
    assert allowance.ready_at(11, 59.5) == 60.0


def test_more_than_a_minute_holds_goes_alone() -> None:
    allowance = RateLimit(100, burst_s=60.0, headroom=0.0)
    allowance.take(1, 0.0)
    assert allowance.ready_at(5000, 1.0) == 60.0
    grant = allowance.take(5000, 60.0)
    assert grant.units == 100
    assert allowance.ready_at(1, 61.0) == 120.0


def test_what_was_not_used_is_given_back() -> None:
    allowance = RateLimit(100, burst_s=0.0, headroom=0.0)
    grant = allowance.take(100, 0.0)
    assert allowance.ready_at(50, 0.0) == 60.0
    allowance.settle(grant, 50)
    assert allowance.ready_at(50, 0.0) == 30.0


def test_what_was_used_on_top_is_charged() -> None:
    allowance = RateLimit(100, burst_s=0.0, headroom=0.0)
    grant = allowance.take(10, 0.0)
    allowance.settle(grant, 90)
    assert allowance.ready_at(10, 0.0) == 54.0
    assert allowance.ready_at(20, 54.0) == 60.0


def test_a_grant_older_than_a_minute_is_settled_without_harm() -> None:
    allowance = RateLimit(100, burst_s=60.0, headroom=0.0)
    grant = allowance.take(100, 0.0)
    assert allowance.ready_at(100, 60.0) == 60.0
    allowance.settle(grant, 10)
    second = allowance.take(100, 60.0)
    assert allowance.ready_at(1, 61.0) == 120.0
    allowance.settle(second, 0)
    assert allowance.ready_at(100, 61.0) == 61.0


def test_a_part_of_the_allowance_goes_at_a_part_of_the_pace() -> None:
    allowance = RateLimit(60, burst_s=0.0, headroom=0.0)
    allowance.share(3, 0.0)
    allowance.take(1, 0.0)
    assert allowance.ready_at(1, 0.0) == 3.0
    allowance.share(1, 0.0)
    assert allowance.ready_at(1, 0.0) == 1.0


def test_a_minute_never_holds_more_than_the_part() -> None:
    allowance = RateLimit(100, burst_s=60.0, headroom=0.0)
    allowance.share(3, 0.0)
    allowance.take(33, 0.0)
    assert allowance.ready_at(1, 1.0) == 60.0


def test_what_went_before_the_share_changed_still_counts() -> None:
    allowance = RateLimit(100, burst_s=60.0, headroom=0.0)
    for moment in (0.0, 10.0):
        allowance.take(30, moment)
    allowance.share(2, 20.0)
    assert allowance.ready_at(20, 20.0) == 60.0
    assert allowance.ready_at(21, 20.0) == 70.0


def test_what_is_owed_is_owed_in_units_when_the_share_changes() -> None:
    allowance = RateLimit(60, burst_s=0.0, headroom=0.0)
    grant = allowance.take(10, 0.0)
    allowance.share(2, 4.0)  # six are owed
    assert allowance.ready_at(1, 4.0) == 16.0
    allowance.settle(grant, 5)
    assert allowance.ready_at(1, 4.0) == 6.0
    allowance.share(1, 5.0)  # half a unit is owed
    assert allowance.ready_at(1, 5.0) == 5.5


def test_nothing_is_owed_after_a_rest_whatever_the_share_becomes() -> None:
    allowance = RateLimit(60, burst_s=0.0, headroom=0.0)
    allowance.share(7, 0.0)
    assert allowance.ready_at(1, 0.0) == 0.0
    allowance.take(1, 0.0)
    allowance.share(9, 50.0)
    assert allowance.ready_at(1, 50.0) == 50.0


def test_a_part_of_less_than_a_unit_is_a_unit_in_more_than_a_minute() -> None:
    allowance = RateLimit(2, headroom=0.0)
    allowance.share(5, 0.0)
    allowance.take(1, 0.0)
    assert allowance.ready_at(1, 0.0) == 150.0


def test_more_than_the_part_holds_goes_alone_and_takes_as_long_as_it_is_large() -> None:
    allowance = RateLimit(100, burst_s=60.0, headroom=0.0)
    allowance.share(4, 0.0)
    allowance.take(1, 0.0)
    assert allowance.ready_at(50, 1.0) == 60.0
    allowance.take(50, 60.0)
    assert allowance.ready_at(1, 60.0) == 120.0  # 50 units of 2.4 s each, a minute of them ahead
