"""verify: what it finds where somebody reached past duban into the database or the folder of evidence."""

import json
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import text

from flows.office import Office
from models import record
from models.answers.verify import Anchor, anchor_of, faults
from models.closure import EvidenceKind
from models.evidence import path_of, sha256_of
from models.handling.assignment import accept
from models.handling.case import By
from models.handling.follow_up import reopen
from models.handling.rectification import add_evidence
from models.handling.supervision_check import fail_check
from models.lifecycle import State
from tests.handling_fixtures import (
    UNIT,
    Line,
    act,
    bring_to,
    events_of,
    evidence_of,
    file_of,
    hand_out,
    last_event,
    on_paper,
    report,
    take_in,
)

DAY = date(2023, 4, 3)


@pytest.fixture
def reported(crew: Office) -> Office:
    """Events 1 to 4: import, assign, and the self-check with one file that says so (`佐证.txt`)."""
    take_in(crew, Line("1"))
    hand_out(crew, "1", DAY)
    act(crew, DAY, accept, "1", UNIT)
    report(crew, DAY, file_of(crew))
    return crew


def found(office: Office, anchor: Anchor | None = None, contents: bool = True) -> list[str]:
    with office.store.reading() as connection:
        return [fault.what for fault in faults(connection, office.settings.evidence, anchor, contents=contents)]


def anchor(office: Office) -> Anchor:
    with office.store.reading() as connection:
        return anchor_of(connection)


def tamper(office: Office, statement: str, **values: object) -> None:
    """Runs a statement past duban, whose triggers and foreign keys would refuse it."""
    with closing(sqlite3.connect(office.settings.database)) as connection, connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(statement, values)


def kept(office: Office) -> Path:
    """The one file that was handed in, where the home keeps it."""
    (row,) = evidence_of(office)
    return path_of(row.sha256, office.settings.evidence)


# --- Nothing wrong


def test_an_untouched_home_has_no_fault(reported: Office) -> None:
    assert found(reported) == []
    assert found(reported, anchor(reported)) == []


def test_a_life_with_every_sort_of_file_has_no_fault(crew: Office) -> None:
    take_in(crew, Line("1"))
    bring_to(crew, State.CLOSED, DAY)
    with on_paper(crew, By("s1-a", reason="反弹", recorded_by="g1-a")) as by:
        act(crew, DAY, reopen, "1", by)
    bring_to(crew, State.CLOSED, DAY)
    assert found(crew) == []


def test_an_empty_record_has_an_anchor_that_always_fits(crew: Office) -> None:
    assert anchor(crew) == Anchor(0, record.FIRST_HASH)
    take_in(crew, Line("1"))
    assert found(crew, Anchor(0, record.FIRST_HASH)) == []


def test_an_anchor_still_fits_once_more_was_done(reported: Office) -> None:
    before = anchor(reported)
    with reported.handed_in([file_of(reported, "补.txt", EvidenceKind.OTHER)]) as files:
        act(reported, DAY, add_evidence, "1", UNIT, files)
    assert anchor(reported).seq == before.seq + 1
    assert found(reported, before) == []


# --- Files


def test_a_changed_file_is_told_with_the_event_that_vouched_for_it(reported: Office) -> None:
    kept(reported).write_text("另一份内容", encoding="utf-8")
    seq = last_event(reported).seq
    assert found(reported) == [f"佐证材料“佐证.txt”（流转记录第{seq}条）内容已被改动。"]


def test_a_missing_file_is_told(reported: Office) -> None:
    kept(reported).unlink()
    assert found(reported) == [f"佐证材料“佐证.txt”（流转记录第{last_event(reported).seq}条）已缺失。"]


def test_something_else_in_its_place_is_told(reported: Office) -> None:
    kept(reported).unlink()
    kept(reported).mkdir()
    assert found(reported) == [f"佐证材料“佐证.txt”（流转记录第{last_event(reported).seq}条）无法读取。"]


def test_a_basis_is_vouched_for_too(crew: Office) -> None:
    take_in(crew, Line("1"))
    hand_out(crew, "1", DAY)
    with on_paper(crew, By("d1-a", recorded_by="g1-a"), "签批件.pdf") as by:
        act(crew, DAY, accept, "1", by)
    path_of(last_event(crew).payload["basis"]["sha256"], crew.settings.evidence).unlink()
    assert found(crew) == [f"佐证材料“签批件.pdf”（流转记录第{last_event(crew).seq}条）已缺失。"]


def test_a_file_of_two_cycles_is_told_once(reported: Office) -> None:
    first = last_event(reported).seq
    act(reported, DAY, fail_check, "1", By("s1-a", reason="缺"))
    report(reported, DAY, file_of(reported))
    kept(reported).unlink()
    assert found(reported) == [f"佐证材料“佐证.txt”（流转记录第{first}条）已缺失。"]


def test_evidence_that_no_event_vouches_for_is_told(reported: Office) -> None:
    path = file_of(reported, "后来塞进.txt").path
    tamper(
        reported,
        "INSERT INTO evidence (cycle_id, sha256, name, size, kind, version, event_seq) "
        "VALUES (1, :sha256, '后来塞进.txt', 1, 'proof', 1, 0)",
        sha256=sha256_of(path),
    )
    assert found(reported) == ["佐证材料“后来塞进.txt”的清单与流转记录不符。"]


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("UPDATE evidence SET kind = 'rule'", id="a proof becomes a rule"),
        pytest.param("UPDATE evidence SET name = '另一名称.txt'", id="another name"),
        pytest.param("DELETE FROM evidence", id="off the list"),
    ],
)
def test_a_list_that_says_other_than_the_record_is_told(reported: Office, statement: str) -> None:
    """A closure rests on what the list says a file is evidence of."""
    tamper(reported, statement)
    assert found(reported) != []


