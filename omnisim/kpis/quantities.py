"""What is counted and summed, and for whom: the state of the accumulator.

    rows --accumulate--> counts i8[cell, Count]  ┐
                         sums   f8[cell, Sum]    ├--finish--> one number for every (cell, quantity)
                         bins   i8[...]          ┘            (+ Derived)

A *cell* is whom a number is about: everybody, one channel, one pool in one interval ...  A *quantity* is what the number
says.  A KPI is a quantity, or a quantity over another one of the same cell.
"""

from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from omnisim.tables import Tables


class Count(IntEnum):
    """Exact integers."""

    # contacts that arrived in [warmup, horizon); the five after OFFERED follow the order of words.Outcome
    OFFERED = 0
    OPEN = 1
    HANDLED = 2
    ABANDONED = 3
    BLOCKED = 4
    CLOSED = 5
    DELAYED = 6  # found no free agent
    WAITED = 7  # handled or abandoned
    MET = 8  # numerator of the channel's service-level formula
    RATED = 9  # denominator of it
    REPLIES = 10  # handled, inbox
    DUE = 11  # offered to an inbox with a deadline
    IN_TIME = 12  # replied by the deadline
    ANSWERED = 13  # service began
    REMEMBERING = 14  # answered, with something to remember
    RETOLD = 15  # answered with completeness below 1
    WRONG = 16  # answered with a stranger's or a stale record
    SWITCHED = 17  # touches on another medium than the one before
    CONTRADICTED = 18  # of these, answered otherwise than there
    # journeys whose first arrival is in [warmup, horizon)
    VISITORS = 19
    ENDED = 20
    REACHED = 21  # resolved or converted
    SUCCEEDED = 22  # reached without a failure, a repeat, a contradiction or a missed deadline
    MEDIA = 23  # distinct media of ended journeys, summed
    OUTSIDE = 24  # took the outside option
    ISSUES = 25  # ended, goal issue
    ATTEMPTS = 26  # contacts of these
    FIRST_RESOLVED = 27
    RESOLVED = 28
    BUYERS = 29  # ended, goal markov or shop
    CONVERTED = 30
    # the shop: touches of shoppers that arrived in the window, by the channel whose funnel they belong to
    VISITS = 31
    ASKED = 32  # visits that raised a question before buying
    CARTS = 33  # visits that came to the checkout
    ORDERS = 34  # orders placed in the window
    LEFT_COST = 35  # carts left because of the shipping fee
    LEFT_DELIVERY = 36  # because delivery is slow
    LEFT_WAIT = 37  # because an answer came late or never
    LEFT_CONTEXT = 38  # because cart or story were lost, or answers contradicted each other
    LEFT_OTHER = 39  # for reasons that nothing in the model explains
    CAME_BACK = 40  # visits that came back to a cart
    KEPT = 41  # of these, found it as it was left
    # journeys of shoppers, by first arrival
    BELOW = 42  # first basket below the threshold
    PADDED = 43  # of these, padded up to it
    # orders placed in the window
    SHIPPED = 44  # sent home or to a store
    PROMISED = 45  # of these, with a promised time
    ON_TIME = 46  # of these, kept
    LOSING = 47  # contribution margin 2 below 0
    STILL_OPEN = 48  # neither delivered nor returned at the end of the run
    MESSAGES = 49  # cart messages sent
    FIRST_SHOP = 50  # first needs of shoppers, by first channel
    NEED_CONTACTS = 51  # contacts of needs that arose from an order
    HELPED_LIVE = 52  # ended journeys of shoppers whose question was answered live
    HELPED_BOUGHT = 53  # of these, bought
    ANSWERS = 54  # questions before buying that were answered
    BOUGHT = 55  # checkouts that ended in a purchase
    LEFT = 56  # carts left: at the checkout, or lost on the way back
    SHOPPERS = 57  # ended journeys of shoppers
    SHOPPERS_BOUGHT = 58
    # bots and transfers, by arrival
    BOT_CONTACTS = 59  # conversations with a bot
    BOT_ENDED = 60
    BOT_SOLVED = 61
    BOT_FALSE = 62  # closed without having been solved
    BOT_KEPT = 63  # solved or closed: no agent was reached from there
    TRANSFERS = 64  # handled and handed on to another channel
    # stock
    LEFT_STOCK = 65  # carts left because the goods were sold out
    CANCELLED = 66  # orders placed in the window that no shelf had
    RESOURCED = 67  # orders made ready at another node than the first one asked
    SENT = 68  # orders that were not cancelled
    # who waits, by arrival
    DEFLECTED = 69  # waited, and left a message
    TOLD = 70  # heard how long it would be
    BALKED = 71  # of these, gave up at once
    CALL_OFFERED = 72  # offered to be called back
    CALL_ACCEPTED = 73  # of these, accepted
    CALL_DIALLED = 74  # of these, called
    PARCELS = 75  # of orders sent home or to a store
    SUBSTITUTED = 76  # orders of another product than the one that was sold out
    # messages about carts
    CLICKED = 77  # messages that bring somebody back
    UNSUBSCRIBED = 78  # messages after which a reader wants no more
    RECOVERED = 79  # orders of who was brought back by a message
    COUPONS = 80  # orders with a coupon
    WASTED = 81  # of these, he would have come back and bought without it
    # the relationship: ended journeys of customers who are followed, by first arrival
    JUDGED = 82
    DEFECTED = 83  # of these, after which the customer left for good
    # customers who became one in [warmup, horizon)
    CUSTOMERS = 84
    STAYED = 85  # of these, still one at the end
    WON = 86  # of these, no customers before the run
    REFERRED = 87  # of these, came because they were told
    BOUGHT_ONCE = 88  # of the customers, bought
    BOUGHT_AGAIN = 89  # more than once
    PURCHASES = 90
    DUES = 91  # renewals that fell due
    RENEWALS = 92
    FEES_DUE = 93  # minor units, of renewals from warm-up on
    SINGLE = 94  # bought, and touched one medium only
    SINGLE_SALES = 95  # minor units
    SEVERAL = 96  # bought, and touched several
    SEVERAL_SALES = 97
    # orders placed in the window
    KNOWN_SALES = 98  # minor units: sales - discount, of customers who had bought before
    ALL_SALES = 99
    # delivery and returns
    LINES = 100  # of all orders
    LINES_SHORT = 101  # of all orders, cancelled because no shelf had them
    LEFT_STORE = 102  # carts left to buy in the store that has it
    COLLECTED = 103  # orders collected in a store or at a pick-up point
    LATE = 104  # of the promised, late
    WARNED = 105  # whose customers were told that they would be
    WARNED_RIGHTLY = 106
    RETURNED = 107  # orders that go back, in part or whole
    EXCHANGED = 108
    WRITTEN_OFF = 109
    STORE_SALES = 110  # minor units: net sales of goods taken along, and extra sales at the counter


