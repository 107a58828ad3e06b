"""What taking over a copy of a home does to messages: what the original may have handed over is marked as in doubt.

Runs when a person takes a copy over, and at each run that handles days from before it. What is accepted, cancelled,
superseded or expired here never goes out again, so that no doubt is needed.
"""

from datetime import datetime

from sqlalchemy import Connection, bindparam, text

from models.tables.core import ATTEMPT
from models.tables.outbox import UNFINISHED

_TAKEN_OVER_ZH = "本数据目录是接管的副本，原数据目录可能已经发出，请核实"
_BORN_ZH = "接管前的日期，原数据目录可能已经发出过"


def doubt_what_may_go_out(connection: Connection, owner: str, now: datetime) -> int:
    """Every message that could still go out gets one more doubt on record. Returns how many.

    What was not at its end is unknown from now on. What was refused, in doubt or came back stays so, but goes out by a
    person's word alone: the original may have been sent it anew, by another address or somebody's word. A process that
    still holds one is fenced: the number of the attempt moves on.
    """
    values = {"owner": owner, "at": now, "reason": _TAKEN_OVER_ZH}
    connection.execute(_DOUBT_LINES, values)
    return connection.execute(_DOUBT, {"reason": _TAKEN_OVER_ZH}).rowcount


def flag_messages_of_run(connection: Connection, run_id: int, owner: str, now: datetime) -> int:
    """Messages of a run that handles days which the original may have handled too are born with a doubt on record.

    They are handed over all the same: an office must hear of what is due. Returns how many.
    """
    values = {"run": run_id, "owner": owner, "at": now, "reason": _BORN_ZH}
    connection.execute(_BORN_LINES, values)
    return connection.execute(_BORN, {"run": run_id}).rowcount


_MAY_GO_OUT = f"({UNFINISHED} OR state IN ('rejected', 'unknown', 'bounced'))"
_LINE = "(message_id, n, phase, at, owner, code, reason, enhanced, channel, sha256)"
_AT = bindparam("at", type_=ATTEMPT.c.at.type)
_DOUBT_LINES = text(f"""
INSERT INTO attempt {_LINE}
SELECT id, attempts + 1, 'taken_over', :at, :owner, 'taken_over', :reason, '', '', ''
FROM message WHERE {_MAY_GO_OUT}""").bindparams(_AT)
_DOUBT = text(f"""
UPDATE message SET state = CASE WHEN {UNFINISHED} THEN 'unknown' ELSE state END, owner = NULL, next_try_at = NULL,
  attempts = attempts + 1, ambiguous = ambiguous + 1, code = 'taken_over', reason = :reason
WHERE {_MAY_GO_OUT}""")
_BORN_LINES = text(f"""
INSERT INTO attempt {_LINE}
SELECT id, 0, 'taken_over', :at, :owner, 'taken_over', :reason, '', '', ''
FROM message WHERE run_id = :run AND state = 'planned' AND ambiguous = 0""").bindparams(_AT)
_BORN = text("""
UPDATE message SET ambiguous = 1 WHERE run_id = :run AND state = 'planned' AND ambiguous = 0""")
