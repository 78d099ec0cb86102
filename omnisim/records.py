"""What was seen: flat rows, one a happening, written by either engine in the order in which things happened.

    touches   one row a touch (contact or self-service visit), written when it ends; open ones at the end of the run
    journeys  one row a journey (a customer's need), written when it ends; open ones at the end of the run
    stints    one row a stretch of an agent's on-duty time with a constant number of contacts in hand
    orders    one row an order, written when nothing more can happen to it; open ones at the end of the run
    stock     one row a node and class of goods, written at the end of the run
    customers one row a customer, written when nothing more of his is to come; at the end of the run those with something to come

Times are seconds from the start of the run; NaN is "never".  Indices point into the name lists of `tables.Tables`.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Protocol

import numpy as np

TOUCH = np.dtype(
    [
        ("customer", "i8"),  # number in order of first arrival, from 0
        ("source", "i4"),  # arrival source (a stream, one of its surges or batches)
        ("k", "i8"),  # customer k of that source: the same person in every strategy
        ("serial", "i4"),  # touch of this journey, from 0
        ("visit", "i4"),  # visit of this journey to this channel, from 0; conversations with its bot are counted apart, from 65536
        ("stream", "i2"),
        ("segment", "i2"),
        ("channel", "i2"),
        ("before", "i2"),  # channel of the touch before; -1 if the first
        ("pool", "i2"),  # -1 where no agent took it
        ("agent", "i4"),  # number within the pool, from 0; -1 where none
        ("goal", "i1"),
        ("mode", "i1"),
        ("outcome", "i1"),
        ("delayed", "i1"),  # 1: found no free agent
        ("resolved", "i1"),  # 1: settled the issue (goal issue only)
        ("answered_before", "i1"),  # 1: an earlier contact of this journey was answered
        ("remembers", "i1"),  # 1: there was something to remember when it was served
        ("switched", "i1"),  # 1: another medium than the touch before it
        ("contradicted", "i1"),  # 1: its answer contradicted that of the medium before
        ("identified", "i1"),
        ("wrong_record", "i1"),  # 1: a stranger's or a stale record was served
        ("missed", "i1"),  # 1: the reply deadline passed unanswered
        ("aside", "i1"),  # 1: the customer had gone elsewhere before it was answered
        ("front", "i2"),  # the channel whose funnel the step belongs to; = channel but for an answer to a shopper
        ("step", "i1"),  # words.Step (goal shop only)
        ("reason", "i1"),  # words.Reason
        ("kept", "i1"),  # 1: the cart came along, 0: it did not, -1: there was none
        ("messaged", "i1"),  # cart message, words.Message
        ("unsubscribed", "i1"),  # 1: and he wants no more of them
        ("bot", "i1"),  # words.Bot
        ("callback", "i1"),  # 1: offered to be called back, 2: and accepted
        ("balked", "i1"),  # 1: gave up at once, when he heard how long it would be
        ("told", "f8"),  # the wait that was announced, s; NaN: none
        ("transfer", "i2"),  # channel to which the agent hands the customer when the talk ends; -1: none
        ("handed", "i2"),  # times its agent's shift ended and it was handed over
        ("came", "f8"),  # first arrival of the customer
        ("since", "f8"),  # end of the touch before; arrival of the customer if the first
        ("arrived", "f8"),
        ("started", "f8"),  # NaN: never served
        ("ended", "f8"),  # talk ended, gave up, blocked ...; NaN: open
        ("wrap_s", "f8"),  # after-contact work that followed
        ("held_s", "f8"),  # waited between two agents, after it was handed over: neither wait nor handling time
        ("completeness", "f8"),  # q in [0, 1]; NaN where nobody served
    ],
    align=True,
)

JOURNEY = np.dtype(
    [
        ("customer", "i8"),
        ("source", "i4"),
        ("k", "i8"),
        ("stream", "i2"),
        ("segment", "i2"),
        ("goal", "i1"),
        ("end", "i1"),
        ("first_resolved", "i1"),  # 1: the first answered contact settled it
        ("first_channel", "i2"),
        ("last_channel", "i2"),
        ("touches", "i4"),
        ("contacts", "i4"),  # attempts to reach an agent
        ("answered", "i4"),
        ("failures", "i4"),  # abandoned, blocked or closed attempts
        ("repeats", "i4"),  # times the story was told again (completeness < 1)
        ("contradictions", "i4"),
        ("missed", "i4"),  # reply deadlines missed
        ("media", "i4"),  # distinct media touched
        ("need", "u8"),  # n << 32: need n of his own, from 0; one that an order raised: that + 8 x the rest of the parent's + words.Need
        ("parent", "i8"),  # customer number of the journey whose order raised this need; -1: none
        ("region", "i2"),
        ("step", "i1"),  # the last step of a shopper, words.Step
        ("reason", "i1"),
        ("asked", "i1"),  # 0: no question, 1: unanswered, 2: answered live, 3: answered otherwise
        ("below", "i1"),  # 1: basket below the threshold at the first checkout
        ("padded", "i1"),  # 1: and padded up to it
        ("checkouts", "i4"),
        ("arrived", "f8"),
        ("ended", "f8"),  # NaN: open
        ("idle_since", "f8"),  # open between two touches: end of the last one; else NaN
        ("bond", "i1"),  # 0: no customer who is followed (or he had left before), 1: a customer, 2: and left for good because of it
        ("effort", "f8"),  # points (`rules.loyalty.points_of_effort`)
        ("satisfaction", "f8"),  # after it; NaN: nobody is followed
    ],
    align=True,
)

MONEY = (
    "sales", "discount", "fee", "goods", "commission", "payment", "handling", "carriage", "refund", "restocked", "return_cost",
    "extra", "extra_goods",
)  # fmt: skip
MOST_LINES = 5  # of an order
ORDER = np.dtype(
    [
        ("customer", "i8"),  # number of the journey that placed it: the order's number
        ("k", "i8"),
        ("source", "i4"),
        ("stream", "i2"),
        ("segment", "i2"),
        ("region", "i2"),
        ("product", "i2"),  # of its first line
        ("device", "i2"),
        ("channel", "i2"),  # sold on
        ("way", "i1"),  # words.Way
        ("state", "i1"),  # words.Carried
        ("late", "i1"),
        ("faulty", "i1"),
        ("returned", "i1"),  # 0: no, 1: all, 2: what was bought only to reach the threshold
        ("return_store", "i1"),
        ("padded", "i1"),
        ("coupon", "i1"),  # 0: none, 1: used, 2: used, and he would have come back and bought without it
        ("recovered", "i1"),  # 0: no, 1: a message brought him back to the cart, 2: and he would have come back and bought anyway
        ("extra_sold", "i1"),
        ("before", "i1"),  # 1: by a customer who had bought before, or was one before the run
        ("needs", "i2"),  # bits 1 << words.Need
        ("done", "i1"),  # stages played: bits 1 asked, 2 late, 4 due, 8 returned, 16 to be picked, 32 sent
        ("again", "i1"),  # nodes whose shelf was found empty before it was made ready, or cancelled
        ("node", "i2"),  # where it was made ready (its first line); -1: nowhere, or where stock is not told
        ("lines", "i1"),
        ("substitute", "i1"),  # 1: another product than the one he wanted, which was sold out
        ("parcels", "i1"),  # parcels sent, or made ready in a store
        ("short", "i1"),  # lines cancelled because no shelf had them
        ("picked", "i1"),  # bits 1 << line: has left its shelf
        ("gone", "i1"),  # bits 1 << line: cancelled
        ("waits", "i1"),  # 1: the people of the store have still to pick it
        ("loose", "i1"),  # 1: its promise is still to pass, by itself, though it was picked meanwhile
        ("warned", "i1"),  # words.Warned
        ("exchanged", "i1"),  # 1: what goes back is exchanged, not refunded
        ("written_off", "i1"),  # 1: what goes back cannot be sold again
        ("swapped", "i1"),  # bits 1 << line: another one left the shelf in exchange
        ("carrier", "i1"),  # -1: not told
        ("line_product", "i2", (MOST_LINES,)),
        ("line_node", "i2", (MOST_LINES,)),
        ("line_items", "i4", (MOST_LINES,)),
        ("line_at", "f8", (MOST_LINES,)),  # leaves its shelf; infinite: when it has been picked
        ("tried", "i8"),  # bits of nodes whose shelf was found empty
        # as agreed at the checkout, minor units: what follows of it stands among the amounts
        ("added", "i8"),  # bought only to reach the threshold
        ("coupon_off", "i8"),
        ("fee_asked", "i8"),
        ("items", "i4"),
        ("weight", "f8"),  # kg
        ("placed", "f8"),
        ("promised", "f8"),  # NaN: no promise
        ("due", "f8"),  # delivered, or collected
        ("leaves", "f8"),  # the last parcel leaves, or is ready in the store
        ("warned_at", "f8"),  # told that it would be late; NaN: never
        ("asks_at", "f8"),  # NaN: never
        ("returns_at", "f8"),  # NaN: never
        ("next", "f8"),  # the next happening; infinite: none
        *((name, "i8") for name in MONEY),  # minor units, all >= 0
    ],
    align=True,
)

STINT = np.dtype(
    [
        ("agent", "i4"),  # number within the pool
        ("pool", "i2"),
        ("duty", "i1"),  # words.Duty
        ("load", "i4"),  # contacts and wrap-ups in hand
        ("start", "f8"),
        ("end", "f8"),
    ],
    align=True,
)

STOCK = np.dtype(
    [
        ("node", "i4"),
        ("product", "i4"),
        ("start", "i8"),  # units on the shelf before the first customer came
        ("received", "i8"),
        ("shipped", "i8"),  # sent, handed out or taken along
        ("returned", "i8"),  # came back, and is on the shelf again
        ("shelf", "i8"),  # units that are there
        ("record", "i8"),  # units that the firm believes are there
        ("reserved", "i8"),  # of these, for orders that have not left yet
        ("on_order", "i8"),
        ("receipts", "i4"),  # deliveries so far
        ("reviews", "i4"),
        ("counts", "i4"),  # times the shelf was counted and the record put right
        ("misses", "i4"),  # times the record said there is enough, and the shelf had less
        ("held", "f8"),  # unit-seconds on the shelf from warm-up to horizon
        ("since", "f8"),  # up to when they are told
        ("next", "f8"),  # its next delivery, count or review; infinite: none
    ],
    align=True,
)


CUSTOMER = np.dtype(
    [
        ("number", "i8"),  # in the order in which customers began to be followed, from 0
        ("customer", "i8"),  # number of his first journey; -1: he has been told, and has not come yet
        ("k", "i8"),
        ("source", "i4"),
        ("stream", "i2"),
        ("segment", "i2"),
        ("region", "i2"),
        ("first_channel", "i2"),
        ("told_by", "i8"),  # number of the customer who told him; -1: nobody
        ("end", "i1"),  # words.Parting
        ("existing", "i1"),  # 1: a customer before the run
        ("subscribed", "i1"),
        ("media", "i4"),  # distinct media touched
        ("needs", "i4"),  # of his own that have begun
        ("purchases", "i4"),
        ("issues", "i4"),  # journeys that settled an issue, or not
        ("told", "i4"),  # how many came, or will, because he told them
        ("dues", "i4"),  # times a subscription fell due
        ("renewals", "i4"),
        ("satisfaction", "f8"),
        ("effort", "f8"),
        ("came", "f8"),
        ("began", "f8"),  # became a customer: bought for the first time, or came as one
        ("last", "f8"),  # bought last; NaN: never
        ("ended", "f8"),  # left for good; NaN: has not
        ("sales", "i8"),  # minor units: sales - discounts - refunds
        ("margin", "i8"),  # minor units: contribution margin 2 of his orders
        ("fees", "i8"),  # minor units: of renewals from warm-up on
        ("value", "f8"),  # minor units: margin and margin of fees, discounted to when he first came
    ],
    align=True,
)


ROWS = {"touches": TOUCH, "journeys": JOURNEY, "stints": STINT, "orders": ORDER, "stock": STOCK, "customers": CUSTOMER}


@dataclass(frozen=True)
class Records:
    """Everything one run left behind.

    `touches`, `journeys`, `stints`, `orders`, `stock`, `customers`: structured arrays of the types above; `end_s`: when the run ended
    (the horizon, or the end of the drain); `events`: how many model events were executed.
    """

    seed: int
    touches: np.ndarray
    journeys: np.ndarray
    stints: np.ndarray
    end_s: float
    events: int
    orders: np.ndarray = field(default_factory=lambda: np.zeros(0, ORDER))
    stock: np.ndarray = field(default_factory=lambda: np.zeros(0, STOCK))
    customers: np.ndarray = field(default_factory=lambda: np.zeros(0, CUSTOMER))

    def digest(self) -> str:
        """SHA-256 over the bytes of every row, in order: equal digests mean the same story to the bit."""
        import hashlib

        h = hashlib.sha256()
        for rows in (self.touches, self.journeys, self.stints, self.orders, self.stock, self.customers):
            for name in rows.dtype.names or ():
                h.update(np.ascontiguousarray(rows[name]).tobytes())
        h.update(np.float64(self.end_s).tobytes())
        return h.hexdigest()


class Sink(Protocol):
    """Where an engine sends its rows, in chunks of any size, in record order.

    `end_s` is when the run ended, for the last rows of a run (what is open); before that the moment reached.  The rows are
    the engine's own and change after the call.
    """

    def touches(self, rows: np.ndarray, end_s: float) -> None: ...
    def journeys(self, rows: np.ndarray, end_s: float) -> None: ...
    def stints(self, rows: np.ndarray) -> None: ...
    def orders(self, rows: np.ndarray) -> None: ...
    def stock(self, rows: np.ndarray) -> None: ...
    def customers(self, rows: np.ndarray) -> None: ...


class Keep:
    """A sink that keeps every row."""

    def __init__(self) -> None:
        self._kept: tuple[list[np.ndarray], ...] = tuple([np.zeros(0, dtype)] for dtype in ROWS.values())

    def touches(self, rows: np.ndarray, end_s: float) -> None:
        self._kept[0].append(rows.copy())

    def journeys(self, rows: np.ndarray, end_s: float) -> None:
        self._kept[1].append(rows.copy())

    def stints(self, rows: np.ndarray) -> None:
        self._kept[2].append(rows.copy())

    def orders(self, rows: np.ndarray) -> None:
        self._kept[3].append(rows.copy())

    def stock(self, rows: np.ndarray) -> None:
        self._kept[4].append(rows.copy())

    def customers(self, rows: np.ndarray) -> None:
        self._kept[5].append(rows.copy())

    def records(self, seed: int, end_s: float, events: int) -> Records:
        """Everything kept, as the records of one run."""
        touches, journeys, stints, orders, stock, customers = (np.concatenate(rows) for rows in self._kept)
        return Records(seed, touches, journeys, stints, end_s, events, orders, stock, customers)


class Files:
    """A sink that writes every row to `NAME.touches.npy`, `NAME.journeys.npy` ... in a folder (see `numpy.load`).

    The files appear under these names when the run is over (`close`), whole or not at all.
    """

    def __init__(self, folder: Path, name: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._files = {kind: _Growing(folder / f"{name}.{kind}.npy", dtype) for kind, dtype in ROWS.items()}

    def touches(self, rows: np.ndarray, end_s: float) -> None:
        self._files["touches"].add(rows)

    def journeys(self, rows: np.ndarray, end_s: float) -> None:
        self._files["journeys"].add(rows)

    def stints(self, rows: np.ndarray) -> None:
        self._files["stints"].add(rows)

    def orders(self, rows: np.ndarray) -> None:
        self._files["orders"].add(rows)

    def stock(self, rows: np.ndarray) -> None:
        self._files["stock"].add(rows)

    def customers(self, rows: np.ndarray) -> None:
        self._files["customers"].add(rows)

    def close(self, keep: bool = True) -> None:
        """The run is over, or (`keep` false) was stopped: then nothing is left behind."""
        for file in self._files.values():
            file.close(keep)


class _Growing:
    """A .npy file whose number of rows is known only at the end: the header is written last, in room kept for it."""

    ROOM = 4096

    def __init__(self, path: Path, dtype: np.dtype) -> None:
        self.path, self.dtype, self.n = path, dtype, 0
        self.partial = path.with_name(path.name + ".partial")
        self.file: IO[bytes] = self.partial.open("wb")
        self.file.write(b" " * self.ROOM)

    def add(self, rows: np.ndarray) -> None:
        clean = np.zeros(len(rows), self.dtype)  # what lies between the fields is written as 0: equal rows, equal bytes
        for name in self.dtype.names or ():
            clean[name] = rows[name]
        self.file.write(clean.tobytes())
        self.n += len(rows)

    def close(self, keep: bool) -> None:
        text = repr({"descr": np.lib.format.dtype_to_descr(self.dtype), "fortran_order": False, "shape": (self.n,)})
        head = b"\x93NUMPY\x02\x00" + (self.ROOM - 12).to_bytes(4, "little")
        self.file.seek(0)
        self.file.write(head + text.encode().ljust(self.ROOM - 13) + b"\n")
        self.file.close()
        if keep:
            self.partial.replace(self.path)
        else:
            self.partial.unlink()
