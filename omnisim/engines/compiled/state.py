"""Where a run stands: a few arrays of records, so that the kernel can stop at any event and go on later.

    RUN       one row: clocks, counters, heads of free lists
    BODY      one row a customer present, beside his `person.PERSON`
    CONTACT   one row a touch present, beside its `records.TOUCH`
    TALK      one row a touch present, used where the end of a talk may be planned anew
    EVENT     16 bytes: when, and what (kind and row); equal times are settled by customer and touch, read from the rows
    AGENT, READY, POOL, LINE    people who serve, those who could take somebody, pools, waiting lines

Rows that nobody needs any more are linked in a free list, so that memory follows those present, not those ever seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from omnisim.records import CUSTOMER, JOURNEY, ORDER, STINT, TOUCH
from omnisim.rosters import plan
from omnisim.rules import arrivals, loyalty, person
from omnisim.rules.stock import Goods
from omnisim.words import Fill, ShiftEnd

if TYPE_CHECKING:
    from omnisim.tables import Tables

NOBODY = -1  # end of a list; no agent, no row

RUN = np.dtype(
    [
        ("now", "f8"),
        ("last", "f8"),  # when something last happened
        ("seed", "i8"),
        ("events", "i8"),
        ("instant", "i8"),  # events at `now` so far
        ("customers", "i8"),
        ("duty", "i8"),  # next row of the calendar
        ("heap", "i8"),  # sizes of the three heaps
        ("timers", "i8"),
        ("ends", "i8"),
        ("sources", "i8"),  # sources that still send somebody
        ("free_person", "i8"),
        ("free_contact", "i8"),
        ("seated", "i8"),  # those seated in this happening, first and last
        ("seated_last", "i8"),
        ("closing", "i8"),  # 1: the run is ending, nobody is seated any more
        ("redraw", "i8"),
        ("too_long", "i8"),  # 1: a journey has too many touches
        ("touches", "i8"),  # rows written to the output so far
        ("journeys", "i8"),
        ("stints", "i8"),
        ("orders", "i8"),
        ("customers_out", "i8"),
        ("away", "i8"),  # events of customers who are away
        ("bonds", "i8"),  # customers followed so far
        ("free_bond", "i8"),
        ("spare", "i8"),  # free rows of customers
    ],
    align=True,
)
BODY = np.dtype(
    [
        ("threads", "i4"),  # what still needs this row: the journey, messages left behind, an order
        ("under_way", "i4"),  # 1: the journey has not ended
        ("to", "i4"),  # channel of the next touch
        ("next", "i4"),  # free list
        ("order", "i4"),  # 1: something may still happen to his order
        ("idle", "f8"),  # since when he is between two touches
    ],
    align=True,
)
CONTACT = np.dtype(
    [
        ("person", "i4"),
        ("agent", "i4"),
        ("next", "i4"),  # waiting line, those seated now, or free list
        ("before", "i4"),  # waiting line
        ("timer", "i4"),  # place of its patience or deadline in the timers
        ("trunk", "i4"),  # whose line it holds; NOBODY: none
        ("present", "i2"),  # 1: the touch has not ended
        ("waiting", "i2"),  # 1: in the line; 2: to be called back
        ("leaves", "i2"),  # 1: a message is taken when his wait is over
    ],
    align=True,
)
TALK = np.dtype(
    [
        ("factor", "f8"),  # slowdown at which its end is planned
        ("speed", "f8"),  # of its agent
        ("left", "f8"),  # work that was left when it was handed over, s at speed 1
        ("timer", "i4"),  # place of its end in the ends
        ("next", "i4"),  # the talks of its agent
        ("before", "i4"),
    ],
    align=True,
)
EVENT = np.dtype([("when", "f8"), ("what", "i8")], align=True)
AGENT = np.dtype(
    [
        ("since", "f8"),  # when he came to have this many in hand
        ("mark", "f8"),  # start of the current stint
        ("pool", "i4"),
        ("number", "i4"),
        ("load", "i4"),
        ("duty", "i4"),  # 0: off
        ("then", "i4"),  # duty when he has finished
        ("came", "i4"),  # 1: has come on duty in this happening
        ("next", "i4"),  # those ready, at this load
        ("before", "i4"),
        ("talk", "i4"),  # the talk that he began last, where their ends are planned anew
    ],
    align=True,
)
POOL = np.dtype(
    [(name, "i8") for name in ("first", "most", "levels", "on_duty", "finishing", "planned", "shift_end", "rostered", "stacks")],
    align=True,
)  # planned 1: ends of its talks may be planned anew, or called off
READY = np.dtype([("first", "i4"), ("last", "i4"), ("n", "i8")], align=True)
LINE = np.dtype([("first", "i4"), ("last", "i4"), ("waiting", "i8"), ("last_wait", "f8")], align=True)  # s, of whom an agent took last


class State(NamedTuple):
    """Where a run stands."""

    run: np.ndarray  # [1] RUN
    people: np.ndarray  # [row] PERSON
    visits: np.ndarray  # [row, channel]
    lived: np.ndarray  # [row, channel] s
    bodies: np.ndarray  # [row] BODY
    orders: np.ndarray  # [row] ORDER, of a buyer
    touches: np.ndarray  # [row] TOUCH
    contacts: np.ndarray  # [row] CONTACT
    talks: np.ndarray  # [row] TALK
    heap: np.ndarray  # EVENT: services, wrap-ups, orders, retries
    timers: np.ndarray  # EVENT: patience and deadlines; each touch knows its place
    ends: np.ndarray  # EVENT: of talks that may be planned anew; each knows its place
    coming: np.ndarray  # [source] EVENT: the next customer of each source
    sending: np.ndarray  # [source] arrivals.STATE
    factors: np.ndarray  # [day] busyness
    lines: np.ndarray  # [channel] LINE; then, where there are calls back, [channel] those who wait to be called
    open: np.ndarray  # [channel]
    agents: np.ndarray  # AGENT, pool by pool
    hands: np.ndarray  # [agent, concurrency] how many in hand have this concurrency
    ready: np.ndarray  # [pool, load] READY
    pools: np.ndarray  # [pool] POOL
    bot_handled: np.ndarray  # [channel] conversations that its bot has had
    alarms: np.ndarray  # [2 pools, channel] 1: an alarm is set for the delay after which the pool helps out; after which slots are used
    held: np.ndarray  # [trunk] lines held
    customers: np.ndarray  # [row] CUSTOMER, of those who are followed from need to need
    bonds: np.ndarray  # [row] loyalty.BOND
    known: np.ndarray  # [row, channel] s; no columns where nobody chooses freely
    away: np.ndarray  # EVENT: of customers between two needs
    mouth: np.ndarray  # [1] warnings that have met nobody yet
    goods: Goods  # shelves


class Out(NamedTuple):
    """Room for rows on their way to a sink."""

    touches: np.ndarray
    journeys: np.ndarray
    stints: np.ndarray
    orders: np.ndarray
    customers: np.ndarray


class World(NamedTuple):
    """What the kernel reads of `tables.Tables`; shapes are said there."""

    channel: np.ndarray
    medium_of: np.ndarray
    names: np.ndarray
    identify: np.ndarray
    believed: np.ndarray
    stream: np.ndarray
    segment: np.ndarray
    enter: np.ndarray
    preceded: np.ndarray
    habit: np.ndarray
    fit: np.ndarray
    allowed: np.ndarray
    switch: np.ndarray
    missed: np.ndarray
    retry: np.ndarray
    retry_to: np.ndarray
    context: np.ndarray
    link: np.ndarray
    pair: np.ndarray
    hub_down: np.ndarray
    laws: np.ndarray
    points: np.ndarray
    source: np.ndarray
    pieces: np.ndarray
    priority: np.ndarray
    preference: np.ndarray
    speed: np.ndarray
    concurrency: np.ndarray
    slows: np.ndarray
    slowdown: np.ndarray
    skill: np.ndarray
    reserve: np.ndarray
    trunk_limit: np.ndarray
    calendar: np.ndarray
    moves: np.ndarray
    team: np.ndarray
    limits: np.ndarray  # horizon s, utility of waiting, outside utility, ageing s, warm-up s
    switches: np.ndarray  # free choice, routing of agents, of contacts, events at one instant, touches of one journey, rows a happening
    need_to: np.ndarray
    bots: np.ndarray
    contain: np.ndarray
    bot_down: np.ndarray
    transfer: np.ndarray
    languages: np.ndarray
    front: np.ndarray
    asks: np.ndarray
    shop_switch: np.ndarray
    message_to: np.ndarray
    back_to: np.ndarray
    shop: np.ndarray
    products: np.ndarray
    regions: np.ndarray
    zones: np.ndarray
    up_to: np.ndarray
    devices: np.ndarray
    device_upto: np.ndarray
    region_upto: np.ndarray
    ties: np.ndarray
    loyalty: np.ndarray


def world(t: Tables, seed: int, instant: int, touches: int) -> World:
    """The tables as the kernel reads them, the calendar that of `seed`; `instant`, `touches`: the budget's limits."""
    calendar, moves = plan(t, seed)
    return World(
        t.channel, t.medium_of, t.channel["hash"].copy(), t.identify, t.believed, t.stream, t.segment, t.enter, t.preceded, t.habit,
        t.fit, t.allowed, t.switch, t.missed, t.retry, t.retry_to, t.context, t.link, t.pair, t.hub_down, t.laws, t.points, t.source,
        t.pieces, t.priority, t.preference, t.speed, t.concurrency, t.slows, t.slowdown, t.skill, t.reserve, t.trunk_limit, calendar,
        moves, t.team,
        np.array([t.horizon_s, t.wait_weight, t.outside, t.ageing_s, t.warmup_s]),
        np.array([int(t.free), t.agent_rule, t.contact_rule, instant, touches, _rows_a_happening(t), int(t.has_calls), int(t.has_bonds)],
                 np.int64),
        t.shop.need_to, t.service.bots, t.service.contain, t.service.bot_down, t.service.transfer, t.service.languages, *t.shop.sold(),
        t.loyalty.ties, t.loyalty.rules,
    )  # fmt: skip


