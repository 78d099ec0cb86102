"""Law: what is said of many points keeps the promise it makes, on cases whose truth is known, under several base seeds.

Every statistical test states its bound; where nothing else is said it lies 4 standard errors from the truth on one side: a false
alarm in 1 of 30 000 runs with another base seed.
"""

import itertools
import math

import numpy as np
import pytest

from omnisim import designs
from omnisim.estimates import effects, indices, pareto, selection, steady, surface

SEEDS = (1, 2, 3)


def at_least(share, runs, errors=4.0):
    """The least share of successes that chance allows where each succeeds with probability `share`."""
    return share - errors * math.sqrt(share * (1.0 - share) / runs)


# --- selection of the best (Kim and Nelson)


def systems(rng, means, spreads, correlation, seeds):
    """f8[system, seed]: normal values with these means and standard deviations; common draws make them correlated."""
    common, own = rng.standard_normal(seeds), rng.standard_normal((len(means), seeds))
    z = math.sqrt(correlation) * common + math.sqrt(1.0 - correlation) * own
    return np.asarray(means)[:, None] + np.asarray(spreads)[:, None] * z


def right(rng, order, spreads, correlation, runs, k=5):
    """Share of runs in which the best of k is chosen, the others being worse by exactly the indifference (the least favourable case),
    and mean seeds a run.  `order`: which label is the best, and which spread each has."""
    hits = spent = 0
    for _ in range(runs):
        means = np.zeros(k)
        means[order[0]] = 1.0
        values = systems(rng, means, np.asarray(spreads)[list(order)], correlation, 3000)
        found = selection.select(list(values), 1.0, 10)
        hits += found.best == order[0]
        spent += found.n * len(found.alive) + sum(found.dropped.values())
    return hits / runs, spent / runs


UNEQUAL = {
    "equal": (2.0, 2.0, 2.0, 2.0, 2.0),
    "best varies most": (5.0, 1.0, 1.0, 1.0, 1.0),
    "one other varies most": (1.0, 5.0, 1.0, 1.0, 1.0),
}


@pytest.mark.parametrize("correlation", [0.0, 0.8])
@pytest.mark.parametrize("spreads", UNEQUAL.values(), ids=UNEQUAL)
def test_the_best_is_selected_as_often_as_promised_wherever_it_stands(spreads, correlation):
    """5 systems, the best first, in the middle, last: 40 runs each; 95 % less 4 standard errors of the 120 together (2 points each)."""
    rng = np.random.default_rng(SEEDS[0])
    orders = [tuple(np.roll(range(5), shift).tolist()) for shift in (0, 2, 4)]
    share = np.mean([right(rng, order, spreads, correlation, 40)[0] for order in orders])
    assert share >= at_least(0.95, 120)


@pytest.mark.long
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("correlation", [0.0, 0.8])
@pytest.mark.parametrize("spreads", UNEQUAL.values(), ids=UNEQUAL)
def test_the_best_is_selected_under_every_permutation_of_labels_long(spreads, correlation, seed):
    """All 120 permutations of 5 labels, 10 runs each, three base seeds: 95 % less 4 standard errors of 0.63 points."""
    rng = np.random.default_rng(seed)
    share = np.mean([right(rng, order, spreads, correlation, 10)[0] for order in itertools.permutations(range(5))])
    print(f"selection, spreads {spreads}, correlation {correlation}, seed {seed}: {100 * share:.1f} %")
    assert share >= at_least(0.95, 1200)


def test_common_draws_save_seeds():
    rng = np.random.default_rng(5)
    _, alone = right(rng, range(5), UNEQUAL["equal"], 0.0, 60)
    _, common = right(rng, range(5), UNEQUAL["equal"], 0.8, 60)
    assert common < 0.5 * alone


