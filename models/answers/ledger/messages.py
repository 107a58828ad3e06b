"""The messages that concern a round, with the measures that each of them tells of. Reads only."""

from sqlalchemy import Connection, text

from models.directory import Directory
from models.ladder import MESSAGE_KIND_ZH
from models.ledger.writing.values import WrittenMessage
from models.store import board
from models.store.board import MessageRow
from models.tables.outbox import MESSAGE_STATE_ZH, MessageState


def messages_of(connection: Connection, round_id: int, directory: Directory) -> tuple[WrittenMessage, ...]:
    """Oldest first."""
    told: dict[int, list[str]] = {}
    for message_id, no, _ in connection.execute(text(_TOLD), {"round": round_id}):
        told.setdefault(message_id, []).append(no)
    rows = board.messages(connection) if told else []
    return tuple(_message(row, told[row.id], directory) for row in rows if row.id in told)


def _message(row: MessageRow, measures: list[str], directory: Directory) -> WrittenMessage:
    party, signer = directory.by_code(row.party), directory.person(row.received_by)
    part = f"（{row.part}/{row.parts}）" if row.parts > 1 else ""
    return WrittenMessage(
        number=row.id,
        on_day=row.on_day,
        party=party.name if party else row.party,
        kind=f"{MESSAGE_KIND_ZH[row.kind]}{part}",
        state=MESSAGE_STATE_ZH[row.state],
        accepted_on=row.accepted_on,
        attempts=row.attempts,
        ambiguous=row.ambiguous,
        received_on=row.received_on,
        received_by=signer.name if signer else row.received_by,
        why="" if row.state is MessageState.ACCEPTED else " ".join(filter(None, (row.code, row.reason))),
        measures=tuple(measures),
    )


_TOLD = """
SELECT DISTINCT g.id, m.no, m.position
FROM message g, json_each(g.notice_ids) part
JOIN notice n ON n.id = part.value
JOIN deadline c ON c.id = n.deadline_id
JOIN measure m ON m.id = c.measure_id
WHERE g.kind <> 'action' AND m.round_id = :round
UNION
SELECT g.id, m.no, m.position
FROM message g, json_each(g.notice_ids) part
JOIN news w ON w.id = part.value
JOIN measure m ON m.id = w.measure_id
WHERE g.kind = 'action' AND m.round_id = :round
ORDER BY 1, 3"""
