"""The planner as a whole: certified optima, the proof, what it says, and the command."""

import json
import math

import pytest
from click.testing import CliRunner
from staffing_problems import n_problem

import omnisim as om
from omnisim.cli import main

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
