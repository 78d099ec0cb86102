"""Generated worlds: small scenarios that together use every mechanism, with ties on purpose in three of ten.

In one of three the first stream comes to buy: such a world is another one of the same number with a shop put into it.
"""

import json
import random
from pathlib import Path
from typing import Any

from omnisim.scenario import Scenario, load

PRESETS = ("siloed", "multichannel", "omnichannel")


def world(seed: int, shop: bool | None = None) -> dict[str, Any]:
    """A random scenario as a plain dict (a valid scenario file); `shop`: with one, without, or by chance."""
    w = people(plain_world(seed), seed)
    slow_down(w, seed)
    end_shifts(w, seed)
    luck = random.Random(f"goal {seed}").random() < 1 / 3
    if luck if shop is None else shop:
        w = store_work(open_shop(w, seed), seed)
    bots(w, seed)
    transfers(w, seed)
    route(w, seed)
    by_clock(w, seed)
    fill_slots(w, seed)
    stock(w, seed)
    announcements(w, seed)
    calls(w, seed)
    messages(w, seed)
    languages(w, seed)
    lines(w, seed)
    campaigns(w, seed)
    letters(w, seed)
    marketplaces(w, seed)
    abroad(w, seed)
    relationship(w, seed)
    ways(w, seed)
    taken_back(w, seed)
    shelves(w, seed)
    return w


def campaigns(w: dict[str, Any], seed: int) -> None:
    """Sometimes campaigns bring visits and questions, announced or not, and tire people."""
    g = random.Random(f"campaigns {seed}")
    if g.random() < 0.6:
        return
    helped, fronts = (sorted(c for c in w["channels"] if what in w["channels"][c]) for what in ("help", "browse"))
    shop = "shop" in w.get("journey", {})
    made: dict[str, Any] = {}
    for i in range(g.randint(1, 3)):
        at = g.choice(("2001-01-01 00:10", "2001-01-01 01:00", "2000-12-31 23:50"))
        made[f"mail{i}"] = c = {"at": at, "sent": g.randint(20, 200), "over": g.choice(("10 min", "1 h"))}
        chance(g, c, "open", 0.4)
        if shop and g.random() < 0.8:
            c |= {"click": 0.3, "enter": shares(g, fronts)}
            chance(g, c, "coupon", 0.1, 0.4)
        if g.random() < 0.7:
            c |= {"contact": 0.2, "ask": shares(g, helped)}
        if g.random() < 0.5:
            c |= {"announced": False, "unaware": g.choice((0.0, 0.4, 1.0))}
        chance(g, c, "cost", ".01 USD")
    marketing = w.setdefault("marketing", {})
    marketing["campaigns"] = made
    chance(g, marketing, "fatigue", {"loss": 0.2, "unsubscribe": 0.05}, {"memory": "30 min", "loss": 0.5}, {"unsubscribe": 1.0})
    if "catalog" in w and g.random() < 0.5:
        products = w["catalog"]["products"]
        products[min(products)]["replenished"] = True
        made["mail0"]["to"] = "replenished"
        marketing.setdefault("fatigue", {})["one_off"] = 0.2


def letters(w: dict[str, Any], seed: int) -> None:
    """Who is written to about a cart, how often, how the reason counts, and who uses the coupon though he comes by himself."""
    g = random.Random(f"letters {seed}")
    message = w.get("marketing", {}).get("cart_message")
    if message is None or g.random() < 0.4:
        return
    chance(g, message, "reach", 0.5, 0.9, p=0.5)
    chance(g, message, "most", 1, 2)
    chance(g, message, "response", {"cost": 2.0, "browsing": 0.5, "out_of_stock": 0.0})
    chance(g, message, "redeem", 0.5, 1.0)
    if "fatigue" not in w["marketing"]:
        chance(g, w["marketing"], "fatigue", {"loss": 0.3, "unsubscribe": 0.2})


def marketplaces(w: dict[str, Any], seed: int) -> None:
    """Sometimes a channel is another firm's platform."""
    g = random.Random(f"marketplaces {seed}")
    sellers = sorted(c for c, said in w["channels"].items() if said.get("sell") and c != "store")
    if not sellers or g.random() < 0.6:
        return
    name = g.choice(sellers)
    market = w["channels"][name]["marketplace"] = {"commission": 0.15}
    chance(g, market, "identity", True, p=0.3)
    chance(g, market, "fulfilment", {"order": "3.5 USD", "item": "1.005 USD"}, {})
    w.get("costs", {}).get("commission", {}).pop(name, None)


def abroad(w: dict[str, Any], seed: int) -> None:
    """Sometimes a region pays in a currency of its own, behind a border, or speaks another language."""
    g = random.Random(f"abroad {seed}")
    if "regions" not in w or g.random() < 0.5:
        return
    far = w["regions"]["far"]
    if g.random() < 0.7:
        far |= {"currency": "SEK", "exchange": g.choice((1.0, 0.9, 1.15)), "exchange_cost": g.choice((0.0, 0.015))}
    chance(g, far, "duty", 0.05)
    chance(g, far, "language", "es")


