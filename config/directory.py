"""Reads an office's directory.yaml into a `Directory`: who is who and how each is told; all problems at once.

Runs at `duban init` and whenever the office changes the file. It looks at the file alone: no address is
tried, no `${ENV}` reference is resolved. Names count as equal where a ledger would take them for equal.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml

from config.secrets import without_secrets
from config.yaml_keys import load_yaml
from models.directory import Directory, DirectoryParty, Person, StandIn
from models.errors import DirectoryRefused, Problem
from models.ledger.columns import plain
from models.lifecycle import ROLE_ZH, Role

ROLES = tuple(role for role in Role if role is not Role.COOPERATING)
"""The roles a party may hold in the directory; a unit cooperates by being named in a measure."""
NEEDED = (Role.GENERAL, Role.SUPERVISION, Role.ACCOUNTABILITY, Role.HEAD)
"""A round cannot run without a party for each of these."""
_PARTY_KEYS = ("code", "name", "role", "roles", "addresses", "people", "stand_in")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


def load_directory(path: Path) -> Directory:
    """Reads and checks one directory.yaml. Raises DirectoryRefused with every problem."""
    content = _content(path)
    reader = _Reader()
    document, repeated = _document(content, path.name)
    reader.problems += repeated
    parties = reader.parties(document)
    reader.check_needed(parties)
    reader.check_stand_ins(parties)
    if reader.problems:
        raise DirectoryRefused(
            f"通讯录 {path.name} 有{len(reader.problems)}处问题，未采用。",
            reader.problems,
            "请按提示修改后重试。",
        )
    # What is kept of a directory must hold no secret, even where the office wrote one into the file.
    kept = without_secrets(content)
    return Directory(tuple(parties.values()), kept, hashlib.sha256(kept.encode()).hexdigest())


def _content(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DirectoryRefused(f"读不了通讯录 {path}。", [], "请检查文件是否存在、是否为 UTF-8 文本。") from error


def _document(content: str, name: str) -> tuple[object, list[Problem]]:
    try:
        return load_yaml(content)
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a date that does not exist
        mark = getattr(error, "problem_mark", None)
        where = f"第{mark.line + 1}行" if mark else ""
        text = "写法有误" if isinstance(error, yaml.YAMLError) else "有不存在的日期"
        cure = "请检查缩进、冒号、括号和日期。"
        raise DirectoryRefused(f"通讯录 {name} 不是合法的 YAML。", [Problem(text, where=where)], cure) from error


class _Reader:
    """Turns plain YAML values into parties and collects what is wrong on the way."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.taken: dict[str, str] = {}
        self.person_names: dict[str, str] = {}

    def problem(self, where: str, text: str, value: object = "") -> None:
        self.problems.append(Problem(text, where=where, value="" if value is None else str(value)))

    def parties(self, document: object) -> dict[str, DirectoryParty]:
        """The parties by their place in the file ("parties[1]"), as far as they can be read."""
        body = self.mapping(document, "文件", ("parties",))
        listed = self.sequence(body.get("parties", []), "parties")
        return {place: self.party(entry, place) for place, entry in self.entries(listed, "parties", _PARTY_KEYS)}

    def party(self, body: Mapping[str, Any], where: str) -> DirectoryParty:
        code, name = self.text(body, "code", where), self.text(body, "name", where)
        for key, written in ("code", code), ("name", name):
            self.check_free(written, f"{where}.{key}", where)
        return DirectoryParty(
            code,
            name,
            self.roles(body, where),
            self.addresses(body, where),
            self.people(body.get("people", []), f"{where}.people"),
            self.stand_ins(body, where),
        )

    def check_free(self, written: str, where: str, party: str) -> None:
        """Codes and names share one space, since a ledger may give either."""
        holder = self.taken.setdefault(plain(written), party) if written else party
        if holder != party:
            self.problem(where, f"与 {holder} 的代码或名称重复", written)

    def roles(self, body: Mapping[str, Any], where: str) -> frozenset[Role]:
        if ("role" in body) == ("roles" in body):
            self.problem(f"{where}.role", "身份应写且只写一处：role 写一个，roles 写多个")
            return frozenset()
        key = "role" if "role" in body else "roles"
        raw = [body["role"]] if key == "role" else self.sequence(body["roles"], f"{where}.roles")
        if body[key] == []:
            self.problem(f"{where}.{key}", "没有写身份")
        for word in raw:
            if word not in ROLES:
                self.problem(f"{where}.{key}", f"不认识的身份，可用：{'、'.join(ROLES)}", word)
        return frozenset(Role(word) for word in raw if word in ROLES)

    def addresses(self, body: Mapping[str, Any], where: str) -> tuple[str, ...]:
        where = f"{where}.addresses"
        if "addresses" not in body:
            self.problem(where, "没有写；确实没有地址时请写 []")
        listed = self.sequence(body.get("addresses", []), where)
        for index, address in enumerate(listed, 1):
            # What was found is not shown: it may be a password in the wrong place.
            if not isinstance(address, str):
                self.problem(f"{where}[{index}]", "地址应为文字，请加引号")
            elif not _SCHEME.match(address):
                self.problem(f"{where}[{index}]", "地址应以“类型:”开头，如 file: 或 mailtos://")
        return tuple(address for address in listed if isinstance(address, str))

    def people(self, raw: object, where: str) -> tuple[Person, ...]:
        people: dict[str, Person] = {}
        for place, body in self.entries(self.sequence(raw, where), where, ("code", "name", "disabled")):
            code, name = self.text(body, "code", place), self.text(body, "name", place)
            person = Person(code, name, self.flag(body, "disabled", place))
            if not person.code or not person.name:
                continue
            if person.code in people:
                self.problem(f"{place}.code", "同一责任主体里写了两次", person.code)
            elif self.person_names.setdefault(person.code, person.name) != person.name:
                known = self.person_names[person.code]
                self.problem(f"{place}.name", f"代码 {person.code} 在别处的姓名是{known}", person.name)
            people[person.code] = person
        return tuple(people.values())

    def stand_ins(self, body: Mapping[str, Any], where: str) -> tuple[StandIn, ...]:
        found = self.stand_in(body["stand_in"], f"{where}.stand_in") if "stand_in" in body else None
        return (found,) if found else ()

    def stand_in(self, raw: object, where: str) -> StandIn | None:
        body = self.mapping(raw, where, ("party", "from", "until"))
        party = self.text(body, "party", where)
        since, until = self.day(body, "from", where), self.day(body, "until", where)
        if since and until and since > until:
            self.problem(where, "代收的起始日晚于截止日", f"{since}至{until}")
        return StandIn(party, since, until) if party and since and until else None

    def check_needed(self, parties: Mapping[str, DirectoryParty]) -> None:
        if not parties:
            self.problem("parties", "没有写任何责任主体")
            return
        for role in NEEDED:
            if not any(role in party.roles for party in parties.values()):
                self.problem("parties", f"没有{ROLE_ZH[role]}（{role}）")

    def check_stand_ins(self, parties: Mapping[str, DirectoryParty]) -> None:
        codes = {party.code for party in parties.values()}
        for place, party in parties.items():
            for term in party.stand_ins:
                if term.party == party.code:
                    self.problem(f"{place}.stand_in.party", "不能由自己代收", party.code)
                elif term.party not in codes:
                    self.problem(f"{place}.stand_in.party", "通讯录中没有这个代码", term.party)

    def entries(
        self, listed: Sequence[Any], where: str, known: Sequence[str]
    ) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """The entries of a list with their places; one that is no mapping is told and left out."""
        for index, entry in enumerate(listed, 1):
            body = self.mapping(entry, place := f"{where}[{index}]", known)
            if isinstance(entry, Mapping):
                yield place, body

    def mapping(self, value: object, where: str, known: Sequence[str]) -> Mapping[str, Any]:
        if not isinstance(value, Mapping):
            self.problem(where, "应为“键: 值”的形式", value)
            return {}
        for key in value:
            if key not in known:
                self.problem(f"{where}.{key}", f"不认识的键，可用：{'、'.join(known)}", key)
        return value

    def sequence(self, value: object, where: str) -> Sequence[Any]:
        if isinstance(value, list):
            return value
        self.problem(where, "应为一列", value)
        return []

    def text(self, body: Mapping[str, Any], key: str, where: str) -> str:
        """A short line of text; "" where it is missing or is something else, which is told."""
        value = body.get(key)
        if value is None or value == "":
            self.problem(f"{where}.{key}", "没有填写")
        elif not isinstance(value, str):
            self.problem(f"{where}.{key}", "应为文字，请加引号", value)
        elif not value.strip().isprintable():
            self.problem(f"{where}.{key}", "不能有换行和控制字符", repr(value))
        else:
            return value.strip()
        return ""

    def flag(self, body: Mapping[str, Any], key: str, where: str) -> bool:
        value = body.get(key, False)
        if not isinstance(value, bool):
            self.problem(f"{where}.{key}", "应写 true 或 false", value)
        return value is True

    def day(self, body: Mapping[str, Any], key: str, where: str) -> date | None:
        value = body.get(key)
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        self.problem(f"{where}.{key}", "应为日期，如 2023-06-01", value)
        return None
