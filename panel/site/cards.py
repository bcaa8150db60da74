"""Cards: the picture of a page that is shown where somebody shares it, 1200 by 630, drawn by typst.

Names go in as data and never into the markup, and only the site's own fonts are used, so a card is the
same on every machine. Neither tells of a character that it cannot draw: a text is looked at before,
and the slug is drawn in its place; the page's own text has the name in full.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, cast

import typst

from panel.publish.columns import BADGES
from panel.publish.typefaces import FONTS, TYPEFACES
from panel.site.card_contents import CardTool
from panel.site.feeds import DISCLOSURE

_SOURCE: Final = Path(__file__).parent / "templates" / "card.typ"
_SIZES: Final = (
    (26, 56),
    (44, 46),
    (70, 38),
)  # characters of a name, and the points that it is set in
_SMALLEST: Final = 30
_MOST: Final = 84
_ELLIPSIS: Final = "…"


@contextmanager
def card_printer() -> Iterator["CardPrinter"]:
    """Yield what draws cards; one for a whole build, because the fonts are read once, if at all."""
    with TemporaryDirectory(prefix="shipskip-cards-") as folder:
        yield CardPrinter(Path(folder))


@dataclass(frozen=True)
class _Renderer:
    """The compiler of a card's source, and the characters that all of its fonts have."""

    compiler: typst.Compiler
    characters: frozenset[int]


def _make_renderer(folder: Path) -> _Renderer:
    from fontTools.ttLib import TTFont  # noqa: PLC0415 - 0.1 s, and most builds draw nothing

    known: list[frozenset[int]] = []
    for _, name in TYPEFACES:
        font = TTFont(FONTS / name, recalcBBoxes=False, recalcTimestamp=False)
        font.flavor = None  # typst reads no woff2
        known.append(frozenset(font.getBestCmap()))
        font.save(folder / f"{name}.ttf")
    source = folder / "card.typ"
    source.write_bytes(_SOURCE.read_bytes())
    compiler = typst.Compiler(
        str(source), root=str(folder), font_paths=[str(folder)], ignore_system_fonts=True
    )
    return _Renderer(compiler, frozenset.intersection(*known))


class CardPrinter:
    """Draws cards, with fonts that it lays out in `folder`, which has to stay as long as it does."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def _renderer(self) -> _Renderer:
        return _make_renderer(self._folder)

    @cached_property
    def digest(self) -> str:
        """A digest of what decides the bytes of a card beside its words: source, fonts and typst."""
        whole = hashlib.sha256(_SOURCE.read_bytes() + version("typst").encode())
        for _, name in TYPEFACES:
            whole.update((FONTS / name).read_bytes())
        return whole.hexdigest()

    def draw(self, title: str, tools: Sequence[CardTool]) -> bytes:
        """Return the card of one tool or of several side by side, as PNG."""
        shown = title if self.covers(title) else ""
        card = {
            "title": shown,
            "tools": [self._tool(tool, len(tools)) for tool in tools],
            "disclosure": DISCLOSURE,
        }
        drawn = self._renderer.compiler.compile(
            format="png", ppi=72.0, sys_inputs={"card": json.dumps(card, ensure_ascii=False)}
        )
        return cast("bytes", drawn)  # one page is one picture, several are a list

    def covers(self, text: str) -> bool:
        """Tell whether the fonts have every character of `text`."""
        return all(ord(one) in self._renderer.characters for one in text)

    def _tool(self, tool: CardTool, many: int) -> dict[str, Any]:
        name = tool.name if self.covers(tool.name) else tool.slug
        wide = len(name) * (1 if many == 1 else many / 1.6)
        size = next((points for longest, points in _SIZES if wide <= longest), _SMALLEST)
        most = int(_MOST if many == 1 else 1.6 * _MOST / many)
        panel, share = tool.panel_badge, f"{tool.share}%" if tool.share else ""
        said = ", ".join(filter(None, (BADGES[panel].lower(), share))) if panel else ""
        return {
            "name": name if len(name) <= most else f"{name[: most - 1].rstrip()}{_ELLIPSIS}",
            "size": size,
            "share": "" if panel else share,
            "badge": BADGES[tool.badge],
            "note": f"by the editor; panel: {said}" if panel else "",
            "votes": [
                {"letter": letter if self.covers(letter) else "", "vote": vote}
                for letter, vote in tool.votes
            ],
        }
