"""The forms of the lifecycle flows: what Prefect's pages show, and what its API and events hand in. No Prefect here.

A form says who decides what about which measures. `read_form` checks one and says in Chinese what is wrong with it;
whether the action is allowed is asked of the rules later.
"""

import json
import re
from abc import abstractmethod
from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, GetJsonSchemaHandler, ValidationError
from pydantic.json_schema import JsonSchemaValue, SkipJsonSchema
from pydantic_core import CoreSchema, ErrorDetails

from config.settings import read_day
from models.closure import EvidenceKind
from models.errors import FormRefused, Problem
from models.lifecycle import ClosureClass

MOST_CODE, MOST_VERSION = 200, 1_000_000_000
"""Longer codes, numbers and file names, and higher versions, are none of an office's; a refusal would quote them."""
_MIDNIGHT = re.compile(r"[T ]00:00(:00(\.0+)?)?(Z|[+-]\d\d:\d\d)?$")


def _day(given: object) -> object:
    """Days as people write them; a date picker may add midnight. Empty is none."""
    if given in ("", None) or type(given) is date:
        return given or None
    if not isinstance(given, str):
        raise ValueError(f"“{given}”不是日期，应写成 2023-06-26 的形式。")
    return read_day(_MIDNIGHT.sub("", given.strip()))


def _listed(given: object) -> object:
    """One alone needs no list around it; what was left empty in a list is no entry."""
    if given is None or (isinstance(given, str | int) and not isinstance(given, bool)):
        given = [given]
    return [one for one in given if one not in ("", None)] if isinstance(given, list | tuple) else given


def _none_where_empty(given: object) -> object:
    return None if given == "" else given


Text = Annotated[str, Field(min_length=1)]
Code = Annotated[str, Field(min_length=1, max_length=MOST_CODE)]
Day = Annotated[date | SkipJsonSchema[None], BeforeValidator(_day)]
Texts = Annotated[tuple[Text, ...], BeforeValidator(_listed)]
Codes = Annotated[tuple[Code, ...], BeforeValidator(_listed)]
Word = Annotated[Code | SkipJsonSchema[None], BeforeValidator(_none_where_empty)]
Version = Annotated[
    Annotated[int, Field(ge=1, le=MOST_VERSION)] | SkipJsonSchema[None], BeforeValidator(_none_where_empty)
]


class EvidenceKindZh(StrEnum):
    """What a file is evidence of, as a form's select shows it."""

    PROOF = "佐证"
    RULE = "制度"
    NORM = "业务规范"
    CAMPAIGN = "专项整治"
    OTHER = "其他"

    @property
    def kind(self) -> EvidenceKind:
        return EvidenceKind[self.name]


class Part(BaseModel):
    """How every form, and every piece of one, is read: exactly, and without surrounding spaces."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True, coerce_numbers_to_str=True)


class EvidenceFile(Part):
    """一份佐证材料。"""

    file: Code = Field(title="文件名", description="先放入数据目录的 inbox 文件夹。")
    kind: EvidenceKindZh = Field(EvidenceKindZh.PROOF, title="材料类别")


class Form(Part):
    """Who decides, and how it came in: what every form ends with."""

    by: Code = Field(title="经办人", description="作出决定的人，填通讯录中的代码。")
    as_party: Word = Field(None, title="代表", description="可代表几个责任主体时，填责任主体的代码。")
    reason: str = Field("", title="理由或意见", description="退回、重新整改等必须写明。")
    version: Version = Field(None, title="看到的版本", description="已被他人更新则不办理；可不填。")
    recorded_by: Word = Field(None, title="代录人", description="他人已在纸上签批，由谁录入；须附依据材料。")
    basis: Word = Field(None, title="依据材料", description="签批件等的文件名，先放入数据目录的 inbox 文件夹。")
    on: Day = Field(None, title="办理日期", description="只用于演练环境；正式环境不填，即当天。")

    @property
    @abstractmethod
    def nos(self) -> tuple[str, ...]:
        """The measures that are named, by number."""

    @property
    def wants_every(self) -> bool:
        """Whether all that wait for the step are meant, and not those that are named."""
        return False

    def faults(self) -> Iterator[str]:
        """Fields that do not go together, in Chinese."""
        yield from ()

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """What is the form's own comes first on the page, who signs comes last."""
        schema = handler.resolve_ref_schema(handler(core))
        fields = schema["properties"]
        schema["properties"] = {name: fields[name] for name in sorted(fields, key=lambda one: one in Form.model_fields)}
        return schema


