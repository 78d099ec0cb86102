"""The parts of the planner, each by itself: promises, decisions, formulas, scores, programs.  Nothing is simulated here."""

import math

import numpy as np
import pytest

import omnisim as om
from omnisim.scenario import from_plain
from omnisim.staffing import durations
from omnisim.staffing.exact import agents_for_delay
from omnisim.staffing.plan.choose import needed
from omnisim.staffing.plan.demand import Load
from omnisim.staffing.plan.formulas import offered_load, people
from omnisim.staffing.plan.layout import lay_out
from omnisim.staffing.plan.needs import Needs
from omnisim.staffing.plan.programs import cheapest_cover
from omnisim.staffing.plan.scores import Score, best_share, least_share, scores, slack
from omnisim.staffing.plan.settings import read_settings
from omnisim.staffing.plan.shifts import read_shifts
from omnisim.staffing.plan.targets import Over, TargetsWrong, own_promises, read_targets
from omnisim.staffing.plan.transport import lower_bound, shared_out
from omnisim.staffing.plan.trials import Seen

DAY = "scenarios/retail-day/multichannel.yaml"


@pytest.fixture(scope="module")
def day():
    return om.load(DAY)


def test_promises_are_read(day):
    a, b, c, d = read_targets(
        [
            "call_center.service_level >= 0.80",
            "chat.abandon_rate <= 5 % in each interval",
            "email.reply_p90_s <= 4 h",
            "phone.occupancy<=88%",
        ],
        day,
    )
    assert (a.kind, a.who, a.kpi, a.at_least, a.level, a.over) == ("channel", "call_center", "service_level", True, 0.8, Over.MEAN)
    assert (b.level, b.over, b.at_least) == (0.05, Over.EACH, False)
    assert (c.level, c.over) == (14400.0, Over.MEAN)
    assert (d.kind, d.who, d.level) == ("pool", "phone", 0.88)
    named = read_targets(["chat.service_level(abandons_count_as_met, 30 s) >= 80 % in the worst interval"], day)[0]
    assert (named.formula, named.within_s, named.over) == ("abandons_count_as_met", 30.0, Over.WORST)


def test_a_risk_is_that_of_every_promise_that_says_nothing_else(day):
    a, b = read_targets(["call_center.service_level >= 80 %", "chat.service_level >= 80 % in each interval"], day, risk="90 % of days")
    assert (a.over, a.share, b.over) == (Over.DAYS, 0.9, Over.EACH)


def test_without_a_promise_the_scenario_promises(day):
    assert own_promises(day)[:2] == ["call_center.service_level >= 0.8", "chat.service_level >= 0.8"]
    assert "email.replied_in_time_rate >= 95 %" in own_promises(day)
    assert len(read_targets([], day)) == len(own_promises(day))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("call_center.service_level 0.8", "no comparison"),
        ("call_centre.service_level >= 0.8", "did you mean 'call_center'"),
        ("call_center.servicelevel >= 0.8", "did you mean 'service_level'"),
        ("call_center.service_level <= 0.8", "write >="),
        ("call_center.service_level > 0.8", "a promise is >= or <="),
        ("call_center.service_level >= 80", "between 0 and 100 %"),
        ("call_center.service_level >= often", "a share, such as 0.8 or 80 %"),
        ("email.reply_p90_s <= 4", "has no unit"),
        ("call_center.reply_p90_s <= 4 h", "is live"),
        ("web.service_level >= 0.8", "self-service"),
        ("phone.labour_cost <= 100 USD", "does not improve with more people"),
        ("call_center.service_level >= 80 % in all of them", "allowed are: in each interval"),
        ("call_center.service_level >= 80 % on 190 % of days", "a share of days between 0 and 100 %"),
        ("call_center.service_level(best) >= 80 %", "a formula (answered_in_time_over_offered"),
        ("call_center.abandon_rate(20 s) <= 5 %", "only the service level"),
        ("email.reply_p90_s <= 4 h in each interval", "not counted by interval"),
    ],
)
def test_a_promise_that_cannot_be_read_says_why(day, text, words):
    with pytest.raises(TargetsWrong) as e:
        read_targets([text], day)
    assert words in str(e.value)


