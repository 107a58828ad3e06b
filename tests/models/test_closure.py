"""What each closure class needs, written as a table an office can read."""

from itertools import combinations

import pytest

from models.closure import EVIDENCE_ZH, MECHANISMS, EvidenceKind, Lack, lacking
from models.lifecycle import ClosureClass

# The class, the kinds of evidence there are, an interval, a statement: what is missing, in this order.
NEEDS = """
settled    -              no  yes  proof
settled    proof          no  yes  -
settled    proof+other    no  yes  -
settled    rule+campaign  no  yes  proof
settled    other          no  yes  proof
settled    -              yes yes  proof
settled    proof          no  no   statement
settled    -              no  no   statement+proof
mechanism  -              no  yes  mechanism
mechanism  rule           no  yes  -
mechanism  norm           no  yes  -
mechanism  campaign       no  yes  -
mechanism  rule+norm      no  yes  -
mechanism  proof          no  yes  mechanism
mechanism  proof+other    no  yes  mechanism
mechanism  proof+norm     no  yes  -
mechanism  rule           no  no   statement
mechanism  -              yes no   statement+mechanism
sustained  -              yes yes  -
sustained  -              no  yes  interval
sustained  proof+rule     no  yes  interval
sustained  -              yes no   statement
sustained  -              no  no   statement+interval
"""
ROWS = [tuple(row.split()) for row in NEEDS.strip().splitlines()]


@pytest.mark.parametrize(("closure", "kinds", "interval", "statement", "missing"), ROWS, ids=map(" ".join, ROWS))
def test_what_a_closure_lacks(closure: str, kinds: str, interval: str, statement: str, missing: str) -> None:
    found = lacking(ClosureClass(closure), evidence(kinds), interval == "yes", statement == "yes")
    assert "+".join(lack.value for lack in found) == missing.strip("-")


def evidence(written: str) -> set[EvidenceKind]:
    return {EvidenceKind(kind) for kind in written.split("+") if kind != "-"}


@pytest.mark.parametrize("closure", ClosureClass)
def test_nothing_more_can_be_lacking_than_one_thing_of_the_class_and_the_statement(closure: ClosureClass) -> None:
    """Every set of kinds there can be: more evidence never makes a closure lack more."""
    sets = [set(kinds) for n in range(len(EvidenceKind) + 1) for kinds in combinations(EvidenceKind, n)]
    assert len(sets) == 32
    for kinds in sets:
        bare = lacking(closure, kinds, has_interval=False, has_statement=True)
        assert len(bare) <= 1
        assert lacking(closure, kinds, has_interval=False, has_statement=False) == (Lack.STATEMENT, *bare)
        for more in EvidenceKind:
            assert set(lacking(closure, kinds | {more}, has_interval=False, has_statement=True)) <= set(bare)


def test_evidence_may_be_given_in_any_collection_and_more_than_once() -> None:
    for kinds in ([EvidenceKind.RULE, EvidenceKind.RULE], (EvidenceKind.RULE,), frozenset({EvidenceKind.RULE})):
        assert lacking(ClosureClass.MECHANISM, kinds, has_interval=False, has_statement=True) == ()


def test_what_is_missing_names_the_words_that_a_person_must_type() -> None:
    assert list(EVIDENCE_ZH) == list(EvidenceKind)
    assert len(set(EVIDENCE_ZH.values())) == len(EVIDENCE_ZH)
    assert f"（{EvidenceKind.PROOF.value}）" in Lack.PROOF.zh
    assert all(f"（{kind.value}）" in Lack.MECHANISM.zh for kind in MECHANISMS)
    assert "6m" in Lack.INTERVAL.zh
    assert len({lack.zh for lack in Lack}) == len(Lack)
    assert not any(lack.zh.endswith("。") for lack in Lack), "they are joined in one sentence"
