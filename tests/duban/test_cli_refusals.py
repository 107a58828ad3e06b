"""What the lifecycle's commands refuse: the sentence, the cure, the exit code, and a home in which nothing was done.

The office of stages.py, where each measure stands at another place. Exit 1 where a rule says no, 2 for wrong usage.
"""

import re
import shlex
from pathlib import Path

import pytest

from tests.duban.conftest import Duban, kept_in

Case = tuple[str, int, str, str]
"""What is called, its exit code, the first sentence, and the beginning of the second, empty where there is none."""

WITH_SUPERVISION = "该措施现为“待核查”，自2023-04-06起由督办组办理，此时不能办理"
THEY_MAY_CHECK = "现在可以办理：核查通过、退回整改（督办组）。"
WITH_UNIT = "该措施现为“整改中”，自2023-03-27起由责任单位办理，此时不能办理"
UNIT_MAY_SEND = "现在可以办理：自查上报（责任单位）。"
CLOSED = "该措施现为“已销号”，此时不能办理"
NO_MEASURE = ("没有编号为“99”的措施。", "请用 duban measures 查看编号。")
NOBODY = ("通讯录中没有代码为“nobody”的经办人。", "请在 directory.yaml 的 people 中查对代码。")
NO_REASON = "请用 --reason 写明"
NO_FILE = "请检查文件的路径。"
WHICH_TO_OPEN = "请写明措施编号，或用 --all 对全部已核查通过的措施发起（不能与 --follow-up 同用）。"

