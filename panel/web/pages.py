"""The look of a service's pages: one frame and one stylesheet, and its own templates inside."""

from pathlib import Path
from typing import Any

from jinja2 import Environment

from panel.publish.environment import escaping_environment

_HOME = Path(__file__).parent / "templates"


def page_templates(folder: Path, *, style: str, site: str | None, publication: str) -> Environment:
    """Return the templates of `folder`, which extend `page.j2`.

    `style` is the path of the stylesheet, `site` the address of the site without a slash at its end,
    `publication` what it is called. A value that is missing is an error.
    """
    environment = escaping_environment(folder, _HOME, made_by=Path(__file__))
    given: dict[str, Any] = {"style": style, "site": site, "publication": publication}
    environment.globals.update(given)
    return environment


def page_style() -> str:
    """Return the stylesheet of a service's pages."""
    return (_HOME / "page.css").read_text(encoding="utf-8")
