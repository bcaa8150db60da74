"""What operators are told is so: units that systemd takes, metrics that are written, exit codes."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from panel.adapters.metrics_file import SUCCESSES, write_metrics
from panel.domain import batch_report
from panel.publish.batch_facts import _EXITS
from tests.batches import a_night

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "operations.md"
TEXT = DOCUMENT.read_text(encoding="utf-8")
UNITS = dict(re.findall(r"```\n# /etc/systemd/system/(\S+)\n(.*?)```", TEXT, re.DOTALL))


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
    constants = [value for name, value in vars(batch_report).items() if name.isupper()]
    codes = {value for value in constants if isinstance(value, int)}
    assert codes == set(_EXITS)
    assert told == codes | {1, 2, 75}


def test_systemd_takes_the_same_exits_as_success_as_the_metrics() -> None:
    (line,) = re.findall(r"^SuccessExitStatus=(.*)$", TEXT, re.MULTILINE)
    assert {0, *map(int, line.split())} == SUCCESSES


def test_the_units_are_what_systemd_takes(tmp_path: Path) -> None:
    checker = shutil.which("systemd-analyze")
    if checker is None:
        pytest.skip("systemd-analyze is not installed")
    assert set(UNITS) == {
        "shipskip-batch.service",
        "shipskip-batch.timer",
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
