"""Who serves whom: waiting lines, pools and individual agents, as lists linked through rows.

    routing is exactly two decisions
        find     which agent takes an arriving contact
        pick     which waiting contact a freed agent takes

Told independently of `engines/reference/floor.py`; that the two agree to the bit is what makes either believable.
`w`, `s`, `out` are the `World`, the `State` and the `Out` of `state.py`.
"""

import math
from typing import Any

from omnisim.engines.compiled.heaps import call_off, event, push
from omnisim.jit import njit, whole
from omnisim.rules.routing import NOBODY_MAY, least_in_hand, may_help, nth, turn
from omnisim.words import Agent, Duty, Kind, Mode

OFF = 0
ON = int(Duty.ON)
FINISHING = int(Duty.FINISHING)
INBOX = int(Mode.INBOX)
OVERFLOW = int(Kind.OVERFLOW)
LEAST_LOADED = int(Agent.LEAST_LOADED)
RANDOM = int(Agent.RANDOM)
NOBODY = -1
CALLED = 2  # `waiting` of a contact: to be called back


# ---- agents --------------------------------------------------------------------------------------------------------


@njit(inline=True)
def _note(agents: Any, a: int, run: Any, stints: Any) -> None:
    """The stint that ends now becomes a row."""
    agent = agents[a]
    now = run[0]["now"]
    if agent["duty"] != OFF and now > agent["mark"]:
        row = stints[run[0]["stints"]]
        run[0]["stints"] += 1
        row["agent"] = agent["number"]
        row["pool"] = agent["pool"]
        row["duty"] = agent["duty"]
        row["load"] = agent["load"]
        row["start"] = agent["mark"]
        row["end"] = now
    agent["mark"] = now


@njit(inline=True)
def _least(hands: Any, a: int) -> int:
    """The least concurrency of what an agent has in hand; he has something."""
    k = 1
    while hands[a, k] == 0:
        k += 1
    return k


@njit(inline=True)
def _can_take(agents: Any, hands: Any, a: int, concurrency: int) -> bool:
    load = agents[a]["load"]
    return load < concurrency and (load == 0 or load < _least(hands, a))


@njit(inline=True)
def _enlist(agents: Any, hands: Any, ready: Any, a: int) -> None:
    """Among those of his pool and load who could take somebody, he is the last to have come; of one moment, by number."""
    agent = agents[a]
    load = agent["load"]
    if load > 0 and load >= _least(hands, a):
        return
    here = ready[agent["pool"], load]
    after = here["last"]
    while after != NOBODY and agents[after]["since"] == agent["since"] and agents[after]["number"] > agent["number"]:
        after = agents[after]["before"]
    then = here["first"] if after == NOBODY else agents[after]["next"]
    agent["before"] = after
    agent["next"] = then
    if after == NOBODY:
        here["first"] = a
    else:
        agents[after]["next"] = a
    if then == NOBODY:
        here["last"] = a
    else:
        agents[then]["before"] = a
    here["n"] += 1


@njit(inline=True)
def _delist(agents: Any, hands: Any, ready: Any, a: int) -> None:
    agent = agents[a]
    load = agent["load"]
    if load > 0 and load >= _least(hands, a):
        return
    here = ready[agent["pool"], load]
    if agent["before"] == NOBODY:
        here["first"] = agent["next"]
    else:
        agents[agent["before"]]["next"] = agent["next"]
    if agent["next"] == NOBODY:
        here["last"] = agent["before"]
    else:
        agents[agent["next"]]["before"] = agent["before"]
    here["n"] -= 1


@njit(inline=True)
def _load(agents: Any, hands: Any, ready: Any, a: int, concurrency: int, step: int, run: Any, stints: Any) -> None:
    """One more (step 1) or one less (step -1) in hand."""
    _note(agents, a, run, stints)
    agent = agents[a]
    if agent["duty"] == ON:
        _delist(agents, hands, ready, a)
    hands[a, concurrency] += step
    agent["load"] += step
    agent["since"] = run[0]["now"]
    if agent["duty"] == ON:
        _enlist(agents, hands, ready, a)


