"""The event loop: the next happening, what it causes, and who leaves a row behind.

    advance(world, state, out, until, events)   goes on until a moment, a number of events, or a lack of room

It stops between two happenings only, so that whoever drives it may drain rows, make room, look at the clock or give up,
and then go on as if nothing had been.  Within a happening the order is that of the reference engine: the touch becomes a
row, the agent is freed, the next in line are seated, the one who leaves decides what he does next, then the talks of
those seated begin.
"""

import math
from typing import Any

from omnisim.engines.compiled.floor import NOBODY, come, find, join, leave, let_in, release, set_staff, take
from omnisim.engines.compiled.heaps import ROW, ROW_BITS, call_off, event, pop, push, replace_first, set_timer
from omnisim.jit import njit, whole
from omnisim.rules.arrivals import next_arrival, start_sources
from omnisim.rules.choice import OUTSIDE, choose
from omnisim.rules.context import recall
from omnisim.rules.journey import FREE, GO, close_journey, end_touch, miss_deadline, next_step
from omnisim.rules.orders import happen, open_need
from omnisim.rules.person import admit
from omnisim.rules.serving import begin, browse_s, mode_of, patience_s, talk_s, wrap_s
from omnisim.words import End, Goal, Kind, Mode, Outcome

DUTY = int(Kind.DUTY)
SERVICE_END = int(Kind.SERVICE_END)
WRAP_END = int(Kind.WRAP_END)
PATIENCE_END = int(Kind.PATIENCE_END)
DEADLINE = int(Kind.DEADLINE)
DELIVERY = int(Kind.DELIVERY)
RETRY = int(Kind.RETRY)
ARRIVAL = int(Kind.ARRIVAL)
LIVE = int(Mode.LIVE)
INBOX = int(Mode.INBOX)
BROWSE = int(Mode.BROWSE)
HANDLED = int(Outcome.HANDLED)
ABANDONED = int(Outcome.ABANDONED)
BLOCKED = int(Outcome.BLOCKED)
CLOSED = int(Outcome.CLOSED)
BROWSED = int(Outcome.BROWSED)
END_OUTSIDE = int(End.OUTSIDE)
OPEN = int(End.OPEN)
END_CONVERTED = int(End.CONVERTED)
SHOP = int(Goal.SHOP)

# why `advance` came back
REACHED = 0  # the moment asked for; or nothing is left to happen
PAUSED = 1  # the number of events asked for
ROWS_FULL = 2  # room for rows is short
PEOPLE_FULL = 3
CONTACTS_FULL = 4
TOO_MANY_AT_ONCE = 5
TOO_LONG = 6  # a journey of too many touches


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
def _thread_ends(i: int, bodies: Any, run: Any) -> None:
    """Something that needed the customer's row needs it no more."""
    bodies[i]["threads"] -= 1
    if bodies[i]["threads"] == 0:
        bodies[i]["next"] = run[0]["free_person"]
        run[0]["free_person"] = i


@njit(inline=True)
def _end_journey(i: int, end: int, people: Any, bodies: Any, run: Any, journeys: Any) -> None:
    now = run[0]["now"]
    close_journey(people, i, journeys, run[0]["journeys"], end, now)
    run[0]["journeys"] += 1
    run[0]["last"] = now
    bodies[i]["under_way"] = 0
    _thread_ends(i, bodies, run)


@njit(inline=True)
def _come_back(i: int, to: int, delay: float, most: int, people: Any, touches: Any, bodies: Any, heap: Any, run: Any) -> None:
    """Between two touches."""
    now = run[0]["now"]
    bodies[i]["idle"] = now
    bodies[i]["to"] = to
    if people[i]["touches"] >= most:
        run[0]["too_long"] = 1
    push(heap, run[0]["heap"], now + delay, event(RETRY, i), people, touches)
    run[0]["heap"] += 1


