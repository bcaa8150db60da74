"""What the documents say is so: examples run, commands are named, paths exist."""

import doctest
import re
import subprocess
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import click
import pytest

import panel
from panel.app.settings import Settings, load_settings
from panel.cli.main import cli
from panel.domain.flips import PROMPT as FLIPS
from panel.domain.flips import VARIABLES
from panel.domain.prompts import PROMPTS
from panel.providers.services import built_in
from panel.store.persona_files import load_personas, load_prompt
from tests.conftest import CHECKOUT
from tests.sealing import take_keys

README = (CHECKOUT / "README.md").read_text(encoding="utf-8")
ARCHITECTURE = "\n".join(
    (CHECKOUT / name).read_text(encoding="utf-8") for name in ("ARCHITECTURE.md", "docs/parts.md")
)
EXAMPLE = re.compile(r"<!-- the tests run this -->\n```python\n(.*?)```", re.DOTALL)
SHELL = re.compile(r"shipskip +((?:[a-z]+ ?)+)([^`|\n]*)")
PATHS = re.compile(r"(?<![\w./*-])(?:[a-z_]+/)*[a-z_]+(?:/|\.(?:py|toml|j2|yaml|md))(?![\w*<-])")
# Of this machine or another: what stands in a document has to be there for everybody.
MACHINE = re.compile(r"(?<![\w.>])/(?:work|home|Users|root|tmp|mnt|opt|srv)/\w")
REGISTRY = re.compile(
    r"pypi\.org|pythonhosted|npmjs|(?<!emit-)index-url|//[\w.-]+/simple\b", re.IGNORECASE
)


def commands(group: click.Group = cli, before: str = "") -> Iterator[tuple[str, click.Command]]:
    """Yield every command that can be given, by its words."""
    for name, command in group.commands.items():
        words = f"{before} {name}".strip()
        if isinstance(command, click.Group):
            yield from commands(command, words)
        else:
            yield words, command


COMMANDS = dict(commands())
each_command = pytest.mark.parametrize("words", COMMANDS)


def options(command: click.Command) -> set[str]:
    return {name for one in command.params for name in one.opts if name.startswith("--")}


def test_the_python_example_runs_as_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (example,) = EXAMPLE.findall(README)
    assert len(example.splitlines()) <= 10
    take_keys(monkeypatch)
    (tmp_path / "examples").symlink_to(CHECKOUT / "examples")
    monkeypatch.chdir(tmp_path)
    exec(compile(example, "README.md", "exec"), {})  # noqa: S102 - that is what is tested
    shown = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in shown[:2]] == ["Rowboat", "PixelBroth"]
    assert len(shown) == 3
    assert all(Path(line.split()[-1]).is_file() for line in shown)


def is_error(name: str) -> bool:
    one = getattr(panel, name)
    return isinstance(one, type) and issubclass(one, panel.PanelError)