def test_the_same_race_whatever_the_labels_and_however_many_seeds_lie_ahead():
    rng = np.random.default_rng(7)
    values = systems(rng, [0.0, 0.5, 1.0, 3.0], [1.0, 2.0, 1.0, 2.0], 0.5, 400)
    found = selection.select(list(values), 0.5, 10)
    assert found.best == 3
    for order in itertools.permutations(range(4)):
        again = selection.select([values[i] for i in order], 0.5, 10)
        assert order[again.best] == 3
        assert {order[i]: n for i, n in again.dropped.items()} == found.dropped
    short = [v[: found.dropped.get(i, found.n)] for i, v in enumerate(values)]
    assert selection.select(short, 0.5, 10) == found, "seeds of who is out are not looked at"
    assert selection.select([-v for v in values], 0.5, 10, larger=False) == found


def test_a_race_that_cannot_be_decided_yet_stays_open():
    rng = np.random.default_rng(9)
    values = systems(rng, [0.0, 0.0], [3.0, 3.0], 0.0, 20)
    found = selection.select(list(values), 0.1, 10)
    assert (found.best, found.alive, found.n) == (None, (0, 1), 20)
    assert selection.select([v[:4] for v in values], 0.1, 10).n == 0
    assert selection.select([values[0], values[0].copy()], 0.1, 10).best == 0, "twins: either will do"
    with pytest.raises(ValueError, match="an indifference above 0"):
        selection.select(list(values), 0.0, 10)
    with pytest.raises(ValueError, match="two seeds at least"):
        selection.select(list(values), 0.1, 1)


def test_an_undefined_seed_ends_the_race_for_who_has_it():
    rng = np.random.default_rng(11)
    values = systems(rng, [0.2, 0.0, 0.1], [1.0, 1.0, 1.0], 0.0, 900)
    values[0, 12] = np.nan
    found = selection.select(list(values), 0.5, 10)
    assert found.dropped[0] == 13
    assert found.best in (1, 2)
    values[0, 3] = np.nan
    assert selection.select(list(values), 0.5, 10).dropped[0] == 10


def test_the_only_one_is_the_best():
    assert selection.select([np.ones(12)], 0.5, 10).best == 0


# --- Pareto front


def test_a_front_by_hand_and_against_the_plain_definition():
    rng = np.random.default_rng(1)
    for _ in range(200):
        means = rng.integers(0, 6, (12, 2)).astype(float)
        plain = [not any((q <= p).all() and (q < p).any() for q in means) for p in means]
        assert pareto.front(means).tolist() == plain


def test_sure_points_are_sure_and_others_are_not():
    rng = np.random.default_rng(2)
    centre = np.array([[0.0, 4.0], [2.0, 2.0], [4.0, 0.0], [3.0, 3.0], [2.0, 2.05]])
    values = centre[:, None, :] + 0.1 * rng.standard_normal((5, 20, 2))
    p = pareto.chances(values)
    assert (p[:3:2] == 1.0).all()
    assert p[3] == 0.0
    assert 0.2 < p[1] <= 1.0
    assert 0.05 < p[4] < 0.95, "hardly to be told from its neighbour"
    assert (pareto.chances(values) == p).all(), "the same numbers again"


def test_twins_are_on_the_front_together():
    rng = np.random.default_rng(3)
    one = rng.standard_normal((1, 10, 2))
    p = pareto.chances(np.concatenate([one, one, one + 5.0]))
    assert p.tolist() == [1.0, 1.0, 0.0]
    with pytest.raises(ValueError, match="two seeds at least"):
        pareto.chances(one[:, :1])


def calibrated(seed, runs, seeds):
    """Two points, one beaten or not by chance of a prior: shares of truth in the runs with a stated probability in (.2, .8)."""
    rng = np.random.default_rng(seed)
    said, true = [], []
    for _ in range(runs):
        centre = rng.normal(0.0, 1.0, (2, 2)) * 0.5
        noise = rng.standard_normal((1, seeds, 2)) + 0.7 * rng.standard_normal((2, seeds, 2))
        p = pareto.chances(centre[:, None, :] + noise, draws=400)
        said.append(p[0])
        true.append(pareto.front(centre)[0])
    return np.array(said), np.array(true)


