"""Writes the fault matrix down for people: `python -m tests.faults.matrix_page > docs/faults.md`.

A test holds the page to the data, and the data is what the tests run.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import fields

from notifications.senders.http_exchange import HTTP_PATIENCE, HttpPatience
from notifications.senders.smtp_connection import PATIENCE, Patience
from tests.faults.matrix import AFTER_TAKING, FATES, HANDSHAKE, SMTP_GRID, Fate, for_a_person
from tests.faults.matrix_cases import CASES, Case
from tests.faults.matrix_http import HTTP_GRID

HEAD = """# The fault matrix

What becomes of a message when something fails, and where that is shown. Every cell is a test with one end that is
expected of it: `tests/faults/test_matrix_*.py` run them through real sockets, the real delivery and a real database,
and look at both sides, the log of the server and the row of the outbox. This page is made from the data of those tests
(`python -m tests.faults.matrix_page`); a test holds the two together.

In every cell of a channel two messages wait, the one that is hit and a bystander: whatever happens to the one, the
other goes out once, with no doubt on record, at once or when the channel opens again.

## Fates

`copies`: how often the other side has the message in the end.
"""
SMTP = """## Mail

The relay fails once at the stage above, in the way on the left, and works from then on. The line is under STARTTLS
and logged in.

- 421 … 554: a reply with that code, at AUTH and before it also where it is not one of the verb's own.
- hang: silence. reset: RST. close: FIN. drip: one byte at a time, for ever. endless: a reply line of megabytes.
  garbage: what is no reply.
- body: in the middle of a long one. dot: after it, not taken.
"""
TAKEN = f"""Where the relay takes the message at the dot and does not say so ({", ".join(AFTER_TAKING)}): `twice`, and
`mutetwice` for hang.

Where TLS itself is wrong ({", ".join(HANDSHAKE)}): `paused`, with the code
`tls` (`timeout` for hang), and neither a letter nor the login is ever said in the clear.
"""


HTTP = """## Chat robots and webhooks

The server fails once in the way on the left, and works from then on. `paused:N`: for so many minutes, which the server
asked for where it says so (429 with Retry-After in seconds, as a date, without one, and with one of years).

- 200,…: HTTP 200, and in its body a code that says too often, no such robot, or what nobody has heard of; or a page
  for people. A redirect (301, 307) is never followed.
- reset-before: before the request is read. reset-mid-reply, reset-after: it was taken. drip: it was taken, and the
  reply comes one byte at a time, for ever.

A robot cannot tell a double: what is in doubt waits for a person there, of whatever kind it is. A webhook knows it by
its Idempotency-Key: `doubt` and `twice` are sent again after one minute, but for escalations.
"""


def page() -> str:
    """The whole page."""
    parts = [HEAD, *_fates(), SMTP, *_grid(SMTP_GRID), TAKEN, *_patience(PATIENCE)]
    parts += [HTTP, *_grid(HTTP_GRID), *_patience(HTTP_PATIENCE)]
    for title, cases in CASES:
        parts += [f"## {title}\n", *_cases(cases)]
    return "\n".join(parts)


def _fates() -> Iterator[str]:
    yield _line("fate", "what it means", "then", "against the address", "channel", "in the end", "attempts", "copies")
    yield _line(*["---"] * 8)
    for word, fate in FATES.items():
        yield _fate(word, fate)
        if fate.doubts:
            yield _fate(f"{word} (escalation)", for_a_person(fate))
    yield ""


def _fate(word: str, fate: Fate) -> str:
    then = f"{fate.state}, {_minutes(fate.minutes)}" if fate.minutes else fate.state
    doubts = f", {fate.doubts} in doubt" if fate.doubts else ""
    against, gate = "a try" if fate.tries else "no", "closed" if fate.closes else "open"
    return _line(f"`{word}`", fate.means, then, against, gate, f"{fate.end}{doubts}", fate.attempts, fate.copies)


def _minutes(span: tuple[float, float]) -> str:
    first, last = span
    return f"{first:g} min" if first == last else f"{first:g} to {last:g} min"


def _grid(grid: str) -> Iterator[str]:
    header, *rows = [line.split() for line in grid.strip("\n").splitlines()]
    yield _line("fault", *header)
    yield _line(*["---"] * (len(header) + 1))
    for row in rows:
        yield _line(*row)
    yield ""


def _patience(patience: Patience | HttpPatience) -> Iterator[str]:
    yield "How long each wait may last; a cell takes one of them, and a tenth more at most:\n"
    yield _line("wait", "seconds")
    yield _line("---", "---")
    for field in fields(patience):
        yield _line(field.name, f"{getattr(patience, field.name):g}")
    yield ""


def _cases(cases: Sequence[Case]) -> Iterator[str]:
    yield _line("what", "when", "what holds", "in the end", "doubts", "copies")
    yield _line(*["---"] * 6)
    for case in cases:
        yield _line(case.what, case.when, case.end, case.state, case.doubts, case.copies)
    yield ""


def _line(*cells: object) -> str:
    return "| " + " | ".join(map(str, cells)) + " |"


if __name__ == "__main__":
    sys.stdout.write(page())
