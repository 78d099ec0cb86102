"""Who serves whom: waiting lines, pools and individual agents, as lists linked through rows.

    routing is exactly two decisions
        find     which agent takes an arriving contact
        pick     which waiting contact a freed agent takes

Told independently of `engines/reference/floor.py`; that the two agree to the bit is what makes either believable.
"""

from typing import Any

from omnisim.engines.compiled.heaps import call_off
from omnisim.jit import njit
from omnisim.words import Duty, Mode

OFF = 0
ON = int(Duty.ON)
FINISHING = int(Duty.FINISHING)
INBOX = int(Mode.INBOX)
NOBODY = -1


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
def find(channel: int, agents: Any, ready: Any, pools: Any, concurrency: Any, preference: Any, least_loaded: int) -> int:
    """The agent who takes a contact that arrives on `channel`, or NOBODY."""
    taker = NOBODY
    first = 0
    second = 0
    for p in range(concurrency.shape[0]):
        a = NOBODY
        load = 0
        while load < concurrency[p, channel]:
            a = ready[p, load]["first"]
            if a != NOBODY:
                break
            load += 1
        if a == NOBODY:
            continue
        one = load if least_loaded else preference[p, channel]
        two = preference[p, channel] if least_loaded else load
        if taker != NOBODY:
            if one > first or (one == first and two > second):
                continue
            if one == first and two == second and agents[a]["since"] >= agents[taker]["since"]:
                continue  # of one moment: the earlier pool
        taker = a
        first = one
        second = two
    return taker


@njit(inline=True)
def _pick(
    a: int, agents: Any, hands: Any, lines: Any, touches: Any, open_now: Any, channels: Any, concurrency: Any, priority: Any, longest: int
) -> int:
    """The waiting contact that agent `a` takes next, or NOBODY."""
    p = agents[a]["pool"]
    chosen = NOBODY
    for c in range(concurrency.shape[1]):
        if lines[c]["waiting"] == 0 or (channels[c]["mode"] == INBOX and open_now[c] == 0):
            continue
        if concurrency[p, c] == 0 or not _can_take(agents, hands, a, concurrency[p, c]):
            continue
        j = lines[c]["first"]
        if chosen != NOBODY:
            mine = touches[j]
            best = touches[chosen]
            ahead = priority[p, c] - priority[p, best["channel"]]
            longer = mine["arrived"] - best["arrived"]
            first = longer if longest else float(ahead)
            second = float(ahead) if longest else longer
            if first > 0.0 or (first == 0.0 and second > 0.0):
                continue
            later = mine["customer"] > best["customer"] or (mine["customer"] == best["customer"] and mine["serial"] > best["serial"])
            if first == 0.0 and second == 0.0 and later:
                continue
        chosen = j
    return chosen


# ---- waiting lines -------------------------------------------------------------------------------------------------


@njit(inline=True)
def join(lines: Any, channel: int, contacts: Any, j: int) -> None:
    """The contact waits."""
    line = lines[channel]
    me = contacts[j]
    me["waiting"] = 1
    me["next"] = NOBODY
    me["before"] = line["last"]
    if line["last"] == NOBODY:
        line["first"] = j
    else:
        contacts[line["last"]]["next"] = j
    line["last"] = j
    line["waiting"] += 1


@njit(inline=True)
def leave(lines: Any, channel: int, contacts: Any, j: int) -> None:
    """The contact waits no more."""
    line = lines[channel]
    me = contacts[j]
    me["waiting"] = 0
    if me["before"] == NOBODY:
        line["first"] = me["next"]
    else:
        contacts[me["before"]]["next"] = me["next"]
    if me["next"] == NOBODY:
        line["last"] = me["before"]
    else:
        contacts[me["next"]]["before"] = me["before"]
    line["waiting"] -= 1


# ---- serving -------------------------------------------------------------------------------------------------------


@njit(inline=True)
def take(a: int, j: int, channel: int, agents: Any, hands: Any, ready: Any, contacts: Any, concurrency: Any, run: Any, stints: Any) -> None:
    """Agent `a` takes contact `j`, who does not wait."""
    contacts[j]["agent"] = a
    _load(agents, hands, ready, a, concurrency[agents[a]["pool"], channel], 1, run, stints)


@njit(inline=True)
def _seat(
    a: int, j: int, lines: Any, people: Any, touches: Any, contacts: Any, timers: Any, agents: Any, hands: Any, ready: Any,
    channels: Any, concurrency: Any, run: Any, stints: Any,
) -> None:  # fmt: skip
    """Agent `a` takes contact `j` from its line; the talk begins when this happening is over."""
    channel = touches[j]["channel"]
    take(a, j, channel, agents, hands, ready, contacts, concurrency, run, stints)
    leave(lines, channel, contacts, j)
    if contacts[j]["timer"] != NOBODY and channels[channel]["mode"] != INBOX:  # a message keeps its deadline until it is answered
        call_off(timers, run[0]["timers"], contacts[j]["timer"], people, touches, contacts)
        run[0]["timers"] -= 1
    contacts[j]["next"] = NOBODY
    if run[0]["seated"] == NOBODY:
        run[0]["seated"] = j
    else:
        contacts[run[0]["seated_last"]]["next"] = j
    run[0]["seated_last"] = j


