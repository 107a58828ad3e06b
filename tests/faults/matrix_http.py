"""The fault matrix of robots and webhooks as data: faults down, channels across. The fates are those of matrix.py. PURE

What a robot takes it cannot tell from a double, so nothing that is in doubt is sent to it again: a person decides.
"""

from collections.abc import Iterator
from dataclasses import replace

from tests.faults.matrix import ESCALATION, FATES, FINE, PAUSED, Cell, Fate, for_a_person, read_grid

WEBHOOK = "webhook"
HTTP_GRID = """
                   wecom     dingtalk  feishu    webhook
200,too-often      paused:1  paused:10 paused:1  refused
200,no-such-robot  refused   refused   refused   refused
200,unheard-of     refused   refused   refused   refused
200,page           doubt     doubt     doubt     doubt
204                doubt     doubt     doubt     fine
301                refused   refused   refused   refused
307                refused   refused   refused   refused
400                refused   refused   refused   refused
401                refused   refused   refused   refused
404                refused   refused   refused   refused
429,seconds        paused:2  paused:2  paused:2  paused:2
429,date           paused:30 paused:30 paused:30 paused:30
429,bare           paused:1  paused:1  paused:1  paused:1
429,huge           paused:1440 paused:1440 paused:1440 paused:1440
500                doubt     doubt     doubt     doubt
502                doubt     doubt     doubt     doubt
503                paused:1  paused:1  paused:1  paused:1
nobody-listens     paused:1  paused:1  paused:1  -
reset-before       doubt     doubt     doubt     doubt
reset-mid-reply    twice     twice     twice     twice
reset-after        twice     twice     twice     twice
hang               mute      mute      mute      mute
hang-after         mutetwice mutetwice mutetwice mutetwice
drip               mutetwice mutetwice mutetwice mutetwice
"""
"""`paused:N` for so many minutes. `200,…`: HTTP 200 with that code in its body; `page`: with one for people. `-` is not
run: the port stands in the webhook's address."""
CODES = {"hang": "timeout", "hang-after": "timeout", "drip": "timeout", "reset-before": "lost", "reset-after": "lost",
         "reset-mid-reply": "lost", "nobody-listens": "refused", "200,page": "no code", "301": "redirect",
         "307": "redirect"}  # fmt: skip
ROBOT_CODES = {
    "wecom": {"too-often": 45009, "no-such-robot": 93000},
    "dingtalk": {"too-often": 130101, "no-such-robot": 310000},
    "feishu": {"too-often": 11232, "no-such-robot": 19001},
    WEBHOOK: {"too-often": 45009, "no-such-robot": 93000},
}
UNHEARD_OF = 987_654


def http_cells() -> Iterator[Cell]:
    """Every cell. To the webhook escalations are sent too: what is in doubt is not sent again, as everywhere."""
    for channel, fault, word in read_grid(HTTP_GRID):
        if word == "-":
            continue
        fate = _fate(channel, word)
        waits = {"mute": "command", "mutetwice": "total"}.get(word, "")
        cell = Cell(channel, fault, fate, _code(channel, fault), waits=waits)
        yield cell
        if channel == WEBHOOK and fate.doubts:
            yield replace(cell, kind=ESCALATION, fate=for_a_person(fate))


def _fate(channel: str, word: str) -> Fate:
    name, _, minutes = word.partition(":")
    if name == "fine":
        return FINE
    if name == "paused":
        return replace(PAUSED, minutes=(float(minutes) - 0.2, float(minutes)))
    if channel != WEBHOOK and FATES[name].doubts:
        return for_a_person(FATES[name])
    return replace(FATES[name], minutes=(1.0, 1.0)) if FATES[name].doubts else FATES[name]


def _code(channel: str, fault: str) -> str:
    if fault in CODES:
        return CODES[fault]
    status, _, which = fault.partition(",")
    if status == "200":
        return str(ROBOT_CODES[channel].get(which, UNHEARD_OF))
    return "no code" if status == "204" and channel != WEBHOOK else status
