"""Time limits that a person must look at: those with a day that may be another, and those without any.

The anchor is Saturday 2023-03-25 where no other is given; calendars are plain weekdays.
"""

from datetime import date, timedelta

import pytest

from models.timelimit import LimitFlag, LimitKind, parse_time_limit
from tests.models.timelimit.limits import ANCHOR, Weekdays, d, days, flags, parse

DATE, PERIOD, RECURRING = LimitKind.DATE, LimitKind.PERIOD, LimitKind.RECURRING
IMMEDIATE, SUSTAINED, UNRESOLVED = LimitKind.IMMEDIATE, LimitKind.SUSTAINED, LimitKind.UNRESOLVED

# --- A day that may be another

AMBIGUOUS = [
    ("2023年7月前", "2023-06-30", "ambiguous"),
    ("7月之前完成", "2023-06-30", "ambiguous year_inferred"),
    ("2月前", "2024-01-31", "ambiguous next_year year_inferred"),
    ("2023年5月上旬前", "2023-04-30", "ambiguous"),
    ("7月中旬前", "2023-07-10", "ambiguous year_inferred"),
    ("2023年三季度前", "2023-06-30", "ambiguous"),
    ("第一季度前", "2023-12-31", "ambiguous year_inferred"),
    ("上半年前", "2023-12-31", "ambiguous year_inferred"),
    ("2025年前", "2024-12-31", "ambiguous"),
    ("下周前", "2023-03-26", "ambiguous"),
    ("下月前", "2023-03-31", "ambiguous"),
    ("6月初", "2023-06-10", "ambiguous year_inferred"),
    ("6月中", "2023-06-20", "ambiguous year_inferred"),
    ("年中", "2023-06-30", "ambiguous year_inferred"),
    ("全年", "2023-12-31", "ambiguous year_inferred"),
    ("2023.1", "2023-01-31", "ambiguous past"),
    ("6.30", "2023-06-30", "ambiguous year_inferred"),
    ("6.3", "2023-06-03", "ambiguous year_inferred"),
    ("6/30", "2023-06-30", "ambiguous year_inferred"),
    ("6-30", "2023-06-30", "ambiguous year_inferred"),
    ("2023.4-6", "2023-06-30", "ambiguous"),
    ("3月内", "2023-03-31", "ambiguous year_inferred"),
    ("一季度内", "2023-03-31", "ambiguous year_inferred"),
    ("2023年6底前", "2023-06-30", "ambiguous"),
    ("月底前", "2023-03-31", "ambiguous"),
    ("季度末前", "2023-03-31", "ambiguous"),
    ("24日前", "2023-04-24", "ambiguous"),
    ("周五前", "2023-03-31", "ambiguous"),
    ("中秋、国庆前", "2023-09-30", "ambiguous year_inferred"),
    ("当天", "2023-03-25", "ambiguous"),
    ("次日", "2023-03-26", "ambiguous"),
    ("次月10日前", "2023-04-10", "ambiguous"),
    ("春节前", "2024-02-09", "ambiguous next_year year_inferred"),
    ("2023年9月8日（星期六）前", "2023-09-08", "ambiguous"),
    ("2023年9月底左右", "2023-09-30", "ambiguous"),
    ("2023年9月8日前后", "2023-09-08", "ambiguous"),
    ("2023年12月至2月", "2024-02-29", "ambiguous"),
]


@pytest.mark.parametrize(("text", "due", "expected"), AMBIGUOUS)
def test_an_ambiguous_date_is_given_and_asked_about(text: str, due: str, expected: str) -> None:
    limit = parse(text)
    assert (limit.kind, limit.due_on, limit.flags, limit.confirm) == (DATE, d(due), flags(expected), True)
    assert "可有不同理解" in limit.reason
    assert limit.reason.endswith("请核对。")