@njit(inline=True)
def _end_touch(i: int, j: int, outcome: int, w: Any, s: Any, out: Any) -> None:
    """The touch becomes a row of the records."""
    run = s.run
    now = run[0]["now"]
    end_touch(
        s.people, i, s.touches, j, outcome, now, s.lived, w.channel, w.context, s.orders, w.segment,
        w.front, w.asks, w.shop_switch, w.message_to, w.back_to, w.shop, w.products, w.regions, w.zones, w.up_to, w.devices, w.device_upto,
        w.region_upto, w.laws, w.points,
    )  # fmt: skip
    out.touches[run[0]["touches"]] = s.touches[j]
    run[0]["touches"] += 1
    s.contacts[j]["present"] = 0
    run[0]["last"] = now
    if s.contacts[j]["timer"] != NOBODY:
        call_off(s.timers, run[0]["timers"], s.contacts[j]["timer"], s.people, s.touches, s.contacts)
        run[0]["timers"] -= 1


@njit(inline=True)
def _free_row(j: int, contacts: Any, run: Any) -> None:
    contacts[j]["next"] = run[0]["free_contact"]
    run[0]["free_contact"] = j


@njit(inline=True)
def _go_on(i: int, j: int, w: Any, s: Any, out: Any) -> None:
    """After a touch has ended: the customer decides, unless he went elsewhere before."""
    if s.touches[j]["aside"] == 1:
        _thread_ends(i, s.bodies, s.run)
        return
    what, to, delay = next_step(
        s.people, i, s.touches, j, w.channel, w.switch, w.retry, w.retry_to, w.stream, w.laws, w.points,
        w.front, w.asks, w.shop_switch, w.message_to, w.back_to, w.shop, w.products, w.regions, w.zones, w.up_to, w.devices, w.device_upto,
        w.region_upto,
    )  # fmt: skip
    if what == GO:
        _come_back(i, to, delay, w.switches[4], s.people, s.touches, s.bodies, s.heap, s.run)
    else:
        if what == END_CONVERTED and s.people[i]["goal"] == SHOP:
            s.bodies[i]["threads"] += 1
            s.bodies[i]["order"] = 1
            _await_order(i, s, out)
        _end_journey(i, what, s.people, s.bodies, s.run, out.journeys)


@njit(inline=True)
def _await_order(i: int, s: Any, out: Any) -> None:
    """The next happening of an order is awaited; where none is to come it becomes a row of the records."""
    run = s.run
    when = s.orders[i]["next"]
    if when < math.inf:
        push(s.heap, run[0]["heap"], when, event(DELIVERY, i), s.people, s.touches)
        run[0]["heap"] += 1
        return
    out.orders[run[0]["orders"]] = s.orders[i]
    run[0]["orders"] += 1
    s.bodies[i]["order"] = 0
    _thread_ends(i, s.bodies, run)


@njit(inline=True)
def _recall(i: int, j: int, w: Any, s: Any) -> None:
    recall(
        s.people, i, s.touches, j, s.run[0]["now"], w.context, w.identify, w.link, w.pair, w.medium_of, w.names, w.hub_down,
        w.segment,
    )  # fmt: skip


@njit(inline=True)
def _serve(j: int, w: Any, s: Any) -> None:
    """An agent begins to talk or write."""
    run = s.run
    now = run[0]["now"]
    contact = s.contacts[j]
    i = whole(contact["person"])
    row = s.touches[j]
    agent = s.agents[contact["agent"]]
    row["started"] = now
    row["agent"] = agent["number"]
    row["pool"] = agent["pool"]
    _recall(i, j, w, s)
    speed = w.speed[agent["pool"], row["channel"]]
    talk = talk_s(s.people, i, s.touches, j, w.channel, w.context, speed, run[0]["redraw"], w.laws, w.points)
    push(s.heap, run[0]["heap"], now + talk, event(SERVICE_END, j), s.people, s.touches)
    run[0]["heap"] += 1


