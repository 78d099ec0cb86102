"""Laws of answers: they depend on the question alone, not on how many work at it; what is shown is what was computed."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from worlds import load_world

import omnisim as om
from omnisim.answers import strategy_names
from omnisim.flows import ENDS, PARTS
from omnisim.tables import Tables

ROOT = Path(__file__).resolve().parent.parent

SHOP = """
omnisim: 1
name: small shop
clock: {horizon: 4 h, interval: 30 min, at_end: drain}
demand: {calls: {goal: issue, rate: 2 /min, enter: {call_center: 1.0}, preceded: {web: 0.5}}}
channels:
  call_center: {help: {mode: live, handling: {law: exponential, mean: 5 min}, patience: {law: exponential, mean: 3 min}, resolve: 0.7,
    service_level: {within: 20 s, target: 0.8}}}
  web: {browse: {time: {law: exponential, mean: 5 min}}}
staffing: {pools: {phone: {agents: 12, wage: 19 USD/h, skills: {call_center: {}}}}}
journey: {issue: {retry: {after_unresolved: 0.7, after_abandoned: 0.5, delay: {law: exponential, mean: 10 min}}}}
context: {preset: multichannel, effects: {repeat_time: 75 s, resolution_loss: 0.2}}
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    path = tmp_path_factory.mktemp("shop") / "shop.yaml"
    path.write_text(SHOP, encoding="utf-8")
    return om.load(path)


@pytest.fixture(scope="module")
def comparison(shop):
    other = shop.with_({"name": "hub", "context.preset": "omnichannel"})
    return om.compare([shop, other], seeds=6, self_service=True, command="omnisim compare shop.yaml hub.yaml")


def test_the_answer_does_not_depend_on_the_number_of_workers(shop):
    one, two = om.run(shop, seeds=4, workers=1), om.run(shop, seeds=4, workers=2)
    assert one.num.tobytes() == two.num.tobytes()
    assert one.den.tobytes() == two.den.tobytes()
    assert json.dumps(one.to_json()) == json.dumps(two.to_json())


def test_eight_workers_and_spawned_processes_tell_the_same(shop):
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    from omnisim.replications import replicate

    one = om.run(shop, seeds=8, workers=1)
    assert om.run(shop, seeds=8, workers=8).num.tobytes() == one.num.tobytes()
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        later = [pool.submit(replicate, one.tables, seed) for seed in (5, 2, 7)]  # in another order, too
        for seed, future in zip((5, 2, 7), later, strict=True):
            assert future.result().num.tobytes() == one.num[seed - 1].tobytes()


def test_a_replication_depends_on_its_seed_alone(shop):
    many, late = om.run(shop, seeds=4, seed=1, workers=1), om.run(shop, seeds=1, seed=3, workers=1)
    assert many.num[2].tobytes() == late.num[0].tobytes()


def test_records_are_alike_under_every_hash_seed(shop):
    code = f"import omnisim as om; print(om.simulate({shop.path!r}, 2).digest())"
    seen = {om.simulate(shop, 2).digest()}
    for hash_seed in ("0", "12345"):
        env = {**os.environ, "PYTHONHASHSEED": hash_seed}
        out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env, cwd=ROOT)
        seen.add(out.stdout.strip())
    assert len(seen) == 1


def test_a_lever_set_to_its_own_value_changes_nothing(shop):
    same = shop.with_({"context.effects.repeat_time": "75 s", "staffing.pools.phone.agents": 12})
    assert om.simulate(shop, 1).digest() == om.simulate(same, 1).digest()
    c = om.compare([shop, same.with_({"name": "same"})], seeds=3, workers=1)
    assert all(d.difference == 0.0 for d in c.differences)


def test_save_load_run_gives_the_same_records(shop, tmp_path):
    from omnisim.scenario import resolved_text

    path = tmp_path / "saved.yaml"
    path.write_text(resolved_text(shop, origin=False), encoding="utf-8")
    assert om.simulate(path, 1).digest() == om.simulate(shop, 1).digest()


