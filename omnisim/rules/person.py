"""Who a customer is: his luck, his segment, what he came for and where he comes in; and what is known of him so far.

PERSON     one row a customer present, for one of his needs: the first, or one that arose from an order
visits     [person, channel] visits of this need there so far; where there are bots, conversations with them in as many columns more
lived      [person, channel] the last wait he lived there, s; -1: none
"""

from typing import Any

import numpy as np

from omnisim.draws import U, Word, draw
from omnisim.jit import njit
from omnisim.words import Fact, Goal, Purpose

FACTS = len(Fact)

PERSON = np.dtype(
    [
        ("key0", "u8"),
        ("key1", "u8"),
        ("customer", "i8"),
        ("k", "i8"),
        ("source", "i4"),
        ("stream", "i2"),
        ("segment", "i2"),
        ("goal", "i1"),
        ("first_resolved", "i1"),
        ("first_channel", "i2"),
        ("last_channel", "i2"),
        ("last_medium", "i2"),  # of the last touch that counts; -1: none yet
        ("then_channel", "i2"),  # after a self-service touch that came first; -1: none
        ("touches", "i4"),
        ("contacts", "i4"),
        ("answered", "i4"),
        ("retries", "i4"),
        ("choices", "i4"),
        ("failures", "i4"),
        ("repeats", "i4"),
        ("contradictions", "i4"),
        ("missed", "i4"),
        ("media", "u8"),  # bit m: medium m touched
        ("arrived", "f8"),
        ("last_end", "f8"),
        ("wrote", "f8", (FACTS,)),  # last write of each kind of fact
        ("origins", "u8", (FACTS,)),  # bit m: medium m holds it
        ("need", "u8"),  # 0: the first; else 8 x the parent's need + words.Need
        ("parent", "i8"),  # customer number of the need whose order raised this one; -1: none
        ("raised_by", "i4"),  # row of that order
        ("basket", "i8"),  # minor units
        ("coupon", "f8"),  # share of the basket he has off
        ("asked_at", "f8"),
        ("delay", "f8"),  # from question to answer, s
        ("front_visit", "i4"),
        ("checkouts", "i4"),
        ("items", "i4"),
        ("region", "i2"),
        ("device", "i2"),  # -1: the channel tells none apart
        ("front", "i2"),  # channel he shops on
        ("product", "i2"),  # -1: no basket drawn yet
        ("to", "i2"),  # where he looks next
        ("helped", "i2"),  # channel that answered him live; -1: none
        ("step", "i1"),  # the last one, words.Step
        ("reason", "i1"),
        ("below", "i1"),  # at the first checkout: basket below the threshold ...
        ("padded", "i1"),  # ... and padded up to it
        ("stage", "i1"),  # 0 browsing, 1 waits for an answer
        ("asked", "i1"),  # 0 no question, 1 unanswered, 2 answered live, 3 answered otherwise
        ("keen", "i1"),
        ("carted", "i1"),  # 1: has filled a cart
        ("backs", "i1"),  # times he came back by himself
        ("wait", "i1"),  # why he comes back: 1 message, 2 by himself, 3 to the store that has it
        ("away", "i1"),  # 1: the answer came on another medium
        ("sent", "i1"),  # who sends him to the next channel, past its bot: 1 a bot, 2 an agent; 0: nobody
        ("messages", "i2"),  # about carts, received so far
        ("unsubscribed", "i1"),  # 1: he wants no more of them
        ("anyway", "i1"),  # 1: he would have come back to his cart without the message
        ("chain", "i1"),  # 1: an agent has answered this contact already and handed it on
        ("bond", "i4"),  # row of the customer who is followed beyond this need (`rules.loyalty`); -1: none
        ("waited", "f8"),  # for agents, s, in this journey
        ("before", "i1"),  # 1: had bought before this need, or was a customer before the run
    ],
    align=True,
)

STREAM = np.dtype(
    [
        ("goal", "i8"),
        ("gap", "i8"),  # law between self-service and contact; -1: none
        ("only", "i8"),  # the one channel everybody enters by; -1: there are several
        ("self_first", "i8"),  # 1: some begin with a self-service touch
        ("lives", "i8"),  # 1: where its people live matters even if they do not come to buy
        ("coupon", "f8"),  # share of the basket off for who comes by this campaign
        ("unaware", "f8"),  # share of contacts of its people with somebody who does not know of the campaign
    ],
    align=True,
)
SEGMENT = np.dtype(  # upto: cumulative share; price, basket, buy, login: of shoppers; existing, frequency: of customers who are followed
    [(name, "f8") for name in ("upto", "patience", "effort", "price", "basket", "buy", "login", "existing", "frequency")], align=True
)

SEGMENT_OF = int(Purpose.SEGMENT)
ENTER = int(Purpose.ENTER)
PRECEDED = int(Purpose.PRECEDED)
REGION_OF = int(Purpose.REGION)
SHOP = int(Goal.SHOP)


