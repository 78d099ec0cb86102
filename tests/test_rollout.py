"""Roll-outs: the arithmetic worked by hand, and what must come out: slower pays back later, what earns nothing never does."""

import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import omnisim as om
from omnisim.annual import by_seed
from omnisim.rollout import MONTH_DAYS, _months, crossing, level, not_known, on_the_way, roll_out, slowed
from omnisim.scenario import ScenarioError

ROOT = Path(__file__).resolve().parent.parent / "scenarios" / "rollout"
FEWER = {"demand.online.rate": "9000 /d", "demand.walk_in.rate": "1300 /d"}
ALONE = {"rollout.ramp": "0 d", "rollout.learning": "0 d", "rollout.double": None, "rollout.discount": 0, "rollout.steps": 1}


@pytest.fixture(scope="module")
def files():
    return om.load(ROOT / "today.yaml").with_(FEWER), om.load(ROOT / "omnichannel.yaml").with_(FEWER)


@pytest.fixture(scope="module")
def rolled(files):
    return roll_out(*files, seeds=3)


def test_the_level_of_a_month_worked_by_hand():
    t = np.array([0.0, 90.0, 180.0, 720.0]) * 86400.0
    assert level(t, 360 * 86400.0, 0.0).tolist() == [0.0, 0.25, 0.5, 1.0]
    assert level(t, 0.0, 90 * 86400.0)[1] == pytest.approx(1 - math.exp(-1))
    assert level(t, 0.0, 0.0).tolist() == [1.0] * 4


def test_payback_counts_only_when_it_is_for_good():
    assert crossing(np.array([-10.0, 5.0, -5.0, 5.0])) == 2.5
    assert crossing(np.array([0.0, 1.0])) == 0.0
    assert crossing(np.array([-1.0, -0.5])) == math.inf


def test_everything_at_once_is_capital_and_so_much_a_day(files):
    """No ramp, no learning, no double running: -capital, then 365 / 12 days of the simulated difference every month."""
    base, target = files
    r = roll_out(base, target.with_({**ALONE, "rollout.months": 12, "rollout.capital": "5000 USD"}), seeds=2)
    a = om.compare([base, target], seeds=2)
    day = [by_seed(x, "ebit") + by_seed(x, "capital_cost") for x in a.answers]
    gain = (day[1] - day[0]) / 2.0
    assert r.gain[:, -1] == pytest.approx(gain)
    assert r.cash[:, 0].tolist() == [-5000.0, -5000.0]
    assert r.cash[:, 1:] == pytest.approx(np.repeat(gain[:, None] * MONTH_DAYS, 12, axis=1))
    assert r.npv == pytest.approx(-5000.0 + 12 * gain * MONTH_DAYS)
    assert r.levels.tolist() == [1.0] * 12


def test_what_is_paid_and_lost_in_the_first_months_worked_by_hand(files):
    """Gain 200 a day at once, 100 less for 60 days, 50 of double running for 90 days, 10 running: 40, 42.7 and 142 a day ..."""
    says = {"ramp": "0 d", "months": 4, "dip": {"share": 0.1, "length": "60 d"}, "double": {"cost": "50 USD/d", "length": "90 d"},
            "running": "10 USD/d", "steps": 1}  # fmt: skip
    r = files[1].with_({"rollout": None}).with_({"rollout": says}).rollout
    levels, cash = _months(r, np.array([0.0, 1.0]), np.array([[0.0, 200.0]]), np.array([100.0]))
    second, third = 60 / MONTH_DAYS - 1, 90 / MONTH_DAYS - 2
    assert levels.tolist() == [1.0] * 4
    assert cash[0] / MONTH_DAYS == pytest.approx([40.0, 140.0 - 100.0 * second, 190.0 - 50.0 * third, 190.0])


def test_the_first_point_of_the_ramp_is_the_baseline_but_for_the_hub(rolled):
    assert rolled.gain[:, 0] == pytest.approx(-30.0)
    assert len(rolled.grid) == 5


