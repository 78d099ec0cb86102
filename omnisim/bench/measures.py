"""What is measured, and what is to be reached and aimed at.

Every measure is a ratio of two things timed in turn in this one run, CPU time of one core; threads by wall time.
But for the whole of Cyber Monday: its limits are seconds and gigabytes, so those are told.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from omnisim import answers
from omnisim.bench import worlds
from omnisim.bench.cloop import CLoop, counts_of_the_engine, has_compiler, kernel
from omnisim.bench.deciding import SEEDS, decisions
from omnisim.bench.memory import event_in_a_child, in_a_child, year_in_a_child
from omnisim.bench.peers import Seen, has_ciw, with_ciw, with_simpy
from omnisim.bench.timing import Spread, Work, alternated, ratios, seconds
from omnisim.budget import Budget
from omnisim.engines import compiled
from omnisim.replications import Worth, replicate
from omnisim.scenario import Scenario
from omnisim.tables import Tables

ROUNDS, QUICK_ROUNDS = 5, 3
SLOW_ROUNDS, QUICK_SLOW_ROUNDS = 3, 1  # where one round takes half a minute
SMALL, MIDDLE, LARGE = 20_000, 200_000, 2_000_000  # customers a day
PORTAL = 2_300_000  # visitors of Cyber Monday, all merchants together
YEARLY = 200_000  # customers of the year in which they come again
DAYS = (1, 4, 16)
BUSY = 1.9  # cores given to two threads; below it the machine was not ours alone


@dataclass(frozen=True)
class Line:
    """One line: a ratio with its spread, or why there is none; what it means; medians behind it."""

    what: str
    reach: str
    aim: str
    spread: Spread | None = None
    unit: str = "x"
    missing: str = ""
    means: str = ""
    note: str = ""  # what a reader must know of this run
    behind: dict[str, float] = field(default_factory=dict)


def measure(quick: bool = False, rounds: int | None = None, say: Callable[[str], None] = lambda what: None) -> list[Line]:
    """Every line; `say` is told the name of each before it is measured."""
    n = rounds or (QUICK_ROUNDS if quick else ROUNDS)
    slow = min(n, QUICK_SLOW_ROUNDS if quick else SLOW_ROUNDS)
    return list(_all(quick, n, slow, say))


def _all(quick: bool, n: int, slow: int, say: Callable[[str], None]) -> Iterator[Line]:
    say("the queue against SimPy")
    yield peer("SimPy", with_simpy, n, "25x", "100x")
    say("the queue against Ciw")
    yield peer("Ciw", with_ciw if has_ciw() else None, n, "60x", "250x")
    for customers, rounds, reach, aim in ((SMALL, n, "25x", "60x"), (MIDDLE, slow, "45x", "100x")):
        say(f"the retail day of {customers:,} customers, both engines")
        yield engines(customers, rounds, reach, aim)
    say(f"Cyber Monday with {SMALL:,} visitors, both engines")
    yield event_engines(SMALL, n, "25x", "45x")
    say(f"Cyber Monday with all {PORTAL:,} visitors")
    yield from whole_event(PORTAL, slow)
    say(f"a year of {YEARLY:,} customers")
    yield from customer_year(YEARLY, slow)
    say("the kernel against C")
    yield against_c(n)
    most = MIDDLE if quick else LARGE
    say(f"cost per event, {SMALL:,} to {most:,} customers")
    yield growth(most, n)
    say("time to a decision, against SimPy")
    yield to_a_decision(n)
    say("memory")
    yield memory()
    say("two threads")
    yield threads(n)


def _median(values: list[float]) -> float:
    return Spread(tuple(values)).median


def _pair(what: str, reach: str, aim: str, pairs: list[tuple[float, float]], size: float, means: str, unit: str = "x") -> Line:
    """The ratio of two times, first over second; `size` customers or events each."""
    behind = {"first_us_each": 1e6 * _median([a for a, _ in pairs]) / size, "second_us_each": 1e6 * _median([b for _, b in pairs]) / size}
    return Line(what, reach, aim, ratios(pairs), unit, means=means, behind=behind)


def answer(scenario: Scenario, engine: str = "compiled") -> Work:
    """One seed through the public function, KPIs and all."""
    return lambda seed: answers.run(scenario, seeds=1, seed=seed, engine=engine, workers=1)


def peer(name: str, script: Callable[[int, float], Seen] | None, rounds: int, reach: str, aim: str) -> Line:
    """Another library's time over ours, on M/M/100+M of one day."""
    what = f"M/M/100+M with KPIs: {name} / ours"
    if script is None:
        return Line(f"M/M/100+M, KPIs: {name} / ours", reach, aim, missing="not installed (development extra)")
    ours = answer(worlds.queue())
    ours(0)  # loaded and warm
    script(0, 10.0)
    pairs = alternated(lambda seed: script(seed, worlds.DAY_MIN), ours, rounds)
    return _pair(what, reach, aim, pairs, 102.0 * worlds.DAY_MIN, "CPU time")


