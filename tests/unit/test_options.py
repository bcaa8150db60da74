"""Options of the command line: what is no amount or no length of time is one line, never a crash."""

import pytest

from panel.cli.main import run


@pytest.mark.parametrize(
    "given",
    ["0d", "d", "2", "-2h", "١h", "1e3h", "99999999d", "9" * 320 + "d", "9" * 5000 + "d"],
)
def test_what_is_no_length_of_time_is_a_usage_error(
    given: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["runs", "prune", "--older-than", given]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "is no length of time up to 100 years; write 90m, 2h or 45s" in line
    assert len(line) < 200


@pytest.mark.parametrize("given", ["-1", "nan", "sNaN", "inf", "1e10", "1e999999", "x" * 5000])
def test_what_is_no_amount_is_a_usage_error(given: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["batch", "feed.json", f"--max-cost={given}"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "is not an amount" in line
    assert len(line) < 200
