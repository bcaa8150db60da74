"""Cards: the picture of a page that is shown where somebody shares it, 1200 by 630, drawn by typst.

Names go in as data and never into the markup, and only the site's own fonts are used, so a card is the
same on every machine. Neither tells of a sign that it cannot draw: a text with one is looked up first,
and the slug is drawn in its place; the page's own text has the name in full.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import typst
from fontTools.ttLib import TTFont

from panel.publish.columns import BADGES
from panel.publish.rows import Row
from panel.site.feeds import DISCLOSURE

_FONTS: Final = Path(__file__).parent.parent / "publish" / "fonts"
_SOURCE: Final = Path(__file__).parent / "templates" / "card.typ"
_NAMES: Final = ("newsreader.woff2", "libre-franklin.woff2")
_SIZES: Final = ((26, 56), (44, 46), (70, 38))  # signs of a name, and the points that it is set in
_SMALLEST: Final = 30
_MOST: Final = 84
_ELLIPSIS: Final = "…"


@contextmanager
def card_printer() -> Iterator["CardPrinter"]:
    """Yield what draws cards; one for a whole build, because the fonts are read once."""
    with TemporaryDirectory(prefix="shipskip-cards-") as folder:
        yield CardPrinter(Path(folder))


class CardPrinter:
    """Draws cards, with fonts that it lays out in `folder`, which has to stay as long as it does."""

    def __init__(self, folder: Path) -> None:
        known: list[set[int]] = []
        for name in _NAMES:
            font = TTFont(_FONTS / name, recalcBBoxes=False, recalcTimestamp=False)
            font.flavor = None  # typst reads no woff2
            known.append(set(font.getBestCmap()))
            font.save(folder / f"{name}.ttf")
        self._known = frozenset.intersection(*map(frozenset, known))
        source = folder / "card.typ"
        source.write_bytes(_SOURCE.read_bytes())
        self._compiler = typst.Compiler(
            str(source), root=str(folder), font_paths=[str(folder)], ignore_system_fonts=True
        )

    @cached_property
    def digest(self) -> str:
        """A digest of what decides the bytes of a card beside its words: source, fonts and typst."""
        whole = hashlib.sha256(_SOURCE.read_bytes() + version("typst").encode())
        for name in _NAMES:
            whole.update((_FONTS / name).read_bytes())
        return whole.hexdigest()

    def draw(self, title: str, rows: Sequence[Row]) -> bytes:
        """Return the card of one tool or of several side by side, as PNG."""
        tools = [self._tool(row, len(rows)) for row in rows]
        shown = title if self.covers(title) else ""
        card = {"title": shown, "tools": tools, "disclosure": DISCLOSURE}
        drawn = self._compiler.compile(
            format="png", ppi=72.0, sys_inputs={"card": json.dumps(card, ensure_ascii=False)}
        )
        assert isinstance(drawn, bytes)  # noqa: S101 - one page is one picture
        return drawn

    def covers(self, text: str) -> bool:
        """Tell whether the fonts have every sign of `text`."""
        return all(ord(sign) in self._known for sign in text)

    def _tool(self, row: Row, many: int) -> dict[str, Any]:
        name = row.tool.name if self.covers(row.tool.name) else row.tool.slug
        wide = len(name) * (1 if many == 1 else many / 1.6)
        size = next((points for signs, points in _SIZES if wide <= signs), _SMALLEST)
        most = int(_MOST if many == 1 else 1.6 * _MOST / many)
        share = f"{row.share}%" if row.share else ""
        panel = ", ".join(filter(None, (BADGES[row.panel_badge].lower(), share)))
        return {
            "name": name if len(name) <= most else f"{name[: most - 1].rstrip()}{_ELLIPSIS}",
            "size": size,
            "share": "" if row.is_overridden else share,
            "badge": BADGES[row.badge],
            "note": f"by the editor; panel: {panel}" if row.is_overridden else "",
            "votes": [
                {"letter": vote.letter if self.covers(vote.letter) else "", "vote": vote.vote}
                for vote in row.votes
            ],
        }
