"""Puts words into a picture: cleaned, measured, shortened, each character in a font that has it, and never a box.

Used by every drawing. What people wrote is hostile here too: dollar signs, line breaks, marks of direction, emoji.
"""

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from notifications.reports.pictures.fonts import Face, Font, advances

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.transforms import Transform

MISSING = "〓"
"""Stands for a character that no font has; where not even this is there, its number does."""
_UP = {"center": -0.36, "top": -0.86, "bottom": 0.14, "baseline": 0.0}
"""How far the baseline lies above the place asked for, in parts of the size, for fonts with Chinese characters."""
_ACROSS = {"left": 0.0, "center": -0.5, "right": -1.0}
_MOST = 400
"""Characters of a text that are looked at; no picture shows more."""


def cleaned(text: str) -> str:
    """The text on one line, without characters that show nothing or turn others round."""
    return "".join(char for char in " ".join(text[:_MOST].split()) if char.isprintable())


@dataclass(frozen=True, slots=True)
class Lettering:
    """Letters with one font. Sizes and widths are in points."""

    font: Font

    def legible(self, text: str) -> str:
        """The text as it can be shown: with a sign for each character that no font has."""
        return "".join(char if self.font.face_of(char) else self._instead_of(char) for char in cleaned(text))

    def width(self, text: str, size: float) -> float:
        """How wide a legible text is."""
        return size * sum(advances(face)[ord(char)] for char in text if (face := self.font.face_of(char)))

    def shortened(self, text: str, size: float, width: float) -> str:
        """As much of the text as there is room for, legible, with … where it was cut."""
        whole = self.legible(text)
        if self.width(whole, size) <= width:
            return whole
        end = self.legible("…")
        left = width - self.width(end, size)
        for kept, char in enumerate(whole):
            left -= self.width(char, size)
            if left < 0:
                return whole[:kept].rstrip() + end
        return whole

    def write(  # noqa: PLR0913 - where, what and how, each by its name
        self, into: "Axes | Figure", x: float, y: float, text: str, size: float, *,
        across: str = "left", up: str = "center", colour: str = "black", at: "Transform | None" = None,
        aside: float = 0.0, **how: Any,
    ) -> None:  # fmt: skip
        """Writes a line at a place of the picture (`at`: in which coordinates; else those of `into`), `aside` of it."""
        from matplotlib.transforms import ScaledTranslation

        shown = self.legible(text)
        place = at or getattr(into, "transData", None) or into.transSubfigure  # type: ignore[union-attr]
        figure = into.get_figure(root=True)
        assert figure is not None
        right = _ACROSS[across] * self.width(shown, size) + aside
        for face, run in self._runs(shown):
            moved = ScaledTranslation(right / 72, _UP[up] * size / 72, figure.dpi_scale_trans)
            into.text(x, y, run, transform=place + moved, ha="left", va="baseline", color=colour, parse_math=False,
                      fontproperties=_properties(face, size), **how)  # fmt: skip
            right += self.width(run, size)

    def _runs(self, shown: str) -> list[tuple[Face, str]]:
        """Neighbours in one font together."""
        faces = [(self.font.face_of(char) or self.font.faces[0], char) for char in shown]
        return [(face, "".join(char for _, char in run)) for face, run in groupby(faces, key=lambda one: one[0])]

    def _instead_of(self, char: str) -> str:
        for sign in (MISSING, f"U+{ord(char):04X}", "?"):
            if all(map(self.font.face_of, sign)):
                return sign
        return ""


def _properties(face: Face, size: float) -> Any:
    from matplotlib.font_manager import FontPath, FontProperties

    return FontProperties(fname=FontPath(str(face.path), face.number), size=size)
