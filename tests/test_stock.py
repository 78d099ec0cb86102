"""Stock: what is on a shelf, what the record says, where orders are sent from; conserved in both engines, absent where not told."""

import dataclasses
import itertools
import math
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from worlds import load_world

import omnisim as om
from omnisim import records
from omnisim.agreement import first_difference
from omnisim.engines import compiled, reference
from omnisim.laws import LAW
from omnisim.records import MONEY, ORDER
from omnisim.rules.fate import _sending
from omnisim.rules.orders import ALL, RETURN_STAGE
from omnisim.rules.shopdata import MOST_LINES, PRODUCT, REGION, SHOP
from omnisim.rules.sourcing import SOLD_OUT, best_node, fetch, in_store, pick_lines, send_off
from omnisim.rules.stock import NODE, STOCKED, catch_up, close_shelves, leaves_at, open_shelves, put_back, take
from omnisim.stockbuild import Shelves
from omnisim.tables import Tables
from omnisim.words import Carried, Place, Reason, Sourcing, Step, Way

DAY = 86400.0
NO_LAWS = (np.zeros(0, LAW), np.zeros(0))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("stock")


def check_stock(t, seen):
    """Law: start + received - shipped + returned = shelf; what orders took and brought back is what shelves gave and got.

    What is reserved is what orders have still to pick; a line is picked, to be picked, or cancelled, and never two of these.
    """
    s = seen.stock
    assert len(s) == t.goods.stocked.size
    if not len(s):
        assert (seen.orders["node"] == -1).all()
        return
    assert (s["start"] + s["received"] - s["shipped"] + s["returned"] == s["shelf"]).all()
    assert (np.array([s[name] for name in ("shelf", "record", "reserved", "on_order", "received", "shipped", "returned")]) >= 0).all()
    assert (s["next"] > seen.end_s).all(), "all that was due has happened"
    away = t.goods.stocked["carried"].ravel() == 0
    assert (s["shelf"][away] == 0).all()
    assert (s["shipped"][away] == 0).all()
    assert (s["held"] <= s["since"] * (s["start"] + s["received"] + s["returned"])).all()
    shipped, returned, reserved = Counter(), Counter(), Counter()
    for o in seen.orders:
        lines = range(o["lines"])
        picked, gone = ([bool(int(o[bits]) >> line & 1) for line in lines] for bits in ("picked", "gone"))
        assert o["short"] == sum(gone)
        assert not any(p and g for p, g in zip(picked, gone, strict=True))
        assert (o["state"] == Carried.CANCELLED) == (o["short"] == o["lines"])
        if o["node"] < 0:
            continue
        assert o["line_items"][: o["lines"]].sum() == o["items"]
        assert o["node"] == next(int(o["line_node"][line]) for line in lines if not gone[line])
        for line in lines:
            node, product, items = (int(o[f"line_{name}"][line]) for name in ("node", "product", "items"))
            assert (node < 0) == gone[line]
            if gone[line]:
                continue
            (shipped if picked[line] else reserved)[node, product] += items
            if o["done"] & RETURN_STAGE and o["returned"] == ALL:
                assert picked[line]
                store = int(t.goods.store[o["region"]])
                to_store = o["return_store"] and store >= 0 and t.goods.stocked[store, product]["carried"]
                where = store if to_store else node, product
                returned[where] += 0 if o["written_off"] else items
                shipped[where] += items if int(o["swapped"]) >> line & 1 else 0
        if o["way"] != Way.TAKEN:
            assert o["parcels"] == len({(int(o["line_node"][x]), float(o["line_at"][x])) for x in lines if not gone[x]})
    for row in s:
        where = int(row["node"]), int(row["product"])
        assert (shipped[where], returned[where], reserved[where]) == (row["shipped"], row["returned"], row["reserved"])
    right = t.goods.stocked["wrong"].ravel() == 0
    assert (s["record"][right] == s["shelf"][right]).all(), "where nothing is booked wrongly, the record is the shelf"
    if not t.shop.rules[0]["open_shelf"]:
        assert (s["misses"][right] == 0).all()
    cancelled = seen.orders[seen.orders["state"] == Carried.CANCELLED]
    assert (cancelled["again"] > 0).all()
    seen_by_customers = int(s["misses"].sum()) - int(seen.orders["again"].sum())  # who takes goods along sees the shelf himself
    assert 0 <= seen_by_customers <= int((seen.touches["reason"] == Reason.OUT_OF_STOCK).sum())


