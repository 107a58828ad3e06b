"""Reading policy.yaml: the ladders we ship, rung by rung, and every fault of a file told at its place."""

import hashlib
import json
import re
from collections.abc import Iterator
from copy import deepcopy
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

import pendulum
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from config.calendars import load_calendar
from config.policy import DEFAULT_POLICY, PRESETS, TRIED, load_policy, preset_path
from models.errors import PolicyRefused
from models.ladder import Colour, EvidenceRules, Ladder, NoticeKind, Offset, OffsetUnit, Policy, Rung, StageLimit
from models.lifecycle import ROLE_ZH, Role, Stage
from models.redating import ExtensionRules

DAY = timedelta(days=1)
REAL = load_calendar(None)
DEFAULT = load_policy(DEFAULT_POLICY, REAL)

SHIPPED = {
    "accept": ("2wd", "+1wd → unit, supervision (urge, yellow)", "+3wd → lead, general (overdue, red)"),
    "complete": (
        "ledger",
        "-20wd → unit (remind, green)",
        "-10wd → unit, cooperating, lead (remind, yellow)",
        "-3wd → unit (urge, yellow)",
        "0 → unit, lead (urge, yellow)",
        "+1wd → unit, lead, supervision (overdue, red)",
        "+5wd → unit, lead, accountability (refer, red; served: unit)",
        "+10wd every 5wd → accountability, head (refer, red; served: unit)",
    ),
    "milestone": (
        "ledger",
        "-5wd → unit (remind, green)",
        "0 → unit (urge, yellow)",
        "+1wd → unit, lead (overdue, red)",
    ),
    "check": (
        "5wd",
        "0 → supervision (urge, yellow)",
        "+1wd → supervision, general (overdue, red)",
        "+5wd → head (overdue, red)",
    ),
    "open_review": ("5wd", "0 → supervision (urge, yellow)", "+1wd → supervision, general (overdue, red)"),
    "review": (
        "5wd",
        "0 → lead (urge, yellow)",
        "+3wd → lead, supervision (overdue, red)",
        "+5wd → head (overdue, red)",
    ),
    "decide": ("3wd", "0 → lead (urge, yellow)", "+1wd → lead, general (overdue, red)"),
    "follow_up": (
        "6m",
        "-10wd → unit (remind, green)",
        "0 → unit (urge, yellow)",
        "+5wd → unit, supervision (overdue, red)",
    ),
    "refer": ("10wd", "0 → accountability (urge, yellow)", "+5wd → head (overdue, red)"),
}
TYPES = (
    "7z avi bmp csv doc docx dps eml et gif heic jpeg jpg m4a md mov mp3 mp4 ofd pdf png ppt pptx rar rtf tif tiff txt "
    "wav webp wps xls xlsx zip"
)
THREE_COLOURS = (
    "ledger",
    "-20d → unit (remind, green)",
    "-10d → unit, lead (remind, yellow)",
    "+1d → unit, head (overdue, red)",
    "+10wd → unit, accountability (refer, red; served: unit)",
)


def in_words(ladder: Ladder) -> tuple[str, ...]:
    limit = ladder.limit
    none = "none" if ladder.stage is Stage.FOLLOW_UP else "ledger"
    length = f"{limit.workdays}wd" if limit.workdays else f"{limit.months}m" if limit.months else none
    return (length, *map(rung_in_words, ladder.rungs))


def rung_in_words(rung: Rung) -> str:
    every = f" every {rung.every.text}" if rung.every else ""
    served = f"; served: {rung.served}" if rung.served else ""
    return f"{rung.at.text}{every} → {', '.join(rung.to)} ({rung.kind}, {rung.colour}{served})"


def write(folder: Path, content: str) -> Path:
    path = folder / "policy.yaml"
    path.write_text(content, encoding="utf-8")
    return path


def read(folder: Path, content: str) -> Policy:
    return load_policy(write(folder, content), REAL)


def refused(path: Path) -> PolicyRefused:
    with pytest.raises(PolicyRefused) as refusal:
        load_policy(path, REAL)
    return refusal.value


def problems(folder: Path, content: str) -> list[str]:
    refusal = refused(write(folder, content))
    assert refusal.zh == f"升级阶梯文件 policy.yaml 有{len(refusal.problems)}处问题，未采用。"
    assert refusal.cure
    return list(map(str, refusal.problems))


# What we ship


def test_the_default_policy_is_exactly_this() -> None:
    assert {stage.value: in_words(ladder) for stage, ladder in DEFAULT.ladders.items()} == SHIPPED
    assert DEFAULT.immediate == StageLimit(workdays=5)
    assert DEFAULT.returned == StageLimit(workdays=5)
    assert DEFAULT.extension == ExtensionRules(ask_before_workdays=1, at_most_days=30)
    assert DEFAULT.evidence.max_bytes == 100 << 20
    assert sorted(DEFAULT.evidence.types) == TYPES.split()
    assert DEFAULT.name == "默认阶梯"


def test_the_preset_of_three_colours_and_nothing_else_changed() -> None:
    path = preset_path("three_colours")
    assert path
    policy = load_policy(path, REAL)
    assert {stage.value: in_words(ladder) for stage, ladder in policy.ladders.items()} == {
        **SHIPPED,
        "complete": THREE_COLOURS,
    }
    assert policy.name == "三色预警"
    for rule in ("immediate", "returned", "extension", "evidence"):
        assert getattr(policy, rule) == getattr(DEFAULT, rule)


def test_every_preset_can_be_read() -> None:
    names = [path.stem for path in PRESETS.glob("*.yaml")]
    assert names
    for name in names:
        assert load_policy(preset_path(name) or Path(), REAL).name
    assert preset_path("four_colours") is None


def test_a_stage_left_out_keeps_the_default(tmp_path: Path) -> None:
    policy = read(
        tmp_path,
        """
        stages:
          decide:
            limit: 2wd
            ladder:
              - {at: +1wd, to: [lead, head], kind: supervise, colour: orange}
        """,
    )
    assert in_words(policy.ladders[Stage.DECIDE]) == ("2wd", "+1wd → lead, head (supervise, orange)")
    others = set(Stage) - {Stage.DECIDE}
    assert {stage: policy.ladders[stage] for stage in others} == {stage: DEFAULT.ladders[stage] for stage in others}
    assert policy.immediate == DEFAULT.immediate


