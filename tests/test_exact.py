"""Exact models beyond one formula: the public cases, limits that must equal a formula, and second computations made another way.

The second computations know nothing of the first: agents one by one, dense matrices, matrix exponentials, Simpson's rule.
"""

import itertools
import math
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import expm
from test_formulas import numbers

from omnisim.staffing import durations, exact
from omnisim.staffing.exact.moving import Piece, moving
from omnisim.staffing.formulas import ErlangC, Overflow, PatienceQueue, erlang_a, erlang_b, hayward, mt_g_infinity


def p04(case):
    rate, mean, agents, length = case["arrival_rate_per_min"], 1 / case["service_rate_per_min"], case["agents"], case["day_minutes"]
    within = case["threshold_s"] / 60
    plain, gone, blocked = (
        moving([Piece(length, rate, agents)], mean, within=within, drain=True, **more) for more in ({}, {"patience_mean": 1}, {"places": 5})
    )
    answered = gone.offered.sum() - gone.abandoned.sum()
    return {
        "MMC": {
            "n_in_target": plain.in_time.sum(),
            "service_level": plain.service_level,
            "asa_min": plain.wait_mean,
            "occupancy": plain.occupancy,
        },
        "MMCAb": {
            "n_abandoned": gone.abandoned[0],
            "n_in_target": gone.in_time.sum(),
            "occupancy": gone.occupancy,
            "sl_served_only": gone.in_time.sum() / answered,
            "sl_good_over_served_plus_abandoned_after_T": gone.in_time.sum() / (gone.offered.sum() - gone.left_early.sum()),
        },
        "MMCBlocked": {
            "n_blocked": blocked.blocked.sum(),
            "n_in_target": blocked.in_time.sum(),
            "sl_of_arrivals": blocked.service_level,
            "sl_of_served": blocked.in_time.sum() / (blocked.offered.sum() - blocked.blocked.sum()),
            "occupancy": blocked.occupancy,
        },
    }


def test_an_eight_hour_day_from_empty_with_its_drain(cases):
    """P04; printed to four digits and more (the ASA leaves out the few who are answered in the drain)."""
    printed = {"n_in_target": 0.01, "n_abandoned": 0.01, "n_blocked": 0.001, "asa_min": 2e-4}
    ours = p04(cases["P04"]["inputs"])
    for variant, expected in cases["P04"]["expected"].items():
        for name, row in expected.items():
            assert ours[variant][name] == pytest.approx(row["value"], abs=printed.get(name, 2e-4 if name.startswith("sl_") else 1e-6)), name


def test_staffing_to_a_delay_where_people_leave_as_fast_as_they_are_served(cases):
    """P09: the number in the system is Poisson; its mean by the integral over piecewise constant demand."""
    expected = cases["P09"]["expected"]
    step = 0.005
    starts = np.arange(0, 8 * math.pi, step)
    rates = 100 + 20 * (np.cos(starts) - np.cos(starts + step)) / step  # the mean of 100 + 20 sin t over each piece
    for row in expected["table"]:
        m = float(mt_g_infinity([6 * math.pi + row["t"]], starts, rates, durations.exponential(1.0))[0])
        assert m == pytest.approx(row["m"], abs=1e-4)
        assert exact.agents_for_delay(m, row["alpha"]) == row["s"]
        assert exact.delay_of_poisson(m, row["s"]) == pytest.approx(row["p_delay"], abs=expected["formula_abs_tol"])


