"""Money, in integer minor units: every amount leaves one account and enters another.

    stints --> paid seconds of each agent in each interval --x wage, rounded--> labour/<pool>  ┐
    conversations with bots --x cost, rounded---------------------------------> bots/<channel>│
    hub cost a day --x share of the day in [warm-up, horizon), rounded--------> hub            ├─ balance: sum = 0
    orders --> sales, goods, carriage ... as each order was priced -----------> sales, ...     │
    renewals of subscriptions --x margin of the fee---------------------------> subscriptions  │
    daily costs of a shop --as the hub----------------------------------------> fixed/<channel>│
    running a node --as the hub; units x time on its shelves, rounded---------> node/, holding/│
                                                                               cash (minus)   ┘

Labour is one posting an agent and interval; with no interval, one an agent.  An agent is paid for time on shift within
[warm-up, horizon), for finishing after the shift, and beyond the horizon (which is one further interval) for time with a
contact or wrap-up in hand.  The hub is one posting a civil day.  Each posting is rounded half to even, so it is within half a
minor unit of its exact amount; a wage twice as high gives postings within one minor unit of twice.

Accounts that cost hold positive amounts, accounts that earn negative ones.  An order placed in [warm-up, horizon) is booked
whole, the return that was drawn for it included, even where that lies beyond the end of the run (matching): two days of sales
without their returns would look better than they are.  Labour is booked when it is worked.
"""

import math
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any

import numpy as np

from omnisim.currencies import exponent as exponent  # others take it from here
from omnisim.currencies import minor_units as minor_units
from omnisim.jit import njit
from omnisim.records import MONEY
from omnisim.rules.loyalty import TOLD_FROM
from omnisim.words import Duty, Goal, Mode, Outcome, Per

if TYPE_CHECKING:
    from omnisim.records import Records
    from omnisim.tables import Tables

DAY_S = 86400.0


class Account(IntEnum):
    """What money is spent on, or comes from."""

    LABOUR = 0
    HUB = 1
    # of orders, in the order of `Amount`
    SALES = 2
    DISCOUNT = 3
    FEE = 4
    GOODS = 5
    COMMISSION = 6
    PAYMENT = 7
    HANDLING = 8
    CARRIAGE = 9
    REFUND = 10
    RESTOCKED = 11
    RETURN_COST = 12
    EXTRA = 13
    EXTRA_GOODS = 14
    # of a shop
    MESSAGES = 15
    ACQUISITION = 16
    MARKETING = 17
    FIXED = 18
    CAPITAL = 19
    BOTS = 20
    OUTSOURCED = 21
    TRAINING = 22
    SUBSCRIPTIONS = 23  # margin of the fees of renewals
    HOLDING = 24  # keeping goods at a node
    NODE = 25  # running a node


class Amount(IntEnum):
    """The amounts of an order, in the order of `records.MONEY`."""

    SALES = 0
    DISCOUNT = 1
    FEE = 2
    GOODS = 3
    COMMISSION = 4
    PAYMENT = 5
    HANDLING = 6
    CARRIAGE = 7
    REFUND = 8
    RESTOCKED = 9
    RETURN_COST = 10
    EXTRA = 11
    EXTRA_GOODS = 12


EARNS = (Amount.SALES, Amount.FEE, Amount.RESTOCKED, Amount.EXTRA)

POSTING = np.dtype(
    [
        ("time_s", "f8"),  # start of what is paid for, seconds from the start of the run
        ("account", "i1"),  # Account
        ("pool", "i2"),  # -1: none
        ("agent", "i4"),  # -1: none
        ("quantity", "f8"),  # paid seconds; conversations with a bot; contacts handled, seconds of handling
        ("amount", "i8"),  # minor units
        ("customer", "i8"),  # customer k of the source that placed the order; -1: no order
        ("source", "i4"),
        ("journey", "i8"),  # the journey that placed the order; -1: none
        ("order", "i8"),  # its number, which is that of the journey; -1: none
        ("channel", "i2"),  # sold on; whose fixed cost; -1: none
        ("region", "i2"),
        ("node", "i2"),  # made ready at; where goods are kept; -1: none
    ],
    align=True,
)


