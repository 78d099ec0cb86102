"""What a scenario file says, and what is read from it: every field of the model's sample, defaults, base units."""

import math
import pickle
import random
from datetime import datetime

import pytest
import yaml
from scenario_texts import SAMPLE, SMALL, read, write

from omnisim.scenario import ScenarioError, check, from_plain, load


def test_the_smallest_scenario_has_everything_else_off(tmp_path):
    s = read(tmp_path, SMALL)
    assert (s.omnisim, s.name, s.currency, s.scale, s.path) == (1, "shop", "USD", 1.0, str(tmp_path / "shop.yaml"))
    assert (s.clock.start, s.clock.horizon, s.clock.warmup) == (datetime(2001, 1, 1), 28800.0, 0.0)
    assert s.clock.start.weekday() == 0
    assert (s.clock.interval, s.clock.at_end, s.world.busyness_cv) == (None, "cut", 0.0)
    stream = s.demand["calls"]
    assert stream.rate == ((0.0, 2 / 60),)
    assert (stream.volume, stream.at, stream.profile, stream.surge, stream.preceded, stream.preceded_gap) == (
        None,
        None,
        None,
        (),
        {},
        None,
    )
    phone = s.channels["phone"]
    assert (phone.medium, phone.hours, phone.believed_wait, phone.browse, phone.sell) == ("phone", None, 0.0, None, False)
    h = phone.help
    assert (h.mode, h.wrap, h.patience, h.queue_limit, h.at_close, h.resolve) == ("live", None, None, None, "serve", 1.0)
    assert (h.service_level, h.deadline, h.missed, h.withdraw) == (None, None, {}, False)
    pool = s.staffing.pools["desk"]
    assert (pool.agents, pool.at_shift_end, pool.wage) == (12, "finish", None)
    skill = pool.skills["phone"]
    assert (skill.priority, skill.preference, skill.speed, skill.concurrency) == (1, 1, 1.0, 1)
    assert (s.staffing.routing.agent, s.staffing.routing.contact) == ("preference", "priority")
    assert (s.journey.markov, s.journey.issue, s.context, s.customers) == (None, None, None, None)
    assert s.warnings == ()


