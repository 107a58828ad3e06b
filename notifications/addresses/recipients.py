"""Who receives at a destination, as a digest: bytes are kept with it, so that nobody else is ever handed them.

Of a mailbox the address alone counts, over whichever relay; of a robot, a webhook or a service its URL. PURE.
"""

import hmac

from notifications.addresses.values import Destination, FileBox, Mailbox


def recipient_digest(destination: Destination, code: str, key: bytes) -> str:
    """Tells recipients apart and gives none of them away. `code` is the party's that receives, `key` the home's own."""
    told = "\n".join((destination.channel.value, _recipient(destination, code)))
    return hmac.digest(key, told.encode(), "sha256").hex()


def _recipient(destination: Destination, code: str) -> str:
    match destination:
        case FileBox():
            return code
        case Mailbox(recipient=recipient):
            return recipient
    return destination.url
