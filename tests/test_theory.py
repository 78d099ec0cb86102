"""A textbook queue, written in ten lines, gives the textbook number: simulated means against the exact ones.

Each row passes where the mean over seeds lies within 4 standard errors of the exact value, within its stated tolerance, and
the half-width of its 95 % interval is no larger than half the tolerance, from two base seeds on the compiled engine (the
tolerance itself for a `slow` row, which needs more calls).  A shorter run is made on the reference engine: half-width no
larger than the tolerance, and for a slow row only the 4 standard errors.  `make long` holds the reference to the full rule.
"""

import math
import os
import pathlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest

import omnisim as om
from omnisim.estimate import Sample, spread
from omnisim.kpis import columns, measure
from omnisim.staffing import durations, exact
from omnisim.staffing.formulas import (
    ErlangC,
    PatienceQueue,
    absorbing,
    erlang_a,
    erlang_b,
    jackson,
    mt_g_infinity,
    pollaczek_khinchine,
    priorities,
)
from omnisim.tables import Tables
from omnisim.words import Formula

HERE = pathlib.Path(__file__).resolve().parent.parent / "scenarios" / "theory"
WORKERS = 1 if "PYTEST_XDIST_WORKER" in os.environ else None  # the test workers already use the cores
FORMULAS = [f.name.lower() for f in Formula]
OFFERED, ANSWERED, EXCLUDING, AS_MET = FORMULAS
DAY_S = 86_400.0


@dataclass(frozen=True)
class Played:
    """The replications of one scenario, under one or several service-level formulas (same records, other measure)."""

    scenario: om.Scenario
    samples: dict[str, Sample]

    def __call__(self, kpi: str, formula: str = "", **scope: str) -> np.ndarray:
        """One KPI by seed [seed]."""
        sample = self.samples[formula] if formula else next(iter(self.samples.values()))
        wanted = [j for j, c in enumerate(sample.columns) if c.kpi == kpi and dict(c.scope) == scope]
        assert len(wanted) == 1, f"no {kpi} {scope}"
        return sample.value[:, wanted[0]]

    def interval(self, number: int) -> str:
        """The name of an interval, counted from 0."""
        columns = next(iter(self.samples.values())).columns
        return sorted({dict(c.scope)["interval"] for c in columns if "interval" in dict(c.scope)})[number]

    @property
    def minutes(self) -> float:
        """How long was measured."""
        return (self.scenario.clock.horizon - self.scenario.clock.warmup) / 60


@dataclass(frozen=True)
class Row:
    """One exact value, how near the mean must be, and what is measured, by seed."""

    name: str
    value: float
    tolerance: float
    seen: Callable[[Played], np.ndarray]
    slow: bool = False


@dataclass(frozen=True)
class Case:
    """A scenario of scenarios/theory, and how many replications of how many days the short and the full run take."""

    days: float
    rows: list[Row]
    seeds: int = 20
    long_days: float | None = None
    long_seeds: int = 80
    by_formula: bool = False


def kpi(name: str, value: float, tolerance: float, formula: str = "", slow: bool = False, **scope: str) -> Row:
    """A row that is a KPI as it stands."""
    return Row(" ".join([name, formula, *scope.values()]).strip(), value, tolerance, lambda seen: seen(name, formula, **scope), slow)


def mm1() -> list[Row]:
    q = ErlangC(0.8, 1, 1)
    return [
        kpi("delay_rate", q.p_wait, 0.02),
        kpi("wait_mean_s", 60 * q.wait_mean, 20),
        kpi("queue_mean", q.queue_mean, 0.3),
        kpi("occupancy", q.occupancy, 0.01),
    ]


def mmc() -> list[Row]:
    q = ErlangC(48, 1, 50)
    return [
        kpi("delay_rate", q.p_wait, 0.03),
        kpi("occupancy", q.occupancy, 0.005, pool="phone"),
        kpi("wait_mean_s", 60 * q.wait_mean, 2.0, slow=True),
        kpi("queue_mean", q.queue_mean, 1.7, slow=True),
        kpi("wait_p90_s", 60 * q.wait_quantile(0.9) + 0.5, 5, slow=True),  # the KPI is rounded up to a whole second
    ]


def erlang_b_rows() -> list[Row]:
    b = erlang_b(10, 10)
    return [
        kpi("delay_rate", b, 0.005),
        kpi("occupancy", 1 - b, 0.005),  # 10 erlangs offered to 10 agents
        kpi("wait_mean_s", 0.0, 0.0),
        Row("blocked", b, 0.005, lambda seen: seen("contacts_blocked") / seen("contacts_offered")),
    ]


