"""Pages: one self-contained HTML file for a tool or a comparison, without script or outside request."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, Template
from markupsafe import Markup

from panel.domain.community import Community
from panel.domain.comparison import Comparison
from panel.domain.monthly_cost import MONTHS, Month, read_pricing
from panel.domain.run import Run
from panel.domain.scale import percent
from panel.domain.wording import listed
from panel.publish.banners import Banner, list_banners
from panel.publish.columns import BADGES, Column, build_columns
from panel.publish.community import CommunityPart, state_community
from panel.publish.entry_price import entry_figure
from panel.publish.environment import HtmlEnvironment, escaping_environment
from panel.publish.figures import long_date, points, web_link, with_full_stop
from panel.publish.marks import AXIS, MARKS
from panel.publish.pick import Pick, pick_of_comparison, pick_of_tool, quoted_words
from panel.publish.pricing_table import (
    MonthRow,
    PriceRow,
    absent_kinds,
    list_months,
    list_prices,
)
from panel.publish.provenance import (
    Byline,
    RunTrace,
    byline_of,
    list_prompts,
    print_rules,
    state_interests,
    trace,
)
from panel.publish.reviewers import ReviewerSection, list_reviewers
from panel.publish.structured import NAME, Node, describe_comparison, describe_tool, embed
from panel.publish.typefaces import FONTS, TYPEFACES, font_face

_HOME = Path(__file__).parent
_UNCHECKED = ("Not yet checked by an editor. Edits: none. Corrections: none.",)
_LONG = 60  # characters of a headline from which it is set smaller


@dataclass(frozen=True)
class Page:
    """All that a template prints, beside the columns."""

    title: str
    summary: str
    document: Node
    canonical: str | None
    data_path: str | None
    byline: Byline
    dated: str
    long: bool
    pick: Pick
    quoted: dict[tuple[str, str, str], str]
    banners: tuple[Banner, ...]
    reviewers: list[ReviewerSection]
    prices: list[PriceRow]
    no_prices: str
    months: list[MonthRow]
    made: tuple[RunTrace, ...]
    prompts: list[tuple[str, str]]
    rules: list[str]
    interests: list[str]
    community: CommunityPart
    editor: tuple[str, ...] = _UNCHECKED
    old_prices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pages:
    """The templates, the style and the fonts, read once for any number of pages."""

    tool: Template
    comparison: Template
    style: Markup

    @classmethod
    def load(cls, *, fonts: bool = True) -> "Pages":
        """Return what pages are rendered with; without `fonts` the reader's own ones are used."""
        environment = make_environment()
        style = (_HOME / "templates" / "page.css").read_text(encoding="utf-8").strip()
        faces = _font_faces() if fonts else ""
        return cls(
            tool=environment.get_template("tool.j2"),
            comparison=environment.get_template("comparison.j2"),
            style=Markup(faces + style),  # noqa: S704 - our own files
        )

    def render_tool(
        self,
        run: Run,
        *,
        data_path: str | None = "index.json",
        canonical: str | None = None,
        months: Sequence[Month] = MONTHS,
        community: Community | None = None,
    ) -> str:
        """Return the page of one run, in whatever state the run is.

        `data_path` is the address of the JSON document beside it, relative to the page; `canonical` the
        page's own address, where it has one; `months` the example months of the pricing read;
        `community` the readers' votes, None where no votes service is configured.
        """
        columns = build_columns((run,))
        page = page_of_tool(
            columns, data_path=data_path, canonical=canonical, months=months, community=community
        )
        return self._render(self.tool, page, columns)

    def render_comparison(
        self,
        comparison: Comparison,
        *,
        data_path: str | None = "index.json",
        canonical: str | None = None,
        community: Community | None = None,
    ) -> str:
        """Return the page of a comparison; the options are as for a tool."""
        columns = build_columns(comparison.runs, comparison.overrides)
        page = page_of_comparison(
            comparison, columns, data_path=data_path, canonical=canonical, community=community
        )
        return self._render(self.comparison, page, columns)

    def _render(self, template: Template, page: Page, columns: Sequence[Column]) -> str:
        return template.render(
            page=page,
            columns=columns,
            marks=MARKS[: len(columns)],
            style=self.style,
            structured=structured(page.document),
        )