@pytest.mark.parametrize(("case", "halves"), [("P05-alpha400", (0.009, 2e-4, 3e-5)), ("P05-alpha10", (0.13, 7e-4, 2.5e-4))])
def test_thirteen_hours_of_gamma_busyness_with_mixed_patience(cases, case, halves):
    """P05, published as simulations: the exact value within 1.5 half-widths of an independent one of 200,000 days."""
    said, expected = cases[case]["inputs"], cases[case]["expected"]
    hours = list(zip(said["base_rate_per_hour"], said["agents"], strict=True))
    days = [
        (chance, moving([Piece(3600.0, factor * r / 3600, n) for r, n in hours], 100.0, 1000.0, 0.1, within=20.0, drain=True))
        for chance, factor in exact.busyness(said["alpha0"] ** -0.5)
    ]
    day = exact.mixed(days)
    assert day.offered.sum() == pytest.approx(expected["arrivals_mean"]["value"], rel=1e-9)
    ours = {
        "avg_wait_over_1660_s": day.waiting.sum() / 1660,
        "good_over_1660": (day.in_time.sum() + day.left_early.sum()) / 1660,
        "abandoned_over_1660": day.abandoned.sum() / 1660,
    }
    for (name, seen), half in zip(ours.items(), halves, strict=True):
        assert seen == pytest.approx(expected[name]["value"], abs=1.5 * half + 5e-6), name


def p14(case):
    means = case.get("AHT") or case["AHT_at_concurrency_1_to_K"]
    c = exact.chats(case["arrival"], means, case["agents"], case["mean_patience"])
    return {
        "p_wait": c.callers.p_wait,
        "p_abandon": c.callers.p_abandon,
        "mean_wait_all": c.callers.wait_mean,
        "mean_chats_in_service": c.in_service,
        "agent_time_with_a_chat": c.busy,
        "mean_concurrency_of_busy_agents": c.concurrency,
        "mean_handle_time": c.handle_mean,
        "fraction_of_agent_time_with_at_least_one_chat": c.busy,
    }


def p17(case):
    made = (
        exact.blending(case["arrival_per_min"], case["call_mean_min"], case["email_mean_min"], case["agents"], case["mean_patience_min"], r)
        for r in range(5)
    )
    return {
        "by_reserve": [
            {
                "reserve": r,
                "email_throughput": b.messages,
                "p_wait": b.callers.p_wait,
                "p_abandon": b.callers.p_abandon,
                "mean_wait": b.callers.wait_mean,
                "occupancy": b.occupancy,
            }
            for r, b in enumerate(made)
        ]
    }


def p23(case):
    t = exact.trunks(
        case["types"] * case["arrival_per_min_each"], case["mean_service_min"], case["agents"], case["agents"] + case["extra_lines"]
    )
    return {"mean_wait_served": t.wait_served, "p_block": t.p_block}


@pytest.mark.parametrize(("case", "ours"), [("P14a", p14), ("P14b", p14), ("P17", p17), ("P23", p23)])
def test_public_case(cases, case, ours):
    expected = {k: v for k, v in cases[case]["expected"].items() if k != "sim_abs_tol"}
    rows = list(numbers(expected["k6"] if case == "P23" else expected, ours(cases[case]["inputs"]), tolerance=1e-6))
    assert rows
    assert [r for r in rows if not abs(r[1] - r[2]) <= r[3]] == []


@pytest.mark.parametrize(
    ("ours", "book"),
    [
        (lambda: exact.chats(0.9, [6, 9], 4, 2).in_service, 6.133993),
        (lambda: exact.chats(1.0, [10, 10, 10], 4, 2).busy, 0.984195),
        (lambda: exact.blending(2, 4, 5, 14, 2, reserve=4).messages, 0.739441),
        (lambda: exact.blending(2, 4, 5, 14, 2, reserve=0).callers.p_abandon, 0.217353),
        (lambda: exact.trunks(8.25, 10, 90, 120).wait_served, 0.320933),
        (lambda: moving([Piece(480, 4.2, 12)], 2, places=5, drain=True).blocked.sum(), 18.863314),
        (lambda: exact.agents_for_delay(114.1421, 0.9), 102),
    ],
)
def test_number_of_a_case_for_a_checkout_without_the_cases(ours, book):
    assert ours() == pytest.approx(book, abs=6e-7)


# Chains told agent by agent and solved as dense matrices.


