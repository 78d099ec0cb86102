"""What has come so far says how busy the day is: the gamma factor of the day, updated.

    before   factor ~ gamma of mean 1 and standard deviation cv            1/cv^2 = a
    seen     N contacts where the plan expects E                           N | factor ~ Poisson(factor x E)
    after    factor ~ gamma of mean (a + N) / (a + E) and standard deviation sqrt(a + N) / (a + E)

The gamma factor common to all intervals of a day is that of Jongbloed and Koole (2001), Applied Stochastic Models in Business and
Industry 17, 307-318, and of the scenario (`world.busyness_cv`); its updating is the textbook's (Gelman et al., Bayesian Data Analysis,
section 2.6).  With few contacts the plan's forecast counts, with many the day's own.  With a spread of 0 nothing is learnt.

The day is then played from its start: intervals that have passed at what came in them, the rest at the plan times the factor, which
is still as uncertain as the update left it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from omnisim.intraday.actuals import Actuals
from omnisim.whatif.impulses import multiplied
from omnisim.whatif.reached import Seen

if TYPE_CHECKING:
    from omnisim.scenario import Scenario


@dataclass(frozen=True)
class ChannelSoFar:
    """One channel: contacts that came and that the plan expected in the same intervals; `rest_planned`, `rest`: in the rest of the day.

    `odd`: how many standard deviations it is off what the day's factor explains (Poisson): beyond 3 something else is going on there.
    """

    channel: str
    came: float
    expected: float
    rest_planned: float
    rest: float
    odd: float

    def to_json(self) -> dict[str, Any]:
        """One row."""
        return {
            "channel": self.channel, "came": self.came, "expected": self.expected, "rest_planned": self.rest_planned, "rest": self.rest,
            "standard_deviations_off": self.odd,
        }  # fmt: skip


@dataclass(frozen=True)
class Forecast:
    """The factor of the day with its 95 % interval, and the scenario that goes with it.

    `rest`: interval -> channel -> contacts expected now.
    """

    factor: float
    low: float
    high: float
    prior_cv: float
    came: float
    expected: float
    channels: tuple[ChannelSoFar, ...]
    rest: dict[str, dict[str, float]]
    scenario: Scenario


def updated(prior_cv: float, came: float, expected: float) -> tuple[float, float]:
    """Mean and standard deviation of the day's factor, once `came` contacts have come where `expected` were expected.

    >>> mean, sd = updated(0.1, 240.0, 200.0)    # a = 100: (100 + 240) / (100 + 200)
    >>> round(mean, 4), round(sd, 4)
    (1.1333, 0.0615)
    >>> updated(0.0, 240.0, 200.0)
    (1.0, 0.0)
    """
    if prior_cv <= 0.0:
        return 1.0, 0.0
    a = prior_cv**-2
    return (a + came) / (a + expected), math.sqrt(a + came) / (a + expected)


def forecast(plan: Scenario, came: Actuals, base: Seen, prior_cv: float) -> Forecast:
    """The forecast of the rest of the day; `base`: days as planned."""
    offered = _offered(base)
    step = timedelta(seconds=plan.clock.interval or 1800.0)
    pairs = [(at, channel, n, offered.get((_stamp(base, at), channel), 0.0)) for (at, channel), n in sorted(came.counts.items())]
    total, expected = sum(p[2] for p in pairs), sum(p[3] for p in pairs)
    mean, sd = updated(prior_cv, total, expected)
    today = [s for s in base.stamps["interval"] if datetime.fromisoformat(s).date() == (came.now - step).date()]
    rest = [s for s in today if datetime.fromisoformat(s) >= came.now]
    names = sorted({c for _, c in offered})
    spans = [*_past(pairs, step), (came.now, _midnight(plan, came.now - step), mean)]
    changes: dict[str, Any] = {f"demand.{n}.surge": multiplied(s, spans) for n, s in plan.demand.items() if not s.at}
    changes["world.busyness_cv"] = sd / mean if mean > 0.0 else 0.0
    low, high = _gamma_interval(mean, sd)
    return Forecast(
        mean, low, high, prior_cv, total, expected,
        tuple(_so_far(c, pairs, offered, rest, mean) for c in names),
        {s: {c: mean * offered.get((s, c), 0.0) for c in names} for s in rest},
        plan.with_(changes),
    )  # fmt: skip


def _offered(base: Seen) -> dict[tuple[str, str], float]:
    """(interval, channel) -> mean contacts of a planned day."""
    channels = {v for kpi, scope in base.places for k, v in scope if kpi == "contacts_offered" and k == "channel"}
    found = {}
    for s in base.stamps["interval"]:
        for c in channels:
            one = base.one("contacts_offered", [("channel", c), ("interval", s)])
            if one is not None:
                found[s, c] = one.value
    return found


def _stamp(base: Seen, at: datetime) -> str:
    """How an interval is named among the columns."""
    return next((s for s in base.stamps["interval"] if datetime.fromisoformat(s) == at), "")


def _past(pairs: Sequence[tuple[datetime, str, float, float]], step: timedelta) -> list[tuple[datetime, datetime, float]]:
    """(from, to, times the plan) of each interval that was observed, all channels together."""
    by: dict[datetime, tuple[float, float]] = {}
    for at, _, n, e in pairs:
        seen, expected = by.get(at, (0.0, 0.0))
        by[at] = (seen + n, expected + e)
    return [(at, at + step, n / e) for at, (n, e) in sorted(by.items()) if e > 0.0]


def _midnight(plan: Scenario, at: datetime) -> datetime:
    """The end of the day, or of the run."""
    end = plan.clock.start + timedelta(seconds=plan.clock.horizon)
    return min(end, at.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1))


def _so_far(
    channel: str,
    pairs: Sequence[tuple[datetime, str, float, float]],
    offered: dict[tuple[str, str], float],
    rest: Sequence[str],
    mean: float,
) -> ChannelSoFar:
    n, e = sum(p[2] for p in pairs if p[1] == channel), sum(p[3] for p in pairs if p[1] == channel)
    left = sum(offered.get((s, channel), 0.0) for s in rest)
    odd = (n - mean * e) / math.sqrt(mean * e) if mean * e > 0.0 else 0.0
    return ChannelSoFar(channel, n, e, left, mean * left, odd)


def _gamma_interval(mean: float, sd: float) -> tuple[float, float]:
    """The middle 95 % of a gamma distribution."""
    if sd <= 0.0:
        return mean, mean
    from scipy import special

    shape = (mean / sd) ** 2
    low, high = (float(special.gammaincinv(shape, p)) * mean / shape for p in (0.025, 0.975))
    return low, high
