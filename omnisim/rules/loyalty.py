"""What becomes of a customer between his needs: content or not, gone or coming back, telling others, renewing.

    a journey closes -> effort, satisfaction -> defects | comes again after a gap | tells somebody, who comes too
    a parcel comes late -> satisfaction, defects     a subscription falls due -> renewed | lapsed

    customers   one row a customer who is followed (`records.CUSTOMER`), from his first need on
    bonds       [row] BOND, what the firm and he remember between two needs
    known       [row, channel] the wait he lived last, s; -1: none; no columns where nobody chooses freely

Between two needs a customer is such a row and an event; a person's row he takes only for a need.  His n-th need of his own
has the number n << 32, needs that arise from its order the numbers above it: luck is keyed by need, as ever.

Sources: Fader, Hardie, Lee, Counting your customers the easy way: an alternative to the Pareto/NBD model, Marketing Science
24 (2005) 275-284 (rate gamma, share who stop beta); hazards by outcome: SQM (2022), stated intent, see docs/relationship.md.
"""

import math
from typing import Any

import numpy as np

from omnisim.draws import U, Word, customer_key, draw, threefry2x64
from omnisim.jit import njit, whole
from omnisim.laws import gamma_inverse, sample
from omnisim.rules.person import FACTS, admit
from omnisim.words import Carried, End, Fact, Goal, Parting, Purpose, Way

BOND = np.dtype(
    [
        ("rate", "f8"),  # how often he comes, 1/s; below 0: not drawn yet
        ("drop", "f8"),  # chance that he stops after a purchase
        ("wrote", "f8", (FACTS,)),  # as in PERSON
        ("origins", "u8", (FACTS,)),
        ("media", "u8"),  # bit m: medium m touched
        ("messages", "i2"),  # as in PERSON: what he has been sent does not wear off by buying
        ("unsubscribed", "i1"),
        ("threads", "i4"),  # what still needs the row: persons, events
        ("next", "i4"),  # free list
    ],
    align=True,
)

TIE = np.dtype(  # by stream: how its customers come again
    [
        ("comes", "i8"),  # 0: never, 1: after `gap`, 2: at a rate of his own (BG/NBD)
        ("gap", "i8"),  # law
        ("stop", "f8"),  # share who stop after a purchase from the second on
        ("r", "f8"),
        ("alpha", "f8"),  # s
        ("a", "f8"),
        ("b", "f8"),
    ],
    align=True,
)

LOYALTY = np.dtype(
    [
        ("on", "i8"),
        # satisfaction: start, weight of the last journey, what is lost by ...
        *((name, "f8") for name in ("start", "weight", "contact", "repeat", "failure", "wait", "unresolved", "contradiction", "missed")),
        *((name, "f8") for name in ("late0", "late5", "late10", "faulty", "cancelled")),
        # effort of a journey, points
        *((name, "f8") for name in ("e_contact", "e_repeat", "e_failure", "e_wait")),
        # chance to leave for good after ...
        *((name, "f8") for name in ("h_first", "h_repeated", "h_unresolved", "h_bought", "h_left", "h_late", "h_effort", "h_satisfaction")),
        ("eager", "f8"),  # how much satisfaction shortens the gap
        # word of mouth
        ("tells", "f8"),
        ("promoter", "f8"),
        ("warns", "f8"),
        ("detractor", "f8"),
        ("tell_delay", "i8"),  # law; -1: at once
        # subscription
        ("take", "f8"),
        ("period", "f8"),
        ("renew", "f8"),
        ("renew_satisfaction", "f8"),
        ("fee", "f8"),  # minor units
        ("fee_earns", "f8"),  # of it contribution margin, minor units
        ("discount", "f8"),  # rate of interest, 1/s, continuous
    ],
    align=True,
)

TOLD_FROM = 1 << 61  # numbers k of those who came because they were told, far from those who come by themselves
NTH = 32  # bits below the number of a need of his own
NEVER, BY_LAW, BY_RATE = 0, 1, 2
LATER_5, LATER_10 = 5 * 86400.0, 10 * 86400.0