@njit(inline=True)
def pick(u: float, shares: Any) -> int:
    """Index i with probability shares[i], in order; -1 with what is left of 1.

    >>> pick(0.65, np.array([0.5, 0.2, 0.3])), pick(0.95, np.array([0.5, 0.4]))
    (1, -1)
    """
    upto = 0.0
    for i in range(shares.shape[0]):
        upto += shares[i]
        if u < upto:
            return i
    return -1


@njit(inline=True)
def pick_certain(u: float, shares: Any) -> int:
    """As `pick`, where the shares sum to 1: what rounding leaves over belongs to the last share above 0."""
    i = pick(u, shares)
    if i < 0:
        i = shares.shape[0] - 1
        while i > 0 and shares[i] <= 0.0:
            i -= 1
    return i


@njit(inline=True)
def new_journey(p: Any, now: float) -> None:
    """A need arises at `now`, s: nothing has been touched, tried, asked or told yet."""
    p["first_resolved"] = 0
    p["last_channel"] = -1
    p["then_channel"] = -1
    p["touches"] = 0
    p["contacts"] = 0
    p["answered"] = 0
    p["retries"] = 0
    p["choices"] = 0
    p["failures"] = 0
    p["repeats"] = 0
    p["contradictions"] = 0
    p["missed"] = 0
    p["media"] = U(0)
    p["sent"] = 0
    p["chain"] = 0
    p["waited"] = 0.0
    p["arrived"] = now
    p["last_end"] = now
    p["step"] = 0
    p["reason"] = 0
    p["asked"] = 0
    p["below"] = 0
    p["padded"] = 0
    p["checkouts"] = 0


@njit(inline=True)
def _first_need(p: Any, region_upto: Any, stream: Any) -> None:
    """A need that no order raised; a shopper lives somewhere (`region_upto` [segment, region] cumulative) and has no cart yet."""
    region = 0
    if (p["goal"] == SHOP or stream["lives"] == 1) and region_upto.shape[0] > 0 and region_upto.shape[1] > 1:
        u = draw(p["key0"], p["key1"], REGION_OF, 0, 0)
        while region < region_upto.shape[1] - 1 and u >= region_upto[p["segment"], region]:
            region += 1
    p["region"] = region
    p["need"] = U(0)
    p["parent"] = -1
    if p["goal"] != SHOP:
        return  # nobody reads the rest
    p["basket"] = 0
    p["coupon"] = stream["coupon"]
    p["messages"] = 0
    p["unsubscribed"] = 0
    p["anyway"] = 0
    p["asked_at"] = 0.0
    p["delay"] = 0.0
    p["front_visit"] = 0
    p["items"] = 0
    p["device"] = -1
    p["front"] = 0
    p["product"] = -1
    p["to"] = -1
    p["helped"] = -1
    p["stage"] = 0
    p["keen"] = 0
    p["carted"] = 0
    p["backs"] = 0
    p["wait"] = 0
    p["away"] = 0


@njit(inline=True)
def admit(
    people: Any, i: int, visits: Any, lived: Any, key0: Word, key1: Word, customer: int, s: int, k: int, now: float,
    sources: Any, streams: Any, segments: Any, enter: Any, preceded: Any, region_upto: Any,
) -> int:  # fmt: skip
    """A new customer takes row `i`; returns the channel of his first touch (a self-service touch, if one comes first).

    `key0`, `key1`: his key, as `arrivals.next_arrival` left it.
    """
    p = people[i]
    stream = sources[s]["stream"]
    p["key0"] = key0
    p["key1"] = key1
    p["customer"] = customer
    p["k"] = k
    p["source"] = s
    p["stream"] = stream
    p["goal"] = streams[stream]["goal"]
    g = 0
    if segments.shape[0] > 1:
        u = draw(key0, key1, SEGMENT_OF, 0, 0)
        while g < segments.shape[0] - 1 and u >= segments[g]["upto"]:
            g += 1
    p["segment"] = g
    new_journey(p, now)
    p["bond"] = -1
    p["before"] = 0
    p["last_medium"] = -1
    for fact in range(FACTS):
        p["wrote"][fact] = 0.0
        p["origins"][fact] = U(0)
    _first_need(p, region_upto, streams[stream])
    for c in range(visits.shape[1]):
        visits[i, c] = 0
    for c in range(lived.shape[1]):
        lived[i, c] = -1.0
    channel = streams[stream]["only"]
    if channel < 0:
        channel = pick_certain(draw(key0, key1, ENTER, 0, 0), enter[stream])
    if streams[stream]["self_first"] == 1:
        before = pick(draw(key0, key1, PRECEDED, 0, 0), preceded[stream])
        if before >= 0:
            p["then_channel"] = channel
            channel = before
    p["first_channel"] = channel
    return channel
