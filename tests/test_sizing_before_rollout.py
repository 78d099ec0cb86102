"""The case study of sizing before a roll-out: its parts, and in reduced form the same command, stopped at the formulas."""

import csv
import runpy
from pathlib import Path

import numpy as np
import pytest

import omnisim as om
from omnisim.whatif.reached import Reached

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def program():
    return runpy.run_path(str(ROOT / "experiments" / "sizing-before-rollout" / "sizing.py"))


def test_alone_means_no_repeats_no_spill_and_no_memory(program):
    """The channels sized alone see the same first contacts as the journey, and no other ones."""
    world = program["shop"]("multichannel", 0.03)
    alone = world.with_(program["ALONE"])
    ample = {f"staffing.pools.{pool}.agents": 40 for pool in program["AGENTS"]}
    first, all_ = (om.run(s.with_(ample), 4, workers=1) for s in (alone, world))
    assert first.kpi("contacts_per_issue").mean == 1.0
    assert all_.kpi("contacts_per_issue").mean > 1.2
    assert all_.kpi("contacts_offered").mean > first.kpi("contacts_offered").mean


def test_the_share_of_days_has_its_interval(program):
    row = program["Lived"]("alone", "multichannel", (Reached(0.8, np.zeros(4)),), 0.9, 60)
    low, high = row.interval()  # Wilson: 54 of 60
    assert (round(low, 4), round(high, 4)) == (0.7985, 0.9534)


@pytest.fixture(scope="module")
def made(program, tmp_path_factory):
    out = tmp_path_factory.mktemp("sizing")
    return program["main"](["--quick", "--out", str(out)]), out


@pytest.mark.long
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


@pytest.mark.long
def test_channels_sized_alone_have_fewer_people_than_the_journey_needs(made):
    rows = list(csv.DictReader((made[1] / "numbers.csv").read_text().splitlines()))
    hours = {r["plan"]: float(r["paid_hours"]) for r in rows}
    assert hours["alone"] <= hours["multi"]
    assert (made[1] / "multi" / "plan.html").exists()