def engines(customers: int, rounds: int, reach: str, aim: str) -> Line:
    """The reference engine's time over the compiled one's, on the retail day."""
    if not worlds.RETAIL.exists():
        return Line("retail day: reference / ours", reach, aim, missing="only in a checkout")
    return _engines(f"retail day, {customers:,}: reference / ours", worlds.retail(customers), customers, rounds, reach, aim)


def event_engines(visitors: int, rounds: int, reach: str, aim: str) -> Line:
    """The same on Cyber Monday."""
    if not worlds.EVENT.exists():
        return Line("Cyber Monday: reference / ours", reach, aim, missing="only in a checkout")
    return _engines(f"Cyber Monday {visitors:,}: reference / ours", worlds.cyber_monday(visitors), visitors, rounds, reach, aim)


def _engines(what: str, scenario: Scenario, customers: int, rounds: int, reach: str, aim: str) -> Line:
    answer(scenario)(0)
    pairs = alternated(answer(scenario, "reference"), answer(scenario), rounds)
    return _pair(what, reach, aim, pairs, customers, "CPU time")


def whole_event(visitors: int, rounds: int) -> Iterator[Line]:
    """CPU time and peak memory of one replication of Cyber Monday with so many visitors and all KPIs, each in a process of its own."""
    what, limits = f"Cyber Monday, {visitors / 1e6:g} million", (("time", "90 s", "40 s"), ("memory", "1 GB", ".5 GB"))
    if not worlds.EVENT.exists():
        yield from (Line(f"{what}: {name}", reach, aim, missing="only in a checkout") for name, reach, aim in limits)
        return
    seen = [event_in_a_child(visitors) for _ in range(rounds)]
    times, peaks = (tuple(s[i] for s in seen) for i in (0, 1))
    for (name, reach, aim), values, unit in zip(limits, (times, tuple(p / 1024.0 for p in peaks)), (" s", " GB"), strict=True):
        yield Line(f"{what}: {name}", reach, aim, Spread(values), unit, means="one replication, one core, all KPIs")


