"""Limits without a day of their own: at once, for good, done already, or nothing written at all.

The rules are words alone: what an office writes where it sets no date.
"""

import re

from models.timelimit.limit import LimitKind
from models.timelimit.rule import Reading, Rule, Standing, Trait, rule


def _no_day(_match: re.Match[str], _at: Standing) -> Reading:
    return Reading(None)


_DEEDS = (
    "坚持|推进|整改|落实|改进|深化|加强|抓好|抓|开展|跟进|巩固|提升|完善|执行|实施|进行|规范|优化|强化|发力|用力|关注|"
    "保持|推动|做好|监测|监管|监督|学习|治理|提高|运行|有效|任务|整治|管理|督促|督导|督查|检查|发展|努力|工作"
)

PHRASES: tuple[Rule, ...] = (
    rule(
        "done",
        LimitKind.UNRESOLVED,
        "已完",
        r"已(?:经|全部|基本|按期|按时|按要求|如期|提前|全面|整体){0,2}(?:于|在|完成|整改|办结|销号|落实|到位|解决|结束|清退|整治|验收|实施|建立|制定|出台|印发)(?:整改|到位|完成|销号)?|完成于(?=[0-9])|^(?:整改|办理|全部)?完毕$|^(?:整改)?完成(?:整改|时间)?$",
        _no_day,
        trait=Trait.DONE,
    ),
    rule(
        "immediate",
        LimitKind.IMMEDIATE,
        "立即马边当现随",
        r"[立即][行知查整说学][立即速就][改行查知整纠]|(?:边[一-龥]{1,2}[、,]?){1,2}边[一-龥]{1,2}|(?:当场|现场|即行)(?:进行)?(?:整改|改正|纠正|完成|办理|处理)|(?:立即|马上|立刻|即刻|即时|当即|随即)(?:组织|全面|进行|开展|予以|着手|启动)?(?:整改|改正|纠正|落实|完成|办理|执行|处理|清理|停止|到位|[改行])?|立改",
        _no_day,
    ),
    rule(
        "sustained",
        LimitKind.SUSTAINED,
        "长持常久贯经全",
        rf"(?:并|并要|需要|须)?(?:中?长期性?|持续性?|经常性?|常年|坚持长期|常态化?)(?:常态化?|持续|长期|地|化)?(?:{_DEEDS})(?:并?不断)?(?:{_DEEDS})?|全年(?:坚持|持续|不间断)(?:推进|开展)?|[长常]抓不[懈放]|持之以恒(?:{_DEEDS})?|久久为功|长抓长管|一以贯之|贯穿始终|抓常抓长|抓长抓常|"
        r"常态长效|(?:持续|常态化?|经常化?|常年|日常|长效)(?![一-龥])|中?长期性?",
        _no_day,
    ),
)

NOTHING = re.compile(r"(?:[/\\—–―─_×xX*.·-]{1,8}|暂?无|没有|空|[Nn]/?[Aa]|none|null|未填写?)", re.IGNORECASE)
"""What people write where they have nothing to write."""