def test_a_doubled_wage_doubles_labour_and_nothing_else(shop):
    c = om.compare([shop, shop.with_({"name": "dear", "staffing.pools.phone.wage": "38 USD/h"})], seeds=3, workers=1)
    for d in c.differences:
        if d.unit != "USD":
            assert d.difference == 0.0
    labour = c.difference("labour_cost")
    postings = 12 * 9
    assert abs(labour.mean - 2 * labour.baseline_mean) <= 0.005 * postings


def test_json_follows_the_contract(shop, comparison):
    answer = om.run(shop, seeds=3, workers=1).to_json()
    assert list(answer) == ["omnisim", "scenario", "engine", "seeds", "kpis"]
    assert answer["seeds"] == [1, 2, 3]
    for kpi in answer["kpis"]:
        assert set(kpi) - {"pooled"} == {"name", "scope", "unit", "mean", "low", "high", "sd", "n"}
        assert kpi["low"] is None or kpi["low"] <= kpi["mean"] <= kpi["high"]
    one = om.run(shop, seeds=1).to_json()
    assert {(k["sd"], k["low"], k["high"]) for k in one["kpis"]} == {(None, None, None)}
    found = comparison.to_json()
    assert found["command"] == "compare"
    assert found["baseline"] == "small shop"
    assert {"kpi", "scope", "strategy", "unit", "baseline_mean", "mean", "difference", "low", "high", "n", "variance_reduction"} <= set(
        found["differences"][0]
    )
    json.loads(json.dumps(found, allow_nan=False))
    json.loads(json.dumps(answer, allow_nan=False))


def test_paired_runs_need_fewer_seeds_than_independent_ones(comparison):
    d = comparison.difference("agent_minutes_per_issue")
    assert d.variance_reduction > 4


def test_interval_scopes_are_iso_starts(shop):
    answer = om.run(shop, seeds=2, workers=1)
    assert answer.kpi("contacts_offered", interval="2001-01-01T00:30:00").mean > 0
    with pytest.raises(KeyError, match="it has for"):
        answer.kpi("contacts_offered", interval="nonsense")
    with pytest.raises(ValueError, match="nearest is 'abandon_rate'"):
        answer.kpi("abandon_rat")


def test_flows_are_conserved_and_minutes_add_up(comparison):
    for answer in comparison.answers:
        n = len(answer.tables.channels)
        for result in answer.results:
            moves = result.flows.moves
            assert moves.shape == (1 + n + 1, n + len(ENDS))
            assert (moves[:, :n].sum(axis=0) == moves[1:-1].sum(axis=1)).all(), "what comes into a channel leaves it"
            assert moves[0].sum() + moves[-1].sum() == moves[:, n:].sum(), "who comes in goes out"
        assert answer.minutes.shape == (n, len(PARTS))
        assert answer.minutes.sum() == pytest.approx(answer.kpi("agent_minutes").mean, rel=1e-12)


def test_flows_are_conserved_in_generated_worlds(tmp_path):
    from omnisim.engines import reference
    from omnisim.flows import flows

    from_orders = 0
    for seed in range(0, 60, 3):
        tables = Tables.build(load_world(tmp_path, seed))
        seen = reference.run(tables, seed)
        moves = flows(tables, seen).moves
        n = len(tables.channels)
        assert (moves[:, :n].sum(axis=0) == moves[1:-1].sum(axis=1)).all()
        assert (moves >= 0).all()
        inside = (seen.journeys["arrived"] >= tables.warmup_s) & (seen.journeys["arrived"] < tables.horizon_s)
        needs = inside & (seen.journeys["parent"] >= 0)
        assert moves[-1].sum() == needs.sum()
        assert moves[0].sum() + moves[-1].sum() == moves[:, n:].sum() == inside.sum()
        from_orders += int(needs.sum())
    assert from_orders > 0, "some of these worlds have a shop"


