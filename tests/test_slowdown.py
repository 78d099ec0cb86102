"""Contacts in hand slow each other down: work is drawn once and done to the end, at a speed that follows the number in hand."""

import json

import numpy as np
import pytest
from worlds import load_world, world

import omnisim as om
from omnisim.engines import compiled, reference
from omnisim.rules import serving
from omnisim.tables import Tables
from omnisim.words import Outcome


def desk(path, chat, rate="1.2 /min"):
    """Chats with wrap-up and patience beside calls, one pool; nobody comes twice."""
    path.write_text(
        "omnisim: 1\nname: desk\nclock: {horizon: 24 h, at_end: drain}\n"
        f"demand: {{chats: {{goal: issue, rate: {rate}, enter: {{chat: 0.8, phone: 0.2}}}}}}\n"
        "channels:\n"
        "  chat: {help: {mode: live, handling: {law: exponential, mean: 5 min}, wrap: {law: exponential, mean: 40 s}, "
        "patience: {law: exponential, mean: 5 min}}}\n"
        "  phone: {help: {mode: live, handling: {law: exponential, mean: 4 min}, patience: {law: exponential, mean: 3 min}}}\n"
        f"staffing: {{pools: {{p: {{agents: 3, skills: {{chat: {chat}, phone: {{priority: 2}}}}}}}}}}\n",
        encoding="utf-8",
    )
    return Tables.build(om.load(path))


def single(path, at, factors, agents=1, concurrency=3):
    """One agent, chats of 60 s of work that come at these seconds."""
    demand = {
        f"s{i}": {"goal": "issue", "at": {f"2001-01-01 00:{s // 60:02d}:{s % 60:02d}": 1}, "enter": {"c": 1}} for i, s in enumerate(at)
    }
    skill = {"concurrency": concurrency, "slowdown": factors}
    path.write_text(
        json.dumps(
            {
                "omnisim": 1,
                "name": "single",
                "clock": {"horizon": "1 h"},
                "demand": demand,
                "channels": {"c": {"help": {"mode": "live", "handling": {"law": "constant", "value": "60 s"}}}},
                "staffing": {"pools": {"p": {"agents": agents, "skills": {"c": skill}}}},
            }
        ),
        encoding="utf-8",
    )
    return Tables.build(om.load(path))


def both(tables, seed=1):
    one, other = reference.run(tables, seed), compiled.run(tables, seed)
    assert one.digest() == other.digest()
    assert one.events == other.events
    return one


def test_the_end_of_a_talk_that_is_planned_anew():
    """120 s of work begun at 0 s with 3 in hand (factor 1.5), with 1 in hand (factor 1) from 60 s on: 80 s are left, it ends at 140 s."""
    slows, slowdown = np.array([[-1, 2]]), np.array([9.0, 9.0, 1.0, 1.25, 1.5])
    assert serving.slowdown_of(slows, slowdown, 0, 0, 3) == 1.0
    factor, later = (serving.slowdown_of(slows, slowdown, 0, 1, load) for load in (3, 1))
    end = serving.ends_at(0.0, 120.0, factor)
    left = serving.work_left_s(end, 60.0, factor)
    assert (factor, end, left, serving.ends_at(60.0, left, later)) == (1.5, 180.0, 80.0, 140.0)


def test_by_hand(tmp_path):
    """At 0 s and at 30 s a chat of 60 s, factors 1 and 2: the first has 30 s left and ends at 90 s, when the second has 30 s left."""
    t = both(single(tmp_path / "a.yaml", (0, 30), [1, 2, 4])).touches
    assert t["ended"].tolist() == [90.0, 120.0]
    assert t["started"].tolist() == [0.0, 30.0]


def test_three_at_once_by_hand(tmp_path):
    """Three that come together each do 60 s of work at a quarter of the speed and end together, in the order of customers."""
    t = both(single(tmp_path / "a.yaml", (0, 0, 0), [1, 2, 4])).touches
    assert t["ended"].tolist() == [240.0, 240.0, 240.0]
    assert t["customer"].tolist() == [0, 1, 2]


def test_a_slot_that_is_filled_at_once_changes_no_end(tmp_path):
    """One leaves and one who waits is seated in the same instant: the number in hand is as before, and so are the ends, exactly."""
    t = both(single(tmp_path / "a.yaml", (0, 0, 7, 9), [1, 1.7], concurrency=2)).touches
    work = 60 * 1.7
    assert t["ended"][:2].tolist() == [work, work]
    assert t["started"][2:].tolist() == [work, work]
    assert t["ended"][2:].tolist() == [2 * work, 2 * work]