DOUBTFUL = [
    ("2月底前", DATE, "2024-02-29", "next_year year_inferred", "未写年份"),
    ("1月15日前", DATE, "2024-01-15", "next_year year_inferred", "未写年份"),
    ("元月底前", DATE, "2024-01-31", "next_year year_inferred", "未写年份"),
    ("2022年12月31日前", DATE, "2022-12-31", "past", "早于"),
    ("1999年12月31日", DATE, "1999-12-31", "past", "早于"),
    ("2099年12月31日", DATE, "2099-12-31", "far", "超过10年"),
    ("52000", DATE, "2042-05-14", "ambiguous far", "不同理解"),
    ("2023年春节前", DATE, "2023-01-21", "ambiguous past", "早于"),
    ("5月底前，2023年9月底前", DATE, "2023-09-30", "several", "多个"),
    ("5月底前制定方案，9月底前完成整改", DATE, "2023-09-30", "several year_inferred", "多个"),
    ("2023年6月底前完成，9月底前验收，长期坚持", DATE, "2023-09-30", "several sustained year_inferred", "多个"),
    ("2023年12月底前制定方案，3月底前完成", DATE, "2024-03-31", "next_year several year_inferred", "多个"),
    ("2023年9月底前，2023年5月底前", DATE, "2023-09-30", "ambiguous several", "多个"),
    ("6月30日和12月31日前", DATE, "2023-12-31", "several year_inferred", "多个"),
    ("2023年6月30日或7月31日前", DATE, "2023-07-31", "residue several year_inferred", "多个"),
    ("2023年6月底前（其中制度类4月底前）", DATE, "2023-06-30", "ambiguous several", "多个"),
    ("①2023年6月底前；②2023年12月底前", DATE, "2023-12-31", "several", "多个"),
    ("1.4月底前；2.5月底前；3.持续推进", DATE, "2023-05-31", "several sustained year_inferred", "多个"),
    ("（1）6月底前制定；（2）9月底前落实", DATE, "2023-09-30", "several year_inferred", "多个"),
    ("2023年12月31日（原2023年6月30日）", DATE, "2023-12-31", "ambiguous residue several", "多个"),
    ("2023年6月底前，每月报告进展", DATE, "2023-06-30", "recurring several", "多个"),
    ("3个月内完成，3个月内验收", PERIOD, "2023-06-25", "several", "多个"),
    ("3个月内完成，2023年12月底前验收", DATE, "2023-12-31", "several", "多个"),
    ("反馈后3个月内（2023年6月24日前）", DATE, "2023-06-24", "ambiguous several", "多个"),
    ("1至2个月内", PERIOD, "2023-05-25", "ambiguous", "不同理解"),
    ("3-5年", PERIOD, "2028-03-25", "ambiguous", "不同理解"),
    ("长期(3-5年)", PERIOD, "2028-03-25", "ambiguous sustained", "不同理解"),
    ("自收到审计报告之日起60日内", PERIOD, "2023-05-24", "ambiguous", "不同理解"),
    ("公示5天", PERIOD, "2023-03-30", "ambiguous", "不同理解"),
    ("2023年9月8日前3日内", PERIOD, "2023-09-05", "ambiguous", "不同理解"),
    ("2023年9月8日前20个工作日", PERIOD, "2023-08-11", "ambiguous workdays", "不同理解"),
    ("2023年9月8日起3个月内", PERIOD, "2023-12-08", "ambiguous", "不同理解"),
    ("自2023年9月8日起，用3个月时间", PERIOD, "2023-12-08", "ambiguous", "不同理解"),
    ("视情况，2023年9月底前", DATE, "2023-09-30", "residue", "可能影响"),
    ("如有条件，9月底前完成", DATE, "2023-09-30", "residue year_inferred", "可能影响"),
    ("2023年9月8日召开会议", DATE, "2023-09-08", "residue", "可能影响"),
    ("2022年12月31日文件要求", DATE, "2022-12-31", "past residue", "早于"),
    ("2024年顺利完成整治", DATE, "2024-12-31", "residue", "可能影响"),
    ("今年顺利动工", DATE, "2023-12-31", "residue", "可能影响"),
    ("不早于2023年9月8日", DATE, "2023-09-08", "residue", "早于"),
    ("约9月底", DATE, "2023-09-30", "residue year_inferred", "可能影响"),
    ("9月底前完成12345热线整改", DATE, "2023-09-30", "residue year_inferred", "可能影响"),
    ("2023年9月底前完成，已完成80%", DATE, "2023-09-30", "done", "已经完成"),
    ("2023年9月8日后启动，12月底前完成", DATE, "2023-12-31", "residue year_inferred", "可能影响"),
    ("2023年4月起每季度末报送", RECURRING, "2023-03-31", "residue", "可能影响"),
    ("每学期", RECURRING, "", "unknown_start", "从哪天起算"),
    ("每两个月", RECURRING, "", "unknown_start", "从哪天起算"),
    ("每季度结束后10个工作日内", RECURRING, "2023-04-14", "ambiguous workdays", "不同理解"),
    ("每月10日前报送，2023年12月底前完成", DATE, "2023-12-31", "recurring several", "多个"),
    ("已完成，长期坚持", SUSTAINED, "", "done", "已经完成"),
    ("2024年11月至明年3月", DATE, "2024-03-31", "ambiguous", "不同理解"),
    ("2024年3月1日至本季度末", DATE, "2023-03-31", "ambiguous", "不同理解"),
    ("2024年3月至本年底", DATE, "2023-12-31", "ambiguous", "不同理解"),
    ("2024年3月1日至下月10日", DATE, "2023-04-10", "ambiguous", "不同理解"),
    ("2024年11月21日～2024年1月26日", DATE, "2024-01-26", "ambiguous", "不同理解"),
    ("2023年10月26日到10月15日", DATE, "2023-10-15", "ambiguous", "不同理解"),
    ("11月16日—11月3日", DATE, "2023-11-03", "ambiguous year_inferred", "不同理解"),
    ("四季度至一季度", DATE, "2023-03-31", "ambiguous year_inferred", "不同理解"),
    ("反馈后年内完成", DATE, "2025-12-31", "ambiguous residue", "不同理解"),
    ("收到反馈意见后年底前完成", DATE, "2025-12-31", "ambiguous", "不同理解"),
    ("今后年底前", DATE, "2025-12-31", "ambiguous", "不同理解"),
    ("产权证明年底前办结", DATE, "2024-12-31", "ambiguous", "不同理解"),
    ("说明天内", DATE, "2023-03-26", "ambiguous", "不同理解"),
    ("首次年底前考核", DATE, "2024-12-31", "ambiguous", "不同理解"),
    ("线下年底前完成", DATE, "2024-12-31", "ambiguous", "不同理解"),
    ("以下月底前", DATE, "2023-04-30", "ambiguous", "不同理解"),
    ("50万元以上半年内完成", DATE, "2023-06-30", "ambiguous year_inferred", "不同理解"),
    ("基本半年内完成", DATE, "2023-06-30", "ambiguous", "不同理解"),
    ("基本月底前", DATE, "2023-03-31", "ambiguous", "不同理解"),
    ("部分月底前完成", RECURRING, "2023-03-31", "ambiguous", "不同理解"),
    ("大部分季度末前完成", RECURRING, "2023-03-31", "ambiguous", "不同理解"),
    ("每周5天", PERIOD, "2023-03-30", "recurring several", "多个"),
    ("六月十五", DATE, "2023-06-30", "residue year_inferred", "可能影响"),
    ("4月廿五", DATE, "2023-04-30", "residue year_inferred", "可能影响"),
    ("二〇二三年六月卅日", DATE, "2023-06-30", "residue", "可能影响"),
    ("2023年12月（中旬）", DATE, "2023-12-31", "residue", "可能影响"),
    ("6月（上旬）", DATE, "2023-06-30", "residue year_inferred", "可能影响"),
    ("6月、上旬", DATE, "2023-06-30", "residue year_inferred", "可能影响"),
    ("四季度（初）", DATE, "2023-12-31", "residue year_inferred", "可能影响"),
    ("三季度初", DATE, "2023-09-30", "residue year_inferred", "可能影响"),
    ("下半年首月", DATE, "2023-12-31", "residue year_inferred", "可能影响"),
    ("6月首个工作日", DATE, "2023-06-30", "residue year_inferred", "可能影响"),
    ("6月例会前", DATE, "2023-06-30", "residue year_inferred", "可能影响"),
    ("6月考核后", DATE, "2023-06-30", "residue year_inferred", "可能影响"),
    ("6月结束后", DATE, "2023-06-30", "residue year_inferred", "可能影响"),
    ("2023年6月××日", DATE, "2023-06-30", "residue", "可能影响"),
    ("6月（  ）日", DATE, "2023-06-30", "residue year_inferred", "可能影响"),
    ("6月30日前（不含）", DATE, "2023-06-30", "residue year_inferred", "可能影响"),
    ("2023年7月1日0时前", DATE, "2023-07-01", "ambiguous", "不同理解"),
    ("10日内（工作日）", PERIOD, "2023-04-04", "residue", "可能影响"),
    ("15天，工作日", PERIOD, "2023-04-09", "residue", "可能影响"),
    ("每季度次月10日前", RECURRING, "2023-04-10", "ambiguous", "不同理解"),
    ("每季度5日前", RECURRING, "2023-06-05", "ambiguous", "不同理解"),
    ("每月上旬、下旬", RECURRING, "2023-04-10", "residue", "可能影响"),
    ("每季度初", RECURRING, "2023-03-31", "residue", "可能影响"),
    ("每月初", RECURRING, "2023-03-31", "residue", "可能影响"),
    ("每周初", RECURRING, "2023-03-26", "residue", "可能影响"),
    ("每月5日后", RECURRING, "2023-04-05", "residue", "可能影响"),
    ("每周五后", RECURRING, "2023-03-31", "residue", "可能影响"),
    ("每周一到五", RECURRING, "2023-03-27", "ambiguous", "不同理解"),
    ("中秋国庆前", DATE, "2023-09-30", "ambiguous year_inferred", "不同理解"),
    ("五一、端午前", DATE, "2023-06-21", "ambiguous year_inferred", "不同理解"),
    ("6月30日前期工作完成", DATE, "2023-06-30", "residue year_inferred", "可能影响"),
    ("不少于3个月", PERIOD, "2023-06-25", "ambiguous", "不同理解"),
    ("非2023年6月30日", DATE, "2023-06-30", "residue", "可能影响"),
    ("6月底前除外", DATE, "2023-06-30", "residue year_inferred", "可能影响"),
    ("6月底前(拟)", DATE, "2023-06-30", "residue year_inferred", "可能影响"),
    ("资金到位的话6月底前", DATE, "2023-06-30", "residue year_inferred", "可能影响"),
    ("条件成熟时6月底前", DATE, "2023-06-30", "residue year_inferred", "可能影响"),
    ("6月底前完成，其余明春完成", DATE, "2023-06-30", "residue year_inferred", "可能影响"),
    ("6月底前完成，其余国庆完成", DATE, "2023-06-30", "residue year_inferred", "可能影响"),
    ("整改完成（2023年6月）", DATE, "2023-06-30", "residue", "可能影响"),
    ("问题12月底前完成", DATE, "2023-12-31", "residue year_inferred", "可能影响"),
    ("年底（12月20日前）", DATE, "2023-12-20", "ambiguous several year_inferred", "多个"),
    ("第三季度（8月底前）", DATE, "2023-08-31", "ambiguous several year_inferred", "多个"),
    ("年内（9月底前）", DATE, "2023-09-30", "ambiguous several year_inferred", "多个"),
    ("本周周五前", DATE, "2023-03-24", "past", "早于"),
    ("本周（周五前）", DATE, "2023-03-24", "past", "早于"),
    ("每季度上旬", RECURRING, "2023-06-10", "ambiguous", "不同理解"),
    ("每年6月1次", RECURRING, "2023-12-31", "residue", "可能影响"),
    ("每年6月10次", RECURRING, "2023-12-31", "residue", "可能影响"),
    ("每年12月2次", RECURRING, "2023-12-31", "residue", "可能影响"),
    ("每年6月3天内", PERIOD, "2023-03-28", "ambiguous recurring several", "多个"),
    ("每年年中", RECURRING, "2023-12-31", "residue", "可能影响"),
    ("每年的首月", RECURRING, "2023-12-31", "residue", "可能影响"),
    ("每月周五", DATE, "2023-03-31", "ambiguous recurring several", "多个"),
    ("每月末周", RECURRING, "2023-03-31", "residue", "可能影响"),
    ("6.3前", DATE, "2023-06-03", "ambiguous year_inferred", "不同理解"),
    ("6月1.", DATE, "2023-06-30", "residue year_inferred", "可能影响"),
    ("6月1.制定方案", DATE, "2023-06-30", "residue year_inferred", "可能影响"),
    ("6月1、制定方案", DATE, "2023-06-30", "residue year_inferred", "可能影响"),
    ("本月内月中", DATE, "2023-03-31", "residue", "可能影响"),
    ("2023年6月内月中", DATE, "2023-06-30", "residue", "可能影响"),
    ("2023年6月底前制定方案，资金到位后完成", DATE, "2023-06-30", "residue", "可能影响"),
    ("2023年6月底前制定方案，批复后实施", DATE, "2023-06-30", "residue", "可能影响"),
    ("2023年6月底前制定方案，年终完成", DATE, "2023-12-31", "several year_inferred", "多个"),
    ("2023年6月底前制定方案，适时", DATE, "2023-06-30", "residue", "可能影响"),
    ("2023年6月底前制定方案，时间另议", DATE, "2023-06-30", "residue", "可能影响"),
    ("2023年6月底前完成可研，批复后开工建设", DATE, "2023-06-30", "residue", "可能影响"),
    ("填表日期：2023年6月30日", DATE, "2023-06-30", "residue", "可能影响"),
    ("发现时间：2023年6月30日", DATE, "2023-06-30", "residue", "可能影响"),
    ("原时限：2023年6月底", DATE, "2023-06-30", "residue", "可能影响"),
    ("原定2023年6月底", DATE, "2023-06-30", "residue", "可能影响"),
    ("合同号：20230630", DATE, "2023-06-30", "residue", "可能影响"),
    ("V2023.6.30", DATE, "2023-06-30", "residue", "可能影响"),
    ("实际完成时间2023年6月30日", DATE, "2023-06-30", "residue", "可能影响"),
    ("截至2023年5月10日，完成60%", DATE, "2023-05-10", "residue", "可能影响"),
    ("截至2023年4月底，共发现问题12个", DATE, "2023-04-30", "residue", "可能影响"),
    ("进展情况：2023年5月10日", DATE, "2023-05-10", "residue", "可能影响"),
    ("6月底前，已逾期", DATE, "2023-06-30", "residue year_inferred", "可能影响"),
    ("6月底前？", DATE, "2023-06-30", "residue year_inferred", "可能影响"),
    (">6月底", DATE, "2023-06-30", "residue year_inferred", "可能影响"),
    ("≥6月底", DATE, "2023-06-30", "residue year_inferred", "可能影响"),
    ("迟于2023年6月30日", DATE, "2023-06-30", "residue", "可能影响"),
    ("6月（起）", DATE, "2023-06-30", "residue year_inferred", "可能影响"),
    ("每逢6月30日", DATE, "2023-06-30", "residue year_inferred", "可能影响"),
    ("2023年5月1日实施的《条例》", DATE, "2023-05-01", "residue", "可能影响"),
    ("6月底前，动态调整", DATE, "2023-06-30", "residue year_inferred", "可能影响"),
    ("6月底前，难以确定", DATE, "2023-06-30", "residue year_inferred", "可能影响"),
    ("2023年内11月底前", DATE, "2024-11-30", "next_year several year_inferred", "多个"),
    ("巡视反馈后2个月内集中整改，6个月内基本完成", PERIOD, "2023-09-25", "several", "多个"),
    ("2个工作日内无法作出决定的", PERIOD, "2023-03-28", "residue workdays", "可能影响"),
]