def test_shops_with_stock_tell_the_same_story_in_both_engines(folder):
    happened = Counter()
    checked = 0
    for seed in itertools.count(1):
        t = Tables.build(load_world(folder, seed, True))
        if not t.has_nodes:
            continue
        seen = reference.run(t, seed)
        assert first_difference(seen, compiled.run(t, seed)) is None, seed
        check_stock(t, seen)
        sourcing = Sourcing(int(t.goods.nodes[0]["policy"])).name
        happened.update({sourcing: int((seen.orders["node"] >= 0).sum()), "misses": int(seen.stock["misses"].sum())})
        happened.update(Carried(int(x)).name for x in seen.orders["state"])
        happened.update(f"again {x}" for x in seen.orders["again"][seen.orders["node"] >= 0])
        happened.update(Reason(int(x)).name for x in seen.touches["reason"])
        happened.update(f"counted {int(x > 0)}" for x in seen.stock["counts"])
        checked += 1
        if checked == 60:
            break
    words = [*Sourcing.__members__, *Carried.__members__, "misses", "again 0", "again 1", "OUT_OF_STOCK", "counted 1"]
    assert [w for w in words if happened[w] == 0] == []


SHOP_FILE = """
omnisim: 1
clock: {horizon: 60 d, at_end: drain}
demand:
  shoppers: {goal: shop, rate: 30 /d, enter: {web: .7, store: .3}}
channels:
  web: {sell: true, browse: {time: {law: constant, value: 5 min}}}
  store: {sell: true, browse: {time: {law: constant, value: 5 min}}}
journey: {shop: {cart: {web: 80 %, store: 50 %}, carry: {store: true}}}
regions: {east: {share: .5, distance: 100 mi}, west: {share: .5, distance: 800 mi}}
catalog: {products: {shirt: {share: .7, price: 30 USD, items: 1.5, margin: .4, returned: .2}, lamp: {share: .3, price: 60 USD, margin: .4}}}
fulfilment:
  pick: 2 USD
  sourcing: SOURCING
  NODES
shipping:
  carriage: {parcel: 8.759 USD, item: .423 USD, item_mile: .000541 USD}
  lead: {law: exponential, mean: 2 d}
  promise: 3 d
  pickup: {share: .2}
returns: {after: {law: exponential, mean: 3 d}, store_share: .5}
"""
NODES = """nodes:
    dc: {kind: centre, review: 1 d, lead: {law: exponential, mean: 2 d}, stock: {shirt: {level: 60, reorder: 30}, lamp: {level: 15}}}
    shop: {kind: store, miles: {west: 20 mi, east: 900 mi}, lead: {law: constant, value: 3 d},
      stock: {shirt: {level: 30}, lamp: {level: 4}}}
"""
RECORD = "  record: {wrong: 65 %, error: .3, count: 30 d}\n"


def shop(folder, nodes=NODES, sourcing="nearest", record="", lines=""):
    path = folder / "shop.yaml"
    text = SHOP_FILE.replace("  NODES\n", (nodes and "  ") + nodes + record)
    text = text.replace("  sourcing: SOURCING\n", f"  sourcing: {sourcing}\n" if nodes else "")
    path.write_text(text.replace("margin: .4}}}", "margin: .4}}" + lines + "}"), encoding="utf-8")
    return Tables.build(om.load(path))


def test_stock_without_end_changes_nothing_but_where_it_came_from(folder):
    """Law: one centre that never runs out and costs what fulfilment says is the same as no node at all, in every amount."""
    endless = "nodes: {dc: {kind: centre, stock: {shirt: {start: 1000000}, lamp: {start: 1000000}}}}\n"
    one, other = (compiled.run(shop(folder, nodes), 3) for nodes in ("", endless))
    assert len(one.orders) > 500
    assert len(one.stock) == 0
    for kind in ("touches", "journeys", "stints", "orders"):
        a, b = getattr(one, kind), getattr(other, kind)
        for name in set(a.dtype.names) - ({"node", "line_node", "picked"} if kind == "orders" else set()):
            assert a[name].tobytes() == b[name].tobytes(), (kind, name)
    assert (other.orders["node"][other.orders["way"] == Way.HOME] == 0).all()


