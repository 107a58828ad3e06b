"""A 完成时限 as people write it, read into a kind and a due date. PURE.

`parse_time_limit` runs when a ledger is imported and behind `duban timelimit`. It never guesses in silence: what it
cannot account for asks for a look (`confirm`), and what it cannot read has no date and says why. It sets no house
defaults: what is immediate or sustained has no date here, and policy and round give it one.

normal.py makes writings alike · rule.py is what a rule is · points, periods, recurrences, phrases are the rules ·
finding.py finds and reads them · surroundings.py weighs the words between · verdict.py decides.
"""

from models.timelimit.days import add_months
from models.timelimit.finding import RULES
from models.timelimit.limit import LimitFlag, LimitKind, TimeLimit, WorkingDays
from models.timelimit.normal import normalise
from models.timelimit.rule import Rule
from models.timelimit.verdict import LONGEST, parse_time_limit

__all__ = [
    "LONGEST", "RULES", "LimitFlag", "LimitKind", "Rule", "TimeLimit", "WorkingDays", "add_months", "normalise",
    "parse_time_limit",
]  # fmt: skip
