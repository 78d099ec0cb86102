"""Who serves whom: channels, queues, pools and individual agents.

    routing is exactly two decisions
        find(channel)   which agent takes an arriving contact
        pick(agent)     which waiting contact a freed agent takes

An agent holds contacts and wrap-ups in slots.  A contact may join when what he has in hand is fewer than the least
concurrency of what he has in hand and of the new contact.  When a pool shrinks, idle agents leave first; then those
with least in hand finish and leave, and the first of the pool to become free leaves in the place of one who finishes.
"""

from __future__ import annotations

from bisect import insort
from collections import deque
from typing import TYPE_CHECKING, Any

from omnisim.records import STINT
from omnisim.words import Agent as AgentRule
from omnisim.words import Contact as ContactRule
from omnisim.words import Duty, Mode

from .rows import Rows
from .talks import Talks

if TYPE_CHECKING:
    from simpy.events import Event

    from omnisim.tables import Tables

OFF = 0
ON = int(Duty.ON)
FINISHING = int(Duty.FINISHING)
INBOX = int(Mode.INBOX)

SEATED = 1  # what a waiting contact is told: an agent is there ...
GAVE_UP = 2  # ... or patience has ended
CLEARED = 3  # ... or the channel has closed
WITHDRAWN = 4  # ... or the message has been taken back


class Contact:
    """A contact that waits or is served."""

    __slots__ = (
        "agent", "arrived", "channel", "customer", "due", "ends", "factor", "person", "row", "serial", "timer", "turn", "waiting"
    )  # fmt: skip

    def __init__(self, row: int, person: int, channel: int, customer: int, serial: int, arrived: float, turn: Event) -> None:
        self.row = row
        self.person = person
        self.channel = channel
        self.customer = customer
        self.serial = serial
        self.arrived = arrived
        self.turn = turn  # triggered when the waiting ends
        self.timer: Event | None = None  # end of his patience, or the deadline of his message
        self.waiting = False
        self.agent: Agent | None = None
        self.ends: Event | None = None  # end of the talk ...
        self.due = 0.0  # ... and its moment,
        self.factor = 1.0  # at this slowdown


class Agent:
    """One person of a pool."""

    __slots__ = ("duty", "hands", "mark", "number", "pool", "since", "talks")

    def __init__(self, pool: int, number: int) -> None:
        self.pool = pool
        self.number = number
        self.duty = OFF
        self.hands: list[int] = []  # concurrency of each contact or wrap-up in hand
        self.talks: list[Contact] = []  # those of them that are talks
        self.since = 0.0  # when he came to have this many in hand
        self.mark = 0.0  # start of the current stint

    def can_take(self, concurrency: int) -> bool:
        """May a contact of this concurrency join what he has in hand?"""
        return len(self.hands) < concurrency and (not self.hands or len(self.hands) < min(self.hands))


class Floor:
    """All queues and agents of a run."""

    def __init__(self, tables: Tables, clock: Any) -> None:
        self.clock = clock
        self.open = tables.open0.copy()
        self.mode = tables.mode.tolist()
        self.limit = tables.channel["queue_limit"].tolist()
        self.priority = tables.priority.tolist()
        self.preference = tables.preference.tolist()
        self.concurrency = tables.concurrency.tolist()
        self.least_loaded = tables.agent_rule == AgentRule.LEAST_LOADED
        self.longest_wait = tables.contact_rule == ContactRule.LONGEST_WAIT
        self.queues: list[deque[Contact]] = [deque() for _ in tables.channels]
        self.waiting = [0 for _ in tables.channels]
        self.agents = [[Agent(p, n) for n in range(most)] for p, most in enumerate(tables.agents_max.tolist())]
        # by pool and number in hand: those on duty, longest there first
        self.ready: list[list[list[tuple[float, int]]]] = [[[] for _ in range(max(1, int(n)))] for n in tables.slots]
        self.skilled = [[p for p in range(len(tables.pools)) if self.concurrency[p][c] > 0] for c in range(len(tables.channels))]
        self.skills = [[c for c in range(len(tables.channels)) if self.concurrency[p][c] > 0] for p in range(len(tables.pools))]
        self.finishing = [0 for _ in tables.pools]
        self.on_duty = [0 for _ in tables.pools]
        self.stints = Rows(STINT)
        self.talks = Talks(tables, clock)
        self.closing = False  # the run is ending: nobody is seated any more
        for p, n in enumerate(tables.staff0.tolist()):
            for agent in self.agents[p][:n]:
                self._come(agent)
            self.on_duty[p] = n

    # ---- the two routing decisions -------------------------------------------------------------------------------

    def find(self, channel: int) -> Agent | None:
        """The agent who takes a contact that arrives on `channel`, or None."""
        best: tuple[Any, ...] | None = None
        taker = None
        for p in self.skilled[channel]:
            most = self.concurrency[p][channel]
            agent = self._first_able(p, most)
            if agent is None:
                continue
            load = len(agent.hands)
            preference = self.preference[p][channel]
            order = (load, preference) if self.least_loaded else (preference, load)
            key = (*order, agent.since, p, agent.number)
            if best is None or key < best:
                best, taker = key, agent
        return taker

    def _first_able(self, p: int, concurrency: int) -> Agent | None:
        for level in self.ready[p][:concurrency]:
            for _, number in level:
                agent = self.agents[p][number]
                if agent.can_take(concurrency):
                    return agent
        return None

    def pick(self, agent: Agent) -> Contact | None:
        """The waiting contact that `agent` takes next, or None."""
        best: tuple[Any, ...] | None = None
        chosen = None
        for c in self.skills[agent.pool]:
            if self.waiting[c] == 0 or (self.mode[c] == INBOX and not self.open[c]):
                continue
            if not agent.can_take(self.concurrency[agent.pool][c]):
                continue
            contact = self._head(c)
            priority = self.priority[agent.pool][c]
            order = (contact.arrived, priority) if self.longest_wait else (priority, contact.arrived)
            key = (*order, contact.customer, contact.serial)
            if best is None or key < best:
                best, chosen = key, contact
        return chosen

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

    def leave(self, contact: Contact, word: int) -> None:
        """A waiting contact stops waiting without having been served, and is told why."""
        contact.waiting = False
        self.waiting[contact.channel] -= 1
        contact.turn.succeed(word)

    def clear(self, channel: int) -> None:
        """Everybody who waits is told that the channel has closed."""
        for contact in list(self.queues[channel]):
            if contact.waiting:
                self.leave(contact, CLEARED)

    # ---- serving -------------------------------------------------------------------------------------------------

    def seat(self, contact: Contact, agent: Agent) -> None:
        """`agent` takes `contact`."""
        contact.agent = agent
        self._load(agent, add=self.concurrency[agent.pool][contact.channel])
        if contact.waiting:
            contact.waiting = False
            self.waiting[contact.channel] -= 1
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
            self._go(agent)
            self.finishing[agent.pool] -= 1
        elif self.finishing[agent.pool]:
            # he is free and one of his colleagues is kept after hours: he leaves in his colleague's place
            self._go(agent)
            self._fill([self._stay(agent.pool)])
        else:
            self._fill([agent])

    def _fill(self, agents: list[Agent]) -> None:
        """Each of these agents takes one waiting contact in turn, until none can."""
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
        while value == 1 and self.waiting[channel]:
            agent = self.find(channel)
            if agent is None:
                return
            self.seat(self._head(channel), agent)

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
        self._fill(sorted(came, key=lambda a: a.number))

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