def test_all_that_is_wrong_is_said_at_once(day):
    with pytest.raises(TargetsWrong) as e:
        read_targets(["nobody.service_level >= 0.8", "chat.abandon_rate >= 1 %"], day, risk="often")
    assert len(e.value.problems) == 3
    two = ["chat.service_level(20 s) >= 80 %", "chat.service_level(30 s) >= 90 %"]
    with pytest.raises(TargetsWrong, match="one plan has one formula"):
        read_targets(two, day)


def test_settings_are_all_combinations(day):
    assert len(read_settings(["staffing.pools.chat.skills.chat.concurrency=1..4", "staffing.pools.phone.reserve=0,2"], day)) == 8
    with pytest.raises(om.ScenarioError):
        read_settings(["staffing.pools.chat.skills.chat.concurrency=0..2"], day)
    with pytest.raises(om.ScenarioError, match="PATH=FROM"):
        read_settings(["concurrency"], day)


def hours(rates, **more):
    """A day of 24 hours with calls by the hour."""
    return from_plain(
        {
            "omnisim": 1, "clock": {"start": "2001-01-01 00:00", "horizon": "24 h", "interval": "1 h"},
            "demand": {"calls": {"goal": "issue", "rate": {f"{i:02d}:00": f"{r} /h" for i, r in enumerate(rates)}, "enter": {"call": 1}}},
            "channels": {
                "call": {"help": {"mode": "live", "handling": {"law": "exponential", "mean": "180 s"}, "service_level": {"within": "20 s"}}}
            },
            "staffing": {"pools": {"phone": {"agents": [1] * 24, "skills": {"call": {}}, **more}}},
        }
    )  # fmt: skip


def load_of(rates, mean_s, patience=None, live=True):
    """What comes, as it is said."""
    rate = np.array(rates, float) / 3600.0
    return Load("call", rate, np.arange(len(rate) + 1) * 3600.0, mean_s, durations.exponential(mean_s), patience or durations.never(), live)


def test_p21_shifts_cover_the_need_of_each_hour_at_2200(cases, tmp_path):
    case = cases["P21"]
    rows = ["omnisim: 1", "pools:", "  phone:"]
    for first, cost in zip((0, 6, 8, 10, 12, 14, 16, 18), case["inputs"]["shift_cost"], strict=True):
        rows.append(f'    - {{start: "{first:02d}:00", length: 6 h, cost: {cost}}}')
    file = tmp_path / "shifts.yaml"
    file.write_text("\n".join(rows) + "\n", encoding="utf-8")
    calls = case["inputs"]["calls_per_hour"]
    scenario = hours(calls)
    layout = lay_out(scenario, read_shifts(file, scenario))
    needs = Needs.of(layout, {"call": load_of(calls, 180.0)}, read_targets(["call.service_level >= 80 %"], scenario))
    need = needs.by_cell(needs.by_channel(lagged=False))
    assert [math.ceil(n) for n in need] == case["expected"]["required_agents"]
    y = cheapest_cover(layout, need)
    assert layout.cost(y) == case["expected"]["optimal_cost"] == 2200
    assert (layout.duty(y) >= np.ceil(need)).all()


def test_p09_people_of_every_moment_to_the_integer(cases):
    """The number in the system is Poisson where callers give up at the rate at which they are served: the lagged formula is exact."""
    scenario = hours([1] * 24)
    for row in cases["P09"]["expected"]["table"]:
        target = read_targets([f"call.delay_rate <= {row['alpha']}"], scenario)[0]
        load = Load("call", np.array([100.0]), np.array([0.0, 1.0]), 1.0, durations.exponential(1.0), durations.exponential(1.0), True)
        found = people(target, scenario.channels["call"].help, load, row["m"])
        assert math.ceil(found - 1e-9) == row["s"] == agents_for_delay(row["m"], row["alpha"])