def relationship(w: dict[str, Any], seed: int) -> None:
    """In four of ten worlds customers are followed from need to need: on the grid often several come again at one moment."""
    g = random.Random(f"relationship {seed}")
    if g.random() < 0.6:
        return
    grid = grid_of(seed)
    said: dict[str, Any] = {"repurchase": {}}
    for stream in sorted(w["demand"]):
        if g.random() < 0.8:
            again = said["repurchase"][stream] = {}
            if g.random() < 0.7:
                again["gap"] = law(g, grid, 600, 5000)
                chance(g, again, "stop", 0.1, 0.4, p=0.5)
            else:
                again["bg_nbd"] = {"r": 0.6, "alpha": 1.5, "a": 0.8, "b": 2.4, "unit": "30 min"}
    chance(g, said, "eagerness", 0.5, 2.0, p=0.4)
    if g.random() < 0.7:
        mood = said["satisfaction"] = {"start": g.choice((0.7, 1.0)), "weight": g.choice((0.3, 1.0))}
        for key in ("further_contact", "repeat", "failure", "unresolved", "contradiction", "missed", "faulty", "cancelled"):
            chance(g, mood, key, 0.15, 0.6)
        chance(g, mood, "wait", "0.1 /min")
        chance(g, mood, "late", [0.24, 0.42, 0.57])
    if g.random() < 0.6:
        said["effort"] = {"further_contact": 1, "repeat": g.choice((1, 0)), "failure": 2.5, "wait": "0.2 /min"}
    if g.random() < 0.8:
        left = said["defection"] = {"first_contact": 0.05, "repeated": 0.09, "unresolved": 0.25}
        chance(g, left, "bought", 0.02, 0.3)
        chance(g, left, "left", 0.1)
        chance(g, left, "late", 0.4)
        chance(g, left, "effort", 0.02, 0.1)
        chance(g, left, "satisfaction", 1.5, 4.0)
    if g.random() < 0.6:
        told = said["referral"] = {"share": g.choice((0.1, 0.3)), "promoter": g.choice((0.5, 1.0, 0.9))}
        chance(g, told, "delay", law(g, grid, 0, 3000), p=0.7)
        chance(g, told, "warns", 0.5)
        chance(g, told, "detractor", 0.5, 0.8)
    if g.random() < 0.5:
        box = said["subscription"] = {"share": 0.6, "period": g.choice(("30 min", "25 min")), "renew": g.choice((0.8, 1.0))}
        chance(g, box, "satisfaction", 3.0)
        chance(g, box, "fee", "9.90 USD", "10.005 USD")
        chance(g, box, "margin", 0.333)
    chance(g, said, "discount", 0.1, 5.0)
    for kind in w.get("customers", {}).get("segments", {}).values():
        chance(g, kind, "existing", 0.5, 1.0, p=0.5)
        chance(g, kind, "frequency_factor", 0.5, 3.0, 0.0, p=0.5)
    w["relationship"] = said


def by_clock(w: dict[str, Any], seed: int) -> None:
    """Sometimes handling, wrap-up and patience follow the moment of arrival; service by named period."""
    g = random.Random(f"by clock {seed}")
    if g.random() < 0.3:
        w["clock"]["periods"] = {"first": "00:30-02:00", "later": "Mon-Fri 01:00-03:30, Sat 10:00-12:00"}
    if g.random() < 0.6:
        return
    grid = grid_of(seed)
    for channel in w["channels"].values():
        if "help" not in channel or g.random() < 0.4:
            continue
        help_, turn = channel["help"], g.choice(("00:40", "01:30"))
        help_["handling"] = {"00:00": help_["handling"], turn: law(g, grid, 30, 400), "03:00": law(g, grid, 0, 200)}
        if "wrap" in help_:
            help_["wrap"] = {turn: help_["wrap"], "02:00": law(g, grid, 0, 60)}
        if help_["mode"] == "live":
            help_["patience"] = {"00:00": patience(g, grid), turn: help_.get("patience", "never")}


def bots(w: dict[str, Any], seed: int) -> None:
    """Sometimes bots stand before the agents of a channel."""
    g = random.Random(f"bots {seed}")
    if g.random() < 0.6:
        return
    grid = grid_of(seed)
    helped = sorted(c for c in w["channels"] if "help" in w["channels"][c])
    for name in sorted({g.choice(helped), g.choice(helped)}):  # not in the order of a set, which is another in each process
        bot = w["channels"][name]["bot"] = {"time": law(g, grid, 0, 120), "contain": g.choice((0.0, 0.35, 0.7, 1.0))}
        chance(g, bot, "reasons", {g.choice(sorted(w["demand"])): 0.6}, {"late": 0.9, "question": 0.2, "return": 0.0})
        chance(g, bot, "false_closure", 0.2, 1.0)
        chance(g, bot, "escalate", "nobody", g.choice(helped), p=0.4)
        chance(g, bot, "context", False, p=0.5)
        chance(g, bot, "hard", 1.3, 2.0)
        chance(g, bot, "learning", {"start": g.choice((0.0, 0.5)), "scale": g.choice((5, 60))}, p=0.4)
        chance(g, bot, "cost", "0.25 USD", "1.005 USD")
        chance(g, bot, "down", [{"from": "2001-01-01 01:00", "to": "2001-01-01 01:45"}], p=0.4)


def transfers(w: dict[str, Any], seed: int) -> None:
    """Sometimes agents hand some on."""
    g = random.Random(f"transfers {seed}")
    if g.random() < 0.6:
        return
    helped = sorted(c for c in w["channels"] if "help" in w["channels"][c])
    for name in helped:
        others = [c for c in helped if c != name]
        if not others or g.random() < 0.4:
            continue
        help_ = w["channels"][name]["help"]
        help_["transfer"] = shares(g, others, g.choice((0.2, 0.6)))
        if g.random() < 0.5:
            help_["transfer_time"] = g.choice(("30 s", "1 min"))
        else:
            chance(g, help_, "transfer_context", False)


def lines(w: dict[str, Any], seed: int) -> None:
    """In some shops with several products orders have several lines."""
    g = random.Random(f"lines {seed}")
    if len(w.get("catalog", {}).get("products", {})) > 1 and g.random() < 0.6:
        w["catalog"]["lines"] = g.choice(([0.5, 0.5], [0.2, 0.8]))
        f = w.get("fulfilment", {})
        if "nodes" in f and f["sourcing"] != "store_reserve" and g.random() < 0.4:
            f["sourcing"] = "min_splits"


def stock(w: dict[str, Any], seed: int) -> None:
    """In half of the shops with prices it is told where goods lie."""
    g = random.Random(f"stock {seed}")
    if "catalog" not in w or g.random() < 0.5:
        return
    grid = grid_of(seed)
    classes, regions = sorted(w["catalog"]["products"]), sorted(w.get("regions", {}))
    nodes: dict[str, Any] = {}
    for i in range(g.randint(1, 4)):
        kind = "centre" if i == 0 else g.choice(("centre", "store", "store", "third_party"))
        node: dict[str, Any] = {"kind": kind, "stock": {}}
        for product in classes:
            if i > 0 and g.random() < 0.2:
                continue
            kept: dict[str, Any] = g.choice(({"start": g.randint(0, 40)}, {"level": g.randint(1, 30)}))
            node["stock"][product] = kept
            if "level" in kept:
                chance(g, kept, "start", 0, g.randint(0, 30), p=0.4)
                chance(g, kept, "reorder", g.randint(0, kept["level"] - 1), p=0.5)
        if not node["stock"]:
            node["stock"] = {classes[0]: {"start": 5}}
        if regions and g.random() < 0.7:
            node["miles"] = {r: f"{g.choice((20, 100, 700))} mi" for r in g.sample(regions, g.randint(1, len(regions)))}
        chance(g, node, "review", "30 min", "5 min", "1 h")
        chance(g, node, "lead", law(g, grid, 0, 3600), p=0.8)
        chance(g, node, "pick", "1.5 USD", p=0.3)
        chance(g, node, "pick_item", ".1 USD", p=0.3)
        chance(g, node, "capacity", g.randint(1, 30), p=0.4)
        chance(g, node, "cut_off", "02:00", "00:30", p=0.4)
        nodes[f"node{i}"] = node
    f = w.setdefault("fulfilment", {})
    f["nodes"] = nodes
    f["sourcing"] = g.choice(("dc_only", "nearest", "cheapest_order", "store_reserve", "load_aware"))
    if f["sourcing"] == "store_reserve":
        for node in nodes.values():
            for kept in node["stock"].values() if node["kind"] == "store" else ():
                chance(g, kept, "reserve", 1, 4)
    chance(g, f, "substitute", 0.5, 1.0, p=0.4)
    if g.random() < 0.6:
        f["record"] = {"wrong": g.choice((0.65, 1.0)), "error": g.choice((0.2, 0.6))}
        chance(g, f["record"], "count", "1 h", "30 min")


