"""Laws of decisions: values of learning on closed forms, plans of least regret, reversals within the ranges, fair opponents, pages."""

import json
import math

import numpy as np
import pytest
from click.testing import CliRunner
from reasons_worlds import shop, write

import omnisim as om
from omnisim.answers import dumps
from omnisim.cli import main
from omnisim.decisions import fair
from omnisim.decisions.decided import _zero
from omnisim.decisions.learning import evpi, evppi
from omnisim.decisions.steps import least_regret
from omnisim.decisions.worlds import World, Worlds
from omnisim.designs import latin_hypercube
from omnisim.experiment import Experiment
from omnisim.reasons.worth import Runner
from omnisim.scenario import ScenarioError
from omnisim.tables import Tables
from omnisim.verdict import planned_labour

FILE = """
omnisim: 1
question: Does a hub pay in a small shop?
scenario: shop.yaml
strategies:
  today: {}
  hub: {file: hub.yaml}
kpis: [ebit, hub_cost]
seeds: 5
decide:
  points: 16
  seeds: 2
  steps:
    more: {set: {staffing.pools.desk.agents: 4}}
    memory: {set: {context.preset: omnichannel, context.latency: 0 s, context.hub.cost: 600 USD/day}}
"""


def asked(folder, text=FILE):
    write(folder)
    path = folder / "decision.yaml"
    path.write_text(text, encoding="utf-8")
    return path


# the value of learning


def test_learning_is_worth_what_the_closed_form_says():
    """Three options, gains linear in normal inputs: E max(0, N(m, s)) = m F(m / s) + s f(m / s), and only that input counts.

    Option 1 pays 2 + 3 z0 + z1, option 2 pays nothing like it; with 4,000 points the sampling error is below 0.05.
    """
    from scipy.stats import norm

    n = 4000
    places = latin_hypercube(n, 3, 7)
    z = norm.ppf(places)
    worth = np.stack([np.zeros(n), 2 + 3 * z[:, 0] + z[:, 1], np.full(n, -1.0)])

    def e_max(m, s):
        return m * norm.cdf(m / s) + s * norm.pdf(m / s)

    found = evppi(worth, places)
    assert found[0].value == pytest.approx(e_max(2, 3) - 2, abs=0.06)
    assert found[1].value == pytest.approx(e_max(2, 1) - 2, abs=0.02)
    assert found[2].value == 0.0
    assert evpi(worth) == pytest.approx(e_max(2, math.sqrt(10)) - 2, abs=0.05)
    assert 0.0 < found[0].error < 0.2


def test_learning_a_uniform_input_with_noise_beside_it():
    """Gain 3 u - 1 with noise of sd 1 from 20 other inputs: 1/6 in truth; 40 samples of 256 points, 4 standard errors and no bias."""
    values = []
    for seed in range(40):
        places = latin_hypercube(256, 21, seed)
        noise = (places[:, 1:] - 0.5).sum(axis=1) * math.sqrt(12 / 20)
        values.append(evppi(np.stack([np.zeros(256), 3 * places[:, 0] - 1 + noise]), places)[0].value)
    error = np.std(values, ddof=1) / math.sqrt(len(values))
    assert np.mean(values) == pytest.approx(1 / 6, abs=4 * error + 0.01)


def test_what_does_not_matter_is_worth_nothing():
    """No input has anything to do with the gain: in at most 5 % of samples any of 20 gets a value (4 standard errors of 200: 6 points)."""
    rng = np.random.default_rng(5)
    alarms = 0
    for seed in range(200):
        places = latin_hypercube(64, 20, seed)
        found = evppi(np.stack([np.zeros(64), rng.normal(0.2, 1.0, 64)]), places)
        alarms += any(v.value > 0.0 for v in found)
    assert alarms / 200 <= 0.11
    assert all(v.value == 0.0 for v in evppi(np.zeros((2, 64)), places))


# steps


