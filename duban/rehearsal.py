"""Plays a rehearsal: what people did, day by day as story.yaml tells it, and a daily run each working day.

Only for the sample. It goes through the same use cases as people do, and starts where the home has come to.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from sqlmodel import Session

from flows.office import Office
from models.errors import ActionRefused, HomeError, NotFound, RunRefused
from models.handling.assignment import accept
from models.handling.case import By, Ground, find_measure
from models.handling.rectification import submit_self_check
from models.lifecycle import Action
from models.store.posting import watermark
from models.tables import Party


@dataclass(frozen=True, slots=True)
class Scene:
    """One thing that units did on one day."""

    on: date
    action: Action
    measures: tuple[str, ...]
    statement: str


@dataclass(frozen=True, slots=True)
class Played:
    """What was played. `last_day`: the day played up to is itself a working day still to be run."""

    days: int
    actions: int
    last_day: bool


def play(office: Office, until: date, run_day: Callable[[date], object]) -> Played:
    """Plays every working day after the watermark before `until`, and what people did on `until` itself."""
    if not office.rehearsal:
        raise RunRefused("正式环境不能演练。", "请另建演练环境：duban init --sample。")
    scenes = read_story(office.settings.story)
    days = actions = 0
    with office.store.reading() as connection:
        mark = watermark(connection)
    if mark is None:
        raise RunRefused("还没有交办任何措施，没有可演练的内容。", "请先交办，或用 duban init --sample 建样例。")
    if until < mark:
        raise RunRefused(f"已处理到{mark}，不能退回{until}。", f"请演到{mark}之后的日期，或另建演练环境。")
    day = office.calendar.add_workdays(mark, 1)
    while day <= until:
        actions += _act(office, [scene for scene in scenes if mark < scene.on <= day])
        if day == until:
            return Played(days + 1, actions, last_day=True)
        run_day(day)
        mark, day, days = day, office.calendar.add_workdays(day, 1), days + 1
    return Played(days, actions, last_day=False)


def read_story(path: Path) -> list[Scene]:
    """The scenes of a story, oldest first; none where the home has no story. Raises HomeError for one unreadable."""
    if not path.exists():
        return []
    try:
        listed = yaml.safe_load(path.read_text(encoding="utf-8"))
        return sorted((_scene(told) for told in listed), key=lambda scene: scene.on)
    except (OSError, ValueError, TypeError, KeyError, yaml.YAMLError) as error:
        raise HomeError(
            f"演练脚本 {path.name} 读不懂，未作任何改动。", "请从样例中重新取一份，或删去该文件。"
        ) from error


def _scene(told: Mapping[str, Any]) -> Scene:
    if not isinstance(told["on"], date):
        raise TypeError("on is no date")
    return Scene(told["on"], _ACTIONS[told["action"]], tuple(told["measures"]), told.get("statement", ""))


_ACTIONS = {"accept": Action.ACCEPT, "self_check": Action.SUBMIT_SELF_CHECK}


def _act(office: Office, scenes: Sequence[Scene]) -> int:
    """Does what the scenes say. What somebody did by hand before, or a rehearsal broken off, stays as it is."""
    done = 0
    for scene in scenes:
        for no in scene.measures:
            with suppress(ActionRefused), office.acting(scene.on) as (session, ground):
                _act_on(session, ground, no, scene)
                done += 1
    return done


def _act_on(session: Session, ground: Ground, no: str, scene: Scene) -> None:
    unit = session.get_one(Party, find_measure(session, no).unit_id)
    party = ground.directory.by_code(unit.code)
    if party is None or not party.people:
        raise NotFound(f"通讯录中，措施{no}的责任单位“{unit.name}”没有经办人。", "请在 directory.yaml 中补录。")
    by = By(party.people[0].code, party.code)
    if scene.action is Action.ACCEPT:
        accept(session, ground, no, by)
    else:
        submit_self_check(session, ground, no, by, scene.statement)
