"""The event loop: what comes next, whether there is room for it, and on.

    advance(world, state, out, until, events)   goes on until a moment, a number of events, or a lack of room

It stops between two happenings only, so that whoever drives it may drain rows, make room, look at the clock or give up,
and then go on as if nothing had been.  What a happening causes is told in `happenings.py`.
"""

import math
from typing import Any

from omnisim.engines.compiled.away import back
from omnisim.engines.compiled.floor import NOBODY, come
from omnisim.engines.compiled.happenings import (
    arrive,
    deadline_comes,
    delay_passes,
    duty_changes,
    parcel,
    patience_ends,
    service_ends,
    set_out,
    turn_to,
    wrap_ends,
)
from omnisim.engines.compiled.heaps import ROW, ROW_BITS, about_someone_earlier, call_off, pop
from omnisim.jit import njit, whole
from omnisim.rules.arrivals import next_arrival, start_sources
from omnisim.rules.journey import close_journey
from omnisim.rules.stock import close_shelves, open_shelves
from omnisim.words import End, Kind, ShiftEnd

DUTY = int(Kind.DUTY)
SERVICE_END = int(Kind.SERVICE_END)
WRAP_END = int(Kind.WRAP_END)
PATIENCE_END = int(Kind.PATIENCE_END)
DEADLINE = int(Kind.DEADLINE)
OVERFLOW = int(Kind.OVERFLOW)
DELIVERY = int(Kind.DELIVERY)
ARRIVAL = int(Kind.ARRIVAL)
AGAIN = int(Kind.AGAIN)
OPEN = int(End.OPEN)
FINISH = int(ShiftEnd.FINISH)

# why `advance` came back
NOTHING = -1  # it need not
REACHED = 0  # the moment asked for; or nothing is left to happen
PAUSED = 1  # the number of events asked for
ROWS_FULL = 2  # room for rows is short
PEOPLE_FULL = 3
CONTACTS_FULL = 4
TOO_MANY_AT_ONCE = 5
TOO_LONG = 6  # a journey of too many touches
CUSTOMERS_FULL = 7


@njit()
def start(w: Any, s: Any, out: Any, staff0: Any) -> None:
    """Before the first event: those on duty come, every source says when its first customer comes."""
    run = s.run
    run[0]["now"] = 0.0
    for p in range(s.pools.shape[0]):
        for n in range(staff0[p]):
            come(s.agents, s.hands, s.ready, s.pools[p]["first"] + n, run, out.stints)
        s.pools[p]["on_duty"] = staff0[p]
    run[0]["now"] = -1.0
    open_shelves(s.goods, w.laws, w.points)
    start_sources(w.source, s.sending)
    n = 0
    for i in range(w.source.shape[0]):
        when = next_arrival(run[0]["seed"], i, w.source, w.pieces, s.sending, s.factors)
        if when < w.limits[0]:
            s.coming[n]["when"] = -math.inf
            s.coming[n]["what"] = -1
            n += 1
            # as a heap: the placeholder sifts through those already there
            j = n - 1
            while j > 0:
                up = (j - 1) >> 1
                if s.coming[up]["when"] < when or (s.coming[up]["when"] == when and s.coming[up]["what"] < i):
                    break
                s.coming[j]["when"] = s.coming[up]["when"]
                s.coming[j]["what"] = s.coming[up]["what"]
                j = up
            s.coming[j]["when"] = when
            s.coming[j]["what"] = i
    run[0]["sources"] = n


@njit(inline=True)
def _rows_needed(w: Any, s: Any) -> int:
    """Most rows of a kind that the next change of duty can write."""
    change = w.calendar[s.run[0]["duty"]]
    channels = w.channel.shape[0]
    if change["who"] >= channels:
        pool = s.pools[change["who"] - channels]
        rows = pool["most"] + 2
        if pool["shift_end"] != FINISH:  # contacts end, or go back into their lines and are taken by others
            rows += pool["most"] * pool["levels"]
            for c in range(s.lines.shape[0]):
                rows += s.lines[c]["waiting"]
        return rows
    rows = s.lines[change["who"]]["waiting"] + 2
    if w.switches[6] == 1:
        rows += s.lines[channels + change["who"]]["waiting"]
    return rows


@njit(inline=True)
def _next(w: Any, s: Any) -> tuple[float, int, bool]:
    """(moment, kind) of the next happening, and whether it is one of the `ends`; an infinite moment: there is none."""
    run = s.run
    when = math.inf
    kind = AGAIN + 1
    if run[0]["heap"] > 0:
        when = s.heap[0]["when"]
        kind = s.heap[0]["what"] >> ROW_BITS
    planned = False
    if run[0]["ends"] > 0:
        at = s.ends[0]["when"]
        if at < when or (at == when and about_someone_earlier(s.ends[0]["what"], s.heap[0]["what"], s.people, s.touches)):
            when = at
            kind = SERVICE_END
            planned = True
    if run[0]["timers"] > 0:
        at = s.timers[0]["when"]
        if at < when or (at == when and s.timers[0]["what"] >> ROW_BITS < kind):
            when = at
            kind = s.timers[0]["what"] >> ROW_BITS
    if run[0]["sources"] > 0 and s.coming[0]["when"] < when:
        when = s.coming[0]["when"]
        kind = ARRIVAL
    if run[0]["away"] > 0 and s.away[0]["when"] < when:  # of one moment it is the last
        when = s.away[0]["when"]
        kind = AGAIN
    if run[0]["duty"] < w.calendar.shape[0] and w.calendar[run[0]["duty"]]["time"] <= when:
        when = w.calendar[run[0]["duty"]]["time"]
        kind = DUTY
    return when, kind, planned


