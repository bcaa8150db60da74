"""The screen of a batch: its report is shown though its files cannot be written any more."""

import json
from pathlib import Path

import pytest

from panel.cli.batch_output import Outputs, open_output
from panel.errors import StoreError
from tests.batches import a_night


def test_what_cannot_be_written_at_the_end_is_named_after_the_report_is_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "out"
    outputs = Outputs(
        tmp_path / "batches",
        "UTC",
        jsonl=str(tmp_path / "events.jsonl"),
        report=folder / "today.md",
        metrics=folder / "today.prom",
    )
    with open_output(outputs) as screen:
        assert list(folder.iterdir()) == []
        folder.rmdir()
        folder.write_text("a file, no folder")
        with pytest.raises(StoreError) as caught:
            screen.end(a_night())
    assert [line.partition(": ")[0] for line in str(caught.value).splitlines()] == [
        str(folder / "today.md"),
        str(folder / "today.prom"),
    ]
    assert capsys.readouterr().out.endswith("exit 3: finished, some failed\n")
    (event,) = (tmp_path / "events.jsonl").read_text("utf-8").splitlines()
    assert json.loads(event)["ev"] == "batch.done"


def test_one_file_is_written_though_another_cannot_be(tmp_path: Path) -> None:
    metrics = tmp_path / "metrics" / "today.prom"
    with open_output(Outputs(tmp_path / "batches", "UTC", metrics=metrics)) as screen:
        (tmp_path / "batches").rmdir()
        (tmp_path / "batches").write_text("a file, no folder")
        with pytest.raises(StoreError, match="its panels are kept"):
            screen.end(a_night())
    assert "shipskip_batch_exit_code 3.0" in metrics.read_text("utf-8")


@pytest.mark.parametrize("name", ["report", "metrics", "jsonl"])
def test_a_place_that_cannot_be_written_is_found_at_the_start(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("no folder")
    path = tmp_path / "file" / "today"
    outputs = {"report": Outputs(tmp_path, "UTC", report=path)}
    outputs["metrics"] = Outputs(tmp_path, "UTC", metrics=path)
    outputs["jsonl"] = Outputs(tmp_path, "UTC", jsonl=str(path))
    with pytest.raises(StoreError, match="Nothing was begun"), open_output(outputs[name]):
        pass
