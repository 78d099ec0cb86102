"""What stands around the agents becomes arrays: bots, transfers, languages.

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

WAITING = np.dtype([("messages", "i8"), ("announces", "i8"), ("calls", "i8")], align=True)  # 1: there is such a thing
NEEDS = ("question", "late", "faulty", "return", "collect")  # in the order of words.Need, from 1


@dataclass(frozen=True)
class Service:
    """What the rules of bots and transfers read."""

    bots: np.ndarray  # [channel] BOT
    contain: np.ndarray  # [channel, reason] share that a practised bot solves; reasons: streams, then NEEDS
    bot_down: np.ndarray  # [outage, (channel, from, to)] s
    transfer: np.ndarray  # [channel, channel] share handed on
    waiting: np.ndarray  # [channel] WAITING: what there is, for the KPIs
    languages: np.ndarray  # [segment, region, channel] the channel of his language; no rows where nobody has one


def no_service(channels: int) -> Service:
    """Neither bots nor transfers."""
    return Service(
        np.zeros(channels, BOT),
        np.zeros((channels, 0)),
        np.zeros((0, 3)),
        np.zeros((channels, channels)),
        np.zeros(channels, WAITING),
        np.zeros((0, 0, 0), np.int64),
    )


def build_service(s: Scenario, channels: list[str], streams: list[str], segments: list[str], regions: list[str]) -> Service:
    """The service of a scenario; the names are sorted; `regions`: none where nobody lives anywhere."""
    bots = np.zeros(len(channels), BOT)
    reasons = [*streams, *NEEDS]
    contain = np.zeros((len(channels), len(reasons)))
    transfer = np.zeros((len(channels), len(channels)))
    waiting = np.zeros(len(channels), WAITING)
    down: list[tuple[float, float, float]] = []
    for c, name in enumerate(channels):
        h, b = s.channels[name].help, s.channels[name].bot
        for to, share in (h.transfer if h else {}).items():
            transfer[c, channels.index(to)] = share
        if h is not None:
            waiting[c] = (h.leave_message is not None, h.announce is not None, h.callback is not None)
        if b is None:
            continue
        to_agents = -1 if b.escalate == "nobody" else channels.index(b.escalate or name)
        start, scale = (b.learning.start, b.learning.scale) if b.learning else (1.0, 0.0)
        bots[c] = (1, start, scale, b.false_closure, to_agents, int(b.context), b.hard, minor_units(b.cost, s.currency))
        contain[c] = [b.reasons.get(reason, b.contain) for reason in reasons]
        for d in b.down:
            down.append((float(c), (d.from_ - s.clock.start).total_seconds(), (d.to - s.clock.start).total_seconds()))
    return Service(bots, contain, np.array(down, float).reshape(-1, 3), transfer, waiting, _languages(s, channels, segments, regions))


def _languages(s: Scenario, channels: list[str], segments: list[str], regions: list[str]) -> np.ndarray:
    """[segment, region, channel] where a customer gets who turns to a channel: to that of his language on its medium, else to the one
    without.  His segment's language goes before his region's.
    """
    named = s.customers.segments if s.customers else {}
    people = [(segment, s.regions[region].language if region in s.regions else None) for segment in segments for region in regions or [""]]
    if not any(s.channels[c].language for c in channels):
        return np.zeros((0, 0, 0), np.int64)
    out = np.zeros((len(people), len(channels)), np.int64)
    for g, (segment, there_spoken) in enumerate(people):
        mine = (named[segment].language if segment in named else None) or there_spoken
        for c, name in enumerate(channels):
            channel = s.channels[name]
            there = [d for d in channels if s.channels[d].medium == channel.medium and s.channels[d].help is not None]
            same = [d for d in there if s.channels[d].language == mine and mine is not None]
            plain = [d for d in there if s.channels[d].language is None]
            out[g, c] = c
            if channel.help is None or channel.language == mine:
                continue
            if same:
                out[g, c] = channels.index(same[0])
            elif channel.language is not None and plain:
                out[g, c] = channels.index(plain[0])
    return out.reshape(len(segments), -1, len(channels))