RECTIFYING: list[Case] = [
    ("progress 99 --text 进展 --percent 5 --by qianyiming", 1, *NO_MEASURE),
    ("progress 1 --text 进展 --percent 5 --by nobody", 1, *NOBODY),
    ("progress 1 --text '' --percent 5 --by qianyiming", 1, "措施1：须写明进展情况。", "请用 --text 写明"),
    ("progress 1 --text ' 　' --percent 5 --by qianyiming", 1, "措施1：须写明进展情况。", "请用 --text 写明"),
    ("progress 1 --text 进展 --percent 5 --by sunhuai", 1,
     "措施1：“报进展”应由责任单位或配合单位办理，您现在代表的是与该措施无关的一方。", ""),
    ("progress 2 --text 进展 --percent 5 --by sunhuai", 1,
     "措施2：该措施现为“待签收”，自2023-03-27起由责任单位办理，此时不能办理“报进展”；"
     "您现在可以办理：签收、自查上报。", ""),
    ("progress 4 --text 进展 --percent 5 --by lijing", 1, f"措施4：{WITH_SUPERVISION}“报进展”；{THEY_MAY_CHECK}", ""),
    ("milestone 1 --statement 已完成 --by qianyiming", 1,
     "措施1：该措施没有在计的阶段节点，无需报告；请改用“报进展”或“自查上报”。", ""),
    ("milestone 15 --statement '' --by qianyiming", 1, "措施15：须写明节点完成情况。", "请用 --statement 写明"),
    ("milestone 15 --statement 已完成 --due 2023-04-21 --by qianyiming", 1,
     "措施15没有 2023-04-21 到期的节点。", "在计的节点：2023-04-20、2023-05-31。"),
    ("milestone 15 --statement 已完成 --by zhuhe", 1,
     "措施15：“节点报告”应由责任单位办理，您现在代表的是督办组。", ""),
    ("self-check 4 --statement 已整改 --by lijing", 1, f"措施4：{WITH_SUPERVISION}“自查上报”；{THEY_MAY_CHECK}", ""),
    ("self-check 1 --statement 已整改 --by zhuhe", 1,
     "措施1：“自查上报”应由责任单位办理，您现在代表的是督办组。", ""),
    ("self-check 1 --statement 已整改 --evidence 大.txt --by qianyiming", 2,
     "佐证材料“大.txt”有100.1MB，超过上限100.0MB。", "请压缩或拆分后重新上报"),
    ("self-check 1 --statement '' --evidence 材料.txt --by qianyiming", 1,
     "措施1：须写明整改情况，做了什么、成效如何。", "请用 --statement 写明"),
    ("self-check 11 --statement 已整改 --evidence 材料.txt --by sunhuai", 1,
     "措施11：该措施已挂起，恢复之前不能办理“自查上报”；请督办组先办理“恢复”。", ""),
    ("evidence 4 --by lijing", 2, "没有给出要补充的佐证材料。", "请用 --evidence 给出文件"),
    ("evidence 4 --evidence 没有.txt --by lijing", 2, "佐证材料“没有.txt”不存在或不是文件。", NO_FILE),
    ("evidence 4 --evidence 目录.txt --by lijing", 2, "佐证材料“目录.txt”是目录，不是文件。", "请先打包成一个文件"),
    ("evidence 4 --evidence 空.txt --by lijing", 2, "佐证材料“空.txt”是空文件。", "请检查文件内容"),
    ("evidence 4 --evidence rule=大.txt --by lijing", 2,
     "佐证材料“大.txt”有100.1MB，超过上限100.0MB。", "请压缩或拆分后重新上报"),
    ("evidence 4 --evidence 材料.txt --evidence 程序.exe --by lijing", 2,
     "佐证材料“程序.exe”“.exe”类型，不在可接收的类型之内。", "可接收："),
    ("evidence 4 --evidence 材料.txt --by zhuhe", 1,
     "措施4：“补充佐证”应由责任单位或配合单位办理，您现在代表的是督办组。", ""),
    ("evidence 7 --evidence 台账.csv --by wumian", 1,
     "措施7：该措施现为“销号审核中”，自2023-04-10起由牵头领导办理，此时不能办理“补充佐证”；"
     "现在可以办理：同意销号、不予销号（牵头领导）。", ""),
]  # fmt: skip
DECIDING: list[Case] = [
    ("check 99 --pass --by zhuhe", 1, *NO_MEASURE),
    ("check 4 --pass --by nobody", 1, *NOBODY),
    ("check 1 --pass --by zhuhe", 1, f"措施1：{WITH_UNIT}“核查通过”；{UNIT_MAY_SEND}", ""),
    ("check 7 --fail --reason 不实 --by zhuhe", 1,
     "措施7：该措施现为“销号审核中”，自2023-04-10起由牵头领导办理，此时不能办理“退回整改”；"
     "现在可以办理：同意销号、不予销号（牵头领导）。", ""),
    ("check 8 --pass --by zhuhe", 1, f"措施8：{CLOSED}“核查通过”；您现在可以办理：开展回头看、重新整改。", ""),
    ("check 16 --pass --by zhuhe", 1,
     "措施16：该措施现为“已作废”，此时不能办理“核查通过”；已没有可以办理的事项。", ""),
    ("check 4 --by zhuhe", 2, "须写明 --pass 或 --fail 之一。", ""),
    ("check 4 --pass --fail --by zhuhe", 2, "须写明 --pass 或 --fail 之一。", ""),
    ("check 4 --pass --by lijing", 1, "措施4：“核查通过”应由督办组办理，您现在代表的是责任单位。", ""),
    ("check 4 --pass --by xuming", 1, "措施4：“核查通过”应由督办组办理，您现在代表的是责任追究组。", ""),
    ("check 4 --pass --by zhuhe --as D03", 2, "朱荷不能代表“D03”。", "可代表：G02（督办组）。"),
    ("check 4 --fail --by zhuhe", 1, "措施4：办理“退回整改”须写明理由。", NO_REASON),
    ("check 4 --fail --reason ' ' --by zhuhe", 1, "措施4：办理“退回整改”须写明理由。", NO_REASON),
    ("check 4 --fail --reason 不实 --due-on 2023-04-27 --by zhuhe", 1,
     "措施4：给出的时限 2023-04-27 早于原时限 2023-04-28。", "请给出 2023-04-28 或之后的日期"),
    ("check 4 --fail --reason 不实 --due-on 2023-04-11 --by zhuhe", 1,
     "措施4：给出的日期 2023-04-11 已经过去（办理日期 2023-04-12）。", "请给出 2023-04-12 或之后的日期"),
    ("check 4 --pass --due-on 2023-05-27 --by zhuhe", 2, "--due-on 和 --missing 只用于退回整改。", "请去掉"),
    ("check 4 --pass --missing 凭证 --by zhuhe", 2, "--due-on 和 --missing 只用于退回整改。", "请去掉"),
    ("check 4 --pass --by zhuhe --expect-version 3", 1,
     "措施4已被他人更新（您看到的是第3版，现在是第4版）。", "请重新查看该措施，再决定是否办理。"),
    ("check 4 --pass --by zhuhe --expect-version 5", 1,
     "措施4已被他人更新（您看到的是第5版，现在是第4版）。", "请重新查看该措施，再决定是否办理。"),
    ("check 4 --pass --by zhuhe --recorded-by qinmo", 2,
     "代录他人签批的决定须附签批件。", "请用 --basis 给出签批件的扫描文件。"),
    ("check 4 --pass --by zhuhe --recorded-by nobody --basis 材料.txt", 1, *NOBODY),
    ("check 4 --pass --by zhuhe --recorded-by qinmo --basis 没有.txt", 2,
     "佐证材料“没有.txt”不存在或不是文件。", NO_FILE),
    ("check 4 --pass --by zhuhe --basis 目录.txt", 2, "佐证材料“目录.txt”是目录，不是文件。", "请先打包"),
    ("check 4 --pass --by zhuhe --on 2023-04-05", 1,
     "措施4在 2023-04-06 已有办理，不能再按 2023-04-05 办理。", "请写 2023-04-06 或之后的日期。"),
    ("review open 5 --by zhuhe", 1,
     "措施5（完善长效机制）还不能发起销号审核，缺少：制度（rule）、业务规范（norm）或专项整治（campaign）材料至少一份。",
     "请责任单位用 duban evidence 补充材料，再发起审核。"),
    ("review open 6 --by wumian", 1, "措施6：“发起销号审核”应由督办组办理，您现在代表的是责任单位。", ""),
    ("review open 6 --by zhuhe --follow-up 6m", 2,
     "措施6的销号类别是“限时办结”，不需要回头看间隔。", "请去掉 --follow-up。"),
    ("review open --by zhuhe", 2, WHICH_TO_OPEN, ""),
    ("review open 4 --all --by zhuhe", 2, WHICH_TO_OPEN, ""),
    ("review open --all --follow-up 6m --by zhuhe", 2, WHICH_TO_OPEN, ""),
    ("review open 4 --by zhuhe", 1,
     f"措施4：{WITH_SUPERVISION}“发起销号审核”；您现在可以办理：核查通过、退回整改。", ""),
    ("review decide 7 --by shenshouzheng", 2, "须写明 --approve 或 --reject 之一。", ""),
    ("review decide 7 --approve --reject --by shenshouzheng", 2, "须写明 --approve 或 --reject 之一。", ""),
    ("review decide 7 --approve --by linzhiyuan", 1,
     "措施7：“同意销号”应由牵头领导办理，您现在代表的是与该措施无关的一方。", ""),
    ("review decide 7 --approve --by heyan", 1,
     "措施7：“同意销号”应由牵头领导办理，您现在代表的是组长。", ""),
    ("review decide 10 --approve --by zhuhe", 1,
     "措施10：“同意销号”应由牵头领导或组长办理，您现在代表的是督办组。", ""),
    ("review decide 7 --reject --by shenshouzheng", 1, "措施7：办理“不予销号”须写明理由。", NO_REASON),
    ("review decide 7 --approve --due-on 2023-05-30 --by shenshouzheng", 2,
     "--due-on 和 --missing 只用于退回整改。", "请去掉"),
    ("review decide 7 --reject --reason 不实 --due-on 2023-04-20 --by shenshouzheng", 1,
     "措施7：给出的时限 2023-04-20 早于原时限 2023-04-28。", "请给出 2023-04-28 或之后的日期"),
    ("review decide 6 --approve --by shenshouzheng", 1,
     "措施6：该措施现为“待发起审核”，自2023-04-07起由督办组办理，此时不能办理“同意销号”；"
     "现在可以办理：发起销号审核（督办组）。", ""),
    ("follow-up report 9 --statement '' --by fengzhu", 1, "措施9：须写明回头看情况。", "请用 --statement 写明"),
    ("follow-up report 9 --statement 仍保持 --by zhuhe", 1,
     "措施9：“回头看报告”应由责任单位办理，您现在代表的是督办组。", ""),
    ("follow-up report 17 --statement 仍保持 --by fengzhu", 1,
     "措施17：本次回头看已报告，自2023-04-11起由督办组核查；请等核查之后再办理。", ""),
    ("follow-up report 8 --statement 仍保持 --by zhengyue", 1,
     f"措施8：{CLOSED}“回头看报告”；现在可以办理：开展回头看（综合组、督办组），重新整改（督办组、组长）。", ""),
    ("follow-up report 9 --statement 仍保持 --evidence 没有.txt --by fengzhu", 2,
     "佐证材料“没有.txt”不存在或不是文件。", NO_FILE),
    ("follow-up check 17 --by zhuhe", 2, "须写明 --pass 或 --fail 之一。", ""),
    ("follow-up check 17 --pass --fail --by zhuhe", 2, "须写明 --pass 或 --fail 之一。", ""),
    ("follow-up check 17 --pass --by fengzhu", 1,
     "措施17：“回头看核查通过”应由督办组办理，您现在代表的是责任单位。", ""),
    ("follow-up check 17 --fail --reason 反弹 --by zhuhe", 1,
     "措施17：办理“回头看退回整改”须附依据材料（如检查记录、会议纪要）。", "请用 --basis 给出依据材料的文件。"),
    ("follow-up check 17 --fail --basis 材料.txt --by zhuhe", 1,
     "措施17：办理“回头看退回整改”须写明理由。", NO_REASON),
    ("follow-up check 17 --fail --reason 反弹 --basis 材料.txt --due-on 2023-04-11 --by zhuhe", 1,
     "措施17：给出的日期 2023-04-11 已经过去（办理日期 2023-04-12）。", "请给出 2023-04-12 或之后的日期"),
    ("follow-up check 17 --pass --due-on 2023-05-11 --by zhuhe", 2,
     "--due-on 和 --missing 只用于退回整改。", "请去掉"),
    ("look-back --round 2022 --by zhuhe", 1, "没有代码为“2022”的轮次。", "请用 duban measures --json 查看轮次代码。"),
    ("look-back 8 --round 2023 --by zhuhe", 2, "--round 不能与措施编号同用。", "请写编号，或用 --round 选全轮次。"),
    ("look-back 1 --by zhuhe", 1, f"措施1：{WITH_UNIT}“开展回头看”；{UNIT_MAY_SEND}", ""),
    ("look-back 8 --by zhengyue", 1, "措施8：“开展回头看”应由综合组或督办组办理，您现在代表的是责任单位。", ""),
    ("look-back 8 --due-on 2023-04-11 --by zhuhe", 1,
     "回头看时限 2023-04-11 早于办理日期 2023-04-12。", "请给出当日或之后的日期。"),
    ("reopen 8 --by zhuhe", 1, "措施8：办理“重新整改”须写明理由。", NO_REASON),
    ("reopen 8 --basis 材料.txt --by zhuhe", 1, "措施8：办理“重新整改”须写明理由。", NO_REASON),
    ("reopen 8 --reason 反弹 --by zhuhe", 1,
     "措施8：办理“重新整改”须附依据材料（如检查记录、会议纪要）。", "请用 --basis 给出依据材料的文件。"),
    ("reopen 8 --reason 反弹 --basis 没有.txt --by zhuhe", 2, "佐证材料“没有.txt”不存在或不是文件。", NO_FILE),
    ("reopen 8 --reason 反弹 --basis 材料.txt --by zhengyue", 1,
     "措施8：“重新整改”应由督办组或组长办理，您现在代表的是责任单位。", ""),
    ("reopen 1 --reason 反弹 --basis 材料.txt --by zhuhe", 1, f"措施1：{WITH_UNIT}“重新整改”；{UNIT_MAY_SEND}", ""),
    ("reopen 8 --reason 反弹 --basis 材料.txt --due-on 2023-04-11 --by zhuhe", 1,
     "措施8：给出的日期 2023-04-11 已经过去（办理日期 2023-04-12）。", "请给出 2023-04-12 或之后的日期"),
    ("reopen 8 --reason 反弹 --basis 材料.txt --due-on 2023-04-20 --by zhuhe", 1,
     "措施8：给出的时限 2023-04-20 早于原时限 2023-04-28。", "请给出 2023-04-28 或之后的日期"),
]  # fmt: skip
DATES: list[Case] = [
    ("extend ask 99 --until 2023-07-10 --reason 人少 --by qianyiming", 1, *NO_MEASURE),
    ("extend ask 1 --until 2023-07-10 --by qianyiming", 1, "措施1：办理“申请延期”须写明理由。", NO_REASON),
    ("extend ask 1 --until 2023-06-30 --reason 人少 --by qianyiming", 1,
     "措施1：申请延至 2023-06-30，不晚于现时限 2023-06-30。", "请给出 2023-06-30 之后的日期。"),
    ("extend ask 1 --until 2023-06-10 --reason 人少 --by qianyiming", 1,
     "措施1：申请延至 2023-06-10，不晚于现时限 2023-06-30。", "请给出 2023-06-30 之后的日期。"),
    ("extend ask 1 --until 2023-07-31 --reason 人少 --by qianyiming", 1,
     "措施1：一次延期最多30天，2023-07-31 超出了上限。", "请给出 2023-07-30 或之前的日期。"),
    ("extend ask 1 --until 2023-07-10 --reason 人少 --by qianyiming --on 2023-06-30", 1,
     "措施1：延期须在时限 2023-06-30 之前至少1个工作日（2023-06-29 及以前）申请。", "请按时办理"),
    ("extend ask 12 --until 2023-04-20 --reason 人少 --by lijing", 1,
     "措施12：整改时限已过，不能再申请延期；请牵头领导办理“重定时限”。", ""),
    ("extend ask 18 --until 2023-05-12 --reason 人少 --by qianyiming", 1,
     "措施18：本整改周期已申请过一次延期，不能再次申请；时限过后可由牵头领导办理“重定时限”。", ""),
    ("extend ask 1 --until 2023-07-10 --reason 人少 --by zhuhe", 1,
     "措施1：“申请延期”应由责任单位办理，您现在代表的是督办组。", ""),
    ("extend ask 4 --until 2023-05-10 --reason 人少 --by lijing", 1,
     f"措施4：{WITH_SUPERVISION}“申请延期”；{THEY_MAY_CHECK}", ""),
    ("extend decide 18 --reason 属实 --by linzhiyuan", 2, "须写明 --grant 或 --refuse 之一。", ""),
    ("extend decide 18 --grant --refuse --reason 属实 --by linzhiyuan", 2, "须写明 --grant 或 --refuse 之一。", ""),
    ("extend decide 18 --grant --by linzhiyuan", 1, "措施18：办理“延期审批”须写明理由。", NO_REASON),
    ("extend decide 18 --refuse --by linzhiyuan", 1, "措施18：办理“延期审批”须写明理由。", NO_REASON),
    ("extend decide 18 --grant --reason 属实 --by qianyiming", 1,
     "措施18：“延期审批”应由牵头领导办理，您现在代表的是责任单位。", ""),
    ("extend decide 1 --grant --reason 属实 --by linzhiyuan", 1,
     "措施1：没有待审批的延期申请；请先由责任单位申请延期。", ""),
    ("extend decide 18 --grant --reason 属实 --by linzhiyuan --recorded-by zhaolan", 2,
     "代录他人签批的决定须附签批件。", "请用 --basis 给出签批件的扫描文件。"),
    ("set-limit 12 --due-on 2023-04-20 --by shenshouzheng", 1, "措施12：办理“重定时限”须写明理由。", NO_REASON),
    ("set-limit 12 --due-on 2023-04-03 --reason 另定 --by shenshouzheng", 1,
     "措施12：新时限 2023-04-03 不晚于原时限 2023-04-03。", "请给出 2023-04-12 或之后的日期。"),
    ("set-limit 12 --due-on 2023-04-11 --reason 另定 --by shenshouzheng", 1,
     "措施12：给出的日期 2023-04-11 已经过去（办理日期 2023-04-12）。", "请给出 2023-04-12 或之后的日期。"),
    ("set-limit 12 --due-on 2023-04-20 --reason 另定 --by lijing", 1,
     "措施12：“重定时限”应由牵头领导办理，您现在代表的是责任单位。", ""),
    ("set-limit 1 --due-on 2023-07-20 --reason 另定 --by linzhiyuan", 1,
     "措施1：整改时限尚未过，不能重定时限；确需延长的，请责任单位申请延期。", ""),
    ("set-limit 4 --due-on 2023-07-20 --reason 另定 --by linzhiyuan", 1,
     f"措施4：{WITH_SUPERVISION}“重定时限”；{THEY_MAY_CHECK}", ""),
    ("hold 1 --by zhuhe", 1, "措施1：办理“挂起”须写明理由。", NO_REASON),
    ("hold 1 --reason 案件 --by qianyiming", 1, "措施1：“挂起”应由督办组办理，您现在代表的是责任单位。", ""),
    ("hold 11 --reason 案件 --by zhuhe", 1,
     "措施11：该措施已挂起，恢复之前不能办理“挂起”；请督办组先办理“恢复”。", ""),
    ("hold 8 --reason 案件 --by zhuhe", 1, f"措施8：{CLOSED}“挂起”；您现在可以办理：开展回头看、重新整改。", ""),
    ("resume 1 --reason 已结 --by zhuhe", 1, "措施1：该措施没有挂起，无需恢复。", ""),
    ("resume 11 --by zhuhe", 1, "措施11：办理“恢复”须写明理由。", NO_REASON),
    ("resume 11 --reason 已结 --by sunhuai", 1, "措施11：“恢复”应由督办组办理，您现在代表的是责任单位。", ""),
]  # fmt: skip
ANSWERING: list[Case] = [
    ("take-up 99 --by xuming", 1, *NO_MEASURE),
    ("take-up 1 --by xuming", 1, "措施1：该措施没有待受理的问责提请，无需受理。", ""),
    ("take-up 14 --by xuming", 1, "措施14：该措施没有待受理的问责提请，无需受理。", ""),
    ("take-up 12 --by zhuhe", 1, "措施12：“问责受理”应由责任追究组办理，您现在代表的是督办组。", ""),
    ("take-up 12 --by xuming --expect-version 2", 1,
     "措施12已被他人更新（您看到的是第2版，现在是第3版）。", "请重新查看该措施，再决定是否办理。"),
    ("outcome 14 --outcome 约谈 --by xuming", 1, "措施14：办理“处理结果”须写明理由。", NO_REASON),
    ("outcome 14 --outcome 约谈 --reason ' ' --by xuming", 1, "措施14：办理“处理结果”须写明理由。", NO_REASON),
    ("outcome 14 --outcome 约谈 --reason 属实 --by heyan", 1,
     "措施14：“处理结果”应由责任追究组办理，您现在代表的是组长。", ""),
    ("outcome 12 --outcome 约谈 --reason 属实 --by xuming", 1,
     "措施12：该措施没有已受理、待处理的问责提请；请先办理“问责受理”。", ""),
    ("hand-over 1 --reason 调整 --by zhaolan", 2, "没有写明改派给谁。", "请用 --unit 或 --lead 写明"),
    ("hand-over 1 --unit D02 --by zhaolan", 1, "措施1：办理“改派”须写明理由。", NO_REASON),
    ("hand-over 1 --unit D02 --reason 调整 --by sunhuai", 1,
     "措施1：“改派”应由综合组办理，您现在代表的是与该措施无关的一方。", ""),
    ("hand-over 1 --unit D99 --reason 调整 --by zhaolan", 1,
     "通讯录中没有“D99”。", "请在 directory.yaml 中查对代码或名称。"),
    ("hand-over 1 --unit L02 --reason 调整 --by zhaolan", 2, "沈守正（L02）不是责任单位。", "请给出身份为 unit"),
    ("hand-over 1 --lead 人事科 --reason 调整 --by zhaolan", 2, "人事科（D02）不是牵头领导。", "请给出身份为 lead"),
    ("hand-over 1 --unit 办公室 --reason 调整 --by zhaolan", 2, "措施1的责任单位已经是办公室。", "请写明另一方。"),
    ("hand-over 1 --unit D02 --lead L01 --reason 调整 --by zhaolan", 2,
     "措施1的牵头领导已经是林致远。", "请写明另一方。"),
    ("hand-over 8 --unit D02 --reason 调整 --by zhaolan", 1,
     f"措施8：{CLOSED}“改派”；现在可以办理：开展回头看（综合组、督办组），重新整改（督办组、组长）。", ""),
    ("withdraw 1 --by zhaolan", 1, "措施1：办理“作废”须写明理由。", NO_REASON),
    ("withdraw 1 --reason 重复 --by zhuhe", 1, "措施1：“作废”应由综合组办理，您现在代表的是督办组。", ""),
    ("withdraw 16 --reason 重复 --by zhaolan", 1,
     "措施16：该措施现为“已作废”，此时不能办理“作废”；已没有可以办理的事项。", ""),
    ("withdraw 8 --reason 重复 --by zhaolan", 1,
     f"措施8：{CLOSED}“作废”；现在可以办理：开展回头看（综合组、督办组），重新整改（督办组、组长）。", ""),
]  # fmt: skip
BOTH_OR_END = "请用 --party 和 --until 写明由谁代办到哪天，或用 --end 终止代办（不能同用）。"
AWAY = "--from 2023-04-12 --until 2023-04-20"
PERSONS: list[Case] = [
    (f"stand-in L01 --party L02 {AWAY} --by zhaolan", 1, "须写明理由。", NO_REASON),
    (f"stand-in L01 --party L01 {AWAY} --reason 出差 --by zhaolan", 2, "林致远不能由自己代办。", "请写明另一方。"),
    (f"stand-in L09 --party L01 {AWAY} --reason 出差 --by zhaolan", 1,
     "通讯录中没有“L09”。", "请在 directory.yaml 中查对代码或名称。"),
    (f"stand-in L01 --party 张三 {AWAY} --reason 出差 --by zhaolan", 1,
     "通讯录中没有“张三”。", "请在 directory.yaml 中查对代码或名称。"),
    ("stand-in L01 --party L02 --from 2023-04-20 --until 2023-04-12 --reason 出差 --by zhaolan", 2,
     "截止日 2023-04-12 早于起始日 2023-04-20。", "请检查日期。"),
    ("stand-in L01 --party L02 --from 2023-04-01 --until 2023-04-11 --reason 出差 --by zhaolan", 2,
     "起始日 2023-04-01 早于办理日期 2023-04-12。", "请写当日或之后的日期。"),
    (f"stand-in L01 --party L02 {AWAY} --reason 出差 --by zhuhe", 1, "“安排代办”应由综合组本人办理。", "请由综合组"),
    (f"stand-in L01 --party L02 {AWAY} --reason 出差 --by shenshouzheng", 1,
     "“安排代办”应由综合组本人办理。", "请由综合组"),
    (f"stand-in L01 --party L02 {AWAY} --reason 出差 --by nobody", 1, *NOBODY),
    (f"stand-in L01 --party L02 {AWAY} --reason 出差 --by zhaolan --recorded-by qinmo", 2,
     "代录他人签批的决定须附签批件。", "请用 --basis 给出签批件的扫描文件。"),
    ("stand-in L01 --reason 出差 --by zhaolan", 2, BOTH_OR_END, ""),
    ("stand-in L01 --party L02 --reason 出差 --by zhaolan", 2, BOTH_OR_END, ""),
    ("stand-in L01 --until 2023-04-20 --reason 出差 --by zhaolan", 2, BOTH_OR_END, ""),
    ("stand-in L01 --end --party L02 --until 2023-04-20 --reason 回来 --by zhaolan", 2, BOTH_OR_END, ""),
    ("stand-in L01 --end --until 2023-04-20 --reason 回来 --by zhaolan", 2, BOTH_OR_END, ""),
    ("stand-in L01 --end --reason 回来 --by zhaolan", 1,
     "林致远没有用命令安排的、生效中的代办。", "写在 directory.yaml 里"),
    ("stand-in L01 --end --by zhaolan", 1, "须写明理由。", NO_REASON),
    ("stand-in L01 --end --reason 回来 --by zhuhe", 1, "“终止代办”应由综合组本人办理。", "请由综合组"),
    (f"stand-in H01 --party G01 {AWAY} --reason 外出 --by zhaolan", 1, "“安排代办”应由组长本人办理。", "请由组长"),
    ("exception grant --person zhuhe --by heyan", 1, "须写明理由。", NO_REASON),
    ("exception grant --person heyan --reason 人少 --by heyan", 1, "不能为自己设定单人例外。", "请由组长的另一位"),
    ("exception grant --person zhuhe --reason 人少 --by zhaolan", 1, "“设定单人例外”应由组长本人办理。", "请由组长"),
    ("exception grant --person zhuhe --reason 人少 --by zhuhe", 1, "“设定单人例外”应由组长本人办理。", "请由组长"),
    ("exception grant --person nobody --reason 人少 --by heyan", 1, *NOBODY),
    ("exception grant --person zhuhe --reason 人少 --until 2023-04-11 --by heyan", 2,
     "截止日 2023-04-11 早于起始日 2023-04-12。", "请检查日期。"),
    ("exception grant --person zhuhe --reason 人少 --from 2023-04-20 --until 2023-04-15 --by heyan", 2,
     "截止日 2023-04-15 早于起始日 2023-04-20。", "请检查日期。"),
    ("exception end --person zhuhe --by heyan", 1, "“zhuhe”没有生效中的单人例外。", "请用 duban exception list 查看。"),
    ("exception end --person zhuhe --by zhaolan", 1, "“终止单人例外”应由组长本人办理。", "请由组长"),
    ("desk --by nobody", 1, *NOBODY),
    ("desk --by zhuhe --as D01", 2, "朱荷不能代表“D01”。", "可代表：G02（督办组）。"),
]  # fmt: skip