def test_the_plan_of_least_regret_is_the_one_a_table_shows():
    """Three steps worth a sum: the safe step first, the one that may lose last or never; all orders by hand in `brute`."""
    rng = np.random.default_rng(2)
    gains = np.array([[5.0], [1.0], [0.0]]) + np.array([[9.0], [0.2], [3.0]]) * rng.normal(size=(3, 30))
    worth = np.array([sum(gains[i] for i in range(3) if m >> i & 1) + np.zeros(30) for m in range(8)])
    found = least_regret(("hub", "look-up", "chat"), worth)
    assert found.best.worst <= min(found.none.worst, found.all.worst)
    assert sum(share for _, share in found.first) == pytest.approx(1.0)
    never = least_regret(("a", "b"), np.array([[0.0, 0], [-1, -2], [-3, -1], [-4, -3]]))
    assert never.best.steps == ()
    assert never.best.worst == never.best.mean == 0.0
    sure = least_regret(("a", "b"), np.array([[0.0, 0], [1, 1], [2, 2], [3, 3]]))
    assert sure.best.steps == ("b", "a"), "what brings more is taken first"


# inputs


def test_an_input_moves_in_every_strategy_and_knows_where_it_stands(tmp_path):
    today, hub = shop(tmp_path)
    w = Worlds([World("today", today), World("hub", hub)], "ebit", 1, Runner(workers=1))
    assert len(w.inputs) == len({i.name for i in w.inputs})
    assert w.not_varied == ["demand.shoppers.enter"]
    assert w.stands["staffing.pools.desk.wage"] == pytest.approx(0.4)
    assert w.stands["demand.shoppers.rate"] == pytest.approx(0.5)
    assert w.stands["catalog.products.all.margin"] == pytest.approx(0.5)
    assert w.stands["context.effects.repeat_time"] == pytest.approx(0.5)
    both = w.at({"staffing.pools.desk.wage": 1.0})
    assert [x.scenario.staffing.pools["desk"].wage for x in both] == [26.0, 26.0]
    assert w.stands["context.identify"] == pytest.approx((0.92 - 0.8) / 0.18)
    moved = w.at({"context.identify": 0.0, "context.hub.cost": 1.0})
    assert moved[1].scenario.context.identify["phone"] == pytest.approx(0.8)
    assert moved[1].scenario.context.hub.cost == 2400.0
    assert moved[0].scenario.hash() == today.hash(), "what today knows of its customers is another input, which has not moved"
    other = w.at({"context.identify of today": 1.0})
    assert other[0].scenario.context.identify["phone"] == pytest.approx(0.8)
    assert other[1].scenario.hash() == hub.hash()


def test_where_the_answer_turns():
    assert _zero(-1.0, 1.0, 3.0, 0.5) == pytest.approx(0.25)
    assert _zero(-1.0, 1.0, -3.0, 0.5) == pytest.approx(0.625), "of two the nearest"
    assert _zero(1.0, 2.0, 3.0, 0.5) is None


# fair opponents


def test_the_same_spend_is_the_same_spend(tmp_path):
    today, hub = (s.with_({"clock.horizon": "1 d", "staffing.pools.desk.agents": 30}) for s in shop(tmp_path))
    made = fair.same_spend(World("today", today), World("hub", hub.with_({"context.hub.cost": "960 USD/day"})))
    more = planned_labour(Tables.build(made.world.scenario)) - planned_labour(Tables.build(today))
    assert more == pytest.approx(960.0, rel=0.02)
    assert made.world.scenario.with_({"staffing": today.resolved()["staffing"]}).hash() == today.hash()
    assert fair.same_spend(World("today", today), World("more", today)).world is None
    unpaid = today.with_({"staffing.pools.desk.wage": None})
    assert "no wages" in fair.same_spend(World("a", unpaid), World("b", hub)).words


