"""Demand and staff that move (P09), and who comes when (P22)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from omnisim.records import Records
from omnisim.staffing.exact import agents_for_delay, delay_of_poisson
from omnisim.tables import Tables
from omnisim.validation.cases import Case, Length, Played, Row, Statistic, deviation_of, mean_of, ratio_of, variance_of

DAY = 86400
STEPS = 128  # of a cycle of 8 h
STEP_S = 225
SHOWN = tuple(range(0, STEPS, STEPS // 8))  # t = 0, pi / 4, pi / 2 ...


def number_mean(t: float) -> float:
    """Mean number in the system: m' = 100 + 20 sin t - m, in its periodic state.

    >>> round(number_mean(3 * math.pi / 4), 4)
    114.1421
    """
    return 100 + 10 * (math.sin(t) - math.cos(t))


def staffing(alpha: float) -> dict[str, int]:
    """Fewest agents with whom at most `alpha` of arrivals must wait in the middle of each step, as a clock map."""
    every = [agents_for_delay(number_mean(2 * math.pi * k / STEPS), alpha) for k in range(DAY // STEP_S)]
    changed = [k for k, s in enumerate(every) if k == 0 or s != every[k - 1]]
    return {f"{k * STEP_S // 3600:02d}:{k * STEP_S // 60 % 60:02d}:{k * STEP_S % 60:02d}": every[k] for k in changed}


def delays(tables: Tables, story: Records) -> Mapping[str, Any]:
    """Calls that came in the steps around t = 0, pi / 4 ..., and those of them that found no free agent."""
    t = story.touches
    t = t[t["arrived"] >= tables.warmup_s]
    step = (t["arrived"] // STEP_S).astype(int) % STEPS
    came, waited = np.bincount(step, minlength=STEPS), np.bincount(step, weights=t["delayed"], minlength=STEPS)
    return {f"{name} {k}": [float(n[k])] for k in SHOWN for name, n in (("came", came), ("delayed", waited))}


def delay_rows(alpha: float) -> list[Row]:
    """Share delayed at moments of the cycle, with the agents that keep it at `alpha` by the modified offered load."""

    def row(k: int) -> Row:
        m = number_mean(2 * math.pi * k / STEPS)
        known = delay_of_poisson(m, agents_for_delay(m, alpha))
        name = f"delayed at t = {k // 16} pi / 4, target {alpha:g}"
        return Row(name, known, 0.02, lambda seen: ratio_of(seen.observed[f"delayed {k}"], seen.observed[f"came {k}"]))

    return [row(k) for k in SHOWN]


def arrivals_by_day(tables: Tables, story: Records) -> Mapping[str, Any]:
    """Of each day: calls, calls of its first three hours, and when the first came after 01:00, min."""
    at = story.touches["arrived"]
    days = round(tables.horizon_s / DAY)
    counts = np.histogram(at, np.arange(24 * days + 1) * 3600)[0].reshape(days, 24)
    late = at[at % DAY >= 3600]
    first = np.full(days, np.inf)
    np.minimum.at(first, (late // DAY).astype(int), late % DAY)
    return {"day": counts.sum(axis=1), "hour 0": counts[:, 0], "hour 1": counts[:, 1], "hour 2": counts[:, 2], "first": first / 60 - 60}


def arrival_rows() -> list[Row]:
    """Mean and variance of the arrivals of each hour, and how hours vary together."""

    def of(name: str, what: Any) -> Any:
        def seen(p: Played) -> Statistic:
            found: Statistic = what(p.observed[name].astype(float))
            return found

        return seen

    return [
        Row("arrivals before 01:00", 0, 0.0, of("hour 0", mean_of)),
        Row("arrivals 01:00 to 02:00", 600, 18, of("hour 1", mean_of)),
        Row("arrivals 02:00 to 03:00", 60, 1.8, of("hour 2", mean_of)),
        Row("variance 01:00 to 02:00", 600, 18, of("hour 1", variance_of)),
        Row("variance 02:00 to 03:00", 60, 1.8, of("hour 2", variance_of)),
        Row("first arrival after 01:00, min", 0.1, 0.003, of("first", mean_of)),
    ]


def busy_rows(shape: float) -> list[Row]:
    """Mean and deviation of the arrivals of a day whose busyness is gamma of this shape."""
    sd = math.sqrt(1660 + 1660**2 / shape)
    return [
        Row("arrivals a day", 1660, 0.03 * 1660, lambda seen: mean_of(seen.observed["day"].astype(float))),
        Row("sd of arrivals a day", sd, 0.03 * sd, lambda seen: deviation_of(seen.observed["day"].astype(float))),
    ]


def cases() -> tuple[Case, ...]:
    """P09 at three targets, P22."""
    short, full, path = Length(28, 40), Length(150, 40), "staffing.pools.phone.agents"
    return (
        *(
            Case(f"moving-staff-{a:g}", "P09", "theory/moving-staff", lambda a=a: delay_rows(a), short, full,  # type: ignore[misc]
                 changes={} if a == 0.5 else {path: staffing(a)}, observe=delays, reference=False)
            for a in (0.1, 0.5, 0.9)
        ),
        Case("arrivals", "P22", "theory/arrivals", arrival_rows, Length(45, 200), Length(180, 200),
             observe=arrivals_by_day, reference=False),
        Case("arrivals-busy", "P22", "theory/arrivals-busy", lambda: busy_rows(10), Length(18, 200), Length(72, 200),
             observe=arrivals_by_day, reference=False),
        Case("arrivals-steady", "P22", "theory/arrivals-busy", lambda: busy_rows(400), Length(14, 200), Length(56, 200),
             changes={"world.busyness_cv": 0.05}, observe=arrivals_by_day, reference=False),
    )  # fmt: skip