class FormOnOne(Form):
    """A form on one measure."""

    measure: Code = Field(title="措施编号", description="台账中的编号；几个轮次编号相同时写“轮次/编号”。")

    @property
    def nos(self) -> tuple[str, ...]:
        return (self.measure,)


class FormOnMany(Form):
    """A form on measures that are named, or on all that wait for the step."""

    measures: Codes = Field((), title="措施编号", description="一个或几个；几个轮次编号相同时写“轮次/编号”。")
    every: bool = Field(False, title="全部", description="对全部待办理这一步的措施办理，不必写编号。")

    @property
    def nos(self) -> tuple[str, ...]:
        return self.measures

    @property
    def wants_every(self) -> bool:
        return self.every

    def faults(self) -> Iterator[str]:
        if self.every == bool(self.measures):
            yield "请写明措施编号，或选“全部”（不能同用）"


class AssignmentStep(StrEnum):
    """What is done with a draft, and what its unit answers."""

    ASSIGN = "交办"
    ACCEPT = "签收"


class ClosureZh(StrEnum):
    """The closure classes, as a form's select shows them."""

    SETTLED = "限时办结"
    MECHANISM = "完善长效机制"
    SUSTAINED = "长期坚持"

    @property
    def closure(self) -> ClosureClass:
        return ClosureClass[self.name]


class AssignmentForm(FormOnMany):
    """交办措施，或由责任单位签收。"""

    step: AssignmentStep = Field(title="办理事项")
    due_on: Day = Field(None, title="完成时限", description="台账未能定出日期时，由人写明；只用于交办一项措施。")
    unit: Word = Field(None, title="责任单位", description="台账没有写明时填写代码或名称；只用于交办。")
    lead: Word = Field(None, title="牵头领导", description="台账没有写明时填写代码或名称；只用于交办。")
    cooperating: Codes = Field((), title="配合单位", description="台账没有写明时填写代码或名称；只用于交办。")
    closure: Annotated[ClosureZh | SkipJsonSchema[None], BeforeValidator(_none_where_empty)] = Field(
        None, title="销号类别", description="台账没有写明责任主体的，交办时可以写明。"
    )

    def faults(self) -> Iterator[str]:
        yield from super().faults()
        named_only = {
            "完成时限": self.due_on, "责任单位": self.unit, "牵头领导": self.lead, "配合单位": self.cooperating,
            "销号类别": self.closure,
        }  # fmt: skip
        if self.step is AssignmentStep.ACCEPT or self.every:
            yield from (f"“{title}”只用于交办写明编号的措施" for title, given in named_only.items() if given)
        if self.every and self.step is AssignmentStep.ACCEPT:
            yield "签收须写明措施编号，不能选“全部”"


class SelfCheckForm(FormOnOne):
    """责任单位自查上报，转督办组核查。"""

    statement: Text = Field(title="整改情况说明")
    evidence: Annotated[tuple[EvidenceFile, ...], BeforeValidator(_listed)] = Field((), title="佐证材料")


class CheckStep(StrEnum):
    """What supervision finds."""

    PASS = "核查通过"
    FAIL = "退回整改"


class SupervisionCheckForm(FormOnOne):
    """督办组核查：通过，或退回整改。"""

    step: CheckStep = Field(title="核查结论")
    due_on: Day = Field(None, title="新的时限", description="只用于退回整改；不填则按规定推算。")
    missing: Texts = Field((), title="还缺什么", description="只用于退回整改；会告知责任单位。")

    def faults(self) -> Iterator[str]:
        yield from _only_on_return(self.step is CheckStep.FAIL, self.due_on, self.missing)