@njit(inline=True)
def _begin(i: int, channel: int, w: Any, s: Any, out: Any) -> None:
    """A customer turns to a channel (or chooses one): a self-service touch or a contact begins."""
    run = s.run
    now = run[0]["now"]
    if channel == FREE:
        channel = choose(
            s.people, i, s.lived, s.open, w.allowed, w.believed, w.habit, w.fit, w.segment, w.limits[1], w.limits[2]
        )  # fmt: skip
        if channel == OUTSIDE:
            _end_journey(i, END_OUTSIDE, s.people, s.bodies, run, out.journeys)
            return
    s.bodies[i]["idle"] = math.nan
    j = whole(run[0]["free_contact"])
    contact = s.contacts[j]
    run[0]["free_contact"] = contact["next"]
    mode = mode_of(s.people, i, w.channel, channel)
    begin(s.people, i, s.visits, s.touches, j, channel, mode, now, w.channel)
    contact["person"] = i
    contact["agent"] = NOBODY
    contact["timer"] = NOBODY
    contact["present"] = 1
    contact["waiting"] = 0
    outcome = 0
    if (mode == LIVE or (mode == BROWSE and s.people[i]["goal"] == SHOP)) and s.open[channel] == 0:  # for shoppers shops keep hours
        outcome = CLOSED
    elif mode == BROWSE:
        s.touches[j]["started"] = now
        _recall(i, j, w, s)
        stay = browse_s(s.people, i, s.touches, j, w.channel, w.laws, w.points)
        push(s.heap, run[0]["heap"], now + stay, event(SERVICE_END, j), s.people, s.touches)
        run[0]["heap"] += 1
        return
    else:
        a = NOBODY
        if s.open[channel] == 1:
            a = find(channel, s.agents, s.ready, s.pools, w.concurrency, w.preference, w.switches[1])
        if a != NOBODY:
            take(a, j, channel, s.agents, s.hands, s.ready, s.contacts, w.concurrency, run, out.stints)
        else:
            s.touches[j]["delayed"] = 1
            limit = w.channel[channel]["queue_limit"]
            if 0 <= limit <= s.lines[channel]["waiting"]:
                outcome = BLOCKED
            else:
                join(s.lines, channel, s.contacts, j)
        if outcome == 0:
            wait = math.inf
            kind = DEADLINE
            if mode == INBOX:
                wait = w.channel[channel]["deadline"]
            elif a == NOBODY:
                kind = PATIENCE_END
                wait = patience_s(
                    s.people, i, s.touches, j, w.channel, w.segment, w.context, run[0]["redraw"], w.laws, w.points
                )  # fmt: skip
            if wait < math.inf:
                set_timer(s.timers, run[0]["timers"], now + wait, event(kind, j), s.people, s.touches, s.contacts)
                run[0]["timers"] += 1
            if a != NOBODY:
                _serve(j, w, s)
            return
    _end_touch(i, j, whole(outcome), w, s, out)
    _go_on(i, j, w, s, out)
    _free_row(j, s.contacts, run)


@njit(inline=True)
def _arrive(w: Any, s: Any) -> tuple[int, int]:
    """The next customer of a source comes: (his row, the channel he turns to)."""
    run = s.run
    now = run[0]["now"]
    source = s.coming[0]["what"]
    k = s.sending[source]["k"] - 1
    key0 = s.sending[source]["key0"]
    key1 = s.sending[source]["key1"]
    when = next_arrival(run[0]["seed"], source, w.source, w.pieces, s.sending, s.factors)
    n = run[0]["sources"]
    if when < w.limits[0]:
        replace_first(s.coming, n, when, source)
    else:
        n -= 1
        run[0]["sources"] = n
        if n > 0:
            replace_first(s.coming, n, s.coming[n]["when"], s.coming[n]["what"])
    i = run[0]["free_person"]
    run[0]["free_person"] = s.bodies[i]["next"]
    channel = admit(
        s.people, i, s.visits, s.lived, key0, key1, run[0]["customers"], source, k, now,
        w.source, w.stream, w.segment, w.enter, w.preceded, w.region_upto,
    )  # fmt: skip
    run[0]["customers"] += 1
    return i, _set_out(i, channel, w, s)


@njit(inline=True)
def _set_out(i: int, channel: int, w: Any, s: Any) -> int:
    """A journey begins: on this channel or, where people choose freely and it is shut, on another (FREE)."""
    body = s.bodies[i]
    body["threads"] = 1
    body["under_way"] = 1
    body["idle"] = math.nan
    if w.switches[0] == 1 and s.open[channel] == 0 and (s.people[i]["goal"] == SHOP or w.channel[channel]["mode"] == LIVE):
        return FREE
    return channel


@njit(inline=True)
def _parcel(i: int, w: Any, s: Any, out: Any) -> tuple[int, int]:
    """The next happening of an order: (row of the need that arises, NOBODY if none; the channel he turns to)."""
    run = s.run
    now = run[0]["now"]
    run[0]["last"] = now
    reason = happen(s.orders, i)
    c = NOBODY
    channel = 0
    if reason != 0:
        c = run[0]["free_person"]
        run[0]["free_person"] = s.bodies[c]["next"]
        channel = open_need(
            s.people, c, i, s.visits, s.lived, reason, run[0]["seed"], run[0]["customers"], now, w.source, w.need_to, w.shop
        )  # fmt: skip
        run[0]["customers"] += 1
    _await_order(i, s, out)
    if reason != 0:
        channel = _set_out(c, channel, w, s)
    return c, channel


