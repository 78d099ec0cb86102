"""Laws of reasons: shares add up, who changes nothing has none, twins have the same; people who differ add up to the difference."""

import itertools
import json
import math

import numpy as np
import pytest
from click.testing import CliRunner
from reasons_worlds import queue, shop, write

import omnisim as om
from omnisim.answers import dumps
from omnisim.cli import main
from omnisim.reasons import shapley
from omnisim.reasons.levers import NoLevers, levers, mixed

# shares


def by_definition(worth):
    """Shapley's value as its definition says: what a lever adds, averaged over all orders."""
    p = len(worth).bit_length() - 1
    out = np.zeros((p, worth.shape[1]))
    for order in itertools.permutations(range(p)):
        out += _walked(order, worth)
    return out / math.factorial(p)


def _walked(order, worth):
    out = np.zeros((len(order), worth.shape[1]))
    way = shapley.steps(order)
    for i, (a, b) in zip(order, itertools.pairwise(way), strict=True):
        out[i] = worth[b] - worth[a]
    return out


@pytest.mark.parametrize("p", [1, 2, 3, 5])
def test_exact_shares_are_those_of_the_definition(p):
    worth = np.random.default_rng(p).normal(size=(2**p, 3)) * 1e4
    found = shapley.exact(worth)
    assert found == pytest.approx(by_definition(worth), rel=1e-11, abs=1e-8)
    assert found.sum(axis=0) == pytest.approx(worth[-1] - worth[0], rel=1e-12, abs=1e-12 * np.abs(worth).max())


def test_a_null_lever_has_exactly_nothing_and_twins_have_exactly_the_same():
    rng = np.random.default_rng(1)
    core = rng.normal(size=(8, 4))  # levers 0, 1, 2; 3 does nothing; 4 is the twin of 2
    worth = np.empty((32, 4))
    for m in range(32):
        both = (m >> 2 & 1) + (m >> 4 & 1)
        worth[m] = core[m & 3 | (4 if both else 0)] + 0.37 * both
    shares = shapley.exact(worth)
    assert (shares[3] == 0.0).all()
    assert (shares[2] == shares[4]).all()
    pairs = shapley.interactions(worth)
    assert (pairs[3] == 0.0).all()
    assert pairs[0, 1] == pytest.approx(pairs[1, 0])


def test_interactions_of_a_product():
    """Worth a x b x c with all levers from 1 to 2: the pair (a, b) adds 1 x (mean of c over moved or not, 1.5)."""
    worth = np.array([[(1 + (m & 1)) * (1 + (m >> 1 & 1)) * (1 + (m >> 2 & 1))] for m in range(8)], float)
    assert shapley.interactions(worth)[:, :, 0] == pytest.approx(1.5 * (1 - np.eye(3)))
    assert shapley.exact(worth)[:, 0] == pytest.approx([7 / 3] * 3)


def test_sampled_shares_add_up_and_come_near_the_exact_ones():
    worth = np.random.default_rng(3).normal(size=64)
    exact = shapley.exact(worth[:, None])[:, 0]
    means = []
    for seed in range(200):
        some = shapley.orders(6, 2, seed)
        assert some[0] == some[1][::-1]
        shares = shapley.walk(some, dict(enumerate(worth.tolist())))
        assert shares.sum() == pytest.approx(worth[-1] - worth[0], abs=1e-12)
        means.append(shares)
    error = np.std(means, axis=0, ddof=1) / math.sqrt(len(means))
    assert (np.abs(np.mean(means, axis=0) - exact) < 4 * error).all()


# levers


def test_levers_are_what_differs(tmp_path):
    today, hub = shop(tmp_path)
    found = levers(today, hub)
    assert {x.name for x in found} == {"context.identify", "context.link", "context.latency", "context.hub"}
    assert mixed(today, found).canonical() == hub.canonical()
    grouped = levers(today, hub, {"memory": ["context.identify", "context.link", "context.latency"]})
    assert [x.name for x in grouped] == ["memory", "context.hub"]
    with pytest.raises(NoLevers, match="nothing differs in the lever 'x'"):
        levers(today, hub, {"x": ["costs"]})
    assert levers(today, today.with_({"name": "other"})) == []


