"""Call centres that others have published with their results: scenarios/published.

ContactCenters (github.com/umontreal-simul/contactcenters, commit f5ddb4a) and SSJ (github.com/umontreal-simul/ssj), University of
Montreal, Apache-2.0: parameters and results are taken, no code.  Known values: the exact transient solution, or an
independent simulation of 100,000 days and more that agrees with what was published.
"""

from __future__ import annotations

from omnisim.validation.cases import FORMULAS, Case, Floats, Length, Played, Row, deviation_of, kpi, mean, pooled

OFFERED, ANSWERED, EXCLUDING, AS_MET = FORMULAS


def _in_target(seen: Played) -> Floats:
    """Answered in time, by seed."""
    return seen.parts("service_level", OFFERED)[0]


def mmc() -> list[Row]:
    return [
        mean("answered in 20 s", 1815.27, 5, _in_target),
        pooled("service_level", 0.900432, 0.004, OFFERED),
        kpi("asa_s", 60 * 0.10056, 60 * 0.004),
        kpi("occupancy", 0.696934, 0.003),
    ]


def mmc_abandonment() -> list[Row]:
    return [
        kpi("contacts_abandoned", 59.24, 1.5),  # of [0, 480 min]; fewer than 0.2 more while the queue drains
        mean("answered in 20 s", 1906.72, 4, _in_target),
        kpi("occupancy", 0.676558, 0.003),
        pooled("service_level", 0.9744, 0.002, ANSWERED),
        pooled("service_level", 0.9681, 0.002, EXCLUDING),
    ]


def mmc_blocked() -> list[Row]:
    return [
        kpi("contacts_blocked", 18.863, 0.9),
        mean("answered in 20 s", 1854.07, 4, _in_target),
        pooled("service_level", 0.919677, 0.003, OFFERED),
        pooled("service_level", 0.9284, 0.003, ANSWERED),
        kpi("occupancy", 0.690473, 0.003),
    ]


EXPECTED = 1660  # calls a day: totals are divided by this known expectation, as published


def ssj(wait_s: float, good: float, lost: float, sd: float, near: tuple[float, float, float, float, float]) -> list[Row]:
    def waits(seen: Played) -> Floats:
        return seen.parts("wait_mean_s")[0] / EXPECTED  # of the answered and of those who gave up

    return [
        kpi("contacts_offered", EXPECTED, near[0]),
        Row("sd of contacts_offered", sd, near[1], lambda seen: deviation_of(seen("contacts_offered"))),
        mean("wait over 1660, s", wait_s, near[2], waits),
        mean("good over 1660", good, near[3], lambda seen: seen.parts("service_level")[0] / EXPECTED),
        mean("abandoned over 1660", lost, near[4], lambda seen: seen("contacts_abandoned") / EXPECTED),
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
        case("ssj-call-center", "P05", lambda: ssj(4.716, 0.92466, 0.01986, 92.461, (10, 7, 0.2, 0.004, 0.0007)), 600, 2400),
        case("ssj-call-center-busy", "P05", lambda: ssj(12.446, 0.85395, 0.03635, 526.517, (40, 20, 2.0, 0.012, 0.004)), 2500, 7500),
    )
