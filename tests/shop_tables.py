"""Shops made by hand: generated worlds whose customers come to buy, as tables, without a file that says so.

A world of channels, people and rules of context is loaded as usual; the stream `shoppers` then gets the goal to buy, and
a random `Shop` that together use every mechanism is put beside it.  In three of ten worlds all times lie on a grid of
30 s, so that deliveries tie with service ends.
"""

import dataclasses
import json
import random
from pathlib import Path
from typing import Any

import numpy as np
from worlds import grid_of, law, patience, plain_world, stream

import omnisim as om
from omnisim.laws import LAW
from omnisim.rules.shopdata import DEVICE, PRODUCT, REGION
from omnisim.shoptables import Shop, no_shop
from omnisim.tables import Tables
from omnisim.words import Goal, LawCode, Need, Policy, Reason

INFINITE = float("inf")


def shop_file(seed: int) -> dict[str, Any]:
    """The world in which the shop stands, as a plain dict (a valid scenario file; shoppers still wander without aim)."""
    g = random.Random(f"shop {seed}")
    grid = grid_of(seed)
    w = plain_world(seed)
    channels = w["channels"]
    for name in ("shop0", "shop1")[: g.randint(1, 2)]:
        channels[name] = {"browse": {"time": law(g, grid, 30, 300)}}
        if g.random() < 0.2:
            channels[name]["hours"] = "Mon-Sun 00:00-01:00, Mon-Sun 01:30-04:00"
    channels["store"] = {
        "browse": {"time": law(g, grid, 30, 300)},
        "help": {"mode": "live", "handling": law(g, grid, 30, 200), "patience": patience(g, grid)},
    }
    if g.random() < 0.5:
        channels["store"]["hours"] = "Mon-Sun 00:30-03:30"
    channels["desk"] = {"medium": "store", "help": {"mode": "live", "handling": law(g, grid, 30, 90)}}
    if not any(c.get("help", {}).get("mode") == "inbox" for c in channels.values()):
        help_ = {"mode": "inbox", "handling": law(g, grid, 60, 200), "deadline": "10 min", "missed": {"store": 0.5}}
        channels["letters"] = {"help": {**help_, "withdraw": g.random() < 0.5}}
    names = sorted(channels)
    helped = [c for c in names if "help" in channels[c]]
    fronts = [c for c in names if "browse" in channels[c]]
    w["demand"] = {"shoppers": stream(g, "markov", helped, fronts, fronts + (["live0"] if g.random() < 0.3 else []))}
    if grid and g.random() < 0.6:
        for key in ("rate", "volume", "profile", "surge"):
            w["demand"]["shoppers"].pop(key, None)
        w["demand"]["shoppers"]["at"] = {"00:00": g.randint(5, 40), "2001-01-01 01:00": g.randint(5, 40)}
    if g.random() < 0.4:
        w["demand"]["calls"] = stream(g, "issue", helped, fronts, names)
    w["staffing"]["pools"]["floor"] = {"agents": g.randint(1, 4), "skills": {c: {} for c in ("store", "desk", "letters") if c in channels}}
    w["journey"] = {"markov": {"switch": {}, "convert": {}}}
    if g.random() < 0.7:
        w["journey"]["issue"] = {
            "retry": {
                "after_abandoned": 0.5,
                "after_unresolved": 0.6,
                "delay": law(g, grid, 0, 600),
                "channel": {"same": 1.0},
                "most": g.randint(0, 4),
            }
        }
    if "customers" in w:
        w["customers"]["segments"]["hurried"]["habit"] = {g.choice(names): 0.5}
    return w


def shop_tables(folder: Path, seed: int, **changes: Any) -> Tables:
    """World `seed` with its shop; `changes` replace blocks of the file."""
    path = folder / f"shop{seed}.yaml"
    path.write_text(json.dumps({**shop_file(seed), **changes}), encoding="utf-8")
    return with_shop(Tables.build(om.load(path)), seed)


def with_shop(t: Tables, seed: int) -> Tables:
    """The same tables with shoppers who come to buy, and a random shop."""
    g = random.Random(f"shelf {seed}")
    t = shoppers(t)
    t, laws = add_laws(t, [some_law(g, grid_of(seed), mean) for mean in (1800, 900, 1200, 1200, 600, 600, 900)])
    segment = t.segment.copy()
    for row in segment:
        row["price"], row["basket"] = g.choice((1.0, 0.5, 2.0)), g.choice((1.0, 1.5))
        row["buy"], row["login"] = g.choice((0.0, 0.3, -0.4)), g.choice((1.0, 0.5, 1.4))
    t = dataclasses.replace(t, segment=segment)
    return dataclasses.replace(t, shop=random_shop(g, t, laws, grid_of(seed)))


def shoppers(t: Tables) -> Tables:
    """The stream `shoppers` comes to buy."""
    rows = t.stream.copy()
    rows["goal"][t.streams.index("shoppers")] = int(Goal.SHOP)
    goals = frozenset(Goal(int(x)) for x in rows["goal"])
    return dataclasses.replace(t, stream=rows, goals=goals)


