"""The SQL of the poll, as text: which clocks a range meets, and who is told of them. Used by posting.py only.

Shapes that were measured: windows as one JSON parameter through a materialised CTE; the clocks joined by
`CROSS JOIN`, which fixes the order in SQLite; the partial index named by `stopped_on IS NULL AND held_on IS NULL`
standing literally in WHERE. PostgreSQL will need its own spelling of the JSON functions only.
"""

from dataclasses import dataclass
from enum import Enum

from models.ladder import ADDRESS_RUNG, DIGEST_KINDS, MessageKind, NoticeKind, Window
from models.lifecycle import Role, Stage
from models.tables.clocks import OPEN, TAKEN_UP
from models.tables.posting import UNADDRESSED

NOTHING_UNSEEN = 2**62
"""A `seen` that no event reaches."""

BEFORE = """
SELECT r.on_day, CASE WHEN r.id IS NULL THEN (SELECT min(opened_on) FROM deadline) END, r.posted_through,
  coalesce(r.seen_seq, 0), coalesce(r.policy_digest, ''), coalesce(r.calendar_digest, ''),
  coalesce(r.directory_digest, ''), coalesce((SELECT max(seq) FROM event), 0), coalesce((SELECT max(id) FROM notice), 0)
FROM (SELECT max(id) AS newest FROM run) m LEFT JOIN run r ON r.id = m.newest"""
"""Days are never handled backwards, so the newest run is also the one of the latest day."""
KEEP_SNAPSHOT = """
INSERT INTO snapshot (digest, kind, content) VALUES (:digest, :kind, :content) ON CONFLICT DO NOTHING"""
RECORD_RUN = """
INSERT INTO run (on_day, posted_through, seen_seq, notices_after, notices_until, policy_digest, calendar_digest,
  directory_digest, via, started_at, boot, uptime_s)
VALUES (:on_day, :posted_through, :seen_seq, :newest, :newest, :policy_digest, :calendar_digest,
  :directory_digest, :via, :started_at, :boot, :uptime_s)
RETURNING id"""
COUNT_NOTICES = "UPDATE run SET notices_until = (SELECT max(id) FROM notice) WHERE id = :run"

OLDEST_OPEN = "SELECT " + ", ".join(
    f"(SELECT min(due_on) FROM deadline WHERE stage = '{stage}' AND {OPEN})" for stage in Stage
)
ANY_ARMED_OR_SERVED = f"""
SELECT EXISTS (SELECT 1 FROM deadline WHERE armed_seq > :seen AND {OPEN})
    OR EXISTS (SELECT 1 FROM deadline WHERE armed_on > :before AND armed_on <= :day AND {OPEN}),
  EXISTS (SELECT 1 FROM deadline WHERE served_on >= :before AND served_on < :day AND {OPEN})"""
COUNT_ARMED = f"SELECT count(*) FROM deadline WHERE armed_seq > :seen AND {OPEN}"
ANY_SAID_BEFORE_OR_TAKEN_UP = f"""
SELECT EXISTS (SELECT 1 FROM saidbefore), EXISTS (SELECT 1 FROM deadline WHERE {TAKEN_UP})"""
"""Whether any clock was resumed, and whether any running clock's referral was taken up: both ask more of the poll."""
SOMEBODY = """
SELECT EXISTS (SELECT 1 FROM party WHERE several_roles), EXISTS (SELECT 1 FROM party WHERE NOT addressed)"""
"""Whether any party may be two things to one clock, and whether any has no address."""


class Way(Enum):
    """How the party that a role means is found: the expression for it, and the join it needs."""

    DIRECT = ("CASE w.role WHEN 'unit' THEN c.unit_id ELSE c.lead_id END", "")
    GROUP = ("g.party_id", " JOIN roundparty g ON g.round_id = c.round_id AND g.role = w.role")
    COOPERATING = ("g.party_id", " JOIN cooperation g ON g.measure_id = c.measure_id")
    ADDRESS = (
        "g.party_id",
        f" JOIN party u ON u.id = c.unit_id AND NOT u.reachable"
        f" JOIN roundparty g ON g.round_id = c.round_id AND g.role = '{Role.GENERAL}'",
    )

    def __init__(self, recipient: str, join: str) -> None:
        self.recipient = recipient
        self.join = join

    def tells(self, window: Window) -> bool:
        """Whether this way has anything to do with a window. ADDRESS stands in where the unit cannot be reached."""
        if self is Way.ADDRESS:
            return window.held_back
        return _WAY_OF_ROLE.get(window.role, Way.GROUP) is self


_WAY_OF_ROLE = {Role.UNIT: Way.DIRECT, Role.LEAD: Way.DIRECT, Role.COOPERATING: Way.COOPERATING}