class ReviewStep(StrEnum):
    """What supervision asks for, and what lead and head answer."""

    OPEN = "发起销号审核"
    APPROVE = "同意销号"
    REJECT = "不予销号"


class ClosureReviewForm(FormOnMany):
    """督办组发起销号审核，或由牵头领导（重大措施并组长）作出决定。"""

    step: ReviewStep = Field(title="办理事项")
    follow_up: Word = Field(None, title="回头看间隔", description="只用于发起；长期坚持的措施，如 6m、60wd。")
    due_on: Day = Field(None, title="新的时限", description="只用于不予销号；不填则按规定推算。")
    missing: Texts = Field((), title="还缺什么", description="只用于不予销号；会告知责任单位。")

    def faults(self) -> Iterator[str]:
        yield from super().faults()
        yield from _only_on_return(self.step is ReviewStep.REJECT, self.due_on, self.missing)
        if self.follow_up and (self.step is not ReviewStep.OPEN or self.every):
            yield "“回头看间隔”只用于对写明编号的措施发起审核"
        if self.every and self.step is not ReviewStep.OPEN:
            yield "作出决定须写明措施编号，不能选“全部”"


class FollowUpStep(StrEnum):
    """What unit, supervision and head do once a measure was closed."""

    REPORT = "报告回头看情况"
    PASS = "回头看核查通过"
    FAIL = "回头看退回整改"
    LOOK_BACK = "开展回头看"
    REOPEN = "重新整改"


class FollowUpForm(FormOnOne):
    """回头看：责任单位报告，督办组核查；也用于开展回头看和重新整改。"""

    step: FollowUpStep = Field(title="办理事项")
    statement: str = Field("", title="回头看情况", description="只用于报告，必须写明。")
    evidence: Annotated[tuple[EvidenceFile, ...], BeforeValidator(_listed)] = Field(
        (), title="佐证材料", description="只用于报告。"
    )
    due_on: Day = Field(None, title="新的时限", description="不用于报告和核查通过；不填则按规定推算。")
    missing: Texts = Field((), title="还缺什么", description="只用于退回整改；会告知责任单位。")

    def faults(self) -> Iterator[str]:
        reports = self.step is FollowUpStep.REPORT
        if not reports and (self.statement or self.evidence):
            yield "“回头看情况”和“佐证材料”只用于报告回头看情况"
        if reports and not self.statement:
            yield "请写明“回头看情况”"
        if self.due_on and self.step in (FollowUpStep.REPORT, FollowUpStep.PASS):
            yield "“新的时限”不用于报告和核查通过"
        if self.missing and self.step is not FollowUpStep.FAIL:
            yield "“还缺什么”只用于退回整改"


def _only_on_return(returns: bool, due_on: date | None, missing: tuple[str, ...]) -> Iterator[str]:
    if not returns and (due_on or missing):
        yield "“新的时限”和“还缺什么”只用于退回整改"


AForm = TypeVar("AForm", bound=Form)


def read_form(kind: type[AForm], given: object) -> AForm:
    """The form, whole and in itself consistent. Raises FormRefused with everything that is wrong with it.

    An event hands it in as JSON text, of which Prefect reads nothing.
    """
    try:
        form = kind.model_validate(unpacked(given))
    except ValidationError as error:
        # Of a value that may also be left out, "is not none" says nothing more.
        found = [one for one in error.errors(include_url=False) if one["type"] != "none_required"]
        raise _refused([_problem(kind, one) for one in found]) from error
    if faults := [Problem(fault) for fault in form.faults()]:
        raise _refused(faults)
    return form


def unpacked(given: object) -> object:
    """What a form holds, where it came as JSON text; anything else as it is."""
    if not isinstance(given, str):
        return given
    try:
        return json.loads(given)
    except ValueError:
        return given


