"""The delivery as a Prefect flow: what it hands over, how its runs are named and end, and what they show."""

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from flows.office import Office
from models.store import board
from models.tables import MessageState
from tests.flows.conftest import Prefect
from tests.handling_fixtures import Line, hand_out, small_office, take_in
from tests.offices import letters_in

# Prefect 3.8.8 leaves two clients of its result storage open after each flow run (prefect/results.py).
pytestmark = [
    pytest.mark.prefect,
    pytest.mark.usefixtures("swept", "open_streams"),
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
]

MONDAY, SUNDAY = date(2023, 3, 27), date(2023, 3, 26)


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """A home with one measure that was assigned on Monday; its three messages wait. The environment names it."""
    with small_office(tmp_path) as office:
        take_in(office, Line("1"))
        hand_out(office, "1", MONDAY)
        monkeypatch.setenv("DUBAN_HOME", str(office.settings.home))
        monkeypatch.delenv("DUBAN_TODAY", raising=False)
        yield office


def states(office: Office) -> set[MessageState]:
    with office.store.reading() as connection:
        return {message.state for message in board.messages(connection)}


def test_it_hands_over_what_waits_and_says_how_much(prefect: Prefect, office: Office) -> None:
    from flows.delivery import deliver

    shown = prefect.show(deliver, MONDAY)
    letters = sum(map(len, letters_in(office.settings.outbox).values()))
    assert letters > 0
    assert states(office) == {MessageState.ACCEPTED}
    assert (shown.type, shown.state, shown.run.name) == ("COMPLETED", "已投递", "投递 2023-03-27")
    assert shown.message == f"已送达{letters}封，待重试0封，被拒收0封，结果不明0封，不再需要0封。"
    assert {key: artifact.data for key, artifact in shown.artifacts.items()} == {"delivery": 100.0}


def test_a_copy_of_a_home_delivers_nothing_and_says_why(
    prefect: Prefect, office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flows.delivery import deliver

    shutil.copytree(office.settings.home, tmp_path / "copy")
    names = tmp_path / "copy" / "directory.yaml"
    content = names.read_text(encoding="utf-8").replace("file:", "mailto://127.0.0.1:9/?from=a@x.cn&to=b@x.cn", 1)
    names.write_text(content, encoding="utf-8")
    monkeypatch.setenv("DUBAN_HOME", str(tmp_path / "copy"))
    shown = prefect.show(deliver, MONDAY)
    assert (shown.type, shown.state) == ("FAILED", "未投递")
    assert "从别处复制或搬来" in shown.message


def test_with_nothing_to_deliver_it_leaves_nothing_but_its_state(prefect: Prefect, office: Office) -> None:
    from flows.delivery import deliver

    prefect.run(deliver, MONDAY)
    shown = prefect.show(deliver, MONDAY)
    assert (shown.type, shown.state, shown.message) == ("COMPLETED", "无待发消息", "没有待发的消息。")
    assert shown.artifacts == {}


def test_the_day_comes_from_the_home_where_none_is_given(
    prefect: Prefect, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flows.delivery import deliver

    monkeypatch.setenv("DUBAN_TODAY", "2023-03-28")
    assert prefect.show(deliver).run.name == "投递 2023-03-28"


def test_a_refusal_is_a_state_and_no_traceback(
    prefect: Prefect, office: Office, capfd: pytest.CaptureFixture[str]
) -> None:
    from flows.delivery import deliver

    shown = prefect.show(deliver, date(2023, 3, 1))
    assert (shown.type, shown.state) == ("FAILED", "未投递")
    assert shown.message.startswith("2023-03-01 早于已处理到的日期")
    office.settings.directory.write_text("parties: 1", encoding="utf-8")
    shown = prefect.show(deliver, MONDAY)
    assert (shown.type, shown.state) == ("FAILED", "未投递")
    assert "directory.yaml" in shown.message
    assert MessageState.ACCEPTED not in states(office)
    assert "Traceback" not in "".join(capfd.readouterr())


def test_what_is_no_day_is_said_in_chinese(prefect: Prefect, office: Office) -> None:
    from flows.delivery import deliver

    shown = prefect.show(deliver, {"a": 1})
    assert (shown.type, shown.state) == ("FAILED", "表单有误")
    assert "不是日期" in shown.message
    assert states(office) == {MessageState.PLANNED}
