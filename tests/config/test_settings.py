"""What the environment says of a home, and how people may write a day."""

from datetime import date
from pathlib import Path

import pytest

from config.settings import DEFAULT_HOME, load_settings, read_day
from models.errors import UsageRefused


def test_without_a_word_the_home_is_a_folder_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load_settings({})
    assert settings.home == tmp_path / DEFAULT_HOME
    assert settings.database_url == f"sqlite:///{tmp_path / DEFAULT_HOME / 'duban.db'}"
    assert settings.today is None


@pytest.mark.parametrize("written", ["", "duban-home"])
def test_a_relative_home_is_made_absolute_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert load_settings({"DUBAN_HOME": written}).home == tmp_path / "duban-home"


def test_everything_of_a_home_lies_in_it(tmp_path: Path) -> None:
    settings = load_settings({"DUBAN_HOME": str(tmp_path)})
    places = (settings.database, settings.policy, settings.directory, settings.calendar, settings.templates,
              settings.evidence, settings.outbox, settings.story)  # fmt: skip
    assert {place.parent for place in places} == {tmp_path}
    assert len({place.name for place in places}) == len(places)


def test_another_database_may_be_named(tmp_path: Path) -> None:
    env = {"DUBAN_HOME": str(tmp_path), "DUBAN_DATABASE_URL": "sqlite:////elsewhere/x.db"}
    assert load_settings(env).database_url == "sqlite:////elsewhere/x.db"


def test_the_day_of_a_rehearsal() -> None:
    assert load_settings({"DUBAN_TODAY": "2023-06-26"}).today == date(2023, 6, 26)
    assert load_settings({"DUBAN_TODAY": ""}).today is None


@pytest.mark.parametrize("written", ["今天", "2023-6-26", "2023-02-29", "9999-12-31"])
def test_a_day_that_is_none_is_refused_by_the_name_of_its_variable(written: str) -> None:
    with pytest.raises(UsageRefused, match="环境变量 DUBAN_TODAY 的值不对") as refusal:
        load_settings({"DUBAN_TODAY": written})
    assert f"“{written}”" in refusal.value.zh


def test_secrets_of_the_environment_are_not_shown() -> None:
    settings = load_settings({"SMTP_PASS": "hunter2"})
    assert settings.env["SMTP_PASS"] == "hunter2"
    assert "hunter2" not in repr(settings)


@pytest.mark.parametrize("day", [date(2000, 1, 1), date(2024, 2, 29), date(2100, 12, 31)])
def test_days_are_read_as_they_are_written(day: date) -> None:
    assert read_day(day.isoformat()) == day


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("", "不是日期"),
        ("20230626", "不是日期"),
        ("2023-W26-1", "不是日期"),
        ("2023/06/26", "不是日期"),
        ("2023-06-26 ", "不是日期"),
        ("２０２３-06-26", "不是日期"),
        ("2023-06-26T00:00", "不是日期"),
        ("+2023-06-26", "不是日期"),
        ("2023-02-29", "日历上没有"),
        ("2023-13-01", "日历上没有"),
        ("0000-01-01", "日历上没有"),
        ("1999-12-31", "不在2000年至2100年之间"),
        ("2101-01-01", "不在2000年至2100年之间"),
    ],
)
def test_what_is_no_day(written: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        read_day(written)
