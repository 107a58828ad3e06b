"""columns.yaml: an office's own headings, and each thing that may be wrong with the file."""

from pathlib import Path

import pytest

from config.columns import load_columns
from models.errors import ColumnsRefused
from models.ledger.columns import Column
from models.ledger.table.headings import meaning_of


def written(folder: Path, content: str) -> Path:
    path = folder / "columns.yaml"
    path.write_text(content, encoding="utf-8")
    return path


def test_headings_stand_for_columns_or_are_left_out(tmp_path: Path) -> None:
    mapping = load_columns(written(tmp_path, "拟采取的办法: 整改措施\n内部 编号：: 忽略\n分工/谁干: 责任单位\n"))
    assert dict(mapping) == {"拟采取的办法": Column.TEXT, "内部编号": None, "分工及谁干": Column.UNIT}
    meaning = meaning_of("3、拟采取的办法：", mapping)
    assert meaning is not None
    assert meaning.column is Column.TEXT


@pytest.mark.parametrize("content", ["", "# 还没有写\n"])
def test_an_empty_file_says_nothing(tmp_path: Path, content: str) -> None:
    assert dict(load_columns(written(tmp_path, content))) == {}


def test_without_a_file_nothing_is_said() -> None:
    assert dict(load_columns(None)) == {}


@pytest.mark.parametrize(
    ("content", "where", "text"),
    [
        pytest.param("挂帅的人: 领导\n", "挂帅的人", "不是标准列名", id="no column"),
        pytest.param("挂帅的人:\n", "挂帅的人", "不是标准列名", id="nothing"),
        pytest.param("挂帅的人: [牵头领导]\n", "挂帅的人", "不是标准列名", id="a list"),
        pytest.param("1: 序号\n", "1", "加引号", id="a number"),
        pytest.param('"：": 序号\n', "：", "加引号", id="a mark alone"),
        pytest.param("谁干: 责任单位\n谁 干: 配合单位\n", "谁 干", "写了两次", id="the same heading in another width"),
        pytest.param("谁干: 责任单位\n谁干: 责任单位\n", "第2行", "写了两次", id="the same key"),
        pytest.param("- 谁干\n", "columns.yaml", "列名: 标准列名", id="a list of headings"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, content: str, where: str, text: str) -> None:
    with pytest.raises(ColumnsRefused) as refused:
        load_columns(written(tmp_path, content))
    (problem,) = refused.value.problems
    assert problem.where == where
    assert text in problem.text
    assert "忽略" in refused.value.cure


@pytest.mark.parametrize("content", ["谁干: [", "a: 2023-13-45\n", "\t谁干: 责任单位"])
def test_a_file_that_is_no_yaml_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(ColumnsRefused) as refused:
        load_columns(written(tmp_path, content))
    assert refused.value.cure


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ColumnsRefused):
        load_columns(tmp_path / "columns.yaml")
    (tmp_path / "columns.yaml").write_bytes("谁干: 责任单位".encode("gb18030"))
    with pytest.raises(ColumnsRefused):
        load_columns(tmp_path / "columns.yaml")
