"""A bot that stands before the agents of a channel: as many conversations at once as there are.

    conversation -> solved                  with the containment of the reason, which grows with what the bot has handled
                 -> closed all the same     the share `false_closure` of what it did not solve: the customer finds out, and is unresolved
                 -> handed to agents        with what was said, or without it; at once, and past any other bot
                 -> left unsolved           where there is nobody to hand it to

    containment after n conversations = ceiling of the reason x (1 - (1 - start) x exp(-n / scale))

A conversation is a self-service touch.  Whether it is solved and whether it is closed falsely are two draws, so that a bot that
solves more or closes less never loses anybody.
"""

import math
from typing import Any

import numpy as np

from omnisim.draws import U, draw
from omnisim.jit import njit
from omnisim.laws import sample
from omnisim.words import Bot, Goal, Need, Purpose

# one row a channel
BOT = np.dtype(
    [
        ("on", "i8"),  # 1: there is one
        ("start", "f8"),  # containment of the first conversation, of that of the practised bot
        ("scale", "f8"),  # conversations; 0: practised from the first on
        ("false_closure", "f8"),
        ("to", "i8"),  # channel to which it hands over; -1: nobody
        ("follows", "i8"),  # 1: what was said to the bot is in the medium's memory
        ("hard", "f8"),  # factor of the agent's talk after a hand-over
        ("cost", "f8"),  # minor units a conversation, not rounded
    ],
    align=True,
)
FIRST_VISIT = 1 << 16  # conversations with a bot are visits of their own: no agent's luck moves

SHOP = int(Goal.SHOP)
COLLECT = int(Need.COLLECT)  # the last need that somebody talks about; those after it are work
SOLVED = int(Bot.SOLVED)
FALSE_CLOSURE = int(Bot.FALSE_CLOSURE)
ESCALATED = int(Bot.ESCALATED)
UNSOLVED = int(Bot.UNSOLVED)
BOT_TIME = int(Purpose.BOT_TIME)
BOT_SOLVES = int(Purpose.BOT_SOLVES)
BOT_CLOSES = int(Purpose.BOT_CLOSES)


@njit(inline=True)
def is_up(down: Any, channel: int, now: float) -> bool:
    """False inside one of the bot's outages; `down` [outage, (channel, from, to)], s."""
    for i in range(down.shape[0]):  # noqa: SIM110 - compiled
        if down[i, 0] == channel and down[i, 1] <= now < down[i, 2]:
            return False
    return True


@njit(inline=True)
def meets_bot(p: Any, c: Any, channel: int, now: float, down: Any) -> bool:
    """Does the customer who turns to this channel talk to its bot?  Whom a bot or an agent sent here does not; a visit to buy neither."""
    return c["bot"] >= 0 and p["sent"] == 0 and (p["goal"] != SHOP or p["stage"] == 1) and is_up(down, channel, now)


@njit()
def containment(ceiling: float, start: float, scale: float, n: int) -> float:
    """Share that a bot solves after `n` conversations.

    >>> containment(0.4, 0.5, 0.0, 0), containment(0.4, 0.5, 1000.0, 0), round(containment(0.4, 0.5, 1000.0, 1000), 4)
    (0.4, 0.2, 0.3264)
    """
    if scale <= 0.0:
        return ceiling
    return ceiling * (1.0 - (1.0 - start) * math.exp(-n / scale))


@njit(inline=True)
def bot_s(p: Any, t: Any, c: Any, laws: Any, points: Any) -> float:
    """How long the conversation takes, s."""
    return sample(laws, points, c["bot"], draw(p["key0"], p["key1"], BOT_TIME, c["hash"], t["visit"]))


@njit(inline=True)
def bot_ends(p: Any, t: Any, c: Any, bots: Any, contain: Any, handled: Any) -> None:
    """A conversation ends: what came of it stands in the touch; the bot has handled one more.

    `contain` [channel, reason]: reasons are the streams, then the needs that arise from orders; `handled` [channel].
    """
    here = t["channel"]
    b = bots[here]
    need = np.int64(p["need"] & U(7))
    share = 0.0  # goods are not picked or taken back by talking
    if need <= COLLECT:
        reason = p["stream"] if need == 0 else contain.shape[1] - 1 - COLLECT + need
        share = containment(contain[here, reason], b["start"], b["scale"], handled[here])
    handled[here] += 1
    if draw(p["key0"], p["key1"], BOT_SOLVES, c["hash"], t["visit"]) < share:
        t["bot"] = SOLVED
    elif draw(p["key0"], p["key1"], BOT_CLOSES, c["hash"], t["visit"]) < b["false_closure"]:
        t["bot"] = FALSE_CLOSURE
    else:
        t["bot"] = ESCALATED if b["to"] >= 0 else UNSOLVED
