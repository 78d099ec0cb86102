"""Peak memory of one replication, KPIs only, in a process of its own; and what all of Cyber Monday takes.

The child plays an hour first, so that code and libraries are there; its peak after that is what a run of any length
shares, and what the long run adds is its own.
"""

import re
import resource
import subprocess
import sys
import time
from pathlib import Path

MB = 1024.0  # of the kB that the system counts in


def peak_mb() -> float:
    """Most memory this process ever had resident, in MB."""
    # getrusage remembers the parent's peak across the start of a child on Linux, so the process's own mark is read there
    status = Path("/proc/self/status")
    if status.exists():
        found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text(encoding="ascii"))
        if found is not None:
            return int(found[1]) / MB
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used / MB / (1024.0 if sys.platform == "darwin" else 1.0)


def play(days: float) -> tuple[float, float]:
    """Peak before and after a replication of the queue of so many days, MB."""
    from omnisim.bench.worlds import DAY_MIN, queue
    from omnisim.replications import replicate
    from omnisim.tables import Tables

    replicate(Tables.build(queue(60)), 1)
    before = peak_mb()
    replicate(Tables.build(queue(days * DAY_MIN)), 1)
    return before, peak_mb()


def play_event(visitors: int) -> tuple[float, float]:
    """CPU seconds and peak MB of one replication of Cyber Monday with all KPIs through the public function, compiled before."""
    from omnisim import answers
    from omnisim.bench.worlds import cyber_monday

    answers.run(cyber_monday(2_000), seeds=1, engine="compiled", workers=1)
    scenario = cyber_monday(visitors)
    begun = time.process_time()
    answers.run(scenario, seeds=1, engine="compiled", workers=1)
    return time.process_time() - begun, peak_mb()


def play_year(customers: int) -> tuple[float, float]:
    """CPU seconds and peak MB of one replication of a year with about so many customers, all KPIs, compiled before."""
    from omnisim import answers
    from omnisim.bench.worlds import customer_year

    answers.run(customer_year(2_000), seeds=1, engine="compiled", workers=1)
    scenario = customer_year(customers)
    begun = time.process_time()
    answers.run(scenario, seeds=1, engine="compiled", workers=1)
    return time.process_time() - begun, peak_mb()


def in_a_child(days: float) -> tuple[float, float]:
    """`play` in a process of its own."""
    return _child(f"play({days!r})")


def event_in_a_child(visitors: int) -> tuple[float, float]:
    """`play_event` in a process of its own."""
    return _child(f"play_event({visitors!r})")


def year_in_a_child(customers: int) -> tuple[float, float]:
    """`play_year` in a process of its own."""
    return _child(f"play_year({customers!r})")


def _child(call: str) -> tuple[float, float]:
    code = f"from omnisim.bench.memory import {call.partition('(')[0]}; print(*{call})"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    return float(out[0]), float(out[1])
