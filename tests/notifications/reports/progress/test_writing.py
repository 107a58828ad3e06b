"""A report of a lived-in office, read back as a document: every number is traced, every measure is there."""

import os
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import docx
import pytest

from config.reporting import Reporting
from flows.office import Office
from models.answers.progress.reading import progress
from models.answers.progress.values import Progress
from models.rates import RateFormula
from notifications.reports.progress.writing import Written, report_of
from tests.models.answers.progress.lived_in import TODAY, lived_in
from tests.notifications.reports.paper.papers import texts_of


@pytest.fixture(scope="module")
def office() -> Iterator[Office]:
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with TemporaryDirectory(dir=memory) as folder, lived_in(Path(folder)) as found:
        yield found


@pytest.fixture(scope="module")
def found(office: Office) -> Progress:
    with office.store.reading() as connection:
        return progress(connection, "2023", TODAY, office.calendar)


@pytest.fixture(scope="module")
def written(office: Office) -> Written:
    """Without pictures, which take seconds and have tests of their own."""
    reporting = Reporting("某局", "12345", RateFormula.CLOSED_ONLY, ("看一看",))
    with office.store.reading() as connection:
        return report_of(
            connection, office.settings.templates, "2023", TODAY, office.calendar, reporting,
            rehearsal=office.rehearsal, env={"DUBAN_FONT": "/nowhere/font.ttf"},
        )  # fmt: skip


@pytest.fixture(scope="module")
def tables(written: Written) -> dict[str, list[list[str]]]:
    """The rows of its tables, each by its first two headings."""
    found = {}
    for table in docx.Document(BytesIO(written.content)).tables:
        head, *rows = [[cell.text for cell in row.cells] for row in table.rows]
        found["·".join(head[:2] if head[0] != "序号" else [head[1], head[-1]])] = rows
    return found


def test_a_machine_without_the_font_gets_a_report_and_is_told(written: Written) -> None:
    (remark,) = written.remarks
    assert remark.startswith("文中没有图：")
    assert docx.Document(BytesIO(written.content)).inline_shapes._inline_lst == []


def test_the_appendix_has_every_figure_with_all_its_rows(tables: dict[str, list[list[str]]], found: Progress) -> None:
    rows = {key: (int(value), which) for _, value, which, key in tables["统计项目·数量"]}
    assert {key: rows[key][0] for key in found.figures} == {key: one.value for key, one in found.figures.items()}
    for key, figure in found.figures.items():
        assert keys_in(rows[key][1], len(figure.rows)) == [row.key for row in figure.rows]
    for key in rows.keys() - found.figures.keys():
        assert key.startswith("next.")


def keys_in(which: str, count: int) -> list[str]:
    """The rows that are named, 措施1至3 for three of them; what stands behind a row's name is left out."""
    found: list[str] = []
    for piece in which.split("、") if count else []:
        if run := re.fullmatch(r"(措施|问题)(\d+)至(\d+)", piece):
            found += [f"{run[1]}{n}" for n in range(int(run[2]), int(run[3]) + 1)]
        elif row := re.match(r"(?:佐证[0-9a-f]{16}|活动\d+)(?= )|(?:措施|问题)[\w-]+$", piece):
            found.append(row[0])
    return found


def test_every_number_spoken_is_in_the_appendix(written: Written, tables: dict[str, list[list[str]]]) -> None:
    told = "\n".join(texts_of(written.content))
    counts = {value for _, value, *_ in tables["统计项目·数量"]}
    for part in (told.partition("二、反馈问题整改情况")[0], told.partition("五、下一步安排")[2].partition("附件1")[0]):
        spoken = re.findall(r"\d+(?=条|项|个问题|次)", part)
        assert spoken
        assert set(spoken) <= counts


def test_all_three_rates_stand_beside_the_one_that_was_chosen(
    tables: dict[str, list[list[str]]], written: Written, found: Progress
) -> None:
    rows = {name: (int(done), int(of), percent) for name, _, done, of, percent in tables["名称·计算方法"]}
    assert list(rows.values()) == [(r.done_count, r.of_count, r.percent_zh or "") for r in found.rates.values()]
    (chosen,) = (name for name in rows if name.endswith("（本报告采用）"))
    assert chosen.startswith(RateFormula.CLOSED_ONLY.zh)
    said = f"完成率为{found.rates[RateFormula.CLOSED_ONLY].zh}。计算方法：{RateFormula.CLOSED_ONLY.definition_zh}。"
    assert said in "\n".join(texts_of(written.content))


def test_every_measure_stands_where_it_belongs(tables: dict[str, list[list[str]]], found: Progress) -> None:
    every = tables["整改措施·说明"]  # the appendix comes after what is open, which has the same headings
    assert [row[0] for row in every] == [one.no for one in found.measures]
    kept_up = {row[0] for row in tables["整改措施·下次回头看时限"]}
    assert kept_up == {row.key.removeprefix("措施") for row in found.figures["measures.sustained"].rows}


def test_what_was_withdrawn_is_in_the_list_alone(written: Written, found: Progress) -> None:
    body = "\n".join(paragraph.text for paragraph in docx.Document(BytesIO(written.content)).paragraphs)
    for one in found.measures:
        assert (f"）{one.text}\n" in body) is not one.withdrawn
