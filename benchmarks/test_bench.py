"""Speed of the reference engine, by mechanism: `make bench` (pytest-benchmark); the table of docs/speed.md is `mechanisms.py`."""

import pytest
from mechanisms import VARIANTS, tables

from omnisim.engines import reference
from omnisim.kpis import measure

TABLES = tables()


@pytest.mark.parametrize("name", VARIANTS)
def test_engine(benchmark, name):
    seen = benchmark.pedantic(reference.run, args=(TABLES[name], 1), rounds=3, warmup_rounds=1)
    benchmark.extra_info["customers"] = len(seen.journeys)
    assert len(seen.journeys) > 1000


def test_kpis(benchmark):
    table = TABLES["context rules (omnichannel)"]
    seen = reference.run(table, 1)
    values = benchmark(measure, table, seen)
    assert len(values.num) > 20
