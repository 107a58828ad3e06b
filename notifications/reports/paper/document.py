"""docxtpl, held to what a report needs: one filling, in a sandbox, all faults with their place, no other magic.

Loaded only when a paper is filled: docxtpl and python-docx take half a second.
"""

import re
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any
from xml.sax.saxutils import quoteattr

from docx.shared import Mm
from docxtpl import DocxTemplate, InlineImage
from lxml import etree

from models.errors import Problem
from notifications.reports.paper.missing import Missing, noting
from notifications.reports.paper.package import MIB, fault_of
from notifications.reports.paper.plain_text import clean, cleaned
from notifications.reports.paper.rendering import Rendered, not_there, refused, rendered
from notifications.reports.paper.sandbox import sandbox
from notifications.reports.paper.tags import NOTES, Tag, by_line, faults_of, parts_of, tags_of
from notifications.reports.paper.values import Picture

_NOT_WHOLE = "不是完整的 Word 文档，请用文字处理软件打开并另存为 .docx"
_BODY = "/word/document.xml"
FILLED_MOST = 100 * MIB
"""Characters of a filled part. 10,000 measures take a third."""


def filled(name: str, content: bytes, context: Mapping[str, object], mark: str) -> bytes:
    """The document that comes of the template. Raises TemplateRefused; `name` names the template there."""
    if fault := fault_of(content):
        raise refused(name, [Problem(fault)])
    paper = _Paper(name, content, mark)
    paper.open()
    paper.render(paper.values(context), paper.environment)
    return paper.written(str(cleaned(context.get("title", ""))))


def check(name: str, content: bytes) -> None:
    """Looks at a template and its tags without filling it. Raises TemplateRefused."""
    if fault := fault_of(content):
        raise refused(name, [Problem(fault)])
    _Paper(name, content, "").open()


class _Paper(DocxTemplate):  # type: ignore[misc]  # docxtpl has no types
    """One template, filled once."""

    def __init__(self, name: str, content: bytes, mark: str) -> None:
        super().__init__(BytesIO(content))
        self.name = name
        self.mark = mark
        self.marked = False
        self.missing: list[Missing] = []
        self.environment = sandbox(noting(self.missing))
        self.tags = self._checked(content)

    def open(self) -> None:
        """Raises TemplateRefused where python-docx finds no whole document: it says so in many ways."""
        try:
            self.init_docx()
            whole = self.docx.element.body is not None
        except (KeyError, ValueError, etree.LxmlError, AttributeError, IndexError) as error:
            raise refused(self.name, [Problem(_NOT_WHOLE)]) from error
        if not whole:
            raise refused(self.name, [Problem(_NOT_WHOLE)])

    def _checked(self, content: bytes) -> dict[str, list[Tag]]:
        """The tags of every part. Raises TemplateRefused with all that is wrong with them."""
        try:
            parts = parts_of(content)
        except etree.LxmlError as error:
            raise refused(self.name, [Problem("文字部分已损坏，请用文字处理软件打开并另存")]) from error
        found, problems = {}, []
        for part, paragraphs in parts.items():
            tags, broken = tags_of(paragraphs)
            problems += [*broken, *faults_of(tags, self.environment)]
            if part in NOTES:
                problems += [tag.problem("脚注和尾注中不能用标签") for tag in tags]
            found[part] = tags
        if problems:
            order = [place for paragraphs in parts.values() for place, _ in paragraphs]
            raise refused(self.name, sorted(problems, key=lambda problem: order.index(problem.where)))
        return found

    def values(self, context: Mapping[str, object]) -> dict[str, Any]:
        """The context as docxtpl takes it: texts cleaned, pictures as its own."""
        return {key: self._value(value) for key, value in context.items()}

    def _value(self, value: object) -> object:
        if isinstance(value, Picture):
            return _Image(self, value)
        if isinstance(value, Mapping):
            return {str(key): self._value(found) for key, found in value.items()}
        if isinstance(value, list | tuple):
            return [self._value(found) for found in value]
        return cleaned(value)

    def render_xml_part(self, src_xml: str, part: Any, context: dict[str, Any], jinja_env: Any = None) -> str:  # noqa: ARG002
        """Fills the source of one part. Raises TemplateRefused with every name that is missing, at its place."""
        source = re.sub(r"<w:p([ >])", r"\n<w:p\1", src_xml)
        tags = self.tags.get(str(part.partname), [])
        self.current_rendering_part = part
        self.missing.clear()
        done = rendered(self.environment, source, context, FILLED_MOST, self.missing)
        if self.missing or done.fault:
            raise refused(self.name, self._problems(done, by_line(source, tags), context))
        xml = str(self.resolve_listing(re.sub(r"\n<w:p([ >])", r"<w:p\1", done.text)))
        words = "".join(_whole(self.name, xml).itertext())
        self.marked = self.marked or (str(part.partname) == _BODY and self.mark in words)
        return xml

    def _problems(
        self, done: Rendered, here: Mapping[int, Sequence[Tag]], context: Mapping[str, object]
    ) -> list[Problem]:  # fmt: skip
        found = [_not_there(one, here.get(one.line, ()), context) for one in self.missing]
        if done.fault:
            tag = next(iter(here.get(done.line, ())), None)
            found.append(tag.problem(done.fault) if tag else Problem(done.fault))
        return list(dict.fromkeys(found))

    def render_properties(self, context: dict[str, Any], jinja_env: Any = None) -> None:
        """Tags in a file's properties are left as they are: nobody sees them."""

    def render_footnotes(self, context: dict[str, Any], jinja_env: Any = None) -> None:
        """docxtpl fills notes once a section, the second time what people wrote in the first."""

    def written(self, title: str) -> bytes:
        """The bytes of the file."""
        self.docx.core_properties.title = title[:255]
        if not self.marked:
            self.docx.element.body.insert(0, self.docx.add_paragraph(self.mark)._p)
        buffer = BytesIO()
        self.save(buffer)
        return buffer.getvalue()


class _Image(InlineImage):  # type: ignore[misc]  # docxtpl has no types
    """A picture in its line, with its description."""

    def __init__(self, paper: _Paper, picture: Picture) -> None:
        super().__init__(paper, BytesIO(picture.png), width=Mm(picture.fitting_width_mm))
        self.description = clean(picture.description)

    def _insert_image(self) -> str:
        return str(super()._insert_image()).replace("<wp:docPr ", f"<wp:docPr descr={quoteattr(self.description)} ", 1)


def _whole(name: str, xml: str) -> etree._Element:
    """The filled part. Raises TemplateRefused where it is torn: docxtpl would guess at it, and leave text out."""
    try:
        return etree.fromstring(xml.encode(), etree.XMLParser(huge_tree=True, resolve_entities=False))
    except etree.LxmlError as error:
        text = "标签跨越了段落、单元格或表格的界限；for 和 endfor、if 和 endif 须在同一层"
        raise refused(name, [Problem(text)]) from error


def _not_there(one: Missing, tags: Sequence[Tag], context: Mapping[str, object]) -> Problem:
    tag = next((tag for tag in tags if one.name in tag.text), tags[0] if tags else None)
    what = not_there(one, context)
    return tag.problem(what) if tag else Problem(what)
