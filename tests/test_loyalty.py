"""Customers over time: who comes again, who leaves, who tells others; both engines, and laws that know nothing of them."""

import math
import pathlib
from collections import defaultdict

import numpy as np
import pytest
from worlds import load_world, world

import omnisim as om
from omnisim import draws
from omnisim.agreement import first_difference
from omnisim.budget import Budget
from omnisim.calibrate import repurchase
from omnisim.engines import compiled, reference
from omnisim.engines.compiled import Run
from omnisim.kpis import columns
from omnisim.kpis.measuring import measure
from omnisim.ledger import order_margin_2, post
from omnisim.records import CUSTOMER, Keep
from omnisim.replications import Worth
from omnisim.rules import loyalty, person
from omnisim.tables import Tables
from omnisim.words import Carried, End, Goal, Parting

WEEK = 7 * 86400.0
LOW = (1 << 32) - 1
SHOP = """
omnisim: 1
name: again
clock: {horizon: HORIZON}
demand: {shoppers: {goal: shop, at: {"2001-01-01 00:00": 3000}, enter: {web: 1}}}
channels: {web: {sell: true, browse: {time: {law: constant, value: 0 s}}}}
journey: {shop: {cart: {web: 1}, buy: {web: 1}, carry: {web: true}}}
catalog: {products: {thing: {share: 1, price: 75 USD, margin: 40 %}}}
relationship: RELATIONSHIP
"""


def shop(folder, relationship, horizon="273 d", **sets):
    path = folder / "again.yaml"
    path.write_text(SHOP.replace("HORIZON", horizon).replace("RELATIONSHIP", relationship), encoding="utf-8")
    return Tables.build(om.load(path).with_({k.replace("__", "."): v for k, v in sets.items()}))


def followed(folder, least=12):
    """(seed, tables) of generated worlds in which customers are followed."""
    found = []
    for seed in range(1, 400):
        if "relationship" in world(seed):
            found.append((seed, Tables.build(load_world(folder, seed))))
            if len(found) == least:
                break
    return found


def test_a_fit_of_simulated_histories_finds_the_parameters_again(tmp_path):
    """Law: a cohort simulated with BG/NBD, 39 weeks, is fitted by the parameters it was made of, within 2 standard errors."""
    truth = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
    t = shop(tmp_path, f"{{repurchase: {{shoppers: {{bg_nbd: {truth}}}}}}}".replace("'", ""))
    seen = compiled.run(t, 3)
    assert first_difference(seen, reference.run(t, 3)) is None
    x, t_x, T = repurchase.histories(seen.orders["k"], seen.orders["placed"] / WEEK, 39.0)
    assert len(x) == 3000
    fit = repurchase.bg_nbd(x, t_x, T)
    for name, error in zip(truth, fit.errors, strict=True):
        assert abs(getattr(fit, name) - truth[name]) < 2 * error, (name, fit)
    mean, error = x.mean(), x.std() / math.sqrt(len(x))
    assert abs(mean - repurchase.BgNbd(**truth, errors=(0,) * 4, log_likelihood=0, customers=0).expected(39.0)) < 3 * error


def test_cdnow_gives_the_published_digits(root: pathlib.Path):
    """Fader, Hardie, Lee (2005): r .243, alpha 4.414, a .793, b 2.426, log likelihood -9582.4."""
    path = root.parent / "shared" / "data" / "cdnow_summary_with_transactions.csv"
    if not path.exists():
        pytest.skip(f"../shared/data/{path.name} is not on this machine")
    rows = np.genfromtxt(path, delimiter=",", names=True)
    fit = repurchase.bg_nbd(rows["x"], rows["t_x"], rows["T"])
    assert (round(fit.r, 3), round(fit.alpha, 3), round(fit.a, 3), round(fit.b, 3)) == (0.243, 4.414, 0.793, 2.426)
    assert round(fit.log_likelihood, 1) == -9582.4
    assert fit.customers == 2357


def test_impossible_histories_are_refused():
    for x, t_x, T in (([1], [5.0], [4.0]), ([0], [1.0], [4.0]), ([-1], [0.0], [4.0]), ([0.5], [1.0], [4.0]), ([1, 2], [1.0], [4.0])):
        with pytest.raises(ValueError):
            repurchase.bg_nbd(x, t_x, T)
    with pytest.raises(ValueError, match="nobody bought twice"):
        repurchase.bg_nbd([0, 0], [0.0, 0.0], [4.0, 4.0])


