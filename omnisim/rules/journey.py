"""What a customer does next, and after how long.

    issue    touch -> resolved | unresolved, abandoned, blocked, closed -> try again (where, after how long) | lost
             inbox deadline missed -> try elsewhere at once | go on waiting
    markov   visit -> next channel with switch[i][j] | converted with convert[i] | left
    shop     see `rules.shop`

The answer is three numbers: GO or an end, the channel (or FREE: chosen when the time comes), and the delay.
"""

import math
from typing import Any

import numpy as np

from omnisim.draws import draw
from omnisim.jit import njit, whole
from omnisim.laws import sample
from omnisim.own import call_own
from omnisim.rules import choice
from omnisim.rules.bots import ESCALATED, FALSE_CLOSURE, UNSOLVED, bot_ends
from omnisim.rules.context import remember
from omnisim.rules.person import pick, pick_certain
from omnisim.rules.serving import TALKS, resolves, take_up
from omnisim.rules.shop import decide, shop_step
from omnisim.words import End, Goal, Mode, Outcome, Purpose

RETRY_RULE = np.dtype(
    [
        ("on", "i8"),
        ("after_abandoned", "f8"),
        ("after_unresolved", "f8"),
        ("delay", "i8"),  # law
        ("most", "i8"),  # further attempts; -1: no limit
        ("redraw", "i8"),
        ("own", "i8"),  # a person's own rule for the chance; 0: none
        ("after_blocked", "f8"),
        ("after_closed", "f8"),
    ],
    align=True,
)

GO = choice.GO  # otherwise an `End`
FREE = choice.FREE  # channel: chosen freely when the time comes

MARKOV = int(Goal.MARKOV)
ISSUE = int(Goal.ISSUE)
SHOP = int(Goal.SHOP)
HANDLED = int(Outcome.HANDLED)
BROWSED = int(Outcome.BROWSED)
BLOCKED = int(Outcome.BLOCKED)
CLOSED = int(Outcome.CLOSED)
DEFLECTED = int(Outcome.DEFLECTED)
BROWSE = int(Mode.BROWSE)
RESOLVED = int(End.RESOLVED)
LOST = int(End.LOST)
CONVERTED = int(End.CONVERTED)
LEFT = int(End.LEFT)
RETRY = int(Purpose.RETRY)
RETRY_DELAY = int(Purpose.RETRY_DELAY)
RETRY_CHANNEL = int(Purpose.RETRY_CHANNEL)
SWITCH = int(Purpose.SWITCH)
MISSED = int(Purpose.MISSED)
PRECEDED_GAP = int(Purpose.PRECEDED_GAP)


@njit(inline=True)
def end_touch(
    people: Any, i: int, touches: Any, j: int, outcome: int, now: float, lived: Any, channels: Any, rules: Any, orders: Any, segments: Any,
    team: Any, bots: Any, contain: Any, handled: Any, front: Any, asks: Any, shop_switch: Any, message_to: Any, back_to: Any, shop: Any,
    products: Any, regions: Any, zones: Any, up_to: Any, devices: Any, device_upto: Any, region_upto: Any, laws: Any, points: Any,
    goods: Any,
) -> None:  # fmt: skip
    """A touch ends: its outcome, what it leaves in the firm's memory and in the customer's, and where it leads a shopper."""
    p = people[i]
    t = touches[j]
    t["outcome"] = outcome
    t["ended"] = now
    take_up(touches, j, now)
    served = outcome in (HANDLED, BROWSED)
    c = channels[t["channel"]]
    kept = c["warm"] if t["transfer"] >= 0 else 1
    if t["bot"] == TALKS:
        bot_ends(p, t, c, bots, contain, handled)
        kept = bots[t["channel"]]["follows"]
    if t["aside"] == 1 or not served:
        t["transfer"] = -1
    if p["goal"] == SHOP and t["aside"] == 0:
        decide(
            people, whole(i), touches, whole(j), orders, now, channels, segments, rules, front, shop_switch, message_to, shop, products,
            regions, zones, up_to, devices, device_upto, laws, points, goods,
        )  # fmt: skip
    if served:
        remember(people, i, t["mode"], t["step"], c["medium"], now, rules, whole(kept))
        if p["goal"] == ISSUE and t["aside"] == 0:
            t["resolved"] = 1 if resolves(people, i, touches, j, channels, rules, team) else 0
    if t["aside"] == 1:
        return  # the customer has gone elsewhere: the answer is work done, the journey goes on without it
    p["last_end"] = now
    handed_on = t["transfer"] >= 0
    if outcome == HANDLED and not handed_on:
        if p["answered"] == 0 and t["resolved"] == 1:
            p["first_resolved"] = 1
        p["answered"] += 1
    if not served:
        p["failures"] += 1
        p["answered"] += p["chain"]  # the first agent had answered, and then nobody did
    p["chain"] = 1 if handed_on else 0
    if t["mode"] != BROWSE:
        begun = now if math.isnan(t["started"]) else t["started"]
        lived[i, t["channel"]] = t["told"] if t["balked"] == 1 else begun - t["arrived"]
        p["waited"] += begun - t["arrived"]


