"""What a template may cost to open: bounds on its file and parts, checked before any of it is unpacked.

Runs first, on a template's bytes. An office's template may have come by mail, so it may be anything.
"""

from io import BytesIO

MIB = 1024 * 1024
FILE_MOST = 10 * MIB
INFLATED_MOST = 50 * MIB
"""Bytes of all parts as their file declares them; Python unpacks no more of a part than is declared."""
WORDS_MOST = 4 * MIB
"""Bytes of the part that holds the words. A template of ten pages has a hundredth."""
MEMBERS_MOST = 1_000
BODY = "word/document.xml"


def fault_of(content: bytes) -> str:
    """What keeps this file from being a template, in Chinese; nothing where it may be opened."""
    import zipfile  # the command line, which knows the templates by name, starts without these
    import zlib

    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            members = archive.infolist()
            sizes = {member.filename: member.file_size for member in members}
            if len(members) > MEMBERS_MOST or sum(member.file_size for member in members) > INFLATED_MOST:
                return f"展开后超过{INFLATED_MOST // MIB} MiB，或内含文件超过{MEMBERS_MOST}个，不像模板"
            if any(size > WORDS_MOST for name, size in sizes.items() if name.endswith((".xml", ".rels"))):
                return f"其中文字部分超过{WORDS_MOST // MIB} MiB，不像模板"
            if BODY not in sizes:
                return "不是 Word 文档（.docx）"
            if any(member.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED} for member in members):
                return "用了 Word 文档没有的压缩方法"
            broken = archive.testzip()
    except (zipfile.BadZipFile, zlib.error, ValueError, OSError, RuntimeError, EOFError):
        return "不是 Word 文档（.docx），或已损坏、已加密"
    return f"其中“{broken}”已损坏" if broken else ""