def test_the_same_staff_and_the_same_service(tmp_path):
    today, hub = shop(tmp_path)
    assert fair.same_staff(World("today", today), World("hub", hub)).world is None
    fewer = hub.with_({"staffing.pools.desk.agents": 2})
    made = fair.same_staff(World("today", today), World("hub", fewer))
    assert made.world.scenario.staffing == fewer.staffing
    many = [s.with_({"staffing.pools.desk.agents": 20}) for s in (today, hub)]
    served = fair.same_service(World("today", many[0]), World("hub", many[1]), [1, 2], Runner(workers=1))
    assert served.world is not None
    assert 1 <= served.world.scenario.staffing.pools["desk"].agents < 20
    aimless = [s.with_({"channels.phone.help.service_level": None}) for s in many]
    assert fair.same_service(World("a", aimless[0]), World("b", aimless[1]), [1], Runner(workers=1)).world is None


# decide


@pytest.fixture(scope="module")
def decision(tmp_path_factory):
    return om.decide(asked(tmp_path_factory.mktemp("decide")), workers=1, command="omnisim decide decision.yaml")


def test_a_decision_is_the_comparison_at_the_inputs_as_they_stand(decision, tmp_path):
    answer = om.compare([s for _, s in decision.scenarios[:2]], seeds=5, workers=1)
    d = answer.difference("ebit")
    hub = decision.options[1]
    assert (hub.name, hub.kind) == ("hub", "strategy")
    assert hub.chance.mean == pytest.approx(d.difference, abs=1e-9)
    assert hub.chance.interval(0.05) == pytest.approx((d.low, d.high))


def test_shares_of_a_decision_are_shares(decision):
    assert {o.kind for o in decision.options} == {"today", "strategy", "same spend"} | {o.kind for o in decision.options}
    assert sum(o.best for o in decision.options) >= 1.0
    for o in decision.options[1:]:
        assert 0.0 <= o.pays <= 1.0
        assert o.low <= o.high
        assert o.chance_sd is not None
    assert {k for k, _, _ in decision.fair} == {"same staff", "same spend", "same service"}
    assert decision.know_all >= max(t.learned.value for t in decision.inputs) - 1e-9 or decision.know_all >= 0.0


def test_the_hub_turns_the_answer_exactly_where_it_costs_what_it_earns(decision):
    """EBIT is linear in the hub's cost: the break-even by lines is what it earns before the hub, of the same seeds."""
    hub = next(t for t in decision.inputs if t.path == "context.hub.cost")
    today, other = (s for _, s in decision.scenarios[:2])
    free = om.compare([today, other.with_({"context.hub.cost": "0 USD/day"})], seeds=5, workers=1).difference("ebit").difference
    assert (hub.yours, hub.low, hub.high, hub.grade) == ("600 USD/day", "0 USD/day", "2400 USD/day", "C")
    assert hub.at_low == pytest.approx(free, abs=0.01)
    assert hub.at_high == pytest.approx(free - 600.0, abs=0.01)
    assert hub.turns is not None
    assert float(hub.turns.split()[0]) == pytest.approx(4 * free, rel=2e-3)
    assert hub.pays_above is False


def test_what_a_decision_says_fits_a_terminal_and_never_says_wins_alone(decision):
    assert all(len(line) <= 80 for line in decision.text.splitlines()), decision.text
    told = decision.to_json()
    json.loads(dumps(told))
    assert "probability" in told["headline"]
    assert "chance" in decision.text
    assert "ignorance" in decision.text
    assert "Order of least regret" in decision.text


def test_a_hub_beyond_its_range_is_told_its_limit(decision):
    """The same decision with a hub of 1000 to 2400: what it would have to cost follows from both ends, for EBIT is linear in it."""
    from dataclasses import replace

    from omnisim.decisions.words import headline

    hub = next(t for t in decision.inputs if t.path == "context.hub.cost")
    dear = replace(hub, low="1000 USD/day", high="2400 USD/day", at_low=-10.0, at_high=-360.0, turns=None, yours="1500 USD/day")
    text = headline(replace(decision, inputs=(dear,)))
    assert "its hub would have to cost less than 960 USD/day (yours: 1500 USD/day, grade C)" in text
    free = headline(replace(decision, inputs=(replace(dear, at_low=-300.0, at_high=-650.0),)))
    assert "would not pay even if its hub cost nothing" in free


