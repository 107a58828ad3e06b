"""What a template may be given beside texts, numbers, lists and mappings: pictures, by name. PURE."""

from collections.abc import Mapping
from dataclasses import dataclass

HEIGHT_MOST_MM = 200.0
CAPTIONS: Mapping[str, str] = {
    "burn_down": "图1　整改进展：未销号措施与计划",
    "heat": "图2　各单位整改时限分布（按周）",
}
"""What stands below each picture: its own title, by the name under which templates put it in."""
NO_PICTURES: Mapping[str, object] = dict.fromkeys(CAPTIONS, "")


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as PNG, and how wide it shall stand on the page in millimetres; its height follows, and one that would
    be higher than a page is made smaller. `description` is read out to who cannot see it."""

    png: bytes
    width_mm: float
    description: str = ""

    @property
    def fitting_width_mm(self) -> float:
        """The width at which it is no higher than a page."""
        width, height = (int.from_bytes(self.png[start : start + 4]) for start in (16, 20))
        return min(self.width_mm, HEIGHT_MOST_MM * width / height)