def test_levers_that_need_each_other_are_one(tmp_path):
    today = queue(tmp_path)
    more = today.with_(
        {
            "channels.chat": {"help": {"mode": "live", "handling": {"law": "exponential", "mean": "2 min"}}},
            "staffing.pools.left.skills": {"call_center": {}, "chat": {}},
            "staffing.pools.right.agents": 2,
        }
    )
    found = levers(today, more)
    assert len(found) == 2
    assert any("channels.chat" in x.name and "staffing.pools.left" in x.name for x in found)


# explain


def test_shares_of_a_shop_add_up_and_the_hub_costs_what_it_costs(tmp_path):
    today, hub = shop(tmp_path)
    found = om.explain(today, hub, "ebit", seeds=3, workers=1)
    answer = om.compare([today, hub], seeds=3, workers=1)
    assert found.total.mean == pytest.approx(answer.difference("ebit").difference, abs=1e-9)
    total = sum(s.values for s in found.shares)
    assert total.mean() == pytest.approx(found.total.mean, rel=1e-12)
    share = {s.lever.name: s for s in found.shares}
    assert share["context.hub"].values.tolist() == pytest.approx([-150.0] * 3), "600 USD a day for six hours"
    assert share["context.hub"].p_holm == 0.0
    assert found.exact
    assert found.runs == 16 * 3
    assert all(len(line) <= 80 for line in found.text.splitlines())
    json.loads(dumps(found.to_json()))


def test_in_a_world_a_null_lever_has_exactly_nothing_and_twins_are_equal_to_the_bit(tmp_path):
    """Two pools that take the same calls: the same one agent more in either is the same; a wage changes no waiting."""
    today = queue(tmp_path)
    more = today.with_({"staffing.pools.left.wage": "25 USD/h", "demand.calls.rate": "1.2 /min", "name": "more"})
    found = om.explain(today, more, "wait_mean_s", seeds=2, workers=1)
    share = {s.lever.name: s for s in found.shares}
    assert (share["staffing.pools.left"].values == 0.0).all()
    assert share["demand.calls"].mean == found.total.mean
    twins = {"staffing.pools.left.wage": "25 USD/h", "staffing.pools.right.wage": "25 USD/h", "name": "twins"}
    found = om.explain(today, today.with_(twins), "labour_cost", seeds=2, workers=1)
    left, right = (s.values for s in found.shares)
    assert (left == right).all()
    assert left.tolist() == pytest.approx([12.0, 12.0]), "two hours at 6 USD more"


def test_many_levers_are_sampled_and_still_add_up(tmp_path):
    today, hub = shop(tmp_path)
    changes = {
        "staffing.pools.desk.agents": 4, "demand.shoppers.rate": "2.2 /min", "channels.web.browse.time.mean": "4 min",
        "catalog.products.all.margin": "45 %", "channels.phone.help.patience.mean": "5 min", "journey.shop.cart.web": "45 %",
    }  # fmt: skip
    many = hub.with_(changes)
    assert len(levers(today, many)) > 8
    found = om.explain(today, many, "ebit", seeds=2, pairs=1, workers=1)
    assert not found.exact
    assert sum(s.values.mean() for s in found.shares) == pytest.approx(found.total.mean, rel=1e-12)
    assert all(len(line) <= 80 for line in found.text.splitlines())
    json.loads(dumps(found.to_json()))


def test_nothing_to_explain_is_said(tmp_path):
    today, _ = shop(tmp_path)
    with pytest.raises(ValueError, match="mean the same"):
        om.explain(today, today)
    with pytest.raises(KeyError, match="gives no ebit"):
        om.explain(queue(tmp_path), queue(tmp_path).with_({"demand.calls.rate": "1 /min"}))


