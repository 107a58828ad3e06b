"""Forms as people and programs hand them in: what is read, and what is said of what cannot be."""

import json
import re
from datetime import date
from typing import Any

import pytest
from pydantic import BaseModel

from flows.forms import (
    AssignmentForm,
    ClosureReviewForm,
    ClosureZh,
    EvidenceFile,
    EvidenceKindZh,
    FollowUpForm,
    Form,
    ReviewStep,
    SelfCheckForm,
    SupervisionCheckForm,
    in_words_of_forms,
    read_form,
    title_of,
)
from models.closure import EVIDENCE_ZH
from models.errors import FormRefused
from models.lifecycle import CLOSURE_ZH, ClosureClass

FORMS = (AssignmentForm, SelfCheckForm, SupervisionCheckForm, ClosureReviewForm, FollowUpForm)
OPEN: dict[str, Any] = {"by": "zhuhe", "measures": ["1"], "step": "发起销号审核"}
REPORT: dict[str, Any] = {"by": "a", "measure": "1", "step": "报告回头看情况", "statement": "保持良好"}


def refusal(kind: type[Form], given: object) -> str:
    with pytest.raises(FormRefused) as found:
        read_form(kind, given)
    return found.value.zh


def test_a_form_is_read_as_its_page_sends_it() -> None:
    form = read_form(ClosureReviewForm, {**OPEN, "due_on": None, "on": "2023-06-26", "missing": [], "reason": " 齐全 "})
    assert (form.nos, form.step, form.on, form.reason) == (("1",), ReviewStep.OPEN, date(2023, 6, 26), "齐全")


@pytest.mark.parametrize(
    ("field", "given", "read"),
    [
        ("measures", "1-2", ("1-2",)),
        ("measures", 7, ("7",)),
        ("measures", ["1", "", None, 3], ("1", "3")),
        ("on", "2023-06-26T00:00:00.000Z", date(2023, 6, 26)),
        ("on", "", None),
        ("follow_up", "", None),
        ("version", "", None),
        ("version", "4", 4),
        ("as_party", None, None),
    ],
)
def test_what_programs_and_templates_write_is_understood(field: str, given: object, read: object) -> None:
    assert getattr(read_form(ClosureReviewForm, {**OPEN, field: given}), field) == read


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "经办人（by）：没有填写"),
        (None, "应为一份表单"),
        ("{}", "经办人（by）：没有填写"),
        ("同意", "应为一份表单"),
        ([OPEN], "应为一份表单"),
        ({**OPEN, "by": "  "}, "经办人（by）：没有填写"),
        ({**OPEN, "by": ["a"]}, "经办人（by）：应为文字（原值：['a']）"),
        ({**OPEN, "step": "open"}, "办理事项（step）：只能是'发起销号审核'、'同意销号'、'不予销号'（原值：open）"),
        ({**OPEN, "on": "下周一"}, "办理日期（on）：“下周一”不是日期"),
        ({**OPEN, "on": "2023-02-30"}, "办理日期（on）：日历上没有“2023-02-30”这一天"),
        ({**OPEN, "on": "2023-06-26T08:30:00"}, "办理日期（on）：“2023-06-26T08:30:00”不是日期"),
        ({**OPEN, "on": 20230626}, "办理日期（on）：“20230626”不是日期"),
        ({**OPEN, "on": True}, "办理日期（on）：“True”不是日期"),
        ({**OPEN, "measures": {"no": 1}}, "措施编号（measures）：应为一个或几个"),
        ({**OPEN, "measures": [["1"]]}, "措施编号（measures）第1项：应为文字"),
        ({**OPEN, "version": "新"}, "看到的版本（version）：应为整数（原值：新）"),
        ({**OPEN, "version": 0}, "看到的版本（version）：应为不小于1的整数"),
        ({**OPEN, "version": 10**30}, "看到的版本（version）：数字过大"),
        ({**OPEN, "by": "a" * 201}, "经办人（by）：超过200字（原值：aaa"),
        ({**OPEN, "measures": ["1", "9" * 400_000]}, "措施编号（measures）第2项：超过200字"),
        ({**OPEN, "every": "也许"}, "全部（every）：应为是或否"),
        ({**OPEN, "measure": "1"}, "“measure”：没有这一栏"),
        ({**OPEN, "measures": []}, "请写明措施编号，或选“全部”（不能同用）"),
        ({**OPEN, "every": True}, "请写明措施编号，或选“全部”（不能同用）"),
        ({**OPEN, "due_on": "2023-07-01"}, "“新的时限”和“还缺什么”只用于退回整改"),
        ({**OPEN, "step": "同意销号", "missing": ["印发稿"]}, "“新的时限”和“还缺什么”只用于退回整改"),
        ({**OPEN, "step": "同意销号", "follow_up": "6m"}, "“回头看间隔”只用于对写明编号的措施发起审核"),
        ({**OPEN, "step": "同意销号", "measures": [], "every": True}, "作出决定须写明措施编号，不能选“全部”"),
    ],
)
def test_what_is_wrong_with_a_review_is_said_in_chinese(given: object, said: str) -> None:
    assert said in refusal(ClosureReviewForm, given)


