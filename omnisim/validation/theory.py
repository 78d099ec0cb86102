"""Steady states whose numbers are known exactly: scenarios/theory against omnisim.staffing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from omnisim.records import Records
from omnisim.staffing import durations, exact
from omnisim.staffing.durations import Duration
from omnisim.staffing.formulas import (
    ErlangC,
    Overflow,
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
from omnisim.validation.cases import FORMULAS, Case, Floats, Length, Played, Row, beside, kpi, mean, mean_of

OFFERED, ANSWERED, EXCLUDING, AS_MET = FORMULAS
P19 = {"p_wait": 0.012, "p_abandon": 0.004, "wait_s": 0.72, "queue": 0.12, "occupancy": 0.003, "level": 0.012, "offered": 0.012}
P03 = {"p_wait": 0.012, "p_abandon": 0.0015, "wait_s": 0.18, "queue": 0.15, "occupancy": 0.003, "level": 0.004, "offered": 0.005}


def mm1() -> list[Row]:
    """M/M/1 at load .8: Erlang C with one agent."""
    q = ErlangC(0.8, 1, 1)
    return [
        kpi("delay_rate", q.p_wait, 0.02),
        kpi("wait_mean_s", 60 * q.wait_mean, 20),
        kpi("queue_mean", q.queue_mean, 0.3),
        kpi("occupancy", q.occupancy, 0.01),
    ]


def mmc() -> list[Row]:
    """M/M/50 at load .96: Erlang C; what differs between replications is how busy they were."""
    q = ErlangC(48, 1, 50)
    busy = ("occupancy", "phone", q.occupancy)
    return [
        kpi("delay_rate", q.p_wait, 0.03),
        kpi("occupancy", q.occupancy, 0.005, pool="phone"),
        beside("wait_mean_s", 60 * q.wait_mean, 2.0, busy, slow=True),
        beside("queue_mean", q.queue_mean, 1.7, busy, slow=True),
        beside("wait_p90_s", 60 * q.wait_quantile(0.9) + 0.5, 5, busy, slow=True),  # the KPI is rounded up to a whole second
    ]


def erlang_b_rows() -> list[Row]:
    """10 erlangs on 10 agents where nobody can wait: Erlang B."""
    b = erlang_b(10, 10)
    return [
        kpi("delay_rate", b, 0.005),
        kpi("occupancy", 1 - b, 0.005),  # 10 erlangs offered to 10 agents
        kpi("wait_mean_s", 0.0, 0.0),
        mean("blocked", b, 0.005, lambda seen: seen("contacts_blocked") / seen("contacts_offered")),
    ]


def with_patience(q: PatienceQueue, within_s: float, tolerance: Mapping[str, float]) -> list[Row]:
    """M/M/c+G: wait, abandonment and service level under each of the four formulas, each within its `tolerance`."""
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
        mean(
            "abandoned within",
            q.abandoned_within(within),
            tolerance["p_abandon"],
            lambda seen: seen("service_level", AS_MET) - seen("service_level", OFFERED),
        ),
    ]


def balking() -> Duration:
    """One in ten hangs up rather than wait, the others wait 4 min on average."""
    return durations.mixture((0.1, durations.constant(0)), (0.9, durations.exponential(4)))


def mg1() -> list[Row]:
    """M/G/1: Pollaczek and Khinchine."""
    wait, queue = pollaczek_khinchine(0.15, 5, 1.5)
    return [kpi("occupancy", 0.75, 0.01), kpi("delay_rate", 0.75, 0.015), kpi("wait_mean_s", 60 * wait, 90), kpi("queue_mean", queue, 0.25)]


def two_classes(fifo: bool) -> list[Row]:
    """Two classes of callers of one pool, in order of arrival (`fifo`) or the urgent first: Cobham."""
    p = priorities([0.6, 0.7], 5, 8)
    urgent, normal = (p.fifo, p.fifo) if fifo else p.waits
    return [
        kpi("delay_rate", p.p_wait, 0.015),
        kpi("wait_mean_s", 60 * urgent, 60 * (0.11 if fifo else 0.02), channel="urgent"),
        kpi("wait_mean_s", 60 * normal, 60 * (0.11 if fifo else 0.2), channel="normal"),
        kpi("wait_mean_s", 60 * p.fifo, 60 * 0.11),  # the order of service moves waiting about and makes none
    ]


def n_model() -> list[Row]:
    """One pool for the first channel and one for both: a sparse chain."""
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
        mean(
            "first calls served by B",
            r.first_by_b,
            0.004,
            lambda seen: seen("contacts_handled", channel="first", pool="B") / seen("contacts_handled", channel="first"),
        ),
    ]


def redials() -> list[Row]:
    """A share of those who give up calls again: a sparse chain."""
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
    """After-contact work that keeps the agent: a sparse chain."""
    r = exact.talk_wrap(2, 4, 1.5, 11, 2.5)

    def talk_share(seen: Played) -> Floats:
        """Of agent time: handled contacts x their talk (handle time less the wrap-up that is drawn for each, mean 1.5 min)."""
        return seen("occupancy") * (1 - 90 / seen("handle_time_s"))

    return [
        kpi("delay_rate", r.callers.p_wait, 0.012),
        kpi("abandon_rate", r.callers.p_abandon, 0.005),
        kpi("wait_mean_s", 60 * r.callers.wait_mean, 0.72),
        kpi("occupancy", r.occupancy, 0.004),
        kpi("handle_time_s", 330, 4),
        mean("talk share", r.talk, 0.004, talk_share),
    ]


def chat() -> list[Row]:
    """The numbers of an exact chain of 75 states: agents idle, with one chat, with two, and those waiting."""
    return [
        kpi("delay_rate", 0.348931, 0.01),
        kpi("abandon_rate", 0.166734, 0.005),
        kpi("wait_mean_s", 60 * 0.333468, 0.72),
        kpi("concurrency_mean", 1.665734, 0.02),
        kpi("handle_time_s", 60 * 8.179319, 7.2),
        kpi("occupancy", 0.920614, 0.004),
        mean("chats in service", 6.133993, 0.12, lambda seen: 4 * seen("occupancy") * seen("concurrency_mean")),
    ]


def chat_without_slowdown() -> list[Row]:
    """Agents with several chats that do not slow each other down: Erlang A over the places."""
    q = erlang_a(1, 10, 12, 2)  # every place is a server
    return [
        kpi("delay_rate", q.p_wait, 0.01),
        kpi("abandon_rate", q.p_abandon, 0.004),
        kpi("wait_mean_s", 60 * q.wait_mean, 0.6),
        mean("chats in service", 12 * q.occupancy, 0.08, lambda seen: 4 * seen("occupancy") * seen("concurrency_mean")),
        kpi("occupancy", 0.984195, 0.003),  # with a chat at least: an exact chain
    ]


def network() -> list[Row]:
    """Four channels as a Jackson network; conversion from the absorbing chain."""
    names, outside = ["web", "chat", "call", "store"], [6, 1, 1.5, 1]
    switch = [[0, 0.15, 0.1, 0.05], [0.1, 0, 0.2, 0.05], [0.05, 0.05, 0.08, 0.1], [0.05, 0, 0.05, 0]]
    n = jackson(outside, switch, [3, 8, 6, 12], [30, 18, 22, 26])
    busy = ("occupancy", "chat", n.nodes[names.index("chat")].occupancy)  # 94 %: what differs between replications is the chat
    rows = [
        kpi("conversion", float(np.average(absorbing(switch, [0.2, 0.3, 0.35, 0.55]), weights=outside)), 0.003),
        mean("visits", n.visits, 0.006, lambda seen: seen("contacts_offered") / seen("visitors")),
        beside("journey_time_s", 60 * n.sojourn, 9, busy, slow=True),
    ]
    for name, q, near in zip(names, n.nodes, [0.003, 0.5, 0.1, 0.2], strict=True):
        slow = name == "chat"
        rows += [
            kpi("delay_rate", q.p_wait, 0.05, slow=slow, channel=name),
            (
                beside("wait_mean_s", 60 * q.wait_mean, 60 * near, busy, slow=True, channel=name)
                if slow
                else kpi("wait_mean_s", 60 * q.wait_mean, 60 * near, channel=name)
            ),
            kpi("occupancy", q.occupancy, 0.015, slow=slow, pool=name),
            mean(f"rate {name}", q.arrival_rate, 0.05, lambda seen, name=name: seen("contacts_offered", channel=name) / seen.minutes),  # type: ignore[misc]
        ]
    return rows


def moving_demand() -> list[Row]:
    """Mean busy agents in each hour: Simpson's rule over m(t), fine enough for 1e-6."""
    law, starts, rates = durations.lognormal(30, 1), [0.0, 360.0, 720.0, 1080.0], [0.5, 3.0, 1.0, 2.0]
    rows = [kpi("delay_rate", 0.0, 0.0)]
    for hour in range(24):
        m = mt_g_infinity(np.linspace(60 * hour, 60 * hour + 60, 241), starts, rates, law)
        simpson = float(m[0] + m[-1] + 4 * m[1:-1:2].sum() + 2 * m[2:-1:2].sum()) / 720

        def busy(seen: Played, hour: int = hour) -> Floats:
            return 200 * seen("occupancy", pool="phone", interval=seen.interval(hour))

        rows.append(mean(f"busy at {hour} h", simpson, 3, busy))
    return rows


