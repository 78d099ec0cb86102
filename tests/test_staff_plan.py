"""The planner as a whole: certified optima, the proof, what it says, and the command."""

import json
import math

import pytest
from click.testing import CliRunner
from staffing_problems import n_problem

import omnisim as om
from omnisim.cli import main
from omnisim.scenario import from_plain

FIRST = n_problem("specialists and flexible people", (3, 2), (1, 1, 1), (2, 2), (0.15, 0.05), 1.3, (range(8), range(2, 9)))


@pytest.fixture(scope="module")
def plan():
    return om.staff(FIRST.scenario, FIRST.targets, costs=FIRST.costs, workers=1)


def test_the_cheapest_vector_is_found_and_proved(plan):
    assert plan.y == FIRST.best()
    assert plan.met
    assert plan.cost == pytest.approx(26 * FIRST.cost(plan.y))
    for e, exact in zip(plan.evidence, FIRST.worth(plan.y), strict=True):
        assert e.worth == pytest.approx(exact, abs=5 * e.sd / math.sqrt(e.n))
        assert e.worth <= e.low <= e.target.level  # an upper bound of what is to be small


def test_fresh_seeds_are_fresh(plan):
    assert plan.proof.seeds[0] > 10**8 + plan.seeds[-1]
    assert plan.proof.error == pytest.approx(0.025)  # half of five in a hundred: further looks share the rest


def test_every_step_says_its_cost_and_the_steps_become_cheaper_or_truer(plan):
    names = [s.name for s in plan.steps]
    assert names[:2] == ["formula", "lag"]
    assert names[-3:] == ["cutting planes", "local search", "selection and proof"]
    assert plan.steps[-1].cost <= plan.steps[0].cost
    assert plan.bound <= plan.cost


def test_the_plan_can_be_used(plan, tmp_path):
    again = FIRST.scenario.with_(plan.changes)
    assert (again.staffing.pools["a"].agents, again.staffing.pools["b"].agents) == plan.y
    path = plan.save(tmp_path / "plan")
    assert om.load(path).staffing == plan.scenario.staffing
    kept = json.loads((tmp_path / "plan" / "plan.json").read_text(encoding="utf-8"))
    assert kept["met"] is True
    assert kept["evidence"][0]["surely"] <= 0.15
    assert [s["people"] for s in kept["shifts"]] == list(plan.y)


def test_what_is_printed_fits_and_says_it_all(plan):
    text = plan.text()
    assert max(len(line) for line in text.splitlines()) <= 80
    for words in ("keep every promise", "first.delay_rate <= 0.15", "Cheapest move", "Paid hours", "Why"):
        assert words in text


def test_the_same_seed_finds_the_same_plan_with_any_number_of_workers(plan):
    again = om.staff(FIRST.scenario, FIRST.targets, costs=FIRST.costs, workers=2)
    assert again.to_json() == plan.to_json()


def test_the_command(tmp_path):
    file = tmp_path / "n.yaml"
    file.write_text(FIRST.scenario.resolved_text(), encoding="utf-8")
    base = ["staff", str(file), "--cost", "a=1", "--cost", "b=1.3", "--until", "formulas", "--json", "-"]
    ran = CliRunner().invoke(main, [*base, "--target", FIRST.targets[0], "--target", FIRST.targets[1]])
    assert ran.exit_code == 0, ran.output
    assert json.loads(ran.stdout)["proof"] is None
    wrong = CliRunner().invoke(main, ["staff", str(file), "--target", "first.delay >= 0.15"])
    assert wrong.exit_code == 2
    assert "did you mean 'delay_rate'" in wrong.stderr


RATES = (20, 40, 70, 90, 80, 60)
SHIFTS = """pools:
  phone:
    - {start: "08:00", until: "10:00", every: 1 h, length: 4 h, breaks: [{after: 2 h, length: 30 min}]}
    - {start: "08:00", until: "12:00", every: 2 h, length: 2 h}
"""


def phone_day(**pool):
    """Six hours of calls."""
    rate = {f"{8 + i:02d}:00": f"{r} /h" for i, r in enumerate(RATES)}
    help_ = {
        "mode": "live",
        "handling": {"law": "exponential", "mean": "6 min"},
        "patience": {"law": "exponential", "mean": "4 min"},
        "service_level": {"within": "30 s", "target": 0.8},
    }
    return from_plain(
        {
            "omnisim": 1,
            "name": "a morning",
            "clock": {"start": "2001-01-01 08:00", "horizon": "6 h", "interval": "1 h"},
            "demand": {"calls": {"goal": "issue", "rate": rate, "enter": {"call": 1}}},
            "channels": {"call": {"help": help_}},
            "staffing": {"pools": {"phone": {"agents": [8] * 6, "wage": "20 USD/h", "skills": {"call": {}}, **pool}}},
        }
    )


