"""What a medium remembers of a customer when it serves him, what it gets wrong, and what his touch leaves behind.

    a kind of fact EXISTS     if any medium holds it
    it is AVAILABLE on d      if d holds it itself and it is alive (own memory), or if some other origin o holds it and he is
                              identified, the item follows o -> d, it is synced (age >= latency), alive, and the hub is up
    completeness q            weight of the available kinds / weight of the existing kinds; nothing exists: 1

Self-service records nothing but that it happened; only a shopper's visit is served with what is known of him (his cart).
Agents of another firm see what they are let see: over links nothing, or nothing at all.
One draw an item decides whether it follows and how long it lives, one draw a contact whether he is identified: better
links, longer life and better identification never lose anybody.
"""

import math
from typing import Any

import numpy as np

from omnisim.draws import U, draw
from omnisim.jit import njit
from omnisim.rules.person import FACTS
from omnisim.rules.team import SEES_ALL, SEES_NOTHING
from omnisim.words import Fact, Goal, Mode, Purpose, Step

# one row: the context rules of the scenario
CONTEXT = np.dtype(
    [
        ("on", "i8"),  # 0: no context block, everything remembered
        ("self_service_counts", "i8"),
        ("latency", "f8"),
        ("time_to_live", "f8"),  # infinite: never forgets
        ("half_life", "f8"),  # infinite: never forgets
        ("coherence", "f8"),
        ("own_memory", "f8"),
        ("repeat_time", "f8"),
        ("lookup_time", "f8"),
        ("resolution_loss", "f8"),
        ("patience_factor", "f8"),
        ("contradiction_loss", "f8"),
        ("false_match", "f8"),
        ("stale", "f8"),
        ("wrong_record_time", "f8"),
        ("wrong_record_loss", "f8"),
        ("consent_friction", "f8"),
        ("weight", "f8", (FACTS,)),
        ("carried", "f8", (FACTS,)),  # 1: links carry this kind (integration level)
    ],
    align=True,
)

BROWSE = int(Mode.BROWSE)
ISSUE_GOAL = int(Goal.ISSUE)
SHOP_GOAL = int(Goal.SHOP)
BUYS = int(Step.BUYS)
IDENTITY, HISTORY, CART, ISSUE, PREFERENCE = (int(f) for f in Fact)
IDENTIFY = int(Purpose.IDENTIFY)
COHERENCE = int(Purpose.COHERENCE)
FALSE_MATCH = int(Purpose.FALSE_MATCH)
STALE = int(Purpose.STALE)
UNAWARE = int(Purpose.UNAWARE)
SURVIVE = int(Purpose.SURVIVE)
LINK = int(Purpose.LINK)
OWN = int(Purpose.OWN)
NOWHERE = U(63)  # the medium that nobody can look into


@njit(inline=True)
def hub_is_up(down: Any, now: float) -> bool:
    """False inside one of the hub's outages; `down` [outage, (from, to)] in seconds."""
    for i in range(down.shape[0]):  # noqa: SIM110 - compiled
        if down[i, 0] <= now < down[i, 1]:
            return False
    return True


@njit(inline=True)
def _alive(p: Any, rules: Any, fact: int, age: float) -> bool:
    if age > rules["time_to_live"]:
        return False
    if rules["half_life"] == math.inf:
        return True
    return draw(p["key0"], p["key1"], SURVIVE + fact, 0, 0) < math.exp(-math.log(2.0) * (age / rules["half_life"]))