ENGLISH = re.compile(r"[A-Za-z]+(?: [A-Za-z]+)+")
"""Two words of English in a row; options, codes and names of files are single ones."""


@pytest.fixture
def files(office: Path, place: Path) -> Path:
    """The home; files that are none, where commands are called."""
    (place / "空.txt").touch()
    (place / "目录.txt").mkdir()
    (place / "程序.exe").write_text("程序", encoding="utf-8")
    with (place / "大.txt").open("wb") as file:
        file.truncate(100 * (1 << 20) + 1)
    return office


REFUSED = [case for table in (RECTIFYING, DECIDING, DATES, ANSWERING, PERSONS) for case in table]


@pytest.mark.parametrize(("line", "code", "sentence", "cure"), REFUSED, ids=[line for line, *_ in REFUSED])
def test_one_sentence_the_cure_and_nothing_half_done(
    duban: Duban, files: Path, line: str, code: int, sentence: str, cure: str
) -> None:
    before = kept_in(files)
    answer = duban(*shlex.split(line))
    assert (answer.code, answer.out) == (code, "")
    assert answer.lines[0] == sentence
    assert len(answer.lines) == (2 if cure else 1)
    assert answer.lines[-1].startswith(cure or sentence)
    assert kept_in(files) == before


@pytest.mark.parametrize("line", ["check 3 --pass --by zhuhe", "hand-over 3 --unit D02 --reason 调整 --by zhaolan"])
def test_a_draft_is_said_to_wait_for_its_assignment(duban: Duban, files: Path, line: str) -> None:
    """Measure 3 has no date yet: a person sets it and assigns the measure."""
    before = kept_in(files)
    answer = duban(*line.split())
    assert (answer.code, answer.out) == (1, "")
    assert answer.lines[0].startswith("措施3：该措施现为“待交办”")
    assert "没有可以办理的事项" not in answer.err
    assert "交办" in answer.lines[0].partition("；")[2]
    assert kept_in(files) == before