@pytest.mark.parametrize("sourcing", [s.name.lower() for s in Sourcing])
def test_orders_goods_and_money_balance_under_every_policy(folder, sourcing):
    t = shop(folder, sourcing=sourcing, record=RECORD)
    for run in (reference.run, compiled.run):
        seen = run(t, 1)
        check_stock(t, seen)
        buys = int((seen.touches["step"] == Step.BUYS).sum())
        sent = seen.orders["state"] != Carried.CANCELLED
        assert buys == len(seen.orders) == int(sent.sum()) + int((~sent).sum())
        assert (np.array([seen.orders[name] for name in MONEY])[:, ~sent] == 0).all()
        home = seen.orders[sent & (seen.orders["way"] == Way.HOME)]
        if sourcing == "dc_only":
            assert (home["node"] == 0).all()
        miles = t.goods.miles[home["node"], home["region"]]
        assert (home["carriage"] == np.floor(875.9 + 42.3 * home["items"] + 0.0541 * home["items"] * miles + 0.5)).all()
        assert (home["handling"] == np.where(home["node"] == 0, 200, 0)).all()


TWO = ", lines: [.3, .7]"


def test_an_order_of_one_line_is_what_it_was(folder):
    """Law: all orders of one line, said or not; and the first line of an order is the same whatever may follow it."""
    one, said, two = (compiled.run(shop(folder, "", lines=x), 2) for x in ("", ", lines: [1]", ", lines: [.5, .5]"))
    assert one.digest() == said.digest()
    both = min(len(one.orders), len(two.orders))
    a, b = ({int(o["k"]): o for o in seen.orders[np.argsort(seen.orders["k"])]} for seen in (one, two))
    assert len(a) == len(b) == both, "with nothing to pay for delivery everybody who bought still buys"
    for k, o in a.items():
        assert (o["product"], o["line_items"][0]) == (b[k]["product"], b[k]["line_items"][0])
    more = np.array([o["lines"] for o in b.values()])
    assert abs((more == 2).mean() - 0.5) < 4 * 0.5 / math.sqrt(both)
    for o in b.values():
        assert len(set(o["line_product"][: o["lines"]].tolist())) == o["lines"]
        assert o["items"] == o["line_items"][: o["lines"]].sum()


@pytest.mark.parametrize("sourcing", [s.name.lower() for s in Sourcing])
def test_orders_of_several_lines_balance_and_split(folder, sourcing):
    """Law: lines, parcels, goods and money; carriage again by hand, parcel by parcel."""
    apart = NODES.replace("shirt: {level: 30}, lamp: {level: 4}", "shirt: {level: 30}")
    t = shop(folder, apart, sourcing, RECORD, TWO)
    seen = reference.run(t, 4)
    assert first_difference(seen, compiled.run(t, 4)) is None
    check_stock(t, seen)
    home = seen.orders[(seen.orders["state"] != Carried.CANCELLED) & (seen.orders["way"] == Way.HOME)]
    split = home["parcels"] > 1
    if sourcing == "dc_only":
        assert not split.any(), "there is one centre"
    if sourcing == "min_splits":
        assert split.sum() < (compiled.run(shop(folder, apart, "nearest", RECORD, TWO), 4).orders["parcels"] > 1).sum()
    if sourcing == "nearest":
        assert split.any()
    for o in home:
        items = Counter()
        for line in range(o["lines"]):
            if o["line_node"][line] >= 0:
                items[int(o["line_node"][line])] += int(o["line_items"][line])
        miles = {n: float(t.goods.miles[n, o["region"]]) for n in items}
        assert o["carriage"] == sum(math.floor(875.9 + (42.3 + 0.0541 * miles[n]) * i + 0.5) for n, i in items.items())
        assert o["handling"] == 200 * (0 in items)


