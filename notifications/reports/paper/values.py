"""What a template may be given beside texts, numbers, lists and mappings: a picture."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as PNG, and how wide it shall stand on the page in millimetres; its height follows."""

    png: bytes
    width_mm: float
