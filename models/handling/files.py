"""Evidence of a case: files are listed with the cycle and in the event; `Case.done` moves them to their place."""

from collections.abc import Sequence

from sqlmodel import Session, col, func, select

from models.closure import EvidenceKind
from models.evidence import StagedFile
from models.handling.case import Case
from models.tables import Cycle, Evidence


def listed(files: Sequence[StagedFile]) -> list[dict[str, object]]:
    """The files as an event keeps them: what the record vouches for is the hash."""
    return [{"sha256": file.sha256, "name": file.name, "kind": file.kind.value, "size": file.size} for file in files]


def attach(case: Case, files: Sequence[StagedFile]) -> None:
    """Adds the files to the cycle, after `settle`. The same content of one kind is listed once a cycle.

    A further content under the same kind and name is its next version.
    """
    session, cycle = case.session, case.cycle
    assert cycle.id
    for file in files:
        case.files.append(file)
        known = select(Evidence.id).where(
            Evidence.cycle_id == cycle.id, Evidence.sha256 == file.sha256, Evidence.kind == file.kind
        )
        if session.exec(known).first() is None:
            version = _version(session, cycle.measure_id, file)
            session.add(
                Evidence(
                    cycle_id=cycle.id,
                    sha256=file.sha256,
                    name=file.name,
                    size=file.size,
                    kind=file.kind,
                    version=version,
                    event_seq=case.seq,
                )
            )
            session.flush()


def kinds_of(session: Session, cycle: Cycle) -> frozenset[EvidenceKind]:
    """What the cycle has evidence of."""
    return frozenset(row.kind for row in session.exec(select(Evidence).where(Evidence.cycle_id == cycle.id)))


def _version(session: Session, measure_id: int, file: StagedFile) -> int:
    of_name = (
        select(func.max(Evidence.version))
        .join(Cycle, col(Cycle.id) == Evidence.cycle_id)
        .where(Cycle.measure_id == measure_id, Evidence.name == file.name, Evidence.kind == file.kind)
    )
    return (session.exec(of_name).one() or 0) + 1
