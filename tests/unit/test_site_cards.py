"""Cards: their size, the same bytes each time, and what stands on them for a name in any script."""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from panel.domain.ballot import Decision
from panel.domain.decision import Change
from panel.domain.run import Run
from panel.publish.published import PublishedTool
from panel.publish.rows import row_of
from panel.site.assets import Assets
from panel.site.card_contents import CardTool, card_tool
from panel.site.plan import SitePlan
from panel.store.site_builds import SiteBuilds
from tests.decisions import a_decision
from tests.factories import a_panel, a_run, a_tool
from tests.unit.test_site import HOSTILE, IDENTITY, a_catalogue, faults_of, four_tools, published

pytestmark = pytest.mark.no_cover

cards = pytest.importorskip("panel.site.cards", reason="the extra `cards` is not installed")


@pytest.fixture(scope="module")
def printer() -> Iterator[Any]:
    with cards.card_printer() as made:
        yield made


def size_of(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def named(name: str) -> PublishedTool:
    return published(a_run(a_tool(name)))


def shown(tool: PublishedTool) -> CardTool:
    return card_tool(row_of(tool))


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_in_any_script_and_of_any_length_has_a_card(printer: Any, name: str) -> None:
    rows = [shown(named(name)), shown(named("Quillbase"))]
    assert size_of(printer.draw("Ship/Skip", rows)) == (1200, 630)
    assert size_of(printer.draw("Ship/Skip", rows[:1])) == (1200, 630)


def test_a_name_that_the_fonts_cannot_draw_is_its_slug(printer: Any) -> None:
    assert printer.covers("Café “Ω”") is False
    assert printer.covers("Café “Ecole”") is True
    tool = named("写作 Writer")
    drawn = printer.draw("Ship/Skip", [shown(tool)])
    assert drawn == printer.draw("Ship/Skip", [shown(named_as(tool, tool.slug))])
    assert drawn != printer.draw("Ship/Skip", [shown(named_as(tool, "Writer"))])


def named_as(tool: PublishedTool, name: str) -> PublishedTool:
    change = Change(field="name", before=tool.name, after=name)
    run = tool.run
    return published(run, a_decision(run, 1), a_decision(run, 2, "correct", changes=(change,)))


def test_a_card_is_the_same_each_time_and_another_one_for_another_vote(printer: Any) -> None:
    row = shown(named("Quillbase"))
    other = shown(published(a_run(a_tool("Quillbase"), a_panel("ship ship ship skip"))))
    one = printer.draw("Ship/Skip", [row])
    with cards.card_printer() as another:
        assert another.draw("Ship/Skip", [row]) == one
        assert another.draw("Ship/Skip", [other]) != one


def test_a_site_names_a_card_where_it_has_one(tmp_path: Path, printer: Any) -> None:
    catalogue = a_catalogue(four_tools(), pairs=(("evenly", "quillbase", "trio"),))
    plan = SitePlan(catalogue, Assets.load(), "code", printer)
    SiteBuilds(tmp_path / "public").build(plan.files())
    folder = tmp_path / "public"
    page = (folder / "tools/quillbase/index.html").read_text("utf-8")
    assert f'content="{IDENTITY.base_url}tools/quillbase/card.png"' in page
    assert (folder / "compare/evenly-vs-quillbase-vs-trio/card.png").is_file()
    assert not (folder / "tools/gone/card.png").exists()
    assert "og:image" not in (folder / "tools/gone/index.html").read_text("utf-8")
    assert faults_of(folder) == []


def test_a_card_is_drawn_anew_only_where_it_shows_something_else(printer: Any) -> None:
    run = a_run(a_tool("Quillbase"))
    told = [published(run)]
    licence = Change(field="licence", before=None, after="MIT")
    told.append(
        published(run, a_decision(run, 1), a_decision(run, 2, "correct", changes=(licence,)))
    )
    told.append(
        published(
            run, a_decision(run, 1), a_decision(run, 2, "override", verdict=other_verdict(run))
        )
    )
    told.append(named_as(told[0], "Quillbase 2"))
    plans = [SitePlan(a_catalogue([tool]), Assets.load(), "code", printer) for tool in told]
    keys = [
        next(file.key for file in plan.files() if file.path == "tools/quillbase/card.png")
        for plan in plans
    ]
    assert keys[0] == keys[1]
    assert len({keys[0], keys[2], keys[3]}) == 3


def other_verdict(run: Run) -> Decision:
    return "skip" if run.verdict and run.verdict.decision == "ship" else "ship"
