"""picture: draws one of a round's pictures into a file of its own, as .svg or .png."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from duban.cli.chinese import ChineseGroup
from duban.cli.options import FILE, on_option

if TYPE_CHECKING:
    from notifications.reports.pictures.drawing import Picture

ENDINGS = (".svg", ".png")
_Command = TypeVar("_Command", bound=Callable[..., Any])


@click.group(cls=ChineseGroup)
def picture() -> None:
    """绘制图表：整改进展、各单位按周的时限、在计时限；FILE 以 .svg 或 .png 结尾。"""


def _common(command: _Command) -> _Command:
    """What each picture asks for."""
    asked = click.option("--round", "round_code", default=None, metavar="CODE", help="哪一轮次；只有一个轮次时可不写。")
    return click.argument("file", type=FILE, metavar="FILE")(asked(command))


@picture.command("burn-down")
@_common
@on_option("截至哪一天（仅演练环境；默认今天，演练环境为已进行到的日期）。")
def burn_down(file: Path, round_code: str | None, on: date | None) -> int:
    """整改进展：逐日未销号的措施，与按时限应余的条数对照。"""
    from flows.office import open_office
    from models.answers.course import reading as course
    from notifications.reports import files
    from notifications.reports.pictures import drawing, fonts

    files.refuse_other_than(file, *ENDINGS)
    with open_office() as office:
        font, day = fonts.needed(office.settings.env), office.day(on) if on else office.come_to()
        with office.store.reading() as connection:
            facts = course.burn_down(connection, round_code, day)
        return _written(file, drawing.burn_down(facts, font, rehearsal=office.rehearsal))


@picture.command("heat")
@_common
@click.option("--all", "stopped", is_flag=True, help="已经结束的整改时限也算在内；不写则只看未完成的。")
def heat(file: Path, round_code: str | None, stopped: bool) -> int:
    """各单位每周到期的整改时限，超期的标出。"""
    from flows.office import open_office
    from models.answers.course import reading as course
    from notifications.reports import files
    from notifications.reports.pictures import drawing, fonts

    files.refuse_other_than(file, *ENDINGS)
    with open_office() as office:
        font, day = fonts.needed(office.settings.env), office.come_to()
        with office.store.reading() as connection:
            facts = course.heat(connection, round_code, day, stopped=stopped)
        return _written(file, drawing.heat(facts, font, rehearsal=office.rehearsal))


@picture.command("clocks")
@_common
@click.option(
    "--page",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="第几页；每页若干项，先到期的在前，挂起的在后。",
)
def clocks(file: Path, round_code: str | None, page: int) -> int:
    """在计时限：每项从起算到时限，休息日加灰，超期的标出。"""
    from flows.office import open_office
    from models.answers.course import reading as course
    from models.errors import UsageRefused
    from notifications.reports import files
    from notifications.reports.pictures import drawing, fonts

    files.refuse_other_than(file, *ENDINGS)
    with open_office() as office:
        font, day = fonts.needed(office.settings.env), office.come_to()
        with office.store.reading() as connection:
            facts = course.clocks(connection, round_code, day, office.calendar)
        pages = drawing.pages_of(facts)
        if page > pages:
            raise UsageRefused(f"没有第{page}页，共{pages}页。", "请改写 --page。")
        drawn = drawing.clocks(facts, office.calendar, font, page=page, rehearsal=office.rehearsal)
        return _written(file, drawn)


def _written(file: Path, drawn: "Picture") -> int:
    """Puts the picture into its file, and says in words what it shows."""
    from notifications.reports import files
    from notifications.reports.pictures import drawing

    files.put(file, drawing.as_svg(drawn) if file.suffix.lower() == ".svg" else drawing.as_png(drawn))
    click.echo(f"已绘制“{drawn.title}”：{file}")
    click.echo(drawn.description)
    return 0
