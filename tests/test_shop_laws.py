"""Laws of shopping over generated shops: both engines tell the same story, no order is lost, what is neutral is absent.

Each law is checked on the records by arithmetic that knows nothing of the engines.
"""

import dataclasses
import itertools
import os
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest
from draw_audit import audit
from shop_tables import add_laws, neutral, shop_file, shop_tables, shoppers
from worlds import load_world

import omnisim as om
from omnisim.agreement import first_difference
from omnisim.budget import Budget
from omnisim.engines import compiled, reference
from omnisim.engines.compiled import Run, kernel
from omnisim.records import MONEY, Keep
from omnisim.rules.orders import ALL, ASK_STAGE, DUE_STAGE, LATE_STAGE, PADDING, PICK_STAGE, RETURN_STAGE, is_over
from omnisim.rules.shopdata import REGION
from omnisim.tables import Tables
from omnisim.words import Bot, Carried, End, Goal, LawCode, Message, Mode, Need, Outcome, Policy, Reason, Step, Warned, Way

ROOT = Path(__file__).resolve().parent.parent
WORLDS = range(1, 201)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("shops")


@pytest.mark.parametrize("batch", range(8))
def test_both_engines_tell_the_same_story_and_the_laws_hold(folder, batch):
    happened: Counter[str] = Counter()
    for seed in WORLDS[batch::8]:
        t = shop_tables(folder, seed)
        seen = reference.run(t, seed)
        assert first_difference(seen, compiled.run(t, seed)) is None, seed
        check_steps(t, seen)
        check_orders(t, seen)
        check_needs(t, seen)
        happened.update(Step(int(s)).name for s in seen.touches["step"])
        happened.update(Reason(int(s)).name for s in seen.touches["reason"])
        happened.update(Need(int(n) % 8).name for n in seen.journeys["need"])
        happened.update(Way(int(w)).name for w in seen.orders["way"])
        happened.update(f"kept {int(k)}" for k in seen.touches["kept"])
        happened.update(f"answered {int(k)}" for k in seen.journeys["asked"])
        happened.update(f"messaged {int(k)}" for k in seen.touches["messaged"])
        happened.update(f"end {int(k)}" for k in seen.journeys["end"])
    words = [*Step.__members__, "TAKEN", "HOME", "PICKUP", *Need.__members__, "ACCOUNT", "TRUST", "COST", "DELIVERY", "WAIT", "CONTEXT"]
    words += [f"kept {k}" for k in (-1, 0, 1)] + [f"answered {k}" for k in range(4)] + [f"messaged {k}" for k in range(4)]
    missing = [w for w in words if happened[w] == 0]
    assert missing == []


