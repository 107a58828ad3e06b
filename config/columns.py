"""Reads an office's columns.yaml: headings of its own ledgers, and which column each stands for.

Runs at `duban import`. Each line says `heading: column` with the column's canonical name, or `heading: 忽略` for one
that is not to be read. It knows nothing of any ledger; headings are compared as ledgers compare them.
"""

from pathlib import Path
from types import MappingProxyType

import yaml

from config.yaml_keys import load_yaml
from models.errors import ColumnsRefused, Problem
from models.ledger.columns import NO_MAPPING, Column, ColumnMapping
from models.ledger.table.headings import heading_key

IGNORE = "忽略"
"""What stands in place of a column where a heading is not to be read."""


def load_columns(path: Path | None) -> ColumnMapping:
    """What the file says; nothing where there is none. Raises ColumnsRefused with every problem."""
    if path is None:
        return NO_MAPPING
    document, problems = _document(_content(path), path.name)
    if not isinstance(document, dict):
        problems.append(Problem("应为“列名: 标准列名”的形式", path.name))
        document = {}
    mapping: dict[str, Column | None] = {}
    for heading, column in document.items():
        faults = _faults(heading, column, mapping)
        if not faults:
            mapping[heading_key(heading)] = _COLUMNS[column]
        problems += faults
    if problems:
        raise ColumnsRefused(
            f"列名对照表 {path.name} 有{len(problems)}处问题，未采用。",
            problems,
            f"每行写“列名: 标准列名”，标准列名可用：{'、'.join(_COLUMNS)}。",
        )
    return MappingProxyType(mapping)


_COLUMNS: dict[str, Column | None] = {**{column.value: column for column in Column}, IGNORE: None}


def _faults(heading: object, column: object, before: dict[str, Column | None]) -> list[Problem]:
    where = str(heading)
    if not isinstance(heading, str) or not heading_key(heading):
        return [Problem("列名应为文字，请加引号", where)]
    if not isinstance(column, str) or column not in _COLUMNS:
        return [Problem("不是标准列名，也不是“忽略”", where, value=str(column) if column is not None else "")]
    if heading_key(heading) in before:
        return [Problem("同一个列名写了两次", where)]
    return []


def _content(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ColumnsRefused(f"读不了列名对照表 {path}。", [], "请检查文件是否存在、是否为 UTF-8 文本。") from error


def _document(content: str, name: str) -> tuple[object, list[Problem]]:
    try:
        document, repeated = load_yaml(content)
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a date that does not exist
        mark = getattr(error, "problem_mark", None)
        where = f"第{mark.line + 1}行" if mark else ""
        raise ColumnsRefused(
            f"列名对照表 {name} 不是合法的 YAML。", [Problem("写法有误", where)], "请检查冒号、缩进和引号。"
        ) from error
    return {} if document is None else document, repeated