def _rows_a_happening(t: Tables) -> int:
    """Most rows of a kind that one happening other than a change of duty can write."""
    keeping = t.agents_max[t.reserve > 0]  # where an agent who comes to idle lets his colleagues take messages
    return 4 + int(keeping.max(initial=0))


def new(t: Tables, seed: int) -> State:
    """Before the first event: nobody is there, everybody who begins on duty has come."""
    channels = len(t.channels)
    run = np.zeros(1, RUN)
    run[0]["now"] = -1.0
    run[0]["seed"] = seed
    run[0]["redraw"] = int(t.retry[0]["redraw"]) if t.retry[0]["on"] else 1
    for head in ("free_person", "free_contact", "free_bond", "seated", "seated_last"):
        run[0][head] = NOBODY
    lines = np.zeros(channels * (2 if t.has_calls else 1), LINE)
    lines["first"] = lines["last"] = NOBODY
    most = t.agents_max.astype(np.int64)
    agents = np.zeros(int(most.sum()), AGENT)
    agents["next"] = agents["before"] = agents["talk"] = NOBODY
    levels = max(1, int(t.slots.max(initial=1)))
    ready = np.zeros((len(t.pools), levels), READY)
    ready["first"] = ready["last"] = NOBODY
    pools = np.zeros(len(t.pools), POOL)
    pools["first"] = np.cumsum(most) - most
    pools["most"] = most
    pools["levels"] = np.maximum(1, t.slots)
    pools["planned"] = (t.slows >= 0).any(axis=1) | (t.shift_end != ShiftEnd.FINISH)
    pools["shift_end"] = t.shift_end
    pools["rostered"] = t.team["rostered"]
    pools["stacks"] = t.fill == Fill.STACK
    for p, row in enumerate(pools):
        mine = agents[row["first"] : row["first"] + row["most"]]
        mine["pool"] = p
        mine["number"] = np.arange(row["most"])
    factors = np.array([arrivals.day_factor(seed, day, t.busyness_cv) for day in range(t.days)])
    empty = State(
        run, np.zeros(0, person.PERSON), np.zeros((0, t.visit_columns), np.int64), np.zeros((0, channels)), np.zeros(0, BODY),
        np.zeros(0, ORDER), np.zeros(0, TOUCH), np.zeros(0, CONTACT), np.zeros(0, TALK), np.zeros(0, EVENT), np.zeros(0, EVENT),
        np.zeros(0, EVENT), np.zeros(len(t.sources), EVENT), np.zeros(len(t.sources), arrivals.STATE), factors,
        lines, t.open0.copy(), agents, np.zeros((len(agents), levels + 1), np.int64), ready, pools,
        np.zeros(channels, np.int64), np.zeros((2 * len(t.pools), channels), np.int64), np.zeros(len(t.trunk_limit), np.int64),
        np.zeros(0, CUSTOMER), np.zeros(0, loyalty.BOND), np.zeros((0, channels if t.free else 0)), np.zeros(0, EVENT),
        np.zeros(1, np.int64), t.goods.at_start(seed),
    )  # fmt: skip
    whole = more_contacts(more_people(empty, 256), 256)
    return more_customers(whole, 256) if t.has_bonds else whole


