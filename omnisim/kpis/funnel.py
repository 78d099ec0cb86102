"""What shoppers did: visits, questions, carts, purchases, and why carts were left; orders and their money.

    touches, journeys of shoppers ─> counts (called row by row from `accumulate`)
    orders ─> counts, amounts i8[cell, Amount]; minor units, so that chunks and their order change nothing

A step counts for the channel on which the shopper looks (`front`), wherever the question was answered.
"""

import math

import numpy as np

from omnisim.jit import njit
from omnisim.kpis.quantities import INTERVALS, REGIONS, SEGMENTS, Block, Count
from omnisim.ledger import interval_of, money_of, order_margin_2
from omnisim.rules.loyalty import TOLD_FROM
from omnisim.words import Bot, Carried, End, Message, Mode, Outcome, Reason, Step, Warned, Way


@njit()
def count_shopping(layout: np.ndarray, browses: int, counts: np.ndarray, row: np.void) -> None:
    """Add one touch of a shopper (`records.TOUCH`); `browses`: a visit to its front is self-service."""
    front = int(row["front"])
    step, reason, outcome = row["step"], row["reason"], row["outcome"]
    # a visit, or the answer to a question: where people look around by themselves, an agent only answers
    asked_a_bot = row["mode"] == Mode.BROWSE and row["bot"] != Bot.NONE
    visit = not asked_a_bot and (row["mode"] == Mode.BROWSE or (row["channel"] == front and browses == 0))
    served = outcome == Outcome.BROWSED or outcome == Outcome.HANDLED
    checkout = step == Step.DROPS or step == Step.RETURNS or step == Step.BUYS
    lost = step == Step.LEAVES and reason == Reason.CONTEXT  # a cart that did not come along and was not filled again
    for j in range(2):
        cell = layout[Block.TOTAL] if j == 0 else layout[Block.CHANNEL] + front
        if visit:
            counts[cell, Count.VISITS] += 1
            if served and row["kept"] >= 0:
                counts[cell, Count.CAME_BACK] += 1
                counts[cell, Count.KEPT] += 1 if row["kept"] == 1 else 0
        elif row["bot"] == Bot.SOLVED or (outcome == Outcome.HANDLED and not row["aside"] and row["transfer"] < 0):
            counts[cell, Count.ANSWERS] += 1
        if step == Step.ASKS:
            counts[cell, Count.ASKED] += 1
        if checkout:
            counts[cell, Count.CARTS] += 1
        if step == Step.BUYS:
            counts[cell, Count.BOUGHT] += 1
        elif checkout or lost:
            counts[cell, Count.LEFT] += 1
            counts[cell, _left(reason)] += 1
        if row["messaged"] > 0:
            counts[cell, Count.MESSAGES] += 1
            counts[cell, Count.CLICKED] += 1 if row["messaged"] == Message.CLICKED or row["messaged"] == Message.ANYWAY else 0
            counts[cell, Count.UNSUBSCRIBED] += row["unsubscribed"]


@njit()
def _left(reason: int) -> Count:
    """The count of carts left for a reason."""
    if reason == Reason.COST:
        return Count.LEFT_COST
    if reason == Reason.DELIVERY:
        return Count.LEFT_DELIVERY
    if reason == Reason.WAIT:
        return Count.LEFT_WAIT
    if reason == Reason.CONTEXT or reason == Reason.CONTRADICTION:
        return Count.LEFT_CONTEXT
    if reason == Reason.OUT_OF_STOCK:
        return Count.LEFT_STOCK
    if reason == Reason.STORE:
        return Count.LEFT_STORE
    return Count.LEFT_OTHER


@njit()
def count_shopper(layout: np.ndarray, counts: np.ndarray, row: np.void) -> None:
    """Add one journey of a shopper, or of a need that arose from an order (`records.JOURNEY`)."""
    everybody = layout[Block.TOTAL]
    if row["parent"] >= 0:
        counts[everybody, Count.NEED_CONTACTS] += row["contacts"]
        return
    new = row["need"] == 0 and row["k"] < TOLD_FROM  # who comes again, or was told, costs nothing to win
    counts[everybody, Count.FIRST_SHOP] += 1 if new else 0
    if new and row["first_channel"] >= 0:
        counts[layout[Block.CHANNEL] + row["first_channel"], Count.FIRST_SHOP] += 1
    counts[everybody, Count.BELOW] += 1 if row["below"] else 0
    counts[everybody, Count.PADDED] += 1 if row["padded"] else 0
    if row["end"] == End.OPEN:
        return
    bought = 1 if row["end"] == End.CONVERTED else 0
    counts[everybody, Count.SHOPPERS] += 1
    counts[everybody, Count.SHOPPERS_BOUGHT] += bought
    if row["asked"] == 2:
        counts[everybody, Count.HELPED_LIVE] += 1
        counts[everybody, Count.HELPED_BOUGHT] += bought


