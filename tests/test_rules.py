"""Laws of the rules: exact zeros where nothing differs, and the sizes that follow from stated inputs."""

from pathlib import Path

import numpy as np
import pytest
from draw_audit import audit
from worlds import load_world

import omnisim as om
from omnisim.engines import compiled, reference
from omnisim.tables import Tables
from omnisim.words import Mode

ROOT = Path(__file__).resolve().parent.parent

BASE = """
omnisim: 1
name: support
clock: {horizon: 24 h, at_end: drain}
demand:
  issues: {goal: issue, rate: 1 /min, enter: {call_center: 1.0}, preceded: {web: 0.57}}
channels:
  call_center: {help: {mode: live, handling: {law: exponential, mean: 330 s}, resolve: 0.7}}
  chat: {help: {mode: live, handling: {law: exponential, mean: 330 s}, resolve: 0.7}}
  web: {browse: {time: {law: constant, value: 5 min}}}
staffing:
  pools: {all: {agents: 60, wage: 19 USD/h, skills: {call_center: {}, chat: {}}}}
journey:
  issue: {retry: {after_abandoned: 0.75, after_unresolved: 0.75, delay: {law: exponential, mean: 10 min}, channel: {same: 0.5, chat: 0.5}}}
context:
  identify: {call_center: 0.9, chat: 0.9}
  link: {web: {call_center: 1.0, chat: 1.0}, call_center: {chat: 1.0}, chat: {call_center: 1.0}}
  effects: {repeat_time: 75 s, resolution_loss: 0.2}
"""


@pytest.fixture
def support(tmp_path):
    path = tmp_path / "support.yaml"
    path.write_text(BASE, encoding="utf-8")
    return om.load(path)


def digests(scenario, seeds=(1, 2)):
    tables = Tables.build(scenario)
    return [reference.run(tables, seed).digest() for seed in seeds]


def test_one_medium_gives_no_difference_between_presets_but_the_hubs_cost(tmp_path, support):
    path = tmp_path / "one.yaml"
    path.write_text(
        BASE.replace("channel: {same: 0.5, chat: 0.5}", "channel: {same: 1.0}")
        .replace(", preceded: {web: 0.57}", "")
        .replace("  chat: {help: {mode: live, handling: {law: exponential, mean: 330 s}, resolve: 0.7}}\n", "")
        .replace("  web: {browse: {time: {law: constant, value: 5 min}}}\n", "")
        .replace(", chat: {}", "")
        .split("context:")[0]
        + "context: {preset: multichannel, effects: {repeat_time: 75 s, resolution_loss: 0.2, lookup_time: 10 s}}\n",
        encoding="utf-8",
    )
    multi = om.load(path)
    c = om.compare([multi, multi.with_({"context.preset": "omnichannel"}), multi.with_({"context.preset": "siloed"})], seeds=3, workers=1)
    assert any(e.kpi == "hub_cost" and e.mean > 0 for e in c.answers[1].estimates)
    for d in c.differences:
        if d.kpi not in ("hub_cost", "cost_per_resolved"):
            assert d.difference == d.low == d.high == 0.0, d
    assert c.difference("hub_cost", c.names[1]).difference == 900.0


def test_neutral_effects_and_harms_make_presets_equal_to_the_bit(support):
    neutral = support.with_({"context.effects": None, "context.harms": None, "context.identify": None, "context.link": None})
    stories = []
    for preset in ("siloed", "multichannel", "omnichannel"):
        t = Tables.build(neutral.with_({"context.preset": preset}))
        seen = reference.run(t, 1)
        stories.append([seen.touches[f].tobytes() for f in ("arrived", "started", "ended", "outcome", "resolved", "wrap_s")])
    assert stories[0] == stories[1] == stories[2]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("context.effects.repeat_time", "0 s"),
        ("context.effects.lookup_time", "0 s"),
        ("context.effects.resolution_loss", 0.0),
        ("context.effects.patience_factor", 1.0),
        ("context.effects.contradiction_loss", 0.0),
        ("context.harms.false_match", 0.0),
        ("context.harms.stale", 0.0),
        ("context.harms.wrong_record_time", "0 s"),
        ("context.harms.wrong_record_loss", 0.0),
        ("context.harms.consent_friction", 0.0),
        ("context.harms.induced_contacts", 0.0),
        ("context.coherence", 1.0),
        ("context.own_memory", 1.0),
        ("context.latency", "0 s"),
    ],
)
def test_every_effect_has_a_neutral_setting_that_is_its_absence(support, path, value):
    bare = support.with_({"context.effects": None})
    assert digests(bare, (1,)) == digests(bare.with_({path: value}), (1,))