@dataclass(frozen=True)
class Ledger:
    """The accounts of one run, in minor units of `currency` (10^`exponent` to the unit); `postings` only on request."""

    currency: str
    exponent: int
    accounts: dict[str, int]
    postings: np.ndarray | None = None

    def amount(self, *accounts: str) -> float:
        """What stands in some accounts together, in currency units."""
        return float(sum(self.accounts[name] for name in accounts)) / 10.0**self.exponent

    @property
    def staff(self) -> tuple[str, ...]:
        """The accounts of all who serve: labour, agents of other firms, training."""
        return tuple(name for name in self.accounts if name.startswith(("labour/", "outsourced/", "training/")))

    @property
    def labour(self) -> tuple[str, ...]:
        """The labour accounts, one for each pool with a wage."""
        return tuple(name for name in self.accounts if name.startswith("labour/"))

    @property
    def bots(self) -> tuple[str, ...]:
        """The accounts of bots, one for each channel with a bot that costs something."""
        return tuple(name for name in self.accounts if name.startswith("bots/"))

    def check(self) -> None:
        """Raise `ValueError` unless the accounts, and the postings if there are any, balance exactly."""
        if sum(self.accounts.values()) != 0:
            raise ValueError(f"the ledger is out of balance by {sum(self.accounts.values())} minor units")
        if self.postings is not None and int(self.postings["amount"].sum()) != -self.accounts["cash"]:
            raise ValueError("the postings do not add up to the accounts")


@njit()
def overlap(start: float, end: float, low: float, high: float) -> float:
    """Length of [start, end) within [low, high)."""
    return max(0.0, min(end, high) - max(start, low))


@njit()
def interval_of(time: float, interval: float, n: int) -> int:
    """Which of `n` intervals [i x interval, (i + 1) x interval) holds a time; the last one holds all that is later."""
    i = math.floor(time / interval)
    if time < i * interval:  # the quotient was rounded up to a whole number
        i -= 1
    elif time >= (i + 1) * interval:
        i += 1
    return max(0, min(i, n - 1))


@njit()
def accumulate_paid(window: np.ndarray, first_agent: np.ndarray, paid: np.ndarray, rows: np.ndarray) -> None:
    """Add the paid seconds of stretches of duty (`records.STINT`) to `paid` f8[agent, interval].

    `window` f8[>=3]: (warm-up, horizon, interval or 0), seconds; `first_agent` i8[pool]: row of the pool's agent 0.  With an
    interval, the last column is the time after the horizon; with none there is one column.  May be called chunk by chunk.
    """
    warmup, horizon, interval = window[0], window[1], window[2]
    last = paid.shape[1] - 1
    for i in range(len(rows)):
        row = rows[i]
        if row["duty"] == Duty.BREAK or row["duty"] == Duty.ABSENT:
            continue
        who = first_agent[row["pool"]] + row["agent"]
        start, end = row["start"], row["end"]
        if row["duty"] == Duty.FINISHING or row["load"] > 0:
            paid[who, last] += overlap(start, end, horizon, math.inf)
        if interval > 0.0:
            begin = max(start, warmup)
            stop = min(end, horizon)
            if begin >= stop:
                continue
            slot = interval_of(begin, interval, last)
            while slot < last and slot * interval < stop:
                paid[who, slot] += overlap(begin, stop, slot * interval, (slot + 1) * interval)
                slot += 1
        else:
            paid[who, 0] += overlap(start, end, warmup, horizon)


