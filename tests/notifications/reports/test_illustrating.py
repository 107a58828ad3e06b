"""The pictures of papers: the same for a document and a page, described alike; none where there is nothing to show."""

from collections.abc import Iterator, Mapping
from datetime import date
from html import escape
from io import BytesIO
from pathlib import Path

import docx
import pytest

from config.reporting import NO_REPORTING
from flows.office import Office
from models.handling.case import By
from models.handling.reassignment import withdraw
from notifications.reports.illustrating import Illustrations, illustrations
from notifications.reports.paper import fill
from notifications.reports.paper.templates import find
from notifications.reports.paper.values import CAPTIONS
from notifications.reports.progress import context_of
from notifications.reports.weekly.page import page
from tests.handling_fixtures import CREW, GENERAL, Line, act, hand_out, small_office, take_in
from tests.notifications.reports.pictures.drawn_fonts import put_font
from tests.notifications.reports.progress.rounds import measure, round_of
from tests.notifications.reports.weekly.weeks import busy, context

DAY = date(2023, 6, 14)
NO_FONT = {"DUBAN_FONT": "/nowhere/font.ttf"}
NOWHERE = Path("/nowhere")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with small_office(tmp_path_factory.mktemp("office"), CREW) as found:
        take_in(found, Line("1"))
        yield found


def report_values() -> dict[str, object]:
    return context_of(round_of([measure()]), NO_REPORTING, rehearsal=True)


def pictured(office: Office, env: Mapping[str, str] = NO_FONT) -> Illustrations:
    with office.store.reading() as connection:
        return illustrations(connection, "2023", DAY, env, rehearsal=True)


def test_what_is_drawn_is_described_alike_in_documents_and_on_a_page(office: Office, tmp_path: Path) -> None:
    hand_out(office, "2023/1", date(2023, 3, 27))
    shown = pictured(office, {"DUBAN_FONT": str(put_font(tmp_path))})
    assert shown.why_none == ""
    assert [f"{caption[:3]}{shown.drawn[name].title}" for name, caption in CAPTIONS.items()] == [
        f"{caption[:3]}【演练】{caption[3:]}" for caption in CAPTIONS.values()
    ]
    told = [one.alt for one in shown.drawn.values()]
    assert "共1条，" in told[0]
    text = page(NOWHERE, {**context(busy()), **shown.of_page()})
    assert [alt for alt in told if f'alt="{escape(alt)}"' not in text] == []
    assert [caption for caption in CAPTIONS.values() if f">{caption}<" not in text] == []
    for name, values in (("weekly", context(busy())), ("progress", report_values())):
        paper = docx.Document(BytesIO(fill(find(NOWHERE, name), {**values, **shown.of_document()})))
        assert [shape._inline.docPr.get("descr") for shape in paper.inline_shapes] == told, name
        assert set(CAPTIONS.values()) <= {paragraph.text for paragraph in paper.paragraphs}, name


def test_without_a_font_nothing_is_drawn_and_it_is_said(office: Office) -> None:
    shown = pictured(office)
    assert shown.why_none.startswith("文中没有图：环境变量 DUBAN_FONT 指定的字体文件")
    assert shown.of_page() == shown.of_document() == {"burn_down": "", "heat": ""}


def test_a_round_of_withdrawn_measures_has_nothing_to_draw_and_needs_no_font(tmp_path: Path) -> None:
    with small_office(tmp_path, CREW) as office:
        take_in(office, Line("1"))
        act(office, date(2023, 3, 27), withdraw, "2023/1", By(GENERAL.person, reason="重复"))
        assert pictured(office) == Illustrations({})
