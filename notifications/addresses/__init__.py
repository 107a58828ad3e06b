"""Where a message can go: reads an address of directory.yaml into a destination that a sender understands.

reading.py is the way in; mail.py, robots.py, hooks.py and services.py know one kind of address each · pace.py says how
fast each kind may be used · recipients.py tells recipients apart · quiet.py holds Apprise quiet · values.py. Only this
room and senders/other.py know Apprise.
"""

from notifications.addresses.pace import gate_of
from notifications.addresses.quiet import apprise_held_quiet
from notifications.addresses.reading import caution, channel_of, check, is_served, label, resolve
from notifications.addresses.recipients import recipient_digest
from notifications.addresses.values import (
    AddressFault,
    Channel,
    Destination,
    FileBox,
    Hook,
    Mailbox,
    Robot,
    Security,
    Service,
)

__all__ = [
    "AddressFault", "Channel", "Destination", "FileBox", "Hook", "Mailbox", "Robot", "Security", "Service",
    "apprise_held_quiet", "caution",
    "channel_of", "check", "gate_of", "is_served", "label", "recipient_digest", "resolve",
]  # fmt: skip