def check_steps(t, seen):
    """Law: every ended touch of a shopper has one step, and a journey ends as its last step says."""
    shop = seen.touches["goal"] == Goal.SHOP
    others = seen.touches[~shop]
    for field, value in (("step", 0), ("reason", 0), ("kept", -1), ("messaged", 0)):
        assert (others[field] == value).all()
    assert (others["front"] == others["channel"]).all()
    mine = seen.touches[shop]
    handed_on = (mine["bot"] == Bot.ESCALATED) | ((mine["transfer"] >= 0) & (mine["outcome"] == Outcome.HANDLED))
    message = (mine["outcome"] == Outcome.DEFLECTED) & (t.channel["message_to"][mine["channel"]] >= 0)
    handed_on |= message & (mine["step"] == Step.NONE)  # a question that goes on to an inbox; a visit has a step
    told = (mine["outcome"] != Outcome.OPEN) & (mine["aside"] == 0) & ~handed_on
    assert ((mine["step"] != Step.NONE) == told).all()
    why = np.isin(mine["step"], (Step.LEAVES, Step.DROPS, Step.RETURNS))
    assert ((mine["reason"] != Reason.NONE) == why).all()
    assert np.isin(mine["messaged"], list(Message)).all()
    assert (mine["messaged"][mine["unsubscribed"] > 0] > 0).all()
    assert np.isin(mine["step"][mine["messaged"] > 0], (Step.DROPS, Step.RETURNS)).all()
    assert (mine["step"][np.isin(mine["messaged"], (Message.CLICKED, Message.ANYWAY))] == Step.RETURNS).all()
    by = defaultdict(list)
    for row in mine[told][np.argsort(mine[told]["serial"], kind="stable")]:
        by[int(row["customer"])].append(row)
    endings = {Step.BUYS: {End.CONVERTED}, Step.LEAVES: {End.LEFT}, Step.DROPS: {End.LEFT}, Step.SWITCHES: {End.OPEN, End.OUTSIDE}}
    for j in seen.journeys[seen.journeys["goal"] == Goal.SHOP]:
        rows = by[int(j["customer"])]
        steps = [Step(int(r["step"])) for r in rows]
        if steps:
            assert (j["step"], j["reason"]) == (steps[-1], rows[-1]["reason"])
            if End(int(j["end"])) != End.OPEN or steps[-1] in (Step.BUYS, Step.LEAVES, Step.DROPS):
                assert End(int(j["end"])) in endings[steps[-1]]
        assert steps.count(Step.ASKS) == int(j["asked"] > 0) <= 1
        assert sum(s in (Step.DROPS, Step.BUYS, Step.RETURNS) for s in steps) == j["checkouts"]
        assert j["padded"] <= j["below"]
        for a, b in itertools.pairwise(rows):
            if a["step"] == Step.ASKS:
                assert b["front"] == a["channel"]
                assert b["mode"] != Mode.BROWSE or t.mode[b["channel"]] == Mode.BROWSE or b["bot"] != Bot.NONE
            if a["step"] in (Step.RETURNS, Step.SWITCHES):
                assert b["front"] == b["channel"]


def what_carriage_costs(t, o):
    """For each order: whether its carriage costs something for certain, and whether it can at all."""
    r, none = t.shop.rules[0], np.zeros(len(o), bool)
    if not t.has_money:
        return none, none
    tariff = bool(r["card"] or r["parcel"] > 0)
    own = [int(c) for c in range(r["carriers"]) if r["carrier_own"][c] == 1]
    any_tariff = tariff or any(r["carrier_parcel"][c] > 0 for c in own)
    every_tariff = tariff and all(r["carrier_parcel"][c] > 0 for c in own)
    stops = bool((t.shop.regions["stop"] > 0).any()) if len(t.shop.regions) else False
    theirs = t.shop.front["fulfils"][o["channel"]] == 1
    collected = (o["way"] == Way.PICKUP) & (r["pickup_cost"] > 0)
    home = (o["way"] == Way.HOME) & ~theirs
    surely, perhaps = collected | (home & every_tariff), collected | (home & (any_tariff or stops))
    for k, way in enumerate((Way.EXPRESS, Way.TO_STORE, Way.POINT)):
        mine, factor, cost = (o["way"] == way) & ~theirs, r["more_factor"][k], r["more_cost"][k]
        surely |= mine & bool(cost > 0 or (every_tariff and factor > 0))
        perhaps |= mine & bool(cost > 0 or (any_tariff and factor > 0) or (stops and way == Way.EXPRESS))
    return surely, perhaps