@njit(inline=True)
def next_step(
    people: Any, i: int, touches: Any, j: int, channels: Any, switch: Any, retry: Any, retry_to: Any, streams: Any, laws: Any, points: Any,
    bots: Any,
    front: Any, asks: Any, shop_switch: Any, message_to: Any, back_to: Any, shop: Any, products: Any, regions: Any, zones: Any, up_to: Any,
    devices: Any, device_upto: Any, region_upto: Any,
) -> tuple[int, int, float]:  # fmt: skip
    """After `end_touch`: (GO or how the journey ends, channel, delay in s).

    `switch` [channel, channel]; `retry_to` [channel..., same, free]: shares of where a further attempt goes.
    """
    p = people[i]
    t = touches[j]
    here = t["channel"]
    c = channels[here]
    if t["bot"] == ESCALATED:
        p["sent"] = 1
        return GO, whole(bots[t["channel"]]["to"]), 0.0
    if t["transfer"] >= 0:
        p["sent"] = 2
        return GO, whole(t["transfer"]), 0.0
    if t["outcome"] == DEFLECTED and c["message_to"] >= 0 and (p["goal"] != SHOP or p["stage"] == 1):
        return GO, whole(c["message_to"]), 0.0
    if p["goal"] == SHOP:
        return shop_step(people, whole(i), touches, whole(j), channels, asks, message_to, back_to, shop, laws, points)
    served = t["outcome"] == HANDLED or t["outcome"] == BROWSED
    if p["goal"] == MARKOV:
        if not served or t["bot"] == FALSE_CLOSURE or t["bot"] == UNSOLVED:
            return LEFT, -1, 0.0
        u = draw(p["key0"], p["key1"], SWITCH, c["hash"], t["visit"])
        to = pick(u, switch[here])
        if to >= 0:
            return GO, to, 0.0
        upto = 0.0
        for k in range(switch.shape[1]):
            upto += switch[here, k]
        return (CONVERTED if u < upto + c["convert"] * (1.0 - c["friction"]) else LEFT), -1, 0.0
    if t["resolved"] == 1:
        return RESOLVED, -1, 0.0
    if p["then_channel"] >= 0:  # the self-service touch that came first did not help: now the contact
        to = p["then_channel"]
        p["then_channel"] = -1
        gap = streams[p["stream"]]["gap"]
        delay = sample(laws, points, gap, draw(p["key0"], p["key1"], PRECEDED_GAP, 0, 0)) if gap >= 0 else 0.0
        return GO, to, delay
    r = retry[0]
    if r["on"] == 0 or (r["most"] >= 0 and p["retries"] >= r["most"]):
        return LOST, -1, 0.0
    chance = r["after_unresolved"] if served else r["after_abandoned"]
    if t["outcome"] == BLOCKED:
        chance = r["after_blocked"]
    elif t["outcome"] == CLOSED:
        chance = r["after_closed"]
    if r["own"] != 0:
        chance = _own_chance(p, t, r, chance)
    if draw(p["key0"], p["key1"], RETRY, c["hash"], t["visit"]) >= chance:
        return LOST, -1, 0.0
    p["retries"] += 1
    to = pick_certain(draw(p["key0"], p["key1"], RETRY_CHANNEL, c["hash"], t["visit"]), retry_to)
    n = channels.shape[0]
    if to == n:
        to = here
    elif to == n + 1:
        to = FREE
    return GO, to, sample(laws, points, r["delay"], draw(p["key0"], p["key1"], RETRY_DELAY, c["hash"], t["visit"]))


