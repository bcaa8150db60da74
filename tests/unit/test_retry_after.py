from datetime import UTC, datetime

import pytest

from panel.providers.http import read_retry_after

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
