"""The case study of sizing before a roll-out, in reduced form: the same command, stopped at the formulas."""

import csv
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    out = tmp_path_factory.mktemp("sizing")
    program = runpy.run_path(str(ROOT / "experiments" / "sizing-before-rollout" / "sizing.py"))
    return program["main"](["--quick", "--out", str(out)]), out


def test_people_cost_and_risk_stand_side_by_side(made):
    text, out = made
    assert all(len(line) <= 80 for line in text.splitlines())
    assert (out / "sizing.txt").read_text() == text
    rows = list(csv.DictReader((out / "numbers.csv").read_text().splitlines()))
    assert {(r["plan"], r["lived_in"]) for r in rows} == {
        (plan, world) for plan in ("alone", "multi", "omni") for world in ("multichannel", "omnichannel")
    }
    assert len(rows) == 18
    assert all(float(r["low"]) <= float(r["value"]) <= float(r["high"]) for r in rows)
    assert all(0.0 <= float(r["days_all_kept"]) <= 1.0 for r in rows)
    assert all(r["proved"] == "False" for r in rows)  # formulas prove nothing, and it says so
    assert "Not every plan is proved" in text


def test_channels_sized_alone_have_fewer_people_than_the_journey_needs(made):
    rows = list(csv.DictReader((made[1] / "numbers.csv").read_text().splitlines()))
    hours = {r["plan"]: float(r["paid_hours"]) for r in rows}
    assert hours["alone"] <= hours["multi"]
    assert (made[1] / "multi" / "plan.html").exists()
