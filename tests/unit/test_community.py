"""The community's figure: Wilson's interval, and what is shown from how many votes on."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from panel.domain.community import (
    Community,
    ShareInterval,
    VoteCount,
    VoteSnapshot,
    is_local_path,
)
from panel.domain.intervals import wilson_interval
from panel.domain.reader_vote_rules import VoteRules, network_of
from panel.votes.network_limits import NetworkLimits
from panel.votes.voters import Voters

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [  # scipy 1.17, binomtest(s, n).proportion_ci(method="wilson")
        (30, 48, 0.4836276, 0.7478473),
        (0, 20, 0.0, 0.1611252),
        (20, 20, 0.8388748, 1.0),
        (15, 148, 0.0623864, 0.1604872),
        (1, 1, 0.2065493, 1.0),
        (81, 263, 0.2552885, 0.3662096),
    ],
)
def test_wilson_is_what_others_compute(
    successes: int, trials: int, low: float, high: float
) -> None:
    assert wilson_interval(successes, trials) == pytest.approx((low, high), abs=1e-6)


@given(st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_an_interval_holds_its_share_and_mirrors_the_other_sides(case: tuple[int, int]) -> None:
    successes, trials = case
    low, high = wilson_interval(successes, trials)
    assert 0 <= low <= successes / trials <= high <= 1
    mirrored = wilson_interval(trials - successes, trials)
    assert mirrored == pytest.approx((1 - high, 1 - low))


@pytest.mark.parametrize(("successes", "trials"), [(0, 0), (-1, 5), (6, 5)])
def test_no_share_has_no_interval(successes: int, trials: int) -> None:
    with pytest.raises(ValueError, match="is no share"):
        wilson_interval(successes, trials)


def test_a_share_is_shown_from_twenty_votes_on() -> None:
    assert VoteCount().interval is None
    assert VoteCount(ship=12, skip=7).interval is None
    assert VoteCount(ship=12, skip=7, set_aside={"burst": 40}).interval is None
    assert VoteCount(ship=10, skip=10).interval == ShareInterval(share=50, low=30, high=70)
    assert VoteCount(ship=30, skip=18).interval == ShareInterval(share=63, low=48, high=75)


def test_a_snapshot_has_a_time_with_its_zone_and_counts_that_can_be() -> None:
    with pytest.raises(ValidationError, match="no time zone"):
        VoteSnapshot(taken=NOON.replace(tzinfo=None), tools={})
    with pytest.raises(ValidationError):
        VoteCount(ship=-1)
    taken = VoteSnapshot(taken=NOON, tools={"a": VoteCount(ship=3)})
    assert VoteSnapshot.model_validate_json(taken.model_dump_json()) == taken
    assert taken.day == NOON.date()
    assert Community(service="https://v.example", snapshot=taken).count_of("a").ship == 3
    assert Community(service="https://v.example").count_of("a") == VoteCount()


@pytest.mark.parametrize("path", ["/", "/compare/a-vs-b/", "/tools/x/index.html"])
def test_a_path_of_the_site_is_local(path: str) -> None:
    assert is_local_path(path)


@pytest.mark.parametrize(
    "path",
    ["", "//evil.example", "/\\evil", "https://x", "/a b", "/a\n", "/" + "a/" * 9, "/a//b", "/?x"],
)
def test_what_leads_elsewhere_is_not_local(path: str) -> None:
    assert not is_local_path(path)


def test_a_network_is_an_ipv4_address_or_the_64_of_an_ipv6_address() -> None:
    assert network_of("203.0.113.9") != network_of("203.0.113.10")
    assert network_of("::ffff:203.0.113.9") == network_of("203.0.113.9")
    assert network_of("2001:db8::1") == network_of("2001:db8:0:0:ffff::2")
    assert network_of("2001:db8::1") != network_of("2001:db8:0:1::1")
    assert network_of("fe80::1%eth0") == network_of("fe80::2")
    assert network_of("no address") is None


def test_of_a_burst_the_first_voters_count_and_the_next_window_begins_anew() -> None:
    limits = NetworkLimits(VoteRules(voters_in_burst=2, burst_s=600, voters_a_day=4))

    def check(
        voter: int, at: datetime, address: str = "203.0.113.9", tool: str = "a"
    ) -> str | None:
        return limits.check(address, tool, b"%d" % voter, at)

    assert [check(n, NOON) for n in (1, 2, 3, 1)] == [None, None, "burst", None]
    assert check(4, NOON, tool="b") is None
    assert check(5, NOON, address="203.0.113.10") is None
    later = NOON + timedelta(minutes=10)
    assert [check(n, later) for n in (6, 7, 8)] == [None, None, "burst"]
    assert check(9, NOON + timedelta(minutes=20)) == "network_day"
    assert check(9, NOON + timedelta(days=1)) is None


def test_past_the_posts_of_a_day_a_network_is_refused() -> None:
    limits = NetworkLimits(VoteRules(posts_a_day=3))
    assert [limits.check("", "a", b"1", NOON) for _ in range(4)] == [None, None, None, "refused"]
    assert limits.check("", "a", b"1", NOON + timedelta(hours=12)) is None


@pytest.mark.parametrize(
    ("seconds", "length"),
    [(600, "10 minutes"), (60, "1 minute"), (90, "90 seconds"), (1, "1 second")],
)
def test_a_burst_is_told_with_its_length(seconds: int, length: str) -> None:
    assert VoteRules(burst_s=seconds).explain("burst").endswith(f"within {length}")


def test_the_memory_of_networks_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("panel.web.recent._MOST", 50)
    limits = NetworkLimits(VoteRules(posts_a_day=1))
    for n in range(400):
        limits.check(f"10.0.{n // 250}.{n % 250}", "a", b"%d" % n, NOON)
    assert limits.check("10.0.1.149", "a", b"new", NOON) == "refused"
    held = (limits._daily._posts, limits._of_day, limits._of_window)
    assert [len(recent._values) for recent in held] == [50, 50, 50]


def test_nothing_of_an_address_stays_in_memory_in_clear() -> None:
    limits = NetworkLimits(VoteRules())
    limits.check("203.0.113.9", "a", b"1", NOON)
    network = network_of("203.0.113.9")
    assert network is not None
    key = limits._daily._key
    kept = [*limits._daily._posts._values, *limits._of_day._values]
    assert not any(network in one for one in kept)
    limits.check("203.0.113.9", "a", b"1", NOON + timedelta(days=1))
    assert limits._daily._key != key
    assert not set(kept) & {*limits._daily._posts._values, *limits._of_day._values}


def test_a_voter_is_known_by_the_cookie_and_by_no_other_secret() -> None:
    voters = Voters(b"x" * 32, over_tls=True)
    new = voters.welcome()
    assert new.cookie is not None
    again = voters.recognise(new.cookie)
    assert again is not None
    assert (again.key, again.form_token, again.cookie) == (new.key, new.form_token, None)
    assert new.cookie.split(".")[0].encode() not in new.key
    assert Voters(b"y" * 32, over_tls=True).recognise(new.cookie) is None
    name, at, signature = new.cookie.split(".")
    forged = f"{name}.{at}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}"
    for bad in (None, "", "a.b.c", new.cookie[:-2], "x" * 5000, f"é{new.cookie}", forged):
        assert voters.recognise(bad) is None
    assert "; Secure" in voters.set_cookie(new)
    assert voters.set_cookie(new).startswith("__Host-voter=")
    assert "Secure" not in Voters(b"x" * 32, over_tls=False).set_cookie(new)


def test_a_cookie_ends_before_its_votes_are_folded(monkeypatch: pytest.MonkeyPatch) -> None:
    voters = Voters(b"x" * 32, over_tls=True)
    cookie = voters.welcome().cookie
    now = datetime.now(UTC).timestamp()  # noqa: TID251 - what itsdangerous reads
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: now + 180 * 86_400 - 60)
    assert voters.recognise(cookie)
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: now + 180 * 86_400 + 60)
    assert voters.recognise(cookie) is None
