"""Known numbers that need no simulation: what is published, and what omnisim.staffing makes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from omnisim.staffing.cover import cover
from omnisim.staffing.formulas import ErlangC, erlang_b, positions, service_level


@dataclass(frozen=True)
class Formula:
    """A published number, how near ours must be, and ours."""

    public: str
    name: str
    value: float
    tolerance: float
    ours: Callable[[], float]

    @property
    def holds(self) -> bool:
        """Whether ours is near enough."""
        return abs(self.ours() - self.value) <= self.tolerance


def erlang_b_table() -> list[Formula]:
    """Loss of (servers, erlangs), by the recursion B = aB / (k + aB)."""
    known = {
        (5, 3): 0.110054348, (10, 10): 0.214582343, (14, 10): 0.056819143, (20, 15): 0.045593216,
        (100, 84): 0.009872529, (100, 100): 0.075700453, (120, 100): 0.005690055,
    }  # fmt: skip
    return [Formula("P01", f"Erlang B, {c} lines, {a} erlangs", v, 1e-8, lambda c=c, a=a: erlang_b(c, a)) for (c, a), v in known.items()]  # type: ignore[misc]


def eighty_twenty() -> list[Formula]:
    """100 calls in 30 min of 3 min each, 80 % within 20 s, nobody busier than 85 %, 30 % shrinkage (documentation of pyworkforce)."""
    plan = positions(100 / 30, 3, within=1 / 3, target=0.8, max_occupancy=0.85, shrinkage=0.3)
    known = [
        ("positions", 14, 0.0, float(plan.raw)),
        ("positions with shrinkage", 20, 0.0, float(plan.rostered)),
        ("service level", 0.88835, 1e-6, plan.queue.service_level(1 / 3)),
        ("occupancy", 0.714286, 1e-6, plan.queue.occupancy),
        ("delay rate", 0.174132, 1e-6, plan.queue.p_wait),
        ("ASA, min", 0.130599, 1e-6, plan.queue.wait_mean),
        ("service level of 13", 0.7956, 1e-4, ErlangC(100 / 30, 3, 13).service_level(1 / 3)),
    ]
    return [Formula("P02", f"80/20, {name}", value, near, lambda x=ours: x) for name, value, near, ours in known]  # type: ignore[misc]


def service_levels() -> list[Formula]:
    """One log, four formulas: the worked tables of Cisco (ICM user guide, tables 3 and 4) and Genesys Cloud."""
    cisco = {"answered_in_time": 70, "abandoned_early": 10, "answered_late": 20}
    genesys = {"answered_in_time": 730, "answered_late": 120, "abandoned_early": 40, "abandoned_late": 110}
    known = [
        ("Cisco, abandons ignored", 7 / 9, service_level("excluding_short_abandons", **cisco)),
        ("Cisco, abandons negative", 0.7, service_level("answered_in_time_over_offered", **cisco)),
        ("Cisco, abandons positive", 0.8, service_level("abandons_count_as_met", **cisco)),
        ("Genesys, all abandons", 0.73, service_level("answered_in_time_over_offered", **genesys)),
        ("Genesys, without short ones", 0.7604166666666666, service_level("excluding_short_abandons", **genesys)),
        ("Genesys, answered only", 0.8588235294117647, service_level("answered_in_time_over_answered", **genesys)),
        ("Genesys, with flow-outs", 0.7087378640776699, service_level("answered_in_time_over_offered", **genesys, other=30)),
    ]
    return [Formula("P10", name, value, 1e-9, lambda x=ours: x) for name, value, ours in known]  # type: ignore[misc]


def shift_cover() -> list[Formula]:
    """A day of 24 hours, Erlang C in each, eight shifts of six hours (Anonymous Bank, data_anonymous_bank_shifts.csv of mtpa)."""
    calls = (10, 6, 4, 3, 3, 5, 20, 60, 110, 140, 150, 145, 140, 138, 135, 130, 120, 105, 90, 80, 70, 55, 35, 20)
    known = (2, 2, 1, 1, 1, 2, 3, 5, 8, 10, 11, 10, 10, 10, 10, 10, 9, 8, 7, 7, 6, 5, 4, 3)
    required = [positions(n / 60, 3, within=1 / 3, target=0.8).raw for n in calls]
    shifts = [[int(first <= hour < first + 6) for hour in range(24)] for first in (0, 6, 8, 10, 12, 14, 16, 18)]
    differ = sum(a != b for a, b in zip(required, known, strict=True))
    cheapest = cover(required, shifts, (84, 76, 76, 76, 76, 84, 84, 84)).cost
    return [
        Formula("P21", "hours whose need differs from what is known", 0, 0.0, lambda: float(differ)),
        Formula("P21", "cost of the cheapest cover", 2200, 1e-6, lambda: cheapest),
    ]


def formulas() -> list[Formula]:
    """All of them."""
    return [*erlang_b_table(), *eighty_twenty(), *service_levels(), *shift_cover()]
