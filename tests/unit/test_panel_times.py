"""A day's job is due by the clocks of a zone, in the nights too in which they are changed."""

from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from panel.store.queue.times import ZonedTask, is_cron

PARIS = ZoneInfo("Europe/Paris")


def due(cron: str, begin: str, number: int) -> list[datetime]:
    """Return the next moments, as the library asks for them: by numbers."""
    times = ZonedTask(None, cron, "", {}, PARIS).croniter  # type: ignore[arg-type]
    at = datetime.fromisoformat(begin).replace(tzinfo=PARIS).timestamp()
    found = []
    for _ in range(number):
        at = times.get_next(ret_type=float, start_time=at)
        found.append(datetime.fromtimestamp(at, PARIS))
    return found


@pytest.mark.parametrize("begin", ["2026-03-27", "2026-10-23"])
def test_half_past_five_is_half_past_five_on_every_day(begin: str) -> None:
    found = due("30 5 * * *", begin, 5)
    assert [moment.strftime("%H:%M") for moment in found] == ["05:30"] * 5
    hours = {(two.timestamp() - one.timestamp()) / 3600 for one, two in pairwise(found)}
    assert hours == {24, 23 if begin < "2026-06" else 25}


def test_a_time_that_spring_leaves_out_comes_right_after_the_gap() -> None:
    found = due("30 2 * * *", "2026-03-28", 3)
    assert [f"{moment:%d %H:%M %z}" for moment in found] == [
        "28 02:30 +0100",
        "29 03:00 +0200",
        "30 02:30 +0200",
    ]


def test_a_time_that_autumn_shows_twice_comes_twice_on_one_date() -> None:
    found = due("30 2 * * *", "2026-10-25", 2)
    assert [f"{moment:%d %H:%M %z}" for moment in found] == ["25 02:30 +0200", "25 02:30 +0100"]


def test_five_fields_are_cron() -> None:
    assert is_cron("30 5 * * mon-fri")
    assert not is_cron("61 5 * * *")
    assert not is_cron("30 5 * * * *")
