"""`scenarios/outsourcing`: calls answered by another firm, with and without what the hub knows of a customer."""

from pathlib import Path

import numpy as np
import pytest
from scipy.stats import t

import omnisim as om

ROOT = Path(__file__).resolve().parent.parent / "scenarios"
SEEDS = range(1, 11)
FILES = {
    "own": "retail-day/omnichannel",
    "with": "outsourcing/with-context",
    "without": "outsourcing/without-context",
    "multichannel": "retail-day/multichannel",
}


@pytest.fixture(scope="module")
def answers():
    return {name: om.run(om.load(ROOT / f"{file}.yaml"), seeds=SEEDS, workers=1) for name, file in FILES.items()}


def by_seed(answer, kpi, **scope):
    i = next(i for i, c in enumerate(answer.columns) if (c.kpi, dict(c.scope)) == (kpi, scope))
    return answer.num[:, i] / answer.den[:, i]


def clearly_above(x, y):
    """x - y lies 4 half widths of its 95 % interval over 10 pairs above 0: false once in more than 10,000."""
    d = x - y
    return d.mean() > 4 * t.ppf(0.975, len(d) - 1) * d.std(ddof=1) / np.sqrt(len(d))


def test_without_context_part_of_the_omnichannel_gain_is_lost(answers):
    minutes = {name: by_seed(a, "agent_minutes_per_issue") for name, a in answers.items()}
    assert (minutes["with"] == minutes["own"]).all(), "the same work, paid otherwise"
    assert clearly_above(minutes["without"], minutes["with"])
    assert clearly_above(by_seed(answers["with"], "first_contact_resolution"), by_seed(answers["without"], "first_contact_resolution"))
    told = {name: by_seed(a, "repeat_told_rate", channel="call_center") for name, a in answers.items()}
    assert clearly_above(told["without"], told["with"])
    chat = {name: by_seed(a, "handle_time_s", channel="email").mean() for name, a in answers.items()}
    assert chat["without"] == pytest.approx(chat["with"], rel=0.02), "what the firm answers itself keeps what the hub gives"


def test_another_firm_is_paid_by_contact_and_its_agents_have_no_wage(answers):
    a = answers["with"]
    handled = by_seed(a, "contacts_handled", channel="call_center", pool="phone")
    assert by_seed(a, "outsourcing_cost") == pytest.approx(4.2 * handled)
    assert by_seed(a, "outsourcing_cost", pool="phone") == pytest.approx(4.2 * handled)
    wages = by_seed(answers["own"], "labour_cost") - by_seed(answers["own"], "labour_cost", pool="phone")
    assert by_seed(a, "labour_cost") == pytest.approx(wages)
    ended = by_seed(a, "journeys_ended")
    assert by_seed(a, "cost_to_serve") * ended == pytest.approx(wages + 4.2 * handled)
