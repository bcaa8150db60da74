"""Builds the two fonts of the pages: variable woff2, weight 400 to 700, Latin, no hinting.

The static Regular and Bold of each family (whose outlines match point for point) become the two
ends of one weight axis. Kerning is what weighs most: pairs are gathered into classes of glyphs that
kern alike, exact to LIKENESS thousandths of an em. docs/fonts.md has the commands.
"""

import sys
import unicodedata
from pathlib import Path

import numpy as np
from fontTools import subset
from fontTools.designspaceLib import AxisDescriptor, DesignSpaceDocument, SourceDescriptor
from fontTools.feaLib.builder import addOpenTypeFeaturesFromString
from fontTools.otlLib.builder import buildPairPosClassesSubtable
from fontTools.otlLib.optimize.gpos import compact_lookup
from fontTools.ttLib import TTFont
from fontTools.ttLib.scaleUpem import scale_upem
from fontTools.ttLib.tables._g_l_y_f import Glyph, GlyphComponent
from fontTools.ttLib.tables.otBase import ValueRecord
from fontTools.varLib import build

FAMILIES = {"newsreader": "Newsreader", "libre-franklin": "LibreFranklin"}
WEIGHTS = {400: "400Regular", 700: "700Bold"}
LETTERS = (*range(0x20, 0x7F), *range(0xA0, 0xAD), *range(0xAE, 0x180), *range(0x218, 0x21C))
RARE = "ĸŉĿŀŊŋŦŧſ"
SIGNS = "\u2009\u202f‐‑–—‘’‚“”„†‡•…‰‹›⁄€−⅓⅔≈≠≤≥™№′″"
FEATURES = ["kern", "liga", "lnum", "tnum", "pnum"]
KERNED_SIGNS = " .,:;!?-–—‘’‚“”„'\"()[]/"
LIKENESS = 12
FAINT = 10
DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
TABULAR_WIDTH = 640
EXTENSION = 9


def trimmed(path: Path) -> TTFont:
    """A font of 1000 units with our characters and features only, in one plain kern lookup."""
    options = subset.Options()
    options.layout_features = FEATURES
    options.hinting = False
    options.glyph_names = True
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.drop_tables += ["STAT", "gasp", "prep"]
    font = subset.load_font(path, options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes={*LETTERS, *map(ord, SIGNS)} - {*map(ord, RARE)})
    subsetter.subset(font)
    scale_upem(font, 1000)
    (kern,) = font["GPOS"].table.LookupList.Lookup
    if kern.LookupType == EXTENSION:
        kern.SubTable, kern.LookupType = [sub.ExtSubTable for sub in kern.SubTable], 2
    return font


def add_tabular_digits(font: TTFont) -> None:
    """Give a font that has none a `tnum` feature: its own digits, centred on one width."""
    if any(record.FeatureTag == "tnum" for record in font["GSUB"].table.FeatureList.FeatureRecord):
        return
    ligatures = font["GSUB"].table.LookupList.Lookup
    rules = [
        f"sub {first} {' '.join(ligature.Component)} by {ligature.LigGlyph};"
        for lookup in ligatures
        for table in lookup.SubTable
        for first, found in getattr(table, "ligatures", {}).items()
        for ligature in found
    ]
    font.setGlyphOrder([*font.getGlyphOrder(), *(f"{digit}.tf" for digit in DIGITS)])
    for digit in DIGITS:
        part = GlyphComponent()
        part.glyphName, part.flags = digit, 0x204
        part.x, part.y = (TABULAR_WIDTH - font["hmtx"][digit][0]) // 2, 0
        glyph = Glyph()
        glyph.numberOfContours, glyph.components = -1, [part]
        font["glyf"][f"{digit}.tf"] = glyph
        font["hmtx"][f"{digit}.tf"] = (TABULAR_WIDTH, font["hmtx"][digit][1] + part.x)
        glyph.recalcBounds(font["glyf"])
        rules.append(f"sub {digit} by {digit}.tf;")
    middle = len(rules) - len(DIGITS)
    feature = "feature liga {{ {} }} liga; feature tnum {{ {} }} tnum;"
    source = feature.format(" ".join(rules[:middle]), " ".join(rules[middle:]))
    addOpenTypeFeaturesFromString(font, source, tables=["GSUB"])


