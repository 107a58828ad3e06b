"""What is secret in an address: not kept of a directory, not shown in a log, and told by doctor where it is written."""

import html
import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.secrets import pieces, redactor, striker, without_secrets, writes_a_secret


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("mailtos://u:p4ss,w]rd@mail.example.cn/?to=a@b.cn", "mailtos://u:***@mail.example.cn/?to=a@b.cn"),
        ("mailtos://u:p/w@mail.example.cn/?to=a@b.cn", "mailtos://u:***@mail.example.cn/?to=a@b.cn"),
        ("mailtos://u:123456@mail.example.cn/?to=a@b.cn", "mailtos://u:***@mail.example.cn/?to=a@b.cn"),
        ("mailto://h.cn:25/?password=x y&to=a@b.cn", "mailto://h.cn:25/?password=*** y&to=a@b.cn"),
        ("mailto://127.0.0.1:2525/?from=a@b.cn&to=c@d.cn", "mailto://127.0.0.1:2525/?from=a@b.cn&to=c@d.cn"),
        ("wecombot://693a91f6-7xxx-4bc4", "wecombot://***"),
        ("wecombot://${KEY}/?to=@all", "wecombot://${KEY}***"),
        ("wecombot://${KEY}", "wecombot://${KEY}"),
        ("dingtalk://SECabc@tok123/?to=13900000000", "dingtalk://***"),
        ("dingtalk://${SECRET}@${TOKEN}/", "dingtalk://${SECRET}@${TOKEN}/"),
        ("jsons://oa.example.cn/hook?+Authorization=Bearer%20abc", "jsons://***"),
        ("tgram://1234:abc/55", "tgram://***"),
        ("https://qyapi.example.cn/send?key=abc", "https://***"),
        ("file:", "file:"),
    ],
)
def test_what_is_kept_of_an_address(written: str, kept: str) -> None:
    assert without_secrets(written) == kept
    for quoted in ('"{}"', "'{}'"):
        in_quotes = without_secrets(f"addresses: [{quoted.format(written)}, {quoted.format('file:')}]")
        if " " not in written:
            assert in_quotes == f"addresses: [{quoted.format(kept)}, {quoted.format('file:')}]"
        else:
            assert "x y" not in in_quotes


def test_it_is_the_same_without_quotes_and_in_a_comment() -> None:
    text = "a: [wecombot://abcdef, file:]\nb: [feishu://abcdef]\n- lark://abcdef\n# old: - wecombot://abcdef"
    kept = "a: [wecombot://***, file:]\nb: [feishu://***]\n- lark://***\n# old: - wecombot://***"
    assert without_secrets(text) == kept


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="\"'$"), min_size=8, max_size=30))
def test_nothing_written_after_the_scheme_of_a_robot_is_kept(token: str) -> None:
    kept = without_secrets(f'addresses: ["wecombot://{token}", "file:"]')
    pieces = [piece for piece in token.split("://") if len(piece) >= 8]
    assert all(piece not in kept for piece in pieces)
    assert kept.endswith('", "file:"]')


@pytest.mark.parametrize(
    ("reference", "secret"),
    [
        ("file:", False),
        ("mailtos://${U}:${P}@h.cn/?to=a@b.cn", False),
        ("mailtos://u:pw@h.cn/?to=a@b.cn", True),
        ("wecombot://${KEY}", False),
        ("wecombot://abcdef", True),
        ("dingtalk://${S}@abcdef", True),
        ("jsons://oa.example.cn/hook", False),
        ("jsons://oa.example.cn/hook?+Authorization=${AUTH}", False),
        ("jsons://oa.example.cn/hook?+Authorization=Bearer%20${AUTH}", False),
        ("json://oa.example.cn/hook?+Authorization=token+${AUTH}", False),
        ("jsons://oa.example.cn/hook?+Authorization=Bearer%20abcdef", True),
        ("jsons://oa.example.cn/hook?+Authorization=Bearer%20abc${AUTH}", True),
        ("jsons://oa.example.cn/hook?+X-Key=Geheim%20${AUTH}", True),
        ("jsons://oa.example.cn/hook?+X-Office=${AUTH}", False),
        ("jsons://u:${P}@oa.example.cn/hook", False),
        ("jsons://u:pw@oa.example.cn/hook", True),
        ("json://oa.example.cn/hook?access_token=abc", True),
        ("tgram://bottoken/55", True),
        ("wecombot://${KEY}?mentions=zhangsan,@all", False),
        ("dingtalk://${SECRET}@${TOKEN}?mentions=13800138000", False),
        ("wecombot://key?mentions=zhangsan", True),
    ],
)
def test_whether_an_address_holds_a_secret_itself(reference: str, secret: bool) -> None:
    assert writes_a_secret(reference) is secret


# --- Logs