def settled(start, moves):
    """Shares of time of a small chain: {state: share}, from a dense null vector."""
    order, at = [start], {start: 0}
    rates = []
    for here in order:
        for after, rate in moves(here):
            if rate > 0:
                if after not in at:
                    at[after] = len(order)
                    order.append(after)
                rates.append((at[here], at[after], rate))
    q = np.zeros((len(order), len(order)))
    for i, j, rate in rates:
        q[i, j] += rate
        q[i, i] -= rate
    share = np.linalg.lstsq(np.vstack([q.T, np.ones(len(order))]), np.append(np.zeros(len(order)), 1.0), rcond=None)[0]
    return dict(zip(order, share, strict=True))


@pytest.mark.parametrize("most_loaded", [False, True])
def test_chats_by_individual_agents(most_loaded):
    lam, means, agents, patience, room = 1.3, [2.0, 3.5, 6.0], 3, 1.5, 14

    def moves(state):
        *load, queue = state
        free = [i for i in range(agents) if load[i] < len(means)]
        if free:
            best = (max if most_loaded else min)(load[i] for i in free)
            takers = [i for i in free if load[i] == best]
            for i in takers:
                yield (*(x + (j == i) for j, x in enumerate(load)), queue), lam / len(takers)
        elif queue < room:
            yield (*load, queue + 1), lam
        for i in range(agents):
            if load[i]:
                less = tuple(x - (j == i and not queue) for j, x in enumerate(load))
                yield (*less, max(queue - 1, 0)), load[i] / means[load[i] - 1]
        if queue:
            yield (*load, queue - 1), queue / patience

    share = settled((0,) * agents + (0,), moves)
    ours = exact.chats(lam, means, agents, patience, most_loaded, room=60)
    assert ours.callers.p_wait == pytest.approx(sum(p for s, p in share.items() if min(s[:-1]) == len(means)), abs=1e-7)
    assert ours.callers.wait_mean == pytest.approx(sum(p * s[-1] for s, p in share.items()) / lam, abs=1e-7)
    assert ours.in_service == pytest.approx(sum(p * sum(s[:-1]) for s, p in share.items()), abs=1e-7)
    assert ours.busy == pytest.approx(sum(p * sum(x > 0 for x in s[:-1]) for s, p in share.items()) / agents, abs=1e-7)


@given(arrivals=st.floats(0.2, 3), agents=st.integers(1, 4), slots=st.integers(1, 3), patience=st.floats(0.3, 3))
@settings(max_examples=20)
def test_chats_that_do_not_slow_each_other_are_erlang_a_with_all_slots(arrivals, agents, slots, patience):
    c, a = exact.chats(arrivals, [1.0] * slots, agents, patience), erlang_a(arrivals, 1.0, agents * slots, patience)
    assert (c.callers.p_wait, c.callers.p_abandon) == pytest.approx((a.p_wait, a.p_abandon), abs=1e-9)
    assert (c.handle_mean, c.slots) == pytest.approx((1.0, a.occupancy), abs=1e-9)


@pytest.mark.parametrize("reserve", [0, 1, 3])
def test_blending_by_individual_agents(reserve):
    lam, call, message, patience, agents, room = 1.1, 2.0, 3.0, 1.2, 3, 14

    def begin_messages(who, queue):
        who = list(who)
        while not queue and who.count("idle") > reserve:
            who[who.index("idle")] = "message"
        return tuple(sorted(who))

    def moves(state):
        who, queue = state
        if "idle" in who:
            i = who.index("idle")
            yield (tuple(sorted((*who[:i], *who[i + 1 :], "call"))), 0), lam
        elif queue < room:
            yield (who, queue + 1), lam
        for i, doing in enumerate(who):
            if doing != "idle":
                rest = (*who[:i], *who[i + 1 :])
                after = (tuple(sorted((*rest, "call"))), queue - 1) if queue else (begin_messages((*rest, "idle"), 0), 0)
                yield after, 1 / (call if doing == "call" else message)
        if queue:
            yield (who, queue - 1), queue / patience

    share = settled((begin_messages(("idle",) * agents, 0), 0), moves)
    ours = exact.blending(lam, call, message, agents, patience, reserve)
    assert ours.callers.wait_mean == pytest.approx(sum(p * q for (_, q), p in share.items()) / lam, abs=1e-7)
    assert ours.messages == pytest.approx(sum(p * w.count("message") for (w, _), p in share.items()) / message, abs=1e-7)
    assert ours.callers.p_wait == pytest.approx(sum(p for (w, _), p in share.items() if "idle" not in w), abs=1e-7)
    assert ours.occupancy == pytest.approx(1 - sum(p * w.count("idle") for (w, _), p in share.items()) / agents, abs=1e-7)


