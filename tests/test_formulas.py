"""Every formula gives the published number, and agrees with the chain or the special case that must equal it."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from omnisim.staffing import durations, exact
from omnisim.staffing.chain import steady_state
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
    positions,
    priorities,
    service_level,
)
from omnisim.words import Formula

# What the public cases expect, computed by us: name -> function of the case's inputs.  Shapes follow the case's `expected`.


def p01(case):
    return {"blocking": [erlang_b(c, a) for c, a in case["pairs_c_a"]]}


def p02(case):
    rate, within = case["arrivals_per_30min"] / 30, case["threshold_s"] / 60
    plan = positions(rate, case["aht_min"], within, case["target_sl"], case["max_occupancy"], case["shrinkage"])
    return {
        "raw_positions": plan.raw,
        "positions_after_shrinkage": plan.rostered,
        "service_level": plan.queue.service_level(within),
        "occupancy": plan.queue.occupancy,
        "p_wait": plan.queue.p_wait,
        "asa_min": plan.queue.wait_mean,
        "min_positions_without_occupancy_cap": positions(rate, case["aht_min"], within, case["target_sl"]).raw,
        "sl_at_13": ErlangC(rate, case["aht_min"], 13).service_level(within),
    }


def p03(case):
    rate, mean, agents, within = (case[k] for k in ("arrival_rate_per_min", "mean_service_min", "agents", "threshold_s"))
    c, a, t = ErlangC(rate, mean, agents), erlang_a(rate, mean, agents, case["mean_patience_min"]), within / 60
    return {
        "erlang_c": {
            "p_wait": c.p_wait,
            "mean_wait_s": 60 * c.wait_mean,
            "wait_p90_s": 60 * c.wait_quantile(0.9),
            "mean_queue": c.queue_mean,
            "occupancy": c.occupancy,
        },
        "erlang_a": {
            "p_wait": a.p_wait,
            "p_abandon": a.p_abandon,
            "mean_wait_all_s": 60 * a.wait_mean,
            "asa_served_s": 60 * a.asa_served,
            "mean_queue": a.queue_mean,
            "occupancy": a.occupancy,
            "served_within_T_over_arrivals": a.served_within(t),
            "abandoned_within_T": a.abandoned_within(t),
            "sl_excluding_short_abandons": a.service_level("excluding_short_abandons", t),
            "sl_abandons_positive": a.service_level("abandons_count_as_met", t),
            "sl_answered_only": a.service_level("answered_in_time_over_answered", t),
        },
    }


def p10(case):
    cisco, genesys = case["cisco"], case["genesys"]
    three = {"answered_in_time": cisco["answered_within"], "abandoned_early": cisco["abandoned_within"], "answered_late": cisco["exceeded"]}
    late = genesys["answered_over_target"]
    short = genesys["short_abandons"]
    calls = {
        "answered_in_time": genesys["answered"] - late,
        "answered_late": late,
        "abandoned_early": short,
        "abandoned_late": genesys["abandoned"] - short,
    }
    return {
        "cisco": {
            "ignore_abandoned": service_level("excluding_short_abandons", **three),
            "abandons_negative": service_level("answered_in_time_over_offered", **three),
            "abandons_positive": service_level("abandons_count_as_met", **three),
        },
        "genesys": {
            "abandons_and_short_included": service_level("answered_in_time_over_offered", **calls),
            "exclude_short": service_level("excluding_short_abandons", **calls),
            "exclude_all_abandons": service_level("answered_in_time_over_answered", **calls),
            "include_flowouts": service_level("answered_in_time_over_offered", **calls, other=genesys["flow_outs"]),
        },
    }


def p11(case):
    rates = [case["arrival_per_min"]["high"], case["arrival_per_min"]["low"]]
    p = priorities(rates, case["mean_service_min"], case["agents"])
    return {"erlang_c": p.p_wait, "wait_high_min": p.waits[0], "wait_low_min": p.waits[1], "wait_fifo_min": p.fifo}


def p12(case):
    wait, queue = pollaczek_khinchine(case["arrival_per_min"], 5, 1.5)
    return {"rho": case["arrival_per_min"] * 5, "mean_wait_min": wait, "mean_queue": queue}


def p13(case):
    service, agents, leave = case["service_rate"], case["agents"], case["abandon_rate"]
    r = exact.n_model(
        (case["lambda1"], case["lambda2"]),
        (agents["A"], agents["B"]),
        (1 / service["A1"], 1 / service["B1"], 1 / service["B2"]),
        (1 / leave["c1"], 1 / leave["c2"]),
    )
    return {
        "p_wait_1": r.first.p_wait,
        "p_wait_2": r.second.p_wait,
        "p_abandon_1": r.first.p_abandon,
        "p_abandon_2": r.second.p_abandon,
        "mean_wait_all_1": r.first.wait_mean,
        "mean_wait_all_2": r.second.wait_mean,
        "occ_A": r.occupancy_a,
        "occ_B": r.occupancy_b,
        "share_of_served_class1_by_B": r.first_by_b,
    }


def p15(case):
    r = exact.redials(
        case["fresh_arrival"],
        1 / case["service_rate"],
        case["agents"],
        1 / case["abandon_rate"],
        case["retry_prob"],
        case["mean_retry_delay"],
    )
    return {
        "attempts_per_fresh_call": r.attempts,
        "p_abandon_per_attempt": r.p_abandon,
        "mean_wait_per_attempt": r.wait_mean,
        "fraction_fresh_eventually_served": r.served,
        "occupancy": r.occupancy,
        "mean_orbit": r.orbit,
        "p_wait_per_attempt": r.p_wait,
    }


def p16(case):
    r = exact.talk_wrap(case["arrival_per_min"], 4, 1.5, case["agents"], case["mean_patience_min"])
    return {
        "p_wait": r.callers.p_wait,
        "p_abandon": r.callers.p_abandon,
        "mean_wait_all": r.callers.wait_mean,
        "occupancy_incl_acw": r.occupancy,
        "talk_share": r.talk,
        "acw_share": r.wrap,
    }


def p18(case):
    o = Overflow(case["offered_erlangs"], case["primary"], case["secondary"])
    return {
        "p_block_primary": o.p_block_primary,
        "overflow_load": o.load,
        "peakedness": o.peakedness,
        "overflow_call_lost": o.lost_of_overflow,
        "naive_poisson_answer": erlang_b(case["secondary"], o.load),
        "overall_lost": o.lost,
    }


def _p19(case, patience):
    q = PatienceQueue(case["arrival_per_min"], case["mean_service_min"], case["agents"], patience)
    t = case["threshold_s"] / 60
    return {
        "p_wait": q.p_wait,
        "p_abandon": q.p_abandon,
        "mean_wait_all": q.wait_mean,
        "asa_served": q.asa_served,
        "served_within_T_over_arrivals": q.served_within(t),
        "abandoned_within_T": q.abandoned_within(t),
        "sl_excl_short_abandons": q.service_level("excluding_short_abandons", t),
        "sl_answered_only": q.service_level("answered_in_time_over_answered", t),
        "occupancy": q.occupancy,
    }


def p19a(case):
    return _p19(case, durations.constant(case["patience_min"]))


def p19b(case):
    return _p19(case, durations.mixture((0.1, durations.constant(0)), (0.9, durations.exponential(4))))


def p20(case):
    outside, switch = case["external_arrivals_per_min"], case["switch_matrix"]
    n = jackson(outside, switch, case["mean_service_min"], case["agents"])
    by_start = absorbing(switch, case["conversion_on_exit_prob_per_visit"])
    return {
        "nodes": [
            {"node": name, "arrival_rate": q.arrival_rate, "rho": q.occupancy, "p_wait": q.p_wait, "wq": q.wait_mean, "L": number}
            for name, q, number in zip(case["channels"], n.nodes, n.number, strict=True)
        ],
        "mean_sojourn_min": n.sojourn,
        "visits_per_customer": n.visits,
        "conversion": float(np.average(by_start, weights=outside)),
        "conversion_from": by_start.tolist(),
    }


OURS = {f.__name__.upper().replace("P19A", "P19a").replace("P19B", "P19b"): f for f in (p01, p02, p03, p10, p11, p12, p13, p15, p16, p18)}
OURS |= {"P19a": p19a, "P19b": p19b, "P20": p20}
WORDS = {"formula_abs_tol", "contactcenters"}


def numbers(expected, ours, tolerance, path=""):
    """Yield (path, expected, ours, tolerance) for every number of an expectation; a nearer tolerance wins."""
    if isinstance(expected, dict) and "value" in expected:
        yield path, expected["value"], ours, expected.get("formula_abs_tol", tolerance)
    elif isinstance(expected, dict):
        near = expected.get("formula_abs_tol", tolerance)
        for key in expected.keys() - WORDS:
            yield from numbers(expected[key], ours[key], near, f"{path}/{key}")
    elif isinstance(expected, list):
        assert len(expected) == len(ours)
        for i, (e, o) in enumerate(zip(expected, ours, strict=True)):
            yield from numbers(e, o, tolerance, f"{path}/{i}")
    elif isinstance(expected, str):
        assert expected == ours
    else:
        yield path, expected, ours, tolerance


@pytest.mark.parametrize("case", OURS)
def test_public_case(cases, case):
    expected = cases[case]["expected"]
    rows = list(numbers(expected, OURS[case](cases[case]["inputs"]), tolerance=1e-6))
    assert rows
    assert [r for r in rows if not abs(r[1] - r[2]) <= r[3]] == []


# The same numbers from the textbooks themselves, for a checkout without the cases beside it.


@pytest.mark.parametrize(
    ("ours", "book"),
    [
        (lambda: erlang_b(10, 10), 0.214582343),  # Erlang's table
        (lambda: erlang_b(100, 84), 0.009872529),
        (lambda: ErlangC(48, 1, 50).wait_mean * 60, 20.833668),  # Mandelbaum & Zeltyn (2007), printed 20.8
        (lambda: ErlangC(48, 1, 50).wait_quantile(0.9) * 60, 58.138742),  # printed 58.1
        (lambda: erlang_a(48, 1, 50, 2).p_abandon, 0.030912),  # printed 3.1 %
        (lambda: erlang_a(48, 1, 50, 2).asa_served * 60, 3.6159),  # printed 3.7, all
        (lambda: erlang_a(48, 1, 50, 2).service_level(Formula.EXCLUDING_SHORT_ABANDONS, 1 / 3), 0.97203),
        (lambda: PatienceQueue(9, 3, 28, durations.constant(1)).asa_served, 0.24338),
        (lambda: PatienceQueue(9, 3, 28, durations.constant(1)).served_within(1 / 3), 0.645798),
        (lambda: priorities([0.6, 0.7], 5, 8).waits[1], 2.586905),  # Kella & Yechiali
        (lambda: pollaczek_khinchine(0.15, 5, 1.5)[0], 24.375),
        (lambda: Overflow(10, 10, 4).peakedness, 2.032995),  # Kosten, Riordan
        (lambda: exact.n_model((3, 2), (3, 3), (1, 1, 1), (2, 2)).second.wait_mean, 0.397955),
        (lambda: exact.redials(1.6, 4, 7, 2, 0.5, 10).served, 0.90018),
        (lambda: exact.talk_wrap(2, 4, 1.5, 11, 2.5).callers.p_abandon, 0.138121),
    ],
)
def test_textbook_number(ours, book):
    assert ours() == pytest.approx(book, abs=6e-7)


def test_a_call_centre_of_thousands_has_no_overflow_of_its_own():
    from scipy.stats import poisson

    assert erlang_b(2000, 1900) == pytest.approx(poisson.pmf(2000, 1900) / poisson.cdf(2000, 1900), rel=1e-9)
    assert 0 < erlang_a(1900, 1, 2000, 2).p_wait < ErlangC(1900, 1, 2000).p_wait < 1
    assert erlang_a(4000, 1, 2000, 2).p_abandon == pytest.approx(0.5, abs=1e-9)  # the fluid limit: half leave
    assert erlang_a(1, 1, 2000, 2).p_wait == 0


PATIENCES = {
    "weibull, falling hazard": durations.weibull(1.0, 2.0),
    "weibull, rising hazard": durations.weibull(1.0, 0.4),
    "gamma": durations.gamma(1.0, 1.7),
    "lognormal": durations.lognormal(1.0, 1.5),
    "uniform": durations.uniform(0.2, 1.8),
    "constant": durations.constant(1.0),
    "triangular": durations.triangular(0.3, 0.5, 2.2),
    "triangular, mode at the end": durations.triangular(0.4, 1.3, 1.3),
    "empirical": durations.empirical([0.2, 0.7, 0.7, 1.1, 2.3]),
    "balking": durations.mixture((0.2, durations.constant(0.0)), (0.8, durations.exponential(1.25))),
    "some never": durations.mixture((0.5, durations.never()), (0.5, durations.exponential(1.0))),
}


@pytest.mark.parametrize("name", PATIENCES)
@pytest.mark.parametrize("rate", [6.0, 9.0, 15.0])
def test_work_in_equals_work_out_for_any_patience(name, rate):
    """Two roads to P(abandon): by the waits, and by the flow (Zeltyn & Mandelbaum: (1 + (lambda - n mu) J) / (E + lambda J))."""
    agents, mean = 10, 1.0
    q = PatienceQueue(rate, mean, agents, PATIENCES[name])
    # lambda J / (E + lambda J) = p_wait, and so 1 / (E + lambda J) = B(n - 1) (1 - p_wait)
    blocking = erlang_b(agents - 1, rate * mean)
    other = q.p_wait * (1 - agents / (rate * mean)) + blocking * (1 - q.p_wait)
    assert q.p_abandon == pytest.approx(other, abs=1e-9)
    assert 0 <= q.abandoned_within(0.5) <= q.p_abandon
    assert q.served_within(1e9) == pytest.approx(1 - q.p_abandon, abs=1e-9)
    assert q.abandoned_within(1e9) == pytest.approx(q.p_abandon, abs=1e-12)


@pytest.mark.parametrize("name", PATIENCES)
def test_area_is_the_integral_of_survival(name):
    from scipy.integrate import quad

    d = PATIENCES[name]
    for upto in (0.1, 0.9, 3.0):
        value, _ = quad(lambda x: float(d.survival(np.array(x))), 0, upto, points=[b for b in d.breaks if b < upto] or None, limit=400)
        assert float(d.area(np.array(upto))) == pytest.approx(value, abs=1e-7)
    if math.isfinite(d.mean):
        assert float(d.area(np.array(1e4))) == pytest.approx(d.mean, rel=1e-6)


@given(rate=st.floats(0.5, 30), mean=st.floats(0.1, 3), agents=st.integers(1, 25), patience=st.floats(0.05, 10), within=st.floats(0, 2))
def test_erlang_a_equals_its_birth_and_death_chain(rate, mean, agents, patience, within):
    top = agents + 60 + int(10 * rate * max(mean, patience))
    weight = [0.0]
    for n in range(top):
        weight.append(weight[-1] + math.log(rate) - math.log(min(n + 1, agents) / mean + max(0, n + 1 - agents) / patience))
    share = np.exp(np.array(weight) - max(weight))
    share /= share.sum()
    waiting = share @ np.maximum(np.arange(top + 1) - agents, 0)
    q = erlang_a(rate, mean, agents, patience)
    assert q.p_wait == pytest.approx(share[agents:].sum(), abs=1e-9)
    assert q.p_abandon == pytest.approx(waiting / patience / rate, abs=1e-9)
    assert q.queue_mean == pytest.approx(waiting, abs=1e-8)
    assert 0 <= q.served_within(within) <= 1 - q.p_abandon + 1e-12


@given(rate=st.floats(0.1, 20), mean=st.floats(0.1, 3), agents=st.integers(1, 30), within=st.floats(0, 3))
def test_nobody_gives_up_under_infinite_patience_and_the_answer_is_erlang_c(rate, mean, agents, within):
    assume(rate * mean < 0.97 * agents)
    a, c = PatienceQueue(rate, mean, agents, durations.never()), ErlangC(rate, mean, agents)
    assert a.p_abandon == pytest.approx(0, abs=1e-12)
    assert a.p_wait == pytest.approx(c.p_wait, abs=1e-9)
    assert a.wait_mean == pytest.approx(c.wait_mean, rel=1e-8)
    assert a.served_within(within) == pytest.approx(c.service_level(within), abs=1e-9)


@given(rates=st.lists(st.floats(0.05, 2), min_size=1, max_size=4), agents=st.integers(1, 12))
def test_priorities_move_waiting_about_and_make_none(rates, agents):
    load = sum(rates) / 0.9
    p = priorities(rates, agents / load, agents)
    assert np.dot(rates, p.waits) == pytest.approx(sum(rates) * p.fifo, rel=1e-9)
    assert all(np.diff(p.waits) > 0)


@settings(max_examples=20)
@given(arrivals=st.floats(0.2, 4), agents=st.integers(1, 6), patience=st.floats(0.3, 3))
def test_exact_chains_without_their_mechanism_are_erlang_a(arrivals, agents, patience):
    a = erlang_a(arrivals, 1.0, agents, patience)
    none_back = exact.redials(arrivals, 1.0, agents, patience, retry=0.0, delay_mean=1.0)
    assert (none_back.p_wait, none_back.p_abandon) == pytest.approx((a.p_wait, a.p_abandon), abs=1e-9)
    assert (none_back.attempts, none_back.served) == pytest.approx((1.0, 1 - a.p_abandon), abs=1e-9)
    quick = exact.talk_wrap(arrivals, 1.0, 1e-9, agents, patience)
    assert quick.callers.p_wait == pytest.approx(a.p_wait, abs=1e-6)
    # to class 1 the second pool is more agents of the same; with next to no class 2 it is one Erlang A
    alone = exact.n_model((arrivals, 1e-9), (agents, 1), (1.0, 1.0, 1.0), (patience, patience))
    assert alone.first.p_abandon == pytest.approx(erlang_a(arrivals, 1.0, agents + 1, patience).p_abandon, abs=1e-6)


def test_a_chain_cut_too_short_is_refused():
    with pytest.raises(ValueError, match="would not be exact"):
        exact.redials(5, 4, 7, 20, 0.5, 10, room=5)
    with pytest.raises(ValueError, match="more than 10 states"):
        steady_state([0], lambda s: [((s[0] + 1,), 1.0), ((max(0, s[0] - 1),), 2.0)], most=10)
    with pytest.raises(ArithmeticError, match="no single steady state"):
        steady_state([0], lambda s: [((1,), 1.0), ((2,), 1.0)] if s == (0,) else [])


@pytest.mark.parametrize("horizon", [0.5, 3.0, 20.0])
def test_mt_g_infinity_follows_a_step_in_demand(horizon):
    """Before the step it is the constant-rate answer; long after it, rate times mean for any service law."""
    law = durations.lognormal(1.0, 1.2)
    before = mt_g_infinity([horizon], [0.0], [6.0], law)
    assert before[0] == pytest.approx(6 * float(law.area(np.array(horizon))), rel=1e-12)
    stepped = mt_g_infinity([horizon, horizon + 1e5], [0.0, horizon], [6.0, 2.0], law)
    assert stepped == pytest.approx([before[0], 2.0], rel=1e-6)


def test_an_overloaded_queue_is_an_error_that_says_so():
    for make in (
        lambda: ErlangC(5, 1, 5),
        lambda: PatienceQueue(5, 1, 5, durations.never()),
        lambda: pollaczek_khinchine(1, 1, 1),
        lambda: priorities([3, 2], 1, 5),
        lambda: jackson([1, 1], [[0, 0.9], [0.5, 0]], [1, 1], [1, 9]),
    ):
        with pytest.raises(ValueError, match="grows without bound"):
            make()


def test_targets_and_shares_out_of_range_are_refused():
    for bad in ({"target": 1.0}, {"max_occupancy": 0.0}, {"shrinkage": 1.0}):
        with pytest.raises(ValueError, match="lie in"):
            positions(**{"arrival_rate": 3, "service_mean": 3, "within": 0.3, "target": 0.8} | bad)
    with pytest.raises(ValueError, match="no service-level formula 'answered'"):
        service_level("answered", answered_in_time=1)
    with pytest.raises(ValueError, match="whole number"):
        erlang_b(-1, 3)
    with pytest.raises(ValueError, match="sum to 1"):
        durations.mixture((0.5, durations.never()))
    assert math.isnan(service_level(Formula.ANSWERED_IN_TIME_OVER_ANSWERED, answered_in_time=0, abandoned_late=3))