@njit(inline=True)
def come(agents: Any, hands: Any, ready: Any, a: int, run: Any, stints: Any) -> None:
    """An agent comes on duty, or goes on with his shift."""
    _note(agents, a, run, stints)
    agents[a]["duty"] = ON
    agents[a]["since"] = run[0]["now"]
    _enlist(agents, hands, ready, a)


@njit(inline=True)
def _switch(agents: Any, hands: Any, ready: Any, a: int, duty: int, run: Any, stints: Any) -> None:
    _note(agents, a, run, stints)
    if agents[a]["duty"] == ON:
        _delist(agents, hands, ready, a)
    agents[a]["duty"] = duty


@njit(inline=True)
def _stay(agents: Any, hands: Any, ready: Any, pools: Any, p: int, run: Any, stints: Any) -> int:
    """The first by number of those who are finishing goes on with his shift."""
    a = pools[p]["first"]
    while agents[a]["duty"] != FINISHING:
        a += 1
    pools[p]["finishing"] -= 1
    come(agents, hands, ready, a, run, stints)
    return a


# ---- the two routing decisions -------------------------------------------------------------------------------------


@njit(inline=True)
def _least_load(p: int, channel: int, waiting: int, oldest: float, w: Any, s: Any) -> int:
    """The least number in hand of those of the pool who may take a contact of this channel now: 0, 1 or NOBODY_MAY."""
    skill = w.skill[p, channel]
    if skill["above"] > 0 and not may_help(skill["after"], skill["above"], waiting, oldest, s.run[0]["now"]):
        return NOBODY_MAY
    if w.reserve[p] > 0 and w.channel[channel]["mode"] == INBOX:
        return least_in_hand(s.ready[p, 0]["n"], w.reserve[p])
    return 0


@njit(inline=True)
def _most_load(p: int, channel: int, waiting: int, oldest: float, w: Any, s: Any) -> int:
    """Less than this an agent of the pool must have in hand to take a contact of this channel now; 0: no such skill."""
    skill = w.skill[p, channel]
    if skill["join_above"] > 0 and not may_help(skill["join_after"], skill["join_above"], waiting, oldest, s.run[0]["now"]):
        return 1
    return w.concurrency[p, channel]


@njit(inline=True)
def find(j: int, channel: int, w: Any, s: Any) -> int:
    """The agent who takes contact `j`, who arrives on `channel` or is the first to wait there, or NOBODY."""
    waiting = 0
    oldest = 0.0
    if w.channel[channel]["overflows"] == 1:  # who arrives counts among those waiting
        waiting = s.lines[channel]["waiting"] + 1 - s.contacts[j]["waiting"]
        oldest = s.touches[j]["arrived"]
    rule = w.switches[1]
    if rule == RANDOM:
        return _anybody(j, channel, waiting, oldest, w, s)
    taker = NOBODY
    first = 0
    second = 0
    for p in range(w.concurrency.shape[0]):
        most = _most_load(p, channel, waiting, oldest, w, s)
        a = NOBODY
        least = _least_load(p, channel, waiting, oldest, w, s) if most > 0 else 0
        load = least
        step = 1
        if s.pools[p]["stacks"] == 1:
            load = most - 1
            step = -1
        while least <= load < most:
            a = s.ready[p, load]["first"]
            if a != NOBODY:
                break
            load += step
        if a == NOBODY:
            continue
        one = load if rule == LEAST_LOADED else w.preference[p, channel]
        two = w.preference[p, channel] if rule == LEAST_LOADED else load
        if taker != NOBODY:
            if one > first or (one == first and two > second):
                continue
            if one == first and two == second and s.agents[a]["since"] >= s.agents[taker]["since"]:
                continue  # of one moment: the earlier pool
        taker = a
        first = one
        second = two
    return taker


