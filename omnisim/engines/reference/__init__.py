"""The reference engine: SimPy processes, written to be believed.

clock.py   a SimPy environment in which ties are part of the model
floor.py   channels, queues, pools and individual agents: who serves whom
talks.py   until when a talk lasts, while contacts in hand slow each other down
engine.py  the stories: arrivals, one process a customer, the calendar
"""

from omnisim.engines.reference.engine import run

__all__ = ["run"]