@pytest.mark.parametrize("engine", ["compiled", "reference"])
def test_selection_illusion(root: pathlib.Path, engine):
    """Law: with no causal effect of linked channels the naive ratio is well above 1, and the paired difference is 0 exactly."""
    folder = root / "scenarios" / "selection-illusion"
    files = [
        om.load(folder / f"{name}.yaml").with_({"scale": 0.1 if engine == "reference" else 1.0}) for name in ("multichannel", "omnichannel")
    ]
    made = om.compare(files, seeds=2, engine=engine)
    for answer in made.answers:
        ratio = answer.kpi("omnichannel_premium")
        assert ratio.mean > 2.0
    same = {"net_sales", "orders", "customer_lifetime_value", "retention", "cm3", "omnichannel_premium", "existing_customer_share"}
    differences = {d.kpi: d for d in made.differences if d.scope == ()}
    assert same <= differences.keys()
    for kpi in same:
        assert (differences[kpi].difference, differences[kpi].low, differences[kpi].high) == (0.0, 0.0, 0.0), kpi
    assert differences["ebit"].difference == -differences["hub_cost"].difference == -900.0 * 365


def test_a_relationship_that_says_nothing_changes_nothing(tmp_path):
    """Law: absent means off; with every value neutral all rows are those without the block, but for what is said of customers."""
    count = 0
    for seed in range(1, 40):
        w = world(seed)
        if w.pop("relationship", None) is None:
            continue
        for kind in w.get("customers", {}).get("segments", {}).values():
            kind.pop("existing", None), kind.pop("frequency_factor", None)
        count += 1
        path = tmp_path / f"{seed}.yaml"
        path.write_text(__import__("json").dumps(w), encoding="utf-8")
        without = Tables.build(om.load(path))
        w["relationship"] = {"satisfaction": {"weight": 0.5}, "effort": {"repeat": 1}, "defection": {}, "referral": {}}
        path.write_text(__import__("json").dumps(w), encoding="utf-8")
        said = Tables.build(om.load(path))
        one, other = reference.run(without, seed), reference.run(said, seed)
        assert one.events == other.events
        assert len(one.customers) == 0
        for kind in ("touches", "journeys", "orders", "stints"):
            a, b = getattr(one, kind), getattr(other, kind)
            for name in a.dtype.names:
                if name not in ("bond", "effort", "satisfaction", "before"):
                    assert a[name].tobytes() == b[name].tobytes(), (seed, kind, name)
    assert count > 8


def test_customers_add_up_in_every_world(tmp_path):
    """Laws of the rows of customers over generated worlds."""
    happened = set()
    for seed, t in followed(tmp_path, 40):
        seen = compiled.run(t, seed)
        check_customers(t, seen)
        happened |= {Parting(int(e)).name for e in seen.customers["end"]}
        happened |= {name for name in ("told_by", "dues", "renewals", "issues", "fees") if (seen.customers[name] > 0).any()}
        happened |= {"again"} if (seen.journeys["need"] >> np.uint64(32) > 0).any() else set()
        happened |= {"existing"} if seen.customers["existing"].any() else set()
        happened |= {"won"} if (seen.customers["existing"] == 0).any() else set()
    assert happened == {"STAYS", "DEFECTED", "STOPPED", "told_by", "dues", "renewals", "issues", "fees", "again", "existing", "won"}


