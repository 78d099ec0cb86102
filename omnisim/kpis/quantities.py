"""What is counted and summed, and for whom: the state of the accumulator.

    rows --accumulate--> counts i8[cell, Count]  ┐
                         sums   f8[cell, Sum]    ├--finish--> one number for every (cell, quantity)
                         bins   i8[...]          ┘            (+ Derived)

A *cell* is whom a number is about: everybody, one channel, one pool in one interval ...  A *quantity* is what the number
says.  A KPI is a quantity, or a quantity over another one of the same cell.
"""

from dataclasses import dataclass
from enum import IntEnum
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
    SPENT = 10  # labour and hub
    GAP = 11


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
    total: int = 0

    @classmethod
    def of(cls, tables: "Tables") -> "Cells":
        """The cells of a scenario."""
        intervals = len(tables.interval_starts) if tables.interval_s > 0 else 0
        return cls(len(tables.channels), len(tables.media), len(tables.segments), len(tables.pools), intervals)

    @property
    def starts(self) -> tuple[int, ...]:
        """First cell of each `Block`, then the number of cells."""
        c, p, i = self.channels, self.pools, self.intervals
        starts = [0]
        for length in (1, c, self.media, self.segments, p, c * p, i, c * i, p * i):
            starts.append(starts[-1] + length)
        return tuple(starts)

    @property
    def size(self) -> int:
        """Number of cells."""
        return self.starts[-1]

    @property
    def layout(self) -> np.ndarray:
        """`i8[12]` for compiled code: first cell of each `Block`, then the numbers of segments, pools and intervals."""
        return np.array([*self.starts[:-1], self.segments, self.pools, self.intervals], np.int64)

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


# Positions in `Cells.layout` after the nine first cells.
SEGMENTS = len(Block)
POOLS = SEGMENTS + 1
INTERVALS = SEGMENTS + 2
