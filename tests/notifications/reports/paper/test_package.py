"""A template file may be anything: what is no document, or costs too much to open, is refused before it is opened."""

import zipfile
from io import BytesIO

import pytest

from notifications.reports.paper.package import FILE_MOST, INFLATED_MOST, WORDS_MOST, fault_of
from tests.notifications.reports.paper.papers import problems_of, template
from tests.office_files import unzipped, zipped

BLANKS = b" " * 1024 * 1024


def test_a_document_is_opened() -> None:
    assert fault_of(template("x").content) == ""


@pytest.mark.parametrize(("content", "said"), [
    (b"", "不是 Word 文档（.docx），或已损坏、已加密"),
    (b"PK\x03\x04 nothing", "不是 Word 文档（.docx），或已损坏、已加密"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "不是 Word 文档（.docx），或已损坏、已加密"),
    (zipped({"xl/workbook.xml": "<x/>"}), "不是 Word 文档（.docx）"),
    (zipped({"word/document.xml": [BLANKS] * (WORDS_MOST // len(BLANKS) + 1)}), "其中文字部分超过4 MiB，不像模板"),
    (zipped({"word/document.xml": "<x/>", "word/media/a.png": [BLANKS] * (INFLATED_MOST // len(BLANKS) + 1)}),
     "展开后超过50 MiB，或内含文件超过1000个，不像模板"),
])  # fmt: skip
def test_what_is_no_template_is_told(content: bytes, said: str) -> None:
    assert len(content) < FILE_MOST
    assert fault_of(content) == said


def test_a_part_that_was_damaged_is_named() -> None:
    content = bytearray(zipped({"word/document.xml": "<x/>", "word/a.xml": "<y/>"}, 0))
    content[content.index(b"<y/>") + 1] = ord("z")
    assert fault_of(bytes(content)) == "其中“word/a.xml”已损坏"


def test_a_part_whose_packing_was_damaged_is_no_document() -> None:
    content = bytearray(zipped({"word/document.xml": "<x/>" * 500}))
    start = content.index(b"word/document.xml") + len(b"word/document.xml")
    content[start : start + 8] = b"\xff" * 8
    assert fault_of(bytes(content)) == "不是 Word 文档（.docx），或已损坏、已加密"


def test_a_part_packed_as_no_office_program_does_is_refused() -> None:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("word/document.xml", "<x/>")
    assert fault_of(buffer.getvalue()) == "用了 Word 文档没有的压缩方法"


@pytest.mark.parametrize("body", ["<w:document", "<x/>", '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'])
def test_a_document_of_broken_xml_is_refused(body: str) -> None:
    made = template("x")
    broken = type(made)(made.path, zipped({**unzipped(made.content), "word/document.xml": body}))
    (found,) = problems_of(broken, {})
    assert "另存" in found
