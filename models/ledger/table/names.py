"""The names and codes of a directory as a ledger may write them, and what is said of a name that is not there. PURE.

A name is taken only as the directory has it; the nearest names are only ever suggested.
"""

import re
from dataclasses import dataclass
from difflib import get_close_matches

from models.directory import Directory, DirectoryParty
from models.ledger.columns import plain
from models.ledger.rows import Look
from models.lifecycle import ROLE_ZH, Role

SUGGESTED_MOST = 300
"""Unknown names for which near ones are sought: a ledger of another office's would be compared for minutes."""
_EVERYBODY = re.compile(r"(?:机关|局|校|院|全局|全校|本级|直属|相关|有关)*(?:各|全体|所有|相关|有关|全部)\S{0,12}|全体")


@dataclass(frozen=True, slots=True)
class Named:
    """Whom a cell names, as codes, the responsible one first. `faults` are (what is wrong, value); `told` and `look`
    say what was not as plain as it should be."""

    codes: tuple[str, ...] = ()
    faults: tuple[tuple[str, str], ...] = ()
    told: str = ""
    look: Look | None = None


class Names:
    """Of one directory."""

    def __init__(self, directory: Directory) -> None:
        self.parties = {plain(party.code): party for party in directory.parties}
        self.parties.update({plain(party.name): party for party in directory.parties})
        self.lengths = sorted(set(map(len, self.parties)), reverse=True)
        self.people: dict[str, dict[str, DirectoryParty]] = {}
        for party in directory.parties:
            for person in party.people:
                if not person.disabled:
                    self.people.setdefault(plain(person.name), {})[party.code] = party
        self._suggested = 0

    def party(self, written: str) -> DirectoryParty | None:
        """The party of this name or code, or of both: 人事科（D01）."""
        text = plain(written)
        found = self.parties.get(text)
        if found is None and text.endswith(")"):
            name, _, code = text[:-1].rpartition("(")
            found = self.parties.get(name)
            return found if found is self.parties.get(code) else None
        return found

    def name_of(self, code: str) -> str:
        return self.parties[plain(code)].name

    def one(self, written: str, party: DirectoryParty, roles: tuple[Role, ...]) -> Named:
        faults = self.faults(written, party, roles)
        return Named(faults=tuple(faults)) if faults else Named((party.code,))

    def faults(
        self, written: str, party: DirectoryParty | None, roles: tuple[Role, ...], why: str = ""
    ) -> list[tuple[str, str]]:
        written = written.strip()
        if party is None:
            return [(why or self._unknown(written, roles), written)]
        if party.roles.isdisjoint(roles):
            wanted = "或".join(ROLE_ZH[role] for role in roles)
            return [(f"在通讯录中的身份不是{wanted}", written)]
        return []

    def _unknown(self, written: str, roles: tuple[Role, ...]) -> str:
        text = "通讯录中没有这个名称或代码"
        if _EVERYBODY.fullmatch(plain(written)):
            return f"{text}；泛指的须写明是哪些单位，或拆成多条"
        if of := self.people.get(plain(written)):
            return f"{text}；{plain(written)}是{'、'.join(party.name for party in of.values())}的人员"
        near = "、".join(f"{party.name}（{party.code}）" for party in self._near(plain(written), roles))
        return f"{text}；是否指：{near}？" if near else text

    def _near(self, written: str, roles: tuple[Role, ...]) -> list[DirectoryParty]:
        """At most two parties with names like this one, those that hold it or are held by it first."""
        self._suggested += 1
        if self._suggested > SUGGESTED_MOST:
            return []
        able = {plain(party.name): party for party in self.parties.values() if not party.roles.isdisjoint(roles)}
        held = [name for name in able if len(name) > 1 and (name in written or written in name)]
        alike = get_close_matches(written, able, n=2, cutoff=0.5)
        return [able[name] for name in dict.fromkeys([*sorted(held, key=len, reverse=True), *alike])][:2]