def overflow_rows() -> list[Row]:
    """Traffic that overflows from one pool to a second: Kosten's system by its chain."""
    known = Overflow(10, 10, 4)
    return [
        mean("overflowing", known.p_block_primary, 0.005, _overflowing),
        mean("load overflowing", known.load, 0.05, lambda seen: 10 * _overflowing(seen)),
        mean("overflow lost", known.lost_of_overflow, 0.008, lambda seen: _lost(seen) / _overflowing(seen)),
        mean("lost", known.lost, 0.003, _lost),
    ]


def _overflowing(seen: Played) -> Floats:
    first: Floats = seen("contacts_handled", channel="call_center", pool="primary") / seen("contacts_offered")
    return 1 - first


def _lost(seen: Played) -> Floats:
    lost: Floats = seen("contacts_blocked") / seen("contacts_offered")
    return lost


def peakedness_rows() -> list[Row]:
    """Variance over mean of what overflows, with agents enough in the second pool."""
    known = Overflow(10, 10, 4)
    return [
        Row("peakedness", known.peakedness, 0.1, lambda seen: mean_of(seen.observed["peakedness"])),
        Row("mean busy", known.load, 0.05, lambda seen: mean_of(seen.observed["busy"])),
    ]


def busy_in_secondary(tables: Tables, story: Records) -> dict[str, list[float]]:
    """Time average of the number in service in the second group, and its variance over its mean."""
    t = story.touches
    of = t[(t["pool"] == tables.pools.index("secondary")) & ~np.isnan(t["started"])]
    ends = np.where(np.isnan(of["ended"]), tables.horizon_s, of["ended"])
    moments = np.concatenate([of["started"], ends, [tables.warmup_s, tables.horizon_s]])
    steps = np.concatenate([np.ones(len(of)), -np.ones(len(of)), [0.0, 0.0]])
    order = np.argsort(moments, kind="stable")
    clock, busy = np.clip(moments[order], tables.warmup_s, tables.horizon_s), np.cumsum(steps[order])
    share = np.diff(clock) / (tables.horizon_s - tables.warmup_s)
    m = float(share @ busy[:-1])
    return {"busy": [m], "peakedness": [float(share @ busy[:-1] ** 2) / m - m]}