def customer_year(customers: int, rounds: int) -> Iterator[Line]:
    """CPU time and peak memory of a year with so many customers who come again; cost per event over that with a tenth of them."""
    what, limits = f"year, {customers:,} customers", (("time", "120 s", "60 s"), ("memory", "1 GB", ".5 GB"))
    ratio = f"year, {customers:,}/{customers // 10:,}: cost per event"
    if not worlds.YEAR.exists():
        yield from (Line(f"{what}: {name}", reach, aim, missing="only in a checkout") for name, reach, aim in limits)
        yield Line(ratio, "< 3.5x", "< 2x", missing="only in a checkout")
        return
    seen = [year_in_a_child(customers) for _ in range(rounds)]
    times, peaks = (tuple(s[i] for s in seen) for i in (0, 1))
    for (name, reach, aim), values, unit in zip(limits, (times, tuple(p / 1024.0 for p in peaks)), (" s", " GB"), strict=True):
        yield Line(f"{what}: {name}", reach, aim, Spread(values), unit, means="one replication, one core, all KPIs")
    few, many = (Tables.build(worlds.customer_year(n)) for n in (customers // 10, customers))
    pairs = [(per_event(many, 1, r), per_event(few, 2, r)) for r in range(1, rounds + 1)]
    yield _pair(ratio, "< 3.5x", "< 2x", pairs, 1.0, "CPU time, staff in proportion, KPIs only")


def against_c(rounds: int) -> Line:
    """The C loop's time over the kernel's, for the same story."""
    what, reach, aim = "M/M/100+M, kernel alone: C / ours", "0.7", "0.85"
    if not has_compiler():
        return Line(what, reach, aim, missing="no C compiler (gcc) here")
    tables = Tables.build(worlds.queue())
    loop = CLoop(tables)
    if loop.run(0) != counts_of_the_engine(tables, 0):
        return Line(what, reach, aim, missing="C tells another story")
    pairs = alternated(_each(loop.run), _each(lambda seed: kernel(tables, seed)), max(rounds, 7))
    return _pair(what, reach, aim, pairs, 5 * 102.0 * worlds.DAY_MIN, "CPU time", unit="")


def _each(work: Callable[[int], object], times: int = 5) -> Work:
    """Several seeds as one piece of work, where one takes some hundredths of a second."""
    return lambda round_: [work(times * round_ + i) for i in range(times)]


def per_event(tables: Tables, replications: int, round_: int) -> float:
    """CPU seconds an event: the kernel and the counting of its rows, without what a replication costs once."""
    events = 0
    spent = 0.0
    for i in range(replications):
        sink = Worth(tables)

        def work(seed: int, sink: Worth = sink) -> None:
            nonlocal events
            events += compiled.stream(tables, seed, Budget(), sink)[1]

        spent += seconds(work, 1000 * round_ + i)
    return spent / events


def growth(most: int, rounds: int) -> Line:
    """Cost per event with many customers over that with few."""
    what, reach, aim = f"cost per event, {most:,} / {SMALL:,}", "< 3.5x", "< 2x"
    if not worlds.RETAIL.exists():
        return Line(what, reach, aim, missing="only in a checkout")
    few, many = Tables.build(worlds.retail(SMALL)), Tables.build(worlds.retail(most))
    replicate(few, 0)
    pairs = [(per_event(many, 1, r), per_event(few, 10, r)) for r in range(1, rounds + 1)]
    return _pair(what, reach, aim, pairs, 1.0, "CPU time, retail day with staff in proportion, KPIs only")


def to_a_decision(rounds: int) -> Line:
    """CPU time until the sign of a difference is settled: SimPy with independent seeds over ours with common luck."""
    found, n, pairs = decisions(rounds)
    note = (
        f"Time to a decision: {n.ours} seeds settle the sign of {n.difference:+,.0f} USD a day with common luck, {n.independent:,} with "
        f"independent seeds (standard deviations {n.sd_paired:,.0f} and {n.sd_independent:,.0f}, measured over {SEEDS} pairs); the time of "
        "SimPy is extrapolated from the measured cost of a replication."
    )
    behind = {
        "seeds_ours": float(n.ours),
        "seeds_independent": float(n.independent),
        "first_s_a_pair": _median([a for a, _ in pairs]),
        "second_s_a_pair": _median([b for _, b in pairs]),
    }
    return Line("time to a decision: SimPy / ours", "100x", "1000x", found, means="CPU time, extrapolated", note=note, behind=behind)


def memory() -> Line:
    """Peak memory of the longest horizon over that of the shortest, at the same rate."""
    peaks = {days: in_a_child(days) for days in DAYS}
    shortest = peaks[DAYS[0]][1]
    behind = {f"peak_mb_{days}_days": after for days, (_, after) in peaks.items()}
    behind["peak_mb_before"] = peaks[DAYS[0]][0]
    over = Spread(tuple(peaks[days][1] / shortest for days in DAYS[1:]))
    return Line(
        f"peak memory, {DAYS[1]} and {DAYS[2]} days / 1 day", "flat", "", over, means="resident, M/M/100+M, KPIs only", behind=behind
    )


def threads(rounds: int) -> Line:
    """Replications a second with two threads over one."""
    scenario = worlds.queue(4 * worlds.DAY_MIN)
    cores: list[float] = []

    def with_workers(workers: int) -> Work:
        def work(round_: int) -> None:
            cpu, wall = time.process_time(), time.perf_counter()
            answers.run(scenario, seeds=4, seed=4 * round_, engine="compiled", workers=workers)
            if workers == 2:
                cores.append((time.process_time() - cpu) / (time.perf_counter() - wall))

        return work

    with_workers(2)(0)
    pairs = alternated(with_workers(1), with_workers(2), max(rounds, 5), time.perf_counter)
    line = _pair("throughput, two threads / one", "1.8x", "1.95x", pairs, 4.0, "wall time, KPIs included")
    given = _median(cores[1:])
    note = f"The two threads were given {given:.1f} cores: others were at work." if given < BUSY else ""
    return replace(line, note=note, behind={**line.behind, "cores_of_two_threads": given})