def test_a_decision_has_a_page(decision, tmp_path):
    page = decision.report(tmp_path).read_text(encoding="utf-8")
    assert "omnisim decide decision.yaml" in page
    assert "<script" not in page
    assert (tmp_path / "figures" / "tornado.svg").exists()
    assert json.loads((tmp_path / "facts.json").read_text())["experiment"] == "decision"
    first = (tmp_path / "report.html").read_bytes()
    decision.report(tmp_path)
    assert first == (tmp_path / "report.html").read_bytes()


def test_wrong_files_are_told_with_their_place(tmp_path):
    text = FILE.replace("staffing.pools.desk.agents: 4", "staffing.pools.desk.agent: 4").replace("points: 16", "points: 2")
    with pytest.raises(ScenarioError) as e:
        Experiment.load(asked(tmp_path, text))
    assert "decide.points" in str(e.value)
    with pytest.raises(ScenarioError, match=r"decide.steps.more.set.staffing.pools.desk.agent"):
        Experiment.load(asked(tmp_path, text.replace("points: 2", "points: 16")))
    with pytest.raises(ScenarioError, match=r"strategies.hub.week: is missing"):
        Experiment.load(asked(tmp_path, FILE.replace("today: {}", "today: {week: shop.yaml}")))
    with pytest.raises(ValueError, match="two strategies"):
        om.decide(asked(tmp_path, FILE.replace(FILE[FILE.index("  hub:") : FILE.index("kpis")], "")))


def test_a_year_is_made_of_peaks_and_weeks(tmp_path):
    text = FILE.replace("today: {}", "today: {week: week.yaml}").replace(
        "hub: {file: hub.yaml}", "hub: {file: hub.yaml, week: hub-week.yaml}"
    )
    text = text[: text.index("  steps:")] + "  fair: false\n  peaks: 2\n"
    for name, base in (("week", "shop"), ("hub-week", "hub")):
        week = f"omnisim: 1\nextends: {base}.yaml\nclock: {{horizon: 12 h}}\n"
        (tmp_path / f"{name}.yaml").write_text(week, encoding="utf-8")
    found = om.decide(asked(tmp_path, text), workers=1, points=8)
    assert found.yearly
    assert found.days == pytest.approx(365.0)
    today, hub = (s for _, s in found.scenarios[:2])
    by_hand = 0.0
    for days, weight in ((0.25, 2.0), (0.5, (365 - 0.5) / 0.5)):
        pair = [s.with_({"clock.horizon": f"{24 * days} h"}) for s in (today, hub)]
        by_hand += weight * om.compare(pair, seeds=5, workers=1).difference("ebit").difference
    assert found.options[1].chance.mean == pytest.approx(by_hand, rel=1e-9)


# hostile


def test_a_reversal_lies_within_the_ranges_and_turns_the_verdict(tmp_path):
    today, hub = shop(tmp_path)
    found = om.hostile(today, hub, seeds=5, workers=1)
    assert found.found is not None
    assert found.trace
    assert found.single
    for r in (found.nearest, *found.single):
        if r is None:
            continue
        low, high = r.spread.interval(0.05)
        assert high < 0.0 if found.verdict.mean > 0.0 else low > 0.0
        assert all(0.0 <= u <= 1.0 for u in r.places.values())
        assert r.size == pytest.approx(math.sqrt(sum(m.size**2 for m in r.moves)))
        assert r.size > 0.0
        w = Worlds([World("shop", today), World("hub", hub)], "ebit", 1, Runner(workers=1))
        again = w.worth([r.places], found.seeds)[:, 0]
        assert (again[1] - again[0]).mean() == pytest.approx(r.spread.mean, rel=1e-9)
    assert all(len(line) <= 80 for line in found.text.split("Customer")[0].splitlines())
    json.loads(dumps(found.to_json()))
    assert "turn" in found.report(tmp_path / "out").read_text(encoding="utf-8")


