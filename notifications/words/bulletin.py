"""A bulletin 办理通知: what people did that one party must hear of, as frozen values ready to be said.

To actions what a digest is to clocks (wording.py). Values only: the sentences are in news_sentences.py, what a
template sees is in bulletin_context.py.
"""

from dataclasses import dataclass
from datetime import date

from models.lifecycle import ClosureClass, Role
from models.news import NewsKind
from notifications.words.particulars import Particulars


@dataclass(frozen=True, slots=True)
class NewsItem:
    """One news, ready to be said. Names are as the ledger writes them; `by_party` acted.

    `seq` orders what happened. `role` is what the party is to the measure, or was before it was taken away.
    `due_on` is the date by which something must be done now, if any; `days` are working days to it: left (> 0), none
    left (0), or late (< 0). `provisional`: the date rests on a day of a year not announced yet.
    """

    seq: int
    measure_no: str
    problem: str
    text: str
    unit: str
    lead: str
    closure: ClosureClass
    role: Role
    kind: NewsKind
    by_party: str
    due_on: date | None
    days: int
    provisional: bool
    limit_text: str
    told: Particulars


@dataclass(frozen=True, slots=True)
class Bulletin:
    """One message to one party. `stand_in_for` names the party in whose place it is received, else empty."""

    party: str
    party_code: str
    on: date
    items: tuple[NewsItem, ...]
    round_name: str
    rehearsal: bool
    stand_in_for: str = ""
