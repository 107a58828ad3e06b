"""What an event says beside who did what and when: its payload, read into a frozen value.

Pure: it words nothing. Whatever an action did not write down is empty here, so that a sentence need not ask whether
the key is there. Codes of persons and parties become their names.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from models.directory import Directory
from models.lifecycle import Stage


@dataclass(frozen=True, slots=True)
class Exempted:
    """A single-person exception that an action needed: who acted, who granted it, and why."""

    person: str
    granted_by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Change:
    """A party in a role before a hand-over and after it; both empty where that role did not change."""

    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A message that died: its number, whom it was for, its day, how and why it died, and the measures it tells of.

    `address_failed`: it died of its address, not before it was put into words. `doubtful`: an attempt before may have
    arrived, so that nothing sends it again but a person's word.
    """

    message: int
    party: str
    on: str
    fate: str
    why: str
    measures: tuple[str, ...]
    address_failed: bool = True
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class Particulars:
    """An event's payload. `evidence` are names with their kind, `due` the dates of the clocks that run on.

    `due_on` is the date now set, whatever it was set by. `is_closure_decision`: lead or head signed for or against
    a closure. `recorded_by` typed in what `signed_by` had signed on paper; `stand_in` acted in the party's place.
    """

    reason: str = ""
    missing: tuple[str, ...] = ()
    statement: str = ""
    evidence: tuple[tuple[str, str], ...] = ()
    basis: str = ""
    due_on: date | None = None
    old_due_on: date | None = None
    new_due_on: date | None = None
    due: tuple[tuple[Stage, date], ...] = ()
    interval: str = ""
    outcome: str = ""
    unit: Change = Change()
    lead: Change = Change()
    is_closure_decision: bool = False
    signed_by: str = ""
    recorded_by: str = ""
    stand_in: str = ""
    exempted: Exempted | None = None
    undelivered: Undelivered | None = None


def particulars_of(payload: Mapping[str, Any], person: str, directory: Directory) -> Particulars:
    """The particulars of an event by this person (a code)."""
    signed_by = _person(directory, person)
    return Particulars(
        reason=payload.get("reason", ""),
        missing=tuple(payload.get("missing", ())),
        statement=payload.get("statement", ""),
        evidence=_evidence(payload.get("evidence", ())),
        basis=payload.get("basis", {}).get("name", ""),
        due_on=_day(payload, "due_on") or _day(payload, "next_due_on"),
        old_due_on=_day(payload, "old_due_on"),
        new_due_on=_day(payload, "new_due_on"),
        due=tuple((Stage(stage), date.fromisoformat(day)) for stage, day in payload.get("due", {}).items()),
        interval=payload.get("interval", ""),
        outcome=payload.get("outcome", ""),
        unit=Change(payload.get("unit_before", ""), payload.get("unit_after", "")),
        lead=Change(payload.get("lead_before", ""), payload.get("lead_after", "")),
        is_closure_decision="signed_as" in payload,
        signed_by=signed_by,
        recorded_by=_person(directory, payload.get("recorded_by", "")),
        stand_in=_party(directory, payload.get("stand_in", "")),
        exempted=_exempted(payload.get("single_person_exception"), signed_by, directory),
        undelivered=_undelivered(payload, directory) if "fate" in payload else None,
    )


def _day(payload: Mapping[str, Any], name: str) -> date | None:
    written = payload.get(name)
    return date.fromisoformat(written) if written else None


def _evidence(files: Iterable[Mapping[str, Any]]) -> tuple[tuple[str, str], ...]:
    return tuple((file.get("name", ""), file.get("kind", "")) for file in files)


def _exempted(written: Mapping[str, Any] | None, person: str, directory: Directory) -> Exempted | None:
    if not written:
        return None
    return Exempted(person, _person(directory, written.get("granted_by", "")), written.get("reason", ""))


def _undelivered(payload: Mapping[str, Any], directory: Directory) -> Undelivered:
    why = f"{payload['code']} {payload['reason']}".strip()
    party, on, fate = _party(directory, payload["party"]), payload["on"], payload["fate"]
    how = payload["address_failed"], payload["ambiguous"] > 0
    return Undelivered(payload["message"], party, on, fate, why, tuple(payload["measures"]), *how)


def _person(directory: Directory, code: str) -> str:
    """A name; or the code, of somebody whom the directory no longer holds."""
    found = directory.person(code)
    return found.name if found else code


def _party(directory: Directory, code: str) -> str:
    found = directory.by_code(code)
    return found.name if found else code
