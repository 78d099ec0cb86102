"""KPIs on records small enough to count by hand."""

import math
from datetime import datetime

import numpy as np
import pytest
from test_kpis_oracle import NAN, World, gone, handled, kpis, records, total
from test_money_oracle import chance_shop, make_shop

from omnisim.kpis import MEASURES, columns, define, measure, service_level_formula, service_levels
from omnisim.kpis import accumulate as acc
from omnisim.kpis.columns import plan
from omnisim.kpis.funnel import accumulate_orders
from omnisim.words import Duty, End, Formula, Goal, Mode, Outcome, Reason, Step, Way


def test_cisco_service_level_counts(cases):
    """P10: 70 answered within 20 s, 10 abandoned within, 20 exceeded."""
    case = cases["P10"]
    told, want = case["inputs"]["cisco"], case["expected"]["cisco"]
    touches = [handled(i, 20.0, 60.0) for i in range(told["answered_within"])]
    touches += [gone(100 + i, 20.0) for i in range(told["abandoned_within"])]
    touches += [handled(200 + i, 20.1, 60.0) if i % 2 else gone(200 + i, 21.0) for i in range(told["exceeded"])]
    for formula, name in (
        (Formula.ANSWERED_IN_TIME_OVER_OFFERED, "abandons_negative"),
        (Formula.EXCLUDING_SHORT_ABANDONS, "ignore_abandoned"),  # "short" is the time promised
        (Formula.ABANDONS_COUNT_AS_MET, "abandons_positive"),
    ):
        world = World(within_s=[20.0], formula=[formula])
        assert total(world, records(touches), "service_level", channel="phone") == pytest.approx(want[name], abs=1e-9)


def test_genesys_service_level_counts(cases):
    """P10: 850 answered (120 late), 150 abandoned (40 short), 30 flowed out."""
    case = cases["P10"]
    told, want = case["inputs"]["genesys"], case["expected"]["genesys"]
    late, short = told["answered_over_target"], told["short_abandons"]
    touches = [handled(i, 30.0 if i < late else 10.0, 60.0) for i in range(told["answered"])]
    touches += [gone(i, 4.0 if i < short else 40.0) for i in range(told["abandoned"])]
    flowed = [gone(i, 15.0, Outcome.CLOSED) for i in range(told["flow_outs"])]
    for formula, extra, name in (
        (Formula.ANSWERED_IN_TIME_OVER_OFFERED, [], "abandons_and_short_included"),
        (Formula.EXCLUDING_SHORT_ABANDONS, [], "exclude_short"),
        (Formula.ANSWERED_IN_TIME_OVER_ANSWERED, [], "exclude_all_abandons"),
        (Formula.ANSWERED_IN_TIME_OVER_OFFERED, flowed, "include_flowouts"),
    ):
        world = World(within_s=[20.0], short_s=[5.0], formula=[formula])
        assert total(world, records(touches + extra), "service_level") == pytest.approx(want[name], abs=1e-9)


def test_in_time_includes_the_limit_unless_strict():
    seen = records([handled(0, 20.0, 60.0), handled(1, 19.0, 60.0), gone(2, 20.0)])
    assert total(World(within_s=[20.0]), seen, "service_level") == pytest.approx(2 / 3)
    assert total(World(within_s=[20.0], strict=[1]), seen, "service_level") == pytest.approx(1 / 3)
    strict = World(within_s=[20.0], strict=[1], formula=[Formula.EXCLUDING_SHORT_ABANDONS])
    assert total(strict, seen, "service_level") == pytest.approx(1 / 3), "given up at the limit is not short where < is meant"