@njit(inline=True)
def recall(
    people: Any, i: int, touches: Any, j: int, now: float, rules: Any, identify: Any, link: Any, pair: Any, medium: Any,
    names: Any, down: Any, segments: Any, team: Any, streams: Any,
) -> None:  # fmt: skip
    """A touch begins to be served: completeness, contradiction and wrong records are decided and written to its row.

    `identify` [channel]; `link`, `pair` [origin medium, medium]: share that follows and the hash of the pair; `medium`,
    `names` [channel]: index of its medium and hash of its name; `down` [outage, (from, to)] of the hub; `team` [pool]: what the
    agents of another firm may see; `streams` [stream]: whose people came by a campaign that nobody told the agents of.
    """
    t = touches[j]
    r = rules[0]
    p = people[i]
    shopper = p["goal"] == SHOP_GOAL
    t["completeness"] = 1.0
    if r["on"] == 0:
        if shopper and p["carted"] == 1:
            t["kept"] = 1
        return
    d = medium[t["channel"]]
    name = names[t["channel"]]
    agent = t["mode"] != BROWSE
    gone = t["aside"] == 1  # the customer has gone elsewhere: what this answer says no longer reaches him
    if not gone and (agent or shopper or r["self_service_counts"] == 1) and p["last_medium"] >= 0 and p["last_medium"] != d:
        t["switched"] = 1
        if draw(p["key0"], p["key1"], COHERENCE, pair[p["last_medium"], d], t["visit"]) >= r["coherence"]:
            t["contradicted"] = 1
            p["contradictions"] += 1
    if not agent and not shopper:
        return
    unaware = streams[p["stream"]]["unaware"]
    if unaware > 0.0 and agent and not gone and t["contradicted"] == 0 and draw(p["key0"], p["key1"], UNAWARE, name, t["visit"]) < unaware:
        t["contradicted"] = 1
        p["contradictions"] += 1
    known = identify[t["channel"]]
    if not agent:
        known *= segments[p["segment"]]["login"]
    if draw(p["key0"], p["key1"], IDENTIFY, name, t["visit"]) < known:
        t["identified"] = 1
    access = SEES_ALL
    if t["pool"] >= 0:
        access = team[t["pool"]]["access"]
    up = t["identified"] == 1 and access == SEES_ALL and hub_is_up(down, now)
    exist = 0.0
    own = 0.0
    available = 0.0
    for fact in range(FACTS):
        held = p["origins"][fact]
        if held == U(0):
            continue
        weight = r["weight"][fact]
        exist += weight
        if shopper and fact == CART:
            t["kept"] = 0
        if access == SEES_NOTHING:
            continue
        age = now - p["wrote"][fact]
        if not _alive(p, r, fact, age):
            continue
        if (held >> U(d)) & U(1) and draw(p["key0"], p["key1"], OWN + fact, name, t["visit"]) < r["own_memory"]:
            own += weight
            available += weight
            if shopper and fact == CART:
                t["kept"] = 1
            continue
        if not up or age < r["latency"] or r["carried"][fact] == 0.0:
            continue
        for o in range(link.shape[0]):
            if o != d and (held >> U(o)) & U(1) and draw(p["key0"], p["key1"], LINK + fact, pair[o, d], 0) < link[o, d]:
                available += weight
                if shopper and fact == CART:
                    t["kept"] = 1
                break
    if exist > 0.0:
        t["remembers"] = 1
        t["completeness"] = available / exist
    if not agent:
        return
    if t["identified"] == 1 and draw(p["key0"], p["key1"], FALSE_MATCH, name, t["visit"]) < r["false_match"]:
        t["wrong_record"] = 1  # a stranger's record: nothing of his own is at hand
        t["completeness"] = 0.0
    elif available > own and draw(p["key0"], p["key1"], STALE, name, t["visit"]) < r["stale"]:
        t["wrong_record"] = 1  # what came over the links is out of date: only the medium's own memory helps
        t["completeness"] = own / exist
    if t["completeness"] < 1.0 and not gone:
        p["repeats"] += 1


@njit(inline=True)
def remember(people: Any, i: int, mode: int, step: int, d: int, now: float, rules: Any, kept: int) -> None:
    """A served touch on medium `d` ends: it writes the kinds of its stage (`step`: words.Step of a shopper's touch).

    `kept` 0: it was said and nobody wrote it down (to a bot, or before a cold transfer): it exists and is nowhere at hand.
    """
    r = rules[0]
    p = people[i]
    if r["on"] == 0 or (mode == BROWSE and r["self_service_counts"] == 0 and p["goal"] != SHOP_GOAL):
        return
    p["last_medium"] = d
    bit = U(1) << (U(d) if kept == 1 else NOWHERE)
    if p["goal"] == SHOP_GOAL:
        for fact in range(FACTS):
            if (
                fact in (IDENTITY, PREFERENCE)
                or (fact == CART and p["carted"] == 1)
                or (fact == HISTORY and step == BUYS)
                or (fact == ISSUE and mode != BROWSE)
            ):
                p["wrote"][fact] = now
                p["origins"][fact] |= bit
        return
    for fact in range(FACTS):
        issue = p["goal"] == ISSUE_GOAL
        if fact in (IDENTITY, HISTORY) or (issue and fact == ISSUE) or (not issue and fact == PREFERENCE):
            p["wrote"][fact] = now
            p["origins"][fact] |= bit
