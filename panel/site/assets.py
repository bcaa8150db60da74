"""Assets: one stylesheet and two fonts, each under a name with its digest, so that caches keep them."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from markupsafe import Markup

from panel.publish.typefaces import FONTS, TYPEFACES, font_face

_HERE = Path(__file__).parent
_PUBLISH = _HERE.parent / "publish"
_SITE_STYLE = _HERE / "templates" / "site.css"
_LICENCES = ("OFL-Newsreader.txt", "OFL-LibreFranklin.txt")


@dataclass(frozen=True)
class Assets:
    """The files of `assets/` by their path within the site, the names that pages link, and a digest."""

    files: dict[str, bytes]
    style: str
    fonts: tuple[str, ...]

    @classmethod
    def load(cls) -> "Assets":
        """Return the assets that came with the package."""
        fonts, faces = {}, ""
        for family, name in TYPEFACES:
            data = (FONTS / name).read_bytes()
            path = hashed_name(f"assets/{name}", data)
            fonts[path] = data
            faces += font_face(family, path.removeprefix("assets/"))
        sheets = (_PUBLISH / "templates" / "page.css", _SITE_STYLE)
        style = (faces + "\n".join(s.read_text(encoding="utf-8").strip() for s in sheets)).encode()
        path = hashed_name("assets/site.css", style)
        licences = {f"assets/{name}": (FONTS / name).read_bytes() for name in _LICENCES}
        return cls({path: style, **fonts, **licences}, path, tuple(fonts))

    @cached_property
    def digest(self) -> str:
        """A digest of the names, and so of the contents."""
        return hashlib.sha256("\n".join(sorted(self.files)).encode()).hexdigest()


def site_style() -> Markup:
    """Return the site's own style, which comes after that of a page, for a page that links none."""
    style = _SITE_STYLE.read_text(encoding="utf-8").strip()
    return Markup(f"\n{style}")  # noqa: S704 - a file of our own


def hashed_name(path: str, data: bytes) -> str:
    """Return `path` with the beginning of the digest of `data` before its ending."""
    stem, _, ending = path.rpartition(".")
    return f"{stem}.{hashlib.sha256(data).hexdigest()[:12]}.{ending}"