def test_looking_back_on_nothing_in_particular_is_wrong_usage(duban: Duban, files: Path) -> None:
    before = kept_in(files)
    answer = duban("look-back", "--by", "zhuhe")
    assert (answer.code, answer.out) == (2, "")
    assert "--round" in answer.err
    assert kept_in(files) == before


@pytest.mark.parametrize(
    ("line", "sentence", "page"),
    [
        ("review close 4 --by zhuhe", "没有“close”这个命令，可用：decide、open。", "review"),
        ("follow-up decide 9 --by zhuhe", "没有“decide”这个命令，可用：check、report。", "follow-up"),
        ("extend grant 18 --by linzhiyuan", "没有“grant”这个命令，可用：ask、decide。", "extend"),
        ("exception add --person zhuhe --by heyan", "没有“add”这个命令，可用：end、grant、list。", "exception"),
        ("check 4 5 --pass --by zhuhe", "多出了参数：5。", "check"),
        ("check --pass --by zhuhe", "缺少 NO。", "check"),
        ("check 4 --pass", "缺少 --by。", "check"),
        ("check 4 --pass --by zhuhe --due 2023-05-01", "没有选项 --due。您要的是 --due-on 吗？", "check"),
        ("check 4 --pass --by zhuhe --on 昨天", "--on 的值不对：“昨天”不是日期", "check"),
        ("check 4 --fail --reason x --by zhuhe --due-on 2023-02-30", "--due-on 的值不对：日历上没有", "check"),
        ("check 4 --pass --by zhuhe --expect-version 0", "--expect-version 的值不对：", "check"),
        ("check 4 --pass --by zhuhe --expect-version 新", "--expect-version 的值不对：", "check"),
        ("progress 1 --text 进展 --by qianyiming", "缺少 --percent。", "progress"),
        ("progress 1 --text 进展 --percent 101 --by qianyiming", "--percent 的值不对：", "progress"),
        ("progress 1 --text 进展 --percent -1 --by qianyiming", "--percent 的值不对：", "progress"),
        ("progress 1 --text 进展 --percent 半 --by qianyiming", "--percent 的值不对：", "progress"),
        ("milestone 15 --by qianyiming", "缺少 --statement。", "milestone"),
        ("evidence 4 --by lijing --evidence", "选项 --evidence 后面须写值。", "evidence"),
        ("review open 7 --follow-up", "选项 --follow-up 后面须写值。", "review open"),
        ("review decide 7 --approve --by", "选项 --by 后面须写值。", "review decide"),
        ("follow-up report 9 --by fengzhu", "缺少 --statement。", "follow-up report"),
        ("extend ask 1 --reason x --by qianyiming", "缺少 --until。", "extend ask"),
        ("set-limit 12 --reason x --by shenshouzheng", "缺少 --due-on。", "set-limit"),
        ("hold --reason x --by zhuhe", "缺少 NO...。", "hold"),
        ("resume --reason x --by zhuhe", "缺少 NO...。", "resume"),
        ("take-up --by xuming", "缺少 NO...。", "take-up"),
        ("outcome 14 --reason x --by xuming", "缺少 --outcome。", "outcome"),
        ("outcome 14 --outcome 开除 --reason x --by xuming", "--outcome 的值不对：可用 谈话、talk、约谈、", "outcome"),
        ("withdraw --reason x --by zhaolan", "缺少 NO...。", "withdraw"),
        ("stand-in L01 --party L02 --expect-version 2", "没有选项 --expect-version。", "stand-in"),
        ("exception grant --reason x --by heyan", "缺少 --person。", "exception grant"),
        ("desk", "缺少 --by。", "desk"),
        ("desk --by zhuhe --on 2023-02-30", "--on 的值不对：日历上没有", "desk"),
        ("measures --class open", "--class 的值不对：可用 settled、mechanism、sustained。", "measures"),
    ],
)  # fmt: skip
def test_wrong_usage_of_a_command_or_a_subcommand(
    duban: Duban, files: Path, line: str, sentence: str, page: str
) -> None:
    before = kept_in(files)
    answer = duban(*shlex.split(line))
    assert (answer.code, answer.out, len(answer.lines)) == (2, "", 2)
    assert answer.lines[0].startswith(f"用法不对：{sentence}")
    assert not ENGLISH.search(answer.lines[0])
    assert answer.lines[1] == f"用法见 duban {page} --help"
    assert kept_in(files) == before