def check_orders(t, seen):
    """Law: an order for every converted shopper, in one state; its amounts are whole, none negative, and add up."""
    o = seen.orders
    converted = seen.journeys[(seen.journeys["goal"] == Goal.SHOP) & (seen.journeys["end"] == End.CONVERTED)]
    buys = seen.touches[seen.touches["step"] == Step.BUYS]
    assert sorted(o["customer"]) == sorted(converted["customer"]) == sorted(buys["customer"])
    sold = {int(b["customer"]): b for b in buys}
    for row in o:
        b = sold[int(row["customer"])]
        assert (row["placed"], row["channel"], row["k"], row["source"]) == (b["ended"], b["front"], b["k"], b["source"])
    still = (o["next"] < np.inf) | (o["waits"] == 1) | (o["loose"] == 1)
    assert not still[: int((~still).sum())].any(), "what is finished comes first"
    assert (np.diff(o["customer"][still]) > 0).all()
    if t.drain:
        assert (o["waits"][still] == 1).all(), "nobody has picked it"
    else:
        assert (o["next"][still] >= t.horizon_s).all()
    for name in MONEY:
        assert (o[name] >= 0).all(), name
    paid = o["sales"] - o["discount"]
    assert (o["refund"] <= paid).all()
    whole = (o["returned"] == ALL) & (o["exchanged"] == 0)
    assert (o["refund"][whole] == paid[whole]).all()
    assert (o["padded"][o["returned"] == PADDING] == 1).all()
    assert (o["restocked"] <= o["goods"]).all()
    assert (o["restocked"][o["written_off"] > 0] == 0).all()
    assert ((o["exchanged"] == 0) | ((o["returned"] == ALL) & (o["refund"] == 0))).all()
    r = t.shop.rules[0]
    sent = o["state"] != Carried.CANCELLED
    theirs = t.shop.front["fulfils"][o["channel"]] == 1
    surely, perhaps = what_carriage_costs(t, o)
    over_the_border = np.isin(o["way"], (Way.HOME, Way.EXPRESS, Way.POINT))
    duty = over_the_border * t.shop.regions["duty"][o["region"]] if len(t.shop.regions) else np.zeros(len(o))
    assert (o["carriage"] > 0)[surely & sent].all(), "whatever is sent or kept for collection is paid for, where that costs"
    assert (o["carriage"] == 0)[~(perhaps & sent) & (duty == 0)].all(), "and nothing is paid where it does not"
    assert (o["carriage"] >= np.floor(duty * paid + 0.5)).all(), "and the border too"
    assert (theirs <= (o["way"] != Way.PICKUP)).all(), "nobody picks up what a marketplace sends"
    assert (o["node"][theirs] < 0).all()
    back_by_post = (o["returned"] > 0) & (o["return_store"] == 0) if r["postage_paid"] > 0 else np.zeros(len(o), bool)
    assert (o["fee_asked"][np.isin(o["way"], (Way.TAKEN, Way.PICKUP))] == 0).all()
    assert (o["fee_asked"][o["padded"] == 1] == 0).all()
    at_par = t.shop.regions["fx"][o["region"]] == 0 if len(t.shop.regions) else np.ones(len(o), bool)
    plain_fee = sent & ~back_by_post & at_par
    assert (o["fee"][plain_fee] == o["fee_asked"][plain_fee]).all()
    assert (o["state"][o["way"] == Way.TAKEN] != Carried.PLACED).all()
    assert (np.isnan(o["returns_at"]) == (o["returned"] == 0)).all()
    assert ((o["state"] == Carried.RETURNED) == ((o["done"] & RETURN_STAGE) > 0)).all()
    assert ((o["state"] == Carried.PLACED) == ((o["done"] & DUE_STAGE) == 0)).all()
    assert (np.array([o[name] for name in MONEY])[:, ~sent] == 0).all()
    late = ~np.isnan(o["promised"]) & (o["due"] > o["promised"]) & (o["way"] == Way.HOME)
    assert (o["late"][o["way"] == Way.HOME] == late[o["way"] == Way.HOME]).all()
    if not t.has_money:
        assert all((o[name] == 0).all() for name in MONEY)


