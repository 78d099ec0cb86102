"""Law: the seeds a rule asks for keep what it promises, and follow from the numbers alone."""

import numpy as np
import pytest

from omnisim.estimate import spread
from omnisim.experiment import stopping


def covers(values, truth):
    low, high = spread(values).interval(0.05)
    return low <= truth <= high


def coverage(runs):
    """Coverage of a mean known to 10 %: with look-ahead, and stopping at the first narrow interval (from 3 seeds)."""
    rng = np.random.default_rng(1)
    ours = naive = 0
    for _ in range(runs):
        values = rng.normal(10.0, 3.0, 200)
        n = stopping.precise(values, 0.1)
        ours += covers(values[:n], 10.0)
        first = next(k for k in range(3, 200) if stopping._narrow(values[:k], 0.1))
        naive += covers(values[:first], 10.0)
    return ours / runs, naive / runs


def test_look_ahead_keeps_the_coverage_that_naive_stopping_loses():
    """300 experiments; the nominal 95 % less 4 standard errors (1.3 points each)."""
    ours, naive = coverage(300)
    assert ours > 0.95 - 4 * (0.95 * 0.05 / 300) ** 0.5
    assert naive < ours


@pytest.mark.long
def test_look_ahead_keeps_the_coverage_long():
    """2,000 experiments, 4 standard errors of half a point; what sequential stopping costs at most is a point."""
    ours, naive = coverage(2000)
    assert ours > 0.94 - 4 * (0.95 * 0.05 / 2000) ** 0.5
    assert naive < 0.94


def test_precision_is_held_for_five_seeds_more():
    rng = np.random.default_rng(3)
    values = rng.normal(10.0, 2.0, 300)
    n = stopping.precise(values, 0.05)
    assert n is not None
    assert all(stopping._narrow(values[:k], 0.05) for k in range(n - stopping.LOOK_AHEAD, n + 1))
    assert stopping.precise(values[: n - 1], 0.05) is None, "one seed fewer is not enough"
    assert stopping.precise(np.concatenate([values[:n], rng.normal(0, 99, 50)]), 0.05) == n, "later seeds change nothing"


def test_never_fewer_than_the_least():
    assert stopping.precise(np.full(30, 2.0), 0.01) == stopping.LEAST + stopping.LOOK_AHEAD
    assert stopping.settled(np.full(30, 2.0)) == stopping.LEAST
    assert stopping.settled(np.full(30, 2.0), least=20) == 20


def test_undefined_seeds_are_no_evidence():
    values = np.full(30, np.nan)
    assert stopping.precise(values, 0.1) is None
    assert stopping.settled(values) is None
    values[::2] = np.arange(15) + 100.0
    assert stopping.settled(values) is not None


def false_alarms(runs, seeds):
    rng = np.random.default_rng(7)
    return sum(stopping.settled(rng.normal(0.0, 1.0, seeds)) is not None for _ in range(runs)) / runs


def test_no_difference_is_hardly_ever_settled():
    """200 experiments of up to 60 looks: false alarms at most 5 % plus 4 standard errors; a t interval looked at so often errs in 20 %."""
    assert false_alarms(200, 60) <= 0.05 + 4 * (0.05 * 0.95 / 200) ** 0.5


@pytest.mark.long
def test_no_difference_is_hardly_ever_settled_long():
    assert false_alarms(1500, 300) <= 0.05 + 2 * (0.05 * 0.95 / 1500) ** 0.5


@pytest.mark.parametrize(("effect", "most"), [(2.0, 12), (1.0, 20), (0.5, 70)])
def test_a_difference_is_settled_soon_and_with_the_right_sign(effect, most):
    rng = np.random.default_rng(11)
    found = []
    for _ in range(40):
        diffs = rng.normal(-effect, 1.0, 400)
        n = stopping.settled(diffs)
        assert n is not None
        assert diffs[:n].mean() < 0
        found.append(n)
    assert np.mean(found) < most


def test_exactly_nothing_is_settled_too():
    assert stopping.settled(np.zeros(12)) == stopping.LEAST


def test_evidence_is_the_bayes_factor_of_its_source():
    """t = 2.8, n = 20: (1 + n)^-1/2 ((1 + t^2/19) / (1 + t^2/(19 * 21)))^10, worked by hand: 4.77."""
    x = np.arange(20.0)
    x = (x - x.mean()) / x.std(ddof=1) + 2.8 / 20**0.5
    by_hand = 21**-0.5 * ((1 + 2.8**2 / 19) / (1 + 2.8**2 / (19 * 21))) ** 10
    assert stopping.evidence(x) == pytest.approx(by_hand)


def test_all_are_content_when_the_last_one_is():
    assert stopping.all_of([12, 30, 15]) == 30
    assert stopping.all_of([12, None]) is None
    assert stopping.all_of([]) is None
