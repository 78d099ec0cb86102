"""Certified optima: what the planner finds on small problems that exact enumeration solves, and whether its confidence is kept.

One plan each with one seed in `make test`; twenty seeds each, and two hundred plans against the promised confidence, in `make long`.
"""

import pytest
from staffing_problems import Problem, chat_problem, chats_by_concurrency, each_problem, moving_problem, n_problem

import omnisim as om

NEAR = 1.015  # of the certified cost
N = ((3, 2), (1, 1, 1), (2, 2))
SLOW = ((2, 1), (1, 1.25, 2), (1.5, 3))
PROBLEMS = [
    n_problem("n-model", *N, (0.15, 0.05), 1.3, (range(8), range(2, 9))),
    n_problem("near miss", *N, (0.15, 0.0562), 1.3, (range(8), range(2, 9))),  # (4, 4), cheaper, misses the second promise by 3 %
    n_problem("slower generalists", *SLOW, (0.13, 0.04), 1.25, (range(7), range(2, 8))),
    chat_problem("two chats", 0.9, (6, 9), 2, (0.2, 0.07), range(3, 8)),
    chat_problem("three chats", 0.8, (5, 6, 8), 3, (0.12, 0.04), range(2, 6)),
    chats_by_concurrency("how many chats", 0.9, (6, 8, 16), 2, 0.08, range(3, 10)),
    moving_problem("three hours", (1.0, 2.0, 1.5), 3, 2, 0.5, 0.785, (range(3, 6), range(6, 10), range(4, 8))),
    each_problem("each hour", (1.0, 2.0, 1.5), 3, 2, 0.5, 0.75, (range(3, 8), range(6, 12), range(4, 10))),
]
SOON = ("near miss", "how many chats", "three hours")


def planned(problem: Problem, seed: int) -> om.StaffPlan:
    return om.staff(problem.scenario, problem.targets, costs=problem.costs, vary=problem.vary, seed=seed, workers=1)


def vector(problem: Problem, plan: om.StaffPlan) -> tuple[int, ...]:
    """The plan as a vector of the enumeration: people, and the settings that were varied."""
    return (*plan.y, *(int(v) for v in plan.settings.values()))


def test_the_near_miss_is_one():
    problem = PROBLEMS[1]
    assert problem.best() == (3, 5)
    assert problem.cost((4, 4)) < problem.cost((3, 5)) / NEAR
    assert problem.slack((4, 4)) == pytest.approx(-0.03, abs=0.003)


@pytest.mark.parametrize("name", SOON)
def test_a_certified_optimum_is_found(name):
    problem = next(p for p in PROBLEMS if p.name == name)
    plan = planned(problem, 7)
    found = vector(problem, plan)
    assert plan.met
    assert problem.slack(found) >= 0.0
    assert problem.cost(found) <= NEAR * problem.cost(problem.best())


@pytest.mark.long
@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda p: p.name)
def test_certified_optima_with_twenty_seeds(problem):
    """A truly feasible answer within 1.5 % of the optimum in at least 19 of 20 runs."""
    best = problem.cost(problem.best())
    good = 0
    for seed in range(1, 21):
        plan = planned(problem, 1000 * seed)
        found = vector(problem, plan)
        assert problem.slack(found) >= 0.0 or not plan.met, f"seed {seed}: {found} is called good and is not"
        good += plan.met and problem.slack(found) >= 0.0 and problem.cost(found) <= NEAR * best
    assert good >= 19


@pytest.mark.long
def test_the_promised_confidence_is_kept_over_two_hundred_plans():
    """One in twenty may be called good and miss; of 200 that is 10, and by chance up to 18 (one in a hundred)."""
    problem = n_problem("margins as they come", *N, (0.122, 0.0392), 1.3, (range(8), range(2, 9)))  # (3, 5) by half a per cent
    wrong = 0
    for seed in range(1, 201):
        plan = om.staff(
            problem.scenario.with_({"clock.horizon": "6 h"}), problem.targets, costs=problem.costs, seed=10_000 * seed, workers=1
        )
        wrong += plan.met and problem.slack(plan.y) < 0.0
    assert wrong <= 18
