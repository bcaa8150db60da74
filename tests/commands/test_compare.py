"""`shipskip compare`: files, runs and slugs side by side."""

from itertools import permutations
from pathlib import Path

import pytest

from tests.commands.shop import BY_MODEL, EXAMPLES, Shop

FOUR = sorted(EXAMPLES.glob("*.md"))


def test_two_recorded_runs_make_a_page_with_a_pick_and_its_reason(shop: Shop) -> None:
    ship, skip = (next(p for p in BY_MODEL if name in p.name) for name in ("rowboat", "pixelbroth"))
    ran = shop.shipskip("compare", skip, ship)
    assert ran.code == 0
    assert "-> Rowboat Sync: SHIP" in ran.out
    assert "   PixelBroth: SKIP" in ran.out
    assert "No model was asked" not in ran.out
    page = shop.root / "site/compare/pixelbroth-vs-rowboat-sync/index.html"
    assert f"page  {page}" in ran.out
    assert page.is_file()


def test_json_names_the_pick_the_reason_the_tools_and_the_page(shop: Shop) -> None:
    ran = shop.shipskip("compare", *BY_MODEL[:2], "--json")
    assert ran.document.keys() >= {"v", "pick", "reason", "tools", "page"}
    assert ran.document["pick"] in [tool["slug"] for tool in ran.document["tools"]]
    assert Path(ran.document["page"]).is_file()


def test_files_are_convened_once_and_then_compared_by_their_newest_run(shop: Shop) -> None:
    first = shop.shipskip("compare", *FOUR[:2])
    assert first.code == 0
    assert len(shop.runs) == 2
    again = shop.shipskip("compare", *FOUR[:2])
    assert again.code == 0
    assert len(shop.runs) == 2
    assert again.err.count("its newest run is") == 2
    assert first.out == again.out
    notice = "No model was asked: the built-in checklist filled in these ballots."
    assert first.out.count(notice) == 2


def test_slugs_name_the_newest_run_of_a_tool(shop: Shop) -> None:
    shop.shipskip("review", shop.tool("Quillbase"))
    shop.shipskip("review", shop.tool("Inkwell"))
    ran = shop.shipskip("compare", "inkwell", "quillbase", "--json")
    assert [tool["slug"] for tool in ran.document["tools"]] == ["inkwell", "quillbase"]


def test_the_order_of_the_tools_decides_nothing(shop: Shop) -> None:
    there, back = (shop.shipskip("compare", *order) for order in (BY_MODEL, BY_MODEL[::-1]))
    assert there.out == back.out
    files = [shop.tool(name) for name in ("Ada", "Bea", "Cleo")]
    (first, *others) = [
        (
            ran.code,
            ran.out,
            [path.read_bytes() for path in sorted(shop.root.glob("site/compare/*/*"))],
        )
        for order in permutations(files)
        for ran in [shop.shipskip("compare", *order, "--json")]
    ]
    assert first[0] == 0
    assert all(other == first for other in others), "pick, reason, page and twin"


def test_five_tools_fit_and_six_or_one_do_not(shop: Shop) -> None:
    names = ("Ada", "Bea", "Cleo", "Dora", "Edda", "Fay")
    files = [shop.tool(name) for name in names]
    assert shop.shipskip("compare", *files[:5]).code == 0
    for wrong in (files, files[:1]):
        ran = shop.shipskip("compare", *wrong)
        assert ran.code == 2
        assert f"2 to 5 tools, not {len(wrong)}" in ran.fault


def test_one_tool_twice_is_refused_before_any_panel_sits(shop: Shop) -> None:
    same = shop.shipskip("compare", BY_MODEL[0], BY_MODEL[0])
    assert same.code == 2
    assert "Name each tool once" in same.fault
    ran = shop.shipskip("compare", shop.tool(), shop.tool(file="again.md"))
    assert ran.code == 2
    assert "'quillbase'" in ran.fault
    assert shop.runs == []


def test_what_is_neither_run_nor_file_is_one_line(shop: Shop) -> None:
    ran = shop.shipskip("compare", BY_MODEL[0], "nobody")
    assert ran.code == 2
    assert "nobody: no such run" in ran.fault
    assert "runs list" in ran.fault


def test_runs_that_wait_for_answers_are_all_begun_and_the_exit_is_8(shop: Shop) -> None:
    files = [shop.tool("Quillbase"), shop.tool("Inkwell")]
    ran = shop.shipskip("compare", *files, "--model", "manual")
    assert ran.code == 8
    assert "is waiting and has no verdict" in ran.err
    assert len(shop.runs) == 2


@pytest.mark.parametrize("place", ["out", "deep/er/out"])
def test_the_page_goes_where_it_is_told_to(shop: Shop, tmp_path: Path, place: str) -> None:
    ran = shop.shipskip("compare", *BY_MODEL[:2], "--out", tmp_path / place, "--json")
    assert Path(ran.document["page"]).is_relative_to(tmp_path / place)
