"""The order of things: every event of the model ranks by (time, kind, who), never by insertion.

`rank` packs kind and who into one integer; `of_touch` and `of_arrival` say who.  Within one instant the kinds follow the
order of `words.Kind`; within a kind the earlier customer comes first, and of his touches the earlier one.
"""

from omnisim.jit import njit

SERIAL_BITS = 16
K_BITS = 44
KIND_BITS = 56
MOST_TOUCHES = (1 << SERIAL_BITS) - 1  # of one journey
MOST_CUSTOMERS = 1 << (KIND_BITS - SERIAL_BITS)
MOST_SOURCES = 1 << (KIND_BITS - K_BITS)


@njit()
def rank(kind: int, who: int) -> int:
    """Place of an event within its instant; distinct for distinct (kind, who).

    >>> rank(1, of_touch(7, 0)) < rank(1, of_touch(7, 1)) < rank(1, of_touch(8, 0)) < rank(2, 0)
    True
    """
    return (kind << KIND_BITS) | who


@njit()
def of_touch(customer: int, serial: int) -> int:
    """Who: the touch `serial` of customer number `customer` (in order of first arrival)."""
    return (customer << SERIAL_BITS) | serial


@njit()
def of_arrival(source: int, k: int) -> int:
    """Who: customer `k` of an arrival source."""
    return (source << K_BITS) | k
