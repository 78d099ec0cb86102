"""Law: every law is its mean times a variate of mean 1, by inversion, and has the mean and variation that it says."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special
from scipy import stats as sps

from omnisim.laws import LAW, gamma_cdf, gamma_inverse, law_at, normal_inverse, sample
from omnisim.scenario import load
from omnisim.tables import Tables

UNITS = (np.arange(40000) + 0.5) / 40000

WRITTEN = {
    "constant": ("{law: constant, value: 90 s}", 90.0, 0.0),
    "exponential": ("{law: exponential, mean: 90 s}", 90.0, 1.0),
    "lognormal": ("{law: lognormal, mean: 90 s, cv: 0.8}", 90.0, 0.8),
    "gamma": ("{law: gamma, mean: 90 s, cv: 0.5}", 90.0, 0.5),
    "weibull": ("{law: weibull, mean: 90 s, cv: 1.4}", 90.0, 1.4),
    "uniform": ("{law: uniform, low: 60 s, high: 120 s}", 90.0, 60 / math.sqrt(12) / 90),
    "triangular": ("{law: triangular, low: 60 s, mode: 90 s, high: 120 s}", 90.0, math.sqrt(60**2 / 24) / 90),
    "mixture": (
        "{law: mixture, parts: [{share: 0.5, law: constant, value: 60 s}, {share: 0.5, law: constant, value: 120 s}]}",
        90.0,
        1 / 3,
    ),
    "empirical": ("{law: empirical, file: times.csv}", 90.0, math.sqrt(((90 - 30) ** 2 * 2 + 60**2 * 2) / 4) / 90),
}


def tables_of(folder, law, patience="never"):
    (folder / "times.csv").write_text("30\n30\n150\n150\n", encoding="utf-8")
    path = folder / "s.yaml"
    path.write_text(
        "omnisim: 1\nname: t\nclock: {horizon: 1 h}\ndemand: {calls: {goal: issue, rate: 1 /min, enter: {c: 1.0}}}\n"
        f"channels: {{c: {{help: {{mode: live, handling: {law}, patience: {patience}}}}}}}\n"
        "staffing: {pools: {p: {agents: 1, skills: {c: {}}}}}\n",
        encoding="utf-8",
    )
    return Tables.build(load(path))


@pytest.mark.parametrize("name", WRITTEN)
def test_a_law_has_the_mean_and_variation_that_is_written(tmp_path, name):
    text, mean, cv = WRITTEN[name]
    t = tables_of(tmp_path, text)
    values = np.array([sample(t.laws, t.points, t.channel[0]["handling"], u) for u in UNITS])
    assert values.mean() == pytest.approx(mean, rel=2e-3)
    assert values.std() / values.mean() == pytest.approx(cv, rel=2e-2, abs=1e-12)
    assert (np.diff(values) >= 0).all() or name == "mixture", "a larger uniform gives a longer duration"


def test_scaling_time_by_a_power_of_two_scales_every_draw_exactly(tmp_path):
    for name, (text, _, _) in WRITTEN.items():
        if name == "empirical":
            continue
        small = tables_of(tmp_path, text)
        large = tables_of(tmp_path, text.replace("60 s", "240 s").replace("90 s", "360 s").replace("120 s", "480 s"))
        for u in UNITS[::997]:
            assert sample(large.laws, large.points, 0, u) == 4.0 * sample(small.laws, small.points, 0, u), name


def test_never_is_infinite_and_a_mixture_may_hold_it(tmp_path):
    t = tables_of(
        tmp_path,
        "{law: constant, value: 1 s}",
        "{law: mixture, parts: [{share: 0.1, law: constant, value: 0 s}, {share: 0.9, law: never}]}",
    )
    which = t.channel[0]["patience"]
    assert sample(t.laws, t.points, which, 0.05) == 0.0
    assert sample(t.laws, t.points, which, 0.95) == math.inf


def test_a_mixture_spends_one_uniform_well(tmp_path):
    text = "{law: mixture, parts: [{share: 0.3, law: exponential, mean: 10 s}, {share: 0.7, law: uniform, low: 1 s, high: 3 s}]}"
    t = tables_of(tmp_path, text)
    values = np.array([sample(t.laws, t.points, 0, u) for u in UNITS])
    assert values[UNITS < 0.3].mean() == pytest.approx(10.0, rel=5e-3)
    assert values[UNITS >= 0.3].mean() == pytest.approx(2.0, rel=1e-4)


def test_by_clock_the_law_of_the_piece_holds(tmp_path):
    """A run from 23:00: before 08:00 the day's last piece holds, and a piece begins at its very second."""
    noon = "[{share: 1, law: uniform, low: 2 s, high: 3 s}], '12:00': {law: constant, value: 4 s}"
    midnight = tables_of(tmp_path, f"{{'08:00': {{law: constant, value: 1 s}}, '10:00': {noon}}}")
    scenario = load(tmp_path / "s.yaml").with_({"clock.start": "2001-01-01 23:00"})
    assert scenario.channels["c"].help.handling.mean == pytest.approx((2 * 1 + 2 * 2.5 + 20 * 4) / 24)
    for start, tables in ((0.0, midnight), (23.0, Tables.build(scenario))):
        by_clock = int(tables.channel[0]["handling"])
        for clock, value in ((0.0, 4.0), (7.99, 4.0), (8.0, 1.0), (9.99, 1.0), (10.0, 2.5), (12.0, 4.0), (24 + 8.5, 1.0)):
            which = law_at(tables.laws, tables.points, by_clock, 3600 * ((clock - start) % 48))
            assert sample(tables.laws, tables.points, which, 0.5) == value
    one = int(tables_of(tmp_path, "{'08:00': {law: constant, value: 90 s}}").channel[0]["handling"])
    assert one == 0
    assert law_at(tables_of(tmp_path, "{law: constant, value: 90 s}").laws, np.zeros(0), 0, 1.0) == 0


@given(st.floats(1e-12, 1 - 1e-12))
def test_normal_quantiles_agree_with_scipy(u):
    assert normal_inverse(u) == pytest.approx(special.ndtri(u), rel=1e-13, abs=1e-14)


@given(st.floats(1e-6, 1 - 1e-6), st.floats(0.05, 5000.0))
def test_gamma_quantiles_agree_with_scipy(u, shape):
    assert gamma_inverse(u, shape) == pytest.approx(special.gammaincinv(shape, u), rel=1e-8)
    assert gamma_cdf(shape, shape) == pytest.approx(sps.gamma.cdf(shape, shape), rel=1e-10)


def test_law_rows_keep_their_layout():
    assert LAW.names == ("code", "mean", "a", "b", "c", "first", "count", "own")
