"""Pages of the public site as they would be now, before anything is approved or built."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from panel.app.decisions import Published, RunPublication
from panel.app.site import catalogue_of
from panel.app.workspace import Workspace
from panel.errors import ConfigError
from panel.publish.pages import Pages
from panel.publish.published import SiteComparison
from panel.site.assets import Assets, site_style
from panel.site.pages import SitePages


@dataclass(frozen=True)
class SitePreview:
    """Renders single pages of the site, each whole, with its style and its fonts in it."""

    workspace: Workspace
    assets: Assets
    style: Markup

    @classmethod
    def load(cls, workspace: Workspace) -> "SitePreview":
        """Return what previews are rendered with; style and fonts are read once."""
        return cls(workspace, Assets.load(), Pages.load().style + site_style())

    def tool(self, found: RunPublication) -> str:
        """Return the page of a tool as its run stands, with what editors decided on it."""
        pages = self._pages([found])
        return pages.tool(pages.catalogue.every[0])

    def comparison(self, found: Sequence[RunPublication]) -> str:
        """Return the page of tools side by side. Raises ConfigError where they cannot be compared."""
        pages, one = self._compared(found)
        return pages.comparison(one)

    def path(self, found: Sequence[RunPublication]) -> str:
        """Return the path of that page within a site. Raises as `comparison` does."""
        return self._compared(found)[1].path

    def _compared(self, found: Sequence[RunPublication]) -> tuple[SitePages, SiteComparison]:
        pages = self._pages(found)
        tools = sorted(pages.catalogue.every, key=lambda tool: tool.slug)
        one = SiteComparison(tuple(tools), self.workspace.settings.months)
        try:
            _ = one.comparison  # is made once
        except ValueError as error:
            raise ConfigError(f"{error}.") from error
        return pages, one

    def _pages(self, found: Sequence[RunPublication]) -> SitePages:
        public = Published(tuple(found), withdrawn=(), upto=0, faults=())
        return SitePages(catalogue_of(self.workspace, public), self.assets, style=self.style)
