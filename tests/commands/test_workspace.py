"""`shipskip init`, `personas` and `doctor`, and the help: a workspace, looked at and laid out."""

import subprocess
import sys
from pathlib import Path

import pytest

from panel.cli.main import cli, run
from tests.commands.shop import SHIPSKIP, Shop, clean_environment
from tests.conftest import CHECKOUT
from tests.sealing import KEYS

PERSONAS = ("builder", "business_analyst", "futurist", "skeptic")


def test_init_lays_out_settings_personas_and_prompts(shop: Shop, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    assert shop.shipskip("init", mine, root=False).code == 0
    laid_out = {str(path.relative_to(mine)) for path in mine.rglob("*.*")}
    wanted = [*(CHECKOUT / "personas").glob("*.yaml"), *(CHECKOUT / "prompts").glob("*.md")]
    wanted.append(CHECKOUT / "shipskip.toml")
    assert laid_out == {str(path.relative_to(CHECKOUT)) for path in wanted}


@pytest.mark.parametrize("there", ["shipskip.toml", "personas/skeptic.yaml", "prompts/tool.md"])
def test_init_overwrites_nothing_and_writes_nothing_beside_it(
    shop: Shop, tmp_path: Path, there: str
) -> None:
    folder = tmp_path / "mine"
    (folder / there).parent.mkdir(parents=True)
    (folder / there).write_text("mine", encoding="utf-8")
    ran = shop.shipskip("init", folder, root=False)
    assert ran.code == 2
    assert f"{folder / there} exists already" in ran.fault
    assert [path for path in folder.rglob("*") if path.is_file()] == [folder / there]
    assert (folder / there).read_text(encoding="utf-8") == "mine"


def test_init_into_a_file_is_one_line(shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert shop.shipskip("init", tmp_path / "file", root=False).code == 2
    ran = shop.shipskip("init", tmp_path / "file" / "in", root=False)
    assert ran.code == 2
    assert "Not a directory" in ran.fault


def test_personas_are_listed_and_shown(shop: Shop) -> None:
    ran = shop.shipskip("personas", "list")
    assert [line.split()[0] for line in ran.out.splitlines()] == sorted(PERSONAS)
    shown = shop.shipskip("personas", "show", "skeptic")
    assert "What is left of the claim?" in shown.out
    rows = shop.shipskip("personas", "list", "--json").document["personas"]
    assert [row["key"] for row in rows] == sorted(PERSONAS)
    assert all(row["motto"] for row in rows)
    fields = shop.shipskip("personas", "show", "skeptic", "--json").document
    assert (fields["v"], fields["key"]) == (1, "skeptic")
    assert fields["motto"] in shown.out
    unknown = shop.shipskip("personas", "show", "critic")
    assert unknown.code == 2
    assert "'critic'" in unknown.fault


def test_personas_without_a_fault_are_counted(shop: Shop) -> None:
    ran = shop.shipskip("personas", "check")
    assert ran.code == 0
    assert ran.out == "4 personas, 7 criteria, 6 prompts: no fault found\n"


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_every_fault_is_named_by_file_and_key_in_one_go(shop: Shop) -> None:
    personas = shop.root / "personas"
    change(personas / "skeptic.yaml", "motto:", "moto:")
    change(personas / "builder.yaml", "      3: a job\n", "")
    change(shop.root / "prompts" / "tool.md", "$marker", "$marcer")
    ran = shop.shipskip("personas", "check")
    assert ran.code == 2
    lines = ran.err.splitlines()
    assert all(line.startswith(f"shipskip: {shop.root}") for line in lines)
    for said in ("skeptic.yaml: moto", "builder.yaml: criteria.craft.anchors", "tool.md: $marcer"):
        assert any(said in line for line in lines), said


def test_a_persona_with_a_fault_stops_a_review_before_any_call(shop: Shop) -> None:
    change(shop.root / "personas" / "futurist.yaml", "anchors:", "ankers:")
    ran = shop.shipskip("review", shop.tool())
    assert ran.code == 2
    assert "futurist.yaml: criteria.new.anchors: no text for step 1, 2, 3, 4, 5" in ran.fault
    assert shop.runs == []


def test_doctor_says_who_would_answer_and_what_is_set(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = shop.shipskip("doctor")
    assert ran.code == 0
    assert "openai OPENAI_API_KEY is not set" in " ".join(ran.out.split())
    assert ran.out.count("checklist\n") == 4
    assert "it asks no model" in " ".join(ran.out.split())
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-words")
    monkeypatch.setenv("MISTRAL_API_KEY", "another-secret")
    ran = shop.shipskip("doctor", "--json")
    providers = [assignment["ref"].partition(":")[0] for assignment in ran.document["assignments"]]
    assert providers == ["openai", "mistral", "openai", "mistral"]
    assert ran.document["keys"] == {"OPENAI_API_KEY": True, "MISTRAL_API_KEY": True}
    assert "secret" not in ran.out + ran.err


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("[models", "this is no TOML"),
        ("[colours]\nred = 1", "colours"),
        ("[verdict]\nquorum = 0", "verdict.quorum"),
        ("[limits]\nconcurency = 4", "limits.concurency"),
        ('[keys]\nopenai = "sk-1"', "keys do not belong into a file"),
        ('[models]\npanel = ["gpt-5"]', "'gpt-5' is no model reference"),
        ('[models]\npanel = ["openai:gpt-5"]', "OPENAI_API_KEY is not set"),
    ],
)
def test_wrong_settings_are_named_by_doctor_and_stop_a_review(
    shop: Shop, settings: str, said: str
) -> None:
    (shop.root / "shipskip.toml").write_text(settings, encoding="utf-8")
    ran = shop.shipskip("doctor")
    assert ran.code == 2
    assert ran.out.startswith("fault    ")
    assert said in " ".join(ran.out.split())
    as_json = shop.shipskip("doctor", "--json")
    assert as_json.code == 2
    assert as_json.document["ok"] is False
    review = shop.shipskip("review", shop.tool())
    assert review.code == 2
    assert said in review.fault
    assert shop.runs == []


def test_a_root_that_is_no_workspace_says_how_to_make_one(shop: Shop, tmp_path: Path) -> None:
    shop.root = tmp_path / "nowhere"
    ran = shop.shipskip("doctor")
    assert ran.code == 2
    assert f"`shipskip init {shop.root}`" in " ".join(ran.out.split())


def test_the_workspace_is_found_upward(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    below = shop.root / "drafts" / "today"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    assert f"root     {shop.root}\n" in shop.shipskip("doctor", root=False).out


@pytest.mark.parametrize(
    "command",
    ["waiting", "site build", "desk", "watch list", "predictions due", "digest check", "held"],
)
def test_a_newsroom_is_not_made_by_accident_in_any_folder(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    monkeypatch.chdir(empty)
    ran = shop.shipskip(*command.split(), root=False)
    assert ran.code == 2
    assert "no shipskip.toml is here or above" in ran.fault
    assert list(empty.iterdir()) == []


def test_without_a_workspace_the_built_in_one_serves_and_runs_stay_here(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    ran = shop.shipskip("review", shop.tool(), root=False)
    assert ran.code == 0
    assert len(list((tmp_path / "empty").glob("runs/*/quillbase-*/run.json"))) == 1


def test_without_a_command_the_help_is_shown_as_a_usage_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run([]) == 2
    assert "Commands:" in capsys.readouterr().err


def test_an_unknown_command_or_option_is_one_line(shop: Shop) -> None:
    assert "'reviw'" in shop.shipskip("reviw", root=False).fault
    ran = shop.shipskip("review", "x.md", "--modle", "manual")
    assert ran.code == 2
    assert "--modle" in ran.fault
    assert "`shipskip review --help`" in ran.fault


def test_the_short_help_of_every_command_fits_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0
    shown = capsys.readouterr().out
    assert "..." not in shown.partition("Commands:")[2]
    assert max(map(len, shown.splitlines())) <= 80
    assert all(f"\n  {name}" in shown for name in cli.commands)


def test_the_help_of_every_command_loads_no_library() -> None:
    code = (
        "import sys\nfrom panel.cli.main import run\n"
        "for name in sys.argv[1:]: assert run([name, '--help']) == 0\n"
        "assert run(['--help']) == 0\nassert run(['--version']) == 0\n"
        "heavy = {'pydantic', 'yaml', 'jinja2', 'openai', 'mistralai', 'langgraph', 'asyncio'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, *cli.commands],
        capture_output=True,
        text=True,
        check=False,
        env=clean_environment(),
    )
    assert ran.stderr == ""


@pytest.mark.parametrize("arguments", [("--version",), ("-h",), ("doctor",)])
def test_the_command_works_as_a_process_of_its_own(shop: Shop, arguments: tuple[str, ...]) -> None:
    ran = subprocess.run(
        [*SHIPSKIP, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=clean_environment(),
        cwd=shop.root,
    )
    assert ran.returncode == 0
    assert ran.stderr == ""
    assert ran.stdout


def test_no_key_is_left_over_from_the_environment_of_the_tests() -> None:
    assert not clean_environment().keys() & set(KEYS)