@pytest.mark.parametrize(
    ("kind", "given", "said"),
    [
        (FollowUpForm, {**REPORT, "statement": " "}, "请写明“回头看情况”"),
        (FollowUpForm, {**REPORT, "due_on": "2023-07-01"}, "“新的时限”不用于报告和核查通过"),
        (FollowUpForm, {**REPORT, "missing": ["台账"]}, "“还缺什么”只用于退回整改"),
        (FollowUpForm, {**REPORT, "step": "重新整改"}, "只用于报告回头看情况"),
        (SupervisionCheckForm, {"by": "a", "measure": "1", "step": "核查通过", "missing": ["x"]}, "只用于退回整改"),
        (AssignmentForm, {"by": "a", "step": "签收", "every": True}, "签收须写明措施编号"),
        (
            AssignmentForm,
            {"by": "a", "step": "交办", "every": True, "due_on": "2023-07-01"},
            "“完成时限”只用于交办写明编号的措施",
        ),
        (
            AssignmentForm,
            {"by": "a", "step": "签收", "measures": ["1"], "unit": "D1", "cooperating": ["D2"]},
            "“责任单位”只用于交办写明编号的措施；“配合单位”只用于交办写明编号的措施",
        ),
        (AssignmentForm, {"by": "a", "step": "交办", "every": True, "closure": "长期坚持"}, "“销号类别”只用于交办写明"),
        (AssignmentForm, {"by": "a", "step": "交办", "measures": ["1"], "closure": "办结"}, "只能是'限时办结'、"),
        (SelfCheckForm, {"by": "a", "measure": "1"}, "整改情况说明（statement）：没有填写"),
        (
            SelfCheckForm,
            {"by": "a", "measure": "1", "statement": "已办", "evidence": [{"file": "a.txt", "kind": "证据"}, {}, 3]},
            "第1项的材料类别：只能是'佐证'、'制度'、'业务规范'、'专项整治'、'其他'（原值：证据）；"
            "佐证材料（evidence）第2项的文件名：没有填写；佐证材料（evidence）第3项：应写明文件名和类别（原值：3）",
        ),
    ],
)
def test_what_does_not_go_together_in_the_other_forms(kind: type[Form], given: object, said: str) -> None:
    assert said in refusal(kind, given)


def test_an_assignment_fills_in_what_the_ledger_left_open() -> None:
    form = read_form(
        AssignmentForm,
        {
            "by": "a",
            "step": "交办",
            "measures": "1",
            "unit": "D1",
            "lead": "",
            "cooperating": "D2",
            "closure": "长期坚持",
        },
    )
    assert (form.unit, form.lead, form.cooperating) == ("D1", None, ("D2",))
    assert form.closure and form.closure.closure is ClosureClass.SUSTAINED
    assert read_form(AssignmentForm, {"by": "a", "step": "交办", "measures": "1", "closure": ""}).closure is None


