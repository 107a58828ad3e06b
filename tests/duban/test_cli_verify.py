"""verify: a record and files that fit, alone and against an anchor, and everything that does not fit told."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.duban.conftest import Duban, kept_in

KEYS = {"sound", "faults", "seq", "hash"}


def files_of(home: Path) -> list[Path]:
    return sorted(path for path in (home / "evidence").rglob("*") if path.is_file())


def changed(home: Path, *statements: str) -> None:
    with closing(sqlite3.connect(home / "duban.db")) as raw, raw:
        for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            raw.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            raw.execute(statement)


def an_event_reworded(home: Path) -> None:
    changed(home, "UPDATE event SET person = 'qinmo' WHERE seq = 45")


def an_event_removed(home: Path) -> None:
    changed(home, "DELETE FROM event WHERE seq = 45")


def a_file_changed(home: Path) -> None:
    files_of(home)[0].write_bytes("另一份材料".encode())


def a_file_lost(home: Path) -> None:
    files_of(home)[0].unlink()


def a_file_slipped_in(home: Path) -> None:
    changed(home, "UPDATE evidence SET sha256 = replace(sha256, substr(sha256, 1, 8), '00000000')")


def test_what_fits(duban: Duban, office: Path) -> None:
    before = kept_in(office)
    answer = duban("verify", "--json")
    assert (answer.code, answer.err, set(answer.json)) == (0, "", KEYS)
    assert (answer.json["sound"], answer.json["faults"]) == (True, [])
    page = duban("verify")
    assert (page.code, page.err) == (0, "")
    assert page.out == f"核对无误：流转记录{answer.json['seq']}条，最后一条的校验值 {answer.json['hash']}。\n"
    assert len(answer.json["hash"]) == 64
    assert kept_in(office) == before


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (an_event_reworded, "流转记录第45条："),
        (an_event_removed, "流转记录第46条："),
        (a_file_changed, "内容已被改动。"),
        (a_file_lost, "已缺失。"),
        (a_file_slipped_in, "的清单与流转记录不符。"),
    ],
    ids=lambda found: getattr(found, "__name__", ""),
)
def test_what_does_not_fit_is_told(duban: Duban, office: Path, damage: Callable[[Path], None], told: str) -> None:
    damage(office)
    page = duban("verify")
    assert page.code == 1
    assert told in page.out
    assert "处不符。请保留现场、查明原因，必要时从备份恢复。" in page.out
    answer = duban("verify", "--json")
    assert (answer.code, answer.json["sound"]) == (1, False)
    assert any(told in fault for fault in answer.json["faults"])


@pytest.mark.usefixtures("office")
def test_an_anchor_kept_elsewhere_stays_good_while_the_record_grows(duban: Duban, place: Path) -> None:
    assert duban("verify", "--save-anchor", "锚点.json").code == 0
    kept = json.loads((place / "锚点.json").read_text(encoding="utf-8"))
    assert kept == {key: duban("verify", "--json").json[key] for key in ("seq", "hash")}
    assert duban("check", "4", "--pass", "--by", "zhuhe").code == 0
    answer = duban("verify", "--anchor", "锚点.json", "--json")
    assert (answer.code, answer.json["seq"]) == (0, kept["seq"] + 1)


def test_a_tail_that_was_cut_off_is_seen_against_the_anchor_only(duban: Duban, office: Path) -> None:
    assert duban("verify", "--save-anchor", "锚点.json").code == 0
    changed(office, "PRAGMA foreign_keys = OFF", "DELETE FROM event WHERE seq = (SELECT max(seq) FROM event)")
    assert duban("verify").code == 0
    answer = duban("verify", "--anchor", "锚点.json")
    assert answer.code == 1
    assert "末尾可能被截去。" in answer.out


def test_a_rewritten_record_does_not_fit_the_anchor(duban: Duban, office: Path, place: Path) -> None:
    (place / "锚点.json").write_text(json.dumps({"seq": 45, "hash": "0" * 64}), encoding="utf-8")
    answer = duban("verify", "--anchor", "锚点.json")
    assert (answer.code, "流转记录第45条与锚点不符。" in answer.out) == (1, True)
    assert office.is_dir()


@pytest.mark.usefixtures("office")
def test_what_does_not_fit_is_no_anchor_to_keep(duban: Duban, office: Path, place: Path) -> None:
    a_file_lost(office)
    assert duban("verify", "--save-anchor", "锚点.json").code == 1
    assert not (place / "锚点.json").exists()


@pytest.mark.usefixtures("office")
@pytest.mark.parametrize("content", [None, "", "x", "[]", "{}", '{"seq": "a", "hash": "b"}', '{"seq": null}'])
def test_an_anchor_that_is_none(duban: Duban, place: Path, content: str | None) -> None:
    if content is not None:
        (place / "锚点.json").write_text(content, encoding="utf-8")
    answer = duban("verify", "--anchor", "锚点.json")
    assert (answer.code, answer.out) == (2, "")
    assert answer.lines == [
        "锚点文件“锚点.json”不存在或读不懂。",
        "请给出用 duban verify --save-anchor 存下的文件。",
    ]


@pytest.mark.usefixtures("office")
def test_a_place_where_no_anchor_can_be_kept(duban: Duban) -> None:
    answer = duban("verify", "--save-anchor", "没有/锚点.json")
    assert (answer.code, answer.out, len(answer.lines)) == (1, "", 2)
    assert answer.lines[0].startswith("系统读写出错（No such file or directory：")