def test_the_nearest_reversal_of_a_known_answer_is_found(tmp_path):
    """A verdict by labour cost: 3 agents against 4 for six hours; only the wage and the agents decide, and no wage turns it."""
    today, _ = shop(tmp_path)
    more = today.with_({"staffing.pools.desk.agents": 4, "name": "more"})
    found = om.hostile(today, more, "labour_cost", seeds=3, workers=1, trace=False)
    assert found.found is None
    assert "No change of its 8 inputs" in " ".join(found.text.split())
    assert found.worst.mean == pytest.approx(-6 * 16.0), "the least wage of the range; less is better, so more cost is below 0"
    with pytest.raises(ValueError, match="do not settle"):
        om.hostile(today, today.with_({"name": "again"}), "labour_cost", seeds=3, workers=1)


def test_a_reversal_by_one_input_is_just_beyond_its_break_even(tmp_path):
    """EBIT is linear in the hub's cost: the interval leaves 0 where the cost is the upper end of what it earns before the hub."""
    today, hub = shop(tmp_path)
    free = om.compare([today, hub.with_({"context.hub.cost": "0 USD/day"})], seeds=5, workers=1).difference("ebit")
    edge = 4 * (free.high if free.difference * 4 > 600.0 else free.low)
    found = om.hostile(today, hub, seeds=5, workers=1, only=["context.hub.cost"], trace=False)
    assert 0.0 < edge < 2400.0
    (move,) = found.found.moves
    assert move.path == "context.hub.cost"
    assert float(move.after.split()[0]) == pytest.approx(edge, abs=2400 / 2**5), "halved six times"


# phases


def test_a_phase_map_is_the_break_even_of_every_cell(tmp_path):
    text = FILE[: FILE.index("decide:")] + (
        "factors:\n  questions: {path: journey.shop.ask.share.web, levels: [10 %, 40 %]}\n"
        "  patience: {path: channels.phone.help.patience.mean, levels: [1 min, 8 min]}\n"
    )
    found = om.phases(asked(tmp_path, text), workers=1)
    assert [(c.x, c.y) for c in found.cells] == [("10 %", "1 min"), ("10 %", "8 min"), ("40 %", "1 min"), ("40 %", "8 min")]
    assert found.yours == 600.0
    today, hub = shop(tmp_path)
    change = {"journey.shop.ask.share.web": "40 %", "channels.phone.help.patience.mean": "1 min"}
    free = hub.with_(change | {"context.hub.cost": "0 USD/day"})
    d = om.compare([today.with_(change), free], seeds=5, workers=1).difference("ebit")
    cell = found.cells[2]
    assert cell.may_cost == pytest.approx(4 * d.difference, abs=0.1)
    assert (cell.low, cell.high) == pytest.approx((4 * d.low, 4 * d.high), abs=0.1)
    assert all(len(line) <= 80 for line in found.text.splitlines())
    page = found.report(tmp_path / "out").read_text(encoding="utf-8")
    assert "Phase map" in page
    json.loads(dumps(found.to_json()))
    with pytest.raises(ValueError, match="two factors"):
        om.phases(asked(tmp_path))


# the command line


def test_the_verbs_end_with_their_codes(tmp_path):
    path = str(asked(tmp_path))
    fine = CliRunner().invoke(main, ["decide", path, "--points", "8", "--json", "-"])
    assert fine.exit_code == 0, fine.output
    assert json.loads(fine.stdout)["command"] == "decide"
    assert CliRunner().invoke(main, ["decide", str(tmp_path / "nothing.yaml")]).exit_code == 2
    assert CliRunner().invoke(main, ["phases", path]).exit_code == 2
    missing = CliRunner().invoke(main, ["hostile", str(tmp_path / "shop.yaml"), str(tmp_path / "shop.yaml"), "--input", "a.b"])
    assert missing.exit_code == 2
    assert "states no range" in missing.output
    for verb in ("explain", "who", "decide", "hostile", "phases"):
        told = CliRunner().invoke(main, [verb, "--help"])
        assert told.exit_code == 0
        assert all(len(line) <= 80 for line in told.output.splitlines())
