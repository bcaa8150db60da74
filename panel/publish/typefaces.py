"""The two typefaces of the pages: their files, and the rule by which a stylesheet has one."""

from pathlib import Path
from typing import Final

FONTS: Final = Path(__file__).parent / "fonts"
"""The folder of the fonts and their licences."""
TYPEFACES: Final = (("NR", "newsreader.woff2"), ("LF", "libre-franklin.woff2"))
"""The family as the stylesheets call it, and its file."""


def font_face(family: str, address: str) -> str:
    """Return the `@font-face` rule of a family whose font is at `address`: a path or a `data:` URL."""
    return (
        f"@font-face{{font-family:{family};src:url({address})"
        'format("woff2");font-weight:400 700;font-display:swap}\n'
    )