@given(arrivals=st.floats(0.3, 3), agents=st.integers(1, 6), patience=st.floats(0.3, 3))
@settings(max_examples=20)
def test_limits_of_blending_and_callbacks(arrivals, agents, patience):
    a = erlang_a(arrivals, 1.0, agents, patience)
    no_messages = exact.blending(arrivals, 1.0, 1.0, agents, patience, reserve=agents)
    assert (no_messages.callers.p_abandon, no_messages.messages) == pytest.approx((a.p_abandon, 0.0), abs=1e-9)
    nobody = exact.callbacks(arrivals, 1.0, agents, patience, accept=0.0)
    assert (nobody.callers.p_wait, nobody.callers.p_abandon, nobody.p_callback) == pytest.approx((a.p_wait, a.p_abandon, 0.0), abs=1e-9)
    if arrivals < 0.8 * agents:  # everybody takes it and all are called at once: the list is the queue of Erlang C
        c, all_of_them = ErlangC(arrivals, 1.0, agents), exact.callbacks(arrivals, 1.0, agents, patience, accept=1.0, list_room=300)
        assert all_of_them.p_callback == pytest.approx(c.p_wait, abs=1e-9)
        assert all_of_them.callback_wait == pytest.approx(1 / c.drain_rate, rel=1e-8)
        assert all_of_them.callers.p_abandon == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(("offer_at", "spare"), [(0, 0), (2, 0), (1, 1), (0, 2)])
def test_callbacks_by_individual_agents(offer_at, spare):
    lam, mean, patience, accept, agents, room, most = 0.8 if spare < 2 else 0.35, 2.0, 1.5, 0.6, 3, 12, 24

    def dial(busy, queue, listed):
        while not queue and listed and agents - busy > spare:
            busy, listed = busy + 1, listed - 1
        return busy, queue, listed

    def moves(state):
        busy, queue, listed = state
        if busy < agents:
            yield (busy + 1, queue, listed), lam
        elif queue >= offer_at:
            yield (busy, queue, min(listed + 1, most)), lam * accept
            yield (busy, min(queue + 1, room), listed), lam * (1 - accept)
        else:
            yield (busy, queue + 1, listed), lam
        for _ in range(busy):
            yield (busy, queue - 1, listed) if queue else dial(busy - 1, 0, listed), 1 / mean
        if queue:
            yield (busy, queue - 1, listed), queue / patience

    share = settled((0, 0, 0), moves)
    ours = exact.callbacks(lam, mean, agents, patience, accept, offer_at, spare)
    assert ours.open_mean == pytest.approx(sum(p * s[2] for s, p in share.items()), abs=1e-5)
    assert ours.callers.wait_mean == pytest.approx(sum(p * s[1] for s, p in share.items()) / lam, abs=1e-6)
    assert ours.p_callback == pytest.approx(accept * sum(p for s, p in share.items() if s[0] == agents and s[1] >= offer_at), abs=1e-6)
    assert ours.occupancy == pytest.approx(sum(p * s[0] for s, p in share.items()) / agents, abs=1e-6)


# Trunks: every corner is a formula.


