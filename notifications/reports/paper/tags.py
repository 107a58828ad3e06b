"""The tags of a template, each with its place, and what is wrong with them before anything is filled.

Runs on the XML of a template's parts. A tag must stand in one paragraph; every block that is opened must be ended at
the same level. Places are told as a person finds them: paragraph or cell, and what is written there.
"""

import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from jinja2 import TemplateSyntaxError, nodes
from lxml import etree

from models.errors import Problem
from notifications.reports.paper.package import BODY
from notifications.reports.paper.sandbox import Sandbox

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_PART = re.compile(r"word/(?:document|header\d*|footer\d*|footnotes|endnotes)\.xml")
_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_EDGE = re.compile(r"\{\{|\{%|\{#|\}\}|%\}|#\}")
_INSIDE = re.compile(r"\{[{%](?P<level>(?:tr|tc|p|r)(?=\s))?[-+]?\s*(?P<body>.*?)\s*[-+]?[}%]\}", re.DOTALL)
_CLOSERS = {"{{": "}}", "{%": "%}", "{#": "#}"}
BLOCKS = ("for", "if")
_BRANCHES = {"else": BLOCKS, "elif": ("if",)}
_LAYOUT = ("vm", "hm", "colspan", "cellbg")
"""Tags that docxtpl takes away before Jinja2 sees them: merged cells and the colour of a cell."""
_PARTS_ZH = {"document": "正文", "header": "页眉", "footer": "页脚", "footnotes": "脚注", "endnotes": "尾注"}
NOTES = ("/word/footnotes.xml", "/word/endnotes.xml")
_NO_QUOTES = str.maketrans("“”‘’", "\"\"''")
_EXCERPT = 24


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag as it is written, and where."""

    text: str
    place: str

    @property
    def key(self) -> str:
        """The tag without what docxtpl changes in it, for finding it again in the source that is filled."""
        return key_of(self.text)

    @property
    def level(self) -> str:
        """What the tag takes away with it: tr, tc, p, r or nothing."""
        found = _INSIDE.fullmatch(self.text)
        return (found["level"] or "") if found else ""

    @property
    def body(self) -> str:
        found = _INSIDE.fullmatch(self.text)
        return found["body"].translate(_NO_QUOTES) if found else ""

    @property
    def word(self) -> str:
        """The first word of a block's tag."""
        return self.body.partition(" ")[0] if self.text.startswith("{%") else ""

    def problem(self, text: str) -> Problem:
        return Problem(text, self.place, value=self.text)


def key_of(text: str) -> str:
    found = _INSIDE.fullmatch(text)
    return "".join(found["body"].translate(_NO_QUOTES).split()) if found else ""


def by_line(source: str, tags: Sequence[Tag]) -> dict[int, list[Tag]]:
    """Which tags stand on which line, counted from 1, of a source that is about to be filled."""
    same: dict[str, Iterator[Tag]] = {}
    alike: dict[str, list[Tag]] = {}
    for tag in tags:
        alike.setdefault(tag.key, []).append(tag)
    found: dict[int, list[Tag]] = {}
    for number, line in enumerate(source.split("\n"), 1):
        for written in _TAG.finditer(line):
            key = key_of(written[0])
            nth = next(same.setdefault(key, iter(alike.get(key, ()))), None)
            if nth:
                found.setdefault(number, []).append(nth)
    return found


