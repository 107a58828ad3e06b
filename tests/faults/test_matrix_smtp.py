"""Every fault of a mail server at every stage, through sockets, TLS, a login and the outbox: the log and the row."""

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from time import monotonic

import pytest

from models.tables import MessageState
from notifications.senders.smtp_connection import PATIENCE
from notifications.words.wording import Writer
from tests.certificates import expired, of_another_host, sound
from tests.faults.matrix import Cell, smtp_cells
from tests.faults.office_under_fault import BYSTANDER, HIT, QUICK_S, SLACK_S, Scene, a_scene
from tests.smtp_sink import (
    CLOSE,
    DRIP,
    ENDLESS,
    GARBAGE,
    HANG,
    RESET,
    TAKE_AND_CLOSE,
    TAKE_AND_HANG,
    TAKE_AND_RESET,
    Fault,
    SmtpSink,
)  # fmt: skip

PLACES = {"banner": "CONNECT", "body": "BODY", "dot": "DOT", "taken": "DOT", "handshake": "HANDSHAKE"}
DOES = {"hang": HANG, "reset": RESET, "close": CLOSE, "drip": DRIP, "endless": ENDLESS, "garbage": GARBAGE}
TAKES = {"hang": TAKE_AND_HANG, "reset": TAKE_AND_RESET, "close": TAKE_AND_CLOSE}
CELLS = tuple(smtp_cells())
OFFERS = ("AUTH PLAIN", "8BITMIME")
LITTLE = 4096
LONG_BODY = "{{ 'x' * 3000000 if party == '单位D1' }}"
"""More than lies in the buffers between us and a server that does not read."""


@pytest.fixture(scope="module")
def long_winded(tmp_path_factory: pytest.TempPathFactory) -> Writer:
    folder = tmp_path_factory.mktemp("templates")
    (folder / "body.txt.j2").write_text(LONG_BODY, encoding="utf-8")
    return Writer(folder)


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_the_fault_has_the_one_end_that_is_expected(cell: Cell, long_winded: Writer) -> None:
    with failing_once(cell) as sink, a_scene(addresses(sink), cell.kind) as scene:
        if cell.stage == "body":
            scene.writer = long_winded
        if cell.waits:
            scene.patience = replace(PATIENCE, **{cell.waits: QUICK_S})
        started = monotonic()
        scene.deliver()
        assert monotonic() - started < 1.1 * QUICK_S + SLACK_S
        scene.patience = PATIENCE
        check_first_run(scene, cell)
        recover(sink)
        scene.deliver_until_quiet()
        check_the_end(scene, sink, cell)


def check_first_run(scene: Scene, cell: Cell) -> None:
    row, fate = scene.box.row(HIT), cell.fate
    assert (row["state"], row["ambiguous"], row["tries"], row["owner"]) == (fate.state, fate.doubts, fate.tries, None)
    [line] = scene.endings(HIT)
    assert (line.n, line.phase, line.code, line.enhanced) == (1, fate.phase, cell.code, cell.enhanced)
    assert scene.closed_gates() == fate.closes
    wait = scene.waits(HIT)
    if fate.minutes is None:
        assert wait is None
    else:
        assert wait is not None
        assert fate.minutes[0] <= wait.total_seconds() / 60 <= fate.minutes[1]
    assert (scene.box.state(BYSTANDER) is MessageState.ACCEPTED) == (not fate.closes)


def check_the_end(scene: Scene, sink: SmtpSink, cell: Cell) -> None:
    row, fate, by = scene.box.row(HIT), cell.fate, scene.box.row(BYSTANDER)
    copies = [received.message_id for received in sink.received]
    assert (row["state"], row["ambiguous"], row["attempts"]) == (fate.end, fate.doubts, fate.attempts)
    assert copies.count(row["header_id"]) == fate.copies
    assert (by["state"], by["ambiguous"], copies.count(by["header_id"])) == (MessageState.ACCEPTED, 0, 1)
    assert len(copies) == fate.copies + 1
    before_tls = [line.partition(" ")[0].upper() for line in sink.heard_in_the_clear]
    assert set(before_tls) <= {"EHLO", "STARTTLS", "QUIT"}


@contextmanager
def failing_once(cell: Cell) -> Iterator[SmtpSink]:
    """A relay that fails so at the first message that comes to this stage."""
    window = LITTLE if cell.stage == "body" else None
    with SmtpSink(tls=tls_of(cell), faults=faults_of(cell), extensions=OFFERS, window=window) as sink:
        yield sink


def faults_of(cell: Cell) -> tuple[Fault, ...]:
    if cell.stage == "handshake" and cell.fault not in DOES:
        return ()
    does = TAKES if cell.stage == "taken" else DOES
    reply = f"{cell.fault} {cell.enhanced} no"
    return (Fault(PLACES.get(cell.stage, cell.stage), does.get(cell.fault, reply), times=1),)


def tls_of(cell: Cell) -> ssl.SSLContext | None:
    contexts = {"expired": expired(), "another host": of_another_host(), "stripped": None}
    return contexts.get(cell.fault, sound())


def recover(sink: SmtpSink) -> None:
    """What was wrong with the relay's TLS is put right."""
    sink.offer(sound())


def addresses(sink: SmtpSink) -> Mapping[str, tuple[str]]:
    server = f"mailtos://duban:secret@127.0.0.1:{sink.port}/?mode=starttls&from=duban@example.cn"
    return {code: (f"{server}&to={code}@example.cn",) for code in ("D1", "D2")}
