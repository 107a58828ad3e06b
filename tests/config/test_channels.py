"""Reading channels.yaml: defaults, lists of hosts, where robots are, and every fault of the file told at its place."""

from pathlib import Path

import pytest

from config.channels import NO_CHANNELS, Channels, load_channels
from models.errors import ChannelsRefused


def write(folder: Path, content: str) -> Path:
    path = folder / "channels.yaml"
    path.write_text(content, encoding="utf-8")
    return path


@pytest.mark.parametrize("content", [None, "", "# nothing yet\n", "webhook_hosts: []\nrobots: {}\nsmtp: {}\n"])
def test_what_is_not_written_holds_by_default(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "channels.yaml" if content is None else write(tmp_path, content)
    assert load_channels(path) == NO_CHANNELS == Channels(frozenset(), {}, 1)


def test_an_office_lists_hosts_robots_and_connections(tmp_path: Path) -> None:
    content = """
        webhook_hosts: [OA.example.cn, "172.31.2.3:8080", "[fd00::1]:8443"]
        robots: {wecom: "https://wx.example.gov.cn:8443/proxy/", dingtalk: http://127.0.0.1:9001}
        smtp: {connections: 4}
    """
    found = load_channels(write(tmp_path, content))
    assert found.webhook_hosts == {"oa.example.cn", "172.31.2.3:8080", "[fd00::1]:8443"}
    assert found.robots == {"wecom": "https://wx.example.gov.cn:8443/proxy", "dingtalk": "http://127.0.0.1:9001"}
    assert found.smtp_connections == 4


@pytest.mark.parametrize(
    ("host", "port", "may"),
    [
        ("oa.example.cn", 443, True),
        ("OA.example.cn", 8443, True),  # listed without a port: every port of it
        ("evil.oa.example.cn", 443, False),
        ("example.cn", 443, False),
        ("172.31.2.3", 8080, True),
        ("172.31.2.3", 80, False),
        ("fd00::1", 8443, True),
        ("[fd00::1]", 8443, True),
        ("fd00::1", 443, False),
    ],
)
def test_a_host_is_listed_for_all_its_ports_or_for_one(host: str, port: int, may: bool) -> None:
    channels = Channels(frozenset({"oa.example.cn", "172.31.2.3:8080", "[fd00::1]:8443"}))
    assert channels.may_reach(host, port) is may


@pytest.mark.parametrize(
    ("content", "where", "text"),
    [
        ("webhook_hosts: oa.example.cn", "webhook_hosts", "应为一列主机"),
        ("webhook_hosts: ['https://oa.example.cn']", "webhook_hosts[1]", "应为主机名或“主机名:端口”"),
        ("webhook_hosts: ['*.example.cn']", "webhook_hosts[1]", "应为主机名或“主机名:端口”"),
        ("webhook_hosts: ['oa.example.cn:0']", "webhook_hosts[1]", "应为主机名或“主机名:端口”"),
        ("webhook_hosts: [1]", "webhook_hosts[1]", "应为主机名或“主机名:端口”"),
        ("robots: {wechat: 'https://x.cn'}", "robots.wechat", "不认识的键，可用：wecom、dingtalk、feishu、lark"),
        ("robots: {wecom: x.cn}", "robots.wecom", "应为 https://主机名[:端口][/路径]"),
        ("robots: {wecom: 'ftp://x.cn'}", "robots.wecom", "应为 https://主机名[:端口][/路径]"),
        ("smtp: {connections: 0}", "smtp.connections", "同时使用的连接数应为1到8之间的整数"),
        ("smtp: {connections: true}", "smtp.connections", "同时使用的连接数应为1到8之间的整数"),
        ("hosts: []", "hosts", "不认识的键，可用：webhook_hosts、robots、smtp"),
        ("- wecom", "文件", "应为“键: 值”的形式"),
    ],
)
def test_each_fault_is_told_at_its_place(tmp_path: Path, content: str, where: str, text: str) -> None:
    with pytest.raises(ChannelsRefused) as refusal:
        load_channels(write(tmp_path, content))
    assert refusal.value.zh == "通道设置 channels.yaml 有1处问题，未采用。"
    assert [problem.where for problem in refusal.value.problems] == [where]
    assert refusal.value.problems[0].text.startswith(text)


def test_a_key_pasted_in_with_a_robots_url_is_not_repeated(tmp_path: Path) -> None:
    url = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=s3cret"
    with pytest.raises(ChannelsRefused) as refusal:
        load_channels(write(tmp_path, f"robots: {{wecom: '{url}'}}"))
    assert "s3cret" not in refusal.value.in_full
    assert "不带密钥和参数" in refusal.value.in_full
