"""What a template may be given beside texts, numbers, lists and mappings: a picture."""

from dataclasses import dataclass

HEIGHT_MOST_MM = 200.0


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
