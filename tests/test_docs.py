"""The docs hold: commands shown are run, output shown is theirs, files shown are read, links lead somewhere.

A page is followed in a folder of its own. Its blocks `yaml NAME` and `csv NAME` are files that lie there. Lines of a
`sh` block are run in order and end with 0, or as `# exit 1` says. A block `text output` is what the commands just
before it printed, `text message` a message in the outbox; a line `…` stands for lines left out.
"""

import ast
import email
import email.policy
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from xml.etree import ElementTree

import pytest

from config.calendars import load_calendar
from config.channels import load_channels
from config.columns import load_columns
from config.directory import load_directory
from config.policy import PRESETS, load_policy
from config.reporting import load_reporting
from config.service import Service, load_service
from duban.cli.app import COMMANDS, run
from models.activity import ACTIVITY_ZH
from models.errors import InputRefused
from models.ladder import COLOUR_ZH, NOTICE_KIND_ZH, Colour, NoticeKind
from models.lifecycle import ACTION_ZH, CLOSURE_ZH, ROLE_ZH, STAGE_ZH, STATE_ZH, Role, Stage
from models.rates import RateFormula
from models.tables import MessageState

ROOT = Path(__file__).parents[1]
README, SET_UP = ROOT / "README.md", ROOT / "docs" / "how-to" / "set-up.md"
DOCS = ROOT / "docs"
PAGES = (README, ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md")))
NOT_SET = (
    "DUBAN_HOME",
    "DUBAN_DATABASE_URL",
    "DUBAN_TODAY",
    "PREFECT_API_URL",
    "SMTP_USER",
    "SMTP_PASS",
    "FORCE_COLOR",
)
LEFT_OUT = "…"

_BLOCK = re.compile(r"^```(\w*) ?([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_EXIT = re.compile(r"# exit ([0-9])$")


@dataclass(frozen=True)
class Block:
    """A fenced block: what it is, what it is called, and its text."""

    kind: str
    name: str
    text: str

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()


@cache
def words_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def blocks_of(page: Path) -> list[Block]:
    return [Block(*match.groups()) for match in _BLOCK.finditer(words_of(page))]


def files_of(page: Path) -> dict[str, str]:
    return {block.name: block.text for block in blocks_of(page) if block.kind in ("yaml", "csv")}


def shown(page: Path) -> str:
    """How a page is called in the names of tests."""
    return page.relative_to(ROOT).as_posix()


def makefile() -> str:
    return (ROOT / "Makefile").read_text(encoding="utf-8")


# Doing what a page says


class Follower:
    """Somebody who does what a page says. `said` is what the last block of commands printed."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self.monkeypatch, self.capsys = folder, monkeypatch, capsys
        self.said: list[str] = []
        self.service: subprocess.Popen[str] | None = None
        self.port = ""
        monkeypatch.chdir(folder)
        for name in NOT_SET:
            monkeypatch.delenv(name, raising=False)

    def follow(self, page: Path) -> None:
        for name, text in {**files_of(SET_UP), **files_of(page)}.items():
            (self.folder / name).write_text(text, encoding="utf-8")
        for block in blocks_of(page):
            match block.kind, block.name:
                case "sh", "":
                    self.run(block.lines)
                case "text", "output":
                    assert excerpt_fault(block.lines, self.said) is None, "not what the commands print"
                case "text", "message":
                    assert self.was_sent(block.lines), f"no such message: {block.text}"

    def run(self, lines: Sequence[str]) -> None:
        for line in lines:
            wanted = _EXIT.search(line)
            self.do(shlex.split(line, comments=True), int(wanted[1]) if wanted else 0)
        printed = self.capsys.readouterr()
        self.said = [line.rstrip() for line in (printed.out + printed.err).splitlines()]

    def do(self, words: Sequence[str], wanted: int) -> None:
        match words:
            case []:
                pass
            case ["export", setting]:
                name, _, value = setting.replace(":4200", f":{self.port or 4200}").partition("=")
                self.monkeypatch.setenv(name, os.path.expandvars(value))
            case ["cp", source, target]:
                shutil.copyfile(source, target)
            case ["make", "run"]:
                self.make_run()
            case ["make", *_]:
                pass  # that there is such a target is looked at below
            case ["duban", "serve", "&"]:
                self.serve()
            case ["kill", "%1"]:
                self.stop()
            case ["prefect", *arguments]:
                self.prefect(arguments, wanted)
            case ["duban", *arguments]:
                code = run(arguments)
                assert code == wanted, f"{shlex.join(words)} ended with {code}: {self.capsys.readouterr().err}"
            case _:
                pytest.fail(f"nobody knows how to follow: {shlex.join(words)}")

    def serve(self) -> None:
        """Starts the service on a free port and waits until it says that it is ready."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = str(free.getsockname()[1])
        command = [sys.executable, "-m", "duban", "serve", "--port", self.port]
        self.service = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert self.service.stdout
        printed = []
        for line in self.service.stdout:
            printed.append(line)
            if "服务已就绪" in line:
                return
        pytest.fail("".join(printed))

    def stop(self) -> None:
        assert self.service
        self.service.terminate()
        assert self.service.communicate(timeout=60)[0].endswith("已停止。\n")
        assert self.service.returncode == 0

    def end(self) -> None:
        """Nothing that a page started outlives its test."""
        if self.service:
            self.service.kill()
            self.service.communicate()

    def prefect(self, arguments: Sequence[str], wanted: int) -> None:
        env = {**os.environ, "PREFECT_HOME": str(self.folder / "prefect"), "DO_NOT_TRACK": "1"}
        command = [sys.executable, "-m", "prefect", *arguments]
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == wanted, f"{shlex.join(arguments)}: {done.stdout}{done.stderr}"

    def make_run(self) -> None:
        """What `make run` does, without Prefect."""
        day = re.search(r"TELLING_DAY \?= (\S+)", makefile())
        assert day
        with self.monkeypatch.context() as patched:
            patched.setenv("DUBAN_HOME", "build/rehearsal")
            assert run(["init", "--sample"]) == 0
            assert run(["rehearse", "--until", day[1], "--via", "direct"]) == 0

    def was_sent(self, lines: Sequence[str]) -> bool:
        letters = self.folder.rglob("outbox/*/*.eml")
        return any(excerpt_fault(lines, body_of(letter)) is None for letter in letters)


def body_of(letter: Path) -> list[str]:
    message = email.message_from_bytes(letter.read_bytes(), policy=email.policy.default)
    plain = message.get_body(("plain",))
    assert plain
    return [line.rstrip() for line in plain.get_content().splitlines()]


def excerpt_fault(excerpt: Sequence[str], said: Sequence[str]) -> str | None:
    """The first line that is not where it should be; None where all are, in order, gaps only where shown."""
    place, may_skip = 0, True
    for line in excerpt:
        if line.strip() == LEFT_OUT:
            may_skip = True
            continue
        within = said[place:] if may_skip else said[place : place + 1]
        if line.rstrip() not in within:
            return line
        place, may_skip = place + within.index(line.rstrip()) + 1, False
    return None


@pytest.mark.parametrize(
    ("excerpt", "fault"),
    [
        ("b c", None),
        ("a … d", None),
        ("… b", None),
        ("a c", "c"),
        ("c b", "b"),
        ("b b", "b"),
        ("d e", "e"),
        ("a … x", "x"),
    ],
)
def test_an_excerpt_is_true_to_order_and_shows_its_gaps(excerpt: str, fault: str | None) -> None:
    assert excerpt_fault(excerpt.split(), list("abcd")) == fault


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """In memory where that can be had: these homes commit a thousand times, and none must survive a power cut."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with TemporaryDirectory(dir=memory) as name:
        yield Path(name)


@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page in PAGES if any(b.kind == "sh" for b in blocks_of(page))], ids=shown)
def test_what_a_page_shows_happens(
    page: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    follower = Follower(folder, monkeypatch, capsys)
    try:
        follower.follow(page)
    finally:
        follower.end()


def test_no_block_is_left_unread() -> None:
    known = {("sh", ""), ("text", ""), ("text", "output"), ("text", "message")}
    odd = [
        (shown(page), block.kind, block.name)
        for page in PAGES
        for block in blocks_of(page)
        if (block.kind, block.name) not in known and not (block.kind in ("yaml", "csv") and block.name)
    ]
    assert odd == []


# Files that are shown


def load(page: Path, name: str, path: Path) -> None:
    match Path(name).stem if name != "broken.yaml" else page.stem:
        case "policy":
            load_policy(path, load_calendar(None))
        case "directory":
            load_directory(path)
        case "calendar":
            load_calendar(path)
        case "service":
            load_service(path)
        case "columns":
            load_columns(path)
        case "channels":
            load_channels(path)
        case "report":
            load_reporting(path)
        case other:
            pytest.fail(f"nobody reads {other}")


@pytest.mark.parametrize(
    ("page", "name"),
    [(page, name) for page in PAGES for name in files_of(page) if name.endswith(".yaml")],
    ids=lambda value: shown(value) if isinstance(value, Path) else value,
)
def test_a_file_shown_can_be_read(page: Path, name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(files_of(page)[name], encoding="utf-8")
    if name != "broken.yaml":
        load(page, name, path)
        return
    with pytest.raises(InputRefused):
        load(page, name, path)


def test_the_service_file_shown_is_what_holds_without_it(tmp_path: Path) -> None:
    path = tmp_path / "service.yaml"
    path.write_text(files_of(DOCS / "how-to" / "service.md")[path.name], encoding="utf-8")
    assert load_service(path) == Service()


# Everything there is to say is said


def test_every_command_is_documented() -> None:
    told = "\n".join(map(words_of, PAGES))
    assert [name for name in COMMANDS if not re.search(rf"duban {name}\b", told)] == []


def test_every_setting_is_documented() -> None:
    source = (ROOT / "config" / "settings.py").read_text(encoding="utf-8")
    settings = set(re.findall(r"DUBAN_[A-Z_]+", source))
    assert settings
    assert [name for name in sorted(settings) if f"`{name}`" not in words_of(README)] == []


def test_every_preset_is_documented() -> None:
    told = words_of(DOCS / "how-to" / "policy.md")
    assert [path.stem for path in PRESETS.glob("*.yaml") if f"`{path.stem}`" not in told] == []


@pytest.mark.parametrize("words", [Stage, NoticeKind, Role, Colour])
def test_every_word_of_a_policy_is_documented(words: type[StrEnum]) -> None:
    told = words_of(DOCS / "how-to" / "policy.md")
    assert [word.value for word in words if f"`{word}`" not in told] == []


NAMES = (STATE_ZH, ROLE_ZH, STAGE_ZH, ACTION_ZH, CLOSURE_ZH, NOTICE_KIND_ZH, COLOUR_ZH, ACTIVITY_ZH)


@pytest.mark.parametrize("names", NAMES, ids=lambda names: type(next(iter(names))).__name__)
def test_the_glossary_gives_every_word_its_name(names: Mapping[StrEnum, str]) -> None:
    told = words_of(DOCS / "glossary.md")
    assert [word.value for word, zh in names.items() if f"| `{word}` | {zh} |" not in told] == []


def test_every_completion_rate_is_documented() -> None:
    told = words_of(DOCS / "how-to" / "counts.md")
    assert [rate.value for rate in RateFormula if f"| `{rate}` | {rate.zh} |" not in told] == []


def test_every_state_of_a_message_is_documented() -> None:
    told = words_of(DOCS / "how-to" / "delivery.md")
    assert [state.value for state in MessageState if f"`{state}`" not in told] == []


def ends_of_runs() -> set[str]:
    """The names of the states that flows and the service give to runs."""
    found = {"已销号", "已销号转回头看", "待会签", "无待发消息"}
    for path in (ROOT / "flows").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            given = node.args if node.func.id == "Wish" else []
            if node.func.id in ("Completed", "Failed", "Cancelled", "Crashed"):
                given = [word.value for word in node.keywords if word.arg == "name"]
            found |= {one.value for one in given if isinstance(one, ast.Constant) and isinstance(one.value, str)}
    return found


def test_every_end_of_a_run_is_documented() -> None:
    told = words_of(DOCS / "how-to" / "service.md")
    assert [name for name in sorted(ends_of_runs()) if f"`{name}`" not in told] == []


@pytest.mark.parametrize("bench", ["planning", "delivering", "flowing"])
def test_every_column_of_a_benchmark_is_documented(bench: str) -> None:
    source = (ROOT / "bench" / f"{bench}.py").read_text(encoding="utf-8")
    columns = re.findall(r"\b(\w+)=\{", source)
    assert columns
    told = words_of(DOCS / "how-to" / "bench.md")
    assert [column for column in columns if f"`{column}`" not in told] == []


# Links and mentions


def links_of(page: Path) -> Iterator[str]:
    text = _BLOCK.sub("", words_of(page))
    return (match[1] for match in re.finditer(r"\]\(([^)\s]+)\)", text))


def anchors_of(page: Path) -> set[str]:
    """The anchors that GitHub gives a page's headings."""
    headings = re.findall(r"^#+ (.+)$", _BLOCK.sub("", words_of(page)), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_links_lead_somewhere(page: Path) -> None:
    lost = []
    for link in links_of(page):
        place, _, anchor = link.partition("#")
        target = page.parent / place if place else page
        if link.startswith("https://"):
            continue
        if not target.exists() or (anchor and anchor not in anchors_of(target)):
            lost.append(link)
    assert lost == []


def test_every_choice_is_linked_and_has_its_parts() -> None:
    choices = sorted((DOCS / "adr").glob("*.md"))
    assert [page.name[:4] for page in choices] == [f"{n:04}" for n in range(1, len(choices) + 1)]
    for page in choices:
        assert re.findall(r"^## (.+)$", words_of(page), re.MULTILINE) == ["Context", "Choice", "Consequences"]
        assert f"adr/{page.name}" in words_of(DOCS / "design.md")
        assert f"adr/{page.name}" in words_of(README)


def test_targets_of_make_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", makefile(), re.MULTILINE))
    shell = "\n".join(block.text for page in PAGES for block in blocks_of(page) if block.kind == "sh")
    named = {target for page in PAGES for target in re.findall(r"`make ([a-z]+)", words_of(page))}
    assert named | set(re.findall(r"^make ([a-z]+)", shell, re.MULTILINE)) <= targets


def test_code_mentions_choices_that_exist() -> None:
    mentioned = {number for _, text in tracked() for number in re.findall(r"docs/adr/([0-9]{4})", text)}
    assert mentioned
    assert [number for number in mentioned if not list((DOCS / "adr").glob(f"{number}-*.md"))] == []


def test_pictures_stand_on_their_own() -> None:
    pictures = sorted((DOCS / "pictures").glob("*.svg"))
    assert pictures
    for picture in pictures:
        text = picture.read_text(encoding="utf-8")
        assert ElementTree.fromstring(text).tag.endswith("svg")
        assert not re.search(r"href|url\(|@import|<script|https?://(?!www\.w3\.org/2000/svg)", text)


# Nothing of the machine it was made on

_OF_A_MACHINE = re.compile(
    r"(?<![\w.])/(?:work|home|root|Users|tmp|mnt)/\w"
    r"|(?<!no-emit-)index-url|pypi\.|pythonhosted|artifactory|/simple\b|\b(?:10|192\.168|172\.16)\.[0-9]+\.[0-9]+"
)


@cache
def tracked() -> tuple[tuple[str, str], ...]:
    """Every text file that belongs to the project, by its place."""
    ignored = {line.strip("/\n") for line in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()}

    def walk(folder: Path) -> Iterator[Path]:
        for path in sorted(folder.iterdir()):
            if path.name == ".git" or path.name in ignored or path.suffix == ".egg-info":
                continue
            if path.is_dir():
                yield from walk(path)
            else:
                yield path

    def texts() -> Iterator[tuple[str, str]]:
        for path in walk(ROOT):
            try:
                yield shown(path), path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue

    return tuple(texts())


def test_no_file_names_a_machine_or_a_registry() -> None:
    found: list[Any] = [
        (place, match[0])
        for place, text in tracked()
        if place != shown(Path(__file__))
        for match in _OF_A_MACHINE.finditer(text)
    ]
    assert found == []


def test_a_machine_would_be_seen() -> None:
    for text in ("see /home/someone/x", "--index-url x", "https://pypi.example", "at 10.1.2.3"):
        assert _OF_A_MACHINE.search(text)