@pytest.mark.long
def test_shifts_with_breaks_and_shrinkage_are_planned_on_a_share_of_days(tmp_path):
    file = tmp_path / "shifts.yaml"
    file.write_text(SHIFTS, encoding="utf-8")
    scenario = phone_day(shrinkage={"planned": "10 %", "absence": "5 %"})
    plan = om.staff(scenario, risk="80 % of days", shifts=file, workers=1)
    assert plan.met
    assert {s.label for s in plan.shifts} <= {"08:00-12:00", "09:00-13:00", "10:00-14:00", "08:00-10:00", "10:00-12:00", "12:00-14:00"}
    told = plan.scenario.staffing.pools["phone"]
    assert told.agents is None
    assert sum(s.agents for s in told.shifts) == sum(plan.y)
    paid = sum(s.agents * (s.length - sum(b.length for b in s.breaks if not b.paid)) / 3600 for s in told.shifts)
    assert plan.paid_hours == pytest.approx(paid)
    assert plan.cost == pytest.approx(20 * paid)
    rows = plan.table.of("phone")
    assert [r.start for r in rows] == [f"{h:02d}:00" for h in range(8, 14)]
    assert all(r.net < r.rostered for r in rows if r.rostered)  # somebody is always in training, absent or on a break
    answer = om.run(plan.scenario, seeds=300, seed=70_000)
    k = [(c.kpi, c.scope) for c in answer.columns].index(("service_level", (("channel", "call"),)))
    assert (answer.sample().value[:, k] >= 0.8).mean() >= 0.8 - 3 * math.sqrt(0.16 / 300)


@pytest.mark.long
def test_each_interval_is_kept_and_the_lag_is_named():
    each = om.staff(phone_day(), ["call.service_level >= 80 % in each interval"], workers=1)
    assert each.met
    assert each.cost <= each.steps[0].cost * 1.05  # the formula, which keeps each interval for itself
    assert min(r.level for r in each.table.rows) > 0.78
    assert each.evidence[0].worst in {f"{h:02d}:00" for h in range(8, 14)}
    assert each.lagged[0] < each.formula[0]  # the day begins empty
    assert each.table.rows[0].contacts == pytest.approx(20, rel=0.15)
    assert math.isclose(each.table.rows[3].erlangs, each.table.rows[3].contacts * each.table.rows[3].aht_s / 3600)


def test_flexible_people_are_not_counted_twice():
    """P25 in both directions: what counts them twice is surely broken, what the planner says is proved."""
    base = om.load("experiments/flexible-agents-counted-twice/base.yaml")
    prices = {"billing_only": 1.0, "technical_only": 1.0, "flexible": 1.4}
    start = om.staff(base, costs=prices, workers=1, until="formulas")
    assert start.proof is None
    assert not start.met
    assert start.judge.verdict((0, 10, 0)) == "no"  # billing only, flexible, technical only
    assert start.judge.verdict((7, 6, 0)) == "no"
    assert sum(start.y) >= 14


@pytest.mark.long
def test_p25_the_cheapest_staffing_of_every_combination_is_found():
    base = om.load("experiments/flexible-agents-counted-twice/base.yaml")
    plan = om.staff(base, costs={"billing_only": 1.0, "technical_only": 1.0, "flexible": 1.4}, workers=1)
    assert plan.met
    assert plan.cost / 10 <= 19.2 + 1e-9  # what a search of every combination found (docs/flexible-agents.md)


@pytest.mark.long
def test_cyber_monday_is_planned():
    """48 half hours, four channels and more, four pools; the minutes it takes are in docs/planner.md."""
    promises = [
        "call_center.service_level >= 80 %",
        "chat.abandon_rate <= 5 %",
        "store.service_level >= 80 %",
        "email.replied_in_time_rate >= 95 %",
    ]
    plan = om.staff("scenarios/cybermonday/multichannel.yaml", promises)
    assert plan.met
    assert plan.cost < min(s.cost for s in plan.steps if s.kept and s.name in ("formula", "lag", "iterated"))
    assert len(plan.table.of("phone")) == 29