class Sum(IntEnum):
    """Floats, added in record order; seconds unless said otherwise."""

    WAIT_S = 0  # of the handled and the abandoned
    ANSWER_S = 1  # wait of the handled
    HANDLE_S = 2  # talk and wrap-up of the handled
    ISSUE_HANDLE_S = 3  # of these, goal issue
    REPLY_S = 4  # arrival to answer, handled, inbox
    COMPLETENESS = 5  # of the remembering
    WAITING_S = 6  # customer-seconds spent waiting within the window
    BACKLOG_S = 7  # message-seconds received and not yet answered within the window
    RETRYING_S = 8  # customer-seconds between two touches within the window
    JOURNEY_S = 9  # arrival to end of ended journeys
    ON_S = 10  # agent-seconds on shift
    DUTY_S = 11  # on shift or finishing
    BUSY_S = 12  # with at least one contact or wrap-up in hand
    LOAD_S = 13  # contact-seconds in hand
    ON_LOAD_S = 14  # of these, on shift
    SLOT_S = 15  # places on shift
    PAID_S = 16
    AGE_S2 = 17  # age of the messages received and not yet answered, integrated over the window, s^2
    OLDEST_S = 18  # the largest age any of them came to; a maximum, not a sum
    BREAK_S = 19  # on a break, paid or not
    AWAY_S = 20  # rostered and not on shift: on a break, in training, late, gone early or absent
    ROSTER_S = 21  # rostered: on shift, or away
    KEPT_S = 22  # of this, on shift
    PRESENT_S = 23  # rostered to be on shift: on it, or late, gone early or absent
    TOLD_S = 24  # announced waits
    CALL_S = 25  # arrival to the call of those called back
    EFFORT = 26  # points, of judged journeys
    SATISFACTION = 27  # after them
    VALUE = 28  # minor units: discounted margin of the customers


class Derived(IntEnum):
    """Numbers made once, at the end."""

    WAIT_P90_S = 0
    REPLY_P90_S = 1
    QUEUE = 2
    BACKLOG = 3
    RETRYING = 4
    AGENT_MIN = 5
    ISSUE_MIN = 6
    STAFFED_H = 7
    LABOUR = 8  # currency units
    HUB = 9
    SPENT = 10  # labour, bots and hub
    GAP = 11
    # the shop; money in currency units
    SALES = 12  # before discounts and returns
    SOLD = 13  # sales - discount
    NET_SALES = 14
    REVENUE = 15
    REFUNDED = 16
    EXTRA = 17
    FEES = 18
    GOODS = 19
    SELLING = 20  # commission and payment
    HANDLING = 21
    CARRIAGE = 22
    RETURNING = 23
    MARKETING = 24
    FIXED = 25
    CAPITAL = 26
    CM1 = 27
    CM2 = 28
    CM3 = 29
    CM4 = 30
    EBIT = 31
    ASSISTED = 32  # conversion of those answered live over that of the others
    CARTS_LEFT = 33  # carts - purchases
    BOT_COST = 34
    SERVING = 35  # labour, other firms, training and bots
    IDLE_H = 36
    DAYS_MET = 37  # days on which the channel's service level met its target
    DAYS_RATED = 38  # days that have one
    INTERVALS_MET = 39
    INTERVALS_RATED = 40
    WORST_INTERVAL = 41  # the least service level of an interval
    OUTSOURCED = 42  # paid to other firms, currency units
    TAUGHT = 43  # cost of training
    BREAK_H = 44
    DISCOUNTS = 45  # currency units
    OWNED = 46  # orders on channels that say who the customer is
    LIFETIME = 47  # discounted margin of the customers, currency units
    ACQUIRED = 48  # spent on winning customers, currency units
    RECURRING = 49  # fees of renewals, currency units
    PREMIUM = 50  # sales a customer of those on several media over that of those on one
    RENEWED = 51  # margin of the fees of renewals, currency units
    STORE_SALES = 52
    ONLINE_SALES = 53
    HOLDING = 54
    STANDS = 55  # contribution margin 3 - acquisition - fixed costs, currency units


