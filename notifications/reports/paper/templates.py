"""Which template a report is filled from: the office's own, else the shipped one.

Runs when a report is written, and in `duban template`, which puts a copy of the shipped one into the home.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from models.errors import HomeError, TemplateRefused
from notifications.reports.paper.package import FILE_MOST, MIB

FILES: Mapping[str, str] = {"progress": "progress.docx", "weekly": "weekly.docx", "weekly-page": "weekly.html.j2"}
"""The templates of reports, each with the name of its file."""
NAMES_ZH: Mapping[str, str] = {"progress": "整改情况报告", "weekly": "督办通报", "weekly-page": "督办通报（网页）"}

_SHIPPED = Path(__file__).parents[2] / "templates"


@dataclass(frozen=True, slots=True)
class Template:
    """A .docx with tags. `path` is where it lies, and what a refusal names."""

    path: Path
    content: bytes


def find(folder: Path, name: str) -> Template:
    """A document's template: the office's own where it lies in that folder, else the shipped one.

    Raises TemplateRefused.
    """
    return _read(own_or_shipped(folder, name))


def own_or_shipped(folder: Path, name: str) -> Path:
    """Where the template lies that is taken."""
    own = folder / FILES[name]
    return own if own.exists() else shipped(name)


def shipped(name: str) -> Path:
    """Where the template that comes with duban lies."""
    return _SHIPPED / FILES[name]


def copy_into(folder: Path, name: str) -> Path:
    """Puts a copy of the shipped template into the folder; where it lies. Raises HomeError where one is there."""
    target = folder / FILES[name]
    folder.mkdir(exist_ok=True)
    try:
        with target.open("xb") as file:
            file.write(shipped(name).read_bytes())
    except FileExistsError:
        cure = "请直接修改该文件；要重新开始，请先将其改名或移走。"
        raise HomeError(f"“{target}”已经存在，未作任何改动。", cure) from None
    return target


def _read(path: Path) -> Template:
    try:
        with path.open("rb") as file:
            content = file.read(FILE_MOST + 1)
    except OSError as error:
        raise TemplateRefused(f"读不了模板 {path}。", [], "请检查它是否为文件、是否有权读取。") from error
    if len(content) > FILE_MOST:
        cure = "请压缩或删去其中的图片后重试。"
        raise TemplateRefused(f"模板 {path} 超过{FILE_MOST // MIB} MiB。", [], cure)
    return Template(path, content)