def test_the_verdict_names_its_break_even_and_what_it_rests_on(comparison):
    v = comparison.verdict
    assert "only if" in v["headline"]
    hub = next(x for x in v["only_if"] if x["kind"] == "hub")
    minutes = comparison.difference("agent_minutes")
    assert hub["threshold"] == pytest.approx(-minutes.difference / 60 * 19 / (4 / 24), rel=0.05), "freed hours at the wage, a day"
    assert hub["yours"] == 900.0
    assert hub["grade"] == "C"
    assert {f["name"] for f in v["fair"]} == {"same staff"}
    assert v["rests_on"]["C"] > 0
    saving = v["self_service"][0]
    assert saving["counted"]["difference"] < saving["not_counted"]["difference"] == 0.0, "nobody changes channels but after self-service"
    assert "seeds" in v["seeds"]["text"]


def test_the_verdict_can_go_the_other_way(shop):
    """No thumb on the scale: with harms and no gains the hub is called worse and dearer."""
    bad = shop.with_({"name": "hub", "context.preset": "omnichannel", "context.harms": {"false_match": 0.5, "wrong_record_loss": 0.9}})
    v = om.compare([shop, bad], seeds=6).verdict
    assert "serves customers worse" in v["headline"]
    assert "costs more" in v["headline"]


def test_one_seed_says_that_it_has_no_interval(shop):
    c = om.compare([shop, shop.with_({"name": "b", "context.preset": "siloed"})], seeds=1)
    assert "no interval" in c.verdict["seeds"]["text"]
    assert "no interval" in c.sentence("service_level")
    assert c.table()


def test_sentences_and_tables_fit_a_terminal(comparison):
    assert "paired seeds" in comparison.sentence("repeat_told_rate")
    for text in (comparison.table(), comparison.answers[0].table()):
        assert max(map(len, text.splitlines())) <= 80


def test_equal_names_become_file_stems(shop, tmp_path):
    copy = tmp_path / "other.yaml"
    copy.write_text(SHOP, encoding="utf-8")
    assert strategy_names([shop, om.load(copy)]) == ("shop", "other")
    assert strategy_names([shop, shop]) == ("shop (1)", "shop (2)")


AT_ONCE = "{law: constant, value: 0 s}"
NEVER_ANSWERED = {
    "staffing.pools.phone.agents": 0,
    "channels.call_center.help.patience": AT_ONCE,
    "journey.issue.retry.after_abandoned": 1.0,
}
NEVER_SOLVED = {
    "channels.call_center.help.resolve": 0.0,
    "channels.call_center.help.handling": AT_ONCE,
    "journey.issue.retry.after_unresolved": 1.0,
}


@pytest.mark.parametrize(
    ("changes", "limit"),
    [
        ({"scale": 1e6}, "memory"),
        ({**NEVER_ANSWERED, "journey.issue.retry.delay": AT_ONCE}, "one instant|touches of one journey"),
        ({**NEVER_SOLVED, "journey.issue.retry.delay": "{law: constant, value: 1 ms}"}, "touches of one journey"),
    ],
)
def test_a_pathological_scenario_ends_with_the_name_of_the_limit(shop, changes, limit):
    with pytest.raises(om.BudgetExceeded, match=limit):
        om.run(shop.with_(changes), seeds=1)


def test_events_and_wall_time_are_budgets_too(shop):
    with pytest.raises(om.BudgetExceeded, match="limit: events"):
        om.run(shop, seeds=1, budget=om.Budget(events=100))
    with pytest.raises(om.BudgetExceeded, match="wall time"):
        om.run(shop.with_({"clock.horizon": "10000 h"}), seeds=1, budget=om.Budget(wall_s=0.01))


def test_estimates_are_means_of_the_seeds(shop):
    answer = om.run(shop, seeds=5, workers=1)
    j = next(j for j, c in enumerate(answer.columns) if (c.kpi, c.scope) == ("abandon_rate", ()))
    values = answer.num[:, j] / answer.den[:, j]
    e = answer.kpi("abandon_rate")
    assert e.mean == pytest.approx(values.mean(), rel=1e-14)
    assert e.sd == pytest.approx(np.std(values, ddof=1), rel=1e-12)
    assert e.pooled == pytest.approx(answer.num[:, j].sum() / answer.den[:, j].sum(), rel=1e-14)
