"""Laws: what is timed against each other tells the same story; ratios are ratios; the table fits a terminal."""

import json
import math
import shutil
import statistics
import xml.etree.ElementTree as ET

import pytest

from omnisim import bench
from omnisim.bench import cloop, curves, deciding, drawing, measures, memory, peers, printed, timing, worlds
from omnisim.bench.measures import Line
from omnisim.bench.timing import Spread
from omnisim.staffing.formulas import PatienceQueue, exponential
from omnisim.tables import Tables

THEORY = PatienceQueue(102.0, 1.0, 100, exponential(2.0))
NEEDS_CIW = pytest.mark.skipif(not peers.has_ciw(), reason="Ciw comes with the development extra")
NEEDS_GCC = pytest.mark.skipif(shutil.which("gcc") is None, reason="no C compiler")


def within_four_standard_errors(found, truth):
    error = statistics.stdev(found) / math.sqrt(len(found))
    assert abs(statistics.mean(found) - truth) <= 4.0 * error
    assert error < 0.1 * truth  # or the test would say nothing


@pytest.mark.parametrize("script", [peers.with_simpy, pytest.param(peers.with_ciw, marks=NEEDS_CIW)])
def test_the_peers_tell_the_queue_of_theory(script):
    seen = [script(seed, 240.0) for seed in range(1, 9)]
    within_four_standard_errors([s.delayed_rate for s in seen], THEORY.p_wait)
    within_four_standard_errors([s.abandon_rate for s in seen], THEORY.p_abandon)


@NEEDS_GCC
@pytest.mark.parametrize(
    ("minutes", "agents", "per_min", "patience"), [(300, 100, 102, 2), (500, 3, 6, 20), (200, 1, 0.01, 1), (60, 40, 20, 1)]
)
def test_the_c_loop_tells_the_engines_story(minutes, agents, per_min, patience):
    tables = Tables.build(worlds.queue(minutes, agents, per_min, patience))
    loop = cloop.CLoop(tables)
    for seed in (0, 1, 2**40):
        assert loop.run(seed) == cloop.counts_of_the_engine(tables, seed)


def test_two_things_are_timed_in_turn():
    said = []
    clock = iter([0.0, 6.0, 10.0, 12.0, 20.0, 24.0, 30.0, 31.0])
    pairs = timing.alternated(lambda r: said.append(("a", r)), lambda r: said.append(("b", r)), 2, lambda: next(clock))
    assert said == [("a", 1), ("b", 1), ("a", 2), ("b", 2)]
    assert pairs == [(6.0, 2.0), (4.0, 1.0)]
    spread = timing.ratios(pairs)
    assert (spread.median, spread.low, spread.high) == (3.5, 3.0, 4.0)


@pytest.mark.parametrize(
    ("ratios", "text"),
    [((0.6,), "0.60 (0.60-0.60)"), ((1.0, 9.994), "5.50 (1.00-9.99)"), ((45.61,), "45.6 (45.6-45.6)"), ((250.0, 99.0), "174 (99-250)")],
)
def test_a_spread_says_what_can_be_known(ratios, text):
    assert Spread(ratios).text() == text


def every_line():
    """Each line as it looks with a long ratio, and as it looks where it cannot be measured."""
    spread = Spread((100.0, 999.0, 888.0))
    whats = [(f"M/M/100+M with KPIs: {name} / ours", "60x", "250x") for name in ("SimPy", "Ciw")]
    whats += [(f"retail day, {n:,}: reference / ours", "45x", "100x") for n in (measures.SMALL, measures.MIDDLE)]
    whats += [
        ("M/M/100+M, kernel alone: C / ours", "0.7", "0.85"),
        (f"cost per event, {measures.LARGE:,} / {measures.SMALL:,}", "< 3.5x", "< 2x"),
    ]
    whats += [("throughput, two threads / one", "1.8x", "1.95x"), (f"Cyber Monday {measures.SMALL:,}: reference / ours", "25x", "45x")]
    portal = [Line("Cyber Monday, 2.3 million: memory", "1 GB", ".5 GB", Spread((0.41, 0.4, 1.23)), " GB")]
    return [Line(*what, spread, unit="x") for what in whats] + portal


def without(monkeypatch):
    """The lines of a machine that has nothing."""
    monkeypatch.setattr(worlds, "RETAIL", worlds.RETAIL / "nowhere")
    monkeypatch.setattr(worlds, "EVENT", worlds.EVENT / "nowhere")
    monkeypatch.setattr(measures, "has_compiler", lambda: False)
    yield measures.peer("Ciw", None, 1, "60x", "250x")
    yield measures.engines(200_000, 1, "45x", "100x")
    yield measures.event_engines(20_000, 1, "25x", "45x")
    yield from measures.whole_event(2_300_000, 1)
    monkeypatch.setattr(worlds, "YEAR", worlds.YEAR / "nowhere")
    yield from measures.customer_year(200_000, 1)
    yield measures.against_c(1)
    yield measures.growth(2_000_000, 1)


def test_what_a_reader_must_know_stands_below_the_table():
    text = bench.table([Line("a / b", "2x", "3x", Spread((1.0,)), note="The two threads were given 1.1 cores: others were at work.")])
    assert "were given 1.1 cores" in " ".join(text.split())


