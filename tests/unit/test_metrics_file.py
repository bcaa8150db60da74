"""The metrics of a batch: whole or not at all, gauges, and only what is known."""

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from panel.domain.batch_report import BatchReport
from panel.errors import StoreError
from panel.store.metrics_file import write_metrics
from tests.batches import BEGAN, ENDED, a_batch, a_job, a_night, a_report, an_outcome, some_voices

LAST = "shipskip_batch_last_success_timestamp_seconds"


def figures(path: Path) -> dict[str, float]:
    """Return every figure in a file, by its name without the prefix and its label's value."""
    found = {}
    for family in text_string_to_metric_families(path.read_text("utf-8")):
        assert family.type in {"gauge", "histogram"}
        assert not family.name.endswith("_total")
        for sample in family.samples:
            label = "".join(f"[{value}]" for value in sample.labels.values())
            found[sample.name.removeprefix("shipskip_batch_") + label] = sample.value
    return found


def written(folder: Path, report: BatchReport) -> dict[str, float]:
    write_metrics(folder / "shipskip.prom", report)
    assert [path.name for path in folder.iterdir()] == ["shipskip.prom"]
    return figures(folder / "shipskip.prom")


def test_a_night_in_figures(tmp_path: Path) -> None:
    found = written(tmp_path, a_night())
    assert found["exit_code"] == 3
    assert found["last_success_timestamp_seconds"] == found["end_timestamp_seconds"]
    assert found["end_timestamp_seconds"] == ENDED.timestamp()
    assert found["duration_seconds"] == (ENDED - BEGAN) / timedelta(seconds=1)
    assert found["tools_seen"] == 11
    states = ("in_review", "duplicate", "set_aside", "held", "failed", "waiting", "left")
    assert [found[f"tools[{state}]"] for state in states] == [3, 4, 1, 1, 1, 0, 1]
    assert (found["feeds[read]"], found["feeds[unread]"]) == (1, 1)
    assert (found["calls"], found["retries"], found["invalid_answers"]) == (33, 1, 6)
    assert [found[f"tokens[{way}]"] for way in ("in", "in_cached", "out")] == [48000, 24000, 12000]
    assert (found["cost_usd"], found["cost_cap_usd"]) == (0.4218, 6)
    assert found["cost_by_model_usd[openai:gpt-test]"] == 0.4218
    assert found["ship_ratio[skeptic]"] == pytest.approx(2 / 3)
    assert found["score_mean[builder]"] == 7
    assert (found["scorecards[skeptic]"], found["abstentions[skeptic]"]) == (3, 1)
    assert found["citation_verbatim_ratio"] == pytest.approx(68 / 70)
    assert found["injection_flags"] == 1
    assert (found["drift[skeptic]"], found["drift[builder]"]) == (1, 0)
    buckets = [found[f"panel_seconds_bucket[{most}]"] for most in ("30.0", "60.0", "120.0", "+Inf")]
    assert buckets == [0, 1, 4, 4]
    assert (found["panel_seconds_count"], found["panel_seconds_sum"]) == (4, 255.12)


def test_what_is_not_known_is_not_written(tmp_path: Path) -> None:
    unknown = an_outcome(
        "none none none none", cost_usd=None, tokens_in=0, evidence=0, verbatim=0, ms=0
    )
    found = written(
        tmp_path, a_report([a_job(state="failed", outcome=unknown)], batch=a_batch(ended=None))
    )
    names = {name.partition("[")[0] for name in found}
    assert names == {
        "exit_code",
        "tools_seen",
        "tools",
        "feeds",
        "calls",
        "retries",
        "invalid_answers",
        "scorecards",
        "abstentions",
        "injection_flags",
    }


def test_the_last_success_outlives_a_batch_that_was_none(tmp_path: Path) -> None:
    first = written(tmp_path, a_report([a_job()]))["last_success_timestamp_seconds"]
    later = ENDED + timedelta(days=1)
    failed = a_report([a_job(state="failed")], batch=a_batch(ended=later))
    for _ in range(2):
        found = written(tmp_path, failed)
        assert found["exit_code"] == 4
        assert found["last_success_timestamp_seconds"] == first
        assert found["end_timestamp_seconds"] == later.timestamp()


@pytest.mark.parametrize("there", ["", f"{LAST} soon\n", "# nothing\n", "\udcff"])
def test_a_file_that_tells_nothing_of_it_gives_no_time(tmp_path: Path, there: str) -> None:
    path = tmp_path / "shipskip.prom"
    path.write_bytes(there.encode("utf-8", "surrogateescape"))
    found = written(tmp_path, a_report([a_job(state="failed")]))
    assert "last_success_timestamp_seconds" not in found


def test_nobody_waits_for_a_pipe_in_the_place_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "shipskip.prom"
    os.mkfifo(path)
    with ThreadPoolExecutor() as threads:
        writing = threads.submit(write_metrics, path, a_report([a_job(state="failed")]))
        try:
            with pytest.raises(StoreError, match="name another file with --metrics"):
                writing.result(timeout=30)
        finally:  # whoever reads a pipe goes on once somebody has opened and closed it
            with suppress(OSError):
                os.close(os.open(path, os.O_WRONLY | os.O_NONBLOCK))


def test_names_of_models_cannot_make_a_line_of_their_own(tmp_path: Path) -> None:
    model = 'a"} 1\nshipskip_batch_exit_code 0'
    job = a_job(outcome=an_outcome(voices=some_voices("ship none", model=model)))
    found = written(tmp_path, a_report([job, a_job("B", "failed")]))
    assert found["exit_code"] == 3
    assert found[f"cost_by_model_usd[{model}]"] == 0.1042


def test_a_place_that_cannot_be_written_to_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(StoreError, match=r"\. The batch is safe"):
        write_metrics(tmp_path / "file" / "shipskip.prom", a_night())


def test_the_folder_is_made(tmp_path: Path) -> None:
    write_metrics(tmp_path / "new" / "one" / "shipskip.prom", a_night())
    assert figures(tmp_path / "new" / "one" / "shipskip.prom")["exit_code"] == 3