def test_the_sample_of_the_model(tmp_path):
    s = read(tmp_path, SAMPLE)
    assert s.name == "Shop, textbook"
    assert (s.clock.start, s.clock.horizon, s.clock.warmup, s.clock.interval) == (datetime(2026, 11, 30), 172800.0, 7200.0, 1800.0)
    assert s.demand["day"].rate == ((0.0, 2 / 60), (3600.0, 0.06))
    assert [(a.second_of_day, a.moment, a.count) for a in s.demand["mails"].at] == [(0.0, None, 100.0)]
    assert s.demand["mails"].preceded == {"web": 0.57}
    shoppers = s.demand["shoppers"]
    assert (shoppers.goal, shoppers.volume, shoppers.rate, sum(shoppers.profile.hourly)) == ("markov", 2_300_000.0, None, 27.0)
    assert shoppers.profile.weekly == (1, 1, 1, 1, 1.5, 2, 1)
    [surge] = shoppers.surge
    assert (surge.from_, surge.to, surge.factor) == (datetime(2026, 11, 30, 20), datetime(2026, 11, 30, 23), 3.0)
    h = s.channels["call_center"].help
    assert (h.handling.law, h.handling.mean, h.handling.cv) == ("lognormal", 330.0, 0.8)
    assert (h.wrap.mean, h.patience.mean, h.queue_limit, h.resolve) == (30.0, 120.0, 40, 0.7)
    level = h.service_level
    assert (level.within, level.target, level.formula, level.strict, level.short) == (
        20.0,
        0.8,
        "answered_in_time_over_offered",
        False,
        5.0,
    )
    assert s.channels["call_center"].hours[0] == (28800.0, 79200.0)
    assert s.channels["billing"].medium == "call_center"
    assert s.channels["billing"].help.patience is None
    mail = s.channels["email"].help
    assert (mail.handling.law, mail.handling.mean, mail.deadline, mail.missed) == ("constant", 360.0, 14400.0, {"call_center": 0.71})
    assert s.channels["social"].browse.time.mean == 180.0
    phone = s.staffing.pools["phone"]
    assert phone.wage == 19.0
    assert (phone.skills["call_center"].preference, phone.skills["billing"].preference, phone.skills["chat"].concurrency) == (2, 2, 3)
    assert phone.skills["chat"].slowdown == (1.0, 1.33, 1.83)
    assert phone.skills["billing"].slowdown is None
    assert s.staffing.pools["mail"].agents.points == ((0.0, 5), (28800.0, 40), (72000.0, 5))
    assert s.journey.markov.switch == {"web": {"call_center": 0.15}}
    assert s.journey.markov.convert == {"call_center": 0.3, "web": 0.22}
    retry = s.journey.issue.retry
    assert (retry.after_abandoned, retry.after_unresolved, retry.delay.mean, retry.most, retry.redraw) == (0.5, 0.8, 600.0, 20, True)
    assert retry.channel == {"call_center": 0.4, "same": 0.6}
    c = s.context
    assert c.identify == {
        "app": 0.92,
        "billing": 0.9,  # by its medium
        "call_center": 0.9,
        "chat": 0.92,
        "email": 0.92,
        "social": 0.92,
        "store": 0.92,
        "web": 0.92,
    }
    assert sorted(c.link) == ["app", "call_center", "chat", "email", "social", "store", "web"]
    assert all(a not in row and len(row) == 6 for a, row in c.link.items())
    assert (c.link["web"]["call_center"], c.link["web"]["chat"]) == (0.8, 1.0)
    assert (c.latency, c.time_to_live, c.half_life, c.coherence, c.own_memory) == (60.0, 90 * 86400.0, None, 0.98, 1.0)
    assert (c.effects.repeat_time, c.effects.resolution_loss, c.hub.cost, c.hub.down) == (75.0, 0.2, 900.0, ())
    assert s.customers.segments["young"].habit == {"call_center": -0.5, "chat": 1.0}
    assert s.customers.segments["old"].share == 0.6
    choice = s.customers.choice
    assert (choice.wait, choice.fit, choice.outside) == (0.1 / 60, {"issue": {"call_center": 1.0}}, -1.0)
    assert [w.split(": ", 2)[1] for w in s.warnings] == ["context.identify", "context.link", "context.time_to_live"]
    assert "wins over preset omnichannel" in s.warnings[0]


def test_order_in_the_file_changes_nothing(tmp_path):
    def shuffled(value, g):
        if isinstance(value, dict):
            pairs = [(k, shuffled(v, g)) for k, v in value.items()]
            g.shuffle(pairs)
            return dict(pairs)
        return [shuffled(v, g) for v in value] if isinstance(value, list) else value

    data = yaml.safe_load(SAMPLE)
    data["staffing"]["pools"]["mail"]["agents"] = {"08:00": 40, "20:00": 5}
    first = from_plain(data)
    for seed in range(5):
        other = from_plain(shuffled(data, random.Random(seed)))
        assert other == first
        assert other.hash() == first.hash()
        assert repr(other.resolved()) == repr(first.resolved())


PRESET = {
    "siloed": (0.0, 0.0, 0.0, 0.85, 0.0),
    "multichannel": (0.55, 0.7, 86400.0, 0.90, 0.0),
    "omnichannel": (0.92, 1.0, 60.0, 0.98, 900.0),
}


@pytest.mark.parametrize("preset", PRESET)
def test_presets_set_five_things_and_no_time_to_live(tmp_path, preset):
    two = SMALL.replace("  phone: {help", "  web: {browse: {time: {law: constant, value: 1 s}}}\n  phone: {help")
    c = read(tmp_path, two + f"context: {{preset: {preset}}}\n").context
    identify, link, latency, coherence, cost = PRESET[preset]
    assert (c.identify, c.link) == ({"phone": identify, "web": identify}, {"phone": {"web": link}, "web": {"phone": link}})
    assert (c.latency, c.coherence, c.hub.cost, c.time_to_live, c.half_life, c.level) == (latency, coherence, cost, None, None, None)
    assert (c.effects.repeat_time, c.effects.patience_factor, c.harms.stale) == (0.0, 1.0, 0.0)


