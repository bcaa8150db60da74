"""What operators are told is so: units that systemd takes, metrics that are written, exit codes."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from panel.cli.main import cli
from panel.errors import ExitCode
from panel.feeds.parse.json_csv_feeds import FIELDS, JsonCsvReader
from panel.publish.batch_summary import EXITS
from panel.store.metrics_file import SUCCESSES, write_metrics
from tests.batches import a_night

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs" / "operations.md"
README = (ROOT / "README.md").read_text(encoding="utf-8")
TEXT = DOCUMENT.read_text(encoding="utf-8")
UNITS = dict(re.findall(r"```\n# /etc/systemd/system/(\S+)\n(.*?)```", TEXT, re.DOTALL))


def a_copy_of_the_checkout(folder: Path) -> Path:
    """Return a folder with what a command reads of a checkout, and nothing that it has written."""
    for name in ("shipskip.toml", "personas", "prompts", "examples"):
        (folder / name).symlink_to(ROOT / name)
    return folder


def test_every_metric_in_the_document_is_written_and_every_one_written_is_in_it(
    tmp_path: Path,
) -> None:
    write_metrics(tmp_path / "shipskip.prom", a_night())
    written = re.findall(
        r"^# TYPE (\w+)", (tmp_path / "shipskip.prom").read_text("utf-8"), re.MULTILINE
    )
    told = {name.removesuffix("_bucket") for name in re.findall(r"\bshipskip_batch_\w+", TEXT)}
    assert told == set(written)


def test_every_exit_code_of_a_batch_is_explained() -> None:
    told = {int(code) for code in re.findall(r"^\| (\d+) \|", TEXT, re.MULTILINE)}
    of_others = {ExitCode.DIFFERS, ExitCode.GATE}
    assert set(ExitCode) == set(EXITS) | {ExitCode.BUG, ExitCode.BUSY} | of_others
    assert told == set(EXITS) | {ExitCode.BUG, ExitCode.BUSY}


def test_the_help_explains_the_exit_codes_in_the_same_words() -> None:
    told = {
        int(code): words
        for code, words in re.findall(
            r"(?<!\S)(\d+)  ([a-z][a-z, ]*?)(?=  |$)", cli.help or "", re.MULTILINE
        )
    }
    for code, words in EXITS.items():
        # A batch may say more of a setting that stopped it than that it is one.
        assert told[code].split(",")[0] == words.split(",")[0] or code == ExitCode.USAGE
    assert set(told) == set(ExitCode)


def test_systemd_takes_the_same_exits_as_success_as_the_metrics() -> None:
    batch, watch = re.findall(r"^SuccessExitStatus=(.*)$", TEXT, re.MULTILINE)
    assert {0, *map(int, batch.split())} == SUCCESSES | {75, 130}
    assert watch == batch
    (cron,) = re.findall(r"in ([\d|]+)\) ;;", TEXT)
    assert {*map(int, cron.split("|"))} == SUCCESSES | {75}


def test_the_feed_to_try_can_be_had_in_a_fresh_checkout(tmp_path: Path) -> None:
    named = set(re.findall(r"shipskip batch (examples/\S+)", TEXT + README))
    assert named == {"examples/feeds/today.json"}
    ran = subprocess.run(
        [sys.executable, "-m", "panel.cli.main", "batch", *named, "--dry-run"],
        cwd=a_copy_of_the_checkout(tmp_path),
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)},
    )
    assert ran.returncode == 0, ran.stderr
    assert "5 seen, 1 duplicate, 0 set aside, 0 held, 0 left from before: 4 to review" in ran.stdout


def test_the_csv_of_the_document_is_read() -> None:
    (table,) = re.findall(r"```\n(title,.*?)```", TEXT, re.DOTALL)
    (item,) = JsonCsvReader(table).items()
    assert (item.title, item.link) == ("Quillbase", "https://quillbase.example/")
    assert "$4 a month" in item.text


def test_the_fields_of_a_feed_are_those_that_are_read() -> None:
    table = TEXT.partition("| what | fields |")[2].partition("\n\n")[0]
    fields = [re.findall(r"`(\w+)`", row.rsplit("|", 2)[1]) for row in table.splitlines()[2:]]
    told = {field for row in fields for field in row}
    assert told == {name for names in FIELDS.values() for name in names}


def test_the_units_are_what_systemd_takes(tmp_path: Path) -> None:
    checker = shutil.which("systemd-analyze")
    if checker is None:
        pytest.skip("systemd-analyze is not installed")
    assert set(UNITS) == {
        "shipskip-batch.service",
        "shipskip-batch.timer",
        "shipskip-watch.service",
        "shipskip-watch.timer",
        "shipskip-worker@.service",
    }
    command = tmp_path / "shipskip"
    command.write_text("#!/bin/sh\n")
    command.chmod(0o755)
    for name, text in UNITS.items():
        there = re.sub(r"^ExecStart=\S+", f"ExecStart={command}", text, flags=re.MULTILINE)
        there = re.sub(r"^OnFailure=.*\n", "", there, flags=re.MULTILINE)
        (tmp_path / name).write_text(there)
    names = [name.replace("@", "@1") for name in UNITS]
    ran = subprocess.run(
        [checker, "verify", "--man=no", *(str(tmp_path / name) for name in names)],
        capture_output=True,
        text=True,
        check=False,
        env={"SYSTEMD_LOG_LEVEL": "warning", "PATH": "/usr/bin:/bin"},
    )
    ours = [line for line in ran.stderr.splitlines() if "shipskip" in line]
    assert ours == []