@pytest.mark.parametrize("group", ["review", "follow-up", "extend", "exception"])
def test_a_group_without_a_subcommand_shows_its_page_as_a_mistake(duban: Duban, files: Path, group: str) -> None:
    before = kept_in(files)
    answer = duban(group)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err == duban(group, "--help").out
    assert kept_in(files) == before


def test_of_several_measures_one_unknown_number_stops_all(duban: Duban, files: Path) -> None:
    before = kept_in(files)
    for line in ("hold 1 99 --reason 案件 --by zhuhe", "take-up 12 99 --by xuming", "review open 6 99 --by zhuhe",
                 "withdraw 1 99 --reason 重复 --by zhaolan", "look-back 8 99 --by zhuhe"):  # fmt: skip
        answer = duban(*line.split())
        assert (answer.code, answer.out, answer.lines[0]) == (1, "", "没有编号为“99”的措施。")
    assert kept_in(files) == before


def test_of_several_measures_one_refusal_does_not_undo_the_others(duban: Duban, files: Path) -> None:
    answer = duban("hold", "1", "8", "2", "--reason", "案件", "--by", "zhuhe")
    assert (answer.code, answer.done) == (1, ["措施1", "措施2"])
    assert answer.lines == ["措施8：该措施现为“已销号”，此时不能办理“挂起”；您现在可以办理：开展回头看、重新整改。"]
    held = {row["measure"] for row in duban("measures", "--json").json if row["held_on"] == "2023-04-12"}
    assert held == {"1", "2"}
    assert files.is_dir()