def room(rows: int) -> Out:
    """Output of so many rows each."""
    return Out(np.zeros(rows, TOUCH), np.zeros(rows, JOURNEY), np.zeros(rows, STINT), np.zeros(rows, ORDER), np.zeros(rows, CUSTOMER))


def more_people(s: State, rows: int) -> State:
    """The same state with room for `rows` customers present."""
    old = len(s.people)
    bodies = _longer(s.bodies, rows)
    _link(bodies["next"], old, rows, int(s.run[0]["free_person"]))
    s.run[0]["free_person"] = old
    return s._replace(
        people=_longer(s.people, rows),
        visits=_longer(s.visits, rows),
        lived=_longer(s.lived, rows),
        bodies=bodies,
        orders=_longer(s.orders, rows),
        heap=_longer(s.heap, 2 * rows + len(s.contacts) + s.alarms.size),
    )


def more_contacts(s: State, rows: int) -> State:
    """The same state with room for `rows` touches present."""
    old = len(s.contacts)
    contacts = _longer(s.contacts, rows)
    _link(contacts["next"], old, rows, int(s.run[0]["free_contact"]))
    s.run[0]["free_contact"] = old
    # a touch has one service or wrap-up to come, a customer one retry, or one happening of his order and its promise;
    # a touch has one patience or deadline
    return s._replace(
        touches=_longer(s.touches, rows),
        contacts=contacts,
        talks=_longer(s.talks, rows),
        heap=_longer(s.heap, rows + 2 * len(s.people) + s.alarms.size),
        timers=_longer(s.timers, rows),
        ends=_longer(s.ends, rows),
    )


