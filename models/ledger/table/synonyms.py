"""The words that ledgers head their columns with, and what each means. PURE: words only.

Made from parts, since offices make their headings from parts: whose (牵头, 主办, 责任 …) and what (单位, 科室, 部门 …).
A strong word says its column by itself; a weak one does only where no strong one stands beside it. What a column
of `UNREAD` holds is known, and not read.
"""

from collections.abc import Iterator, Mapping
from itertools import product
from types import MappingProxyType
from typing import TypeVar

from models.ledger.columns import Column

_Meant = TypeVar("_Meant")


def _made(*parts: str) -> Iterator[str]:
    """Every heading that takes one word from each part; "-" lets a part be left out."""
    return ("".join(words).replace("-", "") for words in product(*(part.split() for part in parts)))


_UNITS = (
    "单位 部门 科室 处室 股室 科 处 室 机构 主体 党组织 单位部门 部门单位 科室单位 单位科室 处室单位 部门科室 股室办 "
    "单位(部门) 部门(单位) 科室(单位) 单位(科室) 股室(办) 处室(单位) "
    "处(科)室 科(股)室 处科室 科股室 科队 大队 支队 中队 支部 党支部 学院 院系 系部 站所 站 所 中心 班组 镇街 乡镇 街道"
)
_WHOSE_UNIT = (
    "责任 牵头 主办 主责 承办 牵头责任 主要责任 整改责任 整改牵头 整改主责 整改主办 整改承办 具体责任 主体责任 "
    "直接责任 承担 负责 主要负责 具体承办 具体负责 主要承办 第一责任 责任落实 责任归属 经办 具体落实 具体实施"
)
_OTHERS = (
    "配合 协办 协同 参与 协助 协作 会办 配合责任 协同责任 协办责任 整改配合 共同责任 参加 其他责任 其余责任 "
    "相关责任 联办 会同 其他配合"
)
_WATCHING = "督导 督查 督办 监督 监管 检查 验收 审核 销号 督导督查 督促 跟踪 审查 复核 核查 督查督办 监督责任"
_GIVING = (
    "交办 报送 填报 来文 反馈 下达 申报 发文 上报 提出 移交 转办 被巡察 被巡视 被审计 被检查 被督查 被巡 受检 涉及 "
    "问题 填表 制表"
)
_BODIES = (
    "- 市 县 区 省 局 委 厅 院 校 镇 乡 部 处 所 公司 集团 中心 党委 党组 班子 校级 院级 县级 市级 区级 处级 "
    "厅级 局级 市委 县委"
)
_WHO = (
    "填报 责任 整改责任 具体责任 直接责任 第一责任 主要责任 主办 经办 具体经办 承办 整改 联系 负责 具体负责 "
    "主要负责 主管 填表 审核 督办 牵头责任"
)
_INSPECTIONS = (
    "- 巡视 巡察 审计 检查 督查 督察 考核 评估 督导 自查 抽查 中央巡视 省委巡视 市委巡察 县委巡察 区委巡察 巡视巡察 "
    "专项巡察 专项巡视 省委巡视组 市委巡察组 县委巡察组 区委巡察组 巡察组 巡视组 检查组 督查组 审计组 上级 专项检查 "
    "监督检查"
)
_FOUND = "反馈 发现 指出 查出 反馈的 发现的 指出的 查出的 移交 提出 查摆 查摆的 查摆出的 对照检查"
_DONE = (
    "整改到位 到位 完成整改 完成 整改 办结 办理 工作完成 任务完成 整改完成 整改办结 审计整改 落实 解决 整改落实 "
    "措施完成 问题整改 整改工作 任务 工作"
)
_LIMITS = "时限 期限 限期 截止时间 截止日期 截止期限 时限要求 期限要求 最后期限 最迟时限 截止日 截止期 时限安排"
_TIMES = "时间 日期 时间节点 节点 节点时间 时间要求 时间安排 日期要求 进度安排 时间表 截止"
_INTENDED = "要求 计划 预计 拟 限定 应 拟定 规定 目标 最迟 最晚 限期 承诺 拟于 计划整改 预计整改 要求整改 整改拟"

