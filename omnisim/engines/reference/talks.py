"""Who talks or writes with whom, and until when: contacts in hand slow each other down.

The end of a talk is planned when it begins, and anew each time the number that its agent has in hand has changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisim.moments import of_touch
from omnisim.rules import serving
from omnisim.words import Kind

if TYPE_CHECKING:
    from omnisim.tables import Tables

    from .clock import Clock
    from .floor import Agent, Contact

SERVICE_END = int(Kind.SERVICE_END)


class Talks:
    """All talks of a run."""

    def __init__(self, tables: Tables, clock: Clock) -> None:
        self.clock = clock
        self.slows = tables.slows
        self.slowdown = tables.slowdown

    def begin(self, contact: Contact, talk: float, speed: float) -> None:
        """The agent of `contact` begins to talk at this speed, for `talk` seconds if nothing slows him down."""
        contact.speed = speed
        agent = contact.agent
        assert agent is not None
        contact.factor = self._factor(contact, agent)
        contact.due = serving.ends_at(self.clock.now, talk, contact.factor)
        contact.ends = self.clock.at(contact.due, SERVICE_END, of_touch(contact.customer, contact.serial))
        agent.talks.append(contact)
        self.replan(agent)

    def end(self, contact: Contact) -> None:
        """The talk is over; a wrap-up may follow."""
        assert contact.agent is not None
        contact.agent.talks.remove(contact)

    def stop(self, contact: Contact, word: int) -> None:
        """The shift of its agent is over: the talk ends before its time, and the customer is told by `word` what becomes of him."""
        assert contact.ends is not None
        contact.left = serving.work_left_s(contact.due, self.clock.now, contact.factor) * contact.speed
        self.end(contact)
        self.clock.tell(contact.ends, word)

    def replan(self, agent: Agent) -> None:
        """What `agent` has in hand has changed: each of his talks ends when the work that is left of it is done."""
        now = self.clock.now
        for contact in agent.talks:
            factor = self._factor(contact, agent)
            if factor != contact.factor:
                left = serving.work_left_s(contact.due, now, contact.factor)
                contact.due = serving.ends_at(now, left, factor)
                contact.factor = factor
                assert contact.ends is not None
                contact.ends = self.clock.move(contact.ends, contact.due, SERVICE_END, of_touch(contact.customer, contact.serial))

    def _factor(self, contact: Contact, agent: Agent) -> float:
        return float(serving.slowdown_of(self.slows, self.slowdown, agent.pool, contact.channel, len(agent.hands)))