def check_customers(t, seen):
    """Law: a customer is one row; his needs, purchases, issues and money are those of his journeys and orders."""
    c = seen.customers
    assert len(np.unique(c["number"])) == len(c)
    journeys, orders = defaultdict(list), defaultdict(list)
    for j in seen.journeys:
        journeys[int(j["source"]), int(j["k"])].append(j)
    for o in seen.orders:
        orders[int(o["source"]), int(o["k"])].append(o)
    by_number = {int(row["number"]): row for row in c}
    # where goods are picked later, what an order is worth and whether it is cancelled may change after the purchase: that is not followed
    may_change = t.has_nodes or t.shop.rules[0]["picks"] >= 0
    for row in c:
        mine = journeys[int(row["source"]), int(row["k"])]
        own = sorted(int(j["need"]) >> 32 for j in mine if j["parent"] < 0)
        assert own == list(range(int(row["needs"]))), "his needs are numbered without a gap"
        closed = [j for j in mine if j["end"] != End.OPEN]
        sold = list(orders[int(row["source"]), int(row["k"])])
        kept = [o for o in sold if o["state"] != Carried.CANCELLED]
        markov = sum(j["goal"] == Goal.MARKOV and j["end"] == End.CONVERTED for j in closed)
        assert row["purchases"] >= len(kept) + markov
        if not may_change:
            assert row["purchases"] == len(kept) + markov
            assert row["margin"] == sum(order_margin_2(o) for o in kept)
            assert row["sales"] == sum(int(o["sales"] - o["discount"] - o["refund"]) for o in kept)
        after = [j for j in closed if j["goal"] == Goal.ISSUE and int(j["need"]) & 7 != 6 and not j["ended"] < row["began"]]
        assert row["issues"] == len(after)
        assert row["renewals"] <= row["dues"]
        assert (row["end"] == Parting.STAYS) == math.isnan(row["ended"])
        assert 0.0 <= row["satisfaction"] <= 1.0
        assert sum(j["bond"] == 2 for j in mine) <= (row["end"] == Parting.DEFECTED)
        if not math.isnan(row["ended"]):
            assert all(j["arrived"] <= row["ended"] for j in mine if j["parent"] < 0), "who has left has no further need of his own"
        if row["told_by"] >= 0 and int(row["told_by"]) in by_number:
            assert by_number[int(row["told_by"])]["told"] > 0
        before = sorted(sold, key=lambda o: o["placed"])
        for n, o in enumerate([] if may_change else before):
            earlier = any(p["state"] != Carried.CANCELLED for p in before[:n])
            assert o["before"] == int(bool(row["existing"]) or earlier)


def test_stopped_and_resumed_with_little_room_it_is_the_same_run(tmp_path):
    for seed, t in followed(tmp_path, 8):
        keep = Keep()
        run = Run(t, seed, Budget(), keep, rows=8)
        while not run.advance(t.horizon_s / 2, 17):
            run.drain()
        run.go()
        assert keep.records(seed, run.end_s, run.events).digest() == reference.run(t, seed).digest()


def test_memory_follows_those_who_will_come_again(tmp_path):
    """Who stops, or comes again after the end of the run only, keeps no row."""
    rows = []
    for gap in ("1000 d", "20 d"):
        t = shop(
            tmp_path,
            f"{{repurchase: {{shoppers: {{gap: {{law: constant, value: {gap}}}, stop: .9}}}}}}",
            demand__shoppers__at='{"00:00": 300}',
        )
        run = Run(t, 1, Budget(), Worth(t))
        run.go()
        rows.append(len(run.state.bonds))
        assert run.state.run[0]["bonds"] == 273 * 300
    assert rows[0] <= 512, "nobody comes again within the run"
    assert rows[1] <= 16384, "twenty days of newcomers, and few who stayed"


def test_the_chance_to_leave_is_what_was_said(tmp_path):
    """Outcome by outcome the share of journeys after which customers leave is the stated one, within 3 standard errors."""
    path = tmp_path / "w.yaml"
    path.write_text(
        "omnisim: 1\nname: w\nclock: {horizon: 100 h}\ndemand: {q: {goal: issue, rate: 3 /min, enter: {c: 1}}}\n"
        "channels: {c: {help: {mode: live, handling: {law: exponential, mean: 1 min}, resolve: .5}}}\n"
        "staffing: {pools: {p: {agents: 12, skills: {c: {}}}}}\n"
        "journey: {issue: {retry: {after_unresolved: .5, delay: {law: constant, value: 1 min}}}}\n"
        "relationship: {defection: {first_contact: 5 %, repeated: 9 %, unresolved: 25 %}}\n",
        encoding="utf-8",
    )
    answer = om.run(path, seeds=1)
    seen = om.simulate(path, seed=1)
    j = seen.journeys[seen.journeys["end"] != End.OPEN]
    kinds = {"first": (j["first_resolved"] == 1, 0.05), "lost": (j["end"] == End.LOST, 0.25)}
    kinds["repeated"] = ((j["first_resolved"] == 0) & (j["end"] == End.RESOLVED), 0.09)
    expected = 0.0
    for mask, p in kinds.values():
        n = mask.sum()
        assert n > 1000
        assert abs((j["bond"][mask] == 2).mean() - p) < 3 * math.sqrt(p * (1 - p) / n)
        expected += p * n / len(j)
    assert answer.kpi("defection_rate").mean == pytest.approx(expected, abs=0.01)
    assert answer.kpi("retention").mean == pytest.approx(1 - expected, abs=0.01)


