"""What a shop is, as rows of numbers: the rules of buying, selling channels, products, regions, devices.

Money is in minor units of the currency, not rounded; times are in seconds; a law is its number, -1 where there is none.
With `SHOP.on` 0 the other arrays are empty: there is no shop.
"""

import numpy as np

from omnisim.words import Need, Reason

_MINOR = (
    "fee", "above", "parcel", "item", "item_mile", "pick", "pick_item", "store_pick", "pickup_cost", "return_cost",
    "store_return_cost", "message_cost", "inspect_cost", "postage", "warned_cost",
)  # fmt: skip
_NUMBERS = (
    "fee_weight",  # utility lost per fee / basket
    "lead_weight",  # per day of promise
    "contradiction",
    "purchase",  # by lost context
    "cart_lost",  # share of carts that are not rebuilt
    "delay_weight",
    "delay_scale",  # s
    "unanswered",
    "elsewhere",
    "keen",  # cart share of those with a question, times
    "pad",
    "reach",
    "bubble",  # padding that goes back
    "pickup",
    "extra",
    "extra_value",  # minor units
    "extra_sigma",
    "promise_s",  # infinite: none
    "pickup_promise_s",
    "loss",
    "return_faulty",
    "late_factor",
    "store_share",
    "message",  # opened and clicked
    "opened",
    "unreached",  # share of identified customers who may not be written to
    "fatigue",  # share of the response that each message received before takes away
    "unsubscribe",
    "coupon",
    "redeem",
    "back",
    "payment",
    "substitute",
    # the choice among ways of delivery
    "choose_fee",  # utility lost per fee / basket
    "choose_lead",  # per day
    "speed",  # miles a day that a parcel travels; 0: distance takes no time
    "seen",  # share of those who see that the store has it, and go there
    # told in time that it will be late
    "recall",  # share of late orders
    "alarm",  # share of the others
    "calms",
    "alarmed",
    "warned_before",  # s before the promise
    # returns
    "window_s",  # 0: no end
    "exchange",
    "uninspected",
    "return_extra",
    "return_extra_value",  # minor units
    "return_extra_sigma",
    "postage_paid",  # share of the postage that the customer pays
    "deters",
    "free_more",  # returns of what was sent free of charge: factor - 1
)
_LAWS = ("lead", "ready", "collect", "after", "switch_delay", "message_delay", "back_delay", "seen_delay")

MOST_LINES = 5  # of an order, as in `records.ORDER`
MORE = 3  # ways of delivery beside home and pick-up: words.Way from EXPRESS on
WANTED = MORE + 1  # ways that are chosen instead of home: pick-up first
MOST_CARRIERS = 6
MOST_SHOCKS = 8

# one row
SHOP = np.dtype(
    [
        *((name, "i8") for name in ("on", "has_money", "policy", "desk", "picks", "takes_back", "back_most", "message_most")),
        *((name, "i8") for name in ("more", "seen_to", "cancels", "open_shelf", "carriers", "fastest", "shocks")),
        *((name, "f8") for name in (*_MINOR, *_NUMBERS)),
        *((name, "i8") for name in _LAWS),
        ("reasons", "f8", (len(Reason),)),  # shares of carts left for reasons of their own
        ("response", "f8", (len(Reason),)),  # multiplies clicks on messages, by words.Reason
        ("arise", "f8", (len(Need),)),  # by words.Need: share of orders that raise it
        ("card", "i8"),  # 1: carriage by rate card, 0: by law
        ("steps", "i8"),  # of the rate card
        ("most_lines", "i8"),
        ("lines", "f8", (MOST_LINES,)),  # cumulative shares of orders with 1, 2 ... lines
        ("free_for", "i8"),  # bits 1 << segment: pays no shipping fee
        # [way - EXPRESS]
        ("more_want", "f8", (MORE,)),
        ("more_fee", "f8", (MORE,)),  # minor units; -1: as home
        ("more_lead", "i8", (MORE,)),  # law
        ("more_promise", "f8", (MORE,)),  # s; infinite: none
        ("more_collect", "i8", (MORE,)),  # law
        ("more_factor", "f8", (MORE,)),  # times the carriage of a parcel sent home
        ("more_cost", "f8", (MORE,)),  # minor units an order
        # [carrier], by name
        ("carrier_own", "i8", (MOST_CARRIERS,)),  # 1: has a tariff of its own
        ("carrier_parcel", "f8", (MOST_CARRIERS,)),
        ("carrier_item", "f8", (MOST_CARRIERS,)),
        ("carrier_item_mile", "f8", (MOST_CARRIERS,)),
        ("carrier_factor", "f8", (MOST_CARRIERS,)),
        ("carrier_lead", "i8", (MOST_CARRIERS,)),  # law; -1: as shipping says
        ("carrier_serves", "i8", (MOST_CARRIERS,)),  # bits 1 << region
        # [shock]
        ("shock_from", "f8", (MOST_SHOCKS,)),  # s
        ("shock_to", "f8", (MOST_SHOCKS,)),
        ("shock_cost", "f8", (MOST_SHOCKS,)),  # times the carriage of orders placed then
        ("shock_lead", "f8", (MOST_SHOCKS,)),  # times their delivery time
    ],
    align=True,
)
# one row a channel
FRONT = np.dtype(
    [
        ("sell", "i8"),
        ("carry", "i8"),
        ("foreign", "i8"),  # 1: a marketplace that does not say who the customer is
        ("fulfils", "i8"),  # 1: it sends the goods, for a fee
        *((name, "f8") for name in ("cart", "buy", "ask", "lift", "commission", "returned", "fee_order", "fee_item", "lead_more")),
    ],
    align=True,
)
PRODUCT = np.dtype(
    [(name, "f8") for name in ("upto", "price", "sigma", "more_items", "margin", "weight_kg", "returned", "faulty", "unfit")], align=True
)
REGION = np.dtype(
    [
        *((name, "f8") for name in ("upto", "miles", "lead_factor")),
        ("zone", "i8"),
        ("store", "i8"),
        ("fx", "f8"),  # what an amount paid there brings over what it brought when prices were set, - 1
        ("fx_cost", "f8"),  # share of what is paid
        ("duty", "f8"),  # share of the price of goods sent there
        ("stop", "f8"),  # minor units of the round for a stop at a home
        ("own_want", "i8"),  # 1: who lives here wants
        ("want", "f8", (WANTED,)),  # pick-up, express, to a store, pick-up point
    ],
    align=True,
)
DEVICE = np.dtype([*((name, "f8") for name in ("upto", "buy", "pad")), ("channel", "i8")], align=True)