def with_patience(q: PatienceQueue, within_s: float, tolerance: dict[str, float]) -> list[Row]:
    within = within_s / 60
    near = dict.fromkeys(FORMULAS, tolerance["level"]) | {OFFERED: tolerance["offered"]}
    return [
        kpi("delay_rate", q.p_wait, tolerance["p_wait"]),
        kpi("abandon_rate", q.p_abandon, tolerance["p_abandon"]),
        kpi("wait_mean_s", 60 * q.wait_mean, tolerance["wait_s"]),
        kpi("asa_s", 60 * q.asa_served, tolerance["wait_s"]),
        kpi("queue_mean", q.queue_mean, tolerance["queue"]),
        kpi("occupancy", q.occupancy, tolerance["occupancy"]),
        *(kpi("service_level", q.service_level(f, within), near[f], formula=f) for f in FORMULAS),
        Row(
            "abandoned within",
            q.abandoned_within(within),
            tolerance["p_abandon"],
            lambda seen: seen("service_level", AS_MET) - seen("service_level", OFFERED),
        ),
    ]


P19 = {"p_wait": 0.012, "p_abandon": 0.004, "wait_s": 0.72, "queue": 0.12, "occupancy": 0.003, "level": 0.012, "offered": 0.012}
P03 = {"p_wait": 0.012, "p_abandon": 0.0015, "wait_s": 0.18, "queue": 0.15, "occupancy": 0.003, "level": 0.004, "offered": 0.005}
BALKING = durations.mixture((0.1, durations.constant(0)), (0.9, durations.exponential(4)))


def mg1() -> list[Row]:
    wait, queue = pollaczek_khinchine(0.15, 5, 1.5)
    return [kpi("occupancy", 0.75, 0.01), kpi("delay_rate", 0.75, 0.015), kpi("wait_mean_s", 60 * wait, 90), kpi("queue_mean", queue, 0.25)]


def two_classes(fifo: bool) -> list[Row]:
    p = priorities([0.6, 0.7], 5, 8)
    urgent, normal = (p.fifo, p.fifo) if fifo else p.waits
    return [
        kpi("delay_rate", p.p_wait, 0.015),
        kpi("wait_mean_s", 60 * urgent, 60 * (0.11 if fifo else 0.02), channel="urgent"),
        kpi("wait_mean_s", 60 * normal, 60 * (0.11 if fifo else 0.2), channel="normal"),
        kpi("wait_mean_s", 60 * p.fifo, 60 * 0.11),  # the order of service moves waiting about and makes none
    ]


def n_model() -> list[Row]:
    r = exact.n_model((3, 2), (3, 3), (1, 1, 1), (2, 2))
    return [
        kpi("delay_rate", r.first.p_wait, 0.006, channel="first"),
        kpi("delay_rate", r.second.p_wait, 0.008, channel="second"),
        kpi("abandon_rate", r.first.p_abandon, 0.0015, channel="first"),
        kpi("abandon_rate", r.second.p_abandon, 0.005, channel="second"),
        kpi("wait_mean_s", 60 * r.first.wait_mean, 0.15, channel="first"),
        kpi("wait_mean_s", 60 * r.second.wait_mean, 0.72, channel="second"),
        kpi("occupancy", r.occupancy_a, 0.004, pool="A"),
        kpi("occupancy", r.occupancy_b, 0.004, pool="B"),
        Row(
            "first calls served by B",
            r.first_by_b,
            0.004,
            lambda seen: seen("contacts_handled", channel="first", pool="B") / seen("contacts_handled", channel="first"),
        ),
    ]


def redials() -> list[Row]:
    r = exact.redials(1.6, 4, 7, 2, 0.5, 10)
    return [
        kpi("contacts_per_issue", r.attempts, 0.006),
        kpi("abandon_rate", r.p_abandon, 0.005),
        kpi("wait_mean_s", 60 * r.wait_mean, 0.72),
        kpi("first_contact_resolution", r.served, 0.003),
        kpi("occupancy", r.occupancy, 0.004),
        kpi("retrying_mean", r.orbit, 0.25),
        kpi("delay_rate", r.p_wait, 0.01),
    ]