# who


@pytest.mark.parametrize("seed", [1, 2, 4])
def test_people_who_differ_add_up_to_the_difference_in_orders(tmp_path, seed):
    today, hub = shop(tmp_path, clock__warmup="30 min")
    found = om.who(today, hub, seed)
    orders = [om.run(s, seeds=[seed], workers=1).kpi("orders").mean for s in (today, hub)]
    assert [found.before, found.after] == orders
    for lines in (found.lines, found.endings):
        assert sum(x.net for x in lines) == found.after - found.before
        assert sum(x.gained + x.lost for x in lines) == len(found.people)
    assert {x.cause for x in found.lines} <= {"wait", "story told again", "length of the talk", "another agent", "choice at the checkout"}
    assert found.people, "nobody differs: the test says nothing"
    assert all(len(line) <= 80 for line in found.text.splitlines() if "omnisim trace" not in line)
    story = found.trace(found.people[0].person)
    assert story == om.trace([today.with_({"name": found.names[0]}), hub.with_({"name": found.names[1]})], found.people[0].person, seed)
    json.loads(dumps(found.to_json()))


def test_the_first_difference_is_the_one_that_was_made(tmp_path):
    """One change at a time, in a shop with people enough: only that change can be the first difference."""
    today, _ = shop(tmp_path, staffing__pools__desk__agents=60)
    dear = today.with_({"catalog.products.all.price": "50 USD"})
    assert om.who(today, dear).people == ()
    shop_with_fee = {"shipping.fee": {"policy": "flat", "amount": "9 USD"}, "journey.shop.purchase.fee": 12, "journey.shop.carry": {}}
    fee = om.who(today.with_(shop_with_fee | {"shipping.fee": {"policy": "flat", "amount": "1 USD"}}), today.with_(shop_with_fee))
    assert {x.cause for x in fee.lines} == {"shipping fee"}
    assert fee.after < fee.before
    longer = om.who(today, today.with_({"channels.phone.help.handling.mean": "9 min", "staffing.pools.desk.agents": 3}))
    assert {x.cause for x in longer.lines} <= {"wait", "length of the talk", "another agent"}
    story = om.who(today, today.with_({"context.preset": "omnichannel", "context.latency": "0 s", "context.effects.purchase": 3}))
    assert {x.cause for x in story.lines} <= {"story told again", "length of the talk"}


def test_without_a_shop_goals_are_counted(tmp_path):
    today = queue(tmp_path)
    found = om.who(today, today.with_({"staffing.pools.left.agents": 3}))
    assert found.counted == "goals reached"
    assert found.difference == sum(x.net for x in found.lines) > 0
    assert {x.cause for x in found.lines} <= {"wait", "another agent"}


# the command line, the page


def test_the_verbs_answer_and_write_a_page(tmp_path):
    files = [str(path) for path in write(tmp_path)]
    for verb, more in (("explain", ["--seeds", "2"]), ("who", [])):
        out = tmp_path / verb
        result = CliRunner().invoke(main, [verb, *files, *more, "--report", str(out), "--json", str(tmp_path / f"{verb}.json")])
        assert result.exit_code == 0, result.output
        told = json.loads((tmp_path / f"{verb}.json").read_text())
        assert told["reproduce"].startswith(f"omnisim {verb} ")
        page = (out / "report.html").read_text(encoding="utf-8")
        assert "<script" not in page
        assert told["reproduce"].split(" --report")[0] in page.replace("&#39;", "'")
    assert "context.hub" in page or (tmp_path / "explain" / "figures" / "shares.svg").exists()
    wrong = CliRunner().invoke(main, ["explain", *files, "--kpi", "ebitt"])
    assert wrong.exit_code == 2
    assert "Traceback" not in wrong.output
    assert CliRunner().invoke(main, ["explain", files[0], files[0]]).exit_code == 2
    assert CliRunner().invoke(main, ["explain", *files, "--lever", "x"]).exit_code == 2