WITH_EXAMPLES = [
    *(name for name in panel.__all__ if name != "__version__" and not is_error(name)),
    "PanelError", "Stopped", "ToolError",
]  # fmt: skip


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_each_public_name_has_an_example_that_runs_as_it_stands(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_keys(monkeypatch)
    (tmp_path / "examples").symlink_to(CHECKOUT / "examples")
    monkeypatch.chdir(tmp_path)
    one = getattr(panel, name)
    # Its own docstring, and not those of its methods: a method's example may stand on another's.
    (example,) = doctest.DocTestFinder(recurse=False).find(one, name, globs={})
    assert example.examples, f"panel.{name} shows no example"
    said: list[str] = []
    ran = doctest.DocTestRunner(verbose=False).run(example, out=said.append)
    assert ran.failed == 0, "".join(said)


def test_the_package_says_that_it_is_typed() -> None:
    assert (CHECKOUT / "panel" / "py.typed").is_file()
    assert panel.__version__ == version("shipskip")


@pytest.mark.parametrize("name", cli.commands)
def test_the_readme_names_every_command(name: str) -> None:
    assert re.search(rf"\b{name}\b", README)


def test_every_command_line_in_the_readme_can_be_given() -> None:
    found = SHELL.findall(README)
    assert len(found) > 8
    for words, rest in found:
        name = next((w for w in COMMANDS if f"{words} ".startswith(f"{w} ")), None)
        assert name or words.strip() in {*cli.commands, ""} or rest.startswith("-"), words
        given = set(re.findall(r"--[a-z-]+", rest))
        known = options(COMMANDS[name]) if name else set()
        assert given <= known | {"--help"}, f"shipskip {words}{rest}"


@each_command
def test_every_command_and_option_says_what_it_does(words: str) -> None:
    command = COMMANDS[words]
    assert command.help
    assert command.help.splitlines()[0].rstrip().endswith((".", ":"))
    for option in command.params:
        if isinstance(option, click.Option):
            assert option.help, f"{words} {option.name}"
            assert option.help.endswith("."), f"{words} {option.name}"


@each_command
def test_the_help_of_every_command_fits_a_narrow_terminal(
    words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    cli.main([*words.split(), "--help"], standalone_mode=False)
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 80


def test_every_variable_of_a_prompt_is_used_and_every_prompt_is_there() -> None:
    persona_set = load_personas(CHECKOUT / "personas", CHECKOUT / "prompts")
    assert {prompt.name: prompt.variables for prompt in persona_set.prompts} == dict(PROMPTS)
    files = {path.stem for path in (CHECKOUT / "prompts").glob("*")}
    assert files == {*PROMPTS, FLIPS}
    assert load_prompt(CHECKOUT / "prompts" / f"{FLIPS}.md", VARIABLES).variables == VARIABLES


def test_every_key_of_the_settings_file_is_a_setting_those_in_comments_too(tmp_path: Path) -> None:
    text = (CHECKOUT / "shipskip.toml").read_text(encoding="utf-8")
    bare = re.sub(r"^# (?=\[|\w+ = )", "", text, flags=re.MULTILINE)
    assert bare != text
    (tmp_path / "shipskip.toml").write_text(bare, encoding="utf-8")
    settings = load_settings(tmp_path / "shipskip.toml", {})
    assert {"house", "ollama"} <= settings.services.keys()
    assert settings.limits.per_model
    assert settings.prices


@pytest.mark.parametrize("section", ["models", "verdict", "calls", "limits"])
def test_the_settings_file_shows_defaults_as_they_are(section: str) -> None:
    shown = load_settings(CHECKOUT / "shipskip.toml", {})
    assert getattr(shown, section) == getattr(Settings(), section)


def test_the_chapter_on_models_has_each_service_with_its_key_and_its_address() -> None:
    text = (CHECKOUT / "docs" / "models.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([\w.]+)` \| (.+) \|$", text, flags=re.MULTILINE))
    assert rows.keys() == built_in().keys()
    for name, one in built_in().items():
        assert one.key_variable is None or f"`{one.key_variable}`" in rows[name]
        assert one.address_variable is None or f"`{one.address_variable}`" in rows[name]
        assert ("none" in rows[name]) is not one.needs_key


def test_every_path_in_the_architecture_exists() -> None:
    known = {path.name for path in (CHECKOUT / "panel").rglob("*.py")}
    found = set(PATHS.findall(ARCHITECTURE))
    assert len(found) > 20
    missing = [
        path
        for path in sorted(found)
        if not (CHECKOUT / path).exists()
        and not (CHECKOUT / "panel" / path).exists()
        and not ("/" not in path and path in known)
    ]
    assert missing == []


def test_every_folder_that_the_readme_draws_is_there() -> None:
    drawn = re.findall(r"^([a-z]+/) {2,}", README, re.MULTILINE)
    assert len(drawn) >= 5
    assert [folder for folder in drawn if not (CHECKOUT / folder).is_dir()] == []


def tracked() -> list[Path]:
    """Return the files under version control; outside a checkout there are none to look at."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [CHECKOUT / name for name in listed.stdout.split("\0") if name]


def test_no_file_names_a_path_of_a_machine_or_a_registry() -> None:
    faults = []
    for path in tracked():
        if path.resolve() == Path(__file__).resolve() or not path.is_file():
            continue
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        faults += [
            f"{path.relative_to(CHECKOUT)}:{number}: {line.strip()[:80]}"
            for number, line in enumerate(lines, start=1)
            if MACHINE.search(line) or REGISTRY.search(line)
        ]
    assert faults == []