SHOP = int(Goal.SHOP)
ISSUE = int(Goal.ISSUE)
RESOLVED = int(End.RESOLVED)
CONVERTED = int(End.CONVERTED)
STAYS = int(Parting.STAYS)
DEFECTED = int(Parting.DEFECTED)
STOPPED = int(Parting.STOPPED)
PLACED = int(Carried.PLACED)
DELIVERED = int(Carried.DELIVERED)
CANCELLED = int(Carried.CANCELLED)
HOME = int(Way.HOME)
CART = int(Fact.CART)
ISSUE_STATE = int(Fact.ISSUE)
EXISTING = int(Purpose.EXISTING)
AGAIN_GAP = int(Purpose.AGAIN_GAP)
AGAIN_RATE = int(Purpose.AGAIN_RATE)
DROP_A = int(Purpose.DROP_A)
DROP_B = int(Purpose.DROP_B)
STOP = int(Purpose.STOP)
DEFECT = int(Purpose.DEFECT)
DEFECT_LATE = int(Purpose.DEFECT_LATE)
TELL = int(Purpose.TELL)
TELL_DELAY = int(Purpose.TELL_DELAY)
TOLD = int(Purpose.TOLD)
WARN = int(Purpose.WARN)
SUBSCRIBE = int(Purpose.SUBSCRIBE)
RENEW = int(Purpose.RENEW)


@njit(inline=True)
def is_own(need: Word) -> bool:
    """Is it a need of his own, and none that arose from an order?"""
    return U(need) & U((1 << NTH) - 1) == U(0)


@njit()
def _empty(customers: Any, bonds: Any, m: int, known: Any, number: int, now: float, start: float) -> None:
    """Row `m` is that of nobody yet."""
    c = customers[m]
    b = bonds[m]
    c["number"] = number
    c["told_by"] = -1
    c["end"] = STAYS
    c["existing"] = 0
    c["subscribed"] = 0
    c["media"] = 0
    c["needs"] = 0
    c["purchases"] = 0
    c["issues"] = 0
    c["told"] = 0
    c["dues"] = 0
    c["renewals"] = 0
    c["satisfaction"] = start
    c["effort"] = 0.0
    c["came"] = now
    c["began"] = math.nan
    c["last"] = math.nan
    c["ended"] = math.nan
    c["sales"] = 0
    c["margin"] = 0
    c["fees"] = 0
    c["value"] = 0.0
    b["rate"] = -1.0
    b["drop"] = 0.0
    for fact in range(FACTS):
        b["wrote"][fact] = 0.0
        b["origins"][fact] = U(0)
    b["media"] = U(0)
    b["messages"] = 0
    b["unsubscribed"] = 0
    for k in range(known.shape[1]):
        known[m, k] = -1.0


@njit()
def _introduces_himself(customers: Any, m: int, p: Any, now: float, segments: Any) -> None:
    """His first need: who he is; who has an issue, or is said to be one, is a customer already."""
    c = customers[m]
    c["customer"] = p["customer"]
    c["k"] = p["k"]
    c["source"] = p["source"]
    c["stream"] = p["stream"]
    c["segment"] = p["segment"]
    c["region"] = p["region"]
    c["first_channel"] = p["first_channel"]
    c["came"] = now
    c["needs"] = 1
    if p["goal"] == ISSUE:
        c["began"] = now
    if c["told_by"] >= 0:
        return  # he is new
    share = segments[p["segment"]]["existing"]
    if p["goal"] == ISSUE or (share > 0.0 and draw(p["key0"], p["key1"], EXISTING, 0, 0) < share):
        c["existing"] = 1
        c["began"] = now
        p["before"] = 1


@njit()
def begin_bond(
    customers: Any, bonds: Any, m: int, known: Any, people: Any, i: int, number: int, now: float, segments: Any, rules: Any
) -> None:
    """A new customer in row `i` of the people is followed from now on in row `m`; `number`: in the order in which that began."""
    _empty(customers, bonds, m, known, number, now, rules[0]["start"])
    _introduces_himself(customers, m, people[i], now, segments)
    people[i]["bond"] = m


@njit()
def come_again(
    customers: Any, bonds: Any, m: int, known: Any, people: Any, i: int, visits: Any, lived: Any, seed: int, customer: int, now: float,
    sources: Any, streams: Any, segments: Any, enter: Any, preceded: Any, region_upto: Any,
) -> int:  # fmt: skip
    """The customer of row `m` has a new need, or comes for the first time because he was told; returns his first channel.

    `customer`: the number of the journey that begins.
    """
    c = customers[m]
    b = bonds[m]
    need = U(c["needs"]) << U(NTH)
    source = whole(c["source"])
    key0, key1 = customer_key(seed, sources[source]["hash"], c["k"], need)
    channel = admit(
        people, whole(i), visits, lived, key0, key1, whole(customer), source, whole(c["k"]), now, sources, streams, segments, enter,
        preceded, region_upto,
    )  # fmt: skip
    p = people[i]
    p["bond"] = m
    if c["needs"] == 0:
        _introduces_himself(customers, m, p, now, segments)
        return channel
    c["needs"] += 1
    p["need"] = need
    p["segment"] = c["segment"]
    p["region"] = c["region"]
    p["coupon"] = 0.0  # that of a campaign was for the visit it brought
    p["messages"] = b["messages"]
    p["unsubscribed"] = b["unsubscribed"]
    p["before"] = 1 if c["existing"] == 1 or c["purchases"] > 0 else 0
    for fact in range(FACTS):
        if fact not in (CART, ISSUE_STATE):  # these belong to one need
            p["wrote"][fact] = b["wrote"][fact]
            p["origins"][fact] = b["origins"][fact]
    for k in range(known.shape[1]):
        lived[i, k] = known[m, k]
    return channel


