"""What a file really is, whatever it is called, and the cure that its refusal names."""

import pytest

from models.errors import LedgerRefused
from tests.office_files import cells_of, document_xml, only_rows, relations, sheet_xml, zipped

OLE = bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600
BOOK = sheet_xml("<row><c><v>1</v></c></row>")
ODS = "application/vnd.oasis.opendocument.spreadsheet"


def ole(stream: str) -> bytes:
    return OLE + b"\xff" * 1024 * 1024 + stream.encode("utf-16-le") + b"\0" * 600


@pytest.mark.parametrize("name", ["a.xls", "a.et", "a.csv", "台账"])
def test_a_workbook_is_read_whatever_it_is_called(name: str) -> None:
    assert cells_of(only_rows(BOOK, name)) == [("1",)]


@pytest.mark.parametrize(
    ("name", "content", "zh", "cure"),
    [
        pytest.param("a.xlsx", ole("EncryptedPackage"), "打开密码", "去掉密码", id="a password"),
        pytest.param("a.xlsx", ole("Workbook"), "旧版表格", "另存为 .xlsx", id="an old workbook under a new name"),
        pytest.param("a.et", ole("Book"), "旧版表格", "另存为 .xlsx", id="an old workbook of WPS"),
        pytest.param("a.wps", ole("WordDocument"), "旧版 Word", "另存为 .docx", id="an old document"),
        pytest.param("a.xls", OLE, "旧版格式", "另存为 .xlsx", id="an old file of another kind"),
        pytest.param("a.xls", b"<html><table>", "网页", "另存为 .xlsx", id="a page called .xls"),
        pytest.param("a.csv", b"\xef\xbb\xbf\n<!DOCTYPE html>", "网页", "另存为 .xlsx", id="a page called .csv"),
        pytest.param("a.xls", b"MIME-Version: 1.0", "网页", "另存为 .xlsx", id="a page with its pictures"),
        pytest.param("a.xls", b'<?xml version="1.0"?>', "XML", "另存为 .xlsx", id="an XML table"),
        pytest.param("a.xls", "序号\t问题".encode(), "内容是文本", "改名为 .csv", id="text called .xls"),
        pytest.param("a.pdf", b"%PDF-1.7", "PDF", ".xlsx、.docx", id="a PDF"),
        pytest.param("a.xlsx", b"\x89PNG\r\n\0", "图片", ".xlsx、.docx", id="a picture"),
        pytest.param("a.rar", b"Rar!\x1a", "压缩包", "先解压", id="an archive"),
        pytest.param("a.doc", b"{\\rtf1", "RTF", "另存为 .docx", id="rich text"),
        pytest.param("a.xlsx", b"\0\1\2", "已损坏", "另存为 .xlsx", id="garbage"),
        pytest.param("台账", b"x", "“台账”", "另存为", id="no suffix"),
        pytest.param("a.csv", b"", "是空的", "选对", id="nothing"),
        pytest.param("a.ods", zipped({"mimetype": ODS}), "ODS", "另存为 .xlsx", id="an open table"),
        pytest.param("a.odt", zipped({"mimetype": ODS[:-11] + "text"}), "OpenDocument", ".docx", id="an open text"),
        pytest.param("a.zip", zipped({"a.txt": "x"}), "压缩包", "解压", id="a zip of anything"),
        pytest.param(
            "a.xlsb",
            zipped({"_rels/.rels": relations(officeDocument="xl/workbook.bin"), "xl/workbook.bin": b"\0"}),
            "xlsb",
            "另存为 .xlsx",
            id="a binary workbook",
        ),
        pytest.param("a.docx", document_xml("<w:p/>"), "没有表格", "选对", id="a document without a table"),
    ],
)
def test_what_is_not_read_is_told_by_its_content(name: str, content: bytes, zh: str, cure: str) -> None:
    with pytest.raises(LedgerRefused) as refused:
        only_rows(content, name)
    assert zh in refused.value.zh
    assert cure in refused.value.cure
    assert refused.value.problems
