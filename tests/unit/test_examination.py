"""`doctor` says who would answer, where, and what stands in the way."""

from pathlib import Path

import pytest

from panel.errors import ConfigError
from panel.examination import examine
from tests.conftest import CHECKOUT
from tests.sealing import take_keys


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace of its own with the built-in voice."""
    take_keys(monkeypatch)
    for name in ("personas", "prompts"):
        (tmp_path / name).symlink_to(CHECKOUT / name)
    (tmp_path / "shipskip.toml").write_text("", encoding="utf-8")
    return tmp_path


def seats(root: Path) -> list[str]:
    return [seat["ref"] for seat in examine(root)["seats"]]


def test_without_a_key_the_checklist_answers_and_it_is_said(root: Path) -> None:
    found = examine(root)
    assert found["ok"]
    assert seats(root) == ["checklist"] * 4
    assert found["keys"] == {"OPENAI_API_KEY": False, "MISTRAL_API_KEY": False}
    assert any("no key is set" in note for note in found["notes"])
    assert any("asks no model" in note for note in found["notes"])


def test_with_a_key_a_model_answers_and_the_key_is_not_shown(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MISTRAL_API_KEY", "a-secret")
    found = examine(root)
    assert set(seats(root)) == {"mistral:mistral-medium-latest"}
    assert found["keys"]["MISTRAL_API_KEY"] is True
    assert "a-secret" not in repr(found)
    assert not any("no key" in note or "checklist" in note for note in found["notes"])


def test_a_server_of_ones_own_is_named_without_its_password(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://me:word@127.0.0.1:11434/v1")
    found = examine(root)
    assert found["keys"]["OPENAI_API_KEY"] is False
    assert "openai models are asked at http://127.0.0.1:11434/v1" in found["notes"]
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
        f"{root}: No space left on device; runs cannot be kept here. Choose another with --root."
    ]


def test_wrong_settings_are_raised_by_file_and_key(root: Path) -> None:
    (root / "shipskip.toml").write_text("[verdict]\nquorum = 0", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"shipskip\.toml: verdict\.quorum"):
        examine(root)


def test_an_examination_leaves_nothing_behind(root: Path) -> None:
    before = sorted(root.iterdir())
    examine(root)
    assert sorted(root.iterdir()) == before
