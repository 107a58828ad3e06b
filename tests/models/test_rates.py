"""The three named completion rates: what their percentages say, and what they never say."""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rates import DEFINITION_ZH, FORMULA_ZH, NONE_ZH, Rate, RateFormula


def rate(done: int, of: int) -> Rate:
    return Rate(RateFormula.WITH_SUSTAINED, "done", "of", done, of)


@pytest.mark.parametrize(
    ("done", "of", "said"),
    [
        (688, 697, "98.71%"),  # Kunming, as published
        (19, 25, "76.00%"),  # Wucheng, as published
        (34, 34, "100.00%"),
        (0, 34, "0.00%"),
        (1, 3, "33.33%"),
        (2, 3, "66.67%"),
        (1, 800, "0.13%"),  # 0.125, half up
        (19_999, 20_000, "99.99%"),  # 99.995 would round to all
        (1, 30_000, "0.01%"),  # and this to none
    ],
)
def test_a_percentage_has_two_places_and_is_rounded_half_up(done: int, of: int, said: str) -> None:
    assert rate(done, of).percent_zh == said
    assert rate(done, of).zh == f"{said}（{done}/{of}）"


def test_none_of_none_is_no_percentage() -> None:
    assert (rate(0, 0).percent_zh, rate(0, 0).zh) == (None, NONE_ZH)


@given(st.integers(0, 20_000), st.integers(1, 20_000))
def test_it_is_the_rounded_quotient_but_never_all_or_none_untruly(some: int, of: int) -> None:
    done = min(some, of)
    exact = (Decimal(done) * 100 / Decimal(of)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    said = rate(done, of).percent_zh
    assert said is not None
    assert (said == "100.00%") is (done == of)
    assert (said == "0.00%") is (done == 0)
    if 0 < exact < 100:
        assert said == f"{exact}%"


def test_every_formula_has_a_name_and_says_what_it_divides() -> None:
    assert set(FORMULA_ZH) == set(DEFINITION_ZH) == set(RateFormula)
    assert (
        len({formula.zh for formula in RateFormula}) == len({f.definition_zh for f in RateFormula}) == len(RateFormula)
    )
    assert all("除以" in formula.definition_zh and "作废" in formula.definition_zh for formula in RateFormula)