def test_the_limit_of_immediate_rectification(tmp_path: Path) -> None:
    rungs = "ladder: [{at: 0, to: [unit], kind: urge, colour: yellow}]"
    given_ = read(tmp_path, f"stages: {{complete: {{limit: ledger, immediate: 3wd, {rungs}}}}}")
    left_out = read(tmp_path, f"stages: {{complete: {{limit: ledger, {rungs}}}}}")
    assert (given_.immediate, left_out.immediate) == (StageLimit(workdays=3), StageLimit(workdays=5))


def test_what_is_left_at_least_to_whoever_gets_work_back(tmp_path: Path) -> None:
    written = read(tmp_path, f"{ledger_stage(RUNG)}    returned: 3wd")
    left_out = read(tmp_path, ledger_stage(RUNG))
    assert (written.returned, left_out.returned) == (StageLimit(workdays=3), StageLimit(workdays=5))


@pytest.mark.parametrize(
    ("written", "rules"),
    [
        ([], ExtensionRules(1, 30)),
        (["ask_before: 5wd"], ExtensionRules(5, 30)),
        (["at_most: 15d"], ExtensionRules(1, 15)),
        (["ask_before: 0wd", "at_most: 0d"], ExtensionRules(0, 0)),
        (["ask_before: 500wd", "at_most: 500d"], ExtensionRules(500, 500)),
    ],
    ids=["left out", "five working days before", "two weeks at most", "none at all", "as far as may be"],
)
def test_how_more_time_is_granted(written: list[str], rules: ExtensionRules, tmp_path: Path) -> None:
    content = stage(RUNG, "decide") + "".join(f"    {line}\n" for line in written)
    assert read(tmp_path, content).extension == rules


def test_the_interval_of_a_follow_up_may_be_each_measures_own(tmp_path: Path) -> None:
    ladder = read(tmp_path, stage(RUNG, "follow_up", "none")).ladders[Stage.FOLLOW_UP]
    assert in_words(ladder) == ("none", "0 → unit (urge, yellow)")
    assert ladder.limit == StageLimit()


@pytest.mark.parametrize(
    ("written", "rules"),
    [
        ("evidence: {max_size: 50MB, types: [pdf]}", EvidenceRules(50 << 20, frozenset({"pdf"}))),
        ("evidence: {max_size: 512kb, types: [pdf, 7z]}", EvidenceRules(512 << 10, frozenset({"pdf", "7z"}))),
        ("evidence: {max_size: 1KB}", EvidenceRules(1 << 10, DEFAULT.evidence.types)),
        ("evidence: {max_size: 9999MB}", EvidenceRules(9999 << 20, DEFAULT.evidence.types)),
        ("evidence: {types: [pdf, pdf]}", EvidenceRules(100 << 20, frozenset({"pdf"}))),
        ("evidence: {}", DEFAULT.evidence),
        ("", DEFAULT.evidence),
    ],
    ids=["both", "in kilobytes", "the size alone", "the largest", "the types alone", "nothing", "left out"],
)
def test_which_files_an_office_takes(written: str, rules: EvidenceRules, tmp_path: Path) -> None:
    assert read(tmp_path, f"{stage(RUNG)}{written}").evidence == rules


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("name: 本单位", "本单位"),
        ("name: 2023", "2023"),
        ("name: 012", "012"),
        ("name: yes", "yes"),
        ("name: ' 甲 '", "甲"),
        ("name:", "未命名"),
        ("", "未命名"),
    ],
)
def test_the_name_is_what_was_written(written: str, name: str, tmp_path: Path) -> None:
    assert read(tmp_path, f"{stage(RUNG)}{written}").name == name


@pytest.mark.parametrize(
    ("content", "words", "because"),
    [
        (["review", "500wd", "{at: 0, to: [lead]}"], "0 → lead", "the longest limit in working days"),
        (["follow_up", "60m", "{at: 0, to: [lead]}"], "0 → lead", "the longest limit in months"),
        (["complete", "ledger", "{at: -500d, to: [lead]}"], "-500d → lead", "the farthest offset"),
        (["complete", "ledger", "{at: 0, every: 30d, to: [lead]}"], "0 every 30d → lead", "0 repeats in any unit"),
        (["complete", "ledger", "{at: -9d, every: 9d, to: [lead]}"], "-9d every 9d → lead", "from before the day"),
        (
            ["complete", "ledger", "{at: 0, to: [head, unit], served: unit}"],
            "0 → head, unit (remind, blue; served: unit)",
            "a unit that is told by the same rung",
        ),
    ],
)
def test_what_may_be_written(content: list[str], words: str, because: str, tmp_path: Path) -> None:
    name, limit, rung = content
    policy = read(tmp_path, stage(f"- {rung[:-1]}, kind: remind, colour: blue}}", name, limit))
    first = words if "(" in words else f"{words} (remind, blue)"
    assert in_words(policy.ladders[Stage(name)]) == (limit, first), because


# One fault at a time

RUNG = "- {at: 0, to: [unit], kind: urge, colour: yellow}"
ROLES = "unit、cooperating、lead、general、supervision、accountability、head"
KINDS = "remind、urge、overdue、supervise、refer"
COLOURS = "blue、green、yellow、orange、red"
NOT_A_MAPPING = "应为“键: 值”的形式"


def stage(rungs: str, name: str = "check", limit: str = "5wd") -> str:
    return f"stages:\n  {name}:\n    limit: {limit}\n    ladder:\n{indent(dedent(rungs).strip(), '      ')}\n"


def ledger_stage(rungs: str) -> str:
    return stage(rungs, "complete", "ledger")


