"""Reading directory.yaml: what a party becomes, and every fault of the file told at its place."""

import hashlib
from datetime import date
from pathlib import Path
from textwrap import dedent, indent

import pytest

from config.directory import load_directory
from models.directory import DirectoryParty, Person, StandIn
from models.errors import DirectoryRefused
from models.lifecycle import Role

GROUPS = """
  - {code: G01, name: 综合组, role: general, addresses: ["file:"]}
  - {code: G02, name: 督办组, role: supervision, addresses: ["file:"]}
  - {code: G03, name: 责任追究组, role: accountability, addresses: ["file:"]}
  - {code: H01, name: 组长, role: head, addresses: ["file:"]}
"""
"""What every directory needs."""


def write(folder: Path, content: str) -> Path:
    path = folder / "directory.yaml"
    path.write_text(content, encoding="utf-8")
    return path


def with_party(folder: Path, party: str) -> Path:
    """A directory that is sound but for its first party, and any that follow in `party`."""
    return write(folder, f"parties:\n{indent(dedent(party).strip(), '  ')}{GROUPS}")


def refused(path: Path) -> DirectoryRefused:
    with pytest.raises(DirectoryRefused) as refusal:
        load_directory(path)
    return refusal.value


def test_every_key_of_a_party(tmp_path: Path) -> None:
    path = with_party(
        tmp_path,
        """
        - code: D01
          name: 人事科
          roles: [unit, lead]
          addresses: ["mailtos://${SMTP_USER}:${SMTP_PASS}@mail.example.cn/?to=rsk@example.cn", "file:"]
          people: [{code: zhangsan, name: 张三}, {code: lisi, name: 李四, disabled: true}]
          stand_in: {party: G01, from: 2023-06-01, until: 2023-06-01}
        """,
    )
    directory = load_directory(path)
    assert directory.parties[0] == DirectoryParty(
        code="D01",
        name="人事科",
        roles=frozenset({Role.UNIT, Role.LEAD}),
        addresses=("mailtos://${SMTP_USER}:${SMTP_PASS}@mail.example.cn/?to=rsk@example.cn", "file:"),
        people=(Person("zhangsan", "张三"), Person("lisi", "李四", disabled=True)),
        stand_ins=(StandIn("G01", date(2023, 6, 1), date(2023, 6, 1)),),
    )
    assert [party.code for party in directory.parties] == ["D01", "G01", "G02", "G03", "H01"]


def test_the_digest_is_that_of_the_text(tmp_path: Path) -> None:
    """Also of a file that an editor began with a byte order mark."""
    path = with_party(tmp_path, "- {code: D01, name: 人事科, role: unit, addresses: []}")
    content = path.read_text(encoding="utf-8")
    directory = load_directory(path)
    assert directory.content == content
    assert directory.digest == hashlib.sha256(content.encode()).hexdigest()
    path.write_text(content, encoding="utf-8-sig")
    assert load_directory(path) == directory


def test_one_person_may_serve_several_parties(tmp_path: Path) -> None:
    path = with_party(
        tmp_path,
        """
        - {code: D01, name: 人事科, role: unit, addresses: [], people: [{code: zhao, name: 赵岚}]}
        - {code: D02, name: 办公室, role: unit, addresses: [], people: [{code: zhao, name: 赵岚}]}
        """,
    )
    seats = load_directory(path).seats_of("zhao", date(2023, 6, 1))
    assert [(seat.party.code, seat.stand_in) for seat in seats] == [("D01", None), ("D02", None)]


def test_a_person_may_be_disabled_for_one_party_and_act_for_another(tmp_path: Path) -> None:
    path = with_party(
        tmp_path,
        """
        - code: D01
          name: 人事科
          role: unit
          addresses: []
          people: [{code: zhao, name: 赵岚, disabled: true}, {code: qian, name: 钱一鸣, disabled: false}]
        - {code: D02, name: 办公室, role: unit, addresses: [], people: [{code: zhao, name: 赵岚}]}
        """,
    )
    directory = load_directory(path)
    disabled = {
        (person, seat.party.code): seat.person.disabled
        for person in ("zhao", "qian")
        for seat in directory.seats_of(person, date(2023, 6, 1))
    }
    assert disabled == {("zhao", "D01"): True, ("zhao", "D02"): False, ("qian", "D01"): False}


