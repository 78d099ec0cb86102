"""Law: on queues whose truth is known, intervals over seeds cover it, and the same luck is worth what is claimed for it.

Coverage counts experiments, each of several seeds; bounds lie 4 standard errors off (a false alarm in 1 of 30 000).  Floors of variance
reduction are those of the design documents; an estimate from n seeds scatters by sqrt(4 / n) or so, and what is held lies well above.
"""

import math

import numpy as np
import pytest

import omnisim as om
from omnisim.estimate import spread
from omnisim.replications import replicate
from omnisim.scenario import load
from omnisim.tables import Tables

CALLS = """
omnisim: 1
name: queue
clock: {{horizon: {horizon}, warmup: {warmup}}}
demand:
{demand}
channels:
{channels}
staffing:
  pools:
{pools}
"""


def queue(folder, demand, channels, pools, horizon="4 h", warmup="30 min", more=""):
    lines = [f"  {name}: {{{said}}}" for name, said in demand.items()]
    path = folder / "queue.yaml"
    path.write_text(
        CALLS.format(
            horizon=horizon, warmup=warmup, demand="\n".join(lines), channels="\n".join(f"  {n}: {s}" for n, s in channels.items()),
            pools="\n".join(f"    {n}: {s}" for n, s in pools.items()),
        ) + more,
        encoding="utf-8",
    )  # fmt: skip
    return load(path)


def values(scenario, kpi, seeds):
    """The total of a KPI by seed."""
    answer = om.run(scenario, seeds=seeds, workers=1)
    (j,) = [j for j, c in enumerate(answer.columns) if c.kpi == kpi and c.scope == ()]
    return answer.num[:, j] / answer.den[:, j]


# --- coverage on M/M/1


def single(folder, mean, customers, warmup="12 h"):
    """M/M/1 with 0.8 calls a minute, so many customers after the warm-up."""
    call = f"{{help: {{mode: live, handling: {{law: exponential, mean: {mean}}}, patience: never}}}}"
    calls = {"calls": "goal: issue, rate: 0.8 /min, enter: {phone: 1}"}
    hours = customers / 48.0 + (12.0 if warmup == "12 h" else 0.0)
    return queue(folder, calls, {"phone": call}, {"desk": "{agents: 1, skills: {phone: {}}}"}, f"{hours:g} h", warmup)


def wait_of(load, mean):
    """Mean wait in an M/M/1."""
    return load / (1.0 - load) * mean


def by_experiment(scenario, experiments, seeds, base):
    """Mean waits f8[experiment, seed]; every replication has a seed of its own."""
    tables = Tables.build(scenario)
    columns = om.run(scenario, seeds=1, workers=1).columns
    (j,) = [j for j, c in enumerate(columns) if c.kpi == "asa_s" and c.scope == ()]
    found = [replicate(tables, base + i) for i in range(experiments * seeds)]
    return np.array([r.num[j] / r.den[j] for r in found]).reshape(experiments, seeds)


def covers(rows, truth):
    return np.mean([low <= truth <= high for low, high in (spread(row).interval(0.05) for row in rows)])


def test_intervals_and_paired_intervals_cover_and_an_empty_start_is_seen(tmp_path):
    """40 experiments of 10 seeds of 2 000 customers: 95 % less 4 standard errors (14 points).  Empty start, 500 customers: the mean of
    all seeds lies below the truth by more than 4 standard errors."""
    slow = by_experiment(single(tmp_path, "60 s", 2000), 40, 10, 1)
    fast = by_experiment(single(tmp_path, "55 s", 2000), 40, 10, 1)
    a, b = wait_of(0.8, 60.0), wait_of(0.8 * 55 / 60, 55.0)
    floor = 0.95 - 4 * math.sqrt(0.95 * 0.05 / 40)
    assert covers(slow, a) > floor
    assert covers(fast - slow, b - a) > floor
    assert covers(fast - slow, 0.0) < 0.2
    empty = by_experiment(single(tmp_path, "60 s", 500, "0 s"), 100, 10, 1).ravel()
    assert empty.mean() + 4 * empty.std(ddof=1) / math.sqrt(len(empty)) < a