def ways(w: dict[str, Any], seed: int) -> None:
    """In half of the shops that ship: more ways of delivery, a choice among them, carriers, the road, shocks, messages about delay."""
    g = random.Random(f"ways {seed}")
    if "shipping" not in w or g.random() < 0.5:
        return
    grid = grid_of(seed)
    shipping = w["shipping"]
    if "pickup" in shipping:
        shipping["pickup"]["share"] = 0.3
        if w["journey"]["shop"].get("carry"):
            chance(g, shipping["pickup"], "look", {"share": g.choice((0.3, 1.0)), "channel": "store", "delay": law(g, grid, 0, 1200)})
    for name in ("express", "to_store", "point"):
        if g.random() < 0.5:
            option = shipping[name] = {"share": 0.2, "lead": law(g, grid, 0, 2400)}
            chance(g, option, "promise", "5 min", "20 min")
            if "catalog" in w:
                chance(g, option, "fee", "2 USD", "9.95 USD")
            chance(g, option, "factor", 0.0, 1.5)
            chance(g, option, "cost", "1.25 USD")
            if name != "express":
                chance(g, option, "collect", law(g, grid, 0, 2400))
    chance(g, shipping, "choice", {"fee": 5.0, "lead": "20 /d"}, {"lead": "100 /d"})
    chance(g, shipping, "transit_per_day", "20000 mi", p=0.4)
    chance(g, shipping, "round_mile", "1.1 USD", p=0.4)
    if g.random() < 0.4:
        shipping["carriers"] = {"cheap": {"factor": 0.8, "lead": law(g, grid, 0, 3600)}, "own": {"carriage": {"parcel": "7 USD"}}}
        if "regions" in w:
            shipping["carriers"]["cheap"]["regions"] = g.choice((["near"], ["far"]))
        chance(g, shipping, "carrier", "fastest", p=0.5)
    if g.random() < 0.4:
        first = {"from": "2001-01-01 00:30", "to": "2001-01-01 01:30", "factor": 1.3}
        shipping["shocks"] = [first, {"from": "2001-01-01 01:00", "to": "2001-01-01 02:00", "lead_factor": 2.0}]
    if "promise" in shipping and g.random() < 0.6:
        message = {"recall": g.choice((0.6, 1.0)), "precision": g.choice((0.5, 1.0)), "calms": g.choice((0.7, 1.0)), "alarmed": 0.5}
        shipping["delay_message"] = {**message, "before": g.choice(("0 s", "5 min")), "cost": ".03 USD"}
    for place in w.get("regions", {}).values():
        chance(g, place, "stops_per_square_mile", 4.0, 0.5)
        offered = [name for name in ("pickup", "express", "to_store", "point") if name in shipping]
        if offered and g.random() < 0.4:
            place["delivery"] = {g.choice(offered): g.choice((0.5, 1.0))}


def taken_back(w: dict[str, Any], seed: int) -> None:
    """In half of the shops with returns: a window, inspection, exchange, postage, sales at the counter, what is bought to try."""
    g = random.Random(f"taken back {seed}")
    if "returns" not in w or g.random() < 0.5:
        return
    returns = w["returns"]
    chance(g, returns, "window", "10 min", "30 min", p=0.5)
    chance(g, returns, "postage", {"cost": "6 USD", "customer_pays": g.choice((0.0, 0.5, 1.0)), "deters": 0.3})
    chance(g, returns, "inspection", {"share": g.choice((0.6, 1.0)), "cost": "2 USD"})
    chance(g, returns, "exchange", 0.4, 1.0)
    chance(g, returns, "extra", {"share": 0.5, "value": "20 USD", "cv": 0.8})
    chance(g, returns, "free_factor", 1.5)
    for product in w.get("catalog", {}).get("products", {}).values():
        chance(g, product, "unfit", 0.3)


def shelves(w: dict[str, Any], seed: int) -> None:
    """In half of the shops with nodes: what is reserved may be taken, what is short is cancelled, and keeping goods costs something."""
    g = random.Random(f"shelves {seed}")
    f = w.get("fulfilment", {})
    if "nodes" not in f or g.random() < 0.5:
        return
    chance(g, f, "missing", "cancel", p=0.4)
    chance(g, f, "open_shelves", True, p=0.5)
    for node in f["nodes"].values():
        chance(g, node, "storage", ".31 USD/d")
        chance(g, node, "fixed", "50 USD/d")


def announcements(w: dict[str, Any], seed: int) -> None:
    """Sometimes the wait is announced."""
    g = random.Random(f"announce {seed}")
    for help_ in lives(w) if g.random() < 0.4 else ():
        if g.random() < 0.7:
            announce = help_["announce"] = {"by": g.choice(("queue", "last_wait"))}
            chance(g, announce, "factor", 0.5, 1.0, 3.0)


def messages(w: dict[str, Any], seed: int) -> None:
    """Sometimes who has waited long leaves a message."""
    g = random.Random(f"messages {seed}")
    inboxes = sorted(c for c, said in w["channels"].items() if said.get("help", {}).get("mode") == "inbox")
    for help_ in lives(w) if g.random() < 0.4 else ():
        if g.random() < 0.7:
            message = help_["leave_message"] = {"after": g.choice(("0 s", "30 s", "60 s", "5 min"))}
            if inboxes:
                chance(g, message, "to", inboxes[0])