def title_of(given: object) -> str:
    """What a form is about, in a few words, however broken it is: 1-2、1-3（同意销号）."""
    held = given.model_dump() if isinstance(given, Form) else unpacked(given)
    held = held if isinstance(held, dict) else {}
    nos = held.get("measures") or held.get("measure") or ()
    listed = nos if isinstance(nos, list | tuple) else (nos,)
    about = "、".join(_short(no) for no in listed if isinstance(no, str | int)) or "（未写编号）"
    step = held.get("step")
    return f"{'全部' if held.get('every') is True else about}{f'（{_short(step)}）' if isinstance(step, str) else ''}"


def in_words_of_forms(sentence: str) -> str:
    """A sentence of the rules, where it names options of the command line, in the words of a form."""
    named = _WITH_OPTION.sub(lambda found: f"在“{_OPTIONS_ZH[found[1]]}”一栏", sentence)
    return _WITHOUT_OPTION.sub(lambda found: f"不填“{_OPTIONS_ZH[found[1]]}”一栏", named)


_OPTIONS_ZH = {
    "unit": "责任单位", "lead": "牵头领导", "reason": "理由或意见", "basis": "依据材料", "due-on": "时限",
    "statement": "情况说明", "on": "办理日期",
    "follow-up": "回头看间隔", "as": "代表", "missing": "还缺什么", "evidence": "佐证材料",
}  # fmt: skip
_OPTION = rf"--({'|'.join(sorted(_OPTIONS_ZH, key=len, reverse=True))})"
_WITH_OPTION, _WITHOUT_OPTION = re.compile(rf"用 {_OPTION} ?"), re.compile(rf"去掉 {_OPTION}")


def _refused(problems: list[Problem]) -> FormRefused:
    listed = "；".join(str(problem) for problem in problems)
    return FormRefused(f"表单填写有误，未办理：{listed.rstrip('。')}。", problems, "请改正后重新提交。")


def _problem(kind: type[Form], error: ErrorDetails) -> Problem:
    place = error["loc"]
    if not place:
        return Problem("应为一份表单（各栏的名称和内容）", value=_short(error["input"]))
    return Problem(_fault_zh(error), where=_where(kind, place), value=_value(error))


def _where(kind: type[BaseModel], place: tuple[int | str, ...]) -> str:
    """The field as the page names it, with its name in the API: 经办人（by）."""
    name, *rest = place
    field = kind.model_fields.get(str(name))
    title = f"{field.title}（{name}）" if field and field.title else f"“{name}”"
    numbers = "".join(f"第{one + 1}项" for one in rest if isinstance(one, int))
    inner = [EvidenceFile.model_fields[one].title for one in rest if one in EvidenceFile.model_fields]
    return f"{title}{numbers}{''.join(f'的{one}' for one in inner if one)}"


def _fault_zh(error: ErrorDetails) -> str:
    match error["type"], error.get("ctx", {}):
        case "value_error", {"error": ValueError() as said}:
            return str(said).rstrip("。")
        case "enum", {"expected": str() as expected}:
            return f"只能是{expected.replace(' or ', '、').replace(', ', '、')}"
        case kind, _:
            return _FAULTS_ZH.get(kind) or _KINDS_ZH.get(kind.split("_")[0], "内容不对")


_FAULTS_ZH = {
    "missing": "没有填写", "string_too_short": "没有填写", "extra_forbidden": "没有这一栏",
    "greater_than_equal": "应为不小于1的整数", "less_than_equal": "数字过大", "string_too_long": f"超过{MOST_CODE}字",
}  # fmt: skip
_KINDS_ZH = {
    "string": "应为文字",
    "bool": "应为是或否",
    "int": "应为整数",
    "tuple": "应为一个或几个",
    "model": "应写明文件名和类别",
}


def _value(error: ErrorDetails) -> str:
    """What was found, where seeing it helps; of a field that is missing the whole form would be shown."""
    untold = error["type"] in ("missing", "string_too_short", "value_error")
    return "" if untold else _short(error["input"])


def _short(given: Any) -> str:
    text = "".join(char if char.isprintable() else " " for char in str(given)).strip()
    return text if len(text) <= 40 else f"{text[:39]}…"
