"""S5: no hostile feed raises, none takes more than its time and memory, a good one is always read."""

import json
import resource
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from panel.app.sources import read_feeds
from panel.domain.feed import Feed, Unread
from panel.feeds.fetch import Fetcher
from panel.feeds.reader import MOST_MEGABYTES, most_seconds
from tests.bars.conftest import Show

GOOD = (
    b'<rss version="2.0"><channel><title>x</title><item><title>Rowboat Sync</title>'
    b"<link>https://rowboat.example/</link><description>In step.</description></item></channel></rss>"
)
MOST_S = 2.0
MOST_BYTES = 200_000_000


@dataclass(frozen=True)
class Cost:
    """What one child took: processor seconds with its start, bytes above idle, lines written."""

    name: str
    seconds: float
    above_idle: int | None
    lines: int


@pytest.fixture
def files(shared_data: Path) -> list[Path]:
    folder = shared_data / "corpora" / "feeds"
    index = (folder / "index.jsonl").read_text(encoding="utf-8").splitlines()
    return [folder / json.loads(line)["file"] for line in index]


def cost_alone(name: str, data: bytes, seconds: float | None = None) -> Cost:
    """Return what reading `data` takes, in a child alone."""
    command = (sys.executable, "-I", "-m", "panel.feeds.parse", "feed", "")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    ran = subprocess.run(
        (*command, str(MOST_MEGABYTES), str(seconds or most_seconds(len(data)))),
        input=data,
        capture_output=True,
        env={},
        check=False,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    took = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    lines = ran.stdout.splitlines()
    # A child that was ended by a limit has no last line: the limit itself is what it took.
    above_idle = json.loads(lines[-1])["last"]["above_idle"] if ran.returncode == 0 else None
    return Cost(name, took, above_idle, len(lines))


async def test_no_feed_of_the_corpus_raises_and_the_good_one_is_read(
    files: list[Path], tmp_path: Path, show: Show
) -> None:
    good = tmp_path / "good.xml"
    good.write_bytes(GOOD)
    reads = await read_feeds([*map(str, files), str(good)], Fetcher())
    feeds = [one.outcome for one in reads if isinstance(one.outcome, Feed)]
    unread = [one.outcome for one in reads if isinstance(one.outcome, Unread)]
    assert len(feeds) + len(unread) == len(files) + 1
    assert isinstance(reads[-1].outcome, Feed)
    assert reads[-1].outcome.entries[0].title == "Rowboat Sync"
    assert not any("root:" in entry.text for feed in feeds for entry in feed.entries)
    by_name = {Path(one.source).name: one.outcome for one in reads}
    for name, outcome in by_name.items():
        if name.startswith("fp_ill"):
            assert isinstance(outcome, Unread) or outcome.malformed, name  # type: ignore[union-attr]
    entries = {name: len(o.entries) for name, o in by_name.items() if isinstance(o, Feed)}
    assert entries["own_5k_items.xml.gz"] == 5_000
    assert entries["own_dates.xml"] == 6
    assert entries["own_republish_v1.xml"] == entries["own_republish_v2.xml"] == 2
    markup = [name for name in by_name if name.startswith(("fp_san", "fv_"))]
    assert all(isinstance(by_name[name], Feed) for name in markup)
    show(
        f"S5: {len(files)} hostile feeds and a good one in one batch: 0 exceptions, "
        f"{len(feeds)} read ({sum(1 for feed in feeds if feed.malformed)} malformed, "
        f"{sum(entries.values()):,} entries), {len(unread)} unread; the good one read"
    )


def test_each_feed_of_the_corpus_stays_within_time_and_memory(
    files: list[Path], show: Show
) -> None:
    costs = [cost_alone(path.name, path.read_bytes()) for path in files]
    slowest = max(costs, key=lambda cost: cost.seconds)
    largest = max(costs, key=lambda cost: cost.above_idle or 0)
    show(
        f"S5: alone in its child: slowest {slowest.name} {slowest.seconds:.2f} s of processor "
        f"(at most {MOST_S:g}), largest {largest.name} {(largest.above_idle or 0) / 1e6:.1f} MB "
        f"above idle (at most 200), {sum(cost.above_idle is None for cost in costs)} ended by a limit"
    )
    assert slowest.seconds <= MOST_S
    assert (largest.above_idle or 0) <= MOST_BYTES
    assert len(costs) == 139


def test_a_limit_of_time_ends_what_goes_over_it_and_keeps_what_was_read(show: Show) -> None:
    # A browser's parser looks through all open elements for each further one, and 5,000 are let in.
    deep = b"<item><description><![CDATA[" + b"<div>" * 4_900 + b"]]></description></item>"
    data = GOOD.replace(b"</channel>", deep * 150 + b"</channel>")
    cost = cost_alone("deep", data, seconds=1.0)
    show(f"S5: 150 items of 4,900 open elements: ended after {cost.seconds:.2f} s of processor")
    assert cost.above_idle is None
    assert cost.lines >= 1
    assert cost.seconds <= MOST_S + 0.3  # its start is outside the limit


def test_a_limit_of_memory_holds(show: Show) -> None:
    cost = cost_alone("memory", b"[" + b"[1]," * 1_200_000 + b"[1]]")
    show(f"S5: 1,200,000 lists: {cost.above_idle} bytes above idle")
    assert (cost.above_idle or 0) <= MOST_BYTES