def test_a_total_service_level_adds_up_each_channel_by_its_own_formula():
    world = World(
        channels=["chat", "mail", "phone", "web"],
        mode=[Mode.LIVE, Mode.INBOX, Mode.LIVE, Mode.BROWSE],
        concurrency=[[1, 1, 1, 0]],
        within_s=[60.0, 3600.0, 20.0, NAN],
        formula=[Formula.ANSWERED_IN_TIME_OVER_ANSWERED, 0, Formula.ANSWERED_IN_TIME_OVER_OFFERED, 0],
    )
    touches = [handled(0, 30, 60, channel=0), gone(0, 300, channel=0)]  # 1 of 1 answered
    touches += [handled(0, 30, 60, channel=2), gone(0, 300, channel=2), handled(0, 0, 60, channel=2)]  # 1 of 3 offered
    touches += [handled(0, 60, 60, channel=1, mode=Mode.INBOX)] * 5
    got = kpis(world, records(touches))
    assert got["service_level", (("channel", "chat"),)] == 1.0
    assert got["service_level", (("channel", "phone"),)] == pytest.approx(1 / 3)
    assert got["service_level", (("channel", "mail"),)] == 1.0
    assert got["service_level", ()] == pytest.approx(2 / 4), "live channels only"
    assert service_level_formula(world, "chat") == "answered_in_time_over_answered, wait <= 60 s"
    assert service_levels(world) == (
        "answered_in_time_over_answered (chat wait <= 60 s); answered_in_time_over_offered (mail wait <= 3600 s, phone wait <= 20 s)"
    )
    with pytest.raises(ValueError, match="names no service level"):
        service_level_formula(world, "web")


def test_the_formula_is_named_with_its_short_abandons():
    world = World(within_s=[20.0], short_s=[5.0], strict=[1], formula=[Formula.EXCLUDING_SHORT_ABANDONS])
    assert service_level_formula(world, "phone") == "excluding_short_abandons, wait < 20 s, short < 5 s"


def test_service_by_day_and_by_period():
    """Two days from 23:00 on: a call in the first hour, then one in time and one late the next day; nights end at 06:00."""
    world = World(
        horizon_s=30 * 3600.0, interval_s=3600.0, start=datetime(2026, 11, 30, 23), within_s=[20.0], sl_target=[0.8],
        spans=(("night", 0.0, 6 * 3600.0), ("night", 22 * 3600.0, 30 * 3600.0), ("noon", 36 * 3600.0, 37 * 3600.0)),
    )  # fmt: skip
    touches = [handled(1800.0, 0, 60), handled(7200.0, 10, 60), handled(13 * 3600.0, 30, 60)]
    got = kpis(world, records(touches, end_s=30 * 3600.0))
    assert got["service_level", (("day", "2026-11-30"),)] == 1.0
    assert got["service_level", (("day", "2026-12-01"),)] == 0.5
    assert got["service_level", (("channel", "phone"), ("day", "2026-12-01"))] == 0.5
    assert got["contacts_offered", (("day", "2026-12-02"),)] == 0
    assert got["service_level", (("period", "night"),)] == 1.0
    assert got["service_level", (("channel", "phone"), ("period", "noon"))] == 0.0
    assert got["service_level_days_met", ()] == got["service_level_days_met", (("channel", "phone"),)] == 0.5
    assert got["service_level_intervals_met", ()] == pytest.approx(2 / 3)
    assert got["service_level_worst_interval", ()] == 0.0
    assert got["blocked_rate", ()] == 0.0


def test_a_day_that_is_the_whole_run_is_the_total_and_no_target_means_no_days_met():
    got = kpis(World(within_s=[20.0]), records([handled(0, 0, 60)]))
    assert not [scope for _, scope in got if dict(scope).keys() & {"day", "period"}]
    assert not [name for name, _ in got if name.startswith("service_level_")]


def test_age_of_the_backlog():
    """One mail answered after 1000 s, one never, arrived 600 s before the end."""
    world = World(mode=[Mode.INBOX], horizon_s=3600.0)
    mails = [handled(0, 900, 100, mode=Mode.INBOX), {"arrived": 3000.0, "outcome": Outcome.OPEN, "mode": Mode.INBOX}]
    got = kpis(world, records(mails))
    assert got["backlog_age_mean_s", ()] == pytest.approx((1000**2 / 2 + 600**2 / 2) / 1600)
    assert got["backlog_oldest_s", (("channel", "phone"),)] == 1000.0
    assert got["idle_hours", ()] == 0.0