def backlog_rows() -> list[Row]:
    """100 mails, 10 batches of five in each of two one-hour shifts: the first half in 6..60 min, the second in 1446..1500."""
    done = np.concatenate([np.arange(6, 61, 6), 1440 + np.arange(6, 61, 6)])
    return [
        kpi("contacts_handled", 100, 0.0),
        kpi("contacts_open", 0, 0.0),
        kpi("reply_mean_s", 60 * float(done.mean()), 0.0),  # 753 min
        kpi("replied_in_time_rate", 0.5, 0.0),
        kpi("backlog_mean", 5 * float(done.sum()) / 2880, 0.0),
        kpi("occupancy", 1.0, 0.0),
        Row("done by 60 min", 50, 0.0, lambda seen: mean_of(seen.observed["done"])),
        Row("backlog overnight", 50, 0.0, lambda seen: mean_of(seen.observed["left"])),
        Row("last done, min", 1500, 0.0, lambda seen: mean_of(seen.observed["last"])),
    ]


def answered_by_shift(tables: Tables, story: Records) -> dict[str, Sequence[float]]:
    """Mails answered by 60 min, left over at midnight, and the moment of the last answer, min."""
    ends = story.touches["ended"] / 60
    return {"done": [float((ends <= 60).sum())], "left": [float((ends > 1440).sum())], "last": [float(ends.max())]}