def some_law(g: random.Random, grid: int, mean: float) -> tuple[LawCode, float, float]:
    """(code, mean s, shape) of a law; on the grid a constant."""
    if grid:
        return LawCode.CONSTANT, 30.0 * g.randint(0, int(mean / 15)), 0.0
    return g.choice(((LawCode.EXPONENTIAL, mean, 0.0), (LawCode.LOGNORMAL, mean, 0.7), (LawCode.CONSTANT, mean, 0.0)))


def add_laws(t: Tables, laws: list[tuple[LawCode, float, float]]) -> tuple[Tables, list[int]]:
    """The tables with more laws, and their numbers."""
    rows = np.zeros(len(laws), LAW)
    for row, (code, mean, a) in zip(rows, laws, strict=True):
        row["code"], row["mean"], row["a"] = int(code), mean, a
    first = len(t.laws)
    return dataclasses.replace(t, laws=np.concatenate([t.laws, rows])), list(range(first, first + len(rows)))


def neutral(t: Tables) -> Shop:
    """A shop where nothing costs, delays or goes wrong, and nobody fills a cart; every channel with self-service may sell."""
    shop = no_shop(len(t.channels))
    r = shop.rules[0]
    r["on"] = 1
    r["desk"] = r["picks"] = r["takes_back"] = -1
    r["delay_scale"] = r["reach"] = r["late_factor"] = r["keen"] = 1.0
    r["promise_s"] = r["pickup_promise_s"] = INFINITE
    for name in ("lead", "ready", "collect", "after", "switch_delay", "message_delay", "back_delay"):
        r[name] = -1
    r["response"][:] = 1.0
    shop.front["lift"] = shop.front["returned"] = shop.front["buy"] = 1.0
    return shop


def random_shop(g: random.Random, t: Tables, laws: list[int], grid: int) -> Shop:
    """A shop that uses a random subset of everything."""
    n = len(t.channels)
    shop = neutral(t)
    r = shop.rules[0]

    def maybe(name: str, *values: float, p: float = 0.7) -> None:
        if g.random() < p:
            r[name] = g.choice(values)

    browse = [c for c in range(n) if t.channel[c]["browse"] >= 0]
    help_ = [c for c in range(n) if t.channel[c]["handling"] >= 0]
    lead, ready, collect, after, switch_delay, message_delay, back_delay = laws
    for c in range(n):
        f = shop.front[c]
        f["lift"] = g.choice((1.0, 1.3)) if c in help_ else 1.0
        if c in browse or g.random() < 0.3:
            f["sell"] = int(g.random() < 0.9)
            f["cart"] = g.choice((0.3, 0.6, 0.9, 1.0, 0.0)) if f["sell"] else 0.0
            f["buy"] = g.choice((0.3, 0.6, 0.8, 1.0, 0.0))
            f["ask"] = g.choice((0.0, 0.2, 0.5, 1.0))
            f["commission"] = g.choice((0.0, 0.15))
            f["returned"] = g.choice((1.0, 0.5))
            f["carry"] = int(t.channels[c] == "store" and g.random() < 0.7)
        shop.asks[c] = shares(g, n, help_)
        if g.random() < 0.7:
            row = shares(g, n, [x for x in browse if x != c] or browse) * 0.5
            shop.switch[c, :n] = row
            if t.free and g.random() < 0.5:
                shop.switch[c, n] = 0.2
    shop.need_to[:] = shares(g, n, help_)
    maybe("cart_lost", 0.3, 1.0)
    maybe("keen", 3.0)
    maybe("fee_weight", 12.0, 5.0)
    maybe("lead_weight", 20.0)
    maybe("delay_weight", 0.3)
    r["delay_scale"] = 60.0
    maybe("unanswered", 0.8)
    maybe("elsewhere", 0.3)
    maybe("contradiction", 0.5)
    maybe("purchase", 0.8)
    r["switch_delay"] = g.choice((-1, switch_delay))
    if g.random() < 0.6:
        shop.message_to[:] = shares(g, n, browse)
        r["message"], r["message_delay"] = (
            g.choice((0.3, 0.6, 1.0 if t.channel["friction"].max() == 0 and not grid else 0.5)),
            message_delay,
        )
        r["message"] = min(r["message"], 0.6)
        maybe("coupon", 0.1, 0.3)
        r["message_cost"] = 0.2
    if g.random() < 0.6:
        r["back"], r["back_most"], r["back_delay"] = g.choice((0.4, 1.0)), g.choice((0, 1, 2)), back_delay
        row = shares(g, n, browse)
        same = g.choice((0.0, 0.5, 1.0))
        shop.back_to[:n] = row * (1.0 - same)
        shop.back_to[n] = same
    if g.random() < 0.7:
        r["reasons"][Reason.ACCOUNT], r["reasons"][Reason.TRUST] = 0.2, 0.3
    r["lead"] = g.choice((lead, lead, -1))
    r["ready"], r["collect"], r["after"] = ready, collect, after
    if g.random() < 0.7:
        r["promise_s"] = 30.0 * g.randint(10, 60)
    if g.random() < 0.6:
        r["pickup"] = g.choice((0.3, 1.0))
        r["pickup_promise_s"] = g.choice((600.0, INFINITE))
        r["desk"] = g.choice((t.channels.index("desk"), -1))
        r["picks"] = t.channels.index("desk") if r["extra_sigma"] == 0.0 else -1
        maybe("extra", 0.4, 1.0)
        r["extra_value"], r["extra_sigma"] = 2500.0, g.choice((0.0, 0.6))
    for need, share in ((Need.QUESTION, 0.4), (Need.LATE, 0.6), (Need.FAULTY, 0.9), (Need.RETURN, 0.5)):
        r["arise"][need] = g.choice((0.0, share, share, 1.0))
    maybe("bubble", 0.2, 1.0)
    maybe("return_faulty", 0.8, 1.0)
    maybe("late_factor", 1.5)
    maybe("store_share", 0.6)
    if r["store_share"] > 0.0 and r["promise_s"] < INFINITE:
        r["takes_back"] = t.channels.index("desk")
    maybe("loss", 0.15)
    maybe("payment", 0.025)
    out = dataclasses.replace(shop, **places(g, t, shop))
    if g.random() < 0.85:
        r["has_money"] = 1
        r["policy"] = g.choice((Policy.FREE, Policy.FLAT, Policy.THRESHOLD, Policy.THRESHOLD, Policy.THRESHOLD))
        r["fee"], r["above"], r["reach"] = 595.0, g.choice((7500.0, 4000.4)), 2.0
        maybe("pad", 0.4, 1.0)
        if len(t.segments) > 1 and g.random() < 0.3:
            r["free_for"] = 1 << g.randrange(len(t.segments))
        r["parcel"], r["item"], r["item_mile"] = 875.9, 42.3, 0.0541
        r["pick"], r["pick_item"], r["store_pick"], r["pickup_cost"] = 200.0, 20.0, 270.0, 100.0
        r["return_cost"], r["store_return_cost"] = 1000.0, 400.0
        out = dataclasses.replace(out, **catalogue(g))
        if g.random() < 0.5:
            r["card"], r["steps"] = 1, 3
            zones = max(int(out.regions["zone"].max(initial=0)) + 1, 1)
            steps = np.array([810.0, 940.0, 1320.0])
            out = dataclasses.replace(out, up_to=np.array([1.0, 2.0, 5.0]), zones=np.array([steps * (1 + z) for z in range(zones)]))
    return out