def test_the_stand_in_of_a_party_acts_for_it_on_the_days_that_are_written(tmp_path: Path) -> None:
    path = with_party(
        tmp_path,
        """
        - code: L01
          name: 林致远
          role: lead
          addresses: []
          stand_in: {party: L02, from: 2023-06-12, until: 2023-06-16}
        - {code: L02, name: 沈守正, role: lead, addresses: [], people: [{code: shen, name: 沈守正}]}
        """,
    )
    directory = load_directory(path)
    assert directory.varies_by_day
    for day, codes in ((11, ["L02"]), (12, ["L02", "L01"]), (16, ["L02", "L01"]), (17, ["L02"])):
        assert [seat.party.code for seat in directory.seats_of("shen", date(2023, 6, day))] == codes


STAND_IN = "stand_in: {{party: {}, from: {}, until: {}}}"
FAULTS = [
    pytest.param(["code"], "code", "没有填写", id="no code"),
    pytest.param(["name: ''"], "name", "没有填写", id="an empty name"),
    pytest.param(["code: 7"], "code", "加引号", id="a code read as a number"),
    pytest.param(["name: yes"], "name", "加引号", id="a name read as true"),
    pytest.param(['name: "科\\n室"'], "name", "换行", id="a line break in a name"),
    pytest.param(["code: G02"], "code", "重复", id="a code taken"),
    pytest.param(["name: 督办组"], "name", "重复", id="a name taken"),
    pytest.param(["name: 督 办组"], "name", "重复", id="a name taken but for a blank"),
    pytest.param(["name: Ｇ０２"], "name", "重复", id="a name that is another's code"),
    pytest.param(["role"], "role", "只写一处", id="no role"),
    pytest.param(["roles: [lead]"], "role", "只写一处", id="role and roles"),
    pytest.param(["role: boss"], "role", "不认识的身份", id="an unknown role"),
    pytest.param(["role: cooperating"], "role", "不认识的身份", id="a role that only a measure gives"),
    pytest.param(["role", "roles: [unit, x]"], "roles", "不认识的身份", id="one unknown role of two"),
    pytest.param(["role", "roles: []"], "roles", "没有写身份", id="no roles"),
    pytest.param(["role", "roles: unit"], "roles", "应为一列", id="roles that are no list"),
    pytest.param(["addresses"], "addresses", "请写 []", id="addresses left out"),
    pytest.param(["addresses: 'file:'"], "addresses", "应为一列", id="addresses that are no list"),
    pytest.param(["addresses: [1]"], "addresses[1]", "加引号", id="an address that is a number"),
    pytest.param(["addresses: ['file:', a@b.cn]"], "addresses[2]", "“类型:”", id="a bare mail address"),
    pytest.param(["phone: 1"], "phone", "不认识的键", id="an unknown key"),
    pytest.param(["people: 张三"], "people", "应为一列", id="people that are no list"),
    pytest.param(["people: [张三]"], "people[1]", "键: 值", id="a person without a code"),
    pytest.param(["people: [{code: a, name: 甲, age: 3}]"], "people[1].age", "不认识的键", id="a key of a person"),
    pytest.param(
        ["people: [{code: a, name: 甲, disabled: 1}]"], "people[1].disabled", "true 或 false", id="disabled: 1"
    ),
    pytest.param(
        ["people: [{code: a, name: 甲, disabled: 是}]"], "people[1].disabled", "true 或 false", id="in Chinese"
    ),
    pytest.param(["people: [{code: a, name: 甲, disabled: }]"], "people[1].disabled", "true 或 false", id="left blank"),
    pytest.param(["people: [{code: a}]"], "people[1].name", "没有填写", id="a person without a name"),
    pytest.param(["people: [{code: a, name: 甲}, {code: a, name: 甲}]"], "people[2].code", "两次", id="twice"),
    pytest.param(["people: [{code: a, name: 甲}, {code: a, name: 乙}]"], "people[2].code", "两次", id="one code"),
    pytest.param([STAND_IN.format("D1", "2023-06-01", "2023-06-02")], "stand_in.party", "自己", id="itself"),
    pytest.param([STAND_IN.format("D9", "2023-06-01", "2023-06-02")], "stand_in.party", "没有这个", id="nobody"),
    pytest.param([STAND_IN.format("G01", "2023-06-02", "2023-06-01")], "stand_in", "晚于", id="days reversed"),
    pytest.param([STAND_IN.format("G01", "6月1日", "2023-06-02")], "stand_in.from", "应为日期", id="in words"),
    pytest.param(
        [STAND_IN.format("G01", "2023-06-01 08:00:00", "2023-06-02")],
        "stand_in.from",
        "应为日期",
        id="an hour",
    ),
    pytest.param(["stand_in: {party: G01, from: 2023-06-02}"], "stand_in.until", "应为日期", id="no last day"),
]