def test_a_probability_of_being_on_the_front_is_honest():
    """150 worlds: stated and true share differ by less than 4 standard errors (16 points), plus 3 for the flat prior."""
    said, true = calibrated(4, 150, 12)
    assert abs(said.mean() - true.mean()) < 4 * math.sqrt(0.25 / 150) + 0.03


@pytest.mark.long
@pytest.mark.parametrize("seed", SEEDS)
def test_a_probability_of_being_on_the_front_is_honest_long(seed):
    """4 000 worlds; where 80 % and more is said, at least that share is true, less 4 standard errors and 3 points for the flat prior."""
    said, true = calibrated(seed, 4000, 12)
    print(f"front, seed {seed}: said {said.mean():.3f}, true {true.mean():.3f}; of those said .8 and more {true[said >= 0.8].mean():.3f}")
    assert abs(said.mean() - true.mean()) < 4 * math.sqrt(0.25 / 4000) + 0.03
    sure = said >= 0.8
    assert true[sure].mean() > said[sure].mean() - 0.03 - 4 * math.sqrt(0.2 * 0.8 / sure.sum())


# --- warm-up and batch means


def waits(rng, customers, load=0.8, start=0.0):
    """Waits of an M/M/1 by Lindley's recursion, mean service 1; the truth is load / (1 - load) in the long run."""
    steps = rng.exponential(1.0, customers) - rng.exponential(1.0 / load, customers)
    sums = np.cumsum(np.concatenate([[start], steps[:-1]]))
    return sums - np.minimum(np.minimum.accumulate(sums), 0.0)


def autoregressive(rng, n, phi):
    """A steady first-order autoregression of mean 0."""
    out, x = np.empty(n), rng.standard_normal() / math.sqrt(1.0 - phi**2)
    for i in range(n):
        out[i] = x
        x = phi * x + rng.standard_normal()
    return out


@pytest.mark.parametrize("seed", SEEDS)
def test_mser_finds_where_a_start_ends(seed):
    """A start 8 standard deviations off that dies out with .95 a step (20 steps): cut between 20 and 300 of 3 000."""
    rng = np.random.default_rng(seed)
    series = 5.0 + autoregressive(rng, 3000, 0.5) + 10.0 * 0.95 ** np.arange(3000)
    found = steady.warm_up(series)
    assert 20 <= found.cut <= 300
    assert not found.refused
    clean = steady.warm_up(5.0 + autoregressive(rng, 3000, 0.5))
    assert not clean.refused
    assert clean.cut < 1500


@pytest.mark.parametrize("seed", SEEDS)
def test_mser_refuses_a_run_that_is_still_on_its_way(seed):
    rng = np.random.default_rng(seed)
    drift = 0.01 * np.arange(2000) + rng.standard_normal(2000)
    assert steady.warm_up(drift).refused
    overloaded = waits(rng, 5000, load=1.2)
    assert steady.warm_up(overloaded).refused, "a queue that grows for ever has no steady state"


def test_mser_is_its_formula():
    rng = np.random.default_rng(5)
    series = rng.exponential(1.0, 103) + 1e6
    found = steady.warm_up(series)
    y = series[:100].reshape(20, 5).mean(axis=1)
    by_hand = [((y[d:] - y[d:].mean()) ** 2).sum() / (20 - d) ** 2 for d in range(20)]
    assert found.statistic == pytest.approx(by_hand, rel=1e-6)
    assert found.cut == 5 * int(np.argmin(by_hand[:15]))
    for wrong in (np.ones(49), np.append(np.ones(60), np.nan)):
        with pytest.raises(ValueError, match="50 observations at least"):
            steady.warm_up(wrong)