@pytest.mark.parametrize(
    "line",
    ["check 4 --pass --by zhuhe", "review open 6 --by zhuhe", "hold 1 --reason x --by zhuhe",
     "stand-in L01 --party L02 --from 2099-01-01 --until 2099-01-02 --reason x --by zhaolan",
     "exception grant --person zhuhe --reason x --by heyan", "progress 1 --text x --percent 1 --by qianyiming"],
)  # fmt: skip
def test_in_a_live_home_nobody_acts_on_another_day(duban: Duban, line: str) -> None:
    assert duban("init").code == 0
    answer = duban(*line.split(), "--on", "2023-04-12")
    assert answer.code == 1
    assert "正式环境只能办理今天" in answer.err or "没有编号为" in answer.lines[0]
    assert answer.out == ""


def test_files_handed_in_for_nothing_leave_no_trace(duban: Duban, files: Path) -> None:
    """The rules say no after the files were copied aside: copies and their folder are gone."""
    evidence = files / "evidence"
    before = sorted(evidence.rglob("*"))
    assert duban("self-check", "4", "--statement", "再报", "--evidence", "台账.csv", "--by", "lijing").code == 1
    assert duban("reopen", "1", "--reason", "x", "--basis", "台账.csv", "--by", "zhuhe").code == 1
    assert sorted(evidence.rglob("*")) == before
