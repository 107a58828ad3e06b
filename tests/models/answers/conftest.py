"""The office whose answers are looked at. After each test somebody must still be waited for."""

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from flows.office import Office
from tests.handling_fixtures import CREW, nobody_waits_in_vain, small_office
from tests.models.answers.progress.lived_in import lived_in


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


@pytest.fixture(scope="session")
def lived_in_office() -> Iterator[Office]:
    """An office in which everything happened once, only to be read. In memory where that can be had: it commits a
    hundred times, and no test cuts the power."""
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with TemporaryDirectory(dir=memory) as folder, lived_in(Path(folder)) as found:
        yield found