def test_the_table_fits_eighty_columns(monkeypatch):
    missing = list(without(monkeypatch))
    assert all(line.missing and line.spread is None for line in missing)
    text = bench.table([*every_line(), *missing])
    assert max(map(len, text.splitlines())) <= 80
    assert "not installed (development extra)" in text
    assert len({len(line) for line in text.splitlines()[: 2 + len(every_line())]}) == 1  # columns stand below each other


def test_a_story_that_differs_is_no_figure(monkeypatch):
    if not cloop.has_compiler():
        pytest.skip("no C compiler")
    monkeypatch.setattr(measures, "counts_of_the_engine", lambda tables, seed: None)
    assert measures.against_c(1).missing == "C tells another story"


def test_json_holds_every_round():
    told = json.loads(bench.dumps([Line("a / b", "2x", "3x", Spread((1.0, 4.0, 2.5)), behind={"first_us_each": 3.0})]))
    (line,) = told["measures"]
    assert (line["median"], line["low"], line["high"], line["rounds"]) == (2.5, 1.0, 4.0, [1.0, 4.0, 2.5])
    assert told["machine"]["Python"]


def test_the_facts_name_no_machine():
    assert set(printed.machine()) <= {"", "Python", "Numba", "SimPy", "Ciw", "gcc"}


def test_agents_follow_the_customers():
    few, many = (Tables.build(worlds.retail(n)) for n in (20_000, 200_000))
    assert few.expected_arrivals == pytest.approx(20_000)
    assert many.expected_arrivals == pytest.approx(200_000)
    assert many.agents_max.sum() == pytest.approx(10 * few.agents_max.sum(), rel=0.02)


def test_visitors_bring_staff_in_proportion():
    few, many = (Tables.build(worlds.cyber_monday(n)) for n in (23_000, 2_300_000))
    assert few.expected_arrivals == pytest.approx(23_000)
    assert many.expected_arrivals == pytest.approx(2_300_000)
    assert many.agents_max.sum() == pytest.approx(100 * few.agents_max.sum(), rel=0.02)
    assert [n for n, _, _ in curves._visitors()] == sorted(curves.VISITORS)


def test_all_of_cyber_monday_is_told_in_seconds_and_gigabytes():
    spent, peak = measures.whole_event(3_000, 2)
    assert (spent.reach, spent.unit, peak.reach, peak.unit) == ("90 s", " s", "1 GB", " GB")
    assert spent.spread is not None
    assert peak.spread is not None
    assert 0.0 < spent.spread.low < 60.0
    assert 0.02 < peak.spread.low < 2.0


def test_a_child_knows_its_own_peak():
    before, after = memory.in_a_child(0.01)
    assert 20.0 < before <= after < memory.peak_mb() + 1000.0


def test_the_engines_side_of_a_line_is_the_public_function():
    for line in (measures.engines(300, 1, "25x", "60x"), measures.event_engines(300, 1, "25x", "45x")):
        assert line.spread is not None
        assert line.spread.low > 0.0
        assert set(line.behind) == {"first_us_each", "second_us_each"}


def test_a_curve_is_drawn_with_its_numbers():
    points = tuple(curves.Point(10.0**i, 100.0 * i, 90.0 * i, 120.0 * i) for i in range(1, 4))
    text = drawing.drawn(curves.Curve("agents", "agents", points))
    assert ET.fromstring(text.encode()).tag.endswith("svg")
    assert "1,000: 300" in text
    assert text == drawing.drawn(curves.Curve("agents", "agents", points))


def test_the_script_of_a_decision_tells_the_shop_of_the_engine():
    """Contribution margin 3 of both strategies: 8 days of the script, 48 of the engine, four standard errors of the difference."""
    for strategy in deciding.IDENTIFIED:
        tables = Tables.build(deciding.shop(strategy))
        ours = [deciding.ours(tables, seed) for seed in range(1, 49)]
        theirs = [deciding.with_simpy(strategy, seed) for seed in range(1, 9)]
        error = math.hypot(statistics.stdev(ours) / math.sqrt(len(ours)), statistics.stdev(theirs) / math.sqrt(len(theirs)))
        assert abs(statistics.mean(ours) - statistics.mean(theirs)) <= 4.0 * error
        assert error < 0.03 * statistics.mean(ours)
    tables = deciding.shop("omnichannel")
    assert tables.with_({"context": None, "name": ""}).hash() == deciding.shop("multichannel").with_({"context": None, "name": ""}).hash()


def test_time_to_a_decision_is_seeds_times_cost(monkeypatch):
    monkeypatch.setattr(deciding, "needed", lambda: deciding.Needed(10, 500, 100.0, 80.0, 2000.0))
    monkeypatch.setattr(deciding, "alternated", lambda one, other, rounds: [(2.0, 0.5)] * rounds)
    found, n, pairs = deciding.decisions(3)
    assert found.ratios == (2.0 * 500 / (0.1 * 10),) * 3
    assert pairs == [(2.0, 0.1)] * 3
    assert n.ours == 10


def test_seeds_for_a_decision_follow_from_mean_and_spread():
    found = deciding.needed(30)
    assert found.ours == deciding.LEAST
    assert found.independent > 20 * found.ours
    assert found.sd_independent > 5 * found.sd_paired
    assert found.difference > 0.0