@njit()
def accumulate_orders(window: np.ndarray, amounts: np.ndarray, counts: np.ndarray, layout: np.ndarray, rows: np.ndarray) -> None:
    """Add orders (`records.ORDER`) placed in [warm-up, horizon), each with its whole fate; `amounts` i8[cell, ledger.Amount].

    `window` f8[>=3]: (warm-up, horizon, interval or 0), seconds.
    """
    warmup, horizon, interval = window[0], window[1], window[2]
    for i in range(len(rows)):
        row = rows[i]
        if not warmup <= row["placed"] < horizon:
            continue
        money = money_of(row)
        losing = 1 if order_margin_2(row) < 0 else 0
        sent = 0 if row["state"] == Carried.CANCELLED else 1
        shipped = sent if row["way"] != Way.TAKEN else 0
        in_store = row["extra"]
        if row["way"] == Way.TAKEN:
            in_store += row["sales"] - row["discount"] - row["refund"]
        collected = 1 if sent == 1 and row["way"] in (Way.PICKUP, Way.TO_STORE, Way.POINT) else 0
        promised = 1 if shipped and not math.isnan(row["promised"]) else 0
        for j in range(4):
            if j == 0:
                cell = layout[Block.TOTAL]
            elif j == 1:
                cell = layout[Block.CHANNEL] + row["channel"]
            elif j == 2:
                if not 0 <= row["segment"] < layout[SEGMENTS]:
                    continue
                cell = layout[Block.SEGMENT] + row["segment"]
            else:
                if not 0 <= row["region"] < layout[REGIONS]:
                    continue
                cell = layout[Block.REGION] + row["region"]
            counts[cell, Count.ORDERS] += 1
            counts[cell, Count.SHIPPED] += shipped
            counts[cell, Count.SENT] += sent
            counts[cell, Count.SUBSTITUTED] += row["substitute"]
            counts[cell, Count.RECOVERED] += 1 if row["recovered"] > 0 else 0
            counts[cell, Count.COUPONS] += 1 if row["coupon"] > 0 else 0
            counts[cell, Count.WASTED] += 1 if row["coupon"] == 2 else 0
            counts[cell, Count.PARCELS] += row["parcels"]
            counts[cell, Count.CANCELLED] += 1 - sent
            counts[cell, Count.RESOURCED] += 1 if sent == 1 and row["again"] > 0 else 0
            counts[cell, Count.PROMISED] += promised
            counts[cell, Count.ON_TIME] += promised if row["late"] == 0 else 0
            counts[cell, Count.LATE] += promised if row["late"] == 1 else 0
            counts[cell, Count.WARNED] += promised if row["warned"] > 0 else 0
            counts[cell, Count.WARNED_RIGHTLY] += promised if row["warned"] == Warned.RIGHTLY else 0
            counts[cell, Count.LINES] += row["lines"]
            counts[cell, Count.LINES_SHORT] += row["short"]
            counts[cell, Count.COLLECTED] += collected
            counts[cell, Count.RETURNED] += 1 if row["returned"] > 0 else 0
            counts[cell, Count.EXCHANGED] += row["exchanged"]
            counts[cell, Count.WRITTEN_OFF] += 1 if row["written_off"] > 0 else 0
            counts[cell, Count.STORE_SALES] += in_store
            counts[cell, Count.LOSING] += losing
            counts[cell, Count.ALL_SALES] += row["sales"] - row["discount"]
            counts[cell, Count.KNOWN_SALES] += row["sales"] - row["discount"] if row["before"] else 0
            counts[cell, Count.STILL_OPEN] += 1 if row["state"] == Carried.PLACED else 0
            for a in range(len(money)):
                amounts[cell, a] += money[a]
        if interval > 0.0:
            counts[layout[Block.INTERVAL] + interval_of(row["placed"], interval, layout[INTERVALS]), Count.ORDERS] += 1