@pytest.mark.long
@pytest.mark.parametrize("base", [1, 10_000_001])
def test_intervals_cover_long(tmp_path, base):
    """1 000 experiments of 20 seeds x 10 000 customers, from two base seeds: coverage in [93.5, 96.5] %, alone and paired."""
    slow = by_experiment(single(tmp_path, "60 s", 10_000), 1000, 20, base)
    fast = by_experiment(single(tmp_path, "55 s", 10_000), 1000, 20, base)
    a, b = wait_of(0.8, 60.0), wait_of(0.8 * 55 / 60, 55.0)
    alone, paired = covers(slow, a), covers(fast - slow, b - a)
    print(f"M/M/1, base seed {base}: intervals cover {100 * alone:.1f} %, paired {100 * paired:.1f} %")
    assert 0.935 <= alone <= 0.965
    assert 0.935 <= paired <= 0.965
    empty = by_experiment(single(tmp_path, "60 s", 500, "0 s"), 100, 20, base)
    assert covers(empty, a) < 0.935, "an empty start is detected: its intervals do not cover"


# --- variance reduction

BUSY = "{help: {mode: live, handling: {law: exponential, mean: 1 min}, patience: {law: exponential, mean: 2 min}}}"
HEAVY = "{help: {mode: live, handling: {law: lognormal, mean: 1 min, cv: 2.9}, patience: {law: exponential, mean: 2 min}}}"
CONTEXT = """context: {effects: {repeat_time: 30 s}%s}
journey: {issue: {retry: {after_abandoned: 50 %%, after_unresolved: 75 %%, delay: {law: exponential, mean: 10 min}}}}
"""


def pairs(folder):
    """(name, floor, KPI, a, b) as the design says: 100 against 102 agents; 2 x 50 against a pool of 100; lognormal sigma 1.5, two classes,
    100 against 102; siloed and forgetful against pooled with a memory."""
    one = {"calls": "goal: issue, rate: 100 /min, enter: {phone: 1}"}
    two = {n: f"goal: issue, rate: 50 /min, enter: {{{n}: 1}}" for n in ("first", "second")}
    busy, heavy = dict.fromkeys(two, BUSY), dict.fromkeys(two, HEAVY)
    split = {f"of_{n}": f"{{agents: 50, skills: {{{n}: {{}}}}}}" for n in two}

    def pool(agents):
        return {"all": f"{{agents: {agents}, skills: {{first: {{}}, second: {{}}}}}}"}

    def staff(agents):
        return {"all": f"{{agents: {agents}, skills: {{phone: {{}}}}}}"}

    lost = {n: BUSY.replace("mode: live", "mode: live, resolve: 80 %") for n in two}
    linked = ", identify: {first: 1, second: 1}, link: {first: {second: 1}, second: {first: 1}}"
    apart = ", own_memory: 0"
    calls = {"phone": BUSY}
    return [
        ("M/M/100+M against 102 agents", 15.0, queue(folder, one, calls, staff(100)), queue(folder, one, calls, staff(102))),
        ("2 x 50 against 100", 8.0, queue(folder, two, busy, split), queue(folder, two, busy, pool(100))),
        ("lognormal, two classes, 100 against 102", 8.0, queue(folder, two, heavy, pool(100)), queue(folder, two, heavy, pool(102))),
        ("siloed without against pooled with context", 4.0, queue(folder, two, lost, split, more=CONTEXT % apart),
         queue(folder, two, lost, pool(100), more=CONTEXT % linked)),
    ]  # fmt: skip


def reductions(folder, seeds):
    """By pair: (floor, with the same luck, with luck of its own)."""
    out = {}
    for name, floor, a, b in pairs(folder):
        x, y = values(a, "abandon_rate", range(1, seeds + 1)), values(b, "abandon_rate", range(1, seeds + 1))
        other = values(b, "abandon_rate", range(100_001, 100_001 + seeds))
        both = x.var(ddof=1) + y.var(ddof=1)
        out[name] = (floor, both / (y - x).var(ddof=1), (x.var(ddof=1) + other.var(ddof=1)) / (other - x).var(ddof=1))
    return out


def test_the_same_luck_reduces_variance_and_other_luck_does_not(tmp_path):
    for name, (floor, factor, naive) in reductions(tmp_path, 24).items():
        assert factor >= floor, name
        assert naive < 2.2, name  # 1 in truth; an estimate from 24 pairs scatters by a fifth


@pytest.mark.long
def test_the_same_luck_reduces_variance_long(tmp_path):
    for name, (floor, factor, naive) in reductions(tmp_path, 200).items():
        print(f"variance reduction, {name}: {factor:.1f} (floor {floor:g}); independent seeds {naive:.2f}")
        assert factor >= floor, name
        assert naive < 2.0, name