@njit(inline=True)
def _anybody(j: int, channel: int, waiting: int, oldest: float, w: Any, s: Any) -> int:
    """Chance decides among all who can take it: counted by pool, number in hand, and who has been there longest."""
    free = 0
    for p in range(w.concurrency.shape[0]):
        most = _most_load(p, channel, waiting, oldest, w, s)
        load = _least_load(p, channel, waiting, oldest, w, s) if most > 0 else 0
        while load < most:
            free += s.ready[p, load]["n"]
            load += 1
    if free == 0:
        return NOBODY
    left = nth(s.people, whole(s.contacts[j]["person"]), w.channel[channel]["hash"], whole(s.touches[j]["visit"]), free)
    a = NOBODY
    for p in range(w.concurrency.shape[0]):
        most = _most_load(p, channel, waiting, oldest, w, s)
        load = _least_load(p, channel, waiting, oldest, w, s) if most > 0 else 0
        while load < most:
            if 0 <= left < s.ready[p, load]["n"]:
                a = whole(s.ready[p, load]["first"])
                while left > 0:
                    a = whole(s.agents[a]["next"])
                    left -= 1
            left -= s.ready[p, load]["n"]
            load += 1
    return a


@njit(inline=True)
def _pick(a: int, w: Any, s: Any) -> int:
    """The waiting contact that agent `a` takes next, or NOBODY."""
    p = s.agents[a]["pool"]
    now = s.run[0]["now"]
    chosen = NOBODY
    best = (0.0, 0.0, 0.0)
    for c in range(w.concurrency.shape[1]):
        line = s.lines[c]
        if line["waiting"] == 0 or (w.channel[c]["mode"] == INBOX and s.open[c] == 0):
            continue
        if w.concurrency[p, c] == 0 or not _can_take(s.agents, s.hands, a, w.concurrency[p, c]):
            continue
        j = whole(line["first"])
        mine = s.touches[j]
        if s.agents[a]["load"] < _least_load(p, c, line["waiting"], mine["arrived"], w, s):
            continue
        if s.agents[a]["load"] >= _most_load(p, c, line["waiting"], mine["arrived"], w, s):
            continue
        mark = turn(w.switches[2], w.priority[p, c], w.skill[p, c]["weight"], w.limits[3], mine["arrived"], now)
        if chosen != NOBODY:
            other = s.touches[chosen]
            later = mine["customer"] > other["customer"] or (mine["customer"] == other["customer"] and mine["serial"] > other["serial"])
            if mark > best or (mark == best and later):
                continue
        chosen = j
        best = mark
    return _or_call(a, chosen, best, w, s) if w.switches[6] == 1 else chosen


@njit()
def _or_call(a: int, chosen: int, best: tuple[float, float, float], w: Any, s: Any) -> int:
    """Whom agent `a` takes next, if those who wait to be called back are looked at too: their lines stand behind the others."""
    p = s.agents[a]["pool"]
    channels = w.channel.shape[0]
    live = chosen != NOBODY and w.channel[s.touches[chosen]["channel"]]["mode"] != INBOX
    kept = w.reserve[p] > 0 and s.agents[a]["load"] < least_in_hand(s.ready[p, 0]["n"], w.reserve[p])
    for c in range(channels):
        line = s.lines[channels + c]
        if line["waiting"] == 0 or s.open[c] == 0 or w.concurrency[p, c] == 0 or w.skill[p, c]["above"] > 0:
            continue
        if not _can_take(s.agents, s.hands, a, w.concurrency[p, c]):
            continue
        if w.channel[c]["keep_place"] == 0 and (live or kept):
            continue
        j = whole(line["first"])
        mine = s.touches[j]
        mark = turn(w.switches[2], w.priority[p, c], w.skill[p, c]["weight"], w.limits[3], mine["arrived"], s.run[0]["now"])
        if chosen != NOBODY:
            other = s.touches[chosen]
            later = mine["customer"] > other["customer"] or (mine["customer"] == other["customer"] and mine["serial"] > other["serial"])
            if mark > best or (mark == best and later):
                continue
        chosen = j
        best = mark
    return chosen


# ---- waiting lines -------------------------------------------------------------------------------------------------


