"""Reading service.yaml: defaults, times, pauses, and every fault of the file told at its place."""

from datetime import UTC, datetime, time
from pathlib import Path

import pytest

from config.service import DailyTimes, DeliverTimes, Service, load_service
from models.errors import ServiceRefused


def write(folder: Path, content: str) -> Path:
    path = folder / "service.yaml"
    path.write_text(content, encoding="utf-8")
    return path


def refused(path: Path) -> ServiceRefused:
    with pytest.raises(ServiceRefused) as refusal:
        load_service(path)
    return refusal.value


def at_shanghai(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00")


@pytest.mark.parametrize("content", [None, "", "# nothing yet\n", "daily: {}\ndeliver: {}\n"])
def test_what_is_not_written_holds_by_default(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "service.yaml" if content is None else write(tmp_path, content)
    service = load_service(path)
    assert service == Service()
    assert (service.port, service.daily.cron, service.deliver.cron) == (4200, "30 8 * * *", "*/5 7-19 * * *")
    assert not (service.daily.paused or service.deliver.paused)


def test_an_office_sets_its_own_port_times_and_pauses(tmp_path: Path) -> None:
    content = """
        port: 8765
        daily: {at: "06:05", paused: true}
        deliver: {every: 10, from: "0:00", until: "24:00", paused: true}
    """
    assert load_service(write(tmp_path, content)) == Service(
        8765, DailyTimes(time(6, 5), paused=True), DeliverTimes(10, 0, 24, paused=True)
    )


def test_a_time_with_a_chinese_colon_is_understood(tmp_path: Path) -> None:
    assert load_service(write(tmp_path, "daily: {at: 9：15}")).daily.at == time(9, 15)


@pytest.mark.parametrize(
    ("content", "where", "text"),
    [
        ("port: 0", "port", "端口应为1到65535之间的整数"),
        ("port: 65536", "port", "端口应为1到65535之间的整数"),
        ("port: true", "port", "端口应为1到65535之间的整数"),
        ("daily: {at: 8:30}", "daily.at", '时刻写法不对，应如 "08:30"，须加引号'),
        ('daily: {at: "24:00"}', "daily.at", '时刻写法不对，应如 "08:30"'),
        ('daily: {at: "8点"}', "daily.at", '时刻写法不对，应如 "08:30"'),
        ("daily: {at: }", "daily.at", '时刻写法不对，应如 "08:30"'),
        ("daily: {paused: 1}", "daily.paused", "应为 true（暂停）或 false"),
        ("daily: {every: 5}", "daily.every", "不认识的键，可用：at、paused"),
        ("daily: [1]", "daily", "应为“键: 值”的形式"),
        ("deliver: {every: 0}", "deliver.every", "间隔的分钟数应为1到59之间的整数"),
        ("deliver: {every: 60}", "deliver.every", "间隔的分钟数应为1到59之间的整数"),
        ("deliver: {every: 2.5}", "deliver.every", "间隔的分钟数应为1到59之间的整数"),
        ('deliver: {from: "07:30"}', "deliver.from", '应为整点，如 "07:00"'),
        ("deliver: {until: 20:00}", "deliver.until", '应为整点，如 "07:00"，须加引号'),
        ('deliver: {from: "20:00"}', "deliver.until", "应晚于 from（20:00）"),
        ("host: 0.0.0.0", "host", "不认识的键，可用：port、daily、deliver"),
        ("- port", "文件", "应为“键: 值”的形式"),
        ("port: 1\nport: 2", "第2行", "同一个键写了两次"),
    ],
)
def test_each_fault_is_told_at_its_place(tmp_path: Path, content: str, where: str, text: str) -> None:
    refusal = refused(write(tmp_path, content))
    assert refusal.zh == "服务设置 service.yaml 有1处问题，未采用。"
    assert [(problem.where, problem.text) for problem in refusal.problems] == [(where, text)]


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    refusal = refused(write(tmp_path, "port: x\ndaily: {at: noon}\ndeliver: {every: often}\nhost: all"))
    assert [problem.where for problem in refusal.problems] == ["host", "port", "daily.at", "deliver.every"]


@pytest.mark.parametrize("content", ["port: [", "port: 1\n  x: 2", "a: \x01", "port: 2023-99-99"])
def test_what_is_no_yaml_is_refused_in_a_sentence(tmp_path: Path, content: str) -> None:
    assert refused(write(tmp_path, content)).zh == "服务设置 service.yaml 不是合法的 YAML。"


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "service.yaml"
    path.write_bytes(b"port: \xb6\xcb")
    assert refused(path).zh == "服务设置 service.yaml 不是 UTF-8 文本。"
    path.unlink()
    path.mkdir()
    assert refused(path).zh == f"读不了服务设置 {path}。"


@pytest.mark.parametrize(
    ("now", "last"),
    [
        ("2023-06-26T08:29:59", "2023-06-25T08:30:00"),
        ("2023-06-26T08:30:00", "2023-06-26T08:30:00"),
        ("2023-06-26T23:59:59", "2023-06-26T08:30:00"),
        ("2023-07-01T00:00:00", "2023-06-30T08:30:00"),
    ],
)
def test_the_last_moment_at_which_a_daily_run_was_due(now: str, last: str) -> None:
    assert DailyTimes().last_due(at_shanghai(now)) == at_shanghai(last)


def test_due_moments_are_those_of_the_office_whatever_the_zone_of_the_clock() -> None:
    now = datetime(2023, 6, 25, 23, 0, tzinfo=UTC)
    assert DailyTimes().last_due(now).isoformat() == "2023-06-25T08:30:00+08:00"
    assert DailyTimes().next_due(now).isoformat() == "2023-06-26T08:30:00+08:00"


@pytest.mark.parametrize(
    ("every", "now", "following"),
    [
        (5, "2023-06-26T08:30:00", "2023-06-26T08:35:00"),
        (5, "2023-06-26T08:57:30", "2023-06-26T09:00:00"),
        (25, "2023-06-26T08:51:00", "2023-06-26T09:00:00"),
        (5, "2023-06-26T19:55:00", "2023-06-27T07:00:00"),
        (5, "2023-06-30T23:59:00", "2023-07-01T07:00:00"),
        (5, "2023-06-26T03:10:00", "2023-06-26T07:00:00"),
    ],
)
def test_the_next_delivery(every: int, now: str, following: str) -> None:
    assert DeliverTimes(every).next_due(at_shanghai(now)) == at_shanghai(following)


@pytest.mark.parametrize(
    ("now", "are_open"),
    [
        ("2023-06-26T06:59:59", False),
        ("2023-06-26T07:00:00", True),
        ("2023-06-26T19:59:59", True),
        ("2023-06-26T20:00:00", False),
    ],
)
def test_messages_go_out_in_their_hours_and_not_while_paused(now: str, are_open: bool) -> None:
    assert DeliverTimes().are_open(at_shanghai(now).astimezone(UTC)) is are_open
    assert not DeliverTimes(paused=True).are_open(at_shanghai(now))
