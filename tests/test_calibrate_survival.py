"""Patience from censored waits: worked numbers, and the truth found again in simulated logs."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnisim.calibrate import survival


def simulated(shape: float, scale: float, answered_mean: float, n: int = 20_000) -> tuple[np.ndarray, np.ndarray]:
    """A log of n callers with Weibull patience, each answered after an exponential time if still there."""
    rng = np.random.default_rng(7)
    patience = scale * rng.weibull(shape, n)
    answer = rng.exponential(answered_mean, n)
    return np.minimum(patience, answer), patience < answer


def test_worked_example_of_kaplan_and_meier() -> None:
    """The eight lifetimes of Kaplan & Meier 1958, section 2: .8+, 1.0, 2.7+, 3.1, 5.4, 7.0+, 9.2, 12.1+ (in their units)."""
    times = [0.8, 1.0, 2.7, 3.1, 5.4, 7.0, 9.2, 12.1]
    died = [False, True, False, True, True, False, True, False]
    curve = survival.kaplan_meier(times, died)
    for time, expected in (
        (0.9, 1.0),
        (1.0, 6 / 7),
        (3.1, 6 / 7 * 4 / 5),
        (5.4, 6 / 7 * 3 / 5),
        (9.2, 6 / 7 * 3 / 5 / 2),
        (12.1, 6 / 7 * 3 / 5 / 2),
    ):
        assert curve.at(time) == pytest.approx(expected, abs=1e-12)
    assert np.all(curve.low <= curve.share)
    assert np.all(curve.share <= curve.high)


def test_without_censoring_it_is_the_empirical_curve_and_the_mean() -> None:
    waits = np.array([3.0, 1.0, 4.0, 1.0, 5.0])
    curve = survival.kaplan_meier(waits, np.ones(5, bool))
    assert curve.share.tolist() == pytest.approx([0.6, 0.4, 0.2, 0.0])
    assert curve.restricted_mean(5.0) == pytest.approx(waits.mean())


@given(st.lists(st.tuples(st.integers(1, 30), st.booleans()), min_size=1, max_size=40))
def test_it_is_the_product_limit(rows: list[tuple[int, bool]]) -> None:
    """Against the definition, written out."""
    rows = [*rows, (7, True)]
    wait = np.array([w for w, _ in rows], float)
    left = np.array([g for _, g in rows])
    curve = survival.kaplan_meier(wait, left)
    share = 1.0
    for t in sorted(set(wait)):
        share *= 1.0 - (left & (wait == t)).sum() / (wait >= t).sum()
        assert curve.at(t) == pytest.approx(share, abs=1e-12)


def test_laws_find_the_truth_again_where_the_naive_mean_does_not() -> None:
    wait, left = simulated(0.8, 300.0, 120.0)
    truth = 300.0 * math.gamma(1 + 1 / 0.8)
    fit = survival.weibull(wait, left)
    assert fit.shape == pytest.approx(0.8, abs=0.02)
    assert fit.low_s < truth < fit.high_s
    assert fit.high_s / fit.low_s < 1.2
    assert wait[left].mean() < 0.3 * truth
    wait, left = simulated(1.0, 300.0, 120.0)
    assert survival.exponential(wait, left).low_s < 300.0 < survival.exponential(wait, left).high_s


def test_the_exponential_is_the_weibull_of_shape_one() -> None:
    wait, left = simulated(1.0, 300.0, 120.0)
    exponential, weibull = survival.exponential(wait, left), survival.weibull(wait, left)
    assert 0.0 <= weibull.log_likelihood - exponential.log_likelihood < 4.0
    assert exponential.at(100.0) == pytest.approx(math.exp(-100.0 / exponential.mean_s))
    assert weibull.at(100.0) == pytest.approx(survival.kaplan_meier(wait, left).at(100.0), abs=0.02)


def test_interval_of_the_weibull_mean_covers() -> None:
    """95 % intervals hold the true mean in 88 to 99 % of 200 small logs."""
    rng = np.random.default_rng(3)
    truth = 100.0 * math.gamma(1 + 1 / 0.9)
    inside = 0
    for _ in range(200):
        patience, answer = 100.0 * rng.weibull(0.9, 400), rng.exponential(80.0, 400)
        fit = survival.weibull(np.minimum(patience, answer), patience < answer)
        inside += fit.low_s < truth < fit.high_s
    assert 176 <= inside <= 198


def test_scaling_time_scales_the_fit() -> None:
    wait, left = simulated(0.8, 300.0, 120.0, 2000)
    one, four = survival.weibull(wait, left), survival.weibull(4.0 * wait, left)
    assert four.mean_s == pytest.approx(4.0 * one.mean_s, rel=1e-9)
    assert four.shape == pytest.approx(one.shape, rel=1e-9)


@pytest.mark.parametrize(
    ("wait", "left", "why"),
    [
        ([1.0, 2.0], [False, False], "nobody gave up"),
        ([1.0, 2.0], [True], "one length"),
        ([1.0, -2.0], [True, True], "not negative"),
        ([1.0, math.nan], [True, True], "finite"),
    ],
)
def test_what_cannot_be_estimated_says_why(wait: list[float], left: list[bool], why: str) -> None:
    for estimate in (survival.kaplan_meier, survival.exponential, survival.weibull):
        with pytest.raises(ValueError, match=why):
            estimate(wait, left)


def test_weibull_refuses_what_has_no_fit() -> None:
    with pytest.raises(ValueError, match="positive waits"):
        survival.weibull([0.0, 1.0], [True, True])
    with pytest.raises(ValueError, match="no Weibull law fits"):
        survival.weibull([5.0, 5.0, 5.0], [True, True, True])
    with pytest.raises(ValueError, match="nobody waited"):
        survival.exponential([0.0], [True])
