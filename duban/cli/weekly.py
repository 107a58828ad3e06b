"""weekly: the weekly brief 督办通报, as a document or a page."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from duban.cli.options import FILE, on_option

if TYPE_CHECKING:
    from datetime import date

ENDINGS = (".docx", ".html", ".htm")


@click.command()
@click.argument("file", type=FILE, metavar="FILE.docx|FILE.html")
@click.option("--round", "round_code", default=None, metavar="CODE", help="哪一轮次；只有一个轮次时可不写。")
@on_option("写哪一天所在的一周（仅演练环境；默认今天，演练环境为已进行到的日期）。")
def weekly(file: Path, round_code: str | None, on: "date | None") -> int:
    """写出督办通报（每周一份，.docx 或 .html）：各单位红黄绿、超期、到期、用时、变动，以及未能送达的通知。"""
    from config.reporting import load_reporting
    from flows.office import open_office
    from notifications.reports import files
    from notifications.reports.weekly.summary import summary
    from notifications.reports.weekly.words import span_zh
    from notifications.reports.weekly.writing import Asked, brief_of_week

    files.refuse_other_than(file, *ENDINGS)
    with open_office() as office:
        settings = office.settings
        asked = Asked(
            settings.templates, office.day(on) if on else office.come_to(), office.policy, office.calendar,
            load_reporting(settings.report), office.rehearsal, settings.env,
        )  # fmt: skip
        with office.store.reading() as connection:
            written = brief_of_week(connection, round_code, file.suffix.lower(), asked)
        files.put(file, written.content)
    click.echo(f"已写出督办通报：{file}（{span_zh(written.facts.span)}，情况截至{asked.on_day}）。")
    for line in (*summary(written.facts), *written.remarks):
        click.echo(line)
    return 0