@njit(inline=True)
def _own_chance(p: Any, t: Any, r: Any, chance: float) -> float:
    """What a person's own rule says of the chance that this customer tries again."""
    met = not math.isnan(t["started"])
    waited = (t["started"] if met else t["ended"]) - t["arrived"]
    known = t["completeness"] if met else 1.0
    own = call_own(r["own"], (chance, float(t["outcome"]), float(p["contacts"]), waited, float(p["repeats"]), known))
    return own if own > 0.0 else 0.0


@njit(inline=True)
def miss_deadline(people: Any, i: int, touches: Any, j: int, now: float, channels: Any, missed: Any, retry: Any) -> int:
    """An unanswered message reaches its deadline: the channel where the customer now tries instead, or -1: he goes on waiting.

    `missed` [inbox channel, channel]: shares.  Who goes elsewhere leaves the message `aside`.
    """
    p = people[i]
    t = touches[j]
    t["missed"] = 1
    p["missed"] += 1
    r = retry[0]
    if r["on"] == 1 and r["most"] >= 0 and p["retries"] >= r["most"]:
        return -1
    here = t["channel"]
    to = pick(draw(p["key0"], p["key1"], MISSED, channels[here]["hash"], t["visit"]), missed[here])
    if to >= 0:
        t["aside"] = 1
        p["retries"] += 1
        p["last_end"] = now
    return to


@njit(inline=True)
def close_journey(people: Any, i: int, rows: Any, n: int, end: int, now: float) -> None:
    """The journey of customer `i` becomes row `n` of the records; `end` OPEN: not ended when the run ended."""
    p = people[i]
    row = rows[n]
    row["customer"] = p["customer"]
    row["source"] = p["source"]
    row["k"] = p["k"]
    row["stream"] = p["stream"]
    row["segment"] = p["segment"]
    row["goal"] = p["goal"]
    row["end"] = end
    row["first_resolved"] = p["first_resolved"]
    row["first_channel"] = p["first_channel"]
    row["last_channel"] = p["last_channel"]
    row["touches"] = p["touches"]
    row["contacts"] = p["contacts"]
    row["answered"] = p["answered"]
    row["failures"] = p["failures"]
    row["repeats"] = p["repeats"]
    row["contradictions"] = p["contradictions"]
    row["missed"] = p["missed"]
    media = 0
    bits = p["media"]
    while bits != np.uint64(0):
        bits &= bits - np.uint64(1)
        media += 1
    row["media"] = media
    row["need"] = p["need"]
    row["parent"] = p["parent"]
    row["region"] = p["region"]
    row["step"] = p["step"]
    row["reason"] = p["reason"]
    row["asked"] = p["asked"]
    row["below"] = p["below"]
    row["padded"] = p["padded"]
    row["checkouts"] = p["checkouts"]
    row["arrived"] = p["arrived"]
    row["ended"] = math.nan if end == 0 else now
    row["idle_since"] = math.nan
    row["bond"] = 0
    row["effort"] = 0.0
    row["satisfaction"] = math.nan
