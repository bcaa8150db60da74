from datetime import UTC, datetime

import pytest

from panel.providers.retry_after import read_retry_after

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after": " 30 "}, 30.0),
        ({"retry-after": "2.5"}, 2.5),
        ({"retry-after-ms": "1500"}, 1.5),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after-ms": "-1", "retry-after": "9"}, 9.0),
        ({"retry-after": "Sun, 22 Nov 2026 12:00:45 GMT"}, 45.0),
        ({"retry-after": "Sun, 22 Nov 2026 13:00:45 +0100"}, 45.0),
        ({"retry-after": "Sun, 22 Nov 2026 12:00:45"}, 45.0),
        ({"retry-after": "Sunday, 22-Nov-26 12:00:45 GMT"}, 45.0),
        ({"retry-after": "Sun Nov 22 12:00:45 2026"}, 45.0),
        ({"retry-after": "Sun, 22 Nov 2026 11:00:00 GMT"}, None),
        ({"retry-after": "Sun, 99 Nov 2026 11:00:00 GMT"}, None),
        ({"retry-after": "Sun, 22 Nov 99999 11:00:00 GMT"}, None),
        ({"retry-after": "999999999"}, 999_999_999.0),
    ],
)
def test_a_wait_is_read_in_milliseconds_in_seconds_or_as_a_date(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert read_retry_after(headers, NOW) == seconds


@pytest.mark.parametrize(
    "value",
    ["", "-1", "+1", "nan", "inf", "-inf", "1e9", "1e400", "0x10", "1_000", "٣", "3s", "9" * 13],
)
def test_what_is_no_wait_asks_for_none(value: str) -> None:
    assert read_retry_after({"retry-after": value, "retry-after-ms": value}, NOW) is None


EPOCH = int(NOW.timestamp())


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (str(EPOCH + 2), 2.0),
        (f"{EPOCH + 2}.5", 2.5),
        (str((EPOCH + 90) * 1000), 90.0),
        (str(EPOCH), 0.0),
        (str(EPOCH - 1), None),
        (str(EPOCH + 10**9), None),
        ("1000000000", None),
        ("2026-11-22T12:00:45Z", 45.0),
        ("2026-11-22T13:00:45.5+01:00", 45.5),
    ],
)
def test_a_number_of_decades_is_a_moment(value: str, seconds: float | None) -> None:
    assert read_retry_after({"retry-after": value}, NOW) == seconds


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"x-ratelimit-reset-requests": "6s", "x-ratelimit-remaining-requests": "0"}, 6.0),
        ({"x-ratelimit-reset-requests": "1m30s"}, 90.0),
        ({"x-ratelimit-reset-tokens": "120ms"}, 0.12),
        ({"x-ratelimit-reset-tokens": "2m59.56s"}, 179.56),
        ({"x-ratelimit-reset-tokens": "1h0m5s"}, 3605.0),
        ({"ratelimit-reset": "50"}, 50.0),
        ({"x-ratelimit-reset": str((EPOCH + 30) * 1000)}, 30.0),
        ({"anthropic-ratelimit-requests-reset": "2026-11-22T12:00:20Z"}, 20.0),
        # The limit that is used up says when; of two the later, whatever Retry-After is not there.
        (
            {
                "x-ratelimit-reset-requests": "6s",
                "x-ratelimit-remaining-requests": "12",
                "x-ratelimit-reset-tokens": "2s",
                "x-ratelimit-remaining-tokens": "0",
            },
            2.0,
        ),
        ({"x-ratelimit-reset-requests": "6s", "x-ratelimit-reset-tokens": "20s"}, 20.0),
        ({"x-ratelimit-reset-requests": "6s", "retry-after": "1"}, 1.0),
        ({"x-ratelimit-reset-requests": "6s", "retry-after": "soon"}, 6.0),
        ({"x-ratelimit-reset-requests": ""}, None),
        ({"x-ratelimit-reset-requests": "6 parsecs"}, None),
        ({"x-ratelimit-reset-requests": "-6s"}, None),
        ({"x-ratelimit-limit-requests": "3"}, None),
        ({"reset": "6s"}, None),
    ],
)
def test_without_retry_after_the_reset_of_the_limit_that_is_used_up_is_the_wait(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert read_retry_after(headers, NOW, status=429) == seconds
    later = None if "retry-after" not in headers or seconds == 6.0 else seconds
    assert read_retry_after(headers, NOW, status=503) == later, "it is not the limit that ended it"
