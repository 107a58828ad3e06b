"""A group that changes hands, whose clocks go with it; and whether a party can be reached where it is told."""

import hashlib
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from flows.office import Office
from models.directory import Directory, StandIn
from models.lifecycle import Role, Stage, State
from models.store.home.site import take_over
from models.store.parties import mark_out_of_reach, party_ids, sync_parties
from models.tables import MessageState
from models.tables.core import EVENT, MESSAGE, PARTY
from tests.handling_fixtures import DIRECTORY, Line, all_clocks_of, bring_to, small_office, take_in
from tests.offices import AT, NO_ADDRESS, OTHER_BOX, readdressed, replaced

ON, NEXT, AFTER = date(2023, 4, 3), date(2023, 4, 4), date(2023, 4, 6)


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


# Whether a party can be reached

UNIT = "D1"


def stands(office: Office) -> tuple[bool, bool]:
    """Whether D1 has an address, and whether it can be reached there."""
    with office.store.reading() as connection:
        row = connection.execute(select(PARTY.c.addressed, PARTY.c.reachable).where(PARTY.c.code == UNIT)).one()
    return row[0], row[1]


def fail(office: Office) -> None:
    with office.store.writing() as connection:
        mark_out_of_reach(connection, party_ids(connection)[UNIT], 0, 0)


def name(office: Office, found: Directory, on: date = NEXT) -> int:
    """Another directory; returns how many changes of it the record holds."""
    with office.store.writing() as connection:
        sync_parties(connection, found, on, AT)
        count = select(func.count()).select_from(EVENT).where(EVENT.c.action == "directory_changed")
        return connection.scalar(count) or 0


def test_that_an_address_failed_holds_until_there_is_another(tmp_path: Path) -> None:
    with small_office(tmp_path) as office:
        name(office, DIRECTORY)
        assert stands(office) == (True, True)
        fail(office)
        changes = name(office, replace(replaced(DIRECTORY, "D2", name="他方"), digest="other"))
        assert stands(office) == (True, False), "another party's change is nothing to it"
        assert name(office, readdressed(DIRECTORY, UNIT, OTHER_BOX)) == changes + 1
        assert stands(office) == (True, True)


def test_a_lost_address_is_no_failed_one_and_a_new_one_is_taken_to_work(tmp_path: Path) -> None:
    with small_office(tmp_path) as office:
        name(office, DIRECTORY)
        fail(office)
        name(office, readdressed(DIRECTORY, UNIT, NO_ADDRESS))
        assert stands(office) == (False, False)
        name(office, DIRECTORY)
        assert stands(office) == (True, True)


def test_who_receives_in_a_partys_place_is_another_address_for_the_time_being(tmp_path: Path) -> None:
    elsewhere = readdressed(DIRECTORY, "D2", OTHER_BOX)
    term = replaced(elsewhere, UNIT, stand_ins=(StandIn("D2", NEXT, NEXT),))
    with small_office(tmp_path) as office:
        name(office, elsewhere)
        fail(office)
        name(office, term, NEXT)
        assert stands(office) == (True, True)
        fail(office)
        name(office, term, AFTER)
        assert stands(office) == (True, True), "what failed was the stand-in's"


def test_the_addresses_themselves_are_not_kept(tmp_path: Path) -> None:
    secret = "mailtos://user:geheim@mail.example.cn/?to=d1@example.cn"
    with small_office(tmp_path) as office:
        name(office, readdressed(DIRECTORY, UNIT, (secret,)))
        with office.store.reading() as connection:
            kept = connection.scalar(select(PARTY.c.addresses_digest).where(PARTY.c.code == UNIT))
        assert kept
        plain = hashlib.sha256(secret.encode()).hexdigest()
        assert plain != kept and secret not in kept


def test_a_home_of_an_older_version_learns_its_addresses_and_sends_what_was_refused_once_more(tmp_path: Path) -> None:
    """Nobody knows where that was sent, and an address may have changed since; also where the directory did not. Never
    what may be out already."""
    with small_office(tmp_path) as office:
        take_in(office, Line("1"), on=ON)
        bring_to(office, State.ASSIGNED, ON)
        with office.store.writing() as connection:
            for statement in (
                "UPDATE party SET addresses_digest = ''",
                "UPDATE message SET state = 'leased'",
                "UPDATE message SET state = 'rejected'",
                "UPDATE message SET ambiguous = 1 WHERE id = (SELECT max(id) FROM message)",
                "UPDATE home SET directory_digest = 'same'",
            ):
                connection.execute(text(statement))
        ends = []
        for _ in range(2):
            name(office, replace(DIRECTORY, digest="same"))
            with office.store.writing() as connection:
                assert "" not in set(connection.scalars(select(PARTY.c.addresses_digest)))
                ends.append(list(connection.scalars(select(MESSAGE.c.state).order_by(MESSAGE.c.id))))
                connection.execute(text("UPDATE message SET state = 'leased' WHERE state = 'planned'"))
                connection.execute(text("UPDATE message SET state = 'rejected' WHERE state = 'leased'"))
        assert len(ends[0]) > 1
        assert set(ends[0][:-1]) == {MessageState.PLANNED}
        assert set(ends[1]) == {ends[0][-1]} == {MessageState.REJECTED}


def test_another_address_of_a_party_sends_anew_what_it_refused_and_nobody_elses(tmp_path: Path) -> None:
    with small_office(tmp_path) as office:
        take_in(office, Line("1"), on=ON)
        bring_to(office, State.ASSIGNED, ON)
        party_of = select(PARTY.c.code).join(MESSAGE, MESSAGE.c.party_id == PARTY.c.id).order_by(MESSAGE.c.id)
        with office.store.writing() as connection:
            connection.execute(text("UPDATE message SET state = 'leased'"))
            connection.execute(text("UPDATE message SET state = 'rejected'"))
            refused = list(connection.scalars(party_of))
        assert len(set(refused)) > 1
        name(office, readdressed(DIRECTORY, refused[0], OTHER_BOX))
        with office.store.reading() as connection:
            assert set(connection.scalars(party_of.where(MESSAGE.c.state == MessageState.PLANNED))) == {refused[0]}


def test_after_a_take_over_no_address_looks_like_another(tmp_path: Path) -> None:
    """The copy has a name and Message-IDs of its own; who could not be reached there still cannot be reached."""
    with small_office(tmp_path) as office:
        name(office, DIRECTORY)
        fail(office)
        with office.store.writing() as connection:
            take_over(connection, office.place, NEXT)
        name(office, replace(replaced(DIRECTORY, "D2", name="他方"), digest="other"))
        assert stands(office) == (True, False)
        name(office, readdressed(DIRECTORY, UNIT, OTHER_BOX))
        assert stands(office) == (True, True)