@njit(inline=True)
def _append(j: int, line: Any, contacts: Any) -> None:
    me = contacts[j]
    me["next"] = NOBODY
    me["before"] = line["last"]
    if line["last"] == NOBODY:
        line["first"] = j
    else:
        contacts[line["last"]]["next"] = j
    line["last"] = j
    line["waiting"] += 1


@njit()
def go_back(j: int, channel: int, w: Any, s: Any) -> None:
    """The contact, which has been handed over, waits again, by its arrival before those who came later: as a rule the first."""
    contacts = s.contacts
    line = s.lines[channel]
    me = s.touches[j]
    before = NOBODY
    then = whole(line["first"])
    while then != NOBODY:
        other = s.touches[then]
        if (other["arrived"], other["customer"], other["serial"]) > (me["arrived"], me["customer"], me["serial"]):
            break
        before = then
        then = whole(contacts[then]["next"])
    contacts[j]["agent"] = NOBODY
    contacts[j]["waiting"] = 1
    contacts[j]["before"] = before
    contacts[j]["next"] = then
    if before == NOBODY:
        line["first"] = j
    else:
        contacts[before]["next"] = j
    if then == NOBODY:
        line["last"] = j
    else:
        contacts[then]["before"] = j
    line["waiting"] += 1
    if w.channel[channel]["overflows"] == 1:
        watch(channel, w, s)


@njit(inline=True)
def _remove(j: int, line: Any, contacts: Any) -> None:
    me = contacts[j]
    if me["before"] == NOBODY:
        line["first"] = me["next"]
    else:
        contacts[me["before"]]["next"] = me["next"]
    if me["next"] == NOBODY:
        line["last"] = me["before"]
    else:
        contacts[me["next"]]["before"] = me["before"]
    line["waiting"] -= 1


@njit(inline=True)
def wait_for_call(j: int, channel: int, w: Any, s: Any) -> None:
    """The contact leaves the line and waits to be called back."""
    _append(j, s.lines[w.channel.shape[0] + channel], s.contacts)
    s.contacts[j]["waiting"] = CALLED


@njit(inline=True)
def join(j: int, channel: int, w: Any, s: Any) -> None:
    """The contact waits."""
    _append(j, s.lines[channel], s.contacts)
    s.contacts[j]["waiting"] = 1
    if w.channel[channel]["overflows"] == 1:
        watch(channel, w, s)


@njit(inline=True)
def leave(j: int, channel: int, w: Any, s: Any) -> None:
    """The contact waits no more."""
    if s.contacts[j]["waiting"] == CALLED:
        channels = w.channel.shape[0]
        s.contacts[j]["waiting"] = 0
        _remove(j, s.lines[channels + channel], s.contacts)
        return
    s.contacts[j]["waiting"] = 0
    _remove(j, s.lines[channel], s.contacts)
    if w.channel[channel]["overflows"] == 1:
        watch(channel, w, s)


@njit()
def watch(channel: int, w: Any, s: Any) -> None:
    """An alarm is set for each delay after which more agents may take the first in line, as long as it is still to pass."""
    run = s.run
    line = s.lines[channel]
    if line["waiting"] == 0:
        return
    rows = s.alarms.shape[0]
    for row in range(rows):
        after, above = delay_of(row, channel, w)
        if above == 0 or s.alarms[row, channel] == 1:
            continue
        when = s.touches[line["first"]]["arrived"] + after
        if run[0]["now"] < when < math.inf:
            s.alarms[row, channel] = 1
            push(s.heap, run[0]["heap"], when, event(OVERFLOW, channel * rows + row), s.people, s.touches)
            run[0]["heap"] += 1


@njit(inline=True)
def delay_of(row: int, channel: int, w: Any) -> tuple[float, int]:
    """(after, above) of a row of the alarms: by pool, when it helps out; then by pool, when an agent may take one more."""
    pools = w.concurrency.shape[0]
    if row < pools:
        return w.skill[row, channel]["after"], w.skill[row, channel]["above"]
    return w.skill[row - pools, channel]["join_after"], w.skill[row - pools, channel]["join_above"]


# ---- serving -------------------------------------------------------------------------------------------------------


