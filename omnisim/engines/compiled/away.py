"""Customers who are away: between two needs each is a row and an event, and when nothing more of his is to come a record.

    away    heap of 16-byte events: `what` is 2 x row of the customer, + 1 where his subscription falls due

It stands apart from the events of those present, so that these stay few and near, however many customers there are.
Equal moments go by the customer's number, a need before a subscription.
"""

import math
from typing import Any

from omnisim.engines.compiled.floor import NOBODY
from omnisim.jit import njit, whole
from omnisim.rules.loyalty import begin_bond, closes, come_again, falls_due, introduce, tells
from omnisim.words import Parting

NEED, SUBSCRIPTION = 0, 1
STAYS = int(Parting.STAYS)


@njit(inline=True)
def _sooner(a: int, b: int, customers: Any) -> bool:
    """Two events of one moment: is `a` to happen first?"""
    one = customers[a >> 1]["number"]
    other = customers[b >> 1]["number"]
    return one < other or (one == other and a < b)


@njit()
def send_away(s: Any, when: float, what: int) -> None:
    """An event is to come; it needs the customer's row."""
    heap = s.away
    i = s.run[0]["away"]
    s.run[0]["away"] = i + 1
    s.bonds[what >> 1]["threads"] += 1
    while i > 0:
        up = (i - 1) >> 1
        at = heap[up]["when"]
        if at < when or (at == when and _sooner(heap[up]["what"], what, s.customers)):
            break
        heap[i]["when"] = at
        heap[i]["what"] = heap[up]["what"]
        i = up
    heap[i]["when"] = when
    heap[i]["what"] = what


@njit()
def first_away(s: Any) -> int:
    """The first event is taken out; returns what it is about.  (Its thread is the caller's.)"""
    heap = s.away
    first = whole(heap[0]["what"])
    n = s.run[0]["away"] - 1
    s.run[0]["away"] = n
    when = heap[n]["when"]
    what = heap[n]["what"]
    i = 0
    j = 1
    while j < n:
        k = j + 1
        if k < n and (
            heap[k]["when"] < heap[j]["when"]
            or (heap[k]["when"] == heap[j]["when"] and _sooner(heap[k]["what"], heap[j]["what"], s.customers))
        ):
            j = k
        if when < heap[j]["when"] or (when == heap[j]["when"] and _sooner(what, heap[j]["what"], s.customers)):
            break
        heap[i]["when"] = heap[j]["when"]
        heap[i]["what"] = heap[j]["what"]
        i = j
        j = 2 * i + 1
    heap[i]["when"] = when
    heap[i]["what"] = what
    return first


@njit(inline=True)
def _take_row(s: Any) -> int:
    m = whole(s.run[0]["free_bond"])
    s.run[0]["free_bond"] = s.bonds[m]["next"]
    s.run[0]["spare"] -= 1
    s.bonds[m]["threads"] = 0
    return m


@njit()
def follow(i: int, w: Any, s: Any) -> None:
    """A new customer is followed from now on."""
    run = s.run
    m = _take_row(s)
    begin_bond(s.customers, s.bonds, m, s.known, s.people, i, whole(run[0]["bonds"]), run[0]["now"], w.segment, w.loyalty)
    run[0]["bonds"] += 1
    s.bonds[m]["threads"] = 1


@njit()
def need_ends(m: int, s: Any, out: Any) -> None:
    """Something that needed the customer's row needs it no more; when nothing does, he becomes a row of the records."""
    run = s.run
    s.bonds[m]["threads"] -= 1
    if s.bonds[m]["threads"] > 0:
        return
    if not math.isnan(s.customers[m]["began"]):
        out.customers[run[0]["customers_out"]] = s.customers[m]
        run[0]["customers_out"] += 1
    s.bonds[m]["next"] = run[0]["free_bond"]
    run[0]["free_bond"] = m
    run[0]["spare"] += 1


@njit()
def journey_closes(i: int, n: int, end: int, w: Any, s: Any, out: Any) -> None:
    """What the end of a journey (row `n` of the journeys) means for the customer: he comes again, and perhaps somebody he tells."""
    run = s.run
    now = run[0]["now"]
    m = whole(s.people[i]["bond"])
    again, due = closes(
        s.customers, s.bonds, s.known, s.people, i, s.orders, out.journeys, n, s.lived, end, now, w.limits, w.source,
        whole(run[0]["seed"]), w.segment, w.ties, w.loyalty, w.laws, w.points,
    )  # fmt: skip
    if again < math.inf:
        send_away(s, again, 2 * m + NEED)
    if due < math.inf:
        send_away(s, due, 2 * m + SUBSCRIPTION)
    when = tells(s.customers, s.people, i, s.mouth, now, w.limits[0], w.loyalty, w.laws, w.points)
    if when < math.inf:
        new = _take_row(s)
        introduce(s.customers, s.bonds, new, s.known, s.people, i, whole(run[0]["bonds"]), now, w.loyalty)
        run[0]["bonds"] += 1
        send_away(s, when, 2 * new + NEED)


@njit()
def back(w: Any, s: Any, out: Any) -> tuple[int, int]:
    """The first who is away has his event: (his row as a person, the channel he turns to); NOBODY: he turns to none."""
    run = s.run
    what = first_away(s)
    m = what >> 1
    if what & 1 == SUBSCRIPTION:
        due = falls_due(s.customers, m, run[0]["now"], w.limits, w.source, whole(run[0]["seed"]), w.loyalty)
        if due < math.inf:
            send_away(s, due, what)
        need_ends(m, s, out)
        return NOBODY, 0
    if s.customers[m]["end"] != STAYS:  # he has left meanwhile
        need_ends(m, s, out)
        return NOBODY, 0
    i = whole(run[0]["free_person"])
    run[0]["free_person"] = s.bodies[i]["next"]
    channel = come_again(
        s.customers, s.bonds, m, s.known, s.people, i, s.visits, s.lived, whole(run[0]["seed"]), whole(run[0]["customers"]),
        run[0]["now"], w.source, w.stream, w.segment, w.enter, w.preceded, w.region_upto,
    )  # fmt: skip
    run[0]["customers"] += 1
    return i, channel