def more_customers(s: State, rows: int) -> State:
    """The same state with room for `rows` customers who are followed; each has a need and a subscription to come at most."""
    old = len(s.bonds)
    bonds = _longer(s.bonds, rows)
    _link(bonds["next"], old, rows, int(s.run[0]["free_bond"]))
    s.run[0]["free_bond"] = old
    s.run[0]["spare"] += rows - old
    return s._replace(customers=_longer(s.customers, rows), bonds=bonds, known=_longer(s.known, rows), away=_longer(s.away, 2 * rows))


def _longer(old: np.ndarray, rows: int) -> np.ndarray:
    new_rows: np.ndarray = np.zeros((rows, *old.shape[1:]), old.dtype)
    new_rows[: len(old)] = old
    return new_rows


def _link(next_: np.ndarray, first: int, upto: int, then: int) -> None:
    """Rows first .. upto-1 become the head of a free list that goes on with `then`."""
    next_[first:upto] = np.arange(first + 1, upto + 1)
    next_[upto - 1] = then


def open_rows(s: State) -> tuple[np.ndarray, np.ndarray]:
    """What has not ended: rows of touches in order of customer and touch, rows of customers in order of number."""
    touches = np.flatnonzero(s.contacts["present"] == 1)
    touches = touches[np.lexsort((s.touches["serial"][touches], s.touches["customer"][touches]))]
    people = np.flatnonzero((s.bodies["threads"] > 0) & (s.bodies["under_way"] == 1))
    return touches, people[np.argsort(s.people["customer"][people])]


def open_orders(s: State) -> np.ndarray:
    """Rows of the orders to which something may still happen, in order of number."""
    rows = np.flatnonzero(s.bodies["order"] == 1)
    return rows[np.argsort(s.people["customer"][rows])]


def open_customers(s: State) -> np.ndarray:
    """Rows of the customers of whom something is still to come, in the order in which they began to be followed."""
    rows = np.flatnonzero((s.bonds["threads"] > 0) & ~np.isnan(s.customers["began"]))
    return rows[np.argsort(s.customers["number"][rows])]


def bytes_of(s: State) -> int:
    """Memory the state takes now."""
    return sum(a.nbytes for a in (*s[:-1], *s.goods))
