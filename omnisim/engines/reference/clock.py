"""A SimPy environment in which every model event has its place: (time, kind, who), never the order of insertion.

SimPy's own zero-delay hops have priority 0 and 1.  Model events rank from 2 upwards, so all that one happening causes at
once is finished before the next happening of the same instant.
"""

from collections.abc import Callable
from heapq import heappush
from typing import Any

import simpy
from simpy.events import Event

from omnisim.budget import Meter
from omnisim.moments import KIND_BITS

HOPS = 2  # SimPy's priorities URGENT and NORMAL


class Clock(simpy.Environment):
    """SimPy's environment with one way to say when something happens."""

    def at(self, time: float, kind: int, who: int, then: Callable[[], None] | None = None) -> Event:
        """An event at `time`, ranked by kind and who; `then` is called when it happens, or a process waits for it."""
        event = Event(self)
        event._ok = True
        event._value = None
        if then is not None:
            event.callbacks.append(lambda _: then())
        queue: list[Any] = self._queue
        heappush(queue, (time, HOPS + ((kind << KIND_BITS) | who), next(self._eid), event))
        return event

    def call_off(self, event: Event) -> None:
        """What was to happen will not: SimPy keeps the event, but nothing comes of it and it is not counted."""
        if event.callbacks:
            event.callbacks.clear()

    def move(self, event: Event, time: float, kind: int, who: int) -> Event:
        """It is to happen at another time: whoever waits for `event` now waits for the one that is returned."""
        moved = self.at(time, kind, who)
        moved.callbacks, event.callbacks = event.callbacks, []
        return moved

    def tell(self, event: Event, word: int) -> None:
        """It will not happen: whoever waits for `event` is told so by this word, as soon as what happens now is over."""
        told = Event(self)
        told.callbacks, event.callbacks = event.callbacks, []
        told.succeed(word)

    def run_until(self, end: float, meter: Meter, report: Callable[[float], None] | None = None) -> None:
        """Execute everything before `end` (exclusive)."""
        queue: list[Any] = self._queue
        while queue and queue[0][0] < end:
            if queue[0][1] >= HOPS and queue[0][3].callbacks:
                meter.tick(queue[0][0])
                if report is not None and meter.events % 8192 == 0:
                    report(self._now)
            self.step()

    def run_instant(self, time: float, kind: int, meter: Meter) -> None:
        """Execute what falls on `time` itself, as far as it is of this kind."""
        queue: list[Any] = self._queue
        while queue and queue[0][0] <= time:
            priority = queue[0][1]
            if priority >= HOPS:
                if (priority - HOPS) >> KIND_BITS != kind:
                    return
                if queue[0][3].callbacks:  # not moved to another time
                    meter.tick(time)
            self.step()
