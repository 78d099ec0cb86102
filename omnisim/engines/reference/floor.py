"""Who serves whom: channels, queues, pools and individual agents.

    routing is exactly two decisions
        find(contact)   which agent takes an arriving contact
        pick(agent)     which waiting contact a freed agent takes

A pool may only help out on a channel (overflow: after a delay, or when many wait), and may keep idle agents from messages
(reserve).  Both decisions ask `least_load` for that; whenever an answer may change from no to yes, those who wait are let in.

An agent holds contacts and wrap-ups in slots.  A contact may join when what he has in hand is fewer than the least
concurrency of what he has in hand and of the new contact.  When a pool shrinks, idle agents leave first; then those
with least in hand finish and leave, and the first of the pool to become free leaves in the place of one who finishes.
"""

from __future__ import annotations

import math
from bisect import insort
from collections import deque
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from omnisim.records import STINT
from omnisim.rules import routing
from omnisim.rules.waiting import announced
from omnisim.words import Agent as AgentRule
from omnisim.words import Duty, Fill, Kind, Mode, ShiftEnd

from .rows import Rows, Slots
from .talks import Talks

if TYPE_CHECKING:
    from simpy.events import Event

    from omnisim.tables import Tables

OFF = 0
ON = int(Duty.ON)
FINISHING = int(Duty.FINISHING)
INBOX = int(Mode.INBOX)
OVERFLOW = int(Kind.OVERFLOW)

SEATED = 1  # what a waiting contact is told: an agent is there ...
GAVE_UP = 2  # ... or patience has ended
CLEARED = 3  # ... or the channel has closed
WITHDRAWN = 4  # ... or the message has been taken back
CUT = 5  # what the customer of a talk is told: his agent's shift is over, and that was it ...
HANDED = 6  # ... or he waits for another agent
LEFT_MESSAGE = 7  # what a waiting contact is told: he has waited long enough to leave a message


class Contact:
    """A contact that waits or is served."""

    __slots__ = (
        "agent", "arrived", "called", "channel", "customer", "due", "ends", "factor", "left", "person", "row", "serial", "speed", "timer",
        "trunk",
        "turn", "visit", "waiting",
    )  # fmt: skip

    def __init__(self, row: int, person: int, channel: int, customer: int, serial: int, arrived: float, turn: Event, visit: int) -> None:
        self.row = row
        self.person = person
        self.channel = int(channel)
        self.customer = customer
        self.serial = serial
        self.arrived = arrived
        self.turn = turn  # triggered when the waiting ends
        self.timer: Event | None = None  # end of his patience, or the deadline of his message
        self.waiting = False
        self.called = False  # waits to be called back
        self.agent: Agent | None = None
        self.ends: Event | None = None  # end of the talk ...
        self.due = 0.0  # ... and its moment,
        self.factor = 1.0  # at this slowdown
        self.speed = 1.0  # of its agent
        self.left = 0.0  # work that was left when it was handed over, s at speed 1
        self.visit = visit  # of this journey to the channel
        self.trunk = -1  # whose line he holds


class Agent:
    """One person of a pool."""

    __slots__ = ("duty", "hands", "mark", "number", "pool", "since", "talks", "then")

    def __init__(self, pool: int, number: int) -> None:
        self.pool = pool
        self.number = number
        self.duty = OFF
        self.then = OFF  # what he is to do when he has finished
        self.hands: list[int] = []  # concurrency of each contact or wrap-up in hand
        self.talks: list[Contact] = []  # those of them that are talks
        self.since = 0.0  # when he came to have this many in hand
        self.mark = 0.0  # start of the current stint

    def can_take(self, concurrency: int) -> bool:
        """May a contact of this concurrency join what he has in hand?"""
        return len(self.hands) < concurrency and (not self.hands or len(self.hands) < min(self.hands))


