"""The check of a built site: what is wrong with it, and what it weighs."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from panel.app.site import built_folder
from panel.app.workspace import Workspace
from panel.domain.wording import counted
from panel.site.check import BuiltFiles, SiteFault, check_files, weight_of_style


@dataclass(frozen=True)
class CheckReport:
    """What a check found: `notes` say what could not be checked, and why."""

    folder: Path
    pages: int
    files: int
    style: int
    faults: tuple[SiteFault, ...]
    notes: tuple[str, ...]

    @property
    def summary(self) -> str:
        """What was checked and how it ended, in one line."""
        what = f"{counted(self.pages, 'page')}, {counted(self.files, 'file')}"
        end = counted(len(self.faults), "fault") if self.faults else "nothing is wrong"
        return f"{self.folder}: {what}; style and fonts {self.style:,} bytes; {end}."

    @property
    def document(self) -> dict[str, Any]:
        """The report as a document."""
        return {
            "v": 1,
            "folder": str(self.folder),
            "pages": self.pages,
            "files": self.files,
            "style_bytes": self.style,
            "faults": [{"path": fault.path, "what": fault.what} for fault in self.faults],
            "notes": list(self.notes),
        }


def check_site(workspace: Workspace, out: Path | None, *, browser: bool) -> CheckReport:
    """Return what is wrong with the built site; `browser` adds Chromium with axe, and the Nu checker.

    Raises ConfigError where no site is built.
    """
    folder = built_folder(workspace, out)
    base_url = workspace.settings.site.base_url
    site = BuiltFiles(folder, base_url)
    faults, notes = check_files(site), list[str]()
    if browser:
        from panel.app.site_browser import check_in_browser  # noqa: PLC0415 - Playwright is heavy

        found, notes = check_in_browser(folder, base_url)
        faults += found
    return CheckReport(
        folder, len(site.pages), len(site.paths), weight_of_style(site), tuple(faults), tuple(notes)
    )