def test_who_is_faster_with_more_in_hand(tmp_path):
    """A factor below 1 is possible: 60 s alone, 30 s beside another."""
    t = both(single(tmp_path / "a.yaml", (0, 30), [1, 0.5, 0.5])).touches
    assert t["ended"].tolist() == [45.0, 30 + 15 + 30.0]


def test_the_time_spent_over_the_slowdown_then_is_the_work_that_was_drawn(tmp_path):
    """Law: against the same people where nothing slows anybody down; stretches from the stints, 1e-9."""
    factors = [1.0, 1.33, 1.83]
    slow = both(desk(tmp_path / "a.yaml", f"{{concurrency: 3, slowdown: {factors}}}"))
    free = reference.run(desk(tmp_path / "b.yaml", "{concurrency: 3}"), 1)
    work = {int(t["k"]): t["ended"] - t["started"] for t in free.touches if t["outcome"] == Outcome.HANDLED}
    longer = 0
    handled = [t for t in slow.touches if t["outcome"] == Outcome.HANDLED and int(t["k"]) in work]
    assert len(handled) > 500
    for t in handled:
        mine = slow.stints[(slow.stints["agent"] == t["agent"]) & (slow.stints["end"] > t["started"]) & (slow.stints["start"] < t["ended"])]
        spent = np.minimum(mine["end"], t["ended"]) - np.maximum(mine["start"], t["started"])
        done = float(sum(s / (factors[load - 1] if t["channel"] == 0 else 1.0) for s, load in zip(spent, mine["load"], strict=True)))
        assert done == pytest.approx(work[int(t["k"])], rel=1e-9, abs=1e-9)
        longer += t["ended"] - t["started"] > done + 1e-6
    assert longer > 300
    chats, calls = (slow.touches["channel"] == c for c in (0, 1))
    assert (slow.touches["agent"][chats] >= 0).any()
    assert (slow.touches["agent"][calls] >= 0).any()


def test_factors_of_one_are_no_slowdown_exactly(tmp_path):
    """Law: absent = all ones, in every world: same rows, same number of events, and no end is ever planned anew."""
    for seed in range(1, 40):
        plain, ones = world(seed), world(seed)
        for pool in plain["staffing"]["pools"].values():
            for skill in pool["skills"].values():
                skill.pop("slowdown", None)
        for pool in ones["staffing"]["pools"].values():
            for skill in pool["skills"].values():
                skill["slowdown"] = [1] * skill.get("concurrency", 1)
        a, b = (Tables.build(load_world(tmp_path, seed, staffing=w["staffing"])) for w in (plain, ones))
        assert (b.slows == -1).all()
        one, other = compiled.run(a, seed), compiled.run(b, seed)
        assert one.digest() == other.digest()
        assert one.events == other.events


def test_a_factor_of_two_for_all_is_half_the_speed(tmp_path):
    """Law: the same factor whatever is in hand is a slower agent (wrap-up apart, which is not slowed), exactly for a power of two."""
    slow = both(desk(tmp_path / "a.yaml", "{concurrency: 3, slowdown: [2, 2, 2]}"))
    text = (
        (tmp_path / "a.yaml").read_text(encoding="utf-8").replace("slowdown: [2, 2, 2]", "speed: 0.5").replace("mean: 40 s", "mean: 20 s")
    )
    (tmp_path / "b.yaml").write_text(text, encoding="utf-8")
    assert both(Tables.build(om.load(tmp_path / "b.yaml"))).digest() == slow.digest()


def test_more_slowdown_never_serves_more(tmp_path):
    """Law: with the same people, stronger slowdown means longer handling and fewer who are served, over ten seeds."""
    handled, minutes = [], []
    for factors in ([1, 1, 1], [1, 1.2, 1.5], [1, 1.6, 2.4]):
        tables = desk(tmp_path / "a.yaml", f"{{concurrency: 3, slowdown: {factors}}}", rate="2 /min")
        rows = [compiled.run(tables, seed).touches for seed in range(10)]
        done = [t[(t["outcome"] == Outcome.HANDLED) & (t["channel"] == 0)] for t in rows]
        handled.append(sum(map(len, done)))
        minutes.append(np.concatenate([t["ended"] - t["started"] for t in done]).mean() / 60)
    assert handled[0] > handled[1] > handled[2]
    assert minutes[0] < minutes[1] < minutes[2]
