"""The money side of a verdict: break-evens recomputed by hand, a year made of two runs, both intervals always named."""

import dataclasses
import json
from types import SimpleNamespace

import numpy as np
import pytest
import scipy.stats
import shop_world
from test_figures_world import comparison as without_a_shop

from omnisim import annual, earnings, ignorance
from omnisim.annual import by_seed
from omnisim.answers import dumps
from omnisim.text import comparison_table, shop_table
from omnisim.verdict import focus, verdict


@pytest.fixture(scope="module")
def made():
    return shop_world.comparison()


@pytest.fixture(scope="module")
def year():
    return shop_world.comparison(seeds=4, week=True, ignorance=shop_world.ignorance(), lift=0.4, size=1600)


def interval(values):
    return scipy.stats.t.interval(0.95, len(values) - 1, np.mean(values), scipy.stats.sem(values))


def test_the_hub_pays_below_its_break_even_on_ebit(made):
    line = next(x for x in made.verdict["only_if"] if x["kind"] == "hub_ebit")
    gain = by_seed(made.answers[2], "ebit") - by_seed(made.baseline, "ebit")
    by_hand = gain / 2.0 + 900.0
    assert line["threshold"] == pytest.approx(by_hand.mean())
    assert (line["low"], line["high"]) == pytest.approx(interval(by_hand))
    assert (line["yours"], line["grade"], line["unit"]) == (900.0, "C", "USD/day")
    assert (gain.mean() > 0) == (line["threshold"] > line["yours"]), "it pays where the hub costs less than the threshold"
    assert {x["kind"] for x in made.verdict["only_if"]} >= {"hub", "resolved", "hub_ebit", "conversion"} - {"resolved"}


def test_visitors_to_turn_into_buyers(made):
    line = next(x for x in made.verdict["only_if"] if x["kind"] == "conversion")
    a, base = made.answers[2], made.baseline
    cost = 2 * 900.0 + 60_000.0 * 2 / 1095
    need = cost / (by_seed(base, "cm2") / by_seed(base, "orders") * by_seed(base, "visitors"))
    assert line["threshold"] == pytest.approx(need.mean(), rel=1e-4)
    assert line["yours"] == pytest.approx((by_seed(a, "conversion") - by_seed(base, "conversion")).mean())
    assert 0.0 < line["yours"] < 0.05


def test_the_headline_is_about_earnings_where_there_are_prices(made):
    words = made.verdict["headline"]
    assert "EBIT" in words
    assert "in 2 days" in words
    assert "pays only if its hub costs less than" in words
    assert "each issue resolved" not in words
    assert all("EBIT" not in text for text in (without_a_shop(verdict=None).names, shop_free()["headline"]))


def shop_free():
    plain = without_a_shop()
    del plain.__dict__["verdict"]
    provenance = [shop_world._Row(**p) for p in plain.answers[0].scenario.provenance()]
    for a in plain.answers:
        a.scenario.provenance = lambda: provenance
    return verdict(plain)


def test_without_prices_nothing_is_said_of_earnings():
    v = shop_free()
    assert (v["earnings"], v["annual"], v["ignorance"]) == ([], [], None)
    assert {x["kind"] for x in v["only_if"]} <= {"hub", "resolved"}


def test_a_better_strategy_may_earn_less(made):
    poor = shop_world.comparison(names=("Multichannel", "Omnichannel"), lift=0.0)
    v = poor.verdict
    assert "less in 2 days" in v["headline"]
    line = next(x for x in v["only_if"] if x["kind"] == "hub_ebit")
    assert line["threshold"] < 900.0


def test_questions_are_more_where_there_is_a_shop(made):
    asked = {d.kpi for d in made.differences if d.p_holm is not None}
    assert {"orders", "cm2", "ebit"} <= asked
    assert not {"orders", "cm2", "ebit"} & {d.kpi for d in without_a_shop().differences}


# fair


def test_capital_counts_as_spend():
    """Hub and capital of two days are 1 800 + 109.59 USD: at 20 USD/h so many agents for 48 h are two."""
    c = shop_world.comparison(names=("Multichannel", "Omnichannel", "Multichannel more"), agents=(4, 4, 6), seeds=3)
    fair = c.verdict["fair"]
    assert {(x["name"], x["opponent"]) for x in fair} == {("same staff", "Multichannel"), ("same spend", "Multichannel more")}
    assert all("EBIT" in x["text"] and "contribution margin 4" in x["text"] for x in fair)
    assert earnings.capital_spent(c.answers[1]) == pytest.approx(60_000 * 2 / 1095)
    assert earnings.capital_spent(c.answers[0]) == 0.0