def page_of_tool(
    columns: Sequence[Column],
    *,
    data_path: str | None,
    canonical: str | None,
    months: Sequence[Month] = MONTHS,
    community: Community | None = None,
    name: str = NAME,
) -> Page:
    """Return what a template prints of the one tool in `columns`, for the publication `name`."""
    (column,) = columns
    return Page(
        title=f"{column.name}: panel verdict",
        summary=f"{column.name}: {_standing(column)}.",
        document=describe_tool(column.run, canonical, name),
        canonical=canonical,
        data_path=data_path,
        **_shared(columns, pick_of_tool(column)),
        community=state_community(columns, community, canonical),
        months=list_months((read_pricing(column.tool, months, column.run.slug),)),
    )


def page_of_comparison(
    comparison: Comparison,
    columns: Sequence[Column],
    *,
    data_path: str | None,
    canonical: str | None,
    community: Community | None = None,
    name: str = NAME,
) -> Page:
    """Return what a template prints of a comparison, for the publication `name`."""
    names = " vs ".join(column.name for column in columns)
    standings = "; ".join(f"{column.name}: {_standing(column)}" for column in columns)
    return Page(
        title=f"{names}: panel verdict",
        summary=f"Side-by-side panel verdict and pricing read. {standings}.",
        document=describe_comparison(comparison, canonical, name),
        canonical=canonical,
        data_path=data_path,
        **_shared(columns, pick_of_comparison(comparison, columns)),
        community=state_community(columns, community, canonical),
        months=list_months(comparison.pricing),
    )


def structured(document: Node) -> Markup:
    """Return JSON-LD as text that may stand inside a script element."""
    return Markup(embed(document))  # noqa: S704 - escaped for a script element


def make_environment(*folders: Path) -> Environment:
    """Return the environment of the page templates; those of `folders` go before them.

    All text is escaped, and a value that is missing or None is an error.
    """
    folders = (*folders, _HOME / "templates")
    environment = escaping_environment(*folders, made_by=Path(__file__), kind=HtmlEnvironment)
    environment.globals.update(
        axis=AXIS,
        badges=BADGES,
        entry_figure=entry_figure,
        percent=percent,
        points=points,
        with_full_stop=with_full_stop,
        web_link=web_link,
    )
    return environment


def _font_faces() -> str:
    return "".join(font_face(family, _data_url(name)) for family, name in TYPEFACES)


def _data_url(name: str) -> str:
    data = base64.b64encode((FONTS / name).read_bytes()).decode("ascii")
    return f"data:font/woff2;base64,{data}"


def _shared(columns: Sequence[Column], pick: Pick) -> dict[str, Any]:
    """Return the fields of a page that are made alike for one tool and for several."""
    runs = [column.run for column in columns]
    convened = any(column.cards for column in columns)
    return {
        "byline": byline_of(runs),
        "dated": _dated(runs),
        "long": sum(len(column.name) for column in columns) > _LONG * len(columns),
        "pick": pick,
        "quoted": dict(quoted_words(pick)),
        "banners": list_banners(columns),
        "reviewers": list_reviewers(columns),
        "prices": list_prices(columns) if convened else [],
        "no_prices": absent_kinds(columns) if convened else "",
        "made": trace(columns),
        "prompts": list_prompts(columns),
        "rules": (print_rules(runs[0].inputs.rules, several=len(runs) > 1) if convened else []),
        "interests": state_interests(columns),
    }


def _dated(runs: Sequence[Run]) -> str:
    days = sorted({run.started.date() for run in runs})
    what = "Panel of" if any(run.state != "set_aside" for run in runs) else "Set aside on"
    return f"{what} {listed([long_date(day) for day in days])}"


def _standing(column: Column) -> str:
    badge = BADGES[column.panel_badge].lower()
    panel = f"{badge}, panel ship {column.share}%" if column.share else badge
    return f"{column.override} by the editor; the panel: {panel}" if column.override else panel