def cases() -> tuple[Case, ...]:
    """Every case of scenarios/theory."""

    def case(name: str, public: str, rows: object, short: Length, full: Length, **more: object) -> Case:
        return Case(name, public, f"theory/{more.pop('file', name)}", rows, short, full, **more)  # type: ignore[arg-type]

    calls = "call_center"
    return (
        case("mm1", "-", mm1, Length(26, 5), Length(80, 5)),
        case("mmc", "P03", mmc, Length(20, 0.68), Length(80, 2)),
        case("erlang-b", "P01", erlang_b_rows, Length(20, 0.5), Length(80, 0.5)),
        case("erlang-a", "P03", lambda: with_patience(erlang_a(48, 1, 50, 2), 20, P03), Length(20, 1), Length(80, 1), formulas=calls),
        case("mg1", "P12", mg1, Length(20, 100), Length(80, 100)),
        case("priorities", "P11", lambda: two_classes(fifo=False), Length(20, 12), Length(80, 12)),
        case("priorities-fifo", "P11", lambda: two_classes(fifo=True), Length(20, 12), Length(80, 12)),
        case("overflow", "P13", n_model, Length(20, 2.4), Length(80, 2.4)),
        case("redials", "P15", redials, Length(20, 5.5), Length(80, 5.5)),
        case("wrap", "P16", wrap, Length(20, 3), Length(80, 3)),
        case("chat-no-slowdown", "P14a", chat_without_slowdown, Length(26, 6), Length(80, 8)),
        case("chat", "P14b", chat, Length(20, 5), Length(80, 5)),
        case("overflow-loss", "P18", overflow_rows, Length(26, 0.9), Length(80, 1)),
        case(
            "peakedness", "P18", peakedness_rows, Length(20, 0.8), Length(80, 1), file="overflow-loss",
            changes={"staffing.pools.secondary.agents": 200}, observe=busy_in_secondary,
        ),
        case(
            "fixed-patience", "P19a", lambda: with_patience(PatienceQueue(9, 3, 28, durations.constant(1)), 20, P19),
            Length(20, 2.6), Length(80, 2.6), formulas=calls,
        ),
        case(
            "balking", "P19b", lambda: with_patience(PatienceQueue(10, 3, 30, balking()), 30, P19),
            Length(20, 1.9), Length(80, 1.9), formulas=calls,
        ),
        case("jackson", "P20", network, Length(20, 2), Length(160, 8)),
        case("moving-demand", "-", moving_demand, Length(40, 1), Length(200, 1)),
        case("backlog", "P24", backlog_rows, Length(2), Length(2), observe=answered_by_shift),
    )  # fmt: skip
