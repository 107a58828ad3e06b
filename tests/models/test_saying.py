"""Who may say what of a message: every role, its own and another's."""

import pytest

from models.lifecycle import Role
from models.saying import SAYING_ZH, Saying, entitled_zh, may_say

MAY = """
arrived   general supervision head
resend    general supervision head
received  -
bounced   general supervision
"""
ROWS = [(Saying(what), set(roles)) for what, *roles in (line.split() for line in MAY.strip().splitlines())]


@pytest.mark.parametrize(("what", "roles"), ROWS)
@pytest.mark.parametrize("role", Role)
def test_who_may_say_it(what: Saying, roles: set[str], role: Role) -> None:
    for is_theirs in (False, True):
        expected = is_theirs if what is Saying.RECEIVED else role.value in roles
        assert may_say(what, frozenset({role}), is_theirs=is_theirs) == expected


def test_every_saying_has_a_name_and_those_who_may_say_it() -> None:
    assert [what for what, _ in ROWS] == list(Saying) == list(SAYING_ZH)
    assert [entitled_zh(what) for what in Saying] == [
        "综合组或督办组或组长",
        "综合组或督办组或组长",
        "收件的一方（或其代办方）",
        "综合组或督办组",
    ]


def test_a_party_without_a_role_says_nothing_but_that_it_received_its_own() -> None:
    assert [what for what in Saying if may_say(what, frozenset(), is_theirs=True)] == [Saying.RECEIVED]
