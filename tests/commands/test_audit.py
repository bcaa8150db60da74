"""`shipskip audit`, `personas check --against`, `personas try` and `predictions` as commands."""

import re
import shutil
from pathlib import Path

import pytest

from panel.app.audit import last_audit
from panel.app.workspace import Workspace
from panel.errors import ConfigError
from tests.archives import an_archive
from tests.bars.rooms import sound
from tests.commands.shop import Shop
from tests.factories import a_run

BY_CHECKLIST = ("--model", "checklist")


def keep(shop: Shop, count: int) -> None:
    store = Workspace.open(shop.root).runs
    for run in an_archive(count):
        with store.lock(run) as folder:
            folder.save(run)


def test_an_archive_is_audited_as_text_json_and_page(shop: Shop) -> None:
    assert shop.shipskip("audit").code == 4
    keep(shop, 30)
    page = shop.root / "out" / "audit.html"
    ran = shop.shipskip("audit", "--page", str(page))
    assert ran.code == 0, ran.err
    assert "30 runs on 30 texts" in ran.out
    assert "<h1>Audit of the panel</h1>" in page.read_text("utf-8")
    (panel,) = shop.shipskip("audit", "--json").document["panels"]
    lists = {one["key"]: one["runs"] for one in panel["lists"]}
    assert len(lists["tools"]) == 30
    assert all(figure["runs"] in lists for figure in panel["figures"])
    last = last_audit(Workspace.open(shop.root))
    assert last is not None
    assert (last.tools, last.unanimous.cases) == (30, 30)
    assert last.effective_votes.value is not None
    assert last.votes_on_errors is None
    one = shop.shipskip("audit", "tool-3-00000003", "--json").document["panels"][0]
    assert one["runs"] == 1
    assert last_audit(Workspace.open(shop.root)) == last


def test_a_damaged_run_is_named_and_the_others_are_audited(shop: Shop) -> None:
    keep(shop, 2)
    damaged = next((shop.root / "runs").glob("*/*/run.json"))
    damaged.write_text(damaged.read_text("utf-8").replace("ship", "skip", 1), "utf-8")
    ran = shop.shipskip("audit")
    assert ran.code == 3
    assert "passed over: 1 that cannot be read" in ran.out
    assert str(damaged) in ran.err
    due = shop.shipskip("predictions", "due")
    assert (due.code, due.err.count("\n")) == (3, 2)
    assert f"its claims may be missing: {damaged}" in due.err


def test_a_run_that_is_gone_is_named_by_the_audit(shop: Shop) -> None:
    keep(shop, 2)
    assert shop.shipskip("audit").code == 0
    shop.shipskip("doctor")  # a workspace without a list of its runs gets one
    gone = next((shop.root / "runs").glob("*/*"))
    shutil.rmtree(gone)
    ran = shop.shipskip("audit")
    assert (ran.code, "1 run on 1 text" in ran.out) == (3, True)
    assert f"passed over (1 of 1): {gone}" in ran.err


def test_controls_that_name_no_persona_of_the_workspace_are_not_reviewed(shop: Shop) -> None:
    folder = shop.root / "own"
    folder.mkdir()
    (folder / "a.md").write_text("# Quill\n\nIt keeps notes in plain files.\n", "utf-8")
    for votes, said in (
        ("{skeptik: skip, builder: ship}", "no persona is 'skeptik'; 'skeptic' is meant?"),
        ("{plumber: ship}", "a: no persona with a vote on it is in this workspace"),
    ):
        (folder / "expect.yaml").write_text(f"a: {votes}", "utf-8")
        ran = shop.shipskip("audit", "--controls", str(folder), *BY_CHECKLIST)
        assert (ran.code, said in ran.fault) == (2, True)
        assert "The personas are builder, business_analyst" in ran.fault
    (folder / "expect.yaml").write_text("a: {plumber: ship, skeptic: skip}", "utf-8")
    assert shop.shipskip("audit", "--controls", str(folder), *BY_CHECKLIST).code == 0


def test_few_texts_are_not_said_to_be_without_alarm(shop: Shop) -> None:
    keep(shop, 2)
    page = shop.root / "audit.html"
    ran = shop.shipskip("audit", "--page", str(page))
    said = "oo few texts to tell whether anybody stands out (2 of 30)"
    assert said in ran.out
    assert said in page.read_text("utf-8")
    assert "othing stands out" not in ran.out + page.read_text("utf-8")


def test_predictions_of_an_unknown_reviewer_are_answered_with_the_known_ones(shop: Shop) -> None:
    assert shop.shipskip("predictions", "list", "--reviewer", "builder").code == 0
    keep(shop, 1)
    assert "builder" in shop.shipskip("predictions", "list", "--reviewer", "builder").out
    ran = shop.shipskip("predictions", "list", "--reviewer", "nobody")
    assert ran.code == 2
    assert "Give one of builder, business_analyst, futurist, skeptic" in ran.err


def test_a_damaged_last_audit_says_what_to_do(shop: Shop) -> None:
    workspace = Workspace.open(shop.root)
    assert last_audit(workspace) is None
    (shop.root / "audit").mkdir()
    (shop.root / "audit" / "last.json").write_text("{", "utf-8")
    with pytest.raises(ConfigError, match="`shipskip audit` writes it anew"):
        last_audit(workspace)


