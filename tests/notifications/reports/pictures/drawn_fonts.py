"""Fonts made for tests: a plain shape for each character asked for, so that no machine's own fonts are needed."""

from collections.abc import Iterable
from functools import cache
from io import BytesIO
from pathlib import Path

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTCollection, TTFont

from models.lifecycle import STAGE_ZH
from notifications.reports import pictures

EM = 1000


@cache
def words_of_pictures() -> str:
    """Every character that pictures themselves use: those of their modules, of ASCII and of stages."""
    (folder,) = pictures.__path__
    sources = "".join(path.read_text(encoding="utf-8") for path in sorted(Path(folder).glob("*.py")))
    printable = "".join(map(chr, range(0x20, 0x7F)))
    return "".join(sorted({*sources, *printable, *"".join(STAGE_ZH.values()), *"【演练】"} - {"\n"}))


def font_of(chars: Iterable[str], family: str = "Drawn Sans") -> bytes:
    """A TrueType font with these characters; wide for Chinese, narrow for the rest, higher for later ones."""
    codes = sorted({ord(char) for char in chars})
    names = {code: f"u{code:05X}" for code in codes}
    widths = {code: EM if code > 0x2E7F else EM // 2 for code in codes}
    builder = FontBuilder(EM, isTTF=True)
    builder.setupGlyphOrder([".notdef", *names.values()])
    builder.setupCharacterMap(names)
    glyphs = {names[code]: _square(widths[code], 300 + code % 500) for code in codes if code != 0x20}
    empty = {".notdef": _square(EM, 900)} | ({names[0x20]: TTGlyphPen(None).glyph()} if 0x20 in names else {})
    builder.setupGlyf(empty | glyphs)
    metrics = {names[code]: (widths[code], 50) for code in codes}
    builder.setupHorizontalMetrics({".notdef": (EM, 0)} | metrics)
    builder.setupHorizontalHeader(ascent=880, descent=-120)
    builder.setupNameTable({"familyName": family, "styleName": "Regular", "psName": family.replace(" ", "")})
    builder.setupOS2(sTypoAscender=880, sTypoDescender=-120)
    builder.setupPost()
    buffer = BytesIO()
    builder.save(buffer)
    return buffer.getvalue()


def collection_of(*fonts: bytes) -> bytes:
    """Several fonts in one file."""
    collection = TTCollection()
    collection.fonts = [TTFont(BytesIO(font)) for font in fonts]
    buffer = BytesIO()
    collection.save(buffer)
    return buffer.getvalue()


def put_font(folder: Path, more: str = "", name: str = "drawn.ttf") -> Path:
    """A font with all that pictures say themselves, and these characters besides."""
    path = folder / name
    path.write_bytes(font_of(words_of_pictures() + more + "整改措施督办销号时限〓…"))
    return path


def _square(width: int, height: int) -> object:
    pen = TTGlyphPen(None)
    pen.moveTo((50, 0))
    pen.lineTo((50, height))
    pen.lineTo((width - 50, height))
    pen.lineTo((width - 50, 0))
    pen.closePath()
    return pen.glyph()
