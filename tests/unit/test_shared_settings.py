"""Settings of many machines: the database that they share, and the day's schedule."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from panel.app.settings import load_settings
from panel.app.workspace import Workspace
from panel.cli.main import cli
from panel.errors import ConfigError

ADDRESS = "postgresql://me:s3cret@db.example/shipskip"


def write(folder: Path, text: str) -> Path:
    file = folder / "shipskip.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_the_environment_names_the_database_before_the_file_does(tmp_path: Path) -> None:
    file = write(tmp_path, 'database_url = "postgresql://in/file"\n')
    assert load_settings(file, {}).database_url == "postgresql://in/file"
    named = {"SHIPSKIP_DATABASE_URL": " postgres://in/environment "}
    assert load_settings(file, named).database_url == "postgres://in/environment"
    assert load_settings(None, {}).database_url is None


def test_a_password_is_never_shown(tmp_path: Path) -> None:
    settings = load_settings(None, {"SHIPSKIP_DATABASE_URL": ADDRESS})
    assert "s3cret" not in repr(settings)
    bad = write(tmp_path, f'database_url = "{ADDRESS.replace("postgresql", "mysql")}"\n')
    with pytest.raises(ConfigError, match="write postgresql://USER:PASSWORD@HOST") as fault:
        load_settings(bad, {})
    assert "s3cret" not in str(fault.value)


@pytest.mark.parametrize(
    ("address", "name"),
    [
        (ADDRESS, "postgresql://db.example/shipskip"),
        ("postgres://me:s3%40/%3Fcret@[::1]:5433/x", "postgresql://[::1]:5433/x"),
        ("postgresql://db.example/x?user=me&password=s3cret", "postgresql://db.example/x"),
        ("postgresql:///x?host=/run/s3cret", "postgresql:///x"),
    ],
)
def test_runs_are_in_the_database_that_is_named_without_its_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SHIPSKIP_DATABASE_URL", address)
    assert Workspace.open().runs.name == name


def test_a_schedule_is_five_fields_of_cron_and_feeds(tmp_path: Path) -> None:
    text = '[schedule]\ncron = "30 5 * * mon-fri"\nfeeds = ["https://feeds.example/x.xml"]\n'
    schedule = load_settings(write(tmp_path, text), {}).schedule
    assert schedule is not None
    assert (schedule.cron, schedule.feeds) == ("30 5 * * mon-fri", ("https://feeds.example/x.xml",))
    for bad, says in (
        (text.replace("30 5 *", "at 5"), 'schedule.cron: write the five fields of cron, like "30'),
        (text.replace('"https://feeds.example/x.xml"', ""), "schedule.feeds"),
    ):
        with pytest.raises(ConfigError, match=says):
            load_settings(write(tmp_path, bad), {})


def test_a_worker_without_a_shared_database_says_what_to_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SHIPSKIP_DATABASE_URL", raising=False)
    ran = CliRunner().invoke(cli, ["worker"], standalone_mode=False)
    assert isinstance(ran.exception, ConfigError)
    assert "SHIPSKIP_DATABASE_URL" in str(ran.exception)