def calls(w: dict[str, Any], seed: int) -> None:
    """Sometimes who has to wait is offered a call back."""
    g = random.Random(f"calls {seed}")
    for help_ in lives(w) if g.random() < 0.4 else ():
        if g.random() < 0.7:
            offer = g.choice(({"queue_above": 0}, {"queue_above": 2}, {"wait_above": "30 s"}, {"wait_above": "1 min", "queue_above": 5}))
            help_["callback"] = {"offer": offer, "accept": g.choice((0.5, 1.0)), "keep_place": g.random() < 0.5}


def languages(w: dict[str, Any], seed: int) -> None:
    """Sometimes a segment speaks another language, and a channel has a twin that does."""
    g = random.Random(f"languages {seed}")
    segments = w.get("customers", {}).get("segments", {})
    if not segments or g.random() < 0.4:
        return
    segments[g.choice(sorted(segments))]["language"] = "es"
    mine = g.choice(sorted(c for c in w["channels"] if "help" in w["channels"][c]))
    help_ = w["channels"][mine]["help"]
    w["channels"]["hola"] = {"medium": w["channels"][mine].get("medium", mine), "language": "es", "help": {**help_}}
    for key in ("transfer", "transfer_time", "transfer_context"):
        w["channels"]["hola"]["help"].pop(key, None)
    w["staffing"]["pools"]["spanish"] = {"agents": g.randint(1, 2), "skills": {"hola": {}, **({mine: {}} if g.random() < 0.5 else {})}}


def lives(w: dict[str, Any]) -> list[dict[str, Any]]:
    """The help of all live channels, by name."""
    helps = [w["channels"][c]["help"] for c in sorted(w["channels"]) if "help" in w["channels"][c]]
    return [h for h in helps if h["mode"] == "live"]


def grid_of(seed: int) -> int:
    """Grid of all times in world `seed`, s; 0: none."""
    return random.Random(seed).choice((0, 0, 0, 0, 0, 0, 0, 30, 300, 30))  # as `plain_world` begins


def plain_world(seed: int) -> dict[str, Any]:
    """A world in which nobody buys."""
    g = random.Random(seed)
    grid = g.choice((0, 0, 0, 0, 0, 0, 0, 30, 300, 30))
    goal = g.choice(("issue", "issue", "markov"))
    live = [f"live{i}" for i in range(g.randint(1, 3))]
    inbox = [f"inbox{i}" for i in range(g.randint(0, 1))]
    browse = [f"web{i}" for i in range(g.randint(0, 2))]
    channels: dict[str, Any] = {}
    for name in live:
        help_ = {"mode": "live", "handling": law(g, grid, 30, 300), "patience": patience(g, grid), "resolve": g.choice((1.0, 0.7, 0.0))}
        if g.random() < 0.4:
            help_["wrap"] = law(g, grid, 0, 90)
        if g.random() < 0.3:
            help_["queue_limit"] = g.choice((0, 1, 5))
        if g.random() < 0.3:
            help_["at_close"] = "disconnect"
        if g.random() < 0.6:
            formulas = (
                "answered_in_time_over_offered",
                "answered_in_time_over_answered",
                "excluding_short_abandons",
                "abandons_count_as_met",
            )
            help_["service_level"] = {"within": "30 s", "target": 0.8, "formula": g.choice(formulas), "strict": g.random() < 0.5}
        channels[name] = {"help": help_}
        if g.random() < 0.3:
            channels[name]["hours"] = g.choice(("Mon-Sun 00:30-02:30", "Mon-Fri 00:00-01:00, Mon-Fri 02:00-03:00"))
        if g.random() < 0.2:
            channels[name]["medium"] = live[0]
        if g.random() < 0.3:
            channels[name]["believed_wait"] = "2 min"
    for name in inbox:
        help_ = {"mode": "inbox", "handling": law(g, grid, 60, 300), "resolve": g.choice((1.0, 0.6))}
        if g.random() < 0.7:
            help_ |= {
                "deadline": g.choice(("10 min", "30 min")),
                "missed": {live[0]: g.choice((0.0, 0.5, 1.0))},
                "withdraw": g.random() < 0.5,
            }
        channels[name] = {"help": help_}
        if g.random() < 0.5:
            channels[name]["hours"] = "Mon-Sun 01:00-03:00"
    for name in browse:
        channels[name] = {"browse": {"time": law(g, grid, 30, 300), "resolve": g.choice((0.0, 0.3, 1.0))}}
    names = live + inbox + browse
    demand = {f"stream{i}": stream(g, goal, live + inbox, browse, names) for i in range(g.randint(1, 2))}
    pools: dict[str, Any] = {}
    for i in range(g.randint(1, 3)):
        skilled = g.sample(live + inbox, g.randint(1, len(live + inbox)))
        pools[f"pool{i}"] = {
            "agents": g.choice(
                (g.randint(1, 6), [g.randint(0, 4) for _ in range(8)], {"00:00": g.randint(0, 3), "01:30": g.randint(1, 5)})
            ),
            "wage": "20 USD/h",
            "skills": {
                c: {
                    "priority": g.randint(1, 2),
                    "preference": g.randint(1, 2),
                    "speed": g.choice((1.0, 0.5, 2.0)),
                    "concurrency": g.choice((1, 1, 2, 3)),
                }
                for c in skilled
            },
        }
    for c in live + inbox:
        if not any(c in p["skills"] for p in pools.values()):
            pools["pool0"]["skills"][c] = {}
    out: dict[str, Any] = {
        "omnisim": 1,
        "name": f"world {seed}",
        "clock": {
            "horizon": "4 h",
            "warmup": g.choice(("0 s", "20 min")),
            "interval": "30 min",
            "at_end": g.choice(("cut", "drain")),
        },
        "demand": demand,
        "channels": channels,
        "staffing": {
            "routing": {"agent": g.choice(("preference", "least_loaded")), "contact": g.choice(("priority", "longest_wait"))},
            "pools": pools,
        },
    }
    if g.random() < 0.3:
        out["world"] = {"busyness_cv": 0.3}
    if goal == "markov":
        share = 0.8 / len(names)
        out["journey"] = {"markov": {"switch": {a: dict.fromkeys(names, share) for a in names}, "convert": dict.fromkeys(names, 0.1)}}
    elif g.random() < 0.8:
        to = {"same": 0.5, g.choice(live): 0.5}
        out["journey"] = {
            "issue": {
                "retry": {
                    "after_abandoned": g.choice((0.0, 0.5, 0.9)),
                    "after_unresolved": g.choice((0.0, 0.6, 0.9)),
                    "delay": law(g, grid, 0, 600),
                    "channel": to if g.random() < 0.7 else {"same": 1.0},
                    "most": g.randint(0, 6),
                    "redraw": g.random() < 0.7,
                }
            }
        }
    if g.random() < 0.7:
        out["context"] = context(g, names)
    if g.random() < 0.4:
        out["customers"] = customers(g, names, live)
        if "journey" in out and "issue" in out["journey"] and "choice" in out["customers"]:
            out["journey"]["issue"]["retry"]["channel"] = {"same": 0.5, "free": 0.5}
    return out


