"""Intervals cover, families keep their promise, pairing is worth what is printed."""

import math

import numpy as np
import pytest
from scipy import stats

from omnisim.estimate import Sample, Spread, differences, estimates, holm, seeds_to_settle, spread, t_test
from omnisim.kpis import Column

RATE = Column("abandon_rate", (), "share")
WAIT = Column("wait_mean_s", (("channel", "phone"),), "s")
HUB = Column("hub_cost", (), "USD")


def sample(name, num, den=None, columns=(RATE,)):
    num = np.asarray(num, float)
    return Sample(name, columns, num, np.ones_like(num) if den is None else np.asarray(den, float))


def test_mean_interval_and_pooled_ratio():
    (e,) = estimates(sample("a", [[1.0], [2.0], [6.0]], [[10.0], [10.0], [20.0]]))
    values = np.array([0.1, 0.2, 0.3])
    low, high = stats.t.interval(0.95, 2, values.mean(), stats.sem(values))
    assert (e.mean, e.sd, e.n) == (pytest.approx(0.2), pytest.approx(0.1), 3)
    assert (e.low, e.high) == (pytest.approx(low), pytest.approx(high))
    assert e.pooled == pytest.approx(9 / 40)
    assert (e.kpi, e.scope, e.unit) == ("abandon_rate", (), "share")


def test_undefined_seeds_are_left_out():
    many = sample(
        "a", [[1.0, 0.0, 5.0], [np.nan, 0.0, 5.0], [3.0, 0.0, 5.0]], [[2.0, 0.0, 1.0], [2.0, 0.0, 1.0], [2.0, 0.0, 1.0]], (RATE, WAIT, HUB)
    )
    rate, hub = estimates(many)
    assert (rate.n, rate.mean, rate.pooled) == (2, 1.0, 1.0)
    assert (hub.kpi, hub.mean, hub.low, hub.high, hub.sd, hub.n, hub.pooled) == ("hub_cost", 5.0, 5.0, 5.0, 0.0, 3, None)


def test_one_seed_has_no_interval():
    (e,) = estimates(sample("a", [[3.0]]))
    assert (e.mean, e.low, e.high, e.sd, e.n) == (3.0, None, None, None, 1)
    (d,) = differences(sample("a", [[3.0]]), [sample("b", [[5.0]])])
    assert (d.difference, d.low, d.p, d.p_holm, d.low_holm, d.variance_reduction, d.n) == (2.0, None, None, None, None, None, 1)


def test_paired_difference_equals_the_paired_t_test():
    rng = np.random.default_rng(3)
    a = rng.normal(10, 2, 15)
    b = a + rng.normal(0.4, 0.5, 15)
    (d,) = differences(sample("multi", a[:, None]), [sample("omni", b[:, None])])
    t = stats.ttest_rel(b, a)
    interval = t.confidence_interval(0.95)
    assert d.p == pytest.approx(t.pvalue)
    assert (d.low, d.high) == (pytest.approx(interval.low), pytest.approx(interval.high))
    assert d.difference == pytest.approx(d.mean - d.baseline_mean)
    assert (d.p_holm, d.low_holm, d.high_holm) == (pytest.approx(d.p), pytest.approx(d.low), pytest.approx(d.high)), "a family of one"
    assert d.variance_reduction == pytest.approx((a.var(ddof=1) + b.var(ddof=1)) / (b - a).var(ddof=1))
    assert (d.strategy, d.n) == ("omni", 15)


def test_pairs_are_seeds_in_which_both_are_defined():
    a, b = [[1.0], [2.0], [np.nan], [4.0]], [[2.0], [np.nan], [7.0], [6.0]]
    (d,) = differences(sample("a", a), [sample("b", b)])
    assert (d.n, d.baseline_mean, d.mean, d.difference) == (2, 2.5, 4.0, 1.5)
    assert differences(sample("a", [[np.nan], [1.0]]), [sample("b", [[1.0], [np.nan]])]) == []