@njit(inline=True)
def _release(j: int, w: Any, s: Any, out: Any) -> None:
    release(
        j, s.pools, s.lines, s.open, s.people, s.touches, s.contacts, s.timers, s.agents, s.hands, s.ready, w.channel, w.concurrency,
        w.priority, w.switches[2], s.run, out.stints,
    )  # fmt: skip
    s.run[0]["last"] = s.run[0]["now"]


@njit(inline=True)
def _serve_the_seated(w: Any, s: Any) -> None:
    run = s.run
    j = run[0]["seated"]
    run[0]["seated"] = NOBODY
    while j != NOBODY:
        then = whole(s.contacts[j]["next"])
        _serve(j, w, s)
        j = then


@njit(inline=True)
def _service_ends(j: int, w: Any, s: Any, out: Any) -> None:
    run = s.run
    now = run[0]["now"]
    i = whole(s.contacts[j]["person"])
    row = s.touches[j]
    agent = row["mode"] != BROWSE
    wrap = 0.0
    if agent:
        speed = w.speed[row["pool"], row["channel"]]
        wrap = wrap_s(s.people, i, s.touches, j, w.channel, speed, run[0]["redraw"], w.laws, w.points)
        row["wrap_s"] = wrap
    _end_touch(i, j, whole(HANDLED if agent else BROWSED), w, s, out)
    if wrap > 0.0:
        push(s.heap, run[0]["heap"], now + wrap, event(WRAP_END, j), s.people, s.touches)
        run[0]["heap"] += 1
    elif agent:
        _release(j, w, s, out)
    _go_on(i, j, w, s, out)
    if wrap <= 0.0:
        _free_row(j, s.contacts, run)
    _serve_the_seated(w, s)


@njit(inline=True)
def _patience_ends(j: int, w: Any, s: Any, out: Any) -> None:
    i = whole(s.contacts[j]["person"])
    leave(s.lines, s.touches[j]["channel"], s.contacts, j)
    _end_touch(i, j, whole(ABANDONED), w, s, out)
    _go_on(i, j, w, s, out)
    _free_row(j, s.contacts, s.run)


@njit(inline=True)
def _deadline_comes(j: int, w: Any, s: Any, out: Any) -> None:
    run = s.run
    i = whole(s.contacts[j]["person"])
    run[0]["last"] = run[0]["now"]
    to = miss_deadline(s.people, i, s.touches, j, run[0]["now"], w.channel, w.missed, w.retry)
    if to < 0:
        return
    s.bodies[i]["threads"] += 1
    _come_back(i, to, 0.0, w.switches[4], s.people, s.touches, s.bodies, s.heap, run)
    channel = s.touches[j]["channel"]
    if w.channel[channel]["withdraw"] == 1 and s.contacts[j]["waiting"] == 1:
        leave(s.lines, channel, s.contacts, j)
        _end_touch(i, j, whole(ABANDONED), w, s, out)
        _thread_ends(i, s.bodies, run)
        _free_row(j, s.contacts, run)


@njit(inline=True)
def _duty_changes(w: Any, s: Any, out: Any) -> None:
    """A channel opens or closes, or a pool has more or fewer agents."""
    run = s.run
    change = w.calendar[run[0]["duty"]]
    run[0]["duty"] += 1
    who = change["who"]
    value = change["value"]
    channels = w.channel.shape[0]
    if who >= channels:
        set_staff(
            who - channels, value, s.pools, s.lines, s.open, s.people, s.touches, s.contacts, s.timers, s.agents, s.hands, s.ready,
            w.channel, w.concurrency, w.priority, w.switches[2], run, out.stints,
        )  # fmt: skip
    else:
        s.open[who] = value
        if value == 1:
            let_in(
                who, s.pools, s.lines, s.people, s.touches, s.contacts, s.timers, s.agents, s.hands, s.ready, w.channel, w.concurrency,
                w.preference, w.switches[1], run, out.stints,
            )  # fmt: skip
        elif w.channel[who]["disconnect"] == 1:
            while s.lines[who]["waiting"] > 0:  # those who wait are told that it has closed
                j = whole(s.lines[who]["first"])
                i = whole(s.contacts[j]["person"])
                leave(s.lines, who, s.contacts, j)
                _end_touch(i, j, whole(CLOSED), w, s, out)
                _go_on(i, j, w, s, out)
                _free_row(j, s.contacts, run)
    _serve_the_seated(w, s)