def slow_down(w: dict[str, Any], seed: int) -> None:
    """Contacts in hand slow each other down, in half of the skills with more than one; on a grid by factors that keep to it."""
    g = random.Random(f"slowdown {seed}")
    for pool in w["staffing"]["pools"].values():
        for skill in pool["skills"].values():
            factors = g.choice(([1, 2, 4], [1, 1, 2])) if grid_of(seed) else g.choice(([1, 1.33, 1.83], [0.9, 1.5, 1.5], [1.2, 1.1, 3, 5]))
            if g.random() < 0.5 and skill.get("concurrency", 1) > 1:
                skill["slowdown"] = factors


def end_shifts(w: dict[str, Any], seed: int) -> None:
    """What becomes of the contact in hand when a shift ends."""
    g = random.Random(f"shift end {seed}")
    for pool in w["staffing"]["pools"].values():
        chance(g, pool, "at_shift_end", "finish", "hand_over", "hand_over", "cut", p=0.7)


def people(w: dict[str, Any], seed: int) -> dict[str, Any]:
    """World `w`, in four of ten with shifts, breaks, shrinkage, strays, training and pools of another firm."""
    g = random.Random(f"people {seed}")
    if g.random() < 0.6:
        return w
    grid = grid_of(seed)

    def some(low: int, high: int) -> str:
        return f"{grid * g.randint(low // grid, high // grid)} s" if grid else f"{g.uniform(low, high):.3f} s"

    for pool in w["staffing"]["pools"].values():
        if g.random() < 0.6:
            del pool["agents"]
            pool["shifts"] = []
            for _ in range(g.randint(1, 3)):
                hours = g.choice((1, 2, 4, 8))
                shift = {
                    "start": g.choice(("00:00", "00:30", "01:30", "02:30", "22:30")),
                    "length": f"{hours} h",
                    "agents": g.randint(0, 4),
                }
                chance(g, shift, "days", "Mon-Sun", "Mon-Fri", "Tue, Thu", "Sun")
                first = {"after": some(0, 1200), "length": some(0, 600), "paid": g.random() < 0.5}
                second = {"after": "30 min", "length": g.choice(("0 s", "5 min", "30 min"))}
                chance(
                    g, shift, "breaks", [first], [second], [second, first], [{**second, "after": f"{hours - 1} h", "length": "1 h"}], p=0.8
                )
                pool["shifts"].append(shift)
        shrinkage: dict[str, Any] = {}
        chance(g, shrinkage, "planned", 0.12, 0.5, "100 %", p=0.4)
        chance(g, shrinkage, "absence", 0.1, 0.4, p=0.5)
        chance(g, shrinkage, "absence_cv", 1.0, p=0.4)
        chance(g, shrinkage, "absence_paid", False, p=0.5)
        chance(g, pool, "shrinkage", shrinkage, p=0.5)
        chance(g, pool, "adherence", {"late": law(g, grid, 0, 900)}, {"early": law(g, grid, 0, 900), "late": law(g, grid, 0, 6000)}, p=0.4)
        taught = {"share": g.choice((0.0, 0.2)), "cost": "12 USD/d", "speed": g.choice((1.0, 1.25)), "resolve": g.choice((1.0, 1.1, 0.9))}
        chance(g, pool, "training", taught, p=0.3)
        if g.random() < 0.3:
            del pool["wage"]
            bought = pool["outsourced"] = {"price": "1.505 USD", "per": g.choice(("contact", "minute", "hour"))}
            chance(g, bought, "context", "all", "own", "none", p=0.7)
            ramp = {"from": "2001-01-01 01:00", "length": g.choice(("0 s", "1 h", "4 h")), "speed": g.choice((1.0, 0.5)), "resolve": 0.7}
            chance(g, bought, "ramp", ramp, p=0.6)
    return w


def fill_slots(w: dict[str, Any], seed: int) -> None:
    """In a third of the worlds the fullest agent first, and further slots held back."""
    g = random.Random(f"slots {seed}")
    if g.random() < 2 / 3:
        return
    grid = grid_of(seed)
    for _, pool in sorted(w["staffing"]["pools"].items()):
        chance(g, pool, "fill", "stack", "spread", p=0.8)
        for _, skill in sorted(pool["skills"].items()):
            delay = f"{g.choice((0, 1, 2)) * grid} s" if grid else f"{g.uniform(0.0, 90.0):.3f} s"
            if g.random() < 0.5 and skill.get("concurrency", 1) > 1:
                skill["join"] = g.choice(({"after": delay}, {"above": g.randint(0, 3)}, {"after": delay, "above": g.randint(1, 3)}))


def law(g: random.Random, grid: int, low: int, high: int) -> dict[str, Any]:
    """A law of durations; on the grid constants that are multiples of it."""
    if grid:
        return {"law": "constant", "value": f"{grid * g.randint(low // grid, max(1, high // grid))} s"}
    mean = f"{g.uniform(max(low, 1), high):.3f} s"
    kind = g.choice(("exponential", "lognormal", "gamma", "weibull", "uniform", "constant"))
    if kind == "constant":
        return {"law": kind, "value": mean}
    if kind == "exponential":
        return {"law": kind, "mean": mean}
    if kind == "uniform":
        return {"law": kind, "low": "0 s", "high": mean}
    return {"law": kind, "mean": mean, "cv": g.choice((0.5, 1.3))}


def patience(g: random.Random, grid: int) -> Any:
    """Patience: never, none at all, a law, or a mixture with balking."""
    if grid:
        return g.choice(("never", {"law": "constant", "value": f"{grid * g.randint(0, 4)} s"}))
    balk = {
        "law": "mixture",
        "parts": [{"share": 0.2, "law": "constant", "value": "0 s"}, {"share": 0.8, "law": "exponential", "mean": "90 s"}],
    }
    return g.choice(("never", {"law": "exponential", "mean": "60 s"}, {"law": "constant", "value": "45 s"}, balk))


