"""The command line as people call it: in this process, on the sample's home, with nothing else in the environment."""

import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from duban.cli.app import run
from tests.duban import stages
from tests.offices import moved_home, settled_in

OURS = ("DUBAN_HOME", "DUBAN_DATABASE_URL", "DUBAN_TODAY", "PREFECT_API_URL", "FORCE_COLOR", "TTY_COMPATIBLE")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command gave back."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as the one JSON value that it is."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[str]:
        return self.err.splitlines()

    @property
    def done(self) -> list[str]:
        """The measures that were acted on: one line each, what was said of them below is indented."""
        return [line.split("：")[0] for line in self.out.splitlines() if not line.startswith("  ")]


Duban = Callable[..., Answer]


def kept_in(home: Path) -> dict[str, str]:
    """What a home holds: files by their hash, the database by its rows, since its bytes tell of locks as well."""
    found = {}
    for path in home.rglob("*"):
        if path.name == "duban.db":
            with closing(sqlite3.connect(path)) as database:
                found[path.name] = "\n".join(database.iterdump())
        elif path.is_file():
            found[str(path.relative_to(home))] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


@pytest.fixture(scope="session")
def memory() -> Iterator[Path]:
    """A folder in memory where that can be had: the sample commits a thousand times, and no test cuts the power."""
    place = Path("/dev/shm") if os.access("/dev/shm", os.W_OK) else None
    with TemporaryDirectory(dir=place, prefix="duban-tests-") as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def homes(memory: Path) -> Path:
    """A folder with the sample twice: `new` as init leaves it, `played` up to 2023-06-26. To be copied or only read."""
    with pytest.MonkeyPatch.context() as patch:
        for name in OURS:
            patch.delenv(name, raising=False)
        patch.setenv("DUBAN_HOME", str(memory / "new"))
        assert run(["init", "--sample"]) == 0
        moved_home(memory / "new", memory / "played")
        patch.setenv("DUBAN_HOME", str(memory / "played"))
        assert run(["rehearse", "--until", "2023-06-26", "--via", "direct"]) == 0
    return memory


@pytest.fixture
def place(memory: Path) -> Iterator[Path]:
    """A folder of the test's own."""
    with TemporaryDirectory(dir=memory) as folder:
        yield Path(folder)


@pytest.fixture
def duban(place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Duban:
    """Calls a command from a folder in which there is no home yet."""
    for name in OURS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(place)
    monkeypatch.setenv("DUBAN_HOME", str(place / "home"))

    def call(*arguments: object) -> Answer:
        capsys.readouterr()
        code = run([str(argument) for argument in arguments])
        return Answer(code, *capsys.readouterr())

    return call


@pytest.fixture
def sample(homes: Path, place: Path, duban: Duban) -> Path:
    """The home as `init --sample` leaves it: 34 measures, assigned on 2023-03-27."""
    return moved_home(homes / "new", place / "home")


@pytest.fixture(scope="session")
def staged(memory: Path) -> Path:
    """A folder with an office whose measures stand at nineteen places of their lives. To be copied."""
    folder = memory / "staged"
    folder.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        for name in OURS:
            patch.delenv(name, raising=False)
        patch.setenv("DUBAN_HOME", str(folder / "home"))

        def done(*arguments: object) -> None:
            assert run([str(argument) for argument in arguments]) == 0, arguments

        stages.play(done, folder)
    return folder


@pytest.fixture
def office(staged: Path, place: Path, duban: Duban, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of that office, on Wednesday, 2023-04-12. 材料.txt and 台账.csv lie where commands are called."""
    shutil.copytree(staged, place, dirs_exist_ok=True)
    monkeypatch.setenv("DUBAN_TODAY", stages.TODAY)
    return settled_in(place / "home")


@pytest.fixture
def played(homes: Path, duban: Duban, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home played up to 2023-06-26, shared by all: only to be read."""
    monkeypatch.setenv("DUBAN_HOME", str(homes / "played"))
    return homes / "played"