@pytest.mark.parametrize(("text", "kind", "due", "expected", "why"), DOUBTFUL)
def test_a_doubtful_limit_asks_and_says_why(text: str, kind: LimitKind, due: str, expected: str, why: str) -> None:
    limit = parse(text)
    assert (limit.kind, limit.due_on) == (kind, d(due) if due else None)
    assert (limit.flags, limit.confirm) == (flags(expected), True)
    assert why in limit.reason
    assert limit.reason.endswith("请核对。" if due or kind is not RECURRING else "请填写具体日期。")


# --- No day at all

NO_DAY = [
    ("", "", "为空"),
    (" \u3000\n", "", "为空"),
    ("/", "", "没有写时限"),
    ("——", "", "没有写时限"),
    ("无", "", "没有写时限"),
    ("待定", "", "未能识别"),
    ("尽快", "", "未能识别"),
    ("随时", "", "未能识别"),
    ("同上", "", "未能识别"),
    ("近期", "", "未能识别"),
    ("按上级要求", "", "未能识别"),
    ("学期末", "", "未能识别"),
    ("暑假结束前", "", "未能识别"),
    ("整改期内", "", "未能识别"),
    ("正月底前", "", "未能识别"),
    ("国庆节后", "", "未能识别"),
    ("两周后", "", "未能识别"),
    ("年初", "", "未能识别"),
    ("2024年初", "", "未能识别"),
    ("30日", "", "未能识别"),
    ("2023", "", "未能识别"),
    ("12345", "", "未能识别"),
    ("99999", "", "未能识别"),
    ("230630", "", "未能识别"),
    ("2023年2月29日前", "impossible", "不是有效日期"),
    ("20231301", "impossible", "不是有效日期"),
    ("2023-06-31", "impossible", "不是有效日期"),
    ("13月底前", "impossible", "不是有效日期"),
    ("2月30日", "impossible", "不是有效日期"),
    ("2023年2月29日前完成，9月底前验收", "impossible several", "不是有效日期"),
    ("33年6月", "impossible", "不是有效日期"),
    ("会后7日内", "unknown_start", "从哪天起算"),
    ("印发后1个月内", "unknown_start", "从哪天起算"),
    ("项目竣工验收后3个月内", "unknown_start", "从哪天起算"),
    ("整改完成3个月内", "unknown_start", "从哪天起算"),
    ("立行立改完成3个月内", "immediate unknown_start", "从哪天起算"),
    ("方案批复后，立行立改，5个工作日内", "immediate residue unknown_start", "从哪天起算"),
    ("验收不合格的，应在10个工作日内完成", "unknown_start", "从哪天起算"),
    ("申报截止次日起30个工作日内", "unknown_start", "从哪天起算"),
    ("期限届满前20个工作日", "unknown_start", "从哪天起算"),
    ("有效期届满三十日前", "residue unknown_start", "从哪天起算"),
    ("投标截止时间10日前", "unknown_start", "从哪天起算"),
    ("2.5个月内", "", "未能识别"),
    ("两三个月内", "", "未能识别"),
    ("2023-09-081", "residue", "开始的时间"),
    ("202309081", "", "未能识别"),
    ("12023年6月30日前", "", "未能识别"),
    ("学年末", "", "未能识别"),
    ("农历六月三十日前", "residue year_inferred", "可能影响"),
    ("于形成之日的次年六月三十日前", "ambiguous residue", "可能影响"),
    ("2023年9月8日起", "residue", "开始的时间"),
    ("2023年9月8日后", "residue", "开始的时间"),
    ("2023年3月至今", "residue", "开始的时间"),
    ("2023年4月起3个月", "unknown_start", "从哪天起算"),
    ("完成2023年度预算调整", "", "未能识别"),
    ("按照2024年工作要点推进", "", "未能识别"),
    ("已完成", "done", "已经完成"),
    ("已于2023年5月完成", "done", "已经完成"),
    ("2023年5月已完成", "done", "已经完成"),
    ("已完成（2023年5月）", "done", "已经完成"),
    ("2022年10月31日（已完成）", "done", "已经完成"),
    ("两三年内", "", "未能识别"),
    ("三五年内", "", "未能识别"),
    ("几年内", "", "未能识别"),
    ("十几年内", "", "未能识别"),
    ("下下年", "", "未能识别"),
    ("大后天", "", "未能识别"),
    ("大后年底前", "", "未能识别"),
    ("下下下周五", "", "未能识别"),
    ("每月3-5次", "", "未能识别"),
    ("30年内", "", "未能识别"),
    ("有效期30年", "", "未能识别"),
    ("工作满25年", "", "未能识别"),
    ("完成于2023年5月", "done", "已经完成"),
    ("按年度计划完成", "", "未能识别"),
    ("按季度计划推进", "", "未能识别"),
    ("逐年提高", "", "未能识别"),
    ("每年工作要点", "", "未能识别"),
    ("下季度1次", "", "未能识别"),
    ("双十一前", "", "未能识别"),
    ("半年报", "", "未能识别"),
    ("6月始", "residue", "开始的时间"),
    ("截至9月14日，已办结", "done", "已经完成"),
]