def stream(g: random.Random, goal: str, helped: list[str], browse: list[str], names: list[str]) -> dict[str, Any]:
    """Demand by rate, clock map, volume with profile and surge, or batch."""
    targets = helped if goal == "issue" else names
    first, second = g.choice(targets), g.choice(targets)
    out: dict[str, Any] = {"goal": goal, "enter": {first: 1.0} if first == second else {first: 0.6, second: 0.4}}
    how = g.choice(("rate", "clock", "volume", "batch"))
    if how == "rate":
        out["rate"] = f"{g.uniform(0.1, 1.5):.3f} /min"
    elif how == "clock":
        out["rate"] = {"00:00": "0.5 /min", "01:00": "2 /min", "03:00": "0 /min"}
    elif how == "volume":
        out |= {"volume": g.randint(20, 250), "profile": {"hourly": [g.randint(0, 5) for _ in range(23)] + [1]}}
        if sum(out["profile"]["hourly"][:4]) == 0:
            out["profile"]["hourly"][0] = 1
        out["surge"] = [{"from": "2001-01-01 01:00", "to": "2001-01-01 01:30", "factor": g.choice((3, 0.5))}]
    else:
        out["at"] = {"00:00": g.randint(1, 30), "2001-01-01 02:00": g.randint(1, 20)}
    if goal == "issue" and browse and g.random() < 0.6:
        out["preceded"] = {browse[0]: 0.5}
        if g.random() < 0.5:
            out["preceded_gap"] = {"law": "constant", "value": "2 min"}
    return out


def context(g: random.Random, names: list[str]) -> dict[str, Any]:
    """Context rules with gains and harms."""
    out: dict[str, Any] = {
        "preset": g.choice(PRESETS),
        "self_service_counts": g.random() < 0.7,
        "own_memory": g.choice((1.0, 0.5)),
        "effects": {
            "repeat_time": g.choice(("0 s", "75 s", "30 s")),
            "lookup_time": g.choice(("0 s", "20 s")),
            "resolution_loss": g.choice((0.0, 0.3)),
            "patience_factor": g.choice((1.0, 0.5)),
            "contradiction_loss": g.choice((0.0, 0.4)),
        },
        "harms": {
            "false_match": g.choice((0.0, 0.2)),
            "stale": g.choice((0.0, 0.3)),
            "wrong_record_time": g.choice(("0 s", "60 s")),
            "wrong_record_loss": g.choice((0.0, 0.5)),
            "consent_friction": g.choice((0.0, 0.2)),
            "induced_contacts": g.choice((0.0, 0.1)),
        },
        "hub": {"cost": "900 USD/day", "down": [{"from": "2001-01-01 01:00", "to": "2001-01-01 02:00"}] if g.random() < 0.4 else []},
    }
    out.update(g.choice(({}, {"time_to_live": "30 min"}, {"half_life": "20 min"})))
    if g.random() < 0.3:
        out["level"] = g.choice(("L0", "L1", "L2", "L3", "L4"))
    return out


def customers(g: random.Random, names: list[str], live: list[str]) -> dict[str, Any]:
    """Segments and, sometimes, free choice."""
    out: dict[str, Any] = {
        "segments": {
            "hurried": {"share": 0.4, "patience_factor": 0.5, "effort_sensitivity": 2.0, "habit": {live[0]: 0.5}},
            "calm": {"share": 0.6, "habit": {g.choice(names): 1.0}},
        }
    }
    if g.random() < 0.7:
        out["choice"] = {"wait": "0.1 /min", "effort": {live[0]: 0.2}, "nudge": {live[-1]: 0.3}, "outside": -1.0}
    return out


def open_shop(w: dict[str, Any], seed: int) -> dict[str, Any]:
    """World `w` with a shop: a random subset of everything that a shop's file can say."""
    g = random.Random(f"shop {seed}")
    grid = grid_of(seed)
    channels = w["channels"]
    if not any("browse" in c for c in channels.values()) or g.random() < 0.5:
        channels["shop0"] = {"browse": {"time": law(g, grid, 30, 300)}}
        if g.random() < 0.3:
            channels["shop0"]["hours"] = "Mon-Sun 00:00-01:00, Mon-Sun 01:30-04:00"
    floor = []
    if g.random() < 0.6:
        help_ = {"mode": "live", "handling": law(g, grid, 30, 200), "patience": patience(g, grid)}
        channels["store"] = {"browse": {"time": law(g, grid, 30, 300)}, "help": help_}
        floor.append("store")
        if g.random() < 0.4:
            channels["store"]["hours"] = "Mon-Sun 00:30-03:30"
    if g.random() < 0.4:
        channels["desk"] = {"help": {"mode": "live", "handling": law(g, grid, 30, 90)}}
        if "store" in channels:
            channels["desk"]["medium"] = "store"
        floor.append("desk")
    if floor:
        w["staffing"]["pools"]["floor"] = {"agents": g.randint(1, 4), "wage": "16.19 USD/h", "skills": {c: {} for c in floor}}
    names = sorted(channels)
    fronts = [c for c in names if "browse" in channels[c]]
    helped = [c for c in names if "help" in channels[c]]
    sellers = sorted({g.choice(fronts), *(c for c in names if g.random() < (0.7 if c in fronts else 0.2))})
    for c in sellers:
        channels[c]["sell"] = True
    shoppers(g, grid, w, [*fronts, *sellers])
    choice = "choice" in w.get("customers", {})
    w.setdefault("journey", {})["shop"] = shop_journey(g, grid, names, fronts, helped, sellers, choice)
    kinds, places = customers_of_shop(g, w, fronts), regions_of_shop(g)
    if places:
        w["regions"] = places
        if kinds and g.random() < 0.7:
            kinds[0]["region"] = shares(g, sorted(places))
    after_orders(g, grid, w, helped)
    money(g, grid, w, names, fronts, sellers)
    if "context" in w:
        w["context"]["effects"] |= {"purchase": g.choice((0.0, 0.8)), "cart_lost": g.choice((0.0, 0.3, 1.0))}
    return w


def store_work(w: dict[str, Any], seed: int) -> dict[str, Any]:
    """In half of the shops orders for pick-up are picked by the people of the store, and goods brought back raise work."""
    g = random.Random(f"store work {seed}")
    if g.random() < 0.5:
        return w
    grid = grid_of(seed)
    pool = w["staffing"]["pools"].get("floor") or w["staffing"]["pools"]["pool0"]
    tasks: dict[str, Any] = {}
    for key in ("picking", "returns"):
        if g.random() < 0.7:
            tasks[key] = g.choice((key, *sorted(pool["skills"])))
        if tasks.get(key) == key:
            w["channels"][key] = {"help": {"mode": g.choice(("inbox", "live")), "handling": law(g, grid, 30, 400)}}
            pool["skills"][key] = {"priority": g.randint(1, 3)}
    w.setdefault("fulfilment", {})["tasks"] = tasks
    return w