def test_the_load_lags_behind_the_demand():
    rates = [60.0] * 6 + [240.0] * 6 + [60.0] * 12
    load = load_of(rates, 1800.0)
    at = np.array([6.25 * 3600, 11.5 * 3600, 12.25 * 3600])
    now, there = offered_load(load, at, lagged=False), offered_load(load, at, lagged=True)
    assert now.tolist() == [120.0, 120.0, 30.0]
    assert there[0] == pytest.approx(30 + 90 * (1 - math.exp(-0.5)), abs=1e-3)
    assert there[1] == pytest.approx(120.0, abs=0.01)
    assert there[2] == pytest.approx(30 + 90 * math.exp(-0.5), abs=1e-2)


def test_people_are_fractional_and_more_for_slower_chats():
    scenario = hours([100] * 24)
    help_ = scenario.channels["call"].help
    target = read_targets(["call.service_level >= 80 %"], scenario)[0]
    load = load_of([100.0], 180.0)
    one = people(target, help_, load, 5.0)
    assert 7 < one <= 8  # Erlang C: 7 answer 74 % within 20 s, 8 answer 88 %
    assert people(target, help_, load, 5.0, places=2, slower=1.5) == pytest.approx(people(target, help_, load_of([100.0], 270.0), 7.5) / 2)
    assert people(None, help_, load, 4.0) == pytest.approx(4.0 + 2.0)  # nothing promised: the square root beside the load
    assert people(target, help_, load_of([100.0], 180.0, live=False), 5.0) == pytest.approx(5.0 / 0.95)


def test_shifts_with_breaks_and_shrinkage_are_shares_of_people(tmp_path):
    scenario = hours([60] * 24, shrinkage={"planned": "10 %", "absence": "5 %"}, wage="20 USD/h")
    file = tmp_path / "shifts.yaml"
    file.write_text(
        'pools:\n  phone:\n    - {start: "08:00", until: "10:00", every: 1 h, length: 8 h, breaks: [{after: 4 h, length: 30 min}]}\n',
        encoding="utf-8",
    )
    layout = lay_out(scenario, read_shifts(file, scenario))
    assert [c.label for c in layout.columns] == ["08:00-16:00", "09:00-17:00", "10:00-18:00"]
    assert [c.cost for c in layout.columns] == [150.0] * 3  # seven and a half paid hours
    net = 0.9 * 0.95
    duty = layout.duty((2, 0, 0))
    by_hour = dict(zip([s.label for s in layout.pools[0].slots], duty, strict=True))
    assert by_hour["09:00"] == pytest.approx(2 * net)
    assert by_hour["12:00"] == pytest.approx(2 * net / 2)
    assert by_hour["17:00"] == 0.0
    told = scenario.with_(layout.changes((2, 0, 1)))
    assert [(s.start, s.agents) for s in told.staffing.pools["phone"].shifts] == [(28800.0, 2), (36000.0, 1)]


def test_a_file_of_shifts_says_what_is_wrong(tmp_path):
    scenario = hours([60] * 24)
    file = tmp_path / "shifts.yaml"
    file.write_text('pools:\n  phones:\n    - {start: "8 am", length: 9}\n', encoding="utf-8")
    with pytest.raises(om.ScenarioError) as e:
        read_shifts(file, scenario)
    assert f"{file}:3:" in str(e.value)
    file.write_text('pools:\n  phones:\n    - {start: "08:00", length: 9 h}\n', encoding="utf-8")
    with pytest.raises(om.ScenarioError, match="did you mean 'phone'"):
        read_shifts(file, scenario)


def test_nobody_is_put_where_the_scenario_has_nobody_and_costs_are_wages(day):
    layout = lay_out(day)
    for pool in layout.pools:
        assert min(pool.current) >= 1
    y = layout.current
    assert day.with_(layout.changes(y)).staffing.pools["phone"].agents == day.staffing.pools["phone"].agents
    wage = day.staffing.pools["phone"].wage
    phone = [c for c in layout.columns if c.pool == "phone"]
    assert phone[0].cost == pytest.approx(wage * 0.5 * day.clock.horizon / 86400)
    with pytest.raises(ValueError, match="did you mean 'phone'"):
        lay_out(day, costs={"phne": 3.0})


