"""Compiled templates: read instead of compiled again, and in no one's way where none can be kept."""

import sys
from pathlib import Path

import pytest
from jinja2 import Environment, Template

from panel.publish.compiled_templates import CompiledTemplates


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path / "compiled"))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    (tmp_path / "maker.py").write_text("finalize = None", "utf-8")
    (tmp_path / "page.j2").write_text("{{ 6 * 7 }} tools", "utf-8")
    return tmp_path


def rendered(folder: Path) -> str:
    """Return the page, as a loader makes it; those of the tests have a cache of their own."""
    environment, cache = (
        Environment(autoescape=True),
        CompiledTemplates(folder, folder / "maker.py"),
    )
    path = folder / "page.j2"
    source = path.read_text("utf-8")
    bucket = cache.get_bucket(environment, path.name, str(path), source)
    if bucket.code is None:
        bucket.code = environment.compile(source, path.name, str(path))
        cache.set_bucket(bucket)
    return Template.from_code(environment, bucket.code, {}).render()


def compiled(folder: Path) -> list[Path]:
    return [path for path in (folder / "compiled").rglob("*") if path.is_file()]


def test_a_template_is_read_as_it_was_compiled_until_its_source_is_another_one(kept: Path) -> None:
    assert rendered(kept) == "42 tools"
    (path,) = compiled(kept)
    path.write_bytes(path.read_bytes().replace(b" tools", b" pages"))
    assert rendered(kept) == "42 pages"
    (kept / "maker.py").write_text("finalize = str", "utf-8")
    assert rendered(kept) == "42 tools"
    (kept / "page.j2").write_text("{{ 6 * 7 }} reviewers", "utf-8")
    assert rendered(kept) == "42 reviewers"


def test_where_none_can_be_kept_each_is_compiled(
    kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as switched_off:
        switched_off.setattr(sys, "dont_write_bytecode", True)
        assert rendered(kept) == "42 tools"
    (kept / "compiled").write_text("no folder", "utf-8")
    assert rendered(kept) == "42 tools"
