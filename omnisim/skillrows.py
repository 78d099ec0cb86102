"""Who can do what, as arrays: skills of pools, and the lines that channels share."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from omnisim.rules.routing import ENDLESS, SKILL

if TYPE_CHECKING:
    from omnisim.scenario import Scenario
    from omnisim.scenario.staffing import Overflow


def skills(s: Scenario, pools: list[str], channels: list[str]) -> dict[str, np.ndarray]:
    """Priority, preference, speed, concurrency (0: no such skill), `SKILL` and `slows`, each [pool, channel]; `slowdown` [...]."""
    shape = (len(pools), len(channels))
    out: dict[str, np.ndarray] = {key: np.zeros(shape, np.int64) for key in ("priority", "preference", "concurrency")}
    out["speed"] = np.ones(shape)
    out["skill"] = np.zeros(shape, SKILL)
    out["slows"] = np.full(shape, -1, np.int64)
    factors: list[float] = []
    for p, name in enumerate(pools):
        assert s.staffing is not None
        pool = s.staffing.pools[name]
        by_breadth = s.staffing.routing.agent == "specialist_first"
        for channel, skill in pool.skills.items():
            c = channels.index(channel)
            said = skill.priority if skill.preference is None else skill.preference
            out["priority"][p, c] = skill.priority
            out["preference"][p, c] = len(pool.skills) if by_breadth else said
            out["concurrency"][p, c] = skill.concurrency
            out["speed"][p, c] = skill.speed
            out["skill"][p, c] = (skill.weight, *_when(skill.overflow), *_when(skill.join if skill.concurrency > 1 else None))
            if skill.slowdown and any(f != 1.0 for f in skill.slowdown[: skill.concurrency]):
                out["slows"][p, c] = len(factors)
                factors += skill.slowdown[: skill.concurrency]
    out["slowdown"] = np.array(factors, float)
    return out


def _when(o: Overflow | None) -> tuple[float, int]:
    """(after s, above) as `rules.routing.may_help` reads them."""
    if o is None or o.after == 0.0:
        return 0.0, 0
    return (math.inf if o.after is None else o.after), (ENDLESS if o.above is None else o.above)


def trunks(s: Scenario, channels: list[str], channel: np.ndarray) -> np.ndarray:
    """How many lines each trunk has [trunk, by name]; writes whose lines each channel holds."""
    channel["trunk"] = -1
    said = s.staffing.trunks if s.staffing else {}
    for n, name in enumerate(sorted(said)):
        for c in said[name].channels:
            channel["trunk"][channels.index(c)] = n
    return np.array([said[name].limit for name in sorted(said)], np.int64)