@given(rate=st.floats(0.5, 20), mean=st.floats(0.2, 2), agents=st.integers(1, 20), patience=st.floats(0.1, 5), balk=st.floats(0, 0.9))
def test_trunks_without_a_limit_are_a_queue_with_patience(rate, mean, agents, patience, balk):
    t = exact.trunks(rate, mean, agents, None, patience, balk)
    parts = durations.mixture((balk, durations.constant(0.0)), (1 - balk, durations.exponential(patience)))
    q = PatienceQueue(rate, mean, agents, parts)
    assert (t.p_wait, t.p_abandon, t.occupancy) == pytest.approx((q.p_wait, q.p_abandon, q.occupancy), abs=1e-8)
    assert (t.wait_mean, t.wait_served) == pytest.approx((q.wait_mean, q.asa_served), abs=1e-8)
    for within in (0.0, 0.3, 2.0):
        assert t.served_within(within) == pytest.approx(q.served_within(within) if within else 1 - q.p_wait, abs=1e-8)


def test_trunks_between_erlang_b_and_erlang_c():
    for agents, load in ((10, 8.0), (300, 280.0), (2000, 1900.0)):
        assert exact.trunks(load, 1.0, agents, agents).p_block == pytest.approx(erlang_b(agents, load), abs=1e-12)
        c, t = ErlangC(load, 1.0, agents), exact.trunks(load, 1.0, agents, agents + 600)
        assert (t.p_wait, t.wait_mean, t.served_within(0.1)) == pytest.approx((c.p_wait, c.wait_mean, c.service_level(0.1)), rel=1e-6)
    more = [exact.trunks(9.0, 1.0, 8, lines).p_block for lines in range(8, 40)]
    assert all(b < a for a, b in itertools.pairwise(more))


def test_queues_on_shared_lines():
    """P23, k = 1: published by a simulation of ours; with lines enough each is a queue alone; with one queue it is M/M/c/K."""
    s = exact.shared_lines([(1.375, 10.0, 15, math.inf)] * 6, 120)
    assert (s.p_block, s.classes[3].wait_mean) == pytest.approx((0.03107, 2.8325), rel=0.02)
    assert s.classes[0].p_wait == pytest.approx(0.5364, abs=5e-4)
    one, t = exact.shared_lines([(2.0, 4.0, 9, 3.0)], 14), exact.trunks(2.0, 4.0, 9, 14, 3.0)
    assert (one.p_block, one.classes[0].p_wait, one.classes[0].p_abandon) == pytest.approx((t.p_block, t.p_wait, t.p_abandon), abs=1e-12)
    assert (one.classes[0].wait_mean, one.occupancy[0]) == pytest.approx((t.wait_mean, t.occupancy), abs=1e-12)
    a, b = erlang_a(2.0, 4.0, 9, 3.0), erlang_a(1.0, 2.0, 2, 5.0)
    apart = exact.shared_lines([(2.0, 4.0, 9, 3.0), (1.0, 2.0, 2, 5.0)], 200)
    assert [c.p_abandon for c in apart.classes] == pytest.approx([a.p_abandon, b.p_abandon], abs=1e-12)

    def moves(state):
        i, j = state
        if i + j < 6:
            yield from (((i + 1, j), 2.0), ((i, j + 1), 1.0))
        yield from (((i - 1, j), min(i, 3) / 1.5 + max(i - 3, 0) / 2.0) for _ in range(i > 0))
        yield from (((i, j - 1), min(j, 2) / 2.5) for _ in range(j > 0))

    share = settled((0, 0), moves)
    two = exact.shared_lines([(2.0, 1.5, 3, 2.0), (1.0, 2.5, 2, math.inf)], 6)
    assert two.p_block == pytest.approx(sum(p for (i, j), p in share.items() if i + j == 6), abs=1e-10)
    assert two.classes[1].p_wait == pytest.approx(sum(p for (i, j), p in share.items() if j >= 2 and i + j < 6), abs=1e-10)
    assert two.queue_mean == pytest.approx(sum(p * (max(i - 3, 0) + max(j - 2, 0)) for (i, j), p in share.items()), abs=1e-10)