def batch_coverage(seed, runs, customers, load=0.8):
    """M/M/1 in its steady state: share of intervals that cover, and share flagged."""
    rng = np.random.default_rng(seed)
    truth, covered, flagged = load / (1.0 - load), 0, 0
    for _ in range(runs):
        idle = rng.random() >= load
        found = steady.batch_means(waits(rng, customers, load, 0.0 if idle else rng.exponential(1.0 / (1.0 - load))))
        covered += found.low <= truth <= found.high
        flagged += found.short
    return covered / runs, flagged / runs


def test_batch_means_cover_where_the_run_is_long_and_are_flagged_where_it_is_short():
    """150 runs each.  Long: covers 95 % less 4 standard errors (1.8 points) less 3 that batches of a heavy tail cost.  Short: covers
    far less than it says, and is flagged."""
    covered, flagged = batch_coverage(1, 150, 60_000)
    assert covered > at_least(0.95, 150) - 0.03
    assert flagged < 0.05 + 4 * math.sqrt(0.05 * 0.95 / 150) + 0.1
    covered, flagged = batch_coverage(2, 150, 600)
    assert covered < 0.85
    assert flagged > 0.6


def test_independent_batches_are_flagged_in_one_run_of_twenty():
    """1 000 runs of independent values: 5 % within 4 standard errors (0.7 points), and 1 for the normal approximation."""
    rng = np.random.default_rng(3)
    flagged = np.mean([steady.batch_means(rng.standard_normal(400)).short for _ in range(1000)])
    assert abs(flagged - 0.05) < 4 * math.sqrt(0.05 * 0.95 / 1000) + 0.01
    assert not steady.batch_means(np.ones(400)).short
    with pytest.raises(ValueError, match="80 observations at least"):
        steady.batch_means(np.ones(60))


@pytest.mark.long
@pytest.mark.parametrize("seed", SEEDS)
def test_batch_means_long(seed):
    """1 000 runs of M/M/1 at load .8 with 200 000 customers: 95 % within 4 standard errors (0.7 points) and 1.5 for what is left."""
    covered, flagged = batch_coverage(seed, 1000, 200_000)
    short, seen = batch_coverage(seed + 10, 1000, 600)
    print(f"batch means, seed {seed}: long covers {covered:.3f}, flagged {flagged:.3f}; 600 customers {short:.3f}, {seen:.3f}")
    assert abs(covered - 0.95) < 4 * math.sqrt(0.95 * 0.05 / 1000) + 0.015
    assert short < 0.85
    assert seen > 0.6


# --- Sobol indices, elementary effects


def ishigami(places):
    """a = 7, b = .1 on (-pi, pi)^3; the indices are known: S = .3139, .4424, 0; T = .5576, .4424, .2437."""
    x = math.pi * (2.0 * places - 1.0)
    return np.sin(x[:, 0]) + 7.0 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


FIRST, TOTAL = (0.3139, 0.4424, 0.0), (0.5576, 0.4424, 0.2437)


@pytest.mark.parametrize("seed", SEEDS)
def test_sobol_indices_of_ishigami(seed):
    """2 048 rows: within .03 (a scrambled Sobol sequence misses by .01 at most in 100 seeds)."""
    places = designs.saltelli(2048, 3, seed)
    found = indices.sobol(ishigami(places)[:, None], 3, draws=50)
    assert [first.value for first, _ in found] == pytest.approx(FIRST, abs=0.03)
    assert [total.value for _, total in found] == pytest.approx(TOTAL, abs=0.03)
    inside = sum(i.low <= truth <= i.high for (f, t), a, b in zip(found, FIRST, TOTAL, strict=True) for i, truth in ((f, a), (t, b)))
    assert inside >= 5, "intervals of independent rows are wider than the sequence needs"