def test_fewer_parcels_or_less_money_by_hand():
    """Two nodes, two classes: node 0 far has both, node 1 near has the first only; a parcel costs 8.759, 3,000 miles 1.62 an item."""
    for policy, miles, nodes, parcels in (
        (Sourcing.NEAREST, 3000, [1, 0], 2),
        (Sourcing.CHEAPEST_ORDER, 3000, [0, 0], 1),
        (Sourcing.MIN_SPLITS, 99_000, [0, 0], 1),
        (Sourcing.CHEAPEST_ORDER, 99_000, [1, 0], 2),
        (Sourcing.LOAD_AWARE, 99_000, [1, 0], 2),
    ):
        made = two_classes(policy, miles)
        o = np.zeros(1, ORDER)
        o["lines"], o["items"], o["line_product"][0, :2], o["line_items"][0, :2] = 2, 2, [0, 1], 1
        assert fetched(made, Way.HOME, order=o, products=2) == (nodes[0], 0)
        assert o["line_node"][0, :2].tolist() == nodes
        carried = sent(made, o)
        assert (float(o["line_at"][0, 0]), int(o["handling"][0]), int(o["parcels"][0])) == (0.0, 0, parcels)
        far = 875.9 + 42.3 * (3 - parcels) + 0.0541 * miles * (3 - parcels)
        assert carried == math.floor(far + 0.5) + (math.floor(875.9 + 42.3 + 0.0541 * 20 + 0.5) if parcels == 2 else 0)


def test_a_line_that_nobody_has_is_cancelled_and_the_other_is_sent():
    made = two_classes(Sourcing.NEAREST, 100)
    made.stock["shelf"][0, 1] = 0
    o = np.zeros(1, ORDER)
    o["lines"], o["items"], o["line_product"][0, :2], o["line_items"][0, :2] = 2, 2, [0, 1], 1
    assert fetched(made, Way.HOME, order=o, products=2) == (1, 1)
    assert made.stock["shelf"].tolist() == [[9, 0], [8, 0]]
    assert made.stock["reserved"].sum() == 0
    assert o["line_node"][0, :2].tolist() == [1, -1]
    assert (int(o["short"][0]), int(o["gone"][0]), int(o["picked"][0])) == (1, 0b10, 0b01)
    assert fetched(made, Way.HOME, order=np.copy(o), products=2) == (SOLD_OUT, 0), "the record knows better now"


def test_goods_are_reserved_when_ordered_and_leave_when_the_parcel_does():
    """By hand: three units, a cut-off hour of 10:00; at 12:00 two are ordered, they leave at midnight; a third customer finds one."""
    node = (Place.STORE, 0, {"start": 3}, {"cut_off": 10 * 3600.0})
    made = goods(node)
    shelf, o = made.stock[0, 0], an_order(2)
    assert fetched(made, Way.HOME, order=o, now=DAY / 2) == (0, 0)
    assert (shelf["shelf"], shelf["reserved"], shelf["record"], float(o["line_at"][0, 0])) == (3, 2, 3, DAY)
    assert fetched(made, Way.HOME, items=2, now=DAY / 2) == (SOLD_OUT, 0)
    assert fetched(made, Way.TAKEN, items=2, now=DAY / 2) == (SOLD_OUT, 0)
    assert fetched(made, Way.TAKEN, items=1, now=DAY / 2) == (0, 0)
    pick(made, o, DAY)
    assert (shelf["shelf"], shelf["reserved"], shelf["shipped"], int(o["picked"][0])) == (0, 0, 3, 1)
    made, o = goods(node), an_order(2)
    fetched(made, Way.HOME, order=o, now=DAY / 2)
    assert take(made, 0, 0, 3, DAY / 2, 1, *NO_LAWS), "where shelves are open, somebody may take what is reserved"
    pick(made, o, DAY)
    assert (int(o["again"][0]), int(o["short"][0]), int(o["node"][0])) == (1, 1, -1)


def test_stock_kept_is_measured_in_unit_seconds():
    """By hand: 10 units, 4 taken at 100 s, 2 back at 250 s, measured from 50 s to 300 s: 10 x 50 + 6 x 150 + 8 x 50."""
    made = goods((Place.CENTRE, 0, {"start": 10}, {}))
    made.window[:] = 50.0, 300.0
    assert take(made, 0, 0, 4, 100.0, 0, *NO_LAWS)
    put_back(made, 0, 0, 2, 250.0, *NO_LAWS)
    close_shelves(made, 1000.0, *NO_LAWS)
    assert made.stock["held"][0, 0] == 500 + 900 + 400


def test_an_order_may_have_as_many_lines_as_its_row_holds():
    assert MOST_LINES == records.MOST_LINES == len(np.zeros(1, ORDER)["line_node"][0])