@pytest.mark.parametrize(("text", "expected", "why"), NO_DAY)
def test_what_cannot_be_read_has_no_date_and_says_why(text: str, expected: str, why: str) -> None:
    limit = parse(text)
    assert (limit.kind, limit.due_on, limit.confirm) == (UNRESOLVED, None, True)
    assert limit.flags == flags(expected)
    assert why in limit.reason
    assert limit.reason.endswith("请填写具体日期。")


# --- Stages


@pytest.mark.parametrize(
    ("text", "stages", "steps", "due"),
    [
        ("4月底前制定方案，6月底前完成整改", ["2023-04-30"], ["制定方案"], "2023-06-30"),
        ("4月底、5月底、6月底前", ["2023-04-30", "2023-05-31"], ["", ""], "2023-06-30"),
        ("2023年4月1日至2023年9月8日", [], [], "2023-09-08"),
        ("6月底前完成，6月底前完成", [], [], "2023-06-30"),
    ],
)
def test_the_earlier_of_several_dates_are_milestones(text: str, stages: list[str], steps: list[str], due: str) -> None:
    limit = parse(text)
    assert (limit.milestones, limit.steps, limit.due_on) == (days(stages), tuple(steps), d(due))


# --- The anchor


@pytest.mark.parametrize(
    ("text", "anchor", "due", "confirm"),
    [
        ("6月30日前", "2023-06-30", "2023-06-30", False),
        ("6月30日前", "2023-07-01", "2024-06-30", True),
        ("6月底前", "2023-07-01", "2024-06-30", True),
        ("二季度末", "2023-07-01", "2024-06-30", True),
        ("上半年", "2023-07-01", "2024-06-30", True),
        ("1月前", "2023-07-01", "2023-12-31", True),
        ("年底前", "2023-12-31", "2023-12-31", False),
        ("2月29日", "2024-02-29", "2024-02-29", False),
        ("2月29日", "2024-03-01", "2028-02-29", True),
        ("2月29日", "2096-03-01", "2104-02-29", True),
        ("1个月内", "2023-01-31", "2023-02-28", False),
        ("1个月内", "2024-01-31", "2024-02-29", False),
        ("3个月内", "2023-11-30", "2024-02-29", False),
        ("2023年6月30日前", "2023-07-01", "2023-06-30", True),
        ("每月31日前", "2023-02-10", "2023-02-28", False),
        ("每年6月底", "2023-07-01", "2024-06-30", False),
        ("每周五", "2023-03-31", "2023-03-31", False),
        ("国庆节前", "2023-10-01", "2024-09-30", True),
        ("春节前", "2024-11-20", "2025-01-27", True),
        ("45107", "2023-07-01", "2023-06-30", True),
    ],
)
def test_the_anchor_decides_year_and_period(text: str, anchor: str, due: str, confirm: bool) -> None:
    limit = parse(text, d(anchor))
    assert (limit.due_on, limit.confirm) == (d(due), confirm)