class Floor:
    """All queues and agents of a run."""

    def __init__(self, tables: Tables, clock: Any, people: Slots) -> None:
        self.clock = clock
        self.people = people
        self.open = tables.open0.copy()
        self.mode = tables.mode.tolist()
        self.limit = tables.channel["queue_limit"].tolist()
        self.priority = tables.priority.tolist()
        self.preference = tables.preference.tolist()
        self.concurrency = tables.concurrency.tolist()
        self.agent_rule = AgentRule(tables.agent_rule)
        self.contact_rule = tables.contact_rule
        self.ageing = tables.ageing_s
        self.weight = tables.skill["weight"].tolist()
        # by pool: when it helps out; then by pool: when an agent with something in hand takes one more.  above 0: always
        self.after = tables.skill["after"].tolist() + tables.skill["join_after"].tolist()
        self.above = tables.skill["above"].tolist() + tables.skill["join_above"].tolist()
        self.stacks = (tables.fill == Fill.STACK).tolist()
        self.names = tables.channel["hash"]
        self.reserve = tables.reserve.tolist()
        self.trunk = tables.channel["trunk"].tolist()
        self.lines = tables.trunk_limit.tolist()
        self.held = [0 for _ in self.lines]
        self.alarms: set[tuple[int, int]] = set()  # (channel, row of `after`): this delay is going to pass for the first in line
        self.queues: list[deque[Contact]] = [deque() for _ in tables.channels]
        self.waiting = [0 for _ in tables.channels]
        self.calls: list[deque[Contact]] = [deque() for _ in tables.channels]  # those who wait to be called back
        self.keep_place = tables.channel["keep_place"].tolist()
        self.last_wait = [0.0 for _ in tables.channels]  # of whom an agent took last
        self.agents = [[Agent(p, n) for n in range(most)] for p, most in enumerate(tables.agents_max.tolist())]
        # by pool and number in hand: those on duty, longest there first
        self.ready: list[list[list[tuple[float, int]]]] = [[[] for _ in range(max(1, int(n)))] for n in tables.slots]
        self.skilled = [[p for p in range(len(tables.pools)) if self.concurrency[p][c] > 0] for c in range(len(tables.channels))]
        self.helping = [[r for r in range(len(self.above)) if self.above[r][c] > 0] for c in range(len(tables.channels))]
        self.skills = [[c for c in range(len(tables.channels)) if self.concurrency[p][c] > 0] for p in range(len(tables.pools))]
        self.rostered = tables.team["rostered"].tolist()
        self.finishing = [0 for _ in tables.pools]  # of pools without rosters
        self.on_duty = [0 for _ in tables.pools]
        self.stints = Rows(STINT)
        self.talks = Talks(tables, clock)
        self.shift_end = tables.shift_end.tolist()
        self.closing = False  # the run is ending: nobody is seated any more
        for p, n in enumerate(tables.staff0.tolist()):
            for agent in self.agents[p][:n]:
                self._come(agent)
            self.on_duty[p] = n

    # ---- the two routing decisions -------------------------------------------------------------------------------

    def find(self, contact: Contact) -> Agent | None:
        """The agent who takes a contact that arrives, or is the first to wait on its channel; or None."""
        channel = contact.channel
        waiting = self.waiting[channel] + (not contact.waiting)  # who arrives counts among those waiting
        free: list[Agent] = []
        for p in self.skilled[channel]:
            most = self.most_load(p, channel, waiting, contact.arrived)
            least = self.least_load(p, channel, waiting, contact.arrived)
            able = (agent for agent in self._able(p, channel) if least <= len(agent.hands) <= most)
            if self.agent_rule == AgentRule.RANDOM:
                free += able
            else:
                free += list(islice(able, 1))
        if not free:
            return None
        if self.agent_rule == AgentRule.RANDOM:
            return free[routing.nth(self.people.rows, contact.person, self.names[channel], contact.visit, len(free))]

        def order(agent: Agent) -> tuple[Any, ...]:
            load, preference = len(agent.hands), self.preference[agent.pool][channel]
            first = (load, preference) if self.agent_rule == AgentRule.LEAST_LOADED else (preference, load)
            return (*first, agent.since, agent.pool, agent.number)

        return min(free, key=order)

    def _able(self, p: int, channel: int) -> Iterator[Agent]:
        """Those of the pool on duty who can take a contact: least in hand first (`stack`: most), of these who has been there longest."""
        concurrency = self.concurrency[p][channel]
        levels = self.ready[p][:concurrency]
        if self.stacks[p] and self.agent_rule != AgentRule.RANDOM:
            levels.reverse()
        for level in levels:
            for _, number in level:
                agent = self.agents[p][number]
                if agent.can_take(concurrency):
                    yield agent

    def least_load(self, p: int, channel: int, waiting: int, oldest: float) -> int:
        """The least number in hand of those of the pool who may take a contact of this channel now."""
        above = self.above[p][channel]
        if above and not routing.may_help(self.after[p][channel], above, waiting, oldest, self.clock.now):
            return routing.NOBODY_MAY
        if self.mode[channel] != INBOX or not self.reserve[p]:
            return 0
        idle = sum(1 for agent in self.agents[p] if agent.duty == ON and not agent.hands)
        return int(routing.least_in_hand(idle, self.reserve[p]))

    def most_load(self, p: int, channel: int, waiting: int, oldest: float) -> int:
        """The most that an agent of the pool may have in hand to take a contact of this channel now, if he has a slot."""
        join = len(self.agents) + p
        above = self.above[join][channel]
        if above and not routing.may_help(self.after[join][channel], above, waiting, oldest, self.clock.now):
            return 0
        return int(self.concurrency[p][channel])

    def pick(self, agent: Agent) -> Contact | None:
        """The waiting contact that `agent` takes next, or None."""
        best: tuple[Any, ...] | None = None
        chosen = None
        p = agent.pool
        for c in self.skills[p]:
            if self.waiting[c] == 0 or (self.mode[c] == INBOX and not self.open[c]):
                continue
            if not agent.can_take(self.concurrency[p][c]):
                continue
            contact = self._head(c)
            if len(agent.hands) < self.least_load(p, c, self.waiting[c], contact.arrived):
                continue
            if len(agent.hands) > self.most_load(p, c, self.waiting[c], contact.arrived):
                continue
            mark = routing.turn(self.contact_rule, self.priority[p][c], self.weight[p][c], self.ageing, contact.arrived, self.clock.now)
            key = (*mark, contact.customer, contact.serial)
            if best is None or key < best:
                best, chosen = key, contact
        return self._or_call(agent, best, chosen)

    def _or_call(self, agent: Agent, best: tuple[Any, ...] | None, chosen: Contact | None) -> Contact | None:
        """Whom the agent takes next, if those who wait to be called back are looked at too."""
        p = agent.pool
        live = chosen is not None and self.mode[chosen.channel] != INBOX
        for c in self.skills[p]:
            if not self.calls[c] or not self.open[c] or self.above[p][c] or not agent.can_take(self.concurrency[p][c]):
                continue
            if not self.keep_place[c]:
                idle = sum(1 for colleague in self.agents[p] if colleague.duty == ON and not colleague.hands)
                if live or (self.reserve[p] and len(agent.hands) < routing.least_in_hand(idle, self.reserve[p])):
                    continue
            contact = self.calls[c][0]
            mark = routing.turn(self.contact_rule, self.priority[p][c], self.weight[p][c], self.ageing, contact.arrived, self.clock.now)
            key = (*mark, contact.customer, contact.serial)
            if best is None or key < best:
                best, chosen = key, contact
        return chosen

    def wait_for_call(self, contact: Contact) -> None:
        """The contact leaves the line and waits to be called."""
        contact.waiting = contact.called = True
        self.calls[contact.channel].append(contact)

    def call_back(self, channel: int) -> None:
        """The channel has opened: agents who have time call back, pool by pool and one after the other."""
        if self.calls[channel]:
            for p in self.skilled[channel]:
                for agent in self.agents[p]:
                    if agent.duty == ON:
                        self._in_turn([agent])

    def expected(self, channel: int, by: int, work: float) -> float:
        """The wait to be expected of who joins now, s."""
        on_duty = sum(self.on_duty[p] for p in self.skilled[channel])
        return float(announced(by, self.waiting[channel], work, on_duty, self.last_wait[channel]))

    # ---- queues --------------------------------------------------------------------------------------------------

    def _head(self, channel: int) -> Contact:
        queue = self.queues[channel]
        while not queue[0].waiting:
            queue.popleft()
        return queue[0]

    def is_full(self, channel: int) -> bool:
        """Are all waiting places taken?"""
        limit: int = self.limit[channel]
        return 0 <= limit <= self.waiting[channel]

    def join(self, contact: Contact) -> None:
        """The contact waits."""
        contact.waiting = True
        self.queues[contact.channel].append(contact)
        self.waiting[contact.channel] += 1
        self._watch(contact.channel)

    def go_back(self, contact: Contact) -> None:
        """The contact, which has been handed over, waits again, by its arrival before those who came later: as a rule the first."""
        contact.agent = None
        contact.called = False  # he holds the line now
        contact.turn = self.clock.event()
        here = contact.arrived, contact.customer, contact.serial
        line = [c for c in self.queues[contact.channel] if c.waiting]
        place = next((n for n, c in enumerate(line) if (c.arrived, c.customer, c.serial) > here), len(line))
        line.insert(place, contact)
        self.queues[contact.channel] = deque(line)
        contact.waiting = True
        self.waiting[contact.channel] += 1
        self._watch(contact.channel)

    def leave(self, contact: Contact, word: int) -> None:
        """A waiting contact stops waiting without having been served, and is told why."""
        contact.waiting = False
        self.waiting[contact.channel] -= 1
        self._watch(contact.channel)
        contact.turn.succeed(word)

    def clear(self, channel: int) -> None:
        """Everybody who waits is told that the channel has closed."""
        for contact in list(self.queues[channel]):
            if contact.waiting:
                self.leave(contact, CLEARED)

    def let_in(self, channel: int) -> None:
        """Those who wait take the agents there are."""
        while self.waiting[channel] and not self.closing:
            contact = self._head(channel)
            agent = self.find(contact)
            if agent is None:
                return
            self.seat(contact, agent)

    # ---- pools that only help out, and slots that are held back --------------------------------------------------

    def must_wait(self, channel: int) -> bool:
        """Where pools help out or slots are held back, who arrives behind others waits his turn."""
        return bool(self.helping[channel]) and self.waiting[channel] > 0

    def look_for_help(self, channel: int) -> None:
        """One more waits: perhaps so many that a pool helps out, or that a further slot is used."""
        if self.helping[channel] and self.open[channel]:
            self.let_in(channel)

    def _watch(self, channel: int) -> None:
        """An alarm is set for each delay after which more agents may take the first in line, while it is still to pass."""
        if not self.waiting[channel]:
            return
        for row in self.helping[channel]:
            when = self._head(channel).arrived + self.after[row][channel]
            if (channel, row) not in self.alarms and self.clock.now < when < math.inf:
                self.alarms.add((channel, row))
                who = channel * len(self.after) + row
                self.clock.at(when, OVERFLOW, who, lambda row=row: self._delay_passes(channel, row))

    def _delay_passes(self, channel: int, row: int) -> None:
        """The first in line may have waited so long that more agents may take him."""
        self.alarms.remove((channel, row))
        if not self.waiting[channel]:
            return
        if self.mode[channel] != INBOX or self.open[channel]:
            oldest = self._head(channel).arrived
            if routing.may_help(self.after[row][channel], self.above[row][channel], self.waiting[channel], oldest, self.clock.now):
                self.let_in(channel)
        self._watch(channel)

    # ---- lines that channels share -------------------------------------------------------------------------------

    def lines_taken(self, channel: int) -> bool:
        """Is every line of the channel's trunk held?"""
        trunk = self.trunk[channel]
        return bool(trunk >= 0 and self.held[trunk] >= self.lines[trunk])

    def hold_line(self, contact: Contact) -> None:
        """The contact is let in: it holds a line until it ends."""
        contact.trunk = self.trunk[contact.channel]
        if contact.trunk >= 0:
            self.held[contact.trunk] += 1

    def hang_up(self, contact: Contact) -> None:
        """The contact has ended."""
        if contact.trunk >= 0:
            self.held[contact.trunk] -= 1

    # ---- serving -------------------------------------------------------------------------------------------------

    def seat(self, contact: Contact, agent: Agent) -> None:
        """`agent` takes `contact`."""
        contact.agent = agent
        self._load(agent, add=self.concurrency[agent.pool][contact.channel])
        if contact.waiting and contact.called:
            contact.waiting = False
            assert self.calls[contact.channel].popleft() is contact
            contact.turn.succeed(SEATED)
        elif contact.waiting:
            contact.waiting = False
            self.waiting[contact.channel] -= 1
            self._watch(contact.channel)
            if contact.timer is not None and self.mode[contact.channel] != INBOX:  # a message keeps its deadline until it is answered
                self.clock.call_off(contact.timer)
            contact.turn.succeed(SEATED)

    def release(self, contact: Contact) -> None:
        """A slot of the contact's agent comes free; whoever can be seated is seated."""
        agent = contact.agent
        assert agent is not None
        self._load(agent, drop=self.concurrency[agent.pool][contact.channel])
        if agent.hands:
            if agent.duty == ON:
                self._fill([agent])
            self.talks.replan(agent)
            return
        if agent.duty == FINISHING:
            self._switch(agent, agent.then)
            if not self.rostered[agent.pool]:
                self.finishing[agent.pool] -= 1
        elif self.finishing[agent.pool]:
            # he is free and one of his colleagues is kept after hours: he leaves in his colleague's place
            self._go(agent)
            self._fill([self._stay(agent.pool)])
        else:
            self._fill([agent])

    def _fill(self, agents: list[Agent]) -> None:
        """Each of these agents takes one waiting contact in turn, until none can; then their colleagues look again."""
        pool = agents[0].pool if agents else 0
        self._in_turn(agents)
        if agents and self.reserve[pool] and not self.closing:
            self._others(pool)

    def _others(self, p: int) -> None:
        """As many are idle as the pool keeps in reserve: those who have something in hand already may take messages again."""
        again = sum(1 for agent in self.agents[p] if agent.duty == ON and not agent.hands) >= self.reserve[p]
        while again:
            again = False
            for level in self.ready[p][1:]:
                for agent in [self.agents[p][number] for _, number in level]:
                    contact = self.pick(agent)
                    if contact is not None:
                        self.seat(contact, agent)
                        again = True
                        break
                if again:
                    break

    def _in_turn(self, agents: list[Agent]) -> None:
        while agents and not self.closing:
            still = []
            for agent in agents:
                contact = self.pick(agent)
                if contact is not None:
                    self.seat(contact, agent)
                    still.append(agent)
            agents = still

    # ---- duty ----------------------------------------------------------------------------------------------------

    def set_open(self, channel: int, value: int, disconnect: bool) -> None:
        """A channel opens or closes."""
        self.open[channel] = value
        if value == 0 and disconnect:
            self.clear(channel)
        if value == 1:
            self.let_in(channel)
            self.call_back(channel)

    def set_staff(self, p: int, n: int) -> None:
        """The pool now has `n` agents on duty."""
        came = []
        while self.on_duty[p] < n:
            if self.finishing[p]:
                came.append(self._stay(p))
            else:
                agent = next(a for a in self.agents[p] if a.duty == OFF)
                self._come(agent)
                came.append(agent)
            self.on_duty[p] += 1
        if self.on_duty[p] > n:
            there = sorted((a for a in self.agents[p] if a.duty == ON), key=lambda a: (len(a.hands), -a.number))
            for agent in there[: self.on_duty[p] - n]:
                if agent.hands:
                    self._switch(agent, FINISHING)
                    self.finishing[p] += 1
                else:
                    self._go(agent)
            self.on_duty[p] = n
            if self.shift_end[p] != ShiftEnd.FINISH:
                self._hands_off(p)
        self._fill(sorted(came, key=lambda a: a.number))

    def _hands_off(self, p: int) -> None:
        """Agents of a pool whose shift is over finish no talk but one that ends this instant: it is cut, or another agent goes on with it.

        A wrap-up, which nobody else can do, they do finish.
        """
        cut = self.shift_end[p] == ShiftEnd.CUT
        for agent in self.agents[p]:
            if agent.duty != FINISHING or agent.then != OFF:  # a break only begins when he has finished
                continue
            for contact in sorted(agent.talks, key=lambda c: (c.customer, c.serial)):
                if contact.due > self.clock.now:
                    self.talks.stop(contact, CUT if cut else HANDED)
                    self._load(agent, drop=self.concurrency[p][contact.channel])
                    if not cut:
                        self.go_back(contact)
            if not agent.hands:
                self._go(agent)
                if not self.rostered[p]:
                    self.finishing[p] -= 1
        if not cut:
            for channel in self.skills[p]:
                if self.mode[channel] != INBOX or self.open[channel]:
                    self.let_in(channel)

    def move(self, p: int, moves: list[tuple[int, int]]) -> None:
        """Agents of a pool with rosters, by number, turn to something else: duty, a break ...; who is busy finishes first."""
        came = []
        for number, duty in moves:
            agent = self.agents[p][number]
            if duty == ON:
                came.append(agent)
            elif agent.hands:
                agent.then = duty
                if agent.duty == ON:
                    self._switch(agent, FINISHING)
            else:
                self._switch(agent, duty)
        for agent in came:
            self._come(agent)
        self._fill(came)
        if self.shift_end[p] != ShiftEnd.FINISH:
            self._hands_off(p)

    def _come(self, agent: Agent) -> None:
        self._note(agent)
        agent.duty = ON
        agent.since = self.clock.now
        self._enlist(agent)

    def _go(self, agent: Agent) -> None:
        self._switch(agent, OFF)

    def _stay(self, p: int) -> Agent:
        """One who was finishing goes on with his shift."""
        agent = next(a for a in self.agents[p] if a.duty == FINISHING)
        self.finishing[p] -= 1
        self._come(agent)
        return agent

    def _switch(self, agent: Agent, duty: int) -> None:
        self._note(agent)
        if agent.duty == ON:
            self._delist(agent)
        agent.duty = duty

    # ---- bookkeeping ---------------------------------------------------------------------------------------------

    def _load(self, agent: Agent, add: int = 0, drop: int = 0) -> None:
        self._note(agent)
        if agent.duty == ON:
            self._delist(agent)
        if add:
            agent.hands.append(add)
        else:
            agent.hands.remove(drop)
        agent.since = self.clock.now
        if agent.duty == ON:
            self._enlist(agent)

    def _enlist(self, agent: Agent) -> None:
        levels = self.ready[agent.pool]
        if len(agent.hands) < len(levels):
            insort(levels[len(agent.hands)], (agent.since, agent.number))

    def _delist(self, agent: Agent) -> None:
        levels = self.ready[agent.pool]
        if len(agent.hands) < len(levels):
            levels[len(agent.hands)].remove((agent.since, agent.number))

    def _note(self, agent: Agent) -> None:
        """The stint that ends now becomes a row."""
        now = self.clock.now
        if agent.duty != OFF and now > agent.mark:
            self.stints.add((agent.number, agent.pool, agent.duty, len(agent.hands), agent.mark, now))
        agent.mark = now

    def finish(self) -> None:
        """The run is over: the last stints become rows."""
        for pool in self.agents:
            for agent in pool:
                self._note(agent)
