"""What a happening causes, in rows: a customer arrives, a talk ends, patience ends, an order arrives, a shift changes.

    arrive, parcel, a retry      say who turns to which channel;  turn_to  lets him begin there
    service_ends                 the touch becomes a row, the agent is freed, the next in line are seated, the one who leaves
                                 decides what he does next, then the talks of those seated begin

`w`, `s`, `out` are the `World`, the `State` and the `Out` of `state.py`.
"""

import math
from typing import Any

from omnisim.engines.compiled.away import follow, journey_closes, need_ends
from omnisim.engines.compiled.floor import (
    NOBODY,
    call_back,
    delay_of,
    find,
    go_back,
    go_home,
    join,
    leave,
    let_go,
    let_in,
    move_agents,
    release,
    set_staff,
    take,
    wait_for_call,
    watch,
)
from omnisim.engines.compiled.heaps import call_off, event, push, replace_first, set_timer
from omnisim.engines.compiled.talks import begin_talk, end_talk, first_talk, replan, stop_talk
from omnisim.jit import njit, whole
from omnisim.rules.arrivals import next_arrival
from omnisim.rules.choice import OUTSIDE, choose
from omnisim.rules.context import recall
from omnisim.rules.journey import FREE, GO, close_journey, end_touch, miss_deadline, next_step
from omnisim.rules.loyalty import delivered
from omnisim.rules.orders import happen, is_over, is_picking, open_need, picked
from omnisim.rules.person import admit
from omnisim.rules.routing import may_help
from omnisim.rules.serving import BY_BOT, begin, browse_s, lay_down, mode_of, patience_s, spoken, take_up, talk_s, wrap_s
from omnisim.rules.team import pace
from omnisim.rules.waiting import ACCEPTED, OFFERED, accepts_call, announced, balks, is_offered_a_call, leaves_message
from omnisim.words import Duty, End, Goal, Kind, Mode, Outcome, ShiftEnd

SERVICE_END = int(Kind.SERVICE_END)
WRAP_END = int(Kind.WRAP_END)
PATIENCE_END = int(Kind.PATIENCE_END)
DEADLINE = int(Kind.DEADLINE)
DELIVERY = int(Kind.DELIVERY)
RETRY = int(Kind.RETRY)
LIVE = int(Mode.LIVE)
INBOX = int(Mode.INBOX)
BROWSE = int(Mode.BROWSE)
HANDLED = int(Outcome.HANDLED)
ABANDONED = int(Outcome.ABANDONED)
BLOCKED = int(Outcome.BLOCKED)
CLOSED = int(Outcome.CLOSED)
BROWSED = int(Outcome.BROWSED)
FINISH = int(ShiftEnd.FINISH)
CUT = int(ShiftEnd.CUT)
FINISHING = int(Duty.FINISHING)
OFF = 0
DEFLECTED = int(Outcome.DEFLECTED)
END_OUTSIDE = int(End.OUTSIDE)
END_CONVERTED = int(End.CONVERTED)
SHOP = int(Goal.SHOP)


@njit(inline=True)
def _thread_ends(i: int, s: Any, out: Any) -> None:
    """Something that needed the customer's row needs it no more."""
    s.bodies[i]["threads"] -= 1
    if s.bodies[i]["threads"] == 0:
        s.bodies[i]["next"] = s.run[0]["free_person"]
        s.run[0]["free_person"] = i
        if s.people[i]["bond"] != NOBODY:
            need_ends(whole(s.people[i]["bond"]), s, out)