@pytest.mark.parametrize("text", ["900个月内", "999天内", "100周内"])
def test_a_period_beyond_the_calendar_is_impossible(text: str) -> None:
    assert parse(text, date(9999, 6, 1)).flags == flags("impossible")


@pytest.mark.parametrize(("unsettled", "flagged"), [((3,), True), ((4, 5), False)])
def test_a_period_over_unsettled_days_is_provisional(unsettled: tuple[int, ...], flagged: bool) -> None:
    """Days 1 to 3 after the anchor are counted: one of them may move the end, a later one cannot."""
    calendar = Weekdays(frozenset(date(2024, 12, 27) + timedelta(days=n) for n in unsettled))
    limit = parse_time_limit("1个工作日内", date(2024, 12, 27), calendar)
    assert limit.due_on == date(2024, 12, 30)
    assert (LimitFlag.PROVISIONAL in limit.flags, limit.confirm) == (flagged, flagged)


# --- Explaining


@pytest.mark.parametrize(
    ("text", "rule", "matched"),
    [
        ("于２０２３ 年 九 月底 前完成", "month_end", "2023年9月底前"),
        ("立行立改，5月8日前完成，并长期坚持", "month_day", "5月8日前"),
        ("长期坚持，立行立改", "immediate", "立行立改"),
        ("收到反馈后三个月内完成", "months_within", "3个月内"),
        ("5月底前制定方案，9月底前完成", "month_end", "9月底前"),
        ("2023年9月底前，2023年2月30日前，2023年12月底前", "full_date", "2023年2月30日前"),
        ("待定", "", ""),
    ],
)
def test_the_span_shows_the_deciding_words_in_the_normalised_text(text: str, rule: str, matched: str) -> None:
    limit = parse(text)
    assert (limit.rule, limit.matched) == (rule, matched)


def test_the_reason_names_the_words_and_the_day() -> None:
    assert parse("7月前").reason == "“7月前”可有不同理解，暂按2023年6月30日，请核对。"
    assert parse("视情况，6月底前").reason == "“视情况,”可能影响时限，请核对。"
    assert parse("2022年12月31日").reason == f"2022年12月31日早于起算日{ANCHOR.year}年3月25日，请核对。"