# fmt: off
FAULTS = [
    # The file as a whole
    ("", f"文件：{NOT_A_MAPPING}（原值：未填写）", "an empty file"),
    ("# 只有注释", f"文件：{NOT_A_MAPPING}（原值：未填写）", "nothing but a comment"),
    ("阶梯", f"文件：{NOT_A_MAPPING}（原值：阶梯）", "a word"),
    ("- stages", f"文件：{NOT_A_MAPPING}（原值：一列）", "a list"),
    ("{}", "stages：没有写任何环节", "a mapping of nothing"),
    ("name: 本单位", "stages：没有写任何环节", "a name alone"),
    ("stages:", f"stages：{NOT_A_MAPPING}（原值：未填写）", "stages left blank"),
    ("stages: {}", "stages：没有写任何环节", "stages of nothing"),
    ("stages: [accept]", f"stages：{NOT_A_MAPPING}（原值：一列）", "stages as a list"),
    (f"{stage(RUNG)}name: [甲, 乙]", "name：应为文字（原值：一列）", "a name that is a list"),
    (f"{stage(RUNG)}name: {{甲: 乙}}", "name：应为文字（原值：一组键和值）", "a name that is a mapping"),
    (f'{stage(RUNG)}name: "甲\\e[2J"', "name：不能有换行和控制字符（原值：甲\ufffd[2J）", "a name that clears screens"),
    (f'{stage(RUNG)}name: "\\ud800"', "name：不能有换行和控制字符（原值：\ufffd）", "half a character"),
    (f"{stage(RUNG)}version: 2", "version：不认识的键，可用：name、stages、evidence", "an unknown key of the file"),
    # A stage
    ("stages: {check: }", f"stages.check：{NOT_A_MAPPING}（原值：未填写）", "a stage left blank"),
    ("stages: {check: 5wd}", f"stages.check：{NOT_A_MAPPING}（原值：5wd）", "a stage that is a word"),
    ("stages: {check: [5wd]}", f"stages.check：{NOT_A_MAPPING}（原值：一列）", "a stage that is a list"),
    (f"{stage(RUNG)}  checks: {{}}", f"stages.checks：不认识的键，可用：{'、'.join(Stage)}", "an unknown stage"),
    (f"{stage(RUNG)}    colour: red", "stages.check.colour：不认识的键，可用：limit、ladder", "an unknown key"),
    (f"{stage(RUNG)}    immediate: 5wd", "stages.check.immediate：不认识的键，可用：limit、ladder",
     "immediate belongs to complete alone"),
    ("stages: {check: {limit: 5wd}}", "stages.check.ladder：应为一列档位（原值：未填写）", "no ladder"),
    ("stages: {check: {limit: 5wd, ladder: }}", "stages.check.ladder：应为一列档位（原值：未填写）", "a blank ladder"),
    ("stages: {check: {limit: 5wd, ladder: []}}", "stages.check.ladder：没有填写", "a ladder without rungs"),
    ("stages: {check: {limit: 5wd, ladder: unit}}", "stages.check.ladder：应为一列档位（原值：unit）", "a word"),
    ("stages: {check: {limit: 5wd, ladder: {at: 0}}}", "stages.check.ladder：应为一列档位（原值：一组键和值）",
     "one rung without its dash"),
    # Limits
    *((stage(RUNG, limit=limit), f"stages.check.limit：时限写法不对，应如 5wd（5个工作日）（原值：{shown}）", why)
      for limit, shown, why in [
        ("", "未填写", "no limit"), ("~", "~", "nothing"), ("5", "5", "without a unit"), ("5d", "5d", "calendar days"),
        ("0wd", "0wd", "no days"), ("501wd", "501wd", "too long"), ("-5wd", "-5wd", "backwards"),
        ("²wd", "²wd", "a digit int() does not read"), ("５wd", "５wd", "full width"), ("6m", "6m", "months"),
        ("ledger", "ledger", "the ledger knows no such limit"), ("{}", "一组键和值", "a mapping"),
        ("[5wd]", "一列", "a list"), ("2023-06-01", "2023-06-01", "a date"), ("2023-13-45", "2023-13-45", "no date"),
      ]),
    *((stage(RUNG, "follow_up", limit),
       "stages.follow_up.limit：时限写法不对，应如 5wd（5个工作日） 或 6m（6个月），每条措施各自写明间隔的写 none"
       f"（原值：{limit}）", why)
      for limit, why in [("0m", "no months"), ("61m", "beyond five years"), ("6", "no unit"), ("半年", "in words"),
                         ("ledger", "the ledger gives no interval"), ("None", "none in large letters")]),
    (stage(RUNG, limit="none"), "stages.check.limit：时限写法不对，应如 5wd（5个工作日）（原值：none）",
     "none is for follow-ups alone"),
    (stage(RUNG, "complete", "60wd"), "stages.complete.limit：“整改”的时限由台账给出，应写 ledger（原值：60wd）",
     "the ledger's limit as a number"),
    (stage(RUNG, "milestone", "[ledger]"), "stages.milestone.limit：“节点”的时限由台账给出，应写 ledger（原值：一列）",
     "the ledger's limit as a list"),
    *((f"{ledger_stage(RUNG)}    immediate: {limit}",
       f"stages.complete.immediate：立行立改的时限写法不对，应如 5wd（5个工作日）（原值：{shown}）", why)
      for limit, shown, why in [("", "未填写", "blank"), ("1m", "1m", "months"), ("[]", "一列", "a list"),
                                ("ledger", "ledger", "the word of another key")]),
    *((f"{ledger_stage(RUNG)}    returned: {limit}",
       f"stages.complete.returned：退回整改的时限写法不对，应如 5wd（5个工作日）（原值：{shown}）", why)
      for limit, shown, why in [("", "未填写", "blank"), ("1m", "1m", "months"), ("[]", "一列", "a list"),
                                ("0wd", "0wd", "no days"), ("5d", "5d", "calendar days")]),
    (f"{stage(RUNG)}    returned: 5wd", "stages.check.returned：不认识的键，可用：limit、ladder",
     "returned belongs to complete alone"),
    # Extensions
    *((f"{stage(RUNG, 'decide')}    {key}: {written}",
       f"stages.decide.{key}：写法不对，应如 {like}（原值：{shown}）", why)
      for key, written, like, shown, why in [
        ("ask_before", "", "1wd", "未填写", "blank"), ("ask_before", "1", "1wd", "1", "no unit"),
        ("ask_before", "1d", "1wd", "1d", "calendar days"), ("ask_before", "501wd", "1wd", "501wd", "too long"),
        ("ask_before", "[1wd]", "1wd", "一列", "a list"), ("ask_before", "-1wd", "1wd", "-1wd", "afterwards"),
        ("ask_before", "²wd", "1wd", "²wd", "a digit int() does not read"),
        ("at_most", "", "30d", "未填写", "blank"), ("at_most", "30wd", "30d", "30wd", "working days"),
        ("at_most", "1m", "30d", "1m", "months"), ("at_most", "501d", "30d", "501d", "too long"),
        ("at_most", "{}", "30d", "一组键和值", "a mapping"), ("at_most", "一个月", "30d", "一个月", "in words"),
      ]),
    (f"{stage(RUNG)}    at_most: 30d", "stages.check.at_most：不认识的键，可用：limit、ladder",
     "at_most belongs to decide alone"),
    (f"{stage(RUNG, 'decide')}    returned: 5wd",
     "stages.decide.returned：不认识的键，可用：limit、ask_before、at_most、ladder", "and returned does not"),
    # Evidence
    *((f"{stage(RUNG)}evidence: {{max_size: {written}}}",
       f"evidence.max_size：大小写法不对，应如 50MB（原值：{shown}）", why)
      for written, shown, why in [
        ("", "未填写", "blank"), ("50", "50", "no unit"), ("50M", "50M", "half a unit"), ("0MB", "0MB", "nothing"),
        ("10000MB", "10000MB", "beyond anything"), ("1GB", "1GB", "another unit"), ("1.5MB", "1.5MB", "half"),
        ("-1MB", "-1MB", "less than nothing"), ("50 MB", "50 MB", "with a blank"), ("[50MB]", "一列", "a list"),
        ("²MB", "²MB", "a digit int() does not read"),
      ]),
    *((f"{stage(RUNG)}evidence: {{types: {written}}}", f"evidence.types：{said}", why)
      for written, said, why in [
        ("", "应为一列文件类型，如 [pdf, docx]（原值：未填写）", "blank"),
        ("pdf", "应为一列文件类型，如 [pdf, docx]（原值：pdf）", "one type without brackets"),
        ("{pdf: 1}", "应为一列文件类型，如 [pdf, docx]（原值：一组键和值）", "a mapping"),
        ("[]", "没有填写", "no type at all"),
        *((f"[pdf, {kind}]", f"文件类型应为小写的扩展名，不带点，如 pdf（原值：{shown}）", because)
          for kind, shown, because in [
            ("PDF", "PDF", "in large letters"), (".pdf", ".pdf", "with its dot"), ("'*'", "*", "any type"),
            ("tar.gz", "tar.gz", "two endings"), ("'p f'", "p f", "with a blank"), ("照片", "照片", "in Chinese"),
            ("''", "未填写", "nothing"), ("[doc]", "一列", "a list in the list"),
            ("{a: b}", "一组键和值", "a mapping in the list"), ("extension", "extension", "too long"),
          ]),
      ]),
    (f"{stage(RUNG)}evidence: [pdf]", f"evidence：{NOT_A_MAPPING}（原值：一列）", "evidence that is a list"),
    (f"{stage(RUNG)}evidence:", f"evidence：{NOT_A_MAPPING}（原值：未填写）", "evidence left blank"),
    (f"{stage(RUNG)}evidence: {{size: 5MB}}",
     "evidence.size：不认识的键，可用：max_size、types", "an unknown key of it"),
    ("evidence: {max_size: 5MB}", "stages：没有写任何环节", "evidence alone is no ladder"),
    # Rungs
    (stage("- unit"), f"stages.check.ladder[1]：{NOT_A_MAPPING}（原值：unit）", "a rung that is a word"),
    (stage("-"), f"stages.check.ladder[1]：{NOT_A_MAPPING}（原值：未填写）", "a rung left blank"),
    (stage("- [at, 0]"), f"stages.check.ladder[1]：{NOT_A_MAPPING}（原值：一列）", "a rung that is a list"),
    (stage("- {at: 0, to: [unit], kind: urge, color: red, colour: red}"),
     "stages.check.ladder[1].color：不认识的键，可用：at、to、kind、colour、every、served", "an unknown key of a rung"),
    *((stage(f"- {{at: {at}, to: [unit], kind: urge, colour: red}}"),
       f"stages.check.ladder[1].at：位移写法不对，应如 -20wd、0、+5wd 或 +30d（原值：{shown}）", why)
      for at, shown, why in [
        ("", "未填写", "blank"), ("5", "5", "no unit"), ("+5", "+5", "no unit"), ("1.5d", "1.5d", "half days"),
        ("[1]", "一列", "a list"), ("{1: 2}", "一组键和值", "a mapping"), ("null", "null", "nothing"),
        ("yes", "yes", "a yes"), ("12:30", "12:30", "a time"), ("5工作日", "5工作日", "in words"),
        (f"{'9' * 5000}", f"{'9' * 40}……", "a number without end"),
      ]),
    (stage("- {to: [unit], kind: urge, colour: red}"),
     "stages.check.ladder[1].at：位移写法不对，应如 -20wd、0、+5wd 或 +30d（原值：未填写）", "no offset"),
    (stage("- {at: -501d, to: [unit], kind: urge, colour: red}"),
     "stages.check.ladder[1].at：位移过大，不应超过500（原值：-501d）", "too far"),
    *((stage(f"- {{at: 0, to: {to}, kind: urge, colour: red}}"), f"stages.check.ladder[1].to：{said}", why)
      for to, said, why in [
        ("unit", "应为一列告知对象，如 [unit, lead]（原值：unit）", "one role without brackets"),
        ("", "应为一列告知对象，如 [unit, lead]（原值：未填写）", "blank"),
        ("{unit: 1}", "应为一列告知对象，如 [unit, lead]（原值：一组键和值）", "a mapping"),
        ("[]", "没有填写", "nobody"),
        ("[unit, 责任单位]", f"不认识的写法，可用：{ROLES}（原值：责任单位）", "a role in Chinese"),
        ("[[unit]]", f"不认识的写法，可用：{ROLES}（原值：一列）", "a list in the list"),
        ("[{}]", f"不认识的写法，可用：{ROLES}（原值：一组键和值）", "a mapping in the list"),
        ("[unit, lead, unit]", "同一对象写了两次（原值：unit）", "a role twice"),
      ]),
    *((stage(f"- {{at: 0, to: [unit], kind: {kind}, colour: red}}"),
       f"stages.check.ladder[1].kind：不认识的写法，可用：{KINDS}（原值：{shown}）", why)
      for kind, shown, why in [("", "未填写", "blank"), ("催办", "催办", "in Chinese"), ("[urge]", "一列", "a list"),
                               ("address", "address", "a kind that no rung has")]),
    *((stage(f"- {{at: 0, to: [unit], kind: urge, colour: {colour}}}"),
       f"stages.check.ladder[1].colour：不认识的写法，可用：{COLOURS}（原值：{shown}）", why)
      for colour, shown, why in [("", "未填写", "blank"), ("purple", "purple", "no such colour"),
                                 ("{}", "一组键和值", "a mapping")]),
    # Repeating
    *((ledger_stage(f"- {{at: {at}, every: {every}, to: [unit], kind: urge, colour: red}}"),
       f"stages.complete.ladder[1]{said}", why)
      for at, every, said, why in [
        ("+5wd", "5d", "：every 的单位应与 at 相同", "steps in another unit"),
        ("+5d", "5wd", "：every 的单位应与 at 相同", "steps in another unit"),
        ("+5wd", "0", "：every 应为正数", "steps of nothing"),
        ("+5wd", "-5wd", "：every 应为正数", "steps backwards"),
        ("0", "0d", "：every 应为正数", "0 repeated by 0"),
        ("+5wd", "501wd", ".every：位移过大，不应超过500（原值：501wd）", "a step too far"),
        ("+5wd", "", ".every：位移写法不对，应如 -20wd、0、+5wd 或 +30d（原值：未填写）", "a blank step"),
        ("+5wd", "[5wd]", ".every：位移写法不对，应如 -20wd、0、+5wd 或 +30d（原值：一列）", "a step that is a list"),
      ]),
    (ledger_stage("""
     - {at: 0, every: 5wd, to: [unit], kind: urge, colour: red}
     - {at: +5wd, to: [lead], kind: urge, colour: red}
     """), "stages.complete.ladder[1]：只有最后一档可以重复（every）", "a rung after an endless one, for whoever"),
    # Served
    (ledger_stage("- {at: 0, to: [unit, lead], served: lead, kind: urge, colour: red}"),
     "stages.complete.ladder[1]：served 目前只能写 unit（责任单位）", "served by somebody else"),
    (ledger_stage("- {at: 0, to: [unit, lead], served: 责任单位, kind: urge, colour: red}"),
     f"stages.complete.ladder[1].served：不认识的写法，可用：{ROLES}（原值：责任单位）", "served by nobody known"),
    (ledger_stage("- {at: 0, to: [unit], served: , kind: urge, colour: red}"),
     f"stages.complete.ladder[1].served：不认识的写法，可用：{ROLES}（原值：未填写）", "served left blank"),
    (ledger_stage("""
     - {at: 0, to: [lead], kind: urge, colour: red}
     - {at: +5wd, to: [lead, head], kind: refer, colour: red, served: unit}
     - {at: +9wd, to: [unit], kind: urge, colour: red}
     """), "stages.complete.ladder[2]：这一档要求责任单位先被告知，但到这一档为止没有一档告知责任单位",
     "a unit that is told too late to have been told before"),
]
# fmt: on