@pytest.mark.parametrize(
    ("changes", "kpi", "sign"),
    [
        ({"context.harms.false_match": 0.2}, "agent_minutes_per_issue", 1),
        ({"context.harms.false_match": 0.2, "context.harms.wrong_record_time": "60 s"}, "agent_minutes_per_issue", 1),
        ({"context.harms.stale": 0.3}, "first_contact_resolution", -1),
        ({"context.harms.stale": 0.3, "context.harms.wrong_record_loss": 0.5}, "resolution_rate", -1),
        ({"context.harms.induced_contacts": 0.1}, "visitors", 1),
        ({"context.hub.down": [{"from": "2001-01-01 06:00", "to": "2001-01-01 18:00"}]}, "context_hit_rate", -1),
        ({"context.latency": "30 min"}, "context_hit_rate", -1),
        ({"context.time_to_live": "2 min"}, "context_hit_rate", -1),
        ({"context.half_life": "10 min"}, "context_hit_rate", -1),
        ({"context.own_memory": 0.3}, "context_hit_rate", -1),
        ({"context.level": "L1"}, "context_hit_rate", -1),
        ({"context.coherence": 0.8}, "journey_success", -1),
        ({"context.coherence": 0.8, "context.effects.contradiction_loss": 0.5}, "resolution_rate", -1),
        ({"context.effects.lookup_time": "20 s"}, "agent_minutes_per_issue", 1),
        ({"context.identify": {"call_center": 0.5, "chat": 0.5}}, "repeat_told_rate", 1),
    ],
)
def test_each_lever_moves_what_it_should(support, changes, kpi, sign):
    """Signs; false-alarm rate below 1e-3 each (paired over 6 seeds, interval must leave out 0 by far)."""
    c = om.compare([support, support.with_(changes)], seeds=6, workers=1)
    d = c.difference(kpi)
    assert d.low is not None
    assert d.high is not None
    assert sign * d.difference > 0
    assert d.low > 0 or d.high < 0


def test_an_endless_latency_is_no_link_at_all(support):
    late = Tables.build(support.with_({"context.latency": "1000 d"}))
    none = Tables.build(support.with_({"context.link": None}))
    a, b = reference.run(late, 1).touches, reference.run(none, 1).touches
    for field in ("arrived", "ended", "completeness", "outcome", "resolved"):
        assert a[field].tobytes() == b[field].tobytes()


def test_full_memory_without_hand_over_is_as_good_as_one_channel(support):
    """Law: everything follows, at once, for everybody: no story is told twice, and the day is the day without the effects."""
    everywhere = {"call_center": 1.0, "chat": 1.0}
    whole = {
        "context.identify": everywhere,
        "context.link": {"web": everywhere, "call_center": {"chat": 1.0}, "chat": {"call_center": 1.0}},
    }
    a = reference.run(Tables.build(support.with_(whole)), 1).touches
    b = reference.run(Tables.build(support.with_({"context": None})), 1).touches
    assert (a["completeness"] == 1.0).all()
    for field in ("arrived", "started", "ended", "outcome", "resolved", "channel"):
        assert a[field].tobytes() == b[field].tobytes()


