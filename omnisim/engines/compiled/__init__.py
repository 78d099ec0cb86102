"""The compiled engine: one event loop over arrays, written to be fast.

state.py    where a run stands: rows of records, free lists, room to grow
heaps.py    what comes next
floor.py    waiting lines, pools and agents: who serves whom
happenings.py  what a happening causes
kernel.py   the event loop
engine.py   drives it: room, rows to a sink, budgets, progress
"""

from omnisim.engines.compiled.engine import Run, get_ready, run, stream

__all__ = ["Run", "get_ready", "run", "stream"]