@njit()
def worth(o: Any) -> int:
    """Contribution margin 2 of an order, minor units, as `ledger.order_margin_2` has it."""
    earned = o["sales"] - o["discount"] - o["refund"] + o["extra"] + o["fee"]
    goods = o["goods"] - o["restocked"] + o["extra_goods"]
    return whole(earned - goods - o["commission"] - o["payment"] - o["handling"] - o["carriage"] - o["return_cost"])


@njit()
def _keep(customers: Any, bonds: Any, m: int, known: Any, p: Any, i: int, lived: Any) -> None:
    """What is remembered of a need when it is over."""
    b = bonds[m]
    for fact in range(FACTS):
        if fact not in (CART, ISSUE_STATE):
            b["wrote"][fact] = max(b["wrote"][fact], p["wrote"][fact])
            b["origins"][fact] |= p["origins"][fact]
    b["media"] |= p["media"]
    if p["goal"] == SHOP:
        b["messages"] = p["messages"]
        b["unsubscribed"] = p["unsubscribed"]
    bits = b["media"]
    media = 0
    while bits != U(0):
        bits &= bits - U(1)
        media += 1
    customers[m]["media"] = media
    for k in range(known.shape[1]):
        if lived[i, k] >= 0.0:
            known[m, k] = lived[i, k]


@njit()
def points_of_effort(contacts: int, repeats: int, failures: int, waited: float, r: Any) -> float:
    """What a journey cost the customer: further contacts, stories told again, attempts in vain, time waited (s)."""
    return r["e_contact"] * max(contacts - 1, 0) + r["e_repeat"] * repeats + r["e_failure"] * failures + r["e_wait"] * waited


@njit()
def _score(p: Any, end: int, cancelled: bool, r: Any) -> float:
    """How content a journey leaves him, 0 to 1."""
    lost = r["contact"] * max(p["contacts"] - 1, 0) + r["repeat"] * p["repeats"] + r["failure"] * p["failures"]
    lost += r["wait"] * p["waited"] + r["contradiction"] * p["contradictions"] + r["missed"] * p["missed"]
    if p["goal"] == ISSUE and end != RESOLVED:
        lost += r["unresolved"]
    if cancelled:
        lost += r["cancelled"]
    return min(max(1.0 - lost, 0.0), 1.0)


@njit()
def hazard(goal: int, end: int, first: int, effort: float, satisfaction: float, r: Any) -> float:
    """Chance that a customer leaves for good after a journey; `first`: an issue settled by the first answer.

    base(outcome) + effort term, times exp(-sensitivity x (satisfaction - start)): monotone in satisfaction; at most 1.
    """
    if goal == ISSUE:
        base = r["h_unresolved"]
        if end == RESOLVED:
            base = r["h_first"] if first == 1 else r["h_repeated"]
    else:
        base = r["h_bought"] if end == CONVERTED else r["h_left"]
    base += r["h_effort"] * effort
    if r["h_satisfaction"] != 0.0:
        base *= math.exp(-r["h_satisfaction"] * (satisfaction - r["start"]))
    return min(max(base, 0.0), 1.0)


@njit()
def _buys(c: Any, o: Any, now: float, sold: bool, r: Any) -> None:
    """A purchase more; what it is worth, discounted to the moment at which he first came."""
    c["purchases"] += 1
    c["last"] = now
    if not sold:
        return
    margin = worth(o)
    c["sales"] += o["sales"] - o["discount"] - o["refund"]
    c["margin"] += margin
    c["value"] += margin * math.exp(-r["discount"] * (now - c["came"]))


@njit()
def _goes(c: Any, end: int, now: float) -> None:
    c["end"] = end
    c["ended"] = now