_STRONG: Mapping[Column, tuple[str, ...]] = {
    Column.NO: tuple(_made("序号 编号 问题编号 督办编号 问题序号 项目编号 整改编号 台账编号 任务编号")),
    Column.PROBLEM: (
        *_made(_INSPECTIONS, _FOUND, "- 主要 具体 突出 存在的 主要隐患或", "问题"),
        *_made("- 存在 存在的 整改 主要 具体 突出 共性 个性 待整改 需整改", "问题"),
        *_made("问题", "内容 描述 详情 概述 摘要 简述 具体内容 事项 清单 隐患 和不足"),
        *_made("反馈", "问题及意见 意见问题 问题表述 意见内容"),
        *_made("存在的 主要 反馈的", "主要问题 突出问题 具体问题 问题和不足 问题及表现 问题及不足"),
    ),
    Column.TEXT: (
        *_made(
            "- 整改 具体整改 主要 主要整改 工作 改进 落实 解决 整改落实 整改工作 拟采取 拟采取的 采取的 应对 "
            "防范整改 治理 整治 改正 纠正 推进 防控 防范 制定的 整改的 拟定的 落实的",
            "措施 举措",
        ),
        *_made("整改措施或建议 整改具体措施 整改具体举措 整改办法 整改方法 整改对策 整改任务及措施 整改办法措施"),
        *_made("采取的整改措施"),
        *_made("对策措施 整改安排"),
    ),
    Column.SUB: (
        *_made("具体 细化 分项 子 细分 具体落实 细化整改 分解", "措施 举措"),
        *_made("具体整改措施 具体整改举措 措施分解 任务分解 细化任务 具体任务 措施细化 具体工作措施"),
    ),
    Column.LEAD: (
        *_made("牵头 责任 牵头责任 整改责任 整改牵头 领衔 牵头负责 主责", _BODIES, "领导"),
        *_made("牵头 责任", "领导同志 领导姓名 领导班子成员 班子成员"),
    ),
    Column.UNIT: (*_made(_WHOSE_UNIT, _UNITS), *_made("整改", "单位 主体 部门 科室")),
    Column.COOPERATING: tuple(_made(_OTHERS, _UNITS)),
    Column.LIMIT: (
        *_made(f"- {_DONE}", _LIMITS),
        *_made(_INTENDED, "完成 办结 整改 销号", f"{_LIMITS} 时间 日期 时间节点"),
        *_made(f"{_INTENDED} 限办", _LIMITS),
    ),
    Column.CLOSURE: tuple(_made("销号类别 销号类型 销号分类 办结类别 办结类型 销号方式")),
    Column.MAJOR: ("重大", *_made("是否 是否为 是否属于 是否属", "重大 重大问题 重大事项 重大隐患")),
}

_WEAK: Mapping[Column, tuple[str, ...]] = {
    Column.NO: tuple(
        _made(
            "序列号 顺序号 问题序次 整改序号 条目 项目号 编码 项号 条号 任务号 序 号 "
            "项次 行号 措施编号 措施序号 任务序号 No NO no No. NO."
        )
    ),
    Column.PROBLEM: (
        *_made(_INSPECTIONS, "反馈意见 指出意见"),
        *_made("问题", "具体情况 要点 点位 表现 具体表现 情况"),
        *_made(
            "问题标题 问题名称 检查描述 整改任务 督查内容 督办内容 督办事项 督查事项 整改事项 反馈意见 "
            "问题表现 存在不足 主要不足 突出短板 隐患问题"
        ),
        *_made("具体表现 隐患描述 隐患内容 主要表现 反馈内容"),
    ),
    Column.TEXT: tuple(
        _made(
            "整改计划 解决办法 整改做法 整改具体做法 整改项目 工作计划 审计整改要求和建议 "
            "整改方案 工作任务 工作内容 具体工作 整改建议 落实内容"
        )
    ),
    Column.LEAD: (
        *_made(
            "分管 主管 包抓 包联 挂点 联系 主抓 包保 挂钩 挂帅 包案 分管责任 负责 承办 挂牌 带头 -", _BODIES, "领导"
        ),
        *_made("牵头负责人 牵头人 责任领导人 领导责任人 牵头同志 牵头常委 责任常委"),
    ),
    Column.UNIT: (
        *_made("办理 实施 执行 落实 归口 所属 -", "单位 部门 科室 处室"),
        *_made("实施主体 主责 主办 承办"),
    ),
    Column.COOPERATING: tuple(_made("配合 协办 协同")),
    Column.LIMIT: (
        *_made(_DONE, _TIMES),
        *_made(
            "截止 限办时间 限办日期 时间节点 进度时限 进度安排 时间安排 序时进度 时间要求 完成节点 到期日 到期日期 "
            "到期时间"
        ),
        *_made("时间进度 节点时间 最晚时间 最迟时间 截止日 销号时限 销号期限 工作进度安排 推进时间"),
    ),
    Column.CLOSURE: tuple(_made("整改类型 整改类别 整改方式 整改分类 完成类别")),
    Column.MAJOR: tuple(_made("重大问题 重大事项 重大隐患")),
}

_LIMITS_IN_SHORT = ("- 完成 整改 办结 整改完成 任务完成 销号", "时限 期限 时间 日期 截止时间 截止日期 时间节点 节点")
ADJUSTED: frozenset[str] = frozenset(
    (
        *_made("调整后 调整后的 延期后 延期后的 变更后 顺延后 延长后 修订后", *_LIMITS_IN_SHORT),
        *_made("延期至 延至 延期到 延长至 顺延至 推迟至 调整至 调整为 变更为", "- 时间 日期"),
    )
)
"""What limits are headed with that hold in place of others, where they are filled."""
FORMER: frozenset[str] = frozenset(
    _made("原 原定 原定的 原来 原有 调整前 变更前 延期前 原计划 原要求 最初", *_LIMITS_IN_SHORT)
)
"""What limits are headed with that may have been adjusted since."""