def test_who_finds_his_product_sold_out_may_take_another(folder):
    """Law: with all who take another, nobody leaves while anything else is there; what is bought instead has the same basket."""
    bare = "nodes: {dc: {kind: centre, stock: {shirt: {start: 0}, lamp: {start: 1000000}}}}\n"
    none, some, everybody = (compiled.run(shop(folder, bare, record=x), 5) for x in ("", "  substitute: .4\n", "  substitute: 1\n"))
    lost = [int((seen.touches["reason"] == Reason.OUT_OF_STOCK).sum()) for seen in (none, some, everybody)]
    assert lost[0] > lost[1] > lost[2] == 0
    home = [seen.orders[seen.orders["way"] == Way.HOME] for seen in (none, some, everybody)]
    assert [int(o["substitute"].sum()) for o in home] == [0, lost[0] - lost[1], lost[0]]
    assert all((o["product"] == 0).all() for o in home), "lamps"
    wanted = compiled.run(shop(folder, ""), 5)
    baskets = dict(zip(wanted.orders["k"].tolist(), wanted.orders["sales"].tolist(), strict=True))
    assert all(baskets[int(o["k"])] == o["sales"] for o in home[2])


def test_wrong_records_cancel_orders_and_move_them(folder):
    """Law of sign, paired: the same customers with the same luck, once with right and once with wrong records, over twelve seeds.

    One-sided, 95 %: t of 11 degrees of freedom is 1.796.
    """
    right, wrong = shop(folder), shop(folder, record=RECORD.replace(", count: 30 d", ""))
    more = []
    for seed in range(1, 13):
        a, b = compiled.run(right, seed), compiled.run(wrong, seed)
        assert not (a.orders["state"] == Carried.CANCELLED).any()
        more.append(float((b.orders["state"] == Carried.CANCELLED).mean()))
        assert b.orders["again"].sum() > 0
    assert np.mean(more) - 1.796 * np.std(more, ddof=1) / math.sqrt(len(more)) > 0.0


# ---- each rule by itself -----------------------------------------------------------------------------------------


def goods(*nodes, policy=Sourcing.NEAREST, midnight=0.0):
    """Nodes (kind, miles, {field of STOCKED: value}, {field of NODE: value}) that keep one class, near one region."""
    n = len(nodes)
    rows, stocked = np.zeros(n, NODE), np.zeros((n, 1), STOCKED)
    rows["capacity"], rows["cut_off"], rows["policy"], rows["midnight"] = -1, math.inf, policy, midnight
    stocked["carried"], stocked["level"], stocked["lead"], stocked["count"] = 1, -1, -1, math.inf
    for i, (kind, _, kept, said) in enumerate(nodes):
        rows[i]["kind"] = kind
        stocked[i]["name"] = i
        for name, value in kept.items():
            stocked[i][name] = value
        for name, value in said.items():
            rows[i][name] = value
    stores = [i for i, node in enumerate(nodes) if node[0] == Place.STORE]
    near = min(stores, key=lambda i: nodes[i][1]) if stores else -1
    miles = np.array([[float(node[1])] for node in nodes])
    made = Shelves([f"n{i}" for i in range(n)], rows, stocked, miles, np.array([near])).at_start(1)
    open_shelves(made, *NO_LAWS)
    return made


def two_classes(policy, miles):
    """Node 0, so many miles away, has two classes; node 1, 20 miles away, has the first of them."""
    rows, stocked = np.zeros(2, NODE), np.zeros((2, 2), STOCKED)
    rows["capacity"], rows["cut_off"], rows["policy"] = -1, math.inf, policy
    stocked["level"], stocked["lead"], stocked["count"] = -1, -1, math.inf
    for where in ((0, 0), (0, 1), (1, 0)):
        stocked[where]["carried"], stocked[where]["start"] = 1, 9
    made = Shelves(["a", "b"], rows, stocked, np.array([[float(miles)], [20.0]]), np.array([-1])).at_start(1)
    open_shelves(made, *NO_LAWS)
    return made


def tariff():
    rules = np.zeros(1, SHOP)
    rules["parcel"], rules["item"], rules["item_mile"] = 875.9, 42.3, 0.0541
    return rules, np.zeros((0, 0)), np.zeros(0)


def sent(made, o):
    """What carriers are paid for an order that is sent."""
    rules, zones, up_to = tariff()
    o["way"], o["carrier"] = Way.HOME, -1
    _sending(o[0], rules, np.zeros(2, PRODUCT), np.zeros(0, REGION), zones, up_to, made)
    return int(o["carriage"][0])