def check_needs(t, seen):
    """Law: every need comes from an order that says so, at the moment it says; who has it is the buyer."""
    journeys = {int(j["customer"]): j for j in seen.journeys}
    found = Counter()
    orders = {int(o["customer"]): o for o in seen.orders}
    for j in seen.journeys:
        if j["parent"] < 0:
            assert int(j["need"]) & 0xFFFFFFFF == 0
            continue
        o, buyer = orders[int(j["parent"])], journeys[int(j["parent"])]
        assert int(j["need"]) >> 32 == int(buyer["need"]) >> 32, "it belongs to the need of his own that it arose from"
        need = int(j["need"]) & 0xFFFFFFFF
        assert need < 8, "a need that arose has no orders of its own"
        assert o["needs"] >> need & 1
        assert j["goal"] == Goal.ISSUE
        for field in ("source", "k", "stream", "segment", "region"):
            assert j[field] == buyer[field]
        when = {Need.QUESTION: "asks_at", Need.LATE: "promised", Need.RETURN: "returns_at", Need.BRING: "returns_at", Need.PICK: "placed"}
        when = "warned_at" if need == Need.LATE and o["warned"] == Warned.FALSELY else when.get(Need(need), "due")
        assert j["arrived"] == o[when]
        found[int(j["parent"]), need] += 1
    expected = Counter()
    for number, o in orders.items():
        back = Need.BRING if o["needs"] >> Need.BRING & 1 else Need.RETURN
        for bit, need in ((ASK_STAGE, Need.QUESTION), (LATE_STAGE, Need.LATE), (RETURN_STAGE, back), (PICK_STAGE, Need.PICK)):
            if o["done"] & bit and o["needs"] >> need & 1:
                expected[number, int(need)] += 1
        if o["done"] & DUE_STAGE and o["way"] != Way.TAKEN:
            for need in (Need.FAULTY, Need.COLLECT):
                if o["needs"] >> need & 1:
                    expected[number, int(need)] += 1
                    break
    assert found == expected
    assert sorted(journeys) == list(range(len(seen.journeys)))


def test_stopped_and_resumed_with_little_room_it_is_the_same_run(folder):
    for seed in (3, 11, 14, 21, 36):
        t = shop_tables(folder, seed)
        keep = Keep()
        run = Run(t, seed, Budget(), keep, rows=8)
        for until in (t.horizon_s / 3, t.horizon_s / 2):
            while not run.advance(until, 17):
                run.drain()
        run.go()
        assert keep.records(seed, run.end_s, run.events).digest() == reference.run(t, seed).digest()


def test_the_kernel_has_one_signature_with_shops_and_without(folder, tmp_path):
    for seed in range(1, 12):
        compiled.run(shop_tables(folder, seed), seed)
        compiled.run(Tables.build(load_world(tmp_path, seed)), seed)
    assert len(kernel.advance.signatures) == len(kernel.start.signatures) == 1


def test_a_shop_that_nobody_comes_to_changes_nothing(folder, tmp_path):
    """Law: with no stream that comes to buy, the fullest shop is the same as none, to the bit."""
    for seed in range(1, 30):
        t = Tables.build(load_world(tmp_path, seed, shop=False))
        n = len(t.channels)
        other = next(x for s in range(1, 200) if len((x := shop_tables(folder, s)).channels) >= n)
        shop = dataclasses.replace(
            other.shop, front=other.shop.front[:n].copy(), asks=other.shop.asks[:n, :n].copy(), switch=other.shop.switch[:n, : n + 1].copy()
        )
        assert reference.run(dataclasses.replace(t, shop=shop), seed).digest() == reference.run(t, seed).digest()


def test_a_longer_horizon_extends_the_orders_of_the_shorter(folder):
    checked = 0
    for seed in WORLDS:
        w = shop_file(seed)
        clock = {**w["clock"], "at_end": "cut", "warmup": "0 s"}
        fixed = any("volume" in s for s in w["demand"].values())
        if fixed or any(isinstance(p.get("agents"), list) for p in w["staffing"]["pools"].values()):
            continue
        short, long = (compiled.run(shop_tables(folder, seed, clock={**clock, "horizon": h}), seed) for h in ("4 h", "6 h"))
        n = sum(bool(is_over(o)) for o in short.orders)
        m = int((short.journeys["end"] != End.OPEN).sum())
        for rows, more in ((short.orders[:n], long.orders[:n]), (short.journeys[:m], long.journeys[:m])):
            for field in rows.dtype.names:
                assert rows[field].tobytes() == more[field].tobytes(), (seed, field)
        checked += 1
    assert checked >= 20


