"""Files for forms: a form of Prefect carries none, so they are laid into the home's inbox and named in the form.

Only there: whoever can hand in a form must not be able to name any other file of the machine. No Prefect here.
"""

from pathlib import Path

from models.errors import UsageRefused


def laid_ready(inbox: Path, name: str) -> Path:
    """The file of this name in the inbox. Raises UsageRefused for a path, a link, or a file that is not there."""
    if name != Path(name).name or name in (".", ".."):
        raise UsageRefused(f"“{name}”应只是文件名，不含路径。", f"请把文件放入“{inbox}”，只写文件名。")
    found = inbox / name
    if found.is_symlink() or not found.is_file():
        raise UsageRefused(f"“{inbox}”中没有文件“{name}”。", "请先放入该文件夹，再提交表单。")
    return found