def test_overflow_at_any_size():
    for offered, primary, secondary in ((10, 10, 4), (900, 900, 60), (2000, 1950, 100)):
        o = Overflow(offered, primary, secondary)
        assert o.lost_of_overflow == pytest.approx(o.lost / o.p_block_primary, rel=1e-9)
        assert 1 < o.peakedness < primary
        assert erlang_b(secondary, o.load) < hayward(o.load, o.peakedness, secondary) < o.lost_of_overflow
        assert hayward(o.load, 1.0, secondary) == pytest.approx(erlang_b(secondary, o.load), rel=1e-9)
    tiny = Overflow(1.0, 400, 2)  # nobody ever overflows, and still a share of those who would be lost
    assert tiny.p_block_primary == 0.0
    assert tiny.lost_of_overflow == pytest.approx(1 / (401 * 402), rel=1e-9)
    assert Overflow(5.0, 5, 0).lost_of_overflow == 1.0


# A day in pieces.


def told(pieces, mean, patience, balk, places):
    """Dense generators of the same day: states (in hand, waiting), by the words of the model; one matrix a piece, and the changes."""
    most = max(p.agents for p in pieces)
    states = list(itertools.product(range(most + 1), range(places + 1)))
    at = {s: i for i, s in enumerate(states)}
    matrices = []
    for piece in pieces:
        q = np.zeros((len(states), len(states)))

        def move(here, after, rate, q=q):
            q[at[here], at[after]] += rate
            q[at[here], at[here]] -= rate

        for busy, waiting in states:
            here = (busy, waiting)
            if busy < piece.agents:
                move(here, (busy + 1, waiting), piece.arrival_rate)
            elif waiting < places:
                move(here, (busy, waiting + 1), piece.arrival_rate * (1 - balk))
            if busy:
                taken = busy <= piece.agents and waiting > 0
                move(here, (busy, waiting - 1) if taken else (busy - 1, waiting), busy / mean)
            if waiting:
                move(here, (busy, waiting - 1), waiting / patience)
        matrices.append(q)
    return states, at, matrices


def changed(states, at, p, agents):
    """Staff is now `agents`: whoever waits and finds somebody free is answered."""
    out = np.zeros_like(p)
    for (busy, waiting), share in zip(states, p, strict=True):
        taken = min(waiting, max(0, agents - busy))
        out[at[busy + taken, waiting - taken]] += share
    return out


DAY = [Piece(2.0, 1.5, 4), Piece(1.5, 2.0, 1), Piece(0.7, 2.5, 2), Piece(0.4, 0.5, 3), Piece(2.0, 1.0, 3)]


def test_a_day_in_steps_is_its_matrix_exponential():
    mean, patience, balk, places = 1.3, 0.9, 0.15, 6
    ours = moving(DAY, mean, patience, balk, places)
    states, at, matrices = told(DAY, mean, patience, balk, places)
    busy, waiting = np.array(states).T
    p = np.zeros(len(states))
    p[at[0, 0]] = 1.0
    n = len(states)
    for i, (piece, q) in enumerate(zip(DAY, matrices, strict=True)):
        p = changed(states, at, p, piece.agents)
        both = expm(np.block([[q, np.eye(n)], [np.zeros((n, 2 * n))]]) * piece.length)
        time_in, p = p @ both[:n, n:], p @ both[:n, :n]
        full = busy >= piece.agents
        assert ours.waiting[i] == pytest.approx(time_in @ waiting, abs=1e-10)
        assert ours.in_hand[i] == pytest.approx(time_in @ busy, abs=1e-10)
        assert ours.leaving[i] == pytest.approx(time_in @ np.maximum(busy - piece.agents, 0), abs=1e-10)
        assert ours.delayed[i] == pytest.approx(piece.arrival_rate * (time_in @ full), abs=1e-10)
        assert ours.blocked[i] == pytest.approx(piece.arrival_rate * (1 - balk) * (time_in @ (waiting == places)), abs=1e-10)
    assert ours.share[: 1 + places + 4] == pytest.approx([p[busy + waiting == k].sum() for k in range(places + 5)], abs=1e-10)
    joined, left = ours.offered.sum() - ours.blocked.sum() - ours.abandoned.sum(), (p @ (busy + waiting))
    assert joined == pytest.approx(ours.in_hand.sum() / mean + left, abs=1e-9)  # who came in was served or is still there


