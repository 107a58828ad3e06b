"""A font of the test's own, found by DUBAN_FONT; the machine's fonts are not looked at."""

import pytest

from notifications.reports.pictures.fonts import Font, needed
from tests.notifications.reports.pictures.drawn_fonts import put_font

NAMES = "人事科办公室教务处财综合组一二三四五六七八九十条建立制度整改轮次年巡察单位第"


@pytest.fixture(scope="session")
def font(tmp_path_factory: pytest.TempPathFactory) -> Font:
    path = put_font(tmp_path_factory.mktemp("fonts"), NAMES)
    return needed({"DUBAN_FONT": str(path)}, [])
