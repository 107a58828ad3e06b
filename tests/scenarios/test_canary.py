"""No secret leaves directory.yaml and the environment: canaries in the addresses of every channel, deliveries that fail
in ways that say back what they were told, and then a look into every file, listing, page and traceback there is.
"""

import os
import re
import sqlite3
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import closing, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import date
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote, quote_plus

import pytest

from config.policy import DEFAULT_POLICY
from config.settings import load_settings
from duban.cli.app import run
from flows.office import make_home, open_office
from flows.steps import brief_of_day
from models.handling.assignment import assign
from models.handling.case import By
from models.handling.importing import import_ledger
from models.lifecycle import Role
from models.store import board
from models.tables import HomeMode, MessageState
from notifications.reports.brief_page import brief_markdown, coming_table, said_table, unsaid_table
from notifications.reports.measure_page import measure_page
from tests import chat_server, smtp_sink
from tests.chat_server import ChatServer, Reply
from tests.handling_fixtures import SPEC, Line, reading_of
from tests.offices import directory, party
from tests.smtp_sink import SmtpSink

DAY, LATER = date(2023, 3, 27), date(2023, 3, 31)

SECRETS = {
    name: f"cnry{number}q{name}"
    for number, name in enumerate((
        "MailWritten", "MailUser", "MailPass", "WecomKey", "WecomEnv", "DingSecret", "DingToken", "FeishuToken",
        "HookPass", "HookBearer", "HookEnv", "OtherToken", "BrokenPass", "UnservedToken", "OldCommented",
        "PartUser", "PartPass", "PartHeader", "PartQuery", "PartPath", "EnvUser", "EnvPass", "EnvHeader", "EnvQuery",
        "EnvPath",
    ), start=10)
}  # fmt: skip
IN_ENV = {
    "SMTP_USER": "MailUser", "SMTP_PASS": "MailPass", "ROBOT_KEY": "WecomEnv", "HOOK_KEY": "HookEnv",
    "PART_USER": "EnvUser", "PART_PASS": "EnvPass", "PART_HEADER": "EnvHeader", "PART_QUERY": "EnvQuery",
    "PART_PATH": "EnvPath",
}  # fmt: skip


def spellings(secret: str) -> set[bytes]:
    """A secret as it stands, as URLs spell it, and as logins do, alone and after a name or a NUL."""
    told = {secret, quote(secret, safe=""), quote_plus(secret), secret[::-1]}
    coded = {b64encode(f"{before}{secret}".encode()).rstrip(b"=")[4:-1] for before in ("", "u:", "\0u\0", "Bearer ")}
    return {text.encode() for text in told} | coded


def leaks(content: bytes) -> list[str]:
    return [name for name, secret in SECRETS.items() if any(told in content for told in spellings(secret))]


@dataclass(frozen=True)
class World:
    """A home whose units are told over every channel there is, each of which fails, and what it said of that."""

    home: Path
    said: Mapping[str, str]
    pages: Mapping[str, str]


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with (
        TemporaryDirectory(dir=memory, prefix="duban-canary-") as place,
        pytest.MonkeyPatch.context() as patch,
        SmtpSink(faults=_LOGIN_FAULTS, extensions=_LOGINS) as first,
        SmtpSink(faults=_RECIPIENT_FAULTS, extensions=_LOGINS) as second,
        ChatServer(faults=_CHAT_FAULTS) as chat,
        ChatServer(faults=[chat_server.Fault("", chat_server.ECHO_PARTS)]) as parts,
    ):
        for name in ("DUBAN_TODAY", "DUBAN_DATABASE_URL", "PREFECT_API_URL", "UNSET_KEY"):
            patch.delenv(name, raising=False)
        for name, secret in IN_ENV.items():
            patch.setenv(name, SECRETS[secret])
        folder, home = Path(place), Path(place) / "home"
        patch.setenv("DUBAN_HOME", str(home))
        _make(folder, home, (first.port, second.port), chat, parts)
        said = dict(_said_of(home))
        yield World(home, said, dict(_pages_of()))


_LOGINS = ("8BITMIME", "AUTH PLAIN LOGIN")


