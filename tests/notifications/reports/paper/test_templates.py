"""Which template is taken, the copy for changing, and that the shipped ones are what their layouts make."""

from pathlib import Path

import docx
import pytest

from models.errors import HomeError, TemplateRefused
from notifications.reports.paper import building, templates
from notifications.reports.paper.blocks import ALSO_NAMED
from notifications.reports.paper.package import FILE_MOST
from tests.office_files import unzipped


@pytest.mark.parametrize("name", building.LAYOUTS)
def test_the_shipped_template_is_what_its_layout_makes(name: str) -> None:
    assert unzipped(building.built(name)) == unzipped(templates.shipped(name))


def test_the_offices_own_template_goes_before_the_shipped_one(tmp_path: Path) -> None:
    folder = tmp_path / "templates"
    assert templates.find(folder, "progress").path == templates.shipped("progress")
    copy = templates.copy_into(folder, "progress")
    assert copy.read_bytes() == templates.shipped("progress").read_bytes()
    assert templates.find(folder, "progress").path == copy == folder / "progress.docx"


def test_a_template_that_is_there_is_never_overwritten(tmp_path: Path) -> None:
    own = tmp_path / "progress.docx"
    own.write_bytes(b"ours")
    with pytest.raises(HomeError, match="已经存在，未作任何改动"):
        templates.copy_into(tmp_path, "progress")
    assert own.read_bytes() == b"ours"


def test_a_template_too_large_to_be_one_is_not_read(tmp_path: Path) -> None:
    own = tmp_path / "weekly.docx"
    with own.open("wb") as file:
        file.truncate(FILE_MOST + 1)
    with pytest.raises(TemplateRefused, match="超过10 MiB"):
        templates.find(tmp_path, "weekly")
    own.unlink()
    own.mkdir()
    with pytest.raises(TemplateRefused, match="读不了模板"):
        templates.find(tmp_path, "weekly")


@pytest.mark.parametrize("name", building.LAYOUTS)
def test_shipped_templates_print_on_a4_and_name_their_fonts(name: str) -> None:
    paper = docx.Document(str(templates.shipped(name)))
    for section in paper.sections:
        sides = [section.page_width, section.page_height]
        assert sorted(round(side.mm) for side in sides if side) == [210, 297]
        margins = (section.left_margin, section.right_margin, section.top_margin, section.bottom_margin)
        assert [round(margin.mm) for margin in margins if margin and margin.mm < 15] == []
    assert paper.tables
    for table in paper.tables:
        assert "w:tblHeader" in table.rows[0]._tr.xml, "its head is repeated on each page"
    fonts = unzipped(templates.shipped(name))["word/fontTable.xml"].decode()
    assert [font for font in ALSO_NAMED if f'w:name="{font}"' not in fonts] == []
