"""Telethon, a published simulation (case P07 of the public cases): 2,000 weeks within the tolerances that are stated there."""

from pathlib import Path

import pytest

import omnisim as om

FILE = Path(__file__).resolve().parent.parent / "scenarios" / "published" / "telethon.yaml"
SCHEDULED_MIN = 12 * 20 * 60  # agents x hours a week
# metric: (independent simulation of 100,000 weeks, published interval, tolerance)
EXPECTED = {
    "arrived": (1000.0, None, 4.0),
    "served": (962.74, (961.4, 964.8), 3.5),
    "abandoned": (31.92, (31.17, 32.47), 1.2),
    "messages": (5.077, (4.776, 5.144), 0.35),
    "disconnected": (0.293, (0.235, 0.325), 0.08),
    "blocked": (0.0, None, 0.01),
    "in_target": (949.97, (948.6, 952.0), 3.5),
    "asa_min": (0.03616, (0.036, 0.037), 0.0015),
    "occupancy_pct": (66.867, (66.607, 66.936), 0.35),
}


@pytest.fixture(scope="module")
def week():
    answer = om.run(om.load(FILE), seeds=2000, workers=1)

    def spread(kpi, unit=1.0):
        found = answer.kpi(kpi)
        return found.mean / unit, (found.high - found.mean) / unit

    level, offered = spread("service_level"), spread("contacts_offered")
    return {
        "arrived": offered,
        "served": spread("contacts_handled"),
        "abandoned": spread("contacts_abandoned"),
        "messages": spread("contacts_deflected"),
        "disconnected": spread("contacts_closed"),
        "blocked": spread("contacts_blocked"),
        "in_target": (answer.kpi("service_level").pooled * offered[0], level[1] * offered[0]),
        "asa_min": (answer.kpi("asa_s").pooled / 60.0, spread("asa_s")[1] / 60.0),
        "occupancy_pct": spread("agent_minutes", SCHEDULED_MIN / 100.0),
    }


@pytest.mark.parametrize("metric", EXPECTED)
def test_within_the_stated_tolerance(week, metric):
    value, published, tolerance = EXPECTED[metric]
    mean, half = week[metric]
    assert half <= 0.5 * tolerance, "long enough to tell"
    assert mean == pytest.approx(value, abs=tolerance)
    if published is not None:
        assert published[0] - tolerance <= mean <= published[1] + tolerance