CROSSING = ""
"""Every open clock in the range."""
ARMED = f"""
, picked AS MATERIALIZED (
  SELECT id FROM deadline WHERE armed_seq > :seen AND {OPEN}
  UNION SELECT id FROM deadline WHERE armed_on > :before AND armed_on <= :day AND {OPEN})
"""
"""Clocks opened, re-dated, resumed or given another holder or address since the last run, or since the day before."""
SERVED = f"""
, picked AS MATERIALIZED (
  SELECT id FROM deadline WHERE served_on >= :before AND served_on < :day AND due_on <= :until AND {OPEN})
"""
"""Clocks whose unit was first told since the day handled before: the roles held back until then may hear now."""

_WINDOWS = """WITH w AS MATERIALIZED (
  SELECT json_extract(value, '$[0]') AS day, json_extract(value, '$[1]') AS stage,
         json_extract(value, '$[2]') AS role, json_extract(value, '$[3]') AS rung,
         json_extract(value, '$[4]') AS kind, json_extract(value, '$[5]') AS due_after,
         json_extract(value, '$[6]') AS due_until, json_extract(value, '$[7]') AS held_back
  FROM json_each(:windows))"""


@dataclass(frozen=True, slots=True)
class Beyond:
    """What the poll looks at only where there is any of it: resumed clocks, and referrals that were taken up."""

    said_before: bool
    taken_up: bool


def post_notices(picked: str, way: Way, beyond: Beyond) -> str:
    """The INSERT for one choice of clocks and one way of finding the party."""
    clocks = "picked CROSS JOIN deadline c CROSS JOIN w" if picked else "w CROSS JOIN deadline c"
    by_id = "c.id = picked.id AND " if picked else ""
    if way is Way.ADDRESS:
        rung, role, kind = f"w.stage || '/{ADDRESS_RUNG}'", f"'{Role.GENERAL}'", f"'{NoticeKind.ADDRESS}'"
        gate = "(c.served_on IS NULL OR c.served_on >= w.day)"
    else:
        rung, role, kind = "w.rung", "w.role", "w.kind"
        gate = "(w.held_back = 0 OR c.served_on < w.day)"
    if beyond.said_before:
        gate += f" AND {_NOT_SAID_BEFORE.format(rung=rung, party=way.recipient)}"
    if beyond.taken_up:
        gate += f" AND {_NOT_TAKEN_UP}"
    return f"""
INSERT INTO notice (run_id, deadline_id, due_on, rung, party_id, role, kind, on_day)
{_WINDOWS}{picked}
SELECT :run, c.id, c.due_on, {rung}, {way.recipient}, {role}, {kind}, w.day
FROM {clocks}{way.join}
WHERE {by_id}c.stage = w.stage AND c.due_on > w.due_after AND c.due_on <= w.due_until
  AND c.stopped_on IS NULL AND c.held_on IS NULL AND c.armed_on <= w.day AND {gate}
ON CONFLICT DO NOTHING"""


_NOT_SAID_BEFORE = """NOT EXISTS (
    SELECT 1 FROM saidbefore k
    WHERE k.due_on = c.due_on AND k.rung = {rung} AND k.deadline_id = c.id AND k.party_id = {party})"""
_NOT_TAKEN_UP = f"""(c.taken_up_on IS NULL OR w.kind <> '{NoticeKind.REFER}'
    OR w.role NOT IN ('{Role.ACCOUNTABILITY}', '{Role.HEAD}'))"""
"""A referral that was taken up is no longer repeated to those who would take it up or hear that nobody does."""

SUPERSEDE = f"""
UPDATE notice SET unsaid = 'superseded' WHERE id IN (
  SELECT id FROM (
    SELECT n.id, row_number() OVER (
      PARTITION BY n.deadline_id, n.party_id ORDER BY n.on_day DESC, o.place DESC, n.id) AS nth
    FROM notice n JOIN (
      SELECT json_extract(value, '$[0]') AS rung, json_extract(value, '$[1]') AS place FROM json_each(:orders)
    ) o ON o.rung = n.rung
    WHERE n.id > :newest AND n.kind <> '{NoticeKind.ADDRESS}')
  WHERE nth > 1)"""
"""Of several rungs that one run posts for one clock and party only the last is said: later day, then later rung."""

NO_ADDRESS = """
UPDATE notice SET unsaid = 'no_address' WHERE id > :newest AND unsaid IS NULL
  AND party_id IN (SELECT id FROM party WHERE NOT addressed)"""
"""Only for want of an address. Where one failed it is tried again: it may work by then."""