def _addresses(mail: tuple[int, int], chat: int, parts: int) -> Mapping[str, str]:
    """An address for each unit; what is `${…}` stands in the environment. `parts`: who takes addresses apart."""
    secret = SECRETS
    recipient = "?from=duban@example.cn&to=unit@example.cn"
    return {
        "D1": f"mailto://u:{secret['MailWritten']}@127.0.0.1:{mail[0]}/{recipient}",
        "D2": f"mailto://${{SMTP_USER}}:${{SMTP_PASS}}@127.0.0.1:{mail[1]}/{recipient}",
        "D3": f"wecombot://{secret['WecomKey']}",
        "D4": "wecombot://${ROBOT_KEY}",
        "D5": f"dingtalk://{secret['DingSecret']}@{secret['DingToken']}/",
        "D6": f"feishu://{secret['FeishuToken']}",
        "D7": f"json://u:{secret['HookPass']}@127.0.0.1:{chat}/in",
        "D8": f"json://127.0.0.1:{chat}/in?+X-Key=${{HOOK_KEY}}&+X-Bearer={secret['HookBearer']}",
        "D9": f"gotify://127.0.0.1:{chat}/{secret['OtherToken']}",
        "D10": f"mailtos://u:{secret['BrokenPass']}@@nowhere/{recipient}",
        "D11": f"telex://{secret['UnservedToken']}/",
        "D12": "mailto://u:${UNSET_KEY}@127.0.0.1:9/?from=a@b.cn&to=c@d.cn",
        "D13": _in_parts(parts, *(secret[f"Part{part}"] for part in _PARTS)),
        "D14": _in_parts(parts, *(f"${{PART_{part.upper()}}}" for part in _PARTS)),
    }


_PARTS = ("User", "Pass", "Header", "Query", "Path")


def _in_parts(port: int, user: str, password: str, header: str, asked: str, path: str) -> str:
    return f"json://{user}:{password}@127.0.0.1:{port}/hooks/{path}?+X-Key={header}&-key={asked}&-v=1"


_LOGIN_FAULTS = [smtp_sink.Fault("AUTH", f"535 5.7.8 {SECRETS['MailWritten']} is no password of u")]
_RECIPIENT_FAULTS = [
    smtp_sink.Fault("RCPT", f"450 4.2.0 {SECRETS['MailUser']} with {SECRETS['MailPass']} comes again", 1),
    smtp_sink.Fault("RCPT", f"550 5.1.1 unknown to {SECRETS['MailUser']}:{SECRETS['MailPass']}", 1),
    smtp_sink.Fault("DOT", smtp_sink.TAKE_AND_CLOSE),
]
_CHAT_FAULTS = [
    chat_server.Fault(at, fault, times)
    for at in (chat_server.WECOM, chat_server.DINGTALK, chat_server.FEISHU, chat_server.WEBHOOK)
    for fault, times in (
        (chat_server.ECHO, 2), (Reply(302, "", {"Location": "http://127.0.0.1:9/in"}), 1), (chat_server.RESET, 1),
        (Reply(429, "", {"Retry-After": "1"}), 1), (chat_server.TAKE_AND_BREAK, 2), (chat_server.ECHO, None),
    )
]  # fmt: skip


def _make(folder: Path, home: Path, mail: tuple[int, int], chat: ChatServer, parts: ChatServer) -> None:
    """The home, its measures of many units, and a comment in the directory that somebody left."""
    addresses = _addresses(mail, chat.port, parts.port)
    units = [party(code, Role.UNIT, addresses=(one,)) for code, one in addresses.items()]
    groups = {"L1": Role.LEAD, "G1": Role.GENERAL, "S1": Role.SUPERVISION, "A1": Role.ACCOUNTABILITY, "H1": Role.HEAD}
    found = directory(*units, *(party(code, role) for code, role in groups.items()))
    given = folder / "given.yaml"
    given.write_text(f"{found.content}# old: wecombot://{SECRETS['OldCommented']}\n", encoding="utf-8")
    make_home(load_settings({"DUBAN_HOME": str(home)}), HomeMode.REHEARSAL, given, DEFAULT_POLICY)
    given.unlink()
    (home / "channels.yaml").write_text(
        f'webhook_hosts: ["127.0.0.1:{chat.port}", "127.0.0.1:{parts.port}"]\n'
        f"robots: {{wecom: {chat.url}, dingtalk: {chat.url}, feishu: {chat.url}}}\n",
        encoding="utf-8",
    )
    with open_office() as office:
        lines = [Line(str(n), unit=unit.code, text=f"措施{n}") for n, unit in enumerate(units, 1)]
        with office.acting(DAY) as (session, ground):
            import_ledger(session, ground, reading_of(office, *lines), SPEC, "台账")
        for line in lines:
            with office.acting(DAY) as (session, ground):
                assign(session, ground, line.no, By("g1-a"))


COMMANDS = (
    "deliver --json", "daily --on 2023-04-03 --via direct --json",
    "messages", "messages --json", "notices", "notices --json", "notices --actions", "notices --actions --json",
    "measures", "measures --json", "show 1", "show 1 --json", "desk --by g1-a", "verify", "verify --json",
    "doctor", "doctor --json", "daily --on 2023-04-04 --dry-run --via direct",
)  # fmt: skip