def test_a_context_without_preset_is_neutral(tmp_path):
    c = read(tmp_path, SMALL + "context: {}\n").context
    assert (c.identify, c.link, c.latency, c.coherence, c.hub.cost, c.self_service_counts) == (
        {"phone": 1.0},
        {"phone": {}},
        0.0,
        1.0,
        0.0,
        True,
    )


def law(tmp_path, text):
    return read(tmp_path, SMALL.replace("{law: exponential, mean: 5 min}", text)).channels["phone"].help.handling


def test_every_law_has_its_mean(tmp_path):
    assert law(tmp_path, "{law: constant, value: 6 min}").mean == 360
    assert law(tmp_path, "{law: weibull, mean: 5 min, cv: 1.12}").cv == 1.12
    assert law(tmp_path, "{law: uniform, low: 2 s, high: 4 s}").mean == 3
    assert law(tmp_path, "{law: triangular, low: 1 s, mode: 2 s, high: 6 s}").mean == 3
    assert law(tmp_path, "{law: lognormal, mean: 5 s, cv: 0}").law == "constant"
    two = law(tmp_path, "{law: mixture, parts: [{share: 10 %, law: constant, value: 0 s}, {share: 0.9, law: exponential, mean: 100 s}]}")
    assert (two.mean, [(s, p.law) for s, p in two.parts]) == (90, [(0.1, "constant"), (0.9, "exponential")])
    assert law(tmp_path, "[{share: 10 %, law: constant, value: 0 s}, {share: 0.9, law: exponential, mean: 100 s}]") == two
    assert law(tmp_path, "{mixture: [{share: 10 %, law: constant, value: 0 s}, {share: 0.9, law: exponential, mean: 100 s}]}") == two
    write(tmp_path, "handling_s\n30\n1 min\n\n90\n", "times.csv")
    measured = law(tmp_path, "{law: empirical, file: times.csv}")
    assert (measured.mean, measured.values) == (60, (30, 60, 90))
    assert law(tmp_path, "{law: empirical, values: [90 s, 30 s, 1 min]}") == measured


def test_patience_may_be_never(tmp_path):
    for text in ("never", "{law: never}"):
        s = read(tmp_path, SMALL.replace("mode: live", f"mode: live, patience: {text}"))
        assert s.channels["phone"].help.patience is None
    s = read(tmp_path, SMALL.replace("mode: live", "mode: live, patience: [{share: .5, law: never}, {share: .5, law: constant, value: 0}]"))
    assert s.channels["phone"].help.patience.mean == math.inf
    assert from_plain(s.resolved()) == s


def test_clock_maps_have_one_form(tmp_path):
    def rate(text):
        return read(tmp_path, SMALL.replace("rate: 2 /min", f"rate: {text}")).demand["calls"].rate

    assert rate('{"08:00": 2 /min, "20:00": 0}') == ((0.0, 0.0), (28800.0, 2 / 60), (72000.0, 0.0))
    assert rate('{"00:00": 0, "08:00": 120 /h, "12:00": 2 /min, "20:00": 0 /h}') == rate("{08:00: 2 /min, 20:00: 0}")
    assert rate('{"12:00": 2 /min}') == rate("2 /min") == rate("120 /h") == rate("2880 /d") == rate('{"06:00": 2 /min, "07:00": 2 /min}')


def test_staff_by_interval_of_the_horizon_or_of_a_day(tmp_path):
    text = SMALL.replace("horizon: 8 h", "horizon: 50 h, interval: 6 h")
    for n in (9, 4):  # the last interval of the horizon is short
        s = read(tmp_path, text.replace("agents: 12", f"agents: {[3] * n}"))
        assert s.staffing.pools["desk"].agents == (3,) * n
    with pytest.raises(ScenarioError, match=r"9 \(of the horizon\) or 4 \(of a day\)"):
        read(tmp_path, text.replace("agents: 12", f"agents: {[3] * 8}"))


