"""How long a customer waits, talks and writes, and whether it helped.

    patience     law x segment's factor x (patience factor ^ times the story was told again)
    talk         (law x hard, after a bot + repeat time x (1 - q) + look-up time + time lost on a wrong record + handing on) / speed
    wrap         law / speed
    resolved     resolve x skill of the pool x (1 - loss x (1 - q)) x (1 - contradiction loss, if any) x (1 - wrong-record loss, if any)

A contact draws its work once.  Where contacts in hand slow each other down, the end of a talk is planned anew each time the number
in hand changes: what is left is (end - now) / factor until now, and takes that times the new factor.

With `redraw: false` a retry keeps the patience and the work of the first visit to the channel.
"""

import math
from typing import Any

import numpy as np

from omnisim.draws import draw
from omnisim.jit import njit, whole
from omnisim.laws import law_at, sample
from omnisim.rules.bots import ESCALATED, FALSE_CLOSURE, FIRST_VISIT, SOLVED, UNSOLVED, bot_s, meets_bot
from omnisim.rules.person import pick
from omnisim.rules.team import skill
from omnisim.words import Bot, Goal, Mode, Purpose

# one row a channel: indices of its laws (-1: none), probabilities, deadline
CHANNEL = np.dtype(
    [
        ("hash", "u8"),
        ("mode", "i8"),
        ("medium", "i8"),
        ("handling", "i8"),
        ("wrap", "i8"),
        ("patience", "i8"),
        ("browse", "i8"),
        ("queue_limit", "i8"),  # -1: none
        ("disconnect", "i8"),  # 1: those waiting are cleared when the channel closes
        ("withdraw", "i8"),
        ("trunk", "i8"),  # whose lines its contacts hold; -1: none
        ("overflows", "i8"),  # 1: a pool, or an agent with something in hand, takes its contacts only after a delay, or when many wait
        ("resolve", "f8"),
        ("self_resolve", "f8"),
        ("convert", "f8"),
        ("deadline", "f8"),
        ("friction", "f8"),  # share of conversions lost to consent and login
        ("bot", "i8"),  # law of a conversation with the bot before the agents; -1: none
        ("transfers", "i8"),  # 1: agents hand some on to other channels
        ("warm", "i8"),  # 1: with what was said
        ("handover", "f8"),  # s an agent adds to a warm transfer
        ("speaks", "i8"),  # 1: something is said to who has to wait: announce or offers
        ("announce", "i8"),  # 0: nothing; 1: by the line, 2: the last wait
        ("balk", "f8"),  # he balks at more than his patience x this
        ("work", "f8"),  # mean handling time, s
        ("offers", "i8"),  # 1: a call back is offered ...
        ("wait_above", "f8"),  # ... where the wait to be expected is longer, s; infinite: never
        ("queue_above", "i8"),  # ... or where more wait; -1: never
        ("accept", "f8"),
        ("keep_place", "i8"),
        ("message", "f8"),  # wait at which a message is taken, s; infinite: none
        ("message_to", "i8"),  # inbox where it goes; -1: nowhere
    ],
    align=True,
)

BROWSE = int(Mode.BROWSE)
SHOP = int(Goal.SHOP)
HANDLING = int(Purpose.HANDLING)
WRAP = int(Purpose.WRAP)
PATIENCE = int(Purpose.PATIENCE)
BROWSE_TIME = int(Purpose.BROWSE)
RESOLVE = int(Purpose.RESOLVE)
TRANSFER = int(Purpose.TRANSFER)
TALKS = int(Bot.TALKS)
AFTER = int(Bot.AFTER)
BY_BOT = 3  # beside words.Mode: self-service, with the bot of a channel


@njit(inline=True)
def mode_of(people: Any, i: int, channels: Any, channel: int, now: float, bot_down: Any) -> int:
    """How a touch of this customer there is served: who shops looks around by himself wherever that can be done.

    BY_BOT: a bot talks to him first; such a touch is self-service, the firm's medium is the channel's.
    """
    p = people[i]
    if p["goal"] == SHOP and p["stage"] == 0 and channels[channel]["browse"] >= 0:
        return BROWSE
    if meets_bot(p, channels[channel], channel, now, bot_down):
        return BY_BOT
    return channels[channel]["mode"]