def pick(made, o, now):
    pick_lines(made, o[0], 0, 0, now, np.zeros(2, PRODUCT), *tariff(), *NO_LAWS)


def ask(made, items=1, now=0.0, tried=0):
    return best_node(made, tried, 0, items, 1.0, 0, 0, now, *tariff(), *NO_LAWS)


def an_order(items=1):
    o = np.zeros(1, ORDER)
    o["lines"], o["items"], o["line_items"] = 1, items, items
    return o


def fetched(made, way, items=1, now=0.0, order=None, products=1):
    """(node, shelves found empty) of an order that is picked as soon as the node lets it go; node -1: no shelf had it."""
    o = an_order(items) if order is None else order
    o["way"], o["again"], o["short"] = way, 0, 0
    n = fetch(made, o[0], int(way), 0, 0, now, np.zeros(products, PRODUCT), *tariff(), *NO_LAWS)
    if n < 0 or way == Way.TAKEN:
        return n, 0
    if way == Way.HOME:
        send_off(made, o[0], now)
    pick(made, o, now)
    return int(o["node"][0]), int(o["again"][0])


THREE = ((Place.CENTRE, 100, {"start": 9}, {}), (Place.CENTRE, 900, {"start": 9}, {}), (Place.STORE, 20, {"start": 2, "reserve": 2}, {}))


def test_policies_on_the_worked_example():
    for policy, node in (
        (Sourcing.NEAREST, 2),
        (Sourcing.CHEAPEST_ORDER, 2),
        (Sourcing.DC_ONLY, 0),
        (Sourcing.STORE_RESERVE, 0),
    ):
        assert ask(goods(*THREE, policy=policy)) == node
    full = [(kind, miles, kept, {"capacity": 1}) for kind, miles, kept, _ in THREE]
    made = goods(*full, policy=Sourcing.LOAD_AWARE)
    assert ask(made) == 2
    for n in (0, 2):
        leaves_at(made, n, 0.0, True)
    assert ask(made) == 1
    dear = (*THREE[:2], (Place.STORE, 20, {"start": 9}, {"pick": 500.0}))
    assert ask(goods(*dear, policy=Sourcing.CHEAPEST_ORDER)) == 0
    assert ask(goods(*dear, policy=Sourcing.NEAREST)) == 2
    assert ask(goods(*THREE), items=3) == 0, "the store has two"
    assert ask(goods(*THREE), items=10) == SOLD_OUT
    assert ask(goods(*THREE), tried=0b101) == 1


def test_a_shelf_that_is_empty_though_the_record_says_stock():
    made = goods(*THREE)
    made.stock["shelf"][2] = 0
    made.stock["shelf"][0] = 0
    assert fetched(made, Way.HOME) == (1, 2), "two shelves found empty, then the third node"
    assert made.stock["record"].ravel().tolist() == [0, 8, 0]
    assert made.stock["misses"].ravel().tolist() == [1, 0, 1]
    made.stock["shelf"][1] = 0
    assert fetched(made, Way.HOME) == (-1, 1)
    assert fetched(made, Way.HOME) == (SOLD_OUT, 0)
    made = goods(*THREE)
    made.stock["shelf"][2] = 0
    assert fetched(made, Way.PICKUP) == (-1, 1)
    assert not in_store(made, an_order()[0], 0, 0.0, *NO_LAWS)
    assert fetched(made, Way.TAKEN) == (SOLD_OUT, 0)
    assert fetched(goods(*THREE), Way.TAKEN, items=2) == (2, 0)
    assert fetched(goods(*THREE[:2]), Way.TAKEN) == (-1, 0), "no store: nothing is told of what lies in stores"


def test_replenishment_reviews_and_orders_up_to_the_level():
    """By hand: level 10, reorder 4, reviewed daily, lead nothing; 7 sold on day 0.5, 2 on day 1.5."""
    made = goods((Place.CENTRE, 0, {"start": 10, "level": 10, "reorder": 4, "review": DAY}, {}))
    shelf = made.stock[0, 0]
    catch_up(made, 0, 0, 0.5 * DAY, *NO_LAWS)
    assert take(made, 0, 0, 7, 0.5 * DAY, 0, *NO_LAWS)
    assert (shelf["shelf"], shelf["on_order"]) == (3, 0)
    catch_up(made, 0, 0, 1.5 * DAY, *NO_LAWS)
    assert (shelf["shelf"], shelf["received"], shelf["reviews"]) == (10, 7, 1)
    assert take(made, 0, 0, 2, 1.5 * DAY, 0, *NO_LAWS)
    catch_up(made, 0, 0, 9.0 * DAY, *NO_LAWS)
    assert (shelf["shelf"], shelf["received"], shelf["reviews"]) == (8, 7, 9)
    put_back(made, 0, 0, 5, 9.5 * DAY, *NO_LAWS)
    assert (shelf["shelf"], shelf["record"], shelf["returned"]) == (13, 13, 5)


