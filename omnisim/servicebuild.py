"""What stands around the agents becomes arrays: bots, transfers.

Scenario  -->  Service   (neutral where nothing is said)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from omnisim.currencies import minor_units
from omnisim.rules.bots import BOT

if TYPE_CHECKING:
    from omnisim.scenario import Scenario

NEEDS = ("question", "late", "faulty", "return", "collect")  # in the order of words.Need, from 1


@dataclass(frozen=True)
class Service:
    """What the rules of bots and transfers read."""

    bots: np.ndarray  # [channel] BOT
    contain: np.ndarray  # [channel, reason] share that a practised bot solves; reasons: streams, then NEEDS
    bot_down: np.ndarray  # [outage, (channel, from, to)] s
    transfer: np.ndarray  # [channel, channel] share handed on


def no_service(channels: int) -> Service:
    """Neither bots nor transfers."""
    return Service(np.zeros(channels, BOT), np.zeros((channels, 0)), np.zeros((0, 3)), np.zeros((channels, channels)))


def build_service(s: Scenario, channels: list[str], streams: list[str]) -> Service:
    """The service of a scenario; `channels` and `streams` are the sorted names."""
    bots = np.zeros(len(channels), BOT)
    reasons = [*streams, *NEEDS]
    contain = np.zeros((len(channels), len(reasons)))
    transfer = np.zeros((len(channels), len(channels)))
    down: list[tuple[float, float, float]] = []
    for c, name in enumerate(channels):
        h, b = s.channels[name].help, s.channels[name].bot
        for to, share in (h.transfer if h else {}).items():
            transfer[c, channels.index(to)] = share
        if b is None:
            continue
        to_agents = -1 if b.escalate == "nobody" else channels.index(b.escalate or name)
        start, scale = (b.learning.start, b.learning.scale) if b.learning else (1.0, 0.0)
        bots[c] = (1, start, scale, b.false_closure, to_agents, int(b.context), b.hard, minor_units(b.cost, s.currency))
        contain[c] = [b.reasons.get(reason, b.contain) for reason in reasons]
        for d in b.down:
            down.append((float(c), (d.from_ - s.clock.start).total_seconds(), (d.to - s.clock.start).total_seconds()))
    return Service(bots, contain, np.array(down, float).reshape(-1, 3), transfer)