@pytest.mark.parametrize("within", [0.3, 1.1])
@pytest.mark.parametrize("drain", [False, True])
def test_in_time_across_changes_of_staff(within, drain):
    """A caller followed by Simpson's rule over his moment of arrival: (leaving, ahead) as dense matrices."""
    mean, patience, balk, places = 1.3, 0.9, 0.15, 6
    ours = moving(DAY, mean, patience, balk, places, within, drain)
    states, at, matrices = told(DAY, mean, patience, balk, places)
    ends = np.cumsum([p.length for p in DAY])
    seats = [(busy, ahead) for busy in range(5) for ahead in range(places)]
    seat = {s: i for i, s in enumerate(seats)}
    done = len(seats)

    def line(agents):
        q = np.zeros((done + 1, done + 1))
        for busy, ahead in seats:
            here = seat[busy, ahead]
            served = busy <= agents
            after = (seat[busy, ahead - 1] if ahead else done) if served else seat[busy - 1, ahead]
            for into, rate in ((after, busy / mean), (seat.get((busy, ahead - 1)), ahead / patience)):
                if into is not None and rate:
                    q[here, into] += rate
                    q[here, here] -= rate
            q[here, here] -= 1 / patience  # he gives up
        return q

    def after_change(agents):
        out = np.zeros((done + 1, done + 1))
        out[done, done] = 1.0
        for busy, ahead in seats:
            free = max(0, agents - busy)
            out[seat[busy, ahead], done if ahead < free else seat[busy + free, ahead - free]] = 1.0
        return out

    def answered(moment):
        """By state of arrival at this moment: chance to be answered in time."""
        i = int(np.searchsorted(ends, moment, side="right"))
        chain, left = np.eye(done + 1), within
        while left > 0 and (i < len(DAY) or drain):
            span = min(left, ends[i] - moment) if i < len(DAY) else left
            chain = chain @ expm(line(DAY[min(i, len(DAY) - 1)].agents) * span)
            left, moment, i = left - span, moment + span, i + 1
            if left > 0 and i < len(DAY):
                chain = chain @ after_change(DAY[i].agents)
        return chain[:, done]

    p = np.zeros(len(states))
    p[at[0, 0]] = 1.0
    begin = 0.0
    for i, (piece, q) in enumerate(zip(DAY, matrices, strict=True)):
        p = changed(states, at, p, piece.agents)
        total = 0.0
        # what can still happen in time changes of a sudden where the target meets a change of staff
        edges = sorted({begin, ends[i], *(e - within for e in ends if begin < e - within < ends[i])})
        for a, b in itertools.pairwise(edges):
            steps = 2 * math.ceil(10 * (b - a))
            width = (b - a) / steps
            once = expm(q * width)
            for k in range(steps + 1):
                chance = answered(min(max(a + k * width, a + 1e-10), b - 1e-10))
                value = sum(
                    x * (1 if busy < piece.agents else (1 - balk) * (chance[seat[busy, waiting]] if waiting < places else 0))
                    for (busy, waiting), x in zip(states, p, strict=True)
                )
                total += value * (1 if k in (0, steps) else 4 if k % 2 else 2) * width / 3
                if k < steps:
                    p = p @ once
        assert ours.in_time[i] == pytest.approx(piece.arrival_rate * total, abs=3e-5)
        begin = ends[i]


