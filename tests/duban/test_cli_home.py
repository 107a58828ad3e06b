"""init, doctor: what they make, say and leave alone."""

import shutil
from pathlib import Path

import pytest

from config.policy import DEFAULT_POLICY, PRESETS
from duban.cli.home import SAMPLE
from tests.duban.conftest import Answer, Duban, kept_in

# --- init


def test_a_live_home_comes_with_a_directory_to_be_filled_in(duban: Duban, place: Path) -> None:
    answer = duban("init")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.splitlines() == [
        f"已建立正式环境：{place / 'home'}",
        "其中的 directory.yaml 是样例，请改成本单位的通讯录，再用 duban import 导入台账。",
    ]
    assert sorted(path.name for path in (place / "home").iterdir()) == ["directory.yaml", "duban.db", "policy.yaml"]
    assert duban("measures", "--json").json == []


def test_a_rehearsal_says_that_it_is_one(duban: Duban, place: Path) -> None:
    assert duban("init", "--rehearsal").out.startswith(f"已建立演练环境：{place / 'home'}")
    assert "演练环境，0条措施" in duban("doctor").out


def test_the_sample_is_there_and_assigned(duban: Duban) -> None:
    answer = duban("init", "--sample")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.splitlines()[1] == "已导入样例台账：11个问题、34条措施，并于2023-03-27交办。"
    rows = duban("measures", "--json").json
    assert {(row["state"], row["stage"], row["clock_due_on"]) for row in rows} == {("assigned", "accept", "2023-03-29")}
    assert duban("notices", "--json").json == []
    news = duban("notices", "--actions", "--json").json
    assert {(row["kind"], row["on"]) for row in news} == {("assigned", "2023-03-27")}
    assert {row["measure"] for row in news} == {str(no) for no in range(1, 35)}
    assert {row["party"] for row in news if row["unsaid"] == "no_address"} == {"D08"}
    waiting = [(row["party"], row["kind"], row["state"]) for row in duban("messages", "--json").json]
    assert sorted(waiting) == [
        *((f"D0{n}", "action", "planned") for n in range(1, 8)),
        *((f"L0{n}", "action", "planned") for n in range(1, 5)),
    ]


def test_an_office_brings_its_own_directory_and_policy(duban: Duban, place: Path) -> None:
    directory = Path(shutil.copy(SAMPLE / "directory.yaml", place / "通讯录.yaml"))
    answer = duban("init", "--directory", directory, "--policy", "three_colours")
    assert answer.code == 0
    assert "样例" not in answer.out
    assert (place / "home" / "policy.yaml").read_bytes() == (PRESETS / "three_colours.yaml").read_bytes()
    assert (place / "home" / "directory.yaml").read_bytes() == directory.read_bytes()


def test_a_policy_may_be_a_file(duban: Duban, place: Path) -> None:
    path = place / "阶梯.yaml"
    path.write_text(DEFAULT_POLICY.read_text(encoding="utf-8").replace("默认阶梯", "本局阶梯"), encoding="utf-8")
    assert duban("init", "--policy", path).code == 0
    assert "“本局阶梯”" in duban("doctor").out


@pytest.mark.parametrize("policy", ["四色", "", ".", "three_colours.yaml"])
def test_a_policy_that_is_none(duban: Duban, place: Path, policy: str) -> None:
    answer = duban("init", "--policy", policy)
    assert answer.code == 2
    assert answer.lines == [f"没有升级阶梯文件“{policy}”。", "请给出文件路径，或预设名：three_colours。"]
    assert not (place / "home").exists()


def test_a_directory_with_problems_makes_no_home(duban: Duban, place: Path) -> None:
    (place / "d.yaml").write_text("parties: [{code: D01, name: 办公室, role: boss, addresses: []}]", encoding="utf-8")
    answer = duban("init", "--directory", place / "d.yaml")
    assert (answer.code, answer.out) == (1, "")
    assert "parties[1].role" in answer.err
    assert not (place / "home").exists()