# ---- one shop, changed in one place ------------------------------------------------------------------------------

PLAIN = """
omnisim: 1
name: t
clock: {{horizon: {hours} h, at_end: drain}}
demand: {{shoppers: {{goal: markov, rate: {rate} /h, enter: {{web: .7, store: .3}}}}}}
channels:
  web: {{browse: {{time: {{law: lognormal, mean: {browse} s, cv: 1}}}}}}
  store: {{browse: {{time: {{law: exponential, mean: {browse} s}}}}}}
  chat: {{help: {{mode: live, handling: {{law: exponential, mean: {talk} s}}}}}}
  phone: {{help: {{mode: live, handling: {{law: exponential, mean: {talk} s}}}}}}
staffing: {{pools: {{all: {{agents: 40, skills: {{chat: {{}}, phone: {{}}}}}}}}}}
journey: {{markov: {{switch: {{}}, convert: {{}}}}}}
context: {{preset: {preset}, self_service_counts: false}}
"""
STEPS = ("k", "serial", "channel", "arrived", "ended", "step", "reason", "messaged")


def plain(folder, factor=1, preset="multichannel", **shop):
    """A shop without queues that matter, with everything switched on; times are multiplied by `factor`."""
    path = folder / f"plain{factor}{preset}.yaml"
    path.write_text(
        PLAIN.format(hours=16 * factor, rate=64 / factor, browse=128 * factor, talk=64 * factor, preset=preset), encoding="utf-8"
    )
    t = shoppers(Tables.build(om.load(path)))
    hour = 4096.0 * factor
    t, laws = add_laws(t, [(LawCode.EXPONENTIAL, hour, 0.0), (LawCode.LOGNORMAL, 2 * hour, 0.7), (LawCode.CONSTANT, hour, 0.0),
                           (LawCode.CONSTANT, 0.0, 0.0)])  # fmt: skip
    s = neutral(t)
    r, n = s.rules[0], len(t.channels)
    chat, phone, store, web = (t.channels.index(c) for c in ("chat", "phone", "store", "web"))
    for c in (web, store):
        s.front[c]["sell"], s.front[c]["cart"], s.front[c]["buy"], s.front[c]["ask"] = 1, 0.5, 0.6, 0.2
        s.asks[c, chat], s.asks[c, phone] = 0.5, 0.5
    s.front[store]["carry"] = 1
    s.switch[web, store], s.switch[store, web] = 0.3, 0.2
    s.need_to[phone] = s.message_to[web] = s.back_to[n] = 1.0
    r["lead"], r["ready"], r["collect"], r["after"] = laws[1], laws[0], laws[0], laws[2]
    r["message"], r["back"], r["back_most"], r["message_delay"], r["back_delay"] = 0.3, 0.3, 1, laws[0], laws[1]
    r["promise_s"] = 2 * hour
    r["arise"][:] = 0.5
    r["has_money"], r["policy"], r["fee"], r["above"], r["pad"], r["reach"] = 1, Policy.THRESHOLD, 595.0, 7500.0, 0.4, 2.0
    r["fee_weight"], r["lead_weight"], r["delay_weight"], r["delay_scale"] = 12.0, 0.5 / factor, 0.25, 64.0 * factor
    r["pickup"], r["extra"], r["extra_value"], r["extra_sigma"], r["bubble"] = 0.2, 0.3, 2500.0, 0.8, 0.5
    r["parcel"], r["item"], r["return_cost"], r["loss"], r["payment"] = 800.0, 40.0, 1000.0, 0.15, 0.025
    products = np.zeros(1, [(f, s.products.dtype[f]) for f in s.products.dtype.names])
    products = products.astype(s.products.dtype)
    products[0] = (1.0, 3000.0, 0.8, 1.0, 0.4, 0.5, 0.3, 0.1, 0.0)
    s = dataclasses.replace(s, products=products, product_names=["p"])
    for name, value in shop.items():
        if name in r.dtype.names:
            r[name] = {"none": -1, "zero": laws[3]}[value] if isinstance(value, str) else value
        else:
            s = dataclasses.replace(s, **{name: value})
    return dataclasses.replace(t, shop=s)


