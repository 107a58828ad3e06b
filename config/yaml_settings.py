"""Reading a settings file of an office's own: keys and values, each problem told at its place, all of them at once.

Shared by service.yaml and channels.yaml, which are absent in most homes. What the keys mean stands with each of them.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml

from config.yaml_keys import load_yaml
from models.errors import InputRefused, Problem


class SettingsReader:
    """Turns YAML values into settings and collects what is wrong on the way."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def wrong(self, where: str, text: str, found: object) -> None:
        self.problems.append(Problem(text, where, value=shown(found)))

    def mapping(self, value: object, where: str, known: Sequence[str]) -> Mapping[str, object]:
        """A mapping of known keys; an empty one for anything else, which is told."""
        if value is None and not where:
            return {}
        if not isinstance(value, Mapping):
            self.wrong(where or "文件", "应为“键: 值”的形式", value)
            return {}
        for key in value:
            if key not in known:
                place = f"{where}.{shown(key)}" if where else shown(key)
                self.problems.append(Problem(f"不认识的键，可用：{'、'.join(known)}", place))
        return {str(key): found for key, found in value.items()}

    def number(self, body: Mapping[str, object], where: str, otherwise: int, allowed: range, what: str) -> int:
        found = body.get(where.rpartition(".")[2], otherwise)
        if isinstance(found, int) and not isinstance(found, bool) and found in allowed:
            return found
        self.wrong(where, f"{what}应为{allowed[0]}到{allowed[-1]}之间的整数", found)
        return otherwise


def settings_text(path: Path, what: str, refused: type[InputRefused]) -> str | None:
    """What the file holds, None where there is none. `what` names it in Chinese. Raises `refused`."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise refused(f"{what} {path.name} 不是 UTF-8 文本。", [], "请另存为 UTF-8 编码后重试。") from error
    except OSError as error:
        raise refused(f"读不了{what} {path}。", [], "请检查它是否为文件、是否有权读取。") from error


def settings_document(
    path: Path, content: str, problems: list[Problem], what: str, refused: type[InputRefused]
) -> object:
    """What the YAML says; repeated keys are told. Raises `refused` where it is no YAML."""
    try:
        document, repeated = load_yaml(content)
    except (yaml.YAMLError, RecursionError, ValueError, OverflowError) as error:
        mark = getattr(error, "problem_mark", None)
        broken = Problem("写法有误", f"第{mark.line + 1}行" if mark else "")
        raise refused(f"{what} {path.name} 不是合法的 YAML。", [broken], "请检查缩进、冒号和引号。") from error
    problems += repeated
    return document


def shown(value: object) -> str:
    """What was found, fit for one line of a message."""
    if isinstance(value, list | dict):
        return "一列" if isinstance(value, list) else "一组键和值"
    if value is None:
        return "未填写"
    text = "".join(char if char.isprintable() else "\ufffd" for char in str(value))
    return text if len(text) <= 40 else f"{text[:40]}……"