def test_base_stock_orders_what_was_taken_at_once():
    made = goods((Place.CENTRE, 0, {"start": 6, "level": 6, "reorder": 5}, {}))
    for i in range(40):
        assert take(made, 0, 0, 1, float(i), 0, *NO_LAWS)
        catch_up(made, 0, 0, float(i), *NO_LAWS)
        assert made.stock[0, 0]["shelf"] == 6
    assert made.stock[0, 0]["receipts"] == 40


def test_capacity_and_cut_off_hour():
    """Two orders a day, none after 16:00; the run begins at 12:00."""
    made = goods((Place.CENTRE, 0, {"start": 9}, {"capacity": 2, "cut_off": 16 * 3600.0}), midnight=12 * 3600.0)
    hours = [0.0, 1.0, 2.0, 5.0, 6.0]
    left = [leaves_at(made, 0, h * 3600.0, True) / 3600.0 for h in hours]
    assert left == [0.0, 1.0, 12.0, 12.0, 36.0]
    assert leaves_at(made, 0, 100 * 3600.0, False) == 108 * 3600.0, "hour 112 of the calendar is 16:00"


def test_deliveries_are_booked_wrongly_as_often_as_said():
    """4,000 first stocks of 100 units: 65 % wrong, spread 30 % of the delivery; false alarms 4 standard errors."""
    node = (Place.CENTRE, 0, {"start": 100, "wrong": 0.65, "error": 0.3}, {})
    made = goods(*([node] * 4000))
    record = made.stock["record"].ravel()
    assert (made.stock["shelf"] == 100).all()
    same = 0.35 + 0.65 * 0.01329  # z within half a unit of 100
    assert abs((record == 100).mean() - same) < 4 * math.sqrt(same * (1 - same) / 4000)
    off = record[record != 100] - 100.0
    assert abs(off.mean()) < 4 * 30 / math.sqrt(len(off))
    assert abs(off.std() / 30 - 1) < 4 / math.sqrt(2 * len(off))


def test_a_count_puts_the_record_right():
    made = goods((Place.CENTRE, 0, {"start": 100, "wrong": 1.0, "error": 0.3, "count": 5 * DAY}, {}))
    shelf = made.stock[0, 0]
    assert shelf["record"] != 100
    catch_up(made, 0, 0, 4.9 * DAY, *NO_LAWS)
    assert shelf["record"] != 100
    catch_up(made, 0, 0, 5 * DAY, *NO_LAWS)
    assert (shelf["record"], shelf["counts"]) == (100, 1)
    close_shelves(made, 16 * DAY, *NO_LAWS)
    assert (shelf["counts"], shelf["next"]) == (3, 20 * DAY)


def test_nodes_are_taken_in_the_order_of_their_names(folder):
    t = shop(folder)
    assert t.goods.names == ["dc", "shop"]
    assert t.goods.store.tolist() == [1, 1]
    assert t.goods.miles.tolist() == [[100.0, 800.0], [900.0, 20.0]]
    assert dataclasses.replace(t, goods=Shelves()).has_nodes is False


def test_the_scenarios_of_stock_say_what_wrong_records_cost():
    """`scenarios/stock`: the paired difference of cancelled orders is above 0 with its whole interval, and nothing else was changed."""
    folder = Path(__file__).resolve().parent.parent / "scenarios" / "stock"
    answer = om.compare([folder / "right-records.yaml", folder / "wrong-records.yaml"], seeds=8, workers=1)
    cancelled, moved = answer.difference("cancel_rate"), answer.difference("resourced_rate")
    assert (cancelled.baseline_mean, moved.baseline_mean) == (0.0, 0.0)
    assert cancelled.low > 0.0
    assert moved.low > 0.0