def test_pooled_people_wait_their_customers_less_than_split_ones(support):
    """Law: two queues with their own people against one pool of all of them, 8 pairs; false alarms far below 1e-3."""
    world = {"demand.issues": {"goal": "issue", "rate": "1.6 /min", "enter": {"call_center": 0.5, "chat": 0.5}}, "journey": None}
    alone = {"a": {"agents": 5, "skills": {"call_center": {}}}, "b": {"agents": 5, "skills": {"chat": {}}}}
    split = {**world, "staffing.pools.all": None, **{f"staffing.pools.{name}": pool for name, pool in alone.items()}}
    pooled = {**world, "staffing.pools.all.agents": 10}
    c = om.compare([support.with_(split), support.with_({"name": "pooled", **pooled})], seeds=8, workers=1)
    d = c.difference("wait_mean_s")
    assert d.high is not None
    assert d.high < 0.0


def test_better_links_and_identification_never_lose_anybody(support):
    tables = [
        Tables.build(support.with_({"context.identify": {"call_center": p, "chat": p}, "context.effects": None})) for p in (0.3, 0.6, 0.9)
    ]
    q = []
    for t in tables:
        rows = reference.run(t, 1).touches
        rows = rows[rows["mode"] != Mode.BROWSE]
        q.append(rows[np.lexsort((rows["serial"], rows["k"]))]["completeness"])
    assert (q[0] <= q[1]).all()
    assert (q[1] <= q[2]).all()
    assert q[0].sum() < q[2].sum()


# Given these inputs, a closed form says how agent minutes and first contact resolution move (model: conditional checks).
# Per issue: contacts 1/(1 - .75 (1 - p)), p = .7 (1 - .2 (1 - q)); a contact repeats its story in 75 s x (1 - q).
CONDITIONAL = [
    # memory from, memory to, repeat time, loss, minutes %, first contact resolution in points
    (0.1, 0.9, 75, 0.2, -15.0, 6.0),
    (0.39, 0.85, 75, 0.2, -9.0, 4.0),
    (0.39, 0.85, 15, 0.0, -1.0, 0.0),
]


def with_memory(support, memory, repeat, loss):
    everywhere = {"call_center": 1.0, "chat": 1.0}
    return support.with_(
        {
            "context.identify": everywhere,
            "context.link": {
                "web": {"call_center": memory, "chat": memory},
                "call_center": {"chat": memory},
                "chat": {"call_center": memory},
            },
            "context.effects": {"repeat_time": f"{repeat} s", "resolution_loss": loss},
        }
    )


@pytest.mark.parametrize(("low", "high", "repeat", "loss", "minutes", "points"), CONDITIONAL)
def test_given_the_stated_inputs_memory_saves_the_stated_share(support, low, high, repeat, loss, minutes, points):
    c = om.compare([with_memory(support, m, repeat, loss) for m in (low, high)], seeds=12)
    d = c.difference("agent_minutes_per_issue")
    percent = 100 / d.baseline_mean
    assert d.low * percent - 0.7 <= minutes <= d.high * percent + 0.7, (d.difference * percent, d.low * percent, d.high * percent)
    f = c.difference("first_contact_resolution")
    assert 100 * f.low - 0.7 <= points <= 100 * f.high + 0.7, (100 * f.difference, f.low, f.high)


def test_whether_self_service_counts_moves_the_saving(support):
    saving = {}
    for counts in (True, False):
        c = om.compare([with_memory(support, m, 75, 0.2).with_({"context.self_service_counts": counts}) for m in (0.1, 0.9)], seeds=6)
        d = c.difference("agent_minutes_per_issue")
        saving[counts] = -100 * d.difference / d.baseline_mean
    assert saving[True] > 2 * saving[False] > 0


def test_no_key_is_drawn_twice_and_the_uncompiled_rules_tell_the_same_story(tmp_path):
    """Law: a question is asked once.  With the compiler off every draw can be seen; the story stays the same to the bit."""
    seeds = range(0, 24, 2)
    for seed, (asked, distinct, one, other) in zip(seeds, audit("worlds", tmp_path, seeds), strict=True):
        assert asked == distinct > 0, seed
        assert one == other == compiled.run(Tables.build(load_world(tmp_path, seed)), seed).digest()