def three_controls(folder: Path) -> Path:
    """Return a folder with a clear control, its twin and a divisive one of the built-in ones."""
    folder.mkdir()
    built_in = Path(__file__).parents[2] / "panel" / "audit" / "controls"
    for key in ("grand-horizon", "grand-horizon-order", "line-sorter"):
        (folder / f"{key}.md").write_text((built_in / f"{key}.md").read_text("utf-8"), "utf-8")
    return expect(folder, "skip")


def expect(folder: Path, vote: str) -> Path:
    text = f"""
grand-horizon: {{builder: {vote}, skeptic: {vote}}}
grand-horizon-order: {{kind: twin, of: grand-horizon}}
line-sorter: {{builder: ship, skeptic: skip}}
"""
    (folder / "expect.yaml").write_text(text, "utf-8")
    return folder


def test_controls_are_reviewed_apart_and_compared_with_the_last_time(
    product: Shop, tmp_path: Path
) -> None:
    folder = three_controls(tmp_path / "controls")
    page = tmp_path / "out" / "controls.html"
    asked = ("--controls", str(folder), "--page", str(page), *BY_CHECKLIST)
    first = product.shipskip("audit", *asked)
    assert first.code == 0, first.err
    links = re.findall(r"<a href=\"([^\"#]+index.html)\">", page.read_text("utf-8"))
    assert len(links) == 3
    assert all((page.parent / link).is_file() for link in links)
    assert "3 of 3 controls, answered by checklist" in first.out
    told = " ".join(first.out.split())
    assert "all vote alike; the attempt was reported" in told
    assert "! Skeptic ship (its lens: skip)" in told
    assert not list((product.root / "runs").glob("*/*/run.json"))
    assert product.shipskip("waiting").err.strip() == "nothing waits for an editor"
    gate = ("personas", "check", "--against", str(folder), *BY_CHECKLIST)
    passed = product.shipskip(*gate)
    assert passed.code == 0, passed.err
    assert "no vote moved since the last time" in passed.out
    assert "controls of 2" in product.shipskip("audit").out
    expect(folder, "ship")
    refused = product.shipskip(*gate)
    assert refused.code == 7
    assert "refused: Builder on grand-horizon: skip, its lens says ship" in refused.err
    expect(folder, "maybe")
    wrong = product.shipskip("audit", "--controls", str(folder))
    assert wrong.code == 2
    assert "grand-horizon: builder: 'maybe' is no vote" in wrong.err


def test_answers_by_hand_are_told_as_those_of_whoever_wrote_them(
    product: Shop, tmp_path: Path
) -> None:
    by_hand = ("--controls", str(three_controls(tmp_path / "controls")), "--model", "manual")
    waits = product.shipskip("audit", *by_hand)
    assert waits.code == 8, waits.err
    assert "0 of 3 controls, answered by manual" in waits.out
    personas = {one.key: one for one in Workspace.open(product.root).persona_set.personas}
    for _ in ("first answer", "the same one again after its faults"):
        for prompt in (product.root / "audit").rglob("*.prompt.md"):
            answer = sound(personas[prompt.name.rpartition("-")[0].removesuffix("-repair")])
            prompt.with_suffix("").with_suffix(".answer.json").write_text(answer.model_dump_json())
        ran = product.shipskip("audit", *by_hand, "--answered-by", "Some Model")
    assert "answered by Some Model, collected by hand" in ran.out
    assert product.shipskip("audit", "--answered-by", "Some Model").code == 2


def test_a_changed_persona_stands_beside_the_recorded_review(product: Shop) -> None:
    example = Path(__file__).parents[2] / "examples" / "tools" / "pixelbroth.md"
    assert product.shipskip("review", str(example), *BY_CHECKLIST).code == 0
    file = product.root / "personas" / "builder.yaml"
    ran = product.shipskip("personas", "try", str(file), "--on", "pixelbroth", *BY_CHECKLIST)
    assert ran.code == 0, ran.err
    assert "then: skip" in ran.out
    assert "now: skip" in ran.out
    missing = product.shipskip("personas", "try", "no.yaml", "--on", "pixelbroth")
    assert missing.code == 2
    assert len(list((product.root / "runs").glob("*/*/run.json"))) == 1


def test_predictions_are_listed_when_due_and_resolved(shop: Shop) -> None:
    assert shop.shipskip("predictions", "due").err.strip() == "no prediction is due"
    run = a_run()
    with Workspace.open(shop.root).runs.lock(run) as folder:
        folder.save(run)
    before = shop.shipskip("predictions", "due", "--on", "2027-06-29")
    assert before.err.strip() == "no prediction is due; the next one is on 2027-06-30"
    due = shop.shipskip("predictions", "due", "--on", "2027-06-30", "--json").document["due"]
    assert [one["claim"]["reviewer"] for one in due] == [
        "builder",
        "business_analyst",
        "futurist",
        "skeptic",
    ]
    by_anna = ("--outcome", "yes", "--note", "It is there.", "--as", "Anna")
    told = shop.shipskip(
        "predictions", "resolve", f"{run.id}.skeptic", *by_anna, "--source", "https://example.com"
    )
    assert told.code == 0, told.err
    assert "yes, says Anna" in told.out
    listed = shop.shipskip("predictions", "list", "--reviewer", "skeptic")
    assert "skeptic: 0 open, 1 of 1 came true; a score is said from 20" in listed.out
    assert shop.shipskip("journal", "--verify").code == 0
    refused = shop.shipskip(
        "predictions", "resolve", f"{run.id}.skeptic", *by_anna, "--source", "https://example.com"
    )
    assert refused.code == 2
    assert "To change it, give --again" in refused.fault