@njit(inline=True)
def take(a: int, j: int, channel: int, w: Any, s: Any, out: Any) -> None:
    """Agent `a` takes contact `j`, who does not wait."""
    s.contacts[j]["agent"] = a
    _load(s.agents, s.hands, s.ready, a, w.concurrency[s.agents[a]["pool"], channel], 1, s.run, out.stints)


@njit(inline=True)
def _seat(a: int, j: int, w: Any, s: Any, out: Any) -> None:
    """Agent `a` takes contact `j` from its line; the talk begins when this happening is over."""
    run = s.run
    contacts = s.contacts
    channel = whole(s.touches[j]["channel"])
    take(a, j, channel, w, s, out)
    leave(j, channel, w, s)
    if contacts[j]["timer"] != NOBODY and w.channel[channel]["mode"] != INBOX:  # a message keeps its deadline until it is answered
        call_off(s.timers, run[0]["timers"], contacts[j]["timer"], s.people, s.touches, contacts)
        run[0]["timers"] -= 1
    contacts[j]["next"] = NOBODY
    if run[0]["seated"] == NOBODY:
        run[0]["seated"] = j
    else:
        contacts[run[0]["seated_last"]]["next"] = j
    run[0]["seated_last"] = j


@njit(inline=True)
def _fill(a: int, w: Any, s: Any, out: Any) -> bool:
    """Agent `a` takes one waiting contact if he can; says whether he did."""
    if s.run[0]["closing"] == 1:
        return False
    j = _pick(a, w, s)
    if j == NOBODY:
        return False
    _seat(a, j, w, s, out)
    return True


@njit(inline=True)
def release(j: int, w: Any, s: Any, out: Any) -> None:
    """A slot of the contact's agent comes free; whoever can be seated is seated."""
    a = whole(s.contacts[j]["agent"])
    p = s.agents[a]["pool"]
    _load(s.agents, s.hands, s.ready, a, w.concurrency[p, s.touches[j]["channel"]], -1, s.run, out.stints)
    if s.agents[a]["load"] > 0:
        if s.agents[a]["duty"] != ON:
            return
    elif s.agents[a]["duty"] == FINISHING:
        _switch(s.agents, s.hands, s.ready, a, whole(s.agents[a]["then"]), s.run, out.stints)
        s.pools[p]["finishing"] -= 1 - s.pools[p]["rostered"]
        return
    elif s.pools[p]["finishing"] > 0:
        # he is free and one of his colleagues is kept after hours: he leaves in his colleague's place
        _switch(s.agents, s.hands, s.ready, a, OFF, s.run, out.stints)
        a = whole(_stay(s.agents, s.hands, s.ready, s.pools, p, s.run, out.stints))
    while _fill(a, w, s, out):
        pass
    if w.reserve[p] > 0:
        others(whole(p), w, s, out)


@njit()
def let_go(a: int, channel: int, w: Any, s: Any, out: Any) -> None:
    """Agent `a`, whose shift is over, has one contact of this channel less in hand."""
    _load(s.agents, s.hands, s.ready, a, w.concurrency[s.agents[a]["pool"], channel], -1, s.run, out.stints)


@njit()
def go_home(a: int, s: Any, out: Any) -> None:
    """Agent `a`, who was finishing, has nothing left in hand."""
    _switch(s.agents, s.hands, s.ready, a, OFF, s.run, out.stints)
    s.pools[s.agents[a]["pool"]]["finishing"] -= 1 - s.pools[s.agents[a]["pool"]]["rostered"]


@njit()
def others(p: int, w: Any, s: Any, out: Any) -> None:
    """More of the pool are idle than before: those who have something in hand already may take messages again."""
    if s.ready[p, 0]["n"] < w.reserve[p]:
        return
    load = 1
    while load < s.pools[p]["levels"]:
        a = whole(s.ready[p, load]["first"])
        while a != NOBODY and not _fill(a, w, s, out):
            a = whole(s.agents[a]["next"])
        load = load + 1 if a == NOBODY else 1


# ---- the calendar --------------------------------------------------------------------------------------------------