@pytest.mark.long
@pytest.mark.parametrize("seed", range(1, 11))
def test_sobol_indices_of_ishigami_long(seed):
    """16 384 rows: within .005 of the truth, for ten designs."""
    found = indices.sobol(ishigami(designs.saltelli(16_384, 3, seed))[:, None], 3, draws=2)
    misses = [abs(f.value - a) for (f, _), a in zip(found, FIRST, strict=True)]
    misses += [abs(t.value - b) for (_, t), b in zip(found, TOTAL, strict=True)]
    print(f"Ishigami, design {seed}: largest miss {max(misses):.4f}")
    assert max(misses) < 0.005


def test_a_factor_that_does_nothing_has_exactly_nothing_though_there_is_noise():
    """Common seeds: the noise of a seed is the same at points that differ in an idle factor only."""
    places = designs.saltelli(64, 3, 1)
    rng = np.random.default_rng(1)
    wobble = rng.standard_normal((2, 8))
    values = 3.0 * places[:, :1] + places[:, 1:2] * wobble[0] + wobble[1]  # the third factor is idle
    found = indices.sobol(values, 3)
    assert found[2] == (indices.Index(0.0, 0.0, 0.0), indices.Index(0.0, 0.0, 0.0))
    assert found[0][1].value > 0.8
    assert indices.sobol(np.ones((320, 4)), 3) is None


def test_saltelli_has_a_b_and_each_column_of_b_in_a():
    places = designs.saltelli(8, 3, 5)
    a, b = places[:8], places[8:16]
    for i in range(3):
        mixed = places[16 + 8 * i : 24 + 8 * i]
        assert (mixed[:, i] == b[:, i]).all()
        assert (np.delete(mixed, i, 1) == np.delete(a, i, 1)).all()
    assert (a != b).all()
    with pytest.raises(ValueError, match="power of two"):
        designs.saltelli(12, 3, 5)


def test_a_walk_of_morris_moves_every_factor_once():
    state = np.random.get_state()[1].tolist()  # noqa: NPY002
    places = designs.morris(6, 4, 0).reshape(6, 5, 4)
    assert np.random.get_state()[1].tolist() == state, "numpy's own generator is left alone"  # noqa: NPY002
    moved = np.diff(places, axis=1) != 0.0
    assert (moved.sum(axis=2) == 1).all()
    assert (moved.sum(axis=1) == 1).all()
    assert np.abs(np.diff(places, axis=1)).max() == pytest.approx(2 / 3)
    assert ((places >= 0.0) & (places <= 1.0)).all()
    assert (designs.morris(6, 4, 0) == places.reshape(-1, 4)).all()
    assert (designs.morris(6, 4, 1) != places.reshape(-1, 4)).any()


def test_elementary_effects_of_a_known_function():
    """y = 3 a - 2 b + 4 a c: a moves by 3 + 4 c (mean over c on the grid: 5), b by -2 always, c by 4 a (mean 2), d not at all."""
    places = designs.morris(400, 4, 3)
    a, b, c, _ = places.T
    rng = np.random.default_rng(1)
    found = indices.morris(places, (3 * a - 2 * b + 4 * a * c)[:, None] + rng.standard_normal(5))
    assert [e.mu for e in found] == pytest.approx([5.0, -2.0, 2.0, 0.0], abs=0.3)
    assert found[1].mu_star.value == pytest.approx(2.0)
    assert found[1].sigma == pytest.approx(0.0, abs=1e-9)
    assert found[0].sigma > 1.0
    assert found[3] == indices.Elementary(0.0, indices.Index(0.0, 0.0, 0.0), 0.0)
    assert found[0].mu_star.low < 5.0 < found[0].mu_star.high


# --- response surface, main effects


