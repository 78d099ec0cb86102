"""Handling, profiles, busyness and the readers; and the numbers of the real logs, where those lie beside the checkout."""

import pathlib

import numpy as np
import pytest

from omnisim.calibrate import calls, handling, profiles, survival

HEAD = "vru+line\tcall_id\tcustomer_id\tpriority\ttype\tdate\tvru_entry\tvru_exit\tvru_time\tq_start\tq_exit\tq_time\toutcome\tser_start\tser_exit\tser_time\tserver\n"  # noqa: E501
# three made-up calls: answered at once, answered after 12 s, gave up after 40 s; one left in the menu; one phantom
ROWS = [
    "X\t1\t0\t0\tPS\t990201\t8:00:00\t8:00:09\t9\t0:00:00\t0:00:00\t0\tAGENT\t8:00:09\t8:02:09\t120\tA\n",
    "X\t2\t7\t2\tPS\t990201\t8:01:00\t8:01:05\t5\t8:01:05\t8:01:17\t12\tAGENT\t8:01:17\t8:02:17\t60\tB\n",
    "X\t3\t8\t2\tNW\t990202\t9:00:00\t9:00:05\t5\t9:00:05\t9:00:45\t40\tHANG\t0:00:00\t0:00:00\t0\tNO_SERVER\n",
    "X\t4\t0\t0\tPS\t990202\t9:30:00\t9:30:02\t2\t0:00:00\t0:00:00\t0\tHANG\t0:00:00\t0:00:00\t0\tNO_SERVER\n",
    "X\t5\t0\t0\tPS\t990202\t9:31:00\t9:31:02\t2\t9:31:02\t9:31:04\t2\tPHANTOM\t0:00:00\t0:00:00\t0\tNO_SERVER\n",
]


def data(root: pathlib.Path, name: str) -> pathlib.Path:
    path = root.parent / "shared" / "data" / name
    if not path.exists():
        pytest.skip(f"the log ../shared/data/{name} is not on this machine")
    return path


def test_lognormal_finds_the_truth_again_both_ways() -> None:
    rng = np.random.default_rng(5)
    sigma = np.sqrt(np.log1p(1.2**2))
    service = 300.0 * np.exp(sigma * rng.standard_normal(40_000) - sigma**2 / 2)
    for method in ("moment", "likelihood"):
        fit = handling.lognormal(service, cut_s=0.0, method=method)
        assert fit.mean_low_s < 300.0 < fit.mean_high_s
        assert fit.cv == pytest.approx(1.2, rel=0.05)


def test_the_cut_leaves_out_what_was_no_service() -> None:
    """Seven in a hundred dropped calls leave the fit as it was, once they are cut."""
    rng = np.random.default_rng(5)
    service = np.maximum(rng.lognormal(5.0, 0.8, 9300), 10.0)
    dropped = rng.uniform(1.0, 9.0, 700)
    clean, dirty = handling.lognormal(service), handling.lognormal(np.concatenate([service, dropped]))
    assert (dirty.mean_s, dirty.cv, dirty.kept) == (pytest.approx(clean.mean_s), pytest.approx(clean.cv), clean.kept)
    assert dirty.cut == 700
    assert handling.lognormal(np.concatenate([service, dropped]), cut_s=0.0, method="likelihood").cv > 1.3 * clean.cv


def test_handling_refuses() -> None:
    with pytest.raises(ValueError, match="nothing to fit"):
        handling.lognormal([1.0, 2.0])
    with pytest.raises(ValueError, match='"moment" and "likelihood"'):
        handling.lognormal([60.0, 70.0], method="median")
    with pytest.raises(ValueError, match="finite"):
        handling.lognormal([60.0, float("nan")])


def test_profiles_are_shapes_of_mean_one() -> None:
    rng = np.random.default_rng(2)
    moments = rng.uniform(0, 28 * 86400, 5000)
    for weights in (profiles.hourly(moments), profiles.weekly(moments, [4] * 7), profiles.shares(profiles.hourly(moments), 9, 21)):
        assert weights.mean() == pytest.approx(1.0, abs=1e-12)
    assert profiles.shares(profiles.hourly(moments), 9, 21)[:9].sum() == 0.0
    for wrong in ([], [-1.0] * 24):
        with pytest.raises(ValueError):
            profiles.shares(wrong)
    with pytest.raises(ValueError, match="seven weekdays"):
        profiles.weekly(moments, [4, 4, 4, 4, 4, 4, 0])
    with pytest.raises(ValueError, match="not all zero"):
        profiles.hourly([])