@pytest.mark.parametrize(("content", "problem"), [(c, p) for c, p, _ in FAULTS], ids=[why for *_, why in FAULTS])
def test_one_fault_is_told_once_at_its_place(content: str, problem: str, tmp_path: Path) -> None:
    assert problems(tmp_path, content) == [problem]


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    content = """\
        name: []
        stage: {}
        stages:
          accept: 2wd
          complete:
            limit: 60wd
            immediate: 1m
            ladder:
              - {at: 0, to: [unit], kind: urge, colour: pink}
              - {at: +5wd, to: [lead], kind: urge, colour: red, served: lead}
              - {at: +1wd, to: [lead, nobody], kind: shout, colour: red, every: 1}
              - {at: +1wd, to: [lead], kind: urge, colour: red, every: 1d}
          check:
            limit: 5
            ladder: none
          checks: {}
        """
    assert [(problem.where, problem.value) for problem in refused(write(tmp_path, dedent(content))).problems] == [
        ("stage", ""),
        ("name", "一列"),
        ("stages.checks", ""),
        ("stages.accept", "2wd"),
        ("stages.complete.limit", "60wd"),
        ("stages.complete.ladder[1].colour", "pink"),
        ("stages.complete.ladder[3].to", "nobody"),
        ("stages.complete.ladder[3].kind", "shout"),
        ("stages.complete.ladder[3].every", "1"),
        ("stages.complete.ladder[2]", ""),  # served by the lead
        ("stages.complete.ladder[2]", ""),  # never reached, since the fourth is earlier
        ("stages.complete.ladder[4]", ""),  # repeats in another unit
        ("stages.check.limit", "5"),
        ("stages.check.ladder", "none"),
        ("stages.complete.immediate", "1m"),
    ]