@njit(inline=True)
def _lacks(w: Any, s: Any, out: Any, kind: int) -> int:
    """What room the next happening may need and has not: ROWS_FULL ...; NOTHING: it may happen."""
    run = s.run
    rows = _rows_needed(w, s) if kind == DUTY else w.switches[5]
    if kind == OVERFLOW:
        rows += s.lines[(s.heap[0]["what"] & ROW) // s.alarms.shape[0]]["waiting"]
    full = max(run[0]["touches"], run[0]["journeys"], run[0]["orders"], run[0]["customers_out"])
    if max(full, run[0]["stints"]) + rows > out.touches.shape[0]:
        return ROWS_FULL
    if kind >= DELIVERY and run[0]["free_contact"] == NOBODY:
        return CONTACTS_FULL
    if kind in (ARRIVAL, DELIVERY, AGAIN) and run[0]["free_person"] == NOBODY:
        return PEOPLE_FULL
    if w.switches[7] == 1 and run[0]["spare"] <= rows:  # every journey that ends may make somebody known
        return CUSTOMERS_FULL
    return NOTHING


@njit()
def advance(w: Any, s: Any, out: Any, until: float, events: int) -> int:
    """Go on until `until` (exclusive; while closing, services that end then are still told) or for `events` events.

    Returns why it came back (REACHED, PAUSED, ROWS_FULL ...).  What it lacks the caller provides, and calls again.
    """
    run = s.run
    stop = run[0]["events"] + events
    closing = run[0]["closing"]
    while True:
        when, kind, planned = _next(w, s)
        if when >= until and not (closing == 1 and when == until and kind == SERVICE_END):
            return REACHED
        if run[0]["events"] == stop:
            return PAUSED
        lack = _lacks(w, s, out, kind)
        if lack != NOTHING:
            return lack
        if when != run[0]["now"]:
            run[0]["now"] = when
            run[0]["instant"] = 0
        run[0]["events"] += 1
        run[0]["instant"] += 1
        if run[0]["instant"] > w.switches[3]:
            return TOO_MANY_AT_ONCE

        i = NOBODY  # who turns to a channel now
        channel = 0
        if kind == ARRIVAL:
            i, channel = arrive(w, s)
        elif kind == AGAIN:
            i, channel = back(w, s, out)
            if i != NOBODY:
                channel = set_out(i, channel, w, s)
        elif kind == DUTY:
            duty_changes(w, s, out)
        elif kind in (PATIENCE_END, DEADLINE):
            j = s.timers[0]["what"] & ROW
            call_off(s.timers, run[0]["timers"], 0, s.people, s.touches, s.contacts)
            run[0]["timers"] -= 1
            if kind == DEADLINE:
                deadline_comes(j, w, s, out)
            else:
                patience_ends(j, w, s, out)
        else:
            if planned and kind == SERVICE_END:
                row = s.ends[0]["what"] & ROW
                call_off(s.ends, run[0]["ends"], 0, s.people, s.touches, s.talks)
                run[0]["ends"] -= 1
            else:
                row = s.heap[0]["what"] & ROW
                pop(s.heap, run[0]["heap"], s.people, s.touches)
                run[0]["heap"] -= 1
            if kind == SERVICE_END:
                service_ends(row, w, s, out)
            elif kind == WRAP_END:
                wrap_ends(row, w, s, out)
            elif kind == OVERFLOW:
                delay_passes(row, w, s, out)
            elif kind == DELIVERY:
                i, channel = parcel(row, w, s, out)
            else:
                run[0]["last"] = when
                i = row
                channel = whole(s.bodies[row]["to"])
        if i != NOBODY:
            turn_to(i, channel, w, s, out)
        if run[0]["too_long"] == 1:
            return TOO_LONG


@njit()
def stock_taking(w: Any, s: Any, end_s: float) -> None:
    """The shelves as they are when the run is over."""
    close_shelves(s.goods, end_s, w.laws, w.points)


@njit()
def leave_open(s: Any, who: Any, rows: Any, end_s: float) -> None:
    """The customers in the rows `who` become rows of journeys that had not ended."""
    for n in range(who.shape[0]):
        close_journey(s.people, who[n], rows, n, OPEN, end_s)
        rows[n]["idle_since"] = s.bodies[who[n]]["idle"]