def test_mail_backlog_over_two_shifts(cases):
    """P24: 100 mails at 0 h, 5 agents, 6 min each, at work in the first hour of two days."""
    case = cases["P24"]
    told, want = case["inputs"], case["expected"]
    handle = 60.0 * told["handle_min"]
    touches, stints = [], []
    for i in range(told["emails_at_t0"]):
        shift, batch = divmod(i // told["agents"], 10)
        begin = 60.0 * told["shifts"][shift][0] + batch * handle
        agent = i % told["agents"]
        touches.append(handled(0.0, begin, handle, mode=Mode.INBOX, agent=agent, delayed=int(i >= 5)))
        stints.append({"agent": agent, "load": 1, "start": begin, "end": begin + handle})
    horizon = 60.0 * want["last_done_at"]
    world = World(horizon_s=horizon, mode=[Mode.INBOX], deadline_s=[86400.0], agents_max=[5], wage_per_h=[20.0], has_wage=[True])
    got = kpis(world, records(touches, stints=stints, end_s=horizon))
    assert got["reply_mean_s", ()] == pytest.approx(60 * want["mean_sojourn_min"])
    assert got["replied_in_time_rate", ()] == want["completed_within_24h_fraction"]
    assert got["reply_p90_s", ()] == (1440 + 48) * 60, "the 90th answer ends the 8th batch of the second shift"
    assert got["contacts_handled", ()] == 100
    assert got["delay_rate", ()] == 0.95
    assert got["backlog_mean", ()] == pytest.approx(100 * 60 * want["mean_sojourn_min"] / horizon)
    # 95 in the queue, 5 fewer at each batch: 95 + 90 + ... over the first hour, 50 over the night
    waiting = handle * (sum(range(50, 100, 5)) + sum(range(0, 50, 5))) + 50 * 60.0 * (1440 - 60)
    assert got["queue_mean", ()] == pytest.approx(waiting / horizon)
    assert got["occupancy", ()] == 1.0
    assert got["staffed_hours", ()] == pytest.approx(10.0)
    assert got["labour_cost", ()] == 200.0
    assert got["agent_minutes", (("channel", "phone"),)] == pytest.approx(600.0)
    assert "service_level" not in {c.kpi for c in columns(world)}


def test_windows_count_by_arrival_and_average_by_overlap():
    """Warm-up 100 s, horizon 200 s, drained until 260 s."""
    world = World(horizon_s=200.0, warmup_s=100.0)
    touches = [
        handled(50, 100, 20),  # waits 50-150: no contact, but 50 s in the queue
        handled(100, 0, 30),  # at the end of the warm-up: in
        handled(150, 80, 20),  # waits 150-230: 50 s of it
        gone(180, 40),  # 20 s of it
        {"arrived": 190, "outcome": Outcome.OPEN},  # 10 s of it
        handled(200, 0, 30),  # at the horizon: out
        gone(199, 0, Outcome.BLOCKED),
    ]
    got = kpis(world, records(touches, end_s=260.0))
    assert got["contacts_offered", ()] == 5
    assert [got[f"contacts_{x}", ()] for x in ("handled", "abandoned", "blocked", "closed", "open")] == [2, 1, 1, 0, 1]
    assert got["queue_mean", ()] == pytest.approx((50 + 50 + 20 + 10) / 100)
    assert got["wait_mean_s", ()] == pytest.approx((0 + 80 + 40) / 3)
    assert got["asa_s", ()] == 40.0
    assert got["handle_time_s", ()] == 25.0


def test_wrap_up_is_handle_time():
    seen = records([handled(0, 0, 60, wrap_s=30.0), handled(0, 0, 90)])
    assert total(World(), seen, "handle_time_s") == 90.0
    assert total(World(), seen, "agent_minutes", pool="desk") == 3.0


def test_contacts_fall_into_the_interval_of_their_arrival():
    world = World(horizon_s=4000.0, interval_s=1800.0, within_s=[20.0], warmup_s=1800.0)
    seen = records([handled(1799.999, 5, 10), handled(1800.0, 5, 10), gone(3599.999, 30), handled(3600.0, 50, 100)])
    got = kpis(world, seen)
    second, third = "2026-11-30T00:30", "2026-11-30T01:00"
    assert {dict(s)["interval"] for _, s in got if "interval" in dict(s)} == {second, third}, "the warm-up has no columns"
    for scope in ((("interval", second),), (("channel", "phone"), ("interval", second))):
        assert got["contacts_offered", scope] == 2
        assert got["abandon_rate", scope] == 0.5
        assert got["service_level", scope] == 0.5
        assert got["wait_mean_s", scope] == pytest.approx(17.5)
    assert got["wait_mean_s", (("interval", third),)] == 50.0
    assert ("contacts_handled", (("interval", second),)) not in got


def test_occupancy_by_interval_splits_a_stint_where_it_crosses():
    world = World(horizon_s=3000.0, warmup_s=300.0, interval_s=1000.0)
    stints = [
        {"start": 0, "end": 500, "load": 0},
        {"start": 500, "end": 2500, "load": 1},
        {"start": 2500, "end": 2800, "load": 0},
        {"start": 2800, "end": 3200, "load": 1, "duty": Duty.FINISHING},
    ]
    got = kpis(world, records(stints=stints, end_s=3200.0))
    times = ["2026-11-30T00:00", "2026-11-30T00:16", "2026-11-30T00:33"]
    want = [500 / 700, 1.0, (500 + 200) / 1000]
    assert [got["occupancy", (("interval", t),)] for t in times] == pytest.approx(want)
    assert [got["occupancy", (("interval", t), ("pool", "desk"))] for t in times] == pytest.approx(want)
    assert got["occupancy", ()] == pytest.approx(2200 / 2700)
    assert got["staffed_hours", ()] == pytest.approx((2500 + 200 + 200) / 3600), "finishing is paid to its end"


def test_overtime_of_a_drain_is_paid_while_busy():
    stints = [{"start": 0, "end": 3600, "load": 1}, {"start": 3600, "end": 3660, "load": 1}, {"start": 3660, "end": 9999, "load": 0}]
    got = kpis(World(), records(stints=stints, end_s=9999.0))
    assert got["staffed_hours", ()] == pytest.approx(3660 / 3600)
    assert got["occupancy", ()] == 1.0


def test_slots_are_the_largest_concurrency():
    world = World(channels=["chat", "phone"], concurrency=[[3, 1]])
    stints = [
        {"start": 0, "end": 100, "load": 3},
        {"start": 100, "end": 200, "load": 1},
        {"start": 200, "end": 400, "load": 0},
        {"start": 400, "end": 500, "load": 2, "duty": Duty.FINISHING},
    ]
    got = kpis(world, records(stints=stints))
    assert got["utilisation", (("pool", "desk"),)] == pytest.approx(400 / 1200)
    assert got["concurrency_mean", ()] == pytest.approx(600 / 300)


def test_issues_count_by_first_arrival_if_ended():
    journeys = [
        {"arrived": 10, "ended": 70, "end": End.RESOLVED, "contacts": 1, "first_resolved": 1, "media": 1},
        {"arrived": 10, "ended": 130, "end": End.RESOLVED, "contacts": 3, "failures": 1, "media": 2},
        {"arrived": 10, "ended": 40, "end": End.LOST, "contacts": 2, "failures": 2, "media": 1},
        {"arrived": 10, "end": End.OPEN, "contacts": 9, "idle_since": 3500.0},
        {"arrived": 3600, "ended": 3650, "end": End.RESOLVED, "contacts": 1},
        {"arrived": 10, "ended": 10, "end": End.OUTSIDE},
    ]
    journeys = [{"goal": Goal.ISSUE, **j} for j in journeys]
    world = World(free=True, has_wage=[True], wage_per_h=[36.0], hub_per_day=24.0)
    stints = [{"start": 0, "end": 3600, "load": 1}]
    got = kpis(world, records([handled(10, 0, 120)], journeys, stints, end_s=3700.0))
    want = {
        "visitors": 5,
        "journeys_ended": 4,
        "contacts_per_issue": 6 / 4,
        "first_contact_resolution": 1 / 4,
        "resolution_rate": 2 / 4,
        "journey_success": 1 / 4,
        "outside_rate": 1 / 4,
        "channels_per_journey": 4 / 4,
        "journey_time_s": (60 + 120 + 30 + 0) / 4,
        "retrying_mean": 100 / 3600,
        "agent_minutes_per_issue": 2 / 4,
        "labour_cost": 36.0,
        "hub_cost": 1.0,
        "cost_to_serve": 36.0 / 4,
        "cost_per_resolved": 37.0 / 2,
    }
    assert {name: got[name, ()] for name in want} == pytest.approx(want)
    assert ("conversion", ()) not in got


def test_success_forgives_nothing():
    spoilt = [{}, {"failures": 1}, {"repeats": 1}, {"contradictions": 1}, {"missed": 1}]
    journeys = [{"goal": Goal.MARKOV, "end": End.CONVERTED, "arrived": 0, "ended": 1, **s} for s in spoilt]
    world = World(goals=frozenset({Goal.MARKOV}), within_s=[20.0])
    got = kpis(world, records([handled(0, 0, 1)], journeys))
    assert got["conversion", ()] == 1.0
    assert got["journey_success", ()] == pytest.approx(0.2)
    assert got["perception_gap", ()] == pytest.approx(0.8)
    assert ("first_contact_resolution", ()) not in got


def test_context_kpis():
    answered = [
        handled(0, 0, 9, remembers=1, completeness=0.4, wrong_record=1),
        handled(0, 0, 9, remembers=1, completeness=1.0, switched=1),
        handled(0, 0, 9, completeness=1.0, switched=1, contradicted=1),
        gone(0, 9, remembers=1, switched=1),
        {"arrived": 0, "ended": 5, "mode": Mode.BROWSE, "outcome": Outcome.BROWSED, "switched": 1},
    ]
    got = kpis(World(has_context=True), records(answered))
    assert got["context_hit_rate", ()] == pytest.approx(0.7)
    assert got["repeat_told_rate", ()] == pytest.approx(1 / 3)
    assert got["wrong_record_rate", (("channel", "phone"),)] == pytest.approx(1 / 3)
    assert got["contradiction_rate", ()] == pytest.approx(1 / 4)
    assert not any(name == "context_hit_rate" for name, _ in kpis(World(), records(answered)))


def looked(channel, step, reason=0, **more):
    """A visit of a shopper to a channel on which he looks around by himself."""
    common = {"arrived": 10.0, "ended": 20.0, "mode": Mode.BROWSE, "outcome": Outcome.BROWSED, "goal": Goal.SHOP}
    return {**common, "channel": channel, "front": channel, "step": step, "reason": reason, **more}


def test_a_funnel_counted_by_hand():
    """Web (4): a look, a question answered by chat (1), a cart left for its fee, a message that brings him back, a purchase in the end."""
    world = World(
        channels=["billing", "chat", "email", "phone", "web"],
        mode=[Mode.LIVE, Mode.LIVE, Mode.INBOX, Mode.LIVE, Mode.BROWSE],
        concurrency=[[1, 1, 1, 1, 0]],
        shop=make_shop(money=False),
        goals=frozenset({Goal.SHOP}),
    )
    answer = handled(20, 5, 60, channel=1, front=4, goal=Goal.SHOP, step=Step.RETURNS, reason=Reason.COST, messaged=2)
    call = handled(30, 5, 60, channel=3, front=3, goal=Goal.SHOP, step=Step.DROPS, reason=Reason.TRUST)
    touches = [
        looked(4, Step.ASKS),
        answer,
        looked(4, Step.BUYS, kept=1),
        looked(4, Step.LEAVES, Reason.BROWSING),
        looked(4, Step.LEAVES, Reason.CONTEXT, kept=0),
        looked(4, Step.BUYS, arrived=4000.0),  # after the horizon
        call,
    ]
    journeys = [
        {"goal": Goal.SHOP, "end": End.CONVERTED, "arrived": 0, "ended": 99, "asked": 2},
        {"goal": Goal.SHOP, "end": End.LEFT, "arrived": 0, "ended": 99},
        {"goal": Goal.SHOP, "end": End.CONVERTED, "arrived": 0, "ended": 99},
        {"goal": Goal.ISSUE, "end": End.OPEN, "arrived": 50, "parent": 0, "contacts": 3},
    ]
    orders = [{"placed": 20.0, "channel": 4, "way": Way.HOME, "promised": 50.0}, {"placed": 20.0, "channel": 4, "way": Way.TAKEN}]
    got = kpis(world, records(touches, journeys, orders=orders))
    web = (("channel", "web"),)
    assert (got["visits", web], got["questions", web], got["answered_questions", web]) == (4, 1, 1)
    assert (got["visits", (("channel", "phone"),)], got["visits", ()]) == (1, 5), "who calls to buy visits the telephone"
    assert (got["carts", web], got["orders", web]) == (2, 2)
    assert (got["cart_rate", web], got["purchase_rate", web], got["cart_abandonment", ()]) == (0.5, 0.5, pytest.approx(2 / 3))
    assert (got["abandoned_cost", ()], got["abandoned_context", ()], got["abandoned_other", ()]) == pytest.approx((1 / 3,) * 3)
    assert (got["abandoned_wait", ()], got["abandoned_delivery", ()]) == (0, 0)
    assert got["carts_kept", ()] == 0.5
    assert got["assisted_ratio", ()] == 2.0
    assert got["conversion", ()] == pytest.approx(2 / 3)
    assert got["visitors", ()] == 3, "a need that arose from an order is nobody new"
    assert (got["contacts_per_order", ()], got["orders_open", ()], got["on_time_rate", ()]) == (1.5, 2, 1.0)


def test_absent_means_off_and_a_silent_world_is_defined():
    """Zero demand: counts are 0, rates are undefined; nothing raises."""
    got = kpis(World(interval_s=1800.0, within_s=[20.0]), records())
    assert got["contacts_offered", ()] == 0
    assert got["queue_mean", ()] == 0
    assert ("abandon_rate", ()) not in got
    assert ("occupancy", ()) not in got
    names = {c.kpi for c in columns(World(mode=[Mode.BROWSE], pools=[], concurrency=np.zeros((0, 1)), agents_max=[], goals=frozenset()))}
    assert names == {"visitors", "journeys_ended", "journey_success", "channels_per_journey", "journey_time_s", "retrying_mean"}


@pytest.mark.parametrize(("waits", "edge"), [([0.0] * 10, 0.0), ([*range(1, 11)], 9.0), ([*range(1, 10)], 9.0), ([0.5] * 9 + [99.2], 1.0)])
def test_p90_is_the_upper_edge_of_a_one_second_bin(waits, edge):
    assert total(World(), records([handled(0, w, 1) for w in waits]), "wait_p90_s") == edge


def test_bins_cover_every_wait_and_never_flatter():
    """Within 1 s up to 2^17 s, within 0.1 % beyond, the edge never below the wait."""
    rng = np.random.default_rng(1)
    waits = [
        0.0,
        1e-9,
        1.0,
        1.5,
        acc.FINE - 0.5,
        acc.FINE,
        acc.FINE + 0.1,
        2.0 * acc.FINE,
        2.0 * acc.FINE + 1,
        *(2.0 ** rng.uniform(0, 32.9, 4000)),
    ]
    for w in waits:
        b = acc.bin_of(w)
        edge = acc.upper_edge(b)
        assert w <= edge
        assert edge - w < 1.0 if w <= acc.FINE else edge <= w * 1.001
        assert b == 0 or acc.upper_edge(b - 1) < w
    assert acc.upper_edge(acc.bin_of(acc.FINE + 0.1)) == acc.FINE + 128.0
    edges = [acc.upper_edge(b) for b in range(acc.BINS)]
    assert edges == sorted(set(edges))
    assert acc.bin_of(1e300) == acc.BINS - 1


def test_columns_are_fixed_by_the_tables_and_total_comes_first():
    world = World(channels=["chat", "phone"], concurrency=[[1, 1]], interval_s=1800.0, segments=["a", "b"], has_context=True)
    made = columns(world)
    assert made == columns(world)
    assert len({(c.kpi, c.scope) for c in made}) == len(made)
    firsts = {}
    for c in made:
        firsts.setdefault(c.kpi, c.scope)
        assert list(dict(c.scope)) == sorted(dict(c.scope))
    assert set(firsts.values()) == {()}, "every KPI has its total, and it comes first"
    values = measure(world, records([handled(0, 5, 5)]))
    assert len(values.num) == len(values.den) == len(made)
    plain = {c.kpi for c in made if not define(c.kpi).ratio}
    assert all(d in (0.0, 1.0) for c, d in zip(made, values.den, strict=True) if c.kpi in plain)


def test_unskilled_pools_and_unwaged_pools_have_no_columns():
    world = World(channels=["chat", "phone"], pools=["a", "b"], concurrency=[[1, 0], [1, 1]], has_wage=[True, False], currency="EUR")
    scopes = {(c.kpi, c.scope): c.unit for c in columns(world)}
    assert ("contacts_handled", (("channel", "phone"), ("pool", "a"))) not in scopes
    assert ("contacts_handled", (("channel", "phone"), ("pool", "b"))) in scopes
    assert scopes["labour_cost", (("pool", "a"),)] == "EUR"
    assert ("labour_cost", (("pool", "b"),)) not in scopes


def test_two_channels_of_one_medium_are_one_medium():
    world = World(channels=["billing", "phone"], media=["phone"], medium_of=[0, 0], concurrency=[[1, 1]])
    got = kpis(world, records([handled(0, 10, 1, channel=0), handled(0, 30, 1, channel=1)]))
    assert got["wait_mean_s", (("medium", "phone"),)] == 20.0
    assert got["wait_p90_s", (("medium", "phone"),)] == 30.0
    assert got["wait_p90_s", (("channel", "billing"),)] == 10.0


@pytest.mark.parametrize("name", sorted(MEASURES))
def test_every_kpi_is_fully_declared(name):
    m = define(name)
    assert m.name == name
    assert m.formula
    assert m.definition.endswith(".")
    assert m.unit in {
        "points",
        "purchases",
        "share",
        "s",
        "min",
        "h",
        "money",
        "contacts",
        "journeys",
        "customers",
        "media",
        "visits",
        "carts",
        "orders",
        "messages",
        "parcels",
        "1",
    }
    assert m.scopes[0] == ()
    assert len(set(m.scopes)) == len(m.scopes)


def test_define_names_the_nearest():
    with pytest.raises(ValueError, match="the nearest is 'occupancy'"):
        define("ocupancy")
    with pytest.raises(ValueError, match="known are contacts_offered, "):
        define("zzzz")


def test_compiled_once():
    """One signature of each accumulator, or the cache is loaded twice and a run pays for compiling."""
    world = World(interval_s=1800.0)
    measure(world, records([handled(0, 5, 5)], [{"arrived": 0}], [{"start": 0, "end": 9}]))
    measure(*chance_shop(0))
    measure(*chance_shop(1))
    for f in (acc.accumulate_touches, acc.accumulate_journeys, acc.accumulate_stints, acc.percentile_90, accumulate_orders):
        assert len(getattr(f, "signatures", [1])) == 1


def test_plan_points_inside_the_arrays():
    world = World(channels=["chat", "phone"], concurrency=[[1, 1]], interval_s=1800.0, segments=["a", "b"])
    p = plan(world)
    assert p.cells.min() == 0
    assert not math.isnan(p.numerators.max())
    assert len(p.columns) == len(p.cells) == len(p.denominators)