@njit(inline=True)
def spoken(people: Any, i: int, channels: Any, languages: Any, channel: int) -> int:
    """The channel of his language on the medium he turns to; the same one where there is none, or where he helps himself.

    `languages` [segment, region, channel]; no rows where nobody has a language.
    """
    p = people[i]
    if languages.shape[0] == 0 or (p["goal"] == SHOP and p["stage"] == 0 and channels[channel]["browse"] >= 0):
        return channel
    return whole(languages[p["segment"], p["region"], channel])


@njit(inline=True)
def begin(people: Any, i: int, visits: Any, touches: Any, j: int, channel: int, mode: int, now: float, channels: Any) -> None:
    """A touch of customer `i` on `channel` begins in row `j`."""
    p = people[i]
    t = touches[j]
    t["customer"] = p["customer"]
    t["source"] = p["source"]
    t["k"] = p["k"]
    t["serial"] = p["touches"]
    t["bot"] = AFTER if p["sent"] == 1 else 0
    column = channel
    t["visit"] = visits[i, channel]
    if mode == BY_BOT:
        column += channels.shape[0]
        mode = BROWSE
        t["bot"] = TALKS
        t["visit"] = FIRST_VISIT + visits[i, column]
    p["sent"] = 0
    t["stream"] = p["stream"]
    t["segment"] = p["segment"]
    t["channel"] = channel
    t["before"] = p["last_channel"]
    t["pool"] = -1
    t["agent"] = -1
    t["goal"] = p["goal"]
    t["mode"] = mode
    t["outcome"] = 0
    t["delayed"] = 0
    t["resolved"] = 0
    t["answered_before"] = 1 if p["answered"] > 0 else 0
    t["remembers"] = 0
    t["switched"] = 0
    t["contradicted"] = 0
    t["identified"] = 0
    t["wrong_record"] = 0
    t["missed"] = 0
    t["aside"] = 0
    t["front"] = channel
    t["step"] = 0
    t["reason"] = 0
    t["kept"] = -1
    t["messaged"] = 0
    t["unsubscribed"] = 0
    t["transfer"] = -1
    t["handed"] = 0
    t["balked"] = 0
    t["callback"] = 0
    t["told"] = math.nan
    t["came"] = p["arrived"]
    t["since"] = p["last_end"]
    t["arrived"] = now
    t["started"] = math.nan
    t["ended"] = math.nan
    t["wrap_s"] = 0.0
    t["held_s"] = 0.0
    t["completeness"] = math.nan
    p["touches"] += 1
    if mode != BROWSE:
        p["contacts"] += 1
    p["last_channel"] = channel
    p["media"] |= np.uint64(1) << np.uint64(channels[channel]["medium"])
    visits[i, column] += 1


@njit(inline=True)
def _visit(visit: int, redraw: int) -> int:
    return visit if redraw == 1 else 0


@njit(inline=True)
def patience_s(
    people: Any, i: int, touches: Any, j: int, channels: Any, segments: Any, rules: Any, redraw: int, laws: Any, points: Any
) -> float:
    """How long this contact would wait, s; infinite where patience never ends."""
    p = people[i]
    t = touches[j]
    c = channels[t["channel"]]
    if c["patience"] < 0:
        return math.inf
    u = draw(p["key0"], p["key1"], PATIENCE, c["hash"], _visit(t["visit"], redraw))
    factor = segments[p["segment"]]["patience"]
    for _ in range(p["repeats"]):
        factor *= rules[0]["patience_factor"]
    patience: float = sample(laws, points, law_at(laws, points, c["patience"], t["arrived"]), u) * factor
    return patience


@njit(inline=True)
def browse_s(people: Any, i: int, touches: Any, j: int, channels: Any, laws: Any, points: Any) -> float:
    """How long this self-service touch takes, s."""
    p = people[i]
    t = touches[j]
    c = channels[t["channel"]]
    if t["bot"] == TALKS:
        return bot_s(p, t, c, laws, points)
    return sample(laws, points, c["browse"], draw(p["key0"], p["key1"], BROWSE_TIME, c["hash"], t["visit"]))