def test_busyness_is_found_again_and_chance_is_not_taken_for_it() -> None:
    rng = np.random.default_rng(11)
    weekday = np.arange(700) % 7
    expected = 400.0 * (1.0 + 0.1 * weekday)
    steady = profiles.busyness(rng.poisson(expected), weekday)
    assert steady.cv < 0.02
    inside = 0
    for _ in range(200):
        busy = profiles.busyness(rng.poisson(expected * rng.gamma(1 / 0.1**2, 0.1**2, 700)), weekday)
        inside += busy.low < 0.1 < busy.high
    assert 180 <= inside <= 199  # a 95 % interval: 190 +- 3
    assert profiles.busyness(rng.poisson(expected), np.zeros(700, int)).cv > 0.1  # without the calendar, weekdays look like luck
    with pytest.raises(ValueError, match="its own kind"):
        profiles.busyness([5.0, 6.0], [0, 1])
    with pytest.raises(ValueError, match="positive"):
        profiles.busyness([5.0, 0.0], [0, 0])


def test_reading_a_call_log(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "log.tsv"
    path.write_text(HEAD + "".join(ROWS), encoding="utf-8")
    log = calls.read_call_log(path)
    assert log.queued.tolist() == [False, True, True, False]
    assert log.wait_s.tolist() == [0.0, 12.0, 40.0, 0.0]
    assert log.gave_up.tolist() == [False, False, True, False]  # the last one left in the menu: he never waited
    assert log.answered.tolist() == [True, True, False, False]
    assert log.service_s.tolist() == [120.0, 60.0, 0.0, 0.0]
    assert (log.days, log.phantom) == (2, 1)
    assert log.arrived_s[0] % 86400 == 8 * 3600
    assert log.arrived_s[0] // 86400 % 7 == 0  # 1 February 1999 was a Monday


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("a\tb\n1\t2\n", ":1: no column date"),
        (HEAD + ROWS[0].replace("8:00:00", "eight"), ":2: not a call"),
        (HEAD + ROWS[0] + ROWS[1].replace("AGENT", "ROBOT"), ":3: not a call: outcome 'ROBOT'"),
        (HEAD + ROWS[0].split("\tAGENT")[0] + "\n", ":2: not a call"),
        (HEAD, "no calls"),
    ],
)
def test_a_broken_log_names_the_line(tmp_path: pathlib.Path, text: str, where: str) -> None:
    path = tmp_path / "log.tsv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=where):
        calls.read_call_log(path)


def test_reading_counts(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "counts.csv"
    path.write_text("DateTime,Calls\n2003-03-03 07:00:00,11\n2003-03-03 07:05:00,9\n2003-03-04 08:00:00,5\n", encoding="utf-8")
    counts = calls.read_counts(path)
    assert counts.total.tolist() == [20.0, 5.0]
    assert counts.weekday.tolist() == [0, 1]
    assert counts.by_hour[0, 7] == 20.0
    path.write_text("DateTime,Calls\n2003-03-03 07:00:00,many\n", encoding="utf-8")
    with pytest.raises(ValueError, match=":2: not a count"):
        calls.read_counts(path)
    path.write_text("DateTime,Calls\n", encoding="utf-8")
    with pytest.raises(ValueError, match="no counts"):
        calls.read_counts(path)


def test_the_bank_of_1999(root: pathlib.Path) -> None:
    """Counts of the log by another road than the reader's, and what the scenarios take from it."""
    path = data(root, "anonymous_bank_1999_february.tsv")
    log = calls.read_call_log(path)
    table = np.loadtxt(path, dtype=str, delimiter="\t", skiprows=1)
    assert log.wait_s.size == (table[:, 12] != "PHANTOM").sum() == 33_066
    assert log.answered.sum() == (table[:, 12] == "AGENT").sum() == 27_162
    waited, left = log.wait_s[log.queued], log.gave_up[log.queued]
    assert (waited.size, int(left.sum())) == (18_058, 3_963)
    fit = survival.weibull(waited, left)
    assert (round(fit.mean_s), round(fit.cv, 2)) == (417, 1.12)  # scenarios/base/retailer.yaml: patience of callers
    assert round(survival.exponential(waited, left).mean_s) == 345
    assert waited[left].mean() == pytest.approx(65.5, abs=0.1)  # the mean wait of those who left: six times too short
    service = handling.lognormal(log.service_s[log.answered])
    assert service.cut / (service.cut + service.kept) == pytest.approx(0.067, abs=0.001)
    assert round(service.cv, 2) == 1.16  # scenarios/base/retailer.yaml: spread of handling


def test_the_bank_of_2003(root: pathlib.Path) -> None:
    counts = calls.read_counts(data(root, "bank_calls_5min_2003.csv"))
    day = profiles.busyness(counts.total, counts.weekday)
    assert day.days == 164
    assert round(day.variance_to_mean) == 262
    assert round(day.cv, 3) == 0.064  # scenarios/base/retailer.yaml: world.busyness_cv