def region(**values):
    row = np.zeros(1, REGION)
    row["upto"] = row["lead_factor"] = 1.0
    row["store"] = 1
    return row


NEUTRAL = [
    ({"lead": "zero"}, {"lead": "none"}),
    ({"ready": "zero"}, {"ready": "none"}),
    ({"collect": "zero"}, {"collect": "none"}),
    ({"after": "zero"}, {"after": "none"}),
    ({"message_delay": "zero"}, {"message_delay": "none"}),
    ({"back_delay": "zero"}, {"back_delay": "none"}),
    ({"switch_delay": "zero"}, {"switch_delay": "none"}),
    ({"regions": region(), "region_upto": np.ones((1, 1))}, {}),
    ({"policy": Policy.FLAT, "fee": 0.0}, {"policy": Policy.FREE}),
    ({"policy": Policy.THRESHOLD, "above": 0.0}, {"policy": Policy.FREE}),
    ({"free_for": 1}, {"policy": Policy.FREE}),
    ({"pad": 0.0}, {"reach": 0.0}),
    ({"extra": 0.0}, {"extra": 0.0, "extra_value": 0.0}),
    ({"back": 0.0}, {"back_most": 0}),
    ({"fee_weight": 0.0, "pad": 0.0, "fee": 0.0}, {"policy": Policy.FREE, "fee_weight": 7.0}),
    ({"delay_weight": 0.0}, {"delay_weight": 0.0, "delay_scale": 1e9}),
    ({"card": 1, "steps": 1, "up_to": np.array([1e9]), "zones": np.array([[800.0]]), "item": 0.0}, {"item": 0.0}),
]


@pytest.mark.parametrize(("one", "other"), NEUTRAL)
def test_every_neutral_value_is_absence_to_the_bit(folder, one, other):
    assert compiled.run(plain(folder, **one), 2).digest() == compiled.run(plain(folder, **other), 2).digest()


def test_presets_without_effects_or_messages_sell_exactly_the_same(folder):
    off = {"message_to": np.zeros(4), "purchase": 0.0, "cart_lost": 0.0, "contradiction": 0.0}
    rows = [compiled.run(plain(folder, preset=p, **off), 2) for p in ("siloed", "multichannel", "omnichannel")]
    for other in rows[1:]:
        for field in STEPS:
            assert rows[0].touches[field].tobytes() == other.touches[field].tobytes(), field
        for field in rows[0].orders.dtype.names:
            assert rows[0].orders[field].tobytes() == other.orders[field].tobytes(), field


def test_more_needs_change_no_purchase(folder):
    """Law: minimally different worlds: needs that arise from orders have luck of their own; with staff enough nobody else notices."""
    few, many = (compiled.run(plain(folder, arise=np.full(8, share)), 2) for share in (0.0, 1.0))
    assert len(many.journeys) > 1.2 * len(few.journeys)
    assert (few.journeys["parent"] == -1).all()
    key = ("source", "k", "serial")
    shop = [r.touches[r.touches["goal"] == Goal.SHOP] for r in (few, many)]
    shop = [r[np.lexsort([r[f] for f in reversed(key)])] for r in shop]
    for field in ("k", "serial", "channel", "arrived", "step", "reason", "ended"):
        assert shop[0][field].tobytes() == shop[1][field].tobytes(), field
    a, b = (r.orders[np.argsort(r.orders["k"])] for r in (few, many))
    for field in set(a.dtype.names) - {"customer", "needs", "asks_at", "done", "next"}:
        assert a[field].tobytes() == b[field].tobytes(), field


def test_time_times_four_is_the_same_story_four_times_as_slow(folder):
    fast, slow = compiled.run(plain(folder), 3), compiled.run(plain(folder, factor=4), 3)
    assert len(fast.orders) == len(slow.orders) > 100
    for name in MONEY:
        assert (fast.orders[name] == slow.orders[name]).all()
    for field in ("placed", "due", "promised", "asks_at", "returns_at"):
        assert np.array_equal(4.0 * fast.orders[field], slow.orders[field], equal_nan=True), field
    for field in ("arrived", "started", "ended"):
        assert np.array_equal(4.0 * fast.touches[field], slow.touches[field], equal_nan=True), field


