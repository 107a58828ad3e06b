"""Three months of the sample office, played as its people would: every working day run, every message a file.

From the assignment on 2023-03-27 to the telling day 2023-06-26. What must be said is reckoned by hand for some days
and by the walk for all of them. In 2023 the days off are 5 April, 29 April to 3 May and 22 to 24 June; worked
are the Sundays 23 April and 25 June and Saturday 6 May.
"""

import io
import json
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from datetime import date
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as modern
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import text

from config.settings import load_settings
from duban.cli.app import run
from duban.rehearsal import play
from flows import steps
from flows.office import Office, open_office
from models.lifecycle import Role
from tests.histories import Key, differences, notices_of, stages_of, worked_days
from tests.offices import PLAIN_DIRECTORY, Row, assigned_home, letters_in, replaced
from tests.walk import GROUPS, Clock, Expected, Walk

REHEARSAL = "【演练】"


def d(text: str) -> date:
    return date.fromisoformat(f"2023-{text}")


FIRST, TELLING = d("03-27"), d("06-26")


@dataclass(frozen=True)
class Home:
    """A home in a folder, seen through the command line and its outbox."""

    folder: Path

    def duban(self, *arguments: str, code: int = 0) -> str:
        """What the command prints."""
        printed = io.StringIO()
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(printed):
            patch.setenv("DUBAN_HOME", str(self.folder))
            assert run(arguments) == code, printed.getvalue()
        return printed.getvalue()

    def listed(self, *arguments: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = json.loads(self.duban(*arguments, "--json"))
        return rows

    def daily(self, on: date) -> dict[str, Any]:
        result: dict[str, Any] = json.loads(self.duban("daily", "--on", str(on), "--via", "direct", "--json"))
        return result

    @cached_property
    def notices(self) -> list[dict[str, Any]]:
        return self.listed("notices")

    @cached_property
    def messages(self) -> list[dict[str, Any]]:
        return self.listed("messages")

    def on(self, day: date) -> set[tuple[str, str, str, str | None]]:
        """Measure, rung, party and why it was not said, of each notice of one day."""
        return {(n["measure"], n["rung"], n["party"], n["unsaid"]) for n in self.notices if n["on"] == str(day)}

    def messages_on(self, day: date) -> Counter[tuple[str, str]]:
        return Counter((m["party"], m["kind"]) for m in self.messages if m["on"] == str(day))

    @property
    def outbox(self) -> Path:
        return self.folder / "outbox"

    def copy(self, to: Path) -> "Home":
        shutil.copytree(self.folder, to)
        return Home(to)

    @contextmanager
    def office(self) -> Iterator[Office]:
        with open_office(load_settings({"DUBAN_HOME": str(self.folder)})) as opened:
            yield opened


def read(letter: Path) -> EmailMessage:
    parsed = message_from_bytes(letter.read_bytes(), policy=modern)
    assert isinstance(parsed, EmailMessage)
    return parsed


def words(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body
    content: str = body.get_content()
    return content


@pytest.fixture(scope="module")
def assigned(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The sample on the evening of its assignment; not to be changed."""
    home = Home(tmp_path_factory.mktemp("sample") / "home")
    home.duban("init", "--sample")
    return home


@pytest.fixture(scope="module")
def told(assigned: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The sample on the evening of the telling day; not to be changed."""
    home = assigned.copy(tmp_path_factory.mktemp("told") / "home")
    home.duban("rehearse", "--until", str(TELLING), "--via", "direct")
    return home


# What was decided


def test_every_notice_of_the_three_months_is_the_walks(told: Home) -> None:
    named = yaml.safe_load((told.folder / "directory.yaml").read_text(encoding="utf-8"))["parties"]
    groups = {role: tuple(p["code"] for p in named if p["role"] == role) for role in GROUPS}
    with told.office() as office, office.store.reading() as connection:
        found = notices_of(connection)
        clocks = connection.execute(text(_CLOCKS)).mappings().all()
    walk = Walk(worked_days(), stages_of(""), groups, unreachable={"D08"})
    for row in clocks:
        opened_on, due_on = date.fromisoformat(row["opened_on"]), date.fromisoformat(row["due_on"])
        cooperating = tuple(json.loads(row["cooperating"]))
        who = row["unit"], row["lead"], cooperating
        walk.clocks[row["id"]] = Clock(row["no"], row["stage"], *who, opened_on, due_on, armed_on=opened_on)
    expected: dict[Key, Expected] = {}
    for day in sorted(day for day in worked_days().worked if FIRST <= day <= TELLING):
        for row in clocks:
            walk.clocks[row["id"]].runs = not row["stopped_on"] or date.fromisoformat(row["stopped_on"]) > day
        expected |= walk.run(day)[1]
        walk.deliver(day, accepts=[p["code"] for p in named])
    assert not list(differences(expected, found))
    assert len(found) > 250


_CLOCKS = """
SELECT c.id, m.no, c.stage, c.opened_on, c.due_on, c.stopped_on, u.code AS unit, l.code AS lead,
  (SELECT json_group_array(p.code) FROM cooperation k JOIN party p ON p.id = k.party_id
   WHERE k.measure_id = c.measure_id) AS cooperating
FROM deadline c JOIN measure m ON m.id = c.measure_id
JOIN party u ON u.id = c.unit_id JOIN party l ON l.id = c.lead_id"""


def several(measures: str, rung: str, parties: str) -> set[tuple[str, str, str, str | None]]:
    """One rung said of each measure to each party."""
    return {(measure, rung, party, None) for measure in measures.split() for party in parties.split()}


def test_the_day_of_assignment(told: Home) -> None:
    # Measures 12 and 33 are due at once: five working days after 27 March is 3 April. That is nearer than ten
    # working days, so each stands on -10wd: unit, cooperating unit and lead hear; 12 is D08's, which has no address.
    # Measure 13 is due on 23 April. Before it are worked: 21, 20, 19, 18, 17, 14, 13, 12, 11, 10, 7, 6, 4, 3 April,
    # 31, 30, 29, 28, 27, 24 March; the twentieth, 24 March, is past, so the unit D01 hears. Measure 4, due on 28
    # April, comes to -20wd on 31 March only.
    assert told.on(d("03-27")) == {
        ("12", "complete/-10wd", "D08", "no_address"),
        *several("12", "complete/-10wd", "D03 L02"),
        *several("33", "complete/-10wd", "D01 D07 L03"),
        *several("13", "complete/-20wd", "D01"),
    }
    # All 34 were assigned that day: every unit but D08 and every lead hears of it in one more message.
    assigned = [f"D0{n}" for n in range(1, 8)] + [f"L0{n}" for n in range(1, 5)]
    assert told.messages_on(d("03-27")) == Counter(
        [
            *((party, "digest") for party in ("D01", "D03", "D07", "L02", "L03")),
            *((party, "action") for party in assigned),
        ]
    )


def test_the_day_after_the_limit_to_accept(told: Home) -> None:
    # To be accepted by 29 March (two working days). On the 30th seven measures are not: 12 and 26 of D08, 17 and 19
    # of D04, 20 and 22 of D06, 30 of D02. Unit and supervision group are urged, each in one message.
    assert told.on(d("03-30")) == {
        *several("12 17 19 20 22 26 30", "accept/+1wd", "G02"),
        *several("17 19", "accept/+1wd", "D04"),
        *several("20 22", "accept/+1wd", "D06"),
        *several("30", "accept/+1wd", "D02"),
        ("12", "accept/+1wd", "D08", "no_address"),
        ("26", "accept/+1wd", "D08", "no_address"),
    }
    assert told.messages_on(d("03-30")) == Counter({(party, "digest"): 1 for party in ("G02", "D02", "D04", "D06")})


def test_the_third_day_after_the_limit_to_accept(told: Home) -> None:
    # Three working days after 29 March: 30, 31 March, 3 April. Measure 12 was accepted on the 31st; its self-check
    # and that of 33 came on the 3rd, their due date, before the run: neither is urged. Measures 2 and 24 are due on
    # 30 April, a day off; before it are worked 28, 27, 26, 25, 24, 23, 21, 20, 19, 18, 17, 14, 13, 12, 11, 10, 7, 6,
    # 4, 3 April: the twentieth is the 3rd.
    assert told.on(d("04-03")) == {
        *several("17 19 20 22 26 30", "accept/+3wd", "G01"),
        *several("17 19", "accept/+3wd", "L04"),
        *several("20 26", "accept/+3wd", "L03"),
        *several("22", "accept/+3wd", "L02"),
        *several("30", "accept/+3wd", "L01"),
        *several("2 24", "complete/-20wd", "D07"),
    }
    # The supervision group hears in one message of both self-checks.
    assert told.messages_on(d("04-03")) == Counter(
        {
            ("D07", "digest"): 1,
            ("G02", "action"): 1,
            **{(party, "escalation"): 1 for party in ("G01", "L01", "L02", "L03", "L04")},
        }
    )


def test_the_telling_day(told: Home) -> None:
    # Worked after 16 June: 19, 20, 21, 25, 26; so +5wd of measures 7 and 26, due on the 16th, is the 26th. Worked
    # after 9 June: 12, 13, 14, 15, 16, 19, 20, 21, 25, 26: ten, for measure 16. After 2 June there are five more, 5
    # to 9 June: measure 30 is at +15wd, the second repeat. Due on the 25th: 15, 20 and 23, one working day late.
    # Worked from the 26th up to 10 July: 26, 27, 28, 29, 30, 3, 4, 5, 6, 7: -10wd of 17 and 34; ten more, 10 to 14
    # and 17 to 21 July, up to 24 July: -20wd of 22. Up to 29 June: 26, 27, 28: -3wd of 25. 19 is due on the day.
    # Measure 1 went to be checked on 15 June, by 16, 19, 20, 21, 25: one day late. 21 on 16 June, by the 26th.
    # Measure 26 is D08's: nobody else hears of +5wd, but the general group of the missing address.
    assert told.on(TELLING) == {
        *several("7", "complete/+5wd", "D02 L01 G03"),
        *several("16", "complete/+10wd#1", "G03 H01"),
        *several("30", "complete/+10wd#2", "G03 H01"),
        *several("15", "complete/+1wd", "D05 L03 G02"),
        *several("20", "complete/+1wd", "D06 L03 G02"),
        *several("23", "complete/+1wd", "D07 L01 G02"),
        *several("17", "complete/-10wd", "D04 L04"),
        *several("34", "complete/-10wd", "D01 D04 L03"),
        *several("22", "complete/-20wd", "D06"),
        *several("25", "complete/-3wd", "D02"),
        *several("19", "complete/0", "D04 L04"),
        *several("1", "check/+1wd", "G02 G01"),
        *several("21", "check/0", "G02"),
        ("26", "complete/+5wd", "D08", "no_address"),
        *several("26", "complete/address", "G01"),
    }
    digests = ("D01", "D02", "D04", "D06", "G02", "L03", "L04")
    escalations = ("D02", "D05", "D06", "D07", "G01", "G02", "G03", "H01", "L01", "L03")
    assert told.messages_on(TELLING) == Counter(
        {**{(party, "digest"): 1 for party in digests}, **{(party, "escalation"): 1 for party in escalations}}
    )


def test_a_unit_without_an_address(told: Home, tmp_path: Path) -> None:
    # Measure 26 is due on Friday 16 June. Before it are worked 15, 14, 13 (-3wd), 12, 9, 8, 7, 6, 5, 2 June (-10wd),
    # 1 June, 31, 30, 29, 26, 25, 24, 23, 22, 19 May (-20wd).
    rungs = {n["rung"]: n["on"] for n in told.notices if n["party"] == "D08" and n["measure"] == "26"}
    assert rungs == {
        "accept/+1wd": "2023-03-30",
        "complete/-20wd": "2023-05-19",
        "complete/-10wd": "2023-06-02",
        "complete/-3wd": "2023-06-13",
        "complete/0": "2023-06-16",
        "complete/+1wd": "2023-06-19",
        "complete/+5wd": "2023-06-26",
    }
    assert {n["unsaid"] for n in told.notices if n["party"] == "D08"} == {"no_address"}
    assert not [m for m in told.messages if m["party"] == "D08"]
    # Tenth and fifteenth working day after 16 June: 3 and 10 July.
    later = told.copy(tmp_path / "home")
    for day in ("06-27", "07-03", "07-11"):
        later.daily(d(day))
    about_it = [n for n in later.notices if n["measure"] == "26" and n["stage"] == "complete"]
    assert [(n["party"], n["on"]) for n in about_it if n["kind"] == "address"] == [("G01", "2023-06-26")]
    assert {n["party"] for n in about_it} == {"D08", "D07", "L03", "G02", "G01"}, "neither accountability nor head"
    assert [n["measure"] for n in later.notices if n["kind"] == "address"] == ["26"]


# What was sent


def test_a_party_gets_one_message_of_a_kind_a_day(told: Home) -> None:
    sent = Counter((m["party"], m["on"], m["kind"]) for m in told.messages)
    assert set(sent.values()) == {1}
    assert {m["state"] for m in told.messages} == {"accepted"}


def test_every_message_is_one_letter_in_the_folder_of_who_receives_it(told: Home) -> None:
    named = yaml.safe_load((told.folder / "directory.yaml").read_text(encoding="utf-8"))["parties"]
    names = {party["code"]: party["name"] for party in named}
    found = {letter["message-id"]: (box, letter) for box, letter in _letters(told)}
    assert found.keys() == {m["message_id"] for m in told.messages}
    assert len(found) == sum(len(letters) for letters in letters_in(told.outbox).values())
    for message in told.messages:
        box, letter = found[message["message_id"]]
        (recipient,) = letter["to"].groups
        stands_in = message["party"] == "L03" and "2023-06-19" <= message["on"] <= "2023-06-30"
        assert box == ("L04" if stands_in else message["party"])
        assert recipient.display_name == names[box]
        assert letter["subject"].startswith(REHEARSAL)
        assert REHEARSAL in words(letter)
        assert message["on"] in letter["subject"]


def test_a_letter_tells_of_its_notices_and_of_no_others(told: Home) -> None:
    letters = {letter["message-id"]: words(letter) for _, letter in _letters(told)}
    for message in told.messages:
        if message["kind"] == "action":
            continue
        kinds = ("remind", "urge") if message["kind"] == "digest" else ("overdue", "supervise", "refer", "address")
        due = sorted(
            n["reason"]
            for n in told.notices
            if (n["party"], n["on"]) == (message["party"], message["on"]) and n["kind"] in kinds and n["unsaid"] is None
        )
        said = letters[message["message_id"]].split("通知原因：")[1:]
        assert sorted(part.splitlines()[0].rstrip("。") for part in said) == due


def test_a_stand_in_receives_for_the_lead_who_is_away(told: Home) -> None:
    # L04 receives for L03 from 19 to 30 June. In these days L03 hears of measure 26 at +1wd on the 19th, of 15 and
    # 20 on their due date, the 25th, and on the 26th of both at +1wd and of 34 at -10wd.
    away = [m for m in told.messages if m["party"] == "L03" and m["on"] >= "2023-06-19"]
    assert [(m["on"], m["kind"]) for m in away] == [
        ("2023-06-19", "escalation"),
        ("2023-06-25", "digest"),
        ("2023-06-26", "digest"),
        ("2023-06-26", "escalation"),
    ]
    letters = {letter["message-id"]: (box, letter) for box, letter in _letters(told)}
    for message in away:
        box, letter = letters[message["message_id"]]
        assert box == "L04"
        assert "本通知应由韩清和接收，现由杨立诚代收" in words(letter)
    assert len([box for box, letter in _letters(told) if box == "L04" and "06-26" in letter["subject"]]) == 3


def test_a_party_in_two_roles_gets_one_message_in_sections(told: Home) -> None:
    # On the telling day D04 is the unit of 17 and 19, and cooperates in 34.
    letter = next(words(letter) for box, letter in _letters(told) if box == "D04" and str(TELLING) in letter["subject"])
    as_unit, as_helper = letter.split("作为配合单位（1条）")
    assert "作为责任单位（2条）" in as_unit
    assert "序号17，" in as_unit
    assert "序号19，" in as_unit
    assert "序号34，" in as_helper


def test_a_letter_about_actions_tells_of_each_that_its_party_must_hear_of(told: Home) -> None:
    letters = {letter["message-id"]: words(letter) for _, letter in _letters(told)}
    news = told.listed("notices", "--actions")
    sent = [m for m in told.messages if m["kind"] == "action"]
    assert {(n["party"], n["on"]) for n in news if n["unsaid"] is None} == {(m["party"], m["on"]) for m in sent}
    for message in sent:
        due = [n for n in news if (n["party"], n["on"]) == (message["party"], message["on"])]
        letter = letters[message["message_id"]]
        assert len(re.findall(r"序号\S+?，", letter)) == len(due)
        for one in due:
            assert f"序号{one['measure']}，" in letter


def _letters(home: Home) -> list[tuple[str, EmailMessage]]:
    return [(box, read(path)) for box, paths in letters_in(home.outbox).items() for path in paths]


# Running again, and not at all


def test_a_second_run_is_silent(told: Home, tmp_path: Path) -> None:
    again = told.copy(tmp_path / "home")
    result = again.daily(TELLING)
    assert (result["notices"], result["messages"], result["accepted"]) == (0, 0, 0)
    assert again.notices == told.notices
    assert again.messages == told.messages
    assert letters_in(again.outbox).keys() == letters_in(told.outbox).keys()
    assert len(_letters(again)) == len(_letters(told))


def test_a_day_that_was_handled_is_refused(told: Home) -> None:
    told.duban("daily", "--on", "2023-06-25", "--via", "direct", code=1)


@pytest.fixture(scope="module")
def gappy(assigned: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The same office up to 31 May, which made no run before 10 May and none in the two weeks from 15 to 26 May."""
    home = assigned.copy(tmp_path_factory.mktemp("gappy") / "home")
    with home.office() as office:

        def run_day(day: date) -> None:
            if d("05-10") <= day <= d("05-12") or day >= d("05-29"):
                steps.run_day(office, day)

        play(office, d("05-31"), run_day)
        run_day(d("05-31"))
    return home


def test_after_two_weeks_without_a_run_the_next_one_says_what_is_still_true(told: Home, gappy: Home) -> None:
    def posted(home: Home, first: str, last: str) -> dict[tuple[str, ...], dict[str, Any]]:
        days = (str(d(first)), str(d(last)))
        found = [n for n in home.notices if days[0] <= n["on"] <= days[1]]
        return {(n["measure"], n["stage"], n["rung"], n["party"], n["on"]): n for n in found}

    daily, after_gap = posted(told, "05-15", "05-29"), posted(gappy, "05-15", "05-29")
    # In the two weeks measures 31, due on the 25th, and 9, due on the 31st, were sent in, on the 24th and the 26th.
    # Three working days before the 25th is the 22nd. Before the 31st are worked 30, 29, 26, 25, 24, 23, 22, 19, 18, 17.
    assert daily.keys() - after_gap.keys() == {
        ("31", "complete", "complete/-3wd", "D07", "2023-05-22"),
        *{("9", "complete", "complete/-10wd", party, "2023-05-17") for party in ("D07", "D01", "L01")},
    }
    assert not after_gap.keys() - daily.keys()
    posted_on = {m["on"] for m in gappy.messages if m["kind"] != "action" and "2023-05-12" < m["on"] < "2023-05-30"}
    assert posted_on == {"2023-05-29"}
    # What was sent in meanwhile was told in messages of their own days; they, too, went out on the 29th only.
    late = [m for m in gappy.messages if m["kind"] == "action" and m["on"] > "2023-05-12"]
    of_actions = [(m["party"], m["on"], m["state"]) for m in late]
    assert of_actions[:2] == [("G02", "2023-05-24", "accepted"), ("G02", "2023-05-26", "accepted")]
    # Measure 8, due on Thursday 25 May: D01 would have heard on the 22nd, 25th and 26th, L01 on the last two.
    about_8 = {(n["party"], n["rung"]): n["unsaid"] for n in after_gap.values() if n["measure"] == "8"}
    assert about_8 == {
        ("D01", "complete/-3wd"): "superseded",
        ("D01", "complete/0"): "superseded",
        ("D01", "complete/+1wd"): None,
        ("L01", "complete/0"): "superseded",
        ("L01", "complete/+1wd"): None,
        ("G02", "complete/+1wd"): None,
    }
    assert posted(gappy, "05-30", "05-31").keys() == posted(told, "05-30", "05-31").keys()


def test_catching_up_six_weeks_is_one_message_of_a_kind_a_party(gappy: Home) -> None:
    sent = Counter((m["party"], m["kind"]) for m in gappy.messages if m["on"] == "2023-05-10")
    assert set(sent.values()) == {1}
    assert min(n["on"] for n in gappy.notices) == "2023-03-30", "accept/+1wd of what is still not accepted"
    pairs = Counter(
        (n["measure"], n["stage"], n["party"]) for n in gappy.notices if n["on"] <= "2023-05-10" and n["unsaid"] is None
    )
    assert set(pairs.values()) == {1}, "of several rungs of a clock a party hears the last one only"


# A small office through the command line


def test_a_unit_that_is_also_the_supervision_group_hears_of_both_in_one_message(tmp_path: Path) -> None:
    # Both measures are due on Friday 16 June; on Monday the 19th unit, lead and supervision hear that they are late.
    both = replaced(PLAIN_DIRECTORY, "D1", roles=frozenset({Role.UNIT, Role.SUPERVISION}))
    rows = {Row("1", "D1", "L1"): d("06-16"), Row("2", "D2", "L1"): d("06-16")}
    home = Home(assigned_home(tmp_path, rows, d("06-12"), both).home)
    for no, person in (("1", "d1-a"), ("2", "d2-a")):
        home.duban("accept", no, "--by", person, "--on", "2023-06-13")
    for day in ("06-13", "06-14", "06-15", "06-16"):
        home.daily(d(day))
    assert home.daily(d("06-19"))["notices"] == 7  # D1, L1, S1 of the first; D2, L1, S1 and D1 of the second
    (message,) = [m for m in home.messages if m["party"] == "D1" and m["on"] == "2023-06-19"]
    letter = next(words(one) for box, one in _letters(home) if box == "D1" and "06-19" in one["subject"])
    assert message["kind"] == "escalation"
    as_unit, as_supervision = letter.split("作为督办组（1条）")
    assert "序号1，" in as_unit
    assert "序号2，" in as_supervision
