"""A picture and its files: as SVG with outlines for letters, and as PNG; the same facts give the same bytes.

Here alone the drawing library is set up and asked for files. Used by every drawing of this room.
"""

import os
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from notifications.reports.pictures.lettering import cleaned

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DOTS_PER_INCH = 200
MM = 1 / 25.4
"""A millimetre in inches, in which figures are measured."""
_SETTINGS: Mapping[Any, Any] = {
    "svg.hashsalt": "duban", "svg.fonttype": "path", "text.parse_math": False, "hatch.linewidth": 0.5,
    "axes.linewidth": 0.6,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawn figure; its title and description are what a screen reader says in its place."""

    figure: "Figure"
    title: str
    description: str

    @classmethod
    def of(cls, drawn: "Figure", title: str, lines: Iterable[str]) -> "Picture":
        """With the lines below its title as its description."""
        told = map(cleaned, lines)
        return cls(drawn, cleaned(title), "".join(line if line.endswith("。") else f"{line}。" for line in told))

    @property
    def alt(self) -> str:
        """Both in one, for a paper or a page that has room for one text."""
        return f"{self.title}。{self.description}"


@contextmanager
def drawing() -> Iterator[None]:
    """Within it the drawing library has its own defaults and ours, whatever the machine's settings say."""
    import_library()
    import matplotlib as mpl

    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_SETTINGS)
        yield


def figure(width_mm: float, height_mm: float) -> "Figure":
    """An empty white one."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width_mm * MM, height_mm * MM), dpi=DOTS_PER_INCH, facecolor="white")


def as_png(picture: Picture) -> bytes:
    """200 dots an inch."""
    with drawing():
        buffer = BytesIO()
        picture.figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def as_svg(picture: Picture) -> bytes:
    """Letters are outlines, so that it looks the same where the font is missing."""
    with drawing():
        buffer = BytesIO()
        metadata = {"Date": None, "Creator": None, "Format": None, "Type": None}
        picture.figure.savefig(buffer, format="svg", metadata=metadata)
    return _described(buffer.getvalue().decode(), picture).encode()


def _described(svg: str, picture: Picture) -> str:
    """With a title and a description, which screen readers read out."""
    head, mark, rest = svg.partition("<svg ")
    attributes, end, content = rest.partition(">")
    told = f"\n <title>{escape(picture.title)}</title>\n <desc>{escape(picture.description)}</desc>"
    return f'{head}{mark}role="img" {attributes}{end}{told}{content}'


@cache
def import_library() -> None:
    """Loads matplotlib, whose cache of fonts goes into the temporary directory and never into a person's own."""
    if "matplotlib" in sys.modules or os.environ.get("MPLCONFIGDIR"):
        import matplotlib.figure

        return
    with _cache_folder() as folder:
        os.environ["MPLCONFIGDIR"] = str(folder)
        try:
            import matplotlib.figure

            # Asked for now and remembered by the library: it makes the folder that it is told first.
            matplotlib.get_configdir()
            matplotlib.get_cachedir()
        finally:
            del os.environ["MPLCONFIGDIR"]


@contextmanager
def _cache_folder() -> Iterator[Path]:
    """One that lasts until the machine is started again, and that nobody else may write; else one for this time."""
    lasting = Path(tempfile.gettempdir()) / f"duban-pictures-{os.getuid()}"
    try:
        lasting.mkdir(mode=0o700, exist_ok=True)
        seen = lasting.lstat()
        ours = lasting.is_dir() and not lasting.is_symlink() and seen.st_uid == os.getuid()
        ours = ours and not seen.st_mode & 0o077
    except OSError:
        ours = False
    if ours:
        yield lasting
        return
    with tempfile.TemporaryDirectory(prefix="duban-pictures-") as folder:
        yield Path(folder)