def paid_time(tables: "Tables") -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Empty state for `accumulate_paid`: (window, first_agent, paid)."""
    window = np.array([tables.warmup_s, tables.horizon_s, tables.interval_s])
    agents = np.asarray(tables.agents_max, np.int64)
    first = np.concatenate([np.zeros(1, np.int64), np.cumsum(agents)])
    columns = len(tables.interval_starts) + 1 if tables.interval_s > 0 else 1
    return window, first[:-1].copy(), np.zeros((int(first[-1]), columns))


@njit()
def money_of(row: np.void) -> tuple[int, ...]:
    """The amounts of an order (`records.ORDER`), in the order of `Amount`."""
    return (
        row["sales"], row["discount"], row["fee"], row["goods"], row["commission"], row["payment"], row["handling"], row["carriage"],
        row["refund"], row["restocked"], row["return_cost"], row["extra"], row["extra_goods"],
    )  # fmt: skip


@njit()
def order_margin_2(row: np.void) -> int:
    """Contribution margin 2 of one order (see `margin_2`)."""
    earned = row["sales"] - row["discount"] - row["refund"] + row["extra"] + row["fee"]
    goods = row["goods"] - row["restocked"] + row["extra_goods"]
    carried = row["handling"] + row["carriage"] + row["return_cost"]
    return int(earned - goods - row["commission"] - row["payment"] - carried)


def net_sales(money: Any) -> Any:
    """What customers paid for goods and kept: sales - discount - refund + extra sales in the store; `money` [Amount, ...]."""
    return money[Amount.SALES] - money[Amount.DISCOUNT] - money[Amount.REFUND] + money[Amount.EXTRA]


def goods_used(money: Any) -> Any:
    """Cost of the goods that did not come back to stock."""
    return money[Amount.GOODS] - money[Amount.RESTOCKED] + money[Amount.EXTRA_GOODS]


def margin_1(money: Any) -> Any:
    """Contribution margin 1: net sales - goods - commission."""
    return net_sales(money) - goods_used(money) - money[Amount.COMMISSION]


def margin_2(money: Any) -> Any:
    """Contribution margin 2: margin 1 + shipping fees - payment, handling, carriage and return costs."""
    spent = money[Amount.PAYMENT] + money[Amount.HANDLING] + money[Amount.CARRIAGE] + money[Amount.RETURN_COST]
    return margin_1(money) + money[Amount.FEE] - spent


@njit()
def accumulate_served(window: np.ndarray, contacts: np.ndarray, seconds: np.ndarray, rows: np.ndarray) -> None:
    """Add the handled contacts that arrived in [warm-up, horizon) to `contacts` i8[pool], their talk and wrap-up to `seconds`."""
    for i in range(len(rows)):
        row = rows[i]
        if row["pool"] < 0 or row["outcome"] != Outcome.HANDLED or row["mode"] == Mode.BROWSE:
            continue
        if window[0] <= row["arrived"] < window[1]:
            contacts[row["pool"]] += 1
            seconds[row["pool"]] += row["ended"] - row["started"] + row["wrap_s"]


@dataclass(frozen=True)
class Served:
    """What each pool handled: `contacts` i8[pool], talk and wrap-up `seconds` f8[pool]."""

    contacts: np.ndarray
    seconds: np.ndarray


@dataclass(frozen=True)
class Trade:
    """What a shop did in [warm-up, horizon): `amounts` i8[Amount] of all orders, cart messages sent, new shoppers by first channel."""

    amounts: np.ndarray
    messages: int
    first: np.ndarray  # i8[channel]
    fees: int = 0  # of renewals, minor units
    held: np.ndarray | None = None  # f8[node x product] unit-seconds on shelves; None: none are told


def settle(
    tables: "Tables",
    paid: np.ndarray,
    served: Served,
    trade: Trade | None = None,
    talks: np.ndarray | None = None,
    *,
    rows: bool = False,
    orders: np.ndarray | None = None,
) -> Ledger:
    """The ledger of paid seconds f8[agent, interval] (agents of pool 0, then pool 1 ...), of the hub's days and of what a shop did.

    Agents of another firm are paid for what they `served`, or for their hours; `talks` i8[channel]: conversations with bots.

    With `rows`, `orders` (`records.ORDER`) gives a posting for each order and amount that is not 0.
    """
    accounts: dict[str, int] = {}
    made: list[np.ndarray] = []
    first = 0
    for p, pool in enumerate(tables.pools):
        mine = paid[first : first + int(tables.agents_max[p])]
        first += len(mine)
        per = tables.price_per[p]
        if per in (Per.CONTACT, Per.MINUTE):
            made.append(_served_row(tables, p, served))
            accounts[f"outsourced/{pool}"] = int(made[-1]["amount"].sum())
        elif tables.has_wage[p] or per == Per.HOUR:
            an_hour = minor_units(tables.price[p] if per == Per.HOUR else tables.wage_per_h[p], tables.currency)
            amounts = np.rint(mine * an_hour / 3600.0).astype(np.int64)
            account = Account.OUTSOURCED if per == Per.HOUR else Account.LABOUR
            accounts[f"{account.name.lower()}/{pool}"] = int(amounts.sum())
            if rows:
                made.append(_labour_rows(tables, p, mine, amounts, account))
        if tables.training_per_day[p] > 0.0:
            made.append(_day_rows(tables, Account.TRAINING, minor_units(tables.training_per_day[p], tables.currency)))
            made[-1]["pool"] = p
            accounts[f"training/{pool}"] = int(made[-1]["amount"].sum())
    made.append(_bot_rows(tables, talks, accounts))
    days = _day_rows(tables, Account.HUB, minor_units(tables.hub_per_day, tables.currency))
    accounts["hub"] = int(days["amount"].sum())
    made.append(days)
    if trade is not None:
        made += _shop_accounts(tables, trade, accounts)
    if orders is not None:
        made.append(_order_rows(tables, orders))
    accounts["cash"] = -sum(accounts.values())
    postings = None
    if rows:
        postings = np.concatenate(made)
        keys = ("channel", "order", "agent", "pool", "account", "time_s")
        postings = postings[np.lexsort(tuple(postings[key] for key in keys))]
    ledger = Ledger(tables.currency, exponent(tables.currency), accounts, postings)
    ledger.check()
    return ledger


def post(tables: "Tables", records: "Records", *, rows: bool = False) -> Ledger:
    """The ledger of one run; with `rows`, every posting (`POSTING`, in order of time)."""
    window, first_agent, paid = paid_time(tables)
    accumulate_paid(window, first_agent, paid, records.stints)
    served = Served(np.zeros(len(tables.pools), np.int64), np.zeros(len(tables.pools)))
    accumulate_served(window, served.contacts, served.seconds, records.touches)
    touches = records.touches[_within(tables, records.touches["arrived"])]
    talks = np.bincount(touches["channel"][(touches["bot"] > 0) & (touches["mode"] == Mode.BROWSE)], minlength=len(tables.channels))
    if not tables.has_money:
        return settle(tables, paid, served, None, talks, rows=rows)
    orders = records.orders[_within(tables, records.orders["placed"])]
    journeys = records.journeys[_within(tables, records.journeys["arrived"])]
    first = (journeys["need"] == 0) & (journeys["k"] < TOLD_FROM)  # who comes again, or was told, costs nothing to win
    shoppers = journeys[(journeys["goal"] == Goal.SHOP) & first & (journeys["first_channel"] >= 0)]
    trade = Trade(
        np.array([orders[name].sum() for name in MONEY], np.int64),
        int(((touches["messaged"] > 0) & (touches["goal"] == Goal.SHOP)).sum()),
        np.bincount(shoppers["first_channel"], minlength=len(tables.channels)),
        int(records.customers["fees"].sum()),
        records.stock["held"],
    )
    return settle(tables, paid, served, trade, talks, rows=rows, orders=orders if rows else None)


def _within(tables: "Tables", times: np.ndarray) -> np.ndarray:
    """Which times lie in [warm-up, horizon)."""
    return (times >= tables.warmup_s) & (times < tables.horizon_s)


def _blank(n: int, account: Account) -> np.ndarray:
    """So many postings to an account, about nobody yet."""
    made = np.zeros(n, POSTING)
    for name in ("pool", "agent", "customer", "source", "journey", "order", "channel", "region", "node"):
        made[name] = -1
    made["account"] = account
    return made


def half_up(amount: float) -> int:
    """A price to the nearest minor unit, halves up, as orders are priced.

    >>> half_up(2.5), half_up(3.5), half_up(2.4)
    (3, 4, 2)
    """
    return math.floor(amount + 0.5)


def _bot_rows(tables: "Tables", talks: np.ndarray | None, accounts: dict[str, int]) -> np.ndarray:
    """One posting for each channel whose bot costs something; adds its account to `accounts`."""
    costs = tables.service.bots["cost"]
    paid = [c for c, cost in enumerate(costs) if cost > 0.0]
    made = _blank(len(paid), Account.BOTS)
    for row, c in zip(made, paid, strict=True):
        n = 0 if talks is None else int(talks[c])
        row["time_s"], row["channel"], row["quantity"], row["amount"] = tables.warmup_s, c, n, half_up(n * float(costs[c]))
        accounts[f"bots/{tables.channels[c]}"] = int(row["amount"])
    return made[made["quantity"] > 0]


def _shop_accounts(tables: "Tables", trade: Trade, accounts: dict[str, int]) -> list[np.ndarray]:
    """Adds the accounts of a shop to `accounts`; returns the postings of all but the orders."""
    for a in Amount:
        accounts[a.name.lower()] = int(trade.amounts[a]) * (-1 if a in EARNS else 1)
    costs = tables.shop.costs
    sent = _blank(1, Account.MESSAGES)
    sent["quantity"] = trade.messages
    sent["amount"] = half_up(trade.messages * float(tables.shop.rules[0]["message_cost"]))
    mailed = _campaign_rows(tables)
    paid = [(c, n, price) for c, (n, price) in enumerate(zip(trade.first.tolist(), costs.acquisition, strict=False)) if n * price > 0.0]
    won = _blank(len(paid), Account.ACQUISITION)
    for row, (c, n, price) in zip(won, paid, strict=True):
        row["channel"], row["quantity"], row["amount"] = c, n, half_up(n * price)
    for made in (sent, won):
        made["time_s"] = tables.warmup_s
    marketing = _day_rows(tables, Account.MARKETING, costs.marketing_per_day)
    capital = _day_rows(tables, Account.CAPITAL, costs.capital * DAY_S / costs.life_s)
    accounts |= {"messages": int(sent["amount"].sum()) + int(mailed["amount"].sum()), "acquisition": int(won["amount"].sum())}
    accounts |= {"marketing": int(marketing["amount"].sum()), "capital": int(capital["amount"].sum())}
    fixed = []
    for c, per_day in enumerate(costs.fixed_per_day):
        if per_day > 0.0:
            fixed.append(_day_rows(tables, Account.FIXED, per_day))
            fixed[-1]["channel"] = c
            accounts[f"fixed/{tables.channels[c]}"] = int(fixed[-1]["amount"].sum())
    renewed = _blank(1, Account.SUBSCRIPTIONS)
    fee = int(tables.loyalty.rules[0]["fee"])
    if fee > 0:
        renewed["quantity"] = trade.fees // fee
        renewed["time_s"] = tables.warmup_s
        renewed["amount"] = -(trade.fees // fee) * int(tables.loyalty.rules[0]["fee_earns"])
        accounts["subscriptions"] = int(renewed["amount"].sum())
    of_nodes = _node_accounts(tables, trade, accounts)
    return [sent[sent["quantity"] > 0], mailed, won, renewed[renewed["quantity"] > 0], marketing, capital, *fixed, *of_nodes]


def _node_accounts(tables: "Tables", trade: Trade, accounts: dict[str, int]) -> list[np.ndarray]:
    """Adds what keeping goods and running nodes costs to `accounts`; returns the postings: one a node, one a node and day."""
    goods = tables.goods
    made = []
    for n, name in enumerate(goods.names):
        if goods.storage_per_s[n].any():
            held = np.zeros(goods.storage_per_s.shape) if trade.held is None else trade.held.reshape(goods.storage_per_s.shape)
            kept = _blank(1, Account.HOLDING)
            kept["time_s"], kept["quantity"] = tables.warmup_s, float(held[n].sum())
            kept["amount"] = half_up(float((held[n] * goods.storage_per_s[n]).sum()))
            accounts[f"holding/{name}"] = int(kept["amount"].sum())
            made.append(kept)
        if goods.fixed_per_day[n] > 0.0:
            made.append(_day_rows(tables, Account.NODE, float(goods.fixed_per_day[n])))
            accounts[f"node/{name}"] = int(made[-1]["amount"].sum())
        for rows in made:
            rows["node"] = np.where(rows["node"] < 0, n, rows["node"])
    return made


def _campaign_rows(tables: "Tables") -> np.ndarray:
    """One posting for each campaign sent in [warm-up, horizon): messages x price, rounded once, halves up."""
    mine = [row for row in tables.shop.costs.campaigns if tables.warmup_s <= row[0] < tables.horizon_s]
    made = _blank(len(mine), Account.MESSAGES)
    for posting, (time, messages, price) in zip(made, mine, strict=True):
        posting["time_s"], posting["quantity"], posting["amount"] = time, messages, half_up(messages * price)
    return made


def _order_rows(tables: "Tables", orders: np.ndarray) -> np.ndarray:
    """One posting for each order and amount that is not 0."""
    made = []
    for a in Amount:
        mine = orders[orders[MONEY[a]] != 0]
        rows = _blank(len(mine), Account[a.name])
        rows["time_s"] = mine["placed"]
        rows["quantity"] = mine["items"]
        rows["amount"] = mine[MONEY[a]] * (-1 if a in EARNS else 1)
        rows["journey"] = rows["order"] = mine["customer"]
        rows["customer"] = mine["k"]
        for name in ("source", "channel", "region", "node"):
            rows[name] = mine[name]
        made.append(rows)
    return np.concatenate(made)


def _served_row(tables: "Tables", p: int, served: Served) -> np.ndarray:
    """The one posting of a pool that is paid by contact or minute: quantity x price, rounded once, halves up."""
    by_contact = tables.price_per[p] == Per.CONTACT
    quantity = float(served.contacts[p] if by_contact else served.seconds[p])
    made = _blank(1, Account.OUTSOURCED)
    made["time_s"], made["pool"], made["quantity"] = tables.warmup_s, p, quantity
    price = minor_units(tables.price[p], tables.currency)
    made["amount"] = half_up(quantity * price if by_contact else quantity * price / 60.0)
    return made


def _labour_rows(tables: "Tables", p: int, paid: np.ndarray, amounts: np.ndarray, account: Account) -> np.ndarray:
    """The postings of one pool: every agent and interval with paid time."""
    agent, slot = np.nonzero(paid)
    made = _blank(len(agent), account)
    made["time_s"] = np.maximum(slot * tables.interval_s, tables.warmup_s)
    if tables.interval_s > 0:
        made["time_s"][slot == paid.shape[1] - 1] = tables.horizon_s
    made["pool"] = p
    made["agent"] = agent
    made["quantity"] = paid[agent, slot]
    made["amount"] = amounts[agent, slot]
    return made


def _day_rows(tables: "Tables", account: Account, per_day: float) -> np.ndarray:
    """One posting for each civil day that has a share in [warm-up, horizon); `per_day` in minor units, not rounded."""
    since_midnight = tables.start.hour * 3600.0 + tables.start.minute * 60.0 + tables.start.second
    made = []
    day = 0
    while per_day > 0.0 and day * DAY_S - since_midnight < tables.horizon_s:
        midnight = day * DAY_S - since_midnight
        covered = overlap(midnight, midnight + DAY_S, tables.warmup_s, tables.horizon_s)
        if covered > 0.0:
            amount = round(per_day * covered / DAY_S)
            made.append((max(midnight, tables.warmup_s), covered, amount))
        day += 1
    rows = _blank(len(made), account)
    for row, (time, seconds, amount) in zip(rows, made, strict=True):
        row["time_s"], row["quantity"], row["amount"] = time, seconds, amount
    return rows
