"""Whether two texts of a ledger are one text reworded, told by the pairs of signs they share. PURE.

Runs only on rows that are left when all equal texts have been found; texts are given as `plain` makes them. How like a
heading is to a column's name is another question (models/ledger/table/headings.py).
"""

from functools import lru_cache
from itertools import pairwise

ALIKE = 0.6
"""The share of common pairs (Dice) from which on a text counts as reworded. 修订经费管理办法 and 修订用车管理办法 have
0.57, and are about two things."""


@lru_cache(maxsize=1_000)  # neighbours are looked at several times, one after the other
def pairs_of(text: str) -> frozenset[str]:
    """The pairs of neighbouring signs; of a single sign the sign itself."""
    return frozenset(map("".join, pairwise(text))) or frozenset((text,) if text else ())


def are_alike(one: str, other: str) -> bool:
    """Whether one is the other, holds it whole, or shares most of its pairs."""
    if one == other:
        return True
    if not one or not other:
        return False
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) > 1 and shorter in longer:
        return True
    left, right = pairs_of(one), pairs_of(other)
    return 2 * len(left & right) >= ALIKE * (len(left) + len(right))