@njit()
def closes(
    customers: Any, bonds: Any, known: Any, people: Any, i: int, orders: Any, rows: Any, n: int, lived: Any, end: int, now: float,
    limits: Any, sources: Any, seed: int, segments: Any, ties: Any, rules: Any, laws: Any, points: Any,
) -> tuple[float, float]:  # fmt: skip
    """The journey of person `i` has closed (row `n` of the journeys): when he comes again, when a subscription falls due.

    Infinite: not before the horizon.  Fills what the row of the journey says about him.
    """
    p = people[i]
    m = whole(p["bond"])
    c = customers[m]
    r = rules[0]
    row = rows[n]
    sold = p["goal"] == SHOP and end == CONVERTED
    cancelled = sold and orders[i]["state"] == CANCELLED
    bought = end == CONVERTED and not cancelled
    _keep(customers, bonds, m, known, p, i, lived)
    if bought:
        if math.isnan(c["began"]):
            c["began"] = now
        _buys(c, orders[i], now, sold, r)
    if math.isnan(c["began"]):
        return math.inf, math.inf  # he came, and did not become a customer
    if p["goal"] == ISSUE:
        c["issues"] += 1
    effort = points_of_effort(whole(p["contacts"]), whole(p["repeats"]), whole(p["failures"]), p["waited"], r)
    c["effort"] += r["weight"] * (effort - c["effort"])
    c["satisfaction"] += r["weight"] * (_score(p, end, cancelled, r) - c["satisfaction"])
    row["effort"] = effort
    row["satisfaction"] = c["satisfaction"]
    if c["end"] != STAYS:
        return math.inf, math.inf
    row["bond"] = 1
    chance = hazard(whole(p["goal"]), end, whole(p["first_resolved"]), effort, c["satisfaction"], r)
    if chance > 0.0 and draw(p["key0"], p["key1"], DEFECT, 0, 0) < chance:
        row["bond"] = 2
        _goes(c, DEFECTED, now)
        return math.inf, math.inf
    due = math.inf
    if bought and c["subscribed"] == 0 and r["take"] > 0.0 and draw(p["key0"], p["key1"], SUBSCRIBE, 0, 0) < r["take"]:
        c["subscribed"] = 1
        due = _before(now + r["period"], limits[0])
    if not is_own(p["need"]):
        return math.inf, due
    return _before(_next_need(customers, bonds, m, p, bought, now, sources, seed, segments, ties, r, laws, points), limits[0]), due


@njit(inline=True)
def _before(when: float, horizon: float) -> float:
    return when if when < horizon else math.inf


@njit()
def _next_need(
    customers: Any, bonds: Any, m: int, p: Any, bought: bool, now: float, sources: Any, seed: int, segments: Any, ties: Any, r: Any,
    laws: Any, points: Any,
) -> float:  # fmt: skip
    """When his next need of his own comes; infinite where he has stopped, or none is to come."""
    c = customers[m]
    b = bonds[m]
    tie = ties[p["stream"]]
    if tie["comes"] == NEVER:
        return math.inf
    if tie["comes"] == BY_RATE and b["rate"] < 0.0:
        key0, key1 = customer_key(seed, sources[c["source"]]["hash"], c["k"], U(0))
        b["rate"] = gamma_inverse(draw(key0, key1, AGAIN_RATE, 0, 0), tie["r"]) / tie["alpha"]
        x = gamma_inverse(draw(key0, key1, DROP_A, 0, 0), tie["a"])
        y = gamma_inverse(draw(key0, key1, DROP_B, 0, 0), tie["b"])
        b["drop"] = x / (x + y) if x + y > 0.0 else 0.0
    drop = b["drop"] if tie["comes"] == BY_RATE else tie["stop"]
    again = (p["goal"] == ISSUE or bought) and c["needs"] > 1  # of the first nobody is known to come again
    if again and drop > 0.0 and draw(p["key0"], p["key1"], STOP, 0, 0) < drop:
        _goes(c, STOPPED, now)
        return math.inf
    u = draw(p["key0"], p["key1"], AGAIN_GAP, 0, 0)
    if tie["comes"] == BY_RATE:
        gap = -math.log1p(-u) / b["rate"] if b["rate"] > 0.0 else math.inf
    else:
        gap = sample(laws, points, whole(tie["gap"]), u)
    if r["eager"] != 0.0:
        gap *= math.exp(-r["eager"] * (c["satisfaction"] - r["start"]))
    frequency = segments[c["segment"]]["frequency"]
    return now + gap / frequency if frequency > 0.0 else math.inf


