"""Reading report.yaml: defaults, what an office says, and every fault of the file told at its place."""

from pathlib import Path

import pytest

from config.reporting import NO_REPORTING, Reporting, load_reporting
from models.errors import ReportRefused
from models.rates import RateFormula


def write(folder: Path, content: str) -> Path:
    path = folder / "report.yaml"
    path.write_text(content, encoding="utf-8")
    return path


@pytest.mark.parametrize("content", [None, "", "# nothing yet\n", "next_steps: []\n", "formula: with_sustained\n"])
def test_what_is_not_written_holds_by_default(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "report.yaml" if content is None else write(tmp_path, content)
    assert load_reporting(path) == NO_REPORTING == Reporting("", "", RateFormula.WITH_SUSTAINED, ())


def test_an_office_says_who_reports_and_how_it_counts(tmp_path: Path) -> None:
    content = (
        'organisation: " 某市教育工委 "\ncontact: "33328200"\nformula: closed_only\nnext_steps: ["检查 {{ x }}", 总结]'
    )
    found = load_reporting(write(tmp_path, content))
    assert found == Reporting("某市教育工委", "33328200", RateFormula.CLOSED_ONLY, ("检查 {{ x }}", "总结"))


@pytest.mark.parametrize(
    ("content", "where", "text"),
    [
        ("contact: 33328200", "contact", "号码须加引号"),
        ("organisation: [a]", "organisation", "应为一行文字"),
        ('organisation: "一\\n二"', "organisation", "应为一行文字"),
        (f"organisation: {'长' * 201}", "organisation", "不超过200字"),
        ("formula: best", "formula", "没有这种算法，可用：with_sustained（含长期坚持的完成率）"),
        ("formula: [closed_only]", "formula", "没有这种算法"),
        ("next_steps: 检查", "next_steps", "应为一列文字"),
        ("next_steps: [检查, 3, '']", "next_steps[2]", "应为文字"),
        ("colour: red", "colour", "不认识的键，可用：organisation、contact、formula、next_steps"),
        ("contact: a\ncontact: b", "", "contact"),
    ],
)
def test_what_is_wrong_is_told_at_its_place(tmp_path: Path, content: str, where: str, text: str) -> None:
    with pytest.raises(ReportRefused) as refused:
        load_reporting(write(tmp_path, content))
    assert any(problem.where.startswith(where) and text in str(problem) for problem in refused.value.problems)


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ReportRefused) as refused:
        load_reporting(write(tmp_path, "contact: 1\nformula: x\nnext_steps: [1, 2]\nz: 1\n"))
    assert len(refused.value.problems) == 5
