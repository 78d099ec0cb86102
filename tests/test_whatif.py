"""What-if: each impulse is exactly what it says, differences are paired, and what breaks is found where it must be."""

import datetime
import itertools
import json

import numpy as np
import pytest
import yaml
from click.testing import CliRunner
from plan_world import TEXT, small

import omnisim as om
from omnisim.cli import main
from omnisim.kpis import columns
from omnisim.staffing.plan.targets import read_targets
from omnisim.tables import Tables
from omnisim.whatif import clock_moment, reached
from omnisim.whatif.impulses import KINDS, Impulse, Skipped, chosen, impulses, spread_out

START = datetime.datetime(2026, 3, 3, 8)


def made(scenario, *ifs):
    return {m.name: m for m in impulses(scenario, chosen(ifs), lambda length: START + datetime.timedelta(hours=2))}


def expected(scenario):
    return Tables.build(scenario).expected_arrivals


def test_more_demand_is_so_many_more_whatever_surges_there_are():
    surges = [
        {"from": "2026-03-03 09:00", "to": "2026-03-03 10:00", "factor": 3},
        {"from": "2026-03-03 11:00", "to": "2026-03-03 12:00", "factor": 0.5},
        {"from": "2026-03-03 08:00", "to": "2026-03-03 14:00", "factor": 1.5},
    ]
    for base in (
        small(),
        small(demand__calls__surge=surges),
        small(demand__mails={"goal": "issue", "at": {"09:00": 30}, "enter": {"email": 1}}),
    ):
        for text, factor in (("more_demand", 1.2), ("more_demand=50 %", 1.5)):
            assert expected(made(base, text)["more_demand"].scenario) == pytest.approx(factor * expected(base))


def test_those_who_come_anyway_keep_their_moments():
    base = small()
    more = made(base, "more_demand=100 %")["more_demand"].scenario
    mine = {(r["arrived"], r["stream"]) for r in om.simulate(base, 5).journeys if r["parent"] < 0}
    theirs = {(r["arrived"], r["stream"]) for r in om.simulate(more, 5).journeys if r["parent"] < 0}
    assert mine < theirs
    assert 1.6 < len(theirs) / len(mine) < 2.4


def test_one_fewer_takes_one_agent_of_one_pool_in_each_interval():
    base = small()
    found = made(base, "one_fewer")
    assert list(found) == ["one_fewer.desk", "one_fewer.post", "one_fewer.talk"]
    desk = found["one_fewer.desk"].scenario
    assert desk.staffing.pools["desk"].agents.points == ((0.0, 6), (28800.0, 5), (36000.0, 8), (43200.0, 6))
    assert desk.staffing.pools["talk"] == base.staffing.pools["talk"]
    listed = small(staffing__pools__desk__agents=[0, 1, 2, *[3] * 9])
    assert made(listed, "one_fewer=2")["one_fewer.desk"].scenario.staffing.pools["desk"].agents == (0, 0, 0, *[1] * 9)


def test_one_fewer_on_shifts_leaves_every_moment_one_short_with_few_shifts():
    shifts = [
        {"start": "06:00", "length": "8 h", "agents": 3},
        {"start": "08:00", "length": "4 h", "agents": 2},
        {"start": "12:00", "length": "8 h", "agents": 4},
        {"start": "14:00", "length": "8 h", "agents": 4},
    ]
    base = small(staffing__pools__desk__shifts=shifts)
    assert spread_out(base.staffing.pools["desk"].shifts) == [0, 3]
    after = made(base, "one_fewer")["one_fewer.desk"].scenario.staffing.pools["desk"].shifts
    assert [s.agents for s in after] == [2, 2, 4, 3]


def test_outages_and_campaign_come_when_they_are_said_to():
    base = small()
    found = made(base)
    ten, noon = START + datetime.timedelta(hours=2), START + datetime.timedelta(hours=4)
    assert [(d.from_, d.to) for d in found["hub_down"].scenario.context.hub.down] == [(ten, noon)]
    assert [(d.from_, d.to) for d in found["bot_down"].scenario.channels["chat"].bot.down] == [(ten, noon)]
    extra = expected(found["campaign"].scenario) - expected(base)
    # in the first hour 122 people come anyway, in the second 122, in the third and fourth 92 an hour
    echo = (0.514 - 0.336) / 2 / 0.336, (0.81 - 0.514) / 21 / 0.336
    assert extra == pytest.approx(122 + 122 * echo[0] + 92 * echo[0] + 92 * echo[1])


def test_what_a_scenario_does_not_have_cannot_go_down():
    bare = small(context=None, channels__chat__bot=None)
    found = made(bare)
    assert isinstance(found["hub_down"], Skipped)
    assert isinstance(found["bot_down"], Skipped)
    assert isinstance(found["campaign"], Impulse)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("more_demnad", "allowed are: more_demand, one_fewer, bot_down, hub_down, campaign (did you mean 'more_demand'?)"),
        ("more_demand=20", "no percentage"),
        ("one_fewer=1.5", "no whole number of agents"),
        ("hub_down=2", "has no unit"),
        ("bot_down=-1 h", "no time above 0 s"),
    ],
)
def test_a_wrong_impulse_is_refused_with_what_is_allowed(text, words):
    with pytest.raises(om.ScenarioError) as wrong:
        chosen(["campaign", text])
    assert str(wrong.value).startswith("--if:2:")
    assert words in str(wrong.value)
    assert chosen([]) == {name: kind.size for name, kind in KINDS.items()}