def test_columns_are_matched_by_name_and_only_common_ones_compared():
    a = sample("a", [[1.0, 2.0], [2.0, 4.0]], columns=(RATE, WAIT))
    b = sample("b", [[9.0, 3.0], [9.0, 5.0]], columns=(HUB, WAIT))
    (d,) = differences(a, [b])
    assert (d.kpi, d.scope, d.difference, d.low, d.high) == ("wait_mean_s", WAIT.scope, 1.0, 1.0, 1.0)
    with pytest.raises(ValueError, match="is in USD, 'c' in EUR"):
        differences(b, [sample("c", [[1.0], [2.0]], columns=(Column("hub_cost", (), "EUR"),))])
    with pytest.raises(ValueError, match="has 1 seeds, the baseline 2"):
        differences(b, [sample("c", [[1.0]], columns=(HUB,))])


def test_an_exact_zero_stays_exact():
    """Equal strategies: 0, no width, p 1, no variance reduction to speak of."""
    a = np.random.default_rng(1).normal(size=(8, 1)) / 3
    (d,) = differences(sample("a", a), [sample("b", a.copy())])
    assert (d.difference, d.low, d.high, d.p, d.p_holm, d.low_holm, d.variance_reduction) == (0.0, 0.0, 0.0, 1.0, 1.0, 0.0, None)


def test_a_constant_difference_is_certain():
    a = np.arange(6.0)[:, None]
    (d,) = differences(sample("a", a), [sample("b", a + 0.5)])
    assert (d.difference, d.low, d.high, d.p, d.low_holm, d.variance_reduction) == (0.5, 0.5, 0.5, 0.0, 0.5, None)


def test_rounding_is_no_finding():
    """The same hours added up in another order: no difference, not one of 1e-13 that is ever so significant."""
    a = np.full((6, 1), 800.0)
    (d,) = differences(sample("a", a), [sample("b", a + np.array([[1e-13], [2e-13], [1e-13], [3e-13], [2e-13], [1e-13]]))])
    assert (d.difference, d.low, d.high, d.p, d.variance_reduction) == (0.0, 0.0, 0.0, 1.0, None)
    (d,) = differences(sample("a", a), [sample("b", a + 1e-6)])
    assert (d.difference, d.p) == (pytest.approx(1e-6), 0.0)
    (d,) = differences(sample("a", a * 0), [sample("b", a * 0 + np.arange(6)[:, None] * 1e-20)])
    assert d.difference == pytest.approx(2.5e-20), "small numbers are not rounding"


def test_equal_values_have_no_spread_by_rounding():
    s = spread(np.full(7, 0.1))
    assert (s.mean, s.sd) == (0.1, 0.0)
    assert t_test(Spread(1.0, None, 1)) is None


def test_holm_by_hand():
    """m = 4 at 5 %: .005 <= .0125 and .01 <= .0167 are found, .03 > .025 stops, so .04 is not looked at."""
    adjusted, errors = holm([0.04, 0.005, 0.03, 0.01])
    assert adjusted == pytest.approx([0.06, 0.02, 0.06, 0.03])
    assert errors == pytest.approx([0.025, 0.0125, 0.025, 0.05 / 3])
    assert holm([]) == ([], [])


def test_the_family_is_what_was_asked():
    """Two strategies x one asked column: a family of two; the others keep their plain intervals only."""
    rng = np.random.default_rng(5)
    a = rng.normal(size=(12, 2))
    made = differences(
        sample("a", a, columns=(RATE, WAIT)),
        [sample(n, a + rng.normal(m, 1, size=(12, 2)), columns=(RATE, WAIT)) for n, m in (("b", 3.0), ("c", 0.0))],
        asked=lambda c: c.scope == (),
    )
    asked = [d for d in made if d.scope == ()]
    assert [d.strategy for d in asked] == ["b", "c"]
    assert all(d.p_holm is None and d.low_holm is None for d in made if d.scope)
    assert asked[0].p_holm == pytest.approx(min(1.0, 2 * asked[0].p))
    assert asked[0].low_holm < asked[0].low < asked[0].high < asked[0].high_holm
    assert (asked[1].low_holm, asked[1].p_holm) == (pytest.approx(asked[1].low), pytest.approx(asked[1].p)), "the last step is plain"


