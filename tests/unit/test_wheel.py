"""The wheel has all that `shipskip` reads beside its modules."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.conftest import CHECKOUT

pytestmark = pytest.mark.slow
_BESIDE_MODULES = (".yaml", ".j2", ".css", ".woff2", ".txt", ".json", ".typed", ".toml", ".md")


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The files in a wheel that is built as an installer builds it, without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    code = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"
    built = subprocess.run(
        (sys.executable, "-c", code, str(folder)),
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=True,
    )
    with zipfile.ZipFile(folder / built.stdout.split()[-1]) as wheel:
        return set(wheel.namelist())


def test_every_file_of_the_package_is_in_the_wheel(names: set[str]) -> None:
    files = [path for path in (CHECKOUT / "panel").rglob("*") if path.suffix in _BESIDE_MODULES]
    missing = {path.relative_to(CHECKOUT).as_posix() for path in files} - names
    assert missing == set()
    assert {
        "panel/py.typed",
        "panel/checklist/signals.yaml",
        "panel/screening/lexicon.yaml",
    } <= names
    assert "panel/publish/templates/verdict_page.j2" in names
    assert any(Path(name).match("panel/publish/fonts/*.woff2") for name in names)


def test_what_a_workspace_is_made_of_is_in_the_wheel(names: set[str]) -> None:
    for folder in ("personas", "prompts"):
        there = {f"panel/_data/{folder}/{path.name}" for path in (CHECKOUT / folder).iterdir()}
        assert there <= names
    assert "panel/_data/shipskip.toml" in names
