"""How long is waited after failures, and at most: the same for a message at its address and for a channel. PURE"""

from datetime import datetime, timedelta

BACKOFF_MINUTES = (1, 5, 15, 60)
LONGEST_WAIT = timedelta(days=1)
"""Nothing is ever put off for longer; a later moment was set by a clock that ran ahead."""


def backoff(failures: int) -> timedelta:
    """How long to wait after so many failures in a row (from 1 on), where nobody asks for anything else."""
    return timedelta(minutes=BACKOFF_MINUTES[min(failures, len(BACKOFF_MINUTES)) - 1])


def binds(until: datetime, now: datetime) -> bool:
    """Whether what was put off until that moment still waits. What a clock that ran ahead has said binds nobody."""
    return now < until <= now + LONGEST_WAIT
