"""verify: recomputes the record, and looks whether what it vouches for is there and unchanged. Reads only.

The record names files by their SHA-256 in its own hashed lines, so that neither file nor list can be changed unseen.
A tail that was cut off is seen only against an anchor kept elsewhere.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select, text

from models import record
from models.answers.logged_activities import faults_of_activities
from models.evidence import path_of, sha256_of
from models.tables.core import EVENT


@dataclass(frozen=True, slots=True)
class Anchor:
    """The last line of a record at some time: its number and hash. Whoever keeps it elsewhere sees a cut tail."""

    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that does not fit, in one Chinese sentence."""

    what: str


def anchor_of(connection: Connection) -> Anchor:
    """The record's end; number 0 for a record without a line."""
    last = connection.execute(select(EVENT.c.seq, EVENT.c.hash).order_by(EVENT.c.seq.desc()).limit(1)).first()
    return Anchor(*last) if last else Anchor(0, record.FIRST_HASH)


def faults(
    connection: Connection, store: Path, anchor: Anchor | None = None, *, contents: bool = True
) -> Iterator[Fault]:
    """Everything in record and evidence that does not fit. Without `contents` files are only looked for, not read."""
    for broken in record.verify(connection):
        yield Fault(f"流转记录第{broken.seq}条：{broken.what}。")
    if anchor and anchor.seq:
        yield from _against(connection, anchor)
    vouched: dict[str, str] = {}
    listed: set[tuple[int, str, str | None, str | None]] = set()
    for seq, payload in connection.execute(select(EVENT.c.seq, EVENT.c.payload).order_by(EVENT.c.seq)):
        for file in _files(payload):
            vouched.setdefault(file.sha256, f"“{file.name}”（流转记录第{seq}条）")
            listed.add((seq, file.sha256, file.kind, file.name if file.kind else None))
    for sha256, name in vouched.items():
        if fault := _file_fault(path_of(sha256, store), sha256, contents):
            yield Fault(f"佐证材料{name}{fault}。")
    yield from _against_the_list(connection, listed)
    yield from map(Fault, faults_of_activities(connection))


def _against_the_list(connection: Connection, listed: set[tuple[int, str, str | None, str | None]]) -> Iterator[Fault]:
    """Whether the list of evidence, on whose kinds closures rest, is what the record says, both ways.

    Events of the first version list bare hashes, under which only the hash can be compared.
    """
    rows = connection.execute(text("SELECT event_seq, sha256, kind, name FROM evidence ORDER BY id")).all()
    bare = {sha256 for _, sha256, kind, _ in listed if kind is None}
    for seq, sha256, kind, name in rows:
        if (seq, sha256, kind, name) not in listed and not (seq == 0 and sha256 in bare):
            yield Fault(f"佐证材料“{name}”的清单与流转记录不符。")
    known = {(sha256, kind) for _, sha256, kind, _ in rows} | {(sha256, None) for _, sha256, _, _ in rows}
    for seq, sha256, kind, name in sorted(listed, key=str):
        if kind != _BASIS and (sha256, kind) not in known:
            yield Fault(f"流转记录第{seq}条所列的佐证材料{f'“{name}”' if name else sha256[:12]}不在清单中。")


def _against(connection: Connection, anchor: Anchor) -> Iterator[Fault]:
    found = connection.scalar(select(EVENT.c.hash).where(EVENT.c.seq == anchor.seq))
    if found is None:
        yield Fault(f"流转记录缺少锚点所记的第{anchor.seq}条，末尾可能被截去。")
    elif found != anchor.hash:
        yield Fault(f"流转记录第{anchor.seq}条与锚点不符。")


@dataclass(frozen=True, slots=True)
class _Vouched:
    """A file as an event names it; `kind` is None where the event lists a bare hash."""

    sha256: str
    name: str
    kind: str | None


_BASIS = "basis"
_HASH = re.compile(r"[0-9a-f]{64}")


def _files(payload: str) -> Iterator[_Vouched]:
    """Each file that an event vouches for. What is no such thing was told already: its line does not fit its hash."""
    try:
        content: Any = json.loads(payload)
    except (ValueError, TypeError):
        return
    if not isinstance(content, dict):
        return
    evidence, basis = content.get("evidence"), content.get("basis")
    for one in evidence if isinstance(evidence, list) else []:
        if file := _file(one, None):
            yield file
    if file := _file(basis, _BASIS):
        yield file


def _file(one: object, kind: str | None) -> _Vouched | None:
    if isinstance(one, str):
        one = {"sha256": one, "name": one[:12]}
    elif isinstance(one, dict) and kind is None:
        kind = one.get("kind") if isinstance(one.get("kind"), str) else None
    if not isinstance(one, dict) or not isinstance(one.get("name"), str):
        return None
    sha256 = one.get("sha256")
    return _Vouched(sha256, one["name"], kind) if isinstance(sha256, str) and _HASH.fullmatch(sha256) else None


def _file_fault(path: Path, sha256: str, contents: bool) -> str | None:
    if not contents:
        return None if path.is_file() else "已缺失"
    try:
        return None if sha256_of(path) == sha256 else "内容已被改动"
    except FileNotFoundError:
        return "已缺失"
    except OSError:
        return "无法读取"
