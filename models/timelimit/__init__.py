"""A 完成时限 as people write it, read into a kind and a due date. PURE.

`parse_time_limit` runs when a ledger is imported and behind `duban timelimit`. It never guesses in silence: what it
cannot account for asks for a look (`confirm`), and what it cannot read has no date and says why. It sets no house
defaults: what is immediate or sustained has no date here, and policy and round give it one.

normal.py makes ways of writing alike · rule.py says what a rule is · points, stretches, periods, recurrences and
phrases are the rules, over days.py and festivals.py · search.py finds and reads them, with starts.py for when a period
begins · weighing.py sorts them out by the words between (surroundings.py) · verdict.py decides.
"""

from models.timelimit.days import add_months
from models.timelimit.limit import LimitFlag, LimitKind, TimeLimit, WorkingDays
from models.timelimit.normal import normalise
from models.timelimit.rule import Rule
from models.timelimit.search import RULES
from models.timelimit.verdict import TEXT_LONGEST, parse_time_limit

__all__ = [
    "RULES",
    "TEXT_LONGEST",
    "LimitFlag",
    "LimitKind",
    "Rule",
    "TimeLimit",
    "WorkingDays",
    "add_months",
    "normalise",
    "parse_time_limit",
]  # fmt: skip