@njit(inline=True)
def talk_s(
    people: Any, i: int, touches: Any, j: int, channels: Any, rules: Any, speed: float, redraw: int, laws: Any, points: Any, bots: Any,
    transfer: Any,
) -> float:  # fmt: skip
    """How long the agent talks or writes, s, given what is remembered (`context.recall` has been asked before).

    `transfer` [channel, channel]: shares that are handed on; whether this one will be is decided here and written to the touch.
    """
    p = people[i]
    t = touches[j]
    c = channels[t["channel"]]
    r = rules[0]
    law = law_at(laws, points, c["handling"], t["arrived"])
    work: float = sample(laws, points, law, draw(p["key0"], p["key1"], HANDLING, c["hash"], _visit(t["visit"], redraw)))
    if t["bot"] == AFTER:  # the short ones stayed with the bot
        work *= bots[t["before"]]["hard"]
    work += r["repeat_time"] * (1.0 - t["completeness"])
    if t["remembers"] == 1:
        work += r["lookup_time"]
    if t["wrong_record"] == 1:
        work += r["wrong_record_time"]
    if c["transfers"] == 1 and (p["goal"] != SHOP or p["stage"] == 1):
        t["transfer"] = pick(draw(p["key0"], p["key1"], TRANSFER, c["hash"], t["visit"]), transfer[t["channel"]])
        if t["transfer"] >= 0:
            work += c["handover"]
    return work / speed


@njit(inline=True)
def slowdown_of(slows: Any, slowdown: Any, pool: int, channel: int, in_hand: int) -> float:
    """Factor of handling time with so many in hand (wrap-ups counted): `slowdown[j-1]` of the skill, 1 where it has none."""
    if slows[pool, channel] < 0:
        return 1.0
    factor: float = slowdown[slows[pool, channel] + in_hand - 1]
    return factor


@njit(inline=True)
def work_left_s(end: float, now: float, factor: float) -> float:
    """The rest of a talk that is to end at `end` at this slowdown: how long it would take its agent without any, s.

    >>> work_left_s(100.0, 40.0, 1.5)
    40.0
    """
    return (end - now) / factor


@njit(inline=True)
def ends_at(now: float, left: float, factor: float) -> float:
    """When a talk with so much work left ends, if the slowdown stays as it is.

    >>> ends_at(40.0, 40.0, 2.0)
    120.0
    """
    return now + left * factor


@njit(inline=True)
def lay_down(touches: Any, j: int, now: float) -> None:
    """The shift of its agent ends: the contact is handed over and waits for another one (until `take_up`)."""
    t = touches[j]
    t["handed"] += 1
    t["held_s"] -= now


@njit(inline=True)
def take_up(touches: Any, j: int, now: float) -> None:
    """Another agent goes on with the contact, or there will be none: it ends, or the run does."""
    t = touches[j]
    if t["held_s"] < 0.0:
        t["held_s"] += now


@njit(inline=True)
def wrap_s(people: Any, i: int, touches: Any, j: int, channels: Any, speed: float, redraw: int, laws: Any, points: Any) -> float:
    """After-contact work that follows, s."""
    p = people[i]
    t = touches[j]
    c = channels[t["channel"]]
    if c["wrap"] < 0:
        return 0.0
    u = draw(p["key0"], p["key1"], WRAP, c["hash"], _visit(t["visit"], redraw))
    return sample(laws, points, law_at(laws, points, c["wrap"], t["arrived"]), u) / speed


@njit(inline=True)
def resolves(people: Any, i: int, touches: Any, j: int, channels: Any, rules: Any, team: Any) -> bool:
    """Does this served touch settle the issue?"""
    p = people[i]
    t = touches[j]
    c = channels[t["channel"]]
    if t["bot"] == SOLVED:
        return True
    if t["transfer"] >= 0 or t["bot"] in (FALSE_CLOSURE, ESCALATED, UNSOLVED):
        return False
    if t["mode"] == BROWSE:
        chance = c["self_resolve"]
    else:
        r = rules[0]
        chance = c["resolve"] * (1.0 - r["resolution_loss"] * (1.0 - t["completeness"]))
        if t["contradicted"] == 1:
            chance *= 1.0 - r["contradiction_loss"]
        if t["wrong_record"] == 1:
            chance *= 1.0 - r["wrong_record_loss"]
        if t["pool"] >= 0:
            chance *= skill(team, t["pool"], t["started"])
    if chance <= 0.0 or chance >= 1.0:
        return chance >= 1.0
    return draw(p["key0"], p["key1"], RESOLVE, c["hash"], t["visit"]) < chance