@njit()
def tells(customers: Any, people: Any, i: int, mouth: Any, now: float, horizon: float, rules: Any, laws: Any, points: Any) -> float:
    """After `closes`: when somebody comes because this customer told him; infinite: nobody does.

    `mouth` i8[1]: warnings that have met nobody yet; each keeps away one who would have come because he was told.
    """
    r = rules[0]
    p = people[i]
    c = customers[p["bond"]]
    if math.isnan(c["began"]):
        return math.inf
    if r["warns"] > 0.0 and c["satisfaction"] <= r["detractor"] and draw(p["key0"], p["key1"], WARN, 0, 0) < r["warns"]:
        mouth[0] += 1
    if c["end"] != STAYS or r["tells"] <= 0.0 or c["satisfaction"] < r["promoter"]:
        return math.inf
    if draw(p["key0"], p["key1"], TELL, 0, 0) >= r["tells"]:
        return math.inf
    when = now
    if r["tell_delay"] >= 0:
        when += sample(laws, points, whole(r["tell_delay"]), draw(p["key0"], p["key1"], TELL_DELAY, 0, 0))
    if when >= horizon:
        return math.inf
    if mouth[0] > 0:
        mouth[0] -= 1
        return math.inf
    return when


@njit()
def introduce(customers: Any, bonds: Any, m: int, known: Any, people: Any, i: int, number: int, now: float, rules: Any) -> None:
    """Somebody whom customer `i` told will come: row `m` is his; he is a person of his own, keyed by who told him and when."""
    p = people[i]
    c = customers[p["bond"]]
    k, _ = threefry2x64(p["key0"], p["key1"], U(0), U(TOLD) << U(48))
    _empty(customers, bonds, m, known, number, now, rules[0]["start"])
    new = customers[m]
    new["customer"] = -1
    new["k"] = np.int64(k >> U(3)) | TOLD_FROM
    new["source"] = c["source"]
    new["stream"] = c["stream"]
    new["told_by"] = c["number"]
    c["told"] += 1


@njit()
def delivered(customers: Any, people: Any, i: int, orders: Any, before: int, now: float, rules: Any) -> None:
    """An order has had its happening; if it has just come, and late or faulty, the buyer is less content and may leave.

    `before`: words.Carried before that.
    """
    o = orders[i]
    r = rules[0]
    c = customers[people[i]["bond"]]
    if before != PLACED or o["state"] != DELIVERED or c["end"] != STAYS or (o["late"] == 0 and o["faulty"] == 0):
        return
    lost = 0.0
    if o["late"] == 1:
        after = o["due"] - o["promised"] if o["way"] == HOME else 0.0
        lost = r["late10"] if after > LATER_10 else (r["late5"] if after > LATER_5 else r["late0"])
    if o["faulty"] == 1:
        lost += r["faulty"]
    c["satisfaction"] += r["weight"] * (max(1.0 - lost, 0.0) - c["satisfaction"])
    if o["late"] == 1 and r["h_late"] > 0.0:
        chance = r["h_late"]
        if r["h_satisfaction"] != 0.0:
            chance *= math.exp(-r["h_satisfaction"] * (c["satisfaction"] - r["start"]))
        if draw(people[i]["key0"], people[i]["key1"], DEFECT_LATE, 0, 0) < chance:
            _goes(c, DEFECTED, now)


@njit()
def falls_due(customers: Any, m: int, now: float, limits: Any, sources: Any, seed: int, rules: Any) -> float:
    """The subscription of the customer of row `m` falls due: renewed, or it lapses; when it falls due next (infinite: never)."""
    c = customers[m]
    r = rules[0]
    if c["end"] != STAYS or c["subscribed"] == 0:
        c["subscribed"] = 0
        return math.inf
    key0, key1 = customer_key(seed, sources[c["source"]]["hash"], c["k"], U(0))
    chance = r["renew"]
    if r["renew_satisfaction"] != 0.0 and 0.0 < chance < 1.0:
        odds = chance / (1.0 - chance) * math.exp(r["renew_satisfaction"] * (c["satisfaction"] - r["start"]))
        chance = odds / (1.0 + odds)
    c["dues"] += 1
    if draw(key0, key1, RENEW, 0, whole(c["dues"])) >= chance:
        c["subscribed"] = 0
        return math.inf
    c["renewals"] += 1
    if now >= limits[4]:
        c["fees"] += whole(r["fee"])
    c["value"] += r["fee_earns"] * math.exp(-r["discount"] * (now - c["came"]))
    return _before(now + r["period"], limits[0])
