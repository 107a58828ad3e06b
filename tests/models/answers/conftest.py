"""The office whose answers are looked at. After each test somebody must still be waited for."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.office import Office
from tests.handling_fixtures import CREW, nobody_waits_in_vain, small_office


@pytest.fixture
def crew(tmp_path: Path) -> Iterator[Office]:
    with small_office(tmp_path, CREW) as found:
        yield found
        nobody_waits_in_vain(found)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """Two supervision groups."""
    with small_office(tmp_path) as found:
        yield found
        nobody_waits_in_vain(found)
