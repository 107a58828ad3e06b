"""An office in the middle of its work: nineteen measures, each at another place in its life, brought there by commands.

It is Wednesday, 2023-04-12; the last daily run was made the day before. In 2023, 5 April is a day off, 29 April to 3
May as well, and Sunday 23 April and Saturday 6 May are worked.
"""

from collections.abc import Callable
from pathlib import Path

TODAY = "2023-04-12"
HEADINGS = "序号,反馈问题,整改措施,牵头领导,责任单位,配合单位,完成时限,销号类别,重大"
LEDGER = f"""{HEADINGS}
1,学习,订计划,林致远,办公室,,2023年6月30日前,限时办结,否
2,学习,列清单,林致远,人事科,,2023年6月30日前,限时办结,否
3,学习,定办法,沈守正,办公室,,待定,限时办结,否
4,作风,清理公车,林致远,财务科,,2023年4月28日前,限时办结,否
5,作风,立考核细则,沈守正,教学指导科,,2023年4月28日前,完善长效机制,否
6,作风,排查隐患,沈守正,安全管理科,办公室,2023年4月28日前,限时办结,否
7,作风,压减会议,沈守正,安全管理科,,2023年4月28日前,限时办结,否
8,资金,收回账款,韩清和,项目建设科,,2023年4月28日前,限时办结,否
9,党建,专题研究,杨立诚,机关党委,,长期坚持,长期坚持,否
10,资金,追回开支,林致远,人事科,,2023年4月28日前,限时办结,是
11,用人,复核档案,林致远,人事科,,2023年4月28日前,限时办结,否
12,资金,退还押金,沈守正,财务科,,立行立改,限时办结,否
13,资金,补签合同,韩清和,项目建设科,,立行立改,限时办结,否
14,资金,补办验收,韩清和,项目建设科,,立行立改,限时办结,否
15,制度,分步修订,林致远,办公室,,2023年4月20日前完成初稿；2023年5月31日前完成修订；2023年6月30日前印发,限时办结,否
16,制度,旧事项,杨立诚,教学指导科,,2023年6月30日前,限时办结,否
17,党建,季度谈心,杨立诚,机关党委,,长期坚持,长期坚持,否
18,用人,清理借调,林致远,办公室,,2023年4月28日前,限时办结,否
19,基层,建示范点,韩清和,直属学校,人事科,2023年6月30日前,限时办结,否
"""
SENT_IN = {"4": "lijing", "5": "zhoutong", "6": "wumian", "7": "wumian", "8": "zhengyue", "9": "fengzhu",
           "10": "sunhuai", "17": "fengzhu"}  # fmt: skip
"""Measures that were sent in on 6 April, with one proof, and by whom."""
ACCEPTED = {"qianyiming": "1 15 18", "sunhuai": "10 11", "lijing": "4 12", "zhoutong": "5 16", "wumian": "6 7",
            "zhengyue": "8 13 14", "fengzhu": "9 17"}  # fmt: skip


def play(done: Callable[..., None], folder: Path) -> None:
    """Brings a new home to its state. `done` calls a command and takes nothing but success."""
    (folder / "台账.csv").write_text(LEDGER, encoding="utf-8")
    proof = folder / "材料.txt"
    proof.write_text("办结材料", encoding="utf-8")
    done("init", "--rehearsal")
    done("import", folder / "台账.csv", "--round", "2023", "--feedback-on", "2023-03-25", "--on", "2023-03-27")
    done("assign", "--all", "--by", "zhaolan", "--on", "2023-03-27")
    done("daily", "--on", "2023-03-27")
    for person, nos in ACCEPTED.items():
        done("accept", *nos.split(), "--by", person, "--on", "2023-03-28")
    done("daily", "--on", "2023-04-04")
    for no, person in SENT_IN.items():
        sent = ("--statement", f"措施{no}已整改", "--evidence", proof)
        done("self-check", no, *sent, "--by", person, "--on", "2023-04-06")
    for no in ("5", "6", "7", "8", "9", "10", "17"):
        done("check", no, "--pass", "--by", "zhuhe", "--on", "2023-04-07")
    done("review", "open", "7", "8", "9", "10", "17", "--by", "zhuhe", "--on", "2023-04-10")
    done("review", "decide", "8", "--approve", "--by", "hanqinghe", "--on", "2023-04-10")
    for no in ("9", "17"):
        done("review", "decide", no, "--approve", "--by", "yanglicheng", "--on", "2023-04-10")
    done("hold", "11", "--reason", "案件办理中", "--by", "zhuhe", "--on", "2023-04-10")
    done("withdraw", "16", "--reason", "与第5条重复", "--by", "zhaolan", "--as", "G01", "--on", "2023-04-10")
    done(
        "extend",
        "ask",
        "18",
        "--until",
        "2023-05-12",
        "--reason",
        "人手不足",
        "--by",
        "qianyiming",
        "--on",
        "2023-04-10",
    )
    done("daily", "--on", "2023-04-11")
    done("take-up", "14", "--by", "xuming", "--on", "2023-04-11")
    done("follow-up", "report", "17", "--statement", "逐季谈心", "--by", "fengzhu", "--on", "2023-04-11")
    done("deliver", "--on", "2023-04-11")