@njit(inline=True)
def _rows_needed(w: Any, s: Any) -> int:
    """Most rows of a kind that the next change of duty can write."""
    change = w.calendar[s.run[0]["duty"]]
    channels = w.channel.shape[0]
    if change["who"] >= channels:
        return s.pools[change["who"] - channels]["most"] + 2
    return s.lines[change["who"]]["waiting"] + 2


@njit()
def advance(w: Any, s: Any, out: Any, until: float, events: int) -> int:
    """Go on until `until` (exclusive; while closing, services that end then are still told) or for `events` events.

    Returns why it came back (REACHED, PAUSED, ROWS_FULL ...).  What it lacks the caller provides, and calls again.
    """
    run = s.run
    stop = run[0]["events"] + events
    closing = run[0]["closing"]
    while True:
        when = math.inf
        kind = ARRIVAL + 1
        if run[0]["heap"] > 0:
            when = s.heap[0]["when"]
            kind = s.heap[0]["what"] >> ROW_BITS
        if run[0]["timers"] > 0:
            at = s.timers[0]["when"]
            if at < when or (at == when and s.timers[0]["what"] >> ROW_BITS < kind):
                when = at
                kind = s.timers[0]["what"] >> ROW_BITS
        if run[0]["sources"] > 0 and s.coming[0]["when"] < when:
            when = s.coming[0]["when"]
            kind = ARRIVAL
        if run[0]["duty"] < w.calendar.shape[0] and w.calendar[run[0]["duty"]]["time"] <= when:
            when = w.calendar[run[0]["duty"]]["time"]
            kind = DUTY
        if when >= until and not (closing == 1 and when == until and kind == SERVICE_END):
            return REACHED
        if run[0]["events"] == stop:
            return PAUSED
        rows = 4 if kind != DUTY else _rows_needed(w, s)
        full = max(run[0]["touches"], run[0]["journeys"], run[0]["orders"])
        if max(full, run[0]["stints"]) + rows > out.touches.shape[0]:
            return ROWS_FULL
        if kind >= DELIVERY and run[0]["free_contact"] == NOBODY:
            return CONTACTS_FULL
        if kind in (ARRIVAL, DELIVERY) and run[0]["free_person"] == NOBODY:
            return PEOPLE_FULL
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
            i, channel = _arrive(w, s)
        elif kind == DUTY:
            _duty_changes(w, s, out)
        elif kind in (PATIENCE_END, DEADLINE):
            j = s.timers[0]["what"] & ROW
            call_off(s.timers, run[0]["timers"], 0, s.people, s.touches, s.contacts)
            run[0]["timers"] -= 1
            if kind == DEADLINE:
                _deadline_comes(j, w, s, out)
            else:
                _patience_ends(j, w, s, out)
        else:
            row = s.heap[0]["what"] & ROW
            pop(s.heap, run[0]["heap"], s.people, s.touches)
            run[0]["heap"] -= 1
            if kind == SERVICE_END:
                _service_ends(row, w, s, out)
            elif kind == WRAP_END:
                _release(row, w, s, out)
                _free_row(row, s.contacts, run)
                _serve_the_seated(w, s)
            elif kind == DELIVERY:
                i, channel = _parcel(row, w, s, out)
            else:
                run[0]["last"] = when
                i = row
                channel = whole(s.bodies[row]["to"])
        if i != NOBODY:
            _begin(i, channel, w, s, out)
        if run[0]["too_long"] == 1:
            return TOO_LONG


@njit()
def leave_open(s: Any, who: Any, rows: Any, end_s: float) -> None:
    """The customers in the rows `who` become rows of journeys that had not ended."""
    for n in range(who.shape[0]):
        close_journey(s.people, who[n], rows, n, OPEN, end_s)
        rows[n]["idle_since"] = s.bodies[who[n]]["idle"]
