"""A textbook queue, written in ten lines, gives the textbook number: simulated means against the exact and the published ones.

The cases stand in omnisim/validation; `make validate` plays them in full, from two base seeds, with half-widths of at most half the
tolerance.  Here: a short half on the compiled engine and on the reference (half-width at most the tolerance; rows that need
longer lie within 4 standard errors); `make long` plays all in full on both.
"""

import os
import re
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import omnisim as om
from omnisim.cli import main
from omnisim.scenario import load
from omnisim.validation import all_cases, formulas, judge, play, validate
from omnisim.validation.cases import HALF, SCENARIOS, Row, deviation_of, mean_of, ratio_of, variance_of
from omnisim.validation.moving import staffing
from omnisim.validation.theory import cases as theory_cases

WORKERS = 1 if "PYTEST_XDIST_WORKER" in os.environ else None  # the test workers already use the cores
CASES = {c.name: c for c in all_cases()}
THEORY = [c.name for c in theory_cases() if c.reference]


def check(name, seed, engine, full):
    case = CASES[name]
    played = play(case, case.full if full else case.short, seed, engine, WORKERS)
    found = [judge(row, played, HALF if full else 1.0, ease=not full) for row in case.rows()]
    assert found
    lines = [
        f"{j.row.name:42} known {j.row.value:.6g} seen {j.seen.estimate:.6g} +- {j.seen.half:.3g}, {j.errors:.2f} s.e., "
        f"{j.width:.2f} of the tolerance"
        for j in found
    ]
    print("\n".join(lines))
    assert [line for line, j in zip(lines, found, strict=True) if not j.holds] == []


@pytest.mark.parametrize("name", CASES)
def test_the_compiled_engine_gives_the_known_number(name):
    check(name, 10_001, "compiled", full=False)


@pytest.mark.parametrize("name", THEORY)
def test_the_reference_engine_gives_the_textbook_number(name):
    check(name, 1, "reference", full=False)


@pytest.mark.long
@pytest.mark.parametrize("seed", [10_001, 1_000_001])
@pytest.mark.parametrize("engine", ["compiled", "reference"])
@pytest.mark.parametrize("name", CASES)
def test_both_engines_at_half_the_tolerance(name, engine, seed):
    check(name, seed, engine, full=True)


@pytest.mark.parametrize("known", formulas(), ids=lambda f: f"{f.public} {f.name}")
def test_a_formula_gives_the_published_number(known):
    assert known.holds, (known.ours(), known.value)


def test_a_row_that_is_wrong_or_unsure_does_not_hold():
    case = CASES["erlang-b"]
    played = play(case, case.short, 10_001, workers=1)
    (right,) = [r for r in case.rows() if r.name == "occupancy"]
    assert judge(right, played, 1.0).holds
    assert not judge(Row("occupancy", right.value + 2 * right.tolerance, right.tolerance, right.seen), played, 1.0).holds
    assert not judge(Row("occupancy", right.value, right.tolerance / 50, right.seen), played, 1.0).holds  # the interval is too wide
    assert not judge(Row("certain", 1.0, 0.5, lambda seen: mean_of(np.full(3, 2.0))), played, 1.0).holds


def test_estimates_and_their_errors():
    values = np.random.default_rng(1).gamma(4.0, 2.0, 40_000)
    assert mean_of(values).estimate == pytest.approx(8.0, abs=4 * mean_of(values).error)
    assert mean_of(values).error == pytest.approx(4.0 / 200, rel=0.02)
    assert variance_of(values).error == pytest.approx(16 * np.sqrt((4.5 - 1) / 40_000), rel=0.1)  # kurtosis of the gamma law 3 + 6 / 4
    assert deviation_of(values).estimate == pytest.approx(4.0, abs=4 * deviation_of(values).error)
    twice = ratio_of(2 * values, values)
    assert (twice.estimate, twice.error) == (2.0, 0.0)
    other = np.random.default_rng(2).gamma(4.0, 2.0, 40_000)
    assert ratio_of(other, values).error == pytest.approx(np.sqrt(2) * 4 / 8 / 200, rel=0.02)


def test_the_table_says_what_holds_and_what_does_not():
    report = validate(["P24", "P10"], base_seeds=(1, 2))
    text = report.text()
    assert report.holds
    assert "Cisco, abandons ignored" in text
    assert "reply_mean_s" in text
    assert f"{report.rows} of {report.rows} rows hold." in text
    with pytest.raises(ValueError, match="there is no case 'P99'"):
        validate(["P99"])


def test_the_file_of_demand_and_staff_that_move_says_what_its_formula_says():
    s = load(SCENARIOS / "theory" / "moving-staff.yaml")
    for second, rate in s.demand["calls"].rate:
        t = 2 * np.pi * second / 28_800
        assert 3600 * rate == pytest.approx(25 * np.pi * (1 + 0.2 * np.sin(t)), abs=1e-6)
    assert s == s.with_({"staffing.pools.phone.agents": staffing(0.5)})


def test_inbox_backlog_is_arithmetic():
    """Completion comes before the next contact is taken at the end of the shift."""
    ends = np.sort(om.simulate(SCENARIOS / "theory" / "backlog.yaml", 1).touches["ended"]) / 60
    assert (ends <= 60).sum() == 50
    assert ends[-1] == 1500
    assert ((ends > 60) & (ends <= 1440)).sum() == 0


def test_every_theory_scenario_states_its_exact_answer_and_is_tested():
    for path in (SCENARIOS / "theory").glob("*.yaml"):
        assert f"theory/{path.stem}" in {c.file for c in CASES.values()}, f"{path.name} has no test"
        first = path.read_text(encoding="utf-8").splitlines()[0]
        assert first.startswith("# "), path.name
        assert any(c.isdigit() for c in first), path.name


def test_every_published_scenario_names_its_source_and_is_tested():
    for path in (SCENARIOS / "published").glob("*.yaml"):
        if f"published/{path.stem}" not in {c.file for c in CASES.values()}:
            assert (Path(__file__).parent / f"test_{path.stem}.py").exists(), f"{path.name} has no test"
            continue
        head = re.match(r"(#.*\n)+", path.read_text(encoding="utf-8"))[0]
        assert "public case P" in head, path.name
        assert "Source: " in head, path.name
        assert load(path).name


def test_validate_says_by_its_exit_code_whether_all_rows_hold(monkeypatch):
    done = CliRunner().invoke(main, ["validate", "P10"])
    assert done.exit_code == 0
    assert "7 of 7 rows hold." in done.stdout
    assert CliRunner().invoke(main, ["validate", "P99"]).exit_code == 2
    monkeypatch.setattr(sys.modules["omnisim.validation.formulas"], "service_level", lambda *a, **k: 0.5)
    done = CliRunner().invoke(main, ["validate", "P10"])
    assert done.exit_code == 1
    assert "0 of 7 rows hold.  Not: P10 Cisco" in done.stdout
