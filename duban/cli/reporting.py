"""report, template: writes the progress report as .docx, and puts a template into the home for changing."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from duban.cli.options import FILE, on_option
from models.rates import FORMULA_ZH, RateFormula
from notifications.reports.paper.templates import FILES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from config.reporting import Reporting

FORMULAS = tuple(formula.value for formula in RateFormula)
_FORMULAS_ZH = "、".join(f"{formula}（{zh}）" for formula, zh in FORMULA_ZH.items())


@click.command()
@click.argument("file", type=FILE, metavar="FILE.docx")
@click.option("--round", "round_code", default=None, metavar="CODE", help="哪一轮次；只有一个轮次时可不写。")
@click.option("--formula", type=click.Choice(FORMULAS), default=None,
              help=f"完成率的算法：{_FORMULAS_ZH}；不写则按 report.yaml，否则按 {FORMULAS[0]}。")  # fmt: skip
@on_option("报告截至哪一天（仅演练环境；默认今天，演练环境为已进行到的日期）。")
def report(file: Path, round_code: str | None, formula: str | None, on: "date | None") -> int:
    """写出整改进展情况报告（.docx）：数字在前，逐个问题说明，附录列明每个数字的来源。"""
    from dataclasses import replace

    from config.reporting import load_reporting
    from flows.office import open_office
    from notifications.reports import files
    from notifications.reports.progress.writing import report_of

    files.refuse_other_than(file, ".docx")
    with open_office() as office:
        settings = office.settings
        reporting = load_reporting(settings.report)
        if formula:
            reporting = replace(reporting, formula=RateFormula(formula))
        day = office.day(on) if on else office.come_to()
        with office.store.reading() as connection:
            written = report_of(
                connection, settings.templates, round_code, day, office.calendar, reporting,
                rehearsal=office.rehearsal, env=settings.env,
            )  # fmt: skip
        files.put(file, written.content)
    click.echo(f"已写出报告：{file}（截至{day}，完成率按“{reporting.formula.zh}”计算）。")
    for line in (*_to_fill(reporting, settings.report), *written.remarks):
        click.echo(line)
    return 0


@click.command()
@click.argument("name", type=click.Choice(tuple(FILES)), metavar="NAME")
def template(name: str) -> int:
    """把系统自带的报告模板复制到数据目录的 templates 文件夹，供修改；已有的不覆盖。

    NAME：progress（整改情况报告）、weekly（督办通报）或 weekly-page（督办通报网页）。
    """
    from flows.office import open_office
    from notifications.reports.paper import templates

    with open_office() as office:
        copy = templates.copy_into(office.settings.templates, name)
    click.echo(f"已复制{templates.NAMES_ZH[name]}的模板：{copy}")
    tool = "文字处理软件" if copy.suffix == ".docx" else "文本编辑器"
    click.echo(f"请用{tool}修改；改好后照常运行命令，即按该模板写出。要恢复原样，移走该文件即可。")
    return 0


def _to_fill(reporting: "Reporting", path: Path) -> "Iterator[str]":
    """What the report leaves blank, and where to say it."""
    from notifications.reports.progress import BLANK_CONTACT, BLANK_ORGANISATION

    blanks = (
        (reporting.organisation, "organisation", BLANK_ORGANISATION),
        (reporting.contact, "contact", BLANK_CONTACT),
    )
    missing = [(key, blank) for value, key, blank in blanks if not value]
    if missing:
        keys = "、".join(f"{key}（{blank}）" for key, blank in missing)
        yield f"报告中留有空白待填：请在 {path} 中写明 {keys}，或在报告中直接填写。"
