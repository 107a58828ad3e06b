"""The outbox's state machine. The only writer of messages and attempts; it sends nothing and renders nothing.

A claimed message belongs to one process. What of it comes next is decided in notifications/endings.py.

planning.py puts news into messages · claiming.py takes what is due · handing.py keeps, marks and finishes · orphans.py
finds what dead processes held · settling.py hears what people say of it · served.py tells the clocks · attempts.py is
the record of it all · values.py
"""

from models.store.outbox.claiming import CLAIMABLE, claim, count_claimable
from models.store.outbox.handing import finish, keep, mark
from models.store.outbox.orphans import held_by, orphans
from models.store.outbox.planning import newest_untried_action, plan_news
from models.store.outbox.served import count_served
from models.store.outbox.settling import DIRECTORY, FROM, Word, send_anew, settle
from models.store.outbox.values import Batch, Claimed, Ending, Gate, Orphan, Written

__all__ = [
    "CLAIMABLE", "DIRECTORY", "FROM", "Batch", "Claimed", "Ending", "Gate", "Orphan", "Word", "Written", "claim",
    "count_claimable", "count_served", "finish", "held_by", "keep", "mark", "newest_untried_action", "orphans",
    "plan_news", "send_anew", "settle",
]  # fmt: skip