def test_no_rung_is_blamed_for_another_fault(tmp_path: Path) -> None:
    """Where the limit or a rung cannot be read, nothing is said that rests on it."""
    rungs = """
        - {at: -9wd, to: [unit], kind: remind, colour: green}
        - {at: -6wd, to: [unit], kind: remind, colour: green}
        """
    assert [p.partition("：")[0] for p in problems(tmp_path, stage(rungs, limit="五天"))] == ["stages.check.limit"]
    for first, where in (("[unit], kind: urge, colour: pink", "colour"), ("[unti], kind: urge, colour: red", "to")):
        rungs = f"""
            - {{at: 0, to: {first}}}
            - {{at: +5wd, to: [lead], kind: refer, colour: red, served: unit}}
            """
        (problem,) = refused(write(tmp_path, ledger_stage(rungs))).problems
        assert problem.where == f"stages.complete.ladder[1].{where}"


# Keys written twice


def test_a_key_written_twice_is_told_with_its_line(tmp_path: Path) -> None:
    content = """\
        name: 甲
        stages:
          decide:
            limit: 3wd
            limit: 4wd
            ladder:
              - {at: 0, to: [lead], kind: urge, colour: yellow}
          refer: {limit: 3wd, ladder: [{at: 0, to: [lead], "at": 0, kind: urge, colour: yellow}]}
          decide:
            limit: 3wd
            ladder:
              - {at: 0, to: [lead], kind: urge, colour: purple}
        name: 乙
        """
    assert sorted(problems(tmp_path, dedent(content))) == sorted(
        [
            "第5行：同一个键写了两次（原值：limit）",
            "第8行：同一个键写了两次（原值：at）",
            "第9行：同一个键写了两次（原值：decide）",
            "第13行：同一个键写了两次（原值：name）",
            f"stages.decide.ladder[1].colour：不认识的写法，可用：{COLOURS}（原值：purple）",
        ]
    )