@pytest.mark.parametrize("seed", SEEDS)
def test_a_surface_finds_a_known_one_through_noise_and_says_how_far_it_may_be_off(seed):
    """40 points, noise of a tenth of the span; 95 % bands cover 85 % of 400 places and more (they are drawn together), q2 above .8."""
    rng = np.random.default_rng(seed)
    places = designs.sobol(64, 2, seed)
    truth = lambda p: np.sin(3.0 * p[:, 0]) + p[:, 1] ** 2  # noqa: E731
    noise = rng.uniform(0.002, 0.02, 64)
    fitted = surface.fit(places, truth(places) + rng.standard_normal(64) * np.sqrt(noise), noise)
    mean, sd = fitted.at(designs.latin_hypercube(400, 2, seed))
    there = truth(designs.latin_hypercube(400, 2, seed))
    assert (np.abs(mean - there) < 1.96 * sd).mean() > 0.85
    assert np.sqrt(((mean - there) ** 2).mean()) < 0.1
    assert fitted.q2 > 0.8


def test_a_surface_of_noise_is_called_no_help_and_an_idle_factor_flat():
    rng = np.random.default_rng(4)
    places = designs.sobol(32, 2, 1)
    assert surface.fit(places, rng.standard_normal(32), np.full(32, 1.0)).q2 < 0.5
    fitted = surface.fit(places, np.sin(4 * places[:, 0]), np.full(32, 1e-4))
    assert fitted.lengths[1] > 5.0 * fitted.lengths[0]
    with pytest.raises(ValueError, match="10 points at least"):
        surface.fit(places[:5], np.arange(5.0), np.ones(5))
    with pytest.raises(ValueError, match="some difference"):
        surface.fit(places, np.ones(32), np.ones(32))


def test_leaving_one_out_by_formula_is_leaving_one_out():
    """The same hyperparameters, one point left out at a time, by hand."""
    rng = np.random.default_rng(6)
    places = designs.sobol(16, 1, 2)
    y = np.sin(5 * places[:, 0]) + 0.1 * rng.standard_normal(16)
    fitted = surface.fit(places, y, np.full(16, 0.01))
    scaled, kernel = (y - y.mean()) / y.std(), fitted._model.kernel_
    noise = 0.01 / y.std() ** 2
    misses = []
    for i in range(16):
        rest = [j for j in range(16) if j != i]
        k = kernel(places[rest]) + noise * np.eye(15)
        misses.append(scaled[i] - kernel(places[[i]], places[rest]) @ np.linalg.solve(k, scaled[rest]))
    assert fitted.error == pytest.approx(np.sqrt(np.mean(np.square(misses))) * y.std(), rel=1e-6)


def test_main_effects_by_hand():
    """2 x 3 points, two seeds; the effect of a seed on all points cancels exactly."""
    level = np.array([0, 0, 0, 1, 1, 1])
    base = np.array([1.0, 2.0, 3.0, 5.0, 6.0, 7.0])
    values = base[:, None] + np.array([0.0, 100.0])
    found = effects.main_effect(level, values)
    assert [(s.mean, s.sd) for s in found.levels] == [(-2.0, 0.0), (2.0, 0.0)]
    assert (found.top, found.bottom, found.span.mean) == (1, 0, 4.0)
    assert found.share == pytest.approx(24.0 / 28.0)
    other = effects.main_effect(np.array([0, 1, 2, 0, 1, 2]), values)
    assert found.share + other.share == pytest.approx(1.0), "no interaction: the shares add up"
    assert effects.main_effect(level, np.ones((6, 2))).share == 0.0


def test_the_interval_of_a_main_effect_covers():
    """1 000 experiments of 2 x 2 points and 8 common seeds: 95 % within 4 standard errors (0.7 points)."""
    rng = np.random.default_rng(8)
    level, covered = np.array([0, 0, 1, 1]), 0
    for _ in range(1000):
        values = np.array([0.0, 1.0, 2.0, 3.0])[:, None] + rng.standard_normal((4, 8)) + 5.0 * rng.standard_normal(8)
        low, high = effects.main_effect(level, values).span.interval(0.05)
        covered += low <= 2.0 <= high
    assert abs(covered / 1000 - 0.95) < 4 * math.sqrt(0.95 * 0.05 / 1000)
