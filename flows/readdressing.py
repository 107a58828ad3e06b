"""What was refused by a recipient that is none of its party's any more is sent anew to whoever is. No Prefect here.

Runs before each posting and each delivery. models/store/parties.py does that when the directory changes; but a message
may be under way just then, and be refused at the old address afterwards. So it is the recipients that are compared.
"""

from datetime import date, datetime

from sqlalchemy import Connection

from flows.office import Office
from models.directory import Directory
from models.store import outbox
from models.store.parties import mark_within_reach
from notifications.addresses import AddressFault, recipient_digest, resolve


def send_where_they_are(
    connection: Connection, office: Office, directory: Directory, on_day: date, now: datetime
) -> list[int]:
    """Returns the messages. A party of which all refusals are other recipients' counts as within reach again."""
    refused = outbox.refused(connection)
    present = {code: _recipients(office, directory, code, on_day) for code in {one.party for one in refused}}
    elsewhere = [one for one in refused if (there := present[one.party]) and one.recipient_digest not in there]
    sent = outbox.send_refused_anew(connection, [one.message_id for one in elsewhere], now)
    begun = {one.party for one in elsewhere if one.message_id in sent}
    if begun:
        mark_within_reach(connection, begun - {one.party for one in refused if one not in elsewhere})
    return sent


def _recipients(office: Office, directory: Directory, code: str, on_day: date) -> set[str]:
    """Who receives for the party today, as digests. Empty where no address of it can be used just now."""
    receiver = directory.receiver(code, on_day)
    if receiver is None:
        return set()
    key, env, channels = bytes.fromhex(office.home.message_key), office.settings.env, office.channels
    found = (resolve(reference, env, channels) for reference in receiver.addresses)
    return {recipient_digest(one, receiver.code, key) for one in found if not isinstance(one, AddressFault)}