@pytest.mark.parametrize(("changes", "where", "text"), FAULTS)
def test_a_fault_of_a_party(tmp_path: Path, changes: list[str], where: str, text: str) -> None:
    """Each change is `key: value`, or a key to be left out."""
    party = {"code": "D1", "name": "科", "role": "unit", "addresses": "[]"}
    for key, colon, value in (change.partition(": ") for change in changes):
        party |= {key: value}
        if not colon:
            del party[key]
    body = ", ".join(f"{key}: {value}" for key, value in party.items())
    (problem,) = refused(write(tmp_path, f"parties:{GROUPS}  - {{{body}}}\n")).problems
    assert problem.where == f"parties[5].{where}"
    assert text in problem.text


def test_a_code_of_a_person_has_one_name(tmp_path: Path) -> None:
    path = with_party(
        tmp_path,
        """
        - {code: D01, name: 人事科, role: unit, addresses: [], people: [{code: zhao, name: 赵岚}]}
        - {code: D02, name: 办公室, role: unit, addresses: [], people: [{code: zhao, name: 赵兰}]}
        """,
    )
    (problem,) = refused(path).problems
    assert (problem.where, problem.value) == ("parties[2].people[1].name", "赵兰")
    assert "赵岚" in problem.text


def test_each_group_is_needed(tmp_path: Path) -> None:
    path = write(tmp_path, "parties:\n  - {code: D01, name: 人事科, role: unit, addresses: []}\n")
    assert [problem.text for problem in refused(path).problems] == [
        "没有综合组（general）",
        "没有督办组（supervision）",
        "没有责任追究组（accountability）",
        "没有组长（head）",
    ]


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    path = with_party(
        tmp_path,
        """
        - {code: D01, name: 人事科, role: boss, addresses: [rsk]}
        - {code: D01, name: 人事科, role: unit, addresses: []}
        """,
    )
    refusal = refused(path)
    assert [problem.where for problem in refusal.problems] == [
        "parties[1].role",
        "parties[1].addresses[1]",
        "parties[2].code",
        "parties[2].name",
    ]
    assert "4处问题" in refusal.zh
    assert refusal.cure


@pytest.mark.parametrize(
    ("content", "wheres"),
    [
        pytest.param("", ["文件", "parties"], id="empty"),
        pytest.param("- 人事科", ["文件", "parties"], id="a list"),
        pytest.param("parties: []", ["parties"], id="nobody"),
        pytest.param("parties: 人事科", ["parties", "parties"], id="a word"),
        pytest.param("party: []", ["文件.party", "parties"], id="another key"),
        pytest.param("parties: [", ["第2行"], id="no YAML"),
        pytest.param("parties: [{from: 2023-02-30}]", [""], id="a day that does not exist"),
    ],
)
def test_a_file_of_another_shape(tmp_path: Path, content: str, wheres: list[str]) -> None:
    assert [problem.where for problem in refused(write(tmp_path, content + "\n")).problems] == wheres


@pytest.mark.parametrize("content", [None, "人事科".encode("gb18030")])
def test_a_file_that_cannot_be_read(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "directory.yaml"
    if content is not None:
        path.write_bytes(content)
    refusal = refused(path)
    assert "读不了通讯录" in refusal.zh
    assert "UTF-8" in refusal.cure


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("mailtos://u:secret@mail.example.cn/?to=a@b.cn", "mailtos://u:***@mail.example.cn/?to=a@b.cn"),
        ("mailtos://${U}:se$cret@mail.example.cn/?to=a@b.cn", "mailtos://${U}:***@mail.example.cn/?to=a@b.cn"),
        ("mailtos://${U}:${P}@mail.example.cn/?to=a@b.cn", "mailtos://${U}:${P}@mail.example.cn/?to=a@b.cn"),
        ("mailto://127.0.0.1:2525/?from=a@b.cn&to=c@d.cn", "mailto://127.0.0.1:2525/?from=a@b.cn&to=c@d.cn"),
        ("mailto://example.cn?user=u&pass=secret&to=a@b.cn", "mailto://example.cn?user=u&pass=***&to=a@b.cn"),
        ("file:", "file:"),
    ],
)
def test_a_password_written_out_is_not_kept(tmp_path: Path, written: str, kept: str) -> None:
    path = with_party(tmp_path, f'- {{code: D01, name: 人事科, role: unit, addresses: ["{written}"]}}')
    directory = load_directory(path)
    assert directory.parties[0].addresses == (written,)
    assert kept in directory.content
    assert "cret" not in directory.content


def test_a_key_written_twice_is_told_and_not_silently_dropped(tmp_path: Path) -> None:
    path = with_party(tmp_path, "- {code: D01, name: 人事科, role: unit, addresses: [], addresses: ['file:']}")
    assert [str(problem) for problem in refused(path).problems] == ["第2行：同一个键写了两次（原值：addresses）"]
