"""Tells what a file really is by its first bytes, whatever it is called, and says how to save anew what is not read.

Used inside the sandbox, before any reader. Its name matters only where bytes cannot tell: text is read as a ledger
where it is called .csv, .tsv or .txt.
"""

from codecs import BOM_UTF8
from pathlib import PurePath
from typing import BinaryIO

from models.errors import LedgerRefused
from models.ledger.files.bounds import broken, refused

TEXT_SUFFIXES = frozenset({".csv", ".tsv", ".txt"})
_LOOKED_AT = 512 * 1024
_AS_WORKBOOK = "请用表格软件打开，另存为 .xlsx 后再导入。"
_AS_DOCUMENT = "请用文字处理软件打开，另存为 .docx 后再导入。"
_TYPED = "请导入表格本身的文件（.xlsx、.docx 或 .csv）；只有纸面或图片的，请先录入表格。"

_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_SOUNDS_AND_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\0", b"MM\0*", b"RIFF")
_ARCHIVES = (b"Rar!", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b", b"BZh", b"\xfd7zXZ")
_WEB = (
    *(b"<!doctype", b"<html", b"<table", b"<head", b"<meta", b"<style", b"<body", b"<div", b"<script", b"<p>", b"<p "),
    b"mime-version:",
)
_Rule = tuple[tuple[bytes, ...], str, str]
_BY_SIGNATURE: tuple[_Rule, ...] = (
    ((b"%PDF",), "{} 是 PDF，不是表格。", _TYPED),
    (_ARCHIVES, "{} 是压缩包。", "请先解压，再导入其中的台账文件。"),
    ((b"{\\rtf",), "{} 是 RTF 文档。", _AS_DOCUMENT),
)
_BY_FIRST_WORD: tuple[_Rule, ...] = (
    (_WEB, "{} 其实是网页，不是真正的表格文件。", _AS_WORKBOOK),
    ((b"<?xml",), "{} 其实是 XML 文件（多为旧式“XML 表格”）。", _AS_WORKBOOK),
)
"""What text that is no table begins with, after blanks, in small letters."""
_NO_TEXT = (*_ZIP, _OLE, b"%PDF", b"{\\rtf")


def is_office_file(start: bytes) -> bool:
    """Whether a file that begins so is of an office program, and no plain text."""
    return start.startswith(_NO_TEXT)


def is_web_page(start: bytes) -> bool:
    """Whether text that begins so is a page, or a page saved with its pictures."""
    return _first_word(start).startswith(_WEB)


def is_package(start: bytes) -> bool:
    """Whether a file that begins so is an office file of parts (or another .zip)."""
    return start.startswith(_ZIP)


def refusal_of(file: BinaryIO, name: str) -> LedgerRefused | None:
    """Why a file that is no office file of parts cannot be read; None where it may be text."""
    start = file.read(_LOOKED_AT)
    if not start:
        return refused(f"台账文件 {name} 是空的。", "请检查是否选对了文件，或重新导出。")
    if start.startswith(_OLE):
        return _old(start + _tail(file), name)
    if start.startswith(_SOUNDS_AND_PICTURES) and b"\0" in start:
        return refused(f"{name} 是图片或音像，不是表格。", _TYPED)
    word = _first_word(start)
    known = [rule for rule in _BY_SIGNATURE if start.startswith(rule[0])]
    known += [rule for rule in _BY_FIRST_WORD if word.startswith(rule[0])]
    if known:
        return refused(known[0][1].format(name), known[0][2])
    return None if PurePath(name).suffix.lower() in TEXT_SUFFIXES else _unknown(name, b"\0" in start)


def not_office(name: str, start_of_mimetype: bytes, is_binary_workbook: bool) -> LedgerRefused:
    """Why a file of parts that holds neither workbook nor document cannot be read."""
    if b"opendocument.spreadsheet" in start_of_mimetype:
        return refused(f"{name} 是 ODS 表格。", _AS_WORKBOOK)
    if b"opendocument" in start_of_mimetype:
        return refused(f"{name} 是 OpenDocument 文档。", _AS_DOCUMENT)
    if is_binary_workbook:
        return refused(f"{name} 是二进制工作簿（.xlsb）。", _AS_WORKBOOK)
    return refused(
        f"{name} 是压缩包或别的文件，不是 .xlsx 工作簿或 .docx 文档。", "请检查是否选对了文件；压缩包请先解压。"
    )


def _old(content: bytes, name: str) -> LedgerRefused:
    """An OLE file: an old binary document, or a new one under a password. Its streams are named in UTF-16."""
    if "EncryptedPackage".encode("utf-16-le") in content:
        return refused(f"台账文件 {name} 设有打开密码。", "请用原软件打开，去掉密码后另存，再导入。")
    if "WordDocument".encode("utf-16-le") in content:
        return refused(f"{name} 是旧版 Word 文档（.doc 或 .wps）。", _AS_DOCUMENT)
    if "Workbook".encode("utf-16-le") in content or "Book".encode("utf-16-le") in content:
        return refused(f"{name} 是旧版表格（.xls 或 .et）。", _AS_WORKBOOK)
    return refused(f"台账文件 {name} 设有打开密码，或是旧版格式（.xls、.doc 等）。", f"请去掉密码；{_AS_WORKBOOK[1:]}")


def _unknown(name: str, is_binary: bool) -> LedgerRefused:
    suffix = PurePath(name).suffix
    if suffix.lower() in {".xlsx", ".xlsm", ".docx"} and is_binary:
        return broken(name)
    if not is_binary and suffix:
        return refused(
            f"{name} 的内容是文本，不是它的扩展名“{suffix}”所说的格式。",
            "请用表格软件打开，另存为 .xlsx；如确是逗号或制表符分隔的文本，请改名为 .csv 后再导入。",
        )
    return refused(f"不认识的台账格式“{suffix or name}”。", "请另存为 .xlsx、.docx 或 .csv 后再导入。")


def _first_word(start: bytes) -> bytes:
    """Where the text begins, after its mark and blanks, in small letters."""
    return start.removeprefix(BOM_UTF8).lstrip()[:64].lower()


def _tail(file: BinaryIO) -> bytes:
    """The last bytes: the directory of an OLE file stands anywhere, mostly near its beginning or its end."""
    size = file.seek(0, 2)
    file.seek(max(_LOOKED_AT, size - _LOOKED_AT))
    return file.read(_LOOKED_AT)