REMARK, GOAL = "备注", "整改目标或要求"
"""What columns hold that may hide a time limit behind a label."""

_UNREAD: Mapping[str, tuple[str, ...]] = {
    "来源": tuple(_made("来源 交办来源 任务来源 来源详情 问题来源 来源类别 来源依据 依据 文号 来源文件")),
    "问题分类": (
        *_made("问题 隐患 整改任务 任务", "大类 子类 细类 类别 类型 性质 等级 分类 归类 级别 属性"),
        *_made("问题层级 问题线索编号 档案编号 类别 分类 类型 板块 方面 领域 问题方面 所属领域 问题领域 问题定性"),
    ),
    GOAL: (
        *_made("整改 办理 工作 预期 目标 完成 验收 预计", "目标 标准 要求 成效目标"),
        *_made("销号标准 目标 目标要求 预期成效 整改目标及要求"),
    ),
    "责任人": (
        *_made(_WHO, "人 人员 人姓名 人签字"),
        *_made("联络员 责任人及电话 负责同志 具体负责同志 岗位 职务 责任人职务 联络人 主要领导"),
    ),
    "进展": (
        *_made(
            "整改 整改进展 整改完成 完成 进展 落实 整改落实 办理 办结 工作进展 任务完成 推进 销号 措施落实 目前 阶段",
            "情况 情况(月) 情况说明",
        ),
        *_made("目前 当前 月度 整改落实 整改完成 阶段性 最新", "进展 进度 成果 状态 情况 成效"),
        *_made("取得的成效 已整改情况 整改结果说明 建章立制情况 制度建设 举一反三 举一反三情况 公开情况"),
        *_made("整改反馈内容 牵头单位承办情况 整改成效 进度 整改进展 工作进展 完成进度 取得成效 整改结果 进展"),
        *_made("完成百分比 完成率 阶段性成效 落实成效 整改进度 工作成效 工作进度 已采取措施 已完成工作"),
    ),
    "状态": (
        *_made(
            "销号状态 整改是否到位 评分 得分 权重 群众满意度 状态 督办状态 整改状态 状态标识 是否完成 是否销号 "
            "完成状态 是否整改到位 办理状态 亮灯 预警 亮灯情况"
        ),
        *_made("是否整改 是否办结 是否逾期 评价"),
        *_made("办理环节 现行时限"),  # our own, in an exported ledger
    ),
    "困难和下一步": (
        *_made(
            "延期原因 原因剖析 存在的困难和问题 存在困难和问题 困难及问题 下一步工作计划 下步措施 下步整改措施 下步打算"
        ),
        *_made("存在困难及下一步措施 未办结原因 未完成原因 等效措施或预案 存在困难 下一步措施 下一步打算 下一步计划"),
        *_made("存在的困难 未整改原因 困难问题 需协调事项 下一步工作措施 下一步整改措施 原因分析 产生原因 问题原因"),
    ),
    REMARK: tuple(_made("备注 说明 备注说明 附注 注 备注栏 其他 其他说明")),
    "佐证": (
        *_made("佐证 支撑 印证 证明 销号 整改佐证 档案", "材料 资料"),
        *_made("佐证附件 整改照片 附件 佐证 档案 照片 成果"),
    ),
    "销号和验收": (
        *_made("销号 验收 复查 复核 驳回 审核 核查 督查 检查", "时间 日期 意见 人 次数 结果 情况"),
        *_made("实际", "完成 整改 办结 销号", "时间 日期"),
        *_made("销号申请时间 巡察组意见 实际完成 完成/作废时间 最近整改时间 满意度 完成确认 领导批示 领导签字 签字"),
    ),
    "报送和日期": (
        *_made("报送 反馈 填报 更新 交办 下达 立项 开始 起始 启动 发现 登记 录入", "时间 日期"),
        *_made(
            "整改开始时间 整改起始时间 反馈周期 报送材料 整改次数 填表说明 报送周期 督办周期 "
            "年度 批次 轮次 巡察组 涉及金额 金额 地点"
        ),
    ),
    "督导": (
        *_made(_WATCHING, _UNITS),
        *_made("督导 督查 督办 监督 包片 协管", "领导 人 组 责任人"),
        "督导(督查)单位",
    ),
    "其他单位": tuple(_made(_GIVING, "单位 部门")),
    "问责": tuple(_made("责任追究 追责问责 问责情况 追责情况 问责 处理情况 处分情况 处理处分情况 挽回损失")),
    "联系方式": tuple(_made("联系电话 电话 联系方式 手机 手机号")),
}


def _turned(words: Mapping[_Meant, tuple[str, ...]]) -> Mapping[str, _Meant]:
    """What each word says; of two, the earlier."""
    turned: dict[str, _Meant] = {}
    for meant, listed in words.items():
        for word in listed:
            turned.setdefault(word, meant)
    return MappingProxyType(turned)


STRONG: Mapping[str, Column] = _turned(_STRONG)
WEAK: Mapping[str, Column] = _turned(_WEAK)
UNREAD: Mapping[str, str] = _turned(_UNREAD)
"""What the column is known to hold, in Chinese."""