def shoppers(g: random.Random, grid: int, w: dict[str, Any], fronts: list[str]) -> None:
    """The first stream comes to buy; on the grid often many at one moment."""
    mine = w["demand"]["stream0"]
    mine.pop("preceded", None)
    mine.pop("preceded_gap", None)
    mine |= {"goal": "shop", "enter": shares(g, fronts)}
    if grid and g.random() < 0.5:
        for key in ("rate", "volume", "profile", "surge"):
            mine.pop(key, None)
        mine["at"] = {"00:00": g.randint(5, 40), "2001-01-01 01:00": g.randint(5, 40)}


def shares(g: random.Random, names: list[str], total: float = 1.0) -> dict[str, float]:
    """Shares of one or two of the names."""
    one, other = g.choice(names), g.choice(names)
    return {one: total} if one == other else {one: 0.625 * total, other: 0.375 * total}


def shop_journey(
    g: random.Random, grid: int, names: list[str], fronts: list[str], helped: list[str], sellers: list[str], choice: bool
) -> dict[str, Any]:
    """Carts, questions, what buying is weighed against, who looks elsewhere and who comes back."""
    out: dict[str, Any] = {"cart": {c: g.choice((0.3, 0.6, 0.9, 1.0)) for c in sellers}}
    if g.random() < 0.8:
        out["buy"] = {c: g.choice((0.3, 0.6, 0.8, 1.0, 0.0)) for c in sellers}
    if "store" in sellers and g.random() < 0.7:
        out["carry"] = {"store": True}
    if g.random() < 0.7:
        out["switch"] = {c: shares(g, fronts, 0.5) for c in fronts if g.random() < 0.7}
        if choice:
            out["switch"][g.choice(names)] = {g.choice(fronts): 0.3, "free": 0.4}
        if g.random() < 0.6:
            out["switch_delay"] = law(g, grid, 0, 1800)
    if g.random() < 0.7:
        asking = sorted({g.choice(fronts), g.choice(fronts), *(c for c in sellers if g.random() < 0.2)})
        ask = out["ask"] = {"share": {c: g.choice((0.2, 0.5, 1.0)) for c in asking}}
        ask["channel"] = {c: shares(g, helped) for c in asking if c not in helped or g.random() < 0.5}
        chance(g, ask, "keen", 3.0, 0.5)
        live = [c for c in helped if not c.startswith("inbox")]
        if g.random() < 0.6:
            ask["lift"] = {g.choice(live): 1.3}
        chance(g, ask, "delay", 0.3)
        chance(g, ask, "scale", "1 min")
        chance(g, ask, "unanswered", 0.8)
        chance(g, ask, "elsewhere", 0.3)
    if g.random() < 0.7:
        out["purchase"] = {"fee": g.choice((0.0, 5.0, 12.0)), "lead": g.choice(("0 /d", "20 /d")), "contradiction": g.choice((0.0, 0.5))}
    if g.random() < 0.5:
        out["reasons"] = {"account": 0.2, "trust": 0.3, "checkout": 0.1}
    if g.random() < 0.6:
        out["back"] = {
            "share": g.choice((0.4, 1.0)),
            "channel": g.choice(({"same": 1.0}, shares(g, [*fronts, "same"]))),
            "most": g.randint(0, 2),
        }
        chance(g, out["back"], "delay", law(g, grid, 0, 1200), p=0.8)
    return out


def chance(g: random.Random, block: dict[str, Any], key: str, *values: Any, p: float = 0.6) -> None:
    """Sometimes `key` is said, with one of these values."""
    if g.random() < p:
        block[key] = g.choice(values)


def customers_of_shop(g: random.Random, w: dict[str, Any], fronts: list[str]) -> list[dict[str, Any]]:
    """Devices of the fronts, and what segments are to a shop; the segments, if there are any."""
    devices = {"desktop": {"share": 0.4}, "phone": {"share": 0.6, "buy": -0.5, "pad": 0.7}}
    having = [c for c in fronts if g.random() < 0.4]
    for c in having:
        w["channels"][c]["devices"] = devices
    kinds: list[dict[str, Any]] = list(w.get("customers", {}).get("segments", {}).values())
    for kind in kinds:
        chance(g, kind, "basket_factor", 0.5, 1.5)
        chance(g, kind, "price_sensitivity", 0.5, 2.0)
        chance(g, kind, "buy", 0.3, -0.4)
        chance(g, kind, "login_rate", 0.5, 1.4)
        if having:
            chance(g, kind, "device", {"phone": 1.0}, {"desktop": 0.7, "phone": 0.3})
    return kinds


def regions_of_shop(g: random.Random) -> dict[str, Any]:
    """Where they live: nowhere in particular, or in two places."""
    if g.random() < 0.4:
        return {}
    return {
        "near": {"share": 0.7, "zone": "2", "distance": "50 mi", "lead_factor": g.choice((1.0, 0.5))},
        "far": {"share": 0.3, "zone": "8", "distance": "1500 mi", "lead_factor": g.choice((1.0, 2.0)), "store": g.random() < 0.3},
    }


def after_orders(g: random.Random, grid: int, w: dict[str, Any], helped: list[str]) -> None:
    """Delivery, pick-up, returns, the message to those who left a cart, and the issues that arise."""
    if g.random() < 0.8:
        orders = {"enter": shares(g, helped)}
        for key in ("question", "late", "faulty", "returned"):
            chance(g, orders, key, 0.4, 1.0, p=0.7)
        w["journey"].setdefault("issue", {})["orders"] = orders
    if g.random() < 0.85:
        shipping = w["shipping"] = {}
        chance(g, shipping, "lead", law(g, grid, 0, 3600), p=0.8)
        chance(g, shipping, "promise", "10 min", "30 min")
        if g.random() < 0.5:
            pickup = shipping["pickup"] = {"share": g.choice((0.3, 1.0))}
            chance(g, pickup, "ready", law(g, grid, 0, 900), p=0.8)
            chance(g, pickup, "promise", "5 min", "10 min")
            chance(g, pickup, "collect", law(g, grid, 0, 2400), p=0.8)
            chance(g, pickup, "cost", "1 USD")
            chance(g, pickup, "desk", "desk" if "desk" in helped else g.choice(helped))
            chance(g, pickup, "extra", {"share": 0.4, "value": "25 USD", "cv": 0.8}, {"share": 1.0, "value": "3.33 USD"})
    if g.random() < 0.7:
        returns = w["returns"] = {"cost": "10 USD", "loss": g.choice((0.0, 0.15))}
        chance(g, returns, "after", law(g, grid, 0, 2400), p=0.8)
        chance(g, returns, "faulty", 0.8, 1.0)
        chance(g, returns, "late_factor", 1.5, 0.5)
        if g.random() < 0.5:
            returns |= {"store_cost": "4 USD", "store_share": 0.6}
        if g.random() < 0.4:
            returns["factor"] = {g.choice(sorted(w["journey"]["shop"]["cart"])): 0.57}


