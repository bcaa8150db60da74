"""The look of a service's pages: one frame and one stylesheet, and its own templates inside."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from panel.publish.compiled_templates import CompiledTemplates
from panel.publish.printable import printable

_HOME = Path(__file__).parent / "templates"


def page_templates(folder: Path, *, style: str, site: str | None, publication: str) -> Environment:
    """Return the templates of `folder`, which extend `page.j2`.

    `style` is the path of the stylesheet, `site` the address of the site without a slash at its end,
    `publication` what it is called. A value that is missing is an error.
    """
    environment = Environment(
        loader=FileSystemLoader((folder, _HOME)),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=printable,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        bytecode_cache=CompiledTemplates(folder, Path(__file__)),
    )
    given: dict[str, Any] = {"style": style, "site": site, "publication": publication}
    environment.globals.update(given)
    return environment


def page_style() -> str:
    """Return the stylesheet of a service's pages."""
    return (_HOME / "page.css").read_text(encoding="utf-8")