def test_the_chance_to_leave_falls_with_satisfaction_and_grows_with_effort():
    r = np.zeros(1, loyalty.LOYALTY)
    r[0]["h_first"], r[0]["h_repeated"], r[0]["h_unresolved"], r[0]["start"] = 0.05, 0.09, 0.25, 0.7
    issue, resolved, lost = int(Goal.ISSUE), int(End.RESOLVED), int(End.LOST)
    assert [loyalty.hazard(issue, resolved, 1, 0.0, s, r[0]) for s in (0.0, 1.0)] == [0.05, 0.05], "insensitive: satisfaction is nothing"
    assert loyalty.hazard(issue, lost, 0, 0.0, 0.3, r[0]) == 0.25
    r[0]["h_effort"], r[0]["h_satisfaction"] = 0.02, 1.5
    chances = [loyalty.hazard(issue, resolved, 0, 1.0, s, r[0]) for s in np.linspace(0, 1, 11)]
    assert chances == sorted(chances, reverse=True)
    assert loyalty.hazard(issue, resolved, 0, 1.0, 0.7, r[0]) == pytest.approx(0.11)
    assert loyalty.hazard(issue, lost, 0, 40.0, 0.0, r[0]) == 1.0


def test_loyalty_pair_gains_a_few_points(root: pathlib.Path):
    """Linked channels keep some customers more a year: more than none, and no fifty points."""
    folder = root / "scenarios" / "loyalty"
    made = om.compare([folder / "multichannel.yaml", folder / "omnichannel.yaml"], seeds=4)
    kept = next(d for d in made.differences if d.kpi == "retention" and d.scope == ())
    assert 0.0 < kept.difference < 0.06
    lost = next(d for d in made.differences if d.kpi == "defection_rate" and d.scope == ())
    assert lost.difference < 0.0


def test_word_of_mouth_brings_newcomers_and_warnings_keep_them_away(tmp_path):
    told = "referral: {share: .2, promoter: 0}"
    plain = measure_of(shop(tmp_path, "{}"))
    promoted = measure_of(shop(tmp_path, f"{{{told}}}"))
    warned = measure_of(shop(tmp_path, "{referral: {share: .2, promoter: 0, warns: .1, detractor: 1}}"))
    assert plain["customers"] == 3000
    assert promoted["customers"] == pytest.approx(3000 / 0.8, rel=0.02), "each brings .2, each of these .2 ..."
    assert promoted["referred_share"] == pytest.approx(0.2, abs=0.01)
    assert 3000 < warned["customers"] < promoted["customers"]


def test_subscriptions_are_renewed_until_they_lapse(tmp_path):
    box = "{subscription: {share: 1, period: 30 d, renew: .8, fee: 10 USD, margin: 50 %}}"
    t = shop(tmp_path, box)
    seen = compiled.run(t, 1)
    assert first_difference(seen, reference.run(t, 1)) is None
    got = measure_of(t)
    assert got["renewal_rate"] == pytest.approx(0.8, abs=0.01)
    dues = sum(0.8**n for n in range(9))  # 30 d, 60 d ... 270 d: nine times
    assert seen.customers["dues"].mean() == pytest.approx(dues, rel=0.02)
    assert got["recurring_revenue"] == 10 * seen.customers["renewals"].sum()
    assert got["subscription_margin"] == 5 * seen.customers["renewals"].sum()
    books = post(t, seen)
    assert books.accounts["subscriptions"] == -500 * seen.customers["renewals"].sum()
    assert got["cm4"] == pytest.approx(got["cm3"] + got["subscription_margin"])


def test_who_comes_again_costs_nothing_to_win(tmp_path):
    again = "{repurchase: {shoppers: {gap: {law: exponential, mean: 30 d}}}, referral: {share: .1, promoter: 0}}"
    t = shop(tmp_path, again, costs='{"acquisition": {"web": "2 USD"}}')
    got = measure_of(t)
    assert got["marketing_cost"] == 2 * 3000
    assert got["acquisition_cost"] == pytest.approx(6000 / got["customers"])
    assert got["existing_customer_share"] > 0.7


def measure_of(t, seed=1):
    values = measure(t, compiled.run(t, seed)).value
    return {c.kpi: v for c, v in zip(columns(t), values, strict=True) if c.scope == ()}