@pytest.mark.parametrize("given", ["不存在.yaml", "."])
def test_a_directory_that_cannot_be_read(duban: Duban, place: Path, given: str) -> None:
    answer = duban("init", "--directory", given)
    assert answer.code == 1
    assert answer.lines[-1] == "请检查文件是否存在、是否为 UTF-8 文本。"
    assert not (place / "home").exists()


@pytest.mark.usefixtures("sample")
def test_a_home_is_made_once(duban: Duban, place: Path) -> None:
    before = kept_in(place / "home")
    for options in ([], ["--sample"], ["--rehearsal"]):
        answer = duban("init", *options)
        assert (answer.code, answer.out) == (1, "")
        assert answer.lines[0] == f"“{place / 'home'}”不是空目录，未作任何改动。"
    assert kept_in(place / "home") == before


def test_a_failed_init_can_be_made_good(duban: Duban, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUBAN_DATABASE_URL", f"sqlite:///{place / 'no' / 'such' / 'folder.db'}")
    answer = duban("init", "--sample")
    assert answer.code == 1
    assert "打不开或不可写" in answer.lines[0]
    monkeypatch.delenv("DUBAN_DATABASE_URL")
    assert duban("init", "--sample").code == 0


def test_the_database_may_lie_elsewhere(duban: Duban, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUBAN_DATABASE_URL", f"sqlite:///{place / 'elsewhere.db'}")
    assert duban("init", "--sample").code == 0
    assert len(duban("measures", "--json").json) == 34
    assert not (place / "home" / "duban.db").exists()


# --- doctor


def findings(answer: Answer) -> list[tuple[str, str]]:
    return [(found["level"], found["what"]) for found in answer.json["findings"]]


@pytest.mark.usefixtures("played")
def test_the_sample_is_healthy_but_for_a_unit_without_address(duban: Duban) -> None:
    answer = duban("doctor", "--json")
    assert answer.code == 0
    assert set(answer.json) == {
        "healthy", "findings", "counters", "oldest_due_minutes", "failing_channels", "last_run", "last_delivery",
        "copy",
    }  # fmt: skip
    assert answer.json["healthy"] is True
    assert [what for level, what in findings(answer) if level == "warning"] == ["直属学校（D08）没有通知地址。"]
    assert ("info", "已处理到2023-06-26；演练环境，34条措施。") in findings(answer)


@pytest.mark.usefixtures("played")
def test_people_read_the_findings_with_their_cure(duban: Duban) -> None:
    lines = duban("doctor").out.splitlines()
    assert lines[0] == "[注意] 直属学校（D08）没有通知地址。 请在 directory.yaml 中补录。"
    assert lines[-1] == "一切正常。"


def test_an_address_that_cannot_work_must_be_dealt_with(duban: Duban, sample: Path) -> None:
    directory = sample / "directory.yaml"
    broken = "mailtos://${SMTP_USER}:${SMTP_PASS}@mail.example.cn/?from=a@example.cn&to=b@example.cn"
    directory.write_text(directory.read_text(encoding="utf-8").replace('"file:"', f'"{broken}"', 1), encoding="utf-8")
    answer = duban("doctor", "--json")
    assert (answer.code, answer.json["healthy"]) == (1, False)
    assert findings(answer)[0][0] == "error"
    assert "办公室（D01）" in findings(answer)[0][1]
    assert "SMTP_USER" in findings(answer)[0][1]
    page = duban("doctor")
    assert (page.code, page.out.splitlines()[-1]) == (1, "有须处理的问题，见上。")


def test_what_waits_is_told(duban: Duban, sample: Path) -> None:
    assert duban("daily", "--on", "2023-03-30", "--no-deliver").code == 0
    warnings = [what for level, what in findings(duban("doctor", "--json")) if level == "warning"]
    waiting = duban("messages", "--json").json
    assert {row["kind"] for row in waiting} == {"action", "digest"}
    assert f"有{len(waiting)}封消息待发，最早的是2023-03-27。" in warnings
    assert sample.is_dir()


def test_a_doctor_changes_nothing(duban: Duban, sample: Path) -> None:
    before = kept_in(sample)
    duban("doctor")
    assert kept_in(sample) == before