def test_batches_and_profiles(tmp_path):
    s = read(tmp_path, SMALL.replace("rate: 2 /min", 'at: {"2001-01-01 02:00": 5, "12:00": 7, "06:00": 2.5}'))
    assert [(a.second_of_day, a.moment, a.count) for a in s.demand["calls"].at] == [
        (21600.0, None, 2.5),
        (43200.0, None, 7.0),
        (None, datetime(2001, 1, 1, 2), 5.0),
    ]
    write(tmp_path, "hour,orders,visits\n" + "".join(f"{h},{h % 3},{h}\n" for h in range(24)), "hours.csv")
    write(tmp_path, "day,w\n" + "".join(f"{d},{d + 1}\n" for d in reversed(range(7))), "days.csv")
    s = read(tmp_path, SMALL.replace("rate: 2 /min", "volume: 9, profile: {hourly: hours.csv#visits, weekly: days.csv}"))
    assert s.demand["calls"].profile.hourly == tuple(range(24))
    assert s.demand["calls"].profile.weekly == (1, 2, 3, 4, 5, 6, 7)  # the index column is obeyed
    s = read(tmp_path, SMALL.replace("rate: 2 /min", "volume: 9, profile: days.csv"))
    assert s.demand["calls"].profile.hourly is None
    assert from_plain(s.resolved()) == s
    with pytest.raises(ScenarioError, match=r"has 3 columns; name one, such as 'hours.csv#orders'"):
        read(tmp_path, SMALL.replace("rate: 2 /min", "volume: 9, profile: hours.csv"))
    with pytest.raises(ScenarioError, match=r"no column 'visit' \(did you mean 'visits'\?\)"):
        read(tmp_path, SMALL.replace("rate: 2 /min", "volume: 9, profile: hours.csv#visit"))


def test_what_is_doubtful_is_a_warning(tmp_path):
    text = SMALL + 'context: {preset: omnichannel, hub: {down: [{from: "1999-01-01 00:00", to: "1999-01-01 01:00"}]}}\n'
    text = text.replace("rate: 2 /min", 'rate: 2 /min, surge: [{from: "2002-01-01 00:00", to: "2002-01-01 01:00", factor: 2}]')
    found = check(write(tmp_path, text))
    assert found.problems == ()
    assert [(w.path, w.message) for w in found.warnings] == [
        ("demand.calls.surge", "has a surge outside the horizon; it never comes"),
        ("context.preset", "omnichannel with one medium: there is nothing to connect"),
        ("context.hub.down", "has an outage outside the horizon; it never comes"),
    ]
    lonely = (
        "omnisim: 1\nclock: {horizon: 1 h}\ndemand: {v: {goal: issue, rate: 1 /h, enter: {web: 1}}}\n"
        "channels: {web: {browse: {time: {law: constant, value: 1 min}}}}\n"
    )
    [warning] = check(write(tmp_path, lonely)).warnings
    assert (warning.line, warning.path) == (3, "demand.v.enter")
    assert "no person is ever reached" in warning.message


def test_a_scenario_survives_the_way_to_a_worker_and_so_does_an_error(tmp_path):
    s = read(tmp_path, SAMPLE)
    assert pickle.loads(pickle.dumps(s)) == s
    assert pickle.loads(pickle.dumps(s)).with_({"scale": 2}).scale == 2
    with pytest.raises(ScenarioError) as e:
        read(tmp_path, SMALL + "nme: x\n")
    assert pickle.loads(pickle.dumps(e.value)).problems == e.value.problems


def test_files_that_are_none(tmp_path):
    for path, words in ((tmp_path / "none.yaml", "there is no such file"), (tmp_path, "not a regular file"), ("a\0b", "this is no path")):
        with pytest.raises(ScenarioError, match=words) as e:
            load(path)
        assert e.value.problems[0].line == 1