@njit()
def let_in(channel: int, w: Any, s: Any, out: Any) -> None:
    """A channel has opened, or a pool may help out now: those who wait take the agents there are."""
    if s.run[0]["closing"] == 1:
        return
    while s.lines[channel]["waiting"] > 0:
        j = whole(s.lines[channel]["first"])
        a = find(j, channel, w, s)
        if a == NOBODY:
            return
        _seat(a, j, w, s, out)


@njit()
def call_back(channel: int, w: Any, s: Any, out: Any) -> None:
    """The channel has opened: agents who have time call back, pool by pool and one after the other."""
    if s.lines[w.channel.shape[0] + channel]["waiting"] == 0:
        return
    for p in range(w.concurrency.shape[0]):
        if w.concurrency[p, channel] == 0:
            continue
        for a in range(s.pools[p]["first"], s.pools[p]["first"] + s.pools[p]["most"]):
            while s.agents[a]["duty"] == ON and _fill(a, w, s, out):
                pass


@njit(inline=True)
def set_staff(p: int, n: int, w: Any, s: Any, out: Any) -> None:
    """The pool now has `n` agents on duty."""
    agents, hands, ready, run = s.agents, s.hands, s.ready, s.run
    pool = s.pools[p]
    first = pool["first"]
    upto = first + pool["most"]
    came = pool["on_duty"] < n
    while pool["on_duty"] < n:
        if pool["finishing"] > 0:
            a = _stay(agents, hands, ready, s.pools, p, run, out.stints)
        else:
            a = first
            while agents[a]["duty"] != OFF:
                a += 1
            come(agents, hands, ready, a, run, out.stints)
        agents[a]["came"] = 1
        pool["on_duty"] += 1
    load = 0
    while pool["on_duty"] > n:  # the idle first, of these the highest number
        a = upto - 1
        while a >= first and pool["on_duty"] > n:
            if agents[a]["duty"] == ON and agents[a]["load"] == load:
                _switch(agents, hands, ready, a, OFF if load == 0 else FINISHING, run, out.stints)
                pool["on_duty"] -= 1
                if load > 0:
                    pool["finishing"] += 1
            a -= 1
        load += 1
    seating = came
    while seating:  # each of those who came takes one in turn, until none can
        seating = False
        for a in range(first, upto):
            if agents[a]["came"] == 1:
                seating |= _fill(a, w, s, out)
    if came:
        for a in range(first, upto):
            agents[a]["came"] = 0
        if w.reserve[p] > 0:
            others(p, w, s, out)


@njit(inline=True)
def move_agents(p: int, low: int, upto: int, w: Any, s: Any, out: Any) -> None:
    """Agents of a pool with rosters turn to something else, rows low .. upto-1 of the moves, by number; who is busy finishes first."""
    first = s.pools[p]["first"]
    for k in range(low, upto):
        a = first + w.moves[k, 0]
        duty = w.moves[k, 1]
        if duty == ON:
            continue
        if s.agents[a]["load"] == 0:
            _switch(s.agents, s.hands, s.ready, a, duty, s.run, out.stints)
            continue
        s.agents[a]["then"] = duty
        if s.agents[a]["duty"] == ON:
            _switch(s.agents, s.hands, s.ready, a, FINISHING, s.run, out.stints)
    came = False
    for k in range(low, upto):
        if w.moves[k, 1] == ON:
            come(s.agents, s.hands, s.ready, first + w.moves[k, 0], s.run, out.stints)
            came = True
    seating = came
    while seating:  # each of those who came takes one in turn, until none can
        seating = False
        for k in range(low, upto):
            if w.moves[k, 1] == ON:
                seating |= _fill(whole(first + w.moves[k, 0]), w, s, out)
    if came and w.reserve[p] > 0:
        others(p, w, s, out)


@njit()
def finish(agents: Any, run: Any, stints: Any, first: int) -> int:
    """The run is over: from agent `first` on, the last stints become rows; returns where to go on when there is more room."""
    a = first
    while a < agents.shape[0] and run[0]["stints"] < stints.shape[0]:
        _note(agents, a, run, stints)
        a += 1
    return a
