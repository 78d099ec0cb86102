"""Cross-training and its limit: `scenarios/pooling`, the same twenty people as two teams, as one, and as one that is slower.

The same callers with the same luck live through all three.  Intervals are 95 % t intervals of ten pairs; what is asserted lies
4 half-widths and more on its side of zero (a false alarm less than once in 10,000).
"""

import numpy as np
import pytest
from scipy.stats import t

import omnisim as om
from omnisim.validation.cases import SCENARIOS

FOLDER = SCENARIOS / "pooling"
SEEDS = range(1, 11)


def level(name, **changes):
    """Service level by seed, of all calls."""
    scenario = om.load(FOLDER / f"{name}.yaml").with_(changes)
    sample = om.run(scenario, seeds=SEEDS, workers=1).sample(name)
    (column,) = [j for j, c in enumerate(sample.columns) if c.kpi == "service_level" and c.scope == ()]
    return sample.value[:, column]


@pytest.fixture(scope="module")
def dedicated():
    return level("dedicated")


def bounds(difference):
    """(4 half-widths below the mean, 4 above)."""
    half = t.ppf(0.975, len(difference) - 1) * difference.std(ddof=1) / np.sqrt(len(difference))
    return difference.mean() - 4 * half, difference.mean() + 4 * half


def test_the_same_people_answer_more_in_time_as_one_team(dedicated):
    assert bounds(level("pooled") - dedicated)[0] > 0


def test_and_fewer_where_doing_both_makes_them_slower(dedicated):
    assert bounds(level("pooled-slower") - dedicated)[1] < 0


def test_the_slower_the_less(dedicated):
    """The gain falls with the speed and crosses zero between 0.85 and 1."""
    skills = "staffing.pools.both.skills"
    gains = [
        (level("pooled", **{f"{skills}.billing.speed": v, f"{skills}.technical.speed": v}) - dedicated).mean() for v in (0.85, 0.92, 1.0)
    ]
    assert gains[0] < gains[1] < gains[2]
    assert gains[0] < 0 < gains[2]