@pytest.mark.parametrize("theta", [0.2, 1.0, 3.0])
def test_staffed_in_steps_with_patience_of_any_length(theta):
    """M(t)/M/s(t)+M, 100 erlangs that move: where people leave as fast as they are served, the number is Poisson whatever staff does."""
    step, starts = 0.25, np.arange(0, 4 * math.pi, 0.25)
    rates = 100 + 20 * (np.cos(starts) - np.cos(starts + step)) / step
    mean_at = mt_g_infinity(starts, starts, rates, durations.exponential(1.0))
    staff = [exact.agents_for_delay(max(m, 1.0), 0.3) for m in mean_at]
    day = moving([Piece(step, r, s) for r, s in zip(rates, staff, strict=True)], 1.0, 1 / theta)
    flow = day.offered.sum() - day.abandoned.sum() - day.in_hand.sum()  # all that came, less what went: still there
    assert flow == pytest.approx(day.share @ np.arange(len(day.share)), abs=1e-6)
    if theta == 1.0:
        inside = (np.arange(16) + 0.5) * step / 16
        for i in (8, 20, 40):
            m = mt_g_infinity(starts[i] + inside, starts, rates, durations.exponential(1.0))
            seen = np.mean([exact.delay_of_poisson(x, staff[i]) for x in m])
            assert day.delayed[i] / day.offered[i] == pytest.approx(seen, abs=2e-4)


def test_a_long_day_is_the_steady_state():
    day = moving([Piece(400.0, 3.0, 4), Piece(1.0, 3.0, 4)], 1.2, 1.5, 0.1, within=0.4)
    q = exact.trunks(3.0, 1.2, 4, None, 1.5, 0.1)
    assert day.waiting[1] == pytest.approx(q.queue_mean, abs=1e-9)
    assert day.abandoned[1] / 3 == pytest.approx(q.p_abandon, abs=1e-9)
    long = moving([Piece(400.0, 3.0, 4), Piece(1.0, 3.0, 4), Piece(1.0, 3.0, 4)], 1.2, 1.5, 0.1, within=0.4)
    assert long.in_time[1] / 3 == pytest.approx(q.served_within(0.4), abs=1e-8)


def test_what_cannot_be_solved_is_refused():
    for wrong in (
        lambda: exact.trunks(5, 1, 5),
        lambda: exact.trunks(5, 1, 5, 4),
        lambda: exact.trunks(5, 1, 5, 9, balk=1.5),
        lambda: exact.blending(1, 1, 1, 3, 1, reserve=4),
        lambda: exact.callbacks(1, 1, 3, 1, accept=0.5, spare=3),
        lambda: exact.chats(1, [], 3, 1),
        lambda: moving([], 1),
        lambda: moving([Piece(1, 1, 0)], 1, drain=True),
        lambda: exact.agents_for_delay(5, 0.0),
        lambda: hayward(1, 0, 1),
    ):
        with pytest.raises(ValueError, match=r"\w"):
            wrong()
    with pytest.raises(exact.TooNarrow, match="would not be exact"):
        exact.chats(5, [1, 1], 1, 20, room=5)
    assert exact.widened(lambda room: exact.chats(5, [1, 1], 1, 20, room=room), room=5).cut <= exact.EDGE
    large = exact.redials(12, 4, 50, 3, retry=0.8, delay_mean=60)  # more are between two attempts than there is room at first
    assert large.orbit == pytest.approx(12 * (large.attempts - 1) * 60, rel=1e-9)
    assert large.orbit > 30


def test_ten_thousand_states_take_no_longer_than_two_seconds():
    """CPU time, after one small chain has loaded what is needed."""
    exact.talk_wrap(2, 4, 1.5, 11, 2.5)
    for name, solve in {
        "chats, 20 agents with up to 4": lambda: exact.chats(10, [4, 5, 7, 9], 20, 2),  # 10,626 states
        "blending": lambda: exact.blending(9, 4, 5, 40, 2, reserve=6),
        "callbacks": lambda: exact.callbacks(9, 4, 40, 2, accept=0.3, spare=1),
    }.items():
        begun = time.process_time()
        solve()
        assert time.process_time() - begun < 4.0, name  # twice, for a slow machine