@njit(inline=True)
def _end_journey(i: int, end: int, w: Any, s: Any, out: Any) -> None:
    run = s.run
    now = run[0]["now"]
    n = run[0]["journeys"]
    close_journey(s.people, i, out.journeys, n, end, now)
    run[0]["journeys"] += 1
    run[0]["last"] = now
    s.bodies[i]["under_way"] = 0
    if s.people[i]["bond"] != NOBODY:
        journey_closes(i, whole(n), whole(end), w, s, out)
    _thread_ends(i, s, out)


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
        s.people, i, s.touches, j, outcome, now, s.lived, w.channel, w.context, s.orders, w.segment, w.team, w.bots, w.contain,
        s.bot_handled, w.front, w.asks, w.shop_switch, w.message_to, w.back_to, w.shop, w.products, w.regions, w.zones, w.up_to, w.devices,
        w.device_upto, w.region_upto, w.laws, w.points, s.goods,
    )  # fmt: skip
    out.touches[run[0]["touches"]] = s.touches[j]
    run[0]["touches"] += 1
    s.contacts[j]["present"] = 0
    if s.contacts[j]["trunk"] != NOBODY:
        s.held[s.contacts[j]["trunk"]] -= 1
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
        _thread_ends(i, s, out)
        return
    what, to, delay = next_step(
        s.people, i, s.touches, j, w.channel, w.switch, w.retry, w.retry_to, w.stream, w.laws, w.points, w.bots,
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
        _end_journey(i, what, w, s, out)
        if is_picking(s.people[i]):
            _picked(whole(s.people[i]["raised_by"]), w, s, out)


@njit()
def _picked(i: int, w: Any, s: Any, out: Any) -> None:
    """The people of the store are through with the order of row `i`: what is next of it is awaited from now on."""
    picked(s.people, s.orders, i, s.run[0]["now"], w.front, w.shop, w.products, w.regions, w.zones, w.up_to, w.laws, w.points, s.goods)
    _await_order(i, s, out)


@njit(inline=True)
def _await_order(i: int, s: Any, out: Any) -> None:
    """The next happening of an order is awaited; where none is to come it becomes a row of the records."""
    run = s.run
    when = s.orders[i]["next"]
    if when < math.inf:
        push(s.heap, run[0]["heap"], when, event(DELIVERY, i), s.people, s.touches)
        run[0]["heap"] += 1
        return
    if not is_over(s.orders[i]):
        return
    out.orders[run[0]["orders"]] = s.orders[i]
    run[0]["orders"] += 1
    s.bodies[i]["order"] = 0
    _thread_ends(i, s, out)


@njit(inline=True)
def _recall(i: int, j: int, w: Any, s: Any) -> None:
    recall(
        s.people, i, s.touches, j, s.run[0]["now"], w.context, w.identify, w.link, w.pair, w.medium_of, w.names, w.hub_down,
        w.segment, w.team, w.stream,
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
    row["agent"] = agent["number"]
    row["pool"] = agent["pool"]
    speed = w.speed[agent["pool"], row["channel"]] * pace(w.team, agent["pool"], now)
    if row["handed"] > 0:
        take_up(s.touches, j, now)
        talk = s.talks[j]["left"] / speed
    else:
        row["started"] = now
        if w.channel[row["channel"]]["announce"] != 0:
            s.lines[row["channel"]]["last_wait"] = now - row["arrived"]
        _recall(i, j, w, s)
        talk = talk_s(s.people, i, s.touches, j, w.channel, w.context, speed, run[0]["redraw"], w.laws, w.points, w.bots, w.transfer)
    if s.pools[agent["pool"]]["planned"] == 1:
        a = whole(contact["agent"])
        begin_talk(whole(j), a, talk, speed, s.people, s.touches, s.talks, s.ends, s.agents, w.slows, w.slowdown, run)
    else:
        push(s.heap, run[0]["heap"], now + talk, event(SERVICE_END, j), s.people, s.touches)
        run[0]["heap"] += 1


@njit(inline=True)
def _balks(j: int, channel: int, patience: float, w: Any, s: Any) -> bool:
    """Who has to wait hears how long it will be and what he can have instead; is it too long for him?"""
    rule = w.channel[channel]
    row = s.touches[j]
    on_duty = 0
    for p in range(w.concurrency.shape[0]):
        if w.concurrency[p, channel] > 0:
            on_duty += s.pools[p]["on_duty"]
    line = s.lines[channel]
    expected = announced(whole(rule["announce"]), line["waiting"], rule["work"], on_duty, line["last_wait"])
    if rule["offers"] == 1 and is_offered_a_call(rule, line["waiting"], expected):
        row["callback"] = OFFERED
        if accepts_call(s.people[s.contacts[j]["person"]], row, rule):
            row["callback"] = ACCEPTED
    if rule["announce"] != 0:
        row["told"] = expected
        if row["callback"] != ACCEPTED and balks(expected, patience, rule["balk"]):
            row["balked"] = 1
    return row["balked"] == 1


@njit(inline=True)
def turn_to(i: int, channel: int, w: Any, s: Any, out: Any) -> None:
    """A customer turns to a channel (or chooses one): a self-service touch or a contact begins."""
    run = s.run
    now = run[0]["now"]
    if channel == FREE:
        channel = choose(
            s.people, i, s.lived, s.open, w.allowed, w.believed, w.habit, w.fit, w.segment, w.limits[1], w.limits[2]
        )  # fmt: skip
        if channel == OUTSIDE:
            _end_journey(i, END_OUTSIDE, w, s, out)
            if is_picking(s.people[i]):
                _picked(whole(s.people[i]["raised_by"]), w, s, out)
            return
    s.bodies[i]["idle"] = math.nan
    channel = spoken(s.people, i, w.channel, w.languages, channel)
    j = whole(run[0]["free_contact"])
    contact = s.contacts[j]
    run[0]["free_contact"] = contact["next"]
    mode = mode_of(s.people, i, w.channel, channel, now, w.bot_down)
    begin(s.people, i, s.visits, s.touches, j, channel, mode, now, w.channel)
    contact["person"] = i
    contact["agent"] = NOBODY
    contact["timer"] = NOBODY
    contact["trunk"] = NOBODY
    contact["present"] = 1
    contact["waiting"] = 0
    contact["leaves"] = 0
    outcome = 0
    trunk = w.channel[channel]["trunk"]
    if (mode == LIVE or (mode == BROWSE and s.people[i]["goal"] == SHOP)) and s.open[channel] == 0:  # for shoppers shops keep hours
        outcome = CLOSED
    elif mode in (BROWSE, BY_BOT):
        s.touches[j]["started"] = now
        _recall(i, j, w, s)
        stay = browse_s(s.people, i, s.touches, j, w.channel, w.laws, w.points)
        push(s.heap, run[0]["heap"], now + stay, event(SERVICE_END, j), s.people, s.touches)
        run[0]["heap"] += 1
        return
    elif trunk != NOBODY and s.held[trunk] >= w.trunk_limit[trunk]:
        outcome = BLOCKED
    else:
        a = NOBODY
        wait = math.inf
        overflows = w.channel[channel]["overflows"] == 1
        if s.open[channel] == 1 and not (overflows and s.lines[channel]["waiting"] > 0):  # behind others he waits his turn
            a = find(j, channel, w, s)
        if a != NOBODY:
            take(a, j, channel, w, s, out)
        else:
            s.touches[j]["delayed"] = 1
            limit = w.channel[channel]["queue_limit"]
            if mode != INBOX:
                wait = patience_s(
                    s.people, i, s.touches, j, w.channel, w.segment, w.context, run[0]["redraw"], w.laws, w.points
                )  # fmt: skip
            if 0 <= limit <= s.lines[channel]["waiting"]:
                outcome = BLOCKED
            elif mode != INBOX and w.channel[channel]["speaks"] == 1 and _balks(j, channel, wait, w, s):
                outcome = ABANDONED
            elif s.touches[j]["callback"] == ACCEPTED:
                wait_for_call(j, channel, w, s)
                return
            else:
                join(j, channel, w, s)
        if outcome == 0:
            if trunk != NOBODY:
                contact["trunk"] = trunk
                s.held[trunk] += 1
            kind = DEADLINE
            if mode == INBOX:
                wait = w.channel[channel]["deadline"]
            elif a == NOBODY:
                kind = PATIENCE_END
                if leaves_message(w.channel[channel], wait):
                    wait = w.channel[channel]["message"]
                    contact["leaves"] = 1
            if wait < math.inf:
                set_timer(s.timers, run[0]["timers"], now + wait, event(kind, j), s.people, s.touches, s.contacts)
                run[0]["timers"] += 1
            if a != NOBODY:
                _serve(j, w, s)
            elif overflows and s.open[channel] == 1:  # perhaps so many wait now that a pool helps out
                let_in(channel, w, s, out)
                _serve_the_seated(w, s)
            return
    _end_touch(i, j, whole(outcome), w, s, out)
    _go_on(i, j, w, s, out)
    _free_row(j, s.contacts, run)


@njit(inline=True)
def arrive(w: Any, s: Any) -> tuple[int, int]:
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
    if w.switches[7] == 1:
        follow(whole(i), w, s)
    return i, set_out(i, channel, w, s)


@njit(inline=True)
def set_out(i: int, channel: int, w: Any, s: Any) -> int:
    """A journey begins: on this channel or, where people choose freely and it is shut, on another (FREE)."""
    body = s.bodies[i]
    body["threads"] = 1
    body["under_way"] = 1
    body["idle"] = math.nan
    there = spoken(s.people, i, w.channel, w.languages, channel)
    if (
        w.switches[0] == 1
        and s.open[there] == 0
        and (s.people[i]["goal"] == SHOP or mode_of(s.people, i, w.channel, there, s.run[0]["now"], w.bot_down) == LIVE)
    ):
        return FREE
    return channel


@njit(inline=True)
def parcel(i: int, w: Any, s: Any, out: Any) -> tuple[int, int]:
    """The next happening of an order: (row of the need that arises, NOBODY if none; the channel he turns to)."""
    run = s.run
    now = run[0]["now"]
    run[0]["last"] = now
    before = s.orders[i]["state"]
    alone = s.orders[i]["loose"]
    reason = happen(s.people, s.orders, i, now, w.front, w.shop, w.products, w.regions, w.zones, w.up_to, w.laws, w.points, s.goods)
    alone -= s.orders[i]["loose"]  # 1: a promise that passed by itself; what is next of the order is awaited already
    if s.people[i]["bond"] != NOBODY:
        delivered(s.customers, s.people, i, s.orders, whole(before), now, w.loyalty)
    c = NOBODY
    channel = 0
    if reason != 0:
        c = run[0]["free_person"]
        run[0]["free_person"] = s.bodies[c]["next"]
        channel = open_need(
            s.people, c, i, s.visits, s.lived, reason, run[0]["seed"], run[0]["customers"], now, w.source, w.need_to, w.shop
        )  # fmt: skip
        run[0]["customers"] += 1
        if s.people[c]["bond"] != NOBODY:
            s.bonds[s.people[c]["bond"]]["threads"] += 1
    if alone == 0 or is_over(s.orders[i]):
        _await_order(i, s, out)
    if reason != 0:
        channel = set_out(c, channel, w, s)
    return c, channel


@njit(inline=True)
def _release(j: int, w: Any, s: Any, out: Any) -> None:
    release(j, w, s, out)
    s.run[0]["last"] = s.run[0]["now"]
    a = whole(s.contacts[j]["agent"])
    if s.pools[s.agents[a]["pool"]]["planned"] == 1:
        replan(a, s.people, s.touches, s.talks, s.ends, s.agents, w.slows, w.slowdown, s.run)


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
def service_ends(j: int, w: Any, s: Any, out: Any) -> None:
    run = s.run
    now = run[0]["now"]
    i = whole(s.contacts[j]["person"])
    row = s.touches[j]
    agent = row["mode"] != BROWSE
    wrap = 0.0
    if agent:
        speed = w.speed[row["pool"], row["channel"]] * pace(w.team, row["pool"], row["started"])
        wrap = wrap_s(s.people, i, s.touches, j, w.channel, speed, run[0]["redraw"], w.laws, w.points)
        row["wrap_s"] = wrap
        if s.pools[row["pool"]]["planned"] == 1:
            end_talk(whole(j), whole(s.contacts[j]["agent"]), s.talks, s.agents)
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
def wrap_ends(j: int, w: Any, s: Any, out: Any) -> None:
    """After-contact work ends: the agent is free for the next."""
    _release(j, w, s, out)
    _free_row(j, s.contacts, s.run)
    _serve_the_seated(w, s)


@njit(inline=True)
def patience_ends(j: int, w: Any, s: Any, out: Any) -> None:
    i = whole(s.contacts[j]["person"])
    leave(j, whole(s.touches[j]["channel"]), w, s)
    _end_touch(i, j, whole(DEFLECTED if s.contacts[j]["leaves"] == 1 else ABANDONED), w, s, out)
    _go_on(i, j, w, s, out)
    _free_row(j, s.contacts, s.run)


@njit(inline=True)
def deadline_comes(j: int, w: Any, s: Any, out: Any) -> None:
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
        leave(j, whole(channel), w, s)
        _end_touch(i, j, whole(ABANDONED), w, s, out)
        _thread_ends(i, s, out)
        _free_row(j, s.contacts, run)


@njit(inline=True)
def delay_passes(which: int, w: Any, s: Any, out: Any) -> None:
    """The first in line may have waited so long that more agents may take him; `which`: channel x rows of the alarms + row."""
    run = s.run
    rows = s.alarms.shape[0]
    channel = whole(which // rows)
    row = which - channel * rows
    s.alarms[row, channel] = 0
    line = s.lines[channel]
    if line["waiting"] > 0:
        after, above = delay_of(row, channel, w)
        oldest = s.touches[line["first"]]["arrived"]
        in_hours = w.channel[channel]["mode"] != INBOX or s.open[channel] == 1
        if in_hours and may_help(after, above, line["waiting"], oldest, run[0]["now"]):
            let_in(channel, w, s, out)
        watch(channel, w, s)
    _serve_the_seated(w, s)


@njit()
def _hands_off(p: int, w: Any, s: Any, out: Any) -> None:
    """Agents of a pool whose shift is over finish no talk but one that ends this instant: it is cut, or another agent goes on with it.

    A wrap-up, which nobody else can do, they do finish.
    """
    run = s.run
    now = run[0]["now"]
    pool = s.pools[p]
    cut = pool["shift_end"] == CUT
    for a in range(pool["first"], pool["first"] + pool["most"]):
        if s.agents[a]["duty"] != FINISHING or s.agents[a]["then"] != OFF:  # a break only begins when he has finished
            continue
        j = first_talk(a, s.touches, s.talks, s.ends, s.agents, now)
        while j != NOBODY:
            channel = whole(s.touches[j]["channel"])
            stop_talk(j, a, s.people, s.touches, s.talks, s.ends, s.agents, run)
            let_go(a, channel, w, s, out)
            if cut:
                i = whole(s.contacts[j]["person"])
                _end_touch(i, j, whole(CLOSED), w, s, out)
                _go_on(i, j, w, s, out)
                _free_row(j, s.contacts, run)
            else:
                lay_down(s.touches, j, now)
                go_back(j, channel, w, s)
            j = first_talk(a, s.touches, s.talks, s.ends, s.agents, now)
        if s.agents[a]["load"] == 0:
            go_home(a, s, out)
    if not cut:
        for c in range(w.concurrency.shape[1]):
            if w.concurrency[p, c] > 0 and (w.channel[c]["mode"] != INBOX or s.open[c] == 1):
                let_in(c, w, s, out)


@njit(inline=True)
def duty_changes(w: Any, s: Any, out: Any) -> None:
    """A channel opens or closes, or a pool has more or fewer agents."""
    run = s.run
    change = w.calendar[run[0]["duty"]]
    run[0]["duty"] += 1
    who = change["who"]
    value = change["value"]
    channels = w.channel.shape[0]
    if change["upto"] > 0:
        move_agents(whole(who - channels), whole(change["first"]), whole(change["upto"]), w, s, out)
        if s.pools[who - channels]["shift_end"] != FINISH:
            _hands_off(whole(who - channels), w, s, out)
    elif who >= channels:
        set_staff(who - channels, value, w, s, out)
        if s.pools[who - channels]["shift_end"] != FINISH:
            _hands_off(whole(who - channels), w, s, out)
    else:
        s.open[who] = value
        if value == 1:
            let_in(whole(who), w, s, out)
            if w.switches[6] == 1:
                call_back(whole(who), w, s, out)
        elif w.channel[who]["disconnect"] == 1:
            while s.lines[who]["waiting"] > 0:  # those who wait are told that it has closed
                j = whole(s.lines[who]["first"])
                i = whole(s.contacts[j]["person"])
                leave(j, whole(who), w, s)
                _end_touch(i, j, whole(CLOSED), w, s, out)
                _go_on(i, j, w, s, out)
                _free_row(j, s.contacts, run)
    _serve_the_seated(w, s)
