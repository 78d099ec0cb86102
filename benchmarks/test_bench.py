"""Both engines, the peers and C under pytest-benchmark: `make bench`; ratios in one run are `omnisim bench`."""

import pytest
from mechanisms import VARIANTS, tables

from omnisim.bench import cloop, peers, worlds
from omnisim.replications import How, replicate
from omnisim.tables import Tables

TABLES = tables()
QUEUE = Tables.build(worlds.queue())
MINUTES = 240.0


@pytest.mark.parametrize("engine", ["compiled", "reference"])
@pytest.mark.parametrize("name", VARIANTS)
def test_mechanism(benchmark, name, engine):
    table = TABLES[name]
    benchmark.group = name
    benchmark.pedantic(replicate, args=(table, 1, How(engine)), rounds=3, warmup_rounds=1)
    benchmark.extra_info["customers"] = table.expected_arrivals


@pytest.mark.parametrize("engine", ["compiled", "reference"])
def test_retail_day(benchmark, engine):
    table = Tables.build(worlds.retail(20_000))
    benchmark.group = "retail day of 20,000 customers"
    result = benchmark.pedantic(replicate, args=(table, 1, How(engine)), rounds=3, warmup_rounds=1)
    assert result.events > 50_000


def test_queue_with_kpis(benchmark):
    benchmark.group = "M/M/100+M"
    benchmark.pedantic(replicate, args=(QUEUE, 1), rounds=5, warmup_rounds=1)
    benchmark.extra_info["customers"] = QUEUE.expected_arrivals


def test_queue_kernel_alone(benchmark):
    benchmark.group = "M/M/100+M"
    events = benchmark.pedantic(cloop.kernel, args=(QUEUE, 1), rounds=5, warmup_rounds=1)
    benchmark.extra_info["customers"] = QUEUE.expected_arrivals
    assert events > QUEUE.expected_arrivals


def test_queue_in_c(benchmark):
    if not cloop.has_compiler():
        pytest.skip("no C compiler")
    loop = cloop.CLoop(QUEUE)
    benchmark.group = "M/M/100+M"
    counts = benchmark.pedantic(loop.run, args=(1,), rounds=5, warmup_rounds=1)
    benchmark.extra_info["customers"] = QUEUE.expected_arrivals
    assert counts == cloop.counts_of_the_engine(QUEUE, 1)


@pytest.mark.parametrize("name", ["simpy", "ciw"])
def test_queue_with_peers(benchmark, name):
    if name == "ciw" and not peers.has_ciw():
        pytest.skip("Ciw comes with the development extra")
    benchmark.group = f"M/M/100+M, {MINUTES:.0f} minutes"
    seen = benchmark.pedantic({"simpy": peers.with_simpy, "ciw": peers.with_ciw}[name], args=(1, MINUTES), rounds=3, warmup_rounds=1)
    benchmark.extra_info["customers"] = len(seen.waits)