def test_the_same_key_at_two_places_is_no_repetition(tmp_path: Path) -> None:
    """Also where an anchor lets one rung stand in two stages."""
    content = """
        stages:
          decide: {limit: 3wd, ladder: [&rung {at: 0, to: [lead], kind: urge, colour: yellow}]}
          review: {limit: 3wd, ladder: [*rung]}
        """
    policy = read(tmp_path, content)
    assert policy.ladders[Stage.DECIDE].rungs == policy.ladders[Stage.REVIEW].rungs


# Files that cannot be read at all


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("stages:\n  accept: [\n", "第3行：写法有误"),
        ("stages:\n  accept: {limit: 2wd\n  check: 5", "第3行：写法有误"),
        ("stages:\n\taccept: 1", "第2行：写法有误"),
        ("name: 甲\n---\nname: 乙", "第2行：写法有误"),
        ("? [a, b]\n: 1", "第1行：写法有误"),
        ("stages: *nowhere", "第1行：写法有误"),
        ("stages: &all [*all]", "第1行：写法有误"),
        ("stages: &all {check: *all}", "第1行：写法有误"),
        ("name: 甲\nstages: \x07\n\n", "第2行：有不能使用的控制字符"),
        ('name: "\\UFFFFFFFF"', "写法有误"),
        ('name: "\\U00110000"', "写法有误"),
        (f"%YAML {'1' * 5000}.1\n---\nname: 甲", "写法有误"),
        ("[" * 5000, "括号套得太深"),
    ],
)
def test_what_is_not_yaml(content: str, problem: str, tmp_path: Path) -> None:
    refusal = refused(write(tmp_path, content))
    assert refusal.zh == "升级阶梯文件 policy.yaml 不是合法的 YAML。"
    assert refusal.cure == "请检查缩进、冒号和括号。"
    assert list(map(str, refusal.problems)) == [problem]


def test_a_missing_file(tmp_path: Path) -> None:
    refusal = refused(tmp_path / "policy.yaml")
    assert refusal.zh == f"没有升级阶梯文件 {tmp_path / 'policy.yaml'}。"


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert refused(tmp_path).zh == f"读不了升级阶梯文件 {tmp_path}。"


def test_a_file_in_another_encoding(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_bytes("name: 本单位".encode("gb18030"))
    refusal = refused(path)
    assert (refusal.zh, refusal.cure) == (
        "升级阶梯文件 policy.yaml 不是 UTF-8 文本。",
        "请另存为 UTF-8 编码后重试。",
    )


# The digest


def digest_of(folder: Path, content: str) -> str:
    policy = read(folder, dedent(content))
    assert policy.digest == hashlib.sha256(policy.content.encode()).hexdigest()
    return policy.digest


WRITTEN = """\
    name: 本单位
    stages:
      decide:
        limit: 3wd
        ladder:
          - {at: 0, to: [lead], kind: urge, colour: yellow}
          - {at: +1wd, to: [lead, general], kind: overdue, colour: red}
    """


@pytest.mark.parametrize(
    ("content", "because"),
    [
        ("# 说明\n" + dedent(WRITTEN).replace("3wd", "3wd  # 三天"), "comments say nothing"),
        (dedent(WRITTEN).replace("at: 0, to: [lead]", "to: [lead], at: 0"), "nor does the order of keys"),
        ("stages:" + dedent(WRITTEN).partition("stages:")[2] + "name: 本单位\n", "at any level"),
        (dedent(WRITTEN).replace("0,", '"0",').replace("lead]", "'lead']"), "nor do quotes"),
        ("\ufeff" + dedent(WRITTEN), "nor does a byte order mark"),
        (dedent(WRITTEN) + "evidence: " + json.dumps(json.loads(DEFAULT.content)["evidence"]), "nor do the default's"
         " rules of evidence"),
        (dedent(WRITTEN) + "  accept: " + json.dumps(json.loads(DEFAULT.content)["stages"]["accept"]), "nor does the"
         " default written out"),
    ],
)  # fmt: skip
def test_what_leaves_the_digest_alone(content: str, because: str, tmp_path: Path) -> None:
    assert digest_of(tmp_path, content) == digest_of(tmp_path, WRITTEN), because


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("本单位", "外单位"),
        ("3wd", "4wd"),
        ("at: 0", "at: +0"),
        ("yellow", "orange"),
        ("kind: urge", "kind: remind"),
        ("[lead, general]", "[lead]"),
        ("colour: red", "colour: red, every: 5wd"),
        ("decide", "review"),
        ("- {at: 0, to: [lead], kind: urge, colour: yellow}", ""),
        ("limit: 3wd", "limit: 3wd\n        ask_before: 2wd"),
        ("limit: 3wd", "limit: 3wd\n        at_most: 20d"),
        ("name: 本单位", "name: 本单位\n    evidence: {max_size: 5MB}"),
        ("name: 本单位", "name: 本单位\n    evidence: {types: [pdf]}"),
    ],
)
def test_what_changes_the_digest(old: str, new: str, tmp_path: Path) -> None:
    changed = WRITTEN.replace(old, new)
    assert changed != WRITTEN
    assert digest_of(tmp_path, changed) != digest_of(tmp_path, WRITTEN)


