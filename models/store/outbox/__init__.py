"""The outbox's state machine. The only writer of messages and attempts; it sends nothing and renders nothing.

A claimed message belongs to one process. What of it comes next is decided in notifications/endings.py.

planning.py puts news into messages · claiming.py takes what is due, outliving.py what need not be said any more ·
splitting.py cuts what a channel cannot hold · gates.py paces channels · handing.py keeps, marks and finishes ·
orphans.py finds what dead processes held · settling.py hears what people say of it · served.py tells the clocks ·
attempts.py is the record of it all · values.py
"""

from models.store.outbox.claiming import CLAIMABLE, claim, count_claimable
from models.store.outbox.gates import close_gate, enter_gate, failing_gates, reopen_gate
from models.store.outbox.handing import finish, keep, mark
from models.store.outbox.orphans import held_by, orphans
from models.store.outbox.planning import newest_untried_action, plan_news
from models.store.outbox.served import count_served
from models.store.outbox.settling import (
    BY_DIRECTORY,
    SAYABLE_IN,
    Refused,
    Report,
    Utterance,
    can_come_back,
    may_be_said,
    refused,
    send_anew,
    send_refused_anew,
    settle,
)
from models.store.outbox.splitting import split
from models.store.outbox.values import Batch, Claimed, Closed, Ending, Gate, Orphan, Paced, Written

__all__ = [
    "BY_DIRECTORY", "CLAIMABLE", "SAYABLE_IN", "Batch", "Claimed", "Closed", "Ending", "Gate", "Orphan", "Paced",
    "Refused", "Report", "Utterance", "Written", "can_come_back", "claim", "close_gate", "count_claimable",
    "count_served", "enter_gate", "failing_gates", "finish", "held_by", "keep", "mark", "may_be_said",
    "newest_untried_action", "orphans", "plan_news", "refused", "reopen_gate", "send_anew",
    "send_refused_anew", "settle", "split",
]  # fmt: skip