@njit(inline=True)
def _fill(
    a: int, lines: Any, open_now: Any, people: Any, touches: Any, contacts: Any, timers: Any, agents: Any, hands: Any, ready: Any,
    channels: Any, concurrency: Any, priority: Any, longest: int, run: Any, stints: Any,
) -> bool:  # fmt: skip
    """Agent `a` takes one waiting contact if he can; says whether he did."""
    if run[0]["closing"] == 1:
        return False
    j = _pick(a, agents, hands, lines, touches, open_now, channels, concurrency, priority, longest)
    if j == NOBODY:
        return False
    _seat(a, j, lines, people, touches, contacts, timers, agents, hands, ready, channels, concurrency, run, stints)
    return True


@njit(inline=True)
def release(
    j: int, pools: Any, lines: Any, open_now: Any, people: Any, touches: Any, contacts: Any, timers: Any, agents: Any, hands: Any,
    ready: Any, channels: Any, concurrency: Any, priority: Any, longest: int, run: Any, stints: Any,
) -> None:  # fmt: skip
    """A slot of the contact's agent comes free; whoever can be seated is seated."""
    a = contacts[j]["agent"]
    p = agents[a]["pool"]
    _load(agents, hands, ready, a, concurrency[p, touches[j]["channel"]], -1, run, stints)
    if agents[a]["load"] > 0:
        if agents[a]["duty"] != ON:
            return
    elif agents[a]["duty"] == FINISHING:
        _switch(agents, hands, ready, a, OFF, run, stints)
        pools[p]["finishing"] -= 1
        return
    elif pools[p]["finishing"] > 0:
        # he is free and one of his colleagues is kept after hours: he leaves in his colleague's place
        _switch(agents, hands, ready, a, OFF, run, stints)
        a = _stay(agents, hands, ready, pools, p, run, stints)
    while _fill(
        a, lines, open_now, people, touches, contacts, timers, agents, hands, ready, channels, concurrency, priority, longest, run, stints
    ):
        pass


# ---- the calendar --------------------------------------------------------------------------------------------------


@njit(inline=True)
def let_in(
    channel: int, pools: Any, lines: Any, people: Any, touches: Any, contacts: Any, timers: Any, agents: Any, hands: Any, ready: Any,
    channels: Any, concurrency: Any, preference: Any, least_loaded: int, run: Any, stints: Any,
) -> None:  # fmt: skip
    """A channel has opened: those who wait take the agents there are."""
    while lines[channel]["waiting"] > 0:
        a = find(channel, agents, ready, pools, concurrency, preference, least_loaded)
        if a == NOBODY:
            return
        j = lines[channel]["first"]
        _seat(a, j, lines, people, touches, contacts, timers, agents, hands, ready, channels, concurrency, run, stints)


@njit(inline=True)
def set_staff(
    p: int, n: int, pools: Any, lines: Any, open_now: Any, people: Any, touches: Any, contacts: Any, timers: Any, agents: Any,
    hands: Any, ready: Any, channels: Any, concurrency: Any, priority: Any, longest: int, run: Any, stints: Any,
) -> None:  # fmt: skip
    """The pool now has `n` agents on duty."""
    pool = pools[p]
    first = pool["first"]
    upto = first + pool["most"]
    came = pool["on_duty"] < n
    while pool["on_duty"] < n:
        if pool["finishing"] > 0:
            a = _stay(agents, hands, ready, pools, p, run, stints)
        else:
            a = first
            while agents[a]["duty"] != OFF:
                a += 1
            come(agents, hands, ready, a, run, stints)
        agents[a]["came"] = 1
        pool["on_duty"] += 1
    load = 0
    while pool["on_duty"] > n:  # the idle first, of these the highest number
        a = upto - 1
        while a >= first and pool["on_duty"] > n:
            if agents[a]["duty"] == ON and agents[a]["load"] == load:
                _switch(agents, hands, ready, a, OFF if load == 0 else FINISHING, run, stints)
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
                seating |= _fill(
                    a, lines, open_now, people, touches, contacts, timers, agents, hands, ready, channels, concurrency, priority,
                    longest, run, stints,
                )  # fmt: skip
    if came:
        for a in range(first, upto):
            agents[a]["came"] = 0


@njit()
def finish(agents: Any, run: Any, stints: Any, first: int) -> int:
    """The run is over: from agent `first` on, the last stints become rows; returns where to go on when there is more room."""
    a = first
    while a < agents.shape[0] and run[0]["stints"] < stints.shape[0]:
        _note(agents, a, run, stints)
        a += 1
    return a