def test_the_content_holds_every_stage_in_force(tmp_path: Path) -> None:
    """So that a notice of long ago can be painted and explained by the policy of its day."""
    content = json.loads(read(tmp_path, WRITTEN).content)
    assert content["name"] == "本单位"
    assert set(content["stages"]) == set(Stage)
    assert content["evidence"]["max_size"] == "100MB"
    assert content["stages"]["decide"]["ladder"][0] == {"at": "0", "to": ["lead"], "kind": "urge", "colour": "yellow"}


# Rungs that no clock ever stands on


# fmt: off
REACH = [
    ("complete", "ledger", "+5wd +5wd", {1}, "the same offset twice: the later one counts"),
    ("complete", "ledger", "+5wd 5wd", {1}, "however it is written"),
    ("complete", "ledger", "0 0d", {1}, "0 has no unit"),
    ("complete", "ledger", "+5wd 0", {1}, "out of order"),
    ("complete", "ledger", "+5wd 0 +5wd", {1}, "out of order once, in order once"),
    ("complete", "ledger", "-1wd 0", set(), "they are one day only where the due date is a rest day"),
    ("complete", "ledger", "-1d 0 +1d", set(), "so are these"),
    ("complete", "ledger", "-400wd -300wd", set(), "the ledger's clocks may open however early"),
    ("complete", "ledger", "+5wd +5d", {1}, "five working days are never less than five days"),
    ("complete", "ledger", "+5d +5wd", set(), "but mostly more"),
    ("complete", "ledger", "+1d +1wd", {1}, "a day after moves to the first working day after"),
    ("complete", "ledger", "+1wd +1d", {1}, "so these two are one"),
    ("complete", "ledger", "-1wd -1d", {1}, "the working day before lies no later than the day before"),
    ("complete", "ledger", "+5wd +7d", set(), "a make-up weekend brings +5wd forward"),
    ("complete", "ledger", "+7d +5wd", set(), "a holiday puts it off"),
    ("complete", "ledger", "+30d +10wd", {1}, "no holiday is so long"),
    ("check", "5wd", "-5wd -4wd", set(), "the day of opening is the clock's own"),
    ("check", "5wd", "-6wd -5wd", {1}, "but what lies before it is passed over"),
    ("check", "5wd", "-20wd -10wd -6wd 0", {1, 2}, "the last of those before the opening is said at once"),
    ("check", "5wd", "-20wd -4wd", set(), "alone before the opening, it is said at once"),
    ("check", "5wd", "-400d -300d", {1}, "in calendar days too"),
    ("check", "5wd", "-20d -7d", set(), "a week is five working days, unless weekends are worked or weekdays free"),
    ("follow_up", "1m", "-30wd -25wd", {1}, "a month is never 25 working days"),
    ("follow_up", "1m", "-30wd -20wd", set(), "but it may be more than 20"),
    ("follow_up", "6m", "-30wd -25wd", set(), "half a year is"),
    ("follow_up", "20wd", "-30wd -25wd", {1}, "and a limit in working days counts as elsewhere"),
]
# fmt: on


@pytest.mark.parametrize(("name", "limit", "ats", "never"), [row[:4] for row in REACH], ids=[row[4] for row in REACH])
def test_the_rungs_that_can_never_be_reached(name: str, limit: str, ats: str, never: set[int], tmp_path: Path) -> None:
    rungs = "\n".join(f"- {{at: {at}, to: [lead], kind: urge, colour: red}}" for at in ats.split())
    path = write(tmp_path, stage(rungs, name, limit))
    assert blamed(path) == {(n - 1, Role.LEAD) for n in never}


def test_each_role_has_its_own_row(tmp_path: Path) -> None:
    content = ledger_stage("""
        - {at: +1wd, to: [unit, lead], kind: urge, colour: red}
        - {at: 0, to: [lead], kind: urge, colour: red}
        - {at: 0, to: [unit], kind: overdue, colour: yellow}
        - {at: 0, to: [head], kind: overdue, colour: blue}
        """)
    told = "来说这一档永远轮不到：后面的档总是同日或更早"
    assert problems(tmp_path, content) == [
        f"stages.complete.ladder[1]：对责任单位{told}",
        f"stages.complete.ladder[1]：对牵头领导{told}",
    ]
    content = stage("""
        - {at: -9wd, to: [lead], kind: remind, colour: green}
        - {at: -7wd, to: [lead], kind: remind, colour: green}
        """)
    told = "来说这一档永远轮不到：开始计时的时候，后面的档总是已经到了"
    assert problems(tmp_path, content) == [f"stages.check.ladder[1]：对牵头领导{told}"]


def blamed(path: Path) -> set[tuple[int, Role]]:
    """The rungs, from 0, and roles that the file is refused for as never reached; no other refusal counts."""
    try:
        load_policy(path, REAL)
    except PolicyRefused as refusal:
        found = set()
        for problem in refusal.problems:
            place = re.fullmatch(r"stages\.\w+\.ladder\[(\d+)\]", problem.where)
            told = re.match(r"对(\w+)来说这一档永远轮不到", problem.text)
            assert place, problem
            assert told, problem
            role = next(role for role, zh in ROLE_ZH.items() if zh == told[1])
            found.add((int(place[1]) - 1, role))
        return found
    return set()


def test_they_are_tried_in_three_announced_years() -> None:
    assert (TRIED[0], TRIED[-1], len(TRIED)) == (date(2023, 1, 1), date(2025, 12, 31), 1096)
    assert REAL.provisional_between(TRIED[0], TRIED[-1]) is None


@cache
def works(day: date) -> bool:
    return REAL.is_workday(day)