# --- Without reading files


def test_looking_only_for_presence_reads_no_file(reported: Office) -> None:
    assert found(reported, contents=False) == []
    kept(reported).write_text("另一份内容", encoding="utf-8")
    assert found(reported, contents=False) == []
    assert len(found(reported)) == 1


@pytest.mark.parametrize("instead", [False, True], ids=["nothing", "a folder"])
def test_what_is_not_there_is_told_without_reading_too(reported: Office, instead: bool) -> None:
    kept(reported).unlink()
    if instead:
        kept(reported).mkdir()
    assert found(reported, contents=False) == [f"佐证材料“佐证.txt”（流转记录第{last_event(reported).seq}条）已缺失。"]


def test_record_list_and_anchor_are_looked_at_without_reading_files_too(reported: Office) -> None:
    kept_elsewhere, seq = anchor(reported), events_of(reported, "1")[0].seq
    tamper(reported, "UPDATE evidence SET kind = 'rule'")
    tamper(reported, "UPDATE event SET payload = '{}' WHERE seq = :seq", seq=seq)
    told = found(reported, kept_elsewhere, contents=False)
    assert told == found(reported, kept_elsewhere)
    assert f"流转记录第{seq}条：内容与校验值不符。" in told
    assert "佐证材料“佐证.txt”的清单与流转记录不符。" in told
    lost = Anchor(99, "f" * 64)
    assert "流转记录缺少锚点所记的第99条，末尾可能被截去。" in found(reported, lost, contents=False)


# --- The record


def test_a_changed_event_is_told(reported: Office) -> None:
    seq = events_of(reported, "1")[0].seq
    tamper(reported, "UPDATE event SET payload = :payload WHERE seq = :seq", payload='{"due_on":"2024-06-30"}', seq=seq)
    assert found(reported) == [f"流转记录第{seq}条：内容与校验值不符。"]


def test_a_changed_event_with_a_hash_to_match_breaks_the_link(reported: Office) -> None:
    seq = events_of(reported, "1")[0].seq
    tamper(reported, "UPDATE event SET hash = :hash WHERE seq = :seq", hash="f" * 64, seq=seq)
    assert f"流转记录第{seq + 1}条：与上一条的衔接不符。" in found(reported)


def test_a_hash_changed_in_an_event_does_not_hide_a_changed_file(reported: Office) -> None:
    kept(reported).write_text("另一份内容", encoding="utf-8")
    payload = {**last_event(reported).payload}
    payload["evidence"] = [{**payload["evidence"][0], "sha256": sha256_of(kept(reported))}]
    seq = last_event(reported).seq
    tamper(reported, "UPDATE event SET payload = :payload WHERE seq = :seq", payload=json.dumps(payload), seq=seq)
    assert f"流转记录第{seq}条：内容与校验值不符。" in found(reported)


@pytest.mark.parametrize(
    "payload",
    [
        "", "no json", "[]", "5", '{"evidence":5}', '{"evidence":[5]}', '{"evidence":[{}]}', '{"basis":7}',
        '{"evidence":null}',
    ],
)  # fmt: skip
def test_nonsense_in_an_event_is_told_and_stops_nothing(reported: Office, payload: str) -> None:
    """The one who looks for what was tampered with must not stumble over it."""
    seq = last_event(reported).seq
    tamper(reported, "UPDATE event SET payload = :payload WHERE seq = :seq", payload=payload, seq=seq)
    assert f"流转记录第{seq}条：内容与校验值不符。" in found(reported)


def test_a_removed_event_leaves_a_gap(reported: Office) -> None:
    seq = events_of(reported, "1")[0].seq
    tamper(reported, "DELETE FROM event WHERE seq = :seq", seq=seq)
    assert f"流转记录第{seq + 1}条：序号不连续，此处应为第{seq}条。" in found(reported)


# --- The anchor


def test_a_tail_cut_off_is_seen_against_an_anchor_only(reported: Office) -> None:
    kept_elsewhere = anchor(reported)
    tamper(reported, "DELETE FROM evidence")
    tamper(reported, "DELETE FROM event WHERE seq = :seq", seq=kept_elsewhere.seq)
    assert found(reported) == []
    assert found(reported, kept_elsewhere) == [f"流转记录缺少锚点所记的第{kept_elsewhere.seq}条，末尾可能被截去。"]


def test_a_tail_written_anew_does_not_fit_the_anchor(reported: Office) -> None:
    kept_elsewhere = anchor(reported)
    tamper(reported, "DELETE FROM evidence")
    tamper(reported, "DELETE FROM event WHERE seq = :seq", seq=kept_elsewhere.seq)
    with reported.store.writing() as connection:
        record.append(connection, record.Entry("accept", events_of(reported, "1")[0].at, DAY))
    assert found(reported) == []
    assert found(reported, kept_elsewhere) == [f"流转记录第{kept_elsewhere.seq}条与锚点不符。"]


def test_an_anchor_is_the_number_and_hash_of_the_last_line(reported: Office) -> None:
    with reported.store.reading() as connection:
        last = connection.execute(text("SELECT seq, hash FROM event ORDER BY seq DESC LIMIT 1")).one()
    assert anchor(reported) == Anchor(last[0], last[1])