def shares(g: random.Random, n: int, among: list[int]) -> np.ndarray:
    """Shares over `n`, summing to 1, of one or two of `among`."""
    row = np.zeros(n)
    one, other = g.choice(among), g.choice(among)
    row[one] += 0.7
    row[other] += 0.3
    return row


def cumulative(g: random.Random, rows: int, n: int) -> np.ndarray:
    """[row, n] cumulative shares."""
    return np.array([np.cumsum(x := [g.random() for _ in range(n)]) / sum(x) for _ in range(rows)])


def catalogue(g: random.Random) -> dict[str, Any]:
    """One to three products."""
    n = g.randint(1, 3)
    rows = np.zeros(n, PRODUCT)
    for i, row in enumerate(rows):
        row["upto"] = (i + 1) / n
        row["price"], row["sigma"], row["more_items"] = g.choice((3000.0, 1.0, 6000.5)), g.choice((0.0, 0.8)), g.choice((0.0, 1.0))
        row["margin"], row["weight_kg"] = g.choice((0.4, 0.25)), g.choice((0.0, 0.3, 2.5))
        row["returned"], row["faulty"] = g.choice((0.0, 0.2, 1.0)), g.choice((0.0, 0.1, 1.0))
    return {"products": rows, "product_names": [f"p{i}" for i in range(n)]}


def places(g: random.Random, t: Tables, shop: Shop) -> dict[str, Any]:
    """Regions and devices, or none."""
    out: dict[str, Any] = {}
    if g.random() < 0.7:
        n = g.randint(1, 3)
        rows = np.zeros(n, REGION)
        for i, row in enumerate(rows):
            row["upto"], row["miles"], row["lead_factor"] = (i + 1) / n, 400.0 * i, g.choice((1.0, 1.5))
            row["zone"], row["store"] = i, g.choice((0, 1))
        out |= {"regions": rows, "region_names": [f"r{i}" for i in range(n)], "region_upto": cumulative(g, len(t.segments), n)}
    if g.random() < 0.6:
        c = t.channels.index("shop0")
        n = g.randint(1, 3)
        rows = np.zeros(n, DEVICE)
        rows["channel"] = c
        for i, row in enumerate(rows):
            row["upto"], row["buy"], row["pad"] = (i + 1) / n, g.choice((0.0, -0.5)), g.choice((1.0, 0.7))
        out |= {"devices": rows, "device_names": [f"d{i}" for i in range(n)], "device_upto": cumulative(g, len(t.segments), n)}
    return out
