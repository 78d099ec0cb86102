"""Call centres that others have published with their results: scenarios/published.

ContactCenters (github.com/umontreal-simul/contactcenters, commit f5ddb4a) and SSJ (github.com/umontreal-simul/ssj), University of
Montreal, Apache-2.0: parameters and results are taken, no code.  Known values: the exact transient solution, or an
independent simulation of 100,000 days and more that agrees with what was published.
"""

from __future__ import annotations

import numpy as np

from omnisim.records import Records
from omnisim.tables import Tables
from omnisim.validation.cases import FORMULAS, Case, Floats, Length, Played, Row, deviation_of, kpi, mean, pooled, ratio_of

OFFERED, ANSWERED, EXCLUDING, AS_MET = FORMULAS


def _in_target(seen: Played) -> Floats:
    """Answered in time, by seed."""
    return seen.parts("service_level", OFFERED)[0]


def mmc() -> list[Row]:
    """M/M/c of ContactCenters: their means over replications."""
    return [
        mean("answered in 20 s", 1815.27, 5, _in_target),
        pooled("service_level", 0.900432, 0.004, OFFERED),
        kpi("asa_s", 60 * 0.10056, 60 * 0.004),
        kpi("occupancy", 0.696934, 0.003),
    ]


def mmc_abandonment() -> list[Row]:
    """The same with patience."""
    return [
        kpi("contacts_abandoned", 59.24, 1.5),  # of [0, 480 min]; fewer than 0.2 more while the queue drains
        mean("answered in 20 s", 1906.72, 4, _in_target),
        kpi("occupancy", 0.676558, 0.003),
        pooled("service_level", 0.9744, 0.002, ANSWERED),
        pooled("service_level", 0.9681, 0.002, EXCLUDING),
    ]


def mmc_blocked() -> list[Row]:
    """The same with a limit of waiting places."""
    return [
        kpi("contacts_blocked", 18.863, 0.9),
        mean("answered in 20 s", 1854.07, 4, _in_target),
        pooled("service_level", 0.919677, 0.003, OFFERED),
        pooled("service_level", 0.9284, 0.003, ANSWERED),
        kpi("occupancy", 0.690473, 0.003),
    ]


EXPECTED = 1660  # calls a day: totals are divided by this known expectation, as published


def ssj(wait_s: float, good: float, lost: float, sd: float, near: tuple[float, float, float, float, float]) -> list[Row]:
    """The CallCenter of SSJ: wait, service level, abandonment and queue, each within its tolerance."""

    def waits(seen: Played) -> Floats:
        return seen.parts("wait_mean_s")[0] / EXPECTED  # of the answered and of those who gave up

    return [
        kpi("contacts_offered", EXPECTED, near[0]),
        Row("sd of contacts_offered", sd, near[1], lambda seen: deviation_of(seen("contacts_offered"))),
        mean("wait over 1660, s", wait_s, near[2], waits),
        mean("good over 1660", good, near[3], lambda seen: seen.parts("service_level")[0] / EXPECTED),
        mean("abandoned over 1660", lost, near[4], lambda seen: seen("contacts_abandoned") / EXPECTED),
    ]


def simple_msk() -> list[Row]:
    """SimpleMSK of ContactCenters: three groups of agents and several kinds of calls."""
    rows = [
        kpi("contacts_handled", 4284.3, 42),
        kpi("contacts_abandoned", 896.6, 55),
        pooled("service_level", 0.50624, 0.0125),
        Row("occupancy with the drain, group0", 0.8788, 0.0055, lambda seen: ratio_of(seen.observed["busy 0"], seen.observed["on 0"])),
        Row("occupancy with the drain, group1", 0.75599, 0.006, lambda seen: ratio_of(seen.observed["busy 1"], seen.observed["on 1"])),
    ]
    known = [[173.8, 597.7, 16.8], [266.7, 509.4, 37.0], [266.5, 610.8, 26.0]]
    near = [[9.5, 8, 2.7], [13.5, 8.5, 5.3], [15.5, 10, 4.2]]
    for c, channel in enumerate(("first", "second", "third")):
        for p in range(3):

            def in_target(seen: Played, channel: str = channel, p: int = p) -> Floats:
                return seen.parts("service_level", channel=channel, interval=seen.interval(p))[0]

            rows.append(mean(f"answered in 20 s, {channel}, period {p + 1}", known[c][p], near[c][p], in_target))
    return rows


def agent_time(tables: Tables, story: Records) -> dict[str, list[float]]:
    """Agent-seconds of each pool from the start to the last call: with a call in hand, and on duty or finishing."""
    s = story.stints
    length = np.minimum(s["end"], story.end_s) - s["start"]
    out: dict[str, list[float]] = {}
    for p in range(len(tables.pools)):
        mine = s["pool"] == p
        out |= {f"busy {p}": [float(length[mine & (s["load"] > 0)].sum())], f"on {p}": [float(length[mine].sum())]}
    return out


def telethon() -> list[Row]:
    """A week: 1000 calls expected; who waits 2 min leaves a message."""
    return [
        kpi("contacts_offered", 1000, 4),
        kpi("contacts_handled", 962.74, 3.5),
        kpi("contacts_abandoned", 31.92, 1.2),
        kpi("contacts_deflected", 5.077, 0.35),
        kpi("contacts_closed", 0.293, 0.08),
        kpi("contacts_blocked", 0.0, 0.01),
        mean("answered in 1 min", 949.97, 3.5, lambda seen: seen.parts("service_level")[0]),
        pooled("asa_s", 60 * 0.03616, 60 * 0.0015),
        mean("agent minutes over 12 x 20 h", 0.66867, 0.0035, lambda seen: seen("agent_minutes") / (12 * 20 * 60)),
    ]


def cases() -> tuple[Case, ...]:
    """Every case of scenarios/published."""
    calls = "call_center"

    def case(name: str, public: str, rows: object, short: int, full: int, **more: object) -> Case:
        return Case(name, public, f"published/{name}", rows, Length(short), Length(full), exact=False, **more)  # type: ignore[arg-type]

    return (
        case("contactcenters-mmc", "P04", mmc, 1000, 2400, formulas=calls),
        case("contactcenters-mmc-abandonment", "P04", mmc_abandonment, 600, 2400, formulas=calls),
        case("contactcenters-mmc-blocked", "P04", mmc_blocked, 600, 2400, formulas=calls),
        case("simple-msk", "P06", simple_msk, 900, 3600, observe=agent_time),
        case("telethon", "P07", telethon, 1000, 2000),
        case("ssj-call-center", "P05", lambda: ssj(4.716, 0.92466, 0.01986, 92.461, (10, 7, 0.2, 0.004, 0.0007)), 600, 2400),
        case("ssj-call-center-busy", "P05", lambda: ssj(12.446, 0.85395, 0.03635, 526.517, (40, 20, 2.0, 0.012, 0.004)), 2500, 7500),
    )