def kerning(font: TTFont) -> np.ndarray:
    """The kerning of every pair of glyphs: an n by n array of units, in glyph order."""
    order = font.getGlyphOrder()
    place = {name: at for at, name in enumerate(order)}
    units = np.zeros((len(order), len(order)), int)
    for table in reversed(font["GPOS"].table.LookupList.Lookup[0].SubTable):
        lefts = table.Coverage.glyphs
        if table.Format == 1:
            for left, pairs in zip(lefts, table.PairSet, strict=True):
                for pair in pairs.PairValueRecord:
                    units[place[left], place[pair.SecondGlyph]] = pair.Value1.XAdvance
            continue
        columns = [table.ClassDef2.classDefs.get(name, 0) for name in order]
        for left in lefts:
            row = table.Class1Record[table.ClassDef1.classDefs.get(left, 0)].Class2Record
            values = [getattr(cell.Value1, "XAdvance", 0) or 0 for cell in row]
            units[place[left]] = [values[column] for column in columns]
    return units


def unkerned(font: TTFont) -> list[int]:
    """The places of glyphs that go without kerning: signs that seldom stand in running text."""
    signs = {name: chr(code) for code, name in font.getBestCmap().items()}

    def kerns(name: str) -> bool:
        sign = signs.get(name)
        if sign is None:
            return name.split(".", maxsplit=1)[0] in DIGITS
        return unicodedata.category(sign)[0] in "LN" or sign in KERNED_SIGNS

    return [at for at, name in enumerate(font.getGlyphOrder()) if not kerns(name)]


def alike(rows: np.ndarray) -> tuple[list[int], list[list[int]]]:
    """Rows gathered around leaders that they differ from by LIKENESS units at most."""
    leaders: list[int] = []
    groups: list[list[int]] = []
    for at, row in enumerate(rows):
        gaps = [int(np.abs(row - rows[leader]).max()) for leader in leaders]
        nearest = min(range(len(gaps)), key=gaps.__getitem__, default=-1)
        if nearest >= 0 and gaps[nearest] <= LIKENESS:
            groups[nearest].append(at)
        else:
            leaders.append(at)
            groups.append([at])
    return leaders, groups


def gather_kerning(fonts: list[TTFont]) -> None:
    """Replace the kerning of fonts that share a glyph order by the same classes in each."""
    order = fonts[0].getGlyphOrder()
    units = np.stack([kerning(font) for font in fonts])
    quiet = unkerned(fonts[0])
    units[:, quiet, :] = units[:, :, quiet] = 0
    units[:, np.abs(units).max(axis=0) <= FAINT] = 0
    count = len(order)
    rows, lefts = alike(units.transpose(1, 0, 2).reshape(count, -1))
    columns, rights = alike(units.transpose(2, 0, 1).reshape(count, -1))
    for font, values in zip(fonts, units, strict=True):
        pairs = {}
        for row, left in zip(rows, lefts, strict=True):
            for column, right in zip(columns, rights, strict=True):
                if units[:, row, column].any():
                    record = ValueRecord()
                    record.XAdvance = int(values[row, column])
                    key = tuple(order[at] for at in left), tuple(order[at] for at in right)
                    pairs[key] = (record, None)
        lookup = font["GPOS"].table.LookupList.Lookup[0]
        lookup.SubTable = [buildPairPosClassesSubtable(pairs, font.getReverseGlyphMap())]
        lookup.SubTableCount = 1


def family(package: Path, name: str) -> TTFont:
    """One variable font of a family, weight 400 to 700."""
    fonts = [trimmed(package / style / f"{name}_{style}.ttf") for style in WEIGHTS.values()]
    gather_kerning(fonts)
    design = DesignSpaceDocument()
    design.addAxis(AxisDescriptor(name="Weight", tag="wght", minimum=400, default=400, maximum=700))
    for font, weight in zip(fonts, WEIGHTS, strict=True):
        add_tabular_digits(font)
        design.addSource(SourceDescriptor(font=font, location={"Weight": weight}, name=str(weight)))
    font, _, _ = build(design)
    for table in ("STAT", "MVAR"):
        if table in font:
            del font[table]
    compact_lookup(font, 5, font["GPOS"].table.LookupList.Lookup[0])
    font["post"].formatType = 3.0
    font["head"].modified = font["head"].created
    font.recalcTimestamp = False
    font.flavor = "woff2"
    return font


if __name__ == "__main__":
    packages, out = map(Path, sys.argv[1:])
    for package, name in FAMILIES.items():
        family(packages / package, name).save(out / f"{package}.woff2")