def test_the_same_service_with_fewer_people():
    c = shop_world.comparison(names=("Multichannel", "Omnichannel, same service"), agents=(9, 4), seeds=3)
    assert all(earnings.meets_targets(a) for a in c.answers)
    (line,) = c.verdict["fair"]
    assert (line["name"], line["opponent"]) == ("same service", "Multichannel")
    assert "labour" in line["text"]
    missed = dataclasses.replace(c.baseline.tables, sl_target=np.array([0.99, np.nan, np.nan, np.nan]))
    assert not earnings.meets_targets(dataclasses.replace(c.baseline, tables=missed))
    aimless = dataclasses.replace(c.baseline.tables, sl_target=np.full(4, np.nan))
    assert not earnings.meets_targets(dataclasses.replace(c.baseline, tables=aimless)), "no target is no service to be equal in"


# a year


def test_weights_of_a_year():
    w = annual.weights(2.0, 7.0, 3)
    assert w.peak * 2.0 + w.week * 7.0 == pytest.approx(365.0)
    assert w.peak == 3.0
    with pytest.raises(ValueError, match="do not fit"):
        annual.weights(2.0, 7.0, 200)


def test_a_year_is_its_peaks_and_its_weeks(year):
    row = next(r for r in year.verdict["annual"] if (r["kpi"], r["strategy"]) == ("ebit", "Omnichannel"))
    by_hand = []
    for answers, weight in ((year.answers, 1.0), (year.week, 363.0 / 7.0)):
        by_hand.append(weight * (by_seed(answers[2], "ebit") - by_seed(answers[0], "ebit")))
    gain = by_hand[0] + by_hand[1]
    assert row["difference"] == pytest.approx(gain.mean())
    assert (row["low"], row["high"]) == pytest.approx(interval(gain))
    assert row["three_years"] == pytest.approx(3 * gain.mean())
    assert row["weights"] == {"peak": 1.0, "week": pytest.approx(363 / 7)}
    line = next(x for x in year.verdict["only_if"] if x["kind"] == "hub_ebit")
    assert line["threshold"] == pytest.approx((gain / 365.0 + 900.0).mean())
    assert "a year" in year.verdict["headline"]


def test_a_year_holds_the_capital_once_in_three():
    year = shop_world.comparison(names=("Multichannel", "Omnichannel"), seeds=2, week=True, lift=0.0)
    cost = annual.yearly(year, "capital_cost", 1)
    assert cost == pytest.approx([20_000.0] * 2, rel=1e-3)


# ignorance


def test_both_intervals_stand_in_one_sentence(year, made):
    words = year.verdict["sentence"]
    assert "pays only if its hub costs less than" in words
    assert "(chance)" in words
    assert "yours is 900 USD" not in words.replace("900, grade C", "")
    assert "grade C" in words
    assert "probability 0.75 under the stated ranges (30 of 40 points: ignorance)" in words
    assert "next measurement worth making is journey.shop.purchase.fee" in words
    assert "was not asked" in made.verdict["sentence"]
    assert "probability" not in made.verdict["sentence"].replace("how probable", "")
    told = year.verdict["ignorance"]
    assert (told["p_pays"], told["points"], told["points_left_out"]) == (0.75, 40, 0)
    assert told["low_90"] == pytest.approx(np.quantile(np.linspace(-1000, 3000, 40), 0.05))
    json.loads(dumps({"verdict": year.verdict}))


def test_a_hypercube_has_one_point_in_each_piece_of_each_range():
    places = ignorance.hypercube(20, 7, 5)
    assert places.shape == (20, 7)
    assert (np.sort((places * 20).astype(int), axis=0) == np.arange(20)[:, None]).all()
    assert (places == ignorance.hypercube(20, 7, 5)).all()


SMALL = """
omnisim: 1
name: small
clock: {horizon: 4 h}
demand: {calls: {goal: issue, rate: 2 /min, enter: {phone: 1.0}}}
channels:
  phone: {help: {mode: live, handling: {law: exponential, mean: 5 min}, patience: {law: exponential, mean: 3 min}, resolve: 0.7}}
  web: {browse: {time: {law: exponential, mean: 5 min}}}
staffing: {pools: {team: {agents: 12, wage: 20 USD/h, skills: {phone: {}}}}}
journey: {issue: {retry: {after_unresolved: 0.7, after_abandoned: 0.5, delay: {law: exponential, mean: 10 min}, most: 5}}}
context: {preset: PRESET}
provenance:
  staffing.pools.team.wage: {low: 16 USD/h, high: 26 USD/h, unit: USD/h, grade: C}
  channels.phone.help.handling: {low: 4 min, high: 7 min, unit: min, grade: B, source: a survey, note: range is of the mean}
  journey.issue.retry.most: {low: 3, high: 9, unit: "1", grade: C}
  demand.calls.enter: {grade: C}
"""