ENV = {"SMTP_USER": "notice-desk", "SMTP_PASS": "Bär/enz?wg", "SHORT": "abc", "OTHER": "not-referred-to"}
DIRECTORY = """
- {addresses: ["mailtos://${SMTP_USER}:${SMTP_PASS}@mail.example.cn/?to=a@b.cn", "wecombot://693a91f6-key"]}
- {addresses: ["mailtos://u:written%20out@mail.example.cn/?to=a@b.cn", "jsons://oa.example.cn/in?+X-Token=tok-en-1"]}
- {addresses: ["tgram://12345678:bot-token/99887766", "x://${SHORT}"]}
"""


@pytest.fixture
def names(tmp_path: Path) -> Path:
    path = tmp_path / "directory.yaml"
    path.write_text(DIRECTORY, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "secret",
    [
        "notice-desk", "Bär/enz?wg", quote("Bär/enz?wg", safe=""), "693a91f6-key", "written%20out", "written out",
        "tok-en-1", "bot-token", "12345678", "99887766",
    ],
)  # fmt: skip
def test_a_secret_of_the_directory_is_struck_out_wherever_it_stands(names: Path, secret: str) -> None:
    strike = redactor(names, ENV)
    assert strike(f"535 5.7.8 <{secret}> refused: {secret}") == "535 5.7.8 <***> refused: ***"


def test_what_is_none_of_its_secrets_stays(names: Path) -> None:
    said = "message 7 of abc not handed over to mail.example.cn and oa.example.cn: not-referred-to"
    assert redactor(names, ENV)(said) == said


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("POST https://qyapi.cn/cgi-bin/send?key=abc failed", "POST https://qyapi.cn/*** failed"),
        ("POST https://u:p@oa.cn/x", "POST https://oa.cn/***"),
        ("GET http://127.0.0.1:4200", "GET http://127.0.0.1:4200"),
        ("GET http://127.0.0.1?token=abc", "GET http://127.0.0.1/***"),
        ("cannot load 'dingtalk://aaaa@bbbb/'", "cannot load 'dingtalk://***'"),
        ("mailtos://me:other@h.cn/?to=a@b.cn", "mailtos://me:***@h.cn/?to=a@b.cn"),
    ],
)
def test_what_looks_like_a_secret_is_struck_out_too(tmp_path: Path, said: str, shown: str) -> None:
    assert redactor(tmp_path / "no directory.yaml", {})(said) == shown


def test_a_directory_that_changes_is_read_again(names: Path) -> None:
    strike = redactor(names, ENV)
    assert strike("a new-secret") == "a new-secret"
    names.write_text("- wecombot://new-secret", encoding="utf-8")
    assert strike("a new-secret, not bot-token") == "a ***, not bot-token"


def test_a_value_that_is_no_text_at_all_is_no_hindrance(names: Path) -> None:
    strike = redactor(names, {**ENV, "SMTP_PASS": "caf\udce9-canary"})
    assert strike("said caf\udce9-canary") == "said ***"


# --- Answers


@given(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"]), min_size=4, max_size=20),
    st.sampled_from([
        str, quote, lambda told: quote(told, safe=""), lambda told: json.dumps(told)[1:-1],
        lambda told: json.dumps(told)[1:-1].replace("/", r"\/"), html.escape,
    ]),
)  # fmt: skip
def test_a_value_is_struck_out_in_whatever_spelling_it_comes(told: str, spelled: Callable[[str], str]) -> None:
    assert striker([told])(f"〔{spelled(told)}〕") == "〔***〕" or set("〔*") & set(told)


def test_capitals_are_no_disguise() -> None:
    assert striker(["Tok/en"])("TOK/EN tok%2fen") == "*** ***"


@given(st.text("abcXYZ019-/=", min_size=4, max_size=12), st.data())
def test_no_more_is_a_spelling_of_which_only_some_characters_are_quoted(told: str, data: st.DataObject) -> None:
    quoted = data.draw(st.lists(st.booleans(), min_size=len(told), max_size=len(told)))
    spelled = "".join(f"%{ord(sign):02x}" if is_quoted else sign for sign, is_quoted in zip(told, quoted, strict=True))
    assert striker([told])(f"〔{spelled}〕") == "〔***〕"


def test_short_values_stay_and_so_does_everything_without_any() -> None:
    assert striker(["v", "1", "abc"])("abc: error 1") == "abc: error 1"
    assert striker([])("as it is") == "as it is"


def test_the_longest_goes_first() -> None:
    assert striker(["token", "token-of-mine"])("token-of-mine, token") == "***, ***"


def test_the_pieces_of_a_value() -> None:
    assert {"/a/tok%2Fen", "a", "tok%2Fen", "tok", "en"} <= set(pieces("/a/tok%2Fen"))