def test_slower_pays_back_later_and_is_worth_less(files, rolled):
    base, target = files
    cheap = {"rollout.capital": "500 USD", "rollout.double": None, "context.hub.cost": "1 USD/d"}
    found = [roll_out(base, target.with_({**cheap, "rollout.ramp": ramp}), seeds=3) for ramp in ("0 d", "365 d", "900 d")]
    back = [x.payback()[0] for x in found]
    assert back[0] < back[1] < back[2] < math.inf
    assert found[0].npv.mean() > found[1].npv.mean() > found[2].npv.mean()
    learned = roll_out(base, target.with_({**cheap, "rollout.ramp": "0 d", "rollout.learning": "400 d"}), seeds=3)
    assert learned.payback()[0] > back[0]
    for x in found:
        months, early, late = x.payback()
        assert early <= months <= late
        assert float(x.curve()[0].min()) < 0.0, "the sum goes down before it comes up"


def test_what_earns_nothing_never_pays_back(files):
    base = files[0]
    r = roll_out(base, base.with_({"rollout": {"capital": "100 USD"}}), seeds=2)
    assert (r.gain == 0.0).all()
    assert r.payback() == (math.inf,) * 3
    assert "does not pay back within 36 months" in r.headline()
    assert r.npv.tolist() == [-100.0, -100.0]


def test_between_baseline_and_target(files):
    half = on_the_way(*files, 0.5).context
    assert half.identify["web"] == pytest.approx((0.55 + 0.92) / 2)
    assert half.link["web"]["app"] == pytest.approx((0.7 + 1.0) / 2)
    assert (half.coherence, half.latency, half.hub.cost) == (pytest.approx(0.94), 60.0, 30.0)
    start = on_the_way(*files, 0.0).context
    assert (start.latency, start.hub.cost, start.link) == (86400.0, 30.0, files[0].context.link)


def test_slower_work_after_the_first_day_costs():
    day = om.load(ROOT.parent / "retail-day" / "multichannel.yaml")
    slow = slowed(day, 0.2)
    assert slow.staffing.pools["phone"].skills["call_center"].speed == pytest.approx(0.8)
    with pytest.raises(ValueError, match="no EBIT"):
        roll_out(day, day.with_({"rollout": {"dip": {"share": 0.2, "length": "60 d"}}}), seeds=1)


def test_what_is_not_known_of_a_rollout(files):
    base, target = files
    r = roll_out(base, target, seeds=2, ignorance=40)
    assert set(r.unknown.paths) == {"rollout.capital", "rollout.ramp", "rollout.learning", "rollout.double.cost", "rollout.discount"}
    assert len(set(r.unknown.npv)) == 40
    certain = not_known(target, 1e4, r.grid, np.full((1, 5), 1e6), np.zeros(1), 10, 1)
    assert (certain.payback < 1.0).all()
    never = not_known(target, 1e4, r.grid, np.zeros((1, 5)), np.zeros(1), 10, 1)
    assert np.isinf(never.payback).all()
    assert "Not known: with 5 inputs of the roll-out" in " ".join(r.text().split())
    with pytest.raises(ValueError, match="has a range"):
        not_known(base, 0.0, r.grid, r.gain, r.dip, 5, 1)


def test_a_file_without_the_block_says_so(files):
    with pytest.raises(ValueError, match="no block rollout"):
        roll_out(*files[::-1], seeds=1)
    with pytest.raises(ScenarioError, match=r"rollout\.dip\.share"):
        files[1].with_({"rollout.dip": {"length": "3 d"}})


def test_the_verb(tmp_path):
    figure = tmp_path / "curve.png"
    sets = [x for k, v in FEWER.items() for x in ("--set", f"{k}={v}")]
    words = ["rollout", str(ROOT / "today.yaml"), str(ROOT / "omnichannel.yaml"), "--seeds", "2", "--set", "rollout.months=6", *sets]
    out = subprocess.run(
        [sys.executable, "-m", "omnisim", *words, "--json", str(tmp_path / "a.json"), "--figure", str(figure)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert out.returncode == 0, out.stderr
    assert max(len(line) for line in out.stdout.splitlines()) <= 80
    found = json.loads((tmp_path / "a.json").read_text())
    assert [m["month"] for m in found["months"]] == list(range(7))
    assert found["payback"]["within"] == 6
    assert figure.stat().st_size > 5000
