"""Opens the file of a published notice and gives its text, plain, in any encoding that offices write.

Runs once an import of a notice. What is not plain text is refused with the cure, which is to save it as that. It
knows nothing of what a notice says.
"""

import re
import stat
from pathlib import Path

from models.errors import LedgerRefused, Problem
from models.ledger.files.encodings import encodings_of
from models.ledger.files.kinds import is_office_file, is_web_page

BYTES_MOST = 5 * 1024 * 1024
LINES_MOST = 20_000
"""Lines that are not blank. Long notices have a few hundred."""
_NOT_OF_TEXT = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ufffe\uffff]")
_ONLY_THE_TEXT = "请只保留通报的正文。"
_AS_TEXT = "请打开原文，另存为纯文本（.txt）后再导入。"


def text_of(path: Path) -> str:
    """The text of the file. Raises LedgerRefused where it is none, is too large, or cannot be opened."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise _refused(f"{path.name} 不是文件。", "请选择通报的文本文件。")
        with path.open("rb") as file:
            content = file.read(BYTES_MOST + 1)
    except FileNotFoundError as error:
        raise _refused(f"找不到通报文件 {path}。", "请检查文件名和所在文件夹。") from error
    except (OSError, ValueError) as error:
        raise _refused(f"通报文件 {path.name} 打不开。", "请检查文件权限，或关闭正在使用它的程序。") from error
    if len(content) > BYTES_MOST:
        most = f"{BYTES_MOST // 1024 // 1024} MiB"
        raise _refused(f"通报文件 {path.name} 超过{most}，不像通报。", _ONLY_THE_TEXT)
    text = _decoded(content, path.name)
    if sum(map(bool, map(str.strip, text.splitlines()))) > LINES_MOST:
        raise _refused(f"通报文件 {path.name} 超过{LINES_MOST}行，不像通报。", _ONLY_THE_TEXT)
    return text


def _decoded(content: bytes, name: str) -> str:
    if is_office_file(content):
        raise _refused(f"通报文件 {name} 不是纯文本。", _AS_TEXT)
    for encoding in encodings_of(content):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not _NOT_OF_TEXT.search(text):
            return _not_empty(text, name)
    raise _refused(f"通报文件 {name} 不是纯文本，或文字编码无法识别。", _AS_TEXT)


def _not_empty(text: str, name: str) -> str:
    if not text.strip():
        raise _refused(f"通报文件 {name} 是空的。", "请检查是否选对了文件，或重新另存。")
    if is_web_page(text.lstrip()[:20].encode()):
        raise _refused(
            f"通报文件 {name} 是网页，不是纯文本。", "请在浏览器中打开，复制正文，存为纯文本（.txt）后再导入。"
        )
    return text


def _refused(zh: str, cure: str) -> LedgerRefused:
    return LedgerRefused(zh, [Problem(zh.rstrip("。"))], cure)
