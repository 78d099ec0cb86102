"""The published fulfilment benchmark, and the newsvendor's numbers."""

import csv
import itertools
import math
from pathlib import Path

import numpy as np
import pytest
from scipy import integrate, stats

from omnisim.inventory import newsvendor
from omnisim.rules.splits import MOST_SETS, assign, nearest
from omnisim.scenario.shopreferences import MOST_SETS as MOST_SETS_SAID
from omnisim.validation.fulfilment import CHEAPEST, NEAREST, bound, instance, play

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


def places(name):
    path = DATA / name
    if not path.exists():
        pytest.skip(f"the coordinates ../shared/data/{name} are not on this machine")
    with path.open(encoding="utf-8-sig") as file:
        return list(csv.reader(file))


def test_nearest_and_cheapest_against_the_linear_programme():
    """Jasin, Sinha and Ma: nearest item by item 1.121, the cheapest order 1.088 of the bound, each within .02.

    24 random instances, two sequences of 10,000 orders each; the standard errors of the means are about .007 and .004.
    """
    cities, centres = places("ma2023_cities_warmup.csv"), places("ma2023_fulfillment_centers_warmup.csv")
    where = [np.array([[float(row[2]), float(row[3])] for row in rows]) for rows in (cities, centres)]
    people = np.array([float(row[4]) for row in cities])
    ratios, parcels = [], []
    for seed in range(24):
        x = instance(seed, where[0], people, where[1])
        least = bound(x)
        for n in range(2):
            played = [play(x, 1000 + 2 * seed + n, policy) for policy in (NEAREST, CHEAPEST)]
            ratios.append([cost / least for cost, _ in played])
            parcels.append([p for _, p in played])
    by_item, by_order = np.mean(ratios, axis=0)
    assert abs(by_item - 1.121) < 0.02
    assert abs(by_order - 1.088) < 0.02
    fewer = np.mean(parcels, axis=0)
    assert fewer[1] < fewer[0], "whole orders are sent in fewer parcels"


def test_the_best_way_of_sending_lines_is_the_best_of_all_ways():
    """2,000 random orders against every assignment of lines to nodes; cost, and ranks that are compared first."""
    rng = np.random.default_rng(1)
    for _ in range(2000):
        nodes, lines = int(rng.integers(1, 5)), int(rng.integers(1, 5))
        cost = rng.integers(0, 20, (nodes, lines)).astype(float)
        cost[rng.random(cost.shape) < 0.3] = math.inf
        opening, rank = rng.integers(0, 10, nodes).astype(float), rng.integers(0, 3, nodes).astype(float)
        choice, trial = np.zeros(5, np.int64), np.zeros(5, np.int64)
        for add_up, together in ((0, max), (1, sum)):
            ways = []
            for way in itertools.product(range(nodes), repeat=lines):
                total = sum(cost[n, line] for line, n in enumerate(way)) + sum(opening[n] for n in set(way))
                if total < math.inf:
                    ways.append((together(rank[n] for n in set(way)), total))
            found = assign(cost, opening, rank, lines, add_up, choice, trial)
            if not ways:
                assert found == math.inf
                continue
            used = set(choice[:lines].tolist())
            mine = sum(cost[n, line] for line, n in enumerate(choice[:lines])) + sum(opening[n] for n in used)
            assert (together(rank[n] for n in used), mine) == min(ways)
            assert found == mine
        miles = rng.permutation(nodes).astype(float)
        if nearest(cost, miles, lines, choice):
            for line in range(lines):
                assert miles[choice[line]] == min(miles[n] for n in range(nodes) if cost[n, line] < math.inf)
        else:
            assert np.isinf(cost[:, :lines]).all(axis=0).any()
    assert MOST_SETS == MOST_SETS_SAID


def test_the_newsvendor_is_where_the_mean_cost_is_least():
    """stockpyl: S = 132.8155 at 35.0997 for h 2, p 18, N(120, 10); the cost by quadrature, and no other stock costs less."""
    best = newsvendor(2, 18, 120, 10)
    assert (round(best.level, 4), round(best.cost, 4)) == (132.8155, 35.0997)
    demand = stats.norm(120, 10)

    def cost(level):
        def paid(d):
            return (2 * max(level - d, 0) + 18 * max(d - level, 0)) * demand.pdf(d)

        return integrate.quad(paid, 40, level)[0] + integrate.quad(paid, level, 200)[0]

    assert cost(best.level) == pytest.approx(best.cost, rel=1e-9)
    assert min(cost(best.level - 0.1), cost(best.level + 0.1)) > best.cost
    with pytest.raises(ValueError, match="above 0"):
        newsvendor(0, 18, 120, 10)