def test_a_flexible_person_is_counted_once(cases):
    """P25: the counted-twice answer is ten flexible people for 14; the work alone needs more than thirteen."""
    base = om.load("experiments/flexible-agents-counted-twice/base.yaml")
    prices = {"billing_only": 1.0, "technical_only": 1.0, "flexible": 1.4}
    layout = lay_out(base, costs=prices)
    edges = np.array([0.0, base.clock.horizon])
    loads = {
        "billing": Load("billing", np.array([100 / 3600]), edges, 240.0, durations.exponential(240.0), durations.never(), True),
        "technical": Load(
            "technical", np.array([50 / 3600]), edges, 480.0, durations.exponential(480.0), durations.exponential(600.0), True
        ),
    }
    needs = Needs.of(layout, loads, read_targets([], base))
    erlangs = sum(needs.erlangs(c, False)[0] for c in loads)
    assert erlangs == pytest.approx(cases["P25"]["expected"]["offered_load_erlangs"], abs=1e-3)
    y = shared_out(needs, needs.by_channel(False))
    assert sum(y) > 13
    assert layout.cost(y) > cases["P25"]["expected"]["pyworkforce_answer"]["cost"]
    assert lower_bound(needs) == pytest.approx(10 * 0.8 * 2 * 20 / 3 / 1, rel=0.02)  # eight in ten of both, on specialists, ten hours


def target_of(text, day):
    return read_targets([text], day)[0]


def test_a_mean_is_the_ratio_of_totals_with_the_interval_of_the_delta_method(day):
    t = target_of("call_center.service_level >= 80 %", day)
    seen = Seen(np.array([[80.0], [10.0]]), np.array([[100.0], [20.0]]))
    s = scores(t, seen)[0]
    assert s.worth == pytest.approx(0.75)
    assert s.value == pytest.approx(-0.05)
    off = np.array([80 - 75.0, 10 - 15.0]) / 60.0
    assert s.sd == pytest.approx(off.std(ddof=1))
    assert s.low(0.05) < s.value < s.high(0.05)


def test_each_interval_the_worst_one_and_the_share_of_days(day):
    num = np.array([[9.0, 5.0], [10.0, 7.0], [8.0, 6.0], [9.0, 9.0]])
    seen = Seen(num, np.full((4, 2), 10.0))
    each = scores(target_of("call_center.service_level >= 80 % in each interval", day), seen)
    assert [round(s.worth, 4) for s in each] == [0.9, 0.675]
    worst = scores(target_of("call_center.service_level >= 80 % in the worst interval", day), seen)[0]
    assert worst.worth == pytest.approx((0.5 + 0.7 + 0.6 + 0.9) / 4)
    t = target_of("call_center.service_level >= 80 % on 50 % of days", day)
    share = scores(t, Seen(num[:, :1] - 1.0, np.full((4, 1), 10.0)))[0]
    assert (share.worth, share.days) == (0.75, (3, 4))
    assert share.low(0.05) == pytest.approx(least_share(3, 4, 0.05) - 0.5)
    assert slack(t, Seen(num[:, :1] - 1.0, np.full((4, 1), 10.0))) == pytest.approx(0.0)


def test_bounds_of_a_share_are_those_of_clopper_and_pearson():
    from scipy import stats

    for kept, seen in ((0, 5), (3, 5), (5, 5), (190, 200)):
        exact = stats.binomtest(kept, seen).proportion_ci(0.9, method="exact")
        assert least_share(kept, seen, 0.05) == pytest.approx(exact.low)
        assert best_share(kept, seen, 0.05) == pytest.approx(exact.high)


def test_the_days_of_a_proof_follow_from_the_margin():
    assert needed(Score(0.81, 0.01, 0.05, 50), 0.025) == math.ceil(((1.959964 + 2.2) * 0.05 / 0.01) ** 2)
    assert needed(Score(0.79, -0.01, 0.05, 50), 0.025) > 10**8
    assert needed(Score(1.0, 0.1, 0.0, 50, (50, 50)), 0.025) >= 36