REVIVE = f"""
UPDATE notice SET unsaid = NULL, run_id = :run WHERE id IN (
  SELECT n.id FROM party p CROSS JOIN notice n CROSS JOIN deadline c
  WHERE p.addressed AND n.party_id = p.id AND n.{UNADDRESSED} AND n.kind <> '{NoticeKind.ADDRESS}'
    AND c.id = n.deadline_id AND c.due_on = n.due_on AND c.stopped_on IS NULL AND c.held_on IS NULL
    AND (c.armed_seq > :seen OR EXISTS (SELECT 1 FROM event WHERE seq > :seen AND action = 'directory_changed'))
    AND NOT EXISTS (
      SELECT 1 FROM notice later
      WHERE later.due_on = c.due_on AND later.deadline_id = c.id AND later.party_id = n.party_id
        AND later.id > n.id AND later.kind <> '{NoticeKind.ADDRESS}' AND coalesce(later.unsaid, '') <> 'superseded'))
RETURNING id"""
"""What a party missed for want of an address, now that it has one: the newest for each clock, while that is still true.

Of the notices that one run posts for a clock and party all but one are superseded, whatever their numbers, so that of
the others the highest number is the newest. `address` is no rung: it takes no part. Older ones keep their reason for
good; they are not asked about every day, since only another address or an armed clock can let one be said.
"""


ANY_RESUMED = "SELECT EXISTS (SELECT 1 FROM event WHERE seq > :seen AND action = 'resume')"
REVIVE_RESUMED = """
UPDATE notice SET unsaid = NULL, run_id = :run WHERE id IN (
  SELECT n.id FROM event e CROSS JOIN deadline c CROSS JOIN notice n CROSS JOIN party p
  WHERE e.seq > :seen AND e.action = 'resume' AND c.measure_id = e.measure_id
    AND c.stopped_on IS NULL AND c.held_on IS NULL
    AND n.due_on = c.due_on AND n.deadline_id = c.id AND n.unsaid = 'settled'
    AND (n.role <> 'unit' OR n.party_id = c.unit_id) AND (n.role <> 'lead' OR n.party_id = c.lead_id)
    AND (c.taken_up_on IS NULL OR n.kind <> 'refer' OR n.role NOT IN ('accountability', 'head'))
    AND p.id = n.party_id AND p.addressed AND NOT EXISTS (
      SELECT 1 FROM notice later
      WHERE later.due_on = c.due_on AND later.deadline_id = c.id AND later.party_id = n.party_id
        AND later.id > n.id AND coalesce(later.unsaid, '') <> 'superseded'))
RETURNING id"""
"""What a hold kept from being said, where the clock runs again under the same date: the newest for each party."""


def message_kind(column: str) -> str:
    """The kind of message that a notice of this kind goes into, as an SQL expression."""
    digests = ", ".join(f"'{kind}'" for kind in sorted(DIGEST_KINDS))
    return f"CASE WHEN {column} IN ({digests}) THEN '{MessageKind.DIGEST}' ELSE '{MessageKind.ESCALATION}' END"


def in_message(notice: str, message: str) -> str:
    """Whether a message tells a notice: of several parts the one that holds it. Of what is not unsaid."""
    return (
        f"{message}.run_id = {notice}.run_id AND {message}.party_id = {notice}.party_id"
        f" AND {message}.kind = {message_kind(f'{notice}.kind')} AND ({message}.parts = 1 OR EXISTS ("
        f"SELECT 1 FROM json_each({message}.notice_ids) held WHERE held.value = {notice}.id))"
    )


_POST_MESSAGES = f"""
INSERT INTO message (run_id, party_id, on_day, kind, state, notice_ids, address_no, attempts, ambiguous, code, reason,
  frozen, counted, part, parts, tries, received_by)
SELECT :run, party_id, :on_day,
  {message_kind("kind")},
  'planned', json_group_array(id), 0, 0, 0, '', '', FALSE, FALSE, 1, 1, 0, ''
FROM notice WHERE {{picked}} AND unsaid IS NULL
GROUP BY 2, 4"""
POST_MESSAGES = _POST_MESSAGES.format(picked="id > :newest")
POST_MESSAGES_WITH_REVIVED = _POST_MESSAGES.format(
    picked="(id > :newest OR id IN (SELECT value FROM json_each(:revived)))"
)

CARRY_ON = f"""
INSERT INTO saidbefore (due_on, rung, deadline_id, party_id)
SELECT :new, n.rung, n.deadline_id, n.party_id
FROM notice n JOIN message g ON {in_message("n", "g")}
WHERE n.due_on = :old AND n.deadline_id = :clock AND n.unsaid IS NULL
  AND (g.state IN ('leased', 'handing_over', 'accepted', 'unknown') OR g.ambiguous > 0)
UNION SELECT :new, rung, deadline_id, party_id FROM saidbefore WHERE due_on = :old AND deadline_id = :clock
ON CONFLICT DO NOTHING"""
"""What was said, or may have been. A message that never left, was refused or came back drops a notice whose date moved,
so that the resumed clock says it after all."""
