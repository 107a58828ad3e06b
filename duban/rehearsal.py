"""Plays a rehearsal: what people did, day by day as story.yaml tells it, and a daily run each working day.

Only for the sample. It goes through the same use cases as people do, and starts where the home has come to.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml

from flows.office import Office
from models.errors import RunRefused
from models.handling.assignment import accept
from models.handling.case import By, find_measure
from models.handling.self_check import submit_self_check
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
    day = office.calendar.add_workdays(mark, 1)
    while day <= until:
        actions += _act(office, [scene for scene in scenes if mark < scene.on <= day])
        if day == until:
            return Played(days + 1, actions, last_day=True)
        run_day(day)
        mark, day, days = day, office.calendar.add_workdays(day, 1), days + 1
    return Played(days, actions, last_day=False)


def read_story(path: Path) -> list[Scene]:
    """The scenes of a story, oldest first; none where the home has no story."""
    if not path.exists():
        return []
    listed = yaml.safe_load(path.read_text(encoding="utf-8"))
    scenes = [
        Scene(s["on"], Action(_ACTIONS[s["action"]]), tuple(s["measures"]), s.get("statement", "")) for s in listed
    ]
    return sorted(scenes, key=lambda scene: scene.on)


_ACTIONS = {"accept": Action.ACCEPT, "self_check": Action.SUBMIT_SELF_CHECK}


def _act(office: Office, scenes: Sequence[Scene]) -> int:
    done = 0
    for scene in scenes:
        for no in scene.measures:
            with office.acting(scene.on) as (session, ground):
                unit = session.get_one(Party, find_measure(session, no).unit_id)
                party = office.directory.by_code(unit.code)
                assert party
                by = By(party.people[0].code, party.code)
                if scene.action is Action.ACCEPT:
                    accept(session, ground, no, by)
                else:
                    submit_self_check(session, ground, no, by, scene.statement)
            done += 1
    return done
