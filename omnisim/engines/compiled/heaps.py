"""What comes next: binary heaps of 16-byte events, in the order (time, kind, customer, touch) and never by insertion.

    heap       services, wrap-ups, orders, retries: `what` is kind and row (of a touch; of a customer for an order or a retry),
               and alarms of pools that help out after a delay: `what` is kind and channel x pools + pool
    timers     patience and deadlines; each touch knows its place, so that they can be called off
    ends       of talks that may be planned anew; each talk knows its place (its TALK stands where a timer has its CONTACT)
    coming     the next customer of each source, `what` is the source

The row in `what` says where the event lives; who it is about matters only where two events share time and kind, and is
read from the row then.
"""

from typing import Any

import numpy as np

from omnisim.jit import njit
from omnisim.words import Kind

U = np.uint64
ROW_BITS = 56
ROW = (1 << ROW_BITS) - 1
OVERFLOW = int(Kind.OVERFLOW)
DELIVERY = int(Kind.DELIVERY)
RETRY = int(Kind.RETRY)


@njit(inline=True)
def event(kind: int, row: int) -> Any:
    """What happens: a kind, and the row of whom it happens to."""
    return (kind << ROW_BITS) | np.int64(row)


@njit()
def about_someone_earlier(a: int, b: int, people: Any, touches: Any) -> bool:
    """Two events of one moment: is `a` to happen first?"""
    kind = a >> ROW_BITS
    if kind != b >> ROW_BITS:
        return kind < b >> ROW_BITS
    i = a & ROW
    j = b & ROW
    if kind == OVERFLOW:
        return i < j
    if kind in (RETRY, DELIVERY):
        return people[i]["customer"] < people[j]["customer"]
    one = touches[i]["customer"]
    other = touches[j]["customer"]
    return one < other or (one == other and touches[i]["serial"] < touches[j]["serial"])


@njit(inline=True)
def push(heap: Any, size: int, when: float, what: int, people: Any, touches: Any) -> None:
    """Add an event to a heap of `size` events."""
    i = size
    while i > 0:
        up = (i - 1) >> 1
        at = heap[up]["when"]
        if at < when or (at == when and about_someone_earlier(heap[up]["what"], what, people, touches)):
            break
        heap[i]["when"] = at
        heap[i]["what"] = heap[up]["what"]
        i = up
    heap[i]["when"] = when
    heap[i]["what"] = what


@njit(inline=True)
def pop(heap: Any, size: int, people: Any, touches: Any) -> None:
    """Drop the first event of a heap of `size` events.  (Unsigned places: no test for counting from the end.)"""
    n = U(size - 1)
    when = heap[n]["when"]
    what = heap[n]["what"]
    i = U(0)
    j = U(1)
    while j < n:
        at = heap[j]["when"]
        k = j + U(1)
        if k < n:
            right = heap[k]["when"]
            if right == at:
                if about_someone_earlier(heap[k]["what"], heap[j]["what"], people, touches):
                    j = k
            else:
                j = k if right < at else j
                at = right if right < at else at
        if when < at or (when == at and about_someone_earlier(what, heap[j]["what"], people, touches)):
            break
        heap[i]["when"] = at
        heap[i]["what"] = heap[j]["what"]
        i = j
        j = (j << U(1)) + U(1)
    heap[i]["when"] = when
    heap[i]["what"] = what


@njit(inline=True)
def _rise(timers: Any, i: int, when: float, what: int, people: Any, touches: Any, contacts: Any) -> None:
    while i > 0:
        up = (i - 1) >> 1
        at = timers[up]["when"]
        if at < when or (at == when and about_someone_earlier(timers[up]["what"], what, people, touches)):
            break
        timers[i]["when"] = at
        timers[i]["what"] = timers[up]["what"]
        contacts[timers[i]["what"] & ROW]["timer"] = i
        i = up
    timers[i]["when"] = when
    timers[i]["what"] = what
    contacts[what & ROW]["timer"] = i


@njit(inline=True)
def set_timer(timers: Any, size: int, when: float, what: int, people: Any, touches: Any, contacts: Any) -> None:
    """Add the patience or the deadline of a touch to `size` timers."""
    _rise(timers, size, when, what, people, touches, contacts)


@njit(inline=True)
def call_off(timers: Any, size: int, i: int, people: Any, touches: Any, contacts: Any) -> None:
    """Take place `i` out of `size` timers."""
    contacts[timers[i]["what"] & ROW]["timer"] = -1
    n = size - 1
    if i == n:
        return
    when = timers[n]["when"]
    what = timers[n]["what"]
    j = 2 * i + 1
    while j < n:
        at = timers[j]["when"]
        if j + 1 < n:
            right = timers[j + 1]["when"]
            if right < at or (right == at and about_someone_earlier(timers[j + 1]["what"], timers[j]["what"], people, touches)):
                j += 1
                at = right
        if when < at or (when == at and about_someone_earlier(what, timers[j]["what"], people, touches)):
            break
        timers[i]["when"] = at
        timers[i]["what"] = timers[j]["what"]
        contacts[timers[i]["what"] & ROW]["timer"] = i
        i = j
        j = 2 * i + 1
    _rise(timers, i, when, what, people, touches, contacts)


@njit(inline=True)
def replace_first(coming: Any, size: int, when: float, what: int) -> None:
    """The first of the sources' events gives way to another; equal moments go by source."""
    i = 0
    j = 1
    while j < size:
        if j + 1 < size and (
            coming[j + 1]["when"] < coming[j]["when"]
            or (coming[j + 1]["when"] == coming[j]["when"] and coming[j + 1]["what"] < coming[j]["what"])
        ):
            j += 1
        if when < coming[j]["when"] or (when == coming[j]["when"] and what < coming[j]["what"]):
            break
        coming[i]["when"] = coming[j]["when"]
        coming[i]["what"] = coming[j]["what"]
        i = j
        j = 2 * i + 1
    coming[i]["when"] = when
    coming[i]["what"] = what
