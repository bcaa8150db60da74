"""`shipskip runs` and `shipskip cost`: what is recorded, and what it cost."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from tests.commands.shop import BY_MODEL, Shop


@pytest.fixture
def recorded(shop: Shop) -> list[Path]:
    """The recorded runs by a real model, in the workspace."""
    for path in BY_MODEL:
        shutil.copytree(path, shop.root / "runs" / path.parent.name / path.name)
    return shop.runs


def test_the_list_has_a_row_a_run_with_what_it_came_to(shop: Shop, recorded: list[Path]) -> None:
    ran = shop.shipskip("runs", "list")
    assert ran.code == 0
    rows = ran.out.splitlines()
    assert len(rows) == len(recorded)
    assert all(any(f"  {path.name}  " in row for row in rows) for path in recorded)
    assert [row[:16] for row in rows] == sorted(row[:16] for row in rows)
    rowboat = next(row for row in rows if "rowboat" in row)
    assert rowboat.split()[2:6] == ["ship", "3", "of", "4"]
    assert rowboat.endswith("  Rowboat Sync (manual)")


def test_the_list_is_by_start_and_not_by_name(shop: Shop) -> None:
    for name in ("Zeta", "Alpha", "Mu"):
        shop.shipskip("review", shop.tool(name))
    rows = shop.shipskip("runs", "list", "--json").document["runs"]
    assert [row["tool"] for row in rows] == ["Zeta", "Alpha", "Mu"]


@pytest.mark.usefixtures("recorded")
def test_the_list_as_json_holds_each_run(shop: Shop) -> None:
    rows = shop.shipskip("runs", "list", "--json").document["runs"]
    assert {row["decision"] for row in rows} == {"ship", "skip"}
    assert all(Path(row["path"]).is_dir() for row in rows)


def test_an_empty_list_says_what_makes_a_run(shop: Shop) -> None:
    for command in (("runs", "list"), ("cost",)):
        ran = shop.shipskip(*command)
        assert ran.code == 0
        assert ran.out == ""
        assert "`shipskip review TOOL`" in ran.err


@pytest.mark.usefixtures("recorded")
def test_only_what_can_go_on_is_listed_as_retryable(shop: Shop) -> None:
    shop.shipskip("review", shop.tool(), "--model", "manual")
    ran = shop.shipskip("runs", "list", "--retryable")
    assert [line.split()[2] for line in ran.out.splitlines()] == ["waiting"]


def test_a_run_that_cannot_be_read_is_named_and_hides_no_other(
    shop: Shop, recorded: list[Path]
) -> None:
    (recorded[0] / "run.json").write_bytes(b"\xff{")
    for command in (("runs", "list"), ("cost",)):
        ran = shop.shipskip(*command)
        assert ran.code == 3
        assert len(ran.out.splitlines()) == len(recorded) - 1
        assert ran.fault.startswith(f"passed over: {recorded[0] / 'run.json'}: ")
    (recorded[1] / "run.json").write_text("", encoding="utf-8")
    assert "(2 of 2 that are damaged)" in shop.shipskip("cost").err
    examined = shop.shipskip("doctor")
    assert examined.code == 0, "they stop no panel"
    assert f"runs     {len(recorded)} kept, 2 damaged" in examined.out
    assert len(shop.shipskip("doctor", "--json").document["damaged"]) == 2


@pytest.mark.usefixtures("recorded")
def test_a_run_is_shown_with_every_take_and_score(shop: Shop) -> None:
    ran = shop.shipskip("runs", "show", "pixelbroth")
    assert ran.code == 0
    assert ran.out.startswith("PixelBroth: SKIP, panel ship 0%, 0 of 4")
    for name in ("Builder", "Business analyst", "Futurist", "Skeptic"):
        assert f"\n{name}: skip, " in ran.out
    assert ran.out.count("(of 5)") == 4
    assert "evidence 3, rival 1, breaks 2 " in ran.out
    assert max(len(line) for line in ran.out.splitlines() if str(shop.root) not in line) <= 80


@pytest.mark.usefixtures("recorded")
def test_a_run_as_json_is_its_whole_document(shop: Shop) -> None:
    document = shop.shipskip("runs", "show", "pixelbroth", "--json").document
    assert document["verdict"]["decision"] == "skip"
    assert len(document["reviews"]) == 4


def test_the_graph_is_drawn_in_mermaid(shop: Shop) -> None:
    ran = shop.shipskip("runs", "show", "--graph")
    assert ran.code == 0
    assert "graph TD" in ran.out
    for node in ("screen", "intake", "review", "aggregate"):
        assert node in ran.out


def test_to_show_nothing_is_a_usage_error(shop: Shop) -> None:
    ran = shop.shipskip("runs", "show")
    assert ran.code == 2
    assert "name a run" in ran.fault


def test_two_runs_of_one_tool_are_compared_reader_first(shop: Shop) -> None:
    tool = shop.tool()
    shop.shipskip("review", tool)
    shop.shipskip("review", tool, "--personas", "skeptic,builder,futurist")
    rows = shop.shipskip("runs", "list", "--json").document["runs"]
    first, second = (row["run"] for row in rows)
    same = shop.shipskip("runs", "diff", first, first)
    assert (same.code, same.out) == (0, "the same\n")
    ran = shop.shipskip("runs", "diff", first, second)
    assert ran.code == 6
    said = " ".join(ran.out.split())
    assert "Business analyst is no longer on the panel." in said
    assert "->" not in said
    assert "_" not in said
    as_json = shop.shipskip("runs", "diff", first, second, "--json").document
    assert as_json["same"] is False
    assert " ".join(as_json["differences"]) == said


@pytest.mark.usefixtures("recorded")
@pytest.mark.parametrize(
    ("by", "names"),
    [
        ("run", None),
        ("persona", {"intake", "builder", "business_analyst", "futurist", "skeptic"}),
        ("model", {"manual"}),
        ("day", {"2026-11-30"}),
    ],
)
def test_costs_are_summed_by_what_is_asked(shop: Shop, by: str, names: set[str] | None) -> None:
    ran = shop.shipskip("cost", "--by", by)
    assert ran.code == 0
    found = {line.split()[0] for line in ran.out.splitlines()}
    assert found == (names or {path.name for path in shop.runs})
    totals = shop.shipskip("cost", "--by", by, "--json").document["totals"]
    assert {total["name"] for total in totals} == found


def test_an_unknown_sum_is_a_usage_error(shop: Shop) -> None:
    ran = shop.shipskip("cost", "--by", "mood")
    assert ran.code == 2
    assert "'mood'" in ran.fault


def test_a_run_of_another_version_is_said_to_be_one(shop: Shop, recorded: list[Path]) -> None:
    file = recorded[0] / "run.json"
    text = file.read_text(encoding="utf-8")
    body = text.partition('",')[2].replace('"state"', '"stage"', 1)
    digest = hashlib.sha256(body.encode()).hexdigest()
    file.write_text(f'{{\n "digest": "{digest}",{body}', encoding="utf-8")
    assert json.loads(file.read_text(encoding="utf-8"))["digest"] == digest
    ran = shop.shipskip("runs", "show", recorded[0])
    assert ran.code == 6
    assert "another version of shipskip" in ran.fault


@pytest.mark.usefixtures("recorded")
def test_what_cost_nothing_or_is_not_known_is_no_sum_of_nought(shop: Shop) -> None:
    ran = shop.shipskip("cost", "--by", "model")
    assert ran.out.split()[:3] == ["manual", "nothing", "0"]
    assert "$0.0000" not in ran.out