def _said_of(home: Path) -> Iterator[tuple[str, str]]:
    """What each command printed; then each message in full, and what is said of a directory that is not in order."""
    names = home / "directory.yaml"
    yield "the first day", _printed("daily --on 2023-03-31 --via direct")
    for again in range(4):
        _make_due(home)
        yield f"another try, {again}", _printed("deliver")
    for command in COMMANDS:
        yield command, _printed(command)
    with open_office() as office, office.store.reading() as connection:
        ids = len(board.messages(connection))
    for number in range(1, ids + 1):
        command = f"messages show {number}{' --json' if number % 2 else ''}"
        yield command, _printed(command)
    sound = names.read_text(encoding="utf-8")
    for old, new in (("wecombot://", "wecombot//"), ("addresses:", "adresses:"), ("- json://", "- {json: ")):
        assert old in sound
        names.write_text(sound.replace(old, new), encoding="utf-8")
        yield f"a directory with {new}", _printed("daily --on 2023-04-04 --via direct")
    names.write_text(sound, encoding="utf-8")


def _make_due(home: Path) -> None:
    """As if every pause were over."""
    with closing(sqlite3.connect(home / "duban.db")) as raw, raw:
        raw.execute("UPDATE message SET next_try_at = NULL WHERE state = 'retry_wait'")
        raw.execute("UPDATE channelgate SET closed_until = '2000-01-01 00:00:00.000000'")


def _printed(command: str) -> str:
    out, err = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = run(command.split())
    return f"{code}\n{out.getvalue()}\n{err.getvalue()}"


def _pages_of() -> Iterator[tuple[str, str]]:
    """What Prefect's pages show, and how its flows name their ends."""
    with open_office() as office:
        brief = brief_of_day(office, LATER)
        tables = (said_table(brief), unsaid_table(brief), coming_table(brief))
        yield "brief", f"{brief_markdown(brief)}{tables}{brief!r}"
        yield "office", repr(office)
        yield "settings", repr(office.settings)
        with office.delivering() as desk:
            yield "desk", repr(desk)
        with office.store.reading() as connection:
            for row in board.measures(connection):
                yield f"measure {row.no}", measure_page(connection, row.id, office.calendar, LATER, rehearsal=True)


# --- The world is as bad as it should be


def test_every_channel_was_tried_and_failed(world: World) -> None:
    """A canary that was never carried anywhere would prove nothing."""
    with open_office(load_settings({"DUBAN_HOME": str(world.home)})) as office, office.store.reading() as connection:
        to_units = [row for row in board.messages(connection) if row.party.startswith("D")]
        record = connection.exec_driver_sql("SELECT DISTINCT channel FROM attempt WHERE channel <> ''").scalars().all()
    assert {row.party for row in to_units} >= {f"D{n}" for n in range(1, 15)} - {"D11"}
    assert {"wecom", "dingtalk", "feishu", "webhook", "other"} <= set(record)
    troubled = {MessageState.REJECTED, MessageState.UNKNOWN, MessageState.RETRY_WAIT}
    assert {row.state for row in to_units} >= troubled
    taken_apart = {row.reason for row in to_units if row.party in {"D13", "D14"}}
    assert taken_apart == {"对方拒收：*** *** *** *** 1 *** ***"}


def test_the_look_would_find_one() -> None:
    secret = SECRETS["MailPass"]
    login = b64encode(f"\0u\0{secret}".encode())
    for told in (secret.encode(), f"x{secret}y".encode(), login):
        assert leaks(told) == ["MailPass"], told
    assert leaks(b"nothing of the kind") == []


# --- Nothing is to be seen


def test_no_file_of_the_home_holds_a_secret_but_the_directory(world: World) -> None:
    files = [path for path in world.home.parent.rglob("*") if path.is_file()]
    found = {path.relative_to(world.home.parent): leaks(path.read_bytes()) for path in files}
    (inside,) = [path for path in found if path.name == "directory.yaml"]
    assert len(found.pop(inside)) == len(SECRETS) - len(IN_ENV), "the directory holds what was written into it"
    assert {str(path): names for path, names in found.items() if names} == {}


def test_the_log_and_the_snapshots_are_among_those_files(world: World) -> None:
    with open_office(load_settings({"DUBAN_HOME": str(world.home)})) as office, office.store.reading() as connection:
        kept = connection.exec_driver_sql("SELECT content FROM snapshot WHERE kind = 'directory'").scalars().all()
    assert kept
    assert all("***" in content and "${SMTP_PASS}" in content for content in kept)


def test_no_command_says_one(world: World) -> None:
    assert {command: leaks(said.encode()) for command, said in world.said.items() if leaks(said.encode())} == {}
    assert not any("Traceback" in said for said in world.said.values())
    assert re.search(r"\bD1\b", world.said["messages"])


def test_no_page_shows_one(world: World) -> None:
    assert {page: leaks(shown.encode()) for page, shown in world.pages.items() if leaks(shown.encode())} == {}
