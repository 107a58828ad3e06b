"""A group that changes hands: whoever is in it now holds the clocks that those held who left it."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from models.lifecycle import Role, Stage, State
from models.store.parties import sync_parties
from tests.handling_fixtures import DIRECTORY, Line, all_clocks_of, bring_to, small_office, take_in
from tests.offices import AT, replaced

ON, NEXT = date(2023, 4, 3), date(2023, 4, 4)


@pytest.mark.parametrize(
    ("state", "major", "role", "stage", "before", "after"),
    [
        (State.SELF_CHECKED, "否", Role.SUPERVISION, Stage.CHECK, "S1", "S2"),
        (State.VERIFIED, "否", Role.SUPERVISION, Stage.OPEN_REVIEW, "S1", "S2"),
        (State.UNDER_REVIEW, "是", Role.HEAD, Stage.REVIEW, "H1", "A1"),
    ],
)
def test_a_running_clock_of_a_group_is_taken_over(
    tmp_path: Path, state: State, major: str, role: Role, stage: Stage, before: str, after: str
) -> None:
    with small_office(tmp_path) as office:
        take_in(office, Line("1", major=major), on=ON)
        bring_to(office, state, ON)
        held = {clock.holder for clock in all_clocks_of(office, "1") if clock.stage is stage}
        assert f"单位{before}" in held
        newcomer = DIRECTORY.by_code(after)
        assert newcomer
        changed = replaced(DIRECTORY, after, roles=newcomer.roles | {role})
        changed = replaced(changed, before, roles=frozenset({Role.UNIT}))
        with office.store.writing() as connection:
            sync_parties(connection, changed, NEXT, AT)
        found = {clock.holder for clock in all_clocks_of(office, "1") if clock.stage is stage}
        assert found == held - {f"单位{before}"} | {f"单位{after}"}
        stopped = [clock for clock in all_clocks_of(office, "1") if clock.stopped_on]
        assert all(clock.holder != f"单位{after}" for clock in stopped)


def test_who_is_in_the_directory_still_keeps_its_clocks(tmp_path: Path) -> None:
    with small_office(tmp_path) as office:
        take_in(office, Line("1"), on=ON)
        bring_to(office, State.SELF_CHECKED, ON)
        before = all_clocks_of(office, "1")
        renamed = replace(DIRECTORY, digest="another")
        with office.store.writing() as connection:
            sync_parties(connection, renamed, NEXT, AT)
        assert all_clocks_of(office, "1") == before
