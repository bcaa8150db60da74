from pathlib import Path

import pytest

FONTS = Path(__file__).parents[2] / "panel" / "publish" / "fonts"


def test_the_fonts_leave_a_page_that_carries_them_its_30_kilobytes() -> None:
    files = list(FONTS.glob("*.woff2"))
    assert {file.name for file in files} == {"newsreader.woff2", "libre-franklin.woff2"}
    assert sum(file.stat().st_size for file in files) <= 58_000


@pytest.mark.parametrize("name", ["newsreader", "libre-franklin"])
def test_a_font_is_woff2_around_truetype(name: str) -> None:
    assert (FONTS / f"{name}.woff2").read_bytes()[:8] == b"wOF2\x00\x01\x00\x00"


@pytest.mark.parametrize("family", ["Newsreader", "LibreFranklin"])
def test_each_font_brings_its_licence(family: str) -> None:
    text = (FONTS / f"OFL-{family}.txt").read_text(encoding="utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in text