def test_a_year_has_months_growth_and_closing_days(tmp_path):
    path = tmp_path / "y.yaml"
    months = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 3]
    path.write_text(
        'omnisim: 1\nname: y\nclock: {start: "2026-01-01 00:00", horizon: 730 d}\n'
        f"demand: {{q: {{goal: issue, rate: 200 /d, growth: .2, profile: {{monthly: {months}}}, enter: {{c: 1}}}}}}\n"
        'channels: {c: {hours: "Mon-Sun 08:00-20:00", closed_days: ["2026-12-25", "2026-05-01"], '
        "help: {mode: live, handling: {law: constant, value: 1 s}}}}\n"
        "staffing: {pools: {p: {agents: 30, skills: {c: {}}}}}\n",
        encoding="utf-8",
    )
    t = Tables.build(om.load(path))
    few = Tables.build(om.load(path).with_({"scale": 0.02}))
    assert first_difference(compiled.run(few, 1), reference.run(few, 1)) is None
    seen = compiled.run(t, 1)
    day = (seen.touches["arrived"] // 86400).astype(int)
    closed = seen.touches["outcome"] == 4
    for when in (358, 120):
        assert closed[day == when].all()
    noon = (seen.touches["arrived"] % 86400 > 43200) & (seen.touches["arrived"] % 86400 < 43201 + 7 * 3600)
    assert not closed[noon & (day != 358) & (day != 120)].any()
    counts = np.bincount(day, minlength=730)
    december, january, next_january = counts[334:365].mean(), counts[:31].mean(), counts[365:396].mean()
    assert december / january == pytest.approx(3 * 1.2 ** (11 / 12), rel=0.05)
    assert next_january / january == pytest.approx(1.2, rel=0.05)
    scale = 200 / (sum(months) / 12)
    assert january == pytest.approx(scale, rel=0.05)


def test_a_customer_of_before_is_who_he_was(tmp_path):
    """The rules alone: `begin_bond` follows who came, `introduce` whom he told, `come_again` brings either back, `falls_due` renews."""
    t = shop(tmp_path, "{subscription: {share: 1, period: 1 d, renew: 1, fee: 3 USD}}")
    customers, bonds, known = np.zeros(2, CUSTOMER), np.zeros(2, loyalty.BOND), np.zeros((2, 0))
    people, visits, lived = np.zeros(3, person.PERSON), np.zeros((3, 1), np.int64), np.zeros((3, 1))
    key0, key1 = draws.customer_key(1, t.source[0]["hash"], 5, 0)
    came = (t.source, t.stream, t.segment, t.enter, t.preceded, t.shop.region_upto)
    person.admit(people, 0, visits, lived, key0, key1, 17, 0, 5, 60.0, *came)
    loyalty.begin_bond(customers, bonds, 0, known, people, 0, 0, 60.0, t.segment, t.loyalty.rules)
    bonds[0]["wrote"][0], bonds[0]["origins"][0] = 70.0, 1
    loyalty.introduce(customers, bonds, 1, known, people, 0, 1, 70.0, t.loyalty.rules)
    for m, i in ((0, 1), (1, 2)):
        loyalty.come_again(customers, bonds, m, known, people, i, visits, lived, 1, 20 + i, 90.0, *came)
    again, new = people[1], people[2]
    assert (again["k"], again["need"], again["bond"], again["customer"]) == (5, 1 << 32, 0, 21)
    assert (again["wrote"][0], again["origins"][0]) == (70.0, 1)
    assert (again["key0"], again["key1"]) == draws.customer_key(1, t.source[0]["hash"], 5, 1 << 32)
    assert new["k"] >= loyalty.TOLD_FROM
    assert (new["need"], new["origins"][0], customers[1]["told_by"], customers[1]["customer"]) == (0, 0, 0, 22)
    assert (customers["needs"] == (2, 1)).all()
    customers[0]["subscribed"] = 1
    limits = np.array([200_000.0, 0, 0, 0, 0])
    assert loyalty.falls_due(customers, 0, 90.0, limits, t.source, 1, t.loyalty.rules) == 90.0 + 86400.0
    assert (customers[0]["renewals"], customers[0]["fees"]) == (1, 300)
    customers[0]["end"] = Parting.DEFECTED
    assert loyalty.falls_due(customers, 0, 90.0, limits, t.source, 1, t.loyalty.rules) == math.inf