def wrap() -> list[Row]:
    r = exact.talk_wrap(2, 4, 1.5, 11, 2.5)
    return [
        kpi("delay_rate", r.callers.p_wait, 0.012),
        kpi("abandon_rate", r.callers.p_abandon, 0.005),
        kpi("wait_mean_s", 60 * r.callers.wait_mean, 0.72),
        kpi("occupancy", r.occupancy, 0.004),
        kpi("handle_time_s", 330, 4),
    ]


def chat() -> list[Row]:
    """The numbers of an exact chain of 75 states (public case P14b): agents idle, with one chat, with two, and those waiting."""
    return [
        kpi("delay_rate", 0.348931, 0.01),
        kpi("abandon_rate", 0.166734, 0.005),
        kpi("wait_mean_s", 60 * 0.333468, 0.72),
        kpi("concurrency_mean", 1.665734, 0.02),
        kpi("handle_time_s", 60 * 8.179319, 7.2),
        kpi("occupancy", 0.920614, 0.004),
    ]


def network() -> list[Row]:
    names, outside = ["web", "chat", "call", "store"], [6, 1, 1.5, 1]
    switch = [[0, 0.15, 0.1, 0.05], [0.1, 0, 0.2, 0.05], [0.05, 0.05, 0.08, 0.1], [0.05, 0, 0.05, 0]]
    n = jackson(outside, switch, [3, 8, 6, 12], [30, 18, 22, 26])
    rows = [
        kpi("conversion", float(np.average(absorbing(switch, [0.2, 0.3, 0.35, 0.55]), weights=outside)), 0.003),
        Row("visits", n.visits, 0.006, lambda seen: seen("contacts_offered") / seen("visitors")),
        kpi("journey_time_s", 60 * n.sojourn, 9, slow=True),  # chat is busy 94 % of the time
    ]
    for name, q, near in zip(names, n.nodes, [0.003, 0.5, 0.1, 0.2], strict=True):
        slow = name == "chat"
        rows += [
            kpi("delay_rate", q.p_wait, 0.05, slow=slow, channel=name),
            kpi("wait_mean_s", 60 * q.wait_mean, 60 * near, slow=slow, channel=name),
            kpi("occupancy", q.occupancy, 0.015, pool=name),
            Row(f"rate {name}", q.arrival_rate, 0.05, lambda seen, name=name: seen("contacts_offered", channel=name) / seen.minutes),
        ]
    return rows


def moving_demand() -> list[Row]:
    """Mean busy agents in each hour: Simpson's rule over m(t), fine enough for 1e-6."""
    law, starts, rates = durations.lognormal(30, 1), [0, 360, 720, 1080], [0.5, 3, 1, 2]
    rows = [kpi("delay_rate", 0.0, 0.0)]
    for hour in range(24):
        m = mt_g_infinity(np.linspace(60 * hour, 60 * hour + 60, 241), starts, rates, law)
        simpson = (m[0] + m[-1] + 4 * m[1:-1:2].sum() + 2 * m[2:-1:2].sum()) / 720

        def busy(seen: Played, hour: int = hour) -> np.ndarray:
            return 200 * seen("occupancy", pool="phone", interval=seen.interval(hour))

        rows.append(Row(f"busy at {hour} h", simpson, 3, busy))
    return rows


CASES = {
    "mm1": Case(5, mm1()),
    "mmc": Case(0.68, mmc(), long_days=2, long_seeds=40),
    "erlang-b": Case(0.5, erlang_b_rows()),
    "erlang-a": Case(1, with_patience(erlang_a(48, 1, 50, 2), 20, P03), by_formula=True),
    "fixed-patience": Case(2.6, with_patience(PatienceQueue(9, 3, 28, durations.constant(1)), 20, P19), by_formula=True),
    "balking": Case(1.9, with_patience(PatienceQueue(10, 3, 30, BALKING), 30, P19), by_formula=True),
    "mg1": Case(100, mg1()),
    "priorities": Case(12, two_classes(fifo=False)),
    "priorities-fifo": Case(12, two_classes(fifo=True)),
    "overflow": Case(2.4, n_model()),
    "redials": Case(5.5, redials()),
    "wrap": Case(3, wrap()),
    "chat": Case(5, chat()),
    "jackson": Case(2, network(), long_days=8, long_seeds=120),
    "moving-demand": Case(1, moving_demand(), seeds=40, long_seeds=200),
}


