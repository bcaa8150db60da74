"""`shipskip personas upgrade`: a former workspace is brought to today's, and nothing is lost."""

from pathlib import Path

import pytest

from tests.commands.shop import Shop

RUBRIC = """
criteria:
  fit: {label: Fit, question: "Who needs it?", anchors: {1: a, 2: b, 3: c, 4: d, 5: e}}
  proof: {label: Proof, question: "Who says so?", anchors: {1: a, 2: b, 3: c, 4: d, 5: e}}
  price: {label: Price, question: "What is it?", anchors: {1: a, 2: b, 3: c, 4: d, 5: e}}
  charm: {label: Charm, question: "Is it nice?", anchors: {1: a, 2: b, 3: c, 4: d, 5: e}}
"""
PERSONA = """
key: %s
name: The lawyer who reads terms
motto: What do I sign?
lens: You read the terms.
excited_by: [a plain clause]
tired_of: [a term on page nine]
questions: {what: What is it?, who: Who pays?, when: When?}
weights: {fit: 1, proof: 3, price: 1, charm: 0}
ships_when: you would sign it
signals: []
temperature: 0.5
"""


@pytest.fixture
def former(shop: Shop) -> Shop:
    """A workspace with a persona of the product and one of its own, both of the former format."""
    for path in (shop.root / "personas").glob("*.yaml"):
        path.unlink()
    (shop.root / "personas" / "rubric.yaml").write_text(RUBRIC, encoding="utf-8")
    for key in ("skeptic", "lawyer"):
        (shop.root / "personas" / f"{key}.yaml").write_text(PERSONA % key, encoding="utf-8")
    (shop.root / "prompts" / "house.md").write_text("Today is $date. $rubric", encoding="utf-8")
    (shop.root / "prompts" / "intake_tool.md").unlink()
    return shop


def everything(root: Path) -> dict[str, bytes]:
    files = (path for path in root.rglob("*") if path.is_file())
    return {str(path.relative_to(root)): path.read_bytes() for path in files}


def test_former_personas_are_said_to_be_so_in_one_line(former: Shop) -> None:
    for command in (("personas", "check"), ("review", former.tool()), ("doctor",)):
        ran = former.shipskip(*command)
        assert ran.code == 2
        said = " ".join((ran.err or ran.out).split())
        assert "these personas are of the former format" in said
        assert "`shipskip personas upgrade`" in said


def test_an_upgrade_keeps_texts_weightiest_criteria_and_the_former_files(former: Shop) -> None:
    before = everything(former.root)
    ran = former.shipskip("personas", "upgrade")
    assert ran.code == 0, ran.err
    assert "skeptic: today's built-in persona" in ran.out
    assert "lawyer: its texts" in ran.out
    assert former.shipskip("personas", "check").code == 0
    lawyer = former.shipskip("personas", "show", "lawyer", "--json").document
    assert (lawyer["motto"], lawyer["short"]) == ("What do I sign?", "The lawyer who")
    assert lawyer["temperature"] == 0.5
    assert [one["key"] for one in lawyer["criteria"]] == ["fit", "proof", "price"]
    text = (former.root / "personas" / "lawyer.yaml").read_text(encoding="utf-8")
    assert text.startswith("# A reviewer of the panel")
    after = everything(former.root)
    for name, data in before.items():
        folder, _, rest = name.partition("/")
        kept = f"{folder}.former/{rest}" if folder in ("personas", "prompts") else name
        assert after[kept] == data
    again = former.shipskip("personas", "upgrade")
    assert (again.code, "nothing was changed" in again.out) == (0, True)


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("rubric.yaml", "criteria: {}", "lawyer.yaml: it cannot be converted"),
        (
            "rubric.yaml",
            "criteria: {fit: {anchors: [a, b]}}",
            "lawyer.yaml: it cannot be converted",
        ),
        ("rubric.yaml", "[", "rubric.yaml: line 2: this is no YAML"),
        ("lawyer.yaml", PERSONA % "poet", "lawyer.yaml: key: it is 'poet'"),
        ("lawyer.yaml", PERSONA.replace("motto: What do I sign?\n", "") % "lawyer", "motto"),
        ("lawyer.yaml", "weights: [1]", "lawyer.yaml: it cannot be converted"),
    ],
)
def test_what_cannot_be_converted_is_named_and_nothing_is_changed(
    former: Shop, file: str, text: str, said: str
) -> None:
    (former.root / "personas" / file).write_text(text, encoding="utf-8")
    before = everything(former.root)
    ran = former.shipskip("personas", "upgrade")
    assert ran.code == 2
    assert said in ran.fault
    assert str(former.root / "personas") in ran.fault
    assert everything(former.root) == before


def test_former_files_that_lie_there_already_are_not_overwritten(former: Shop) -> None:
    (former.root / "prompts.former").mkdir()
    before = everything(former.root)
    ran = former.shipskip("personas", "upgrade")
    assert ran.code == 2
    assert "prompts.former exists already" in ran.fault
    assert everything(former.root) == before


def test_where_a_folder_cannot_be_moved_all_stay_as_they_were(
    former: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename, count = Path.rename, iter(range(9))

    def full(path: Path, target: Path) -> Path:
        if next(count) == 3:
            raise OSError(28, "No space left on device", str(path))
        return rename(path, target)

    before = everything(former.root)
    monkeypatch.setattr(Path, "rename", full)
    ran = former.shipskip("personas", "upgrade")
    assert ran.code == 2
    assert "No space left on device" in ran.fault
    assert everything(former.root) == before


def test_without_a_workspace_there_is_nothing_to_upgrade(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    ran = shop.shipskip("personas", "upgrade", root=False)
    assert ran.code == 2
    assert "no workspace is here" in ran.fault