def test_every_closure_class_is_offered_by_its_name() -> None:
    assert {one.value: one.closure for one in ClosureZh} == {zh: closure for closure, zh in CLOSURE_ZH.items()}


def test_everything_that_is_wrong_is_said_at_once_in_one_sentence() -> None:
    said = refusal(ClosureReviewForm, {"step": "开会", "on": "明天", "注": 1})
    assert all(name in said for name in ("经办人（by）", "办理事项（step）", "办理日期（on）", "“注”"))
    assert said.count("。") == 1
    assert said.endswith("。")


def fields_of(schema: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        field for one in (schema, *schema.get("$defs", {}).values()) for field in one.get("properties", {}).values()
    ]


@pytest.mark.parametrize("kind", FORMS)
def test_every_field_has_a_chinese_title_for_the_page(kind: type[Form]) -> None:
    for field in fields_of(kind.model_json_schema()):
        assert re.search(r"[一-鿿]", field["title"]), field
    assert re.search(r"[一-鿿]", kind.model_json_schema()["description"])


@pytest.mark.parametrize("kind", FORMS)
def test_who_signs_comes_last_and_dates_are_dates(kind: type[Form]) -> None:
    fields = kind.model_json_schema()["properties"]
    own = [name for name in fields if name not in Form.model_fields]
    assert list(fields) == [*own, *Form.model_fields]
    assert fields["on"]["format"] == "date"


@pytest.mark.parametrize("kind", FORMS)
def test_nothing_that_decides_is_filled_in_beforehand(kind: type[Form]) -> None:
    required = set(kind.model_json_schema()["required"])
    assert required >= {"by"} | ({"step"} & kind.model_fields.keys())


def test_the_kinds_of_evidence_are_those_of_the_rules() -> None:
    assert {one.kind: one.value for one in EvidenceKindZh} == dict(EVIDENCE_ZH)
    assert issubclass(EvidenceFile, BaseModel)


def test_an_event_hands_a_form_in_as_text() -> None:
    assert read_form(ClosureReviewForm, json.dumps(OPEN)).nos == ("1",)
    assert "应为一份表单" in refusal(ClosureReviewForm, "[1, 2]")
    assert "应为一份表单" in refusal(ClosureReviewForm, "{")


@pytest.mark.parametrize(
    ("given", "title"),
    [
        (OPEN, "1（发起销号审核）"),
        (json.dumps({**OPEN, "measures": ["1", 2]}), "1、2（发起销号审核）"),
        (read_form(ClosureReviewForm, {**OPEN, "measures": [], "every": True}), "全部（发起销号审核）"),
        ({"measure": "3-1", "by": "a"}, "3-1"),
        ({"measures": {"a": 1}, "step": 5}, "（未写编号）"),
        ({"measure": "1\x002"}, "1 2"),
        (None, "（未写编号）"),
        ("同意", "（未写编号）"),
        ([1], "（未写编号）"),
    ],
)
def test_a_run_can_be_named_however_broken_its_form_is(given: object, title: str) -> None:
    assert title_of(given) == title


def test_a_sentence_of_the_rules_speaks_of_fields_and_not_of_options() -> None:
    assert in_words_of_forms("请用 --reason 写明理由。") == "请在“理由或意见”一栏写明理由。"
    assert in_words_of_forms("交办时用 --due-on 写明日期。") == "交办时在“时限”一栏写明日期。"
    assert (
        in_words_of_forms("请去掉 --on（或环境变量 DUBAN_TODAY）") == "请不填“办理日期”一栏（或环境变量 DUBAN_TODAY）"
    )
    assert in_words_of_forms("请用 duban measures 查看编号。") == "请用 duban measures 查看编号。"