def parts_of(content: bytes) -> dict[str, list[tuple[str, str]]]:
    """Paragraphs, as place and text, of each part of a template that can hold tags, by the part's name."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        names = sorted(filter(_PART.fullmatch, archive.namelist()), key=lambda name: (name != BODY, name))
        return {f"/{name}": list(_paragraphs(name, archive.read(name))) for name in names}


def tags_of(paragraphs: Sequence[tuple[str, str]]) -> tuple[list[Tag], list[Problem]]:
    """The whole tags in order, and those that are not closed, or not opened, in their paragraph."""
    tags, problems = [], []
    for place, text in paragraphs:
        whole, broken = _split(text)
        tags += [Tag(written, place) for written in whole if not written.startswith("{#")]
        if broken:
            what = f"缺少“{_CLOSERS[broken]}”" if broken in _CLOSERS else f"多出“{broken}”"
            problems.append(Problem(f"标签没有写完整，{what}（一个标签须写在同一段内）", place))
    return tags, problems


def _split(text: str) -> tuple[list[str], str]:
    """The whole tags of a paragraph, and the first edge of one that has no other; each letter is looked at once."""
    whole: list[str] = []
    at = 0
    while edge := _EDGE.search(text, at):
        closer = _CLOSERS.get(edge[0])
        end = text.find(closer, edge.end()) if closer else -1
        if closer is None or end < 0:
            return whole, edge[0]
        at = end + len(closer)
        whole.append(text[edge.start() : at])
    return whole, ""


def faults_of(tags: Sequence[Tag], environment: Sandbox) -> list[Problem]:
    """Everything that is wrong with the tags of one part, short of filling them."""
    alone = [problem for tag in tags for problem in _faults_alone(tag, environment)]
    return [*alone, *_unpaired(tags)]


def _faults_alone(tag: Tag, environment: Sandbox) -> Iterator[Problem]:
    if tag.text.startswith("{%") and tag.word not in (
        *BLOCKS,
        *_BRANCHES,
        "set",
        *_LAYOUT,
        *map("end{}".format, BLOCKS),
    ):
        yield tag.problem(f"不支持的标签“{tag.word}”，可用：for、if、elif、else、set")
        return
    if tag.word == "set" and "=" not in tag.body:
        yield tag.problem("set 须写成“set 名称 = 值”")
        return
    try:
        parsed = environment.parse(_whole(tag))
    except TemplateSyntaxError:
        yield tag.problem("写法有误，请核对括号、引号和运算符")
        return
    for found in parsed.find_all((nodes.Filter, nodes.Test)):
        known = environment.filters if isinstance(found, nodes.Filter) else environment.tests
        if found.name not in known:
            what = "过滤器" if isinstance(found, nodes.Filter) else "判断"
            yield tag.problem(f"没有名为“{found.name}”的{what}，可用：{'、'.join(sorted(known))}")


def _whole(tag: Tag) -> str:
    """The tag as a template that stands alone, so that what is wrong with it is told at its own place."""
    if not tag.word:
        return f"{{{{ {tag.body} }}}}"
    if tag.word in BLOCKS:
        return f"{{% {tag.body} %}}{{% end{tag.word} %}}"
    if tag.word in _BRANCHES:
        return f"{{% if 1 %}}{{% {tag.body} %}}{{% endif %}}"
    if tag.word in {"colspan", "cellbg"}:
        return f"{{{{ {tag.body.removeprefix(tag.word)} }}}}"
    return f"{{% {tag.body} %}}" if tag.word == "set" else ""


def _unpaired(tags: Sequence[Tag]) -> Iterator[Problem]:
    opened: list[Tag] = []
    for tag in tags:
        if tag.word in BLOCKS:
            opened.append(tag)
        elif tag.word in _BRANCHES:
            if not opened or opened[-1].word not in _BRANCHES[tag.word]:
                yield tag.problem(f"{tag.word} 前面没有与之对应的 if")
            elif opened[-1].level != tag.level:
                yield tag.problem(_uneven(opened[-1], tag))
        elif tag.word.removeprefix("end") in BLOCKS:
            if not opened or f"end{opened[-1].word}" != tag.word:
                yield tag.problem(f"多出的 {tag.word}，前面没有与之对应的 {tag.word.removeprefix('end')}")
            elif (before := opened.pop()).level != tag.level:
                yield tag.problem(_uneven(before, tag))
    yield from (tag.problem(f"{tag.word} 没有结束，缺少 end{tag.word}") for tag in opened)


def _uneven(before: Tag, tag: Tag) -> str:
    written = f"{{%{before.level} {tag.word}"
    return f"与“{before.text}”不在同一层，应写成“{written}”"


def _paragraphs(name: str, content: bytes) -> Iterator[tuple[str, str]]:
    root = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
    tables = {table: number for number, table in enumerate(root.iter(f"{_W}tbl"), 1)}
    number = 0
    for paragraph in root.iter(f"{_W}p"):
        text = "".join(piece.text or "" for piece in paragraph.iter(f"{_W}t") if _owner(piece) is paragraph)
        place = _cell_of(paragraph, tables)
        if not place:
            number += 1
            place = f"第{number}段"
        shown = text if len(text) <= _EXCERPT else f"{text[:_EXCERPT]}……"
        yield f"{_part_zh(name)}{place}“{shown}”", text


def _owner(piece: Any) -> Any:
    return next(piece.iterancestors(f"{_W}p"), None)


def _cell_of(paragraph: Any, tables: dict[Any, int]) -> str:
    cell = next(paragraph.iterancestors(f"{_W}tc"), None)
    if cell is None:
        return ""
    row = cell.getparent()
    table = next(row.iterancestors(f"{_W}tbl"))
    column = [one for one in row if one.tag == cell.tag].index(cell) + 1
    line = [one for one in table if one.tag == row.tag].index(row) + 1
    return f"第{tables[table]}个表格第{line}行第{column}格"


def _part_zh(name: str) -> str:
    return _PARTS_ZH[re.sub(r"^word/|\d*\.xml$", "", name)]