def money(g: random.Random, grid: int, w: dict[str, Any], names: list[str], fronts: list[str], sellers: list[str]) -> None:
    """What is sold, what it costs to send, who pays for that, and the rest of the firm."""
    if g.random() < 0.5:
        message = {"open": g.choice((0.6, 1.0)), "click": g.choice((0.5, 0.9)), "channel": shares(g, fronts), "cost": ".002 USD"}
        chance(g, message, "delay", law(g, grid, 0, 1200), p=0.8)
        chance(g, message, "coupon", 0.1, 0.3)
        w["marketing"] = {"cart_message": message}
    if g.random() < 0.15:
        return  # carts are counted and have no value
    products = {
        "shirt": {
            "share": 0.7,
            "price": "30 USD",
            "cv": 0.8,
            "items": 2,
            "margin": 0.45,
            "weight": ".3 kg",
            "returned": 0.25,
            "faulty": 0.1,
        },
        "lamp": {"share": 0.3, "price": "60.005 USD", "margin": 0.35, "weight": "2.5 kg", "returned": 0.08, "faulty": 0.2},
    }
    w["catalog"] = {
        "products": products if g.random() < 0.7 else {"thing": {"share": 1, "price": "75 USD", "cv": g.choice((0.0, 1.0)), "margin": 0.4}}
    }
    if g.random() < 0.6:
        w["fulfilment"] = {"pick": "2 USD", "pick_item": ".2 USD", "store_pick": "2.7 USD"}
    if "shipping" in w:
        shipping = w["shipping"]
        how = g.choice(("carriage", "card", "none"))
        if how == "carriage":
            shipping["carriage"] = {"parcel": "8.759 USD", "item": ".423 USD", "item_mile": ".000541 USD"}
        if how == "card":
            zones = {"2": ["8.10 USD", "9.40 USD", "13.20 USD"], "8": ["11 USD", "14.5 USD", "30 USD"]}
            shipping["card"] = {"up_to": ["1 kg", "2 kg", "5 kg"], "zones": zones if "regions" in w else {"2": zones["2"]}}
        policy = g.choice(("free", "flat", "threshold", "threshold", "threshold"))
        fee: dict[str, Any] = {"policy": policy}
        if policy != "free":
            fee["amount"] = "5.95 USD"
            if "customers" in w:
                chance(g, fee, "free_for", ["calm"], ["hurried", "calm"], p=0.8)
        if policy == "threshold":
            fee["above"] = g.choice(("75 USD", "40.004 USD"))
            chance(g, shipping, "pad", {"share": 0.4, "returned": 0.5}, {"share": 1.0, "reach": 3, "returned": 0.1}, p=0.8)
        shipping["fee"] = fee
    if g.random() < 0.6:
        costs = w["costs"] = {"payment": 0.025, "marketing": "300 USD/d", "capital": "50000 USD"}
        chance(g, costs, "life", "1095 d")
        chance(g, costs, "commission", {g.choice(sellers): 0.15})
        chance(g, costs, "acquisition", {g.choice(fronts): ".25 USD"})
        chance(g, costs, "fixed", {g.choice(names): "800 USD/d"})


def route(w: dict[str, Any], seed: int) -> None:
    """In half of the worlds other routing policies, pools that help out, idle agents kept from messages, lines shared."""
    g = random.Random(f"routing {seed}")
    retry = w.get("journey", {}).get("issue", {}).get("retry")
    if retry:
        again = random.Random(f"again {seed}")
        chance(again, retry, "after_blocked", 0.0, 1.0, p=0.3)
        chance(again, retry, "after_closed", 0.0, 0.7, p=0.3)
    if g.random() < 0.5:
        return
    staffing, grid = w["staffing"], grid_of(seed)
    live = sorted(c for c, said in w["channels"].items() if said.get("help", {}).get("mode") == "live")
    if g.random() < 0.6:
        staffing["routing"] = {
            "agent": g.choice(("random", "specialist_first", "preference", "least_loaded")),
            "contact": g.choice(("weighted_wait", "ageing", "priority", "longest_wait")),
        }
        if staffing["routing"]["contact"] == "ageing":
            staffing["routing"]["ageing"] = f"{g.choice((0, 30, 300))} s"
    helping = g.random() < 0.6
    for name in sorted(staffing["pools"]):
        pool = staffing["pools"][name]
        if g.random() < 0.6:
            pool["reserve"] = g.randint(0, 3)
        for c in sorted(pool["skills"]):
            skill = pool["skills"][c]
            chance(g, skill, "weight", 0.5, 3.0, p=0.4)
            if helping and g.random() < 0.5:
                delay = f"{g.choice((0, 1, 2, 5)) * grid} s" if grid else f"{g.uniform(0.0, 120.0):.3f} s"
                skill["overflow"] = g.choice(({"after": delay}, {"above": g.randint(0, 4)}, {"after": delay, "above": g.randint(1, 4)}))
    if g.random() < 0.4:
        mine = g.sample(live, g.randint(1, len(live)))
        staffing["trunks"] = {"lines": {"channels": mine[:2], "limit": g.randint(0, 8)}}
        if mine[2:]:
            staffing["trunks"]["more"] = {"channels": mine[2:], "limit": g.randint(1, 8)}


def load_world(folder: Path, seed: int, shop: bool | None = None, **changes: Any) -> Scenario:
    """World `seed` as a loaded scenario; the file is JSON, which is YAML."""
    path = folder / f"world{seed}.yaml"
    path.write_text(json.dumps({**world(seed, shop), **changes}), encoding="utf-8")
    return load(path)
