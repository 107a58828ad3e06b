"""The office that the tests of the use cases act in."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.office import Office
from tests.handling_fixtures import small_office


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with small_office(tmp_path) as found:
        yield found