@pytest.fixture
def pair(tmp_path):
    import omnisim as om

    out = []
    for preset in ("multichannel", "omnichannel"):
        path = tmp_path / f"{preset}.yaml"
        path.write_text(SMALL.replace("PRESET", preset), encoding="utf-8")
        out.append(om.load(path))
    return out


def test_what_can_be_moved_is_moved_within_its_range(pair):
    found, stays = ignorance.levers(pair[1])
    assert "demand.calls.enter" in stays
    assert {
        "staffing.pools.team.wage",
        "channels.phone.help.handling",
        "journey.issue.retry.most",
        "context.identify",
        "context.hub.cost",
    } <= set(found)
    assert found["channels.phone.help.handling"][1].paths == ("channels.phone.help.handling.mean",)
    assert found["journey.issue.retry.most"][1].at(0.4) == {"journey.issue.retry.most": "5"}, "whole numbers stay whole"
    assert set(found["context.identify"][1].paths) == {"context.identify.phone", "context.identify.web"}
    hub = pair[1].with_(found["context.hub.cost"][1].at(0.5))
    assert hub.context.hub.cost == pytest.approx(1650.0)
    for _, lever in found.values():
        pair[1].with_(lever.at(0.77))


def fake(price):
    """Replications that know the answer: the cost of a case by the tables alone."""

    def replications(worlds, seeds, workers, how, progress):
        from omnisim.kpis import columns

        out = []
        for t in worlds:
            num = np.array([price(t) if c.kpi == "cost_per_resolved" else 1.0 for c in columns(t)])
            out.append([SimpleNamespace(num=num, den=np.ones(len(num)))])
        return out

    return replications


def test_a_known_answer_is_found(pair, monkeypatch):
    """The hub pays where it costs less than 60 times the wage above 10: (wage - 10) x 60 against hub, in made-up units."""
    saved = lambda t: 0.0 if t.context[0]["latency"] > 3000.0 else t.hub_per_day - 60.0 * (t.wage_per_h[0] - 10.0)  # noqa: E731
    monkeypatch.setattr(ignorance, "replications", fake(saved))
    found = ignorance.study(pair, "omni", 200, seed=3)
    rng = np.random.default_rng(1)
    exact = 60.0 * (rng.uniform(16, 26, 10**5) - 10.0) - rng.uniform(300, 3000, 10**5)
    assert found.pays / 200 == pytest.approx((exact > 0).mean(), abs=0.02)
    assert found.range == pytest.approx(tuple(np.quantile(exact, [0.05, 0.95])), rel=0.1)
    first, second = found.inputs[:2]
    assert (first.path, second.path) == ("context.hub.cost", "staffing.pools.team.wage")
    assert first.correlation < -0.8
    assert second.correlation > 0.1
    assert (first.at_low, first.at_high) == pytest.approx((300.0, -2400.0))
    assert first.break_even == pytest.approx(600.0), "at the wage of 20 as it stands"
    assert second.break_even == pytest.approx(25.0), "at the hub of 900 as it stands"
    assert all(abs(x.correlation) < 0.35 for x in found.inputs[2:])
    assert "demand.calls.enter" in found.not_varied
    assert earnings.ignorance_text(found)[0].startswith("Not known: ")
    json.loads(json.dumps(found.to_json(), allow_nan=False))


def test_one_draw_moves_an_input_in_every_strategy_that_states_it(pair, monkeypatch):
    seen = []
    monkeypatch.setattr(ignorance, "replications", fake(lambda t: seen.append((t.wage_per_h[0], t.hub_per_day)) or 1.0))
    ignorance.study(pair, "omni", 10, seed=3)
    wages = [w for w, _ in seen]
    assert wages[:20:2] == wages[1:20:2]
    assert len(set(wages[:20])) == 10


def test_nothing_to_vary_or_to_decide_is_an_error(pair):
    from omnisim.scenario import ScenarioError

    unpaid = [s.with_({"staffing.pools.team.wage": None}) for s in pair]
    with pytest.raises(ValueError, match="says what pays"):
        ignorance.study(unpaid, "omni", 10)
    with pytest.raises(ValueError, match="two points"):
        ignorance.study(pair, "omni", 1)
    assert issubclass(ScenarioError, Exception)


# what is shown


def test_tables_fit_a_terminal(made, year):
    for c in (made, year):
        for text in (comparison_table(c), shop_table(c.baseline), comparison_table(c, ("ebit", "revenue", "visits"))):
            assert max(map(len, text.splitlines())) <= 80
    assert "web" in shop_table(made.baseline)
    assert focus(made.names, made.answers) == "Omnichannel"


def test_big_money_fits_a_terminal():
    big = shop_world.comparison(names=("Multichannel", "Omnichannel"), seeds=3)
    scale = 2000.0
    for a in big.answers:
        for r in a.results:
            r.num[:] = r.num * scale
    text = comparison_table(big)
    assert max(map(len, text.splitlines())) <= 80
    assert "k" in text