def play(name: str, days: float, seeds: int, seed: int, engine: str) -> Played:
    """Run the scenario over its seeds; where its formulas are compared, measure the same records once for each."""
    scenario = om.load(HERE / f"{name}.yaml").with_({"clock.horizon": f"{days:g} d"})
    if not CASES[name].by_formula:
        return Played(scenario, {"": om.run(scenario, seeds=seeds, seed=seed, workers=WORKERS, engine=engine).sample("")})
    variants = {f: Tables.build(scenario.with_({"channels.call_center.help.service_level.formula": f})) for f in FORMULAS}
    seen = {f: [] for f in FORMULAS}
    for s in range(seed, seed + seeds):
        story = om.simulate(scenario, s, engine=engine)
        for f, tables in variants.items():
            seen[f].append(measure(tables, story))
    return Played(
        scenario,
        {f: Sample(f, columns(t), np.array([v.num for v in seen[f]]), np.array([v.den for v in seen[f]])) for f, t in variants.items()},
    )


def compare(row: Row, seen: Played, full: bool) -> tuple[str, bool]:
    """One line for the eye, and whether the row holds."""
    s = spread(row.seen(seen))
    assert s.sd is not None
    low, high = s.interval(0.05) or (s.mean, s.mean)
    half, off = (high - low) / 2, abs(s.mean - row.value)
    errors = 0.0 if off == 0 else off / (s.sd / math.sqrt(s.n)) if s.sd else math.inf
    near = off <= row.tolerance and half <= row.tolerance * (0.5 if full and not row.slow else 1)
    ok = errors <= 4 and (near or (row.slow and not full))
    share = half / row.tolerance if row.tolerance else 0.0
    return f"{row.name:42} exact {row.value:.6g} seen {s.mean:.6g} +- {half:.3g}, {errors:.2f} s.e., {share:.2f} of the tolerance", ok


def check(name: str, days: float, seeds: int, seed: int, engine: str, full: bool) -> None:
    seen = play(name, days, seeds, seed, engine)
    lines = [compare(row, seen, full) for row in CASES[name].rows]
    print("\n".join(f"{'' if ok else 'FAILS '}{line}" for line, ok in lines))
    assert [line for line, ok in lines if not ok] == []


@pytest.mark.parametrize("name", CASES)
def test_textbook_queue_gives_the_textbook_number(name):
    check(name, CASES[name].days, CASES[name].seeds, 1, "reference", full=False)


@pytest.mark.parametrize("seed", [10_001, 20_001])
@pytest.mark.parametrize("name", CASES)
def test_textbook_queue_gives_the_textbook_number_at_half_the_tolerance(name, seed):
    check(name, CASES[name].long_days or CASES[name].days, CASES[name].long_seeds, seed, "compiled", full=True)


@pytest.mark.long
@pytest.mark.parametrize("seed", [10_001, 20_001])
@pytest.mark.parametrize("name", CASES)
def test_the_reference_engine_at_half_the_tolerance(name, seed):
    check(name, CASES[name].long_days or CASES[name].days, CASES[name].long_seeds, seed, "reference", full=True)


def test_inbox_backlog_is_arithmetic():
    """100 mails, 10 batches of five in each of two one-hour shifts: the first half in 6..60 min, the second in 1446..1500."""
    scenario = om.load(HERE / "backlog.yaml")
    answer = om.run(scenario, seeds=2, workers=1)
    done = np.concatenate([np.arange(6, 61, 6), 1440 + np.arange(6, 61, 6)])
    for name, value in {
        "contacts_handled": 100,
        "contacts_open": 0,
        "reply_mean_s": 60 * done.mean(),  # 753 min
        "replied_in_time_rate": 0.5,
        "backlog_mean": 5 * done.sum() / 2880,
        "occupancy": 1.0,
    }.items():
        assert answer.kpi(name).mean == pytest.approx(value, rel=1e-12), name
    ends = np.sort(om.simulate(scenario, 1).touches["ended"]) / 60
    assert (ends <= 60).sum() == 50  # completion comes before the next contact is taken at the end of the shift
    assert ends[-1] == 1500
    assert ((ends > 60) & (ends <= 1440)).sum() == 0


def test_every_theory_scenario_states_its_exact_answer_and_is_tested():
    for path in HERE.glob("*.yaml"):
        assert path.stem in CASES or path.stem == "backlog", f"{path.name} has no test"
        first = path.read_text(encoding="utf-8").splitlines()[0]
        assert first.startswith("# "), path.name
        assert any(c.isdigit() for c in first), path.name
