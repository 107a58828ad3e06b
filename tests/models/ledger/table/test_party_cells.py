"""Whom a cell names: separators, marks, titles, persons; and what is only suggested."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.directory import Directory, DirectoryParty, Person
from models.ledger.columns import Column
from models.ledger.rows import Look
from models.ledger.table.headings import Manner
from models.ledger.table.names import SUGGESTED_MOST, Named
from models.ledger.table.party_cells import LONGEST_CELL, PartyBook
from models.lifecycle import Role

ACTS, LEADS = frozenset({Role.UNIT}), frozenset({Role.LEAD})
DIRECTORY = Directory(
    (
        DirectoryParty("D01", "办公室", ACTS),
        DirectoryParty("D02", "人事科", ACTS, people=(Person("zs", "张三"), Person("old", "李旧", disabled=True))),
        DirectoryParty("D03", "财务科", ACTS),
        DirectoryParty("D04", "纪检、监察室", ACTS),
        DirectoryParty("D05", "规划和建设科", ACTS),
        DirectoryParty("D06", "办公室（综合科）", ACTS),
        DirectoryParty("L01", "张明", LEADS, people=(Person("zm", "张明"),)),
        DirectoryParty("L02", "张明华", LEADS),
        DirectoryParty("L03", "教学分管领导", LEADS, people=(Person("wq", "王强"), Person("both", "赵双"))),
        DirectoryParty("L04", "后勤分管领导", LEADS, people=(Person("both", "赵双"),)),
        DirectoryParty("H01", "组长", frozenset({Role.HEAD})),
        DirectoryParty("G02", "督办组", frozenset({Role.SUPERVISION})),
    )
)


def named(column: Column, text: str, manner: Manner = Manner.PLAIN) -> Named:
    return PartyBook(DIRECTORY).named(column, text, manner)


# --- Units


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        pytest.param("人事科", ("D02",), id="one"),
        pytest.param("责任单位：人事科", ("D02",), id="one with a label"),
        pytest.param("人事科（牵头）", ("D02",), id="one that is marked"),
        pytest.param("人事科（D02）", ("D02",), id="a name with its code, as it is suggested"),
        pytest.param("【人事科】。", ("D02",), id="marks around it"),
        pytest.param("由人事科负责", ("D02",), id="said to be responsible"),
        pytest.param("纪检、监察室", ("D04",), id="a name with a separator in it"),
        pytest.param("规划和建设科", ("D05",), id="a name with 和 in it"),
        pytest.param("办公室（综合科）", ("D06",), id="a name with brackets in it"),
    ],
)
def test_one_unit_needs_no_word(text: str, codes: tuple[str, ...]) -> None:
    assert named(Column.UNIT, text) == Named(codes)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        pytest.param("人事科、财务科", ("D02", "D03"), id="、"),
        pytest.param("人事科，D03；办公室", ("D02", "D03", "D01"), id="， and ； and a code"),
        pytest.param("人事科\n财务科\n", ("D02", "D03"), id="line breaks"),
        pytest.param("人事科 财务科", ("D02", "D03"), id="a blank"),
        pytest.param("1.人事科\n2、财务科", ("D02", "D03"), id="a numbered list"),
        pytest.param("人事科和财务科", ("D02", "D03"), id="和 between names"),
        pytest.param("规划和建设科及人事科", ("D05", "D02"), id="和 in a name, 及 between names"),
        pytest.param("人事科、纪检、监察室、办公室", ("D02", "D04", "D01"), id="、 in a name and between names"),
        pytest.param("牵头：人事科；配合：财务科、办公室", ("D02", "D03", "D01"), id="labels"),
        pytest.param("配合单位：财务科\n牵头单位：人事科", ("D02", "D03"), id="labels, the responsible one last"),
        pytest.param("财务科、人事科（牵头）", ("D02", "D03"), id="the second is marked"),
        pytest.param("财务科（配合）、人事科", ("D02", "D03"), id="the first is marked as cooperating"),
        pytest.param("人事科 （牵头） 财务科", ("D02", "D03"), id="blanks around a mark"),
        pytest.param("财务科、（牵头）人事科", ("D02", "D03"), id="a mark before the name"),
        pytest.param("D02+D03", ("D02", "D03"), id="a plus"),
        pytest.param("人事科牵头，财务科、办公室配合", ("D02", "D03", "D01"), id="marks without brackets"),
        pytest.param("人事科（财务科、办公室配合）", ("D02", "D03", "D01"), id="a bracket that says who cooperates"),
        pytest.param("人事科（配合单位：财务科）", ("D02", "D03"), id="a bracket with a label"),
    ],
)
def test_several_units_are_told_apart_and_told(text: str, codes: tuple[str, ...]) -> None:
    found = named(Column.UNIT, text)
    assert (found.codes, found.faults, found.look) == (codes, (), Look.SEVERAL_UNITS)
    assert found.told.startswith("一格多个单位")


@pytest.mark.parametrize(
    ("text", "fault", "value"),
    [
        pytest.param("局办公室", "是否指：办公室（D01）", "局办公室", id="a name with a prefix"),
        pytest.param("办公室（文秘科）", "是否指：办公室（D01）", "办公室（文秘科）", id="a name with a suffix"),
        pytest.param("人事课", "是否指：人事科（D02）", "人事课", id="a mistyped name"),
        pytest.param("各科室", "泛指的须写明", "各科室", id="everybody"),
        pytest.param("机关各部门", "泛指的须写明", "机关各部门", id="everybody again"),
        pytest.param("人事科、宣传部", "通讯录中没有", "宣传部", id="one of two"),
        pytest.param("人事科和宣传部", "通讯录中没有", "人事科和宣传部", id="和 where only one side is known"),
        pytest.param("督办组", "身份不是责任单位", "督办组", id="a group"),
        pytest.param("张三", "张三是人事科的人员", "张三", id="a person of a unit"),
        pytest.param("人事科（牵头）、财务科（牵头）", "不止一个", "人事科（牵头）、财务科（牵头）", id="two marked"),
        pytest.param("配合：财务科", "没有写明责任单位", "配合：财务科", id="nobody responsible"),
        pytest.param("、", "通讯录中没有", "、", id="a separator alone"),
        pytest.param("甲" * 2000, f"超过{LONGEST_CELL}字", f"{'甲' * 40}……", id="a report"),
    ],
)
def test_what_is_not_named_as_the_directory_has_it_is_a_fault(text: str, fault: str, value: str) -> None:
    found = named(Column.UNIT, text)
    assert found.codes == ()
    assert [told for _, told in found.faults] == [value]
    assert fault in found.faults[0][0]


@pytest.mark.parametrize(
    ("text", "manner", "codes"),
    [
        ("人事科（财务科）", Manner.BRACKETS_COOPERATE, ("D02", "D03")),
        ("办公室（综合科）", Manner.BRACKETS_COOPERATE, ("D06",)),
        ("人事科 张三", Manner.WITH_PERSON, ("D02",)),
        ("人事科（孙七）、财务科（周八）", Manner.WITH_PERSON, ("D02", "D03")),
        ("人事科\n孙七", Manner.WITH_PERSON, ("D02",)),
        ("人事科孙七", Manner.WITH_PERSON, ("D02",)),
    ],
)
def test_what_the_heading_allows_besides_names(text: str, manner: Manner, codes: tuple[str, ...]) -> None:
    assert named(Column.UNIT, text, manner).codes == codes
    assert named(Column.UNIT, text).codes in {(), ("D06",), ("D02",)}


def test_a_person_of_the_unit_itself_may_stand_beside_it_under_any_heading() -> None:
    beside, alone = named(Column.UNIT, "人事科（张三）"), named(Column.UNIT, "财务科（张三）")
    assert (beside.codes, beside.look) == (("D02",), Look.PERSON_LEFT_OUT)
    assert alone.faults


def test_a_unit_nobody_knows_is_no_person() -> None:
    found = named(Column.UNIT, "人事科 宣传部", Manner.WITH_PERSON)
    assert (found.codes, [value for _, value in found.faults]) == ((), ["人事科 宣传部"])


# --- Those that cooperate


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("人事科、财务科", ("D02", "D03")),
        ("配合单位：人事科", ("D02",)),
        ("无", ()),
        ("/", ()),
        ("人事科、D02", ("D02",)),
    ],
)
def test_cooperating_units(text: str, codes: tuple[str, ...]) -> None:
    assert (named(Column.COOPERATING, text).codes, named(Column.COOPERATING, text).faults) == (codes, ())


# --- Leads


@pytest.mark.parametrize(
    ("text", "code", "look"),
    [
        pytest.param("张明", "L01", None, id="a name"),
        pytest.param("张 明", "L01", None, id="a name set wide"),
        pytest.param("牵头领导：张明", "L01", None, id="a name with a label"),
        pytest.param("张明（副局长）", "L01", Look.LEAD_FROM_TITLE, id="a title in brackets"),
        pytest.param("张明 党委副书记、局长", "L01", Look.LEAD_FROM_TITLE, id="titles behind"),
        pytest.param("副局长张明华同志", "L02", Look.LEAD_FROM_TITLE, id="a longer name, titles on both sides"),
        pytest.param("组长", "H01", None, id="a party that is called by a title"),
        pytest.param("王强", "L03", Look.LEAD_FROM_PERSON, id="a person of a lead"),
        pytest.param("副校长王强", "L03", Look.LEAD_FROM_PERSON, id="a person of a lead with a title"),
        pytest.param("张明、李华（牵头）、张明华", None, None, id="the marked one is unknown"),
        pytest.param("张明（牵头）、李华", "L01", Look.LEAD_FROM_TITLE, id="one of several is marked"),
    ],
)
def test_a_lead_by_name_title_or_person(text: str, code: str | None, look: Look | None) -> None:
    found = named(Column.LEAD, text)
    assert (found.codes, found.look) == ((code,) if code else (), look)
    assert bool(found.told) is (look is not None)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        pytest.param("张明、张明华", "只能填写一个", id="two"),
        pytest.param("张明、组长", "只能填写一个", id="two, one called by a title"),
        pytest.param("副组长", "通讯录中没有", id="a title that holds another"),
        pytest.param("李张明局长", "通讯录中没有", id="another name around it"),
        pytest.param("教育局副局长张明", "是否指：张明（L01）", id="words around it that are no titles"),
        pytest.param("人事科", "不是牵头领导或组长", id="a unit"),
        pytest.param("张三", "人事科的人员", id="a person of a unit"),
        pytest.param("李旧", "通讯录中没有", id="a person who is there no more"),
        pytest.param("赵双", "教学分管领导、后勤分管领导的人员", id="a person of two leads"),
    ],
)
def test_a_lead_that_is_not_one_is_a_fault(text: str, fault: str) -> None:
    found = named(Column.LEAD, text)
    assert found.codes == ()
    assert fault in found.faults[0][0]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("张明 人事科", ("张明", "人事科")),
        ("张明\n人事科、财务科", ("张明", "人事科、财务科")),
        ("牵头领导：张明 责任单位：人事科", ("张明", "责任单位：人事科")),
        ("张明（副局长）、人事科", ("张明（副局长）", "人事科")),
        ("张明", ("张明", "")),
        ("李四 人事科", ("李四", "李四、人事科")),
    ],
)
def test_a_cell_with_lead_and_unit_is_split_by_who_they_are(text: str, parts: tuple[str, str]) -> None:
    assert PartyBook(DIRECTORY).split_lead_and_unit(text) == parts


# --- In bulk


def test_near_names_are_sought_only_so_often() -> None:
    """A ledger of another office has thousands of names that nobody knows."""
    book = PartyBook(DIRECTORY)
    texts = [book.named(Column.UNIT, f"局办公室{n}").faults[0][0] for n in range(SUGGESTED_MOST + 1)]
    assert "是否指" in texts[0]
    assert "是否指" not in texts[-1]


def test_a_text_that_could_be_titles_without_end_takes_no_time() -> None:
    assert named(Column.LEAD, f"张明{'总经理' * 300}某").codes == ()


parts = st.sampled_from(
    ["人事科", "财务科", "纪检、监察室", "宣传部", "、", "和", "（", "）", "牵头", "配合：", "\n", " ", "张三", "各"]
)


@given(
    st.lists(parts, max_size=8),
    st.sampled_from(Manner),
    st.sampled_from([Column.UNIT, Column.LEAD, Column.COOPERATING]),
)
def test_any_cell_names_somebody_or_has_a_fault(words: list[str], manner: Manner, column: Column) -> None:
    """What is named is of the directory, once each, and never beside a fault."""
    text = "".join(words)
    found = named(column, text, manner)
    assert bool(found.codes) is not bool(found.faults) or (column is Column.COOPERATING and not found.faults)
    assert len(set(found.codes)) == len(found.codes)
    assert all(DIRECTORY.by_code(code) for code in found.codes)