def test_no_key_is_drawn_twice_and_the_uncompiled_rules_tell_the_same_story(tmp_path):
    """Law: a question is asked once.  With the compiler off every draw can be seen; the story stays the same to the bit."""
    seeds = range(1, 25, 2)
    for seed, (asked, distinct, one, other) in zip(seeds, audit("shops", tmp_path, seeds), strict=True):
        assert asked == distinct > 0, seed
        assert one == other == compiled.run(shop_tables(tmp_path, seed), seed).digest()


BOUNDS = """
import sys, tempfile
sys.path.insert(0, "tests")
from pathlib import Path
from shop_tables import shop_tables
from omnisim.engines import compiled
with tempfile.TemporaryDirectory() as folder:
    for seed in range(1, 31):
        print(compiled.run(shop_tables(Path(folder), seed), seed).digest())
"""


@pytest.mark.long
def test_no_row_is_read_or_written_outside_its_array(folder, tmp_path):
    """With bounds checked, thirty shops run without an IndexError (compiled anew, so this takes a while)."""
    env = {**os.environ, "NUMBA_BOUNDSCHECK": "1", "NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    out = subprocess.run([sys.executable, "-c", BOUNDS], capture_output=True, text=True, env=env, cwd=ROOT, check=False)
    assert out.returncode == 0, out.stderr[-2000:]
    assert out.stdout.split() == [reference.run(shop_tables(folder, seed), seed).digest() for seed in range(1, 31)]


@pytest.mark.long
@pytest.mark.parametrize("part", range(8))
def test_both_engines_tell_the_same_story_in_two_thousand_shops(folder, part):
    for seed in range(1001 + 250 * part, 1251 + 250 * part):
        t = shop_tables(folder, seed)
        seen = reference.run(t, seed)
        assert first_difference(seen, compiled.run(t, seed)) is None, seed
        check_steps(t, seen)
        check_orders(t, seen)
        check_needs(t, seen)


def test_a_shop_of_visits_only_is_a_markov_chain(folder):
    """Law: cart = convert, all carts bought, switch = matrix / (1 - convert): conversion and visits of the absorbing chain.

    False alarms: 4 standard errors, 6e-5 each.
    """
    path = folder / "chain.yaml"
    path.write_text(
        "omnisim: 1\nname: t\nclock: {horizon: 200 h, at_end: drain}\n"
        "demand: {shoppers: {goal: markov, rate: 60 /h, enter: {a: .5, b: .5}}}\n"
        "channels: {a: {browse: {time: {law: constant, value: 9 s}}}, b: {browse: {time: {law: constant, value: 9 s}}}}\n"
        "journey: {markov: {switch: {}, convert: {}}}\n",
        encoding="utf-8",
    )
    t = shoppers(Tables.build(om.load(path)))
    matrix, convert = np.array([[0.2, 0.3], [0.4, 0.1]]), np.array([0.1, 0.25])
    s = neutral(t)
    s.front["sell"] = 1
    s.front["cart"] = convert
    s.switch[:, :2] = matrix / (1.0 - convert)[:, None]
    seen = compiled.run(dataclasses.replace(t, shop=s), 1)
    visits = np.array([0.5, 0.5]) @ np.linalg.inv(np.eye(2) - matrix)
    n = len(seen.journeys)
    p = float(visits @ convert)
    assert abs(len(seen.orders) / n - p) < 4 * np.sqrt(p * (1 - p) / n)
    by = np.array([np.bincount(seen.touches["customer"][seen.touches["channel"] == c], minlength=n) for c in range(2)])
    for c in range(2):
        assert abs(by[c].mean() - visits[c]) < 4 * by[c].std() / np.sqrt(n)
