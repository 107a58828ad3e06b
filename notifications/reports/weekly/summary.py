"""What a weekly brief says first: its numbers, as sentences. Pure; the same numbers stand in the lists below."""

from collections import Counter
from collections.abc import Iterator

from models.answers.week.values import MOVE_ZH, Move, UnitWeek, WeekFacts
from models.ladder import COLOUR_ZH
from models.workdays import WorkCalendar

NONE_YET, HELD, DRAFTED = "未到提醒期", "挂起", "待交办"


def numbers(facts: WeekFacts) -> dict[str, int]:
    """Every count of the brief by a name of its own."""
    total = UnitWeek.total(facts.units)
    moved = Counter(one.move for one in facts.moved)
    return {
        "measures": total.live + total.closed,
        "open": total.open,
        "done": total.done,
        "live": total.live,
        "following_up": total.following_up,
        "closed": total.closed,
        "withdrawn": facts.withdrawn,
        **{each.colour.value: total.colours[each.colour] for each in facts.colours},
        "uncoloured": total.uncoloured,
        "held": total.held,
        "drafted": total.drafted,
        "overdue": len(facts.overdue),
        "overdue_of_closed": facts.overdue_of_closed,
        "overdue_measures": len({one.clock.measure.no for one in facts.overdue if not one.of_closed}),
        "overdue_by_units": total.late_itself,
        "due": len(facts.due),
        "due_past": sum(one.due_on < facts.day for one in facts.due),
        "due_next": len(facts.due_next),
        "untold": sum(not one.waits for one in facts.untold),
        "untold_parties": len({one.party for one in facts.untold if not one.waits}),
        "waiting": sum(one.waits for one in facts.untold),
        **{f"moved_{move.value}": moved[move] for move in Move},
    }


def summary(facts: WeekFacts) -> list[str]:
    """Six sentences: how many measures, in which colours, overdue, due, moved, and not said."""
    found = numbers(facts)
    return [_measures(found), _colours(facts, found), _overdue(found), _due(found), _moved(found), _untold(found)]


def notes(facts: WeekFacts, calendar: WorkCalendar) -> list[str]:
    """How the numbers are to be read."""
    return list(_notes(facts, calendar))


def _measures(n: dict[str, int]) -> str:
    withdrawn = f"另有已作废{n['withdrawn']}条，不计入以下各数。" if n["withdrawn"] else ""
    if not n["measures"]:
        return f"本轮次没有需要督办的整改措施。{withdrawn}"
    followed = f"（其中回头看中{n['following_up']}条）" if n["following_up"] else ""
    return f"整改措施共{n['measures']}条：未销号{n['open']}条，已通过销号审核{n['done']}条{followed}。{withdrawn}"


def _colours(facts: WeekFacts, n: dict[str, int]) -> str:
    if not n["live"]:
        return "没有在办措施。"
    followed = f"（含回头看中{n['following_up']}条）" if n["following_up"] else ""
    said = [f"{COLOUR_ZH[each.colour]}色{n[each.colour.value]}条" for each in facts.colours]
    said += [f"{NONE_YET}{n['uncoloured']}条"]
    said += [f"{name}{n[key]}条" for name, key in ((HELD, "held"), (DRAFTED, "drafted")) if n[key]]
    return f"在办措施{followed}中，{'、'.join(said)}。"


def _overdue(n: dict[str, int]) -> str:
    if not n["overdue"]:
        return "没有超期的时限。"
    closed = n["overdue_of_closed"]
    apart = f"另有已销号措施的问责时限超期{closed}项。" if closed else ""
    if n["overdue"] == closed:
        return f"在办措施没有超期的时限。{apart}"
    own = f"其中责任单位自身超期的{n['overdue_by_units']}条" if n["overdue_by_units"] else "责任单位自身没有超期"
    live = n["overdue"] - closed
    return f"{'在办措施' if closed else ''}超期的时限{live}项，涉及措施{n['overdue_measures']}条，{own}。{apart}"


def _due(n: dict[str, int]) -> str:
    this = f"本周到期的时限{n['due']}项" if n["due"] else "本周没有到期的时限"
    past = f"（其中{n['due_past']}项已经超期）" if n["due_past"] else ""
    after = f"下周到期{n['due_next']}项" if n["due_next"] else "下周没有到期的时限"
    return f"{this}{past}，{after}。"


def _moved(n: dict[str, int]) -> str:
    said = [f"{MOVE_ZH[move]}{n[f'moved_{move.value}']}项" for move in Move if n[f"moved_{move.value}"]]
    return f"本周办理：{'、'.join(said)}。" if said else "本周没有销号、退回、延期等变动。"


def _untold(n: dict[str, int]) -> str:
    waiting = f"另有{n['waiting']}条尚待发出。" if n["waiting"] else ""
    if not n["untold"]:
        return f"没有未能送达的通知。{waiting}"
    return f"未能送达的通知{n['untold']}条，涉及{n['untold_parties']}个对象，须另行告知。{waiting}"


def _notes(facts: WeekFacts, calendar: WorkCalendar) -> Iterator[str]:
    yield (
        "每条在办措施只计一种颜色，以最紧迫的一项时限为准，该时限可能由督办组、牵头领导等负责；"
        "“本单位超期”只计由责任单位自己办理的时限。"
    )
    yield "“已送达”指对方的通知渠道已经接收，不等于已经阅知。天数都按工作日计。"
    if any(unit.following_up for unit in facts.units):
        yield (
            "回头看中的措施已经通过销号审核，其回头看时限仍在计，故列入在办，不列入表中“已销号”一栏；"
            "整改情况报告和进度图把它们计为完成。"
        )
    if any(one.provisional for one in (*facts.due, *facts.due_next)):
        yield "注明“推算日期”的，所涉日期的节假日安排尚未公布，公布后可能变动。"
    if facts.run_until is None:
        yield "尚未执行过每日运行，提醒和升级均未计算。"
    elif facts.run_until < calendar.on_or_before(facts.day):
        yield f"每日运行处理到{facts.run_until}，此后的提醒和升级尚未计算。"