@pytest.mark.parametrize("seed", range(5))
def test_an_adjusted_interval_leaves_out_0_exactly_where_adjusted_p_is_a_finding(seed):
    rng = np.random.default_rng(seed)
    wide = tuple(Column("wait_mean_s", (("channel", str(i)),), "s") for i in range(200))
    a = rng.normal(size=(9, 200))
    b = a + rng.normal(size=(9, 200)) + np.where(np.arange(200) % 4 == 0, 3.0, 0.0)
    made = differences(sample("a", a, columns=wide), [sample("b", b, columns=wide)])
    found = [d.p_holm <= 0.05 for d in made]
    assert 0 < sum(found) < 200
    assert found == [not d.low_holm <= 0.0 <= d.high_holm for d in made]
    assert all(d.low_holm <= d.low and d.high <= d.high_holm for d in made)


def test_intervals_cover():
    """4000 samples of 10 normal values: the 95 % interval holds the truth in 95 %; 4 standard errors, false alarm 6 in 100 000."""
    rng = np.random.default_rng(7)
    columns = tuple(Column("wait_mean_s", (("channel", str(i)),), "s") for i in range(4000))
    made = estimates(sample("a", rng.normal(5.0, 3.0, (10, 4000)), columns=columns))
    covered = sum(e.low <= 5.0 <= e.high for e in made) / 4000
    assert abs(covered - 0.95) < 4 * math.sqrt(0.95 * 0.05 / 4000)


@pytest.mark.parametrize("correlation", [0.0, 0.8])
def test_holm_keeps_the_family_wise_error(correlation):
    """20 true nulls and 5 real differences, 1500 families: any false finding in at most 5 % (+ 4 standard errors, false alarm
    below 1 in 30 000); a plain 5 % test would err in 64 % of independent families."""
    rng = np.random.default_rng(11)
    wrong = plain = found = 0
    for _ in range(1500):
        common = rng.normal(size=(12, 1))
        x = math.sqrt(correlation) * common + math.sqrt(1 - correlation) * rng.normal(size=(12, 25))
        x[:, 20:] += 2.0
        p = stats.ttest_1samp(x, 0.0).pvalue
        adjusted, _ = holm(list(p))
        wrong += min(adjusted[:20]) <= 0.05
        plain += p[:20].min() <= 0.05
        found += min(adjusted[20:]) <= 0.05
    assert wrong / 1500 <= 0.05 + 4 * math.sqrt(0.05 * 0.95 / 1500)
    assert found / 1500 > 0.95
    assert plain > 3 * wrong


def test_holm_is_exact_at_one_step():
    """Independent nulls: the family errs in 1 - (1 - .05/m)^m = 4.9 % (m = 10, 4000 families, 4 standard errors)."""
    rng = np.random.default_rng(13)
    p = rng.random((4000, 10))
    wrong = sum(min(holm(list(row))[0]) <= 0.05 for row in p) / 4000
    assert abs(wrong - (1 - (1 - 0.005) ** 10)) < 4 * math.sqrt(0.05 * 0.95 / 4000)


def test_variance_reduction_of_a_known_correlation():
    """Equal variances, correlation .9: 1 / (1 - .9) = 10."""
    rng = np.random.default_rng(17)
    common = rng.normal(size=(20_000, 1)) * math.sqrt(0.9)
    a, b = (common + math.sqrt(0.1) * rng.normal(size=(20_000, 1)) for _ in range(2))
    (d,) = differences(sample("a", a), [sample("b", b)])
    assert d.variance_reduction == pytest.approx(10.0, rel=0.05)
    (naive,) = differences(sample("a", a), [sample("b", rng.permutation(b))])
    assert naive.variance_reduction == pytest.approx(1.0, rel=0.05)


def test_seeds_to_settle_is_the_least_that_does():
    diffs = np.random.default_rng(19).normal(0.3, 1.0, 40)
    n = seeds_to_settle(diffs)
    half = [stats.t.ppf(0.975, k - 1) * diffs.std(ddof=1) / math.sqrt(k) for k in (n - 1, n)]
    assert half[1] < abs(diffs.mean()) <= half[0]
    assert seeds_to_settle(-diffs) == n
    assert seeds_to_settle(np.array([*diffs, np.nan])) == n
    assert seeds_to_settle(np.array([1e-9, -1e-9, 1.0, -1.0, 1e-12])) is None
    assert seeds_to_settle(np.array([5.0, 5.0, 5.0])) == 2
    assert seeds_to_settle(np.zeros(3)) is None
    with pytest.raises(ValueError, match="two seeds at least"):
        seeds_to_settle(np.array([1.0]))