@cache
def walked(due_on: date, at: Offset) -> date:
    """The rung date, one day at a time."""
    day, left = due_on, abs(at.n)
    step = DAY if at.n > 0 else -DAY
    while left:
        day += step
        left -= works(day) if at.unit is OffsetUnit.WORKDAYS else 1
    while not works(day):
        day += step
    return day


def clocks(limit: str) -> Iterator[tuple[date, date]]:
    """Opened on, due on: for each of the days tried."""
    for day in TRIED:
        if limit == "ledger":
            yield day - 200 * DAY, day
        elif limit.endswith("m"):
            due_on = pendulum.Date(day.year, day.month, day.day).add(months=int(limit[:-1]))
            yield day, date.fromordinal(due_on.toordinal())
        else:
            yield day, walked(day, Offset.parse(limit))


Row = tuple[Offset, tuple[Role, ...]]


def stood_on(limit: str, rows: list[Row]) -> set[tuple[int, Role]]:
    """Every rung and role that some clock stands on, on some working day of its life."""
    everything = {(index, role) for index, (_, to) in enumerate(rows) for role in to}
    found: set[tuple[int, Role]] = set()
    for opened_on, due_on in clocks(limit):
        dates = [walked(due_on, at) for at, _ in rows]
        for day in working_days(max(opened_on, min(dates)), max(opened_on, *dates)):
            for role in Role:
                reached = [index for index, (_, to) in enumerate(rows) if role in to and dates[index] <= day]
                found |= {(reached[-1], role)} if reached else set()
        if found == everything:
            break
    return found


def working_days(first: date, last: date) -> Iterator[date]:
    """Up to the first one on or after `last`."""
    day = first
    while day < last or not works(day):
        if works(day):
            yield day
        day += DAY
    yield day


@st.composite
def small_ladders(draw: st.DrawFn) -> tuple[str, str, list[Row]]:
    name, limit, low = draw(
        st.sampled_from(
            [
                ("complete", "ledger", -9),
                ("check", "1wd", -9),
                ("review", "5wd", -12),
                ("follow_up", "1m", -34),
                ("follow_up", "3wd", -9),
            ]
        )
    )
    ns = draw(st.lists(st.integers(low, 9) | st.integers(-2, 2), min_size=2, max_size=4))
    rows = []
    for n in sorted(ns) if draw(st.booleans()) else ns:
        unit = draw(st.sampled_from(("wd", "d")))
        to = draw(st.sampled_from(((Role.UNIT,), (Role.LEAD,), (Role.UNIT, Role.LEAD))))
        rows.append((Offset.parse(f"{n:+}{unit}"), to))
    return name, limit, rows


@settings(max_examples=60, deadline=None)
@given(small_ladders())
def test_never_reached_means_that_no_clock_ever_stands_there(
    tmp_path_factory: pytest.TempPathFactory, small: tuple[str, str, list[Row]]
) -> None:
    name, limit, rows = small
    rungs = [{"at": at.text, "to": list(map(str, to)), "kind": "urge", "colour": "red"} for at, to in rows]
    content = yaml.safe_dump({"stages": {name: {"limit": limit, "ladder": rungs}}})
    everything = {(index, role) for index, (_, to) in enumerate(rows) for role in to}
    path = write(tmp_path_factory.getbasetemp(), content)
    assert blamed(path) == everything - stood_on(limit, rows)


# Anything at all

WORDS = [
    *("name", "stages", "limit", "ladder", "immediate", "at", "to", "kind", "colour", "every", "served", "ledger"),
    *("evidence", "max_size", "types", "returned", "ask_before", "at_most", "none", "50MB", "0KB", "pdf", "1wd"),
    *map(str, (*Stage, *Role, *NoticeKind, *Colour)),
    *("0", "5wd", "-20wd", "+30d", "6m", "-6d", "²wd", "<<", "=", "~", "2023-02-30", "0x1F", "1_000", "!!int x"),
]
scalars = (
    st.sampled_from(WORDS)
    | st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.dates()
    | st.binary(max_size=4)
)
keys = st.sampled_from(WORDS) | st.text(max_size=4) | st.integers(-1, 1) | st.none()
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=5), max_leaves=25
)
VALID: dict[str, Any] = {**json.loads(DEFAULT.content), "name": "试"}


def places(value: object) -> Iterator[tuple[Any, ...]]:
    """The path to each value inside."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in inside:
        yield (key,)
        for place in places(inner):
            yield (key, *place)


PLACES = list(places(VALID))


@st.composite
def nearly_valid(draw: st.DrawFn) -> object:
    """The default policy with something else at one of its places, and perhaps at another below."""
    document: Any = deepcopy(VALID)
    for place in sorted(draw(st.lists(st.sampled_from(PLACES), min_size=1, max_size=3)), key=len, reverse=True):
        inner = document
        for key in place[:-1]:
            inner = inner[key]
        inner[place[-1]] = draw(anything)
    return document


def only_ever_refuses(folder: Path, content: bytes) -> None:
    path = folder / "policy.yaml"
    path.write_bytes(content)
    try:
        policy = load_policy(path, REAL)
    except PolicyRefused as refusal:
        for problem in refusal.problems:
            assert str(problem).isprintable()
            assert "None" not in problem.text
    else:
        assert set(policy.ladders) == set(Stage)
        assert all(ladder.rungs for ladder in policy.ladders.values())
        assert policy.immediate.workdays
        assert policy.returned.workdays
        assert policy.evidence.max_bytes > 0
        assert policy.evidence.types


@settings(max_examples=150, deadline=None)
@given(anything | nearly_valid())
def test_any_structure_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, document: object) -> None:
    content = yaml.safe_dump(document, allow_unicode=True).encode()
    only_ever_refuses(tmp_path_factory.getbasetemp(), content)


TOKENS = [*WORDS, *"{}[]:,-?!&*#|>%@'\"\\ \n\t"]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(TOKENS), max_size=40).map(lambda tokens: "".join(tokens).encode()) | st.binary())
def test_any_text_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    only_ever_refuses(tmp_path_factory.getbasetemp(), content)