@pytest.fixture(scope="module")
def found():
    return om.what_if(
        small(), ["phone.service_level >= 75 %", "email.reply_p90_s <= 1 h"], ["more_demand=80 %", "one_fewer", "bot_down"], 8
    )


def test_what_breaks_is_found_and_when(found):
    case = found.case("more_demand")
    phone, mail = case.effects
    assert phone.verdict == "breaks"
    assert phone.spans
    assert all(s.worst < 0.75 and s.begin < s.end for s in phone.spans)
    assert all(a.end < b.begin for a, b in itertools.pairwise(phone.spans))
    assert phone.difference.interval()[1] < 0.0
    assert mail.verdict == "holds"
    assert not mail.when
    assert found.case("one_fewer.post").effects[0].difference.value == pytest.approx(0.0, abs=0.1)


def test_a_number_is_that_of_all_contacts_and_its_difference_is_paired(found):
    plan = om.run(found.scenario, 8, workers=1)
    more = om.run(made(found.scenario, "more_demand=80 %")["more_demand"].scenario, 8, workers=1)
    a, b = (x.kpi("service_level", channel="phone") for x in (plan, more))
    effect = found.case("more_demand").effects[0]
    assert (effect.before.value, effect.then.value) == (a.pooled, b.pooled)
    assert effect.before.interval() == pytest.approx((a.pooled_low, a.pooled_high))
    assert effect.difference.value == b.pooled - a.pooled
    apart = float(np.hypot(effect.before.error, effect.then.error))
    assert 0.0 < effect.difference.error < apart


def test_an_impulse_that_changes_nothing_changes_exactly_nothing():
    base = small(channels__chat__bot__contain=0.0, context__preset="siloed", context__link={"phone": {"email": 0.01}}, demand__chats=None)
    same = om.what_if(base, ["phone.service_level >= 60 %"], ["bot_down"], 4)  # nobody chats: the bot talks to nobody
    assert same.case("bot_down").effects[0].difference.value == 0.0
    assert not same.case("bot_down").effects[0].spans


def test_targets_of_each_kind_have_a_value():
    base = small()
    answer = om.run(base, 6, workers=1)
    seen = reached.Seen(columns(answer.tables), answer.num, answer.den)
    mean, each, worst, days = read_targets(
        [
            "phone.service_level >= 70 %",
            "phone.service_level >= 70 % in each interval",
            "phone.service_level >= 70 % in the worst interval",
            "phone.service_level >= 70 % on 90 % of days",
        ],
        base,
    )
    by = {k: v.value for k, v in seen.by_interval(mean).items()}
    assert len(by) == 12
    assert seen.reach(each).value == min(by.values())
    assert seen.reach(worst).value == pytest.approx(answer.kpi("service_level_worst_interval", channel="phone").mean)
    shares = answer.sample().value[:, seen.places["service_level", frozenset([("channel", "phone")])]]
    assert seen.reach(days).value == pytest.approx(np.mean([s >= 0.7 for s in shares]))
    assert reached.slack(days, 0.95) == pytest.approx(0.05)


def test_met_and_missed_need_to_be_sure():
    target = read_targets(["phone.service_level >= 70 %"], small())[0]
    parts = np.array([-0.02, 0.0, 0.02, 0.01, -0.01])
    for value, state in ((0.75, "met"), (0.7, "open"), (0.65, "missed")):
        assert reached.state(target, reached.Reached(value, parts)) == state
    assert reached.state(target, reached.Reached(0.7, np.zeros(5))) == "met"


def test_the_verb_tells_it_in_80_columns_and_as_json(tmp_path, found):
    file = tmp_path / "small.yaml"
    file.write_text(TEXT)
    assert all(len(line) <= 80 for line in str(found).splitlines())
    args = ["what-if", str(file), "--target", "phone.service_level >= 60 %", "--if", "one_fewer", "--seeds", "3", "--json", "-"]
    out = CliRunner().invoke(main, args)
    assert out.exit_code == 0, out.output
    told = json.loads(out.stdout)
    assert [c["name"] for c in told["cases"]] == ["one_fewer.desk", "one_fewer.post", "one_fewer.talk"]
    assert told["reproduce"].startswith("omnisim what-if")
    assert yaml.safe_load(out.stdout)["planned"][0]["state"] in ("met", "missed", "open")


def test_wrong_input_ends_with_2_and_says_everything(tmp_path):
    file = tmp_path / "small.yaml"
    file.write_text(TEXT)
    for more, words in (
        (["--if", "hub_dwon"], "did you mean 'hub_down'"),
        (["--at", "25:00"], "write a time of day"),
        (["--at", "2026-03-04 09:00"], "the run is from"),
        (["--target", "phnoe.service_level >= 0.8"], "phone"),
    ):
        out = CliRunner().invoke(main, ["what-if", str(file), *more])
        assert out.exit_code == 2, more
        assert words in out.stderr
        assert "Traceback" not in out.output


def test_a_time_of_day_is_on_the_first_day_that_is_measured():
    assert clock_moment(small(), "09:30") == START + datetime.timedelta(hours=1.5)
    two = small(clock={"start": "2026-03-03 00:00", "horizon": "48 h", "warmup": "24 h", "interval": "30 min"})
    assert clock_moment(two, "09:30") == datetime.datetime(2026, 3, 4, 9, 30)