Quantity = Count | Sum | Derived


class Block(IntEnum):
    """The kinds of cells, in the order in which they lie in the arrays."""

    TOTAL = 0
    CHANNEL = 1
    MEDIUM = 2
    SEGMENT = 3
    POOL = 4
    CHANNEL_POOL = 5
    INTERVAL = 6
    CHANNEL_INTERVAL = 7
    POOL_INTERVAL = 8
    REGION = 9
    CHANNEL_DAY = 10
    CHANNEL_PERIOD = 11
    DAY = 12
    PERIOD = 13


@dataclass(frozen=True)
class Cells:
    """Where each cell lies.

    >>> cells = Cells(channels=2, media=2, segments=1, pools=3, intervals=4)
    >>> cells.total, cells.channel(1), cells.channel_pool(1, 2), cells.pool_interval(2, 3) == cells.size - 1
    (0, 2, 14, True)
    """

    channels: int
    media: int
    segments: int
    pools: int
    intervals: int
    regions: int = 0
    days: int = 0
    periods: int = 0
    total: int = 0

    @classmethod
    def of(cls, tables: "Tables") -> "Cells":
        """The cells of a scenario."""
        intervals = len(tables.interval_starts) if tables.interval_s > 0 else 0
        regions = len(tables.shop.region_names) if tables.has_shop else 0
        sizes = (len(tables.channels), len(tables.media), len(tables.segments), len(tables.pools), intervals, regions)
        return cls(*sizes, len(tables.day_names), len(tables.periods))

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """First cell of each `Block`, then the number of cells."""
        c, p, i, d, n = self.channels, self.pools, self.intervals, self.days, self.periods
        starts = [0]
        for length in (1, c, self.media, self.segments, p, c * p, i, c * i, p * i, self.regions, c * d, c * n, d, n):
            starts.append(starts[-1] + length)
        return tuple(starts)

    @property
    def size(self) -> int:
        """Number of cells."""
        return self.starts[-1]

    @property
    def layout(self) -> np.ndarray:
        """`i8[20]` for compiled code: first cell of each `Block`, then how many segments, pools, intervals, regions, days, periods."""
        return np.array([*self.starts[:-1], self.segments, self.pools, self.intervals, self.regions, self.days, self.periods], np.int64)

    def channel(self, c: int) -> int:
        return self.starts[Block.CHANNEL] + c

    def medium(self, m: int) -> int:
        return self.starts[Block.MEDIUM] + m

    def segment(self, s: int) -> int:
        return self.starts[Block.SEGMENT] + s

    def pool(self, p: int) -> int:
        return self.starts[Block.POOL] + p

    def channel_pool(self, c: int, p: int) -> int:
        return self.starts[Block.CHANNEL_POOL] + c * self.pools + p

    def interval(self, i: int) -> int:
        return self.starts[Block.INTERVAL] + i

    def channel_interval(self, c: int, i: int) -> int:
        return self.starts[Block.CHANNEL_INTERVAL] + c * self.intervals + i

    def pool_interval(self, p: int, i: int) -> int:
        return self.starts[Block.POOL_INTERVAL] + p * self.intervals + i

    def region(self, r: int) -> int:
        return self.starts[Block.REGION] + r

    def day(self, d: int) -> int:
        return self.starts[Block.DAY] + d

    def channel_day(self, c: int, d: int) -> int:
        return self.starts[Block.CHANNEL_DAY] + c * self.days + d

    def period(self, n: int) -> int:
        return self.starts[Block.PERIOD] + n

    def channel_period(self, c: int, n: int) -> int:
        return self.starts[Block.CHANNEL_PERIOD] + c * self.periods + n


# Positions in `Cells.layout` after the first cells.
SEGMENTS = len(Block)
POOLS = SEGMENTS + 1
INTERVALS = SEGMENTS + 2
REGIONS = SEGMENTS + 3
DAYS = SEGMENTS + 4
PERIODS = SEGMENTS + 5
