"""`doctor` says who would answer, where, and what stands in the way."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from panel.app.clock import SystemClock
from panel.app.doctor import examine
from panel.errors import ConfigError
from panel.providers.services import built_in
from panel.store.sql.ledger import SqlLedger
from tests.conftest import CHECKOUT
from tests.sealing import take_keys

pytestmark = pytest.mark.no_cover


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace of its own with the built-in voice."""
    take_keys(monkeypatch)
    for name in ("personas", "prompts"):
        (tmp_path / name).symlink_to(CHECKOUT / name)
    (tmp_path / "shipskip.toml").write_text("", encoding="utf-8")
    return tmp_path


def assignments(root: Path) -> list[str]:
    return [assignment["ref"] for assignment in examine(root)["assignments"]]


def test_without_a_key_the_checklist_answers_and_it_is_said(root: Path) -> None:
    found = examine(root)
    assert found["ok"]
    assert assignments(root) == ["checklist"] * 4
    assert found["keys"] == {"OPENAI_API_KEY": False, "MISTRAL_API_KEY": False}
    assert any("no key is set" in note for note in found["notes"])
    assert any("asks no model" in note for note in found["notes"])


def test_with_a_key_a_model_answers_and_the_key_is_not_shown(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MISTRAL_API_KEY", "a-secret")
    found = examine(root)
    assert set(assignments(root)) == {"mistral:mistral-medium-latest"}
    assert found["keys"]["MISTRAL_API_KEY"] is True
    assert "a-secret" not in repr(found)
    assert not any("no key" in note or "checklist" in note for note in found["notes"])


@pytest.mark.parametrize(
    "address",
    [
        "http://me:word@127.0.0.1:11434/v1",
        "http://127.0.0.1:11434/v1?api-key=word",
        "http://word@127.0.0.1:11434/v1?version=1&code=word#word",
    ],
)
@pytest.mark.parametrize("provider", ["openai", "mistral"])
def test_a_server_of_ones_own_is_named_without_its_password_and_query(
    root: Path, provider: str, address: str
) -> None:
    text = f'[{provider}]\nbase_url = "{address}"'
    (root / "shipskip.toml").write_text(text, encoding="utf-8")
    found = examine(root)
    assert found["keys"]["OPENAI_API_KEY"] is False
    shown = {one["name"]: one["address"] for one in found["services"]}
    query = " with a query" if "?" in address else ""
    assert shown[provider] == f"http://127.0.0.1:11434/v1{query}"
    assert "word" not in repr(found)


def test_every_library_is_named_with_its_version_or_what_to_install(root: Path) -> None:
    found = examine(root)["libraries"]
    assert found["pydantic"][0].isdigit()
    assert all(state[0].isdigit() or "shipskip[" in state for state in found.values())


def test_a_folder_that_cannot_be_written_to_is_a_fault(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    found = examine(root)
    assert not found["ok"]
    assert found["faults"] == [
        f"{root}: No space left on device; nothing can be kept here. Free some space."
    ]


@pytest.mark.parametrize("name", ["runs", "batches", "site"])
def test_a_file_in_the_place_of_a_folder_of_the_batch_is_a_fault(root: Path, name: str) -> None:
    (root / name).write_text("in the way", encoding="utf-8")
    (fault, *more) = examine(root)["faults"]
    assert fault.startswith(f"{root / name}: Not a directory; no ")
    assert fault.endswith("Move away the file that stands there.")
    assert all(f"{root / 'runs'}/" in one for one in more)


def test_a_file_in_the_place_of_todays_folder_is_a_fault(root: Path) -> None:
    (root / "shipskip.toml").write_text('[batch]\nzone = "Etc/GMT+12"', encoding="utf-8")
    today = SystemClock().now().astimezone(ZoneInfo("Etc/GMT+12")).date().isoformat()
    (root / "runs").mkdir()
    (root / "runs" / today).write_text("in the way", encoding="utf-8")
    (fault,) = examine(root)["faults"]
    assert fault.startswith(f"{root / 'runs' / today}: Not a directory; no run can be kept here.")


def test_a_link_that_leads_nowhere_is_a_fault(root: Path) -> None:
    (root / "batches").symlink_to(root / "not mounted")
    (fault,) = examine(root)["faults"]
    assert fault.startswith(f"{root / 'batches'}: No such file or directory; no report")


def test_a_folder_in_the_place_of_the_ledger_is_a_fault(root: Path) -> None:
    (root / "ledger.db").mkdir()
    (fault,) = examine(root)["faults"]
    assert fault.startswith(f"{root / 'ledger.db'}: it is no file. Put a backup")


def test_a_ledger_that_can_be_read_and_not_written_is_a_fault(root: Path) -> None:
    SqlLedger.open(root / "ledger.db").close()
    assert examine(root)["ok"]
    with closing(sqlite3.connect(root / "ledger.db")) as connection:
        connection.execute(
            "CREATE TRIGGER no BEFORE UPDATE ON journal_head "
            "BEGIN SELECT RAISE(ABORT, 'nothing may be written'); END"
        )
    (fault,) = examine(root)["faults"]
    assert fault.startswith(f"{root / 'ledger.db'}: nothing may be written.")


def test_a_quorum_that_no_panel_can_reach_is_a_fault(root: Path) -> None:
    (root / "shipskip.toml").write_text("[verdict]\nquorum = 4", encoding="utf-8")
    assert examine(root)["ok"]
    (root / "shipskip.toml").write_text("[verdict]\nquorum = 9", encoding="utf-8")
    (fault,) = examine(root)["faults"]
    assert fault.startswith("4 personas cannot reach the quorum of 9, so no tool")


@pytest.mark.parametrize(("ago", "said"), [(0.51, "is 0.5 hours old"), (30.2, "is 30 hours old")])
def test_an_overdue_batch_is_told_with_its_age(root: Path, ago: float, said: str) -> None:
    (root / "shipskip.toml").write_text("[batch]\noverdue_after_h = 0.5", encoding="utf-8")
    began = SystemClock().now() - timedelta(hours=ago)
    ledger = SqlLedger.open(root / "ledger.db")
    ledger.batches.end(ledger.batches.open(began.date(), began, "x").id, began, 0)
    ledger.close()
    (fault,) = examine(root)["faults"]
    assert said in fault


def test_wrong_settings_are_raised_by_file_and_key(root: Path) -> None:
    (root / "shipskip.toml").write_text("[verdict]\nquorum = 0", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"shipskip\.toml: verdict\.quorum"):
        examine(root)


def test_an_examination_leaves_nothing_behind(root: Path) -> None:
    before = sorted(root.iterdir())
    examine(root)
    assert sorted(root.iterdir()) == before


def services(root: Path) -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in examine(root)["services"]}


def test_each_service_that_is_configured_has_a_line_with_its_key_and_what_it_takes(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (
        '[services.house]\nbase_url = "http://10.0.0.7:9?code=word"\nkey_variable = "HOUSE_KEY"\n'
        'needs_key = true\nanswer_format = "none"\n[models]\npanel = ["ollama:qwen3"]\n'
    )
    (root / "shipskip.toml").write_text(text, encoding="utf-8")
    monkeypatch.setenv("DEEPSEEK_API_KEY", "a-secret-of-deepseek")
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", "a-secret-of-azure")
    found = services(root)
    assert found.keys() == {"openai", "mistral", "azure", "deepseek", "ollama", "house"}
    assert found["openai"]["key"] == "OPENAI_API_KEY is not set"
    assert (found["deepseek"]["ready"], found["deepseek"]["key"]) == (
        True,
        "DEEPSEEK_API_KEY is set",
    )
    assert found["deepseek"]["takes"] == (
        "chat API with json_object and the schema in the prompt, without prompt_cache_key"
    )
    assert (found["azure"]["ready"], found["azure"]["address"]) == (False, "no base_url is set")
    assert found["ollama"]["key"] == "needs no key (OLLAMA_API_KEY is not set)"
    assert found["house"]["address"] == "http://10.0.0.7:9 with a query"
    assert found["house"]["key"] == "HOUSE_KEY is not set"
    assert found["house"]["takes"].startswith("chat API with no response format")
    said = repr(examine(root))
    assert "secret" not in said
    assert "word" not in said
    assert "deepseek has a key and no model" in said


def test_every_built_in_service_can_be_described(root: Path) -> None:
    tables = "".join(f'[services."{name}"]\nconcurrency = 7\n' for name in built_in())
    (root / "shipskip.toml").write_text(tables, encoding="utf-8")
    found = services(root)
    assert found.keys() == built_in().keys()
    assert found["local"]["address"] == "a file on this machine"
    assert all(one["takes"] and one["key"] and one["address"] for one in found.values())
